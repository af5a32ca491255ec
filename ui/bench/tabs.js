// A tab that was duplicated has the name of its original; two that bear one name would share a lease.

class Tabs {
  constructor(bench) {
    this.token = newId();
    this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("crossfoot:benches");
    if (this.channel === null) return;
    this.channel.onmessage = ({ data }) => {
      if (data.ask === bench.id && data.from !== this.token) this.channel.postMessage({ taken: bench.id, to: data.from });
      else if (data.taken === bench.id && data.to === this.token) bench.rename(newId());
    };
    this.channel.postMessage({ ask: bench.id, from: this.token });
  }

  close() {
    this.channel?.close();
  }
}

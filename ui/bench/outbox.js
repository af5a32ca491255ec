// What was decided here and not confirmed yet, kept by the browser until the server has it: one key
// an operation, so that two pages of one browser never write over each other.

class Outbox {
  constructor(archive, person) {
    this.prefix = `crossfoot:${archive}:${person}:`;
    this.waiting = new Map();
    this.stored = true;
    this.load();
  }

  load() {
    try {
      for (let index = 0; index < localStorage.length; index++) {
        const key = localStorage.key(index);
        if (key === null || !key.startsWith(this.prefix)) continue;
        try {
          const one = JSON.parse(localStorage.getItem(key));
          if (one && one.id) this.waiting.set(one.id, one);
        } catch {
          // Somebody else's text under our name: not ours to send, not ours to remove.
        }
      }
    } catch {
      this.stored = false;
    }
  }

  put(operation) {
    this.waiting.set(operation.id, operation);
    try {
      localStorage.setItem(this.prefix + operation.id, JSON.stringify(operation));
    } catch {
      this.stored = false;
    }
  }

  drop(id) {
    this.waiting.delete(id);
    try {
      localStorage.removeItem(this.prefix + id);
    } catch {
      // What could not be stored cannot be there.
    }
  }

  // In the order in which they were made, as far as a page can know.
  all() {
    return [...this.waiting.values()].sort(inOrder);
  }

  get size() {
    return this.waiting.size;
  }
}

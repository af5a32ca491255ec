// The queue: forms in the order of work, by keyboard as well. What it says is only where to go.

class QueueList {
  constructor(host) {
    this.host = host;
    this.at = 0;
    this.problems = [];
    this.onKey = (event) => this.key(event);
    window.addEventListener("keydown", this.onKey, true);
  }

  update(component) {
    this.component = component;
    const { rows, words, lang } = component.data;
    this.send(component.data);
    const fresh = JSON.stringify(rows.map((row) => row.form)) !== this.drawn;
    this.drawn = JSON.stringify(rows.map((row) => row.form));
    if (fresh) this.at = 0;
    this.items = [];
    const parts = [];
    let unit = null;
    for (const row of rows) {
      if (row.issuer !== unit || !parts.length) {
        unit = row.issuer;
        parts.push(h("h2", { class: "unit" }, unit ? unit : words.no_unit));
        parts.push(h("ol", { class: "queue" }));
      }
      const item = this.item(row, words);
      this.items.push(item);
      parts.at(-1).append(h("li", {}, item));
    }
    const frame = h("div", { class: "bench listing" + (isDark() ? " dark" : ""), lang, tabindex: "-1" },
      this.problems.map((one) => h("p", { class: "bad", role: "status" }, one)),
      this.outbox.size ? h("p", { class: "held" }, put(words.waiting, { n: this.outbox.size })) : null,
      parts.length ? parts : h("p", {}, words.none),
      h("p", { class: "soft" }, h("kbd", {}, "J"), " ", h("kbd", {}, "K"), " ", words.move, "  ", h("kbd", {}, "Enter"), " ", words.open));
    this.host.querySelector(".crossfoot-root").replaceChildren(frame);
    const entered = !this.frame;
    this.frame = frame;
    // Who came by a link has it focused still, and Enter would follow it again.
    if (entered && document.activeElement?.matches("a")) frame.focus({ preventScroll: true });
    this.mark();
  }

  // Operations that an earlier page could not send go out from here as well.
  send(data) {
    this.outbox ??= new Outbox(data.archive, data.owner);
    remember(data);
    for (const id of data.acked) this.outbox.drop(id);
    for (const [id, why] of Object.entries(data.refused)) {
      this.outbox.drop(id);
      this.problems.push(put(data.words.refused, { why: why[data.lang] }));
    }
    if (this.outbox.size && this.said !== this.outbox.size) {
      this.said = this.outbox.size;
      this.component.setStateValue("told", { operations: this.outbox.all() });
    }
  }

  item(row, words) {
    const name = row.project_name ?? row.title ?? row.kind;
    const facts = [row.path + (row.number ? ` · ${row.number + 1}` : ""), row.year, row.kind];
    const marks = [
      row.errors ? h("span", { class: "bad" }, put(words.errors, { n: row.errors })) : null,
      row.flagged ? h("span", {}, put(words.fields, { n: row.flagged })) : null,
      row.leased_by ? h("span", { class: "held" }, put(words.held, { person: row.leased_by })) : null,
      row.submitted ? h("span", {}, words.submitted) : null,
    ];
    return h("button", { type: "button", class: "entry", onclick: () => this.open(row) },
      h("span", { class: "entry-head" }, h("b", {}, name), h("span", { class: "soft" }, facts.filter(Boolean).join(" · ")), h("span", { class: "marks" }, marks)),
      row.reasons.map((one) => h("span", { class: "reason" }, one)),
      row.more ? h("span", { class: "reason soft" }, put(words.more, { n: row.more })) : null);
  }

  open(row) {
    this.component.setTriggerValue("open", { document: row.document, form: row.span_start });
  }

  mark() {
    for (const [index, item] of this.items.entries()) {
      if (index === this.at) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  }

  key(event) {
    if (!this.frame?.isConnected || isEditable(event.composedPath()[0]) || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = { j: 1, k: -1 }[event.key.toLowerCase()];
    const onButton = event.composedPath().some((one) => one instanceof Element && one.matches("button, a, [role=option]"));
    if (by && this.items.length) {
      this.at = Math.min(Math.max(this.at + by, 0), this.items.length - 1);
      this.mark();
      this.items[this.at].focus();
    } else if (event.key === "Enter" && !onButton) this.items[this.at]?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close() {
    window.removeEventListener("keydown", this.onKey, true);
    this.closed = true;
  }
}

const lists = new WeakMap();

export default function (component) {
  const host = component.parentElement;
  let list = lists.get(host);
  if (!list || list.closed) {
    list = new QueueList(host);
    lists.set(host, list);
  }
  list.update(component);
  return () => list.close();
}

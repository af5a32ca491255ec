// How the bench looks: built once a document, then only what changed is drawn again.

class Face {
  build() {
    const words = this.words;
    this.source = new SourcePane(words);
    this.source.toggle.addEventListener("click", () => this.source.switch());
    this.source.search.addEventListener("input", () => this.source.find());
    this.head = h("header", { class: "head" });
    this.banner = h("div", { class: "banner", role: "status", hidden: true });
    this.card = h("article", { class: "card", "aria-live": "polite", "aria-atomic": "true" });
    this.editor = h("form", { class: "editor", hidden: true });
    this.list = h("ol", { class: "list" });
    this.note = h("p", { class: "unseen", role: "status" });
    const keys = h("div", { class: "keys", role: "toolbar", "aria-label": words.keys_title },
      KEYS.map(([key, printed, word, run]) => this.control(printed, words[word], () => run(this), key)));
    const side = h("section", { class: "side", tabindex: "0", "aria-label": words.fields },
      this.card, this.editor, keys, h("h2", {}, words.fields), this.list);
    this.help = this.helpDialog();
    this.structure = h("dialog", { class: "dialog", "aria-label": words.structure_title });
    this.frame = h("div", { class: "bench", lang: words.lang, tabindex: "-1" },
      this.head, this.banner, h("div", { class: "halves" }, this.source.element, side),
      this.help, this.structure, this.note);
    this.host.querySelector(".crossfoot-root").replaceChildren(this.frame);
    this.side = side;
    this.fit();
  }

  control(printed, word, run, keys) {
    return h("button", { type: "button", class: "key", "aria-keyshortcuts": keys === "ctrl+enter" ? "Control+Enter" : printed, onclick: once(run) },
      h("kbd", {}, printed), " ", word);
  }

  helpDialog() {
    const words = this.words;
    const others = [["1–4", words.candidate_help], ["V", words.view], [".", words.open_next], ["O", words.take_help]];
    const rows = [...KEYS.map(([, printed, word]) => [printed, words[word + "_help"] ?? words[word]]), ...others];
    const dialog = h("dialog", { class: "dialog", "aria-label": words.keys_title },
      h("h2", {}, words.keys_title),
      h("table", {}, h("tbody", {}, rows.map(([key, word]) =>
        h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, key)), h("td", {}, word))))),
      h("button", { type: "button", class: "key", onclick: () => dialog.close() }, h("kbd", {}, "Esc"), " ", words.close));
    return dialog;
  }

  // The bench fills the window below whatever stands above it.
  fit() {
    const top = Math.max(0, this.frame.getBoundingClientRect().top + window.scrollY);
    this.frame.style.height = `${Math.max(420, window.innerHeight - top - 8)}px`;
  }

  // -- drawing --------------------------------------------------------------------------------

  // Builds only what is not there yet: a form that came again after a decision mostly has the same
  // page and the same fields, and whoever types fast must not wait for them.
  drawAll() {
    const sheet = this.sheet;
    if (!sheet) {
      this.drawEmpty();
      return;
    }
    const isNew = this.drawnIn !== this.frame;
    if (isNew || this.drawnPage !== sheet.rows) this.source.show(sheet);
    else this.source.renew(sheet);
    if (isNew || this.drawnList !== sheet.order) {
      this.items = sheet.fields.map((_, index) =>
        h("button", { type: "button", class: "item", onclick: () => this.go({ form: this.at.form, field: index }) }));
      this.drawnItems = [];
      fill(this.list, sheet.order.map((index) => h("li", {}, this.items[index])));
    }
    this.drawnPage = sheet.rows;
    this.drawnList = sheet.order;
    this.drawnIn = this.frame;
    for (const index of this.items.keys()) this.drawItem(index);
    this.drawField();
  }

  // A document in which no reader saw a form: all that can be done is to say where one begins.
  drawEmpty() {
    const words = this.words;
    fill(this.head, h("h1", {}, this.data.document.path), this.data.next ? this.control(".", words.open_next, () => this.openNext(), ".") : null);
    fill(this.card, h("p", {}, words.no_form), this.control("T", words.structure, () => this.openStructure(), "t"));
    fill(this.list);
    this.open = null; // nothing is settled here, for nothing was seen
    this.frame.classList.toggle("dark", isDark());
    this.frame.toggleAttribute("data-ready", Boolean(this.data.lease?.mine));
    this.drawUnsent();
    this.drawBanner();
  }

  drawItem(index) {
    const field = this.sheet.fields[index];
    const item = this.items[index];
    if (!item) return;
    const state = this.stateOf(field);
    const value = this.valueOf(field);
    const label = field.label[this.words.lang];
    const current = this.at.field === index;
    const drawn = JSON.stringify([state, value, label, current]);
    if (this.drawnItems[index] === drawn) return;
    this.drawnItems[index] = drawn;
    const short = value === null ? "—" : value.length > 24 ? [...value].slice(0, 24).join("") + "…" : value;
    item.className = `item ${state}`;
    if (current) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
    fill(item, h("span", { class: "dot", "aria-hidden": "true" }), h("span", { class: "unseen" }, this.words["state_" + state] + " "),
      h("span", { class: "name" }, label), h("span", { class: field.number ? "num" : "" }, short));
  }

  drawField() {
    const field = this.field;
    if (!field) return;
    const settled = this.folded.fields.get(field.key);
    const sums = field.sums.map((number) => this.sheet.sums[number]);
    const failing = sums.filter((one) => one.verdict === "fails");
    const drawn = failing.length ? failing : sums.slice(0, 1);
    const conflicts = field.conflicts.length ? field.conflicts
      : settled?.conflicts.length ? [settled.operation, ...settled.conflicts].map((one) => ({ ...one, why: "concurrent" })) : [];
    fill(this.card, card(field, {
      settled: settled?.conflicts.length ? null : settled, value: this.valueOf(field), sums: drawn,
      conflicts, state: this.stateOf(field), asked: this.questionOf(field) !== null, stale: this.isStale(), fields: this.sheet.fields,
    }, this.words, { take: (index) => this.take(index) }));
    this.source.mark(field, drawn);
    // The card is what is worked on: it never stays scrolled away because the list is long.
    this.side.scrollTop = 0;
    this.drawHead();
    this.drawBanner();
    this.source.bringBack();
  }

  drawHead() {
    const words = this.words;
    const sheet = this.sheet;
    this.wantList();
    const total = this.forms.reduce((n, start) => n + (this.sheets.get(start)?.fields.length ?? 0), 0);
    const number = this.forms.indexOf(this.at.form) + 1;
    const about = [sheet.name ?? sheet.title, sheet.year, sheet.issuer].filter(Boolean);
    this.unsent = h("span", { class: "unsent" });
    this.frame.classList.toggle("dark", isDark());
    this.frame.dataset.open = this.open;
    this.frame.toggleAttribute("data-ready", Boolean(this.data.lease?.mine));
    const pace = this.pace();
    fill(this.head,
      h("h1", {}, about[0] ?? this.data.document.path),
      h("span", { class: "soft" }, about.slice(1).join(" · ")),
      h("span", { class: "soft" }, this.data.document.path + " · " + put(words.form_of, { n: number, of: this.forms.length })),
      h("span", { class: "right" }, this.unsent, h("b", { class: this.open ? "todo" : "" }, put(words.left, { n: this.open })), " ", put(words.of_all, { of: total }), pace === null ? "" : " · " + put(words.pace, { s: pace })),
      this.data.next ? this.control(".", words.open_next, () => this.openNext(), ".") : null);
    this.drawUnsent();
  }

  drawUnsent() {
    this.frame.dataset.unsent = this.outbox.size;
    if (this.unsent) fill(this.unsent, this.outbox.size ? put(this.words.unsent, { n: this.outbox.size }) + " · " : "");
  }

  // Seconds a decision, of this person in this document.
  pace() {
    const mine = this.folded.ordered.filter((one) => one.person === this.data.person && SETTLING.has(one.act));
    if (mine.length < 3) return null;
    const times = mine.map((one) => Math.min(one.spent, 300_000)).sort((a, b) => a - b);
    return (times[times.length >> 1] / 1000).toFixed(1);
  }

  drawBanner() {
    const words = this.words;
    const lines = [];
    if (!this.data.person) lines.push(words.nobody);
    const lease = this.data.lease;
    if (this.data.person && (!lease || this.missed) && this.hasty) lines.push(words.moment);
    if (lease && !lease.mine) {
      lines.push(put(lease.person === this.data.person ? words.lease_own : words.lease, { person: lease.person, since: lease.since }));
      lines.push(this.control("O", words.take, () => this.takeOver(), "o"));
    }
    if (this.late && this.outbox.size) lines.push(put(words.offline, { n: this.outbox.size }));
    if (!this.outbox.stored) lines.push(words.unstored);
    if (this.problem) lines.push(this.problem);
    const submitted = this.folded.submitted.at(-1);
    const done = submitted && !this.outbox.waiting.has(submitted.id) && this.data.head;
    if (done) this.frame.dataset.head = this.data.head;
    else delete this.frame.dataset.head;
    if (done) {
      lines.push(put(words.submitted, { head: this.data.head }));
    } else if (this.open === 0) lines.push(words.all_settled);
    for (const one of this.data.conflicts) {
      if (this.folded.undone.has(one.id)) continue;
      lines.push(put(words["why_" + one.why], { person: one.person, said: saidBy(one, words) }));
      lines.push(h("button", { type: "button", class: "key", onclick: once(() => this.takeOut(one.id)) }, words.take_out));
    }
    const told = lines.map((one) => (one instanceof Node ? one.textContent : one)).join("|");
    if (told === this.toldInBanner && this.banner.childElementCount) return;
    this.toldInBanner = told;
    this.banner.hidden = !lines.length;
    fill(this.banner, lines.map((one) => (one instanceof Node ? one : h("span", {}, one))));
  }

  say(text) {
    fill(this.note, text);
  }
}

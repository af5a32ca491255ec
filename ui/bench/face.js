// How the bench looks: built once a document, then only what changed is drawn again.

// Every key, its control and what it does; a letter is never one of Streamlit's own (C, R, Esc).
const KEYS = [
  ["k", "K", "previous", (bench) => bench.move(-1)],
  ["j", "J", "next", (bench) => bench.move(1)],
  ["a", "A", "accept", (bench) => bench.settle("accept")],
  ["e", "E", "edit", (bench) => bench.openEdit()],
  ["n", "N", "absent", (bench) => bench.settle("nothing")],
  ["s", "S", "defect", (bench) => bench.settle("defect")],
  ["d", "D", "defer", (bench) => bench.settle("defer")],
  ["u", "U", "undo", (bench) => bench.undo()],
  ["y", "Y", "redo", (bench) => bench.redo()],
  ["f", "F", "find", (bench) => bench.source.openSearch(bench.valueOf(bench.field) ?? "")],
  ["t", "T", "structure", (bench) => bench.openStructure()],
  ["[", "[", "previous_form", (bench) => bench.turnForm(-1)],
  ["]", "]", "next_form", (bench) => bench.turnForm(1)],
  ["h", "H", "help", (bench) => bench.help.showModal()],
  ["ctrl+enter", "Ctrl+Enter", "submit", (bench) => bench.submit()],
];
const HIDDEN_KEYS = {
  v: (bench) => bench.source.switch(),
  o: (bench) => bench.takeOver(),
  ".": (bench) => bench.openNext(),
  "?": (bench) => bench.help.showModal(),
  "ctrl+z": (bench) => bench.undo(),
  "ctrl+y": (bench) => bench.redo(),
  "ctrl+shift+z": (bench) => bench.redo(),
};
// Holding one of these down goes on; nothing is decided by a key that was left lying on.
const REPEATING = new Set(["j", "k"]);
// What can be done where no reader saw a form.
const WITHOUT_A_FORM = new Set(["t", "h", "?", ".", "o", "u", "y", "ctrl+z", "ctrl+y", "ctrl+enter"]);
const STRUCTURE = [
  ["i", "I", "insert"], ["x", "X", "remove"], ["p", "P", "split"], ["m", "M", "join"],
];

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
    const page = JSON.stringify([sheet.rows, this.at.form]);
    if (this.drawnPage !== page || this.drawnIn !== this.frame) this.source.show(sheet);
    else this.source.renew(sheet);
    const list = JSON.stringify([sheet.order, this.at.form]);
    if (this.drawnList !== list || this.drawnIn !== this.frame) {
      this.items = sheet.fields.map((_, index) =>
        h("button", { type: "button", class: "item", onclick: () => this.go({ form: this.at.form, field: index }) }));
      this.drawnItems = [];
      fill(this.list, sheet.order.map((index) => h("li", {}, this.items[index])));
    }
    this.drawnPage = page;
    this.drawnList = list;
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
    this.open = 0;
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

  // -- editing --------------------------------------------------------------------------------

  openEdit() {
    const field = this.field;
    if (!field || field.unread || !this.mayDecide()) return;
    const words = this.words;
    const input = h(field.kind === "prose" ? "textarea" : "input", {
      class: "edit", "aria-label": words.edit_label, autocomplete: "off", spellcheck: "false", maxlength: "20000",
      inputmode: field.number ? "decimal" : null, rows: field.kind === "prose" ? "8" : null,
    });
    input.value = this.valueOf(field) ?? "";
    this.input = input;
    this.edited = field.key;
    this.editedOn = this.headsAt(field.key);
    const complaint = h("p", { class: "bad", role: "alert" });
    this.editor.onsubmit = (event) => {
      event.preventDefault();
      this.commitEdit(complaint);
    };
    fill(this.editor, h("label", {}, words.edit_label, input), complaint,
      h("p", { class: "soft" }, words.edit_hint),
      h("button", { type: "submit", class: "key" }, h("kbd", {}, "Enter"), " ", words.keep));
    this.editor.hidden = false;
    this.editing = true;
    input.focus();
    input.select();
  }

  commitEdit(complaint) {
    const field = this.field;
    if (field.key !== this.edited) return;
    const value = this.input.value.trim();
    if (field.number && value && !/\d/.test(value.normalize("NFKC"))) {
      fill(complaint, this.words.no_number);
      return;
    }
    this.closeEdit();
    if (!value) this.settle("nothing", null, this.editedOn);
    else if (value === this.valueOf(field)) this.settle("accept", null, this.editedOn);
    else this.settle("set", value, this.editedOn);
  }

  closeEdit() {
    if (!this.editing) return;
    this.editing = false;
    this.editor.hidden = true;
    fill(this.editor);
    this.frame.focus({ preventScroll: true });
  }

  openStructure() {
    const words = this.words;
    const choose = (name, options) => h("select", { "aria-label": name }, options.map(([value, text]) => h("option", { value }, text)));
    const families = Object.entries(this.data.families).map(([name, title]) => [name, title[words.lang]]);
    const family = this.sheet?.family;
    const other = choose(words.family, families.filter(([name]) => name !== family));
    const kind = choose(words.family, families);
    const line = choose(words.missed, this.lines.map((one) => [one.offset, `${one.line}  ${one.text}`]));
    const place = this.field?.place;
    const row = place?.row && place.field.startsWith(ROWS);
    const named = this.sheet?.fields.find((one) => one.place.row === place.row && one.path.endsWith(".name"));
    const acts = STRUCTURE.map(([key, printed, word]) => this.control(printed, words[word], () => this.restructure(word), key));
    for (const one of acts) one.disabled = !row;
    fill(this.structure,
      h("h2", {}, words.structure_title),
      h("p", {}, row ? put(words.this_row, { name: named?.value ?? "—" }) : words.no_row),
      acts,
      family ? h("p", {}, put(words.this_form, { family: this.data.families[family][words.lang] })) : null,
      family ? h("div", { class: "choice" }, other, this.control("G", words.family, () => this.restructure("family", { family: other.value }), "g")) : null,
      this.lines.length ? h("p", {}, words.missed_help) : null,
      this.lines.length ? h("div", { class: "choice" }, line, kind,
        this.control("B", words.missed, () => this.restructure("missed", { form: Number(line.value), family: kind.value }), "b")) : null,
      h("button", { type: "button", class: "key", onclick: () => this.structure.close() }, h("kbd", {}, "Esc"), " ", words.close));
    this.structure.showModal();
  }

  // -- keys -----------------------------------------------------------------------------------

  listen() {
    this.listeners = [
      [window, "keydown", (event) => this.onKey(event), true],
      [window, "resize", () => this.fit(), false],
      [document, "visibilitychange", () => this.onSight(), false],
    ];
    for (const [target, name, handler, capture] of this.listeners) {
      target.addEventListener(name, handler, capture);
    }
    this.timer = setInterval(() => this.beat(), 1000);
    this.keys = new Map([...KEYS.map(([key, , , run]) => [key, run]), ...Object.entries(HIDDEN_KEYS)]);
  }

  // Time away from the page is nobody's time on a field.
  onSight() {
    if (document.hidden) this.left = performance.now();
    else if (this.left) this.away += performance.now() - this.left;
  }

  onKey(event) {
    if (!this.frame?.isConnected || !this.data) return;
    const path = event.composedPath();
    const ours = path.includes(this.frame);
    if (isEditable(path[0])) {
      if (ours) this.onTyping(event, path[0]);
      return;
    }
    if (path.some((one) => one instanceof Element && one.matches("dialog, [role=dialog], [role=menu], [role=listbox]")) && !ours) return;
    const key = keyOf(event);
    // A button that was clicked has the focus: a key that lies on Enter must not click it on and on.
    if (event.repeat && (key === "enter" || key === " ")) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (this.structure.open || this.help.open) {
      event.stopPropagation();
      this.onDialogKey(event, key);
      return;
    }
    const run = this.keys.get(key) ?? (/^[1-4]$/.test(key) ? (bench) => bench.take(Number(key) - 1) : null);
    if (run && !this.field && !WITHOUT_A_FORM.has(key)) return;
    if (run) {
      event.preventDefault();
      event.stopPropagation();
      if (!event.repeat || REPEATING.has(key)) run(this);
    } else if (/^[a-z]$/.test(key)) event.stopPropagation();
  }

  // Nothing is committed while an input method composes: its Enter picks a word.
  onTyping(event, target) {
    event.stopPropagation();
    if (event.isComposing || event.keyCode === 229) return;
    if (target === this.input) {
      if (event.key === "Escape") this.closeEdit();
      else if (event.key === "Enter" && !event.shiftKey) this.editor.requestSubmit();
      else return;
    } else if (target === this.source.search) {
      if (event.key === "Escape") {
        this.source.closeSearch();
        this.frame.focus({ preventScroll: true });
      } else if (event.key === "Enter") this.source.step(event.shiftKey ? -1 : 1);
      else return;
    } else return;
    event.preventDefault();
  }

  onDialogKey(event, key) {
    if (!this.structure.open) return;
    const button = [...this.structure.querySelectorAll("button[aria-keyshortcuts]")]
      .find((one) => one.getAttribute("aria-keyshortcuts").toLowerCase() === key);
    if (!button || event.repeat) return;
    event.preventDefault();
    button.click();
  }
}

// A key by its letter; where an input method took it, by its place.
function keyOf(event) {
  const letter = event.key === "Process" || event.keyCode === 229 ? event.code.replace(/^Key/, "").replace(/^Digit/, "") : event.key;
  const plain = letter.normalize("NFKC").toLowerCase();
  const ctrl = event.ctrlKey || event.metaKey;
  if (event.altKey) return "alt+" + plain;
  return (ctrl ? "ctrl+" : "") + (ctrl && event.shiftKey ? "shift+" : "") + plain;
}

// The left half: the page as a grid of cells, or as raw text, with the value and what it hangs on.

const MARKS = ["value", "label", "header", "partner", "suspect", "match", "match-now"];

class SourcePane {
  constructor(words) {
    this.words = words;
    this.raw = false;
    this.matches = [];
    this.at = -1;
    this.title = h("h2", { id: "source-title" });
    this.toggle = h("button", { type: "button", class: "quiet", "aria-keyshortcuts": "V" });
    this.search = h("input", {
      type: "search", class: "search", "aria-label": words.search_label, placeholder: words.search_label,
      hidden: true,
    });
    this.count = h("span", { class: "soft", role: "status" });
    this.body = h("div", { class: "page", tabindex: "0", role: "group", "aria-labelledby": "source-title" });
    this.element = h(
      "section",
      { class: "source", "aria-labelledby": "source-title" },
      h("div", { class: "bar" }, this.title, this.search, this.count, this.toggle),
      this.body,
    );
  }

  show(sheet) {
    this.sheet = sheet;
    this.cells = [];
    const first = sheet.rows[0]?.line ?? 1;
    const last = sheet.rows[sheet.rows.length - 1]?.line ?? first;
    const joined = sheet.rows.some((row) => row.cells.some((cell) => cell.joined));
    fill(
      this.title,
      this.words.source + " · " + put(this.words.lines, { a: first, b: last }),
      joined ? h("span", { class: "soft" }, " · ⏎ " + this.words.rejoined) : null,
    );
    this.draw();
  }

  // The same page again, with newer fields.
  renew(sheet) {
    this.sheet = sheet;
  }

  draw() {
    fill(this.toggle, h("kbd", {}, "V"), " ", this.raw ? this.words.grid : this.words.raw);
    this.cells = this.sheet.rows.map(() => []);
    fill(this.body, this.raw ? this.text() : this.grid());
    if (this.field) this.mark(this.field, this.sums);
  }

  switch() {
    this.raw = !this.raw;
    this.draw();
  }

  grid() {
    const blocks = [];
    for (const [number, row] of this.sheet.rows.entries()) {
      if (!blocks.length || blocks[blocks.length - 1].block !== row.block) {
        blocks.push({ block: row.block, rows: [] });
      }
      blocks[blocks.length - 1].rows.push([number, row]);
    }
    return blocks.map(({ rows }) => {
      const width = Math.max(1, ...rows.map(([, row]) => row.cells.findLastIndex((c) => c.text) + 1));
      return h("table", { class: "grid" }, h("tbody", {}, rows.map((one) => this.row(one, width))));
    });
  }

  row([number, row], width) {
    // A lone cell is a title or a paragraph: it may take the whole width.
    const filled = row.cells.filter((cell) => cell.text).length;
    const lone = filled === 1 && row.cells[0]?.text ? width : 0;
    const told = new Set();
    const once = (note) => !told.has(note.en) && told.add(note.en);
    const cells = row.cells.slice(0, lone ? 1 : width).map((cell, column) => {
      const kind = /^[-−\d.,%\s]+$/.test(cell.text) ? "num" : cell.text.length > 3 ? "words" : "";
      const element = h(
        "td",
        { class: kind + (cell.unread ? " unread" : "") + (cell.text.length > 60 ? " long" : ""), colspan: lone || null },
        h("div", { class: "clamp" }, cell.text),
        this.notes(cell, once).map((note) => h("span", { class: "note" }, note)),
      );
      this.cells[number][column] = element;
      return element;
    });
    const gap = lone ? 0 : width - cells.length;
    return h(
      "tr",
      { class: row.odd ? "odd" : null },
      h("th", { scope: "row", class: "line" }, row.line),
      cells,
      gap > 0 ? h("td", { colspan: gap }) : null,
    );
  }

  // What was done to a cell before it was read: put together again ⏎, put back in its place ←.
  notes(cell, once) {
    const told = cell.notes.filter(once).map((note) => note[this.words.lang]);
    if (cell.joined) return ["⏎ " + (told.join("; ") || this.words.rejoined)];
    return told.map((note) => "← " + note);
  }

  // The text as it is, each cell of the grid an element of its own, so that it can be marked.
  text() {
    const characters = [...this.sheet.text];
    const start = this.sheet.span[0];
    const cut = (a, b) => characters.slice(a - start, b - start).join("");
    const parts = [];
    let upTo = start;
    for (const [number, row] of this.sheet.rows.entries()) {
      let first = true;
      for (const [column, cell] of row.cells.entries()) {
        if (!cell.text || cell.span[0] < upTo) continue;
        parts.push(cut(upTo, cell.span[0]));
        if (first) parts.push(h("span", { class: "line", "aria-hidden": "true" }, row.line + " "));
        first = false;
        const element = h("span", { class: cell.unread ? "unread" : null }, cut(...cell.span));
        this.cells[number][column] = element;
        parts.push(element);
        upTo = cell.span[1];
      }
    }
    parts.push(cut(upTo, this.sheet.span[1]));
    return h("pre", { class: "raw" }, parts);
  }

  cell(at) {
    return at ? this.cells[at[0]]?.[at[1]] : undefined;
  }

  clear(...marks) {
    for (const mark of marks) {
      for (const element of this.body.querySelectorAll("." + mark)) element.classList.remove(mark);
    }
  }

  // The value solid, its label and header outlined, its partners in the sums dotted.
  mark(field, sums) {
    this.field = field;
    this.sums = sums;
    this.clear("value", "label", "header", "partner", "suspect");
    for (const sum of sums) {
      for (const term of [...sum.terms, sum.printed]) {
        const other = term && term.field !== null ? this.sheet.fields[term.field] : null;
        for (const at of other && other !== field ? other.at : []) {
          this.cell(at)?.classList.add("partner");
        }
      }
    }
    this.cell(field.label_at)?.classList.add("label");
    this.cell(field.header_at)?.classList.add("header");
    for (const at of field.at) {
      this.cell(at)?.classList.remove("partner");
      this.cell(at)?.classList.add("value");
    }
    // The header stays in sight above a long table, as long as it is of the same one.
    for (const row of this.body.querySelectorAll(".stuck")) row.classList.remove("stuck");
    const header = this.cell(field.header_at)?.closest("tr");
    const value = this.cell(field.at[0]);
    if (header && value && header.closest("table") === value.closest("table") && header !== value.closest("tr")) {
      header.classList.add("stuck");
    }
    this.bringBack();
  }

  bringBack() {
    if (!this.field) return;
    const { at, label_at, header_at } = this.field;
    this.bring(this.cell(at[0]) ?? this.cell(label_at) ?? this.cell(header_at));
  }

  // Scrolls only when it must, and at once: a page that glides is a page that waits.
  bring(element) {
    if (!element) return;
    const pane = this.body.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    if (box.top < pane.top + 70 || box.bottom > pane.bottom) {
      this.body.scrollTop += box.top - pane.top - pane.height / 3;
    }
    if (box.left < pane.left + 30 || box.right > pane.right) {
      this.body.scrollLeft += box.left - pane.left - pane.width / 2;
    }
  }

  openSearch(text) {
    this.search.hidden = false;
    this.search.value = text;
    this.find();
    this.search.focus();
    this.search.select();
  }

  closeSearch() {
    this.search.hidden = true;
    fill(this.count);
    this.clear("match", "match-now");
  }

  find() {
    const wanted = squeeze(this.search.value);
    this.clear("match", "match-now");
    this.matches = [];
    for (const [number, row] of this.sheet.rows.entries()) {
      for (const [column, cell] of row.cells.entries()) {
        if (wanted && squeeze(cell.text).includes(wanted)) this.matches.push([number, column]);
      }
    }
    for (const at of this.matches) this.cell(at)?.classList.add("match");
    this.at = -1;
    this.step(1);
  }

  step(by) {
    const of = this.matches.length;
    this.clear("match-now");
    if (!of) {
      fill(this.count, this.search.value ? this.words.not_found : "");
      return;
    }
    this.at = (this.at + by + of) % of;
    const element = this.cell(this.matches[this.at]);
    element?.classList.add("match-now");
    this.bring(element);
    fill(this.count, put(this.words.found, { n: this.at + 1, of }));
  }
}

function squeeze(text) {
  return text.normalize("NFKC").replace(/[\s,]/g, "").toLowerCase();
}

// Where people write: the value of a field, and the dialog for rows and forms.

class Editing extends Face {
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
    const acts = STRUCTURE.map(([key, printed, word]) => this.control(printed, words[word], () => this.restructure(word), key));
    for (const one of acts) one.disabled = !row;
    fill(this.structure,
      h("h2", {}, words.structure_title),
      h("p", {}, row ? put(words.this_row, { name: this.nameIn(place.row)?.value ?? "—" }) : words.no_row),
      acts,
      family ? h("p", {}, put(words.this_form, { family: this.data.families[family][words.lang] })) : null,
      family ? h("div", { class: "choice" }, other, this.control("G", words.family, () => this.restructure("family", { family: other.value }), "g")) : null,
      this.lines.length ? h("p", {}, words.missed_help) : null,
      this.lines.length ? h("div", { class: "choice" }, line, kind,
        this.control("B", words.missed, () => this.restructure("missed", { form: Number(line.value), family: kind.value }), "b")) : null,
      h("button", { type: "button", class: "key", onclick: () => this.structure.close() }, h("kbd", {}, "Esc"), " ", words.close));
    this.structure.showModal();
  }
}

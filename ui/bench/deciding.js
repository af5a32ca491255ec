// What a person decides, as operations: of a field, of a document, of rows and forms.

const ROWS = "indicators[]";
const nameOf = (place) => JSON.stringify([place.form, place.field, place.row]);

class Deciding extends Keys {
  mayDecide() {
    if (!this.data.person) this.problem = this.words.nobody;
    else if (!this.data.lease?.mine || this.missed) this.problem = null;
    else return true;
    // Nobody decides on a field before it could be seen whose document it is.
    this.hasty = true;
    this.drawBanner();
    this.banner.classList.remove("flash");
    void this.banner.offsetWidth;
    this.banner.classList.add("flash");
    return false;
  }

  operate(act, told) {
    const now = performance.now();
    const operation = {
      id: told.id ?? newId(), document: this.document, act, person: this.data.person,
      clock: this.folded.clock + 1, form: null, field: null, row: null, value: null, against: [],
      seen: [], target: null, reason: null, label: null,
      spent: Math.max(0, Math.round(now - this.since - this.away)), at: new Date().toISOString(),
      ...told,
    };
    const key = placeKey(operation);
    if (key !== null && act !== "undo") operation.seen = told.seen ?? this.headsAt(key);
    this.since = now;
    this.away = 0;
    this.outbox.put(operation);
    this.refold();
    this.send();
    return operation;
  }

  headsAt(key) {
    return this.folded.fields.get(key)?.heads ?? [];
  }

  // ``seen``: what stood there when the reviewer began, where that was not just now.
  settle(act, value = null, seen = undefined) {
    const field = this.field;
    if (!field || !this.mayDecide()) return;
    // Who accepts says what: a newer reader may make another value of the same print.
    if (act === "accept") value = field.value;
    [act, value] = this.meant(field, act, value);
    this.problem = null;
    this.submitAnyway = false;
    const before = this.wantList();
    const index = before.findIndex((one) => this.isHere(one));
    const rest = before.slice(index + 1);
    const told = { ...field.place, value, against: field.raw, label: this.questionOf(field), seen };
    this.operate(act, told);
    this.drawItem(this.at.field);
    const open = new Set(this.wantList().map((one) => one.form + ":" + one.field));
    const next = rest.find((one) => open.has(one.form + ":" + one.field)) ?? this.wantList()[0];
    if (next) this.go(next, true);
    else this.drawField();
    if (!next) this.say(this.words.all_settled);
  }

  // What is shown may be what somebody put in place of what was read: who accepts it says the same
  // again, for "accept" by itself means what was read.
  meant(field, act, value) {
    const settled = this.folded.fields.get(field.key);
    const former = settled && !settled.conflicts.length ? settled.operation : null;
    if (former?.against.join("\u0000") !== field.raw.join("\u0000")) return [act, value];
    const said = former.act === "set" ? former.value : former.act === "nothing" ? "" : former.act === "defect" ? former.value : null;
    if (said === null) return [act, value];
    if (act === "accept") return said ? ["set", said] : ["nothing", null];
    return act === "defect" ? ["defect", said] : [act, value];
  }

  // Whether a decision in this form has not come back with its checks run again.
  isStale() {
    return this.outbox.all().some((one) => one.document === this.document && (one.form === this.at.form || one.form === null));
  }

  take(index) {
    const field = this.field;
    const one = field?.candidates[index];
    if (!one) return;
    // What sums imply was true before the last decision; of what is true now nobody has heard yet.
    if (one.suggested && this.isStale()) {
      this.problem = this.words.stale;
      this.drawBanner();
      return;
    }
    if (one.value === this.valueOf(field)) this.settle("accept");
    else if (one.value === null) this.settle("nothing");
    else this.settle("set", one.value);
  }

  undo() {
    if (!this.mayDecide()) return;
    const target = historyOf(this.folded, this.data.person).undo.at(-1);
    if (target) this.turn(target, target);
  }

  redo() {
    if (!this.mayDecide()) return;
    const target = historyOf(this.folded, this.data.person).redo.at(-1);
    if (target) this.turn(target, this.folded.ordered.find((one) => one.id === target).target);
  }

  // Takes an operation out of force, and goes to where that shows.
  turn(target, about) {
    this.operate("undo", { target });
    const one = this.folded.ordered.find((other) => other.id === about);
    const sheet = this.sheets.get(one.form);
    const index = sheet ? sheet.fields.findIndex((field) => field.key === placeKey(one)) : -1;
    if (index >= 0) this.go({ form: one.form, field: index });
    else if (one.field === ROWS) this.goals = [one.row, one.value].map((row) => this.nameAt(one.form, row));
    this.problem = saidBy({ act: "undo" }, this.words) + " · " + saidBy(one, this.words);
    this.drawAll();
  }

  submit() {
    if (!this.mayDecide()) return;
    this.wantList();
    if (this.open && !this.submitAnyway) {
      this.submitAnyway = true;
      this.problem = put(this.words.submit_open, { n: this.open });
      this.drawBanner();
      return;
    }
    this.problem = null;
    this.submitAnyway = false;
    this.operate("submit", {});
    this.drawAll();
  }

  // -- rows and forms -------------------------------------------------------------------------

  restructure(kind, value) {
    this.structure.close();
    const place = this.field?.place;
    const start = this.at?.form ?? null;
    if (kind === "family" || kind === "missed") {
      if (!this.mayDecide()) return;
      const form = kind === "family" ? start : value.form;
      this.operate("family", { form, field: "form_type", row: null, value: value.family });
      this.drawAll();
      return;
    }
    if (!place?.row || !place.field.startsWith(ROWS)) {
      this.problem = this.words.no_row;
      this.drawBanner();
      return;
    }
    if (!this.mayDecide()) return;
    const id = newId();
    const against = this.nameIn(place.row)?.raw ?? [];
    // Taking a row out says that all that was said of its fields is known.
    const key = JSON.stringify([start, ROWS, place.row]);
    const known = [key, ...this.sheet.fields.filter((one) => one.place.row === place.row).map((one) => one.key)];
    const seen = known.flatMap((one) => this.headsAt(one));
    const told = { id, form: start, field: ROWS, row: place.row, against, seen };
    if (kind === "insert") {
      this.operate(kind, { ...told, row: "n" + id, value: place.row, against: [], seen: [] });
      // Its fields are what is to be filled next, as soon as they are there.
      this.goals = [this.nameAt(start, "n" + id)];
    }
    if (kind === "remove") this.operate(kind, told);
    if (kind === "split") {
      const parts = this.sheet.fields.some((one) => one.place.row === place.row && one.raw.length > 1);
      if (parts) this.operate(kind, { ...told, value: "n" + id });
      else this.problem = this.words.no_parts;
    }
    if (kind === "join") {
      const above = this.rowAbove(place.row);
      if (above) this.operate(kind, { ...told, value: above });
      else this.problem = this.words.first_row;
    }
    this.drawAll();
  }

  // The field with the name of a row of this form.
  nameIn(row) {
    return this.sheet.fields.find((one) => one.place.row === row && one.path.endsWith(".name"));
  }

  nameAt(form, row) {
    return { form, key: nameOf({ form, field: `${ROWS}.name`, row }) };
  }

  rowAbove(row) {
    const rows = [...new Set(this.sheet.fields.map((one) => one.place)
      .filter((place) => place.row && place.field.startsWith(ROWS)).map((place) => place.row))];
    return rows[rows.indexOf(row) - 1] ?? null;
  }
}

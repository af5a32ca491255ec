// The bench: a document worked on in the browser. Keys never wait for a server; what was decided is
// an operation in the outbox, sent until the server says that it has it.

const BEAT = 20_000;
const PATIENCE = 5_000;
const benches = new WeakMap();

class Bench extends Deciding {
  constructor(host, first) {
    super();
    this.host = host;
    this.id = newId();
    try {
      this.id = sessionStorage.getItem("crossfoot:bench") ?? this.id;
    } catch {
      // A page that can keep nothing gets another name when it is loaded again.
    }
    this.rename(this.id);
    this.tabs = new Tabs(this);
    this.patience = PATIENCE;
    this.sent = 0;
    this.inFlight = null;
    this.since = performance.now();
    this.away = 0;
    this.reset(first);
    this.listen();
  }

  rename(id) {
    this.id = id;
    try {
      sessionStorage.setItem("crossfoot:bench", id);
    } catch {
      // As above.
    }
    if (this.component) this.send({ now: true });
  }

  reset(data) {
    this.document = data.document.sha256;
    this.words = { ...data.words, lang: data.lang };
    this.outbox = new Outbox(data.archive, data.owner, this.outbox);
    this.sheets = new Map();
    this.forms = [];
    this.served = [];
    this.lines = [];
    this.questions = new Map();
    this.hasty = false;
    this.goals = null;
    this.unasked = false;
    this.lastSent = new Set();
    this.at = null;
    this.takes = false;
    this.greeted = false;
    this.submitAnyway = false;
    this.editing = false;
    this.problem = null;
    this.wanted = data.form ?? null;
    this.build();
  }

  // -- what the server says -------------------------------------------------------------------

  update(component) {
    const data = component.data;
    this.component = component;
    if (data.document.sha256 === this.document && this.field) {
      this.here = { form: this.at.form, key: this.field.key };
    } else if (data.document.sha256 !== this.document) this.here = null;
    if (data.document.sha256 !== this.document || data.lang !== this.words.lang ||
        (data.person ?? "") !== this.person) {
      this.person = data.person ?? "";
      this.reset(data);
    }
    this.data = data;
    remember(data);
    if (data.bench === this.id) this.sent = Math.max(this.sent, data.answered);
    if (data.lines) this.lines = data.lines;
    const answered = [...this.questions].filter(([key, number]) => this.folded?.fields.get(key)?.operation.label === number);
    this.questions = new Map([...answered, ...data.questions.map(([number, place]) => [JSON.stringify(place), number])]);
    // An answer to what an earlier page knew: all of it is asked for once more.
    const here = (one) => this.sheets.get(one.start)?.digest;
    const lacks = (one) => one.base ?? (one.sheet ? here(one) : one.digest);
    const missed = data.base > this.served.length ||
      data.forms.some((one) => here(one) !== one.digest && here(one) !== lacks(one));
    this.served.length = missed ? 0 : data.base;
    if (!missed) this.served.push(...data.operations);
    for (const id of data.acked) this.outbox.drop(id);
    for (const [id, why] of Object.entries(data.refused)) {
      this.outbox.drop(id);
      this.problem = put(this.words.refused, { why: why[this.words.lang] });
    }
    this.forms = data.forms.map((one) => one.start);
    for (const one of data.forms) {
      if (one.sheet && !missed && here(one) !== one.digest) this.sheets.set(one.start, this.prepared(this.whole(one)));
    }
    if (this.inFlight !== null && data.bench === this.id && data.answered >= this.inFlight.number) {
      if (this.inFlight.takes) this.takes = false;
      this.inFlight = null;
      this.late = false;
      this.patience = PATIENCE;
    }
    this.missed = missed;
    if (data.lease && !missed) this.hasty = false;
    this.refold();
    this.restore(this.here);
    this.drawAll();
    // The first message says who is here, and brings what an earlier page could not send. What was
    // sent and not taken (of a document that is not here just now) goes again with the beat.
    const fresh = this.outbox.all().some((one) => !this.lastSent.has(one.id));
    if (this.inFlight === null && (fresh || !this.greeted || missed)) this.send();
    this.greeted = true;
  }

  // A form that came as what differs from the one that is here.
  whole(told) {
    const former = this.sheets.get(told.start);
    if (told.base === null) return told;
    const fields = [...former.fields];
    for (const [index, field] of Object.entries(told.sheet.fields)) fields[index] = field;
    const page = told.sheet.rows ? {} : { rows: former.rows, text: former.text };
    return { ...told, sheet: { ...told.sheet, ...page, fields } };
  }

  prepared({ sheet, digest }) {
    const suspects = new Set(sheet.suspects);
    for (const [index, field] of sheet.fields.entries()) {
      field.key = nameOf(field.place);
      field.suspect = suspects.has(index);
      field.line = field.at.length ? sheet.rows[field.at[0][0]].line : null;
    }
    const order = this.orderOf(sheet);
    const ranks = [];
    for (const [rank, index] of order.entries()) ranks[index] = rank;
    return { ...sheet, digest, order, ranks };
  }

  // What wants a person first, then as on the page; what is settled keeps its place in the list as
  // long as the form has the same fields, for nothing is to jump under a hand.
  orderOf(sheet) {
    const former = this.sheets.get(sheet.start);
    const same = former?.fields.length === sheet.fields.length &&
      former.fields.every((one, index) => one.key === sheet.fields[index].key);
    if (same) return former.order;
    const indexes = [...sheet.fields.keys()];
    const asked = indexes.filter((index) => this.questionOf(sheet.fields[index]) !== null);
    return [...new Set([...asked, ...sheet.queue, ...indexes])];
  }

  // Leaves a field that the bench went to by itself and that asks nobody any more.
  goOn() {
    const list = this.wantList();
    const wanted = list.some((one) => this.isHere(one));
    if (!wanted && list.length) this.at = this.after(list);
    this.unasked = false;
  }

  // Where the reviewer was stays, by field and not by number; else the first that wants a person.
  restore(here) {
    const goal = this.inFlight === null && this.goals?.find((one) =>
      this.sheets.get(one.form)?.fields.some((field) => field.key === one.key));
    if (goal) {
      here = goal;
      this.goals = null;
    }
    const kept = here ? (this.sheets.get(here.form)?.fields.findIndex((one) => one.key === here.key) ?? -1) : -1;
    if (kept >= 0 && this.forms.includes(here.form)) {
      this.at = { form: here.form, field: kept };
      return;
    }
    this.closeEdit();
    const start = this.wanted ?? this.forms[0];
    const list = this.wantList();
    this.at = list.find((one) => one.form === start) ?? list[0] ??
      (this.forms.length ? { form: this.forms.includes(start) ? start : this.forms[0], field: 0 } : null);
  }

  // -- the state ------------------------------------------------------------------------------

  refold() {
    const mine = this.outbox.all().filter((one) => one.document === this.document);
    this.folded = fold([...this.served, ...mine]);
    this.wants = null;
  }

  get sheet() {
    return this.at ? this.sheets.get(this.at.form) : undefined;
  }

  get field() {
    return this.sheet?.fields[this.at.field];
  }

  isHere(one) {
    return one.form === this.at.form && one.field === this.at.field;
  }

  questionOf(field) {
    return this.questions.get(nameOf(field.place)) ?? null;
  }

  // What is asked about counts as open until it is answered, whatever was thought of it before.
  stateOf(field) {
    const settled = this.folded.fields.get(field.key);
    const question = this.questionOf(field);
    if (question !== null && settled?.operation.label !== question) return "doubt";
    if (this.data.asks && question === null) {
      return settled && SETTLING.has(settled.operation.act) ? "settled" : "sure";
    }
    if (!settled) return field.review ? "doubt" : field.conflicts.length ? "conflict" : "sure";
    if (settled.conflicts.length) return "conflict";
    if (settled.operation.act === "reopen") return "doubt";
    if (settled.operation.against.join("\u0000") !== field.raw.join("\u0000")) return "conflict";
    if (settled.operation.act === "defer") return "defer";
    // A sum that what was typed does not make come out asks for it again.
    const asks = field.review && !this.outbox.waiting.has(settled.operation.id);
    return SETTLING.has(settled.operation.act) && !asks ? "settled" : "doubt";
  }

  // What wants a person, form by form in the order of work; what was deferred comes last.
  wantList() {
    if (this.wants) return this.wants;
    const first = [];
    const later = [];
    for (const start of this.forms) {
      const sheet = this.sheets.get(start);
      if (!sheet) continue;
      for (const index of sheet.order) {
        const state = this.stateOf(sheet.fields[index]);
        if (state === "doubt" || state === "conflict") first.push({ form: start, field: index });
        else if (state === "defer") later.push({ form: start, field: index });
      }
    }
    this.wants = first.length ? first : later;
    this.open = first.length + later.length;
    return this.wants;
  }

  valueOf(field) {
    const settled = this.folded.fields.get(field.key);
    if (settled && !settled.conflicts.length && this.outbox.waiting.has(settled.operation.id)) {
      const { act, value } = settled.operation;
      if (act === "set" || (act === "defect" && value)) return value;
      if (act === "nothing" || (act === "defect" && value === "")) return null;
    }
    return field.value;
  }

  // -- going about ----------------------------------------------------------------------------

  // ``unasked``: the bench went on by itself, so it may go on further when the sums settle the rest.
  go(at, unasked = false) {
    this.unasked = unasked;
    this.problem = null;
    const same = this.at && this.at.form === at.form;
    const former = same ? this.at.field : null;
    this.at = at;
    this.closeEdit();
    if (!same) {
      this.drawAll();
      return;
    }
    this.drawItem(former);
    this.drawItem(at.field);
    this.drawField();
  }

  move(by) {
    const list = this.wantList();
    if (!list.length) return;
    const index = list.findIndex((one) => this.isHere(one));
    if (index >= 0) this.go(list[(index + by + list.length) % list.length]);
    else this.go(by > 0 ? this.after(list) : this.before(list));
  }

  rank(at) {
    return this.forms.indexOf(at.form) * 1e6 + (this.sheets.get(at.form)?.ranks[at.field] ?? 0);
  }

  after(list) {
    return list.find((one) => this.rank(one) > this.rank(this.at)) ?? list[0];
  }

  before(list) {
    return list.findLast((one) => this.rank(one) < this.rank(this.at)) ?? list.at(-1);
  }

  turnForm(by) {
    if (!this.at) return;
    const index = this.forms.indexOf(this.at.form) + by;
    if (index < 0 || index >= this.forms.length) return;
    const form = this.forms[index];
    this.go(this.wantList().find((one) => one.form === form) ?? { form, field: this.sheets.get(form).order[0] ?? 0 });
  }

  // -- sending --------------------------------------------------------------------------------

  // One message at a time; each holds everything that is not confirmed, so none can be missed.
  send(more = {}) {
    if (!this.component || (this.inFlight !== null && !more.now)) {
      this.drawUnsent();
      return;
    }
    this.sent += 1;
    const told = {
      bench: this.id, number: this.sent, document: this.document, known: this.served.length,
      have: Object.fromEntries([...this.sheets].map(([start, one]) => [start, one.digest])),
      operations: this.outbox.all(), take: this.takes,
    };
    this.lastSent = new Set(told.operations.map((one) => one.id));
    this.inFlight = { number: this.sent, since: performance.now(), takes: this.takes };
    this.component.setStateValue("told", told);
    this.drawUnsent();
  }

  beat() {
    const late = this.inFlight !== null && performance.now() - this.inFlight.since > this.patience;
    if (late) {
      this.inFlight = null;
      // Whoever asks again and again of somebody who is slow makes them slower.
      this.patience = Math.min(2 * this.patience, 60_000);
    }
    if (late || performance.now() - (this.beaten ?? 0) > BEAT) {
      this.beaten = performance.now();
      this.late = late;
      this.send();
    }
    this.drawBanner();
  }

  takeOver() {
    if (this.data.lease?.mine) return;
    this.takes = true;
    this.inFlight = null;
    this.send();
  }

  // Ends an operation that fits nothing any more, whoever made it.
  takeOut(id) {
    if (!this.mayDecide()) return;
    this.operate("undo", { target: id });
    this.drawAll();
  }

  openNext() {
    if (this.data.next) this.component.setTriggerValue("open", this.data.next.document);
  }

  close() {
    for (const [target, name, handler, capture] of this.listeners) {
      target.removeEventListener(name, handler, capture);
    }
    clearInterval(this.timer);
    this.tabs.close();
    this.closed = true;
  }
}

export default function (component) {
  const host = component.parentElement;
  let bench = benches.get(host);
  if (!bench || bench.closed) {
    bench = new Bench(host, component.data);
    benches.set(host, bench);
  }
  bench.update(component);
  return () => bench.close();
}

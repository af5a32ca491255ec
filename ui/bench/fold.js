// What operations on one document come to: the same rules as extractor/operations.py, held to them
// by tests/fold_cases.json. Nothing here knows of a page.

const OF_A_DOCUMENT = new Set(["undo", "submit"]);
const SETTLING = new Set(["accept", "set", "nothing", "defect"]);

function placeKey(operation) {
  if (operation.form === null || operation.form === undefined || operation.field === null) {
    return null;
  }
  return JSON.stringify([operation.form, operation.field, operation.row ?? null]);
}

function inOrder(one, other) {
  if (one.clock !== other.clock) return one.clock - other.clock;
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

// → {fields: Map(place → {operation, conflicts, heads}), undone, submitted, clock, ordered};
// ``heads`` are the ids that somebody who decides there now has seen.
function fold(operations) {
  const known = new Map();
  for (const one of operations) known.set(one.id, one);
  const ordered = [...known.values()].sort(inOrder);
  const undone = undoneOf(ordered);
  const places = new Map();
  for (const one of ordered) {
    const key = placeKey(one);
    if (undone.has(one.id) || OF_A_DOCUMENT.has(one.act) || key === null) continue;
    if (!places.has(key)) places.set(key, []);
    places.get(key).push(one);
  }
  const fields = new Map();
  for (const [key, mine] of places) fields.set(key, settledOf(mine, known, undone));
  return {
    fields,
    undone,
    submitted: ordered.filter((one) => one.act === "submit" && !undone.has(one.id)),
    clock: ordered.length ? ordered[ordered.length - 1].clock : 0,
    ordered,
  };
}

// One can only undo what came before, so the last ones are in force for certain.
function undoneOf(ordered) {
  const places = new Map(ordered.map((one, index) => [one.id, index]));
  const undone = new Set();
  for (let index = ordered.length - 1; index >= 0; index--) {
    const one = ordered[index];
    if (one.act !== "undo" || undone.has(one.id)) continue;
    const target = places.get(one.target ?? "");
    if (target !== undefined && target < index) undone.add(one.target);
  }
  return undone;
}

function settledOf(mine, known, undone) {
  const covered = new Set();
  for (const one of mine) cover(one, known, undone, covered);
  let heads = mine.filter((one) => !covered.has(one.id));
  if (!heads.length) heads = mine.slice(-1);
  const [first, ...others] = heads;
  return {
    operation: first,
    conflicts: others.filter((one) => !agree(one, first)),
    heads: heads.map((one) => one.id),
  };
}

// What an operation has seen; through one that was undone, also what that had seen.
function cover(operation, known, undone, covered) {
  const stack = [...operation.seen];
  const done = new Set([operation.id]);
  while (stack.length) {
    const name = stack.pop();
    if (done.has(name)) continue;
    done.add(name);
    covered.add(name);
    if (undone.has(name) && known.has(name)) stack.push(...known.get(name).seen);
  }
}

function agree(one, other) {
  return one.act === other.act && (one.value ?? null) === (other.value ?? null);
}

// What one person can take back and bring back, the last one last: {undo: [id], redo: [id]}.
// Redoing is undoing the undo, and a new act ends what could be redone.
function historyOf(folded, person) {
  const undo = [];
  let redo = [];
  const acts = new Map(folded.ordered.map((one) => [one.id, one]));
  for (const one of folded.ordered) {
    // What was reopened beside an error was no act of the one who found it.
    if (one.person !== person || one.act === "reopen") continue;
    if (one.act !== "undo") {
      undo.push(one.id);
      redo = [];
      continue;
    }
    const target = acts.get(one.target);
    if (target === undefined) continue;
    if (target.act === "undo") {
      const back = redo.indexOf(target.id);
      if (back >= 0) redo.splice(back, 1);
      undo.push(target.target);
    } else {
      const gone = undo.lastIndexOf(target.id);
      if (gone >= 0) undo.splice(gone, 1);
      redo.push(one.id);
    }
  }
  return { undo, redo };
}

// Sums of printed decimals, exact: ["9.81", "86.00"] → "95.81"; null where one is no number.
function addPrinted(terms) {
  let places = 0;
  const read = [];
  for (const [text, sign] of terms) {
    const match = /^([-−]?)(\d+)(?:\.(\d*))?$/.exec((text ?? "").replaceAll(",", "").trim());
    if (!match) return null;
    const decimals = match[3] ?? "";
    places = Math.max(places, decimals.length);
    read.push([match[1] ? -sign : sign, match[2], decimals]);
  }
  let total = 0n;
  for (const [sign, whole, decimals] of read) {
    total += BigInt(sign) * BigInt(whole + decimals.padEnd(places, "0"));
  }
  const digits = (total < 0n ? -total : total).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  return (total < 0n ? "−" : "") + whole + (places ? "." + digits.slice(-places) : "");
}

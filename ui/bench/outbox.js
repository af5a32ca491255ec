// What was decided here and not confirmed yet, kept by the browser until the server has it: one key
// an operation, so that two pages of one browser never write over each other.

function isOperation(one) {
  const isText = (value) => typeof value === "string";
  const areTexts = (value) => Array.isArray(value) && value.every(isText);
  return Boolean(one) && [one.id, one.document, one.act, one.person].every(isText) &&
    Number.isSafeInteger(one.clock) && areTexts(one.seen) && areTexts(one.against);
}

class Outbox {
  // ``owner`` is who may send from it: the one who is logged in, or whoever sits at this machine.
  // What a former outbox of the same owner could not store is taken over from it.
  constructor(archive, owner, former = null) {
    this.prefix = `crossfoot:${archive}:${encodeURIComponent(owner)}:`;
    this.waiting = new Map();
    this.stored = true;
    if (former?.prefix === this.prefix) {
      this.waiting = former.waiting;
      this.stored = former.stored;
    }
    this.load();
  }

  load() {
    try {
      for (let index = 0; index < localStorage.length; index++) {
        const key = localStorage.key(index);
        if (key === null || !key.startsWith(this.prefix)) continue;
        try {
          const one = JSON.parse(localStorage.getItem(key));
          if (isOperation(one) && key === this.prefix + one.id) this.waiting.set(one.id, one);
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

// The browser remembers the language that was chosen and, where nobody logs in, the name that was
// given, for the next page.
function remember(data) {
  const keep = (name, value) => {
    document.cookie = `crossfoot_${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=strict`;
  };
  if (data.chosen) keep("lang", data.chosen);
  if (data.owner === "" && data.person) keep("person", data.person);
}

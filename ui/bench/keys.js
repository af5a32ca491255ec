// The keyboard: which key does what, and when a key is not the bench's to take.

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

class Keys extends Editing {
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

// Elements without markup: whatever a document says arrives as text, and shows what it hides.

function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(nodeOf(child));
  }
  return element;
}

function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((one) => one || one === 0).map(nodeOf));
  return element;
}

function nodeOf(child) {
  return child instanceof Node ? child : document.createTextNode(shown(String(child)));
}

// A sentence with its parts put in: "{n} of {of}".
function put(sentence, parts) {
  return sentence.replace(/\{(\w+)\}/g, (all, name) => (name in parts ? String(parts[name]) : all));
}

// A click, but not the second one of a double click, which would decide what nobody has seen.
function once(run) {
  return (event) => {
    if (event.detail <= 1) run(event);
  };
}

function isEditable(target) {
  if (!(target instanceof Element)) return false;
  return target.matches("input, textarea, select, [contenteditable], [contenteditable] *");
}

// Control signs and marks that turn the direction of writing are shown, not obeyed.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

function shown(text) {
  return text.replace(UNSEEN, (sign) => `‹${sign.codePointAt(0).toString(16)}›`);
}

// A name that nobody else makes; crypto.randomUUID wants a secure context, this does not.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
}

// Whether the page around is dark: its theme may follow the system or be a person's own.
function isDark() {
  const app = document.querySelector(".stApp") ?? document.body;
  const [red, green, blue] = (getComputedStyle(app).backgroundColor.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

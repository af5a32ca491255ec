// Elements without markup: whatever a document says arrives by textContent.

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
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((one) => one || one === 0));
  return element;
}

// A sentence with its parts put in: "{n} of {of}".
function put(sentence, parts) {
  return sentence.replace(/\{(\w+)\}/g, (all, name) => (name in parts ? String(parts[name]) : all));
}

function isEditable(target) {
  if (!(target instanceof Element)) return false;
  return target.matches("input, textarea, select, [contenteditable], [contenteditable] *");
}

// Control signs and marks that turn the direction of writing are shown, not obeyed.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

function shown(text) {
  if (typeof text !== "string") return String(text);
  return text.replace(UNSEEN, (sign) => `‹${sign.codePointAt(0).toString(16)}›`);
}

// A name that nobody else makes; crypto.randomUUID wants a secure context, this does not.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
}

// Streamlit tells its theme in custom properties; what is dark is seen by its background.
function isDark(element) {
  const color = getComputedStyle(element).getPropertyValue("--st-background-color").trim();
  const probe = h("span", { style: `color:${color || "white"}` });
  element.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
  probe.remove();
  const [red, green, blue] = parts.map(Number);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

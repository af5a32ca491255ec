"use strict";
(() => {
  // The page reads well without this script. It only links a value to its cell and to its sums.
  const glass = document.getElementById("glass");
  const meanings = JSON.parse(document.getElementById("meanings").textContent);
  const notes = new WeakMap();
  const english = () => document.getElementById("lang-en").checked;
  let held = null;
  let lit = [];

  const notesOf = (form) => {
    if (!notes.has(form)) {
      notes.set(form, JSON.parse(form.querySelector(".notes").textContent));
    }
    return notes.get(form);
  };
  const linked = (form, entry) => form.querySelectorAll(`[data-e~="${entry}"]`);
  const mark = (element, name) => {
    element.classList.add(name);
    lit.push([element, name]);
  };
  const clear = () => {
    for (const [element, name] of lit) element.classList.remove(name);
    lit = [];
    glass.hidden = true;
  };

  const part = (name, text) => {
    const element = document.createElement(name === "value" ? "b" : "span");
    element.className = name;
    element.textContent = text;
    return element;
  };
  const tell = (form, entry) => {
    const note = notesOf(form)[entry];
    if (!note) return;
    const [zh, en, printed, line, stratum, reasons, holds, fails, should] = note;
    const side = english() ? 1 : 0;
    const why = [meanings.strata[stratum], ...reasons.map((reason) => meanings.reasons[reason])];
    const words = why.filter(Boolean).map((pair) => pair[side]);
    if (holds) words.push(side ? `${holds} checks hold` : `${holds} 式相符`);
    if (fails) words.push(side ? `${fails} do not` : `${fails} 式不符`);
    glass.replaceChildren(
      part("value", printed || "–"),
      part("should", should ? should[side] : ""),
      part("label", side ? en : zh),
      part("where", line ? (side ? `line ${line}` : `原文第 ${line} 行`) : ""),
      part("why", words.join(side ? " · " : "；")),
    );
    glass.hidden = false;
  };

  const reveal = (form, cells) => {
    const source = form.querySelector(".source");
    const first = cells[0];
    if (!first) return;
    const box = source.getBoundingClientRect();
    const at = first.getBoundingClientRect();
    if (at.right > box.right) source.scrollLeft += at.right - box.right + 8;
    if (at.left < box.left) source.scrollLeft += at.left - box.left - 8;
    if (source.scrollHeight <= source.clientHeight) return;
    // The panel may reach below the window.
    const top = Math.max(box.top, 0);
    const bottom = Math.min(box.bottom, innerHeight);
    if (at.top < top || at.bottom > bottom) {
      source.scrollTop += at.top - top - (bottom - top) / 3;
    }
  };

  const show = (target) => {
    clear();
    const form = target.closest(".form");
    const entries = target.dataset.e.split(" ");
    const entry = entries[entries.length - 1];
    for (const slip of form.querySelectorAll(".slip")) {
      if (!slip.querySelector(`[data-e="${entry}"]`)) continue;
      for (const term of slip.querySelectorAll("[data-e]")) {
        for (const mate of linked(form, term.dataset.e)) mark(mate, "mate");
      }
    }
    const hits = [...linked(form, entry)];
    for (const hit of hits) mark(hit, "hit");
    reveal(form, hits.filter((hit) => hit.closest(".source")));
    tell(form, entry);
  };

  const linkedTarget = (event) => {
    const target = event.target.closest?.("[data-e]");
    return target?.closest(".form") ? target : null;
  };
  document.addEventListener("pointerover", (event) => {
    const target = linkedTarget(event);
    if (target) show(target);
    else if (held) show(held);
    else clear();
  });
  document.addEventListener("focusin", (event) => {
    const target = linkedTarget(event);
    if (target) show(target);
    else if (!held) clear();
  });
  document.addEventListener("click", (event) => {
    const target = linkedTarget(event);
    if (!target) return;
    held = held === target ? null : target;
    if (target.tabIndex < 0 && target.matches(".record .v")) roam(target);
  });

  // One tab stop for each record; the arrow keys walk from value to value.
  const values = (form) => [...form.querySelectorAll(".record .v")];
  const roam = (target) => {
    for (const value of values(target.closest(".form"))) value.removeAttribute("tabindex");
    target.tabIndex = 0;
    target.focus({ preventScroll: false });
  };
  for (const form of document.querySelectorAll(".form")) {
    const first = form.querySelector(".record .v");
    if (first) first.tabIndex = 0;
  }
  const beside = (target, step) => {
    const row = target.closest("tr");
    const column = row ? [...row.querySelectorAll(".v")].indexOf(target) : 0;
    let next = row;
    while (next) {
      next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
      const found = next?.querySelectorAll(".v");
      if (found?.length && !next.matches(".level, .note")) {
        return found[Math.min(column, found.length - 1)];
      }
    }
    return null;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      held = null;
      clear();
      return;
    }
    const target = event.target;
    if (!target.matches?.(".record .v")) return;
    const all = values(target.closest(".form"));
    const at = all.indexOf(target);
    const steps = {
      ArrowRight: () => all[at + 1],
      ArrowLeft: () => all[at - 1],
      ArrowDown: () => beside(target, 1) ?? all[at + 1],
      ArrowUp: () => beside(target, -1) ?? all[at - 1],
    };
    const next = steps[event.key]?.();
    if (next) {
      event.preventDefault();
      roam(next);
    } else if (event.key === "Enter") {
      held = held === target ? null : target;
    }
  });

  const open = () => {
    const form = document.getElementById(location.hash.slice(1));
    const fold = form?.querySelector(".fold");
    if (fold) fold.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();

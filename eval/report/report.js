"use strict";
(() => {
  // The report reads well without this script. It only filters the cards.
  const form = document.getElementById("filters");
  if (!form) return;
  const cards = [...document.querySelectorAll(".cards > li")];
  const selects = [...form.querySelectorAll("select")];
  const output = form.querySelector("output");
  const english = () => document.getElementById("lang-en").checked;

  const speak = () => {
    const side = english() ? "en" : "zh";
    for (const option of form.querySelectorAll("option")) option.textContent = option.dataset[side];
  };
  const show = () => {
    let count = 0;
    for (const card of cards) {
      const fits = selects.every(({ name, value }) => value === "*" || (card.dataset[name] ?? "") === value);
      card.hidden = !fits;
      count += fits;
    }
    output.textContent = english()
      ? `${count} of ${cards.length} cards`
      : `${cards.length} 张中的 ${count} 张`;
  };
  form.addEventListener("change", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const choice of document.querySelectorAll("input[name=lang]")) {
    choice.addEventListener("change", () => {
      speak();
      show();
    });
  }
  form.hidden = false;
  speak();
  show();
})();

// The right half's card: one field, why it is doubted, its sums as on paper, what it may be.

const MOST_TERMS = 8;

// What an operation says, in words.
function saidBy(operation, words) {
  const value = operation.value === null || operation.value === undefined ? "" : operation.value;
  return put(words["said_" + operation.act] ?? operation.act, { value });
}

function card(field, about, words, on) {
  const { settled, value, sums, conflicts, state } = about;
  return [
    h("h2", { class: "where" }, field.label[words.lang]),
    h("div", { class: "value-now " + (field.number ? "num" : "prose") },
      value === null ? h("span", { class: "soft" }, words.nothing) : value),
    h("p", { class: "state " + state }, words["state_" + state],
      settled ? " · " + put(words.settled_by, { person: settled.operation.person, said: saidBy(settled.operation, words) }) : null),
    conflicts.map((one) => h("p", { class: "bad" }, put(words["why_" + one.why], {
      person: one.person, said: saidBy(one, words) }))),
    about.asked ? h("p", { class: "asked" }, words.asked) : null,
    field.unread ? h("p", { class: "soft" }, words.unread_help) : null,
    state === "doubt" && !field.raw.length && field.value === null ? h("p", { class: "soft" }, words.empty_help) : null,
    field.supported ? null : h("p", { class: "bad" }, words.no_support),
    h("ul", { class: "why" }, field.why.map((one) => h("li", {}, one[words.lang]))),
    sums.map((sum) => drawSum(sum, field, about.fields, words)),
    h("div", { class: "candidates", role: "group", "aria-label": words.candidate },
      field.candidates.map((one, index) => (one.suggested && about.stale
        ? h("p", { class: "soft" }, h("kbd", {}, index + 1), " ", words.stale)
        : candidate(one, index, field, words, on)))),
  ];
}

function candidate(one, index, field, words, on) {
  const printed = one.value === field.value;
  return h(
    "button",
    {
      type: "button", class: "candidate" + (one.suggested ? " suggestion" : ""),
      "aria-keyshortcuts": String(index + 1), onclick: once(() => on.take(index)),
    },
    h("kbd", {}, index + 1),
    h("b", { class: "num" + ((one.value ?? "").length < 20 ? " short" : "") }, one.value === null ? words.nothing : one.value),
    h("span", {}, one.how[words.lang]),
    h("span", { class: "tag" }, one.suggested ? words.suggestion : printed && field.line ? put(words.line, { n: field.line }) : ""),
  );
}

// A sum as on paper: its terms, a line, what they come to, what is printed, the difference.
function drawSum(sum, field, fields, words) {
  const mine = (term) => term.field !== null && fields[term.field] === field;
  const suspect = (term) => term.field !== null && fields[term.field].suspect;
  const row = (kind, label, text, sign) => h(
    "tr", { class: kind }, h("td", {}, label), h("td", { class: "sign" }, sign ?? ""),
    h("td", { class: "num" }, text ?? "—"),
  );
  const name = (term) => term.label[words.lang];
  const kind = (term) => (mine(term) ? "mine" : suspect(term) ? "suspected" : "");
  const rest = sum.terms.filter((term) => !mine(term) && !suspect(term));
  const folded = sum.terms.length > MOST_TERMS && rest.length > 3
    ? addPrinted(rest.map((term) => [term.text, term.sign === "−" ? -1n : 1n])) : null;
  const shownTerms = folded === null ? sum.terms : sum.terms.filter((term) => !rest.includes(term));
  return h(
    "table",
    { class: `sum ${sum.confirmed ? "confirmed" : sum.verdict}` },
    h("caption", {}, sum.title[words.lang], sum.confirmed ? " · " + words.confirmed : null),
    h("tbody", {},
      folded === null ? null : row("rest", put(shownTerms.length ? words.others : words.terms, { n: rest.length }), folded, "+"),
      shownTerms.map((term) => row(kind(term), name(term), term.text, term.sign)),
      sum.implied === null ? null : row("implied", words.implied, sum.implied),
      sum.printed ? row("printed " + kind(sum.printed), words.printed + " · " + name(sum.printed), sum.printed.text) : null,
      sum.residual === null ? null : row("difference", words.difference, sum.residual.replace("-", "−")),
    ),
  );
}

"""Proof of reading: the 21 real forms against the truth and against themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from eval.figures import Figures, percent
from eval.score import Judged
from eval.truth import (
    Record,
    alone,
    checked_documents,
    different,
    documents,
    family,
    printed,
    text_of,
    truths,
)
from extractor.twins import leaves, same_as
from extractor.types import CheckedDocument, CheckedForm, Entry, Finding, Span

FORMS, PROJECTS, PAIRS = 21, 20, 7
MOST_FLAGGED = 2.0
"""Percent of the entries of clean project forms that may be flagged."""

BROKEN_SUMS = {
    "sum:groups[0].weight": Decimal(9),
    "sum:groups[1].weight": Decimal(-5),
    "sum:indicators[].weight": Decimal(4),
    "sum:indicators[].score": Decimal("1.8"),
}
"""Printed − implied on the department form: 30 − 21, 25 − 30, 100 − 96 and 97.8 − 96."""

Named = tuple[str, CheckedDocument, CheckedForm]


def prove_reading(figures: Figures, more_truths: Sequence[Path]) -> float:
    """Measures and prints; returns the share of entries flagged on clean project forms (%)."""
    checked = checked_documents()
    forms = [(f"{c.document.path} #{f.form.index}", c, f) for c in checked for f in c.forms]
    projects = [one for one in forms if one[2].form.family == "project"]
    names = ", ".join(document.path for document in documents())
    figures.title(f"Reading, measured on {len(checked)} documents: {names}")
    _tell_forms(figures, checked, len(forms), len(projects))
    _tell_twins(figures, forms)
    _tell_truth(figures, checked, "truth", truths())
    for index, folder in enumerate(more_truths, 2):
        _tell_truth(figures, checked, f"truth_{index}", truths(folder))
    _tell_evidence(figures, forms)
    _tell_slices(figures, forms)
    _tell_sums(figures, forms, projects)
    return _tell_flagged(figures, projects)


def _tell_forms(
    figures: Figures, checked: Sequence[CheckedDocument], forms: int, projects: int
) -> None:
    repeats = sum(document.repeats for document in checked)
    refused = sum(len(document.refused) for document in checked)
    tails = sum(document.tail is not None for document in checked)
    text = f"{forms} forms, {projects} of them project forms (bound: {FORMS}, {PROJECTS})"
    figures.bound("forms", forms, text, (forms, projects) == (FORMS, PROJECTS))
    text = f"{repeats} repeats, {refused} refused, {tails} tails (bound: 0, 0, 0)"
    figures.bound("repeats", repeats, text, not repeats and not refused and not tails)


def _tell_twins(figures: Figures, forms: Sequence[Named]) -> None:
    related = same_as([(document.document, form) for _, document, form in forms])
    sides = sum(bool(twins) for twins in related)
    pairs = {
        frozenset({(document.document.sha256, form.form.index), (twin["sha256"], twin["form"])})
        for (_, document, form), twins in zip(forms, related, strict=True)
        for twin in twins
    }
    text = f"{len(pairs)} pairs same_as, told on {sides} forms (bound: {PAIRS} on {2 * PAIRS})"
    figures.bound("same_as_pairs", len(pairs), text, (len(pairs), sides) == (PAIRS, 2 * PAIRS))
    differences = [
        f"{name} {difference['field']}: here {difference['here']!r}, there {difference['there']!r}"
        for (name, _, _), twins in zip(forms, related, strict=True)
        for twin in twins[:1]
        for difference in twin["differences"]
        if twin["document"] > name
    ]
    figures.put("same_as_differences", len(differences))
    figures.say(f"       {len(differences)} leaves differ between the two prints of a form")


def _tell_truth(
    figures: Figures,
    checked: Sequence[CheckedDocument],
    name: str,
    truth: Mapping[str, Sequence[Record]],
) -> None:
    forms = equal = filled = 0
    lines: list[str] = []
    for document in checked:
        records = truth.get(document.document.path)
        if records is None:
            continue
        if len(records) != len(document.forms):
            figures.bound(f"{name}_forms", len(records), f"{name}: other forms", False)
        for form, record in zip(document.forms, records, strict=False):
            forms += 1
            off = {leaf.path: leaf for leaf in _off(form, record)}
            same = [value for path, value in printed(record).items() if path not in off]
            equal += len(same)
            filled += sum(value is not None for value in same)
            where = f"{document.document.path} #{form.form.index}"
            lines += [
                f"{where} {leaf.path}: {leaf.outcome}: read {leaf.read!r}, truth {leaf.truth!r}"
                for leaf in off.values()
            ]
    figures.put(f"{name}_equal", equal)
    text = (
        f"{name}: {equal} leaves of {forms} forms equal ({filled} of them not null), "
        f"{len(lines)} different (bound: 0)"
    )
    figures.bound(f"{name}_different", len(lines), text, not lines and bool(equal))
    figures.examples(lines, 40)


def _off(form: CheckedForm, truth: Record) -> list[Judged]:
    """The leaves of a form that are not as the truth has them."""
    said = truth.get("form_type"), form.record["form_type"]
    if said[0] != said[1]:
        return [Judged("form_type", "form_type", "wrong", *said)]
    return different(family(form), truth, form.record)


def _entries(forms: Sequence[Named]) -> Iterator[tuple[str, CheckedDocument, CheckedForm, Entry]]:
    for name, document, form in forms:
        for entry in form.entries.values():
            yield name, document, form, entry


def _tell_evidence(figures: Figures, forms: Sequence[Named]) -> None:
    spans = 0
    wrong: list[str] = []
    floating: list[str] = []
    numbers = 0
    for name, document, form, entry in _entries(forms):
        text = document.document.text
        spans += len(entry.spans)
        whole = len(entry.raw) == len(entry.spans)
        if not whole or any(text[a:b] != raw for (a, b), raw in _parts(entry)):
            wrong.append(f"{name} {entry.path}")
        if family(form).is_number(entry.path) and entry.value is not None:
            numbers += 1
            if not any(a < b for a, b in entry.spans):
                floating.append(f"{name} {entry.path}")
    text = f"{spans} spans, text[a:b] == raw fails for {len(wrong)} (bound: 0)"
    figures.put("spans", spans)
    figures.bound("spans_wrong", len(wrong), text, not wrong and spans > 0)
    figures.examples(wrong)
    figures.put("numbers", numbers)
    text = f"{numbers} numbers, {len(floating)} without a span (bound: 0)"
    figures.bound("numbers_without_span", len(floating), text, not floating and numbers > 0)
    figures.examples(floating)
    _tell_leaves(figures, forms)


def _parts(entry: Entry) -> Iterator[tuple[Span, str]]:
    yield from zip(entry.spans, entry.raw, strict=False)


def _tell_leaves(figures: Figures, forms: Sequence[Named]) -> None:
    """Whether entries and records say the same: one entry a leaf, with its value."""
    count = 0
    off: list[str] = []
    for name, _, form in forms:
        told = leaves(form.record)
        count += len(form.entries)
        if list(told) != list(form.entries):
            off.append(f"{name}: other leaves than entries")
        for path, value in told.items():
            entry = form.entries.get(path)
            if entry is not None and entry.value != (None if value is None else str(value)):
                off.append(f"{name} {path}: {value!r} in the record, {entry.value!r} standing")
    figures.put("entries", count)
    text = f"{count} entries, {len(off)} not one for one with the record (bound: 0)"
    figures.bound("entries_off", len(off), text, not off)
    figures.examples(off)


def _tell_slices(figures: Figures, forms: Sequence[Named]) -> None:
    other = [name for name, document, form in forms if not same_alone(document, form)]
    text = f"{len(other)} of {len(forms)} forms read otherwise from their own slice (bound: 0)"
    figures.bound("slices_other", len(other), text, not other)
    figures.examples(other)


def same_alone(document: CheckedDocument, form: CheckedForm) -> bool:
    """Whether the form's own characters give the same record, entries and findings."""
    found = alone(text_of(document.document, form)).forms
    return len(found) == 1 and same_form(form, found[0])


def same_form(here: CheckedForm, there: CheckedForm) -> bool:
    """Whether two readings of the same characters say the same, whatever stands around them."""
    return (
        here.record == there.record
        and _told(here) == _told(there)
        and _findings(here) == _findings(there)
        and here.state == there.state
    )


def _findings(form: CheckedForm) -> list[Finding]:
    """The findings, with the places of their suspects from the form's start."""
    start = form.form.span.start
    return [
        replace(
            finding,
            suspects=tuple(
                replace(one, stands=tuple(span.moved(-start) for span in one.stands))
                for one in finding.suspects
            ),
        )
        for finding in form.findings
    ]


def _told(form: CheckedForm) -> tuple[object, ...]:
    """Span length, entries and unread cells, with offsets from the form's start."""
    start = form.form.span.start
    entries = [
        (
            *(path, e.value, e.raw, tuple(s.moved(-start) for s in e.spans), e.address),
            *(e.standing, e.unit, e.reasons, e.stratum, e.needs_review, e.holds, e.fails),
        )
        for path, e in form.entries.items()
    ]
    unread = [span.moved(-start) for span in form.unread]
    return form.form.span.end - start, entries, unread


def _tell_sums(figures: Figures, forms: Sequence[Named], projects: Sequence[Named]) -> None:
    unread = [
        f"{name}: {document.document.text[a:b]!r}"
        for name, document, form in projects
        for a, b in form.unread
    ]
    text = f"{len(unread)} unread cells on {len(projects)} project forms (bound: 0)"
    figures.bound("project_unread", len(unread), text, not unread)
    figures.examples(unread)
    failing = [f"{name}: {f.message['en']}" for name, _, form in projects for f in _errors(form)]
    text = f"{len(failing)} identities fail on {len(projects)} project forms (bound: 0)"
    figures.bound("project_errors", len(failing), text, not failing)
    figures.examples(failing)
    _tell_department(figures, [one for one in forms if one not in projects])


def _errors(form: CheckedForm) -> list[Finding]:
    return [finding for finding in form.findings if finding.is_error]


def _tell_department(figures: Figures, departments: Sequence[Named]) -> None:
    errors = [finding for _, _, form in departments for finding in _errors(form)]
    failing = [finding for finding in errors if finding.residual is not None]
    residuals = {f.check: Decimal(f.residual) for f in failing if f.residual is not None}
    text = f"{len(failing)} sums fail on the department form, exactly those of contract §4:"
    as_told = residuals == BROKEN_SUMS and len(failing) == len(BROKEN_SUMS)
    figures.bound("department_errors", len(failing), text, as_told)
    figures.examples(f"{f.message['en']}  (residual {f.residual})" for f in failing)
    unread = sum(len(form.unread) for _, _, form in departments)
    figures.put("department_unread", unread)
    figures.say(f"       {unread} unread cells on the department form")


def _tell_flagged(figures: Figures, projects: Sequence[Named]) -> float:
    clean = [form for _, _, form in projects if not _errors(form)]
    entries = [entry for form in clean for entry in form.entries.values()]
    flagged = sum(entry.needs_review for entry in entries)
    share = percent(flagged, len(entries))
    text = (
        f"{share} % of the {len(entries)} entries of {len(clean)} clean project forms flagged "
        f"({flagged}; bound: {MOST_FLAGGED:g} %)"
    )
    figures.bound("flagged_percent", share, text, share <= MOST_FLAGGED and bool(entries))
    return share

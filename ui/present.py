"""What the bench shows of a document, as plain data; no web framework is known here.

A bench gets a whole document at once and works on it in the browser, so that a key never waits for
a server. Everything is told in Chinese and English; texts of documents are data, never markup.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple, TypedDict

from extractor.cases import cases
from extractor.checks.explain import Drawing, Term
from extractor.confidence import REASONS, STRATA
from extractor.drawings import drawings
from extractor.families import family_of
from extractor.grid import Row, rows
from extractor.operations import Operation, State
from extractor.pipeline import evidence_for
from extractor.reviewing import Conflict, Reviewed, places_of
from extractor.signals import why
from extractor.types import CheckedForm, Document, Entry, Finding

Words = Mapping[str, str]
"""A sentence in ``zh`` and ``en``."""

_MOST_CANDIDATES = 4
_HOW: Mapping[str, Words] = {
    "implied": {"zh": "由算式推得", "en": "what the sums imply"},
    "pair": {
        "zh": "由算式推得，须与另一格同改",
        "en": "what the sums imply, together with another",
    },
    "printed": {"zh": "原文如此", "en": "as it is printed"},
    "digit": {"zh": "一位数字之差", "en": "one digit misread"},
}
_WEIGHTS: Mapping[str, float] = {
    "amount": 4.0, "rate": 2.0, "total_score": 3.0, "total_weight": 2.0, "score": 2.0,
    "weight": 2.0, "name": 1.0, "grade": 1.5,
}  # fmt: skip
"""How much a wrong value of a kind matters to those who use the records."""
_ORDINARY = 1.0


class Candidate(TypedDict):
    """A value that a person may take with one key, and where it comes from."""

    value: str | None
    how: Words


class Rank(NamedTuple):
    """Where a field stands in the order of work: failing sums first, and in them the suspects; then
    by the probability of being wrong times what that would cost."""

    group: int
    cost: float
    order: int


def desk(
    document: Document, told: Sequence[Reviewed], state: State, head: str | None
) -> dict[str, Any]:
    """A document as the bench gets it.

    ``told`` are its forms with their conflicts, ``state`` what the operations came to, ``head`` the
    hash of the last one.
    """
    return {
        "document": document.path,
        "sha256": document.sha256,
        "head": head,
        "clock": state.clock,
        "submitted": [one.person for one in state.submitted],
        "forms": [sheet(document, one, state) for one in told],
    }


def sheet(document: Document, told: Reviewed, state: State) -> dict[str, Any]:
    """One form: its source as rows of cells, its fields with what is known of them, its sums."""
    form = told.form
    order = {path: number for number, path in enumerate(form.entries)}
    drawn = [one for one in drawings(form) if one.severity == "error"]
    return {
        "form": form.form.index,
        "family": form.form.family,
        "title": form.form.title,
        "state": form.state,
        "span": [*form.form.span],
        "rows": source(document, form, order),
        "fields": list(_fields(form, told.conflicts, state, drawn)),
        "queue": [order[path] for path in queue(form)],
        "sums": [_sum(one, order) for one in drawn],
        "findings": [_finding(one, order) for one in form.findings],
        "unread": [[*span] for span in form.unread],
    }


def queue(form: CheckedForm) -> list[str]:
    """The fields that want a person, in the order in which they are to be settled."""
    wanted = {path: rank for path, rank in ranks(form).items() if form.entries[path].needs_review}
    return sorted(wanted, key=wanted.__getitem__)


def ranks(form: CheckedForm) -> dict[str, Rank]:
    """The order of work for every field."""
    suspected = {
        path
        for case in cases(form)
        for path, mark in case.marks().items()
        if mark.kind != "partner"
    }
    family = family_of(form.form.family)
    found: dict[str, Rank] = {}
    for number, (path, entry) in enumerate(form.entries.items()):
        group = 0 if path in suspected else 1 if entry.stratum in ("unread", "disputed") else 2
        weight = _WEIGHTS.get(family.kind(path), _ORDINARY)
        found[path] = Rank(group, -weight * _chance(entry), number)
    return found


_BY_RULE: Mapping[str, float] = {
    "unread": 0.9, "contradicted": 0.3, "disputed": 0.2, "missing": 0.3, "unproven": 0.1,
}  # fmt: skip
"""Rough chances of an error where no calibration gives one; they order work and nothing else."""


def _chance(entry: Entry) -> float:
    if entry.confidence is not None and entry.confidence.p is not None:
        return 1 - entry.confidence.p
    return _BY_RULE.get(entry.stratum, 0.01)


def _fields(
    form: CheckedForm, conflicts: Iterable[Conflict], state: State, drawn: Sequence[Drawing]
) -> Iterator[dict[str, Any]]:
    family, evidence, places = family_of(form.form.family), evidence_for(form), places_of(form)
    beside: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for conflict in conflicts:
        place = conflict.operation.place
        if place is not None:
            told = {**asdict(conflict.operation), "why": conflict.why}
            beside.setdefault(tuple(place), []).append(told)
    sums = _sums_of(drawn)
    for path, entry in form.entries.items():
        place = places[path]
        settled = state.fields.get(place)
        mine = beside.get(tuple(place), [])
        yield {
            "path": path,
            "place": place._asdict(),
            "kind": family.kind(path),
            "number": family.is_number(path),
            "label": family.labels(path, form.record),
            "value": entry.value,
            "raw": list(entry.raw),
            "spans": [[*span] for span in entry.spans],
            "cell": entry.address,
            "standing": entry.standing,
            "stratum": entry.stratum,
            "means": {"zh": STRATA[entry.stratum].zh, "en": STRATA[entry.stratum].en},
            "why": why(evidence[path]),
            "review": entry.needs_review,
            "p": entry.confidence and entry.confidence.p,
            "sums": sums.get(path, []),
            "candidates": candidates(form, path),
            "supported": bool(entry.spans) or entry.value is None,
            "seen": _heads(settled.operation if settled else None, mine),
            "act": settled.operation.act if settled else None,
            "person": settled.operation.person if settled else None,
            "conflicts": mine,
        }


def _heads(standing: Operation | None, conflicts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The operations that somebody who decides now has seen."""
    names = [standing.id] if standing else []
    return list(dict.fromkeys([*names, *(str(one["id"]) for one in conflicts)]))


def candidates(form: CheckedForm, path: str) -> list[Candidate]:
    """Values that a person may take with one key: what the sums imply first, then what stands.

    Suggestions are never applied by themselves.
    """
    found: list[Candidate] = []
    entry = form.entries[path]
    for finding in form.findings:
        for suspect in finding.suspects:
            for field, value in suspect.changes:
                if field == path:
                    found.append({"value": value, "how": _how(len(suspect.changes), suspect.edit)})
    if entry.suggestion and (value := entry.suggestion.get("value")) is not None:
        found.append({"value": str(value), "how": _HOW["implied"]})
    if entry.value is not None:
        found.append({"value": entry.value, "how": _HOW["printed"]})
    distinct = {one["value"]: one for one in reversed(found)}
    return list(reversed(distinct.values()))[:_MOST_CANDIDATES]


def _how(changes: int, edit: str | None) -> Words:
    said = _HOW["implied" if changes == 1 else "pair"]
    if edit != "digit":
        return said
    slip = _HOW["digit"]
    return {"zh": f"{said['zh']}，{slip['zh']}", "en": f"{said['en']}, {slip['en']}"}


def _sums_of(drawn: Sequence[Drawing]) -> dict[str, list[int]]:
    """The sums in which each field takes part, failing ones first."""
    found: dict[str, list[int]] = {}
    for number in sorted(range(len(drawn)), key=lambda n: drawn[n].verdict != "fails"):
        one = drawn[number]
        for term in (*one.terms, *((one.printed,) if one.printed else ())):
            mine = found.setdefault(term.path, [])
            if number not in mine:
                mine.append(number)
    return found


def _sum(drawing: Drawing, order: Mapping[str, int]) -> dict[str, Any]:
    return {
        "check": drawing.check,
        "rule": drawing.rule,
        "verdict": drawing.verdict,
        "title": dict(drawing.title),
        "terms": [_term(one, order) for one in drawing.terms],
        "implied": drawing.implied,
        "printed": _term(drawing.printed, order) if drawing.printed else None,
        "residual": drawing.residual,
    }


def _term(term: Term, order: Mapping[str, int]) -> dict[str, Any]:
    return {
        "field": order.get(term.path),
        "label": dict(term.label),
        "text": term.text,
        "sign": term.sign,
    }


def _finding(finding: Finding, order: Mapping[str, int]) -> dict[str, Any]:
    return {
        "check": finding.check,
        "verdict": finding.verdict,
        "severity": finding.severity,
        "message": dict(finding.message),
        "fields": [order[path] for path in finding.fields if path in order],
        "confirmed": finding.confirmed,
    }


def source(document: Document, form: CheckedForm, order: Mapping[str, int]) -> list[dict[str, Any]]:
    """The form's own text as rows of cells; a cell knows the fields that stand in it."""
    start, end = form.form.span
    stands = sorted(
        _Stands(span.start, order[path], len(entry.spans) > 1)
        for path, entry in form.entries.items()
        for span in entry.spans
    )
    lines = _Lines(document.text)
    return [_source_row(row, start, lines, stands, form) for row in rows(document.text[start:end])]


class _Stands(NamedTuple):
    """Where a part of a field stands: its offset, the number of the field, whether it has more."""

    start: int
    field: int
    joined: bool


class _Lines:
    """Offsets → numbers of lines, from 1."""

    def __init__(self, text: str) -> None:
        self._ends = [i for i, character in enumerate(text) if character == "\n"]

    def of(self, offset: int) -> int:
        return bisect_left(self._ends, offset) + 1


def _source_row(
    row: Row,
    start: int,
    lines: _Lines,
    stands: Sequence[_Stands],
    form: CheckedForm,
) -> dict[str, Any]:
    entries = list(form.entries.values())
    cells: list[dict[str, Any]] = []
    for cell in row.cells:
        a, b = start + cell.start, start + cell.end
        first, last = bisect_left(stands, a, key=_start), bisect_left(stands, b, key=_start)
        inside: Sequence[_Stands] = stands[first:last] if cell.text else ()
        notes = {
            REASONS[reason]["en"]: dict(REASONS[reason])
            for one in inside
            for reason in entries[one.field].reasons
            if reason in REASONS and reason != "filled_down"
        }
        cells.append(
            {
                "text": cell.text,
                "span": [a, b],
                "fields": [one.field for one in inside],
                "joined": any(one.joined for one in inside),
                "unread": bool(cell.text) and any(a <= one.start < b for one in form.unread),
                "notes": list(notes.values()),
            }
        )
    return {"line": lines.of(start + row.start), "block": row.block, "odd": row.odd, "cells": cells}


def _start(stands: _Stands) -> int:
    return stands.start

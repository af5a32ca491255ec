"""What the bench shows of a document, as plain data; no web framework is known here.

A bench gets a whole document at once and works on it in the browser, so that a key never waits for
a server. Everything is told in Chinese and English; texts of documents are data, never markup.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypedDict

from extractor import worklist
from extractor.cases import cases
from extractor.checks.explain import Drawing, Term
from extractor.drawings import drawings
from extractor.families import family_of
from extractor.operations import UNREAD, Place, State, unclaimed
from extractor.pipeline import evidence_for
from extractor.reviewing import Conflict, Reviewed, places_of, value_of
from extractor.signals import why
from extractor.twins import issuer
from extractor.types import CheckedForm, Document
from extractor.worklist import Rank
from ui.page_cells import Lines, Whereabouts, source, whereabouts

Words = Mapping[str, str]
"""A sentence in ``zh`` and ``en``."""

_MOST_CANDIDATES = 4
_STRAY: Words = {"zh": "无人认领的单元格", "en": "a cell that no field claims"}
_HOW: Mapping[str, Words] = {
    "implied": {"zh": "由算式推得", "en": "what the sums imply"},
    "pair": {
        "zh": "由算式推得，须与另一格同改",
        "en": "what the sums imply, together with another",
    },
    "printed": {"zh": "原文如此", "en": "as it is printed"},
    "settled": {"zh": "现定之值", "en": "as it was settled"},
    "digit": {"zh": "一位数字之差", "en": "one digit misread"},
    "table": {"zh": "表格读法", "en": "the table reader"},
    "model": {"zh": "模型读法", "en": "the model"},
    "look": {"zh": "模型再看一次", "en": "the model, asked again"},
}


class Candidate(TypedDict):
    """A value that a person may take with one key, and where it comes from; ``suggested`` where the
    sums imply it."""

    value: str | None
    how: Words
    suggested: bool


def desk(
    document: Document, told: Sequence[Reviewed], state: State, head: str | None
) -> dict[str, Any]:
    """A document as the bench gets it.

    ``told`` are its forms with their conflicts, ``state`` what the operations came to, ``head`` the
    hash of the last one.
    """
    lines = Lines(document.text)
    return {
        "head": head,
        "forms": [sheet(document, one, state, lines) for one in told],
    }


def sheet(document: Document, told: Reviewed, state: State, lines: Lines) -> dict[str, Any]:
    """One form: its source as rows of cells, its fields with what is known of them, its sums."""
    form = told.form
    order = {path: number for number, path in enumerate(form.entries)}
    drawn = [one for one in drawings(form) if one.severity == "error"]
    confirmed = {one.check for one in form.findings if one.confirmed}
    cells = source(document, form, order, lines)
    stands = whereabouts(form, cells)
    fields = list(_fields(form, told.conflicts, state, drawn, stands))
    strays = list(_strays(document, form, told.conflicts, cells))
    return {
        "start": form.form.span.start,
        "family": form.form.family,
        "title": form.form.title,
        "name": form.record.get("project_name") or form.record.get("department_name"),
        "year": form.record.get("year"),
        "issuer": _unless_named(form),
        "state": form.state,
        "span": [*form.form.span],
        "text": document.text[form.form.span.start : form.form.span.end],
        "rows": cells,
        "suspects": sorted(order[path] for path in suspected(form)),
        "fields": [*fields, *strays],
        "queue": [
            *(order[path] for path in queue(form)),
            *(n for n, one in enumerate(strays, start=len(fields)) if one["review"]),
        ],
        "sums": [_sum(one, order, one.check in confirmed) for one in drawn],
    }


def _unless_named(form: CheckedForm) -> str | None:
    """The unit of a form; none where the form goes by its name."""
    unit = issuer(form.record)
    return None if unit == form.record.get("department_name") else unit


def queue(form: CheckedForm) -> list[str]:
    """The fields that want a person, in the order in which they are to be settled."""
    wanted = {path: rank for path, rank in ranks(form).items() if form.entries[path].needs_review}
    return sorted(wanted, key=wanted.__getitem__)


def suspected(form: CheckedForm) -> set[str]:
    """The fields that failing sums accuse."""
    return {
        path
        for case in cases(form)
        for path, mark in case.marks().items()
        if mark.kind != "partner"
    }


def ranks(form: CheckedForm) -> dict[str, Rank]:
    """The order of work for every field."""
    return worklist.ranks(form, suspected(form))


def _fields(
    form: CheckedForm,
    conflicts: Iterable[Conflict],
    state: State,
    drawn: Sequence[Drawing],
    stands: Sequence[Whereabouts],
) -> Iterator[dict[str, Any]]:
    family, evidence, places = family_of(form.form.family), evidence_for(form), places_of(form)
    beside = _by_place(conflicts)
    sums = _sums_of(drawn)
    said = _said(form, drawn)
    for (path, entry), where in zip(form.entries.items(), stands, strict=True):
        place = places[path]
        settled = state.fields.get(place)
        yield {
            "path": path,
            "place": place._asdict(),
            "kind": family.kind(path),
            "number": family.is_number(path),
            "label": family.labels(path, form.record),
            "value": entry.value,
            "raw": list(entry.raw),
            "spans": [[*span] for span in entry.spans],
            "at": [[*one] for one in where.cells],
            "label_at": where.label and [*where.label],
            "header_at": where.header and [*where.header],
            "why": [*said.get(path, ()), *why(evidence[path])],
            "review": entry.needs_review,
            "sums": sums.get(path, []),
            "candidates": candidates(form, path),
            "supported": bool(entry.spans) or entry.value is None,
            "act": settled.operation.act if settled else None,
            "person": settled.operation.person if settled else None,
            "conflicts": beside.get(place, []),
            "unread": False,
        }


def _said(form: CheckedForm, drawn: Sequence[Drawing]) -> dict[str, list[Words]]:
    """What is told of fields by findings that are no sums, as of rows that come twice."""
    shown = {one.check for one in drawn}
    found: dict[str, list[Words]] = {}
    for finding in form.findings:
        if finding.severity == "error" and not finding.confirmed and finding.check not in shown:
            for path in finding.fields:
                found.setdefault(path, []).append(dict(finding.message))
    return found


def _by_place(conflicts: Iterable[Conflict]) -> dict[Place, list[dict[str, Any]]]:
    """Operations that do not count, with why, by the field that they are about."""
    found: dict[Place, list[dict[str, Any]]] = {}
    for conflict in conflicts:
        if (place := conflict.operation.place) is not None:
            told = {**asdict(conflict.operation), "why": conflict.why}
            found.setdefault(place, []).append(told)
    return found


def _strays(
    document: Document,
    form: CheckedForm,
    conflicts: Iterable[Conflict],
    cells: Sequence[Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Printed cells that no field claims, as fields of their own: somebody has to say that they are
    nothing of the record."""
    beside = _by_place(conflicts)
    for number, span in enumerate(form.unread):
        place = Place(form.form.span.start, UNREAD, unclaimed(*span))
        text = document.text[span.start : span.end]
        yield {
            "path": f"{UNREAD}[{number}]",
            "place": place._asdict(),
            "kind": UNREAD,
            "number": False,
            "label": _STRAY,
            "value": text,
            "raw": [text],
            "spans": [[*span]],
            "at": [
                [n, column]
                for n, row in enumerate(cells)
                for column, cell in enumerate(row["cells"])
                if cell["text"] and cell["span"][0] <= span.start < cell["span"][1]
            ],
            "label_at": None,
            "header_at": None,
            "why": [],
            # One without a digit keeps no form open.
            "review": any(map(str.isdigit, text)),
            "sums": [],
            "candidates": [],
            "supported": True,
            "act": None,
            "person": None,
            "conflicts": beside.get(place, []),
            "unread": True,
        }


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
                    how = _how(len(suspect.changes), suspect.edit)
                    found.append(Candidate(value=value, how=how, suggested=True))
    if entry.suggestion and (value := entry.suggestion.get("value")) is not None:
        found.append(Candidate(value=str(value), how=_HOW["implied"], suggested=True))
    for finding in form.findings:
        if finding.fields[:1] == (path,):
            found.extend(
                Candidate(value=said, how=_HOW[who], suggested=False)
                for who, said in finding.readings
            )
    if entry.value is not None:
        how = _HOW["settled" if entry.standing == "reviewed" else "printed"]
        found.append(Candidate(value=entry.value, how=how, suggested=False))
    if entry.standing == "reviewed" and entry.raw:
        read = value_of(form.form.family, path, "".join(entry.raw))
        if read is not None:
            found.append(Candidate(value=read.value, how=_HOW["printed"], suggested=False))
    distinct: dict[str | None, Candidate] = {}
    for one in found:
        known = distinct.get(one["value"])
        distinct[one["value"]] = one if known is None else _both(known, one)
    return list(distinct.values())[:_MOST_CANDIDATES]


def _both(one: Candidate, other: Candidate) -> Candidate:
    """One value that stands there for two reasons."""
    if one["how"]["en"] in other["how"]["en"] or other["how"]["en"] in one["how"]["en"]:
        return one
    how = {
        "zh": f"{one['how']['zh']}；{other['how']['zh']}",
        "en": f"{one['how']['en']}; {other['how']['en']}",
    }
    return Candidate(value=one["value"], how=how, suggested=one["suggested"] or other["suggested"])


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


def _sum(drawing: Drawing, order: Mapping[str, int], confirmed: bool) -> dict[str, Any]:
    return {
        "confirmed": confirmed,
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


_MOST_LINES = 3_000
"""Lines that are offered as the first of a form that was missed."""
_LONGEST_LINE = 60


def lines_outside(document: Document, forms: Iterable[CheckedForm]) -> list[dict[str, Any]]:
    """The lines at which a form may have been missed: those in no form first, then the others.

    Each with its number from 1, the offset of its first character, and its beginning.
    """
    spans = sorted(form.form.span for form in forms)
    starts = [span.start for span in spans]
    inside: list[dict[str, Any]] = []
    outside: list[dict[str, Any]] = []
    offset = 0
    for number, line in enumerate(document.text.split("\n"), start=1):
        at = bisect_right(starts, offset) - 1
        before = spans[at] if at >= 0 else None
        if line.strip() and (before is None or before.start != offset):
            begins = " ".join(line.split())[:_LONGEST_LINE]
            told = {"line": number, "offset": offset, "text": begins}
            is_inside = before is not None and offset < before.end
            (inside if is_inside else outside).append(told)
        offset += len(line) + 1
    return [*outside, *inside][:_MOST_LINES]

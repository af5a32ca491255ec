"""The source of a form as rows of cells, and where in it each field, its label and header stand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from extractor.confidence import REASONS
from extractor.grid import Row, rows
from extractor.text import tidy
from extractor.types import CheckedForm, Document

_HEADERS_ABOVE = 60
"""Rows above a value in which its column header is looked for; no table of ours is longer."""


class At(NamedTuple):
    """A cell of the source: the number of its row and its own, from 0."""

    row: int
    cell: int


class Whereabouts(NamedTuple):
    """Where a field stands: its cells, that of its row label and that of its column header."""

    cells: tuple[At, ...] = ()
    label: At | None = None
    header: At | None = None


class Stands(NamedTuple):
    """Where a part of a field stands: its offset, the number of the field, whether it has more."""

    start: int
    field: int
    joined: bool


class Lines:
    """Offsets → numbers of lines, from 1."""

    def __init__(self, text: str) -> None:
        self._ends = [i for i, character in enumerate(text) if character == "\n"]

    def of(self, offset: int) -> int:
        return bisect_left(self._ends, offset) + 1


def source(
    document: Document, form: CheckedForm, order: Mapping[str, int], lines: Lines
) -> list[dict[str, Any]]:
    """The form's own text as rows of cells; a cell knows the fields that stand in it."""
    start, end = form.form.span
    stands = sorted(
        Stands(span.start, order[path], len(entry.spans) > 1)
        for path, entry in form.entries.items()
        for span in entry.spans
    )
    return [_source_row(row, start, lines, stands, form) for row in rows(document.text[start:end])]


def _source_row(
    row: Row, start: int, lines: Lines, stands: Sequence[Stands], form: CheckedForm
) -> dict[str, Any]:
    entries = list(form.entries.values())
    cells: list[dict[str, Any]] = []
    for cell in row.cells:
        a, b = start + cell.start, start + cell.end
        first, last = bisect_left(stands, a, key=_start), bisect_left(stands, b, key=_start)
        inside: Sequence[Stands] = stands[first:last] if cell.text else ()
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


def _start(stands: Stands) -> int:
    return stands.start


def whereabouts(form: CheckedForm, drawn: Sequence[Mapping[str, Any]]) -> list[Whereabouts]:
    """Where each field of a form stands in its source ``drawn`` by :func:`source`, in the order of
    its entries.

    Labels and headers are found by their words: the label in the row of the value, the header in
    the nearest row above that prints it, in the same column where it is there.
    """
    cells: dict[int, list[At]] = {}
    words: dict[int, dict[str, list[int]]] = {}
    for number, row in enumerate(drawn):
        words[number] = {}
        for column, cell in enumerate(row["cells"]):
            if cell["text"]:
                words[number].setdefault(tidy(cell["text"]), []).append(column)
            for field in cell["fields"]:
                cells.setdefault(field, []).append(At(number, column))
    found: list[Whereabouts] = []
    for number, entry in enumerate(form.entries.values()):
        mine = tuple(cells.get(number, ()))
        parts = (entry.address or "").split(" › ")
        if not mine or len(parts) < 2:
            found.append(Whereabouts(mine))
            continue
        label, header = tidy(parts[-2]), tidy(parts[-1])
        own = _in_row(words, mine[0], label) if len(parts) > 2 else None
        found.append(Whereabouts(mine, own, _above(words, mine[0], header)))
    return found


def _in_row(words: Mapping[int, Mapping[str, list[int]]], at: At, label: str) -> At | None:
    columns = [
        column
        for text, found in words[at.row].items()
        for column in found
        if label and column != at.cell and (label in text or (len(text) > 1 and text in label))
    ]
    return At(at.row, min(columns)) if columns else None


def _above(words: Mapping[int, Mapping[str, list[int]]], at: At, header: str) -> At | None:
    if not header:
        return None
    for row in range(at.row, max(-1, at.row - _HEADERS_ABOVE), -1):
        columns = [one for one in words[row].get(header, ()) if At(row, one) != at]
        if columns:
            return At(row, min(columns, key=lambda one: abs(one - at.cell)))
    return None

"""Tracing: does the value that a suspect should have stand somewhere on the page?

It tells a misreading from a form that is wrong. One slip between the print and the implied value,
or the implied value in another cell of the same row or column (where a shift may have taken it),
speak for a misreading. An implied value that stands nowhere near a clear print speaks for a form
that does not add up. Where several cells are suspected equally, nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractor.numbers import number_of, read_number
from extractor.types import Cause, Entry, Span, Suspect


def traced(
    suspects: Sequence[Suspect], entries: Mapping[str, Entry]
) -> tuple[tuple[Suspect, ...], Cause]:
    """The suspects with the spans where their values stand otherwise, and the cause they tell."""
    found = tuple(replace(suspect, stands=_stands(suspect, entries)) for suspect in suspects)
    first = [suspect for suspect in found if suspect.rank == 1]
    if len(first) != 1:
        return found, "undetermined"
    suspect = first[0]
    if suspect.edit is not None or suspect.stands:
        return found, "misread"
    printed = all(entries[field].standing == "read" for field, _ in suspect.changes)
    return found, "source_defect" if printed else "undetermined"


def _stands(suspect: Suspect, entries: Mapping[str, Entry]) -> tuple[Span, ...]:
    """Where the implied values of a suspect are printed in its row, or once in its column.

    A value that its column prints again and again (5.00 among the scores) has no place of its own.
    """
    found: list[Span] = []
    for field, value in suspect.changes:
        row, _, column = field.rpartition(".")
        same = [
            (path.rpartition("."), entry)
            for path, entry in entries.items()
            if path != field and _prints(entry, value)
        ]
        table = _table(row)
        below = [entry for (at, _, name), entry in same if (_table(at), name) == (table, column)]
        beside = [entry for (at, _, _), entry in same if at == row]
        for entry in [*beside, *(below if len(below) == 1 else [])]:
            found += entry.spans
    return tuple(found)


def _table(row: str) -> str:
    """``funds.total`` → ``funds``: the points of the budget stand in no column of the rows."""
    return row.partition(".")[0].partition("[")[0]


def _prints(entry: Entry, value: str) -> bool:
    """Whether a cell prints this number; zeros stand everywhere and tell nothing."""
    wanted = number_of(value).value
    found = read_number("".join(entry.raw)) if entry.raw else None
    return bool(wanted) and found is not None and found[0].value == wanted

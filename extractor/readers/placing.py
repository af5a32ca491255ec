"""Where a model's values stand: each is found in the cell that bears its label, or set aside.

A model returns values without places, and nine in ten numbers of a form stand in it more than
once: that a value is somewhere on the page proves nothing. The table reader knows the cell under
each row label and column header, so a value of the model's is taken only if that cell prints it.
Where there is no such cell, because the page has no rows or the table reader missed one, the order
of the page decides (:mod:`extractor.readers.by_order`).

Worked: the page prints ``环境满意度 ≥95% 96% 10.00 8.00``, the reply has a weight of 8.00 and a
score of 8.00 there. The score has its place; the weight is ``unread``, reason ``misplaced``: 8.00
stands in the row, but under another header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from extractor.families.base import Family
from extractor.readers.by_order import Found, found_by_order
from extractor.readers.cells import read_cells
from extractor.readers.claims import Claims, claims_of, count, same
from extractor.readers.indicator_readings import ID_LEAVES, ids_of
from extractor.readers.ordered import has_place, ordered
from extractor.readers.row_pairs import paired
from extractor.readers.strays import found_in_rest
from extractor.text import without_stamps
from extractor.types import Cell, FormReading, Reading, Span

_LISTED = re.compile(r"(\w+)\[(\d+)\](.*)")
_LEVELS = ("].level1", "].level2")
_LEAST_SHARE = 3
"""One in so many of a model's rows that the table reader must have, or of its values in common."""

Pairs = Mapping[str, Mapping[int, int]]
"""``{section: {row of the model: row of the table reader}}``."""


class Placed(NamedTuple):
    """A reply on its page.

    ``reading`` has the model's own numbering of rows, ``claims`` are all its values, normalised as
    cells that print them would be, and ``rows`` says which of its rows is which of the table
    reader's. ``is_anchored`` tells whether the cells of the table reader say where values must
    stand, or only the order of the page.
    """

    reading: FormReading
    claims: Claims
    rows: Pairs
    is_anchored: bool


def placed(
    text: str, family: Family, leaves: Mapping[str, str | None], table: FormReading
) -> Placed:
    """The leaves of a reply where they stand on the page.

    ``text`` is the form's own text, from which spans count; ``table`` is what the table reader
    says of it.
    """
    claims = claims_of(family, leaves)
    pairs = _pairs(claims, table)
    if _agrees(family, claims, table, pairs):
        return Placed(_by_label(text, family, claims, table, pairs), claims, pairs, True)
    return Placed(_by_order(text, family, claims), claims, pairs, False)


def _pairs(claims: Claims, table: FormReading) -> Pairs:
    """The rows of both readers, none where the table reader has none."""
    printed = {"indicators": len(table.row_ids), "groups": table.groups}
    return {
        name: paired(name, claims, table.readings, rows) if rows else {}
        for name, rows in printed.items()
    }


def _agrees(family: Family, claims: Claims, table: FormReading, pairs: Pairs) -> bool:
    """Whether the table reader found the table, so that its cells are worth holding on to.

    On 72 clean pages in one line or column by column it found no indicator row, and at most 6 % of
    the values; where rows can be told it found all. On 450 damaged ones its values were the printed
    ones for 43 % at the least wherever it had any row. So rows are the sign of a table. That few
    values agree is none against it, for a model that swaps columns disagrees with a sound table;
    it counts only where most rows are missing.
    """
    if not table.row_ids:
        return False
    if len(table.row_ids) * _LEAST_SHARE >= count(claims, "indicators"):
        return True
    there = {counterpart(path, pairs): (path, value) for path, value in claims.items()}
    shared = total = 0
    for path, cell in table.readings.items():
        if cell.value is not None:
            total += 1
            claim = there.get(path)
            shared += claim is not None and same(family, claim[0], claim[1], cell.value)
    return shared * _LEAST_SHARE >= total


def counterpart(path: str, pairs: Pairs) -> str | None:
    """A path of the model's as the table reader numbers its rows; none where it has no such row."""
    listed = _LISTED.fullmatch(path) if "[" in path else None
    if listed is None:
        return path
    section, index, rest = listed.groups()
    row = pairs[section].get(int(index))
    return None if row is None else f"{section}[{row}]{rest}"


# Under the labels of the table reader


def _by_label(
    text: str, family: Family, claims: Claims, table: FormReading, pairs: Pairs
) -> FormReading:
    cells = {path: table.readings.get(counterpart(path, pairs) or "") for path in claims}
    missing = {
        path: claim
        for path, claim in claims.items()
        if claim is not None and ((cell := cells[path]) is None or cell.standing == "absent")
    }
    found = found_in_rest(text, family, claims, missing, cells, table.unread) if missing else {}
    readings: dict[str, Reading] = {}
    for path, claim in claims.items():
        cell = cells[path]
        if path in missing:
            readings[path] = ordered(family, path, claims, found)
        elif cell is None:
            readings[path] = Reading(path, "absent")
        else:
            readings[path] = _under_label(family, path, claim, cell)
    ids = _ids(claims, readings, found, pairs["indicators"], table.row_ids)
    unread = _without(table.unread, found)
    return FormReading("model", readings, ids, count(claims, "groups"), unread)


def _under_label(family: Family, path: str, claim: str | None, cell: Reading) -> Reading:
    """What a claim comes to, given the cell that bears its label."""
    if claim is None:
        if cell.standing in ("blank", "absent"):
            return cell if cell.path == path else cell._replace(path=path)
        return Reading(path, "blank", address=cell.address)
    if cell.value is not None:
        if same(family, path, claim, cell.value):
            return cell if cell.path == path else cell._replace(path=path)
    elif cell.standing == "unread" and cell.raw:
        return _part_of(family, path, claim, cell)
    return Reading(path, "unread", address=cell.address, reasons=("misplaced",))


def _part_of(family: Family, path: str, claim: str, cell: Reading) -> Reading:
    """A cell that holds more than its value: the part that is the claim, if one is.

    Of two numbers in a cell nothing says which is the value; beside a page stamp there is one.
    """
    kind, is_number = family.kind(path), family.is_number(path)
    for text, span in zip(cell.raw, cell.spans, strict=True):
        for match in re.finditer(r"\S+", text):
            rest = without_stamps(f"{text[: match.start()]} {text[match.end() :]}")[0]
            if is_number and any(map(str.isdigit, rest)):
                continue
            part = Cell(match[0], span.start + match.start(), span.start + match.end())
            read = read_cells(path, kind, [part], cell.address, cell.reasons)
            if read.value is not None and same(family, path, claim, read.value):
                return read
    return Reading(path, "unread", address=cell.address, reasons=("not_grounded",))


# In the order of the page


def _by_order(text: str, family: Family, claims: Claims) -> FormReading:
    found, unread, labels, apart, levels = found_by_order(text, family, claims)
    readings: dict[str, Reading] = {}
    for path, claim in claims.items():
        if claim is not None or path in found:
            reading = ordered(family, path, claims, found)
            if path in apart and reading.value is not None:
                reading = reading._replace(reasons=(*reading.reasons, "apart"))
        elif levels and path.endswith(_LEVELS):
            reading = Reading(path, "unread", reasons=("passed_over",))
        else:
            reading = Reading(path, "blank" if has_place(family, path, labels) else "absent")
        readings[path] = reading
    ids = _ids(claims, readings, found, {}, ())
    return FormReading("model", readings, ids, count(claims, "groups"), unread)


# Rows


def _ids(
    claims: Claims,
    readings: Mapping[str, Reading],
    found: Found,
    pairs: Mapping[int, int],
    ids: Sequence[str],
) -> tuple[str, ...]:
    """The id of each row: the table reader's own, else one made in the same way.

    A row that is nowhere on the page is made of what the model says.
    """
    rows = range(count(claims, "indicators"))
    made = ids_of(list(_texts(index, claims, readings, found)) for index in rows)
    taken = [ids[pairs[index]] if index in pairs else "" for index in rows]
    result: list[str] = []
    for own, one in zip(taken, made, strict=True):
        new, again = own or one, 2
        while not own and (new in taken or new in result):
            new, again = f"{one.partition('-')[0]}-{again}", again + 1
        result.append(new)
    return tuple(result)


def _texts(
    index: int, claims: Claims, readings: Mapping[str, Reading], found: Found
) -> Iterator[str]:
    """The texts of a row that its id is made of, as they are printed."""
    for leaf in ID_LEAVES:
        path = f"indicators[{index}].{leaf}"
        cells = found.get(path, {})
        cell = cells.get("") or cells.get("target")
        if cell is not None and readings[path].value is not None:
            yield cell.text
        elif claim := claims.get(path):
            yield claim


def _without(unread: Sequence[Span], found: Found) -> tuple[Span, ...]:
    """The cells that are still nobody's."""
    taken = {cell.start for cells in found.values() for cell in cells.values()}
    return tuple(span for span in unread if span.start not in taken)

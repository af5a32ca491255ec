"""The rows of a form as reviewers left them: some put in, taken out, joined or split.

A pure function over what was read: readings by path and the ids of rows → the same with other rows.
Rows go by their ids throughout; a path is only where a row stands before and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from extractor.families.base import Family, template
from extractor.families.levels import LEVEL1, LEVELS, joined
from extractor.operations import ROWS, Operation, Settled
from extractor.readers.cells import read_cells
from extractor.text import tidy_quantity
from extractor.types import Cell, Reading

Why = Literal["concurrent", "reread", "gone"]
"""Why an operation does not count: see ``reviewing.Conflict``."""

_LEVELS = ("level1", "level2")
_ORDER: Mapping[str, int] = {"insert": 0, "split": 0, "join": 1, "remove": 2}
WANTED = frozenset({"name", "weight", "score"})
"""What a row that a person put in wants a person for."""


class Structure(NamedTuple):
    """The leaves of a form with other rows.

    ``readings`` are all of its leaves by their new paths, in the order of the record, ``rows`` the
    ids of its rows. ``moved`` leads from old paths to new ones and lacks those of rows that left;
    ``left`` has what took a row out, by the id of the row; ``inserted`` are ids of rows that no
    page prints. ``vain`` are operations that change nothing, with why.
    """

    readings: dict[str, Reading]
    rows: tuple[str, ...]
    moved: Mapping[str, str]
    left: Mapping[str, Operation]
    inserted: frozenset[str]
    vain: tuple[tuple[Operation, Why], ...]


@dataclass(slots=True)
class _Row:
    """A row while rows are moved: its leaves by their names, and its number on the page."""

    id: str
    old: int | None
    cells: dict[str, Reading]


class _Rows(NamedTuple):
    """The rows of one form while they are changed."""

    family: Family
    rows: list[_Row]
    leaves: tuple[str, ...]

    def at(self, name: str | None) -> int | None:
        """Where the row with an id stands."""
        return next((i for i, row in enumerate(self.rows) if row.id == name), None)


def restructured(
    family: Family,
    readings: Mapping[str, Reading],
    row_ids: Sequence[str],
    acts: Mapping[str, Settled],
) -> Structure:
    """The leaves of a form after what reviewers did to its rows (``acts`` by the id of the row).

    Rows are put in and split before any is joined, and those are before any is taken out; within
    these, the order of the clocks decides. Whatever is contradicted or fits no row changes nothing.
    """
    leaves = tuple(path[len(ROWS) + 1 :] for path in family.leaves if path.startswith(f"{ROWS}."))
    cells = [
        {leaf: readings[f"indicators[{i}].{leaf}"] for leaf in leaves} for i in range(len(row_ids))
    ]
    known = _Rows(
        family,
        [_Row(name, i, cells[i]) for i, name in enumerate(row_ids)],
        leaves,
    )
    left: dict[str, Operation] = {}
    inserted: set[str] = set()
    vain: list[tuple[Operation, Why]] = []
    for settled in acts.values():
        if settled.conflicts:
            vain.append((settled.operation, "concurrent"))
            vain.extend((one, "concurrent") for one in settled.conflicts)
    stand = [one.operation for one in acts.values() if not one.conflicts]
    stand += [beneath for one in acts.values() for beneath in one.beneath]
    for one in sorted((one for one in stand if one.act in _ORDER), key=_in_turn):
        why = _done(known, one, left, inserted)
        if why is not None:
            vain.append((one, why))
    return _structure(known, readings, left, frozenset(inserted), tuple(vain))


def _in_turn(one: Operation) -> tuple[int, int, str]:
    return _ORDER[one.act], one.clock, one.id


def _done(
    known: _Rows, one: Operation, left: dict[str, Operation], inserted: set[str]
) -> Why | None:
    """Changes the rows as one operation says; why it cannot, where it cannot."""
    name = one.row or ""
    if one.act == "insert":
        return _insert(known, one, inserted)
    index = known.at(name)
    if index is None:
        if one.act in ("remove", "join") and not one.against:
            # A row that printed nothing and is not there: what put it in stands no more.
            left[name] = one
            return None
        return "gone"
    row = known.rows[index]
    if row.cells["name"].raw != one.against:
        return "reread"
    if one.act == "split":
        return _split(known, row, index, one.value or "")
    if one.act == "join":
        above = known.at(one.value)
        if above is None or above >= index:
            return "gone"
        _join(known, known.rows[above], row)
    left[name] = one
    del known.rows[index]
    return None


def _insert(known: _Rows, one: Operation, inserted: set[str]) -> Why | None:
    anchor = known.at(one.value) if one.value else -1
    if anchor is None or not one.row or known.at(one.row) is not None:
        return "gone"
    above = known.rows[anchor] if anchor >= 0 else None
    cells = {leaf: _nothing(leaf, above) for leaf in known.leaves}
    known.rows.insert(anchor + 1, _Row(one.row, None, cells))
    inserted.add(one.row)
    return None


def _nothing(leaf: str, above: _Row | None) -> Reading:
    """A leaf that the page does not print in this row; a level goes on from the row above."""
    if leaf in _LEVELS and above is not None and (value := above.cells[leaf].value) is not None:
        return Reading(leaf, "read", value, reasons=("filled_down",))
    return Reading(leaf, "absent")


def _split(known: _Rows, row: _Row, index: int, name: str) -> Why | None:
    if not name or known.at(name) is not None:
        return "gone"
    below: dict[str, Reading] = {}
    for leaf, whole in row.cells.items():
        below[leaf] = _nothing(leaf, row)
        if _is_parted(known.family, leaf, whole):
            cells = _cells(whole)
            reasons = tuple(one for one in whole.reasons if one != "joined_across_page")
            row.cells[leaf] = _read(known.family, leaf, cells[:1], whole.address, reasons)
            below[leaf] = _read(known.family, leaf, cells[1:], whole.address, reasons)
    known.rows.insert(index + 1, _Row(name, None, below))
    return None


def _is_parted(family: Family, leaf: str, whole: Reading) -> bool:
    """Whether a cell has parts that may be of two rows.

    A level that is a known one is whole, and so is a target that stands in three columns: sign,
    number and unit, which together say something else than one cell with these parts would.
    """
    if len(whole.raw) < 2 or (leaf in _LEVELS and whole.value in LEVELS):
        return False
    return leaf != "target" or not _is_spread(family, whole)


def _is_spread(family: Family, target: Reading) -> bool:
    return (
        len(target.raw) > 1
        and _read(family, "target", _cells(target), None, ()).value != target.value
    )


def _join(known: _Rows, above: _Row, row: _Row) -> None:
    """Lets a row go on with what the one above began."""
    for leaf, first in above.cells.items():
        rest = row.cells[leaf]
        above.cells[leaf] = _both(known.family, leaf, first, rest)


def _both(family: Family, leaf: str, first: Reading, rest: Reading) -> Reading:
    if first.standing in ("blank", "absent"):
        return rest
    if rest.standing in ("blank", "absent") or not rest.raw or rest.spans == first.spans:
        return first
    if leaf in _LEVELS and "filled_down" in rest.reasons:
        return first
    cells = [*_cells(first), *_cells(rest)]
    reasons = tuple(dict.fromkeys((*first.reasons, *rest.reasons)))
    again = _read(family, leaf, cells, first.address, reasons)
    if leaf in _LEVELS:
        level = joined("".join(first.raw), "".join(rest.raw))
        plain = tuple(one for one in again.reasons if one != "unknown_level")
        if level is not None:
            return _levelled(leaf, again._replace(value=level[0], reasons=plain))
        return again
    if leaf == "target" and (_is_spread(family, first) or _is_spread(family, rest)):
        return again._replace(value=tidy_quantity(f"{first.value or ''}{rest.value or ''}"))
    return again


def _cells(reading: Reading) -> list[Cell]:
    return [Cell(text, *span) for text, span in zip(reading.raw, reading.spans, strict=True)]


def _read(
    family: Family, leaf: str, cells: Sequence[Cell], address: str | None, reasons: tuple[str, ...]
) -> Reading:
    reasons = tuple(one for one in reasons if one != "unknown_level")
    found = read_cells(leaf, family.kind(f"{ROWS}.{leaf}"), cells, address, reasons)
    return _levelled(leaf, found._replace(reasons=tuple(dict.fromkeys(found.reasons))))


def _levelled(leaf: str, reading: Reading) -> Reading:
    """A level 1 of which nobody knows the name says so."""
    if leaf != "level1" or reading.value is None or reading.value in LEVEL1:
        return reading
    return reading._replace(reasons=(*reading.reasons, "unknown_level"))


def _structure(
    known: _Rows,
    readings: Mapping[str, Reading],
    left: Mapping[str, Operation],
    inserted: frozenset[str],
    vain: tuple[tuple[Operation, Why], ...],
) -> Structure:
    """The rows put back among the other leaves of their form."""
    rows = {
        f"indicators[{index}].{leaf}": reading
        for index, row in enumerate(known.rows)
        for leaf, reading in row.cells.items()
    }
    moved = dict(_moved(known, readings))
    groups = sum(template(path) == "groups[].level1" for path in readings)
    found = {
        path: (rows.get(path) or readings[path])._replace(path=path)
        for path, _ in known.family.paths(len(known.rows), groups)
    }
    ids = tuple(row.id for row in known.rows)
    return Structure(found, ids, moved, left, inserted & set(ids), vain)


def _moved(known: _Rows, readings: Mapping[str, Reading]) -> Iterator[tuple[str, str]]:
    """Where each leaf of the form went; those of rows that left went nowhere."""
    yield from ((path, path) for path in readings if not path.startswith("indicators["))
    for index, row in enumerate(known.rows):
        if row.old is not None:
            for leaf in known.leaves:
                yield f"indicators[{row.old}].{leaf}", f"indicators[{index}].{leaf}"

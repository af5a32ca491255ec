"""Double entry: two blind readings of one form → one, and where the two disagree.

What both read the same is better supported than either alone. Where they differ, what the table
reader found under its labels stands, for it is on the page at that place; the other value is kept
beside it and a person decides. Where the table reader has no such cell, the model's reading
stands alone. A row that only one reader has is one disagreement about all of its fields.

A model alone is held to the same page: what the table reader saw there and the model passed over
is unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from extractor.families.base import Family
from extractor.readers.claims import same
from extractor.readers.placing import Placed, counterpart
from extractor.types import FormReading, Reading

Pair = tuple[int | None, int | None]
"""A row of the table reader and one of the model; one that a reader lacks is ``None`` there."""

_LISTED = re.compile(r"(\w+)\[(\d+)\](.*)")


class Dispute(NamedTuple):
    """A field that two readers read differently; ``row`` are others that are in doubt with it.

    Where one of them has no such row at all, ``is_row`` says so: ``table`` and ``model`` are then
    the name of the row in the reader that has it, and ``row`` the fields of it that stand.
    """

    path: str
    table: str | None
    model: str | None
    is_row: bool = False
    row: tuple[str, ...] = ()


class Doubled(NamedTuple):
    """Two readings as one. ``agreed`` are the fields with a value that both read the same."""

    reading: FormReading
    agreed: frozenset[str]
    disputes: tuple[Dispute, ...]


def doubled(family: Family, table: FormReading, placed: Placed) -> Doubled:
    """The two readings of a form settled field by field."""
    if not placed.is_anchored:
        return _without_table(family, table, placed)
    model = _in_free_places(table, placed.reading)
    rows = {
        "indicators": _paired(placed.rows["indicators"], len(table.row_ids), len(model.row_ids)),
        "groups": _paired(placed.rows["groups"], table.groups, model.groups),
    }
    rows = {name: list(_on_the_page(name, pairs, model)) for name, pairs in rows.items()}
    readings: dict[str, Reading] = {}
    agreed: set[str] = set()
    disputes: list[Dispute] = []
    for path, _ in family.paths(len(rows["indicators"]), len(rows["groups"])):
        here, there = _paths(path, rows)
        one = table.readings.get(here or "") or Reading(path, "absent")
        two = model.readings.get(there or "") or Reading(path, "absent")
        stands = two if here is None or _is_better(one, two) else one
        readings[path] = stands._replace(path=path)
        if here is None or there is None or stands.standing == "unread":
            continue
        claim = placed.claims.get(there)
        if stands is one and not _same(family, path, one.value, claim):
            levels = _levels(path) if path.endswith("].name") else ()
            disputes.append(Dispute(path, one.value, claim, row=levels))
        elif stands.value is not None and stands is one:
            agreed.add(path)
    ids = [
        table.row_ids[one] if one is not None else model.row_ids[two or 0]
        for one, two in rows["indicators"]
    ]
    reading = FormReading("both", readings, _distinct(ids), len(rows["groups"]), table.unread)
    alone = _rows_of_one(rows["indicators"], placed, readings)
    return Doubled(reading, frozenset(agreed), (*alone, *disputes))


def alone(table: FormReading, placed: Placed) -> Doubled:
    """The reading of a model alone, and the rows that it left out of a table."""
    model = placed.reading
    if not placed.is_anchored:
        return Doubled(_rows_doubted(model), frozenset(), ())
    pairs = _paired(placed.rows["indicators"], len(table.row_ids), len(model.row_ids))
    readings = {
        path: _passed_over(reading, table.readings.get(counterpart(path, placed.rows) or ""))
        for path, reading in model.readings.items()
    }
    missed: list[Dispute] = []
    above = 0
    for one, two in pairs:
        above = above if two is None else two
        if two is None and model.row_ids:
            cell = table.readings.get(f"indicators[{one}].name")
            name = (cell and cell.value) or "—"
            row = f"indicators[{above}].name"
            missed.append(Dispute(row, name, None, is_row=True, row=_filled(readings, above)))
    claimed = {span for one in readings.values() for span in one.spans}
    seen = {
        span
        for path, one in table.readings.items()
        if one.value is not None and not path.partition("].")[2].startswith("level")
        for span in one.spans
    }
    unread = tuple(sorted({*model.unread, *(seen - claimed)}))
    reading = replace(model, readings=readings, unread=unread)
    return Doubled(reading, frozenset(), tuple(missed))


def _passed_over(reading: Reading, cell: Reading | None) -> Reading:
    """A leaf that a model leaves empty, where the table reader sees something in its cell."""
    if reading.standing in ("blank", "absent") and cell is not None and cell.value is not None:
        reasons = (*reading.reasons, "passed_over")
        return Reading(reading.path, "unread", address=cell.address, reasons=reasons)
    return reading


def _without_table(family: Family, table: FormReading, placed: Placed) -> Doubled:
    """A page on which the table reader finds no table: the model's places stand."""
    agreed: set[str] = set()
    disputes: list[Dispute] = []
    for path, reading in placed.reading.readings.items():
        one = table.readings.get(path) if "[" not in path else None
        if one is None or one.value is None:
            continue
        if _same(family, path, one.value, reading.value):
            agreed.add(path)
        elif reading.standing in ("blank", "absent"):
            disputes.append(Dispute(path, one.value, None))
    reading = replace(_rows_doubted(placed.reading), reader="both")
    return Doubled(reading, frozenset(agreed), tuple(disputes))


def _rows_doubted(model: FormReading) -> FormReading:
    """Where one cell of a row is not on the page, only the order of the page says that the others
    belong to this row, and it has just failed."""
    torn = {
        _branch(path)
        for path, reading in model.readings.items()
        if "[" in path and "not_grounded" in reading.reasons
    }
    readings = {
        path: reading._replace(reasons=(*reading.reasons, "beside_ungrounded"))
        if reading.value is not None and _branch(path) in torn
        else reading
        for path, reading in model.readings.items()
    }
    return replace(model, readings=readings)


def _branch(path: str) -> str:
    return path.rpartition(".")[0]


def _in_free_places(table: FormReading, model: FormReading) -> FormReading:
    """A model's reading without what it places in cells that the table reader gave to other fields:
    where the table reader sees no such cell, only what nobody claims can be it."""
    taken = {span for reading in table.readings.values() for span in reading.spans}
    readings = {
        path: reading._replace(standing="unread", value=None, raw=(), spans=())
        if "by_order" in reading.reasons and not taken.isdisjoint(reading.spans)
        else reading
        for path, reading in model.readings.items()
    }
    return replace(model, readings=readings)


def _levels(name: str) -> tuple[str, ...]:
    """The levels of a row: whose row it is, is in doubt where its name is."""
    branch = _branch(name)
    return f"{branch}.level1", f"{branch}.level2"


def _is_better(one: Reading, two: Reading) -> bool:
    """Whether the model's reading stands: it has a value where the table reader has no cell, or one
    that it could not read."""
    return one.standing in ("absent", "unread") and two.value is not None


def _same(family: Family, path: str, one: str | None, two: str | None) -> bool:
    return one == two if one is None or two is None else same(family, path, two, one)


def _paths(path: str, rows: Mapping[str, Sequence[Pair]]) -> tuple[str | None, str | None]:
    """A path of the joined form as the table reader and as the model number their rows."""
    listed = _LISTED.fullmatch(path) if "[" in path else None
    if listed is None:
        return path, path
    section, number, rest = listed.groups()
    one, two = (
        None if index is None else f"{section}[{index}]{rest}"
        for index in rows[section][int(number)]
    )
    return one, two


def _paired(partners: Mapping[int, int], ours: int, theirs: int) -> list[Pair]:
    """All rows of both in the order of the page; ``partners`` are {model's: table reader's}."""
    pairs: list[Pair] = []
    at = 0
    for two in range(theirs):
        one = partners.get(two)
        if one is not None:
            pairs += [(row, None) for row in range(at, one)]
            at = one + 1
        pairs.append((one, two))
    return pairs + [(row, None) for row in range(at, ours)]


def _on_the_page(section: str, pairs: Sequence[Pair], model: FormReading) -> Iterator[Pair]:
    """The rows of which something stands on the page; a model may make one up."""
    stands = {
        int(listed[2])
        for path, reading in model.readings.items()
        if (listed := _LISTED.fullmatch(path)) and listed[1] == section
        if reading.standing == "read"
    }
    return ((one, two) for one, two in pairs if one is not None or two in stands)


def _rows_of_one(
    pairs: Sequence[Pair], placed: Placed, readings: Mapping[str, Reading]
) -> Iterator[Dispute]:
    """Rows that one reader has and the other has not; one that stands nowhere on the page is told
    at the row above it."""
    for index, (one, two) in enumerate(pairs):
        path = f"indicators[{index}].name"
        name = readings[path].value or "—"
        if one is None or two is None:
            names = (name, None) if two is None else (None, name)
            yield Dispute(path, *names, is_row=True, row=_filled(readings, index))
    known = {two for _, two in pairs}
    for two in range(len(placed.reading.row_ids) if pairs else 0):
        if two not in known:
            above = (i for i, (_, n) in enumerate(pairs) if n is not None and n < two)
            path = f"indicators[{max(above, default=0)}].name"
            claim = placed.claims.get(f"indicators[{two}].name") or "—"
            yield Dispute(path, None, claim, is_row=True)


def _filled(readings: Mapping[str, Reading], index: int) -> tuple[str, ...]:
    """The fields of a row that hold anything."""
    begins = f"indicators[{index}]."
    return tuple(
        path for path, one in readings.items() if path.startswith(begins) and one.value is not None
    )


def _distinct(ids: Sequence[str]) -> tuple[str, ...]:
    """Ids made different where a row of one reader says what a row of the other says."""
    found: list[str] = []
    for one in ids:
        new, again = one, 2
        while new in found:
            new, again = f"{one}-{again}", again + 1
        found.append(new)
    return tuple(found)

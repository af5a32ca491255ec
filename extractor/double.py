"""Double entry: two blind readings of one form → one, and where the two disagree.

What both read the same is better supported than either alone. Where they differ, what the table
reader found under its labels stands, for it is on the page at that place; the other value is kept
beside it and a person decides. Where the table reader has no such cell, the model's reading
stands alone.

Rows are the same where they share printed cells, else where they stand between the same rows. A
row that only one reader has is one disagreement, not one for each of its cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from extractor.families.base import Family
from extractor.numbers import read_number
from extractor.readers.cells import read_cells
from extractor.text import compare_key
from extractor.types import Cell, FormReading, Reading

Claims = Mapping[str, str | None]
Pair = tuple[int | None, int | None]
"""A row of the table reader and one of the model; one that a reader lacks is ``None`` there."""

_LISTED = re.compile(r"(\w+)\[(\d+)\](.*)")
_SECTIONS = ("indicators", "groups")


class Dispute(NamedTuple):
    """A field that two readers read differently.

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


def doubled(
    family: Family, table: FormReading, model: FormReading, claims: Claims, anchored: bool = True
) -> Doubled:
    """The two readings of a form settled field by field.

    ``model`` is placed in the page; ``claims`` are all its values as it gave them. A page on which
    the table reader finds no table is not ``anchored``: then the model's places stand.
    """
    if anchored:
        model = _in_free_places(table, model)
    rows = {
        "indicators": _paired(table, model, "indicators", len(table.row_ids), len(model.row_ids)),
        "groups": _paired(table, model, "groups", table.groups, model.groups),
    }
    if anchored:
        rows = {name: _without_inventions(name, pairs, model) for name, pairs in rows.items()}
    readings: dict[str, Reading] = {}
    agreed: set[str] = set()
    disputes: list[Dispute] = []
    for path, _ in family.paths(len(rows["indicators"]), len(rows["groups"])):
        here, there = _paths(path, rows)
        one = table.readings.get(here) if here else None
        two = model.readings.get(there) if there else None
        claim = as_read(family, path, claims.get(there)) if there else None
        stands = _standing(one, two, anchored)
        readings[path] = (stands or Reading(path, "absent"))._replace(path=path)
        if here is None or there is None:
            continue
        if stands is one and one is not None and one.standing != "unread":
            if not same(family, path, one.value, claim):
                disputes.append(Dispute(path, one.value, claim))
            elif one.value is not None:
                agreed.add(path)
        elif two is not None and two.value is not None and one is not None:
            agreed |= {path} if same(family, path, one.value, two.value) else set()
    ids = [
        table.row_ids[one] if one is not None else model.row_ids[two or 0]
        for one, two in rows["indicators"]
    ]
    unread = table.unread if anchored else model.unread
    reading = FormReading("both", readings, _distinct(ids), len(rows["groups"]), unread)
    alone = _alone(rows, table, model, claims, readings) if anchored else []
    return Doubled(reading, frozenset(agreed), (*alone, *disputes))


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


def _standing(one: Reading | None, two: Reading | None, anchored: bool) -> Reading | None:
    """Which of two readings of a field stands."""
    if one is None or two is None:
        return one or two
    if not anchored:
        return two if two.value is not None or one.value is None else one
    is_open = one.standing in ("absent", "unread")
    return two if is_open and two.value is not None else one


def same(family: Family, path: str, one: str | None, two: str | None) -> bool:
    if one is not None and two is not None and family.is_number(path):
        here, there = read_number(one), read_number(two)
        return here is not None and there is not None and here[0].value == there[0].value
    # How words are spaced is no reading of them.
    return compare_key("prose", one) == compare_key("prose", two)


def as_read(family: Family, path: str, claim: str | None) -> str | None:
    """What a model gave for a field, normalised as a cell that prints it would be."""
    text = (claim or "").strip()
    if not text:
        return None
    reading = read_cells(path, family.kind(path), [Cell(text, 0, len(text))], None)
    return text if reading.standing == "unread" else reading.value


def _paths(path: str, rows: Mapping[str, Sequence[Pair]]) -> tuple[str | None, str | None]:
    """A path of the joined form as the table reader and as the model number their rows."""
    listed = _LISTED.fullmatch(path)
    if listed is None:
        return path, path
    section, number, rest = listed.groups()
    one, two = (
        None if index is None else f"{section}[{index}]{rest}"
        for index in rows[section][int(number)]
    )
    return one, two


def _paired(
    table: FormReading, model: FormReading, section: str, ours: int, theirs: int
) -> list[Pair]:
    """The rows of both in the order of the page."""
    owner = {span: index for index, spans in _spans(table, section, ours).items() for span in spans}
    pairs: list[Pair] = []
    at_one = at_two = 0
    for two, spans in _spans(model, section, theirs).items():
        shared = [owner[span] for span in spans if span in owner]
        one = max(set(shared), key=shared.count, default=None)
        if one is None or one < at_one:
            continue
        pairs += [*_between(at_one, one, at_two, two), (one, two)]
        at_one, at_two = one + 1, two + 1
    return pairs + _between(at_one, ours, at_two, theirs)


def _between(one: int, ours: int, two: int, theirs: int) -> list[Pair]:
    """Rows that share nothing, between rows that do: one by one where both have as many."""
    if ours - one == theirs - two:
        return list(zip(range(one, ours), range(two, theirs), strict=True))
    return [(row, None) for row in range(one, ours)] + [(None, row) for row in range(two, theirs)]


def _spans(reading: FormReading, section: str, count: int) -> dict[int, set[tuple[int, int]]]:
    """The places of the cells of each row; levels stand in several and tell nothing."""
    found: dict[int, set[tuple[int, int]]] = {index: set() for index in range(count)}
    for path, one in reading.readings.items():
        listed = _LISTED.fullmatch(path)
        if listed and listed[1] == section and (section == "groups" or "level" not in listed[3]):
            found[int(listed[2])] |= set(one.spans)
    return found


def _without_inventions(section: str, pairs: list[Pair], model: FormReading) -> list[Pair]:
    """A row of the model's of which nothing stands on the page is no row."""
    stands = {
        int(listed[2])
        for path, reading in model.readings.items()
        if (listed := _LISTED.fullmatch(path)) and listed[1] == section
        if reading.standing == "read"
    }
    return [(one, two) for one, two in pairs if one is not None or two in stands]


def rows_missed(
    table: FormReading, model: FormReading, claims: Claims, anchored: bool
) -> tuple[Dispute, ...]:
    """The rows that a model alone left out of a table, each told at the row before it."""
    pairs = _paired(table, model, "indicators", len(table.row_ids), len(model.row_ids))
    if not anchored:
        return ()
    found: list[Dispute] = []
    last = 0
    for one, two in pairs:
        last = last if two is None else two
        if two is None and model.row_ids:
            name = table.readings[f"indicators[{one}].name"].value or "—"
            found.append(Dispute(f"indicators[{last}].name", name, None, is_row=True))
    return tuple(found)


def _alone(
    rows: Mapping[str, Sequence[Pair]],
    table: FormReading,
    model: FormReading,
    claims: Claims,
    readings: Mapping[str, Reading],
) -> Iterator[Dispute]:
    """Rows that one reader has and the other has not, each told at the name of a row."""
    if not model.row_ids and not table.row_ids:
        return
    pairs = rows["indicators"]
    for index, (one, two) in enumerate(pairs):
        path = f"indicators[{index}].name"
        name = readings[path].value or "—"
        if one is None or two is None:
            row = _filled(readings, index)
            yield Dispute(path, *((name, None) if two is None else (None, name)), True, row)
    known = {two for _, two in pairs}
    for two in range(len(model.row_ids)):
        if two not in known and pairs:
            above = (i for i, (_, n) in enumerate(pairs) if n is not None and n < two)
            before = max(above, default=0)
            claim = claims.get(f"indicators[{two}].name") or "—"
            yield Dispute(f"indicators[{before}].name", None, claim, is_row=True)


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

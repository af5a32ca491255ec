"""Lone cells → the rows of an indicator table whose blank cells were left out.

A row prints its cells in the order of the columns: the levels that begin with it, perhaps the
weight of its group, then name, target, actual and points, perhaps a note. Which of them it leaves
out is its *shape*. Among all ways to cut the cells into rows the one counts that leaves the fewest
cells over; each cell must be able to be what the shape makes of it (:mod:`extractor.readers.lone`).
Only rows that stand in every such way are taken. ``score note name`` and ``score level-2 name``
have equally many cells: where the note could as well be a level it is left over too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from extractor.families.levels import LEVEL2, LEVELS, complete, cut
from extractor.numbers import read_number
from extractor.readers import lone
from extractor.readers.align import is_points
from extractor.text import is_blank, tidy
from extractor.types import Cell

Shape = tuple[str, ...]
"""The roles of the cells of a row, in page order; no roles for a cell that is left over."""

_LEVELS = ("level1", "group_weight", "level2", "group_note")
_OPTIONAL = frozenset({*_LEVELS, "measure", "deviation"})
_LEFT_OVER = 1000
"""What a cell costs that no row takes; all other costs of a row together are less."""
_BELOW_SCORE = 200
_NO_POINTS = 50
_MISREAD = 20
_UNLIKELY = 10
_UNKNOWN_LEVEL = 5
_SHORT_NOTE = 4
_NOTE_AT_FULL_SCORE = 4
_HABIT = 0.8
_FEWEST_ROWS = 3


class LineRow(NamedTuple):
    """A row with the index of the cell of each role; ``doubtful`` next to cells left over."""

    start: int
    end: int
    cells: Mapping[str, int]
    doubtful: bool


def line_rows(cells: Sequence[Cell], roles: Sequence[str]) -> list[LineRow]:
    """The rows in the cells between a header and the total, in page order."""
    if not {"name", "score"} <= set(roles) or len(set(roles)) < len(roles):
        return []
    return list(_Cutting(cells, tuple(roles)).rows())


def _shapes(roles: Shape) -> list[Shape]:
    """Every choice of what a row prints: a group's weight and note only where the group begins."""
    options = [(False, True) if role in _OPTIONAL else (True,) for role in roles]
    shapes: list[Shape] = []
    for choice in product(*options):
        shape = tuple(role for role, taken in zip(roles, choice, strict=True) if taken)
        begins = "level1" in shape
        if begins or not {"group_weight", "group_note"} & set(shape):
            shapes.append(shape)
    return shapes


@lru_cache(maxsize=8192)
def _prices(text: str) -> dict[str, int]:
    """What a cell may be, and how little it looks like it."""
    name = lone.level_name(Cell(text, 0, len(text)))
    dash = is_blank(text)
    prices: dict[str, int] = {}
    if dash:
        prices |= {"level1": 2, "group_weight": 2, "level2": 1, "deviation": 0, "measure": 0}
        return prices | {"weight": _NO_POINTS, "score": _NO_POINTS, "target": 5, "actual": 5}
    if lone.can_be_level1(name, text):
        prices["level1"] = _MISREAD if name is None else 6 * name.startswith("成本")
    if lone.can_be_level2(name, text):
        unknown = _MISREAD if lone.is_level_like(text) else _UNKNOWN_LEVEL
        prices["level2"] = unknown if name is None else 6 * name.startswith("满意度")
    if is_points(text):
        prices |= {"group_weight": 0, "weight": 0, "score": 0}
    elif lone.looks_like_points(text):
        prices |= {"weight": _MISREAD, "score": _MISREAD}
    if lone.can_be_name(name, text):
        prices["name"] = _UNLIKELY if name else 0
    if lone.can_be_quantity(name, text):
        prices |= {"target": 0, "actual": 0}
    if lone.is_nature(text) or len(text) <= 2:
        prices["nature"] = 0 if lone.is_nature(text) else _UNLIKELY
    if lone.can_be_measure(text):
        prices["measure"] = 0
    if lone.can_be_note(name, text):
        prices["deviation"] = 0 if lone.is_sentence(text) else _SHORT_NOTE
    if lone.can_be_group_note(text):
        prices["group_note"] = 0
    return prices


class _Cutting:
    """The cells of one table, and the cheapest ways to cut them into rows."""

    def __init__(self, cells: Sequence[Cell], roles: Shape) -> None:
        self.cells = cells
        self.texts = [cell.text for cell in cells]
        self.prices = [_prices(text) for text in self.texts]
        self.names = [lone.level_name(cell) for cell in cells]
        self._take_rests()
        self.shapes = _shapes(roles)
        self.is_spread = "nature" in roles
        self.unknown_levels = self._unknown_levels()
        self.ways = self._ways()

    def _take_rests(self) -> None:
        """Counts ``指标可持续影响指标`` as a level 2 after one that lacks 指标."""
        above = ""
        for at, name in enumerate(self.names):
            begins = cut(above, tidy(self.texts[at])) if above and name is None else None
            if begins is not None:
                self.names[at] = name = tidy(self.texts[at])[begins:]
                self.prices[at] = {"level2": 0}
            if name in LEVEL2:
                above = "" if complete(name) else name

    def _unknown_levels(self) -> list[bool]:
        """For each cell whether the group that it stands in began with an unknown level 2."""
        found: list[bool] = []
        unknown = False
        for at, name in enumerate(self.names):
            found.append(unknown)
            if name in LEVELS and "level1" in self.prices[at]:
                after = at + 1
                while after < len(self.cells) and is_points(self.texts[after]):
                    after += 1
                second = self.names[after] if after < len(self.cells) else None
                unknown = second is None and not lone.is_listing(self._text(after))
        return found

    def _text(self, at: int) -> str:
        return self.texts[at] if at < len(self.texts) else ""

    # Ways to cut

    def _ways(self) -> list[list[Shape]]:
        """For each cell the shapes with which a cheapest way goes on from it."""
        costs = [0] * (len(self.cells) + 1)
        ways: list[list[Shape]] = [[] for _ in self.cells]
        for at in range(len(self.cells) - 1, -1, -1):
            left_over = 1 if is_blank(self.texts[at]) else _LEFT_OVER
            best, found = left_over + costs[at + 1], list[Shape]([()])
            for shape in self.shapes:
                price = self._price(at, shape)
                if price is None:
                    continue
                cost = price + costs[at + len(shape)]
                if cost < best:
                    best, found = cost, [shape]
                elif cost == best:
                    found.append(shape)
            costs[at], ways[at] = best, found
        return ways

    def _price(self, at: int, shape: Shape) -> int | None:
        """The cost of a row of this shape, ``None`` where its cells cannot be that."""
        if at + len(shape) > len(self.cells):
            return None
        total = 0
        for index, role in enumerate(shape, at):
            price = self.prices[index].get(role)
            if price is None:
                return None
            total += price
        row = dict(zip(shape, range(at, at + len(shape)), strict=True))
        if not (self._levels_fit(row) and self._quantities_fit(row)):
            return None
        lost = self._lost(row)
        total += _BELOW_SCORE if lost is not None and lost < 0 else 0
        if "deviation" in row:
            note = row["deviation"]
            if self.texts[note] == self._text(note + 1):
                return None
            total += _NOTE_AT_FULL_SCORE if self._is_short_note(note) and not lost else 0
        return total

    def _levels_fit(self, row: Mapping[str, int]) -> bool:
        """Whether level names that are not in the vocabulary stand where they can be believed."""
        first, second = row.get("level1"), row.get("level2")
        known = second is not None and self.names[second] in LEVEL2
        if first is not None and self.names[first] is None and not is_blank(self.texts[first]):
            return known
        if second is None or known or first is not None or is_blank(self.texts[second]):
            return True
        text = self.texts[second]
        return lone.is_level_like(text) or (
            self.unknown_levels[second] and not lone.is_listing(text)
        )

    def _quantities_fit(self, row: Mapping[str, int]) -> bool:
        """Whether target and actual can stand beside each other."""
        target, actual = self._of(row, "target"), self._of(row, "actual")
        nature, measure = self._of(row, "nature"), self._of(row, "measure")
        if lone.starts_with_operator(actual) and not lone.starts_with_operator(nature + target):
            return False
        if not self.is_spread:
            return True
        if "定性" in nature:
            return not is_points(actual) and (not measure or lone.looks_like_unit(measure))
        if not any(map(str.isdigit, target)):
            return lone.is_nature(nature) and not lone.looks_like_unit(target)
        has_lost_unit = lone.looks_like_unit(actual) or lone.is_unit_and_number(actual)
        return "measure" in row or not has_lost_unit

    def _of(self, row: Mapping[str, int], role: str) -> str:
        return self.texts[row[role]] if role in row else ""

    def _lost(self, row: Mapping[str, int]) -> float | None:
        """How many points a row lost, ``None`` where that cannot be told."""
        weight, score = (read_number(self._of(row, role)) for role in ("weight", "score"))
        return float(weight[0].value - score[0].value) if weight and score else None

    def _is_short_note(self, at: int) -> bool:
        return not is_blank(self.texts[at]) and not lone.is_sentence(self.texts[at])

    # Rows

    def rows(self) -> Iterator[LineRow]:
        """The rows that stand in every cheapest way."""
        taken = list(self._certain())
        noted = sum("deviation" in shape for _, shape in taken if shape)
        count = sum(bool(shape) for _, shape in taken)
        habit = count >= _FEWEST_ROWS and noted >= _HABIT * count
        pieces: list[tuple[int, int, dict[str, int]]] = []
        for at, shape in taken:
            row = dict(zip(shape, range(at, at + len(shape)), strict=True))
            end = at + max(len(shape), 1)
            if not habit and "deviation" in row and self._is_contested(row):
                del row["deviation"]
                pieces += [(at, end - 1, row), (end - 1, end, {})]
            else:
                pieces.append((at, end, row))
        return self._judged(pieces)

    def _certain(self) -> Iterator[tuple[int, Shape]]:
        """Rows and cells left over: a row is certain where all cheapest ways pass and agree."""
        reached, furthest, at = {0}, 0, 0
        while at < len(self.cells):
            is_crossing = furthest <= at
            if at in reached:
                reached.discard(at)
                ends = [at + max(len(shape), 1) for shape in self.ways[at]]
                reached.update(ends)
                furthest = max(furthest, *ends)
                if is_crossing and len(ends) == 1:
                    yield at, self.ways[at][0]
                    at = ends[0]
                    continue
            yield at, ()
            at += 1

    def _is_contested(self, row: Mapping[str, int]) -> bool:
        """Whether a note may as well belong to the next row: it is short, and a row follows."""
        note = row["deviation"]
        after = note + 1
        if not self._is_short_note(note) or after >= len(self.cells):
            return False
        if self.names[after] in LEVELS and "level1" in self.prices[after]:
            return False
        may_be_level = self.unknown_levels[note] and lone.is_plain(self.texts[note])
        return may_be_level or not (self._lost(row) or 0) > 0

    def _judged(self, pieces: Sequence[tuple[int, int, dict[str, int]]]) -> Iterator[LineRow]:
        """The rows among the pieces; what was left over casts doubt on its neighbours.

        A level name may be among it, so the doubt lasts until a row has a level 1 of its own.
        """
        doubt = beside = False
        for index, (start, end, row) in enumerate(pieces):
            if not row:
                left_over = not is_blank(self.texts[start])
                doubt, beside = doubt or left_over, beside or left_over
                continue
            if "level1" in row and not is_blank(self.texts[row["level1"]]):
                doubt = False
            following = pieces[index + 1] if index + 1 < len(pieces) else None
            before = following is not None and not following[2]
            before = before and not is_blank(self._text(end))
            yield LineRow(start, end, row, doubt or beside or before)
            beside = False

"""One cell a line → rows again.

Text taken from a page cell by cell has lost its rows. Where blank lines still stand for blank
cells, every row has as many lines as its header has columns, and counting restores the table
(:mod:`extractor.readers.counted`). Where blank cells are gone too, labels and the kinds of cells do
it here: a labelled row of amounts has a value for each header, and an indicator has a cell for
each column but its levels and its note. A row for which that does not come out is left in single
cells, which nothing then claims.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from extractor.families.base import Family
from extractor.families.levels import LEVEL1, LEVELS
from extractor.grid import Row
from extractor.numbers import read_number
from extractor.readers.align import is_points
from extractor.readers.counted import counted
from extractor.readers.levels import level_of
from extractor.segment import title_of, year_of
from extractor.text import is_blank, label_key
from extractor.types import Cell

_FEWEST_LINES = 12
_LINES_SHARE = 0.9


def reflow(text: str, rows: Sequence[Row], family: Family) -> list[Row]:
    """The rows of a form; those of a form printed one cell a line are put together first."""
    lines = [row for row in rows if row.shape == "line"]
    if len(lines) < _FEWEST_LINES or len(lines) < _LINES_SHARE * len(rows):
        return list(rows)
    return (
        counted(text, family)
        or _Reflow([cell for r in rows for _, cell in r.filled], family).rows()
    )


class _Reflow:
    """The walk over the cells of one form, in their order on the page."""

    def __init__(self, cells: Sequence[Cell], family: Family) -> None:
        self.cells = list(cells)
        self.layout = family.layout
        self.made: list[Row] = []
        self.at = 0

    def rows(self) -> list[Row]:
        """Every cell in exactly one row, in page order."""
        while self.at < len(self.cells):
            if not (self._header() or self._labelled()):
                self._row(1)
        return self.made

    def _row(self, count: int) -> None:
        self._add(self.cells[self.at : self.at + count], count)

    def _add(self, cells: list[Cell], count: int) -> None:
        self.made.append(Row(cells, "line", len(self.made), cells[0].start))
        self.at += count

    def _key(self, index: int) -> str:
        return label_key(self.cells[index].text) if index < len(self.cells) else ""

    def _is_label(self, index: int) -> bool:
        """Whether a cell is a printed label; the end of the page counts as one."""
        if index >= len(self.cells):
            return True
        text = self.cells[index].text
        is_label = self._key(index) in self.layout.labels
        return is_label or bool(title_of(text) or year_of(text))

    def _run(self, labels: Collection[str]) -> int:
        """How many cells from here on bear one of the labels."""
        count = 0
        while self.at + count < len(self.cells) and self._key(self.at + count) in labels:
            count += 1
        return count

    def _header(self) -> bool:
        columns, funds = self._run(self.layout.columns), self._run(self.layout.matrix.columns)
        if columns >= 4 and columns >= funds:
            names = [self.layout.columns[self._key(self.at + i)] for i in range(columns)]
            self._row(columns)
            self._indicators(names)
            return True
        if funds >= 3 and not self._is_cut():
            start = self.cells[self.at].start
            self._add([Cell("", start, start), *self.cells[self.at : self.at + funds]], funds)
            self._matrix(funds)
            return True
        return False

    def _is_cut(self) -> bool:
        """Whether the first header is only the rest of a label: ``年初`` on the line before."""
        before, columns = self._key(self.at - 1) if self.at else "", self.layout.matrix.columns
        return before not in columns and before + self._key(self.at) in columns and bool(before)

    def _labelled(self) -> bool:
        """A head label and its value, or the goals and their texts."""
        key = self._key(self.at)
        if key in self.layout.goals:
            labels = self._run(self.layout.goals)
            self._row(labels)
            values = 0
            while not self._is_label(self.at + values):
                values += 1
            if values == labels:
                self._row(values)
            return True
        if key in self.layout.head or key in self.layout.grades:
            self._row(1 if self._is_label(self.at + 1) else 2)
            return True
        return False

    def _matrix(self, width: int) -> None:
        """Rows of known labels; a row that has not one value for each header keeps none of them.

        A column of reasons at the end is left out of the count: it is blank more often than not.
        """
        if self.layout.matrix.columns.get(self._key(self.at - 1)) == "reason":
            width -= 1
        while self._key(self.at) in self.layout.matrix.rows:
            values = 0
            while not self._is_label(self.at + 1 + values) and self._is_value(self.at + 1 + values):
                values += 1
            if values == width:
                self._row(1 + values)
            else:
                for _ in range(1 + values):
                    self._row(1)

    def _is_value(self, index: int) -> bool:
        text = self.cells[index].text
        return is_blank(text) or read_number(text) is not None

    def _indicators(self, names: list[str]) -> None:
        """Rows with a cell for each column, as long as that comes out; then the total."""
        if "group_weight" in names or names.count("weight") != 1:
            names = ["group_weight" if n == "weight" else n for n in names[:2]] + names[2:]
        while not self._is_label(self.at):
            if not self._indicator(names):
                return
        if self._key(self.at) in self.layout.totals:
            self._total(names)

    def _indicator(self, names: list[str]) -> bool:
        """One row: the levels it prints, a cell for each further column, perhaps a note."""
        placed = self._levels(names)
        if not placed.keys() <= set(names):
            return False
        taken = self.at + len(placed)
        for name in names:
            if name in ("level1", "level2", "group_weight", "deviation"):
                continue
            if self._is_label(taken) or is_points(self.cells[taken].text) < (name in _POINTS):
                return False
            placed[name] = self.cells[taken]
            taken += 1
        if names[-1] == "deviation" and self._is_note(taken, names):
            placed["deviation"] = self.cells[taken]
            taken += 1
        end = self.cells[taken - 1].end
        self._add([placed.get(name, Cell("", end, end)) for name in names], taken - self.at)
        return True

    def _levels(self, names: list[str]) -> dict[str, Cell]:
        """The level cells in front of a row, and the weight of the group that one opens."""
        found: dict[str, Cell] = {}
        at = self.at
        if (self._level(at) in LEVEL1 and self._level(at) != "成本指标") or self._level(at + 1):
            found["level1"] = self.cells[at]
            at += 1
            if "group_weight" in names and at < len(self.cells) and is_points(self.cells[at].text):
                found["group_weight"] = self.cells[at]
                at += 1
        if self._level(at):
            found["level2"] = self.cells[at]
        return found

    def _level(self, index: int) -> str | None:
        """The level name that a cell holds, ``None`` where it holds none."""
        if index >= len(self.cells):
            return None
        name = level_of(self.cells[index]).value
        return name if name in LEVELS else None

    def _is_note(self, index: int, names: list[str]) -> bool:
        """Whether a cell is the note of the row before and not the name of the next.

        Counted from the points that the next row must have: a note is one cell too many.
        """
        if self._is_label(index) or self._level(index):
            return False
        before = [n for n in names if n not in ("level1", "level2", "group_weight", "deviation")]
        first = next(i for i, n in enumerate(before) if n in _POINTS)
        at = index
        while not self._is_label(at) and not self._level(at):
            if at - index > first or is_points(self.cells[at].text):
                break
            at += 1
        if self._is_label(at) or self._level(at):
            return at == index + 1
        return at == index + first + 1

    def _total(self, names: list[str]) -> None:
        """The total's label and a number for each column of points."""
        lanes = [i for i, n in enumerate(names) if n in _POINTS]
        numbers = self.cells[self.at + 1 : self.at + 1 + len(lanes)]
        if len(numbers) < len(lanes) or not all(is_points(cell.text) for cell in numbers):
            return
        end = self.cells[self.at].end
        cells = [Cell("", end, end) for _ in names]
        cells[0] = self.cells[self.at]
        for lane, number in zip(lanes, numbers, strict=True):
            cells[lane] = number
        self._add(cells, 1 + len(lanes))


_POINTS = frozenset({"weight", "score"})

"""One cell a line → rows again.

Text taken from a page cell by cell has lost its rows. Where blank lines still stand for blank
cells, every row has as many lines as the header has columns, and counting restores the table.
Where blank cells are gone too, labels and the shape of the cells do it: a row of the funds has a
value for each header or is left apart, and an indicator ends with its two numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.families.base import Family
from extractor.families.levels import LEVELS
from extractor.grid import Row
from extractor.numbers import read_number
from extractor.segment import title_of, year_of
from extractor.text import is_blank, label_key, tidy
from extractor.types import Cell

_LINES_SHARE = 0.9
_MOST_LABEL_LINES = 4


def reflow(rows: Sequence[Row], family: Family) -> list[Row]:
    """The rows of a form; those of a form printed one cell a line are put together first."""
    lines = [row for row in rows if row.shape == "line"]
    if len(lines) < 12 or len(lines) < _LINES_SHARE * len(rows):
        return list(rows)
    return _Reflow([row.cells[0] for row in rows if row.cells[0].text], family).rows()


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
        cells = self.cells[self.at : self.at + count]
        self.made.append(Row(cells, "line", len(self.made), cells[0].start))
        self.at += count

    def _key(self, index: int) -> str:
        return label_key(self.cells[index].text) if index < len(self.cells) else ""

    def _is_label(self, index: int) -> bool:
        if index >= len(self.cells):
            return True
        layout, key, text = self.layout, self._key(index), self.cells[index].text
        known = (
            *(layout.head, layout.goals, layout.matrix.rows, layout.matrix.columns),
            *(layout.columns, layout.totals, layout.grades, layout.headings),
        )
        return any(key in labels for labels in known) or bool(title_of(text) or year_of(text))

    def _run(self, labels: object) -> int:
        """How many cells from here on are column headers."""
        count = 0
        while self.at + count < len(self.cells) and self._key(self.at + count) in labels:  # type: ignore[operator]
            count += 1
        return count

    def _header(self) -> bool:
        columns = self._run(self.layout.columns)
        funds = self._run(self.layout.matrix.columns)
        if columns >= 4 and columns >= funds:
            names = [self.layout.columns[self._key(self.at + i)] for i in range(columns)]
            self._row(columns)
            self._indicators(names)
            return True
        if funds >= 3:
            self._row(funds)
            self._matrix(funds)
            return True
        return False

    def _labelled(self) -> bool:
        """A head label and its value, or the goals and their texts."""
        key = self._key(self.at)
        if key in self.layout.goals:
            labels = self._run(self.layout.goals)
            self._row(labels)
            values = 0
            while values < labels and not self._is_label(self.at + values):
                values += 1
            if values:
                self._row(values)
            return True
        if key in self.layout.head or key in self.layout.grades:
            self._row(1 if self._is_label(self.at + 1) else 2)
            return True
        return False

    def _matrix(self, width: int) -> None:
        """Rows of known labels; a row that has not one value for each header keeps none of them."""
        blank = Cell("", self.cells[self.at - 1].end, self.cells[self.at - 1].end)
        header = self.made[-1]
        header.cells = [blank, *header.cells]
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
        """Rows that end with a number under weight and one under score."""
        if [n for n in names if n in ("weight", "score")] != ["weight", "score"]:
            return
        if names.index("score") != names.index("weight") + 1:
            return
        while self.at < len(self.cells) and not self._is_label(self.at):
            points = self._points()
            if points is None:
                return
            if not self._indicator(names, points):
                return
        if self._key(self.at) in self.layout.totals:
            self._total(names)

    def _points(self) -> int | None:
        """Where the next two numbers in a row stand, before any label."""
        for index in range(self.at, min(self.at + 12, len(self.cells) - 1)):
            if self._is_label(index):
                return None
            if self._number(index) and self._number(index + 1):
                return index
        return None

    def _number(self, index: int) -> bool:
        return index < len(self.cells) and read_number(self.cells[index].text) is not None

    def _indicator(self, names: list[str], points: int) -> bool:
        """One row: levels by their names, then name, target, actual, points and perhaps a note."""
        before = self.cells[self.at : points]
        levels = [cell for cell in before if tidy(cell.text) in LEVELS]
        texts = before[len(levels) :]
        wanted = [n for n in names[: names.index("weight")] if not n.startswith("level")]
        if before[: len(levels)] != levels or len(levels) > 2 or len(texts) != len(wanted):
            return False
        placed: dict[str, Cell] = dict(zip(wanted, texts, strict=True))
        placed["weight"], placed["score"] = self.cells[points], self.cells[points + 1]
        for cell, name in zip(reversed(levels), ("level2", "level1"), strict=False):
            placed[name] = cell
        if len(levels) == 1 and tidy(levels[0].text) in ("产出指标", "效益指标", "满意度指标"):
            placed["level1"] = placed.pop("level2")
        taken = points + 2
        if "deviation" in names and self._is_note(taken, len(wanted)):
            placed["deviation"] = self.cells[taken]
            taken += 1
        end = self.cells[taken - 1].end
        cells = [placed.get(name, Cell("", end, end)) for name in names]
        self.made.append(Row(cells, "line", len(self.made), before[0].start))
        self.at = taken
        return True

    def _is_note(self, index: int, texts: int) -> bool:
        """Whether one cell more stands before the next row's name than the row itself needs."""
        if self._is_label(index) or tidy(self.cells[index].text) in LEVELS:
            return False
        count = 0
        while not self._is_label(index + count) and not (
            self._number(index + count) and self._number(index + count + 1)
        ):
            if tidy(self.cells[index + count].text) in LEVELS:
                return count == 1
            count += 1
        return count == (1 if self._is_label(index + count) else texts + 1)

    def _total(self, names: list[str]) -> None:
        end = self.cells[self.at].end
        if not (self._number(self.at + 1) and self._number(self.at + 2)):
            return
        cells = [Cell("", end, end) for _ in names]
        cells[0] = self.cells[self.at]
        weight = names.index("weight")
        cells[weight], cells[weight + 1] = self.cells[self.at + 1], self.cells[self.at + 2]
        self.made.append(Row(cells, "line", len(self.made), self.cells[self.at].start))
        self.at += 3

"""One cell a line → rows again.

Text taken from a page cell by cell has lost its rows. Where blank lines still stand for blank
cells, every row has as many lines as its header has columns, and counting restores the table
(:mod:`extractor.readers.counted`). Where blank cells are gone too, labels and the kinds of cells do
it here: a labelled row of amounts has a value for each header, and an indicator has a cell for
each column but its levels and its note. A row for which that does not come out is left in single
cells, which nothing then claims.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from extractor.families.base import Family
from extractor.families.levels import joined
from extractor.grid import Row
from extractor.numbers import read_number
from extractor.readers.align import is_points
from extractor.readers.counted import counted
from extractor.readers.line_rows import line_rows
from extractor.segment import title_of, year_of
from extractor.text import is_blank, is_stamp, label_key, tidy
from extractor.types import Cell

_FEWEST_LINES = 12
_LINES_SHARE = 0.9
_FEWEST_COLUMNS = 4
_POINTS = frozenset({"weight", "score"})
_GROUP_WEIGHT = label_key("权重")
_GRADE = re.compile(
    r"(?:优|良|中|差|合格|基本合格|不合格|优秀|良好|中等|一般|较差|及格|不及格|[A-Da-d])等?级?"
)


def reflow(text: str, rows: Sequence[Row], family: Family) -> list[Row]:
    """The rows of a form; those of a form printed one cell a line are put together first."""
    lines = [row for row in rows if row.shape == "line"]
    if len(lines) < _FEWEST_LINES or len(lines) < _LINES_SHARE * len(rows):
        return list(rows)
    return counted(text, family) or _put_together(
        [cell for r in rows for _, cell in r.filled], family
    )


def _put_together(cells: Sequence[Cell], family: Family) -> list[Row]:
    """The rows of the cells of a form; a page stamp between them is a row of its own."""
    stamps = [cell for cell in cells if is_stamp(cell.text)]
    made = _Reflow([cell for cell in cells if not is_stamp(cell.text)], family).rows()
    made += [Row([cell], "line", 0, cell.start) for cell in stamps]
    made.sort(key=lambda row: row.start)
    for block, row in enumerate(made):
        row.block = block
    return made


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

    def _add(self, cells: list[Cell], count: int, odd: bool = False) -> None:
        self.made.append(Row(cells, "line", 0, self.cells[self.at].start, odd))
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

    def _is_value_of_a_label(self, index: int) -> bool:
        return not self._is_label(index) and not self._holds_label(self.cells[index])

    def _holds_label(self, cell: Cell) -> bool:
        """Whether a label ran into the text of a cell, with a space between the two."""
        parts = cell.text.split()
        return len(parts) > 1 and label_key(parts[-1]) in self.layout.labels

    def _run(self, labels: Collection[str], start: int) -> int:
        """How many cells from one on bear one of the labels."""
        end = start
        while end < len(self.cells) and self._key(end) in labels:
            end += 1
        return end - start

    def _header(self) -> bool:
        columns = self._run(self.layout.columns, self.at)
        funds = self._run(self.layout.matrix.columns, self.at)
        if columns >= _FEWEST_COLUMNS and columns >= funds:
            self._indicators(self._indicator_header(columns))
            return True
        if funds >= 3 and not self._is_cut():
            start = self.cells[self.at].start
            self._add([Cell("", start, start), *self.cells[self.at : self.at + funds]], funds)
            self._matrix(funds)
            return True
        return False

    def _indicator_header(self, count: int) -> list[str]:
        """Takes the header and tells the role of each column.

        Of two weights the one called 权重 is that of the group. Where groups have notes, these get
        a column of their own in front of the name.
        """
        cells = self.cells[self.at : self.at + count]
        keys = [self._key(self.at + i) for i in range(count)]
        roles = [self.layout.columns[key] for key in keys]
        if roles.count("weight") == 2 and keys.count(_GROUP_WEIGHT) == 1:
            roles[keys.index(_GROUP_WEIGHT)] = "group_weight"
        if self.layout.group_notes and "name" in roles:
            at = roles.index("name")
            roles.insert(at, "group_note")
            cells.insert(at, Cell("", cells[at].start, cells[at].start))
        self._add(cells, count)
        return roles

    def _is_cut(self) -> bool:
        """Whether the first header is only the rest of a label: ``年初`` on the line before."""
        before, columns = self._key(self.at - 1) if self.at else "", self.layout.matrix.columns
        return before not in columns and before + self._key(self.at) in columns and bool(before)

    def _labelled(self) -> bool:
        """A head label and its value, or the goals and their texts."""
        key = self._key(self.at)
        if key in self.layout.goals:
            self._goals()
            return True
        if key in self.layout.head:
            self._row(2 if self._is_value_of_a_label(self.at + 1) else 1)
            return True
        if key in self.layout.grades:
            is_last = self.at + 1 == len(self.cells)
            graded = not is_last and _GRADE.fullmatch(tidy(self.cells[self.at + 1].text))
            self._row(2 if graded else 1)
            return True
        return False

    def _goals(self) -> None:
        """The labels of the goals and as many texts; other texts are odd, each in its own row."""
        before = self._key(self.at - 1) if self.at else ""
        is_torn = any(label in before for label in self.layout.goals)
        labels = self._run(self.layout.goals, self.at)
        self._row(labels)
        values = 0
        while not self._is_label(self.at + values):
            values += 1
        texts = self.cells[self.at : self.at + values]
        if values == labels and not is_torn and not any(map(self._holds_label, texts)):
            self._row(values)
        else:
            for _ in range(values):
                self._add([self.cells[self.at]], 1, odd=True)

    def _matrix(self, width: int) -> None:
        """Rows of known labels; a row that has not one value for each header keeps none of them.

        A column of reasons at the end is left out of the count: it is blank more often than not.
        """
        has_reasons = self.layout.matrix.columns.get(self._key(self.at - 1)) == "reason"
        width -= has_reasons
        while self._key(self.at) in self.layout.matrix.rows:
            values = 0
            while not self._is_label(self.at + 1 + values) and self._is_value(self.at + 1 + values):
                values += 1
            if values != width:
                self._singles(self.at + 1 + values)
            elif has_reasons and self._is_reason(self.at + 1 + values):
                self._row(2 + values)
            else:
                self._row(1 + values)

    def _is_reason(self, index: int) -> bool:
        """Whether a cell behind a row of the matrix is its reason: a text, then a known label."""
        return not self._is_label(index) and self._is_label(index + 1)

    def _is_value(self, index: int) -> bool:
        text = self.cells[index].text
        return is_blank(text) or read_number(text) is not None

    def _indicators(self, names: list[str]) -> None:
        """The rows as far as they can be told, every other cell alone; then the total."""
        end = self.at
        while end < len(self.cells) and not self._ends_rows(end):
            end += 1
        start, cells = self.at, self.cells[self.at : end]
        above: Cell | None = None
        for row in line_rows(cells, [name for name in names if name]):
            self._left_over(start + row.start, names, above)
            last = cells[row.end - 1].end
            places = [row.cells.get(name) for name in names]
            self._add(
                [Cell("", last, last) if at is None else cells[at] for at in places],
                row.end - row.start,
                odd=row.doubtful,
            )
            above = cells[row.cells["level2"]] if "level2" in row.cells else above
        self._left_over(end, names, above)
        if self._key(self.at) in self.layout.totals:
            self._total(names)

    def _left_over(self, end: int, names: list[str], above: Cell | None) -> None:
        """Every cell alone; what is the rest of the level 2 above stands in its column."""
        while self.at < end:
            cell = self.cells[self.at]
            is_rest = above is not None and joined(tidy(above.text), tidy(cell.text)) is not None
            lead = names.index("level2") if is_rest else 0
            self._add([Cell("", cell.start, cell.start)] * lead + [cell], 1)

    def _singles(self, end: int) -> None:
        while self.at < end:
            self._row(1)

    def _ends_rows(self, index: int) -> bool:
        """Whether a cell stands below the rows: a total, a grade, a label of another part."""
        key, layout = self._key(index), self.layout
        if key in layout.totals or key in layout.grades or key in layout.head:
            return True
        return key in layout.goals or self._run(layout.columns, index) >= _FEWEST_COLUMNS

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

"""The table reader: the text of one form → readings, offline and deterministic.

Columns are found by their headers, rows by their labels; only where a row contradicts them does
the shape of its cells decide (:mod:`extractor.readers.align`). Whatever nothing claims is listed
as unread. The reader sees one form and nothing else, so a form reads the same wherever it stands.
"""

from __future__ import annotations

from extractor.families.base import Family
from extractor.grid import Row, rows
from extractor.readers.goals import Goals
from extractor.readers.head import Head
from extractor.readers.indicator_readings import row_ids
from extractor.readers.indicators import IndicatorTable
from extractor.readers.matrix import MatrixTable
from extractor.readers.page import Keyed, Page
from extractor.readers.reflow import reflow
from extractor.text import is_blank, is_stamp, label_key, may_hold_stamps
from extractor.types import Cell, FormReading, Span

_UNDER_HEADER = 2


def read_table(text: str, family: Family) -> FormReading:
    """Everything the table reader can say of the one form that ``text`` is."""
    return _TableReader(text, family).read()


class _TableReader:
    """The walk over the rows of one form: which part takes which row."""

    def __init__(self, text: str, family: Family) -> None:
        self.layout = family.layout
        self.rows = reflow(text, rows(text), family)
        self.stamped = may_hold_stamps(text)
        self.page = Page(family)
        self.head = Head(self.page)
        self.matrix = MatrixTable(self.page)
        self.goals = Goals(self.page)
        self.table = IndicatorTable(self.page)
        self.section = "head"
        self.interrupted = False

    def read(self) -> FormReading:
        """All readings of the form, and the cells that none of its parts claimed."""
        last, final = len(self.rows) - 1, self._final()
        for index, page_row in enumerate(self.rows):
            row = self._unstamped(page_row) if self.stamped else page_row
            if row.filled and not self.head.title_or_year(row.filled):
                self._row(row, row.filled, index == last, index == final)
        self.goals.settle(self.rows)
        self.head.settle_year()
        readings = {**self.page.readings, **self.table.readings()}
        ids = row_ids(self.table.drafts)
        return FormReading("table", readings, ids, len(self.table.groups), self._unread())

    def _unread(self) -> tuple[Span, ...]:
        claimed, is_known = self.page.claimed, self.page.is_known
        return tuple(
            cell.span
            for row in self.rows
            for cell in row.cells
            if not is_blank(cell.text) and cell.start not in claimed and not is_known(cell)
        )

    def _unstamped(self, row: Row) -> Row:
        for index, cell in row.filled:
            if is_stamp(cell.text):
                self.page.claim(cell)
                row = row.blanked(index)
        return row

    def _final(self) -> int:
        """The last row but for a grade."""
        index = len(self.rows) - 1
        while index > 0 and label_key(self.rows[index].filled[0][1].text) in self.layout.grades:
            index -= 1
        return index

    def _row(self, row: Row, filled: list[tuple[int, Cell]], last: bool, is_final: bool) -> None:
        """Sends a row to the section it belongs to."""
        keys = [(index, cell, label_key(cell.text)) for index, cell in filled]
        columns, labels = self.layout.columns, self.layout.labels
        if self.section == "indicators" and labels.isdisjoint([key for *_, key in keys]):
            self.table.row(row, last, is_final, joins=not self.interrupted)
        elif sum(key in columns for *_, key in keys) > _UNDER_HEADER:
            if self.matrix.is_header(keys):
                self._matrix_header(keys)
            else:
                self.section = "indicators"
                self.table.header(filled)
        elif self.matrix.is_header(keys):
            self._matrix_header(keys)
        elif any(key in self.layout.goals for *_, key in keys) and self.section != "indicators":
            self._goals_header(row, keys)
        elif keys[0][2] in self.layout.totals and self.section == "indicators":
            self.page.claim(filled[0][1])
            self.table.total(row, filled[1:], last, filled[0][1])
            self.section = "after"
        elif keys[0][2] in self.layout.grades:
            self.head.grade(filled)
        elif any(key in self.layout.head for *_, key in keys) or (
            self.section != "indicators" and self.head.has_inline(filled)
        ):
            self.head.labels(row, keys)
        elif self.section != "indicators" and self._matrix_row(row, keys, last):
            self.section = "matrix"
        elif self.section == "goals":
            self.goals.row(row, keys)
        elif self.section == "indicators":
            self.table.row(row, last, is_final, joins=not self._interrupts(keys))
        else:
            for _, cell in filled:
                self.page.find_unit(cell)

    def _interrupts(self, keys: list[Keyed]) -> bool:
        """Whether a row begins something else: then what has no points belongs to no indicator."""
        layout = self.layout
        if any(key in layout.goals or key in layout.headings for *_, key in keys):
            self.interrupted = True
        return self.interrupted

    def _matrix_header(self, keys: list[Keyed]) -> None:
        if not self.matrix.columns:
            self.section = "matrix"
            self.matrix.header(keys, self.rows)

    def _matrix_row(self, row: Row, keys: list[Keyed], last: bool) -> bool:
        lone = self.section == "matrix"
        return bool(self.matrix.columns) and self.matrix.row(row, keys, last, lone)

    def _goals_header(self, row: Row, keys: list[Keyed]) -> None:
        self.section = "goals"
        self.goals.header(row, keys)

"""The head of a form, its year and its grade: labels with their value beside them."""

from __future__ import annotations

import re

from extractor.grid import Row
from extractor.readers.cells import read_cells
from extractor.readers.page import Keyed, Page
from extractor.segment import is_year_line, title_of
from extractor.text import label_key, squeeze
from extractor.types import Cell, Reading

_YEAR = re.compile(r"(\d{4})\s*年")
_INLINE = re.compile(r"([^:：]{2,16})[:：]\s*(?=\S)")


class Head:
    """Takes titles, years, labels and the grade; ``years`` are those seen so far."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.years: list[Cell] = []

    def title_or_year(self, filled: list[tuple[int, Cell]]) -> bool:
        """Takes a title, or a year with or without the amount unit beside it."""
        cell = filled[0][1]
        title = len(filled) == 1 and title_of(cell.text) is not None
        if not title and not is_year_line([part.text for _, part in filled]):
            return False
        self.page.claim(cell)
        year = _YEAR.search(cell.text)
        if year is not None:
            at = cell.start + year.start(1)
            self.years.append(Cell(year[1], at, at + 4))
        for _, part in filled:
            self.page.find_unit(part)
        return True

    def settle_year(self) -> None:
        """Keeps the year of the form; two that differ are not settled here."""
        if not self.years:
            return
        values = {cell.text for cell in self.years}
        one = read_cells("year", "year", self.years[-1:], "head › 年度")
        if len(values) == 1:
            self.page.keep(one)
            return
        raw = tuple(cell.text for cell in self.years)
        spans = tuple(cell.span for cell in self.years)
        self.page.keep(Reading("year", "unread", None, raw, spans, one.address))

    def has_inline(self, filled: list[tuple[int, Cell]]) -> bool:
        """Whether a cell holds a head label and its value."""
        return any(self._inline_label(cell) is not None for _, cell in filled)

    def _inline_label(self, cell: Cell) -> tuple[str, Cell] | None:
        """``项目名称：图书综合经费`` in one cell → the field and the part behind the colon."""
        match = _INLINE.match(cell.text)
        leaf = self.page.layout.head.get(label_key(match[1])) if match else None
        if match is None or leaf is None:
            return None
        start = cell.start + match.end()
        return leaf, Cell(cell.text[match.end() :], start, cell.end)

    def labels(self, row: Row, keys: list[Keyed]) -> None:
        """Takes the labels of a row, each with the value to its right."""
        for place, (_, cell, key) in enumerate(keys):
            inline = self._inline_label(cell)
            leaf = self.page.layout.head.get(key)
            if leaf is not None:
                self.page.claim(cell)
                follows = keys[place + 1] if place + 1 < len(keys) else None
                value = follows[1] if follows and not self.page.is_known(follows[1]) else None
                self._head_value(leaf, cell, value, row)
            elif inline is not None and inline[0] not in self.page.readings:
                self._head_value(inline[0], cell, inline[1], row)
                self.page.claim(cell)

    def _head_value(self, leaf: str, label: Cell, value: Cell | None, row: Row) -> None:
        cells = [value] if value else []
        address = f"head › {squeeze(label.text)}"
        reasons = ("row_length",) if row.odd else ()
        self.page.keep(
            read_cells(leaf, self.page.family.kind(leaf), cells, address, reasons), *cells
        )

    def grade(self, filled: list[tuple[int, Cell]]) -> None:
        """Takes the grade beside its label."""
        self.page.claim(filled[0][1])
        value = [cell for _, cell in filled[1:2]]
        address = f"total › {squeeze(filled[0][1].text)}"
        self.page.keep(read_cells("grade", "grade", value, address), *value)

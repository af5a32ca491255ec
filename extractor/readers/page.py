"""What the parts of the table reader share: the readings so far and the cells understood."""

from __future__ import annotations

import re

from extractor.families.base import Family
from extractor.readers.cells import read_cells
from extractor.segment import title_of
from extractor.text import label_key, squeeze
from extractor.types import Cell, Reading

Keyed = tuple[int, Cell, str]
"""A filled cell of a row with its column and its label key."""

_UNIT = re.compile(r"[（(]\s*(万元|元)\s*[)）]|单位\s*[:：]\s*(万元|元)")


class Page:
    """The notebook of one form; ``claimed`` holds the starts of all cells understood."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.layout = family.layout
        self.readings: dict[str, Reading] = {}
        self.claimed: set[int] = set()

    def keep(self, reading: Reading, *cells: Cell) -> bool:
        """Takes a reading unless the field has one: the first on the page stands."""
        if reading.path in self.readings:
            return False
        self.readings[reading.path] = reading
        self.claim(*cells)
        return True

    def claim(self, *cells: Cell) -> None:
        self.claimed.update(cell.start for cell in cells)

    def is_known(self, cell: Cell) -> bool:
        """Whether a cell nobody claimed is a printed label all the same."""
        return label_key(cell.text) in self.layout.labels or title_of(cell.text) is not None

    def find_unit(self, cell: Cell) -> None:
        """Takes the amount unit that a cell names, unless the form has one."""
        match = _UNIT.search(cell.text) if "元" in cell.text and len(cell.text) < 60 else None
        if match and "amount_unit" not in self.readings:
            group = 1 if match[1] else 2
            start = cell.start + match.start(group)
            unit = Cell(match[group], start, start + len(match[group]))
            self.keep(read_cells("amount_unit", "unit", [unit], f"head › {squeeze(cell.text)}"))
            if self.is_known(cell) or not any(map(str.isdigit, cell.text)):
                self.claim(cell)

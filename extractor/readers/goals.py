"""The goals: running text under two labels, possibly cut by a page break."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.grid import Row
from extractor.readers.align import is_points
from extractor.readers.cells import read_cells
from extractor.readers.lone import level_name
from extractor.readers.page import Keyed, Page
from extractor.text import ends_sentence, is_blank, squeeze
from extractor.types import Cell, Reading


class Goals:
    """Takes the goals of one form.

    ``columns`` are the leaves by the index of their label, ``parts`` their texts, ``loose`` the
    texts that no label can be told for; with a level or with points another table begins, and they
    have ``ended``.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.columns: dict[int, str] = {}
        self.parts: dict[str, list[Cell]] = {}
        self.addresses: dict[str, str] = {}
        self.reasons: tuple[str, ...] = ()
        self.loose: list[Cell] = []
        self.ended = False

    def settle(self, rows: Sequence[Row]) -> None:
        """Keeps a reading for each label that was seen; ``rows`` are all rows of the form."""
        for leaf, parts in self.parts.items():
            reading = self._reading(leaf, parts)
            if parts and _is_cut_off(parts[-1], rows):
                reading = reading._replace(reasons=(*reading.reasons, "unfinished"))
            self.page.keep(reading)

    def header(self, row: Row, keys: list[Keyed]) -> None:
        """Takes the labels of the goals, and their texts where these stand beside them."""
        if row.odd:
            self.reasons = ("row_length",)
        pending: tuple[str, int] | None = None
        for index, cell, key in keys:
            leaf = self.page.layout.goals.get(key)
            if leaf is not None:
                self.page.claim(cell)
                if leaf not in self.columns.values():
                    self.columns[index] = leaf
                    self.addresses[leaf] = f"goals › {squeeze(cell.text)}"
                    self.parts[leaf] = []
                    pending = (leaf, index)
            elif pending and not self.parts[pending[0]] and self._can_be_text(cell, key):
                self.parts[pending[0]].append(cell)
                self.page.claim(cell)

    def _can_be_text(self, cell: Cell, key: str) -> bool:
        """Whether a cell beside a goal's label is its text: no number, and no damaged label."""
        return (
            not self.page.is_known(cell)
            and any(map(str.isalpha, cell.text))
            and not any(label in key for label in self.page.layout.goals)
        )

    def row(self, row: Row, keys: list[Keyed]) -> None:
        """Takes the texts under the labels, or what a page break cut off them."""
        cells = [(index, cell) for index, cell, _ in keys if not self.page.is_known(cell)]
        self.ended = self.ended or any(_is_of_a_row(cell) for _, cell in cells)
        if not cells or self.ended:
            return
        if row.odd:
            self.reasons = ("row_length",)
        if row.odd and row.shape == "line":
            self.loose += [cell for _, cell in cells]
        elif any(self.parts.values()):
            self._rest([cell for _, cell in cells])
        elif len(row.cells) > 1 and all(index in self.columns for index, _ in cells):
            for index, cell in cells:
                self._take(self.columns[index], cell)
        elif len(cells) == len(self.columns):
            self.reasons = (*self.reasons, "by_order")
            for (_, cell), leaf in zip(cells, self.columns.values(), strict=True):
                self._take(leaf, cell)
        else:
            self.loose += [cell for _, cell in cells]

    def _reading(self, leaf: str, parts: list[Cell]) -> Reading:
        """A goal; one that has no cell in a row that lost one may have been there."""
        address, reasons = self.addresses[leaf], self.reasons
        if not parts and self.loose:
            raw, spans = zip(*((cell.text, cell.span) for cell in self.loose), strict=True)
            return Reading(leaf, "unread", None, raw, spans, address, reasons=reasons)
        if not parts and "row_length" in reasons:
            return Reading(leaf, "absent", None, address=address, reasons=(*reasons, "row_ends"))
        return read_cells(leaf, "prose", parts, address, reasons)

    def _take(self, leaf: str, cell: Cell) -> None:
        self.parts[leaf].append(cell)
        self.page.claim(cell)

    def _rest(self, cells: Sequence[Cell]) -> None:
        """Text after a page break continues the one goal whose sentence is not finished."""
        unfinished = [
            leaf
            for leaf, parts in self.parts.items()
            if parts and not ends_sentence(parts[-1].text) and not is_blank(parts[-1].text)
        ]
        if len(unfinished) == len(cells):
            for leaf, cell in zip(unfinished, cells, strict=True):
                self._take(leaf, cell)


def _is_of_a_row(cell: Cell) -> bool:
    """Whether a cell is of an indicator row: a level or points, not prose."""
    return is_points(cell.text) or level_name(cell) is not None


def _is_cut_off(last: Cell, rows: Sequence[Row]) -> bool:
    """Whether a text ends in mid-sentence where its table ends: its rest may be lost."""
    if is_blank(last.text) or ends_sentence(last.text):
        return False
    at = next((i for i, row in enumerate(rows) if last in row.cells), len(rows))
    if at + 1 >= len(rows) or rows[at].shape == "line":
        return False
    return rows[at + 1].block != rows[at].block

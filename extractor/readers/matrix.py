"""A table with known rows and known columns: the funds, the expenditure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.grid import Row
from extractor.readers.align import cell_at, matrix_moves, misfits, stands, table_move
from extractor.readers.cells import read_cells
from extractor.readers.page import Keyed, Page
from extractor.text import label_key, squeeze
from extractor.types import Cell, Reading

_WEIGHT_IN_HEADER = re.compile(r"[（(]\s*(\d+(?:\.\d+)?)\s*分\s*[×xX*✕]")
_FEWEST_HEADERS = 2


class MatrixTable:
    """Takes the matrix of one form.

    ``columns`` are the columns by index with their header cells, ``headed`` the indexes of all
    header cells, known or not; ``move`` is by how many columns the rows stand off their headers.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.columns: dict[int, tuple[str, Cell]] = {}
        self.headed: set[int] = set()
        self.move: int | None = None

    def is_header(self, keys: list[Keyed]) -> bool:
        """Whether a row heads the columns of the matrix."""
        columns = self.page.layout.matrix.columns
        hits = {columns[key] for *_, key in keys if key in columns}
        return len(hits) >= _FEWEST_HEADERS and "executed" in hits

    def header(self, keys: list[Keyed], rows: Sequence[Row]) -> None:
        """Takes the columns; ``rows`` are all rows of the form, which tell how the table stands."""
        if self.columns:
            return
        main = self.page.layout.matrix.main_row
        names = self._column_names(keys)
        self.headed = {index for index, *_ in keys}
        for (index, cell, _), column in zip(keys, names, strict=True):
            self.page.find_unit(cell)
            if column is None:
                continue
            self.page.claim(cell)
            if names.count(column) > 1:
                continue
            self.columns[index] = (column, cell)
            weight = _WEIGHT_IN_HEADER.search(cell.text)
            if weight and main:
                start = cell.start + weight.start(1)
                part = Cell(weight[1], start, start + len(weight[1]))
                path = f"{self.page.layout.matrix.name}.{main}.weight"
                self.page.keep(read_cells(path, "weight", [part], self._address(cell, cell)))
        self.move = table_move(self._table(rows), self._names())

    def _column_names(self, keys: list[Keyed]) -> list[str | None]:
        """The column each header cell names; ``年初`` beside ``预算数`` is one label in two."""
        columns = self.page.layout.matrix.columns
        names: list[str | None] = []
        for place, (index, _, key) in enumerate(keys):
            before = keys[place - 1] if place else None
            name = columns.get(key)
            if before and before[0] == index - 1 and before[2] not in columns:
                name = columns.get(before[2] + key, name)
            names.append(name)
        return names

    def _table(self, rows: Sequence[Row]) -> list[list[tuple[int, Cell]]]:
        """The values of each labelled row of the matrix."""
        labels = self.page.layout.matrix.rows
        found: list[list[tuple[int, Cell]]] = []
        for row in rows:
            for index, cell in row.filled:
                if label_key(cell.text) in labels:
                    found.append([(i, c) for i, c in row.filled if i > index])
                    break
        return found

    def _address(self, label: Cell, header: Cell) -> str:
        return f"{self.page.layout.matrix.name} › {squeeze(label.text)} › {squeeze(header.text)}"

    def row(self, row: Row, keys: list[Keyed], last: bool, lone: bool) -> bool:
        """Takes a labelled row, or with ``lone`` the only row of a table without labels."""
        matrix = self.page.layout.matrix
        for place, (index, cell, key) in enumerate(keys):
            name = matrix.rows.get(key)
            if name is not None:
                for _, before, _ in keys[:place]:
                    self.page.find_unit(before)
                self.page.find_unit(cell)
                self._values(row, name, cell, index, last, ())
                return True
        under = [(i, c) for i, c, _ in keys if i in self.columns]
        main = matrix.main_row
        if main is None or not lone or not _FEWEST_HEADERS <= len(under) == len(keys):
            return False
        if not stands(under, self._names(), 0):
            return False
        label = Cell("", row.cells[0].start, row.cells[0].start)
        self._values(row, main, label, -1, last, ("label_lost",))
        return True

    def _names(self) -> dict[int, str]:
        return {index: name for index, (name, _) in self.columns.items()}

    def _values(
        self, row: Row, name: str, label: Cell, at: int, last: bool, reasons: tuple[str, ...]
    ) -> None:
        """The values of one labelled row, by header, by one move, or in order."""
        section = self.page.layout.matrix.name
        if f"{section}.{name}.executed" in self.page.readings:
            return
        self.page.claim(label)
        right = [(index, cell) for index, cell in row.filled if index > at]
        placed = self._placed(right)
        if placed is None:
            self._unplaced(name, label)
            return
        reasons = (*reasons, *placed[1])
        if row.odd:
            reasons = (*reasons, "row_length")
        for index, (column, header) in self.columns.items():
            if column == "reason":
                continue
            path = f"{section}.{name}.{column}"
            cell = cell_at(row, placed[0][index])
            address = self._address(label, header)
            if cell is None and not last:
                ends = (*reasons, "row_ends")
                self.page.keep(Reading(path, "absent", None, address=address, reasons=ends))
                continue
            cells = [cell] if cell and cell.text else []
            self.page.keep(
                read_cells(path, self.page.family.kind(path), cells, address, reasons), *cells
            )

    def _placed(
        self, right: list[tuple[int, Cell]]
    ) -> tuple[dict[int, int], tuple[str, ...]] | None:
        """Where the value of each column stands in a row, and why not under its header.

        ``None`` where the row contradicts the headers and no move nor the order explains it.
        """
        columns = self._names()
        move = self.move
        if move is None or not stands(right, columns, move):
            moves = [0] if stands(right, columns, 0) else matrix_moves(right, columns)
            move = moves[0] if len(moves) == 1 else None
        if move is None and self._contradicts(right):
            if len(right) != len(self.columns):
                return None
            places = (index for index, _ in right)
            return dict(zip(sorted(self.columns), places, strict=True)), ("by_order",)
        reasons = ("shifted",) if move else ()
        return {index: index + (move or 0) for index in self.columns}, reasons

    def _contradicts(self, right: list[tuple[int, Cell]]) -> bool:
        """Whether a value stands beside all headers, or several under one of another kind.

        A single value of the wrong kind is a misread value, not a row out of place.
        """
        beside = any(index not in self.headed for index, _ in right)
        return beside or misfits(right, self._names()) > 1

    def _unplaced(self, name: str, label: Cell) -> None:
        """A row whose values stand beside their headers: none of them is taken for any column."""
        section = self.page.layout.matrix.name
        for column, header in self.columns.values():
            path, address = f"{section}.{name}.{column}", self._address(label, header)
            if column != "reason":
                self.page.keep(Reading(path, "absent", address=address, reasons=("row_ends",)))

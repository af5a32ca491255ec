"""The table reader: the text of one form → readings, offline and deterministic.

Columns are found by their headers, rows by their labels; only where a row contradicts them does
the shape of its cells decide (:mod:`extractor.readers.align`). Whatever nothing claims is listed
as unread. The reader sees one form and nothing else, so a form reads the same wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.families.base import Family
from extractor.grid import Row, rows
from extractor.readers.align import cell_at, matrix_moves, table_move
from extractor.readers.cells import read_cells
from extractor.readers.indicator_readings import row_ids
from extractor.readers.indicators import IndicatorTable
from extractor.readers.reflow import reflow
from extractor.segment import is_year_line, title_of
from extractor.text import ends_sentence, is_blank, is_stamp, label_key, squeeze
from extractor.types import Cell, FormReading, Reading

_UNIT = re.compile(r"[（(]\s*(万元|元)\s*[)）]|单位\s*[:：]\s*(万元|元)")
_YEAR = re.compile(r"(\d{4})\s*年")
_WEIGHT_IN_HEADER = re.compile(r"[（(]\s*(\d+(?:\.\d+)?)\s*分\s*[×xX*✕]")
_UNDER_HEADER = 2


def read_table(text: str, family: Family) -> FormReading:
    """Everything the table reader can say of the one form that ``text`` is."""
    return _TableReader(text, family).read()


class _TableReader:
    """The walk over the rows of one form; ``claimed`` holds the starts of all cells understood."""

    def __init__(self, text: str, family: Family) -> None:
        self.family = family
        self.layout = family.layout
        self.rows = reflow(text, rows(text), family)
        self.readings: dict[str, Reading] = {}
        self.claimed: set[int] = set()
        self.matrix: dict[int, tuple[str, Cell]] = {}
        self.goals: dict[int, str] = {}
        self.goal_parts: dict[str, list[Cell]] = {}
        self.goal_address: dict[str, str] = {}
        self.goal_reasons: tuple[str, ...] = ()
        self.years: list[Cell] = []
        self.interrupted = False
        self.move: int | None = None
        self.headed: set[int] = set()
        self.loose_goals: list[Cell] = []
        self.section = "head"
        self.table = IndicatorTable(family, self.claimed)

    def read(self) -> FormReading:
        last = len(self.rows) - 1
        final = self._final()
        for index, page_row in enumerate(self.rows):
            row = self._unstamped(page_row)
            filled = row.filled
            if filled and not self._is_title_or_year(filled):
                self._row(row, filled, index == last, index == final)
        for leaf, parts in self.goal_parts.items():
            self._keep(self._goal(leaf, parts))
        if self.years:
            self._keep(self._year())
        self.readings.update(self.table.readings())
        unread = tuple(
            cell.span
            for row in self.rows
            for cell in row.cells
            if not is_blank(cell.text)
            and cell.start not in self.claimed
            and not self._is_known(cell)
        )
        ids = row_ids(self.table.drafts)
        return FormReading("table", self.readings, ids, len(self.table.groups), unread)

    def _keep(self, reading: Reading, *cells: Cell) -> bool:
        """Takes a reading unless the field has one: the first on the page stands."""
        if reading.path in self.readings:
            return False
        self.readings[reading.path] = reading
        self.claimed.update(cell.start for cell in cells)
        return True

    def _claim(self, *cells: Cell) -> None:
        self.claimed.update(cell.start for cell in cells)

    def _unstamped(self, row: Row) -> Row:
        for index, cell in row.filled:
            if is_stamp(cell.text):
                self._claim(cell)
                row = row.blanked(index)
        return row

    def _final(self) -> int:
        """The last row but for a grade."""
        index = len(self.rows) - 1
        while index > 0 and label_key(self.rows[index].filled[0][1].text) in self.layout.grades:
            index -= 1
        return index

    def _is_known(self, cell: Cell) -> bool:
        """Whether a cell nobody claimed is a printed label all the same."""
        key = label_key(cell.text)
        layout = self.layout
        return bool(key) and (
            key in layout.headings
            or key in layout.columns
            or key in layout.matrix.columns
            or key in layout.matrix.rows
            or key in layout.head
            or key in layout.goals
            or key in layout.totals
            or key in layout.grades
            or title_of(cell.text) is not None
        )

    def _is_title_or_year(self, filled: list[tuple[int, Cell]]) -> bool:
        """Takes a title, or a year with or without the amount unit beside it."""
        cell = filled[0][1]
        title = len(filled) == 1 and title_of(cell.text) is not None
        if not title and not is_year_line([part.text for _, part in filled]):
            return False
        self._claim(cell)
        year = _YEAR.search(cell.text)
        if year is not None:
            at = cell.start + year.start(1)
            self.years.append(Cell(year[1], at, at + 4))
        for _, part in filled:
            self._find_unit(part)
        return True

    def _year(self) -> Reading:
        """The year of the form; two that differ are not settled here."""
        values = {cell.text for cell in self.years}
        one = read_cells("year", "year", self.years[-1:], "head › 年度")
        if len(values) == 1:
            return one
        raw = tuple(cell.text for cell in self.years)
        return Reading("year", "unread", None, raw, tuple(c.span for c in self.years), one.address)

    def _row(self, row: Row, filled: list[tuple[int, Cell]], last: bool, is_final: bool) -> None:
        """Sends a row to the section it belongs to."""
        keys = [(index, cell, label_key(cell.text)) for index, cell in filled]
        columns = self.layout.columns
        if sum(key in columns for *_, key in keys) > _UNDER_HEADER:
            if self._is_matrix_header(keys):
                self._matrix_header(keys)
            else:
                self.section = "indicators"
                self.table.header(filled)
        elif self._is_matrix_header(keys):
            self._matrix_header(keys)
        elif any(key in self.layout.goals for *_, key in keys) and self.section != "indicators":
            self._goal_header(row, keys)
        elif keys[0][2] in self.layout.totals and self.section == "indicators":
            self._claim(filled[0][1])
            self.table.total(row, filled[1:], last, filled[0][1])
            self.section = "after"
        elif keys[0][2] in self.layout.grades:
            self._grade(row, filled, last)
        elif any(key in self.layout.head for *_, key in keys) or (
            self.section != "indicators" and self._inline(filled)
        ):
            self._head(row, keys, last)
        elif self.matrix and self.section != "indicators" and self._matrix_row(row, keys, last):
            self.section = "matrix"
        elif self.section == "goals":
            self._goal_row(row, keys)
        elif self.section == "indicators":
            self.table.row(row, last, is_final, joins=not self._interrupts(keys))
        else:
            for _, cell in filled:
                self._find_unit(cell)

    def _interrupts(self, keys: list[tuple[int, Cell, str]]) -> bool:
        """Whether a row begins something else: then what has no points belongs to no indicator."""
        layout = self.layout
        if any(key in layout.goals or key in layout.headings for *_, key in keys):
            self.interrupted = True
        return self.interrupted

    def _find_unit(self, cell: Cell) -> None:
        match = _UNIT.search(cell.text) if "元" in cell.text and len(cell.text) < 60 else None
        if match and "amount_unit" not in self.readings:
            group = 1 if match[1] else 2
            start = cell.start + match.start(group)
            unit = Cell(match[group], start, start + len(match[group]))
            self._keep(read_cells("amount_unit", "unit", [unit], f"head › {squeeze(cell.text)}"))
            if self._is_known(cell) or not any(map(str.isdigit, cell.text)):
                self._claim(cell)

    # Head: labels with their value to the right

    def _inline(self, filled: list[tuple[int, Cell]]) -> bool:
        return any(self._inline_label(cell) is not None for _, cell in filled)

    def _inline_label(self, cell: Cell) -> tuple[str, Cell] | None:
        """``项目名称：图书综合经费`` in one cell → the field and the part behind the colon."""
        match = re.match(r"([^:：]{2,16})[:：]\s*(?=\S)", cell.text)
        leaf = self.layout.head.get(label_key(match[1])) if match else None
        if match is None or leaf is None:
            return None
        start = cell.start + match.end()
        return leaf, Cell(cell.text[match.end() :], start, cell.end)

    def _head(self, row: Row, keys: list[tuple[int, Cell, str]], last: bool) -> None:
        for place, (_, cell, key) in enumerate(keys):
            inline = self._inline_label(cell)
            leaf = self.layout.head.get(key)
            if leaf is not None:
                self._claim(cell)
                follows = keys[place + 1] if place + 1 < len(keys) else None
                value = follows[1] if follows and not self._is_known(follows[1]) else None
                self._head_value(leaf, cell, value, row)
            elif inline is not None and inline[0] not in self.readings:
                self._head_value(inline[0], cell, inline[1], row)
                self._claim(cell)

    def _head_value(self, leaf: str, label: Cell, value: Cell | None, row: Row) -> None:
        cells = [value] if value else []
        address = f"head › {squeeze(label.text)}"
        reasons = ("row_length",) if row.odd else ()
        self._keep(read_cells(leaf, self.family.kind(leaf), cells, address, reasons), *cells)

    def _grade(self, row: Row, filled: list[tuple[int, Cell]], last: bool) -> None:
        self._claim(filled[0][1])
        value = [cell for _, cell in filled[1:2]]
        address = f"total › {squeeze(filled[0][1].text)}"
        self._keep(read_cells("grade", "grade", value, address), *value)

    # Matrix: the funds or the expenditure

    def _is_matrix_header(self, keys: list[tuple[int, Cell, str]]) -> bool:
        columns = self.layout.matrix.columns
        hits = {columns[key] for *_, key in keys if key in columns}
        return len(hits) >= _UNDER_HEADER and "executed" in hits

    def _matrix_header(self, keys: list[tuple[int, Cell, str]]) -> None:
        if self.matrix:
            return
        self.section = "matrix"
        main = self.layout.matrix.main_row
        names = self._column_names(keys)
        self.headed = {index for index, *_ in keys}
        for (index, cell, _), column in zip(keys, names, strict=True):
            self._find_unit(cell)
            if column is None:
                continue
            self._claim(cell)
            if names.count(column) > 1:
                continue
            self.matrix[index] = (column, cell)
            weight = _WEIGHT_IN_HEADER.search(cell.text)
            if weight and main:
                start = cell.start + weight.start(1)
                part = Cell(weight[1], start, start + len(weight[1]))
                path = f"{self.layout.matrix.name}.{main}.weight"
                self._keep(read_cells(path, "weight", [part], self._address(cell, cell)))
        self.move = table_move(self._fitting())

    def _column_names(self, keys: list[tuple[int, Cell, str]]) -> list[str | None]:
        """The column each header cell names; ``年初`` beside ``预算数`` is one label in two."""
        columns = self.layout.matrix.columns
        names: list[str | None] = []
        for place, (index, _, key) in enumerate(keys):
            before = keys[place - 1] if place else None
            name = columns.get(key)
            if before and before[0] == index - 1 and before[2] not in columns:
                name = columns.get(before[2] + key, name)
            names.append(name)
        return names

    def _fitting(self) -> list[set[int]]:
        """For each labelled row of the matrix the moves by which it stands under the headers."""
        found: list[set[int]] = []
        for row in self.rows:
            for index, cell in row.filled:
                if label_key(cell.text) in self.layout.matrix.rows:
                    right = [(i, c) for i, c in row.filled if i > index]
                    found.append(matrix_moves(right, self._names()))
                    break
        return [moves for moves in found if moves]

    def _address(self, label: Cell, header: Cell) -> str:
        return f"{self.layout.matrix.name} › {squeeze(label.text)} › {squeeze(header.text)}"

    def _matrix_row(self, row: Row, keys: list[tuple[int, Cell, str]], last: bool) -> bool:
        matrix = self.layout.matrix
        for place, (index, cell, key) in enumerate(keys):
            name = matrix.rows.get(key)
            if name is not None:
                for _, before, _ in keys[:place]:
                    self._find_unit(before)
                self._find_unit(cell)
                self._matrix_values(row, name, cell, index, last, ())
                return True
        lone = [(i, c) for i, c, _ in keys if i in self.matrix]
        main = matrix.main_row
        if main is None or len(lone) < _UNDER_HEADER or len(lone) != len(keys):
            return False
        if self.section != "matrix" or 0 not in matrix_moves(lone, self._names()):
            return False
        label = Cell("", row.cells[0].start, row.cells[0].start)
        self._matrix_values(row, main, label, -1, last, ("label_lost",))
        return True

    def _names(self) -> dict[int, str]:
        return {index: name for index, (name, _) in self.matrix.items()}

    def _matrix_values(
        self, row: Row, name: str, label: Cell, at: int, last: bool, reasons: tuple[str, ...]
    ) -> None:
        """The values of one labelled row, by header, by one move, or in order."""
        section = self.layout.matrix.name
        if f"{section}.{name}.executed" in self.readings:
            return
        self._claim(label)
        right = [(index, cell) for index, cell in row.filled if index > at]
        moves = matrix_moves(right, self._names())
        move = self.move if self.move in moves else None
        if move is None and len(moves) == 1:
            move = moves.pop()
        in_order: dict[int, int] = {}
        if move:
            reasons = (*reasons, "shifted")
        elif move is None and any(index not in self.headed for index, _ in right):
            if len(right) != len(self.matrix):
                self._unplaced(name, label)
                return
            in_order = dict(zip(sorted(self.matrix), (i for i, _ in right), strict=True))
            reasons = (*reasons, "by_order")
        if row.odd:
            reasons = (*reasons, "row_length")
        for index, (column, header) in self.matrix.items():
            if column == "reason":
                continue
            path = f"{section}.{name}.{column}"
            column_at = in_order.get(index, index + (move or 0))
            cell = cell_at(row, column_at)
            address = self._address(label, header)
            if cell is None and not last:
                ends = (*reasons, "row_ends")
                self._keep(Reading(path, "absent", None, address=address, reasons=ends))
                continue
            cells = [cell] if cell and cell.text else []
            self._keep(read_cells(path, self.family.kind(path), cells, address, reasons), *cells)

    def _unplaced(self, name: str, label: Cell) -> None:
        """A row whose values stand beside their headers: none of them is taken for any column."""
        section = self.layout.matrix.name
        for column, header in self.matrix.values():
            path, address = f"{section}.{name}.{column}", self._address(label, header)
            if column != "reason":
                self._keep(Reading(path, "absent", address=address, reasons=("row_ends",)))

    # Goals: running text under two headers, possibly cut by a page break

    def _goal_header(self, row: Row, keys: list[tuple[int, Cell, str]]) -> None:
        self.section = "goals"
        if row.odd:
            self.goal_reasons = ("row_length",)
        pending: tuple[str, int] | None = None
        for index, cell, key in keys:
            leaf = self.layout.goals.get(key)
            if leaf is not None:
                self._claim(cell)
                if leaf not in self.goals.values():
                    self.goals[index] = leaf
                    self.goal_address[leaf] = f"goals › {squeeze(cell.text)}"
                    self.goal_parts[leaf] = []
                    pending = (leaf, index)
            elif pending and not self.goal_parts[pending[0]] and self._can_be_goal(cell, key):
                self.goal_parts[pending[0]].append(cell)
                self._claim(cell)

    def _can_be_goal(self, cell: Cell, key: str) -> bool:
        """Whether a cell beside a goal's label is its text: no number, and no damaged label."""
        return (
            not self._is_known(cell)
            and any(map(str.isalpha, cell.text))
            and not any(label in key for label in self.layout.goals)
        )

    def _goal_row(self, row: Row, keys: list[tuple[int, Cell, str]]) -> None:
        cells = [(index, cell) for index, cell, _ in keys if not self._is_known(cell)]
        if not cells:
            return
        if row.odd:
            self.goal_reasons = ("row_length",)
        if any(self.goal_parts.values()):
            self._goal_rest([cell for _, cell in cells])
        elif len(row.cells) > 1 and all(index in self.goals for index, _ in cells):
            for index, cell in cells:
                self._goal_part(self.goals[index], cell)
        elif len(cells) == len(self.goals):
            self.goal_reasons = (*self.goal_reasons, "by_order")
            for (_, cell), leaf in zip(cells, self.goals.values(), strict=True):
                self._goal_part(leaf, cell)
        else:
            self.loose_goals += [cell for _, cell in cells]

    def _goal(self, leaf: str, parts: list[Cell]) -> Reading:
        """A goal; one that has no cell in a row that lost one may have been there."""
        address, reasons = self.goal_address[leaf], self.goal_reasons
        if not parts and self.loose_goals:
            raw, spans = zip(*((cell.text, cell.span) for cell in self.loose_goals), strict=True)
            return Reading(leaf, "unread", None, raw, spans, address, reasons=reasons)
        if not parts and "row_length" in reasons:
            return Reading(leaf, "absent", None, address=address, reasons=(*reasons, "row_ends"))
        return read_cells(leaf, "prose", parts, address, reasons)

    def _goal_part(self, leaf: str, cell: Cell) -> None:
        self.goal_parts[leaf].append(cell)
        self._claim(cell)

    def _goal_rest(self, cells: Sequence[Cell]) -> None:
        """Text after a page break continues the one goal whose sentence is not finished."""
        unfinished = [
            leaf
            for leaf, parts in self.goal_parts.items()
            if parts and not ends_sentence(parts[-1].text) and not is_blank(parts[-1].text)
        ]
        if len(unfinished) == len(cells):
            for leaf, cell in zip(unfinished, cells, strict=True):
                self._goal_part(leaf, cell)

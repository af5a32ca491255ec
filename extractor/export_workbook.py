"""Tables as an Excel workbook: text arrives as text, numbers as numbers with their decimals.

Written row by row and not kept in memory. A value such as ``=100.00(%)`` is never a formula, also
not when somebody edits its cell later (``quotePrefix``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from extractor.export_columns import Cell, Column, Exported, Row
from extractor.export_tables import SHEETS

LONGEST = 32767
"""Characters that a cell of Excel holds, counted as UTF-16 units."""
MOST_ROWS = 1_048_576
CUT = "…〔已截断 / cut〕"

_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_TAKEN_FOR_ELSE = tuple("=+-@#'")
_DIGITS = 15
_BOLD = Font(bold=True)
_HEADING = PatternFill("solid", fgColor="E7ECF1")
_DOUBTFUL = PatternFill("solid", fgColor="FFF1C2")
_WRAPPED = Alignment(vertical="top", wrap_text=True)


Filled = tuple[str, Sequence[Column], Iterable[Row]]
"""A sheet by its name, with its columns and rows."""


def write_workbook(
    forms: Iterable[Exported], stream: BinaryIO, lang: str, others: Iterable[Filled] = ()
) -> None:
    """Every sheet of forms, in one pass over them, then the ``others``."""
    book: Any = Workbook(write_only=True)
    sheets = [(table, _Sheet(book, table.name, table.columns(lang))) for table in SHEETS]
    for item in forms:
        for table, sheet in sheets:
            for row in table.rows(item, lang):
                sheet.append(row)
    for _, sheet in sheets:
        sheet.close()
    _fill(book, others)
    book.save(stream)


def write_sheets(sheets: Iterable[Filled], stream: BinaryIO) -> None:
    """A workbook of such sheets."""
    book: Any = Workbook(write_only=True)
    _fill(book, sheets)
    book.save(stream)


def _fill(book: Any, sheets: Iterable[Filled]) -> None:
    for name, columns, rows in sheets:
        sheet = _Sheet(book, name, columns)
        for row in rows:
            sheet.append(row)
        sheet.close()


class _Sheet:
    """A sheet with a frozen header; rows that Excel cannot hold go on in a further one."""

    def __init__(self, book: Any, name: str, columns: Sequence[Column]) -> None:
        self._book, self._name, self._columns = book, name, columns
        self._parts = 0
        self._begin()

    def append(self, row: Row) -> None:
        if self._rows == MOST_ROWS:
            self.close()
            self._begin()
        cells = [self._cell(cell, column) for cell, column in zip(row, self._columns, strict=True)]
        self._sheet.append(cells)
        self._rows += 1

    def close(self) -> None:
        """Let the filter of the header reach down to the last row."""
        last = get_column_letter(len(self._columns))
        self._sheet.auto_filter.ref = f"A1:{last}{self._rows}"

    def _begin(self) -> None:
        self._parts += 1
        name = self._name if self._parts == 1 else f"{self._name} ({self._parts})"
        self._sheet = self._book.create_sheet(name)
        self._sheet.freeze_panes = "A2"
        for number, column in enumerate(self._columns, 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = column.width
        self._sheet.append([self._header(column.title) for column in self._columns])
        self._rows = 1

    def _header(self, title: str) -> Any:
        cell: Any = WriteOnlyCell(self._sheet, title)
        cell.font, cell.fill, cell.alignment = _BOLD, _HEADING, _WRAPPED
        return cell

    def _cell(self, value: Cell | str | int | None, column: Column) -> Any:
        """A bare value where no style is needed, else a cell."""
        given = value if isinstance(value, Cell) else Cell(None)
        content = given.text if isinstance(value, Cell) else value
        number = _decimal(content) if given.number and isinstance(content, str) else None
        text = clean(content) if isinstance(content, str) and number is None else None
        guarded = text is not None and text.startswith(_TAKEN_FOR_ELSE)
        if number is None and not (guarded or given.flagged or (column.wrapped and text)):
            return content if text is None else text or None
        cell: Any = WriteOnlyCell(self._sheet, content if text is None else text)
        if number is not None:
            cell.value = number
            cell.number_format = number_format(number, grouped=given.kind == "amount")
        if guarded:
            cell.data_type, cell.quotePrefix = "s", True
        if given.flagged:
            cell.fill = _DOUBTFUL
        if column.wrapped:
            cell.alignment = _WRAPPED
        return cell


def clean(text: str) -> str:
    """Text as a cell can hold it: U+FFFD for characters that XML forbids, a mark where it is cut.

    >>> clean("a\x0bb")
    'a\ufffdb'
    """
    text = _FORBIDDEN.sub("\ufffd", text)
    if 2 * len(text) > LONGEST and len(text.encode("utf-16-le")) > 2 * LONGEST:
        room = text.encode("utf-16-le")[: 2 * (LONGEST - len(CUT))]
        return room.decode("utf-16-le", "ignore") + CUT
    return text


def number_format(number: Decimal, *, grouped: bool) -> str:
    """Excel's format for a number with the decimals that it was printed with."""
    places = -int(number.as_tuple().exponent)
    whole = "#,##0" if grouped else "0"
    return f"{whole}.{'0' * places}" if places > 0 else whole


def _decimal(text: str) -> Decimal | None:
    """The number of a decimal string; ``None`` where Excel's 15 digits would not hold it."""
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return number if len(number.as_tuple().digits) <= _DIGITS else None

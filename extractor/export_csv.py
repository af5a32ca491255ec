"""A table as csv: UTF-8, comma, RFC 4180 quoting, every cell exactly as it is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import BinaryIO

from extractor.export_columns import Cell, Column, Row

BOM = "\ufeff"
_DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def write_csv(
    columns: Iterable[Column], rows: Iterable[Row], stream: BinaryIO, *, excel_safe: bool = False
) -> None:
    """Write the headings, then the rows.

    ``excel_safe`` is for people who open the file in Excel: a cell that Excel would run as a
    formula gets a single quote in front, and a byte order mark says that this is UTF-8.
    """
    text = io.TextIOWrapper(stream, "utf-8", errors="backslashreplace", newline="")
    try:
        if excel_safe:
            text.write(BOM)
        writer = csv.writer(text)
        writer.writerow([column.title for column in columns])
        for row in rows:
            cells = [_text(cell) for cell in row]
            writer.writerow([safe(cell) for cell in cells] if excel_safe else cells)
    finally:
        text.flush()
        text.detach()


def safe(text: str) -> str:
    """The text with a single quote in front where Excel would take it for a formula.

    >>> safe("=100.00(%)"), safe("-0.50"), safe("达成指标")
    ("'=100.00(%)", '-0.50', '达成指标')
    """
    if text.startswith(_DANGEROUS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unsafe(text: str) -> str:
    """The text that :func:`safe` made safe.

    >>> unsafe("'=100.00(%)"), unsafe("'90")
    ('=100.00(%)', "'90")
    """
    return text[1:] if text.startswith("'") and safe(text[1:]) == text else text


def _text(cell: Cell | str | int | None) -> str:
    if isinstance(cell, Cell):
        cell = cell.text
    return "" if cell is None else str(cell)

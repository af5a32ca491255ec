"""Comma-separated files, as spreadsheets write them → cells by tab, rows by newline."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO

from extractor.sources.cells import cell, row
from extractor.sources.decoding import decode

_DELIMITERS = ",;\t"
_END = "\ufdd0"
"""A noncharacter, put behind the text to see whether a quoted cell was left open."""


def text_of(data: bytes, file: object) -> tuple[str, str]:
    """The text of a csv file and the name of its encoding.

    A line end or a tab inside a quoted cell does not end the cell (:func:`cells.cell`). A quote
    that is never closed is a character like any other: the rows behind it stay rows.
    """
    text, encoding = decode(data, file)
    lines = (row(cell(part.splitlines()) for part in parts) for parts in _rows(text))
    return "\n".join(lines), encoding


def _rows(text: str) -> Iterator[list[str]]:
    # The module's own limit of 131,072 characters a cell would refuse a long page in one cell.
    csv.field_size_limit(2**31 - 1)
    delimiter = _delimiter(text)
    lines = StringIO(text, newline="").readlines()
    at = 0
    while at < len(lines):
        start = at
        reader = csv.reader(
            [*lines[at:-1], lines[-1].rstrip("\r\n") + "\n", _END], delimiter=delimiter
        )
        for parts in reader:
            if parts == [_END]:
                return
            if parts and parts[-1].endswith(_END):
                yield lines[at].rstrip("\r\n").split(delimiter)
                at += 1
                break
            yield parts
            at = start + reader.line_num


def _delimiter(text: str) -> str:
    """The delimiter that most lines hold outside quotes; a comma where none does.

    Lines are counted, not delimiters: one line of prose may hold more commas than a page of
    ``1;2;3`` holds semicolons.
    """
    lines: Counter[str] = Counter()
    for line in text.splitlines():
        outside = "".join(line.split('"')[::2])
        lines.update(mark for mark in _DELIMITERS if mark in outside)
    return max(_DELIMITERS, key=lambda mark: lines[mark])

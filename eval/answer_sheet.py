"""A sheet of questions: written for a spreadsheet program, read back as such programs save it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from eval.sampling import is_wrong
from extractor.errors import CrossfootError
from extractor.export_csv import safe, unsafe
from extractor.families import family_of
from extractor.sampling import Question
from extractor.sources.decoding import decode
from extractor.store_labels import Label
from extractor.types import CheckedForm, Document

COLUMNS = (
    "number", "document", "form", "class", "stratum", "field", "label", "cell", "printed", "value",
    "truth",
)  # fmt: skip
"""The columns; a person fills the last."""
_NEEDED = ("number", "document", "form", "field", "value", "truth")
_SEPARATORS = ",;\t"
_LONGEST_NUMBER = 15


class NoSheet(ValueError):
    """A file that is none; the message says what of it is missing or comes twice."""


class Row(NamedTuple):
    """A filled row: its line, the number of its question (-1 for none), and its cells by column;
    none where it is too short."""

    line: int
    number: int
    cells: dict[str, str] | None

    @property
    def answer(self) -> str:
        return unsafe((self.cells or {}).get("truth", "").strip())


def written(rows: Iterable[tuple[int, Question]], lang: str) -> bytes:
    """The sheet: UTF-8 with a mark, no cell taken for a formula."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for number, (asked, document, form) in rows:
        entry = form.entries[asked.field]
        label = family_of(form.form.family).label(asked.field, lang, form.record)
        cells = (
            number, document.path, form.form.index, asked.class_, asked.stratum, asked.field, label,
            entry.address or "", " ¦ ".join(entry.raw), asked.value or "", "",
        )  # fmt: skip
        sheet.writerow([safe(str(cell)) for cell in cells])
    return text.getvalue().encode("utf-8-sig", "replace")


def rows_of(file: Path) -> list[Row]:
    """The rows of a filled sheet: UTF-8, UTF-16 or GB18030, with commas, semicolons or tabs.

    Raises :class:`NoSheet`, or ``OSError``.
    """
    try:
        text, _ = decode(file.read_bytes(), file)
    except CrossfootError as error:
        raise NoSheet(str(error)) from None
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    separator = max(_SEPARATORS, key=lines[0].count) if lines else ","
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    try:
        table = list(csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator))
    except csv.Error as error:
        raise NoSheet(str(error)) from None
    head = [name.strip().casefold() for name in table[0]] if table else []
    wrong = [name for name in _NEEDED if head.count(name) != 1]
    if wrong:
        raise NoSheet(", ".join(wrong))
    return list(_rows(table, head))


def _rows(table: list[list[str]], head: list[str]) -> Iterator[Row]:
    for line, cells in enumerate(table[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) < len(head):
            yield Row(line, -1, None)
            continue
        named = dict(zip(head, cells, strict=False))
        number = named["number"].strip()
        known = number.isdecimal() and len(number) <= _LONGEST_NUMBER
        yield Row(line, int(number) if known else -1, named)


def is_row_of(row: Row, label: Label, document: Document, form: CheckedForm) -> bool:
    """Whether a row is that of a question: the same document, form, field and value. A spreadsheet
    program may have written the value otherwise (5 for 5.00)."""
    cells = row.cells or {}
    asked = (document.path, str(form.form.index), label.field)
    said = tuple(unsafe(cells[name].strip()) for name in ("document", "form", "field"))
    value = unsafe(cells["value"]).replace("\r\n", "\n") or None
    same = value == label.value or not is_wrong(form, label.field, label.value, value)
    return said == asked and same

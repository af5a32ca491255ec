"""Text → rows of cells with exact offsets.

Four shapes are told apart line by line, so one text may mix them: pipe tables, tabs, HTML tables
inside the text, and plain lines (one cell a line). Nothing here knows a label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from extractor.types import BLANK, Cell

Shape = Literal["pipe", "tab", "html", "line"]

_PIPE = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r":?-+:?")
_HTML_HINT = re.compile(r"<t[dh]\b", re.IGNORECASE)
_HTML_TAG = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]*)>", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_OTHER_TABLE = re.compile(r"\n[^\S\n]*\||\t[^\n]*\n")
_SPAN_ATTRIBUTE = re.compile(r"\b(colspan|rowspan)\s*=\s*[\"']?\s*(\d{1,3})", re.IGNORECASE)
_MOST_SPANNED = 64
_MOST_CELLS = 512
_MOST_BLANKS = 200_000
_MOST_TAGS = 1_000_000


@dataclass(slots=True)
class Row:
    """One row of a page.

    ``block`` numbers the tables: rows that follow each other without a blank line. ``start`` is
    where the row itself begins (its pipe or tag included), ``odd`` whether it has more or fewer
    cells than its table.
    """

    cells: list[Cell]
    shape: Shape
    block: int
    start: int
    odd: bool = False
    _filled: list[tuple[int, Cell]] | None = None

    @property
    def filled(self) -> list[tuple[int, Cell]]:
        """The cells that hold something, with their column; the row must not change any more."""
        if self._filled is None:
            self._filled = [(i, cell) for i, cell in enumerate(self.cells) if cell.text]
        return self._filled

    def blanked(self, column: int) -> Row:
        """The row with one cell emptied."""
        cells = [*self.cells[:column], BLANK, *self.cells[column + 1 :]]
        return Row(cells, self.shape, self.block, self.start, self.odd)


def rows(text: str, wanted: re.Pattern[str] | None = None) -> list[Row]:
    """All rows of a text that hold at least one cell, rule rows (``|---|``) left out.

    With ``wanted`` lines in which it finds nothing are passed over: whoever looks for a few rows
    need not have all cut into cells.

    Blank rows of a table are kept out too; they only separate. The last row is taken as padded to
    the width of its table, because a form's span ends at its last character.
    """
    found: list[Row] = []
    if _HTML_HINT.search(text) and not _is_flood(text):
        position = 0
        for start, end in _html_regions(text):
            _read_lines(text, position, start, found, wanted)
            _HtmlTable(text, found).read(start, end)
            position = end
        _read_lines(text, position, len(text), found, wanted)
    else:
        _read_lines(text, 0, len(text), found, wanted)
    _mark_odd(found)
    return found


def _is_flood(text: str) -> bool:
    """Whether a text holds more tags than any table page: then none of them is a table."""
    return text.count("<t") + text.count("<T") > _MOST_TAGS


def _cell(part: str, start: int) -> Cell:
    text = part.strip()
    if not text:
        return BLANK
    if len(text) != len(part):
        start += part.index(text)
    return Cell(text, start, start + len(text))


def _read_lines(
    text: str, begin: int, end: int, found: list[Row], wanted: re.Pattern[str] | None
) -> None:
    """Adds the rows of ``text[begin:end]``, which holds no HTML table."""
    position = begin
    block = found[-1].block + 1 if found else 0
    after_break = False
    for line in text[begin:end].splitlines(keepends=True):
        start, position = position, position + len(line)
        body = line.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
        if not body or (body.isspace() and "\t" not in body):
            after_break = True
            continue
        if after_break:
            block += 1
            after_break = False
        if wanted is not None and not wanted.search(body):
            continue
        row = _line_row(body, start, block)
        if row.filled and not _is_rule(row):
            found.append(row)


def _line_row(body: str, start: int, block: int) -> Row:
    indent = len(body) - len(body.lstrip())
    long = len(body) > _MOST_CELLS
    if long and (body.count("\t") > _MOST_CELLS or body.count("|") > _MOST_CELLS):
        return Row([_cell(body, start)], "line", block, start + indent)
    if body.startswith("|", indent) or ("|" in body and "\t" not in body):
        cells, shape = _pipe_cells(body, start), "pipe"
    elif "\t" in body:
        cells, shape = _split_cells(body.split("\t"), start), "tab"
    else:
        return Row([_cell(body, start)], "line", block, start + indent)
    return Row(cells, shape, block, start + (indent if body.strip() else 0))


def _split_cells(parts: list[str], start: int) -> list[Cell]:
    """Cells of the parts of a line between separators of one character."""
    cells: list[Cell] = []
    for part in parts:
        cells.append(_cell(part, start) if part else BLANK)
        start += len(part) + 1
    return cells


def _pipe_cells(body: str, start: int) -> list[Cell]:
    if "\\|" in body:
        bars = [bar.start() for bar in _PIPE.finditer(body)]
        edges = zip([-1, *bars], [*bars, len(body)], strict=True)
        parts = [body[before + 1 : bar] for before, bar in edges]
    else:
        parts = body.split("|")
    cells = _split_cells(parts, start)
    if not cells[0].text and body.lstrip().startswith("|"):
        del cells[0]
    if len(cells) > 1 and not cells[-1].text and body.rstrip().endswith("|"):
        del cells[-1]
    return cells


def _is_rule(row: Row) -> bool:
    if row.shape != "pipe" or "-" not in row.cells[0].text:
        return False
    return all(_RULE.fullmatch(cell.text) for cell in row.cells) and any(
        "--" in cell.text for cell in row.cells
    )


def _html_regions(text: str) -> Iterator[tuple[int, int]]:
    """Where HTML tables stand: stretches of table tags with no text between their cells.

    A stray tag is text: a cell that is never closed must end before a blank line, none may reach
    over rows of another table, and a row or a table must open a cell.
    """
    tags, ahead = _HTML_TAG.finditer(text), _HTML_TAG.finditer(text)
    next(ahead, None)
    start = end = -1
    in_cell = False
    for tag, following in zip_longest(tags, ahead):
        if start >= 0 and not in_cell and text[end : tag.start()].strip():
            yield start, end
            start = -1
        if tag[1]:
            in_cell = False
        elif _opens(text, tag, following):
            in_cell = tag[2].lower() in ("td", "th")
            start = tag.start() if start < 0 else start
        else:
            continue
        end = tag.end()
    if start >= 0:
        yield start, len(text) if in_cell else end


def _opens(text: str, tag: re.Match[str], following: re.Match[str] | None) -> bool:
    """Whether an opening tag opens what it says: a cell with an end, a row or table with a cell."""
    is_cell = tag[2].lower() in ("td", "th")
    if following is None:
        return is_cell and "\n" not in text[tag.end() :].strip()
    between = text[tag.end() : following.start()]
    if is_cell:
        ends = bool(following[1]) or not _BLANK_LINE.search(between)
        return ends and not _OTHER_TABLE.search(between)
    return not following[1] and not between.strip()


class _HtmlTable:
    """The rows of one HTML table, tag by tag; the places that a cell spans become blank cells."""

    def __init__(self, text: str, found: list[Row]) -> None:
        self.text = text
        self.found = found
        self.block = found[-1].block + 1 if found else 0
        self.hanging: dict[int, int] = {}
        self.spanned = 0
        self.row: Row | None = None
        self.opened: tuple[int, int, int] | None = None

    def read(self, begin: int, end: int) -> None:
        """Adds the rows between two offsets."""
        for tag in _HTML_TAG.finditer(self.text, begin, end):
            closing, name = bool(tag[1]), tag[2].lower()
            if name in ("td", "th"):
                self._close_cell(tag.start())
                if not closing:
                    self.row = self.row or Row([], "html", self.block, tag.start())
                    self.opened = (tag.end(), *self._extent(tag[3]))
            else:
                self._close_row(tag.start())
                if name == "tr" and not closing:
                    self.row = Row([], "html", self.block, tag.start())
        self._close_row(end)

    def _extent(self, attributes: str) -> tuple[int, int]:
        """Columns and rows of a cell; hostile spans come to nothing."""
        told = {key.lower(): int(value) for key, value in _SPAN_ATTRIBUTE.findall(attributes)}
        across = min(max(told.get("colspan", 1), 1), _MOST_SPANNED)
        down = min(max(told.get("rowspan", 1), 1), _MOST_SPANNED)
        self.spanned += across * down - 1
        return (across, down) if self.spanned < _MOST_BLANKS else (1, 1)

    def _close_cell(self, at: int) -> None:
        if self.opened is None or self.row is None:
            return
        start, across, down = self.opened
        self.opened = None
        column = self._pass_hanging(self.row)
        if column > _MOST_CELLS:
            return
        self.row.cells.append(_cell(self.text[start:at], start))
        self.row.cells.extend([BLANK] * (across - 1))
        if down > 1:
            self.hanging.update(dict.fromkeys(range(column, column + across), down))

    def _close_row(self, at: int) -> None:
        self._close_cell(at)
        row, self.row = self.row, None
        if row is None:
            return
        self._pass_hanging(row)
        self.hanging = {column: left - 1 for column, left in self.hanging.items() if left > 1}
        if len(row.cells) > _MOST_CELLS:
            start = row.cells[-1].start
            row.cells[-1] = _cell(self.text[start:at], start)
        if row.filled:
            self.found.append(row)

    def _pass_hanging(self, row: Row) -> int:
        """Fills the columns that a cell above reaches into; returns the next free one."""
        while len(row.cells) in self.hanging:
            row.cells.append(BLANK)
        return len(row.cells)


def _mark_odd(found: list[Row]) -> None:
    """Marks the rows whose number of cells is not that of their table.

    A table in which no row ends in a blank cell was trimmed by whoever wrote it, and its short
    rows say nothing. The last row of all lost its trailing tabs with the end of the span.
    """
    tables: dict[int, list[Row]] = {}
    for row in found:
        if row.shape != "line":
            tables.setdefault(row.block, []).append(row)
    overall = Counter(len(row.cells) for row in found if row.shape != "line")
    for table in tables.values():
        whole = table[:-1] if table[-1] is found[-1] and len(table) > 1 else table
        if not any(not row.cells[-1].text for row in whole):
            continue
        widths = Counter(len(row.cells) for row in whole)
        width = max(widths, key=lambda width: (widths[width], overall[width]))
        for row in table:
            row.odd = len(row.cells) > width or (len(row.cells) < width and row is not found[-1])

"""One cell a line with a blank line for each blank cell: rows by counting.

The header of the indicators tells how many cells a row has. The count is believed only if it puts
the points of every row under their headers and the total's label first in its row, and only where
the page has blank lines at all: without them a count that comes out does so by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.families.base import Family
from extractor.grid import Row
from extractor.readers.align import is_points
from extractor.text import is_blank, label_key
from extractor.types import Cell

_FEWEST_COLUMNS = 4
_MOST_COLUMNS = 14
_MOST_BLANK_HEADERS = 3


def counted(text: str, family: Family) -> list[Row] | None:
    """The rows of a form printed one cell a line, ``None`` where counting does not come out."""
    cells = _cells(text)
    keys = [label_key(cell.text) for cell in cells]
    for start, columns in _headers(keys, family):
        width = _width(cells, keys, start, columns, family)
        rows = _rows(cells, keys, start, width, family) if width else None
        if rows is not None:
            return rows
    return None


def _rows(
    cells: Sequence[Cell], keys: Sequence[str], start: int, width: int, family: Family
) -> list[Row] | None:
    """The rows of the form, once the indicator header and its width are known."""
    head = next((i for i, key in enumerate(keys[:start]) if key in family.layout.head), start)
    if all(cell.text for cell in cells[head:]):
        return None
    above = _above(keys, head, start, width, family)
    if above is None:
        return None
    rows = [_row([cell], i) for i, cell in enumerate(cells[:head])]
    rows += _chunks(cells[head : above[0]], above[1])
    rows += [_row([cell], 0) for cell in cells[above[0] : start]]
    rows += _chunks(cells[start:], width)
    for block, row in enumerate(rows):
        row.block = block
    return [row for row in rows if row.filled]


def _cells(text: str) -> list[Cell]:
    """Every line as a cell, blank lines too."""
    cells: list[Cell] = []
    position = 0
    for line in text.splitlines(keepends=True):
        body = line.strip()
        start = position + (line.index(body) if body else 0)
        cells.append(Cell(body, start, start + len(body)))
        position += len(line)
    return cells


def _row(cells: list[Cell], block: int) -> Row:
    return Row(cells, "line", block, cells[0].start)


def _chunks(cells: Sequence[Cell], width: int) -> list[Row]:
    return [_row(list(cells[at : at + width]), 0) for at in range(0, len(cells), width)]


def _headers(keys: Sequence[str], family: Family) -> Iterator[tuple[int, list[str]]]:
    """Where the indicator header may start, and the names of its columns.

    A heading in front of it may be a line, or a column of its own.
    """
    columns = family.layout.columns
    for start, key in enumerate(keys):
        if columns.get(key) not in ("level1", "name"):
            continue
        count = 0
        while start + count < len(keys) and keys[start + count] in columns:
            count += 1
        if count >= _FEWEST_COLUMNS:
            names = [columns[keys[start + i]] for i in range(count)]
            yield start, names
            if start and keys[start - 1] in family.layout.headings:
                yield start - 1, ["", *names]
            return


def _width(
    cells: Sequence[Cell], keys: Sequence[str], start: int, columns: list[str], family: Family
) -> int | None:
    """How many lines make a row of the indicators."""
    total = next((i for i in range(start, len(keys)) if keys[i] in family.layout.totals), None)
    end = total if total is not None else len(cells)
    lanes = [i for i, name in enumerate(columns) if name in ("weight", "score")][-2:]
    for width in range(len(columns), len(columns) + _MOST_BLANK_HEADERS + 1):
        if any(cell.text for cell in cells[start + len(columns) : start + width]):
            break
        if total is not None and (total - start) % width:
            continue
        points = [
            cells[at + lane].text
            for at in range(start + width, end, width)
            for lane in lanes
            if at + lane < end
        ]
        found = sum(map(is_points, points))
        if found and all(is_points(text) or is_blank(text) for text in points):
            return width
    return None


def _above(
    keys: Sequence[str], head: int, start: int, width: int, family: Family
) -> tuple[int, int] | None:
    """Where the table above the indicators ends, and how many lines make one of its rows.

    The same number as below where that comes out; a heading may stand between the two tables.
    """
    if head == start:
        return start, width
    for wide in (width, *range(3, _MOST_COLUMNS + 1)):
        for end in (start, start - 1):
            between = keys[end:start]
            headings = all(key in family.layout.headings for key in between)
            whole = headings and (end - head) % wide == 0
            if whole and _is_aligned(keys[head:end], wide, family):
                return end, wide
    return None


def _is_aligned(keys: Sequence[str], width: int, family: Family) -> bool:
    """Whether the row labels stand in one column and the column headers in one row."""
    matrix = family.layout.matrix
    rows = {i % width for i, key in enumerate(keys) if key in matrix.rows}
    headers = {i // width for i, key in enumerate(keys) if key in matrix.columns}
    return len(rows) <= 1 and len(headers) <= 1

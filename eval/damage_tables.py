"""Damage to the shape of tables: cells and columns lost, added or moved, rows of other forms.

The items are those of the damage list of the domain notes; *recoverable* damage is what the
contract of values says how to read back, the rest is *to be doubted*: a flag is the right answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from eval.damage_tools import (
    FORM,
    blank,
    chosen,
    data_rows,
    inserted,
    joined,
    leaf,
    level,
    loose_rows,
    loosened,
    numbers,
    picked,
    table_rows,
    with_row,
)
from eval.sheet import EMPTY, Printed, Row, Section, Sheet

_PARTS: tuple[tuple[Section, ...], ...] = (
    ("head",),
    ("funds",),
    ("goals",),
    ("header", "indicators"),
    ("totals",),
)
"""What is drawn as one table within the table of a page: its columns move together."""


def lost_leading_cells(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 3: a row loses one or all of its leading empty cells, or its name alone jumps there.

    Recoverable: a level-2 name in the level-1 column is level 2, a level-3 name is a name.
    """
    rows = [i for i in data_rows(sheet) if _leading(sheet.rows[i].cells)]
    for i in chosen(rng, grade, rows):
        sheet = loose_rows(sheet, [i])
        cells = sheet.rows[i].cells
        leading = _leading(cells)
        if rng.random() < 0.25:
            jumped = (cells[leading], *[EMPTY] * leading, *cells[leading + 1 :])
            sheet = with_row(sheet, i, jumped)
        else:
            lost = rng.randint(1, leading)
            sheet = with_row(sheet, i, (*cells[lost:], *[EMPTY] * lost))
    return sheet


def _leading(cells: Sequence[Printed]) -> int:
    """How many blank cells stand in front of the first that is not."""
    return next((j for j, cell in enumerate(cells) if not blank(cell)), 0)


# --- columns -------------------------------------------------------------------------------------


def extra_columns(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 4: a part of the table (head, funds, goals, indicators) has a blank column more.

    All other rows are as much longer at their end. One to three columns. Recoverable: columns are
    found by their headers, which move along.
    """
    for part in picked(rng, grade, _parts(sheet)):
        width = min(len(sheet.rows[i].cells) for i in part)
        at = rng.randrange(1, width)
        sheet = _freed(sheet, part, at - 1, at)
        for i in table_rows(sheet, *FORM):
            cells = sheet.rows[i].cells
            place = at if i in part else len(cells)
            sheet = with_row(sheet, i, (*cells[:place], EMPTY, *cells[place:]))
    return sheet


def missing_columns(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 4: a part of the table lacks a column in which it has nothing but blanks.

    Its rows are padded at their end, or one cell shorter than the others. One to three columns.
    Recoverable: what is left keeps its order.
    """
    parts = [part for part in _parts(sheet) if _blank_columns(sheet, part)]
    for part in picked(rng, grade, parts):
        columns = _blank_columns(sheet, part)
        at, padding = rng.choice(columns), [EMPTY] * rng.randint(0, 1)
        sheet = _freed(sheet, part, at)
        for i in part:
            cells = sheet.rows[i].cells
            sheet = with_row(sheet, i, (*cells[:at], *cells[at + 1 :], *padding))
    return sheet


def _parts(sheet: Sheet) -> list[list[int]]:
    return [part for sections in _PARTS if (part := table_rows(sheet, *sections))]


def _freed(sheet: Sheet, part: Sequence[int], *columns: int) -> Sheet:
    """The sheet without the merged cells that cover these columns or reach out of a part."""
    rows = frozenset(part)

    def unwanted(down: range, across: range) -> bool:
        reaches_out = not rows.issuperset(down)
        return not rows.isdisjoint(down) and (reaches_out or all(j in across for j in columns))

    return loosened(sheet, unwanted)


def _blank_columns(sheet: Sheet, part: Sequence[int]) -> list[int]:
    """The columns left of a value in which all rows of a part are blank."""
    cells = [sheet.rows[i].cells for i in part]
    width = min(map(len, cells))
    columns = [j for j in range(width - 1) if all(blank(row[j]) for row in cells)]
    return [j for j in columns if any(not blank(cell) for row in cells for cell in row[j + 1 :])]


def moved_funds_row(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 4: a row of the funds, label and values, stands one cell to the right.

    One row, two, all but the header. Recoverable: its cells count from its label.
    """
    rows = [
        i
        for i in table_rows(sheet, "funds")
        if any(cell.marks and leaf(cell) for cell in sheet.rows[i].cells)
    ]
    for i in picked(rng, (1, 2, len(rows))[grade - 1], rows):
        sheet = loose_rows(sheet, [i])
        sheet = with_row(sheet, i, _moved(sheet.rows[i].cells, _leading(sheet.rows[i].cells)))
    return sheet


def _moved(cells: Sequence[Printed], at: int) -> list[Printed]:
    """A row whose cells from a column on stand one to the right; a blank last cell makes room."""
    kept = cells[:-1] if blank(cells[-1]) else cells
    return [*kept[:at], EMPTY, *kept[at:]]


def crowded_values(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 4: where amounts are merged over several columns, a row loses its blanks between them.

    The values stand side by side at the end of the row, as in a real department's. One row, three,
    all. Recoverable: the values take the headers in order.
    """
    rows = [
        i
        for i in table_rows(sheet, "funds")
        if any(cell.across > 1 and leaf(cell) for cell in sheet.rows[i].cells)
    ]
    for i in picked(rng, (1, 3, len(rows))[grade - 1], rows):
        sheet = loose_rows(sheet, [i])
        cells = sheet.rows[i].cells
        first = next(j for j, cell in enumerate(cells) if leaf(cell))
        values = [cell for cell in cells[first:] if not blank(cell)]
        gap = [EMPTY] * (len(cells) - first - len(values))
        sheet = with_row(sheet, i, (*cells[:first], *gap, *values))
    return sheet


# --- headers -------------------------------------------------------------------------------------


def off_header(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 7: values stand one column right of their headers.

    One row, three, or the rows of a group from the name on, as in a real department's; in the
    first two grades also the score alone. Recoverable by the shape of the cells (target,
    actual, weight, score), else to be doubted.
    """
    rows = data_rows(sheet)
    rows = _block(rng, sheet, rows) if grade == 3 else chosen(rng, grade, rows)
    for i in rows:
        cells = sheet.rows[i].cells
        columns = [j for j, cell in enumerate(cells) if leaf(cell) == "name"]
        if columns and (grade == 3 or rng.random() < 0.6):
            at = columns[0]
        else:
            at = max((j for j, cell in enumerate(cells) if leaf(cell) == "score"), default=0)
        if at:
            sheet = loose_rows(sheet, [i])
            sheet = with_row(sheet, i, _moved(sheet.rows[i].cells, at))
    return sheet


def _block(rng: Random, sheet: Sheet, rows: Sequence[int]) -> list[int]:
    """The rows of a level-1 group, with those of the next ones if they are fewer than four."""
    starts = [i for i in rows if any(level(c) == "level1" for c in sheet.rows[i].cells)]
    if not starts:
        return []
    start = rng.choice([i for i in starts if i <= rows[-4:][0]] or starts[:1])
    own = [i for i in rows if i >= start]
    ends = [n for n, i in enumerate(own) if i in starts and n > 3]
    return own[: ends[0]] if ends else own


def late_header(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 7: words of a header stand in a row of their own below the first row of its data.

    One word, three, the whole row. To be doubted: above the data there is nothing to go by.
    """
    headers = [i for i in _header_rows(sheet) if i + 1 < len(sheet.rows)]
    if not headers:
        return sheet
    at = rng.choice(headers)
    sheet = loose_rows(sheet, [at])
    cells = sheet.rows[at].cells
    words = [j for j, cell in enumerate(cells) if not blank(cell)][1:]
    late = picked(rng, (1, 3, len(words))[grade - 1], words)
    kept = [EMPTY if j in late else cell for j, cell in enumerate(cells)]
    moved = tuple(cell if j in late else EMPTY for j, cell in enumerate(cells))
    sheet = with_row(sheet, at, kept)
    return inserted(sheet, at + 2, [Row(moved, sheet.rows[at].section)])


def _header_rows(sheet: Sheet) -> list[int]:
    """The first row of the funds and the header of the indicators."""
    return [*table_rows(sheet, "funds")[:1], *table_rows(sheet, "header")[:1]]


def run_together(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 11: neighbouring numbers of a row run into one: ``202010100.00%10``.

    The row is shorter by them, or has a blank in their place; two numbers, with grade 3 up to
    three. To be doubted: where one ends and the next begins is not printed.
    """
    runs: dict[int, list[int]] = {}
    for i, j in numbers(sheet):
        runs.setdefault(i, []).append(j)
    rows = [i for i, run in runs.items() if len(run) > 1]
    for i in chosen(rng, grade, rows):
        first = rng.randrange(len(runs[i]) - 1)
        run = runs[i][first : first + (3 if grade == 3 else 2)]
        sheet = loose_rows(sheet, [i])
        cells = list(sheet.rows[i].cells)
        sheet = with_row(sheet, i, _run(cells, run, shorter=rng.random() < 0.5))
    return sheet


def _run(cells: list[Printed], run: Sequence[int], *, shorter: bool) -> list[Printed]:
    whole = cells[run[0]]
    for j in run[1:]:
        whole = joined(whole, cells[j])
    gone = frozenset(run[1:])
    kept = [EMPTY if j in gone else cell for j, cell in enumerate(cells)]
    kept[run[0]] = whole
    return [cell for j, cell in enumerate(kept) if not (shorter and j in gone)]

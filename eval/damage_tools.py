"""What every damage needs: how many places a grade means, and changes that keep a sheet sound.

A sheet is sound while every merged cell covers exactly the places it counts, inside one table.
Rows that move or are cut lose their merged cells: the text stays in the first place, the others
are blank, which reads the same in every layout without merged cells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from eval.sheet import EMPTY, Mark, Printed, Row, Sheet

Damage = Callable[[Random, Sheet, int], Sheet]
"""``(random, sheet, grade 1 | 2 | 3)`` → the damaged sheet, the same one if it makes no sense."""

Place = tuple[int, int]
"""Row and column of a cell."""

LEVELS = ("level1", "level2")
PROSE = ("expected_goal", "actual_completion", "annual_goal", "annual_completion", "deviation")
GOALS = PROSE[:4]
FORM = ("head", "funds", "goals", "header", "indicators", "totals")
"""The sections of the form that are tables."""

AMOUNTS = ("initial_budget", "annual_budget", "executed")
NUMBERS = (*AMOUNTS, "weight", "execution_rate", "score", "total_weight", "total_score")
PHRASES = ("name", "target", "actual")

_T = TypeVar("_T")


def amount(grade: int, available: int) -> int:
    """How many of the available places a grade damages: one, three, a tenth but more than three.

    >>> [amount(grade, 80) for grade in (1, 2, 3)], amount(3, 20), amount(2, 2)
    ([1, 3, 8], 4, 2)
    """
    wanted = (1, 3, max(4, math.ceil(available / 10)))[grade - 1]
    return min(wanted, available)


def chosen(rng: Random, grade: int, places: Sequence[_T]) -> list[_T]:
    """As many of the places as the grade says, in page order."""
    return picked(rng, amount(grade, len(places)), places)


def picked(rng: Random, count: int, places: Sequence[_T]) -> list[_T]:
    """So many of the places, at most all, in page order."""
    indices = rng.sample(range(len(places)), min(count, len(places)))
    return [places[index] for index in sorted(indices)]


# --- what stands where ---------------------------------------------------------------------------


def leaf(cell: Printed) -> str | None:
    """The last name of the one leaf that fills a cell: ``score`` of ``indicators[3].score``.

    A merged cell prints the same leaf of several rows. ``None`` where the cell prints nothing, or
    words of its own beside the value.
    """
    names = {mark.path.rpartition(".")[2] for mark in cell.marks}
    return names.pop() if len(names) == 1 and all(_fills(cell, m) for m in cell.marks) else None


def _fills(cell: Printed, mark: Mark) -> bool:
    return cell.text[mark.start : mark.end].strip() == cell.text.strip()


def printing(sheet: Sheet, names: Iterable[str]) -> list[Place]:
    """The cells with characters that hold nothing but a leaf with one of these last names."""
    wanted = frozenset(names)
    return [(i, j) for i, j, cell in sheet.cells() if cell.text.strip() and leaf(cell) in wanted]


def level(cell: Printed) -> str | None:
    """``level1`` or ``level2`` where a cell prints that level, whatever stands beside it."""
    names = {mark.path.rpartition(".")[2] for mark in cell.marks}
    return next((name for name in LEVELS if name in names), None)


def level_cells(sheet: Sheet) -> list[Place]:
    return [(i, j) for i, j, cell in sheet.cells() if cell.text.strip() and level(cell)]


def is_chinese(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def seams(text: str) -> list[int]:
    """Where a text may break: between two Chinese characters, or in front of a bracket."""
    return [
        at
        for at in range(1, len(text))
        if is_chinese(text[at - 1]) and (is_chinese(text[at]) or text[at] in "（(")
    ]


def is_digit(char: str) -> bool:
    return "0" <= char <= "9"


def numbers(sheet: Sheet) -> list[Place]:
    """The cells that hold nothing but a number: funds, weights, scores, rates and totals."""
    return [
        (i, j)
        for i, j in printing(sheet, NUMBERS)
        if any(is_digit(char) for char in sheet.rows[i].cells[j].text)
    ]


def prose_cells(sheet: Sheet) -> list[Place]:
    return printing(sheet, PROSE)


def labels(sheet: Sheet) -> list[Place]:
    """The cells of the form itself that print no leaf."""
    return [
        (i, j)
        for i, j, cell in sheet.cells()
        if cell.text.strip() and not cell.marks and sheet.rows[i].section != "other"
    ]


def table_rows(sheet: Sheet, *sections: str) -> list[int]:
    """The table rows of these sections, in page order."""
    return [i for i, row in enumerate(sheet.rows) if row.section in sections and not row.is_line]


def data_rows(sheet: Sheet) -> list[int]:
    """The rows that print an indicator of their own: a weight, a score or a name."""
    return [
        i
        for i in table_rows(sheet, "indicators")
        if any(leaf(cell) in (*PHRASES, "score") for cell in sheet.rows[i].cells)
    ]


def same_table(sheet: Sheet, one: int, two: int) -> bool:
    """Whether two rows, the upper one first, stand in one table."""
    return not any(row.is_line for row in sheet.rows[one : two + 1]) and not any(
        one < at <= two for at in sheet.breaks
    )


def blank(cell: Printed) -> bool:
    return not cell.text.strip()


# --- changing it ---------------------------------------------------------------------------------


def with_cells(sheet: Sheet, changes: Mapping[Place, Printed]) -> Sheet:
    """The sheet with some cells replaced."""
    rows = list(sheet.rows)
    for (i, j), cell in changes.items():
        cells = rows[i].cells
        rows[i] = rows[i]._replace(cells=(*cells[:j], cell, *cells[j + 1 :]))
    return replace(sheet, rows=tuple(rows))


def with_row(sheet: Sheet, index: int, cells: Iterable[Printed]) -> Sheet:
    rows = list(sheet.rows)
    rows[index] = rows[index]._replace(cells=tuple(cells))
    return replace(sheet, rows=tuple(rows))


def edited(sheet: Sheet, places: Iterable[Place], edit: Callable[[Printed], Printed]) -> Sheet:
    """The sheet with the same edit made to some cells."""
    return with_cells(sheet, {(i, j): edit(sheet.rows[i].cells[j]) for i, j in places})


def loosened(sheet: Sheet, unwanted: Callable[[range, range], bool]) -> Sheet:
    """The sheet without the merged cells whose rows and columns are unwanted."""
    changes: dict[Place, Printed] = {}
    for i, j, cell in sheet.cells():
        down, across = range(i, i + cell.down), range(j, j + cell.across)
        if (cell.down > 1 or cell.across > 1) and unwanted(down, across):
            changes |= {(row, column): EMPTY for row in down for column in across}
            changes[i, j] = cell._replace(across=1, down=1)
    return with_cells(sheet, changes)


def loose_rows(sheet: Sheet, rows: Iterable[int]) -> Sheet:
    """The sheet without merged cells in these rows."""
    wanted = frozenset(rows)
    return loosened(sheet, lambda down, across: not wanted.isdisjoint(down))


def inserted(sheet: Sheet, at: int, rows: Sequence[Row], *, new_table: bool = False) -> Sheet:
    """The sheet with rows put in before the row ``at``, the first of them on a new page if asked.

    Merged cells that reach across the place come apart.
    """
    sheet = loosened(sheet, lambda down, across: down[0] < at <= down[-1])
    breaks = {index + len(rows) if index >= at else index for index in sheet.breaks}
    if new_table:
        breaks.add(at)
    return Sheet((*sheet.rows[:at], *rows, *sheet.rows[at:]), frozenset(breaks))


def joined(first: Printed, second: Printed, between: str = "") -> Printed:
    """Two cells run into one, with the marks of both."""
    shift = len(first.text) + len(between)
    moved = tuple(Mark(m.path, m.start + shift, m.end + shift) for m in second.marks)
    return Printed(first.text + between + second.text, first.marks + moved)


def taken(cell: Printed, start: int, end: int) -> Printed:
    """The cell without some of its characters; marks shrink by what they lose."""

    def moved(at: int) -> int:
        return at if at <= start else max(start, at - (end - start))

    marks = [Mark(m.path, moved(m.start), moved(m.end)) for m in cell.marks]
    return cell._replace(
        text=cell.text[:start] + cell.text[end:],
        marks=tuple(mark for mark in marks if mark.end > mark.start),
    )


def changed(
    rng: Random, sheet: Sheet, grade: int, places: list[Place], edit: Callable[[Printed], Printed]
) -> Sheet:
    """An edit made to as many of the places as the grade says, which are all places it can edit."""
    able = [(i, j) for i, j in places if edit(sheet.rows[i].cells[j]) != sheet.rows[i].cells[j]]
    return edited(sheet, chosen(rng, grade, able), edit)

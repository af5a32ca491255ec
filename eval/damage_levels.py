"""Damage to labels and level names: split, cut by a page, centred, dropped, replaced.

The items are those of the damage list of the domain notes; *recoverable* damage is what the
contract of values says how to read back, the rest is *to be doubted*: a flag is the right answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from eval.damage_tools import (
    chosen,
    data_rows,
    edited,
    labels,
    level,
    level_cells,
    loose_rows,
    picked,
    same_table,
    seams,
    with_cells,
)
from eval.sheet import EMPTY, Printed, Row, Sheet


def split_labels(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 1: a level or heading is broken by the width of its cell: ``可持 续影 响指 标``.

    Where its merged cell is high enough the rest may stand in the next row: ``满意``, ``度指标``.
    Recoverable: parts of labels are joined, their spaces go.
    """
    headings = [
        (i, j)
        for i, j in labels(sheet)
        if sheet.rows[i].section in ("head", "funds", "goals", "header")
    ]
    places = [
        (i, j)
        for i, j in sorted({*headings, *level_cells(sheet)})
        if seams(sheet.rows[i].cells[j].text)
    ]
    for i, j in chosen(rng, grade, places):
        cell = sheet.rows[i].cells[j]
        if level(cell) and cell.down > 1 and rng.random() < 0.5:
            at = rng.choice(seams(cell.text))
            sheet = loose_rows(sheet, [i])
            parts = {(i, j): cell.cut(0, at), (i + 1, j): cell.cut(at, len(cell.text))}
            sheet = with_cells(sheet, parts)
        else:
            sheet = with_cells(sheet, {(i, j): _spaced(cell, rng.choice((2, 2, 2, 3, 6)))})
    return sheet


def _spaced(cell: Printed, width: int) -> Printed:
    """A label whose lines hold so many characters, the lines joined by a space."""
    places = seams(cell.text)
    for at in reversed([at for at in places if at % width == 0] or places[:1]):
        cell = cell.put(at, at, " ")
    return cell


# --- merged cells --------------------------------------------------------------------------------


def centred_levels(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 5: the name of a merged cell stands in the middle row of its block, not in the first.

    One block, three, all of them. Recoverable where the whole page is drawn so; where only some
    are, to be doubted.
    """
    places = [(i, j) for i, j in level_cells(sheet) if sheet.rows[i].cells[j].down > 2]
    count = (1, 3, len(places))[grade - 1]
    for i, j in picked(rng, count, places):
        cell = sheet.rows[i].cells[j]
        middle = i + (cell.down - 1) // 2
        covered = {(row, j): EMPTY for row in range(i, i + cell.down)}
        sheet = with_cells(sheet, {**covered, (middle, j): cell._replace(down=1)})
    return sheet


def dropped_levels(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 6: a level name is not there at all. To be doubted: nothing says what it was."""
    places = chosen(rng, grade, level_cells(sheet))
    return edited(sheet, places, lambda cell: cell._replace(text="", marks=()))


def replaced_block(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 6: under the name of a group stand the rows of another one, as in a real department's.

    One to three groups. The truth stays the page as the office meant it, so the rows of the group
    are nowhere. To be doubted: the sums tell.
    """
    blocks = _blocks(sheet)
    if len(blocks) < 2:
        return sheet
    order = picked(rng, min(grade, len(blocks) - 1), range(len(blocks)))
    sources = {at: rng.choice([b for n, b in enumerate(blocks) if n != at]) for at in order}
    rows = {at: [sheet.rows[i] for i in source] for at, source in sources.items()}
    sheet = loose_rows(sheet, [i for block in blocks for i in block])
    for at in reversed(order):
        sheet = _with_block(sheet, blocks[at], rows[at])
    return sheet


def _blocks(sheet: Sheet) -> list[range]:
    """The rows of each level-1 group, where each has a name and they follow each other."""
    starts = [i for i, j in level_cells(sheet) if level(sheet.rows[i].cells[j]) == "level1"]
    rows = data_rows(sheet)
    if not starts or not rows or len(set(starts)) < len(starts):
        return []
    ends = [*starts[1:], rows[-1] + 1]
    blocks = [range(a, b) for a, b in zip(starts, ends, strict=True)]
    return [block for block in blocks if block and same_table(sheet, block[0], block[-1])]


def _with_block(sheet: Sheet, block: range, source: Sequence[Row]) -> Sheet:
    """The rows of a group replaced: its own name and weight stay, on its first row."""
    own = sheet.rows[block[0]].cells
    rows: list[Row] = []
    for n, row in enumerate(source):
        foreign = [Printed(cell.text) if _is_of_row(cell) else EMPTY for cell in row.cells]
        kept = [
            mine if n == 0 and not _is_of_row(mine) else theirs
            for mine, theirs in zip(own, foreign, strict=False)
        ]
        rows.append(row._replace(cells=tuple(kept)))
    shift = len(rows) - len(block)
    breaks = {at + shift if at > block[0] else at for at in sheet.breaks}
    above, below = sheet.rows[: block[0]], sheet.rows[block[-1] + 1 :]
    return Sheet((*above, *rows, *below), frozenset(breaks))


def _is_of_row(cell: Printed) -> bool:
    """Whether a cell belongs to a row of its own, not to its group."""
    paths = [mark.path for mark in cell.marks]
    return level(cell) != "level1" and not any(path.startswith("groups[") for path in paths)

"""Damage where a page ends inside a table: what stood across the break is cut, or doubled.

The items are those of the damage list of the domain notes; *recoverable* damage is what the
contract of values says how to read back, the rest is *to be doubted*: a flag is the right answer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from eval.damage_tools import (
    Place,
    data_rows,
    inserted,
    leaf,
    level,
    level_cells,
    loose_rows,
    picked,
    same_table,
    seams,
    table_rows,
    with_cells,
)
from eval.sheet import EMPTY, Printed, Row, Sheet
from extractor.text import ends_sentence


def page_break(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 2: a page ends inside a table, and the next table has no header (in pipes an empty one).

    Level names, a target, an actual or a note that reached the break are cut there. The rests
    stand in a row of their own (``响指标``; ``比)``), or in front of the next name
    (``指标可持续影响指标``); or a goal goes on alone in its row. One to three breaks.
    Recoverable: every one of these is joined again.
    """
    rows = set(data_rows(sheet))
    places = [i for i in rows if i - 1 in rows and same_table(sheet, i - 1, i)]
    goals = _breaking_goals(sheet)
    for at in reversed(picked(rng, grade, sorted([*places, *(i for i, _ in goals)]))):
        goal = next((place for place in goals if place[0] == at), None)
        sheet = _goal_broken(rng, sheet, goal) if goal else _broken(rng, sheet, at)
    return sheet


def doubled_words(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 14: the last characters before a page break are printed again behind it.

    ``可持续影响``, then ``响指标``. One to three breaks. Recoverable: in level names the overlap is
    dropped.
    """
    rows = set(data_rows(sheet))
    places = [
        i
        for i in sorted(rows)
        if i - 1 in rows and same_table(sheet, i - 1, i) and _cuts(sheet, i, least=3)
    ]
    for at in reversed(picked(rng, grade, places)):
        cuts = _cuts(sheet, at, least=3)
        if not cuts:  # the name was short of characters after a break further down
            continue
        i, j, cut = rng.choice(cuts)
        cell, rest = sheet.rows[i].cells[j], [EMPTY] * len(sheet.rows[at].cells)
        rest[j] = cell.cut(cut - 1, len(cell.text))
        sheet = with_cells(loose_rows(sheet, [at - 1]), {(i, j): cell.cut(0, cut)})
        sheet = inserted(sheet, at, [Row(tuple(rest), "indicators")], new_table=True)
    return sheet


def _cuts(sheet: Sheet, at: int, least: int) -> list[tuple[int, int, int]]:
    """``(row, column, offset)`` where level cells that reach the row above ``at`` may be cut."""
    found: list[tuple[int, int, int]] = []
    for i, j in level_cells(sheet):
        cell = sheet.rows[i].cells[j]
        if i < at <= i + cell.down:
            cuts = [k for k in seams(cell.text) if k >= least and cell.text[k] not in "（("]
            found += [(i, j, cut) for cut in cuts]
    return found


def _broken(rng: Random, sheet: Sheet, at: int) -> Sheet:
    """A page break in front of the row ``at`` of the indicators."""
    parts: dict[Place, int] = {}
    for i, j in sorted({(i, j) for i, j, _ in _cuts(sheet, at, least=2)}):
        if rng.random() < 0.6:
            parts[i, j] = rng.choice([c for *p, c in _cuts(sheet, at, least=2) if p == [i, j]])
    wrapping = _wrapping(rng, sheet, at - 1)
    if wrapping:
        parts[at - 1, wrapping[0]] = wrapping[1]
    rest = [EMPTY] * len(sheet.rows[at].cells)
    upper: dict[Place, Printed] = {}
    for (i, j), cut in parts.items():
        cell = sheet.rows[i].cells[j]
        upper[i, j], rest[j] = cell.cut(0, cut), cell.cut(cut, len(cell.text))
    sheet = with_cells(loose_rows(sheet, [at - 1]), upper)
    if not parts:
        return replace(sheet, breaks=sheet.breaks | {at})
    column = next(iter(parts))[1]
    following = sheet.rows[at].cells[column]
    if len(parts) == 1 and level(following) and rng.random() < 0.5:
        sheet = with_cells(sheet, {(at, column): _before(rest[column], following)})
        return replace(sheet, breaks=sheet.breaks | {at})
    return inserted(sheet, at, [Row(tuple(rest), "indicators")], new_table=True)


def _before(rest: Printed, cell: Printed) -> Printed:
    """The rest of a name glued in front of the next one; each keeps its own marks."""
    shift = len(rest.text)
    moved = tuple(m._replace(start=m.start + shift, end=m.end + shift) for m in cell.marks)
    return cell._replace(text=rest.text + cell.text, marks=rest.marks + moved)


def _wrapping(rng: Random, sheet: Sheet, index: int) -> tuple[int, int] | None:
    """The column of a target, an actual or a note of a row, and where the page cuts it."""
    places: list[tuple[int, int]] = []
    for j, cell in enumerate(sheet.rows[index].cells):
        name, text = leaf(cell), cell.text
        if name in ("target", "actual") and _unit(text):
            places.append((j, _unit(text) + rng.randint(0, 1)))
        elif name in ("actual", "deviation") and len(text) > 6 and seams(text):
            places.append((j, rng.choice(seams(text))))
    places = [place for place in places if place[1] < len(sheet.rows[index].cells[place[0]].text)]
    return rng.choice(places) if places and rng.random() < 0.5 else None


def _breaking_goals(sheet: Sheet) -> list[Place]:
    """The longest goal of each row, where every other goal there ends its sentence."""
    found: list[Place] = []
    for i in table_rows(sheet, "goals"):
        cells = [(len(c.text), j) for j, c in enumerate(sheet.rows[i].cells) if leaf(c)]
        ended = all(ends_sentence(sheet.rows[i].cells[j].text) for _, j in cells)
        if cells and ended and _halves(sheet.rows[i].cells[max(cells)[1]].text):
            found.append((i, max(cells)[1]))
    return found


def _halves(text: str) -> list[int]:
    """The seams of the middle half of a text that do not follow a full stop."""
    return [at for at in seams(text) if len(text) / 4 < at < len(text) * 3 / 4]


def _goal_broken(rng: Random, sheet: Sheet, place: Place) -> Sheet:
    i, j = place
    sheet = loose_rows(sheet, [i])
    cell = sheet.rows[i].cells[j]
    at = rng.choice(_halves(cell.text))
    rest = [EMPTY] * len(sheet.rows[i].cells)
    rest[rng.choice((j, min(2, len(rest) - 1)))] = cell.cut(at, len(cell.text))
    sheet = with_cells(sheet, {place: cell.cut(0, at)})
    return inserted(sheet, i + 1, [Row(tuple(rest), "goals")], new_table=True)


def wrapped_units(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 14: the unit of a quantity wraps into a row of its own: ``88.00(百分``, ``比)``.

    As on the real pages a page ends there; one unit to three. Recoverable: a fragment under a
    known column continues the cell above.
    """
    places = [
        (i, j)
        for i in data_rows(sheet)
        for j, cell in enumerate(sheet.rows[i].cells)
        if leaf(cell) in ("target", "actual") and _unit(cell.text)
    ]
    for i, j in reversed(picked(rng, grade, places)):
        cell = sheet.rows[i].cells[j]
        at = rng.randint(_unit(cell.text), len(cell.text) - 1)
        rest = [EMPTY] * len(sheet.rows[i].cells)
        rest[j] = cell.cut(at, len(cell.text))
        sheet = with_cells(sheet, {(i, j): cell.cut(0, at)})
        sheet = inserted(sheet, i + 1, [Row(tuple(rest), "indicators")], new_table=True)
    return sheet


def _unit(text: str) -> int:
    """Where the unit of a quantity begins, behind its bracket; 0 where it has none."""
    found = re.fullmatch(r".+[(（][^()（）]+[)）]", text)
    return max(text.rfind("("), text.rfind("（")) + 1 if found else 0

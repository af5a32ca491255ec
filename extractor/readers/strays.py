"""Cells that the table reader gave no field, for values that it has no cell for.

Where it did not understand a row, the row's cells stand among those that nothing claimed. A value
is not searched for among them alone: the values of one row must stand there one after the other,
all of them, and in one place only. A text may stand alone; a number may not.

Worked: of a row whose label was lost the cells ``7.20 7.10 98.61%`` are left. A reply that has
these three for one row of the funds has its place; one that has 7.10 alone has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from extractor.families.base import Family
from extractor.readers.by_order import Found
from extractor.readers.claims import Claims, same_number
from extractor.readers.printed import fold
from extractor.types import Cell, Reading, Span

_LEVELS = ("level1", "level2")
_LEADING, _TRAILING = frozenset({*_LEVELS, "name"}), frozenset({"deviation", "note"})


def found_in_rest(
    text: str,
    family: Family,
    claims: Claims,
    missing: Mapping[str, str],
    cells: Mapping[str, Reading | None],
    unread: Sequence[Span],
) -> Found:
    """The cells of ``missing`` values among the ``unread`` ones.

    ``cells`` are those that the table reader has for the other claims: they tell the order of the
    columns, and a level that the row above bears too stands where it stands there.
    """
    rest = [Cell(text[start:end], start, end) for start, end in unread]
    orders = {name: _columns(name, cells) for name in set(map(_section, missing))}
    found: Found = {}
    for branch, group in groupby(missing, key=lambda path: path.rpartition(".")[0] or path):
        paths = list(group)
        order = orders[_section(paths[0])]
        row = sorted(paths, key=lambda path: order.get(path.rpartition(".")[2], 0))
        carried = list(_carried(branch, row, claims, cells, found))
        for path, cell in carried:
            found[path] = {"": cell}
        own = [path for path in row if path not in found]
        begin, end = _bounds(branch, own, cells, len(text))
        near = [cell for cell in rest if begin <= cell.start and cell.end <= end]
        places = _windows(family, own, missing, near)
        if len(places) == 1:
            found |= {p: {"": cell} for p, cell in zip(own, places[0], strict=True)}
            rest = [cell for cell in rest if cell not in places[0]]
    return found


def _section(path: str) -> str:
    """The table of a leaf: ``funds.total.score`` → ``funds``."""
    return re.split(r"[.\[]", path)[0]


def _columns(section: str, cells: Mapping[str, Reading | None]) -> dict[str, int]:
    """``{last name of a leaf: its turn}`` as the fullest row of a table prints them."""
    filled = {
        path: one.spans[0].start
        for path, one in cells.items()
        if one and one.spans and _section(path) == section
    }
    rows: dict[str, list[tuple[int, str]]] = {}
    for path, start in filled.items():
        branch, _, name = path.rpartition(".")
        rows.setdefault(branch, []).append((start, name))
    fullest = max(rows.values(), key=len, default=None)
    return {name: turn for turn, (_, name) in enumerate(sorted(fullest or ()))}


def _carried(
    branch: str,
    row: Sequence[str],
    claims: Claims,
    cells: Mapping[str, Reading | None],
    found: Found,
) -> Iterator[tuple[str, Cell]]:
    """Levels that the row above has a place for."""
    section, _, index = branch.partition("[")
    if section != "indicators" or index == "0]":
        return
    above = f"{section}[{int(index[:-1]) - 1}]"
    for level in _LEVELS:
        path, upper = f"{branch}.{level}", f"{above}.{level}"
        if path in row and claims.get(upper) == claims[path]:
            cell = cells.get(upper)
            if upper in found:
                yield path, found[upper][""]
            elif cell is not None and len(cell.spans) == 1 and cell.value == claims[path]:
                yield path, Cell(cell.raw[0], *cell.spans[0])


def _bounds(
    branch: str, paths: Sequence[str], cells: Mapping[str, Reading | None], end: int
) -> tuple[int, int]:
    """Between which characters the missing cells of a row of a list may stand: between the rows
    above and below, what begins a row in front of its other cells and what ends it behind them.

    The name of the row below stands between the two as well, and is none of this row.
    """
    section, _, index = branch.partition("[")
    if not index:
        return 0, end
    rows: dict[int, list[Span]] = {}
    for path, one in cells.items():
        if path.startswith(f"{section}[") and one is not None and ".level" not in path:
            rows.setdefault(int(path[len(section) + 1 : path.index("]")]), []).extend(one.spans)
    number = int(index[:-1])
    begin = max((s.end for n, spans in rows.items() if n < number for s in spans), default=0)
    end = min((s.start for n, spans in rows.items() if n > number for s in spans), default=end)
    names = {path.rpartition(".")[2] for path in paths}
    own = rows.get(number)
    if own and names <= _LEADING:
        end = min(end, min(own).start)
    elif own and names <= _TRAILING:
        begin = max(begin, max(own).end)
    return begin, end


def _windows(
    family: Family, row: Sequence[str], missing: Mapping[str, str], rest: Sequence[Cell]
) -> list[Sequence[Cell]]:
    """The runs of cells that are the values of a row, one for one."""
    if not row or (len(row) == 1 and any(map(str.isdigit, missing[row[0]]))):
        return []
    runs = (rest[at : at + len(row)] for at in range(len(rest) - len(row) + 1))
    return [
        run
        for run in runs
        if all(_says(family, p, missing[p], c) for p, c in zip(row, run, strict=True))
    ]


def _says(family: Family, path: str, value: str, cell: Cell) -> bool:
    if family.is_number(path):
        return same_number(value, cell.text)
    return fold(cell.text) == fold(value)

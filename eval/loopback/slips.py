"""The kinds of misreading, one function each: where it may begin, and what it makes of the leaves.

Each takes the leaves as they stand and the path where the error begins, and returns the leaves that
change with their new values; nothing is changed in place. An empty answer is an error that came to
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Literal

from eval.loopback.leaves import Leaves, Place, place
from eval.loopback.sums import fitting, number, off_by, sums

Kind = Literal["digit", "row_shift", "dropped_row", "swapped_columns", "invented", "adjusted"]
Slip = Callable[[Leaves, str, Random], Leaves]

ALIKE: Mapping[str, str] = {
    "0": "689", "1": "74", "2": "73", "3": "85", "4": "19",
    "5": "36", "6": "850", "7": "12", "8": "360", "9": "40",
}  # fmt: skip
"""What a digit is taken for."""


def digit(leaves: Leaves, path: str, rng: Random) -> Leaves:
    """One digit is taken for one that looks like it; a number does not come to begin with 0."""
    value = leaves[path]
    places = [at for at, char in enumerate(value or "") if char in ALIKE]
    if value is None or not places:
        return {}
    at = rng.choice(places)
    leads = (at == 0 or not value[at - 1].isdigit()) and value[at + 1 : at + 2].isdigit()
    taken = rng.choice(ALIKE[value[at]].replace("0", "") if leads else ALIKE[value[at]])
    return {path: value[:at] + taken + value[at + 1 :]}


def row_shift(leaves: Leaves, path: str, rng: Random) -> Leaves:
    """A cell is skipped: from it on, the column of a list moves up by one row."""
    at = place(path)
    if at is None or not at.row.startswith("["):
        return {}
    column = [p for p in leaves if (q := place(p)) and (q.table, q.column) == (at.table, at.column)]
    values = [leaves[p] for p in column]
    begin = column.index(path)
    if len(column) < 2 or values[begin] == [*values, None][begin + 1]:
        return {}
    return _differing(leaves, dict(zip(column[begin:], [*values[begin + 1 :], None], strict=True)))


def swapped_columns(leaves: Leaves, path: str, rng: Random) -> Leaves:
    """Two columns of a table change places; numbers with numbers, text with text."""
    at = place(path)
    if at is None:
        return {}
    table = {p: q for p in leaves if (q := place(p)) and q.table == at.table}
    others = [p for p, q in table.items() if q.row == at.row and _alike(leaves, path, p)]
    if not others:
        return {}
    other = table[rng.choice(others)].column
    changes: Leaves = {}
    for q in table.values():
        mine, theirs = (_path(q._replace(column=name)) for name in (at.column, other))
        if q.column == at.column and theirs in leaves:
            changes |= {mine: leaves[theirs], theirs: leaves[mine]}
    return _differing(leaves, changes)


def invented(leaves: Leaves, path: str, rng: Random) -> Leaves:
    """Where nothing is printed, a value: one of the same column if there is one, else 0.00."""
    if leaves[path] is not None:
        return {}
    column = path.rsplit(".", 1)[-1]
    near = {v: 1 for p, v in leaves.items() if v is not None and p.rsplit(".", 1)[-1] == column}
    return {path: rng.choice(list(near) or ["0.00"])}


def adjusted(leaves: Leaves, path: str, rng: Random) -> Leaves:
    """A number is written so that a total adds up.

    Where the sum does not hold, the number becomes what closes it; where it holds, one of its
    digits is misread and another member is made to fit, so that no sum shows it.
    """
    members = [(one, {one.total, *one.parts}) for one in sums(leaves)]
    mine = [(one, names) for one, names in members if path in names]
    if not mine:
        return {}
    one, names = rng.choice(mine)
    if off_by(one, leaves) != 0:
        closing = fitting(one, leaves, path)
        return {} if closing is None else {path: closing}
    changes = digit(leaves, path, rng)
    after = leaves | changes
    closings = {p: fitting(one, after, p) for p in leaves if p in names and p != path}
    fits = [p for p, value in closings.items() if value is not None]
    if not fits:
        return {}
    other = rng.choice(fits)
    return changes | {other: closings[other]}


def _alike(leaves: Leaves, path: str, other: str) -> bool:
    mine, theirs = leaves[path], leaves[other]
    if mine is None or theirs is None or mine == theirs:
        return False
    return (number(mine) is None) == (number(theirs) is None)


def _differing(leaves: Leaves, changes: Leaves) -> Leaves:
    return {path: value for path, value in changes.items() if leaves[path] != value}


def _path(at: Place) -> str:
    return f"{at.table}{at.row}.{at.column}"


SLIPS: Mapping[Kind, Slip] = {
    "digit": digit,
    "row_shift": row_shift,
    "swapped_columns": swapped_columns,
    "invented": invented,
    "adjusted": adjusted,
}
"""All kinds but the dropped row, which changes no leaf: its leaves are gone."""

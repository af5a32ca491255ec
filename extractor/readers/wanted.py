"""The cells that a page should print, given the values that a model gave for it.

A cell may print less than a leaf (a target spread over three columns) or more (a level that stands
once for all its rows, with the weight of its group in brackets).

Worked: two rows of ``产出指标`` whose group weighs 40 are printed in one level-1 cell,
``产出指标（40分）``: the level of both rows, the level of the group, and its weight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from extractor.readers.claims import Claims
from extractor.readers.indicator_readings import SPREAD
from extractor.readers.row_pairs import rows_of

_MEASURED = re.compile(r"([≥≤=><]?)([\d.,]*\d)\(([^()]+)\)|([≥≤=><])([\d.,]*\d)([^()\d.,]+)")
_COMPARED = re.compile(r"([≥≤=><])(.+)")
UNTOLD = ("定性", "定量")
"""What stands for the comparison of a target that has none."""


class Wanted(NamedTuple):
    """One printed cell that is expected: the leaf it prints, and its value.

    ``part`` names the column of a target that is spread over three; ``also`` are leaves that the
    cell prints too (a level of the rows below), ``inside`` one whose value stands in brackets
    behind (``产出指标（40分）``). Without a path it is a cell of no leaf, and may be anything.
    """

    path: str
    value: str | None
    part: str = ""
    also: tuple[str, ...] = ()
    inside: tuple[str, str] | None = None


ANY = Wanted("", None)
"""A cell of no leaf."""


class Columns:
    """The cells of the indicator table by column, for one set of claims."""

    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        self.rows = rows_of("indicators", claims)

    def cells(self, role: str, roles: Sequence[str]) -> Iterator[tuple[int, Wanted]]:
        """The cells of a column by the first row that each stands in."""
        if role in ("level1", "level2"):
            yield from self._levels(role, roles)
        elif role == "group_weight":
            for group, row in self.groups.items():
                path = f"groups[{group}].weight"
                yield row, Wanted(path, self.claims[path])
        elif role in SPREAD or (role == "target" and not set(SPREAD).isdisjoint(roles)):
            for index, row in enumerate(self.rows):
                part = spread(row["target"])[role] if "target" in row else None
                yield index, Wanted(f"indicators[{index}].target", part, role)
        else:
            for index, row in enumerate(self.rows):
                yield index, Wanted(f"indicators[{index}].{role}", row.get(role))

    def _levels(self, role: str, roles: Sequence[str]) -> Iterator[tuple[int, Wanted]]:
        """A level is printed once for all rows that bear it under the same level 1."""
        bearers = [(row.get("level1"), row.get(role)) for row in self.rows]
        starts = [i for i, one in enumerate(bearers) if i == 0 or one != bearers[i - 1]]
        starts = sorted({*starts, *self.groups.values()})
        group_of = {row: group for group, row in self.groups.items()}
        for start, stop in pairwise([*starts, len(bearers)]):
            also = [f"indicators[{i}].{role}" for i in range(start, stop)]
            inside, value, group = None, bearers[start][1], group_of.get(start)
            if group is not None and role == "level1":
                also.append(f"groups[{group}].level1")
                weight = self.claims.get(f"groups[{group}].weight")
                if weight is not None and "group_weight" not in roles:
                    inside = (f"groups[{group}].weight", weight)
            elif group is not None and value is None:
                value = self.claims.get(f"groups[{group}].level2_listed")
                also = [f"groups[{group}].level2_listed"] if value else also
            yield start, Wanted(also[0], value, "", tuple(also[1:]), inside)

    @cached_property
    def groups(self) -> dict[int, int]:
        """``{group: its first row}``: groups follow each other as the rows that bear their name."""
        found: dict[int, int] = {}
        names = [group.get("level1") for group in rows_of("groups", self.claims)]
        for index, row in enumerate(self.rows):
            level = row.get("level1")
            is_new = index == 0 or level != self.rows[index - 1].get("level1")
            if is_new and len(found) < len(names) and level == names[len(found)]:
                found[len(found)] = index
        return found


def spread(target: str) -> dict[str, str | None]:
    """A target over the cells of its nature, its value and its unit of measure.

    >>> spread("≥95(%)")
    {'nature': '≥', 'target': '95', 'measure': '%'}
    >>> spread("≤预算金额")
    {'nature': '≤', 'target': '预算金额', 'measure': None}
    >>> spread("健全")
    {'nature': '定性', 'target': '健全', 'measure': None}
    """
    if whole := _MEASURED.fullmatch(target):
        nature, value, measure = (whole[at] or whole[at + 3] for at in (1, 2, 3))
        return {"nature": nature or UNTOLD[0], "target": value, "measure": measure}
    if part := _COMPARED.fullmatch(target):
        return {"nature": part[1], "target": part[2], "measure": None}
    return {"nature": UNTOLD[0], "target": target, "measure": None}

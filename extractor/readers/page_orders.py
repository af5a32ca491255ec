"""In which order a page without rows prints its values: by its labels, and what follows each.

A table whose headers stand side by side was read row by row: behind the label of a row (or the
name of an indicator) come its cells in the order of the headers. A table whose headers stand apart
was read column by column: behind each header come its cells in the order of the rows. Either way
a stretch of words between two known ones is asked to be a list of values, one for one.

Worked: ``预算数 执行数 总额 8.00 5.00`` says that behind ``总额`` stand ``annual_budget`` and
``executed``; ``总额 预算数 8.00 执行数 5.00`` says that behind ``执行数`` stands ``executed``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from extractor.families.base import Family
from extractor.families.levels import LEVELS
from extractor.readers.chain import chain
from extractor.readers.indicator_readings import SPREAD
from extractor.readers.printed import Printed, fold
from extractor.readers.row_pairs import rows_of
from extractor.text import label_key

Claims = Mapping[str, str | None]

_SHORTEST_HEADER = 3
_MOST_LOST = 3
_GROUP_WEIGHT = label_key("权重")
_POINTS = ("weight", "score")
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

Stretch = tuple[range, list[Wanted]]
"""Words of the page that follow each other, and the cells that they should be."""
_Header = tuple[int, str]
"""Where a header stands and the role of its column."""


class Orders:
    """The stretches of one page for one set of claims."""

    def __init__(self, page: Printed, family: Family, claims: Claims) -> None:
        self.page, self.layout, self.claims = page, family.layout, claims
        self.rows = rows_of("indicators", claims)
        self.matrix = family.layout.matrix
        columns = self._header(self.layout.columns, range(len(page.words)))
        others = [at for at in range(len(page.words)) if at not in dict(columns)]
        self.across = columns
        self.amounts = self._header(self.matrix.columns, others)

    def stretches(self) -> Iterator[Stretch]:
        """Every stretch of words for which values are expected."""
        following = list(self._columns())
        following += self._amount_rows() if self.amounts else ()
        names: set[int] = set()
        if self.across:
            places = self._names(self.across[-1][0], self._end())
            names = set(places.values())
            self.page.pinned |= names
            following += self._indicator_rows(places)
        for pin, wanted in following:
            first = pin if pin in names else pin + 1
            yield range(first, self.page.run(pin).stop), wanted

    # Row by row

    def _header(self, labels: Mapping[str, str], among: Sequence[int]) -> list[_Header]:
        """The longest row of headers that stand side by side, if there is one."""
        found: list[_Header] = []
        row: list[_Header] = []
        for at in among:
            role = labels.get(self.page.keys[at])
            if role is None or (row and row[-1][0] != at - 1):
                row = []
            if role is not None:
                row = [*row, (at, role)]
            found = max(found, row, key=len)
        return found if len(found) >= _SHORTEST_HEADER else []

    def _amount_rows(self) -> Iterator[tuple[int, list[Wanted]]]:
        for at, row in self._row_labels(self.amounts[-1][0]):
            yield at, [self._amount(row, role) for _, role in self.amounts]

    def _row_labels(self, after: int) -> list[tuple[int, str]]:
        """The labels of the amounts' rows, the first of each."""
        found: dict[str, int] = {}
        for at in range(after + 1, len(self.page.words)):
            row = self.matrix.rows.get(self.page.keys[at])
            if row is not None:
                found.setdefault(row, at)
        return [(at, row) for row, at in found.items()]

    def _amount(self, row: str, role: str) -> Wanted:
        path = f"{self.matrix.name}.{row}.{role}"
        return Wanted(path, self.claims[path]) if path in self.claims else ANY

    def _indicator_rows(self, names: Mapping[int, int]) -> Iterator[tuple[int, list[Wanted]]]:
        """What follows the header, each name, and the label of the total."""
        roles = self._roles([at for at, _ in self.across])
        cells = {role: dict(self._column(role, roles)) for role in roles}
        pin, wanted = self.across[-1][0], list[Wanted]()
        for index in range(len(self.rows)):
            for role in roles:
                if role == "name" and index in names:
                    yield pin, wanted
                    pin, wanted = names[index], []
                if index in cells[role]:
                    wanted.append(cells[role][index])
        yield pin, wanted
        if self._end() < len(self.page.words):
            points = [f"total_{role}" for role in roles if role in _POINTS]
            yield self._end(), [Wanted(path, self.claims[path]) for path in points]

    def _end(self) -> int:
        """Where the label of the total stands, below the indicators."""
        end = self.across[-1][0] + 1
        while end < len(self.page.words) and self.page.keys[end] not in self.layout.totals:
            end += 1
        return end

    def _names(self, begin: int, end: int) -> dict[int, int]:
        """Rows whose name stands on the page as a word of its own, in the order of both."""
        return chain(
            [
                [at for at in self.page.standing(name) if begin < at < end]
                if (name := row.get("name")) and name not in LEVELS
                else []
                for row in self.rows
            ]
        )

    # Column by column

    def _columns(self) -> Iterator[tuple[int, list[Wanted]]]:
        """Each header with its column; which of two like headers is whose, their cells tell."""
        ours = [] if self.across else self._indicator_columns()
        theirs = [] if self.amounts else self._amount_columns()
        for columns in (ours, theirs):
            others = dict(theirs if columns is ours else ours)
            for role, wanted in columns:
                pin = self._pin(role, wanted, others.get(role), columns is ours)
                if pin is not None:
                    yield pin, wanted

    def _pin(
        self, role: str, wanted: list[Wanted], rival: list[Wanted] | None, of_rows: bool
    ) -> int | None:
        """The header of a column: of several the one whose words are its cells."""
        labels = self.layout.columns if of_rows else self.matrix.columns
        pins = [at for at, key in enumerate(self.page.keys) if self._is(role, key, labels, of_rows)]
        if rival is None or len(pins) < 2:
            return pins[0] if pins and (rival is None or self._agree(pins[0], wanted) > 0) else None
        return max(
            pins,
            key=lambda at: (
                self._agree(at, wanted)
                + max((self._agree(other, rival) for other in pins if other != at), default=0)
            ),
        )

    def _is(self, role: str, key: str, labels: Mapping[str, str], of_rows: bool) -> bool:
        printed = labels.get(key)
        if of_rows and self.has_group_column and printed == "weight" and key == _GROUP_WEIGHT:
            printed = "group_weight"
        return printed == role

    def _agree(self, pin: int, wanted: list[Wanted]) -> int:
        words = [fold(self.page.words[at].text) for at in self.page.run(pin)]
        values = [one.value for one in wanted if one.value is not None]
        shared = sum(min(words.count(v), values.count(v)) for v in set(values))
        return shared - abs(len(words) - len(wanted))

    def _amount_columns(self) -> list[tuple[str, list[Wanted]]]:
        rows = [row for _, row in self._row_labels(-1)]
        roles = dict.fromkeys(self.matrix.columns.values())
        return [(role, [self._amount(row, role) for row in rows]) for role in roles]

    def _indicator_columns(self) -> list[tuple[str, list[Wanted]]]:
        roles = [*dict.fromkeys(self.layout.columns.values()), "group_weight"]
        found: list[tuple[str, list[Wanted]]] = []
        lost = self._lost_rows()
        for role in roles:
            cells = self._with_lost_rows(
                dict(self._column(role, self._printed_roles())), role, lost
            )
            if role in _POINTS:
                path = f"total_{role}"
                cells.append(Wanted(path, self.claims[path]))
            found.append((role, cells))
        return found

    def _lost_rows(self) -> list[int]:
        """Rows of the page that the claims lack, each by the row that stands below it.

        The column of names tells, if all names stand in it and others between them.
        """
        keys = self.page.keys
        pin = next(
            (i for i, key in enumerate(keys) if self.layout.columns.get(key) == "name"), None
        )
        words = [] if pin is None else list(self.page.run(pin))
        folds = [fold(row.get("name", "")) for row in self.rows]
        places = [[at for at in words if self.page.folds[at] == one] for one in folds]
        found = chain(places)
        if not 0 < len(words) - len(folds) <= _MOST_LOST or len(found) < len(folds):
            return []
        taken = set(found.values())
        return [sum(place < at for place in taken) for at in words if at not in taken]

    def _with_lost_rows(
        self, cells: Mapping[int, Wanted], role: str, lost: Sequence[int]
    ) -> list[Wanted]:
        """A column with a cell of any kind for each lost row, but where a merged level covers it."""
        column = sorted(cells.items())
        is_merged = role in ("level1", "level2", "group_weight")
        own = [at for at in lost if not is_merged or at in cells or at == len(self.rows)]
        column += [(at, ANY) for at in ([] if role == "group_weight" else own)]
        return [one for _, one in sorted(column, key=lambda item: (item[0], item[1] is not ANY))]

    # Both ways

    @cached_property
    def has_group_column(self) -> bool:
        """Whether the weights of groups have a column of their own: 权重 beside 分值."""
        if "weight" in self.matrix.columns.values():
            return False
        weights = {key for key in self.page.keys if self.layout.columns.get(key) == "weight"}
        return _GROUP_WEIGHT in weights and len(weights) > 1

    def _printed_roles(self) -> list[str]:
        keys = (self.layout.columns.get(key) for key in self.page.keys)
        roles = [role for role in dict.fromkeys(keys) if role is not None]
        return [*roles, "group_weight"] if self.has_group_column else roles

    def _roles(self, header: Sequence[int]) -> list[str]:
        """The roles of a row of headers."""
        keys = [self.page.keys[at] for at in header]
        return [
            "group_weight"
            if self.has_group_column and key == _GROUP_WEIGHT
            else self.layout.columns[key]
            for key in keys
        ]

    def _column(self, role: str, roles: Sequence[str]) -> Iterator[tuple[int, Wanted]]:
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

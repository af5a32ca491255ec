"""In which order a page without rows prints its values: by its labels, and what follows each.

A table whose headers stand side by side was read row by row: behind the label of a row (or the
name of an indicator) come its cells in the order of the headers. A table whose headers stand apart
was read column by column: behind each header come its cells in the order of the rows. Either way
a stretch of words between two known ones is asked to be a list of values, one for one.

Worked: ``预算数 执行数 总额 8.00 5.00`` says that behind ``总额`` stand ``annual_budget`` and
``executed``; ``总额 预算数 8.00 执行数 5.00`` says that behind ``执行数`` stands ``executed``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from extractor.families.base import Family
from extractor.families.levels import LEVELS
from extractor.readers.chain import chain
from extractor.readers.claims import Claims
from extractor.readers.printed import Printed, fold
from extractor.readers.wanted import ANY, Columns, Wanted
from extractor.text import label_key

_SHORTEST_HEADER = 3
_MOST_LOST = 3
_GROUP_WEIGHT = label_key("权重")

Stretch = tuple[range, list[Wanted]]
"""Words of the page that follow each other, and the cells that they should be."""
_Header = tuple[int, str]
"""Where a header stands and the role of its column."""


class Orders:
    """The stretches of one page for one set of claims."""

    def __init__(self, page: Printed, family: Family, claims: Claims) -> None:
        self.page, self.layout, self.claims = page, family.layout, claims
        self.columns = Columns(claims)
        self.rows = self.columns.rows
        self.matrix = family.layout.matrix
        words = range(len(page.words))
        self.across = self._header(self.layout.columns, words)
        taken = {at for at, _ in self.across}
        self.amounts = self._header(self.matrix.columns, [at for at in words if at not in taken])

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
        rows: list[list[_Header]] = [[]]
        for at in among:
            role = labels.get(self.page.keys[at])
            if role is None or (rows[-1] and rows[-1][-1][0] != at - 1):
                rows.append([])
            if role is not None:
                rows[-1].append((at, role))
        longest = max(rows, key=len)
        return longest if len(longest) >= _SHORTEST_HEADER else []

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
        cells = {role: dict(self.columns.cells(role, roles)) for role in roles}
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
            yield self._end(), [cell for role in roles for cell in self._total(role)]

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
                dict(self.columns.cells(role, self._printed_roles())), role, lost
            )
            found.append((role, [*cells, *self._total(role)]))
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
        """A column with a cell for each lost row, but where a merged level covers that."""
        column = sorted(cells.items())
        is_merged = role in ("level1", "level2", "group_weight")
        own = [at for at in lost if not is_merged or at in cells or at == len(self.rows)]
        column += [(at, ANY) for at in ([] if role == "group_weight" else own)]
        return [one for _, one in sorted(column, key=lambda item: (item[0], item[1] is not ANY))]

    # Both ways

    def _total(self, role: str) -> list[Wanted]:
        """The cell of the total row below a column, if it has one."""
        path = f"total_{role}"
        return [Wanted(path, self.claims[path])] if path in self.claims else []

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

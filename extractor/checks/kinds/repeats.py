"""Indicator rows that say again what other rows of the form say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from extractor.checks.kinds.base import ALL_WELL, Label, Residual, Says, SumOf, Value, Values
from extractor.numbers import Interval, Number
from extractor.types import Severity

_LEAVES = ("name", "target", "actual", "weight", "score")
_NEAREST = 8
"""How many earlier rows of the same name a row is held against: reading stays linear."""


class Block(NamedTuple):
    """``length`` rows from ``first`` on, said again from ``second`` on; rows count from 0."""

    first: int
    second: int
    length: int


@dataclass(frozen=True, slots=True)
class Repeats:
    """No two rows say the same, and no block of rows repeats another.

    A page whose 产出 block holds the rows of 效益 was put together wrongly, and rows that were read
    twice add up wrongly or, where another row was lost for them, rightly.

    Two rows are one where name, target and actual are equal and printed, and so is the weight or
    the score. In a block, two rows or more in the same order, it is enough that the names are equal
    and that all but one of the other cells are: a name alone comes back where it is said of several
    things, with other values (培训场次 ≥5 and ≥12), a copy differs by a misread cell at most. That
    one cell may differ also keeps a repetition from being cleared by any single number: what is
    wrong with it is not a digit.

    Both blocks are named, cell by cell, because which of them is out of place no row can tell. All
    pairs of blocks are told in one finding.
    """

    path: str
    rule: str
    count: int | None = None
    severity: Severity = "error"
    proves: bool = False
    rows: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        at = [self.path.replace("[]", f"[{index}]") for index in range(self.count or 0)]
        rows = tuple(tuple(f"{row}.{leaf}" for leaf in _LEAVES) for row in at)
        object.__setattr__(self, "rows", rows)

    @property
    def exact(self) -> bool:
        return False

    @property
    def id(self) -> str:
        return f"repeat:{self.path}"

    def heading(self) -> Says:
        return {"zh": "行不重复", "en": "no repeated rows"}

    def over(self, count: int) -> Repeats:
        return replace(self, count=count)

    def fields(self) -> tuple[str, ...]:
        if self.count is None:
            return tuple(f"{self.path}.{leaf}" for leaf in _LEAVES)
        return tuple(path for row in self.rows for path in row)

    def blocks(self, values: Values) -> list[Block]:
        """The pairs of blocks, each row of the later one held against the nearest like it."""
        names = [values.get(row[0]) for row in self.rows]
        if len(set(names)) == len(names):
            return []
        earlier, twins = dict[str, list[int]](), dict[int, int]()
        for index, name in enumerate(names):
            if not isinstance(name, str) or not name:
                continue
            before = earlier.setdefault(name, [])
            for other in reversed(before[-_NEAREST:]):
                if self._are_alike(values, other, index):
                    twins[index] = other
                    break
            before.append(index)
        return [block for block in _runs(twins) if block.length > 1 or self._same(values, block)]

    def _told(self, values: Values, index: int) -> list[Value]:
        return [_value(values.get(path)) for path in self.rows[index]]

    def _are_alike(self, values: Values, one: int, two: int) -> bool:
        """Whether two rows of one name differ in one cell at most, and something is said there."""
        pairs = list(zip(self._told(values, one)[1:], self._told(values, two)[1:], strict=True))
        same = [a == b for a, b in pairs]
        return sum(same) >= len(pairs) - 1 and any(a is not None and a == b for a, b in pairs[:2])

    def _same(self, values: Values, block: Block) -> bool:
        """Whether two single rows are one; all that may differ is one of the two points."""
        one, two = self._told(values, block.first), self._told(values, block.second)
        equal = [a == b and a is not None for a, b in zip(one, two, strict=True)]
        return all(equal[:3]) and any(equal[3:])

    def residual(self, values: Values) -> Residual | None:
        blocks = self.blocks(values)
        if not blocks:
            return ALL_WELL if self.count else None
        rows = sorted({row for b in blocks for at in b[:2] for row in range(at, at + b.length)})
        paths = (path for row in rows for path in self.rows[row])
        return Residual("fails", None, tuple(path for path in paths if path in values))

    def solve(self, field: str, values: Values) -> Interval | None:
        return None

    def sum_of(self, values: Values) -> SumOf:
        return SumOf((), None, 0, None)

    def sentence(self, values: Values, label: Label) -> Says:
        blocks = self.blocks(values)
        named = [_name(values, self.rows[block.first][0]) for block in blocks]
        zh = [
            f"第 {_span(b.first, b.length)} 行与第 {_span(b.second, b.length)} 行重复（{name}）"
            for b, name in zip(blocks, named, strict=True)
        ]
        en = [
            f"{_rows(b.first, b.length)} repeat{'s' if b.length == 1 else ''} "
            f"{_rows(b.second, b.length)} ({name})"
            for b, name in zip(blocks, named, strict=True)
        ]
        return {
            "zh": "；".join(zh) or "指标表中没有重复的行",
            "en": "; ".join(en) or "no rows of the indicator table repeat others",
        }


def _runs(twins: dict[int, int]) -> Iterator[Block]:
    """Rows in a row whose twins are in a row too; a run never reaches into its own copy."""
    start: int | None = None
    for index in sorted(twins):
        if start is None:
            start = index
        follows = twins.get(index + 1) == twins[index] + 1
        if follows and twins[index] + 1 < start:
            continue
        yield Block(twins[start], start, index - start + 1)
        start = None


def _value(value: Value) -> Value:
    """A number without its print: 5 says what 5.00 says."""
    return f"{value.value.normalize():f}" if isinstance(value, Number) else value


def _name(values: Values, path: str) -> str:
    name = values.get(path)
    return name if isinstance(name, str) else "?"


def _span(first: int, length: int) -> str:
    return f"{first + 1}" if length == 1 else f"{first + 1}–{first + length}"


def _rows(first: int, length: int) -> str:
    return f"{'row' if length == 1 else 'rows'} {_span(first, length)}"

"""The rows that a table always prints, whatever stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from extractor.checks.kinds.base import ALL_WELL, Label, Residual, Says, SumOf, Values
from extractor.numbers import Interval
from extractor.types import Severity


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows that are printed together; ``without`` names a column that such a table never has."""

    rows: tuple[str, ...]
    without: str | None = None


@dataclass(frozen=True, slots=True)
class FixedRows:
    """A table prints one of the declared sets of rows, zeros and all.

    A row of zeros that was dropped passes every sum: 1,596.51 = 1,596.51 + 0.00 holds without
    其他资金. So a table whose rows are part of a declared set, and no set themselves, has lost the
    others; where several sets would take them the one with the fewest more is meant, the first of
    equals. Rows that no set has all of say nothing: an unknown place prints what it likes.

    A row is printed where any of its ``columns`` is known or blank on the page. What is named are
    the cells of the lost row, in the columns that the page prints elsewhere, and nothing else:
    they are what a person must look for, and every cell that did stand there was read as it
    stands. Whatever takes part is told by :meth:`fields`, so that nobody explains a sum of this
    table by a single cell while a row of it is missing.

    Limit: where one declared set is another without a row, the loss of that row goes unseen (a
    table without an initial budget that loses 上年结转资金 is one of an older form).
    """

    table: str
    columns: tuple[str, ...]
    sets: tuple[RowSet, ...]
    rule: str
    severity: Severity = "error"
    proves: bool = False
    cells: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rows = dict.fromkeys(row for one in self.sets for row in one.rows)
        cells = {row: tuple(self._at(row, column) for column in self.columns) for row in rows}
        object.__setattr__(self, "cells", cells)

    @property
    def exact(self) -> bool:
        return False

    @property
    def id(self) -> str:
        return f"rows:{self.table}"

    def heading(self) -> Says:
        return {"zh": "固定的行", "en": "fixed rows"}

    def fields(self) -> tuple[str, ...]:
        return tuple(path for paths in self.cells.values() for path in paths)

    def _at(self, row: str, column: str) -> str:
        return f"{self.table}.{row}.{column}"

    def lost(self, values: Values) -> tuple[str, ...] | None:
        """The rows that are missing; ``None`` where no set tells."""
        known = values.keys()
        printed = {row for row, paths in self.cells.items() if not known.isdisjoint(paths)}
        if not printed:
            return None
        fitting = [
            one.rows
            for one in self.sets
            if printed.issubset(one.rows) and not self._prints(one.without, printed, values)
        ]
        nearest = min(fitting, key=len, default=None)
        return None if nearest is None else tuple(row for row in nearest if row not in printed)

    def _prints(self, column: str | None, printed: Iterable[str], values: Values) -> bool:
        return column is not None and any(self._at(row, column) in values for row in printed)

    def residual(self, values: Values) -> Residual | None:
        lost = self.lost(values)
        if not lost:
            return None if lost is None else ALL_WELL
        columns = [c for c in self.columns if self._prints(c, self.cells, values)]
        return Residual(
            "fails", None, tuple(self._at(row, column) for row in lost for column in columns)
        )

    def solve(self, field: str, values: Values) -> Interval | None:
        return None

    def sum_of(self, values: Values) -> SumOf:
        return SumOf((), None, 0, None)

    def sentence(self, values: Values, label: Label) -> Says:
        lost = self.lost(values)
        if not lost:
            return {"zh": "表中没有缺行", "en": "no row of the table is missing"}
        rows = [label(self._at(row, self.columns[0])) for row in lost]
        zh = "、".join(f"“{_row_of(one['zh'])}”" for one in rows)
        en = ", ".join(f"“{_row_of(one['en'])}”" for one in rows)
        return {
            "zh": f"表中没有{zh}一行，可能在识别时丢失",
            "en": f"the table has no row {en}: it may have been lost",
        }


def _row_of(label: str) -> str:
    """``全年执行数 · 其他资金`` → ``其他资金``."""
    return label.rpartition(" · ")[2]

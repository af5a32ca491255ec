"""What policies have in common, and the reading of targets and actuals as quantities."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from extractor.checks.kinds.base import (
    Residual,
    SumOf,
    Values,
    number_at,
    printed,
)
from extractor.numbers import Interval
from extractor.types import Severity

FAILS = Residual("fails")

_QUANTITY = re.compile(r"([≥≤=><])?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\(?([^()\d]*)\)?")

_LONGEST_QUANTITY = 40
_DATE = re.compile(r"[月旬底前号日]|年(?:末|初|度|内)")


class Quantity(NamedTuple):
    """A target or an actual that is a number: ``≥95.00(%)`` is ``("≥", 95.00, "%")``."""

    operator: str
    value: Decimal
    unit: str


def quantity(text: str) -> Quantity | None:
    """The quantity that a target or actual states, ``None`` for free text and for dates.

    >>> quantity("≥95.00(%)"), quantity("8月前")
    (Quantity(operator='≥', value=Decimal('95.00'), unit='%'), None)
    """
    return _quantity(text) if len(text) <= _LONGEST_QUANTITY else None


@lru_cache(maxsize=16384)
def _quantity(text: str) -> Quantity | None:
    match = _QUANTITY.fullmatch(text)
    if match is None or _DATE.search(match[3].replace("个月", "")):
        return None
    unit = "%" if match[3] in ("％", "百分比") else match[3]
    return Quantity(match[1] or "", Decimal(match[2].replace(",", "")), unit)


_MEETS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "≥": operator.ge,
    ">": operator.gt,
    "=": operator.eq,
    "≤": operator.le,
    "<": operator.lt,
    "": operator.ge,
}


def met(target: Quantity, actual: Decimal) -> bool:
    """Whether an actual satisfies its target; a bare number is a floor."""
    return _MEETS[target.operator](actual, target.value)


@dataclass(frozen=True, slots=True)
class Policy:
    """Common part of the policies: no implied value, no sum to draw."""

    rule: str

    @property
    def severity(self) -> Severity:
        return "advice"

    @property
    def proves(self) -> bool:
        return False

    @property
    def exact(self) -> bool:
        return False

    def solve(self, field: str, values: Values) -> Interval | None:
        return None

    def sum_of(self, values: Values) -> SumOf:
        return SumOf((), None, 0, None)


_ROW_LEAVES = ("name", "target", "actual", "weight", "score", "deviation")


@dataclass(frozen=True, slots=True)
class RowPolicy(Policy):
    """A policy over one indicator row; ``row`` is the path of the row, ``indicators[]``."""

    row: str = "indicators[]"
    paths: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        paths = {leaf: f"{self.row}.{leaf}" for leaf in _ROW_LEAVES}
        object.__setattr__(self, "paths", paths)

    def at(self, leaf: str) -> str:
        return self.paths[leaf]

    def pair(self, values: Values) -> tuple[Quantity, Quantity] | None:
        """Target and actual of the row, where both are quantities."""
        target, actual = values.get(self.at("target")), values.get(self.at("actual"))
        if not isinstance(target, str) or not isinstance(actual, str):
            return None
        wanted, reached = quantity(target), quantity(actual)
        return (wanted, reached) if wanted and reached else None

    def points(self, values: Values) -> tuple[Decimal, Decimal, Decimal] | None:
        """Weight, score and the unit of the printed score."""
        weight, score = number_at(values, self.at("weight")), number_at(values, self.at("score"))
        return (weight.value, score.value, score.unit) if weight and score else None

    def told(self, values: Values) -> str:
        parts = (values.get(self.at("target")), values.get(self.at("actual")))
        points = f"{printed(values, self.at('score'))}/{printed(values, self.at('weight'))}"
        return f"{parts[0]} → {parts[1]}, {points}"

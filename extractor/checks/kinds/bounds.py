"""Numbers held against another number or a constant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from extractor.checks.kinds.base import (
    HOLDS,
    ZERO,
    Label,
    Residual,
    Says,
    SumOf,
    Values,
    number_at,
    printed,
    shown,
)
from extractor.numbers import Interval
from extractor.types import Severity


@dataclass(frozen=True, slots=True)
class Same:
    """Two fields print the same number whenever all pairs in ``when`` are equal.

    One system printed both, so they are equal to the last digit: 91.5 beside 91.51 is a lost digit.
    """

    field: str
    other: str
    rule: str
    when: tuple[tuple[str, str], ...] = ()
    severity: Severity = "error"
    proves: bool = True

    @property
    def exact(self) -> bool:
        return True

    @property
    def id(self) -> str:
        return f"same:{self.field}"

    def fields(self) -> tuple[str, ...]:
        return (self.field, self.other)

    def residual(self, values: Values) -> Residual | None:
        one, two = number_at(values, self.field), number_at(values, self.other)
        if one is None or two is None:
            return None
        for a, b in self.when:
            left, right = number_at(values, a), number_at(values, b)
            if left is None or right is None or left.value != right.value:
                return None
        off = one.value - two.value
        return Residual("fails", off) if off else HOLDS

    def solve(self, field: str, values: Values) -> Interval | None:
        twin = number_at(values, self.other if field == self.field else self.field)
        return Interval(twin.value, twin.value) if twin and field in self.fields() else None

    def sum_of(self, values: Values) -> SumOf:
        twin = number_at(values, self.other)
        places = twin.places if twin else 0
        return SumOf(((self.other, ""),), twin.value if twin else None, places, self.field)

    def sentence(self, values: Values, label: Label) -> Says:
        a, b = printed(values, self.field), printed(values, self.other)
        return {
            "zh": f"{label(self.field)['zh']} {a} 应与{label(self.other)['zh']} {b} 相同",
            "en": f"{label(self.field)['en']} {a} should equal {label(self.other)['en']} {b}",
        }


@dataclass(frozen=True, slots=True)
class Band:
    """``low ≤ field ≤ high``; ``high`` is the path of another field."""

    field: str
    high: str
    rule: str
    low: Decimal = ZERO
    severity: Severity = "error"
    proves: bool = False

    @property
    def exact(self) -> bool:
        return False

    @property
    def id(self) -> str:
        return f"band:{self.field}"

    def fields(self) -> tuple[str, ...]:
        return (self.field, self.high)

    def residual(self, values: Values) -> Residual | None:
        number, most = number_at(values, self.field), number_at(values, self.high)
        if number is None or (most is None and number.value >= self.low):
            return None
        if number.value < self.low:
            return Residual("fails", number.value - self.low)
        if most is not None and number.value > most.value:
            return Residual("fails", number.value - most.value)
        return HOLDS

    def solve(self, field: str, values: Values) -> Interval | None:
        most = number_at(values, self.high)
        return Interval(self.low, most.value) if field == self.field and most else None

    def sum_of(self, values: Values) -> SumOf:
        most = number_at(values, self.high)
        places = most.places if most else 0
        return SumOf(((self.high, "≤"),), most.value if most else None, places, self.field)

    def sentence(self, values: Values, label: Label) -> Says:
        number, most = printed(values, self.field), printed(values, self.high)
        low = shown(self.low, 0)
        return {
            "zh": f"{label(self.field)['zh']} {number} 不在 {low} 与 {most} 之间",
            "en": f"{label(self.field)['en']} {number} is not between {low} and {most}",
        }

    def relation(self, names: Mapping[str, str]) -> str:
        return f"{self.low} ≤ {names[self.field]} ≤ {names[self.high]}"


@dataclass(frozen=True, slots=True)
class Constant:
    """A field has one of a few fixed values, such as a total weight of 100."""

    field: str
    allowed: tuple[Decimal, ...]
    rule: str
    severity: Severity = "advice"
    proves: bool = False

    @property
    def exact(self) -> bool:
        return False

    @property
    def id(self) -> str:
        return f"constant:{self.field}"

    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def residual(self, values: Values) -> Residual | None:
        number = number_at(values, self.field)
        if number is None:
            return None
        if number.value in self.allowed:
            return HOLDS
        nearest = min(self.allowed, key=lambda value: abs(value - number.value))
        return Residual("fails", number.value - nearest)

    def solve(self, field: str, values: Values) -> Interval | None:
        if field == self.field and len(self.allowed) == 1:
            return Interval(self.allowed[0], self.allowed[0])
        return None

    def sum_of(self, values: Values) -> SumOf:
        return SumOf((), self.allowed[0], 0, self.field)

    def sentence(self, values: Values, label: Label) -> Says:
        usual = "/".join(shown(value, 0) for value in self.allowed)
        number = printed(values, self.field)
        return {
            "zh": f"{label(self.field)['zh']}为 {number}，通常为 {usual}",
            "en": f"{label(self.field)['en']} is {number}; usual is {usual}",
        }

    def relation(self, names: Mapping[str, str]) -> str:
        return f"{names[self.field]} = {' / '.join(map(str, self.allowed))}"

"""Terms add up to a total: funds, weights, scores, expenditure counted two ways."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from extractor.checks.kinds.base import (
    CANNOT_TELL,
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
    unknown,
)
from extractor.numbers import Interval, Number
from extractor.types import Severity


@dataclass(frozen=True, slots=True)
class Sum:
    """The terms add up to the total, or to the totals where a body is counted two ways.

    ``rounded`` marks amounts that were rounded one by one from hidden 元: the sum may then be off
    by half a unit (the finest printed) for each rounded number. It stays exact in 元, with a single
    non-zero term, and where one term alone equals the total (the others are then nothing).

    A blank term is unknown, unless ``blank_is_nothing``: then the sum holds if the others close
    it, which a number lost from the blank would have prevented. ``needs`` are terms of which the
    page must have one for the sum to mean anything; binding fills it with the rows. ``unprinted``
    is what the total must be where the page prints none: the points of a form come to 100.
    """

    path: str
    total: tuple[str, ...]
    terms: tuple[str, ...]
    rule: str
    rounded: bool = False
    unit_field: str | None = None
    severity: Severity = "error"
    proves: bool = True
    blank_is_nothing: bool = False
    needs: tuple[str, ...] = ()
    unprinted: Decimal | None = None

    @property
    def exact(self) -> bool:
        return not self.rounded

    @property
    def id(self) -> str:
        return f"sum:{self.path}"

    def fields(self) -> tuple[str, ...]:
        return self.total + self.terms

    def _sides(self, values: Values) -> tuple[list[Number], list[Number]] | None:
        """Numbers of both sides; ``None`` where one is unknown."""
        sides: tuple[list[Number], list[Number]] = ([], [])
        for side, paths in zip(sides, (self.total, self.terms), strict=True):
            for path in paths:
                if path in values:
                    number = values[path]
                    if not isinstance(number, Number):
                        return None
                    side.append(number)
        if not sides[0] and self.unprinted is not None:
            sides[0].append(Number(self.unprinted, 0, f"{self.unprinted:f}"))
        return sides

    def _applies(self, values: Values) -> bool:
        has_total = self.unprinted is not None or any(path in values for path in self.total)
        return has_total and any(path in values for path in self.needs or self.terms)

    def residual(self, values: Values) -> Residual | None:
        if not self._applies(values):
            return None
        sides = self._sides(values)
        if sides is None:
            known = {p: v for p, v in values.items() if v is not None or p in self.total}
            sides = self._sides(known) if self.blank_is_nothing else None
            return HOLDS if sides and sides[1] and not _off(*sides) else CANNOT_TELL
        off = _off(*sides)
        if not off or abs(off) <= self._slack(*sides, values):
            return HOLDS
        return Residual("fails", off)

    def _slack(self, totals: list[Number], terms: list[Number], values: Values) -> Decimal:
        if not self.rounded or (self.unit_field and values.get(self.unit_field) == "元"):
            return ZERO
        counted = [n for n in terms if n.value]
        if len(counted) < 2 or any(n.value == totals[0].value for n in counted):
            return ZERO
        return min(n.unit for n in totals + counted) * (len(totals) + len(counted)) / 2

    def solve(self, field: str, values: Values) -> Interval | None:
        total, terms = ZERO, ZERO
        if self.unprinted is not None and not any(path in (*values, field) for path in self.total):
            total = self.unprinted
        for path in self.total + self.terms:
            if path == field or path not in values:
                continue
            number = values[path]
            if not isinstance(number, Number):
                return None
            if path in self.total:
                total += number.value
            else:
                terms += number.value
        implied = terms - total if field in self.total else total - terms
        sides = self._sides({p: v for p, v in values.items() if p != field})
        slack = self._slack(*sides, values) if sides and sides[0] else ZERO
        return Interval(implied - slack, implied + slack)

    def sum_of(self, values: Values) -> SumOf:
        terms = [(p, "+") for p in self.terms if p in values]
        terms += [(p, "−") for p in self.total[1:] if p in values]
        numbers = [(number_at(values, p), sign) for p, sign in terms]
        places = max((n.places for n, _ in numbers if n), default=0)
        known = all(n is not None for n, _ in numbers)
        implied = sum((n.value if s == "+" else -n.value for n, s in numbers if n), ZERO)
        return SumOf(tuple(terms), implied if known else None, places, self.total[0])

    def sentence(self, values: Values, label: Label) -> Says:
        sides = self._sides(values)
        if sides is None:
            return unknown(values, self.fields(), label)
        totals = [p for p in self.total if p in values]
        terms = [p for p in self.terms if p in values]
        head = label((totals or terms)[0])
        implied = sum((n.value for n in sides[1]), ZERO)
        stands = sum((n.value for n in sides[0]), ZERO)
        off = stands - implied
        places = max(n.places for n in sides[0] + sides[1])
        whole = " + ".join(printed(values, p) for p in totals) or f"{self.unprinted}"
        added = " + ".join(printed(values, p) for p in terms)
        sides_text = f"{whole} ≠ {added}" + (
            f" = {shown(implied, places)}" if len(terms) > 1 else ""
        )
        says = {
            "zh": f"{head['zh']}：{sides_text}，相差 {shown(off, places)}",
            "en": f"{head['en']}: {sides_text}, off by {shown(off, places)}",
        }
        if abs(off) == max(n.unit for n in sides[0] + sides[1]):
            says["zh"] += "（末位一个单位，可能是四舍五入）"
            says["en"] += " (one unit of the last digit: possibly rounding)"
        return says


def _off(totals: list[Number], terms: list[Number]) -> Decimal:
    return sum((n.value for n in totals), ZERO) - sum((n.value for n in terms), ZERO)

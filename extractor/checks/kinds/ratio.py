"""A quotient printed beside its parts: execution rates and the points given for them.

Worked sum (图书综合经费): 91.51 is right for 1,596.51 ÷ 1,744.68, because the amounts stand for
[1596.505, 1596.515] and [1744.675, 1744.685], the quotient for [91.5067, 91.5078], and real
systems round or truncate: anything in [91.4967, 91.5178] passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from extractor.checks.kinds.base import (
    CANNOT_TELL,
    HOLDS,
    HUNDRED,
    ONE,
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
from extractor.numbers import WIDE, Interval, Number, stands_for
from extractor.types import Severity


@dataclass(frozen=True, slots=True)
class Ratio:
    """``quotient = numerator ÷ denominator × times``, within what print allows.

    ``unless`` names a column that makes the check void where the page has it (forms before 2018
    have no adjusted budget and are judged on the initial one). ``times`` is a number or the path
    of a weight. ``capped`` stops the ratio at 1. A rate may be printed as a fraction (0.958)
    instead of a percentage. A denominator of zero asks for a zero or a dash, never for a
    division. A row with nothing in it is not judged.
    """

    quotient: str
    numerator: str
    denominator: str
    rule: str
    unless: str | None = None
    times: str | Decimal = HUNDRED
    capped: bool = False
    severity: Severity = "error"
    proves: bool = True

    @property
    def exact(self) -> bool:
        return False

    @property
    def id(self) -> str:
        other = f"/{self.denominator.rpartition('.')[2]}" if self.unless else ""
        return f"ratio:{self.quotient}{other}"

    def _times_path(self) -> tuple[str, ...]:
        return (self.times,) if isinstance(self.times, str) else ()

    def fields(self) -> tuple[str, ...]:
        return (self.quotient, self.numerator, self.denominator, *self._times_path())

    def _factor(self, values: Values) -> Decimal | None:
        if isinstance(self.times, Decimal):
            return self.times
        number = number_at(values, self.times)
        return number.value if number else None

    def residual(self, values: Values) -> Residual | None:
        if self.unless in values or any(path not in values for path in self.fields()):
            return None
        quotient, factor = number_at(values, self.quotient), self._factor(values)
        over, under = number_at(values, self.numerator), number_at(values, self.denominator)
        if quotient is None and over is under is None:
            return None
        if under is not None and not under.value and quotient is None:
            return HOLDS
        if quotient is None or factor is None or over is None or under is None:
            return CANNOT_TELL
        ratio = self._ratio(over, under)
        slack = _slack(ratio, quotient.unit)
        if quotient.value in _scaled(ratio, factor).widened(slack):
            return HOLDS
        if self.times is HUNDRED and _is_fraction(quotient, ratio):
            return HOLDS
        implied = self._implied(over, under, factor, quotient.places)
        return Residual("fails", quotient.value - implied)

    def _ratio(self, over: Number, under: Number) -> Interval:
        if not under.value:
            return Interval(ZERO, ZERO)
        top, bottom = stands_for(over), stands_for(under)
        if bottom.low <= 0:
            bottom = Interval(under.value, bottom.high)
        low, high = top.low / bottom.high, top.high / bottom.low
        if not over.value:
            low = high = ZERO
        if self.capped:
            low, high = min(low, ONE), min(high, ONE)
        return Interval(low, high)

    def _implied(self, over: Number, under: Number, factor: Decimal, places: int) -> Decimal:
        ratio = over.value / under.value if under.value else ZERO
        ratio = min(ratio, ONE) if self.capped else ratio
        return (ratio * factor).quantize(ONE.scaleb(-places), ROUND_HALF_UP, WIDE)

    def solve(self, field: str, values: Values) -> Interval | None:
        over, quotient = number_at(values, self.numerator), number_at(values, self.quotient)
        under = number_at(values, self.denominator)
        factor = self._factor(values)
        if self.times is HUNDRED and self._prints_fraction(field, quotient, over, under):
            factor = ONE
        if field == self.quotient and over and under and factor is not None:
            unit = quotient.unit if quotient else ONE.scaleb(-2)
            ratio = self._ratio(over, under)
            asked = _scaled(ratio, factor).widened(_slack(ratio, unit))
            is_fraction = self.times is HUNDRED and factor is ONE
            return Interval(asked.low, min(asked.high, _TWO)) if is_fraction else asked
        if quotient is None or not quotient.value or not factor:
            return None
        near = Interval(quotient.value - quotient.unit, quotient.value + quotient.unit)
        if self.capped and near.low > factor:
            return None
        if field == self.numerator and under:
            least = over.unit if over else ONE.scaleb(-2)
            low, high = near.low / factor * under.value, near.high / factor * under.value
            return Interval(max(low, least), high) if high >= least else None
        if field == self.denominator and over and over.value and near.low > 0:
            return _ordered(over.value * factor / near.high, over.value * factor / near.low)
        if field == self.times and over and under and over.value:
            ratio = self._ratio(over, under)
            if ratio.low > 0:
                return _ordered(near.low / ratio.high, near.high / ratio.low)
        return None

    def _prints_fraction(
        self, field: str, quotient: Number | None, over: Number | None, under: Number | None
    ) -> bool:
        """Whether a rate is printed as the ratio itself, as far as the cells beside it tell."""
        if quotient is None or not (quotient.places or quotient.text == "1"):
            return False
        if not ZERO < quotient.value <= _TWO:
            return False
        if field == self.quotient and over and under and under.value:
            return over.value / under.value * HUNDRED > _TWO
        return True

    def sum_of(self, values: Values) -> SumOf:
        terms = [(self.numerator, ""), (self.denominator, "÷")]
        terms += [(path, "×") for path in self._times_path()]
        over, under = number_at(values, self.numerator), number_at(values, self.denominator)
        factor, quotient = self._factor(values), number_at(values, self.quotient)
        places = quotient.places if quotient else 2
        implied = None
        if over is not None and under is not None and factor is not None:
            implied = self._implied(over, under, factor, places + 2)
        unit = " %" if self.times is HUNDRED else ""
        return SumOf(tuple(terms), implied, places + 2, self.quotient, unit)

    def sentence(self, values: Values, label: Label) -> Says:
        if any(values.get(path) is None for path in self.fields()):
            return unknown(values, self.fields(), label)
        sides = self.sum_of(values)
        worked = f"{printed(values, self.numerator)} ÷ {printed(values, self.denominator)}"
        worked += f" × {printed(values, self.times)}" if isinstance(self.times, str) else " × 100"
        if sides.implied is not None:
            worked += f" = {shown(sides.implied, sides.places)}"
        printed_text = printed(values, self.quotient)
        return {
            "zh": f"{label(self.quotient)['zh']}：{worked}，表上为 {printed_text}",
            "en": f"{label(self.quotient)['en']}: {worked}, but {printed_text} is printed",
        }


def _slack(ratio: Interval, unit: Decimal) -> Decimal:
    """One unit of the last digit; none where nothing was executed, which prints as exactly zero."""
    return unit if ratio.high else ZERO


def _scaled(ratio: Interval, factor: Decimal) -> Interval:
    return Interval(ratio.low * factor, ratio.high * factor)


def _ordered(a: Decimal, b: Decimal) -> Interval:
    return Interval(min(a, b), max(a, b))


_TWO = Decimal(2)
"""No office executes twice its budget: a larger print is a percentage."""
_ALL_BUT = Decimal("0.005")
"""How far from the whole a ratio may be that is printed as 1: a unit of it would allow anything."""


def _is_fraction(quotient: Number, ratio: Interval) -> bool:
    """Whether the print is the ratio itself (0.958) and not a percentage."""
    if quotient.text == "1":
        return ONE in ratio.widened(_ALL_BUT)
    is_small = quotient.places > 0 and ZERO <= quotient.value <= _TWO
    return is_small and quotient.value in ratio.widened(_slack(ratio, quotient.unit))

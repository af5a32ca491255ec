"""Amounts of money outside the money table, and their size in 元."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from extractor.checks.kinds.base import ZERO, Value, Values, number_at
from extractor.numbers import Interval

IN_YUAN: Mapping[str, Decimal] = {
    "元": Decimal(1),
    "千元": Decimal(1_000),
    "万元": Decimal(10_000),
    "亿元": Decimal(100_000_000),
}
"""What one of each unit of money is in 元."""


def money(value: Decimal, unit: str) -> Interval:
    """What an amount that a person wrote may stand for, in 元: rounded or cut off.

    ``value`` has its printed decimals.

    >>> money(Decimal("3.46"), "万元")
    Interval(low=Decimal('34500.00'), high=Decimal('34700.00'))
    """
    return _between(value, Decimal(1).scaleb(int(value.as_tuple().exponent)), unit)


def _between(value: Decimal, slack: Decimal, unit: str) -> Interval:
    size = IN_YUAN[unit]
    return Interval((value - slack) * size, (value + slack) * size)


def added(values: Values, paths: Iterable[str], unit: Value) -> Interval | None:
    """What printed amounts add up to in 元; ``None`` where one or their unit is unknown."""
    if not isinstance(unit, str) or unit not in IN_YUAN:
        return None
    total = Interval(ZERO, ZERO)
    for path in paths:
        number = number_at(values, path)
        if number is None:
            return None
        one = _between(number.value, number.unit / 2, unit)
        total = Interval(total.low + one.low, total.high + one.high)
    return total


def overlap(one: Interval, two: Interval) -> bool:
    """Whether two amounts may be the same."""
    return one.low <= two.high and two.low <= one.high

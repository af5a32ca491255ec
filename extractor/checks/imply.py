"""Implying: values that are not known and follow from the others.

Worked sum: where the score of one row could not be read, the printed total less all other scores is
what it must be. Where print leaves slack (a rate, amounts that were rounded one by one) it leaves
an interval: ``83.28`` beside rounded ``25.15 + 58.14`` may be anything from 83.28 to 83.30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import NamedTuple

from extractor.checks.edits import slip_between, variants
from extractor.checks.judge import Known
from extractor.checks.kinds import ZERO, Check, Value, Values, usual_places
from extractor.numbers import MOST_PLACES, WIDE, Interval, Number, decimals_of, number_of

_MOST_STEPS = 4
"""Units by which rounded amounts may be off: half of one for each, and there are seven at most."""


class Implied(NamedTuple):
    """What a field must be: a value, or an interval where ``value`` is ``None``; and why.

    ``checks`` are the ids of the identities that set an end of it: a weight of 15 says nothing of
    a score that a sum pins down.
    """

    low: Decimal
    high: Decimal
    value: str | None
    checks: tuple[str, ...]


def imply(
    checks: Known, values: Values, fields: Iterable[str], printed: Mapping[str, str]
) -> dict[str, Implied]:
    """What the identities say of unknown fields; left out where they say nothing or disagree.

    ``printed`` is what stands in the cell of a field, if anything: where print leaves slack, the
    one number in it that a single slip makes into the print is the value.
    """
    wanted = set(fields)
    told: dict[str, list[tuple[str, Interval]]] = {}
    with localcontext(WIDE):
        # In one order, so that nothing hangs on the order in which a reader found the cells.
        known = dict(sorted(values.items()))
        for check, check_id, paths in checks:
            if check.severity == "error" and not wanted.isdisjoint(paths):
                for field in sorted(wanted.intersection(paths)):
                    asked = _asked(check, field, known)
                    if asked is not None:
                        told.setdefault(field, []).append((check_id, asked))
        found = {field: _implied(field, told[field], known, printed) for field in told}
    return {field: implied for field, implied in found.items() if implied is not None}


def _asked(check: Check, field: str, values: Mapping[str, Value]) -> Interval | None:
    """What an identity asks of an unknown field; ``None`` where it cannot say or does not apply.

    Whether it applies shows only when the field is filled in: equal rates are asked for where the
    amounts are equal, and a rate of the initial budget where no other is printed.
    """
    places = usual_places(values, field)
    asked = check.solve(field, {**values, field: _alike(values, field, places)})
    if asked is None or asked.high < 0:
        return None
    low, high = max(ZERO, asked.low), asked.high
    middle = low if low == high else (low + high) / 2
    filled = _number(middle, max(places, min(decimals_of(low), MOST_PLACES)))
    if check.residual({**values, field: filled}) is None:
        return None
    return _as_printed(check, field, values, Interval(low, high), places)


def _alike(values: Values, field: str, places: int) -> Number | None:
    """A number of the same column: how this one is printed, until it is known."""
    column = field.rpartition(".")[2]
    return next(
        (
            value
            for path, value in values.items()
            if isinstance(value, Number) and value.value and value.places == places
            if path.rpartition(".")[2] == column
        ),
        None,
    )


def _as_printed(check: Check, field: str, values: Values, asked: Interval, places: int) -> Interval:
    """What a check lets pass beyond what it asks for, of numbers printed as the column is."""
    unit = Decimal(1).scaleb(-places)
    low, high = asked
    for step in range(_MOST_STEPS):
        end = asked.low.quantize(unit, ROUND_FLOOR) - step * unit
        if end < 0 or not _holds(check, field, values, _number(end, places)):
            break
        low = min(low, end)
    for step in range(_MOST_STEPS):
        end = asked.high.quantize(unit, ROUND_CEILING) + step * unit
        if not _holds(check, field, values, _number(end, places)):
            break
        high = max(high, end)
    return Interval(low, high)


def _number(value: Decimal, places: int) -> Number:
    return number_of(f"{value:.{places}f}")


def _holds(check: Check, field: str, values: Values, number: Number) -> bool:
    residual = check.residual({**values, field: number})
    return residual is not None and residual.verdict == "holds"


def _implied(
    field: str, told: list[tuple[str, Interval]], values: Values, printed: Mapping[str, str]
) -> Implied | None:
    low = max(asked.low for _, asked in told)
    high = min(asked.high for _, asked in told)
    if low > high:
        return None
    ids = tuple(check_id for check_id, asked in told if asked.low == low or asked.high == high)
    return Implied(low, high, _value(field, low, high, values, printed.get(field, "")), ids)


def _value(field: str, low: Decimal, high: Decimal, values: Values, printed: str) -> str | None:
    """The one value in an interval: it is all of it, or a slip away from what is printed."""
    if low == high and decimals_of(low) <= MOST_PLACES:
        exact = f"{low:.{max(decimals_of(low), usual_places(values, field))}f}"
        slipped = (f"{low:.{places}f}" for places in range(decimals_of(low), 4))
        return next((text for text in slipped if printed and slip_between(printed, text)), exact)
    near = {v.value: v for v in variants(printed) if low <= v.value <= high} if printed else {}
    return number_of(next(iter(near.values())).text).text if len(near) == 1 else None

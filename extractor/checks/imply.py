"""Implying: values that are not known and follow from the others.

Worked sum: where the score of one row could not be read, the printed total less all other scores is
what it must be; where only a rate tells it, print leaves an interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from extractor.checks.edits import slip_between, variants
from extractor.checks.judge import Known
from extractor.checks.kinds import Values, usual_places
from extractor.numbers import Interval, decimals_of, number_of


class Implied(NamedTuple):
    """What a field must be: a value, or an interval where ``value`` is ``None``; and why.

    ``checks`` are the ids of the identities that say so.
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
    for check, check_id, paths in checks:
        if check.severity != "error" or wanted.isdisjoint(paths):
            continue
        for field in wanted.intersection(paths):
            asked = check.solve(field, values)
            if asked is not None and asked.high >= 0:
                told.setdefault(field, []).append((check_id, asked))
    found = {field: _implied(field, told[field], values, printed) for field in told}
    return {field: implied for field, implied in found.items() if implied is not None}


def _implied(
    field: str, told: list[tuple[str, Interval]], values: Values, printed: Mapping[str, str]
) -> Implied | None:
    low = max(Decimal(0), *(asked.low for _, asked in told))
    high = min(asked.high for _, asked in told)
    if low > high:
        return None
    ids = tuple(check_id for check_id, _ in told)
    return Implied(low, high, _value(field, low, high, values, printed.get(field, "")), ids)


def _value(field: str, low: Decimal, high: Decimal, values: Values, printed: str) -> str | None:
    """The one value in an interval: it is all of it, or a slip away from what is printed."""
    if low == high:
        exact = f"{low:.{max(decimals_of(low), usual_places(values, field))}f}"
        slipped = (f"{low:.{places}f}" for places in range(decimals_of(low), 4))
        return next((text for text in slipped if printed and slip_between(printed, text)), exact)
    near = [v for v in variants(printed) if low <= v.value <= high] if printed else []
    return number_of(near[0].text).text if len(near) == 1 else None

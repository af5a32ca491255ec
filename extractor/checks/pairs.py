"""Two cells, each a slip away from its print, that clear failing identities together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations

from extractor.checks.asked import asked_changes, the_one, within
from extractor.checks.edits import Variant
from extractor.checks.sheet import Change, Explanation, Sheet, fails
from extractor.numbers import number_of

_MOST_PAIRED, _MOST_PAIRS = 64, 300
"""Cells of which two are looked for, and pairs that are tried on every check; real forms have
fewer, hostile ones thousands."""


def pairs(sheet: Sheet, failing: Sequence[int]) -> list[Explanation]:
    """Two changed cells that clear everything together, each by a slip."""
    fields = [
        field
        for field in dict.fromkeys(f for i in failing for f in sheet.fields[i])
        if sheet.number(field)
    ]
    if len(fields) > _MOST_PAIRED:
        return []
    free = {field: _free_variants(sheet, field, failing) for field in fields}
    costed = sorted(
        (
            Explanation(sheet.cost(failing, changes), changes)
            for pair in combinations(fields, 2)
            for changes in _pair_changes(sheet, pair, failing, free)
            if all(change.slip for change in changes)
        ),
        key=lambda explanation: explanation.cost,
    )
    return [one for one in costed[:_MOST_PAIRS] if sheet.is_cleared(failing, one.changes)]


def _free_variants(sheet: Sheet, field: str, failing: Sequence[int]) -> dict[Decimal, Variant]:
    """What one slip may have made into the print, as far as the other identities allow it."""
    others = [sheet.checks[i] for i in sheet.identities[field] if i not in failing]
    told = [check.solve(field, sheet.values) for check in others]
    values = dict(sheet.values)
    found: dict[Decimal, Variant] = {}
    for variant in within(sheet, field, told):
        values[field] = number_of(variant.text)
        if not any(fails(check, values) for check in others):
            found.setdefault(variant.value, variant)
    return found


def _pair_changes(
    sheet: Sheet,
    pair: tuple[str, str],
    failing: Sequence[int],
    free: Mapping[str, Mapping[Decimal, Variant]],
) -> Iterator[tuple[Change, ...]]:
    """Values of two cells that may clear the failing identities: those of one alone settle it."""
    one, two = pair
    with_one = [i for i in failing if one in sheet.fields[i]]
    with_two = [i for i in failing if two in sheet.fields[i]]
    if len({*with_one, *with_two}) < len(failing):
        return
    alone = [i for i in with_one if i not in with_two]
    if not alone and len(with_one) < len(with_two):
        one, two, with_one, with_two = two, one, with_two, with_one
        alone = [i for i in with_one if i not in with_two]
    if not alone:
        yield from _in_one_sum(sheet, (one, two), with_one, free)
        return
    for first in asked_changes(sheet, one, alone, sheet.values)[:3]:
        values = sheet.changed((first,))
        for second in asked_changes(sheet, two, with_two, values)[:3]:
            yield first, second


def _in_one_sum(
    sheet: Sheet,
    pair: tuple[str, str],
    shared: Sequence[int],
    free: Mapping[str, Mapping[Decimal, Variant]],
) -> Iterator[tuple[Change, ...]]:
    """Two slips in cells that all failing identities share: together they make up the difference.

    Every such identity is linear in both, so what the second must be follows from the first.
    """
    one, two = pair
    number = sheet.number(one)
    if number is None or not free[one] or not free[two]:
        return
    asked = the_one(sheet, two, shared, sheet.values)
    more = number_of(f"{number.value + 1:f}")
    then = the_one(sheet, two, shared, sheet.changed((Change(one, more, None),)))
    if asked is None or then is None:
        return
    step = then - asked
    for value, variant in free[one].items():
        other = free[two].get(asked + step * (value - number.value))
        if other is not None:
            yield (
                Change(one, number_of(variant.text), variant.slip),
                Change(two, number_of(other.text), other.slip),
            )

"""What a cell would have to be for some identities to hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from extractor.checks.edits import Variant, variants
from extractor.checks.kinds import Values
from extractor.checks.sheet import Change, Sheet, fails
from extractor.numbers import MOST_PLACES, Interval, decimals_of, number_of


def asked_changes(sheet: Sheet, field: str, asked: Sequence[int], values: Values) -> list[Change]:
    """The values of a cell that these identities ask for, the likeliest first.

    What one asks for may be a unit off: it knows neither how the true value was printed nor, where
    amounts are rounded one by one, what that lets pass. So the slips of the print are held against
    the identities themselves.
    """
    told = _told(sheet, field, asked, values)
    if sheet.number(field) is None or not told:
        return []
    low, high = _common(told)
    plain = _plain(sheet, field, low, high)
    if plain and plain.slip:
        return [plain]
    fitting = _fitting(sheet, field, asked, values, told)
    if not fitting:
        return [plain] if plain else []
    usual, middle = sheet.usual(field), (low + high) / 2
    fitting.sort(key=lambda c: (c.number.places != usual, abs(c.number.value - middle)))
    return fitting


def _plain(sheet: Sheet, field: str, low: Decimal, high: Decimal) -> Change | None:
    """The one value that is asked for, or the middle where there are several."""
    number = sheet.number(field)
    if number is None or low > high or high < 0:
        return None
    value = low if low == high else max(low, ((low + high) / 2).quantize(number.unit))
    if value == number.value:
        return None
    natural, usual = decimals_of(value), sheet.usual(field)
    if natural > MOST_PLACES:
        return None
    slipped = [v for v in variants(number.text) if v.value == value] if low == high else []
    likely = [usual, number.places, number.places - 1, number.places + 1, natural]
    slipped.sort(key=lambda v: _at(likely, number_of(v.text).places))
    for text, _, slip in slipped[:1]:
        return Change(field, number_of(text), slip)
    return Change(field, number_of(f"{value:.{max(natural, number.places)}f}"), None)


def _at(likely: Sequence[int], places: int) -> int:
    return likely.index(places) if places in likely else len(likely)


def _fitting(
    sheet: Sheet, field: str, asked: Sequence[int], values: Values, told: Sequence[Interval]
) -> list[Change]:
    """What one slip may have made into the print and these identities let pass."""
    changed = dict(values)
    found: list[Change] = []
    for text, _, slip in within(sheet, field, told):
        changed[field] = number_of(text)
        if not any(fails(sheet.checks[i], changed) for i in asked):
            found.append(Change(field, number_of(text), slip))
    return found


def within(sheet: Sheet, field: str, told: Iterable[Interval | None]) -> Iterator[Variant]:
    """The slips of a print that are not far from what those ask for that ask for one value."""
    number = sheet.number(field)
    if number is not None:
        unit = max(number.unit, Decimal(1).scaleb(-sheet.usual(field)))
        exact = [one.widened(unit) for one in told if one and one.low == one.high]
        for variant in variants(number.text):
            if all(one.low <= variant.value <= one.high for one in exact):
                yield variant


def the_one(sheet: Sheet, field: str, asked: Sequence[int], values: Values) -> Decimal | None:
    """The one value that identities leave for a cell; ``None`` where they leave none or several."""
    told = _told(sheet, field, asked, values)
    if not told:
        return None
    low, high = _common(told)
    return low if low == high else None


def _told(sheet: Sheet, field: str, asked: Sequence[int], values: Values) -> list[Interval]:
    """What each of some identities asks of a cell, of those that can say."""
    return [one for i in asked if (one := sheet.checks[i].solve(field, values)) is not None]


def _common(told: Sequence[Interval]) -> tuple[Decimal, Decimal]:
    """The ends of what all ask for; crossed where they disagree."""
    return max(one.low for one in told), min(one.high for one in told)

"""Printed text ↔ Decimal, and the interval that a printed number stands for.

A number printed with two decimals is an interval of ±½ unit of its last digit: 91.51 stands for
[91.505, 91.515]. That is all the tolerance a check ever gets.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from functools import lru_cache
from typing import NamedTuple

from extractor.text import numeric

_PRINTED = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(?P<fraction>\.\d+)?"
    r"\s*\(?(?P<unit>万元|亿元|千元|元|分|%)?\)?"
)
_LOOSE_SEPARATOR = re.compile(r"(?<=\d)\s*([.,])\s*(?=\d)")
_LONGEST = 40
MOST_PLACES = 12
"""Decimals that a number may be printed with; a quotient has as many as there is room for."""
WIDE = Context(prec=160)
"""Cells hold up to 40 digits; their products and quotients must not be cut off."""


class Number(NamedTuple):
    """A printed number: its exact value, its decimals, and the text that goes into the record."""

    value: Decimal
    places: int
    text: str

    @property
    def unit(self) -> Decimal:
        """One unit of the last printed digit."""
        return _unit(self.places)


@lru_cache(maxsize=64)
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def read_number(text: str) -> tuple[Number, str | None] | None:
    """The number that a cell holds and the unit printed with it, or ``None``.

    Only a well-formed number is one: groups of three, no leading zero, digits on both sides of
    the point, nothing else in the cell. What is not well-formed was probably misread.

    >>> read_number("1,765.05")[0].text, read_number("372.29万元")[1]
    ('1765.05', '万元')
    >>> read_number("17,65.05"), read_number("01.00"), read_number("10 00"), read_number("-")
    (None, None, None, None)
    """
    return _read_number(text) if 0 < len(text) <= _LONGEST else None


@lru_cache(maxsize=65536)
def _read_number(text: str) -> tuple[Number, str | None] | None:
    match = _PRINTED.fullmatch(_LOOSE_SEPARATOR.sub(r"\1", numeric(text)))
    if match is None or not match["whole"].isascii():
        return None
    fraction = match["fraction"] or ""
    sign = "-" if match["sign"] == "-" else ""
    digits = f"{sign}{match['whole'].replace(',', '')}{fraction}"
    places = len(fraction) - 1 if fraction else 0
    return Number(Decimal(digits), places, digits), match["unit"]


@lru_cache(maxsize=65536)
def number_of(text: str) -> Number:
    """The number behind a normalised value of a record (always well-formed)."""
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    return Number(value, -exponent if isinstance(exponent, int) and exponent < 0 else 0, text)


def decimals_of(value: Decimal) -> int:
    """The fewest decimals that print a value in full.

    >>> decimals_of(Decimal("9.150")), decimals_of(Decimal("100"))
    (2, 0)
    """
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


class Interval(NamedTuple):
    """A closed interval of Decimals."""

    low: Decimal
    high: Decimal

    def widened(self, by: Decimal) -> Interval:
        return Interval(self.low - by, self.high + by)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, Decimal) and self.low <= value <= self.high


def stands_for(number: Number) -> Interval:
    """The values that a rounded print may stand for: ±½ unit of its last digit."""
    half = number.unit / 2
    return Interval(number.value - half, number.value + half)

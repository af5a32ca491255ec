"""When two values of a leaf are the same: one comparison a kind, on the extractor's own folding.

Numbers agree or they do not; there is no partial credit. A value that is equal but written
differently (``1,765.05``, ``9.150``, ``≧95%``) is told apart as a matter of format, because a
program that reads the record may care, and costs nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import Levenshtein

from extractor.checks.policies import quantity
from extractor.families.base import NUMBER_KINDS, Kind
from extractor.numbers import read_number
from extractor.text import compare_key, tidy, tidy_quantity

Likeness = Literal["same", "format", "different"]

MOST_CHARACTER_ERRORS = Decimal("0.01")
"""Share of wrong characters at which prose still counts as read, if every number is right."""

_NUMBER_IN_PROSE = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)*[%‰千万亿]*")
"""With its point and its magnitude: ``2.5万`` is neither ``25万`` nor ``2.5``."""


def likeness(kind: Kind, truth: str, read: str) -> Likeness:
    """How two values of one leaf compare.

    >>> likeness("amount", "1765.05", "1,765.05"), likeness("score", "9.15", "9.150")
    ('format', 'format')
    >>> likeness("target", "≥95.00(%)", "≧95%"), likeness("target", "≥95.00(%)", "=95.00(%)")
    ('format', 'different')
    """
    if truth == read:
        return "same"
    if kind == "prose":
        return "same" if _same_prose(truth, read) else "different"
    return "format" if _key(kind, truth) == _key(kind, read) else "different"


class _Quantity(NamedTuple):
    operator: str
    value: Decimal
    unit: str


@lru_cache(maxsize=65536)
def _key(kind: Kind, value: str) -> object:
    """What values of a kind must share; kinds of numbers never share one with a text."""
    if kind in NUMBER_KINDS or kind in ("year", "count"):
        found = read_number(value.strip())
        return found[0].value if found else f"text {tidy(value)}"
    if kind in ("target", "actual"):
        folded = tidy_quantity(value)
        found = quantity(folded)
        return _Quantity(*found) if found else folded
    return tidy(value)


def character_errors(truth: str, read: str) -> tuple[int, int]:
    """Edits between two proses once spaces and width are set aside, and characters of the truth."""
    a, b = compare_key("prose", truth) or "", compare_key("prose", read) or ""
    return Levenshtein.distance(a, b), len(a)


def _same_prose(truth: str, read: str) -> bool:
    edits, characters = character_errors(truth, read)
    return edits <= MOST_CHARACTER_ERRORS * characters and _numbers(truth) == _numbers(read)


def _numbers(text: str) -> list[str]:
    found = _NUMBER_IN_PROSE.findall(compare_key("prose", text) or "")
    return [number.replace(",", "") for number in found]

"""The slips of an OCR on a printed number, read backwards: which prints are one slip away.

=================  ===========================================
``digit``          a digit was taken for another one
``transposition``  two neighbouring digits changed places, also across the point
``dropped_digit``  the print lost a digit
``added_digit``    the print gained one
``separator``      the point was lost, gained, or moved by one digit
=================  ===========================================

Every digit is as likely to be taken for any other: which pairs look alike depends on the page, and
a guess about it would decide between cells that nothing else tells apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from extractor.numbers import read_number

Slip = Literal["digit", "transposition", "dropped_digit", "added_digit", "separator"]

_DIGITS = "0123456789"


class Variant(NamedTuple):
    """What may have been printed, without its unit, and the slip that made it into what is read."""

    text: str
    value: Decimal
    slip: Slip


def slip_between(printed: str, meant: str) -> Slip | None:
    """The one slip that turns ``meant`` into ``printed``; separators of thousands do not matter.

    >>> slip_between("9.51", "91.51"), slip_between("5.00", "8.00"), slip_between("1.9", "9.1")
    ('dropped_digit', 'digit', 'transposition')
    >>> slip_between("100.0", "10.00"), slip_between("5.00", "3.60")
    ('separator', None)
    """
    a, b = printed.replace(",", ""), meant.replace(",", "")
    if len(a) == len(b):
        return _exchanged(a, b)
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    if len(longer) != len(shorter) + 1:
        return None
    at = next((i for i, c in enumerate(shorter) if c != longer[i]), len(shorter))
    if longer[at + 1 :] != shorter[at:]:
        return None
    if longer[at] == ".":
        return "separator"
    if longer[at] not in _DIGITS:
        return None
    return "added_digit" if longer is a else "dropped_digit"


def _exchanged(a: str, b: str) -> Slip | None:
    """The slip between two texts of one length."""
    off = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(off) == 1:
        return "digit" if a[off[0]] in _DIGITS and b[off[0]] in _DIGITS else None
    if len(off) != 2 or (a[off[0]], a[off[1]]) != (b[off[1]], b[off[0]]):
        return None
    first, second = off
    between = a[first + 1 : second]
    if "." in (a[first], a[second]):
        return "separator" if not between else None
    return "transposition" if between in ("", ".") else None


@lru_cache(maxsize=4096)
def variants(printed: str) -> tuple[Variant, ...]:
    """Every well-formed number that one slip makes into what is printed, other than its own."""
    plain = printed.replace(",", "")
    own = read_number(plain)
    found: dict[str, Variant] = {}
    for text, slip in _variants(plain):
        number = read_number(text)
        if number is None or text in found or (own and number[0].value == own[0].value):
            continue
        found[text] = Variant(number[0].text, number[0].value, slip)
    return tuple(found.values())


def _variants(text: str) -> Iterator[tuple[str, Slip]]:
    for at, character in enumerate(text):
        before, after = text[:at], text[at + 1 :]
        if character in _DIGITS:
            for digit in _DIGITS:
                if digit != character:
                    yield before + digit + after, "digit"
            yield before + after, "added_digit"
    for at in range(len(text) + 1):
        for digit in _DIGITS:
            yield text[:at] + digit + text[at:], "dropped_digit"
        if "." not in text:
            yield f"{text[:at]}.{text[at:]}", "separator"
    for at in range(len(text) - 1):
        swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        yield swapped, "separator" if "." in text[at : at + 2] else "transposition"
    point = text.find(".")
    if 0 < point < len(text) - 1:
        turned = f"{text[: point - 1]}{text[point + 1]}.{text[point - 1]}{text[point + 2 :]}"
        yield turned, "transposition"
        yield text[:point] + text[point + 1 :], "separator"

"""Faults: what an OCR does to a printed number, one change at a time.

A fault changes the Decimal that a *lenient* reader would see: width and spaces folded, thousands
separators dropped wherever they stand, a leading or trailing point allowed. ``5.00`` without its
last zero is therefore no fault, ``1,765.05`` with its comma moved neither; a text in which not
even a lenient reader sees a number is one.

Five kinds, all that is possible at each place:

``digit``      a digit by each of the nine others
``drop``       a digit left out
``transpose``  two unequal neighbouring digits exchanged
``across``     the same for the two digits on either side of a point or a comma
``point``      the point one place to the left or to the right, which is also what exchanging it
               with a neighbouring digit gives
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from extractor.text import numeric

KINDS = ("digit", "drop", "transpose", "across", "point")

_DIGITS = "0123456789"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")


class Fault(NamedTuple):
    """One change of a printed number: what stands there afterwards."""

    kind: str
    text: str


def lenient(text: str) -> Decimal | None:
    """The number a well-meaning reader sees in a text, ``None`` where there is none.

    >>> lenient("1,7650.5"), lenient(".500"), lenient("5."), lenient("372.29万元"), lenient("-")
    (Decimal('17650.5'), Decimal('0.500'), Decimal('5'), Decimal('372.29'), None)
    """
    squeezed = re.sub(r"[\s,]", "", numeric(text))
    match = _NUMBER.match(squeezed)
    return Decimal(match[0]) if match else None


def faults(printed: str) -> Iterator[Fault]:
    """Every fault of a printed number, place by place; equal texts from two places come twice.

    >>> [fault.text for fault in faults("9.1") if fault.kind != "digit"]
    ['.1', '9.', '1.9', '91.', '.91']
    """
    whole = lenient(printed)
    for fault in _changes(printed):
        if lenient(fault.text) != whole:
            yield fault


def _changes(printed: str) -> Iterator[Fault]:
    """Every change of each kind, those that keep the Decimal included."""
    places = [i for i, c in enumerate(printed) if c.isdecimal()]
    for at in places:
        for digit in _DIGITS:
            if digit != printed[at]:
                yield Fault("digit", printed[:at] + digit + printed[at + 1 :])
    for at in places:
        yield Fault("drop", printed[:at] + printed[at + 1 :])
    for left, right in pairwise(places):
        between = printed[left + 1 : right]
        if printed[left] != printed[right] and between in ("", ".", ","):
            kind = "across" if between else "transpose"
            turned = printed[right] + between + printed[left]
            yield Fault(kind, printed[:left] + turned + printed[right + 1 :])
    yield from _moved_points(printed)


def _moved_points(printed: str) -> Iterator[Fault]:
    """The point one digit further on either side; a comma on the way stays where it is."""
    at = printed.find(".")
    if at < 0:
        return
    whole, fraction = printed[:at], printed[at + 1 :]
    if fraction[:1].isdecimal():
        yield Fault("point", f"{whole}{fraction[0]}.{fraction[1:]}")
    if whole[-1:].isdecimal():
        yield Fault("point", f"{whole[:-1]}.{whole[-1]}{fraction}")

"""Sums as a model knows them that wants its numbers to add up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from eval.loopback.leaves import Leaves, place

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?")


class Sum(NamedTuple):
    """A total and its parts by path; at least two parts, and all of them numbers."""

    total: str
    parts: tuple[str, ...]


def number(value: str | None) -> Decimal | None:
    """The number that a leaf is, plain digits with at most one point; else none."""
    return Decimal(value) if value is not None and _NUMBER.fullmatch(value) else None


def sums(leaves: Leaves) -> tuple[Sum, ...]:
    """The sums of a record: each table's total row, and the form's total of a column.

    ``funds.total.executed`` is the total of ``funds.*.executed``, and ``total_score`` that of the
    rows' scores with ``funds.total.score``. Parts without a number are left out.
    """
    return tuple(one for one in _all(leaves) if len(one.parts) > 1)


def off_by(one: Sum, leaves: Leaves) -> Decimal:
    """The sum of the parts less the total; zero where they agree."""
    return sum((_at(leaves, part) for part in one.parts), -_at(leaves, one.total))


def fitting(one: Sum, leaves: Leaves, path: str) -> str | None:
    """What a member would have to be for the sum to hold, in its own decimals where they do.

    None where that would be less than nothing.
    """
    old, gap = _at(leaves, path), off_by(one, leaves)
    value = old + gap if path == one.total else old - gap
    if value < 0:
        return None
    places = max(0, -int(old.as_tuple().exponent))
    return f"{value:.{places}f}" if value == round(value, places) else f"{value:f}"


def _all(leaves: Leaves) -> Iterator[Sum]:
    for total, value in leaves.items():
        if number(value) is None:
            continue
        at = place(total)
        # Rates do not add up, and no model thinks that they do.
        if total.endswith("rate"):
            continue
        if at and at.row == ".total":
            of = [p for p in leaves if (q := place(p)) and q.table == at.table and p != total]
            yield Sum(total, _numbers(leaves, [p for p in of if p.endswith(f".{at.column}")]))
        elif at is None and total.startswith("total_"):
            column = total.removeprefix("total_")
            rows = [p for p in leaves if p.endswith(f"].{column}") and p.startswith("indicators[")]
            yield Sum(total, _numbers(leaves, [*rows, f"funds.total.{column}"]))


def _numbers(leaves: Leaves, paths: list[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if number(leaves.get(path)) is not None)


def _at(leaves: Leaves, path: str) -> Decimal:
    found = number(leaves[path])
    assert found is not None, path
    return found

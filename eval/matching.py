"""Which row of a reading is which row of the truth.

By name where a name stands once on both sides; what is left over (misread names, names that come
twice) by the assignment under which most cells agree. Never by position alone: a row too many
would then make every row below it wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy
from rapidfuzz.fuzz import ratio
from scipy.optimize import linear_sum_assignment

from eval.comparing import likeness
from extractor.families.base import Kind
from extractor.text import tidy

Cells = Mapping[str, str | None]
"""The leaves of one row by their last name."""

_LEAST_ALIKE = 0.5
"""Rows of which less agrees are two different rows."""
_CLOSER = 1e-6
"""What position adds: it decides only between rows that agree equally, however many they are."""


class Pair(NamedTuple):
    """A row of the truth and the row of the reading that is meant to be it; ``None`` where none."""

    truth: int | None
    read: int | None


def match(
    truth: Sequence[Cells], read: Sequence[Cells], key: str, kinds: Mapping[str, Kind]
) -> list[Pair]:
    """Every row of both sides once: the truth's in their order, then the reading's surplus."""
    partner = _by_key(truth, read, key)
    left = [i for i in range(len(truth)) if i not in partner]
    taken = set(partner.values())
    free = [j for j in range(len(read)) if j not in taken]
    partner |= _by_likeness(truth, read, left, free, key, kinds)
    taken = set(partner.values())
    pairs = [Pair(i, partner.get(i)) for i in range(len(truth))]
    return pairs + [Pair(None, j) for j in range(len(read)) if j not in taken]


def _by_key(truth: Sequence[Cells], read: Sequence[Cells], key: str) -> dict[int, int]:
    """The rows whose key stands exactly once on both sides."""
    ours, theirs = ([_folded(row, key) for row in rows] for rows in (truth, read))
    once = {k for k, n in Counter(ours).items() if n == 1 and k}
    once &= {k for k, n in Counter(theirs).items() if n == 1}
    place = {k: j for j, k in enumerate(theirs) if k in once}
    return {i: place[k] for i, k in enumerate(ours) if k in once}


def _folded(row: Cells, key: str) -> str:
    return tidy(row.get(key) or "")


def _by_likeness(
    truth: Sequence[Cells],
    read: Sequence[Cells],
    left: Sequence[int],
    free: Sequence[int],
    key: str,
    kinds: Mapping[str, Kind],
) -> dict[int, int]:
    if not left or not free:
        return {}
    alike = numpy.array([[_alike(truth[i], read[j], key, kinds) for j in free] for i in left])
    near = numpy.array([[1 - abs(i - j) / (abs(i - j) + 1) for j in free] for i in left])
    # What is no pair must not weigh either, or two rows too unlike would break up a pair.
    worth = numpy.where(alike >= _LEAST_ALIKE, alike + _CLOSER * near, 0)
    rows, columns = linear_sum_assignment(-worth)
    return {
        left[i]: free[j]
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        if worth[i, j]
    }


def _alike(truth: Cells, read: Cells, key: str, kinds: Mapping[str, Kind]) -> float:
    """The share of filled cells that agree; the key counts by its letters, and half of all.

    A key that was not read says nothing: the other cells tell whose row it is.
    """
    filled = [n for n in kinds if n != key and (truth.get(n) or read.get(n)) is not None]
    agree = sum(_agree(kinds[n], truth.get(n), read.get(n)) for n in filled)
    ours, theirs = _folded(truth, key), _folded(read, key)
    names = ratio(ours, theirs) / 100
    if not filled:
        return names
    cells = agree / len(filled)
    return (names + cells) / 2 if ours and theirs else cells


def _agree(kind: Kind, truth: str | None, read: str | None) -> bool:
    return truth is not None and read is not None and likeness(kind, truth, read) != "different"

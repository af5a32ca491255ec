"""Intervals of shares, by drawing document families again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from eval.bounds import CONFIDENCE

RESAMPLES = 2000
_SEED = 20_240_101
_AT_ONCE = 1_000_000
"""Families drawn at once: enough to be fast, few enough to fit into memory."""


def resampled(parts: Sequence[tuple[str, float, float]]) -> tuple[float, float] | None:
    """A 95 % interval of ``Σ numerator ÷ Σ denominator``, by drawing whole families again.

    ``parts`` holds ``(family, numerator, denominator)`` of each form. Forms of one family share
    an office, a layout, an OCR run: drawing forms alone would take them for independent.
    ``None`` with fewer than two families that have a denominator, of which nothing can be drawn.
    """
    drawn = _drawn([(family, (over, under)) for family, over, under in parts], (1,))
    return None if drawn is None else _middle(drawn[:, 0] / drawn[:, 1])


def resampled_difference(
    parts: Sequence[tuple[str, tuple[float, float], tuple[float, float]]],
) -> tuple[float, float] | None:
    """The same of the difference of two such shares, both of the families drawn.

    ``parts`` holds ``(family, (numerator, denominator) before, the same after)`` of each form.
    """
    drawn = _drawn([(family, (*before, *after)) for family, before, after in parts], (1, 3))
    return None if drawn is None else _middle(drawn[:, 2] / drawn[:, 3] - drawn[:, 0] / drawn[:, 1])


def _drawn(
    parts: Sequence[tuple[str, tuple[float, ...]]], under: Sequence[int]
) -> numpy.ndarray | None:
    """Sums over families drawn at random, one row a draw that fills every column of ``under``.

    ``None`` where fewer than two families fill one of these columns.
    """
    families: dict[str, numpy.ndarray] = {}
    for family, numbers in parts:
        families[family] = families.get(family, 0.0) + numpy.array(numbers, dtype=float)
    if len(families) < 2:
        return None
    sums = numpy.array(list(families.values()))
    if ((sums[:, under] > 0).sum(axis=0) < 2).any():
        return None
    chance, count = numpy.random.default_rng(_SEED), len(sums)
    most = max(_AT_ONCE // count, 1)
    draws = [min(most, RESAMPLES - done) for done in range(0, RESAMPLES, most)]
    drawn = numpy.concatenate(
        [sums[chance.integers(count, size=(some, count))].sum(axis=1) for some in draws]
    )
    return drawn[(drawn[:, under] > 0).all(axis=1)]


def _middle(shares: numpy.ndarray) -> tuple[float, float]:
    """Between which values the middle :data:`CONFIDENCE` of some shares lie."""
    tail = (1 - CONFIDENCE) / 2
    low, high = numpy.quantile(shares, (tail, 1 - tail))
    return float(low), float(high)

"""Intervals: an exact bound for a rate of errors, resampled ones for everything else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from scipy.stats import beta

CONFIDENCE = 0.95
RESAMPLES = 2000
_SEED = 20_240_101


def most_errors(errors: int, of: int, confidence: float = CONFIDENCE) -> float | None:
    """The highest error rate that so few errors leave possible: Clopper and Pearson, one-sided.

    ``None`` where nothing was looked at.

    >>> round(most_errors(0, 2997), 6), most_errors(3, 3), most_errors(0, 0)
    (0.000999, 1.0, None)
    """
    if not of:
        return None
    return 1.0 if errors >= of else float(beta.ppf(confidence, errors + 1, of - errors))


def resampled(parts: Sequence[tuple[str, float, float]]) -> tuple[float, float] | None:
    """A 95 % interval of ``Σ numerator ÷ Σ denominator``, by drawing whole families again.

    ``parts`` holds ``(family, numerator, denominator)`` of each form. Forms of one family share
    an office, a layout, an OCR run: drawing forms alone would take them for independent.
    ``None`` with fewer than two families, of which nothing can be drawn.
    """
    families: dict[str, tuple[float, float]] = {}
    for family, over, under in parts:
        a, b = families.get(family, (0.0, 0.0))
        families[family] = (a + over, b + under)
    if len(families) < 2:
        return None
    sums = numpy.array(list(families.values()))
    chance = numpy.random.default_rng(_SEED)
    weights = chance.multinomial(
        len(sums), numpy.full(len(sums), 1 / len(sums)), size=RESAMPLES
    ).astype(float)
    drawn = weights @ sums
    ratios = drawn[drawn[:, 1] > 0]
    if not len(ratios):
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = numpy.quantile(ratios[:, 0] / ratios[:, 1], (tail, 1 - tail))
    return float(low), float(high)

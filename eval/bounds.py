"""Bounds that hold: how wrong may values be, given how many labels were wrong.

All of them are exact, one-sided, at 95 % confidence, and assume no shape of the errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from scipy.stats import beta, binom

CONFIDENCE = 0.95


def most_errors(errors: int, of: int, confidence: float = CONFIDENCE) -> float | None:
    """The highest error rate that so few errors leave possible: Clopper and Pearson, one-sided.

    ``None`` where nothing was looked at.

    >>> round(most_errors(0, 2997), 6), most_errors(3, 3), most_errors(0, 0)
    (0.000999, 1.0, None)
    """
    return share_at_most(errors, of, confidence) if of else None


def share_at_most(errors: float, of: float, confidence: float = CONFIDENCE) -> float:
    """The same for counts that need not be whole, as labels are that are worth less than one."""
    return 1.0 if errors >= of else float(beta.ppf(confidence, errors + 1, of - errors))


def fewest_errors(errors: int, of: int, confidence: float = CONFIDENCE) -> float:
    """The lowest error rate that so many errors leave possible; the other side of the bound.

    >>> fewest_errors(0, 20), round(fewest_errors(3, 20), 4)
    (0.0, 0.0422)
    """
    return float(beta.ppf(1 - confidence, errors, of - errors + 1)) if errors else 0.0


def labels_wanted(limit: float, errors: int = 0, confidence: float = CONFIDENCE) -> int:
    """How many labels it takes to show that at most a share ``limit`` is wrong, with so many errors
    among them. With none it is the feasibility number of the limit: fewer show nothing.

    >>> labels_wanted(0.0014), labels_wanted(0.0014, 1), labels_wanted(0.01)
    (2139, 3387, 299)
    """
    low, high = errors, max(2 * errors, 1)
    while not _is_shown(limit, errors, high, confidence):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _is_shown(limit, errors, middle, confidence):
            high = middle
        else:
            low = middle
    return high


def _is_shown(limit: float, errors: int, of: int, confidence: float) -> bool:
    bound = most_errors(errors, of, confidence)
    return bound is not None and bound <= limit


def most_share(total: float, of: int, confidence: float = CONFIDENCE) -> float | None:
    """The highest mean that ``of`` shares, each between 0 and 1, with this sum leave possible.

    What is wrong in one form or family hangs together, so a family is one label, however many
    fields it has: its share of wrong ones. The bound is that of Hoeffding and Bentkus, exact for
    any distribution of the shares (Bates et al. 2021, Distribution-free, risk-controlling
    prediction sets); with all shares zero it is that of :func:`most_errors`.

    >>> most_share(0, 2138) == most_errors(0, 2138), round(most_share(0.5, 2138), 6)
    (True, 0.002152)
    """
    if not of:
        return None
    if not total:
        return most_errors(0, of, confidence)
    low, high = total / of, 1.0
    if low >= 1:
        return 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _chance_of_share(total, of, middle) <= 1 - confidence:
            high = middle
        else:
            low = middle
    return high


def _chance_of_share(total: float, of: int, mean: float) -> float:
    """A bound for the chance of so small a sum of ``of`` shares whose mean is ``mean``."""
    share = total / of
    divergence = share * math.log(share / mean)
    if share < 1:
        divergence += (1 - share) * math.log((1 - share) / (1 - mean)) if mean < 1 else math.inf
    hoeffding = math.exp(-of * divergence)
    bentkus = math.e * float(binom.cdf(math.ceil(total), of, mean))
    return min(hoeffding, bentkus)


_WORSE = (1.5, 2.0, 4.0, 8.0, 16.0)
"""How many times its limit an error rate may be that :func:`drift` looks for."""


def drift(wrong: Iterable[bool], limit: float) -> float:
    """The evidence that an error rate is above its limit, the highest it was after any label.

    Labels are taken in their order. Under a rate of at most ``limit`` the value ever reaches ``x``
    with a chance of at most ``1 ÷ x``, so it can be looked at after every label: 20 or more says,
    with 95 % confidence, that the limit is broken. It is the mean of likelihood ratios (Ville's
    inequality; Ramdas et al. 2023, Game-theoretic statistics and safe anytime-valid inference).
    """
    rates = [min(times * limit, 0.5) for times in _WORSE]
    if rates[0] <= limit:
        return 1.0
    logs = [0.0] * len(rates)
    highest = 1.0
    for is_wrong in wrong:
        for i, rate in enumerate(rates):
            logs[i] += math.log(rate / limit) if is_wrong else math.log((1 - rate) / (1 - limit))
        highest = max(highest, sum(map(math.exp, logs)) / len(logs))
    return highest

"""How well the probability tells wrong values from right ones.

``auroc``       the chance that a wrong value is rated above a right one (0.5 is guessing)
``brier``       the mean squared distance of the probability from what came out
``reliability`` values by their probability, beside the share that was wrong
``coverage``    the share of values that can be accepted, the most probable first, while the share
                of wrong ones stays below a limit with 95 % confidence
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy
from sklearn import metrics

from eval.bounds import CONFIDENCE, share_at_most
from eval.labels import Kind

GUARANTEES = (0.01, 0.005, 0.0029, 0.0014)
"""The limits at which coverage is told; the last is the error of double keying."""
STEPS = 200
STARTS = (0.25, 0.5, 0.75)
"""Shares of the fields at which a test begins; from there on the thresholds are tested one after
the other until one fails. The chance of an error is parted among the starts."""
_BINS = (0.0, 0.0001, 0.001, 0.01, 0.1, 0.5, 1.0)


class Rated(NamedTuple):
    """Fields of a kind with the probability that one is wrong: how many, and how many are."""

    kind: Kind
    chance: float
    fields: int
    wrong: int


class Bin(NamedTuple):
    """Fields whose probability of being wrong is between ``low`` and ``high``."""

    low: float
    high: float
    fields: int
    expected: float
    wrong: float


class Coverage(NamedTuple):
    """The share of fields accepted under a limit, and the share of them that was wrong."""

    limit: float
    share: float
    wrong: float
    bound: float | None


def with_value(rated: Iterable[Rated]) -> list[Rated]:
    """Those that hold a value: what was left unread is no claim, and easy to tell."""
    return [one for one in rated if one.kind.class_ != "blanks"]


def auroc(rated: Sequence[Rated]) -> float | None:
    """``None`` where no value is wrong, or every one is."""
    wrong = numpy.array([one.wrong for one in rated], dtype=float)
    right = numpy.array([one.fields - one.wrong for one in rated], dtype=float)
    if not wrong.sum() or not right.sum():
        return None
    chances = numpy.array([one.chance for one in rated])
    roc: Any = metrics.roc_auc_score  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return round(
        float(
            roc(
                numpy.concatenate([numpy.ones(len(rated)), numpy.zeros(len(rated))]),
                numpy.concatenate([chances, chances]),
                sample_weight=numpy.concatenate([wrong, right]),
            )
        ),
        5,
    )


def brier(rated: Sequence[Rated]) -> float | None:
    """``None`` where there is nothing."""
    of = sum(one.fields for one in rated)
    off = sum(
        one.wrong * (1 - one.chance) ** 2 + (one.fields - one.wrong) * one.chance**2
        for one in rated
    )
    return round(off / of, 6) if of else None


def reliability(rated: Iterable[Rated]) -> list[Bin]:
    """Bins that hold anything, the safest first."""
    rated = list(rated)
    found: list[Bin] = []
    for low, high in pairwise(_BINS):
        mine = [one for one in rated if low <= one.chance < high or one.chance == high == 1.0]
        fields = sum(one.fields for one in mine)
        if fields:
            expected = sum(one.chance * one.fields for one in mine) / fields
            wrong = sum(one.wrong for one in mine) / fields
            found.append(Bin(low, high, fields, round(expected, 6), round(wrong, 6)))
    return found


def coverages(rated: Sequence[Rated], limits: Iterable[float] = GUARANTEES) -> list[Coverage]:
    """How much can be accepted under each limit.

    The thresholds lie where the most probable 1/200, 2/200, … of the fields end, whatever their
    labels. Errors of a document family hang together, so the fields count for less than they are,
    by the design effect of all errors of the run (as in Korn and Graubard 1998): the bound is the
    exact one for so many labels.
    """
    if not rated:
        return [Coverage(limit, 0.0, 0.0, None) for limit in limits]
    ladder = _Ladder(rated)
    return [ladder.coverage(limit) for limit in limits]


class _Ladder:
    """Fields and wrong ones of every family up to each threshold."""

    def __init__(self, rated: Sequence[Rated]) -> None:
        families = {name: i for i, name in enumerate({one.kind.family: None for one in rated})}
        chances = numpy.array([one.chance for one in rated])
        fields = numpy.array([one.fields for one in rated], dtype=float)
        wrong = numpy.array([one.wrong for one in rated], dtype=float)
        order = numpy.argsort(chances, kind="stable")
        accepted = numpy.cumsum(fields[order])
        wanted = fields.sum() * numpy.arange(1, STEPS + 1) / STEPS
        ends = cast(numpy.ndarray, numpy.searchsorted(accepted, wanted))
        thresholds = numpy.unique(chances[order][numpy.minimum(ends, len(rated) - 1)])
        step = numpy.searchsorted(thresholds, chances)
        row = numpy.array([families[one.kind.family] for one in rated])
        shape = len(families), len(thresholds)
        self.total = float(fields.sum())
        self.fields = _up_to(shape, row, step, fields)
        self.wrong = _up_to(shape, row, step, wrong)

    def coverage(self, limit: float) -> Coverage:
        found = [self._from(start, limit) for start in STARTS]
        return max(found, key=lambda one: one.share)

    def _from(self, start: float, limit: float) -> Coverage:
        """The furthest threshold from a start on before which none fails."""
        best = Coverage(limit, 0.0, 0.0, None)
        sums = zip(self.fields.sum(axis=0).tolist(), self.wrong.sum(axis=0).tolist(), strict=True)
        for fields, wrong in sums:
            if fields < start * self.total:
                continue
            bound = self._bound(wrong, fields)
            if bound > limit:
                break
            share = round(fields / self.total, 4)
            best = Coverage(limit, share, round(wrong / fields, 6), round(bound, 6))
        return best

    def _bound(self, wrong: float, fields: float) -> float:
        confidence = 1 - (1 - CONFIDENCE) / len(STARTS)
        return share_at_most(wrong / self.effect, fields / self.effect, confidence)

    @cached_property
    def effect(self) -> float:
        """How many fields together are worth one label: how much more the errors differ from family
        to family than errors that fall alone would."""
        fields, wrong = self.fields[:, -1], self.wrong[:, -1]
        share = wrong.sum() / fields.sum()
        if not 0 < share < 1 or len(fields) < 2:
            return max(float(fields.mean()), 1.0)
        among = ((wrong - share * fields) ** 2).sum() * len(fields) / (len(fields) - 1)
        return max(float(among / (share * (1 - share) * fields.sum())), 1.0)


def _up_to(
    shape: tuple[int, int], row: numpy.ndarray, step: numpy.ndarray, counts: numpy.ndarray
) -> numpy.ndarray:
    found = numpy.zeros(shape)
    numpy.add.at(found, (row, numpy.minimum(step, shape[1] - 1)), counts)
    return numpy.cumsum(found, axis=1)

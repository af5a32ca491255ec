"""How well the probability tells wrong values from right ones.

``auroc``       the chance that a wrong value is rated above a right one (0.5 is guessing)
``brier``       the mean squared distance of the probability from what came out
``reliability`` values by their probability, beside the share that was wrong
``coverage``    the share of values that can be accepted, the most probable first, while the share
                of wrong ones stays below a limit with 95 % confidence
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy
from sklearn import metrics

from eval.bounds import labels_wanted, most_share
from eval.labels import Kind

GUARANTEES = (0.01, 0.005, 0.0029, 0.0014)
"""The limits at which coverage is told; the last is the error of double keying."""
STEPS = 200
"""Thresholds that are tested, one after the other, until one fails."""
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
    """How much can be accepted under each limit; a document family is one label of the bound.

    The thresholds lie where the most probable 1/200, 2/200, … of the fields end, whatever their
    labels, and are tested in this order.
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
        best = Coverage(limit, 0.0, 0.0, None)
        enough = labels_wanted(limit)
        for step in range(self.fields.shape[1]):
            fields, wrong = self.fields[:, step], self.wrong[:, step]
            some = fields > 0
            if some.sum() < enough:
                continue
            bound = most_share(float((wrong[some] / fields[some]).sum()), int(some.sum()))
            if bound is None or bound > limit:
                break
            accepted = float(fields.sum())
            share = round(float(wrong.sum()) / accepted, 6)
            best = Coverage(limit, round(accepted / self.total, 4), share, round(bound, 6))
        return best


def _up_to(
    shape: tuple[int, int], row: numpy.ndarray, step: numpy.ndarray, counts: numpy.ndarray
) -> numpy.ndarray:
    found = numpy.zeros(shape)
    numpy.add.at(found, (row, numpy.minimum(step, shape[1] - 1)), counts)
    return numpy.cumsum(found, axis=1)

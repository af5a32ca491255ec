"""Probabilities from labels: a regularised logistic regression on doubts, fitted out of fold, and
an isotonic curve that makes its chances those that were seen.

The regression orders fields well and is too sure of the best of them: doubts do not add up quite as
it assumes. The curve is drawn through chances that were given out of fold, and rises wherever they
do, so that what is monotone stays so. What is found goes into an artefact as numbers.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from eval.detection import Rated, auroc, brier
from eval.labels import Labels
from extractor.calibration import Probability
from extractor.signals import CLASSES, SIGNALS, Class
from extractor.types import Basis

FOLDS = 5
FEWEST = 20
"""Wrong values without which nothing can be learned."""
_FEWEST_FOLDS = 3
"""Folds that must hold wrong values, so that some are left when two of them are set aside."""
_STRENGTH = 1.0
_NAMES = tuple(SIGNALS)

Array = numpy.ndarray


class Fitted(NamedTuple):
    """Weights by signal, none below zero, and offsets by class, in log odds of being wrong; the
    curve from these log odds to the probability of being wrong, which never falls."""

    weights: Mapping[str, float]
    offsets: Mapping[Class, float]
    curve: tuple[tuple[float, float], ...] = ()


class _Rows(NamedTuple):
    """Fields that are alike, one row each: signals, class (one column each), counts, fold."""

    signals: Array
    classes: Array
    fields: Array
    wrong: Array
    fold: Array


def can_learn(labels: Labels) -> bool:
    """Whether there are wrong values enough, and right ones, in families enough."""
    wrong, right = set[int](), set[int]()
    errors = 0
    for kind, _, fields, off in labels.known():
        errors += off
        if off:
            wrong.add(_fold(kind.family))
        if off < fields:
            right.add(_fold(kind.family))
    return errors >= FEWEST and min(len(wrong), len(right)) >= _FEWEST_FOLDS


def probability(labels: Labels, basis: Basis) -> Probability | None:
    """The weights that labels give, with how well they did on families they had not seen.

    ``None`` where there are too few errors to learn from.
    """
    if not can_learn(labels):
        return None
    rated = out_of_fold(labels)
    fitted = fit(labels)
    return Probability(
        basis=basis,
        n=sum(one.fields for one in rated),
        errors=sum(one.wrong for one in rated),
        families=len({kind.family for kind, *_ in labels.known()}),
        weights={name: round(weight, 4) for name, weight in fitted.weights.items()},
        offsets={class_: round(offset, 4) for class_, offset in fitted.offsets.items()},
        curve=fitted.curve,
        auroc=auroc(rated),
        brier=brier(rated),
    )


def fit(labels: Labels, without: Collection[str] = ()) -> Fitted:
    """Weights and curve from all labels; signals ``without`` which to do keep no weight."""
    rows = _rows(labels)
    return _whole(rows, numpy.ones(len(rows.fold), dtype=bool), without)


def out_of_fold(labels: Labels, without: Collection[str] = ()) -> list[Rated]:
    """Every kind of field with the probability that it is wrong, by weights and a curve from other
    families."""
    rows = _rows(labels)
    chances = numpy.zeros(len(rows.fold))
    for fold in range(FOLDS):
        mine = rows.fold == fold
        fitted = _whole(rows, ~mine, without)
        chances[mine] = _on_curve(_odds(rows, fitted)[mine], fitted.curve)
    chance = dict(zip(_grouped(labels), chances.tolist(), strict=True))
    return [
        Rated(kind, chance[_fold(kind.family), kind.class_, signals], fields, wrong)
        for kind, signals, fields, wrong in labels.known()
    ]


def _whole(rows: _Rows, chosen: Array, without: Collection[str]) -> Fitted:
    """Weights from the chosen rows, and a curve through what each of their folds gets from the
    others."""
    odds = numpy.zeros(len(rows.fold))
    for fold in set(cast(list[int], rows.fold[chosen].tolist())):
        mine = chosen & (rows.fold == fold)
        odds[mine] = _odds(rows, _fitted(rows, chosen & ~mine, without))[mine]
    curve = _curve(odds[chosen], rows.fields[chosen], rows.wrong[chosen])
    return _fitted(rows, chosen, without)._replace(curve=curve)


def _curve(odds: Array, fields: Array, wrong: Array) -> tuple[tuple[float, float], ...]:
    """The share of wrong fields by log odds, pooled until it never falls: a point a pool, at the
    mean of its log odds. Half a field is added to either side, so that no pool is ever certain."""
    pools: Any = IsotonicRegression()
    level = pools.fit_transform(odds, wrong / fields, sample_weight=fields)
    points: list[tuple[float, float]] = []
    for value in numpy.unique(level):
        mine = level == value
        n, k = float(fields[mine].sum()), float(wrong[mine].sum())
        share = (k + 0.5) / (n + 1)
        at = float((odds[mine] * fields[mine]).sum()) / n
        points.append((at, max(share, points[-1][1] if points else 0.0)))
    return tuple((round(at, 4), round(share, 7)) for at, share in points)


def _on_curve(odds: Array, curve: Sequence[tuple[float, float]]) -> Array:
    return numpy.interp(odds, [at for at, _ in curve], [share for _, share in curve])


def _odds(rows: _Rows, fitted: Fitted) -> Array:
    weights = numpy.array([fitted.weights[name] for name in _NAMES])
    offsets = numpy.array([fitted.offsets[class_] for class_ in CLASSES])
    return rows.signals @ weights + rows.classes @ offsets


def _fold(family: str) -> int:
    """The fold of a document family: the same in every run."""
    return zlib.crc32(family.encode()) % FOLDS


_Key = tuple[int, Class, tuple[int, ...]]


def _grouped(labels: Labels) -> dict[_Key, list[int]]:
    found: dict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    for kind, signals, fields, wrong in labels.known():
        counts = found[_fold(kind.family), kind.class_, signals]
        counts[0] += fields
        counts[1] += wrong
    return found


def _rows(labels: Labels) -> _Rows:
    grouped = _grouped(labels)
    counts = numpy.array(list(grouped.values()), dtype=float)
    return _Rows(
        numpy.array([signals for _, _, signals in grouped], dtype=float),
        numpy.array([[class_ == one for one in CLASSES] for _, class_, _ in grouped], dtype=float),
        counts[:, 0],
        counts[:, 1],
        numpy.array([fold for fold, _, _ in grouped]),
    )


def _fitted(rows: _Rows, chosen: Array, without: Collection[str]) -> Fitted:
    """Weights from the chosen rows. A signal whose weight would be below zero is left out and the
    rest fitted anew, so that no doubt ever speaks for a value."""
    used = [i for i, name in enumerate(_NAMES) if name not in without]
    while True:
        columns = numpy.hstack([rows.signals[:, used], rows.classes])[chosen]
        wrong, right = rows.wrong[chosen], (rows.fields - rows.wrong)[chosen]
        counts = numpy.concatenate([wrong, right])
        is_wrong = numpy.concatenate([numpy.ones(len(wrong)), numpy.zeros(len(right))])
        some = counts > 0
        model: Any = LogisticRegression(C=_STRENGTH, solver="newton-cholesky", max_iter=200)
        model.fit(
            numpy.vstack([columns, columns])[some], is_wrong[some], sample_weight=counts[some]
        )
        found = [float(weight) for weight in model.coef_[0]]
        below = {i for i, weight in zip(used, found, strict=False) if weight < 0}
        if not below:
            break
        used = [i for i in used if i not in below]
    weights = dict.fromkeys(_NAMES, 0.0)
    weights |= {_NAMES[i]: weight for i, weight in zip(used, found, strict=False)}
    offsets = found[len(used) :]
    base = float(model.intercept_[0])
    return Fitted(
        weights, {class_: base + one for class_, one in zip(CLASSES, offsets, strict=True)}
    )

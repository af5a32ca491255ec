"""Promises: which strata of a class may be accepted unseen, so that a stated share of wrong values
is not exceeded with 95 % confidence.

The strata are tested from the safest on, each together with those above it, and the first that
fails ends the test: whatever the errors are, a set that breaks its limit is accepted with a chance
of at most 5 % (fixed-sequence testing; Angelopoulos et al. 2021, Learn then test). What is too
small to show anything, whatever its labels say, is tested together with the next.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple, Protocol

from eval.bounds import CONFIDENCE, fewest_errors, labels_wanted, most_errors, most_share
from eval.labels import Labels
from extractor.calibration import Promise
from extractor.confidence import BLANK, SUPPORTED
from extractor.signals import CLASSES, Class

LIMITS: Mapping[Class, float] = {
    "money": 0.0014,
    "points": 0.0029,
    "categories": 0.005,
    "names": 0.005,
    "quantities": 0.005,
    "prose": 0.01,
    "blanks": 0.0029,
}
"""The share of wrong values that each class may have; that of money is the error of double keying.

A blank that was taken for granted may hide a number of any kind, so it is held as a score is."""

_RUNGS: tuple[tuple[str, ...], ...] = tuple(accumulate(SUPPORTED))


class Seen(NamedTuple):
    """Labels of some strata: how many there are, and the sum of what is wrong in them."""

    n: int
    errors: float


class Evidence(Protocol):
    """Labels of one class, as a test asks about them."""

    def over(self, strata: Iterable[str]) -> Seen:
        """The labels of some strata together."""
        ...

    def most(self, seen: Seen, confidence: float) -> float | None:
        """The highest share of wrong values that they leave possible."""
        ...

    def least(self, seen: Seen) -> float:
        """The lowest."""
        ...


@dataclass
class Drawn:
    """Fields drawn at random: every one is a label. ``counts`` are {stratum: (fields, wrong)}."""

    counts: Mapping[str, tuple[int, int]]

    def over(self, strata: Iterable[str]) -> Seen:
        mine = [self.counts.get(name, (0, 0)) for name in strata]
        return Seen(sum(n for n, _ in mine), sum(wrong for _, wrong in mine))

    def most(self, seen: Seen, confidence: float) -> float | None:
        return most_errors(int(seen.errors), seen.n, confidence)

    def least(self, seen: Seen) -> float:
        return fewest_errors(int(seen.errors), seen.n)


@dataclass
class Whole:
    """Whole forms: what is wrong in a document family hangs together, so a family is one label.

    ``counts`` are {family: {stratum: (fields, wrong)}}; a label is the share of wrong fields.
    """

    counts: dict[str, dict[str, tuple[int, int]]] = field(
        default_factory=dict[str, dict[str, tuple[int, int]]]
    )

    def over(self, strata: Iterable[str]) -> Seen:
        wanted = tuple(strata)
        shares = [
            drawn.errors / drawn.n
            for by in self.counts.values()
            if (drawn := Drawn(by).over(wanted)).n
        ]
        return Seen(len(shares), math.fsum(shares))

    def most(self, seen: Seen, confidence: float) -> float | None:
        return most_share(seen.errors, seen.n, confidence)

    def least(self, seen: Seen) -> float:
        return 1 - (most_share(seen.n - seen.errors, seen.n) or 1.0)


def confidence_of(look: int) -> float:
    """The confidence of the test at the ``look``-th time that the labels of an archive are looked
    at, counted from 1.

    Whoever labels until a promise can be made would make it in one of four cases where it does not
    hold; so the 5 % are spent on all looks together: 4 % on the first, the rest on the others.

    >>> [round(1 - confidence_of(look), 5) for look in (1, 2, 3)]
    [0.04, 0.005, 0.00167]
    """
    if look <= 1:
        return 1 - 0.8 * (1 - CONFIDENCE)
    return 1 - 0.2 * (1 - CONFIDENCE) / (look * (look - 1))


def promise(
    class_: Class, limit: float, evidence: Evidence, confidence: float = CONFIDENCE
) -> Promise:
    """What labels of one class allow to promise.

    Worked: 2,200 money values drawn at random, all right, are enough for 0.14 % (2,139 are); with
    one of them wrong, 3,387 would be needed, so 1,187 more.

    >>> told = promise("money", 0.0014, Drawn({"closed": (2200, 0)}))
    >>> told.accepted, round(told.bound, 6)
    (('closed',), 0.001361)
    >>> promise("money", 0.0014, Drawn({"closed": (2200, 1)})).missing
    1187
    """
    rungs: Sequence[tuple[str, ...]] = ((BLANK,),) if class_ == "blanks" else _RUNGS
    enough = labels_wanted(limit, 0, confidence)
    accepted: tuple[str, ...] = ()
    bound: float | None = None
    seen = evidence.over(rungs[-1])
    tested = [rung for rung in rungs if evidence.over(rung).n >= enough]
    for rung in tested:
        here = evidence.over(rung)
        most = evidence.most(here, confidence)
        if most is None or most > limit:
            break
        accepted, bound, seen = rung, most, here
    others = [name for name in rungs[-1] if name not in accepted]
    refused = tuple(name for name in others if _is_worse(evidence, name, limit))
    return Promise(
        limit=limit,
        n=seen.n,
        errors=seen.errors,
        # A stratum that no label is of has shown nothing, however well the others did.
        accepted=tuple(name for name in accepted if evidence.over((name,)).n),
        refused=refused,
        bound=bound,
        missing=None if accepted else _missing(limit, evidence.over(rungs[-1]), confidence),
    )


def _is_worse(evidence: Evidence, stratum: str, limit: float) -> bool:
    seen = evidence.over((stratum,))
    return seen.n > 0 and evidence.least(seen) > limit


def _missing(limit: float, seen: Seen, confidence: float) -> int:
    """Labels that would do if none of them were wrong."""
    return max(labels_wanted(limit, math.ceil(seen.errors), confidence) - seen.n, 1)


def drawn(labels: Labels) -> dict[Class, Drawn]:
    """The labels by class, as fields that were drawn at random."""
    return {class_: Drawn(_by_stratum(labels, class_)) for class_ in CLASSES}


def whole(labels: Labels) -> dict[Class, Whole]:
    """The labels by class, as those of whole forms."""
    found: dict[Class, Whole] = {class_: Whole() for class_ in CLASSES}
    for kind, n in labels.fields.items():
        by = found[kind.class_].counts.setdefault(kind.family, {})
        fields, wrong = by.get(kind.stratum, (0, 0))
        by[kind.stratum] = fields + n, wrong + labels.wrong[kind]
    return {class_: found[class_] for class_ in CLASSES}


def _by_stratum(labels: Labels, class_: Class) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for kind, n in labels.fields.items():
        if kind.class_ == class_:
            fields, wrong = counts.get(kind.stratum, (0, 0))
            counts[kind.stratum] = fields + n, wrong + labels.wrong[kind]
    return counts


def promises(
    evidence: Mapping[Class, Evidence],
    limits: Mapping[Class, float] = LIMITS,
    looks: Mapping[str, int] | None = None,
) -> dict[Class, Promise]:
    """What can be promised of every class; ``looks`` tells how often an archive's labels of a class
    were looked at before."""
    return {
        class_: promise(
            class_,
            limits[class_],
            evidence[class_],
            CONFIDENCE if looks is None else confidence_of(looks.get(class_, 0) + 1),
        )
        for class_ in CLASSES
    }

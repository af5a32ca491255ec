"""Labels → calibrations: a probability where there is enough to learn from, a promise where the
labels allow one, and the number that is missing where they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from eval.bounds import drift
from eval.fitting import probability
from eval.labels import Labels
from eval.promises import Evidence, drawn, promises, whole
from eval.sampling import labels_of
from extractor.acting import stored
from extractor.calibration import Calibration, Promise, made_for
from extractor.signals import Class
from extractor.store import Store
from extractor.types import Basis

BROKEN = 20.0
"""The evidence against a promise at which it is revoked: 1 ÷ 5 %."""


class Source(NamedTuple):
    """Labels with what they are; ``is_sample`` says that fields were drawn one by one."""

    labels: Labels
    basis: Basis
    is_sample: bool = False


def calibrations(
    sources: Sequence[Source], limits: Mapping[Class, float], store: Store | None = None
) -> tuple[Calibration, ...]:
    """A calibration for every family and way of reading that the labels are of.

    Probabilities are learned from all of them. What is promised rests on one kind: on a sample of
    the archive where there is one, else on real forms; generated ones never certify. With the
    ``store`` that the sample is of, each look at it costs confidence, and what was revoked there
    stays refused until labels certify it.
    """
    everyone = {who: None for source in sources for who in source.labels.made_for() if who[2]}
    found: list[Calibration] = []
    for who in everyone:
        one = _calibration(who, sources, limits, None if store is None else store.looks(who))
        found.append(one if store is None else _still_refused(store, one))
    return tuple(found)


def _still_refused(store: Store, one: Calibration) -> Calibration:
    """A calibration that keeps what an earlier one revoked and this one does not certify."""
    before = next((c for c, _ in stored(store) if c.made_for == one.made_for), None)
    revoked = {class_ for who, class_ in store.revocations() if who == one.made_for}
    promises = dict(one.promises)
    for class_, promise in one.promises.items():
        old = before and before.promises.get(class_)
        if old and class_ in revoked and not promise.accepted:
            refused = tuple(dict.fromkeys((*promise.refused, *old.refused)))
            promises[class_] = promise.model_copy(update={"refused": refused})
    return one.model_copy(update={"promises": promises})


def _calibration(
    who: tuple[str, ...],
    sources: Sequence[Source],
    limits: Mapping[Class, float],
    looks: Mapping[str, int] | None,
) -> Calibration:
    mine = [source._replace(labels=source.labels.of(who)) for source in sources]
    mine = [source for source in mine if source.labels.fields]
    learned = Labels()
    for source in mine:
        learned.add(source.labels)
    ground = _ground(mine)
    family, reader, version, checks = who
    return Calibration(
        made=datetime.now(UTC).date().isoformat(),
        family=family,
        check_set=checks,
        reader=reader,
        reader_version=version,
        basis=ground.basis,
        n=ground.labels.fields.total(),
        probability=probability(learned, _weakest(mine)),
        promises=promises(_evidence(ground), limits, looks),
    )


def _ground(sources: Sequence[Source]) -> Source:
    """What a promise rests on: a sample, else all gold sets together. What reviewers corrected says
    nothing of what they did not look at, and generated forms say nothing of real ones."""
    sample = next((source for source in sources if source.is_sample), None)
    if sample is not None:
        return sample
    gold = Labels()
    for source in sources:
        if source.basis == "gold":
            gold.add(source.labels)
    return Source(gold, "gold" if gold.fields else "generated")


def _evidence(source: Source) -> Mapping[Class, Evidence]:
    return drawn(source.labels) if source.is_sample else whole(source.labels)


def _weakest(sources: Sequence[Source]) -> Basis:
    """What a probability rests on that was learned from all of them."""
    bases = {source.basis for source in sources}
    return next(basis for basis in ("generated", "corrections", "gold") if basis in bases)


def of_archive(store: Store) -> list[Source]:
    """What the people of an archive said: of fields drawn at random, and of flagged ones.

    Flagged fields teach what a doubt is worth, but say nothing of those that nobody looked at.
    """
    samples, corrections = (labels_of(store, how) for how in ("sample", "correction"))
    found = [Source(samples, "corrections", is_sample=True)]
    return [*found, Source(corrections, "corrections")] if corrections.fields else found


class Watched(NamedTuple):
    """A promise under watch: labels since it was made, and the evidence that it is broken."""

    calibration: Calibration
    class_: Class
    promise: Promise
    n: int
    errors: int
    evidence: float

    @property
    def is_broken(self) -> bool:
        return self.evidence >= BROKEN


def watch(store: Store) -> list[Watched]:
    """Every promise that an archive makes, held against the samples that came after it."""
    found: list[Watched] = []
    answers = [label for label in store.labels(answered=True) if label.how == "sample"]
    who = {
        form: made_for(store.form(form)[1]) for form in {label.form for label in answers} if form
    }
    for one, last in stored(store):
        for class_, promise in one.promises.items():
            wrong = [
                bool(label.wrong)
                for label in answers
                if (label.answered or 0) > last
                and label.form in who
                and who[label.form] == one.made_for
                and label.class_ == class_
                and label.stratum in promise.accepted
            ]
            if promise.accepted:
                evidence = drift(wrong, promise.limit)
                found.append(Watched(one, class_, promise, len(wrong), sum(wrong), evidence))
    return found


def revoked(watched: Sequence[Watched]) -> list[tuple[Calibration, tuple[Class, ...]]]:
    """The calibrations whose promises are broken, without these promises, each with their classes:
    what they accepted goes to a person until new labels say otherwise."""
    found: list[tuple[Calibration, tuple[Class, ...]]] = []
    for who in {one.calibration.made_for: None for one in watched if one.is_broken}:
        mine = [one for one in watched if one.is_broken and one.calibration.made_for == who]
        before = mine[0].calibration
        promises = {**before.promises, **{one.class_: _taken_back(one) for one in mine}}
        again = before.model_copy(update={"promises": promises})
        found.append((again, tuple(one.class_ for one in mine)))
    return found


def _taken_back(one: Watched) -> Promise:
    refused = (*one.promise.accepted, *one.promise.refused)
    return Promise(limit=one.promise.limit, n=one.n, errors=one.errors, refused=refused)

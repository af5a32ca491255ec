"""Labels → calibrations: a probability where there is enough to learn from, a promise where the
labels allow one, and the number that is missing where they do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from eval.bounds import drift
from eval.fitting import probability
from eval.labels import Labels
from eval.promises import Evidence, drawn, promises, whole
from eval.sampling import labels_of
from extractor.acting import catch_up
from extractor.calibration import Calibration, Promise, made_for, rated_form
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
    sources: Sequence[Source], limits: Mapping[Class, float]
) -> tuple[Calibration, ...]:
    """A calibration for every family and way of reading that the labels are of.

    Probabilities are learned from all of them. What is promised rests on one kind: on a sample of
    the archive where there is one, else on real forms; generated ones never certify.
    """
    everyone = {who: None for source in sources for who in source.labels.made_for()}
    return tuple(_calibration(who, sources, limits) for who in everyone)


def _calibration(
    who: tuple[str, ...], sources: Sequence[Source], limits: Mapping[Class, float]
) -> Calibration:
    mine = [source._replace(labels=source.labels.of(who)) for source in sources]
    mine = [source for source in mine if source.labels.fields]
    learned = Labels()
    for source in mine:
        learned.add(source.labels)
    real = [source for source in mine if source.basis != "generated"]
    ground = next((source for source in real if source.is_sample), None)
    ground = ground or next(iter(real), Source(Labels(), "generated"))
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
        promises=promises(_evidence(ground), limits),
    )


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


def keep(
    store: Store,
    found: Sequence[Calibration],
    *,
    revoked: bool = False,
    told: Callable[[], None] = lambda: None,
) -> int:
    """Stores calibrations in an archive and lets all its forms be weighed by what holds then; how
    many came out otherwise. ``told`` hears of each document."""
    for one in found:
        store.put_calibration(one.model_dump_json(), one.made_for, revoked=revoked)
    holds = [Calibration.model_validate_json(text) for text, _ in store.calibrations()]
    changed = store.weigh_anew(lambda document, form: rated_form(document, form, holds), told)
    catch_up(store)
    return changed


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
    for text, last in store.calibrations():
        one = Calibration.model_validate_json(text)
        for class_, promise in one.promises.items():
            wrong = [
                bool(label.wrong)
                for label in answers
                if label.id > last
                and label.form in who
                and who[label.form] == one.made_for
                and label.class_ == class_
                and label.stratum in promise.accepted
            ]
            if promise.accepted:
                evidence = drift(wrong, promise.limit)
                found.append(Watched(one, class_, promise, len(wrong), sum(wrong), evidence))
    return found


def revoked(watched: Sequence[Watched]) -> list[Calibration]:
    """The calibrations whose promises are broken, without these promises: what they accepted goes
    to a person until new labels say otherwise."""
    broken: dict[tuple[str, ...], dict[Class, Promise]] = {}
    calibrations = {one.calibration.made_for: one.calibration for one in watched}
    for one in watched:
        if one.is_broken:
            refused = (*one.promise.accepted, *one.promise.refused)
            gone = Promise(limit=one.promise.limit, n=one.n, errors=one.errors, refused=refused)
            broken.setdefault(one.calibration.made_for, {})[one.class_] = gone
    return [
        calibrations[who].model_copy(update={"promises": {**calibrations[who].promises, **mine}})
        for who, mine in broken.items()
    ]

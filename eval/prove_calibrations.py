"""Whether promises are kept: many calibrations on fields drawn at random, where the truth of all
fields is known; the drift test; and what the real sample allows to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from random import Random

import numpy

from eval.bounds import drift, labels_wanted
from eval.calibrating import BROKEN, Source, calibrations
from eval.double_entry import Reader
from eval.figures import Figures, percent
from eval.labels import Labels
from eval.promised_labels import Population
from eval.promises import LIMITS, Drawn, Whole, promise, whole
from eval.running import read_set
from extractor.calibration import PROMISED
from extractor.signals import CLASSES, Class

ACCURACY, COVERAGE = 99.86, 85.0
KEPT = 0.05
_DRAWN = 10_000
_ALL: Class = "money"
"""All values are held to the limit of money."""

Counts = dict[str, tuple[int, int]]
"""{stratum: (fields, wrong)}."""


def prove_coverage(
    figures: Figures,
    found: Mapping[Population, Labels],
    reader: Reader,
    rhos: Sequence[float],
    seed: int,
) -> None:
    """What is accepted on forms that took no part in the calibration."""
    limit = LIMITS[_ALL]
    figures.title(
        f"Promise, a simulation: {_DRAWN:,} values drawn from half of the forms certify at "
        f"{100 * limit:g} %, the other half shows what that is worth ({reader})"
    )
    for rho in rhos:
        ours, theirs = _halves(found[reader, rho])
        rng = numpy.random.default_rng([seed, int(10 * rho)])
        told = promise(_ALL, limit, Drawn(_draw(_values(ours), _DRAWN, rng)))
        others = _values(theirs)
        of = sum(n for n, _ in others.values())
        accepted = [others[name] for name in told.accepted if name in others]
        n, wrong = sum(n for n, _ in accepted), sum(off for _, off in accepted)
        accuracy, coverage = 100 - percent(wrong, n), percent(n, of)
        bound = 100 * (told.bound or 1.0)
        strata = ", ".join(told.accepted)
        text = (
            f"rho {rho:g}: {coverage:.2f} % of {of:,} values accepted ({strata}), "
            f"{accuracy:.3f} % of them right; the bound: at most {bound:.3f} % wrong"
        )
        holds = accuracy >= ACCURACY and coverage >= COVERAGE and bound <= 100 * limit
        figures.bound(f"promise_rho_{rho:g}", [coverage, accuracy, bound], text, holds)


def _halves(labels: Labels) -> tuple[Labels, Labels]:
    """Labels by document family, every other one."""
    families = {name: i % 2 for i, name in enumerate({kind.family: None for kind in labels.fields})}
    halves = Labels(), Labels()
    for kind, n in labels.fields.items():
        mine = halves[families[kind.family]]
        mine.fields[kind] = n
        if labels.wrong[kind]:
            mine.wrong[kind] = labels.wrong[kind]
    return halves


def _values(labels: Labels) -> Counts:
    """All fields with a value, by stratum."""
    return _counts(labels, [name for name in CLASSES if name != "blanks"])


def _counts(labels: Labels, classes: Iterable[Class]) -> Counts:
    wanted, found = set(classes), dict[str, tuple[int, int]]()
    for kind, n in labels.fields.items():
        if kind.class_ in wanted:
            fields, wrong = found.get(kind.stratum, (0, 0))
            found[kind.stratum] = fields + n, wrong + labels.wrong[kind]
    return found


def _draw(counts: Counts, size: int, rng: numpy.random.Generator) -> Counts:
    """So many accepted fields drawn at random without putting back."""
    names = [name for name in counts if name in PROMISED]
    cells = [
        part for name in names for part in (counts[name][0] - counts[name][1], counts[name][1])
    ]
    size = min(size, sum(cells))
    drawn = rng.multivariate_hypergeometric(cells, size, method="marginals")
    return {
        name: (int(drawn[2 * i] + drawn[2 * i + 1]), int(drawn[2 * i + 1]))
        for i, name in enumerate(names)
    }


def prove_word(
    figures: Figures, found: Mapping[Population, Labels], seed: int, rounds: int
) -> None:
    """How often the realised error exceeds the promised rate."""
    figures.title(
        f"{rounds} simulated calibrations for each reader and class: how often the realised error "
        "exceeds the promised rate"
    )
    usual = {which: _word(labels, seed, rounds, None) for which, labels in found.items()}
    hard = {which: _word(labels, seed, rounds, 0.95) for which, labels in found.items()}
    for name, told in (
        ("at the limits of the classes", usual),
        ("limits just below the truth", hard),
    ):
        for (reader, rho), tally in told.items():
            figures.say(
                f"{name}, {reader}, rho {rho:g}: {tally['promised']:,} of {tally['tests']:,} "
                f"promised, {tally['broken']} of them broken"
            )
        broken = sum(tally["broken"] for tally in told.values())
        tests = sum(tally["tests"] for tally in told.values())
        worst = max(tally["worst"] for tally in told.values())
        text = (
            f"{name}: broken in {broken:,} of {tests:,} calibrations of a class "
            f"({percent(broken, tests)} %), at most {worst} of {rounds} in one class"
        )
        key = "kept" if told is usual else "kept_hard"
        figures.bound(key, [broken, tests, worst], text, broken <= KEPT * tests)


def prove_whole_forms(figures: Figures, labels: Labels, seed: int, rounds: int) -> None:
    """The same where whole forms are labelled, as in a gold set: a family is one label there."""
    rng = numpy.random.default_rng([seed, 99])
    broken = tests = promised = 0
    for class_, evidence in whole(labels).items():
        names = list(evidence.counts)
        limit, of = LIMITS[class_], _counts(labels, [class_])
        for _ in range(rounds):
            size = min(int(labels_wanted(limit) * (1 + rng.random())), len(names))
            chosen = rng.choice(len(names), size, replace=False).tolist()
            told = promise(
                class_, limit, Whole({names[i]: evidence.counts[names[i]] for i in chosen})
            )
            fields, wrong = _sum(of, told.accepted)
            tests += 1
            promised += bool(told.accepted)
            broken += fields > 0 and wrong / fields > limit
    text = (
        f"whole forms labelled, a family one label: broken in {broken} of {tests:,} "
        f"({promised:,} promised)"
    )
    figures.bound("kept_whole_forms", [broken, tests, promised], text, broken <= KEPT * tests)


def _word(labels: Labels, seed: int, rounds: int, below: float | None) -> Counter[str]:
    """Promises made and broken; ``below`` sets the limits at that part of the true rate, so that
    every promise of the whole would be a broken one."""
    tally: Counter[str] = Counter()
    for number, class_ in enumerate(CLASSES):
        counts = _counts(labels, [class_])
        limit = LIMITS[class_]
        if below is not None:
            fields, wrong = _sum(counts, [name for name in counts if name in PROMISED])
            limit = below * wrong / fields if fields else 0.0
            if not 0.0002 < limit < 0.5:
                continue
        rng = numpy.random.default_rng([seed, number])
        broken = 0
        for _ in range(rounds):
            size = int(labels_wanted(limit) * (1 + 2 * rng.random()))
            told = promise(class_, limit, Drawn(_draw(counts, size, rng)))
            fields, wrong = _sum(counts, told.accepted)
            tally["promised"] += bool(told.accepted)
            broken += fields > 0 and wrong / fields > limit
        tally["tests"] += rounds
        tally["broken"] += broken
        tally["worst"] = max(tally["worst"], broken)
    return tally


def _sum(counts: Counts, names: Iterable[str]) -> tuple[int, int]:
    mine = [counts[name] for name in names if name in counts]
    return sum(n for n, _ in mine), sum(wrong for _, wrong in mine)


def prove_drift(figures: Figures, seed: int, rounds: int) -> None:
    """The drift test, looked at after every label: how often it revokes what holds, and how soon it
    finds what does not."""
    limit = LIMITS["points"]
    figures.title(
        f"Drift, a simulation: {rounds} streams of labels at a limit of {100 * limit:g} %"
    )
    rng = Random(seed)
    false = sum(
        drift((rng.random() < limit for _ in range(10_000)), limit) >= BROKEN for _ in range(rounds)
    )
    text = f"revoked although it held, in 10,000 labels: {false} of {rounds} (bound: 5 %)"
    figures.bound("drift_false", false, text, false <= KEPT * rounds)
    for times in (3, 6):
        waits = sorted(_wait(rng, times * limit, limit) for _ in range(rounds))
        middle = waits[len(waits) // 2]
        figures.say(
            f"labels until an error of {times} times the limit is found: {middle:,} (median)"
        )
        figures.put(f"drift_labels_{times}_times", middle)


def _wait(rng: Random, rate: float, limit: float, most: int = 20_000) -> int:
    """Labels until the test revokes; found by halving, since its value never falls."""
    stream = [rng.random() < rate for _ in range(most)]
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if drift(stream[:middle], limit) >= BROKEN:
            high = middle
        else:
            low = middle
    return high


def prove_sample(figures: Figures) -> None:
    """What the real sample alone allows to promise."""
    run, labels = read_set()
    figures.title(
        f"The real sample: {labels.forms} forms, {labels.fields.total():,} fields, "
        f"{labels.wrong.total()} wrong"
    )
    (project, *_) = calibrations([Source(labels, "gold")], LIMITS)
    missing = {name: one.missing for name, one in project.promises.items()}
    for name, one in project.promises.items():
        said = f"not yet certifiable, {one.missing:,} more labels needed"
        figures.say(
            f"{name:11} {100 * one.limit:g} %: {'promised' if one.accepted else said}; "
            f"{one.n} document families are {one.n} labels, {labels_wanted(one.limit):,} the fewest"
        )
    figures.put("sample_missing_labels", missing)
    figures.put("feasible", {name: labels_wanted(limit) for name, limit in LIMITS.items()})
    honest = all(one.missing is not None and not one.accepted for one in project.promises.values())
    text = "nothing is certified by the real sample alone, and the missing labels are told"
    figures.bound("sample_is_honest", honest, text, honest and not run.generated)

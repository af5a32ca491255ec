"""Proof by faults that are located: one, two, and numbers exchanged in the page or by a reader.

Each share comes with the interval that drawing whole forms again gives, and with its bound where
one is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from statistics import median
from typing import NamedTuple

from eval.bounds import most_errors
from eval.figures import Figures, percent
from eval.intervals import resampled
from eval.locating import Told, swaps, told
from eval.truth import DistinctForm
from extractor.families import family_of
from extractor.ground import grounded
from extractor.readers.table import read_table

LEAST = {"noticed": 99.4, "top": 99.0, "alone": 95.0, "right": 99.9, "exact": 95.0}
LEAST_TWO, MOST_WRONG_SINGLE = 99.9, 0.7
MOST_MS_ONE, MOST_MS_TWO = 20.0, 200.0

_OF = {
    "sample": "the sample's distinct project forms",
    "generated": "generated forms only",
    "department": "generated department forms only",
}


class Share(NamedTuple):
    """A share of trials; ``low`` and ``high`` between 0 and 1, ``aim`` in percent.

    ``is_error`` where less is better.
    """

    name: str
    hits: int
    of: int
    low: float | None
    high: float | None
    aim: float | None = None
    is_error: bool = False


Of = Callable[[Told], bool]
"""Which trials of those looked at are counted."""


def prove_one(
    figures: Figures, name: str, forms: Sequence[DistinctForm], found: Sequence[Told], bounds: bool
) -> list[Share]:
    """One fault at a time: noticed, among the first, named alone, rightly, with what was printed;
    each share is one of the trials that the share before it leaves."""
    figures.title(f"One fault at a time, {_OF[name]}: {len(found)} faults")
    noticed = [one for one in found if one.noticed]
    free = [one for one in noticed if not one.structural]
    alone = [one for one in free if one.is_named_alone]
    right = [one for one in alone if one.top == one.fields]
    parts: dict[str, tuple[Sequence[Told], Of, str]] = {
        "noticed": (found, lambda one: one.noticed, "noticed"),
        "top": (noticed, lambda one: one.fields <= one.top,
                "of the noticed: the true cell is among the first"),
        "alone": (free, lambda one: one.is_named_alone,
                  "of those that are no structural tie: named alone"),
        "right": (alone, lambda one: one.top == one.fields,
                  "of those named alone: it is the true cell"),
        "exact": (right, lambda one: one.exact,
                  "of these: the proposed value is the one that was printed"),
    }  # fmt: skip
    shares = [
        _share(
            figures, f"{name}_one_{key}", forms, looked, of, text, LEAST[key] if bounds else None
        )
        for key, (looked, of, text) in parts.items()
    ]
    structural = percent(len(noticed) - len(free), len(noticed))
    figures.put(f"{name}_one_structural_percent", structural)
    figures.say(f"       {structural} % are structural ties")
    _speed(figures, f"{name}_one_ms", noticed, MOST_MS_ONE)
    return shares


def prove_two(
    figures: Figures, name: str, forms: Sequence[DistinctForm], found: Sequence[Told], bounds: bool
) -> list[Share]:
    """Two faults at a time: noticed, both among the first, and a wrong cell named as the one."""
    figures.title(f"Two faults at a time, {_OF[name]}: {len(found)} pairs, by how they lie")
    noticed = [one for one in found if one.noticed]
    least = LEAST_TWO if bounds else None
    seen = _share(
        figures, f"{name}_two_noticed", forms, found, lambda one: one.noticed, "noticed", least
    )
    wrong = _prove_wrong(figures, f"{name}_two_wrong_single", forms, found, bounds)
    text = "of the noticed: both cells are among the first"
    both = _share(
        figures, f"{name}_two_both", forms, noticed, lambda one: one.fields <= one.top, text, None
    )
    _speed(figures, f"{name}_two_ms", noticed, MOST_MS_TWO)
    return [seen, both, wrong]


def _prove_wrong(
    figures: Figures, name: str, forms: Sequence[DistinctForm], found: Sequence[Told], bounds: bool
) -> Share:
    wrong = sum(one.names_wrong_single for one in found)
    share, most = percent(wrong, len(found)), most_errors(wrong, len(found)) or 0
    text = (
        f"{share} % name a wrong cell as the only one ({wrong}; with 95 % confidence at most "
        f"{100 * most:.3f} %"
    )
    figures.put(f"{name}_bound", round(100 * most, 3))
    if bounds:
        text += f"; bound: {MOST_WRONG_SINGLE:g} %)"
        figures.bound(name, share, text, len(found) > 0 and share <= MOST_WRONG_SINGLE)
    else:
        figures.put(name, share)
        figures.say(f"       {text})")
    low, high = _interval(forms, found, lambda one: one.names_wrong_single) or (None, None)
    if low is not None and high is not None:
        figures.put(f"{name}_interval", [round(100 * low, 3), round(100 * high, 3)])
    aim = MOST_WRONG_SINGLE if bounds else None
    return Share(name, wrong, len(found), low, high, aim, is_error=True)


def _share(
    figures: Figures,
    name: str,
    forms: Sequence[DistinctForm],
    looked: Sequence[Told],
    of: Of,
    text: str,
    least: float | None,
) -> Share:
    count = sum(map(of, looked))
    share = percent(count, len(looked))
    interval = _interval(forms, looked, of)
    low, high = interval or (None, None)
    told = f"{share} % {text} ({count} of {len(looked)}"
    if interval:
        ends = [round(100 * end, 3) for end in interval]
        figures.put(f"{name}_interval", ends)
        told += f"; by form {ends[0]} to {ends[1]}"
    if least is None:
        figures.put(name, share)
        figures.say(f"       {told})")
    else:
        figures.bound(name, share, f"{told}; bound: {least:g} %)", share >= least)
    return Share(name, count, len(looked), low, high, least)


def _interval(
    forms: Sequence[DistinctForm], looked: Sequence[Told], of: Of
) -> tuple[float, float] | None:
    """Faults of one form share its numbers and its checks: forms are drawn, not faults."""
    counts = [[0, 0] for _ in forms]
    for one in looked:
        counts[one.trial.form][0] += of(one)
        counts[one.trial.form][1] += 1
    parts = zip(forms, counts, strict=True)
    return resampled([(form.name, over, under) for form, (over, under) in parts])


def _speed(figures: Figures, name: str, found: Sequence[Told], most: float) -> None:
    spent = sorted(one.milliseconds for one in found)
    if not spent:
        figures.bound(name, None, "nothing was located", False)
        return
    middle = round(median(spent), 2)
    text = f"locating takes {middle} ms in the median, at most {spent[-1]:.0f} (bound: {most:g})"
    figures.bound(name, middle, text, middle <= most)


# Exchanged numbers


def prove_swaps_by_reader(figures: Figures, forms: Sequence[DistinctForm]) -> None:
    """A reader that takes one cell for another, the page untouched: its values are on the page,
    but not under their labels."""
    figures.title("Two numbers exchanged by a reader, the page untouched")
    caught = tried = 0
    for form in forms:
        family = family_of(form.family)
        anchors = read_table(form.text, family).readings
        numbers = [p for p, r in anchors.items() if r.value is not None and family.is_number(p)]
        for one, two in combinations(numbers, 2):
            if anchors[one].value == anchors[two].value:
                continue
            wrong = [anchors[one]._replace(path=two), anchors[two]._replace(path=one)]
            found = grounded(form.text, family, wrong, anchors)
            tried += 1
            caught += all(reading.standing == "unread" for reading in found.values())
    share = percent(caught, tried)
    text = f"{share} % caught by grounding under labels ({caught} of {tried}; bound: 100 %)"
    figures.bound("swapped_by_reader_caught", share, text, caught == tried > 0)


def prove_swaps(
    figures: Figures, forms: Sequence[DistinctForm], jobs: int
) -> dict[str, tuple[int, int]]:
    """How many exchanges in the page are noticed, and of how many, by column."""
    figures.title("Neighbouring numbers of a column exchanged in the page: what arithmetic sees")
    found: dict[str, tuple[int, int]] = {}
    for column, trials in swaps(forms).items():
        seen = sum(one.noticed for one in told(forms, trials, jobs))
        found[column] = (seen, len(trials))
        figures.say(f"       {column:28} {seen:3} of {len(trials):3} noticed")
    figures.put("swapped_in_page", found)
    return found

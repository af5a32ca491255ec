"""What the checks see, and whom they name: ``python -m eval.prove_checks``.

One fault in every printed number of the sample's project forms, two faults in a stratified sample,
numbers exchanged by a reader and in the page, the untouched forms, the department form; the same on
generated forms, told apart. The last line is one JSON object of all figures; the exit code is 1
where a bound is missed. ``--write`` renews what ``crossfoot families --coverage`` and
``docs/families.md`` tell of the measured shares.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from itertools import combinations
from statistics import median

from eval.figures import Figures, percent
from eval.intervals import most_errors
from eval.locating import Told, Trial, pairs, singles, swaps, told
from eval.pages import Spec, page
from eval.truth import DistinctForm, alone, distinct_forms
from extractor.families import family_of
from extractor.ground import grounded
from extractor.readers.table import read_table
from extractor.types import CheckedForm

SEED = 2023
PAIRS, PAIRS_OF_SLICE = 20_000, 1_200
DRAWN, DRAWN_OF_SLICE = 500, 40
SLICE = 0.06
FAULTS_PER_DRAWN, PAIRS_PER_DRAWN = 12, 6
DRAWN_COLUMNS = ("shanghai", "national", "anhui", "yunnan", "sichuan", "beijing", "before_2018")

LEAST = {"noticed": 99.4, "top": 99.0, "alone": 95.0, "right": 99.9, "exact": 95.0}
LEAST_TWO, MOST_WRONG_SINGLE = 99.9, 0.7
MOST_MS_ONE, MOST_MS_TWO = 20.0, 200.0
MOST_FLAGGED = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the proofs one after the other; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.prove_checks", description=__doc__)
    parser.add_argument("--slice", action="store_true", help="a seeded part of everything")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the samples ({SEED})")
    asked = parser.parse_args(arguments)
    started = time.monotonic()
    figures = Figures()
    figures.put("slice", asked.slice)
    figures.put("seed", asked.seed)
    forms = distinct_forms("project")
    _prove_untouched(figures, forms)
    _prove_department(figures)
    one, two = _trials(forms, asked.slice, asked.seed)
    _prove_one(figures, "sample", told(forms, one, asked.jobs), bounds=True)
    _prove_two(figures, "sample", told(forms, two, asked.jobs), bounds=True)
    _prove_swaps_by_reader(figures, [*forms, *distinct_forms("department")])
    _prove_swaps(figures, forms, asked.jobs)
    drawn = drawn_forms(DRAWN_OF_SLICE if asked.slice else DRAWN, asked.seed)
    one, two = _drawn_trials(drawn, asked.seed)
    _prove_one(figures, "generated", told(drawn, one, asked.jobs), bounds=False)
    _prove_two(figures, "generated", told(drawn, two, asked.jobs), bounds=False)
    figures.put("seconds", round(time.monotonic() - started, 1))
    return figures.finish()


def drawn_forms(count: int, seed: int) -> list[DistinctForm]:
    """Generated project forms, by tabs, of the column sets that print their weights."""
    found: list[DistinctForm] = []
    for index in range(count):
        columns = DRAWN_COLUMNS[index % len(DRAWN_COLUMNS)]
        made = page(Spec(seed * 1_000_000 + index, columns, "tabs"))
        found.append(DistinctForm(made.spec.name, made.family, made.text))
    return found


def _trials(
    forms: Sequence[DistinctForm], is_slice: bool, seed: int
) -> tuple[list[Trial], list[Trial]]:
    every = singles(forms)
    if is_slice:
        every = random.Random(f"{seed} singles").sample(every, round(SLICE * len(every)))
    return every, pairs(forms, PAIRS_OF_SLICE if is_slice else PAIRS, seed)


def _drawn_trials(forms: Sequence[DistinctForm], seed: int) -> tuple[list[Trial], list[Trial]]:
    chance = random.Random(f"{seed} drawn")
    one: list[Trial] = []
    for index, form in enumerate(forms):
        mine = [trial._replace(form=index) for trial in singles([form])]
        one += chance.sample(mine, min(FAULTS_PER_DRAWN, len(mine)))
    return one, pairs(forms, PAIRS_PER_DRAWN * len(forms), seed)


# Forms as they are


def _prove_untouched(figures: Figures, forms: Sequence[DistinctForm]) -> None:
    figures.title(f"The {len(forms)} distinct project forms of the sample, untouched")
    checked = [alone(form.text).forms[0] for form in forms]
    failing = [
        f"{form.name}: {f.check}"
        for form, one in zip(forms, checked, strict=True)
        for f in one.findings
        if f.is_error
    ]
    text = f"{len(failing)} identities fail (bound: 0)"
    figures.bound("untouched_errors", len(failing), text, not failing)
    figures.examples(failing)
    suspects = sum(bool(finding.suspects) for one in checked for finding in one.findings)
    text = f"{suspects} findings name a suspect (bound: 0)"
    figures.bound("untouched_suspects", suspects, text, not suspects)
    entries = [entry for one in checked for entry in one.entries.values()]
    share = percent(sum(entry.needs_review for entry in entries), len(entries))
    text = f"{share} % of {len(entries)} entries flagged (bound: {MOST_FLAGGED:g} %)"
    figures.bound("untouched_flagged_percent", share, text, share <= MOST_FLAGGED)


def _prove_department(figures: Figures) -> None:
    figures.title("The department form of the sample, which does not add up")
    form: CheckedForm = alone(distinct_forms("department")[0].text).forms[0]
    failing = [finding for finding in form.findings if finding.is_error]
    for finding in failing:
        figures.say(f"{finding.check}: {finding.message['en']}")
    sums = [finding for finding in failing if finding.check.startswith("sum:")]
    text = f"{len(sums)} broken sums reported (bound: 4)"
    figures.bound("department_sums", len(sums), text, len(sums) == 4)
    blocks = [finding for finding in failing if finding.check.startswith("repeat:")]
    text = f"{len(blocks)} repeated blocks named (bound: at least 1)"
    figures.bound("department_blocks", len(blocks), text, bool(blocks))
    accused = [
        suspect.changes
        for finding in failing
        for suspect in finding.suspects
        if suspect.rank == 1 and len(finding.suspects) == 1 and len(suspect.changes) == 1
    ]
    text = f"{len(accused)} single cells accused (bound: 0)"
    figures.bound("department_accused", len(accused), text, not accused)


# Faults


def _prove_one(figures: Figures, name: str, found: Sequence[Told], bounds: bool) -> None:
    figures.title(f"One fault at a time, {_of(name)}: {len(found)} faults")
    noticed = [one for one in found if one.noticed]
    free = [one for one in noticed if not one.structural]
    alone_ = [one for one in free if one.is_named_alone]
    right = [one for one in alone_ if one.top == one.fields]
    shares = {
        "noticed": (len(noticed), len(found), "noticed"),
        "top": (sum(one.fields <= one.top for one in noticed), len(noticed),
                "of the noticed: the true cell is among the first"),
        "alone": (len(alone_), len(free), "of those that are no structural tie: named alone"),
        "right": (len(right), len(alone_), "of those named alone: it is the true cell"),
        "exact": (sum(one.exact for one in right), len(right),
                  "of these: the proposed value is the one that was printed"),
    }  # fmt: skip
    for key, (count, of, text) in shares.items():
        _share(figures, f"{name}_one_{key}", count, of, text, LEAST[key] if bounds else None)
    structural = sum(one.structural for one in noticed)
    figures.put(f"{name}_one_structural_percent", percent(structural, len(noticed)))
    figures.say(f"       {percent(structural, len(noticed))} % are structural ties")
    _speed(figures, f"{name}_one_ms", noticed, MOST_MS_ONE)


def _prove_two(figures: Figures, name: str, found: Sequence[Told], bounds: bool) -> None:
    figures.title(f"Two faults at a time, {_of(name)}: {len(found)} pairs, by how they lie")
    noticed = [one for one in found if one.noticed]
    least = LEAST_TWO if bounds else None
    _share(figures, f"{name}_two_noticed", len(noticed), len(found), "noticed", least)
    wrong = sum(one.names_wrong_single for one in found)
    share, most = percent(wrong, len(found)), most_errors(wrong, len(found)) or 0
    text = (
        f"{share} % name a wrong cell as the only one ({wrong}; with 95 % confidence at most "
        f"{100 * most:.3f} %"
    )
    figures.put(f"{name}_two_wrong_single_bound", round(100 * most, 3))
    if bounds:
        text += f"; bound: {MOST_WRONG_SINGLE:g} %)"
        figures.bound(f"{name}_two_wrong_single", share, text, share <= MOST_WRONG_SINGLE)
    else:
        figures.put(f"{name}_two_wrong_single", share)
        figures.say(f"       {text})")
    both = sum(one.fields <= one.top for one in noticed)
    text = "of the noticed: both cells are among the first"
    _share(figures, f"{name}_two_both", both, len(noticed), text, None)
    _speed(figures, f"{name}_two_ms", noticed, MOST_MS_TWO)


def _of(name: str) -> str:
    return "generated forms only" if name == "generated" else "the sample's distinct project forms"


def _share(
    figures: Figures, name: str, count: int, of: int, text: str, least: float | None
) -> None:
    share = percent(count, of)
    if least is None:
        figures.put(name, share)
        figures.say(f"       {share} % {text} ({count} of {of})")
    else:
        said = f"{share} % {text} ({count} of {of}; bound: {least:g} %)"
        figures.bound(name, share, said, share >= least)


def _speed(figures: Figures, name: str, found: Sequence[Told], most: float) -> None:
    spent = sorted(one.milliseconds for one in found)
    middle = round(median(spent), 2) if spent else 0.0
    text = f"locating takes {middle} ms in the median, at most {spent[-1]:.0f} (bound: {most:g})"
    figures.bound(name, middle, text, middle <= most)


# Exchanged numbers


def _prove_swaps_by_reader(figures: Figures, forms: Sequence[DistinctForm]) -> None:
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


def _prove_swaps(figures: Figures, forms: Sequence[DistinctForm], jobs: int) -> None:
    figures.title("Neighbouring numbers of a column exchanged in the page: what arithmetic sees")
    told_by_column: dict[str, tuple[int, int]] = {}
    for column, trials in swaps(forms).items():
        seen = sum(one.noticed for one in told(forms, trials, jobs))
        told_by_column[column] = (seen, len(trials))
        figures.say(f"       {column:28} {seen:3} of {len(trials):3} noticed")
    figures.put("swapped_in_page", told_by_column)


if __name__ == "__main__":
    sys.exit(main())

"""What the checks see, and whom they name: ``python -m eval.prove_checks``.

One fault in every printed number of the sample's project forms, two faults in a stratified sample,
numbers exchanged by a reader and in the page, the untouched forms, the department form; the same on
generated forms, told apart. The last line is one JSON object of all figures; the exit code is 1
where a bound is missed. ``--page`` draws the figures and the kill matrix as one HTML file;
``--write`` renews what ``crossfoot families --coverage`` and ``docs/families.md`` tell of the
measured shares.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from eval import kills
from eval.figures import Figures, percent
from eval.kill_page import Proof, page
from eval.kills import DEPARTMENT, PROJECT, SEED, drawn_forms, drawn_singles
from eval.locating import Trial, pairs, singles, told
from eval.prove_located import prove_one, prove_swaps, prove_swaps_by_reader, prove_two
from eval.truth import DistinctForm, alone, distinct_forms
from extractor.coverage import Artefact, artefact
from extractor.types import CheckedForm

PAIRS, PAIRS_OF_SLICE = 20_000, 1_200
DRAWN, DRAWN_OF_SLICE = 500, 40
SLICE = 0.06
FAULTS_PER_DRAWN, PAIRS_PER_DRAWN = 12, 6
DRAWN_COLUMNS = ("shanghai", "national", "anhui", "yunnan", "sichuan", "beijing", "before_2018")
"""The column sets that print their weights."""

MOST_FLAGGED = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the proofs one after the other; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.prove_checks", description=__doc__)
    parser.add_argument("--slice", action="store_true", help="a seeded part of everything")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the samples ({SEED})")
    parser.add_argument("--page", type=Path, help="draw the figures into this HTML file")
    parser.add_argument("--write", action="store_true", help="renew coverage.json and its page")
    asked = parser.parse_args(arguments)
    if asked.write and asked.slice:
        parser.error("--write wants everything measured: leave out --slice")
    started = time.monotonic()
    figures = Figures()
    figures.put("slice", asked.slice)
    figures.put("seed", asked.seed)
    forms = distinct_forms(PROJECT)
    _prove_untouched(figures, forms)
    _prove_department(figures)
    proof = _prove_faults(figures, forms, asked.slice, asked.seed, asked.jobs)
    figures.put("seconds", round(time.monotonic() - started, 1))
    if asked.write:
        for file in kills.write(proof.artefact):
            figures.say(f"written: {file}")
    elif not asked.slice:
        _prove_artefact(figures, proof.artefact)
    if asked.page is not None:
        asked.page.parent.mkdir(parents=True, exist_ok=True)
        asked.page.write_text(page(proof), encoding="utf-8")
        figures.say(f"written: {asked.page}")
    return figures.finish()


def _prove_faults(
    figures: Figures, forms: Sequence[DistinctForm], is_slice: bool, seed: int, jobs: int
) -> Proof:
    """All trials: those of the sample with their bounds, those of drawn forms without."""
    one, two = _trials(forms, is_slice, seed)
    found = told(forms, one, jobs)
    project = kills.measured(PROJECT, "sample", len(forms), found)
    shares = {"sample_one": prove_one(figures, "sample", forms, found, bounds=True)}
    both = told(forms, two, jobs)
    shares["sample_two"] = prove_two(figures, "sample", forms, both, bounds=True)
    prove_swaps_by_reader(figures, [*forms, *distinct_forms(DEPARTMENT)])
    swapped = prove_swaps(figures, forms, jobs)
    drawn = drawn_forms(DRAWN_OF_SLICE if is_slice else DRAWN, seed, DRAWN_COLUMNS)
    found = told(drawn, drawn_singles(drawn, FAULTS_PER_DRAWN, seed), jobs)
    shares["generated_one"] = prove_one(figures, "generated", drawn, found, bounds=False)
    both = told(drawn, pairs(drawn, PAIRS_PER_DRAWN * len(drawn), seed), jobs)
    shares["generated_two"] = prove_two(figures, "generated", drawn, both, bounds=False)
    drawn, found = kills.departments(is_slice, seed, jobs)
    shares["department_one"] = prove_one(figures, "department", drawn, found, bounds=False)
    department = kills.measured(DEPARTMENT, "generated", len(drawn), found)
    return Proof(kills.artefact_of(project, department), shares, swapped, is_slice, seed)


def _trials(
    forms: Sequence[DistinctForm], is_slice: bool, seed: int
) -> tuple[list[Trial], list[Trial]]:
    every = singles(forms)
    if is_slice:
        every = random.Random(f"{seed} singles").sample(every, round(SLICE * len(every)))
    return every, pairs(forms, PAIRS_OF_SLICE if is_slice else PAIRS, seed)


def _prove_artefact(figures: Figures, found: Artefact) -> None:
    """What the package tells of the measured shares is what was measured now: the check set does
    not name how suspects are found."""
    figures.title("The shares that crossfoot families --coverage tells")
    told = artefact()
    off = [name for name, one in found.families.items() if told.families.get(name) != one]
    text = f"{len(off)} families tell other shares than were measured (bound: 0; renew: --write)"
    figures.bound("coverage_outdated", off, text, not off and not told.is_stale)


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


if __name__ == "__main__":
    sys.exit(main())

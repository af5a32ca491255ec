"""Every figure of the benchmark itself, measured again: ``python -m eval.prove_eval``.

How far the two readings of the gold pages agree, that the score counts exactly what was damaged,
and how the table reader does on the gold forms and on generated pages, clean and damaged. The last
line is one JSON object of all figures; the exit code is 1 where a bound is missed, or where there
was nothing to hold against it. ``--slice`` makes fewer generated pages, for continuous integration.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence

from eval import passes
from eval.bounds import most_errors
from eval.figures import Figures, percent
from eval.goldset import SHIPPED
from eval.layouts import TABULAR
from eval.metrics import metrics
from eval.prove_metric import prove_metric
from eval.results import Estimate, FormResult, Run
from eval.running import run_generated, run_set

SEED = 2023
PAGES, PAGES_OF_SLICE = 6_000, 900
MOST_FLAGGED, MOST_SILENT = 2.0, 0.05
"""Percent of entries of clean pages flagged, percent of numbers of damaged pages silently wrong."""
LONGEST_RUN = 60.0
"""Seconds for the sample archive."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the proofs one after the other; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.prove_eval", description=__doc__)
    parser.add_argument("--slice", action="store_true", help="a seeded part, about a minute")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the generated pages ({SEED})")
    told = parser.parse_args(arguments)
    figures = Figures()
    figures.put("slice", told.slice)
    figures.put("seed", told.seed)
    started = time.monotonic()
    _prove_agreement(figures)
    _prove_gold(figures)
    prove_metric(figures)
    pages = PAGES_OF_SLICE if told.slice else PAGES
    _prove_robustness(figures, run_generated(pages, told.seed, told.jobs))
    figures.put("seconds", round(time.monotonic() - started, 1))
    return figures.finish()


def _prove_agreement(figures: Figures) -> None:
    figures.title("Gold: two separate readings of the pages")
    first, second = (passes.transcripts(SHIPPED, which) for which in passes.PASSES)
    found = passes.agreement(first, second)
    for line in passes.table(found):
        figures.say(line)
    leaves = sum(one.leaves for one in found.values())
    agreed = sum(min(one.value, one.state, one.place) for one in found.values())
    figures.put("gold_forms", len(first))
    figures.put("gold_leaves", leaves)
    figures.put("gold_agreement_percent", percent(agreed, leaves))


def _prove_gold(figures: Figures) -> None:
    figures.title("The table reader on the gold set")
    run = run_set()
    for name, estimate in run.metrics.items():
        figures.put(f"gold_{name}", estimate.value)
        figures.say(f"{name:16} {_shown(estimate)}")
    exact = run.metrics["exact_all"]
    wrong = sum(len(form.slips) + form.surplus for form in run.forms)
    text = f"{wrong} leaves and forms wrong on the gold set (aim: 0)"
    figures.bound("gold_wrong", wrong, text, not wrong and bool(exact.of))
    silent = run.metrics["silent_numbers"]
    figures.put("gold_silent_numbers_bound", silent.bound)
    text = f"crossfoot eval run on the sample archive took {run.seconds:.1f} s (bound: 60 s)"
    figures.bound("gold_seconds", run.seconds, text, run.seconds <= LONGEST_RUN)


def _shown(estimate: Estimate) -> str:
    if estimate.value is None:
        return "nothing to count"
    told = f"{100 * estimate.value:.3f} %"
    if estimate.of is not None:
        told += f" ({estimate.count} of {estimate.of})"
    if estimate.bound is not None:
        return f"{told}, with 95 % confidence at most {100 * estimate.bound:.3f} %"
    if estimate.low is not None and estimate.high is not None:
        told += f", {100 * estimate.low:.2f} to {100 * estimate.high:.2f} by document family"
    return told


def _prove_robustness(figures: Figures, run: Run) -> None:
    figures.title(f"The table reader on {len(run.forms)} generated pages (generated forms only)")
    figures.put("generated_pages", len(run.forms))
    crashed = [form.item for form in run.forms if form.failed]
    figures.bound(
        "generated_crashed", len(crashed), f"{len(crashed)} crashed (bound: 0)", not crashed
    )
    figures.examples(crashed)
    clean = [form for form in run.forms if not form.damage and form.layout in TABULAR]
    noisy = [form for form in run.forms if form.damage]
    free = [form for form in run.forms if form.layout not in TABULAR]
    _tell_clean(figures, clean)
    _tell_noisy(figures, noisy)
    _tell_free(figures, free)
    _tell_table(figures, run)


def _tell_clean(figures: Figures, forms: Sequence[FormResult]) -> None:
    found = metrics(forms, intervals=False)
    exact, flagged = found["exact_all"], found["flagged"]
    text = f"clean tables: {_shown(exact)} of all leaves exact (aim: 100 %)"
    figures.bound("clean_exact", exact.value, text, exact.value == 1)
    figures.examples(_slips(forms))
    text = f"clean tables: {_shown(flagged)} of entries flagged (aim: ≤ {MOST_FLAGGED:g} %)"
    _bound(figures, "clean_flagged_percent", flagged, text, MOST_FLAGGED)


def _tell_noisy(figures: Figures, forms: Sequence[FormResult]) -> None:
    found = metrics(forms)
    for name in ("exact_all", "exact_money", "exact_numbers", "flagged", "silent_all", "noticed"):
        figures.put(f"noisy_{name}", found[name].value)
        figures.say(f"       damaged tables: {name} {_shown(found[name])}")
    silent = found["silent_numbers"]
    text = f"damaged tables: silent errors in numbers {_shown(silent)} (aim: ≤ {MOST_SILENT:g} %)"
    figures.put("noisy_silent_numbers_bound", silent.bound)
    _bound(figures, "noisy_silent_numbers_percent", silent, text, MOST_SILENT)


def _bound(figures: Figures, name: str, found: Estimate, text: str, most: float) -> None:
    """A share with a bound, both in percent; nothing to count is no share that holds."""
    share = None if found.value is None else 100 * found.value
    shown = None if share is None else round(share, 4)
    figures.bound(name, shown, text, share is not None and share <= most)


def _tell_free(figures: Figures, forms: Sequence[FormResult]) -> None:
    """Text without tables is beyond the table reader: it must say so and read nothing wrong."""
    wrong = [
        f"{form.item} {slip.path}: {slip.read!r}"
        for form in forms
        for slip in form.slips
        if slip.read is not None
    ]
    text = f"{len(forms)} flattened or column-major pages: {len(wrong)} leaves read wrong (aim: 0)"
    figures.bound("free_read_wrong", len(wrong), text, bool(forms) and not wrong)
    figures.examples(wrong)
    passed = [form.item for form in forms if form.clear]
    text = f"{len(passed)} of them left without anybody being asked (aim: 0)"
    figures.bound("free_unasked", len(passed), text, bool(forms) and not passed)


def _slips(forms: Iterable[FormResult]) -> list[str]:
    return [
        f"{form.item} {slip.path}: {slip.read!r}, page {slip.truth!r}"
        for form in forms
        for slip in form.slips
    ]


def _tell_table(figures: Figures, run: Run) -> None:
    """Exactness, silent errors and flagged share by layout and by damage, grade by grade."""
    figures.title("By layout and by damage: grade, leaves exact, numbers silently wrong, flagged")
    told: dict[str, dict[str, float | int | None]] = {}
    for name, found in run.slices.items():
        if not name.startswith(("layout=", "damage=")) or not name[-1].isdecimal():
            continue
        silent = found["silent_numbers"]
        told[name] = {
            "exact_all": found["exact_all"].value,
            "silent_numbers": silent.value,
            "silent_numbers_bound": most_errors(silent.count or 0, silent.of or 0),
            "flagged": found["flagged"].value,
        }
        shares = [100 * (found[key].value or 0) for key in ("exact_all", "flagged")]
        figures.say(
            f"       {name:32} {shares[0]:7.2f} % exact, {silent.count:3} of {silent.of:6} "
            f"numbers silent, {shares[1]:6.2f} % flagged"
        )
    figures.put("robustness", told)


if __name__ == "__main__":
    sys.exit(main())

"""Whether confidence keeps its word: ``python -m eval.prove_promise``.

Labels are those of generated, damaged forms read with simulated model errors, so every figure of
them is a **simulation**; the real sample is the gold set that comes along. The last line is one
JSON object of all figures; the exit code is 1 where a bound is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence

from eval import prove_calibrations, prove_detection
from eval.double_entry import Reader
from eval.figures import Figures
from eval.promised_labels import Population, population
from eval.prove_gate import prove_gate

SEED = 2026
RHOS = (0.0, 0.5, 1.0)
HEADLINE: Reader = "both and looks"
"""How Crossfoot reads once a model is set."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the proofs one after the other; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.prove_promise", description=__doc__)
    parser.add_argument("--slice", action="store_true", help="a seeded part of everything")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the samples ({SEED})")
    asked = parser.parse_args(arguments)
    small, seed = asked.slice, asked.seed
    started = time.monotonic()
    figures = Figures()
    figures.put("simulation", True)
    figures.put("slice", small)
    figures.put("seed", seed)
    forms = 240 if small else 3_000
    figures.title(
        f"Labels, a simulation: {forms:,} generated forms at three levels of damage, "
        "2 % leaf errors of a simulated model"
    )
    found = population(forms, seed, RHOS, asked.jobs)
    _tell(figures, found)
    prove_detection.prove(figures, found, HEADLINE, RHOS)
    prove_calibrations.prove_coverage(figures, found, HEADLINE, RHOS, seed)
    prove_calibrations.prove_word(figures, found, seed, 40 if small else 200)
    rounds = 40 if small else 200
    prove_calibrations.prove_whole_forms(figures, found[HEADLINE, RHOS[1]], seed, rounds)
    prove_calibrations.prove_drift(figures, seed, 40 if small else 200)
    prove_calibrations.prove_sample(figures)
    if not small:  # the slice stands beside the gate itself
        prove_gate(figures, asked.jobs)
    figures.put("seconds", round(time.monotonic() - started, 1))
    return figures.finish()


def _tell(figures: Figures, found: Mapping[Population, prove_detection.Labels]) -> None:
    for (reader, rho), labels in found.items():
        n, wrong = labels.fields.total(), labels.wrong.total()
        figures.say(f"{reader}, rho {rho:g}: {n:,} fields, {wrong:,} wrong")
    figures.put("fields", sum(labels.fields.total() for labels in found.values()))


if __name__ == "__main__":
    sys.exit(main())

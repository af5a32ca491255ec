"""Every figure the project gives of its reading, measured again: ``python -m eval.prove_main``.

Prints what it measures and on what, line by line; the last line is one JSON object of all figures.
The exit code is 1 where a bound is missed. ``--slice`` tries a seeded part of the faults and the
damage, for continuous integration; the reading of the 21 forms is always proven whole.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from eval.figures import Figures
from eval.prove_faults import prove_faults
from eval.prove_hostile import prove_hostile
from eval.prove_reading import prove_reading

SEED = 2023
SLICE_OF_FAULTS, SLICE_OF_DAMAGE = 0.15, 0.06


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the three proofs one after the other; returns the exit code."""
    told = _arguments(arguments)
    started = time.monotonic()
    figures = Figures()
    figures.put("slice", told.slice)
    figures.put("seed", told.seed)
    faults, damage = (SLICE_OF_FAULTS, SLICE_OF_DAMAGE) if told.slice else (1.0, 1.0)
    flagged = prove_reading(figures, told.truth)
    prove_faults(figures, told.jobs, faults, told.seed, flagged)
    prove_hostile(figures, told.jobs, damage, told.seed, flagged)
    figures.put("seconds", round(time.monotonic() - started, 1))
    figures.title(_verdict(figures))
    return figures.finish()


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval.prove_main",
        description="Measures every figure of the reading; exit code 1 where a bound is missed.",
    )
    add = parser.add_argument
    add("--slice", action="store_true", help="a seeded part of faults and damage, below 2 minutes")
    add("--truth", type=Path, action="append", default=[], metavar="DIR", help="a further truth")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="processes (all cores)")
    add("--seed", type=int, default=SEED, help=f"of the damage and the slice ({SEED})")
    return parser.parse_args(arguments)


def _verdict(figures: Figures) -> str:
    if not figures.missed:
        return f"Every bound is met, in {figures.values['seconds']:g} seconds."
    return f"MISSED after {figures.values['seconds']:g} seconds: {', '.join(figures.missed)}"


if __name__ == "__main__":
    sys.exit(main())

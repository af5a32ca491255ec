"""What the model path does: ``python -m eval.prove_model``.

Every figure that hangs on replies is a **simulation**: the model is one of ours on loopback, with
an error model and a fault model. Client, archive, killed processes and clocks are real. The last
line is one JSON object of all figures; the exit code is 1 where a bound is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

from eval.figures import Figures
from eval.prove_bulk import prove_kills, prove_silence, prove_storm
from eval.prove_escapes import prove_escapes, prove_escapes_untabled
from eval.prove_path import prove_sample, prove_schemas, prove_untabled
from eval.prove_speed import prove_cost_of_a_call, prove_stages, prove_throughput

SEED = 2026


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the proofs one after the other; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.prove_model", description=__doc__)
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
    prove_schemas(figures)
    prove_sample(figures)
    prove_untabled(figures, 27 if small else 270, seed)
    prove_silence(figures)
    if not small:  # times want a machine to themselves
        prove_throughput(figures, 3_200, seed)
        prove_cost_of_a_call(figures, 120, seed)
        prove_stages(figures, 300, seed)
    prove_escapes(figures, 40 if small else 2_000, seed, asked.jobs)
    prove_escapes_untabled(figures, 54 if small else 900, seed, asked.jobs)
    prove_storm(figures, 60 if small else 600, seed)
    prove_kills(figures, 2 if small else 30, 60 if small else 300, seed)
    figures.put("seconds", round(time.monotonic() - started, 1))
    return figures.finish()


if __name__ == "__main__":
    sys.exit(main())

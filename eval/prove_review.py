"""Whether the review screen keeps its word: ``python -m eval.prove_review``.

The real command and a real browser, on copies of the sample documents and on generated forms. The
last line is one JSON object of all figures; the exit code is 1 where a bound is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from eval import (
    prove_review_keys,
    prove_review_kills,
    prove_review_looks,
    prove_review_queue,
    prove_review_work,
)
from eval.figures import Figures
from eval.review_driver import browsing

SEED = 2026


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the proofs one after the other; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.prove_review", description=__doc__)
    parser.add_argument("--slice", action="store_true", help="a seeded part of everything")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of keys and faults ({SEED})")
    parser.add_argument("--forms", type=int, default=100_000, help="of the large archive")
    parser.add_argument(
        "--pictures", type=Path, default=Path("build/review"), help="where pictures of pages go"
    )
    asked = parser.parse_args(arguments)
    small, seed = asked.slice, asked.seed
    started = time.monotonic()
    figures = Figures()
    figures.put("slice", small)
    figures.put("seed", seed)
    with tempfile.TemporaryDirectory() as name, browsing() as browser:
        folder = Path(name)
        prove_review_work.prove(figures, browser, folder)
        prove_review_keys.prove(figures, browser, folder, seed, small=small)
        prove_review_kills.prove(figures, browser, folder, seed, 2 if small else 12)
        if not small:  # pages are looked at, and archives grown, apart from every change
            prove_review_queue.prove(figures, browser, folder, asked.forms, seed)
            prove_review_looks.prove(figures, browser, folder, asked.pictures)
    figures.put("seconds", round(time.monotonic() - started, 1))
    return figures.finish()


if __name__ == "__main__":
    sys.exit(main())

"""The gate: green as things are, red on a planted regression."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import cast
from unittest.mock import patch

from eval.figures import Figures
from eval.gate import SHIPPED, Comparison, compare, load, now
from extractor import confidence
from extractor.checks.bind import Shape
from extractor.checks.judge import Known, known
from extractor.families.base import Family


def prove_gate(figures: Figures, jobs: int) -> None:
    """Measures the frozen set as it is, then with regressions planted one at a time."""
    figures.title("The gate, on its frozen set")
    baseline = load(SHIPPED)
    green = compare(baseline, now(jobs))
    figures.bound("gate_green", not green.is_red, _told("as it is", green), not green.is_red)
    for name, planted in _REGRESSIONS.items():
        with planted():
            red = compare(baseline, now(1))  # in this process, where it is planted
        figures.bound(f"gate_red, {name}", red.is_red, _told(name, red), red.is_red)


def _told(name: str, found: Comparison) -> str:
    worse = [f"{one.part} {one.figure} {one.before} → {one.after}" for one in found.by("worse")]
    shown = "; ".join(worse[:4]) + (f"; … {len(worse)} in all" if len(worse) > 4 else "")
    return f"{name}: {'red' if found.is_red else 'green'}{f' ({shown})' if worse else ''}"


def _nobody_looks() -> AbstractContextManager[object]:
    """What two readers differ on is accepted unseen."""
    strata = cast(dict[str, confidence.Stratum], confidence.STRATA)
    return patch.dict(strata, disputed=strata["disputed"]._replace(review=False))


def _no_total_score() -> AbstractContextManager[object]:
    """The scores are not added up any more."""

    def fewer(self: Family, shape: Shape) -> Known:
        return known(one for one in self.bound(shape) if "total_score" not in one.fields())

    return patch.object(Family, "known", fewer)


_REGRESSIONS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "differences of two readers are accepted unseen": _nobody_looks,
    "the scores are not added up": _no_total_score,
}

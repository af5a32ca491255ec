"""Generated pages: which are made, and the making of one from its seed."""

from __future__ import annotations

import random
from itertools import cycle, islice, product
from typing import NamedTuple

from eval.columns import COLUMN_SETS
from eval.damage import DAMAGES, damaged
from eval.generate import draw
from eval.layouts import LAYOUTS, TABULAR
from eval.printing import sheet
from extractor.types import Span

GRADES = (1, 2, 3)
_CLEAN_SHARE = 4
"""One form in so many is printed without damage."""


class Spec(NamedTuple):
    """One generated page: which form is drawn, how it is printed, laid out and damaged.

    ``damage`` is ``None`` on a clean page, whose ``grade`` is 0.
    """

    seed: int
    columns: str
    layout: str
    damage: str | None = None
    grade: int = 0

    @property
    def name(self) -> str:
        damage = f"-{self.damage}-{self.grade}" if self.damage else ""
        return f"{self.seed}-{self.columns}-{self.layout}{damage}"


class Page(NamedTuple):
    """A generated page with its truth: values and places by leaf."""

    spec: Spec
    family: str
    text: str
    truth: dict[str, str | None]
    places: dict[str, tuple[Span, ...]]


def plan(count: int, seed: int) -> list[Spec]:
    """So many different pages: all layouts and column sets clean, all damages in every grade in the
    layouts that are tables. Every form is drawn once."""
    clean = max(count // _CLEAN_SHARE, 1)
    noisy = list(product(GRADES, DAMAGES, TABULAR))
    random.Random(seed).shuffle(noisy)
    columns = cycle(COLUMN_SETS)
    first = seed * 1_000_000
    specs = [
        Spec(first + i, name, layout)
        for i, (layout, name) in enumerate(islice(cycle(_shapes()), clean))
    ]
    specs += [
        Spec(first + clean + i, next(columns), layout, damage, grade)
        for i, (grade, damage, layout) in enumerate(islice(cycle(noisy), count - clean))
    ]
    return specs


def _shapes() -> list[tuple[str, str]]:
    """Every layout with every column set, so ordered that a few pages show all layouts."""
    names = list(COLUMN_SETS)
    return [
        (layout, names[(turn + i) % len(names)])
        for turn in range(len(names))
        for i, layout in enumerate(LAYOUTS)
    ]


def page(spec: Spec) -> Page:
    """Draws, prints, damages and lays out one page; the same spec gives the same page."""
    drawn = draw(spec.seed, spec.columns)
    printed = sheet(drawn)
    if spec.damage is not None:
        chance = random.Random(f"{spec.seed} {spec.damage} {spec.grade}")
        printed = damaged(chance, printed, spec.damage, spec.grade)
    text, places = LAYOUTS[spec.layout](printed)
    return Page(spec, drawn.family, text, drawn.leaves, dict(places))

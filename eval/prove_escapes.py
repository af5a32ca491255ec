"""What escapes: wrong values that nobody is told of, after each reader, on damaged pages.

A simulation (:mod:`eval.double_entry`): forms are drawn, printed and damaged, and read by the table
reader, by a simulated model, and by both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice, product

from eval.bounds import most_errors
from eval.columns import COLUMN_SETS
from eval.double_entry import READERS, Reader, Trial, damaged_specs
from eval.figures import Figures, percent
from eval.layouts import LAYOUTS, TABULAR
from eval.loopback.errors_of_reading import Errors, Misread
from eval.metrics import judged
from eval.pages import GRADES, Page, Spec, page
from eval.results import FormResult, Slip
from extractor.families.base import FIELDS, template

RHOS = (0.0, 0.5, 1.0)
UNTABLED = tuple(name for name in LAYOUTS if name not in TABULAR)
RATE = 0.02
MOST_ESCAPES = 0.05
"""Percent of all values: what double entry may let through at ``rho`` 0."""
_CHUNK = 25

Key = tuple[Reader, float, int]
"""Reader, ``rho``, grade of the page's damage."""


@dataclass
class Tally:
    """What became of the values of some forms; ``kinds`` counts escapes by what they are."""

    forms: int = 0
    values: int = 0
    escaped: int = 0
    entries: int = 0
    flagged: int = 0
    kinds: Counter[tuple[str, ...]] = field(default_factory=Counter[tuple[str, ...]])

    def count(self, result: FormResult, kinds: Sequence[tuple[str, ...]]) -> None:
        self.forms += 1
        self.values += judged(result, FIELDS)
        self.escaped += sum(result.silent.values())
        self.entries += result.entries
        self.flagged += result.flagged
        self.kinds.update(kinds)

    def add(self, other: Tally) -> None:
        """Counts what another tally counted as well."""
        for name in ("forms", "values", "escaped", "entries", "flagged"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.kinds.update(other.kinds)


Tallies = dict[Key, Tally]


def prove_escapes(figures: Figures, count: int, seed: int, jobs: int) -> None:
    """``count`` forms at each of the three grades of damage."""
    figures.title(
        f"Escapes, a simulation: {count:,} generated forms at each of three levels of damage, "
        f"a simulated model with {100 * RATE:g} % leaf errors"
    )
    found = _told(islice(damaged_specs(seed), count * len(GRADES)), seed, jobs)
    shown: dict[str, dict[str, float | int]] = {}
    for rho, grade, reader in product(RHOS, (*GRADES, 0), READERS):
        name = f"{reader}, rho {rho:g}, damage {grade or 'of all levels'}"
        shown[name] = _say(figures, name, _over(found, reader, rho, grade))
    figures.put("escapes", shown)
    best = _over(found, "both", 0.0, 0)
    share = percent(best.escaped, best.values)
    text = f"{share} % of the values escape double entry at rho 0 (bound: {MOST_ESCAPES:g} %)"
    figures.bound("escapes_both_rho_0_percent", share, text, share <= MOST_ESCAPES)
    for rho, reader in product(RHOS, READERS):
        kinds = _over(found, reader, rho, 0).kinds.most_common()
        figures.say(f"what escapes {reader} at rho {rho:g}: {len(kinds)} kinds")
        figures.put(f"escape_kinds, {reader}, rho {rho:g}", [[*kind, n] for kind, n in kinds])
        lines = [f"{n:4} × {' · '.join(kind)}" for kind, n in kinds]
        figures.examples(lines, most=200 if reader == "both" else 8)


def prove_escapes_untabled(figures: Figures, count: int, seed: int, jobs: int) -> None:
    """Pages in one line or column by column, where the table reader finds no table: the model has
    no second reader there, only the order of the page and the sums."""
    figures.title(
        f"Escapes on pages without rows, a simulation: {count:,} undamaged generated forms, "
        f"{100 * RATE:g} % leaf errors"
    )
    found = _told(islice(_untabled_specs(seed), count), seed, jobs)
    tally = _over(found, "both", 0.0, 0)
    figures.put("escapes_untabled", _say(figures, "both", tally))
    kinds = tally.kinds.most_common()
    figures.put("escape_kinds_untabled", [[*kind, n] for kind, n in kinds])
    figures.examples([f"{n:4} × {' · '.join(kind)}" for kind, n in kinds], most=200)


def _say(figures: Figures, name: str, tally: Tally) -> dict[str, float | int]:
    """One line of a tally, and its figures."""
    told = {
        "values": tally.values,
        "escaped": tally.escaped,
        "percent": percent(tally.escaped, tally.values),
        "at_most_percent": _most(tally),
        "flagged_percent": percent(tally.flagged, tally.entries),
    }
    figures.say(
        f"{name:42} {tally.escaped:5} of {tally.values:9,} escape "
        f"({told['percent']:.3f} %, at most {told['at_most_percent']:.3f} %), "
        f"{told['flagged_percent']:5.2f} % flagged"
    )
    return told


def _told(specs: Iterable[Spec], seed: int, jobs: int) -> Tallies:
    """All pages through every reader."""
    specs = list(specs)
    chunks = [specs[i : i + _CHUNK] for i in range(0, len(specs), _CHUNK)]
    found: Tallies = {}
    with ProcessPoolExecutor(jobs) as pool:
        for told in pool.map(_chunk, chunks, [seed] * len(chunks)):
            _add(found, told)
    return found


def _most(tally: Tally) -> float:
    return round(100 * (most_errors(tally.escaped, tally.values) or 0.0), 3)


def _over(found: Tallies, reader: Reader, rho: float, grade: int) -> Tally:
    """A tally of one grade, or of all with grade 0."""
    sum_ = Tally()
    for (by, at, level), tally in found.items():
        if (by, at) == (reader, rho) and grade in (0, level):
            sum_.add(tally)
    return sum_


def _untabled_specs(seed: int) -> Iterator[Spec]:
    for number, (layout, columns) in enumerate(cycle(product(UNTABLED, COLUMN_SETS))):
        yield Spec(seed * 1_000_000 + number, columns, layout)


def _chunk(specs: Sequence[Spec], seed: int) -> Tallies:
    found: Tallies = {}
    for spec in specs:
        _add(found, _page(spec, seed))
    return found


def _add(into: Tallies, more: Tallies) -> None:
    for key, tally in more.items():
        into.setdefault(key, Tally()).add(tally)


def _page(spec: Spec, seed: int) -> Tallies:
    """One page through every reader."""
    made = page(spec)
    trial = Trial(made)
    found: Tallies = {}
    for rho in RHOS if made.spec.damage else RHOS[:1]:
        errors = Errors(RATE, rho, seed)
        said = trial.said(errors)
        for reader in READERS:
            result = trial.judged(trial.read(reader, errors))
            kinds = [_kind(made, said, slip) for slip in result.slips if not slip.flagged]
            found.setdefault((reader, rho, spec.grade), Tally()).count(result, kinds)
    return found


def _kind(made: Page, said: Misread, slip: Slip) -> tuple[str, ...]:
    """What an escape is: the field, what became of it, what the page and the model did to it."""
    model = said.changed.get(slip.path, "read as it is")
    return (
        template(slip.path),
        slip.outcome,
        f"page: {made.spec.damage or made.spec.layout}",
        f"model: {model}",
    )

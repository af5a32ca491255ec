"""The figures that a report draws from single forms: shares of a group, slips in order, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from eval.metrics import metrics
from eval.results import Estimate, FormResult, Run, Slip
from eval.score import RIGHT, Outcome
from extractor.families import family_of
from extractor.families.base import FIELDS, Field, field_of


class Point(NamedTuple):
    """Forms of one group and grade: shares between 0 and 1, ``None`` where nothing was counted.

    ``exact`` and ``silent`` are of numbers, ``flagged`` of entries.
    """

    grade: int
    forms: int
    exact: float | None
    silent: float | None
    flagged: float | None


class Curve(NamedTuple):
    """A group's points in the order of their grades."""

    name: str
    points: tuple[Point, ...]


def curves(run: Run, group: str) -> list[Curve]:
    """The slices ``group=name/grade`` as one curve a name, worst first.

    A group without undamaged forms of its own (every damage) starts from those of the layouts
    that are damaged anywhere in the run, so that like is compared with like.
    """
    found: dict[str, dict[int, Point]] = {}
    for key, estimates in run.slices.items():
        name, _, grade = key.removeprefix(f"{group}=").rpartition("/")
        if key.startswith(f"{group}=") and grade.isdecimal():
            found.setdefault(name, {})[int(grade)] = _point(int(grade), estimates)
    clean = _undamaged(run)
    made = [
        Curve(name, tuple(point for _, point in sorted({**clean, **points}.items())))
        for name, points in found.items()
    ]
    return sorted(made, key=lambda curve: (_worst(curve), curve.name))


def _undamaged(run: Run) -> dict[int, Point]:
    clean = sides(run, run.forms)[0]
    return {0: _point(0, clean)} if clean else {}


Figures = Mapping[str, Estimate]


def sides(run: Run, forms: Iterable[FormResult]) -> tuple[Figures | None, Figures | None]:
    """The figures of some forms without and with damage, in the layouts that the run damages.

    ``None`` where there are no such forms.
    """
    layouts = {form.layout for form in run.forms if form.damage}
    known = [form for form in forms if form.layout in layouts]
    clean = [form for form in known if not form.damage]
    noisy = [form for form in known if form.damage]
    found = [metrics(mine, intervals=False) if mine else None for mine in (clean, noisy)]
    return found[0], found[1]


def _point(grade: int, estimates: Figures) -> Point:
    shares = [estimates[name].value for name in ("exact_numbers", "silent_numbers", "flagged")]
    return Point(grade, estimates["form_exact"].of or 0, *shares)


def _worst(curve: Curve) -> float:
    return min((each.exact for each in curve.points if each.exact is not None), default=1.0)


class Case(NamedTuple):
    """A slip with the form that it is of, and where it stands in the run."""

    form: FormResult
    slip: Slip
    field: Field

    @property
    def is_silent(self) -> bool:
        """Whether nobody is led to it."""
        return not self.slip.flagged

    @property
    def damage(self) -> str:
        """``stamps/2``, or nothing."""
        return f"{self.form.damage}/{self.form.grade}" if self.form.damage else ""


def cases(run: Run) -> list[Case]:
    """Every slip of a run: silent ones first, then one of each kind before a second of any.

    A kind is an outcome of a class of fields in one layout under one damage. Slips of forms that
    were not found at all come last: each says no more than that.
    """
    found = [Case(form, slip, _field(form, slip.path)) for form in run.forms for slip in form.slips]
    seen: Counter[tuple[object, ...]] = Counter()
    keys: list[tuple[bool, bool, int, int, int]] = []
    for index, case in enumerate(found):
        kind = (case.is_silent, case.slip.outcome, case.field, case.form.layout, case.form.damage)
        keys.append(
            (not case.is_silent, not case.form.found, seen[kind], FIELDS.index(case.field), index)
        )
        seen[kind] += 1
    return [found[key[-1]] for key in sorted(keys)]


def _field(form: FormResult, path: str) -> Field:
    try:
        return field_of(family_of(form.family).kind(path))
    except (KeyError, ValueError):
        return "prose"


def outcomes(run: Run) -> dict[Field, Counter[Outcome]]:
    """How many leaves of each class of fields fell in each outcome, over all forms."""
    totals: dict[Field, Counter[Outcome]] = {field: Counter() for field in FIELDS}
    for form in run.forms:
        for field, counts in form.counts.items():
            totals[field].update(counts)
    return totals


def judged(counts: Mapping[Outcome, int]) -> int:
    """Leaves that are printed or read: all but the rightly blank."""
    return sum(counts.values()) - counts.get("correct_blank", 0)


def errors(counts: Mapping[Outcome, int]) -> int:
    """Leaves that are not right."""
    return sum(number for outcome, number in counts.items() if outcome not in RIGHT)


def in_all(totals: Iterable[Mapping[Outcome, int]]) -> Counter[Outcome]:
    """Outcomes of several classes of fields together."""
    return sum((Counter(counts) for counts in totals), Counter[Outcome]())

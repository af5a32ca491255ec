"""The figures of a run: what share is right, what went wrong without anybody being told.

``exact_*``          leaves right, of those that the page or the reading fills (a blank left blank
                     neither helps nor harms); ``exact_money`` is the headline
``silent_*``         leaves wrong and not flagged, of the same, with an exact bound
``row_f1``           indicator rows right in every leaf
``form_exact``       forms right in every leaf
``flagged``          entries that go to a person
``fields_untouched`` entries, ``forms_untouched`` forms that need nobody
``noticed``          wrong numbers that a failing identity names
``prose_cer``        characters of prose that are wrong
``anls`` ``donut``   what others measure, as an anchor; ``docs/metric.md`` tells why they do not
                     steer
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from eval.bounds import most_errors
from eval.intervals import resampled
from eval.results import Estimate, FormResult
from eval.score import RIGHT
from extractor.families.base import FIELDS, Field

NUMBERS: tuple[Field, ...] = ("money", "points")

Part = Callable[[FormResult], tuple[float, float]]
"""Numerator and denominator that one form adds to a figure."""


def _exact(fields: Iterable[Field]) -> Part:
    fields = tuple(fields)

    def part(form: FormResult) -> tuple[float, float]:
        of = judged(form, fields)
        return of - sum(_wrong(form, field) for field in fields), of

    return part


def judged(form: FormResult, fields: Iterable[Field]) -> int:
    """Leaves of some fields that the page or the reading fills."""
    return sum(
        count
        for field in fields
        for outcome, count in form.counts.get(field, {}).items()
        if outcome != "correct_blank"
    )


def _wrong(form: FormResult, field: Field) -> int:
    counts = form.counts.get(field, {})
    return sum(count for outcome, count in counts.items() if outcome not in RIGHT)


def _silent(fields: Iterable[Field]) -> Part:
    fields = tuple(fields)
    return lambda form: (sum(form.silent.get(f, 0) for f in fields), judged(form, fields))


def _noticed(form: FormResult) -> tuple[float, float]:
    wrong = sum(_wrong(form, field) for field in NUMBERS)
    return form.noticed, wrong


SHARES: dict[str, Part] = {
    "exact_all": _exact(FIELDS),
    "exact_money": _exact(("money",)),
    "exact_numbers": _exact(NUMBERS),
    "row_f1": lambda form: (2 * form.rows[0], form.rows[1] + form.rows[2]),
    "form_exact": lambda form: (form.exact, 1),
    "silent_all": _silent(FIELDS),
    "silent_money": _silent(("money",)),
    "silent_numbers": _silent(NUMBERS),
    "flagged": lambda form: (form.flagged, form.entries),
    "fields_untouched": lambda form: (form.entries - form.flagged, form.entries),
    "forms_untouched": lambda form: (form.clear, 1),
    "noticed": _noticed,
    "prose_cer": lambda form: form.character_errors,
}
"""Every figure that is a share, in the order in which they are told."""

ANCHORS = ("anls", "donut")
_BOUNDED = ("silent_all", "silent_money", "silent_numbers")


def metrics(forms: Sequence[FormResult], intervals: bool = True) -> dict[str, Estimate]:
    """Every figure over some forms; slices do without the resampled intervals."""
    found = {name: _share(name, part, forms, intervals) for name, part in SHARES.items()}
    for name in ANCHORS:
        found[name] = _mean(name, forms, intervals)
    return found


def slices(forms: Sequence[FormResult]) -> dict[str, dict[str, Estimate]]:
    """The figures of the forms of one layout, one column set, one damage in one grade."""
    parts: dict[str, list[FormResult]] = defaultdict(list)
    for form in forms:
        noise = "noisy" if form.damage else "clean"
        if form.layout:
            parts[noise].append(form)
            parts[f"layout={form.layout}/{noise}"].append(form)
            parts[f"layout={form.layout}/{form.grade}"].append(form)
        if form.columns:
            parts[f"columns={form.columns}/{noise}"].append(form)
        if form.damage:
            parts[f"damage={form.damage}/{form.grade}"].append(form)
    return {name: metrics(mine, intervals=False) for name, mine in sorted(parts.items())}


def _share(name: str, part: Part, forms: Sequence[FormResult], intervals: bool) -> Estimate:
    parts = [(form.document_family, *part(form)) for form in forms]
    count, of = int(sum(p[1] for p in parts)), int(sum(p[2] for p in parts))
    low, high = (resampled(parts) if intervals else None) or (None, None)
    return Estimate(
        value=count / of if of else None,
        count=count,
        of=of,
        low=low,
        high=high,
        bound=most_errors(count, of) if name in _BOUNDED else None,
    )


def _mean(name: str, forms: Sequence[FormResult], intervals: bool) -> Estimate:
    parts = [
        (form.document_family, score, 1.0)
        for form in forms
        if (score := getattr(form, name)) is not None
    ]
    low, high = (resampled(parts) if intervals else None) or (None, None)
    total = sum(score for _, score, _ in parts)
    return Estimate(value=total / len(parts) if parts else None, low=low, high=high)

"""Proof by faults: every printed number of every distinct form, one fault at a time.

*Noticed*: an error finding, absent on the untouched form, that names the field. *Flagged*: the
field's entry is for a person to review. *Silent*: neither of the two, and no unread cell where the
number stands.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from multiprocessing import get_context
from typing import NamedTuple

from eval.faults import KINDS, Fault, faults
from eval.figures import Figures, percent
from eval.truth import DistinctForm, alone, distinct_forms, family
from extractor.numbers import read_number
from extractor.types import CheckedForm, Span

LEAST_NOTICED = 99.0
"""Percent of faults that must be noticed, by kind too."""

_CHUNK = 400


class Planted(NamedTuple):
    """A fault in the text of one number of one form; ``at`` counts from the form's start."""

    form: int
    field: str
    at: Span
    printed: str
    fault: Fault


class Fate(NamedTuple):
    """What came of a planted fault."""

    planted: Planted
    noticed: bool
    flagged: bool
    unread: bool
    lost: bool
    advised: bool

    @property
    def silent(self) -> bool:
        return not (self.noticed or self.flagged or self.unread or self.lost)


def planted(forms: Sequence[DistinctForm]) -> list[Planted]:
    """Every fault in every printed number, in the order of forms, fields and places."""
    found: list[Planted] = []
    for index, form in enumerate(forms):
        checked = alone(form.text).forms[0]
        known = family(checked)
        for path, entry in checked.entries.items():
            if known.is_number(path) and entry.value is not None:
                (raw,), (span,) = entry.raw, entry.spans
                found += [Planted(index, path, span, raw, fault) for fault in faults(raw)]
    return found


def try_faults(form: DistinctForm, these: Iterable[Planted]) -> list[Fate]:
    """Reads the form once for each fault, alone."""
    untouched = alone(form.text).forms[0]
    return [_fate(form, untouched, one) for one in these]


def _fate(form: DistinctForm, untouched: CheckedForm, one: Planted) -> Fate:
    start, end = one.at
    text = form.text[:start] + one.fault.text + form.text[end:]
    document = alone(text)
    if len(document.forms) != 1 or document.refused:
        return Fate(one, False, False, False, True, False)
    faulty = document.forms[0]
    before = {finding.check for finding in untouched.findings if finding.is_error}
    new = [f for f in faulty.findings if f.is_error and f.check not in before]
    known = {finding.check for finding in untouched.findings}
    said = [f for f in faulty.findings if f.check not in known and one.field in f.fields]
    entry = faulty.entries.get(one.field)
    stop = start + len(one.fault.text)
    return Fate(
        one,
        noticed=any(one.field in finding.fields for finding in new),
        flagged=entry is not None and entry.needs_review,
        unread=any(a < stop and b > start for a, b in faulty.unread),
        lost=False,
        advised=bool(said),
    )


def prove_faults(figures: Figures, jobs: int, share: float, seed: int, flagged: float) -> None:
    """Plants the faults, or a seeded ``share`` of them, and says what came of them.

    ``flagged`` is the percentage of entries flagged on the untouched forms, printed beside.
    """
    forms = distinct_forms("project")
    every = planted(forms)
    chosen = every
    if share < 1:
        picked = random.Random(f"{seed} faults").sample(
            range(len(every)), round(share * len(every))
        )
        chosen = [every[index] for index in sorted(picked)]
    fates = _run(forms, chosen, jobs)
    numbers = len({(one.form, one.field) for one in every})
    figures.title("Faults, one at a time, each form alone")
    figures.say(
        f"{len(chosen)} of {len(every)} faults in {numbers} printed numbers of {len(forms)} "
        f"distinct project forms (flagged on the untouched forms: {flagged} %)"
    )
    figures.put("faults", len(chosen))
    figures.put("faults_forms", len(forms))
    figures.put("faults_numbers", numbers)
    _tell_untouched(figures, forms)
    _tell_noticed(figures, fates, is_whole=share == 1)
    _tell_fields(figures, fates)
    _tell_slipped(figures, fates, forms)


def _run(forms: Sequence[DistinctForm], chosen: Sequence[Planted], jobs: int) -> list[Fate]:
    """The fates in the order of the faults, read in ``jobs`` processes."""
    chunks: list[tuple[DistinctForm, list[Planted]]] = []
    for index, form in enumerate(forms):
        own = [one for one in chosen if one.form == index]
        chunks += [(form, own[at : at + _CHUNK]) for at in range(0, len(own), _CHUNK)]
    with get_context("spawn").Pool(jobs) as pool:
        done = pool.starmap(try_faults, chunks, chunksize=1)
    return [fate for chunk in done for fate in chunk]


def _tell_untouched(figures: Figures, forms: Sequence[DistinctForm]) -> None:
    alarms = [
        f"{form.name}: {finding.check}"
        for form in forms
        for finding in alone(form.text).forms[0].findings
        if finding.is_error
    ]
    text = f"{len(alarms)} false alarms on the {len(forms)} untouched forms (bound: 0)"
    figures.bound("faults_false_alarms", len(alarms), text, not alarms)
    figures.examples(alarms)


def _tell_noticed(figures: Figures, fates: Sequence[Fate], is_whole: bool) -> None:
    """Noticed, flagged, silent; by kind, which is a bound only where no fault was left out."""
    figures.bound(
        "faults_noticed_percent",
        (share := percent(sum(fate.noticed for fate in fates), len(fates))),
        f"{share} % noticed (bound: {LEAST_NOTICED:g} %)",
        share >= LEAST_NOTICED,
    )
    for name, told in (("flagged", "flagged for review"), ("unread", "left an unread cell")):
        count = sum(getattr(fate, name) for fate in fates)
        figures.put(f"faults_{name}_percent", percent(count, len(fates)))
        figures.say(f"       {percent(count, len(fates))} % {told}")
    silent = sum(fate.silent for fate in fates)
    figures.put("faults_silent", silent)
    figures.say(f"       {percent(silent, len(fates))} % silent ({silent})")
    figures.put("faults_form_lost", sum(fate.lost for fate in fates))
    kinds: dict[str, float] = {}
    for kind in KINDS:
        own = [fate for fate in fates if fate.planted.fault.kind == kind]
        kinds[kind] = percent(sum(fate.noticed for fate in own), len(own))
        text = f"{kind:<10} {kinds[kind]:>7} % noticed of {len(own)}, {_silent(own)} silent"
        name = f"faults_noticed_{kind}"
        if is_whole:
            figures.bound(name, kinds[kind], text, kinds[kind] >= LEAST_NOTICED)
        else:
            figures.put(name, kinds[kind])
            figures.say(f"       {text}")


def _silent(fates: Sequence[Fate]) -> int:
    return sum(fate.silent for fate in fates)


def _field_kind(field: str) -> str:
    """Funds amounts and rates, points of the budget, indicator weights and scores, totals."""
    name = field.rpartition(".")[2]
    if name.startswith("total_"):
        return "totals"
    if field.startswith("funds."):
        return {"execution_rate": "rates", "weight": "budget points", "score": "budget points"}.get(
            name, "funds"
        )
    return f"{name}s"


def _tell_fields(figures: Figures, fates: Sequence[Fate]) -> None:
    figures.say("by kind of field:")
    told: dict[str, float] = {}
    for kind in dict.fromkeys(_field_kind(fate.planted.field) for fate in fates):
        own = [fate for fate in fates if _field_kind(fate.planted.field) == kind]
        told[kind] = percent(sum(fate.noticed for fate in own), len(own))
        figures.say(f"       {kind:<14} {told[kind]:>7} % of {len(own)}, {_silent(own)} silent")
    figures.put("faults_noticed_by_field", told)


def _tell_slipped(figures: Figures, fates: Sequence[Fate], forms: Sequence[DistinctForm]) -> None:
    """The classes of faults that slip through, each with its count and one example."""
    slipped = [fate for fate in fates if not fate.noticed]
    classes = Counter(_class(fate) for fate in slipped)
    figures.say(f"slipped through: {len(slipped)} in {len(classes)} classes, an example of each:")
    for name, count in classes.most_common():
        example = next(fate for fate in slipped if _class(fate) == name)
        one = example.planted
        where = f"{forms[one.form].name} {one.field} {one.printed} → {one.fault.text}"
        figures.say(f"       {count:>4} × {name}: {where}")
    figures.put("faults_slipped", dict(classes.most_common()))


def _class(fate: Fate) -> str:
    """Kind of field, kind of fault, effect and what else was seen of a fault nobody noticed."""
    one = fate.planted
    seen = "flagged" if fate.flagged or fate.unread else "advice" if fate.advised else "silent"
    return f"{_field_kind(one.field)}, {one.fault.kind}, {_effect(one)}, {seen}"


def _effect(one: Planted) -> str:
    """What a fault makes of a number; units are those of its last printed digit."""
    was, now = read_number(one.printed), read_number(one.fault.text)
    if was is None or now is None:
        return "ill-formed"
    if now[0].places < was[0].places:
        return "a decimal less"
    units = abs(now[0].value - was[0].value) / was[0].unit
    return f"{units:f} units off" if units <= 2 else "larger"

"""What is to be done first: fields within a form, and forms within an archive.

Both go by what a wrong value would cost: the probability that it is wrong times the weight of its
kind. Rough numbers will do; they order work and decide nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from extractor.families import Family, family_of
from extractor.types import CheckedForm, Entry

_WEIGHTS: Mapping[str, float] = {
    "amount": 4.0, "rate": 2.0, "total_score": 3.0, "total_weight": 2.0, "score": 2.0,
    "weight": 2.0, "name": 1.0, "grade": 1.5,
}  # fmt: skip
"""How much a wrong value of a kind matters to those who use the records."""
_ORDINARY = 1.0
_BY_RULE: Mapping[str, float] = {
    "unread": 0.9, "contradicted": 0.3, "disputed": 0.2, "missing": 0.3, "unproven": 0.1,
}  # fmt: skip
"""Rough chances of an error where no calibration gives one."""
_OTHERWISE = 0.01
_STRAY = 0.3
"""What a printed cell that no field claims may cost: it may belong to one."""
_REST = 0.1
"""How much the doubts of a form count beside its gravest, so that many outrank one."""
FAILING = 1000.0
"""Added for an error that nobody has confirmed: no form without one costs as much."""


class Rank(NamedTuple):
    """Where a field stands in the order of work: failing sums first, and in them the suspects; then
    by the probability of being wrong times what that would cost."""

    group: int
    cost: float
    order: int


def ranks(form: CheckedForm, suspected: Collection[str]) -> dict[str, Rank]:
    """The order of work for every field; ``suspected`` are those that a failing sum points at."""
    family = family_of(form.form.family)
    found: dict[str, Rank] = {}
    for number, (path, entry) in enumerate(form.entries.items()):
        group = 0 if path in suspected else 1 if entry.stratum in ("unread", "disputed") else 2
        found[path] = Rank(group, -_cost(family, path, entry), number)
    return found


def cost_of(form: CheckedForm) -> float:
    """What it costs if nobody looks at a form: its gravest doubt, and a tenth of all of them.

    0 of a form that is settled, more than 0 of every open one, and more than :data:`FAILING` where
    an error is not confirmed.
    """
    if form.state == "clear":
        return 0.0
    family = family_of(form.form.family)
    doubts = [_cost(family, path, one) for path, one in form.entries.items() if one.needs_review]
    doubts += [_STRAY] * len(form.unread)
    cost = max(doubts, default=_OTHERWISE) + _REST * sum(doubts)
    failing = any(one.is_error and not one.confirmed for one in form.findings)
    return cost + FAILING if failing else cost


def _cost(family: Family, path: str, entry: Entry) -> float:
    return _WEIGHTS.get(family.kind(path), _ORDINARY) * _chance(entry)


def _chance(entry: Entry) -> float:
    if entry.confidence is not None and entry.confidence.p is not None:
        return max(1 - entry.confidence.p, 1e-6)
    return _BY_RULE.get(entry.stratum, _OTHERWISE)

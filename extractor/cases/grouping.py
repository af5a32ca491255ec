"""Findings → cases: which of them have one and the same explanation, and of what kind it is.

=============  =====================================================================
``alone``      one cell, changed, clears them all, and no other does so as well
``pair``       several cells must change together
``tie``        several explanations are equally good: none of them is accused
``missing``    a number is blank or unreadable; the others may say what it should be
``nothing``    no single cell explains them
``told``       the findings say themselves what is wrong (a lost row, a repeated block)
=============  =====================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from extractor.families import family_of
from extractor.settle import shape_of
from extractor.types import Cause, CheckedForm, Finding, Suspect

Kind = Literal["alone", "pair", "tie", "missing", "nothing", "told"]
MarkKind = Literal["named", "either", "missing", "partner"]
_MARKS: Mapping[Kind, MarkKind] = {"tie": "either", "missing": "missing"}


class Mark(NamedTuple):
    """How a cell of a case is shown, and what it should be where one value is named.

    ``named`` by an explanation that stands alone, ``either`` one of several that tie, ``missing``
    on the page, ``partner`` in a check that fails, suspected of nothing.
    """

    kind: MarkKind
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Findings with one explanation; ``first`` are its likeliest forms, ``rest`` what is less so.

    Cases count from 1 within their form. ``fields`` are those that a ``missing`` case is about.
    """

    number: int
    kind: Kind
    findings: tuple[Finding, ...]
    first: tuple[Suspect, ...] = ()
    rest: tuple[Suspect, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def cause(self) -> Cause:
        return self.findings[0].cause

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(finding.check for finding in self.findings)

    @property
    def fails(self) -> bool:
        """Whether anything fails, rather than waits for a missing number."""
        return any(finding.verdict == "fails" for finding in self.findings)

    @property
    def changes(self) -> dict[str, str]:
        """What would stand where, if there is one explanation; several that tie change nothing."""
        if self.kind in ("tie", "nothing", "told"):
            return {}
        return {field: value for suspect in self.first for field, value in suspect.changes}

    def marks(self) -> dict[str, Mark]:
        """Every field of the case that is to be marked."""
        marks = {path: Mark("partner") for f in self.findings for path in f.fields}
        marks |= {field: Mark("missing") for field in self.fields}
        named: dict[str, set[str]] = {}
        for suspect in self.first:
            for field, value in suspect.changes:
                named.setdefault(field, set()).add(value)
        kind = _MARKS.get(self.kind, "named")
        for field, values in named.items():
            only = next(iter(values)) if len(values) == 1 else None
            marks[field] = Mark(kind, only)
        return marks


def cases(form: CheckedForm) -> tuple[Case, ...]:
    """The cases of a form, in the order of their first finding.

    A check that only waits for a number that nothing implies makes no case.
    """
    groups: dict[object, list[Finding]] = {}
    unexplained: list[Finding] = []
    for finding in form.findings:
        if finding.severity != "error":
            continue
        missing = _missing(form, finding)
        if missing:
            groups.setdefault(missing[0], []).append(finding)
        elif finding.suspects:
            groups.setdefault(finding.suspects, []).append(finding)
        elif finding.verdict == "fails":
            unexplained.append(finding)
            groups[finding.check] = [finding]
    for joined in _together(form, unexplained):
        groups[joined[0].check] = joined
        for finding in joined[1:]:
            del groups[finding.check]
    return tuple(_case(form, number, found) for number, found in enumerate(groups.values(), 1))


def _case(form: CheckedForm, number: int, findings: list[Finding]) -> Case:
    suspects = tuple(dict.fromkeys(suspect for f in findings for suspect in f.suspects))
    first = tuple(suspect for suspect in suspects if suspect.rank == 1)
    rest = tuple(suspect for suspect in suspects if suspect.rank > 1)
    missing = tuple(dict.fromkeys(field for f in findings for field in _missing(form, f)))
    if missing:
        return Case(number, "missing", tuple(findings), first, rest, missing)
    if not suspects:
        # What says itself what is wrong stands before the sums that fail for it.
        findings = sorted(findings, key=lambda finding: finding.residual is not None)
        kind: Kind = "told" if findings[-1].residual is None else "nothing"
    elif len(first) > 1:
        kind = "tie"
    else:
        kind = "pair" if len(suspects[0].changes) > 1 else "alone"
    return Case(number, kind, tuple(findings), first, rest)


def _missing(form: CheckedForm, finding: Finding) -> tuple[str, ...]:
    """The fields without a number that a finding is about: implied ones, else its unread cell."""
    implied = [field for suspect in finding.suspects for field, _ in suspect.changes]
    if not finding.suspects and finding.verdict == "fails":
        implied = [field for field in finding.fields if form.entries[field].standing == "unread"]
    return tuple(field for field in implied if form.entries[field].value is None)


def _together(form: CheckedForm, findings: list[Finding]) -> list[list[Finding]]:
    """Findings that nothing explains, those whose checks share a cell together."""
    known = family_of(form.form.family).known(shape_of(form.record))
    concerned: Mapping[str, tuple[str, ...]] = {check_id: fields for _, check_id, fields in known}
    groups: list[tuple[set[str], list[Finding]]] = []
    for finding in findings:
        fields, found = {*finding.fields, *concerned.get(finding.check, ())}, [finding]
        apart: list[tuple[set[str], list[Finding]]] = []
        for others, members in groups:
            if fields.isdisjoint(others):
                apart.append((others, members))
            else:
                fields, found = fields | others, [*members, *found]
        groups = [*apart, (fields, found)]
    return [found for _, found in groups]

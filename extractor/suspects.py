"""Findings → findings that name their suspects, and what unread fields should be.

Runs only where something does not come out; a form that adds up pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Any, NamedTuple

from extractor.checks.edits import slip_between
from extractor.checks.imply import Implied, imply
from extractor.checks.judge import Known
from extractor.checks.kinds import Values
from extractor.checks.locate import locate
from extractor.checks.sheet import Evidence
from extractor.evidence import MOVED
from extractor.families.base import Family
from extractor.numbers import WIDE, decimals_of
from extractor.trace import traced
from extractor.types import Entry, Finding, Suspect

_FINEST = Decimal("0.0001")


class Explained(NamedTuple):
    """Findings with their suspects, and entries with what they should be where nobody read them."""

    findings: tuple[Finding, ...]
    entries: dict[str, Entry]


def explained(
    family: Family,
    checks: Known,
    values: Values,
    findings: Sequence[Finding],
    entries: dict[str, Entry],
    agreed: Mapping[str, bool],
) -> Explained:
    """Explains identities that fail, or that a missing number keeps from being judged.

    ``agreed`` tells of the fields that two readers read whether they read the same.
    """
    if not any(finding.severity == "error" for finding in findings):
        return Explained(tuple(findings), entries)
    located = locate(checks, values, _evidence(values, entries, agreed))
    unknown = [path for path, value in values.items() if value is None and family.is_number(path)]
    printed = {path: "".join(entries[path].raw) for path in unknown}
    implied = imply(checks, values, unknown, printed)
    return Explained(
        tuple(_explained(finding, located, implied, entries) for finding in findings),
        {**entries, **_suggested(implied, entries)},
    )


def _evidence(
    values: Values, entries: Mapping[str, Entry], agreed: Mapping[str, bool]
) -> dict[str, Evidence]:
    return {
        path: Evidence(MOVED.isdisjoint(entries[path].reasons), agreed.get(path))
        for path in values
        if entries[path].reasons or path in agreed
    }


def _explained(
    finding: Finding,
    located: Mapping[str, tuple[Suspect, ...]],
    implied: Mapping[str, Implied],
    entries: Mapping[str, Entry],
) -> Finding:
    if finding.severity != "error":
        return finding
    suspects = located.get(finding.check) or _missing(finding, implied, entries)
    if not suspects:
        return finding
    found, cause = traced(suspects, entries)
    return replace(finding, suspects=found, cause=cause)


def _missing(
    finding: Finding, implied: Mapping[str, Implied], entries: Mapping[str, Entry]
) -> tuple[Suspect, ...]:
    """The fields of a finding that are unknown and follow from the others."""
    return tuple(
        Suspect(1, ((path, told.value),), told.checks, _slip(entries[path], told.value))
        for path in finding.fields
        if (told := implied.get(path)) is not None and told.value is not None
        if finding.verdict == "cannot_tell" or finding.check in (*told.checks, f"readable:{path}")
    )


def _slip(entry: Entry, value: str) -> str | None:
    return slip_between("".join(entry.raw), value) if entry.raw else None


def _plain(bound: Decimal, rounding: str) -> str:
    """A bound as people write it: a quotient has more decimals than anything that is printed."""
    with localcontext(WIDE):
        short = bound.quantize(_FINEST, rounding) if decimals_of(bound) > 4 else bound
        return f"{short.normalize():f}"


def _suggested(implied: Mapping[str, Implied], entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """What the fields that could not be read should hold, as the contract words it."""
    found: dict[str, Entry] = {}
    for path, told in implied.items():
        if entries[path].standing == "unread":
            says: dict[str, Any] = {"value": told.value}
            if told.value is None:
                says = {
                    "low": _plain(told.low, ROUND_FLOOR),
                    "high": _plain(told.high, ROUND_CEILING),
                }
            says["checks"] = list(told.checks)
            found[path] = entries[path]._replace(suggestion=says)
    return found

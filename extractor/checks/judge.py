"""Judging: the bound checks of a form against its values → verdicts and findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from extractor.checks.kinds import Check, Label, Readable, Residual, Values
from extractor.types import Finding


@dataclass(slots=True)
class Judgement:
    """What the checks of one form came to.

    ``holds`` and ``fails`` list check ids by field; ``proved`` the fields that an identity pins
    down; ``untold`` those whose absence keeps an identity from being judged, or that a failing one
    misses on the page; ``wronged`` those of a failing identity.
    """

    findings: list[Finding] = field(default_factory=list[Finding])
    holds: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    fails: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    proved: set[str] = field(default_factory=set[str])
    untold: set[str] = field(default_factory=set[str])
    wronged: set[str] = field(default_factory=set[str])


class Known(tuple[tuple[Check, str, tuple[str, ...]], ...]):
    """Checks with their ids and fields, worked out once for all forms of a shape."""

    @cached_property
    def exact(self) -> frozenset[str]:
        """The ids of those that pin a number down to its last digit."""
        return frozenset(name for check, name, _ in self if check.proves and check.exact)

    @cached_property
    def rounded(self) -> frozenset[str]:
        """The ids of those that pin it down within a rounding."""
        return frozenset(name for check, name, _ in self if check.proves and not check.exact)


def known(checks: Iterable[Check] | Known) -> Known:
    """The checks with their ids and fields; what is known already is given back as it is."""
    if isinstance(checks, Known):
        return checks
    return Known((check, check.id, check.fields()) for check in checks)


def judge(
    checks: Iterable[Check] | Known,
    values: Values,
    label: Label,
    unreadable: Iterable[Readable] = (),
) -> Judgement:
    """Judges every check that applies; findings keep the order of the checks.

    ``unreadable`` are the number cells that hold something else; each is a finding of its own, so
    that a damaged number is named even where no sum reaches it.
    """
    result = Judgement()
    holds = result.holds
    for check, check_id, paths in known(checks):
        residual = check.residual(values)
        if residual is None:
            continue
        about = residual.fields
        fields = [path for path in paths if path in values] if about is None else list(about)
        if residual.verdict == "holds":
            for path in fields:
                if path in holds:
                    holds[path].append(check_id)
                else:
                    holds[path] = [check_id]
            if check.proves:
                result.proved.update(fields)
        else:
            _note(result, check, residual, fields, values, label)
    for check in unreadable:
        _note(result, check, Residual("fails"), list(check.fields()), values, label)
    return result


def _note(
    result: Judgement,
    check: Check,
    residual: Residual,
    fields: list[str],
    values: Values,
    label: Label,
) -> None:
    off = residual.off
    result.findings.append(
        Finding(
            check=check.id,
            rule=check.rule,
            verdict=residual.verdict,
            severity=check.severity,
            fields=tuple(fields),
            residual=None if off is None else f"{off:f}",
            message=check.sentence(values, label),
        )
    )
    if residual.verdict == "fails":
        for path in fields:
            result.fails.setdefault(path, []).append(check.id)
        if check.severity == "error":
            result.wronged.update(path for path in fields if path in values)
            result.untold.update(path for path in fields if path not in values)
    elif check.severity == "error":
        result.untold.update(path for path in fields if values[path] is None)

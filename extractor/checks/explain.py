"""A check laid out for people: its terms, what they come to, what is printed, the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extractor.checks.kinds import Check, Headed, Label, Says, Values, number_at, printed, shown
from extractor.types import Severity, Verdict


@dataclass(frozen=True, slots=True)
class Term:
    """One number of a sum: where it stands, how it is called, its printed text and its sign."""

    path: str
    label: Mapping[str, str]
    text: str | None
    sign: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A check as a sum to be drawn.

    For a ``Sum`` the terms are the addends and ``implied`` their total; for a ``Ratio`` numerator,
    denominator and factor. ``printed`` is the number that should equal ``implied``; ``residual``
    is printed minus implied, ``None`` where the check holds or is not additive.
    """

    check: str
    rule: str
    verdict: Verdict
    severity: Severity
    title: Mapping[str, str]
    terms: tuple[Term, ...]
    implied: str | None
    printed: Term | None
    residual: str | None
    message: Says


def draw(check: Check, values: Values, label: Label) -> Drawing | None:
    """The drawing of a check, ``None`` where it does not apply to these values."""
    residual = check.residual(values)
    if residual is None:
        return None
    laid = check.sum_of(values)
    title = check.heading() if isinstance(check, Headed) else None
    title = title or label(laid.printed or check.fields()[0])
    implied = None if laid.implied is None else shown(laid.implied, laid.places) + laid.unit
    places = max((n.places for p in check.fields() if (n := number_at(values, p))), default=0)
    off = None if residual.off is None else shown(residual.off, places)
    return Drawing(
        check=check.id,
        rule=check.rule,
        verdict=residual.verdict,
        severity=check.severity,
        title=title,
        terms=tuple(_term(path, sign, values, label) for path, sign in laid.terms),
        implied=implied,
        printed=_term(laid.printed, "", values, label) if laid.printed else None,
        residual=off,
        message=_message(check, laid.printed, values, label, residual.verdict, title),
    )


def _term(path: str, sign: str, values: Values, label: Label) -> Term:
    known = number_at(values, path)
    return Term(path, label(path), printed(values, path) if known else None, sign)


def _message(
    check: Check,
    head: str | None,
    values: Values,
    label: Label,
    verdict: Verdict,
    name: Says,
) -> Says:
    """The finding's sentence, or for what holds the sum written out in one line."""
    if verdict != "holds":
        return check.sentence(values, label)
    line = _line(check, head, values)
    return {
        "zh": f"{name['zh']}：{line}" if line else name["zh"],
        "en": f"{name['en']}: {line}" if line else name["en"],
    }


def _line(check: Check, head: str | None, values: Values) -> str:
    """``1,765.05 = 1,765.05 + 0.00`` or ``91.51 ≈ 1,596.51 ÷ 1,744.68 = 91.5073 %``."""
    if head is None:
        return ""
    laid, number = check.sum_of(values), number_at(values, head)
    whole, line = printed(values, head), ""
    for path, sign in laid.terms:
        text = printed(values, path)
        if sign == "≤":
            return f"{whole} ≤ {text}"
        line += f" {sign} {text}" if line else text
    if not line or laid.implied is None:
        return f"{whole} = {line}" if line else whole
    if number is None:
        return f"{line} = {shown(laid.implied, laid.places)}{laid.unit}"
    if number.value == laid.implied:
        return f"{whole} = {line}"
    return f"{whole} ≈ {line} = {shown(laid.implied, laid.places)}{laid.unit}"

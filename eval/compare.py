"""Two runs over the same set: what changed, figure by figure and leaf by leaf."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from eval.intervals import resampled_difference
from eval.metrics import ANCHORS, SHARES
from eval.report.detection_tables import figures
from eval.report.wording import METRICS
from eval.results import FormResult, Run, Slip

Verdict = Literal["better", "worse", "same", "inconclusive"]
_TELLING = 0.001
"""The difference that is looked for where there is none so far: 0.1 points."""
_NONE = 1e-9
"""A difference below this is what floating-point numbers leave of none."""


class Change(NamedTuple):
    """A figure in both runs and its difference, with the interval of the difference.

    ``better`` and ``worse`` leave no doubt about the direction: the interval holds no 0. ``same``
    says that no form differs in this figure. Where it is ``inconclusive``, ``more_forms`` of as
    many document families each would settle it, if the difference stayed what it is; ``None``
    where nothing can be said of that, because there is no interval.
    """

    name: str
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    more_forms: int | None = None


class Moved(NamedTuple):
    """A leaf that one run has right and the other has not; ``better`` where it came right."""

    item: str
    slip: Slip
    better: bool


class Comparison(NamedTuple):
    """Two runs, form by form; ``alone`` names the forms that only one of them has."""

    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    forms: int
    alone: tuple[str, ...]


def compare(before: Run, after: Run) -> Comparison:
    """Compares the forms that both runs have, each with itself.

    Raises ``ValueError`` where the runs have no form in common.
    """
    ours, theirs = ({form.item: form for form in run.forms} for run in (before, after))
    both = [item for item in ours if item in theirs]
    if not both:
        raise ValueError(f"{before.name} and {after.name} have no form in common")
    pairs = [(ours[item], theirs[item]) for item in both]
    return Comparison(
        tuple(_changes(pairs)),
        tuple(_moved(pairs)),
        len(both),
        tuple(sorted(ours.keys() ^ theirs.keys())),
    )


Pairs = Sequence[tuple[FormResult, FormResult]]


def _changes(pairs: Pairs) -> Iterator[Change]:
    for name, part in SHARES.items():
        yield _change(name, [(a.document_family, part(a), part(b)) for a, b in pairs])
    for name in ANCHORS:
        scores = [(a.document_family, getattr(a, name), getattr(b, name)) for a, b in pairs]
        known = [(f, (a, 1.0), (b, 1.0)) for f, a, b in scores if None not in (a, b)]
        yield _change(name, known)


Parts = Sequence[tuple[str, tuple[float, float], tuple[float, float]]]
"""Document family of each form, and numerator and denominator in both runs."""


def _change(name: str, parts: Parts) -> Change:
    before, after = _ratio([part[1] for part in parts]), _ratio([part[2] for part in parts])
    difference = None if before is None or after is None else after - before
    low, high = resampled_difference(parts) or (None, None)
    verdict, more = _verdict(METRICS[name].is_error, parts, difference, low, high)
    return Change(name, before, after, difference, low, high, verdict, more)


def _verdict(
    less_is_better: bool,
    parts: Parts,
    difference: float | None,
    low: float | None,
    high: float | None,
) -> tuple[Verdict, int | None]:
    if all(before == after for _, before, after in parts):
        return "same", None
    if difference is None or low is None or high is None:
        return "inconclusive", None
    if low > 0 or high < 0:
        return ("worse" if (low > 0) == less_is_better else "better"), None
    return "inconclusive", _more_forms(len(parts), (high - low) / 2, difference)


def _more_forms(forms: int, half_width: float, difference: float) -> int:
    """How many more forms it takes until the interval holds no 0: its width shrinks with the square
    root of the number of families, and so of the forms."""
    looked_for = abs(difference) if abs(difference) > _NONE else _TELLING
    wanted = math.ceil(round(forms * (half_width / looked_for) ** 2, 6))
    return max(wanted - forms, 1)


def _ratio(parts: Sequence[tuple[float, float]]) -> float | None:
    of = sum(part[1] for part in parts)
    return sum(part[0] for part in parts) / of if of else None


def _moved(pairs: Pairs) -> Iterator[Moved]:
    for one, two in pairs:
        wrong_before, wrong_after = (_by_leaf(form.slips) for form in (one, two))
        for leaf, slip in wrong_before.items():
            if leaf not in wrong_after:
                yield Moved(one.item, slip, better=True)
        for leaf, slip in wrong_after.items():
            if leaf not in wrong_before:
                yield Moved(one.item, slip, better=False)


def _by_leaf(slips: Sequence[Slip]) -> dict[tuple[str, bool], Slip]:
    """The path of a value in a surplus row is one of the reading, and may be one of the truth."""
    return {(slip.path, slip.outcome == "spurious"): slip for slip in slips}


def comparison_markdown(before: Run, after: Run) -> str:
    """What changed from one run to the other, as a table and the leaves that moved."""
    found = compare(before, after)
    made = ", generated forms" if before.generated or after.generated else ""
    lines = [
        f"# {before.name} → {after.name}",
        "",
        f"{found.forms} forms in both{made}. The interval is that of the difference, by resampling "
        "document families; a change whose interval holds 0 may be chance, and is inconclusive: so "
        "many more forms, of as many families each, would settle it if the difference stayed.",
        "",
        "| figure | before | after | change | 95 % interval | verdict |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_line(change) for change in found.changes if change.difference is not None]
    lines += _detection(before, after)
    if found.alone:
        lines += ["", f"Left out, only in one run: {', '.join(found.alone[:20])}"]
    for title, better in (("Came right", True), ("Went wrong", False)):
        moved = [move for move in found.moved if move.better is better]
        lines += ["", f"## {title}: {len(moved)}", ""]
        lines += [_leaf(move) for move in moved[:50]]
        lines += [f"… and {len(moved) - 50} more"] if len(moved) > 50 else []
    return "\n".join(lines) + "\n"


def _line(change: Change) -> str:
    shares = [f"{100 * x:.3f} %" for x in (change.before or 0, change.after or 0)]
    interval = "" if change.low is None else f"{100 * change.low:+.3f} to {_signed(change.high)}"
    told = f"| {change.name} | {shares[0]} | {shares[1]} | {_signed(change.difference)} |"
    return f"{told} {interval} | {_told(change)} |"


def _told(change: Change) -> str:
    if change.verdict != "inconclusive":
        return change.verdict
    if change.more_forms is None:
        return "inconclusive: too few document families"
    more = f"{change.more_forms:,} more form{'s'[: change.more_forms > 1]}"
    tiny = change.difference is not None and abs(change.difference) <= _NONE
    return f"inconclusive: {more}{' to see 0.1 points' if tiny else ''}"


def _detection(before: Run, after: Run) -> Iterator[str]:
    """How well errors are told from right values, where both runs measured it."""
    both = [run.detection for run in (before, after)]
    told = [dict(figures(one)) for one in both if one is not None and one.auroc is not None]
    if len(told) < 2:
        return
    made = ", generated forms" if before.generated or after.generated else ""
    yield from (
        "",
        f"How well errors are told from right values, over all forms of each run{made}; there is "
        "no interval, so no verdict.",
        "",
        "| figure | before | after |",
        "|---|---|---|",
    )
    for name, value in told[0].items():
        yield f"| {name} | {value} | {told[1].get(name, '–')} |"


def _signed(share: float | None) -> str:
    return "" if share is None else f"{100 * share:+.3f} points"


def _leaf(move: Moved) -> str:
    slip = move.slip
    return f"- {move.item} `{slip.path}` ({slip.outcome}): {slip.read!r}, page {slip.truth!r}"

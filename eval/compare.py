"""Two runs over the same set: what changed, figure by figure and leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from eval.intervals import resampled_difference
from eval.metrics import ANCHORS, SHARES
from eval.results import FormResult, Run, Slip


class Change(NamedTuple):
    """A figure in both runs and its difference, with the interval of the difference."""

    name: str
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves no doubt about the direction."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


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
    return Change(name, before, after, difference, low, high)


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
        "document families; a change whose interval holds 0 may be chance.",
        "",
        "| figure | before | after | change | 95 % interval | |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_line(change) for change in found.changes if change.difference is not None]
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
    mark = "clear" if change.is_clear else ""
    told = f"| {change.name} | {shares[0]} | {shares[1]} | {_signed(change.difference)} |"
    return f"{told} {interval} | {mark} |"


def _signed(share: float | None) -> str:
    return "" if share is None else f"{100 * share:+.3f} points"


def _leaf(move: Moved) -> str:
    slip = move.slip
    return f"- {move.item} `{slip.path}` ({slip.outcome}): {slip.read!r}, page {slip.truth!r}"

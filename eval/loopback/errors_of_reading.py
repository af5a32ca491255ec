"""How a simulated model misreads: a rate of errors, their kinds, and where they fall.

For each leaf of a record an error begins somewhere with probability ``rate``. Its kind is drawn by
``kinds``, and then the leaf where it begins, among those where that kind is possible. A kind that
moves rows or columns changes more leaves than the one where it begins.

``rho`` ties the errors to leaves that are damaged on the page: with probability ``rho`` an error
may begin only there. At 0 it is as likely anywhere, at 1 no error begins on a sound leaf, as long
as the page has a damaged one; an error that finds no place is none. A kind that moves rows or
columns, or makes a sum come out, reaches sound leaves from there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from eval.loopback.chance import chance
from eval.loopback.leaves import Leaves, leaves, place, replaced
from eval.loopback.slips import SLIPS, Kind

KINDS: Mapping[Kind, float] = {
    "digit": 0.60,
    "invented": 0.10,
    "adjusted": 0.10,
    "swapped_columns": 0.08,
    "row_shift": 0.06,
    "dropped_row": 0.06,
}
"""A mixture to begin with; it is an assumption, measured on no model."""


@dataclass(frozen=True)
class Errors:
    """An error model: ``rate`` per leaf and ``rho`` from 0 to 1, ``kinds`` as weights.

    ``rho`` says where an error may begin. ``adjusted``, ``row_shift`` and the other kinds that
    change more than one leaf reach sound leaves from there, also at 1.

    Raises ``ValueError`` on anything else.
    """

    rate: float = 0.0
    rho: float = 0.0
    seed: int = 0
    kinds: Mapping[Kind, float] = field(default_factory=lambda: KINDS)

    def __post_init__(self) -> None:
        if not (0 <= self.rate <= 1 and 0 <= self.rho <= 1):
            raise ValueError("rate and rho are between 0 and 1")
        known = {*SLIPS, "dropped_row"}
        weights = self.kinds.values()
        if not set(self.kinds) <= known or min(weights, default=0) < 0 or sum(weights) <= 0:
            raise ValueError(f"kinds are positive weights of: {', '.join(sorted(known))}")


class Misread(NamedTuple):
    """A record as it was read, and what is wrong with it.

    ``changed`` holds every leaf of the truth that is not read as it is, with the kind of the last
    error that touched it, in the order of the truth. Its paths are those of the truth: after a
    dropped row, the rows below stand one higher in the record that was read. ``begun`` lists where
    the errors began, in the order in which they were drawn.
    """

    record: dict[str, Any]
    changed: dict[str, Kind]
    begun: tuple[tuple[str, Kind], ...]


def misread(
    record: Mapping[str, Any], errors: Errors, text: str, damaged: Collection[str] = ()
) -> Misread:
    """The record as this model reads it from a text; the same for the same seed and text.

    ``damaged`` are paths of leaves; those that the record does not have are passed over.
    """
    truth = leaves(dict(record))
    rng = chance("errors", errors.seed, text)
    now, touched, begun = dict(truth), dict[str, Kind](), list[tuple[str, Kind]]()
    hurt = {path for path in truth if path in set(damaged)}
    for _ in range(sum(rng.random() < errors.rate for _ in truth)):
        (kind,) = rng.choices(list(errors.kinds), list(errors.kinds.values()))
        only = hurt if hurt and rng.random() < errors.rho else set(truth)
        for path in _shuffled([p for p in now if p in only and p not in touched], rng):
            if (after := _after(kind, now, path, rng)) != now:
                touched |= {p: kind for p in now if p not in after or after[p] != now[p]}
                now = after
                begun.append((path, kind))
                break
    changed: dict[str, Kind] = {
        p: touched[p] for p, v in truth.items() if p not in now or now[p] != v
    }
    gone = frozenset(p.rsplit(".", 1)[0] for p in truth if p not in now)
    values = {p: now[p] for p in changed if p in now}
    return Misread(replaced(record, values, gone), changed, tuple(begun))


def _after(kind: Kind, now: Leaves, path: str, rng: Random) -> Leaves:
    """The leaves after an error of a kind began at a path; the same ones if it cannot."""
    if kind != "dropped_row":
        return now | SLIPS[kind](now, path, rng)
    at = place(path)
    if at is None or not at.row.startswith("["):
        return now
    return {p: v for p, v in now.items() if not p.startswith(f"{at.table}{at.row}.")}


def _shuffled(paths: list[str], rng: Random) -> list[str]:
    rng.shuffle(paths)
    return paths

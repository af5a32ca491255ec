"""Scoring: what a reading says of a form against what the page says, leaf by leaf.

Every leaf falls in exactly one class:

``correct``        the value of the page
``correct_blank``  nothing, where the page has nothing
``format_only``    the same value, written differently; costs nothing
``wrong``          another value
``misattached``    a value of the page under the wrong label: one that is missing where it belongs
``omitted``        nothing, where the page has a value
``invented``       a value, where the page has none
``spurious``       a value in a row, or of a leaf, that the page does not have

A value is only right under its own label: rows are matched first (:mod:`eval.matching`), then
leaf is compared with leaf. There is no partial credit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from eval.comparing import likeness
from eval.matching import Pair, match
from extractor.families.base import Family, Kind

Outcome = Literal[
    "correct", "correct_blank", "format_only",
    "wrong", "misattached", "omitted", "invented", "spurious",
]  # fmt: skip
OUTCOMES: tuple[Outcome, ...] = (
    "correct", "correct_blank", "format_only",
    "wrong", "misattached", "omitted", "invented", "spurious",
)  # fmt: skip
RIGHT: frozenset[Outcome] = frozenset({"correct", "correct_blank", "format_only"})

Leaves = Mapping[str, str | None]
"""Every leaf of a form by its path; ``None`` where nothing is printed."""

_KEYS = {"indicators": "name", "groups": "level1"}


class Judged(NamedTuple):
    """One leaf: its path in the truth (in the reading, if spurious) and what became of it.

    ``read_path`` is where the reading has it, ``None`` in a row that the reading lacks;
    ``belongs`` is the leaf of the truth to which a misattached value belongs.
    """

    path: str
    read_path: str | None
    outcome: Outcome
    truth: str | None
    read: str | None
    belongs: str | None = None

    @property
    def is_right(self) -> bool:
        return self.outcome in RIGHT


class Rows(NamedTuple):
    """Indicator rows: those right in every leaf, those of the truth, those of the reading."""

    right: int
    truth: int
    read: int


@dataclass(frozen=True, slots=True)
class Score:
    """What became of every leaf of one form, in the order of the truth."""

    leaves: tuple[Judged, ...]
    rows: Rows

    @property
    def wrong(self) -> tuple[Judged, ...]:
        return tuple(leaf for leaf in self.leaves if not leaf.is_right)


def score(family: Family, truth: Leaves, read: Leaves) -> Score:
    """Compares two sets of leaves of one family.

    >>> from extractor.families import family_of
    >>> told = score(family_of("project"), {"grade": "优", "year": "2023"}, {"year": "2024"})
    >>> [(leaf.path, leaf.outcome) for leaf in told.leaves]
    [('grade', 'omitted'), ('year', 'wrong')]
    """
    pairs = {section: _matched(family, truth, read, section) for section in _KEYS}
    places = {
        section: {pair.truth: pair.read for pair in found if pair.truth is not None}
        for section, found in pairs.items()
    }
    judged = [_judge(family, path, truth, read, places) for path in truth]
    judged += _spurious(read, judged)
    return Score(tuple(_attached(family, judged)), _rows(judged, pairs["indicators"]))


def _matched(family: Family, truth: Leaves, read: Leaves, section: str) -> list[Pair]:
    prefix = f"{section}[]."
    kinds: dict[str, Kind] = {
        path.removeprefix(prefix): leaf.kind
        for path, leaf in family.leaves.items()
        if path.startswith(prefix)
    }
    return match(_cells(truth, section), _cells(read, section), _KEYS[section], kinds)


def _cells(leaves: Leaves, section: str) -> list[dict[str, str | None]]:
    rows: dict[int, dict[str, str | None]] = {}
    for path, value in leaves.items():
        row = row_of(path)
        if row is not None and row[0] == section:
            rows.setdefault(row[1], {})[path.rpartition(".")[2]] = value
    return [rows.get(index, {}) for index in range(max(rows, default=-1) + 1)]


def row_of(path: str) -> tuple[str, int] | None:
    """Section and number of the row that a leaf stands in.

    >>> row_of("indicators[3].score"), row_of("funds.total.score")
    (('indicators', 3), None)
    """
    section, bracket, rest = path.partition("[")
    return (section, int(rest.partition("]")[0])) if bracket else None


_Places = Mapping[str, Mapping[int, int | None]]
"""Where the truth's rows stand in the reading, by section."""


def _judge(family: Family, path: str, truth: Leaves, read: Leaves, places: _Places) -> Judged:
    there = _path_in_reading(path, places)
    stands = read.get(there) if there is not None else None
    return Judged(
        path, there, _outcome(family.kind(path), truth[path], stands), truth[path], stands
    )


def _path_in_reading(path: str, places: _Places) -> str | None:
    row = row_of(path)
    if row is None:
        return path
    index = places[row[0]][row[1]]
    return None if index is None else f"{row[0]}[{index}].{path.rpartition('.')[2]}"


def _outcome(kind: Kind, truth: str | None, read: str | None) -> Outcome:
    if truth is None:
        return "correct_blank" if read is None else "invented"
    if read is None:
        return "omitted"
    like = likeness(kind, truth, read)
    return "correct" if like == "same" else "format_only" if like == "format" else "wrong"


def _spurious(read: Leaves, judged: Sequence[Judged]) -> Iterator[Judged]:
    """Values that no leaf of the truth answers for."""
    known = {leaf.read_path for leaf in judged}
    for path, value in read.items():
        if value is not None and path not in known:
            yield Judged(path, path, "spurious", None, value)


def _attached(family: Family, judged: Sequence[Judged]) -> Iterator[Judged]:
    """Tells a value that stands under the wrong label from one that stands nowhere on the page.

    Nine in ten numbers of a form come more than once, so the same value elsewhere proves nothing:
    only a value that is missing where it belongs can have gone astray, and only once.
    """
    lost = [leaf for leaf in judged if leaf.truth is not None and not leaf.is_right]
    taken: set[str] = set()
    for leaf in judged:
        if leaf.outcome not in ("wrong", "invented"):
            yield leaf
            continue
        home = _home(family, leaf, [other for other in lost if other.path not in taken])
        if home is None:
            yield leaf
        else:
            taken.add(home)
            yield leaf._replace(outcome="misattached", belongs=home)


def _home(family: Family, leaf: Judged, lost: Sequence[Judged]) -> str | None:
    """The lost leaf whose value this is: in its own row or column first."""
    is_number = family.is_number(leaf.path)
    same = [
        other
        for other in lost
        if other.path != leaf.path
        and family.is_number(other.path) == is_number
        and _is_value_of(family, other, leaf.read)
    ]
    branch, _, column = leaf.path.rpartition(".")
    near = [o for o in same if o.path.rpartition(".")[2] == column]
    near += [o for o in same if o.path.rpartition(".")[0] == branch]
    return (near + same)[0].path if same else None


def _is_value_of(family: Family, other: Judged, value: str | None) -> bool:
    return (
        other.truth is not None
        and value is not None
        and likeness(family.kind(other.path), other.truth, value) != "different"
    )


def _rows(judged: Sequence[Judged], pairs: Sequence[Pair]) -> Rows:
    # The path of a spurious value is one of the reading, and names no row of the truth.
    off = {row_of(x.path) for x in judged if not x.is_right and x.outcome != "spurious"}
    truth = [pair.truth for pair in pairs if pair.truth is not None]
    read = sum(pair.read is not None for pair in pairs)
    matched = [pair.truth for pair in pairs if None not in pair]
    right = sum(("indicators", index) not in off for index in matched if index is not None)
    return Rows(right, len(truth), read)

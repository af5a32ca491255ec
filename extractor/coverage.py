"""What protects each field of a family, and what faults in it came to when it was measured.

The first is drawn from the declared checks. The second is the artefact ``coverage.json`` beside
this module: faults planted in printed numbers one at a time, by field and kind of fault, counted
with one check set. It is written by ``python -m eval.prove_checks --write``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from extractor.checks.bind import EachGroup, EachRow
from extractor.checks.kinds import Check, Headed
from extractor.families import Family
from extractor.pipeline import CHECK_SET

FILE = "coverage.json"

Way = Literal["equality", "bound", "table", "policy"]
WAYS: tuple[Way, ...] = ("equality", "bound", "table", "policy")
Words = Mapping[str, str]

TEXT: Words = {"zh": "文字：无可核算", "en": "text: no arithmetic"}
LONE: Words = {"zh": "单独的数：无可核算", "en": "a number on its own: no arithmetic"}
UNEXPLAINED: Words = {"zh": "未说明原因", "en": "no reason is given"}


def way(check: Check) -> Way:
    """How a check looks at its fields: an equality pins a number down, a bound leaves it room, a
    check of a whole table sees rows come and go, a policy only remarks."""
    if check.severity != "error":
        return "policy"
    if check.proves:
        return "equality"
    return "table" if isinstance(check, Headed) else "bound"


class Cover(NamedTuple):
    """The rules that look at a field, by the way they do: ``{"equality": ("R6", "R1")}``."""

    path: str
    rules: Mapping[Way, tuple[str, ...]]

    @property
    def is_protected(self) -> bool:
        """Whether an identity judges its value; that a row is there says nothing of it."""
        return "equality" in self.rules or "bound" in self.rules


def covers(family: Family) -> Iterator[Cover]:
    """Every leaf of a family by its template path, in the order of the schema."""
    declared = [d.check if isinstance(d, EachRow | EachGroup) else d for d in family.checks]
    rules: dict[str, dict[Way, dict[str, None]]] = {path: {} for path in family.leaves}
    for check in declared:
        for path in check.fields():
            rules[path].setdefault(way(check), {})[check.rule] = None
    for path, found in rules.items():
        yield Cover(path, {one: tuple(found[one]) for one in WAYS if one in found})


def why_unprotected(family: Family, path: str) -> Words:
    """The declared reason why no identity judges a field, or that it is nothing to reckon with."""
    kind = family.leaves[path].kind
    for pattern, reason in family.unprotected.items():
        if fnmatchcase(path, pattern):
            return reason
    if family.is_number(path):
        return UNEXPLAINED
    return LONE if kind in ("year", "count") else TEXT


# What was measured


class Kills(NamedTuple):
    """What became of ``n`` faults.

    ``noticed`` by an error finding that names the field; of these ``alone`` where the true cell is
    the only one of the first rank, ``tie`` where it is one of several there; ``exact`` are those
    of ``alone`` with the number that was printed proposed.
    """

    n: int = 0
    noticed: int = 0
    alone: int = 0
    tie: int = 0
    exact: int = 0

    def plus(self, other: Kills) -> Kills:
        return Kills(*(a + b for a, b in zip(self, other, strict=True)))


class Tie(NamedTuple):
    """Two fields with the same witnesses, in how many faults they were named side by side."""

    one: str
    other: str
    faults: int


class Measured(NamedTuple):
    """Faults of one family by field and kind; ``basis`` is ``sample`` or ``generated``."""

    basis: str
    forms: int
    kills: Mapping[str, Mapping[str, Kills]]
    ties: Sequence[Tie]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of fault, in the order of the artefact."""
        return tuple(dict.fromkeys(kind for found in self.kills.values() for kind in found))

    def of(self, path: str, kind: str | None = None) -> Kills:
        """What became of the faults in a field: of a kind, or of all kinds together."""
        found = self.kills.get(path, {})
        return found.get(kind, Kills()) if kind else total(found.values())

    def all(self, kind: str | None = None) -> Kills:
        return total(self.of(path, kind) for path in self.kills)


def total(kills: Iterable[Kills]) -> Kills:
    added = Kills()
    for one in kills:
        added = added.plus(one)
    return added


class Artefact(NamedTuple):
    """What was measured with one check set, by family."""

    check_set: str
    families: Mapping[str, Measured]

    @property
    def is_stale(self) -> bool:
        """Whether it was measured with other checks than those declared now."""
        return self.check_set != CHECK_SET


@cache
def artefact() -> Artefact:
    """The artefact that came with this version."""
    return parsed(files("extractor").joinpath(FILE).read_text(encoding="utf-8"))


def parsed(text: str) -> Artefact:
    """An artefact from its JSON."""
    told = json.loads(text)
    return Artefact(told["check_set"], {k: _measured(v) for k, v in told["families"].items()})


def _measured(told: Mapping[str, Any]) -> Measured:
    kills = {
        path: {kind: Kills(*counts) for kind, counts in found.items()}
        for path, found in told["faults"].items()
    }
    ties = [Tie(*tie) for tie in told["ties"]]
    return Measured(told["basis"], told["forms"], kills, ties)


def written(found: Artefact) -> str:
    """An artefact as JSON, a line for each field so that a change can be read."""
    families = ",\n".join(_written(name, one) for name, one in found.families.items())
    columns = json.dumps(Kills._fields)
    head = f'"check_set": {json.dumps(found.check_set)},\n "counts": {columns},'
    return f'{{{head}\n "families": {{\n{families}\n }}\n}}\n'


def _written(name: str, one: Measured) -> str:
    fields = ",\n".join(
        f"    {json.dumps(path)}: {json.dumps(found)}" for path, found in one.kills.items()
    )
    ties = ",\n".join(f"    {json.dumps(tie)}" for tie in one.ties)
    head = f'"basis": {json.dumps(one.basis)}, "forms": {one.forms}'
    return (
        f"  {json.dumps(name)}: {{{head},\n"
        f'   "faults": {{\n{fields}\n   }},\n   "ties": [\n{ties}\n   ]}}'
    )

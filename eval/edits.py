"""Edits of a form's leaves: what an operator that damages or rewrites a form is made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from random import Random
from typing import NamedTuple

from extractor.families.base import Family

Leaves = Mapping[str, str | None]


class Form(NamedTuple):
    """A form of the gold set: its name, its family, every leaf of it."""

    name: str
    family: Family
    leaves: Leaves


class Edit(NamedTuple):
    """A reading made from a truth: the truth's leaves no longer right, values in surplus rows."""

    read: dict[str, str | None]
    damaged: frozenset[str] = frozenset()
    spurious: int = 0


Operator = Callable[[Random, Form], Iterator[Edit]]
"""Yields one edit for every place of a form where it applies."""

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def differ(one: str | None, other: str | None) -> bool:
    """Whether two values of gold forms differ, numbers in them compared by value.

    >>> differ("≥90(百分比)", "≥90.00(%)"), differ("10.00", "1.00"), differ("优", None)
    (False, True, True)
    """
    return one != other and (one is None or other is None or _plain(one) != _plain(other))


def _plain(text: str) -> str:
    folded = _NUMBER.sub(lambda m: f"{Decimal(m[0]).normalize():f}", text)
    return folded.replace("百分比", "%")


def changed(form: Form, new: Leaves) -> Iterator[Edit]:
    """The form with other values at some paths, if any of them differ."""
    damaged = frozenset(path for path, value in new.items() if differ(form.leaves[path], value))
    if damaged:
        yield Edit({**form.leaves, **new}, damaged)


def printed(form: Form, kinds: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    """Path and value of the printed leaves of some kinds."""
    for path, value in form.leaves.items():
        if value is not None and form.family.kind(path) in kinds:
            yield path, value


def each(kinds: AbstractSet[str], change: Callable[[Random, str], str | None]) -> Operator:
    """The operator that changes one printed leaf of some kinds; ``None``: not applicable."""

    def operator(rng: Random, form: Form) -> Iterator[Edit]:
        for path, value in printed(form, kinds):
            new = change(rng, value)
            if new is not None:
                yield from changed(form, {path: new})

    return operator


def rows(leaves: Leaves, section: str) -> list[dict[str, str | None]]:
    """The rows of a section by their columns."""
    found: dict[str, dict[str, str | None]] = {}
    for path, value in leaves.items():
        branch, _, column = path.rpartition(".")
        if branch.startswith(f"{section}["):
            found.setdefault(branch, {})[column] = value
    return list(found.values())


def with_rows(leaves: Leaves, section: str, new: Sequence[Leaves]) -> dict[str, str | None]:
    """The same leaves with other rows in a section."""
    found = {path: v for path, v in leaves.items() if not path.startswith(f"{section}[")}
    for index, row in enumerate(new):
        found |= {f"{section}[{index}].{column}": value for column, value in row.items()}
    return found

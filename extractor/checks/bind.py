"""Declared checks → the checks of one form, with its number of rows and its groups.

A declaration speaks of ``indicators[].score``; a form of 16 rows has ``indicators[0].score`` to
``indicators[15].score``. In a ``Sum`` the brackets stand for all rows, as in a check that is
``OverRows`` and spreads itself; under ``EachRow`` and ``EachGroup`` for one row, one group at a
time. Forms of the same shape share the bound checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, TypeVar, cast

from extractor.checks.kinds import Check, OverRows, Sum

Shape = tuple[int, tuple[tuple[int, ...], ...]]
"""How many indicator rows a form has, and which of them belong to each printed group."""


@dataclass(frozen=True, slots=True)
class EachRow:
    """The check holds for every indicator row on its own."""

    check: Check


@dataclass(frozen=True, slots=True)
class EachGroup:
    """The sum holds for every printed group over its own rows (``groups[]``, ``indicators[]``)."""

    check: Sum


C = TypeVar("C", bound=Check)

Declared = Check | EachRow | EachGroup


@lru_cache(maxsize=512)
def bind(checks: tuple[Declared, ...], shape: Shape) -> tuple[Check, ...]:
    """The checks of a form of the given shape, in the order of their declaration."""
    return tuple(bound for check in checks for bound in _bound(check, shape))


def _bound(check: Declared, shape: Shape) -> Iterator[Check]:
    count, groups = shape
    if isinstance(check, EachRow):
        for index in range(count):
            yield _at(check.check, "indicators[]", f"indicators[{index}]")
    elif isinstance(check, EachGroup):
        for index, members in enumerate(groups):
            yield from _spread(_at(check.check, "groups[]", f"groups[{index}]"), members, groups)
    elif isinstance(check, Sum):
        yield from _spread(check, tuple(range(count)), groups)
    elif isinstance(check, OverRows):
        yield check.over(count)
    else:
        yield check


def _spread(
    check: Sum, rows: tuple[int, ...], groups: tuple[tuple[int, ...], ...]
) -> Iterator[Sum]:
    """The sum over all rows or groups that it names; none where the form has no such row."""
    terms: list[str] = []
    needs: list[str] = []
    for term in check.terms:
        if "[]" in term:
            each = range(len(groups)) if term.startswith("groups[]") else rows
            needs += [term.replace("[]", f"[{i}]", 1) for i in each]
            terms += needs
        else:
            terms.append(term)
    if needs or not any("[]" in term for term in check.terms):
        yield replace(check, terms=tuple(terms), needs=tuple(needs))


def _at(check: C, template: str, place: str) -> C:
    """The check with every path of the template moved to one place."""
    declared: Any = check
    changes = {
        part.name: _put(getattr(declared, part.name), template, place)
        for part in fields(declared)
        if part.init
    }
    return replace(declared, **changes)


def _put(value: Any, template: str, place: str) -> Any:
    if isinstance(value, str):
        return value.replace(template, place)
    if isinstance(value, tuple):
        return tuple(_put(item, template, place) for item in cast("tuple[Any, ...]", value))
    return value

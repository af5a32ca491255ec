"""Which forms of a gold set are so alike that no split may part them.

A page that reaches a set twice, through two scans or two OCR pipelines, must not be learned from
on one side and tested on the other, nor count as two independent forms in an interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from eval.goldset import GoldItem
from extractor.families.base import template
from extractor.text import compare_key
from extractor.twins import Identity, identity

ALIKE = 0.9
"""Share of equal printed leaves from which two forms are near-duplicates."""


class Fingerprint(NamedTuple):
    """What of a form is compared with others: who filed it, and its printed leaves.

    ``leaves`` are named without their rows, so that a row too many moves nothing.
    """

    family: str
    identity: Identity | None
    leaves: Counter[tuple[str, str | None]]


def fingerprint(item: GoldItem) -> Fingerprint:
    """The fingerprint of one form."""
    values, family = item.values(), item.declared
    leaves = Counter(
        (template(path), compare_key(family.kind(path), value))
        for path, value in values.items()
        if value is not None
    )
    return Fingerprint(item.family, identity(item.family, values), leaves)


def are_near(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two forms are printings of one form, or all but.

    One family, year, issuer and project, or :data:`ALIKE` of the printed leaves equal.
    """
    if one.family != other.family:
        return False
    if one.identity is not None and one.identity == other.identity:
        return True
    most = max(one.leaves.total(), other.leaves.total())
    return (one.leaves & other.leaves).total() >= ALIKE * most > 0


def families_near(item: GoldItem, items: Iterable[GoldItem]) -> list[str]:
    """The document families that an item belongs to: of near forms and of its own document."""
    mine = fingerprint(item)
    near = [one for one in items if one.sha256 == item.sha256 or are_near(mine, fingerprint(one))]
    return list(dict.fromkeys(one.document_family for one in near))

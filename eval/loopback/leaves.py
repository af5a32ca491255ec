"""A record by its leaves: ``{"funds.total.score": "6.92", "indicators[0].score": null, …}``.

A leaf in a table has a place: its table, its row and its column. A table is a list of rows
(``indicators``, row ``[0]``) or a branch of branches (``funds``, row ``.total``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any, NamedTuple

from extractor import twins

Leaves = dict[str, str | None]

_PLACE = re.compile(r"(.+?)(\[\d+\]|\.[^.\[\]]+)\.([^.\[\]]+)")
_STEP = re.compile(r"[^.\[\]]+")


class Place(NamedTuple):
    """Where a leaf stands: ``("indicators", "[0]", "score")``."""

    table: str
    row: str
    column: str


def leaves(record: Mapping[str, Any]) -> Leaves:
    """The leaves of a record in its order; what is no text becomes text."""
    told = twins.leaves(record).items()
    return {path: None if value is None else str(value) for path, value in told}


@lru_cache(maxsize=4096)
def place(path: str) -> Place | None:
    """The place of a leaf in its table; none where it stands alone."""
    found = _PLACE.fullmatch(path)
    return Place(*found.groups()) if found else None


def replaced(record: Mapping[str, Any], values: Leaves, dropped: frozenset[str]) -> dict[str, Any]:
    """A copy with other values at some leaves, and without the rows ``dropped``.

    ``dropped`` names rows as ``indicators[3]``, in the numbering of the record given. Raises
    ``KeyError`` or ``IndexError`` where there is no such leaf or row.
    """
    copy = deepcopy(dict(record))
    for path, value in values.items():
        holder, last = _holder(copy, path)
        holder[last] = value
    for row in sorted(dropped, key=lambda name: int(_STEP.findall(name)[-1]), reverse=True):
        holder, last = _holder(copy, row)
        del holder[last]
    return copy


def _holder(record: Any, path: str) -> tuple[Any, str | int]:
    """What holds the last step of a path, and that step as a key or a number."""
    steps: list[str] = _STEP.findall(path)
    for step in steps[:-1]:
        record = record[_key(record, step)]
    return record, _key(record, steps[-1])


def _key(holder: Any, step: str) -> str | int:
    return int(step) if isinstance(holder, list) else step

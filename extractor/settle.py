"""Settling: readings → the one value that stands in every leaf of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from extractor.checks.bind import Shape
from extractor.checks.kinds import Value
from extractor.families.base import NUMBER_KINDS, Family
from extractor.numbers import number_of
from extractor.types import Entry, FormReading, Reading

Settled = Reading | Entry
"""What stands in a leaf, before and after it was scored."""


def settle(
    family: Family, form: FormReading, readings: Mapping[str, Reading]
) -> dict[str, Reading]:
    """The reading that stands in each leaf that a page can print, in the order of the record.

    A leaf that the reader says nothing of has neither label nor column on the page: absent.
    """
    return {
        path: readings.get(path) or Reading(path, "absent")
        for path, _ in family.paths(len(form.row_ids), form.groups)
    }


def values_of(family: Family, entries: Mapping[str, Settled]) -> dict[str, Value]:
    """What the checks see: numbers and texts; ``None`` where a value should be known and is not.

    A leaf without label or column is left out. One that its row lost is unknown, never nothing.
    """
    values: dict[str, Value] = {}
    for path, entry in entries.items():
        if entry.value is None:
            if entry.standing != "absent" or "row_ends" in entry.reasons:
                values[path] = None
        elif family.kind(path) in NUMBER_KINDS:
            values[path] = number_of(entry.value)
        else:
            values[path] = entry.value
    return values


def record_of(
    family: Family, entries: Mapping[str, Settled], row_ids: Sequence[str], groups: int
) -> dict[str, Any]:
    """The nested record of the contract; ``year`` and counts become integers."""
    record: dict[str, Any] = dict.fromkeys(family.schema.model_fields)
    record["form_type"] = family.schema.model_fields["form_type"].default
    record["groups"] = [{} for _ in range(groups)]
    record["indicators"] = [{"row": row} for row in row_ids]
    branches: dict[str, dict[str, Any]] = {"": record}
    for path, leaf in family.paths(len(row_ids), groups):
        value: str | int | None = entries[path].value
        if value is not None and leaf.kind in ("year", "count"):
            value = int(value)
        branch, _, name = path.rpartition(".")
        target = branches.get(branch)
        if target is None:
            target = branches[branch] = _branch(record, branch)
        target[name] = value
    return record


def _branch(record: dict[str, Any], branch: str) -> dict[str, Any]:
    """The part of a record that a path such as ``funds.total`` or ``indicators[3]`` names."""
    if "[" in branch:
        section, _, index = branch[:-1].partition("[")
        return record[section][int(index)]
    section, _, part = branch.partition(".")
    if record[section] is None:
        record[section] = {}
    return record[section].setdefault(part, {})


def shape_of(record: Mapping[str, Any]) -> Shape:
    """How many rows a record has and which belong to each group: those that bear its level 1.

    Groups follow each other on the page, so a name that comes twice is two groups.
    """
    rows: list[Mapping[str, Any]] = record["indicators"]
    names = [group["level1"] for group in record["groups"]]
    members: list[list[int]] = [[] for _ in names]
    current = 0
    for index, row in enumerate(rows):
        level = row["level1"]
        if current < len(names) and level != names[current] and members[current]:
            current += 1
        if current < len(names) and level == names[current]:
            members[current].append(index)
    return len(rows), tuple(map(tuple, members))

"""The readings of leaves that the order of the page has found, or has not."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from extractor.families.base import Family, template
from extractor.numbers import read_number
from extractor.readers.by_order import Found, without_weight
from extractor.readers.cells import read_cells
from extractor.readers.claims import Claims, same
from extractor.readers.indicator_readings import spread_value
from extractor.readers.wanted import spread
from extractor.text import tidy
from extractor.types import Reading

_BY_ORDER = ("by_order",)


def ordered(family: Family, path: str, claims: Claims, found: Found) -> Reading:
    """The reading of a leaf from the cells that the order of the page gives it."""
    address, cells, claim = _address(family, path, claims), found.get(path, {}), claims[path]
    if set(cells) <= {""}:
        if not cells:
            return Reading(path, "unread", address=address, reasons=("not_grounded",))
        if family.kind(path) == "prose" and read_number(cells[""].text) is not None:
            return Reading(path, "unread", address=address, reasons=("not_grounded",))
        read = read_cells(path, family.kind(path), [cells[""]], address, _BY_ORDER)
        if family.kind(path) == "level" and read.value is not None:
            read = read._replace(value=tidy(without_weight(cells[""].text)))
        if path.endswith("level2_listed") and read.value is not None:
            return read._replace(value=" ".join(cells[""].text.split()))
        return read
    parts = {name: cell.text for name, cell in cells.items()}
    wanted = {name for name, part in spread(claim or "").items() if part is not None}
    value = spread_value(*(parts.get(name, "") for name in ("nature", "target", "measure")))
    if wanted - set(parts) or not same(family, path, claim, value):
        return Reading(path, "unread", address=address, reasons=("not_grounded",))
    in_order = sorted(cells.values(), key=lambda cell: cell.start)
    raw, spans = tuple(c.text for c in in_order), tuple(c.span for c in in_order)
    return Reading(path, "read", value, raw, spans, address, None, _BY_ORDER)


def has_place(family: Family, path: str, labels: Collection[str]) -> bool:
    """Whether the page prints the row and the column of a leaf that holds nothing.

    ``labels`` are the folded ones of the page.
    """
    layout, (branch, _, name) = family.layout, path.rpartition(".")

    def has(printed: Mapping[str, str], wanted: str) -> bool:
        return any(printed.get(label) == wanted for label in labels)

    if branch.startswith(f"{layout.matrix.name}."):
        return has(layout.matrix.rows, branch.partition(".")[2]) and has(
            layout.matrix.columns, name
        )
    if branch.startswith("indicators["):
        return has(layout.columns, name)
    if name == "grade":
        return not layout.grades.isdisjoint(labels)
    return not branch and (has(layout.head, name) or has(layout.goals, name))


def _address(family: Family, path: str, claims: Claims) -> str:
    """``indicators › 环境满意度 › 得分``: as the table reader words it, with declared labels."""
    leaf = family.leaves[template(path)]
    branch = path.rpartition(".")[0]
    if not branch:
        return leaf.zh
    part = family.parts.get(branch)
    row = claims.get(f"{branch}.name") or claims.get(f"{branch}.level1")
    section = re.split(r"[.\[]", branch)[0]
    return f"{section} › {part.zh if part else row or branch} › {leaf.zh}"

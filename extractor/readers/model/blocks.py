"""A page that is too long, taken apart and put together again.

Each block after the first begins with the title and the header of the indicator table, so that its
rows stand under their labels; what is replied of the blocks is joined: single values from the
first block that has them, rows one after the other, levels carried on where a block begins inside
a merged cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from extractor.families.base import Family
from extractor.text import label_key

Leaves = Mapping[str, str | None]

_CELLS = re.compile(r"\||\t|</?t[dr][^>]*>")
_LISTED = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
_LEVELS = ("level1", "level2")


def blocks(text: str, family: Family, rows: Sequence[int], most: int) -> list[str]:
    """A page in blocks of ``most`` characters, labels aside; one block where it is short enough.

    ``rows`` is where the rows of the indicator table start, as far as known. A block ends before a
    row, else at the end of a line, else at a space.
    """
    if len(text) <= most:
        return [text]
    begins = sorted({_line_start(text, row) for row in rows})
    labels = _labels(text, family, begins[0] if begins else 0)
    found: list[str] = []
    start = 0
    while start < len(text):
        end = _end(text, start, most, begins)
        found.append(text[start:end] if start == 0 else f"{labels}\n{text[start:end]}")
        start = end
    return found


def joined(parts: Sequence[Leaves]) -> dict[str, str | None]:
    """What was replied of each block → what was replied of the page."""
    found: dict[str, str | None] = {}
    rows: dict[str, list[dict[str, str | None]]] = {}
    for part in parts:
        heads: dict[str, dict[int, dict[str, str | None]]] = {}
        for path, value in part.items():
            listed = _LISTED.fullmatch(path)
            if listed is None:
                found[path] = found.get(path) or value
            else:
                row = heads.setdefault(listed[1], {}).setdefault(int(listed[2]), {})
                row[listed[3]] = value
        for name, more in heads.items():
            _append(rows.setdefault(name, []), list(more.values()))
    for name, all_rows in rows.items():
        for index, row in enumerate(all_rows):
            found |= {f"{name}[{index}].{leaf}": value for leaf, value in row.items()}
    return found


def _append(rows: list[dict[str, str | None]], more: list[dict[str, str | None]]) -> None:
    for row in more:
        last = rows[-1] if rows else None
        if last is not None and row["level1"] is None:
            row |= {level: row[level] or last[level] for level in _LEVELS if level in row}
        if last is not None and "name" not in row and row["level1"] == last["level1"]:
            rows[-1] = {leaf: last[leaf] or value for leaf, value in row.items()}  # a group, again
        else:
            rows.append(row)


def _end(text: str, start: int, most: int, begins: Sequence[int]) -> int:
    last = start + most
    if last >= len(text):
        return len(text)
    row = max((begin for begin in begins if start < begin <= last), default=None)
    if row is not None:
        return row
    for mark in ("\n", " "):
        if (at := text.rfind(mark, start + 1, last)) > start:
            return at + 1
    return last


def _labels(text: str, family: Family, begin: int) -> str:
    """The title, and the lines of known labels right before the first row."""
    lines = text[:begin].split("\n")
    title = text.split("\n", 1)[0][:200]
    header: list[str] = []
    for line in reversed(lines[1:]):
        cells = [cell for cell in _CELLS.split(line) if cell.strip(" -:")]
        if any(label_key(cell) not in family.layout.columns for cell in cells):
            break
        header.insert(0, line)
    return "\n".join([title, *header]).rstrip("\n")


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1

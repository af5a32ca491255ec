"""The level columns of an indicator table: broken names rejoined, blank cells filled down."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractor.families.levels import LEVELS, complete, cut, joined
from extractor.text import tidy
from extractor.types import Cell, Span

_WEIGHTED = re.compile(
    r"^(?P<name>.+?)\s*[（(]\s*(?P<weight>\d+(?:\.\d+)?)\s*分\s*[)）]$", re.DOTALL
)

_LONGEST_REST = 8
_LONGEST_NAME = 64
"""Characters beyond which a cell is no level name and is not looked into."""


@dataclass(slots=True)
class Level:
    """One printed level name with all its parts; the rows below a merged cell share it."""

    parts: list[Cell]
    value: str
    reasons: list[str] = field(default_factory=list[str])
    weight: Cell | None = None
    _printed: tuple[tuple[str, ...], tuple[Span, ...]] | None = None

    @property
    def printed(self) -> tuple[tuple[str, ...], tuple[Span, ...]]:
        """Raw texts and spans of the parts, once no part is added any more."""
        if self._printed is None:
            raw, spans = tuple(p.text for p in self.parts), tuple(p.span for p in self.parts)
            self._printed = raw, spans
        return self._printed

    def goes_on(self, part: Cell, text: str) -> bool:
        """Takes a part that completes the name; False where it does not."""
        whole = joined(self.value, text)
        if whole is None:
            return False
        self._take(part, whole[0])
        if whole[1]:
            self.reasons.append("overlap_dropped")
        return True

    def append(self, part: Cell, text: str) -> None:
        """Takes a part as it is."""
        self._take(part, self.value + text)

    def _take(self, part: Cell, value: str) -> None:
        self.parts.append(part)
        self.value = value
        if "joined_across_page" not in self.reasons:
            self.reasons.append("joined_across_page")


def level_of(cell: Cell) -> Level:
    """A new level name; ``产出指标(50分)`` carries the weight of its group."""
    weighted = _WEIGHTED.match(cell.text) if len(cell.text) <= _LONGEST_NAME else None
    if weighted is None:
        return Level([cell], tidy(cell.text))
    start = cell.start + weighted.start("weight")
    weight = Cell(weighted["weight"], start, start + len(weighted["weight"]))
    return Level([cell], tidy(weighted["name"]), weight=weight)


def next_level(current: Level | None, cell: Cell) -> Level:
    """The level that holds once ``cell`` was met: a new one, or the current one completed."""
    text = tidy(cell.text)
    if current is None or text in LEVELS or complete(current.value):
        return level_of(cell)
    at = cut(current.value, text)
    if at is not None:
        split = _offset(cell.text, at)
        current.goes_on(Cell(cell.text[:split].rstrip(), cell.start, _end(cell, split)), text[:at])
        start = split + len(cell.text[split:]) - len(cell.text[split:].lstrip())
        return level_of(Cell(cell.text[start:], cell.start + start, cell.end))
    if current.goes_on(cell, text):
        return current
    return level_of(cell)


def continued(current: Level | None, cell: Cell) -> Level | None:
    """As :func:`next_level` for a row that holds only the rest of the row above.

    ``None`` where the cell is neither a name nor the rest of one.
    """
    text = tidy(cell.text)
    if current is None:
        return level_of(cell) if level_of(cell).value in LEVELS else None
    if current.goes_on(cell, text):
        return current
    if level_of(cell).value in LEVELS:
        return level_of(cell)
    if cut(current.value, text) is not None:
        return next_level(current, cell)
    if complete(current.value) or len(text) > _LONGEST_REST or not text.isalpha():
        return None
    current.append(cell, text)
    return current


def _offset(text: str, at: int) -> int:
    """Where the ``at``-th character that is not a space stands in ``text``."""
    for index, character in enumerate(text):
        if not character.isspace():
            if at == 0:
                return index
            at -= 1
    return len(text)


def _end(cell: Cell, split: int) -> int:
    return cell.start + len(cell.text[:split].rstrip())

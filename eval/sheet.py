"""A page before it is text: rows of printed cells that know which leaves of the record they print.

A form is drawn up as a :class:`Sheet`, damaged as one, and only then laid out as text
(:mod:`eval.layouts`), so the truth and the place of every value are known whatever happens to
the page in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from extractor.types import Span

Section = Literal["title", "head", "funds", "goals", "header", "indicators", "totals", "other"]
"""``head`` names the project and its bodies, ``header`` names the columns of the indicators,
``totals`` holds total and grade; ``other`` belongs to no form (a tail, a stamp)."""


class Mark(NamedTuple):
    """Characters ``start`` to ``end`` of a cell print the leaf ``path``, or a part of it."""

    path: str
    start: int
    end: int


class Printed(NamedTuple):
    """A cell as printed.

    ``marks`` say which leaves it prints; a merged level cell prints one leaf of every row below
    it. ``across`` and ``down`` count the columns and rows of a merged cell; the places that it
    covers are :data:`COVERED`, blank in every layout without merged cells.
    """

    text: str = ""
    marks: tuple[Mark, ...] = ()
    across: int = 1
    down: int = 1
    covered: bool = False

    def cut(self, start: int, end: int) -> Printed:
        """The piece of a cell between two offsets, its outer spaces kept, with its marks."""
        kept = [
            Mark(m.path, max(m.start, start) - start, min(m.end, end) - start)
            for m in self.marks
            if m.start < end and m.end > start
        ]
        return Printed(self.text[start:end], tuple(kept))

    def put(self, start: int, end: int, new: str) -> Printed:
        """The cell with some characters replaced; marks keep hold of what stands in them.

        A mark that the change touches covers the new characters too.
        """
        shift = len(new) - (end - start)
        marks: list[Mark] = []
        for mark in self.marks:
            if mark.end < start:
                kept = mark
            elif mark.start > end:
                kept = Mark(mark.path, mark.start + shift, mark.end + shift)
            else:
                stop = max(mark.end, end) + shift
                kept = Mark(mark.path, min(mark.start, start), stop)
            marks.append(kept)
        return self._replace(
            text=self.text[:start] + new + self.text[end:],
            marks=tuple(m for m in marks if m.end > m.start),
        )


COVERED = Printed(covered=True)
EMPTY = Printed()


def label(text: str, across: int = 1, down: int = 1) -> Printed:
    """A cell that prints no value."""
    return Printed(text, (), across, down)


def value(text: str, *paths: str, across: int = 1, down: int = 1) -> Printed:
    """A cell whose whole text is the value of these leaves; an empty or dash cell of theirs too."""
    return Printed(text, tuple(Mark(path, 0, len(text)) for path in paths), across, down)


class Row(NamedTuple):
    """A line of the page: a table row, or, where ``is_line``, running text in one cell."""

    cells: tuple[Printed, ...]
    section: Section
    is_line: bool = False

    @property
    def paths(self) -> frozenset[str]:
        """The leaves printed in the row."""
        return frozenset(mark.path for cell in self.cells for mark in cell.marks)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a page in reading order.

    All table rows of one table have equally many cells, until damage says otherwise. A table
    ends where a line stands, or where ``breaks`` holds the index of the row that starts a new
    one (a page break).
    """

    rows: tuple[Row, ...]
    breaks: frozenset[int] = frozenset()

    def cells(self) -> Iterator[tuple[int, int, Printed]]:
        """``(row, column, cell)`` of every cell that is not covered."""
        for i, row in enumerate(self.rows):
            for j, cell in enumerate(row.cells):
                if not cell.covered:
                    yield i, j, cell


class Rendered(NamedTuple):
    """A page as text, and where every leaf stands in it; ``text[a:b]`` is what is printed there.

    A leaf without a place is not on the page: a blank cell has no characters.
    """

    text: str
    places: Mapping[str, tuple[Span, ...]]

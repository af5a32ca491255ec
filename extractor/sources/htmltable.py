"""One row of an HTML table → its cells, in the columns where a browser would show them."""

from __future__ import annotations

from collections.abc import Iterator

from extractor.sources.cells import cell
from extractor.sources.htmltree import Element, tag_of, walk

_WIDEST = 100
"""Columns or rows that one cell may cover; more would be an attack on memory, not a form."""
_BREAKS = frozenset({"p", "div", "br", "li", "ul", "ol", "dd", "dt", "hr", "blockquote"})
_DROPPED = frozenset({"script", "style", "template", "noscript"})


class Rows:
    """The rows of one table, from top to bottom.

    A cell over several columns stands in the first and leaves the others empty; a cell over
    several rows leaves empty cells below it, so that each value stays under its header.
    """

    def __init__(self) -> None:
        self._hanging: dict[int, int] = {}

    def cells(self, line: Element) -> list[str]:
        """The cells of the next row."""
        above, below = self._hanging, dict[int, int]()
        texts: list[str] = []
        for element in line:
            if tag_of(element) not in ("td", "th"):
                continue
            while len(texts) in above:
                texts.append("")
            across = min(_number(element, "colspan"), max(1, _WIDEST - len(texts)))
            down = _number(element, "rowspan")
            below.update((len(texts) + i, down - 1) for i in range(across) if down > 1)
            texts += [cell(lines_of(element)), *[""] * (across - 1)]
        while len(texts) in above:
            texts.append("")
        below.update((column, left - 1) for column, left in above.items() if left > 1)
        self._hanging = below
        return texts


def lines_of(element: Element) -> list[str]:
    """The text of a cell, line by line: blocks and ``<br>`` begin a new one."""
    if not len(element):
        return [" ".join((element.text or "").split())]
    lines: list[list[str]] = [[]]
    for piece, breaks in _pieces(element):
        if breaks:
            lines.append([])
        lines[-1].append(piece)
    return [" ".join("".join(line).split()) for line in lines]


def _pieces(element: Element) -> Iterator[tuple[str, bool]]:
    """The pieces of text inside an element, and whether a line begins before each."""
    steps = walk(element)
    for event, inner in steps:
        tag = tag_of(inner)
        if event == "end":
            if inner is not element:
                yield inner.tail or "", tag in _BREAKS
        elif tag in _DROPPED:
            steps.skip_subtree()
        else:
            yield inner.text or "", tag in _BREAKS


def _number(element: Element, name: str) -> int:
    """A ``colspan`` or ``rowspan`` as a browser reads it: from 1 to ``_WIDEST``."""
    digits = (element.get(name) or "").strip()
    return min(max(int(digits), 1), _WIDEST) if digits.isdecimal() and len(digits) < 9 else 1

"""Two values of a leaf beside each other, the characters in which they differ marked."""

from __future__ import annotations

from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from extractor.page.markup import both, tag, text

LONGEST = 160
"""Characters of a value that are shown; a longer one is cut around its first difference."""
_BEFORE = 30
"""Characters that are kept before the first difference of a value that is cut."""


class Piece(NamedTuple):
    """Some characters of a value; ``differs`` where the other value does not have them."""

    text: str
    differs: bool


def pieces(one: str, other: str) -> list[Piece]:
    """``one`` in pieces, as compared with ``other``.

    >>> pieces("9.15", "9.51")
    [Piece(text='9.', differs=False), Piece(text='15', differs=True)]
    """
    same = _same(one, other)
    if _is_scattered(one, same):
        same = [False] * len(one)
    found: list[Piece] = []
    for char, alike in zip(one, same, strict=True):
        if found and found[-1].differs != alike:
            found[-1] = Piece(found[-1].text + char, not alike)
        else:
            found.append(Piece(char, not alike))
    return found


def _same(one: str, other: str) -> list[bool]:
    """Which characters of ``one`` the other has too: by their places where that needs no more
    edits, since digits that change places are then seen as such."""
    edits = Levenshtein.editops(one, other)
    places = [a == b for a, b in zip(one, other, strict=False)]
    if len(one) == len(other) and places.count(False) == len(edits):
        return places
    same = [False] * len(one)
    for block in edits.as_matching_blocks():
        same[block.a : block.a + block.size] = [True] * block.size
    return same


def _is_scattered(one: str, same: list[bool]) -> bool:
    """Whether so little of a short value agrees that marks between its characters only confuse."""
    return len(one) <= 20 and sum(same) * 2 < len(one)


def shown(value: str | None, other: str | None) -> str:
    """A value with the characters marked that ``other`` does not have; cut if it is long."""
    if value is None:
        return tag("i", both("（空白）", "(blank)"), class_="nothing")
    if value == "":
        return tag("i", both("（空文本）", "(empty text)"), class_="nothing")
    if other is None:
        other = ""
    start, cut = _window(value, other)
    inner = "".join(
        tag("mark", text(piece.text)) if piece.differs and other else text(piece.text)
        for piece in pieces(cut, other[start : start + 2 * LONGEST])
    )
    before, after = "…" * (start > 0), "…" * (start + len(cut) < len(value))
    length = f" {len(value):,}"
    size = (
        tag("small", both(f"共{length} 字", f"{length} characters in all"))
        if before + after
        else ""
    )
    return before + inner + after + size


def _window(value: str, other: str) -> tuple[int, str]:
    """The offset and the text of what is shown of a value."""
    if len(value) <= LONGEST:
        return 0, value
    first = next(
        (i for i, (a, b) in enumerate(zip(value, other, strict=False)) if a != b),
        min(len(value), len(other)) if other else 0,
    )
    start = max(min(first - _BEFORE, len(value) - LONGEST), 0)
    return start, value[start : start + LONGEST]


def source_line(line: str, mark: tuple[int, int] | None, around: int = 90) -> str:
    """A line of the page with the value marked, cut to so many characters on either side."""
    start, end = mark if mark is not None and 0 <= mark[0] <= mark[1] <= len(line) else (0, 0)
    end = min(end, start + LONGEST)
    left, right = max(start - around, 0), min(end + around, len(line))
    before, after = "…" * (left > 0), "…" * (right < len(line))
    middle = tag("mark", _cells(line[start:end])) if end > start else ""
    return before + _cells(line[left:start]) + middle + _cells(line[end:right]) + after


def _cells(piece: str) -> str:
    """Text of a line; a tab is drawn, since it parts two cells."""
    return '<i class="tab">⇥</i>'.join(map(text, piece.split("\t")))

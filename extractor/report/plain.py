"""Text for a terminal: escaped, measured, aligned, wrapped.

A Chinese character takes two columns. Nothing from a document reaches the terminal as a control:
escape sequences, carriage returns and bidirectional marks are written out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["bold", "dim", "red", "green", "yellow", "plain"]

_CODES: dict[Style, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "plain": "",
}
_SHORTEST = 40
_LONGEST_WORD, _MOST_LINES = 160, 40


def safe(value: object) -> str:
    r"""Text that cannot drive a terminal; line breaks, tabs and runs of spaces become one space.

    >>> safe("得分\x1b[2J"), safe("a\r\nb"), safe("\u202e12")
    ('得分\\x1b[2J', 'a b', '\\u202e12')
    """
    text = " ".join(part for part in re.split(r"[\r\n\t ]+", str(value)) if part)
    return "".join(
        char
        if char.isprintable() and unicodedata.category(char) != "Cf"
        else char.encode("unicode_escape", "replace").decode("ascii")
        for char in text
    )


def width_of(text: str) -> int:
    """Terminal columns of a safe text."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shortened(text: str, width: int) -> str:
    """At most ``width`` columns, an ellipsis where something was left out."""
    if width_of(text) <= width:
        return text
    kept, used = "", 0
    for char in text:
        used += _columns(char)
        if used > width - 1:
            break
        kept += char
    return kept + "…"


def left(text: str, width: int) -> str:
    """Padded on the right."""
    return text + " " * max(0, width - width_of(text))


def right(text: str, width: int) -> str:
    """Padded on the left."""
    return " " * max(0, width - width_of(text)) + text


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns, broken at spaces, inside a word where it must."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if width_of(lines[-1] + char) > width:
                lines.append("")
            lines[-1] += char
    return lines


@dataclass(frozen=True, slots=True)
class Pen:
    """How a report is written: its language, whether in colour, and the columns there are."""

    lang: str
    color: bool
    width: int

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def dye(self, text: str, style: Style) -> str:
        """The text in a colour; unchanged where colours are off."""
        if not self.color or style == "plain" or not text:
            return text
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m"

    def room(self, indent: int) -> int:
        """The columns that are left beside an indent."""
        return max(_SHORTEST, self.width) - indent

    def flow(self, text: str, indent: int, mark: str = "", style: Style = "plain") -> list[str]:
        """A paragraph with a mark hanging in front of it; what is endless is cut."""
        hang = width_of(mark) + 1 if mark else 0
        words = (shortened(word, _LONGEST_WORD) for word in text.split(" "))
        lines = wrapped(" ".join(words), self.room(indent + hang))
        if len(lines) > _MOST_LINES:
            lines[_MOST_LINES:] = ["…"]
        first = " " * indent + (self.dye(mark, style) + " " if mark else "") + lines[0]
        return [first, *(" " * (indent + hang) + line for line in lines[1:])]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``number`` aligns it on the decimal point."""

    title: str
    cells: Sequence[str]
    number: bool = False

    def texts(self, limit: int) -> list[str]:
        """Title and cells, made equally wide."""
        title, cells = self.title, aligned(self.cells)
        if not self.number:
            title, *cells = (shortened(text, limit) for text in (self.title, *self.cells))
        widest = max(width_of(text) for text in (title, *cells))
        pad = right if self.number else left
        return [pad(text, widest) for text in (title, *cells)]


def aligned(numbers: Iterable[str]) -> list[str]:
    """Numbers with their decimal points below each other.

    >>> aligned(["97.8", "100", "-"])
    ['97.8', '100  ', '-  ']
    """
    given = list(numbers)
    tails = [len(text) - text.index(".") if "." in text else 0 for text in given]
    longest = max(tails, default=0)
    return [text + " " * (longest - tail) for text, tail in zip(given, tails, strict=True)]


_LIMITS = (40, 32, 26, 20, 14, 8)


def table(columns: Sequence[Column], room: int) -> list[str]:
    """Lines of a table: its titles, then its rows. Text gives way where the room is short.

    Numbers are never cut; a table of many numbers may be wider than a very narrow terminal.
    """
    lines: list[str] = []
    for limit in _LIMITS:
        texts = [column.texts(limit) for column in columns]
        lines = ["  ".join(row).rstrip() for row in zip(*texts, strict=True)]
        if max(map(width_of, lines)) <= room:
            break
    return lines

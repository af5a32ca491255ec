"""A page whose cells have lost their rows and columns: its words one after the other.

On a page in one line a cell is what stands between two spaces; on one with a cell a line it is the
line. A value or a label that has a space within it is put together again where it is known.

Worked: ``项目名称 采购 项目 年度 总体 目标 5.00`` with the value ``采购项目`` known has the words
``项目名称``, ``采购 项目``, ``年度 总体 目标`` and ``5.00``; the first and the third are labels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from extractor.families.base import Family
from extractor.segment import title_of, year_of
from extractor.text import label_key, tidy_quantity
from extractor.types import Cell

_TAGS = r"\||</?t(?:able|body|head|r|d|h)\b[^<>]*>"
_BETWEEN_WORDS = re.compile(rf"\s+|{_TAGS}")
_BETWEEN_LINES = re.compile(rf"[\r\n]+|{_TAGS}")
_WORDS_A_LINE = 2
_LABEL_PARTS = 3


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """What two prints of one text share: no spaces, no tags, one width."""
    return unicodedata.normalize("NFKC", tidy_quantity(text))


class Printed:
    """The words of a page in their order.

    ``keys`` holds the folded label that a word is, or nothing. ``pinned`` are the words whose
    meaning is known before any order is: labels, and values that stand alone.
    """

    def __init__(self, text: str, family: Family, values: Iterable[str]) -> None:
        self.text = text
        labels = family.layout.labels
        words = _with_whole_labels(_words(text), labels)
        self.words = _with_whole_values(words, values)
        self.keys = [
            key if key in labels else "" for key in (label_key(w.text) for w in self.words)
        ]
        self.folds = [fold(word.text) for word in self.words]
        self.pinned = {at for at, key in enumerate(self.keys) if key}
        for at in range(min(self.pinned, default=0)):
            text = self.words[at].text
            if title_of(text) is not None or year_of(text) is not None:
                self.pinned.add(at)

    def run(self, at: int) -> range:
        """The words behind one, up to the next whose meaning is known."""
        end = at + 1
        while end < len(self.words) and end not in self.pinned:
            end += 1
        return range(at + 1, end)

    def within_labels(self, pattern: str) -> Cell | None:
        """The first group of a pattern in a label, a title or what else stands before the first."""
        first = next((at for at, key in enumerate(self.keys) if key), len(self.words))
        for at in (*range(first), *sorted(self.pinned - set(range(first)))):
            match = re.search(pattern, self.words[at].text)
            if match is not None:
                group = match.lastindex or 1
                start = self.words[at].start + match.start(group)
                return Cell(match[group], start, start + len(match[group]))
        return None

    def standing(self, value: str) -> list[int]:
        """Where a value is a whole word that nothing has taken."""
        wanted = fold(value)
        return [
            at for at, folded in enumerate(self.folds) if folded == wanted and at not in self.pinned
        ]


def _words(text: str) -> list[Cell]:
    lines = [line for line in text.splitlines() if line.strip()]
    by_line = len(text.split()) < _WORDS_A_LINE * len(lines)
    return list(_between(text, _BETWEEN_LINES if by_line else _BETWEEN_WORDS))


def _between(text: str, separator: re.Pattern[str]) -> Iterator[Cell]:
    begin = 0
    for start, end in [*(match.span() for match in separator.finditer(text)), (len(text),) * 2]:
        part = text[begin:start]
        bare = part.strip()
        if bare:
            first = begin + part.index(bare)
            yield Cell(bare, first, first + len(bare))
        begin = end


def _joined(words: Sequence[Cell]) -> Cell:
    if len(words) == 1:
        return words[0]
    return Cell(" ".join(word.text for word in words), words[0].start, words[-1].end)


def _with_whole_labels(words: Sequence[Cell], labels: frozenset[str]) -> list[Cell]:
    """The words with labels of several of them put together: ``年度 总体 目标``.

    A word that adds nothing to a label, such as a lone ``>``, is a cell of its own in front of it.
    """
    whole: list[Cell] = []
    at = 0
    while at < len(words):
        count = 1
        if (key := label_key(words[at].text)) and key not in labels:
            for more in range(2, _LABEL_PARTS + 1):
                if label_key("".join(w.text for w in words[at : at + more])) in labels:
                    count = more
        whole.append(_joined(words[at : at + count]))
        at += count
    return whole


def _with_whole_values(words: Sequence[Cell], values: Iterable[str]) -> list[Cell]:
    """The words with those values put together that are printed over several words."""
    folds = [fold(word.text) for word in words]
    single = set(folds)
    starts: dict[int, int] = {}
    length = 0
    for at, folded in enumerate(folds):
        starts[length] = at
        length += len(folded)
    starts[length] = len(words)
    page = "".join(folds)
    ends: dict[int, int] = {}
    for value in {fold(value) for value in values} - single:
        place = page.find(value) if value else -1
        while place >= 0:
            first, last = starts.get(place), starts.get(place + len(value))
            if first is not None and last is not None:
                ends[first] = last
            place = page.find(value, place + 1)
    whole: list[Cell] = []
    at = 0
    while at < len(words):
        end = ends.get(at, at + 1)
        whole.append(_joined(words[at:end]))
        at = end
    return whole

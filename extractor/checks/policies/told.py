"""Sums and amounts that running text tells of itself: found in one pass, without judging them.

A text is cut into quantities (``33 次``, ``4526950 元``) with the words in front of them. A total
and its parts are told in two ways: ``总量 366560 册，其中成人 251744 册，少儿 114816 册`` and
``便民利民 13700 元，群众活动 59000 元，…，共计 160100 元``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

_MEASURES = (
    "人次|场次|件次|户次|平方米|公里|元|个|次|场|册|张|件|人|名|户|家|项|篇|条|台|套|辆|份|组|米|亩|吨|处"
    "|批|本|节|位|支|期|座|间|栋|只|棵|株|所|块|幅|部"
)
_QUANTITY = re.compile(
    r"(?<![\d.])(\d{1,3}(?:,\d{3}){1,4}+(?!\d)|\d{1,15}+(?!\d))(\.\d{1,8}+)?"
    rf"\s?([余多几]?)\s?([万亿千百]?)\s?({_MEASURES})"
)
"""Every run of digits is bounded: what it looks at again and again is no longer than that."""
_SENTENCE = re.compile(r"[^。！？!?\n]*+[。！？!?\n]?[\s。！？!?]*+")
_BREAK = re.compile(r"[。！？!?\n][\s。！？!?]*|[；;，,、：:]|其中")
_MARKS = {";": ";", "；": ";", "，": ",", ",": ",", "、": ",", "：": ",", ":": ",", "其中": "o"}
_LIST_NUMBER = re.compile(r"\s*(?:[(（]?\d{1,2}[)）.、]\s*)?")
_TIMES = {"": 1, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_ENDS = frozenset(("", *"，,、；;。！？!?\n"))
_ABOUT = ("近", "约", "超", "逾", "超过", "不少于", "不低于", "至少")
_IN_ALL = re.compile(r"(?:共计|合计|总计|总共|共)(?:为|达|达到|约|人民币)?")
_TELLING = ("其中", "共计", "合计", "总计", "总共", "，共", ",共", "、共", "；共")
_LONGEST_LABEL = 24
_SHARED = 2
"""So many characters at their end make two labels kinds of one thing: 成人读者证, 少儿读者证."""


class Told(NamedTuple):
    """A quantity of a text: its place from its label on, the label, and its value, as fine as
    ``step``.

    ``label`` is what stands between the break before it and the number; ``breaks`` are the breaks
    since the quantity before, in order: ``.`` of sentences, ``;`` ``,`` and ``o`` for 其中.
    ``about`` says that the text only estimates it, ``ends`` that a break follows at once.
    """

    start: int
    end: int
    label: str
    value: Decimal
    step: Decimal
    unit: str
    about: bool
    breaks: str
    ends: bool


class ToldSum(NamedTuple):
    """A total and its parts as a text tells them; ``closed`` where nothing else can belong to it.

    Parts that are not closed may be some of many: 其中党员 30 人，女性 40 人.
    """

    total: Told
    parts: tuple[Told, ...]
    closed: bool

    @property
    def off(self) -> Decimal:
        """The total less what the parts come to."""
        return self.total.value - sum((part.value for part in self.parts), Decimal(0))

    @property
    def span(self) -> tuple[int, int]:
        ends = (self.total, *self.parts)
        return min(told.start for told in ends), max(told.end for told in ends)


def quantities(text: str, start: int = 0, end: int | None = None) -> list[Told]:
    """Every number of a text that a measure word follows; dates, shares and bare numbers are none.

    ``start`` and ``end`` bound the stretch that is read; places count from the start of the text.

    >>> [(told.label, f"{told.value}", told.unit) for told in quantities("发证 5,263 张，2.5 万人")]
    [('发证', '5263', '张'), ('', '25000.0', '人')]
    """
    found: list[Told] = []
    since = start
    for match in _QUANTITY.finditer(text, start, len(text) if end is None else end):
        found.append(_told(text, since, match))
        since = match.end()
    return found


def _told(text: str, since: int, match: re.Match[str]) -> Told:
    """A quantity; ``since`` is the end of the one before."""
    breaks, start = "", since
    gap = [(found[0], found.end()) for found in _BREAK.finditer(text, since, match.start())]
    if gap:
        breaks, start = "".join(_MARKS.get(sign, ".") for sign, _ in gap), gap[-1][1]
    start = max(start, match.start() - _LONGEST_LABEL)
    numbered = _LIST_NUMBER.match(text, start, match.start())
    start = numbered.end() if numbered else start
    label = text[start : match.start()].strip()
    whole, fraction, more, times, unit = match.groups(default="")
    number = Decimal(whole.replace(",", "") + fraction)
    step = Decimal(1).scaleb(-max(len(fraction) - 1, 0)) * _TIMES[times]
    about = bool(more) or label.endswith(_ABOUT)
    ends = text[match.end() : match.end() + 1] in _ENDS
    return Told(start, match.end(), label, number * _TIMES[times], step, unit, about, breaks, ends)


def sums(text: str) -> Iterator[ToldSum]:
    """The sums that a text tells, whether they hold or not."""
    if any(word in text for word in _TELLING):
        for start, end in _stretches(text):
            told = quantities(text, start, end)
            yield from _with_parts_after(told, text)
            yield from _with_parts_before(told)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where sums can be told: sentences with a word for it, each with the one in front of it."""
    begin, end, before = 0, -1, 0
    for sentence in _SENTENCE.finditer(text):
        if any(word in sentence[0] for word in _TELLING):
            if before > end:
                if end >= 0:
                    yield begin, end
                begin = before
            end = sentence.end()
        before = sentence.start()
    if end >= 0:
        yield begin, end


# A total, 其中 its parts


def _with_parts_after(told: Sequence[Told], text: str) -> Iterator[ToldSum]:
    """Each 其中 with the quantities of its sentence, against what stands in front of it.

    That is the quantity just before; of a 其中 that begins a sentence, the last of each unit in the
    sentence before.
    """
    starts = [i for i, one in enumerate(told) if i and one.breaks.rstrip(",").endswith("o")]
    for at, until in pairwise((*starts, len(told))):
        end = next((i for i in range(at + 1, until) if "." in told[i].breaks), until)
        listed = told[at:end]
        totals: dict[str, Told] = {}
        for one in _in_front(told, at):
            totals.setdefault(one.unit, one)
        opening = text[text.rfind("其中", told[at - 1].end, listed[0].end) + 2 : listed[0].end]
        is_loose = opening.startswith(("主要", "包括", "含", "有"))
        for unit, total in totals.items():
            found = _one_sum(total, listed, unit)
            goes_on = found is not None and "等" in text[found.span[1] : found.span[1] + 4]
            if found is not None:
                yield found._replace(closed=False) if is_loose or goes_on else found


def _in_front(told: Sequence[Told], at: int) -> Iterator[Told]:
    """What a 其中 may speak of, the nearest first."""
    before = told[at].breaks
    if before.count(".") > 1:
        return
    yield told[at - 1]
    first = at - 1
    while "." in before and first > 0 and not {".", "o"} & set(told[first].breaks):
        first -= 1
        yield told[first]


def _one_sum(total: Told, listed: Sequence[Told], unit: str) -> ToldSum | None:
    """The parts that add up: all, or the first of each item of the list; else those that there are.

    They are closed where they are kinds of one thing by the ends of their labels, or where each
    stands in an item of its own and those are.
    """
    parts = [one for one in listed if one.unit == unit]
    items = _items(listed)
    heads = [next(one for one in item if one.unit == unit) for item in items if _has(item, unit)]
    if len(heads) < 2 or total.about or any(part.about for part in parts):
        return None
    for chosen in (parts, heads):
        found = ToldSum(total, tuple(chosen), closed=True)
        if not found.off:
            return found
    are_items = len(items) == len(heads) and _are_kinds([item[0] for item in items])
    return ToldSum(total, tuple(heads), closed=are_items or _are_kinds(heads))


def _items(listed: Sequence[Told]) -> list[list[Told]]:
    """The quantities of a list by its semicolons; each by itself where it has none."""
    has_items = any(";" in one.breaks for one in listed[1:])
    items: list[list[Told]] = []
    for one in listed:
        if items and has_items and ";" not in one.breaks:
            items[-1].append(one)
        else:
            items.append([one])
    return items


def _has(item: Sequence[Told], unit: str) -> bool:
    return any(one.unit == unit for one in item)


def _are_kinds(parts: Sequence[Told]) -> bool:
    ending = parts[0].label[-_SHARED:]
    labels = {part.label for part in parts}
    is_word = len(ending) == _SHARED and ending.isalpha()
    return is_word and len(labels) == len(parts) and all(x.endswith(ending) for x in labels)


# Parts, 共计 their total


def _with_parts_before(told: Sequence[Told]) -> Iterator[ToldSum]:
    """Each 共计 with the quantities of its unit that stand side by side in front of it.

    Two that nothing introduces may be the last two of a longer account: they are not closed.
    """
    since = 0
    for at, total in enumerate(told):
        if not _IN_ALL.fullmatch(total.label.replace(" ", "")):
            continue
        first = at
        while first > since and _is_beside(told[first - 1], told[first], total.unit):
            first -= 1
        parts = tuple(told[first:at])
        since = at + 1
        if len(parts) < 2 or total.about or any(part.about for part in parts):
            continue
        is_opened = any(word in parts[0].label for word in ("包括", "分别", "其中"))
        yield ToldSum(total, parts, closed=is_opened or len(parts) > 2)


def _is_beside(one: Told, two: Told, unit: str) -> bool:
    return one.unit == unit and one.ends and two.breaks in (",", ";")

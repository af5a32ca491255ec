"""Document → the places where forms start.

A form starts at a title line, near misses included, or, where the title was lost, at the first
line after the previous form's total that has a year or a head label. What stands in front of the
first start is a tail of another form: counted and listed, never read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extractor.families import FAMILIES, NEAR_MISSES
from extractor.grid import Row
from extractor.text import label_key
from extractor.types import Span

_YEAR_LINE = re.compile(r"[(（\[]?(\d{4})年度?[)）\]]?(?:(?:金额)?单位[:：](?:万元|元))?")
_TITLE_NUMBERING = re.compile(r"^(?:附件|附表|附|表|第)?\d*[页号]?|(?:\d{4})?年?度?$")
_TITLE_YEAR = re.compile(r"[(\[]?\s*\d{4}\s*年\s*度?\s*[)\]]?")
_LONGEST_TITLE = 60
_LONGEST_PREFIX = 24
_SHORTEST_FUZZY = 9

_HEAD_LABELS: Mapping[str, str] = {
    key: family.name
    for family in reversed(FAMILIES)
    for key, leaf in family.layout.head.items()
    if leaf in ("project_name", "department_name")
}
MARKS = re.compile(r"[表绩]|\d\s*年|名\s*[称稱]|[总總]\s*[分计計]|合\s*[计計]|得\s*分|等\s*[级級]")
"""What a line must hold to be a title, a year, a head label or the end of a form."""

_END_LABELS = frozenset[str]().union(*(f.layout.totals | f.layout.grades for f in FAMILIES))
_FUZZY = tuple(
    (title, family.name)
    for family in FAMILIES
    for ending in family.endings
    for title in (ending, f"财政{ending}")
    if len(title) >= _SHORTEST_FUZZY
)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a form or a refused near miss begins and ends.

    ``family`` is the name of the family, ``None`` where the form is refused for ``refusal``
    (code, reason). ``title`` is ``None`` where it was lost.
    """

    span: Span
    title: str | None
    family: str | None
    refusal: tuple[str, Mapping[str, str]] | None = None


_UNKNOWN = (
    "unknown_family",
    {
        "zh": "标题缺失，也没有项目名称或部门名称，无法判断是哪种表",
        "en": "the title is lost and no head label tells which form this is",
    },
)


def segment(text: str, rows: Sequence[Row]) -> tuple[list[Start], Span | None]:
    """All starts in page order with their spans, and the span of the headless tail in front.

    ``rows`` are those rows of the text in which :data:`MARKS` finds something, or more.
    """
    found: list[Start] = []
    ended = True
    for index, row in enumerate(rows):
        filled = row.filled
        first = filled[0][1].text
        title = title_of(first) if len(filled) == 1 else None
        if title is not None:
            found.append(Start(Span(row.start, len(text)), first, *title))
            ended = False
        elif ended and (is_year_line([cell.text for _, cell in filled]) or _head_family(row)):
            family = next((f for f in map(_head_family, rows[index : index + 8]) if f), None)
            lost = None if family else _UNKNOWN
            found.append(Start(Span(row.start, len(text)), None, family, lost))
            ended = False
        elif label_key(first) in _END_LABELS:
            ended = True
    ends = [start.span.start for start in found[1:]] + [len(text)]
    starts = [
        replace(start, span=_trimmed(text, start.span.start, end))
        for start, end in zip(found, ends, strict=False)
    ]
    before = text[: found[0].span.start if found else len(text)].strip()
    if not before:
        return starts, None
    begin = text.index(before[0])
    return starts, Span(begin, begin + len(before))


def _trimmed(text: str, begin: int, end: int) -> Span:
    while end > begin and text[end - 1].isspace():
        end -= 1
    return Span(begin, end)


def year_of(text: str) -> re.Match[str] | None:
    """The year of a year line such as ``(2023 年度)``; group 1 is the year."""
    return _YEAR_LINE.fullmatch(re.sub(r"\s+", "", text)) if len(text) < 40 else None


def is_year_line(texts: Sequence[str]) -> bool:
    """Whether a row holds a year, alone or with the amount unit beside it."""
    if len(texts) > 2 or "年" not in texts[0] or year_of(texts[0]) is None:
        return False
    return len(texts) == 1 or "单位" in texts[1]


def _head_family(row: Row) -> str | None:
    """The family whose head label stands in a row."""
    for _, cell in row.filled:
        name = _HEAD_LABELS.get(label_key(cell.text.partition("：")[0].partition(":")[0]))
        if name:
            return name
    return None


def title_of(text: str) -> tuple[str | None, tuple[str, Mapping[str, str]] | None] | None:
    """Family or refusal of a line that holds a known title and nothing else, else ``None``.

    One wrong character in a family's title is forgiven; a title is too long to be hit by chance.
    """
    if len(text) > _LONGEST_TITLE or ("表" not in text and "绩" not in text):
        return None
    return _title_of(text)


@lru_cache(maxsize=4096)
def _title_of(text: str) -> tuple[str | None, tuple[str, Mapping[str, str]] | None] | None:
    folded = unicodedata.normalize("NFKC", text)
    key = label_key(_TITLE_YEAR.sub("", folded))
    key = _TITLE_NUMBERING.sub("", key)
    for family in FAMILIES:
        if any(_bears(key, ending) for ending in family.endings):
            return family.name, None
    for near in NEAR_MISSES:
        if any(_bears(key, ending) for ending in near.endings):
            return None, (near.code, near.reason)
    alike = {family for title, family in _FUZZY if _one_edit(key, title)}
    return (alike.pop(), None) if len(alike) == 1 else None


def _bears(key: str, ending: str) -> bool:
    return key.endswith(ending) and len(key) - len(ending) <= _LONGEST_PREFIX


def _one_edit(a: str, b: str) -> bool:
    """Whether one character changed, added or dropped makes ``a`` into ``b``."""
    if abs(len(a) - len(b)) > 1:
        return False
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    rest_a, rest_b = a[head:], b[head:]
    return rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]

"""What a cell that stands alone on its line may be, judged by its text.

A cell may be several things; its row decides (:mod:`extractor.readers.line_rows`).
"""

from __future__ import annotations

import re

from extractor.families.levels import LEVEL1, LEVEL2, LEVELS
from extractor.readers.align import is_points
from extractor.readers.levels import level_of
from extractor.text import is_blank, label_key, squeeze, tidy, tidy_quantity
from extractor.types import Cell

_OPERATORS = "≥≤=><"
_NATURES = frozenset(
    {"定性", "定量", "定性指标", "定量指标", "正向", "反向", "正向指标", "反向指标"}
)
_LOOK_ALIKES = re.compile(r"[\dOoIl|.,，．\s]+")
_LONGEST_POINTS = 8
_QUANTITY = re.compile(r"[\d.,]+\s*(?:[%％‰]|\([^()]{1,4}\)|[^\W\d_]{1,3})?")
_SENTENCE = re.compile(r"[，。；！？,;]")
_NOTHING_TO_TELL = frozenset({"无", "无偏差", "不适用", "无差异", "无需整改"})
_DONE = re.compile(
    r"(?:全部|部分|基本|未|已)?(?:达成|完成)(?:(?:年度|预期)?指标)?(?:并具有一定效果|且效果较差)?|有效"
)
_COMPLETE_LEVEL = re.compile("|".join(sorted(level for level in LEVELS if level.endswith("指标"))))
_LEVEL_LIKE = re.compile(r"[^\W\d_成达完]{2,8}指标")
_PLAIN = re.compile(r"[\u4e00-\u9fff]{4,12}")
_LONGEST_NAME = 80
_LONGEST_MEASURE = 8
_LONGEST_UNIT = 3
_LONGEST_FRAGMENT = 8
_SHORTEST_LISTED = 4
_SHORTEST_GROUP_NOTE = 5


def level_name(cell: Cell) -> str | None:
    """The level name that a cell holds, ``None`` where it holds none.

    >>> level_name(Cell("产出指标（50分）", 0, 9)), level_name(Cell("服务水平", 0, 4))
    ('产出指标', None)
    """
    value = level_of(cell).value
    if value in LEVELS:
        return value
    key = label_key(cell.text)
    return key if key in LEVELS else None


def is_sentence(text: str) -> bool:
    """Whether a text can be nothing but prose, or says that there is nothing to tell."""
    return bool(_SENTENCE.search(text)) or squeeze(text) in _NOTHING_TO_TELL


def is_plain(text: str) -> bool:
    """Whether a text can be the name of a level outside the vocabulary: 内部控制管理."""
    tidied = tidy(text)
    is_name = bool(_PLAIN.fullmatch(tidied)) and not _DONE.fullmatch(tidied)
    return is_name and not holds_level(text)


def holds_level(text: str) -> bool:
    """Whether a complete level name stands in a text: two cells that ran together."""
    return bool(_COMPLETE_LEVEL.search(tidy(text)))


def is_listing(text: str) -> bool:
    """Whether a cell lists several names of levels: 预算编审管理 资产管理."""
    names = text.split()
    return len(names) > 1 and all(
        len(name) >= _SHORTEST_LISTED
        and _PLAIN.match(name)
        and (name in LEVEL2 or name not in LEVEL1)
        and not is_sentence(name)
        for name in names
    )


def is_level_like(text: str) -> bool:
    """Whether a cell looks like a misprinted level name: 效盖指标."""
    return bool(_LEVEL_LIKE.fullmatch(tidy(text))) and not holds_level(text)


def can_be_level1(name: str | None, text: str) -> bool:
    return name in LEVEL1 or (name is None and is_level_like(text))


def can_be_level2(name: str | None, text: str) -> bool:
    return name in LEVEL2 or (name is None and (is_plain(text) or is_listing(text)))


def can_be_name(name: str | None, text: str) -> bool:
    """A name is no number, no wording of a result, no sentence and no complete level name."""
    tidied = tidy_quantity(text)
    return (
        not is_blank(text)
        and len(text) <= _LONGEST_NAME
        and tidied[:1] not in _OPERATORS
        and not _QUANTITY.fullmatch(tidied)
        and not holds_level(text)
        and not is_level_like(text)
        and not _DONE.fullmatch(tidied)
        and not is_sentence(text)
    )


def can_be_quantity(name: str | None, text: str) -> bool:
    """A target or an actual is nearly anything, but no complete level name."""
    return not (name or "").endswith("指标") and tidy(text) not in _NATURES


def is_fragment(text: str) -> bool:
    """Whether a short cell is what a page break cut off another one: ``益指标``, ``%)``."""
    tidied = tidy(text)
    if len(tidied) > _LONGEST_FRAGMENT:
        return False
    is_cut = tidied.count("(") != tidied.count(")")
    return is_cut or (len(tidied) > 1 and any(tidied in level for level in LEVELS))


def can_be_note(name: str | None, text: str) -> bool:
    tidied = tidy_quantity(text)
    last = text.split()[-1:]
    if last != [text] and LEVELS.intersection(last):
        return False
    return (
        is_blank(text)
        or is_sentence(text)
        or not (
            name
            or holds_level(text)
            or tidied[:1] in _OPERATORS
            or is_level_like(text)
            or is_fragment(text)
            or is_points(text)
            or _QUANTITY.fullmatch(tidied)
        )
    )


def can_be_group_note(text: str) -> bool:
    return (
        len(text) >= _SHORTEST_GROUP_NOTE and bool(_SENTENCE.search(text)) and not is_points(text)
    )


def is_nature(text: str) -> bool:
    """Whether a cell says how a target is meant: an operator, 定性, 定量."""
    tidied = tidy_quantity(text)
    return tidied in _NATURES or (bool(tidied) and all(c in _OPERATORS for c in tidied))


def can_be_measure(text: str) -> bool:
    return (
        len(text) <= _LONGEST_MEASURE
        and not any(map(str.isdigit, text))
        and tidy_quantity(text)[:1] not in _OPERATORS
    )


def is_unit_and_number(text: str) -> bool:
    """Whether a unit of measure ran into the number behind it: ``公里37250``."""
    tidied = tidy_quantity(text)
    return tidied[-1:].isdigit() and not tidied[:1].isdigit() and tidied[:1] not in _OPERATORS


def looks_like_unit(text: str) -> bool:
    """Whether a cell is too short to be what was reached and may be a unit of measure."""
    return len(text) <= _LONGEST_UNIT and can_be_measure(text)


def starts_with_operator(text: str) -> bool:
    return tidy_quantity(text)[:1] in _OPERATORS


def looks_like_points(text: str) -> bool:
    """Whether a cell may be points of which a digit was misread for a letter: ``1O``."""
    return len(text) <= _LONGEST_POINTS and bool(_LOOK_ALIKES.fullmatch(text))

"""Folding of printed text: what may differ on the page without meaning anything.

Nothing here repairs a value. Labels are folded hard, because they are only compared; values are
folded as little as the contract asks, because they are kept.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

DASHES = frozenset({"-", "—", "–", "－", "/", "／"})
"""Cells that are printed to say that nothing is meant to stand there."""

_SPACE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]+")
_NARROW = str.maketrans(
    "０１２３４５６７８９（）［］｛｝",
    "0123456789()[]{}",
)
_NUMERIC = str.maketrans("０１２３４５６７８９（）．，％－＋−", "0123456789().,%-+-")
_OPERATORS = (("≧", "≥"), ("≦", "≤"), ("═", "="), ("＝", "="), ("＞", ">"), ("＜", "<"))
_TAG = re.compile(r"</?(?:p|br|b|i|u|strong|em|span|sup|sub|font|div)\b[^<>]*>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"</p\s*>|<p\b[^<>]*>|<br\b[^<>]*>", re.IGNORECASE)

_CHINESE = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_CHINESE = re.compile(rf" (?<=[{_CHINESE}] )(?=[{_CHINESE}])")
_ZERO_WIDTH = re.compile(r"[\u200b\u200c\u200d\u2060\ufeff]+")

_UNITS = "元万亿个人次场册家件台套户项名只辆份组期天年月日时米里亩吨条篇本张批処处%％"
_FRACTION_STAMP = re.compile(rf"(?<!\S)(\d{{1,9}})/(\d{{3,9}})(?!\S)(?!\s*[{_UNITS}])")
_PAGE_STAMP = re.compile(r"(?<!\S)(?:-\s?\d{1,5}\s?-|[—–]\s?\d{1,5}\s?[—–])(?!\S)")

_STAMP_MARK = re.compile(r"\d\s?[/\-—–]")
_FRACTION_HINT = re.compile(r"/\d{3}(?<=\d/\d{3})")
_PAGE_HINT = re.compile(r"[-—–]\s?\d{1,5}\s?[-—–]")

_TRADITIONAL = str.maketrans(
    "財項績效評價單實際標準額執數預結轉產質時務滿總級權屬機構對變換資門設開關後當經濟會態響續優撥專戶規編審範圍個稱"
    "來況進體償劃間義業監測報領導區縣環圖",
    "财项绩效评价单实际标准额执数预结转产质时务满总级权属机构对变换资门设开关后当经济会态响续优拨专户规编审范围个称"
    "来况进体偿划间义业监测报领导区县环图",
)
_BRACKETED = re.compile(
    r"\(\d+(?:\.\d+)?分[^()]*\)|\((?!\d+\.\d|\D*\d{3})[^()]*\)|\[[^\[\]]*\]|【[^【】]*】"
)
_LABEL_NOISE = re.compile(r"[\s:;,.、。，；：\"'“”‘’*#《》<>·_|\u200b\ufeff]+")
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|\d{1,2}[.、)](?!\d))")
_LABEL_PREFIX = re.compile(r"^(?:其中|资金来源|资金结构)+")
_BARE = re.compile(r"[\u4e00-\u9fff0-9]+")
"""Characters that folding leaves alone but for their traditional forms."""
_LONGEST_LABEL = 48


def is_blank(text: str) -> bool:
    """Whether a stripped cell is empty or holds only a dash."""
    return not text or text in DASHES


def squeeze(text: str) -> str:
    """Text without any white space or zero-width characters."""
    return _SPACE.sub("", text)


def plain(text: str) -> str:
    """Text without inline tags and with entities decoded."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    return text


def tidy(text: str) -> str:
    """A name, level, target or actual: no spaces, half-width digits and brackets.

    >>> tidy("完成 ２ 次（业务）培训")
    '完成2次(业务)培训'
    """
    return _tidied(text) if len(text) <= _LONGEST_LABEL else squeeze(plain(text)).translate(_NARROW)


@lru_cache(maxsize=16384)
def _tidied(text: str) -> str:
    return squeeze(plain(text)).translate(_NARROW)


def tidy_quantity(text: str) -> str:
    """A target or an actual: tidied, its comparison operator in one spelling.

    >>> tidy_quantity("＞= 95.00（%）")
    '≥95.00(%)'
    """
    return _quantity(text) if len(text) <= _LONGEST_LABEL else _in_one_spelling(tidy(text))


@lru_cache(maxsize=16384)
def _quantity(text: str) -> str:
    return _in_one_spelling(tidy(text))


def _in_one_spelling(text: str) -> str:
    for variant, operator in _OPERATORS:
        if variant in text:
            text = text.replace(variant, operator)
    return text.replace(">=", "≥").replace("<=", "≤")


def numeric(text: str) -> str:
    """A number cell with its digits, brackets, point, comma and signs half-width."""
    return plain(text).translate(_NUMERIC)


def without_stamps(text: str) -> tuple[str, bool]:
    """Prose without page stamps, and whether one was there.

    A stamp stands between spaces or alone: n/m with m ≥ 100, n ≤ m and no unit after it, or a
    page number between dashes.

    >>> without_stamps("学习+生 344/1000 活+提升")
    ('学习+生 活+提升', True)
    >>> without_stamps("完成 120/300 人")
    ('完成 120/300 人', False)
    """
    found = False

    def fraction(match: re.Match[str]) -> str:
        nonlocal found
        if int(match[2]) < 100 or int(match[1]) > int(match[2]):
            return match[0]
        found = True
        return ""

    if _FRACTION_HINT.search(text):
        text = _FRACTION_STAMP.sub(fraction, text)
    if _PAGE_HINT.search(text):
        text, count = _PAGE_STAMP.subn("", text)
        found = found or count > 0
    return (_SPACE.sub(" ", text) if found else text), found


def may_hold_stamps(text: str) -> bool:
    """Whether a text has anything that could be a page stamp: a quick look over a whole form."""
    return bool(_FRACTION_HINT.search(text) or _PAGE_HINT.search(text))


def is_stamp(text: str) -> bool:
    """Whether a cell or line holds a page stamp and nothing else."""
    if len(text) > 24 or not _STAMP_MARK.search(text):
        return False
    rest, found = without_stamps(text)
    return found and not rest.strip()


def prose(text: str) -> tuple[str, bool]:
    """Running text as paragraphs joined by a newline, and whether a stamp was removed.

    Spaces between two Chinese characters go, other white space is folded to one space.
    """
    text, stamped = without_stamps(text)
    parts = _PARAGRAPH.split(text) if "<" in text else [text]
    paragraphs: list[str] = []
    for part in parts:
        folded = " ".join(_ZERO_WIDTH.sub(" ", plain(part)).split())
        if folded:
            paragraphs.append(_BETWEEN_CHINESE.sub("", folded))
    return "\n".join(paragraphs), stamped


_CLOSERS = "\"'”’」』)）]】》〉 \t\r\n"


def ends_sentence(text: str) -> bool:
    """Whether prose ends in 。！？ once tags, closing quotes and brackets are set aside."""
    return plain(text).rstrip(_CLOSERS)[-1:] in {"。", "！", "？"}


def label_key(text: str) -> str:
    """What is left of a printed label once width, spaces, numbering and brackets are set aside.

    >>> label_key("其中: 当年财政拨款"), label_key("执行数（B）"), label_key("年度 总体 目标")
    ('当年财政拨款', '执行数', '年度总体目标')
    """
    return _label_key(text) if 0 < len(text) <= _LONGEST_LABEL else ""


@lru_cache(maxsize=8192)
def _label_key(text: str) -> str:
    if _BARE.fullmatch(text):
        bare = text.translate(_TRADITIONAL)
        return _LABEL_PREFIX.sub("", bare) or bare
    folded = unicodedata.normalize("NFKC", plain(text)).translate(_TRADITIONAL)
    folded = _NUMBERING.sub("", _BRACKETED.sub("", squeeze(folded)).lstrip(":："))
    bare = _LABEL_NOISE.sub("", folded)
    return _LABEL_PREFIX.sub("", bare) or bare


def compare_key(kind: str, value: str | int | None) -> str | None:
    """What two values of one kind must share to count as equal; prose ignores spaces and width."""
    if value is None:
        return None
    if kind == "prose":
        return squeeze(unicodedata.normalize("NFKC", str(value)))
    return str(value)


def printable(text: str) -> str:
    """Text fit for a terminal or a message: control characters escaped, at most 60 characters."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[:60])
    return shown + "…" if len(text) > 60 else shown

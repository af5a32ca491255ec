"""Evidence → stratum, and the rule by which a person looks.

Probabilities come later, from a calibrated artefact; until then the stratum alone decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from extractor.checks.judge import Judgement
from extractor.families.base import Family
from extractor.types import Entry


class Stratum(NamedTuple):
    """What puts a field here, and whether a person looks at it."""

    zh: str
    en: str
    review: bool


STRATA: Mapping[str, Stratum] = {
    "closed": Stratum("数：由成立的等式证实", "a number that an equality closes", False),
    "grounded": Stratum(
        "在自己的行名和列名之下", "under its own row label and column header", False
    ),
    "moved": Stratum(
        "位置由该行的形状判定，而非表头", "placed by the shape of its row, not by its header", False
    ),
    "empty": Stratum("表上为空或没有此栏", "blank, or the page has no such field", False),
    "unproven": Stratum("数：没有等式能核对", "a number that no equality could judge", True),
    "missing": Stratum("应有而没有的值", "a value that should be there and is not", True),
    "contradicted": Stratum("与某个等式矛盾", "an equality that it takes part in fails", True),
    "unread": Stratum("有内容但未能读出", "something stands there that could not be read", True),
}
"""Every stratum from the safest to the worst."""

REASONS: Mapping[str, Mapping[str, str]] = {
    "joined_across_page": {"zh": "由换页前后的部分接合", "en": "joined across a page break"},
    "overlap_dropped": {"zh": "接合时去掉重复的字", "en": "a doubled part was dropped in joining"},
    "filled_down": {"zh": "沿用上方合并的单元格", "en": "filled down from a merged cell"},
    "stamp_removed": {"zh": "去掉了页码戳", "en": "a page stamp was removed"},
    "shifted": {"zh": "该行错位，按形状归位", "en": "its row is shifted; placed by its shape"},
    "by_order": {"zh": "与表头不对齐，按次序对应", "en": "off its header; taken in order"},
    "row_length": {"zh": "该行的格数与表不同", "en": "its row is longer or shorter than the table"},
    "row_ends": {"zh": "该行在此栏之前已结束", "en": "its row ends before this column"},
    "label_lost": {"zh": "行名缺失", "en": "the label of its row is lost"},
    "not_grounded": {"zh": "与原文不符，未采用", "en": "not what the page says; set aside"},
}

_MOVED = frozenset({"shifted", "by_order", "label_lost"})


def score(
    family: Family,
    entries: Mapping[str, Entry],
    judgement: Judgement,
) -> None:
    """Puts every entry into its stratum and notes the checks that hold and fail for it."""
    kind_is_number = family.is_number
    for path, entry in entries.items():
        holds, fails = judgement.holds.get(path), judgement.fails.get(path)
        if holds:
            entry.holds = tuple(holds)
        if fails:
            entry.fails = tuple(fails)
        stratum = _stratum(family, path, entry, judgement, kind_is_number(path))
        entry.stratum = stratum
        entry.needs_review = STRATA[stratum].review


def _stratum(family: Family, path: str, entry: Entry, judgement: Judgement, is_number: bool) -> str:
    if entry.standing == "unread":
        return "unread"
    if path in judgement.wronged:
        return "contradicted"
    moved = any(reason in _MOVED for reason in entry.reasons)
    if entry.value is None:
        lost = path in judgement.untold or ("row_ends" in entry.reasons and is_number)
        return "missing" if lost or family.leaf(path).required else "empty"
    if is_number and path not in judgement.proved:
        return "unproven"
    if moved:
        return "unproven" if "row_length" in entry.reasons else "moved"
    return "closed" if is_number else "grounded"

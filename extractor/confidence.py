"""Evidence → stratum, and the rule by which a person looks.

A probability and a bound come from a calibrated artefact (:mod:`extractor.calibration`); without
one the stratum alone decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from extractor.evidence import Evidence
from extractor.types import Entry, Finding, FormState, Span


class Stratum(NamedTuple):
    """What puts a field here, and whether a person looks at it."""

    zh: str
    en: str
    review: bool


STRATA: Mapping[str, Stratum] = {
    "reviewed": Stratum("已由人核定", "a person has settled it", False),
    "agreed": Stratum(
        "两次读取一致，在自己的行名和列名之下；若为数，另有成立的等式证实",
        "two readers read the same under its own labels, and where it is a number, an equality "
        "closes it",
        False,
    ),
    "closed": Stratum("数：由成立的等式证实", "a number that an equality closes", False),
    "grounded": Stratum(
        "在自己的行名和列名之下", "under its own row label and column header", False
    ),
    "moved": Stratum(
        "位置由该行的形状判定，而非表头", "placed by the shape of its row, not by its header", False
    ),
    "empty": Stratum("表上为空或没有此栏", "blank, or the page has no such field", False),
    "unproven": Stratum(
        "没有依据：无等式可核对的数，格数不对的行中的文字，或不认识的一级指标",
        "nothing supports it: a number that no equality could judge, text in a row that lost or "
        "gained a cell, an unknown level 1",
        True,
    ),
    "missing": Stratum("应有而没有的值", "a value that should be there and is not", True),
    "disputed": Stratum(
        "两次读取不一致，或只有一方读到此行",
        "two readers read it differently, or one of them lacks its row",
        True,
    ),
    "contradicted": Stratum("与某个等式矛盾", "an equality that it takes part in fails", True),
    "unread": Stratum("有内容但未能读出", "something stands there that could not be read", True),
}
"""Every stratum from the safest to the worst."""

SUPPORTED: tuple[tuple[str, ...], ...] = (("agreed",), ("closed", "grounded"), ("moved",))
"""The strata in which something supports a value, the safest first; each rung has those above."""
BLANK = "empty"
"""The stratum of fields of which the page is said to print nothing."""

REASONS: Mapping[str, Mapping[str, str]] = {
    "joined_across_page": {"zh": "由换页前后的部分接合", "en": "joined across a page break"},
    "overlap_dropped": {"zh": "接合时去掉重复的字", "en": "a doubled part was dropped in joining"},
    "filled_down": {"zh": "沿用上方合并的单元格", "en": "filled down from a merged cell"},
    "stamp_removed": {"zh": "去掉了页码戳", "en": "a page stamp was removed"},
    "shifted": {"zh": "该行错位，按形状归位", "en": "its row is shifted; placed by its shape"},
    "by_order": {"zh": "与表头不对齐，按次序对应", "en": "off its header; taken in order"},
    "row_length": {"zh": "该行的格数与表不同", "en": "its row is longer or shorter than the table"},
    "row_ends": {"zh": "该行在此栏之前已结束", "en": "its row ends before this column"},
    "level_mismatch": {
        "zh": "一级指标与二级指标不符",
        "en": "the level 1 does not go with this level 2",
    },
    "unknown_level": {"zh": "不是已知的一级指标", "en": "not a known level-1 name"},
    "levels_centred": {
        "zh": "级别名居中于合并单元格，归属不明",
        "en": "level names stand mid-cell; which rows they cover is unclear",
    },
    "label_lost": {"zh": "行名缺失", "en": "the label of its row is lost"},
    "unfinished": {
        "zh": "句子在换页处中断，后文可能缺失",
        "en": "breaks off in mid-sentence at a page break; its rest may be lost",
    },
    "not_grounded": {"zh": "与原文不符，未采用", "en": "not what the page says; set aside"},
    "passed_over": {
        "zh": "表上有内容，模型未读出",
        "en": "the page prints something there that the model passed over",
    },
    "apart": {
        "zh": "前面没有自己的名称，仅凭次序对应",
        "en": "stands apart from its label; only the order of the page says what it is",
    },
    "beside_ungrounded": {
        "zh": "同一行有一格与原文不符，其余各格是否属于此行不明",
        "en": "another cell of its row is not on the page, so whether it is of this row is unclear",
    },
    "misplaced": {
        "zh": "不在自己的行名和列名之下，未采用",
        "en": "stands under another label than its own; set aside",
    },
}


def ranked(entries: Mapping[str, Entry], evidence: Mapping[str, Evidence]) -> dict[str, Entry]:
    """The entries with their stratum, and whether a person looks at them by rule."""
    found: dict[str, Entry] = {}
    for path, entry in entries.items():
        name = stratum_of(evidence[path])
        # Put together from its parts, which is twice as fast as replacing two of fifteen.
        found[path] = Entry(*entry[:8], name, STRATA[name].review, *entry[10:])
    return found


def stratum_of(evidence: Evidence) -> str:
    """The stratum that a field's evidence puts it in."""
    if evidence.standing in ("unread", "reviewed"):
        return evidence.standing
    if evidence.broken:
        return "contradicted"
    if evidence.disputed:
        return "disputed"
    if not evidence.filled:
        return "missing" if evidence.wanted or _may_be_lost(evidence) else "empty"
    is_number = evidence.is_number
    if is_number and not evidence.is_closed:
        return "unproven"
    if evidence.reasons:
        moved = evidence.is_moved
        if (moved or not is_number) and evidence.is_unsure:
            return "unproven"
        if moved:
            return "moved"
    if evidence.agreed:
        return "agreed"
    return "closed" if is_number else "grounded"


def _may_be_lost(evidence: Evidence) -> bool:
    """Whether a field without a value stands where a damaged row may have had one."""
    reasons, is_number = evidence.reasons, evidence.is_number
    damaged = "row_length" in reasons
    if "row_ends" in reasons:
        return is_number or damaged
    return "levels_centred" in reasons or (damaged and is_number and not evidence.parts)


def state_of(
    text: str, entries: Mapping[str, Entry], findings: Iterable[Finding], unread: Iterable[Span]
) -> FormState:
    """Open while anything wants a person: a field, a failing identity, a number nobody read.

    ``unread`` are spans of ``text``.
    """
    if any(entry.needs_review for entry in entries.values()):
        return "open"
    if any(finding.is_error and not finding.confirmed for finding in findings):
        return "open"
    digits = any(any(c.isdigit() for c in text[start:end]) for start, end in unread)
    return "open" if digits else "clear"

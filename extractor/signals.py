"""Evidence → signals of doubt, as the calibrated probability weighs them.

Every signal is 0 or 1 and speaks against a value. No weight is ever negative, so a field with more
doubts is never more probable than the same field with fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from extractor.confidence import REASONS, stratum_of
from extractor.evidence import REPAIRED, Evidence
from extractor.families.base import FIELDS, field_of

Source = Literal["arithmetic", "policies", "grounding", "readers", "damage", "format", "standing"]
SOURCES: tuple[Source, ...] = (
    "arithmetic", "policies", "grounding", "readers", "damage", "format", "standing",
)  # fmt: skip
"""Where signals come from; an ablation leaves out one source at a time."""

Class = Literal["money", "points", "categories", "names", "quantities", "prose", "blanks"]
CLASSES: tuple[Class, ...] = (*FIELDS, "blanks")
"""The classes that promises are made for: those of fields with a value, and fields of which the
page is said to print nothing."""


class Signal(NamedTuple):
    """Where a signal comes from, and what it says of a field."""

    source: Source
    zh: str
    en: str


SIGNALS: Mapping[str, Signal] = {
    "unclosed": Signal(
        "arithmetic", "数：没有成立的等式可核对", "a number that no equality closes"
    ),
    "within_rounding": Signal(
        "arithmetic", "数：只在舍入范围内得到证实", "a number that is closed within a rounding only"
    ),
    "closed_once": Signal(
        "arithmetic", "数：只有一个等式证实", "a number that one equality alone closes"
    ),
    "broken": Signal("arithmetic", "所在的等式不成立", "an equality that it takes part in fails"),
    "suspected": Signal(
        "arithmetic", "最可能是它使等式不成立", "changing it would explain the failure best"
    ),
    "breached": Signal("policies", "与某项规定不符", "a policy that it takes part in is not met"),
    "moved": Signal("grounding", "不在自己的行名和列名之下", "not under labels of its own"),
    "unsure": Signal("grounding", "是否属于此栏不明", "whether its cell is of this field is open"),
    "filled_down": Signal("grounding", "沿用上方的单元格", "filled down from a cell above"),
    "unconfirmed": Signal("readers", "没有第二次读取证实", "no second reader read the same"),
    "differed": Signal("readers", "两次读取曾不一致", "two readers read it differently"),
    "disputed": Signal("readers", "两次读取不一致，未定", "two readers differ and nothing decides"),
    "joined": Signal("damage", "由几部分接合", "joined from several parts"),
    "repaired": Signal(
        "damage", "接合处去掉了重复的字或页码戳", "a doubled part or a stamp was dropped in joining"
    ),
    "beside": Signal("damage", "同一行另有存疑的格", "another cell of its row is in doubt"),
    "torn": Signal("damage", "表中有无人认领的格", "its form has cells that nobody could claim"),
    "badly_torn": Signal("damage", "表中有许多无人认领的格", "its form has many such cells"),
    "unusual": Signal("format", "写法异于同类", "not printed as such fields usually are"),
    "unread": Signal("standing", "有内容但未能读出", "something stands there that was not read"),
    "missing": Signal("standing", "应有而没有的值", "a value that should be there and is not"),
}
"""Every signal; weights in an artefact go by these names."""

_BADLY = 3


_TOLD = ("differed", "beside", "unusual")
"""Signals that a reviewer is told beside the reasons of the reading: neither the stratum nor a
finding says them of this very field."""


def why(evidence: Evidence) -> list[Mapping[str, str]]:
    """Why a person should look at a field beyond its stratum, in Chinese and English."""
    said = [REASONS[reason] for reason in evidence.reasons if reason in REASONS]
    on = dict(zip(SIGNALS, signals_of(evidence), strict=True))
    told = [name for name in _TOLD if on[name] and not (name == "differed" and evidence.disputed)]
    return said + [{"zh": SIGNALS[name].zh, "en": SIGNALS[name].en} for name in told]


def class_of(evidence: Evidence) -> Class:
    """The class of promise that a field falls under."""
    return field_of(evidence.kind) if evidence.filled else "blanks"


def signals_of(evidence: Evidence) -> tuple[int, ...]:
    """The signals of a field, 0 or 1, in the order of :data:`SIGNALS`."""
    of_number = evidence.is_number and evidence.filled
    proofs = evidence.exact + evidence.rounded
    reasons = evidence.reasons
    stratum = stratum_of(evidence)
    return (
        int(of_number and not proofs),
        int(of_number and proofs > 0 and not evidence.exact),
        int(of_number and proofs == 1),
        int(evidence.broken > 0),
        int(evidence.suspected),
        int(evidence.breached > 0),
        int(evidence.is_moved),
        int(evidence.is_unsure),
        int("filled_down" in reasons),
        int(evidence.agreed is not True),
        int(evidence.agreed is False),
        int(evidence.disputed),
        int(evidence.parts > 1),
        int(not REPAIRED.isdisjoint(reasons)),
        int(evidence.beside),
        int(evidence.torn > 0),
        int(evidence.torn >= _BADLY),
        int(evidence.unusual),
        int(stratum == "unread"),
        int(stratum == "missing"),
    )

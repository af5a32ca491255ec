"""Titles that look like ours and are not: refused with the reason, never read as a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A refused title: the folded endings it is known by, and why it is refused."""

    code: str
    endings: tuple[str, ...]
    reason: Mapping[str, str]


NEAR_MISSES = (
    NearMiss(
        "transfer_form",
        ("绩效目标自评表", "转移支付绩效自评表", "转移支付项目绩效自评表"),
        {
            "zh": "转移支付绩效目标自评表：没有分值和得分，本版本不读",
            "en": "a transfer-payment form: it has no weights and scores, and is not read yet",
        },
    ),
    NearMiss(
        "target_form",
        (
            "绩效目标表", "绩效目标申报表", "绩效目标批复表", "绩效目标审批表", "绩效目标审核表",
            "绩效目标及指标表",
        ),
        {
            "zh": "绩效目标表：只有目标，没有实际完成值和得分",
            "en": "a target form: it states aims and holds no actual values or scores",
        },
    ),
    NearMiss(
        "monitoring_form",
        ("绩效运行监控表", "绩效目标运行监控表", "绩效目标执行监控表", "绩效运行监控情况表"),
        {
            "zh": "绩效运行监控表：年中的监控，不是自评",
            "en": "a monitoring form: it looks at the middle of a year and is no self-evaluation",
        },
    ),
)  # fmt: skip
EMPTY = (
    "empty_form",
    {
        "zh": "只有标题，下面没有可读的内容",
        "en": "a title with nothing under it that belongs to a form",
    },
)
"""Code and reason for a title with nothing under it."""

"""The indicator table, which all families share: its row, its columns, its total."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from extractor.families.base import Leaf, keyed
from extractor.text import label_key


class Indicator(BaseModel):
    """One indicator with its target, what was reached, and the points for it.

    ``row`` is a stable id minted at the first reading; corrections hang on it, not on the index.
    """

    model_config = ConfigDict(extra="forbid")

    row: str
    level1: Annotated[str | None, Leaf("level", "一级指标", "level 1", required=True)]
    level2: Annotated[str | None, Leaf("level", "二级指标", "level 2")]
    name: Annotated[str | None, Leaf("name", "三级指标", "indicator", required=True)]
    target: Annotated[
        str | None, Leaf("target", "年度指标值", "target", "≥95(%) or a wording", required=True)
    ]
    actual: Annotated[
        str | None, Leaf("actual", "实际完成值", "actual", "88.00(%) or a wording", required=True)
    ]
    weight: Annotated[str | None, Leaf("weight", "分值", "weight", "points to be had")]
    score: Annotated[str | None, Leaf("score", "得分", "score", "points reached")]
    deviation: Annotated[str | None, Leaf("prose", "偏差原因分析及改进措施", "reason and remedy")]


INDICATOR_COLUMNS = keyed(
    {
        "level1": ("一级指标", "一级"),
        "level2": ("二级指标", "二级"),
        "name": ("三级指标", "三级", "指标名称", "具体指标"),
        "target": ("年度指标值", "年初目标值", "指标值", "目标值", "年度目标值", "预期指标值"),
        "nature": ("指标性质",),
        "measure": ("度量单位", "计量单位"),
        "actual": ("实际完成值", "全年完成值", "全年实际值", "完成值", "实际值", "实际完成情况值"),
        "weight": ("分值", "分数", "权重"),
        "score": ("得分", "自评得分"),
        "deviation": (
            "偏差原因分析及改进措施", "未完成原因分析", "偏差及原因分析", "偏差原因分析",
            "偏差原因及改进措施", "未完成原因分析及改进措施", "未完成原因及改进措施", "偏差原因",
            "偏差分析及改进措施",
        ),
    }
)  # fmt: skip
ALL_POINTS = Decimal(100)
"""What the weights of a form come to."""
TOTALS = frozenset(map(label_key, ("总分", "合计", "总计", "总得分", "自评总分", "合计得分")))

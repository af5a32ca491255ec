"""The column sets of the forms as they are printed in different places.

One declaration, used from both sides: the generator asks what a set prints, the printer where.
Headers are the words of the real forms; a set is found by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Columns = tuple[tuple[str, str], ...]
"""``(role, printed header)`` in page order; a role is a leaf's last name, or one of ``nature`` and
``measure`` (which with ``target`` print a target over three cells), ``reason`` (a note of no
leaf) and ``group_weight``."""


@dataclass(frozen=True, slots=True)
class ColumnSet:
    """What one place prints, under which words.

    ``sources`` are the rows below the total of the money table (all rows, in the department
    family) as ``(row, printed label)``; ``title`` holds ``{year}`` where no year line follows.
    ``weight_header`` says that the budget weight stands in the header of the score,
    ``weights_in_levels`` that weights are printed in the level-1 cells only. ``head_across`` counts
    the columns over which a label of the head is merged.
    """

    name: str
    family: str
    title: str
    year_line: str | None
    units: tuple[str, ...]
    head: Mapping[str, str]
    money_label: str
    money: Columns
    sources: Columns
    goals: tuple[str, str]
    indicators: Columns
    total_label: str = "总分"
    grade_label: str | None = "评分等级"
    goals_label: str = "年度总体目标"
    indicators_label: str | None = None
    breakdown: str | None = None
    has_total_weight: bool = True
    weight_header: bool = False
    weights_in_levels: bool = False
    money_total: str = "年度资金总额"
    has_cost_level: bool = False
    head_across: int = 1

    def prints(self, role: str) -> bool:
        """Whether the money table has a column of this role."""
        return any(name == role for name, _ in self.money)


_HEAD = {
    "project_name": "项目名称",
    "supervising_department": "主管部门",
    "implementing_unit": "实施单位",
}
_MONEY: Columns = (
    ("initial_budget", "年初预算数"),
    ("annual_budget", "全年预算数"),
    ("executed", "全年执行数"),
    ("weight", "分值"),
    ("execution_rate", "执行率"),
    ("score", "得分"),
)
_SOURCES: Columns = (
    ("current_year_appropriation", "其中：当年财政拨款"),
    ("carried_over", "上年结转资金"),
    ("other", "其他资金"),
)
_LEVELS: Columns = (("level1", "一级指标"), ("level2", "二级指标"), ("name", "三级指标"))
_INDICATORS: Columns = (
    *_LEVELS,
    ("target", "年度指标值"),
    ("actual", "实际完成值"),
    ("weight", "分值"),
    ("score", "得分"),
    ("deviation", "偏差原因分析及改进措施"),
)
_GOALS = ("预期目标", "实际完成情况")

COLUMN_SETS: Mapping[str, ColumnSet] = {
    one.name: one
    for one in (
        ColumnSet(
            "shanghai", "project", "财政项目支出绩效自评表", "（{year}年度）", ("万元",), _HEAD,
            "项目资金（{unit}）",
            (
                *_MONEY[:3], ("weight", "分数"), ("execution_rate", "执行率(%)"), ("score", "得分"),
            ),
            _SOURCES, _GOALS, _INDICATORS, money_total="年度资金总额：", head_across=2,
        ),
        ColumnSet(
            "national", "project", "项目支出绩效自评表", "（{year}年度）", ("万元",), _HEAD,
            "项目资金（{unit}）", _MONEY, _SOURCES, _GOALS, _INDICATORS,
            grade_label=None, indicators_label="绩效指标", has_cost_level=True,
        ),
        ColumnSet(
            "anhui", "project", "项目支出绩效自评表", "（{year}年度）", ("万元",), _HEAD,
            "项目资金（{unit}）", _MONEY,
            (("current_year_appropriation", "当年财政拨款"), *_SOURCES[1:]), _GOALS, _INDICATORS,
            has_cost_level=True,
        ),
        ColumnSet(
            "yunnan", "project", "项目支出绩效自评表", "（{year}年度）", ("元",), _HEAD,
            "项目资金（{unit}）", _MONEY, _SOURCES, _GOALS,
            (
                *_LEVELS, ("nature", "指标性质"), ("target", "指标值"), ("measure", "度量单位"),
                ("actual", "实际完成值"), ("weight", "分值"), ("score", "得分"),
                ("deviation", "偏差原因分析及改进措施"),
            ),
        ),
        ColumnSet(
            "sichuan", "project", "项目支出绩效自评表", "（{year}年度）", ("万元",), _HEAD,
            "项目资金（{unit}）",
            (
                ("initial_budget", "年初预算"), ("annual_budget", "调整后预算数"),
                ("executed", "预算执行数"), ("execution_rate", "预算执行率"),
                ("weight", "权重"), ("score", "得分"), ("reason", "原因"),
            ),
            (
                ("current_year_appropriation", "其中：财政资金"),
                ("special_account", "财政专户管理资金"), ("unit_funds", "单位资金"),
                ("other", "其他资金"),
            ),
            _GOALS,
            (
                *_LEVELS, ("nature", "指标性质"), ("target", "指标值"), ("measure", "度量单位"),
                ("actual", "完成值"), ("weight", "权重"), ("score", "得分"),
                ("deviation", "未完成原因分析"),
            ),
            total_label="合计", grade_label=None, money_total="总额",
        ),
        ColumnSet(
            "hubei", "project", "{year}年度项目支出绩效自评表", None, ("万元",),
            {**_HEAD, "implementing_unit": "项目实施单位"},
            "预算执行情况（{unit}）（{weight}分）",
            (
                ("annual_budget", "预算数（A）"), ("executed", "执行数（B）"),
                ("execution_rate", "执行率（B/A）"), ("score", "得分（{weight}分×执行率）"),
            ),
            (), _GOALS,
            (
                *_LEVELS, ("target", "年初目标值（A）"), ("actual", "实际完成值（B）"),
                ("score", "得分"),
            ),
            grade_label=None, has_total_weight=False, weight_header=True, weights_in_levels=True,
        ),
        ColumnSet(
            "beijing", "project", "项目支出绩效自评表", "（{year}年度）", ("万元",), _HEAD,
            "项目资金（{unit}）",
            (
                ("annual_budget", "全年预算数（A）"), ("executed", "全年执行数（B）"),
                ("weight", "分值"), ("execution_rate", "执行率"), ("score", "得分"),
            ),
            _SOURCES, _GOALS,
            (
                *_LEVELS, ("weight", "分值"), ("target", "年度指标值"), ("actual", "全年实际值"),
                ("score", "得分"), ("deviation", "未完成原因分析"),
            ),
            grade_label=None, head_across=2,
        ),
        ColumnSet(
            "before_2018", "project", "项目支出绩效自评表", "（{year}年度）", ("万元",), _HEAD,
            "项目资金（{unit}）",
            (
                ("initial_budget", "年初预算数"), ("executed", "全年执行数"), ("weight", "分值"),
                ("execution_rate", "执行率"), ("score", "得分"),
            ),
            _SOURCES, _GOALS, _INDICATORS, grade_label=None, head_across=2,
        ),
        ColumnSet(
            "shanghai_department", "department", "部门（单位）整体支出绩效自评表",
            "（{year}年度）", ("元", "万元"),
            {"department_name": "部门（单位）名称", "subordinate_units": "下属单位个数"},
            "整体支出规模（{unit}）",
            (
                ("annual_budget", "全年预算数"), ("executed", "全年执行数"),
                ("execution_rate", "执行率"),
            ),
            (
                ("fiscal_appropriation", "资金来源：（1）财政拨款"), ("other", "（2）其他资金"),
                ("basic", "资金结构：（1）基本支出"), ("project", "（2）项目支出"),
            ),
            ("年初设定目标", "全年完成情况"),
            (
                ("level1", "一级指标"), ("group_weight", "权重"), ("level2", "二级指标"),
                ("name", "三级指标"), ("target", "年度指标值"), ("actual", "全年完成值"),
                ("weight", "分值"), ("score", "得分"), ("deviation", "偏差及原因分析"),
            ),
            grade_label=None, breakdown="分解目标自评", money_total="",
        ),
    )
}  # fmt: skip
"""Every column set by name."""

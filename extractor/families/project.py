"""财政项目支出绩效自评表: one project, its funds, goals, indicators, a total and a grade.

Worked sum (图书综合经费, 2023): 1,765.05 = 1,765.05 + 0.00 + 0.00 (initial budget);
1,596.51 ÷ 1,744.68 = 91.51 %; 10.00 × 0.9151 = 9.15; 9.15 + 88.40 points of the indicators = 97.55,
graded 优.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from extractor.checks.bind import Declared, EachGroup, EachRow
from extractor.checks.kinds import (
    Band,
    Constant,
    FixedRows,
    Ratio,
    Repeats,
    RowSet,
    Same,
    Sum,
)
from extractor.checks.policies import (
    AmountUnit,
    CostAgainstFunds,
    FarOverTarget,
    Grade,
    Graded,
    MeetsTarget,
    NoteRequired,
    ToldAmounts,
    ToldSums,
    UnitsAgree,
    WeightScheme,
    Wording,
)
from extractor.families.base import Family, Layout, Leaf, Matrix, Part, keyed
from extractor.families.indicators import ALL_POINTS, INDICATOR_COLUMNS, TOTALS, Indicator
from extractor.text import label_key

AMOUNT_HELP = "printed amount in the form's amount unit, decimals as printed"
Amount = str | None


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FundsRow(_Strict):
    """One source of funds (or the total) by column."""

    initial_budget: Annotated[Amount, Leaf("amount", "年初预算数", "initial budget", AMOUNT_HELP)]
    annual_budget: Annotated[Amount, Leaf("amount", "全年预算数", "annual budget", AMOUNT_HELP)]
    executed: Annotated[Amount, Leaf("amount", "全年执行数", "executed", AMOUNT_HELP)]
    weight: Annotated[Amount, Leaf("weight", "分值", "weight", "points for budget execution")]
    execution_rate: Annotated[Amount, Leaf("rate", "执行率", "execution rate", "percent")]
    score: Annotated[Amount, Leaf("score", "得分", "score", "points reached")]


class Funds(_Strict):
    """Rows of the funds table."""

    total: Annotated[FundsRow, Part("年度资金总额", "all funds of the year")]
    current_year_appropriation: Annotated[FundsRow, Part("当年财政拨款", "appropriation")]
    carried_over: Annotated[FundsRow, Part("上年结转资金", "carried over")]
    other: Annotated[FundsRow, Part("其他资金", "other funds")]
    special_account: Annotated[FundsRow, Part("财政专户管理资金", "special account funds")]
    unit_funds: Annotated[FundsRow, Part("单位资金", "unit's own funds")]


class Group(_Strict):
    """A level-1 group for which the page prints a weight of its own."""

    level1: Annotated[str | None, Leaf("level", "一级指标", "level 1")]
    weight: Annotated[Amount, Leaf("weight", "权重", "group weight", "points of the group")]


class ProjectRecord(_Strict):
    """The record of one project form."""

    form_type: Literal["project_self_evaluation"] = "project_self_evaluation"
    year: Annotated[int | None, Leaf("year", "年度", "year", "budget year", required=True)]
    project_name: Annotated[str | None, Leaf("name", "项目名称", "project", required=True)]
    supervising_department: Annotated[str | None, Leaf("name", "主管部门", "department in charge")]
    implementing_unit: Annotated[str | None, Leaf("name", "实施单位", "implementing unit")]
    amount_unit: Annotated[str | None, Leaf("unit", "金额单位", "amount unit", "万元 or 元")]
    funds: Funds
    expected_goal: Annotated[str | None, Leaf("prose", "预期目标", "expected goal")]
    actual_completion: Annotated[str | None, Leaf("prose", "实际完成情况", "actual completion")]
    groups: list[Group]
    indicators: list[Indicator]
    total_weight: Annotated[Amount, Leaf("total_weight", "总分值", "total weight")]
    total_score: Annotated[Amount, Leaf("total_score", "总分", "total score", required=True)]
    grade: Annotated[str | None, Leaf("grade", "评分等级", "grade")]


ROWS = tuple(Funds.model_fields)
SOURCES = ROWS[1:]
AMOUNTS = ("initial_budget", "annual_budget", "executed")


def _funds_checks() -> list[Declared]:
    checks: list[Declared] = [
        Sum(
            f"funds.total.{column}",
            (f"funds.total.{column}",),
            tuple(f"funds.{row}.{column}" for row in SOURCES),
            rule="R6",
            rounded=True,
            unit_field="amount_unit",
            blank_is_nothing=True,
        )
        for column in AMOUNTS
    ]
    for row in ROWS:
        at = f"funds.{row}"
        rate, adjusted = (f"{at}.execution_rate", f"{at}.executed"), f"{at}.annual_budget"
        checks.append(Ratio(*rate, adjusted, rule="R1"))
        checks.append(Ratio(*rate, f"{at}.initial_budget", rule="R1", unless=adjusted))
    for row in SOURCES:
        same = tuple((f"funds.{row}.{c}", f"funds.total.{c}") for c in AMOUNTS[1:])
        rate = (f"funds.{row}.execution_rate", "funds.total.execution_rate")
        checks.append(Same(*rate, rule="R7", when=same))
    return checks


def _budget_score(budget: str, unless: str | None = None) -> Ratio:
    return Ratio(
        "funds.total.score",
        "funds.total.executed",
        f"funds.total.{budget}",
        rule="R3",
        unless=unless,
        times="funds.total.weight",
        capped=True,
    )


_ALWAYS = ("total", "current_year_appropriation")
ROW_SETS = (
    RowSet((*_ALWAYS, "carried_over", "other")),
    RowSet((*_ALWAYS, "special_account", "unit_funds", "other")),
    RowSet((*_ALWAYS, "other"), without="initial_budget"),
    RowSet(("total",), without="initial_budget"),
)
"""Most places; Sichuan; rural funds and other forms that know one budget; Hubei."""


def _prose_checks() -> Iterator[Declared]:
    initial, budget, executed = ((f"funds.total.{column}",) for column in AMOUNTS)
    for prose in ("expected_goal", "actual_completion"):
        yield ToldSums("R27", prose)
        yield ToldAmounts("R27", prose, initial=initial, budget=budget, executed=executed)


def _points(*pairs: tuple[str, int]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((level, Decimal(points)) for level, points in pairs)


SCHEMES = (
    _points(("产出指标", 50), ("效益指标", 30), ("满意度指标", 10)),
    _points(("成本指标", 20), ("产出指标", 40), ("效益指标", 20), ("满意度指标", 10)),
)

CHECKS: tuple[Declared, ...] = (
    *_funds_checks(),
    FixedRows("funds", (*AMOUNTS, "execution_rate"), ROW_SETS, rule="R6"),
    _budget_score("annual_budget"),
    _budget_score("initial_budget", unless="funds.total.annual_budget"),
    Band("funds.total.score", "funds.total.weight", rule="R4"),
    Constant("funds.total.weight", (Decimal(10), Decimal(20)), rule="R5"),
    Sum(
        "indicators[].weight",
        ("total_weight",),
        ("indicators[].weight", "funds.total.weight"),
        rule="R9",
        unprinted=ALL_POINTS,
    ),
    Sum(
        "indicators[].score",
        ("total_score",),
        ("indicators[].score", "funds.total.score"),
        rule="R10",
    ),
    EachGroup(Sum("groups[].weight", ("groups[].weight",), ("indicators[].weight",), rule="R11")),
    Sum(
        "groups[].weight",
        ("total_weight",),
        ("groups[].weight", "funds.total.weight"),
        rule="R11",
        unprinted=ALL_POINTS,
    ),
    Constant("total_weight", (ALL_POINTS,), rule="R9", severity="error"),
    EachRow(Band("indicators[].score", "indicators[].weight", rule="R12")),
    Repeats("indicators[]", rule="R28"),
    EachRow(MeetsTarget("R13")),
    EachRow(FarOverTarget("R16")),
    EachRow(Wording("R17")),
    EachRow(NoteRequired("R20")),
    EachRow(CostAgainstFunds("R24", executed=("funds.total.executed",))),
    EachRow(UnitsAgree("R25")),
    WeightScheme("R21", schemes=SCHEMES),
    Grade("R22", ends=True),
    Grade("R22", ends=False),
    Graded("R23"),
    AmountUnit("R26", amounts=tuple(f"funds.total.{column}" for column in AMOUNTS)),
    *_prose_checks(),
)

LAYOUT = Layout(
    head=keyed(
        {
            "project_name": ("项目名称", "项目（政策）名称", "专项名称"),
            "supervising_department": ("主管部门", "项目主管部门", "主管单位", "市级主管部门"),
            "implementing_unit": ("实施单位", "项目实施单位", "项目单位", "预算单位", "执行单位"),
        }
    ),
    matrix=Matrix(
        "funds",
        columns=keyed(
            {
                "initial_budget": ("年初预算数", "年初预算", "年初预算金额"),
                "annual_budget": ("全年预算数", "调整后预算数", "预算数", "全年预算", "调整预算数"),
                "executed": ("全年执行数", "预算执行数", "执行数", "全年执行"),
                "weight": ("分值", "分数", "权重"),
                "execution_rate": ("执行率", "预算执行率"),
                "score": ("得分",),
                "reason": ("原因", "偏差原因分析", "偏差原因分析及改进措施", "未完成原因分析"),
            }
        ),
        rows=keyed(
            {
                "total": ("年度资金总额", "总额", "资金总额", "年度财政资金总额", "项目资金总额"),
                "current_year_appropriation": (
                    "当年财政拨款", "财政资金", "财政拨款", "本年财政拨款", "当年财政资金",
                ),
                "carried_over": ("上年结转资金", "上年结转", "结转资金"),
                "other": ("其他资金", "其它资金"),
                "special_account": ("财政专户管理资金", "专户管理资金"),
                "unit_funds": ("单位资金",),
            }
        ),
        main_row="total",
    ),
    goals=keyed(
        {
            "expected_goal": ("预期目标", "年初设定目标", "年度预期目标", "预期目标情况"),
            "actual_completion": (
                "实际完成情况", "全年完成情况", "目标实际完成情况", "年度目标完成情况",
                "全年实际完成情况",
            ),
        }
    ),
    columns=INDICATOR_COLUMNS,
    totals=TOTALS,
    grades=frozenset(map(label_key, ("评分等级", "自评等级", "评价等级", "绩效等级", "等级"))),
    headings=frozenset(
        map(
            label_key,
            (
                "项目资金", "预算执行情况", "资金情况", "年度总体目标", "总体目标", "绩效指标",
                "年度绩效指标", "绩效目标", "项目预算执行情况", "项目基本情况", "年度目标",
                "年度总体目标完成情况", "项目支出绩效指标",
            ),
        )
    ),
)  # fmt: skip

FAMILY = Family(
    name="project",
    title={"zh": "财政项目支出绩效自评表", "en": "project self-evaluation"},
    endings=("项目支出绩效自评表",),
    schema=ProjectRecord,
    layout=LAYOUT,
    checks=CHECKS,
    unprotected={
        "funds.*.weight": {
            "zh": "分项资金行不另计分，通常为“-”",
            "en": "the rows below the total carry no points of their own, usually “-”",
        },
        "funds.*.score": {
            "zh": "分项资金行不另计分，通常为“-”",
            "en": "the rows below the total carry no points of their own, usually “-”",
        },
    },
)

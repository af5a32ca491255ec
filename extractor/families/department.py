"""部门（单位）整体支出绩效自评表: one body, its expenditure both ways, its indicators by group.

Worked sum (浦锦, 2023): 10,937,482.14 + 0.00 by source = 5,850,613.72 + 5,086,868.42 by structure;
8,995,241.89 ÷ 10,937,482.14 = 82.24 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from extractor.checks.bind import Declared, EachGroup, EachRow
from extractor.checks.kinds import Band, Constant, FixedRows, Ratio, Repeats, RowSet, Sum
from extractor.checks.policies import (
    AmountUnit,
    CostAgainstFunds,
    FarOverTarget,
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


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ExpenditureRow(_Strict):
    """One source or one use of the body's money."""

    annual_budget: Annotated[str | None, Leaf("amount", "全年预算数", "annual budget")]
    executed: Annotated[str | None, Leaf("amount", "全年执行数", "executed")]
    execution_rate: Annotated[str | None, Leaf("rate", "执行率", "execution rate", "percent")]


class Expenditure(_Strict):
    """The whole expenditure, counted by source and by structure."""

    fiscal_appropriation: Annotated[ExpenditureRow, Part("财政拨款", "fiscal appropriation")]
    other: Annotated[ExpenditureRow, Part("其他资金", "other funds")]
    basic: Annotated[ExpenditureRow, Part("基本支出", "basic expenditure")]
    project: Annotated[ExpenditureRow, Part("项目支出", "project expenditure")]


class DepartmentGroup(_Strict):
    """A level-1 group: its weight, the level-2 names of a merged cell, a note beside it."""

    level1: Annotated[str | None, Leaf("level", "一级指标", "level 1")]
    weight: Annotated[str | None, Leaf("weight", "权重", "group weight", "points of the group")]
    level2_listed: Annotated[str | None, Leaf("level", "二级指标（合并）", "level 2, listed")]
    note: Annotated[str | None, Leaf("prose", "说明", "note")]


class DepartmentRecord(_Strict):
    """The record of one department form."""

    form_type: Literal["department_self_evaluation"] = "department_self_evaluation"
    year: Annotated[int | None, Leaf("year", "年度", "year", "budget year", required=True)]
    department_name: Annotated[
        str | None, Leaf("name", "部门（单位）名称", "department", required=True)
    ]
    subordinate_units: Annotated[int | None, Leaf("count", "下属单位个数", "subordinate units")]
    amount_unit: Annotated[str | None, Leaf("unit", "金额单位", "amount unit", "万元 or 元")]
    expenditure: Expenditure
    annual_goal: Annotated[str | None, Leaf("prose", "年初设定目标", "goal of the year")]
    annual_completion: Annotated[str | None, Leaf("prose", "全年完成情况", "completion")]
    groups: list[DepartmentGroup]
    indicators: list[Indicator]
    total_weight: Annotated[str | None, Leaf("total_weight", "总分值", "total weight")]
    total_score: Annotated[str | None, Leaf("total_score", "总分", "total score", required=True)]


def _expenditure_checks() -> list[Declared]:
    checks: list[Declared] = [
        Sum(
            f"expenditure.{column}",
            (f"expenditure.fiscal_appropriation.{column}", f"expenditure.other.{column}"),
            (f"expenditure.basic.{column}", f"expenditure.project.{column}"),
            rule="R8",
            rounded=True,
            unit_field="amount_unit",
        )
        for column in ("annual_budget", "executed")
    ]
    for row in Expenditure.model_fields:
        at = f"expenditure.{row}"
        rate = (f"{at}.execution_rate", f"{at}.executed", f"{at}.annual_budget")
        checks.append(Ratio(*rate, rule="R1"))
    return checks


_SOURCES = tuple(
    tuple(f"expenditure.{row}.{column}" for row in ("fiscal_appropriation", "other"))
    for column in ("annual_budget", "executed")
)


def _prose_checks() -> Iterator[Declared]:
    budget, executed = _SOURCES
    for prose in ("annual_goal", "annual_completion"):
        yield ToldSums("R27", prose)
        yield ToldAmounts("R27", prose, budget=budget, executed=executed)


SCHEME = (
    ("投入管理指标", Decimal(30)),
    ("产出指标", Decimal(25)),
    ("效益指标", Decimal(35)),
    ("满意度指标", Decimal(10)),
)

CHECKS: tuple[Declared, ...] = (
    *_expenditure_checks(),
    FixedRows(
        "expenditure",
        ("annual_budget", "executed", "execution_rate"),
        (RowSet(tuple(Expenditure.model_fields)),),
        rule="R8",
    ),
    Sum(
        "indicators[].weight",
        ("total_weight",),
        ("indicators[].weight",),
        rule="R9",
        unprinted=ALL_POINTS,
    ),
    Sum("indicators[].score", ("total_score",), ("indicators[].score",), rule="R10"),
    EachGroup(Sum("groups[].weight", ("groups[].weight",), ("indicators[].weight",), rule="R11")),
    Sum(
        "groups[].weight",
        ("total_weight",),
        ("groups[].weight",),
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
    EachRow(CostAgainstFunds("R24", executed=_SOURCES[1], whole=False)),
    EachRow(UnitsAgree("R25")),
    WeightScheme("R21", schemes=(SCHEME,)),
    AmountUnit(
        "R26",
        amounts=(
            "expenditure.fiscal_appropriation.annual_budget",
            "expenditure.fiscal_appropriation.executed",
        ),
    ),
    *_prose_checks(),
)

LAYOUT = Layout(
    head=keyed(
        {
            "department_name": ("部门（单位）名称", "部门名称", "单位名称", "预算部门名称"),
            "subordinate_units": ("下属单位个数", "下属单位数", "所属单位个数"),
        }
    ),
    matrix=Matrix(
        "expenditure",
        columns=keyed(
            {
                "annual_budget": ("全年预算数", "预算数", "调整后预算数"),
                "executed": ("全年执行数", "执行数", "预算执行数"),
                "execution_rate": ("执行率", "预算执行率"),
            }
        ),
        rows=keyed(
            {
                "fiscal_appropriation": ("财政拨款", "财政资金"),
                "other": ("其他资金", "其它资金"),
                "basic": ("基本支出",),
                "project": ("项目支出",),
            }
        ),
    ),
    goals=keyed(
        {
            "annual_goal": ("年初设定目标", "预期目标", "年度预期目标"),
            "annual_completion": ("全年完成情况", "实际完成情况", "全年实际完成情况"),
        }
    ),
    columns=INDICATOR_COLUMNS,
    totals=TOTALS,
    grades=frozenset(),
    headings=frozenset(
        map(
            label_key,
            (
                "整体支出规模", "年度总体目标", "总体目标", "分解目标自评", "绩效指标", "资金来源",
                "资金结构", "年度绩效指标", "部门整体支出规模",
            ),
        )
    ),
    group_notes=True,
)  # fmt: skip

FAMILY = Family(
    name="department",
    title={"zh": "部门（单位）整体支出绩效自评表", "en": "department self-evaluation"},
    endings=("部门整体支出绩效自评表", "单位整体支出绩效自评表", "整体支出绩效自评表"),
    schema=DepartmentRecord,
    layout=LAYOUT,
    checks=CHECKS,
)

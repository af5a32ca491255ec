"""The checks: each kind, each rule of the domain, judged on worked numbers.

``R1`` … ``R26`` are the rules of the domain notes. A rule is tried through the checks that the
families declare for it, so that a rule that is not declared, or declared of the wrong fields, fails
here; the kinds are tried on their own where a family gives no occasion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from extractor.checks import (
    Band,
    Check,
    Constant,
    EachGroup,
    EachRow,
    Ratio,
    Same,
    Sum,
    bind,
    judge,
)
from extractor.checks.kinds import Residual, Value
from extractor.families import FAMILIES, family_of
from extractor.numbers import Number, number_of
from tests.shapes import COLUMN_SETS, fixture, flat, only, tabs

Shape = tuple[int, tuple[tuple[int, ...], ...]]


def values(printed: Mapping[str, str | None]) -> dict[str, Value]:
    """Paths and prints → what checks see; a path that is not a number stays text."""
    return {
        path: number_of(text) if text is not None and _is_number(path) else text
        for path, text in printed.items()
    }


def _is_number(path: str) -> bool:
    text = ("name", "target", "actual", "deviation", "level1", "level2", "grade", "amount_unit")
    return path.rpartition(".")[2] not in text


def label(path: str) -> dict[str, str]:
    return {"zh": f"《{path}》", "en": f"<{path}>"}


def judged(
    rule: str, printed: Mapping[str, str | None], family: str = "project", shape: Shape = (1, ())
) -> list[tuple[str, str, str | None]]:
    """(check, verdict, residual) of every check of a rule that applies to these few numbers.

    That no row is missing is tried on whole tables (``test_checks_beyond_sums.py``).
    """
    found: list[tuple[str, str, str | None]] = []
    for check in family_of(family).bound(shape):
        if check.rule == rule and not check.id.startswith("rows:"):
            residual = check.residual(values(printed))
            if residual is not None:
                off = None if residual.off is None else f"{residual.off:f}"
                found.append((check.id, residual.verdict, off))
    return found


def verdicts(
    rule: str, printed: Mapping[str, str | None], family: str = "project", shape: Shape = (1, ())
) -> list[str]:
    return [verdict for _, verdict, _ in judged(rule, printed, family, shape)]


def funds(row: str = "total", **cells: str | None) -> dict[str, str | None]:
    return {f"funds.{row}.{leaf}": text for leaf, text in cells.items()}


def indicator(index: int = 0, **cells: str | None) -> dict[str, str | None]:
    return {f"indicators[{index}].{leaf}": text for leaf, text in cells.items()}


# --- R1, R2: execution rates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "executed", "rate", "why"),
    [
        ("1744.68", "1596.51", "91.51", "rounded"),
        ("16.95", "10.99", "64.83", "64.8378 cut off"),
        ("16.95", "10.99", "64.84", "64.8378 rounded"),
        ("1000.00", "980.968", "98.1", "98.0968 with one decimal"),
        ("5.00", "3.46", "69.20", "exact"),
        ("860.00", "823.88", "0.958", "a fraction"),
        ("860.00", "823.88", "96", "a whole percent"),
        ("860.00", "823.88", "95", "a whole percent cut off"),
        ("100.00", "100.00", "1", "a fraction"),
        ("100.00", "100.00", "1.00", "a fraction"),
        ("100.00", "100.00", "100", "a whole percent"),
        (
            "0.03",
            "0.02",
            "70.00",
            "amounts so small that the rate is wide: 1.5 to 2.5 of 2.5 to 3.5",
        ),
        ("50.00", "60.00", "120.00", "above the budget"),
        ("100.00", "0.00", "0.00", "nothing executed"),
    ],
)
def test_r1_a_rate_that_print_allows_holds(budget: str, executed: str, rate: str, why: str) -> None:
    page = funds(annual_budget=budget, executed=executed, execution_rate=rate)
    assert verdicts("R1", page) == ["holds"], why


@pytest.mark.parametrize(
    ("budget", "executed", "rate", "residual"),
    [
        ("1744.68", "1596.51", "91.57", "0.06"),
        ("1744.68", "1596.51", "91.53", "0.02"),
        ("1744.68", "1596.51", "19.51", "-72.00"),
        ("16.95", "10.99", "64.77", "-0.07"),
        ("860.00", "823.88", "0.956", "-94.844"),
        ("860.00", "823.88", "98", "2"),
        ("100.00", "0.00", "0.01", "0.01"),
    ],
)
def test_r1_a_rate_beyond_print_fails(budget: str, executed: str, rate: str, residual: str) -> None:
    page = funds(annual_budget=budget, executed=executed, execution_rate=rate)
    assert [v for _, v, _ in judged("R1", page)] == ["fails"]
    assert judged("R1", page)[0][2] == residual


def test_r1_the_adjusted_budget_counts_not_the_initial_one() -> None:
    page = funds(initial_budget="100.00", annual_budget="50.00", executed="45.00")
    assert verdicts("R1", page | funds(execution_rate="90.00")) == ["holds"]
    assert verdicts("R1", page | funds(execution_rate="45.00")) == ["fails"]


def test_r1_before_2018_the_initial_budget_counts() -> None:
    page = funds(initial_budget="48.50", executed="46.07", execution_rate="95")
    assert verdicts("R1", page) == ["holds"]
    assert verdicts("R1", page | funds(execution_rate="97")) == ["fails"]


def test_r1_before_2018_the_initial_budget_is_among_the_fields_of_the_finding() -> None:
    """A finding names every number that could be the wrong one."""
    page = values(funds(initial_budget="48.50", executed="46.07", execution_rate="75"))
    checks = [c for c in family_of("project").bound((0, ())) if c.rule == "R1"]
    (finding,) = judge(checks, page, label).findings
    assert set(finding.fields) == set(page)


@pytest.mark.parametrize("missing", ["annual_budget", "executed", "execution_rate"])
def test_r1_cannot_be_told_without_one_of_its_numbers(missing: str) -> None:
    page = funds(annual_budget="5.00", executed="3.46", execution_rate="69.20")
    assert verdicts("R1", page | {f"funds.total.{missing}": None}) == ["cannot_tell"]


def test_r1_does_not_apply_where_the_page_has_no_rate() -> None:
    assert judged("R1", funds(annual_budget="5.00", executed="3.46")) == []


@pytest.mark.parametrize("rate", ["0.00", "0", None])
def test_r2_a_budget_of_nothing_asks_for_no_rate(rate: str | None) -> None:
    page = funds(annual_budget="0.00", executed="0.00", execution_rate=rate)
    assert verdicts("R1", page) == ["holds"]


def test_r2_a_rate_out_of_nothing_fails() -> None:
    page = funds(annual_budget="0.00", executed="0.00", execution_rate="100.00")
    assert verdicts("R1", page) == ["fails"]


def test_r2_nothing_executed_scores_nothing() -> None:
    page = funds(annual_budget="5.00", executed="0.00", weight="10.00", score="0.00")
    assert verdicts("R3", page) == ["holds"]
    assert verdicts("R3", page | funds(score="0.01")) == ["fails"]
    assert verdicts("R3", page | funds(score="10.00")) == ["fails"]


def test_r1_applies_to_the_department_form_too() -> None:
    """8,995,241.89 ÷ 10,937,482.14 = 82.24 %."""
    at = "expenditure.fiscal_appropriation"
    page = {
        f"{at}.annual_budget": "10937482.14",
        f"{at}.executed": "8995241.89",
        f"{at}.execution_rate": "82.24",
    }
    assert verdicts("R1", page, "department") == ["holds"]
    assert verdicts("R1", page | {f"{at}.execution_rate": "82.27"}, "department") == ["fails"]


# --- R3, R4, R5: the points for execution --------------------------------------------------------


@pytest.mark.parametrize(
    ("budget", "executed", "weight", "score", "verdict"),
    [
        ("1744.68", "1596.51", "10.00", "9.15", "holds"),
        ("16.95", "10.99", "10.00", "6.48", "holds"),
        ("486.00", "471.42", "20", "19.40", "holds"),
        ("48.50", "46.07", "10", "9.5", "holds"),
        ("48.50", "46.07", "10", "9", "holds"),
        ("50.00", "60.00", "10.00", "10.00", "holds"),
        ("1744.68", "1596.51", "10.00", "9.17", "fails"),
        ("1744.68", "1596.51", "10.00", "10.00", "fails"),
        ("486.00", "471.42", "10", "19.40", "fails"),
        ("48.50", "46.07", "10", "8", "fails"),
        ("50.00", "60.00", "10.00", "9.00", "fails"),
    ],
)
def test_r3_points_are_the_weight_times_the_unrounded_ratio(
    budget: str, executed: str, weight: str, score: str, verdict: str
) -> None:
    page = funds(annual_budget=budget, executed=executed, weight=weight, score=score)
    assert verdicts("R3", page) == [verdict]


def test_r4_more_than_the_budget_scores_the_weight_and_never_more() -> None:
    page = funds(annual_budget="50.00", executed="60.00", weight="10.00", score="12.00")
    assert verdicts("R3", page) == ["fails"]
    assert [v for i, v, _ in judged("R4", page) if "funds" in i] == ["fails"]
    assert judged("R4", page | funds(score="10.00"))[0][1] == "holds"


@pytest.mark.parametrize(
    ("weight", "verdict"), [("10.00", "holds"), ("20", "holds"), ("15", "fails")]
)
def test_r5_the_usual_weight_is_10_or_20(weight: str, verdict: str) -> None:
    assert verdicts("R5", funds(weight=weight)) == [verdict]


# --- R6, R7, R8: sources add up ------------------------------------------------------------------


def sources(total: str | None, *parts: str | None, unit: str = "万元") -> dict[str, str | None]:
    rows = ("current_year_appropriation", "carried_over", "other", "special_account", "unit_funds")
    page = funds(executed=total) | {"amount_unit": unit}
    for name, part in zip(rows, parts, strict=False):
        page |= funds(name, executed=part)
    return page


@pytest.mark.parametrize(
    ("page", "verdict"),
    [
        (sources("1596.51", "1596.51", "0.00", "0.00"), "holds"),
        (sources("1902.77", "1650.12", "0.00", "60.00", "0.00", "192.65"), "holds"),
        (sources("1596.52", "1596.51", "0.00", "0.00"), "fails"),
        (sources("1187.25", "1146.87", "40.37", "0.00"), "holds"),
        (sources("1187.26", "1146.87", "40.37", "0.00"), "fails"),
        (sources("1187.25", "1146.87", "40.37", "0.00", unit="元"), "fails"),
        (sources("1187.24", "1146.87", "40.37", "0.00", unit="元"), "holds"),
        (sources("10.00", "10.00", "0.01", "0.00"), "fails"),
        (sources("1187.24", "1146.87", None, "0.00"), "cannot_tell"),
        (sources(None, "1146.87", "40.37", "0.00"), "cannot_tell"),
        (sources("12", "9", "4", "0"), "holds"),
        (sources("12", "9", "5", "0"), "fails"),
    ],
)
def test_r6_sources_add_up_to_the_total(page: dict[str, str | None], verdict: str) -> None:
    """One source that is not nothing: exact. Several: half a unit each. In 元: exact."""
    assert verdicts("R6", page) == [verdict]


def test_r6_holds_for_each_amount_column() -> None:
    checks = family_of("project").bound((0, ()))
    ids = {check.id for check in checks if check.rule == "R6" and check.proves}
    assert ids == {f"sum:funds.total.{c}" for c in ("initial_budget", "annual_budget", "executed")}


def test_r6_says_printed_minus_implied() -> None:
    assert judged("R6", sources("100.00", "90.00", "0.00", "0.00")) == [
        ("sum:funds.total.executed", "fails", "10.00")
    ]


def test_r7_equal_amounts_print_equal_rates() -> None:
    total = funds(annual_budget="5.00", executed="3.46", execution_rate="69.20")
    same = funds(
        "current_year_appropriation", annual_budget="5.00", executed="3.46", execution_rate="69.20"
    )
    assert verdicts("R7", total | same) == ["holds"]
    other = funds("current_year_appropriation", execution_rate="69.21")
    assert verdicts("R7", total | same | other) == ["fails"]
    unequal = funds("current_year_appropriation", annual_budget="4.00")
    assert verdicts("R7", total | same | unequal) == []


def test_r7_each_funds_row_obeys_r1_on_its_own() -> None:
    rows = ("current_year_appropriation", "carried_over", "other", "special_account", "unit_funds")
    for row in rows:
        page = funds(row, annual_budget="50.00", executed="40.37", execution_rate="80.74")
        assert verdicts("R1", page) == ["holds"]
        assert verdicts("R1", page | funds(row, execution_rate="80.47")) == ["fails"]


def both_ways(**amounts: str) -> dict[str, str | None]:
    page: dict[str, str | None] = {"amount_unit": "元"}
    return page | {f"expenditure.{row}.executed": amount for row, amount in amounts.items()}


def test_r8_the_department_counts_its_money_two_ways() -> None:
    """8,995,241.89 + 0.00 = 5,682,353.47 + 3,312,888.42."""
    page = both_ways(
        fiscal_appropriation="8995241.89", other="0.00", basic="5682353.47", project="3312888.42"
    )
    assert verdicts("R8", page, "department") == ["holds"]
    off = page | both_ways(project="3312888.43")
    assert judged("R8", off, "department") == [("sum:expenditure.executed", "fails", "-0.01")]
    gone = page | {"expenditure.other.executed": None}
    assert verdicts("R8", gone, "department") == ["cannot_tell"]


# --- R9, R10, R11, R12: weights and scores -------------------------------------------------------


def points(*rows: tuple[str | None, str | None], **total: str | None) -> dict[str, str | None]:
    page: dict[str, str | None] = {f"total_{name}": text for name, text in total.items()}
    for index, (weight, score) in enumerate(rows):
        page |= indicator(index, weight=weight, score=score)
    return page


def test_r9_weights_add_up_to_the_printed_total() -> None:
    page = points(("50.00", "50.00"), ("40.00", "30.00"), weight="100.00", score="89.00")
    page |= funds(weight="10.00", score="9.00")
    shape: Shape = (2, ())
    assert judged("R9", page, shape=shape)[0][:2] == ("sum:indicators[].weight", "holds")
    off = page | {"indicators[1].weight": "45.00"}
    assert judged("R9", off, shape=shape)[0] == ("sum:indicators[].weight", "fails", "-5.00")


def test_r9_a_total_other_than_100_is_worth_a_remark() -> None:
    page = points(("90.00", "90.00"), weight="90.00")
    found = {i: v for i, v, _ in judged("R9", page)}
    assert found == {"sum:indicators[].weight": "holds", "constant:total_weight": "fails"}


def test_r10_scores_add_up_exactly() -> None:
    page = points(("50.00", "50.00"), ("40.00", "30.00"), weight="100.00", score="89.00")
    page |= funds(weight="10.00", score="9.00")
    assert judged("R10", page, shape=(2, ())) == [("sum:indicators[].score", "holds", None)]
    for total, residual in (("89.01", "0.01"), ("88.99", "-0.01"), ("98.00", "9.00")):
        found = judged("R10", page | {"total_score": total}, shape=(2, ()))
        assert found == [("sum:indicators[].score", "fails", residual)]


def message(check_id: str, printed: Mapping[str, str | None], shape: Shape) -> dict[str, str]:
    (check,) = [c for c in family_of("project").bound(shape) if c.id == check_id]
    return dict(check.sentence(values(printed), label))


def test_r10_a_difference_of_one_unit_is_an_error_worded_as_possible_rounding() -> None:
    page = points(("50.00", "50.00"), score="59.01") | funds(score="9.00")
    near = message("sum:indicators[].score", page, (1, ()))
    far = message("sum:indicators[].score", page | {"total_score": "59.02"}, (1, ()))
    assert "四舍五入" in near["zh"]
    assert "rounding" in near["en"]
    assert "四舍五入" not in far["zh"]
    assert "rounding" not in far["en"]
    findings = judge(family_of("project").bound((1, ())), values(page), label).findings
    (finding,) = [f for f in findings if f.rule == "R10"]
    assert (finding.verdict, finding.severity, finding.residual) == ("fails", "error", "0.01")


@pytest.mark.parametrize("gone", ["indicators[0].score", "funds.total.score", "total_score"])
def test_r10_unknown_is_not_nothing(gone: str) -> None:
    page = points(("50.00", "50.00"), score="59.00") | funds(score="9.00")
    assert verdicts("R10", page | {gone: None}) == ["cannot_tell"]


def test_r10_without_any_row_says_nothing() -> None:
    assert judged("R10", {"total_score": "9.00"} | funds(score="9.00"), shape=(0, ())) == []


def grouped() -> dict[str, str | None]:
    page = points(("20", "20"), ("30", "30"), ("30", "30"), ("10", "10"), weight="100")
    weights = {"groups[0].weight": "50", "groups[1].weight": "30", "groups[2].weight": "10"}
    return page | weights | funds(weight="10")


GROUPS: Shape = (4, ((0, 1), (2,), (3,)))


def test_r11_a_group_weighs_what_its_rows_weigh_and_groups_make_the_total() -> None:
    found = judged("R11", grouped(), shape=GROUPS)
    assert [(i, v) for i, v, _ in found] == [
        ("sum:groups[0].weight", "holds"),
        ("sum:groups[1].weight", "holds"),
        ("sum:groups[2].weight", "holds"),
        ("sum:groups[].weight", "holds"),
    ]
    off = judged("R11", grouped() | {"groups[1].weight": "35"}, shape=GROUPS)
    assert [(v, r) for _, v, r in off] == [
        ("holds", None), ("fails", "5"), ("holds", None), ("fails", "-5"),
    ]  # fmt: skip


def test_r11_the_department_counts_without_execution_points() -> None:
    page = {f"groups[{i}].weight": w for i, w in enumerate(("30", "25", "35", "10"))}
    page |= {"total_weight": "100"}
    found = judged("R11", page, "department", (0, ((), (), (), ())))
    assert found == [("sum:groups[].weight", "holds", None)]


@pytest.mark.parametrize(
    ("weight", "score", "verdict"),
    [
        ("10.00", "10.00", "holds"), ("10.00", "0.00", "holds"), ("10.00", "8", "holds"),
        ("10.00", "10.01", "fails"), ("1.00", "10.00", "fails"), ("10.00", "-1.00", "fails"),
    ],
)  # fmt: skip
def test_r12_a_score_lies_between_nothing_and_its_weight(
    weight: str, score: str, verdict: str
) -> None:
    assert verdicts("R12", indicator(weight=weight, score=score)) == [verdict]
    assert verdicts("R12", indicator(weight=weight, score=score), "department") == [verdict]


# --- R13 … R17: what a result deserves -----------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "actual", "weight", "score", "verdict"),
    [
        ("≥95(%)", "96(%)", "10.00", "10.00", "holds"),
        ("≥95(%)", "95(%)", "10.00", "10.00", "holds"),
        ("≥46000.00(册)", "38823.00(册)", "6.00", "5.06", "holds"),
        ("≥90(百分比)", "88.00(百分比)", "10.00", "9.78", "holds"),
        ("≥90(百分比)", "88.00(百分比)", "10.00", "8.00", "holds"),
        ("≥90(百分比)", "88.00(百分比)", "10.00", "10.00", "fails"),
        ("=3(人)", "3.00(人)", "10.00", "10.00", "holds"),
        ("=3(人)", "2.00(人)", "10.00", "6.67", "holds"),
        ("=3(人)", "2.00(人)", "10.00", "10.00", "fails"),
        ("100%", "100%", "5", "5", "holds"),
        ("100%", "50%", "5", "5", "fails"),
        ("≤5(万元)", "3.46(万元)", "10.00", "10.00", "holds"),
        ("≤5(万元)", "6.00(万元)", "10.00", "8.33", "holds"),
        ("≤5(万元)", "6.00(万元)", "10.00", "8.00", "holds"),
        ("≤5(万元)", "6.00(万元)", "10.00", "10.00", "fails"),
        ("≤5(万元)", "20.00(万元)", "10.00", "0.00", "holds"),
        ("=0(起)", "0(起)", "10.00", "10.00", "holds"),
        ("=0(起)", "1(起)", "10.00", "0.00", "holds"),
        ("=0(起)", "1(起)", "10.00", "10.00", "fails"),
        ("=0(起)", "1(起)", "10.00", "8.00", "fails"),
    ],
)
def test_r13_r14_r15_quantities(
    target: str, actual: str, weight: str, score: str, verdict: str
) -> None:
    page = indicator(target=target, actual=actual, weight=weight, score=score)
    assert verdicts("R13", page) + verdicts("R14", page) + verdicts("R15", page) == [verdict]


@pytest.mark.parametrize(
    ("target", "actual"),
    [
        ("≤预算金额", "达成指标"), ("100%", "达成指标"), ("提升", "达成指标"),
        ("8月前", "达成指标"), ("8月前", "7月"), ("11月底前", "12月中旬"),
        ("延迟服务时间至20:00", "达成指标"), ("当天上传", "部分达成"),
    ],
)  # fmt: skip
def test_r18_r19_words_and_mixed_rows_are_not_measured(target: str, actual: str) -> None:
    page = indicator(target=target, actual=actual, weight="5.00", score="5.00")
    assert verdicts("R13", page) == []
    assert verdicts("R16", page | indicator(deviation=None)) == []


@pytest.mark.parametrize(
    ("target", "actual", "note", "expected"),
    [
        ("≥2(年)", "10.00(年)", None, ["fails"]),
        ("≥2(年)", "10.00(年)", "招聘了有经验的人员", ["holds"]),
        ("≥100(次)", "130(次)", None, ["fails"]),
        ("≥100(次)", "129.99(次)", None, ["holds"]),
        ("≤5(万元)", "1(万元)", None, []),
        ("≥0(次)", "5(次)", None, []),
    ],
)
def test_r16_far_over_the_target_wants_a_note(
    target: str, actual: str, note: str | None, expected: list[str]
) -> None:
    assert verdicts("R16", indicator(target=target, actual=actual, deviation=note)) == expected


@pytest.mark.parametrize(
    ("actual", "score", "verdict"),
    [
        ("达成指标", "10.00", "holds"), ("达成指标", "8.00", "holds"),
        ("达成指标", "7.99", "fails"), ("达成预期指标", "9.00", "holds"),
        ("达成年度指标", "5.00", "fails"),
        ("部分达成指标并具有一定效果", "8.00", "holds"),
        ("部分达成指标并具有一定效果", "6.00", "holds"),
        ("部分达成指标并具有一定效果", "8.01", "fails"),
        ("部分达成指标并具有一定效果", "5.00", "fails"),
        ("未达成指标且效果较差", "6.00", "holds"), ("未达成指标且效果较差", "0.00", "holds"),
        ("未达成指标且效果较差", "6.01", "fails"),
    ],
)  # fmt: skip
def test_r17_a_wording_calls_for_its_share(actual: str, score: str, verdict: str) -> None:
    assert verdicts("R17", indicator(actual=actual, weight="10.00", score=score)) == [verdict]


@pytest.mark.parametrize("actual", ["有效", "已完成", "全部达成", "12月中旬", "38823.00(册)"])
def test_r17_free_text_calls_for_nothing(actual: str) -> None:
    assert verdicts("R17", indicator(actual=actual, weight="10.00", score="1.00")) == []


# --- R20 … R26: form ---------------------------------------------------------------------------


def test_r20_a_row_that_loses_points_says_why() -> None:
    page = indicator(weight="10.00", score="8.00", deviation=None)
    assert verdicts("R20", page) == ["fails"]
    assert verdicts("R20", page | indicator(deviation="经费不足")) == ["holds"]
    assert "fails" not in verdicts("R20", page | indicator(score="10.00"))
    del page["indicators[0].deviation"]
    assert verdicts("R20", page) == []


def test_r20_a_row_that_misses_its_target_says_why() -> None:
    """Also where it loses no points."""
    page = indicator(target="≥95(%)", actual="88(%)", weight="10.00", score="10.00", deviation=None)
    assert verdicts("R20", page) == ["fails"]
    assert verdicts("R20", page | indicator(deviation="样本较少")) == ["holds"]


def scheme(rows: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    page: dict[str, str | None] = {}
    for index, (level, weight) in enumerate(rows):
        page |= indicator(index, level1=level, weight=weight)
    return page


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([("产出指标", "50"), ("效益指标", "30"), ("满意度指标", "10")], "holds"),
        (
            [("成本指标", "20"), ("产出指标", "40"), ("效益指标", "20"), ("满意度指标", "10")],
            "holds",
        ),
        ([("产出指标", "60"), ("效益指标", "20"), ("满意度指标", "10")], "fails"),
        (
            [("产出指标", "25"), ("产出指标", "25.0"), ("效益指标", "30"), ("满意度指标", "10")],
            "holds",
        ),
    ],
)
def test_r21_the_usual_split_of_the_points(rows: list[tuple[str, str]], verdict: str) -> None:
    assert verdicts("R21", scheme(rows), shape=(len(rows), ())) == [verdict]


def test_r21_the_split_of_the_department_form() -> None:
    rows = [("投入管理指标", "30"), ("产出指标", "25"), ("效益指标", "35"), ("满意度指标", "10")]
    assert verdicts("R21", scheme(rows), "department", (4, ())) == ["holds"]
    assert verdicts("R21", scheme(rows[:3]), "department", (3, ())) == ["fails"]


@pytest.mark.parametrize(
    ("total", "grade", "error", "advice"),
    [
        ("97.55", "优", False, False), ("90.00", "优", False, False), ("97.55", "良", True, False),
        ("97.55", "差", True, False), ("89.99", "良", False, False), ("89.99", "优", False, True),
        ("80.00", "良", False, False), ("79.99", "良", False, True), ("60.00", "中", False, False),
        ("59.99", "差", False, False), ("59.99", "不合格", False, False),
        ("59.99", "中", True, False), ("40.00", "优", True, False), ("85.00", "差", False, True),
    ],
)  # fmt: skip
def test_r22_grades(total: str, grade: str, error: bool, advice: bool) -> None:
    """Proof at the two ends, a remark between."""
    page = values({"total_score": total, "grade": grade})
    found = judge(family_of("project").bound((0, ())), page, label).findings
    severities = [f.severity for f in found if f.rule == "R22"]
    assert ("error" in severities, "advice" in severities) == (error, advice)


def test_r23_a_total_without_a_grade() -> None:
    assert verdicts("R23", {"total_score": "97.55", "grade": None}) == ["fails"]
    assert verdicts("R23", {"total_score": "97.55", "grade": "优"}) == ["holds"]
    assert verdicts("R23", {"total_score": "97.55"}) == []


@pytest.mark.parametrize(
    ("name", "target", "actual", "expected"),
    [
        ("场次", "≥5(场)", "5.00(场)", ["holds"]),
        ("场次", "≥5(场)", "5.00(次)", ["fails"]),
        ("活动参与率", "≥95(%)", "95.00(%)", ["holds"]),
        ("完成率", "=100.00(件)", "100.00(件)", ["fails"]),
        ("读者满意度", "≥90(人次)", "90(人次)", ["fails"]),
        ("读者满意度", "≥90(百分比)", "88.00(百分比)", ["holds"]),
        ("场次", "≥5(场)", "5.00", []),
        ("及时性", "及时", "达成指标", []),
    ],
)
def test_r25_units(name: str, target: str, actual: str, expected: list[str]) -> None:
    assert verdicts("R25", indicator(name=name, target=target, actual=actual)) == expected


def test_r25_one_unit_may_be_written_wide_or_in_words() -> None:
    """％ is %, and 百分比 is what it measures."""
    page = indicator(name="满意度", target="≥90(%)", actual="95(％)")
    assert verdicts("R25", page) == ["holds"]


@pytest.mark.parametrize(
    ("unit", "amount", "verdict"),
    [
        ("万元", "1765.05", "holds"), ("万元", "10937482.14", "fails"),
        ("元", "2500000.00", "holds"), ("元", "37.20", "fails"),
    ],
)  # fmt: skip
def test_r26_the_unit_of_amounts(unit: str, amount: str, verdict: str) -> None:
    page = {"amount_unit": unit} | funds(
        initial_budget=amount, annual_budget=amount, executed=amount
    )
    assert verdicts("R26", page) == [verdict]
    at = "expenditure.fiscal_appropriation"
    page = {"amount_unit": unit, f"{at}.annual_budget": amount, f"{at}.executed": amount}
    assert verdicts("R26", page, "department") == [verdict]


@pytest.mark.parametrize("rule", ["R1", "R3", "R6", "R7", "R9", "R10", "R11", "R12"])
def test_identities_are_errors(rule: str) -> None:
    """All but the total of 100, which is custom."""
    checks = family_of("project").bound((2, ((0,), (1,))))
    severities = {c.severity for c in checks if c.rule == rule and not c.id.startswith("constant")}
    assert severities == {"error"}


@pytest.mark.parametrize("rule", ["R5", "R13", "R16", "R17", "R20", "R21", "R23", "R25", "R26"])
def test_policies_are_advice(rule: str) -> None:
    checks = [c for c in family_of("project").bound((2, ())) if c.rule == rule]
    assert checks
    assert {c.severity for c in checks} == {"advice"}
    assert not any(c.proves for c in checks)


# --- sentences -----------------------------------------------------------------------------------


def broken(name: str, path: str, printed: str) -> dict[str, Value]:
    """The values of a column set with one number changed."""
    family = "department" if name == "department" else "project"
    record = flat(fixture(name)[1]) | {path: printed}
    found: dict[str, Value] = {}
    for at, text in record.items():
        if at.endswith("#") or at == "form_type" or text is None:
            continue
        found[at] = number_of(text) if family_of(family).is_number(at) else text
    return found


@pytest.mark.parametrize(
    ("path", "printed", "check", "numbers"),
    [
        ("funds.total.executed", "1,187.42", "sum:funds.total.executed",
         ["1,187.42", "1,146.87", "40.37", "1,187.24", "0.18"]),
        ("funds.total.execution_rate", "69.02", "ratio:funds.total.execution_rate",
         ["1,187.24", "1,236.50", "96.0162", "69.02"]),
        ("funds.total.score", "6.90", "ratio:funds.total.score",
         ["1,187.24", "1,236.50", "10.00", "9.6016", "6.90"]),
        ("total_score", "94.63", "sum:indicators[].score",
         ["94.63", "9.83", "12.00", "9.60", "96.43", "1.80"]),
        ("total_weight", "10.00", "sum:indicators[].weight", ["10.00", "15.00", "100.00", "90.00"]),
        ("indicators[0].score", "98.30", "band:indicators[0].score", ["98.30", "10.00"]),
    ],
)  # fmt: skip
def test_a_sentence_holds_the_real_numbers(
    path: str, printed: str, check: str, numbers: list[str]
) -> None:
    family = family_of("project")
    page = broken("shanghai", path, printed.replace(",", ""))
    findings = {f.check: f for f in judge(family.bound((7, ())), page, label).findings}
    told = findings[check].message
    for number in numbers:
        assert number in told["zh"], told
        assert number in told["en"], told
    assert f"《{path}》" in told["zh"]
    assert f"<{path}>" in told["en"]
    assert path in findings[check].fields


def test_a_sentence_that_cannot_tell_names_what_is_missing() -> None:
    page = values(funds(annual_budget="5.00", executed=None, execution_rate="69.20"))
    (finding,) = judge(family_of("project").bound((0, ())), page, label).findings
    assert finding.verdict == "cannot_tell"
    assert "funds.total.executed" in finding.message["zh"]
    assert "funds.total.annual_budget" not in finding.message["zh"]


def test_every_sentence_is_said_in_both_languages() -> None:
    """Every finding that any damage of the fixtures raises."""
    for name in COLUMN_SETS:
        family = family_of("department" if name == "department" else "project")
        form = only(tabs(fixture(name)[0]))
        for path, entry in form.entries.items():
            if entry.value is None or not family.is_number(path):
                continue
            shape = (len(form.record["indicators"]), ())
            page = broken(name, path, "77.77")
            for finding in judge(family.bound(shape), page, label).findings:
                assert finding.message["zh"]
                assert finding.message["en"]
                assert "None" not in finding.message["zh"]
                assert "None" not in finding.message["en"]


# --- the kinds: residual and solve ---------------------------------------------------------------

AMOUNT = st.decimals(min_value=0, max_value=9999, places=2, allow_nan=False)
POSITIVE = st.decimals(min_value="0.01", max_value=9999, places=2, allow_nan=False)


def number(value: Decimal, places: int = 2) -> Number:
    return number_of(f"{value.quantize(Decimal(1).scaleb(-places)):f}")


def inner(low: Decimal, high: Decimal, places: int = 2) -> list[Decimal]:
    """Printable values inside an interval: both ends and the middle, where there are any."""
    unit = Decimal(1).scaleb(-places)
    first = (low / unit).to_integral_value("ROUND_CEILING") * unit
    last = (high / unit).to_integral_value("ROUND_FLOOR") * unit
    middle = ((low + high) / 2 / unit).to_integral_value() * unit
    return sorted({v for v in (first, middle, last) if low <= v <= high})


def holds_inside_solution(check: Check, page: dict[str, Value], field: str) -> None:
    found = check.solve(field, page)
    if found is None:
        return
    for value in inner(*found):
        if value >= 0:
            residual = check.residual({**page, field: number(value)})
            assert residual is not None
            assert residual.verdict == "holds", (field, value, found)


@given(st.lists(AMOUNT, min_size=1, max_size=5), AMOUNT, st.booleans(), st.booleans(), st.data())
def test_a_solved_sum_holds(
    terms: list[Decimal], total: Decimal, rounded: bool, yuan: bool, data: st.DataObject
) -> None:
    paths = tuple(f"t{i}" for i in range(len(terms)))
    check = Sum("s", ("s",), paths, rule="R6", rounded=rounded, unit_field="unit")
    page: dict[str, Value] = {"s": number(total), "unit": "元" if yuan else "万元"}
    page |= {path: number(term) for path, term in zip(paths, terms, strict=True)}
    holds_inside_solution(check, page, data.draw(st.sampled_from(["s", *paths])))


@given(AMOUNT, POSITIVE, AMOUNT, st.sampled_from(["rate", "over", "under", "weight"]))
def test_a_solved_ratio_holds(over: Decimal, under: Decimal, quotient: Decimal, field: str) -> None:
    assume(quotient <= 200)
    rate = Ratio("rate", "over", "under", rule="R1")
    score = Ratio("rate", "over", "under", rule="R3", times="weight", capped=True)
    page: dict[str, Value] = {
        "rate": number(quotient), "over": number(over), "under": number(under),
        "weight": number_of("10.00"),
    }  # fmt: skip
    holds_inside_solution(rate, page, field)
    holds_inside_solution(score, page, field)


@given(AMOUNT, AMOUNT)
def test_a_solved_band_constant_or_twin_holds(one: Decimal, two: Decimal) -> None:
    page: dict[str, Value] = {"a": number(one), "b": number(two)}
    holds_inside_solution(Same("a", "b", rule="R7"), page, "a")
    holds_inside_solution(Same("a", "b", rule="R7"), page, "b")
    holds_inside_solution(Band("a", "b", rule="R12"), page, "a")
    holds_inside_solution(Constant("a", (Decimal(100),), rule="R9"), page, "a")


@given(st.lists(AMOUNT, min_size=1, max_size=5), st.data())
def test_a_sum_that_holds_is_solved_by_what_is_printed(
    terms: list[Decimal], data: st.DataObject
) -> None:
    """Every number of a sum that holds lies in its own solution."""
    paths = tuple(f"t{i}" for i in range(len(terms)))
    check = Sum("s", ("s",), paths, rule="R10")
    page: dict[str, Value] = {"s": number(sum(terms, Decimal(0)))}
    page |= {path: number(term) for path, term in zip(paths, terms, strict=True)}
    assert check.residual(page) == Residual("holds")
    field = data.draw(st.sampled_from(["s", *paths]))
    found, value = check.solve(field, page), page[field]
    assert found is not None
    assert isinstance(value, Number)
    assert value.value in found


@given(POSITIVE, st.integers(0, 10000), st.integers(0, 4), st.booleans())
def test_any_rate_that_a_system_could_print_holds(
    budget: Decimal, share: int, places: int, cut: bool
) -> None:
    """Hidden 元 amounts, rounded for print; the rate rounded or cut from the hidden ones."""
    hidden = budget + Decimal("0.0037")
    spent = hidden * share / 10000
    exact = spent / hidden * 100
    unit = Decimal(1).scaleb(-places)
    rate = exact.quantize(unit, "ROUND_DOWN" if cut else "ROUND_HALF_UP")
    page: dict[str, Value] = {
        "rate": number(rate, places), "over": number(spent), "under": number(hidden),
    }  # fmt: skip
    assume(number(spent).value > 0)
    check = Ratio("rate", "over", "under", rule="R1")
    assert check.residual(page) == Residual("holds")


@given(st.text(max_size=5))
def test_checks_take_text_for_unknown(text: str) -> None:
    """A field that holds no number never crashes a check."""
    page: dict[str, Value] = {"a": text, "b": None, "s": number_of("1.00")}
    kinds: tuple[Check, ...] = (
        Sum("s", ("s",), ("a", "b"), rule="R"), Ratio("a", "b", "s", rule="R"),
        Same("a", "b", rule="R"), Band("a", "b", rule="R"), Constant("a", (Decimal(1),), rule="R"),
    )  # fmt: skip
    for check in kinds:
        residual = check.residual(page)
        assert residual is None or residual.verdict == "cannot_tell"
        check.sentence(page, label)
        check.sum_of(page)
        assert check.solve("a", page) is None or isinstance(check, Sum | Constant)


# --- bind and judge ------------------------------------------------------------------------------


def test_binding_spreads_sums_and_repeats_row_checks() -> None:
    declared = (
        Sum("rows[].x", ("total",), ("indicators[].x", "more"), rule="R10"),
        EachRow(Band("indicators[].x", "indicators[].w", rule="R12")),
        EachGroup(Sum("groups[].w", ("groups[].w",), ("indicators[].w",), rule="R11")),
    )
    bound = bind(declared, (3, ((0, 1), (2,))))
    assert [check.fields() for check in bound] == [
        ("total", "indicators[0].x", "indicators[1].x", "indicators[2].x", "more"),
        ("indicators[0].x", "indicators[0].w"),
        ("indicators[1].x", "indicators[1].w"),
        ("indicators[2].x", "indicators[2].w"),
        ("groups[0].w", "indicators[0].w", "indicators[1].w"),
        ("groups[1].w", "indicators[2].w"),
    ]
    assert len({check.id for check in bound}) == len(bound)


@pytest.mark.parametrize("family", [f.name for f in FAMILIES])
def test_check_ids_are_unique_and_name_their_kind_and_path(family: str) -> None:
    checks = family_of(family).bound((3, ((0,), (1, 2))))
    ids = [check.id for check in checks]
    assert len(set(ids)) == len(ids)
    assert all(kind and path for kind, _, path in (i.partition(":") for i in ids))


def test_judging_notes_who_holds_who_fails_and_who_is_proved() -> None:
    checks = (
        Sum("s", ("s",), ("a", "b"), rule="R10"),
        Band("a", "c", rule="R12"),
        Ratio("r", "a", "c", rule="R1"),
    )
    page: dict[str, Value] = {
        "s": number_of("3.00"), "a": number_of("1.00"), "b": number_of("2.00"),
        "c": number_of("0.50"), "r": None,
    }  # fmt: skip
    found = judge(checks, page, label)
    assert [(f.check, f.verdict, f.severity) for f in found.findings] == [
        ("band:a", "fails", "error"),
        ("ratio:r", "cannot_tell", "error"),
    ]
    assert found.proved == {"s", "a", "b"}
    assert found.holds["a"] == ["sum:s"]
    assert found.fails == {"a": ["band:a"], "c": ["band:a"]}
    assert found.wronged == {"a", "c"}
    assert found.untold == {"r"}


@pytest.mark.parametrize("name", [n for n in COLUMN_SETS if n != "hubei"])
def test_one_changed_digit_of_a_closed_number_is_noticed(name: str) -> None:
    """Every number of every column set, its last digit changed: an error finding names it.

    A last digit may hide in the tolerance of a rate or in a rounded sum; the digit before it may
    not.
    """
    family = family_of("department" if name == "department" else "project")
    form = only(tabs(fixture(name)[0]))
    from extractor.settle import shape_of

    checks = family.bound(shape_of(form.record))
    missed: dict[str, str] = {}
    for path, entry in form.entries.items():
        if entry.value is None or not family.is_number(path) or entry.stratum != "closed":
            continue
        first = next(i for i, c in enumerate(entry.value) if c.isdigit())
        for digit in "37":
            if entry.value[first] == digit:
                continue
            changed = entry.value[:first] + digit + entry.value[first + 1 :]
            findings = judge(checks, broken(name, path, changed), label).findings
            if not any(f.is_error and path in f.fields for f in findings):
                missed[path] = f"{entry.value} → {changed}"
    assert missed == {}

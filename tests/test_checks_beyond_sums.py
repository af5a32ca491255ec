"""What sums cannot see: lost and repeated rows, costs, prose, units."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from random import Random

import pytest

from eval.columns import COLUMN_SETS, ColumnSet
from eval.damage import damaged
from eval.generate import draw, judged
from eval.layouts import LAYOUTS, TABULAR
from eval.pages import Spec, page
from eval.printing import sheet
from eval.sheet import Printed, Sheet
from extractor.checks import judge
from extractor.checks.bind import EachRow, bind
from extractor.checks.explain import draw as drawn
from extractor.checks.kinds import FixedRows, Repeats, RowSet, Value
from extractor.checks.policies import CostAgainstFunds, ToldAmounts, ToldSums, UnitsAgree
from extractor.checks.policies.told import quantities, sums
from extractor.declared import families_lines
from extractor.families import FAMILIES, family_of
from extractor.families.project import ROW_SETS
from extractor.numbers import number_of
from extractor.pipeline import read_document
from extractor.types import CheckedForm, Document, Finding
from tests.shapes import GOLD, document, fixture, only, tabs

NEW = ("rows", "repeat", "cost", "told_sums", "told_amounts")
DEPARTMENT = "pujin-2023-department.tsv"


@lru_cache(maxsize=1)
def sample() -> dict[str, tuple[CheckedForm, ...]]:
    """The forms of the sample documents, by document."""
    found: dict[str, tuple[CheckedForm, ...]] = {}
    for path in sorted((GOLD / "documents").iterdir()):
        text = path.read_bytes().decode("utf-8")
        found[path.name] = read_document(Document("sample", path.name, text, path.name)).forms
    return found


def of_kind(findings: Iterable[Finding], *kinds: str) -> list[Finding]:
    return [f for f in findings if f.check.partition(":")[0] in kinds and f.verdict == "fails"]


def label(path: str) -> dict[str, str]:
    return {"zh": f"全年执行数 · 《{path}》", "en": f"executed · <{path}>"}


# --- rows that are always printed ----------------------------------------------------------------

SOURCES = ("current_year_appropriation", "carried_over", "other", "special_account", "unit_funds")
FULL = ("total", "current_year_appropriation", "carried_over", "other")
SICHUAN = ("total", "current_year_appropriation", "special_account", "unit_funds", "other")


def printed_rows(rows: Iterable[str], columns: str = "initial annual executed") -> dict[str, Value]:
    names = {"initial": "initial_budget", "annual": "annual_budget", "executed": "executed"}
    return {
        f"funds.{row}.{names[column]}": number_of("0.00")
        for row in rows
        for column in columns.split()
    }


def funds_rows() -> FixedRows:
    checks = family_of("project").bound((0, ()))
    return next(check for check in checks if isinstance(check, FixedRows))


@pytest.mark.parametrize(
    ("rows", "columns", "lost"),
    [
        (FULL, "initial annual executed", ()),
        (SICHUAN, "initial annual executed", ()),
        (FULL, "annual executed", ()),
        (("total", "current_year_appropriation", "other"), "annual executed", ()),
        (("total",), "annual executed", ()),
        (FULL[:3], "initial annual executed", ("other",)),
        (FULL[1:], "initial annual executed", ("total",)),
        (("total", "current_year_appropriation", "other"), "initial executed", ("carried_over",)),
        (("total", "current_year_appropriation"), "annual executed", ("other",)),
        (("total",), "initial annual executed", FULL[1:]),
        (SICHUAN[:4], "initial annual executed", ("other",)),
        (("total", "unit_funds"), "annual executed", (SICHUAN[1], SICHUAN[2], SICHUAN[4])),
        ((*FULL, "special_account"), "initial annual executed", None),
        (("total", "carried_over", "unit_funds"), "initial annual executed", None),
        ((), "initial", None),
    ],
)
def test_rows_of_a_declared_set_are_all_there(
    rows: tuple[str, ...], columns: str, lost: tuple[str, ...] | None
) -> None:
    """Sets with more rows than any declared say nothing; no rows at all are another matter."""
    check, values = funds_rows(), printed_rows(rows, columns)
    assert check.lost(values) == lost
    residual = check.residual(values)
    assert (residual and residual.verdict) == (
        None if lost is None else "fails" if lost else "holds"
    )


def test_a_lost_row_of_zeros_opens_the_form_and_flags_its_own_cells_only() -> None:
    """1,187.24 = 1,146.87 + 40.37 holds without 其他资金 0.00; the form alone would be clear."""
    cells = fixture("shanghai")[0]
    whole = only(tabs(cells))
    form = only(tabs([line for line in cells if "其他资金" not in line]))
    (finding,) = of_kind(form.findings, "rows")
    columns = ("initial_budget", "annual_budget", "executed", "execution_rate")
    assert (finding.check, finding.severity, finding.residual) == ("rows:funds", "error", None)
    assert finding.fields == tuple(f"funds.other.{column}" for column in columns)
    assert "其他资金" in finding.message["zh"]
    assert "other funds" in finding.message["en"]
    new = {
        p for p, e in form.entries.items() if e.needs_review and not whole.entries[p].needs_review
    }
    assert new == set(finding.fields)
    assert {form.entries[path].stratum for path in new} == {"missing"}
    assert all(form.entries[path].fails == (finding.check,) for path in new)
    assert (whole.state, form.state) == ("clear", "open")
    assert of_kind(form.findings, "sum") == []


def test_a_blank_row_is_printed() -> None:
    values = printed_rows(FULL[:3]) | {"funds.other.executed": None}
    assert funds_rows().lost(values) == ()


def test_the_department_form_always_prints_its_four_rows() -> None:
    rows = ("fiscal_appropriation", "other", "basic", "project")
    check = next(c for c in family_of("department").bound((0, ())) if isinstance(c, FixedRows))
    values: dict[str, Value] = {f"expenditure.{row}.executed": number_of("0.00") for row in rows}
    assert check.lost(values) == ()
    del values["expenditure.other.executed"]
    residual = check.residual(values)
    assert residual is not None
    assert (residual.verdict, residual.fields) == ("fails", ("expenditure.other.executed",))


def test_of_several_sets_the_one_with_the_fewest_more_is_meant() -> None:
    sets = (RowSet(("a", "b", "c")), RowSet(("a", "b", "d", "e")), RowSet(("a", "f")))
    check = FixedRows("t", ("x",), sets, rule="R6")
    assert check.lost({"t.a.x": None}) == ("f",)
    assert check.lost({"t.a.x": None, "t.b.x": None}) == ("c",)
    assert check.lost({"t.a.x": None, "t.d.x": None}) == ("b", "e")


def test_that_no_row_is_lost_is_evidence_for_no_cell() -> None:
    """It holds, and no cell is named as one that it holds for."""
    found = judge((funds_rows(),), printed_rows(FULL), label)
    assert (found.findings, found.holds, found.proved) == ([], {}, set())


@pytest.mark.parametrize("name", sorted(COLUMN_SETS))
def test_every_column_set_prints_a_declared_set_of_rows(name: str) -> None:
    columns = COLUMN_SETS[name]
    if columns.family != "project":
        return
    rows = {"total", *(row for row, _ in columns.sources)}
    fitting = [s for s in ROW_SETS if set(s.rows) == rows]
    assert fitting
    assert any(s.without is None or not columns.prints(s.without) for s in fitting)


def test_a_lost_source_is_seen_on_printed_pages_of_every_tabular_layout() -> None:
    """上年结转资金 with nothing in it, dropped from the page: no sum tells, the rows do.

    Where nothing of a funds table is read at all (columns after columns, one flat line) no row is.
    """
    lost = seen = 0
    for seed in range(60):
        one = draw(seed, "shanghai")
        if any(Decimal(one.leaves[f"funds.carried_over.{c}"] or 0) for c in AMOUNTS):
            continue
        whole = sheet(one)
        rows = [i for i, row in enumerate(whole.rows) if _holds(row.cells, "funds.carried_over.")]
        cut = Sheet(tuple(r for i, r in enumerate(whole.rows) if i not in rows), whole.breaks)
        layout = list(TABULAR)[seed % len(TABULAR)]
        form = only(LAYOUTS[layout](cut).text)
        lost += 1
        found = of_kind(form.findings, "rows")
        seen += bool(found) and "上年结转资金" in found[0].message["zh"]
    assert lost > 20
    assert seen == lost


AMOUNTS = ("initial_budget", "annual_budget", "executed")


def _holds(cells: Iterable[Printed], branch: str) -> bool:
    return any(mark.path.startswith(branch) for cell in cells for mark in cell.marks)


# --- rows that repeat others ---------------------------------------------------------------------

Said = tuple[str, str | None, str | None, str | None, str | None]


def rows_of(*rows: Said) -> dict[str, Value]:
    """name, target, actual, weight, score of each row; a missing weight has no column."""
    values: dict[str, Value] = {}
    for index, row in enumerate(rows):
        for leaf, text in zip(("name", "target", "actual", "weight", "score"), row, strict=True):
            if leaf in ("weight", "score"):
                if text is not None:
                    values[f"indicators[{index}].{leaf}"] = number_of(text)
            else:
                values[f"indicators[{index}].{leaf}"] = text
    return values


def blocks(*rows: Said) -> list[tuple[int, int, int]]:
    check = Repeats("indicators[]", rule="R28").over(len(rows))
    return [(b.first, b.second, b.length) for b in check.blocks(rows_of(*rows))]


A: Said = ("培训场次", "≥5(场)", "6(场)", "5", "5")
B: Said = ("参训人数", "≥100(人)", "120(人)", "5", "5")
C: Said = ("完成及时性", "及时", "达成指标", "10", "9")
D: Said = ("满意度", "≥90(%)", "95(%)", "10", "10")


def but(row: Said, **changes: str | None) -> Said:
    leaves = ("name", "target", "actual", "weight", "score")
    one, two, three, four, five = (
        changes.get(leaf, cell) for leaf, cell in zip(leaves, row, strict=True)
    )
    assert one is not None
    return (one, two, three, four, five)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((A, B, C, D), []),
        ((A, B, C, A), [(0, 3, 1)]),
        ((A, B, A, B), [(0, 2, 2)]),
        ((A, B, C, D, A, B, C), [(0, 4, 3)]),
        ((A, A), [(0, 1, 1)]),
        ((A, B, A, B, A, B), [(0, 2, 2), (2, 4, 2)]),
        ((A, B, C, A, D, B), [(0, 3, 1), (1, 5, 1)]),
        # a number is what it says, not how it is printed
        ((A, B, but(A, weight="5.00", score="5.0")), [(0, 2, 1)]),
        # one misread cell in a block, one misread number in a row
        ((A, B, but(A, actual="8(场)"), but(B, score="3")), [(0, 2, 2)]),
        ((A, B, but(A, score="3")), [(0, 2, 1)]),
        # the name comes back with other values
        ((A, B, but(A, target="≥12(场)", actual="15(场)")), []),
        ((A, B, but(A, target="≥12(场)")), []),
        ((A, B, but(A, weight="3", score="3")), []),
        (
            (
                A,
                B,
                but(A, target="≥12(场)", actual="15(场)"),
                but(B, target="≥9(人)", actual="9(人)"),
            ),
            [],
        ),
        # nothing printed is nothing said
        ((but(A, target=None), but(A, target=None)), []),
        ((("", "及时", "达成指标", "5", "5"), ("", "及时", "达成指标", "5", "5")), []),
        # a page without weights of rows
        ((but(A, weight=None), B, but(A, weight=None)), [(0, 2, 1)]),
    ],
)
def test_rows_that_say_the_same_are_found(
    rows: tuple[Said, ...], expected: list[tuple[int, int, int]]
) -> None:
    assert blocks(*rows) == expected


def test_no_single_number_clears_a_repetition() -> None:
    """What is wrong with rows that are there twice is not a digit, and locating must not say so."""
    rows = rows_of(A, B, C, A, B)
    check = Repeats("indicators[]", rule="R28").over(5)
    for path, value in rows.items():
        if not isinstance(value, str):
            changed = check.residual({**rows, path: number_of("77")})
            assert changed is not None
            assert changed.verdict == "fails", path


def test_the_block_of_the_department_form_is_named() -> None:
    (form,) = sample()[DEPARTMENT]
    (finding,) = of_kind(form.findings, "repeat")
    assert (finding.check, finding.rule, finding.severity) == (
        "repeat:indicators[]",
        "R28",
        "error",
    )
    assert "第 8–13 行与第 14–19 行重复" in finding.message["zh"]
    assert "rows 8–13 repeat rows 14–19" in finding.message["en"]
    leaves = ("name", "target", "actual", "weight", "score")
    assert set(finding.fields) == {f"indicators[{i}].{x}" for i in range(7, 19) for x in leaves}
    assert all(form.entries[path].needs_review for path in finding.fields)


def test_single_rows_are_named_in_words() -> None:
    check = Repeats("indicators[]", rule="R28").over(4)
    says = check.sentence(rows_of(A, B, C, A), label)
    assert says["zh"] == "第 1 行与第 4 行重复（培训场次）"
    assert says["en"] == "row 1 repeats row 4 (培训场次)"


def test_many_rows_of_one_name_are_compared_in_good_time() -> None:
    rows = rows_of(*(but(A, target=f"≥{n}(场)", actual=f"{n}(场)") for n in range(5000)))
    check = Repeats("indicators[]", rule="R28").over(5000)
    start = time.process_time()
    assert check.blocks(rows) == []
    assert time.process_time() - start < 3


def test_replaced_blocks_are_seen_wherever_a_copy_stands_on_the_page() -> None:
    """Damage of every grade. Two groups that changed places are both there once: no copy."""
    copies = seen = 0
    for seed, grade in ((seed, grade) for seed in range(40) for grade in (1, 2, 3)):
        one = draw(seed)
        before = sheet(one)
        after = damaged(Random(seed), before, "replaced_block", grade)
        if after == before or not _has_copy(after, COLUMN_SETS[one.columns]):
            continue
        copies += 1
        form = only(LAYOUTS["tabs"](after).text)
        seen += bool(of_kind(form.findings, "repeat"))
    assert copies > 60
    assert seen == copies


def _has_copy(page: Sheet, columns: ColumnSet) -> bool:
    """Whether two indicator rows have all cells from the name on in common."""
    roles = [role for role, _ in columns.indicators]
    first = roles.index("name") + bool(columns.indicators_label)
    rows = [
        tuple(cell.text for cell in row.cells[first:])
        for row in page.rows
        if row.section == "indicators" and row.cells[first].text
    ]
    return len(set(rows)) < len(rows)


# --- cost against funds --------------------------------------------------------------------------


def cost(
    name: str, target: str, actual: str,
    level2: str | None = "经济效益指标", level1: str = "效益指标",
    executed: str = "3.46", unit: str = "万元", family: str = "project",
) -> str | None:  # fmt: skip
    at = "indicators[0]."
    values: dict[str, Value] = {
        f"{at}name": name, f"{at}target": target, f"{at}actual": actual, f"{at}level1": level1,
        f"{at}level2": level2, "funds.total.executed": number_of(executed), "amount_unit": unit,
        "expenditure.fiscal_appropriation.executed": number_of(executed),
        "expenditure.other.executed": number_of("1.00"),
    }  # fmt: skip
    declared = [
        check
        for check in family_of(family).checks
        if isinstance(check, EachRow) and isinstance(check.check, CostAgainstFunds)
    ]
    (check,) = bind(tuple(declared), (1, ()))
    assert (check.rule, check.severity, check.proves) == ("R24", "advice", False)
    assert check.id == "cost:indicators[0].actual"
    residual = check.residual(values)
    if residual is not None and residual.verdict == "fails":
        says = check.sentence(values, label)
        assert executed in says["zh"]
        assert actual in says["en"]
    return residual.verdict if residual else None


@pytest.mark.parametrize(
    ("name", "target", "actual", "verdict"),
    [
        ("支付金额", "≤5(万元)", "3.46(万元)", "holds"),
        ("支付金额", "≤5(万元)", "34600(元)", "holds"),
        ("支付金额", "≤5(万元)", "34590.25元", "holds"),
        ("支付金额", "≤5(万元)", "3.46", "holds"),
        ("支付金额", "≤5(万元)", "3.5万元", "holds"),
        ("支付金额", "≤5(万元)", "3.64(万元)", "fails"),
        ("支付金额", "≤5(万元)", "5.00(万元)", "fails"),
        ("项目总成本", "≤5(万元)", "3.46(元)", "fails"),
        ("支付金额", "≤5(万元)", "达成指标", None),
        ("支付及时率", "=100(%)", "100(%)", None),
        ("课程费用", "≤8(万元)", "6.00(万元)", None),
        ("带动社会投资", "≥8(万元)", "600(万元)", None),
    ],
)
def test_r24_what_the_project_paid_is_what_was_executed(
    name: str, target: str, actual: str, verdict: str | None
) -> None:
    assert cost(name, target, actual) == verdict


@pytest.mark.parametrize(
    ("name", "actual", "level2", "level1", "verdict"),
    [
        ("课程费用", "3.00(万元)", "经济成本指标", "成本指标", "holds"),
        ("课程费用", "3.46(万元)", "经济成本指标", "成本指标", "holds"),
        ("课程费用", "6.00(万元)", "经济成本指标", "成本指标", "fails"),
        ("课程费用", "6.00(万元)", "成本指标", "产出指标", "fails"),
        ("课程费用", "6.00(万元)", None, "成本指标", "fails"),
        ("课程费用", "6.00(万元)", "社会成本指标", "成本指标", None),
        ("课程费用", "6.00(万元)", "数量指标", "产出指标", None),
        ("设备单价", "6.00(万元)", "经济成本指标", "成本指标", None),
        ("每公里养护成本", "6.00(万元)", "经济成本指标", "成本指标", None),
    ],
)
def test_r24_a_cost_is_part_of_what_was_executed(
    name: str, actual: str, level2: str | None, level1: str, verdict: str | None
) -> None:
    assert cost(name, "≤8(万元)", actual, level2, level1) == verdict


def test_r24_amounts_are_compared_in_one_unit() -> None:
    """181.18 万元 are 1,811,800 元."""
    assert (
        cost("支付金额", "≤200(万元)", "181.18(万元)", executed="1811800.00", unit="元") == "holds"
    )
    assert cost("支付金额", "≤200(万元)", "181.18(万元)", executed="181.18", unit="元") == "fails"


def test_r24_a_body_spends_more_than_one_of_its_projects() -> None:
    """Nothing must equal the money of the whole body, but no cost is above its two sources."""
    assert cost("项目总成本", "≤5(万元)", "2(万元)", "经济成本指标", family="department") == "holds"
    assert (
        cost("项目总成本", "≤5(万元)", "4.46(万元)", "经济成本指标", family="department") == "holds"
    )
    assert (
        cost("项目总成本", "≤5(万元)", "5.00(万元)", "经济成本指标", family="department") == "fails"
    )


def test_r24_sees_the_costs_of_the_sample() -> None:
    rows = [
        path
        for form in sample()["jiangqiao-2024.tsv"]
        for path, entry in form.entries.items()
        if f"cost:{path}" in entry.holds
    ]
    assert rows == ["indicators[3].actual", "indicators[0].actual", "indicators[1].actual"]


# --- prose against numbers -----------------------------------------------------------------------


def in_short(text: str) -> list[tuple[str, list[str], str, bool]]:
    """Total, parts, what is left over, and whether the parts leave room for others."""
    return [
        (
            f"{s.total.value:f}", [f"{part.value:f}" for part in s.parts], f"{s.off:f}", s.closed,
        )
        for s in sums(text)
    ]  # fmt: skip


HOLDING = {
    ("366560", "251744 114816"),
    ("5263", "3700 1563"),
    ("4526950", "383500 2107890 1624110 331550 79900"),
    ("720", "88 387 157 49 39"),
    ("160100", "13700 59000 73600 11800 2000"),
}


@pytest.mark.parametrize("name", ["jiangchuan-2023.md", "jiangchuan-2023.tsv"])
def test_r27_finds_the_sums_that_the_sample_tells(name: str) -> None:
    """Five hold, and 33 is not 23 + 9. Nothing else in the goals is taken for a sum."""
    found: list[tuple[str, list[str], str, bool]] = []
    for form in sample()[name]:
        for leaf in ("expected_goal", "actual_completion"):
            found += in_short(form.record[leaf] or "")
    holding = {(total, " ".join(parts)) for total, parts, off, _ in found if off == "0"}
    assert holding == HOLDING
    assert [one for one in found if one[2] != "0"] == [("33", ["23", "9"], "1", True)]


@pytest.mark.parametrize("name", ["jiangchuan-2023.md", "jiangchuan-2023.tsv"])
def test_r27_reports_the_one_that_does_not_hold(name: str) -> None:
    findings = [f for form in sample()[name] for f in of_kind(form.findings, "told_sums")]
    (finding,) = findings
    assert (finding.check, finding.rule) == ("told_sums:actual_completion", "R27")
    assert (finding.severity, finding.residual) == ("advice", "1")
    assert finding.fields == ("actual_completion",)
    for said in finding.message.values():
        assert "“获媒体报道 33 次，其中市级媒体报道 23 次，市级以上媒体报道 9 次”" in said
        assert "33 ≠ 23 + 9 = 32" in said
    held = [f for form in sample()[name] for f in form.entries["actual_completion"].holds]
    assert "told_sums:actual_completion" in held


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发证 50 张，其中成人读者证 30 张，少儿读者证 10 张。", [("50", "30 10", "10", True)]),
        # not said to be all
        ("参加 50 人，其中党员 30 人，女性 40 人。", [("50", "30 40", "-20", False)]),
        ("发证 50 张，其中主要包括成人证 30 张，少儿证 10 张。", [("50", "30 10", "10", False)]),
        ("发证 50 张，其中成人读者证 30 张、少儿读者证 10 张等。", [("50", "30 10", "10", False)]),
        ("计划推进 25 个，其中 10 个纳入实事项目。", []),
        # estimates, other measures, dates and shares are not added
        ("发证 50 余张，其中成人读者证 30 张，少儿读者证 10 张。", []),
        ("发证近 50 张，其中成人读者证 30 张，少儿读者证 10 张。", []),
        ("发证 50 张，其中成人 30 人，少儿 10 人。", []),
        ("2023 年发展 5%，其中 3 月 2%，4 月 1%。", []),
        # the next sentence is another matter
        ("发证 50 张，其中成人读者证 30 张。少儿读者证 10 张。", []),
        ("发证 50 张。工作有序。其中，成人读者证 30 张，少儿读者证 10 张。", []),
        ("发证 50 张。其中，成人读者证 30 张，少儿读者证 10 张。", [("50", "30 10", "10", True)]),
        ("发证 50 张。\n其中：成人读者证 30 张；少儿读者证 20 张。", [("50", "30 20", "0", True)]),
        # several columns of one list
        (
            "申报项目 7 个，经费 90 元。"
            "其中，便民类项目 3 个，经费 40 元；公益类项目 4 个，费用 60 元。",
            [("90", "40 60", "-10", True), ("7", "3 4", "0", True)],
        ),
        # a total that comes last
        ("购书 3 万元，讲座 2 万元，共计 5 万元。", [("50000", "30000 20000", "0", False)]),
        ("购书 3 元，活动 2 元，维修 1 元，合计 7 元。", [("7", "3 2 1", "1", True)]),
        ("调减包括购书 3 元，活动 2 元，共 6 元。", [("6", "3 2", "1", True)]),
        ("举办展览 3 场，讲座 2 场，共 20 场。", [("20", "3 2", "15", False)]),
        ("举办展览 3 场，讲座 2 场，共计 200 人次。", []),
        ("共收集资源 55 个、需求 38 个、项目 38 个。", []),
        ("发证１２张，其中成人证７张，少儿证５张。", [("12", "7 5", "0", True)]),
        ("发证 1,200 张，其中成人证 700 张，少儿证 500 张。", [("1200", "700 500", "0", True)]),
        ("无", []),
    ],
)  # fmt: skip
def test_r27_how_sums_are_told(text: str, expected: list[tuple[str, str, str, bool]]) -> None:
    assert in_short(text) == [(a, b.split(), c, d) for a, b, c, d in expected]


def told_sums(text: str | None) -> str | None:
    residual = ToldSums("R27", "goal").residual({"goal": text})
    return residual.verdict if residual else None


def test_r27_reports_only_what_leaves_no_room() -> None:
    assert told_sums("发证 50 张，其中成人读者证 30 张，少儿读者证 10 张。") == "fails"
    assert told_sums("发证 40 张，其中成人读者证 30 张，少儿读者证 10 张。") == "holds"
    assert told_sums("参加 50 人，其中党员 30 人，女性 40 人。") is None
    assert told_sums("无") is None
    assert told_sums(None) is None


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("最终专项年度预算 4639900 元，实际执行 4512020.08 元。", "holds"),
        ("2023年全年预算为463.99万元，实际支出451.2万元。", "holds"),
        ("年初预算 480 万元。", "holds"),
        ("年初预算 463.99 万元。", "fails"),
        ("年度预算 480 万元。", "holds"),
        ("实际执行 415.20 万元。", "fails"),
        ("全年预算 563.99 万元，实际执行 451.20 万元。", "fails"),
        # parts, shares, estimates and other things
        ("每个居民区年度预算 10 万元。", None),
        ("其中，项目预算 10 万元。", None),
        ("活动经费预算 10 万元，预算 5 万元。", None),
        ("实际执行约 400 万元。", None),
        ("年度预算 3 项，实际执行 2 次。", None),
        ("培训支出 10 万元。", None),
    ],
)
def test_r27_amounts_named_in_prose(text: str, verdict: str | None) -> None:
    columns = ("initial_budget", "annual_budget", "executed")
    paths = {c: f"funds.total.{c}" for c in columns}
    initial, budget, executed = ((paths[column],) for column in columns)
    check = ToldAmounts("R27", "goal", initial=initial, budget=budget, executed=executed)
    values: dict[str, Value] = {"goal": text, "amount_unit": "万元"}
    values |= {
        paths[column]: number_of(amount)
        for column, amount in zip(columns, ("480.00", "463.99", "451.20"), strict=True)
    }
    residual = check.residual(values)
    assert (residual and residual.verdict) == verdict
    if verdict == "fails":
        says = check.sentence(values, label)
        assert "≠" in says["zh"]
        assert "万元" in says["en"]
    assert check.residual({"goal": text, "amount_unit": "万元"}) is None


def test_r27_amounts_of_the_sample_hold() -> None:
    form = sample()["jiangchuan-2023.md"][4]
    assert "told_amounts:actual_completion" in form.entries["actual_completion"].holds
    assert "told_amounts:actual_completion" in form.entries["funds.total.executed"].holds


HOSTILE: Mapping[str, str] = {
    "of": "其中" * 50_000,
    "parts": "总数 5 次，其中" + "甲 1 次，" * 16_000,
    "nested": "3 次，其中 2 次，1 次，" * 7_000,
    "digits": "其中" + "1" * 100_000,
    "groups": "其中" + "1,234,567,890,123," * 5_500,
    "commas": "其中 1 次" + "，" * 100_000 + "2 次，3 次",
    "breaks": "其中 1 次" + "。，" * 50_000 + "2 次",
    "totals": "1 元，共计 2 元，" * 10_000,
    "beside": "1 元，" * 25_000 + "共计 5 元",
    "budgets": "年度预算 5 元，" * 11_000,
    "spaces": "其中" + " " * 100_000 + "1 次",
    "prefixes": "其中年度预算" + "年度" * 50_000 + "5 元",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_r27_reads_long_prose_in_linear_time(name: str) -> None:
    text = HOSTILE[name]
    for check in (ToldSums("R27", "p"), ToldAmounts("R27", "p", budget=("b",), executed=("e",))):
        start = time.process_time()
        check.residual({"p": text, "b": number_of("1"), "amount_unit": "元"})
        assert time.process_time() - start < 4


def test_a_quantity_has_its_words_its_size_and_its_fineness() -> None:
    (one,) = quantities("3) 粉丝数 2.5 万人，")
    assert (one.label, one.value, one.step, one.unit) == ("粉丝数", 25_000, 1_000, "人")
    assert [q.value for q in quantities("1.5.2 次；12345678901234567890 次")] == []


# --- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "target", "actual", "verdict"),
    [
        ("维修数", "≥5(件)", "5(人次)", "fails"),
        ("维修数", "≥5(件)", "5(件)", "holds"),
        ("设施设备完好率", "≥95.00(件)", "98.00(件)", "fails"),
        ("受益群众满意度", "≥85.00(人次)", "85.00(人次)", "fails"),
        ("对阵地的满意程度", "≥90(百分比)", "88.00(百分比)", "holds"),
        ("活动频率", "≥5(次/周)", "8.00(次/周)", "holds"),
        ("设备功率", "≥5(千瓦)", "8(千瓦)", "holds"),
    ],
)
def test_r25_units_of_rates_and_counts(name: str, target: str, actual: str, verdict: str) -> None:
    row = {"name": name, "target": target, "actual": actual}
    residual = UnitsAgree("R25").residual({f"indicators[].{k}": v for k, v in row.items()})
    assert residual is not None
    assert residual.verdict == verdict


# --- all of them ---------------------------------------------------------------------------------


def test_the_project_forms_of_the_sample_raise_nothing_but_the_33() -> None:
    found = [
        (name, f.check)
        for name, forms in sample().items()
        if name != DEPARTMENT
        for form in forms
        for f in of_kind(form.findings, *NEW)
    ]
    assert found == [
        ("jiangchuan-2023.md", "told_sums:actual_completion"),
        ("jiangchuan-2023.tsv", "told_sums:actual_completion"),
    ]


def test_generated_forms_raise_none_of_them() -> None:
    """Names may come back there with other values; costs repeat the funds; goals tell numbers."""
    for seed in range(500):
        one = draw(seed)
        shape = (one.indicators, tuple(() for _ in range(one.groups)))
        found = judged(family_of(one.family), COLUMN_SETS[one.columns], one.leaves, shape)
        assert of_kind(found, *NEW) == [], seed


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_clean_pages_raise_none_of_them(layout: str) -> None:
    for seed, columns in enumerate(COLUMN_SETS):
        made = page(Spec(90_000 + seed, columns, layout))
        for form in read_document(document(made.text)).forms:
            assert of_kind(form.findings, *NEW) == [], made.spec.name


def test_they_are_declared_and_told_in_words() -> None:
    told = {lang: "\n".join(families_lines(lang)) for lang in ("zh", "en")}
    for text in (
        "固定的行：年度资金总额、当年财政拨款",
        "没有重复的行",
        "不超过执行数",
        "分项之和等于其总数",
        "与资金表一致",
    ):
        assert told["zh"].count(text) >= 1
    for text in ("the rows are", "is there twice", "within the executed amount", "told in prose"):
        assert told["en"].count(text) >= len(FAMILIES)
    for family in FAMILIES:
        ids = {check.id.partition(":")[0] for check in family.bound((2, ()))}
        assert set(NEW) <= ids


def test_a_check_of_a_whole_table_is_drawn_under_its_own_heading() -> None:
    for values, verdict in ((printed_rows(FULL), "holds"), (printed_rows(FULL[:3]), "fails")):
        drawing = drawn(funds_rows(), values, label)
        assert drawing is not None
        assert drawing.title == {"zh": "固定的行", "en": "fixed rows"}
        assert (drawing.verdict, drawing.terms, drawing.printed) == (verdict, (), None)
    rows = Repeats("indicators[]", rule="R28").over(2)
    drawing = drawn(rows, rows_of(A, B), label)
    assert drawing is not None
    assert drawing.message == drawing.title == rows.heading()

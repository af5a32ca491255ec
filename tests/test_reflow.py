"""Pages printed one cell a line: what counting and the kinds of cells bring back, and what not.

``tight`` pages have no blank lines for blank cells. A table is written here with ``|`` between its
cells and read as such a page.
"""

from __future__ import annotations

import sys

import pytest

from eval.columns import COLUMN_SETS
from eval.pages import Spec, page
from eval.score import score
from extractor.families import family_of
from extractor.grid import rows
from extractor.readers.reflow import reflow
from extractor.readers.table import read_table
from extractor.types import CheckedForm
from tests.shapes import SHAPES, lost_digits, only, page_of, table

PLAIN = "一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析"
SPREAD = PLAIN.replace("年度指标值", "指标性质 | 指标值 | 度量单位")
GROUPED = (
    "一级指标 | 权重 | 二级指标 | 三级指标 | 年度指标值 | 全年完成值 | 分值 | 得分 | 偏差及原因分析"
)

WIDE = str.maketrans("()", "（）")
"""Labels bracket their digits in either width."""


def tight(header: str, body: str, title: str = "项目支出绩效自评表") -> str:
    """A page with nothing but this table, one cell a line."""
    head = "部门（单位）名称 | 某局" if "部门" in title else "项目名称 | 培训经费"
    text = table(f"{title}\n（2023年度）\n{head}\n{header}\n" + body)
    return SHAPES["tight"](page_of(text))


def grouped(body: str) -> str:
    return tight(GROUPED, body, "部门（单位）整体支出绩效自评表")


def column(form: CheckedForm, leaf: str) -> list[str | None]:
    return [row[leaf] for row in form.record["indicators"]]


def unread(form: CheckedForm, text: str) -> list[str]:
    return [text[a:b] for a, b in form.unread]


# --- whole pages, by column set ------------------------------------------------------------------


@pytest.mark.parametrize("columns", COLUMN_SETS)
@pytest.mark.parametrize("layout", ["tight", "lines"])
def test_a_clean_page_of_lines_is_read_whole(columns: str, layout: str) -> None:
    """What is not read is marked, and nothing is read wrong."""
    for seed in range(70, 76):
        printed = page(Spec(seed, columns, layout))
        form = only(printed.text)
        values = {path: entry.value for path, entry in form.entries.items()}
        wrong = score(family_of(printed.family), printed.truth, values).wrong
        assert [w for w in wrong if w.outcome != "omitted"] == []
        assert [w for w in wrong if not form.entries[w.path].needs_review] == []
        assert form.state == "open" or not wrong


@pytest.mark.parametrize("columns", COLUMN_SETS)
@pytest.mark.parametrize("layout", ["columns", "flat"])
def test_a_page_whose_rows_are_gone_is_left_unread(columns: str, layout: str) -> None:
    """Column by column or all in one line: nothing is guessed, and no digit is lost."""
    for seed in range(70, 76):
        printed = page(Spec(seed, columns, layout))
        form = only(printed.text)
        values = {path: entry.value for path, entry in form.entries.items()}
        wrong = score(family_of(printed.family), printed.truth, values).wrong
        assert [w for w in wrong if w.outcome != "omitted"] == []
        assert form.state == "open"
        assert lost_digits(printed.text.translate(WIDE), form) == ""


# --- targets over three cells --------------------------------------------------------------------


def test_a_target_without_a_unit_of_measure_is_one_cell_shorter() -> None:
    text = tight(
        SPREAD,
        """
        产出指标 | 数量指标 | 讲座场次 | ≥ | 40 | 场 | 43 | 30 | 30 |
        | 质量指标 | 制度健全 | 定性 | 健全 | | 达成指标 | 30 | 20 | 制度尚未印发，已整改
        | | 成本控制 | ≤ | 预算金额 | | 达成指标 | 40 | 40 |
        总分 | | | | | | | 100 | 90 |
        """,
    )
    form = only(text)
    assert column(form, "target") == ["≥40(场)", "健全", "≤预算金额"]
    assert column(form, "actual") == ["43", "达成指标", "达成指标"]
    assert column(form, "score") == ["30", "20", "40"]
    assert column(form, "level2") == ["数量指标", "质量指标", "质量指标"]
    assert unread(form, text) == []


def test_bare_numbers_are_told_from_points_by_their_count() -> None:
    """Target 10 and actual 10 look like points, and are told only by their place."""
    text = tight(
        SPREAD,
        """
        产出指标 | 数量指标 | 机房数量 | = | 10 | 个 | 10 | 5 | 5 |
        | | 设备数量 | = | 10 | 台 | 9 | 15 | 13.5 |
        总分 | | | | | | | 20 | 18.5 |
        """,
    )
    form = only(text)
    assert column(form, "actual") == ["10", "9"]
    assert column(form, "weight") == ["5", "15"]


def test_points_that_ran_together_are_not_cut_out_of_their_neighbours() -> None:
    """1515 for 15 and 15: 台, 43 and 1515 must not become an actual, a weight and a score."""
    text = tight(
        SPREAD,
        """
        产出指标 | 数量指标 | 讲座场次 | ≥ | 40 | 台 | 43 | 1515 | |
        | 质量指标 | 合格率 | ≥ | 90 | % | 95 | 15 | 15 |
        总分 | | | | | | | 30 | 30 |
        """,
    )
    form = only(text)
    assert column(form, "name") == ["合格率"]
    assert "1515" in unread(form, text)
    assert form.state == "open"


# --- levels and names ----------------------------------------------------------------------------


def test_a_name_that_equals_a_level_is_told_by_the_count_of_its_row() -> None:
    text = tight(
        PLAIN,
        """
        产出指标 | 数量指标 | 讲座场次 | ≥40场 | 43场 | 50 | 50 |
        满意度指标 | 满意度指标 | 服务对象满意度 | ≥80% | 95% | 20 | 20 |
        | | 满意度 | ≥80% | 95% | 30 | 30 |
        总分 | | | | | 100 | 100 |
        """,
    )
    form = only(text)
    assert column(form, "name") == ["讲座场次", "服务对象满意度", "满意度"]
    assert column(form, "level1") == ["产出指标", "满意度指标", "满意度指标"]
    assert column(form, "level2") == ["数量指标", "满意度指标", "满意度指标"]


def test_cost_is_level_1_only_in_front_of_a_level_2() -> None:
    text = tight(
        PLAIN,
        """
        成本指标 | 经济成本指标 | 支付金额 | ≤10万元 | 10万元 | 20 | 20 |
        产出指标 | 数量指标 | 讲座场次 | ≥40场 | 43场 | 50 | 50 |
        | 成本指标 | 单位成本 | ≤2万元 | 2万元 | 30 | 30 |
        总分 | | | | | 100 | 100 |
        """,
    )
    form = only(text)
    assert column(form, "level1") == ["成本指标", "产出指标", "产出指标"]
    assert column(form, "level2") == ["经济成本指标", "数量指标", "成本指标"]


def test_a_department_prints_group_weights_lists_and_notes() -> None:
    text = grouped(
        """
        投入管理指标 | 30 | 预算编审管理 资产管理 | 预算编制规范性 | 规范 | 达成指标 | 30 | 30 |
        产出指标 | 25 | 数量指标 | 预算执行率 | ≥98% | 99% | 25 | 20 | 首月偏慢，已整改。
        效益指标 | 35 | | 服务能力 | 提升 | 达成指标 | 35 | 35 |
        满意度指标 | 10 | 服务对象满意度指标 | 群众满意度 | ≥90% | 92% | 10 | 10 |
        总分 | | | | | | 100 | 95 |
        """,
    )
    form = only(text)
    groups = form.record["groups"]
    assert [group["weight"] for group in groups] == ["30", "25", "35", "10"]
    assert [group["level2_listed"] for group in groups] == [
        "预算编审管理 资产管理", None, None, None,
    ]  # fmt: skip
    assert column(form, "name") == ["预算编制规范性", "预算执行率", "服务能力", "群众满意度"]
    assert column(form, "deviation") == [None, "首月偏慢，已整改。", None, None]
    assert unread(form, text) == []


def test_a_sentence_beside_a_group_is_its_note() -> None:
    text = grouped(
        """
        投入管理指标 | 60 | 资产管理 | 固定资产在用率 | ≥90% | 95% | 60 | 60 |
        总分 | | | | | | 60 | 60 |
        """
    ).replace("资产管理\n", "资产管理\n根据有关规定，本组由财政部门评价。\n", 1)
    form = only(text)
    assert form.record["groups"][0]["note"] == "根据有关规定，本组由财政部门评价。"
    assert column(form, "level2") == ["资产管理"]


# --- a note or a level of the next row -----------------------------------------------------------


def test_an_unknown_level_2_goes_on_where_the_group_began_with_one() -> None:
    """Below a row with full points there is nothing to explain."""
    text = grouped(
        """
        投入管理指标 | 30 | 内部控制管理 | 制度健全性 | 健全 | 达成指标 | 10 | 10 |
        | | 预算信息化 | 系统完整率 | ≥95% | 99% | 20 | 20 |
        总分 | | | | | | 30 | 30 |
        """
    )
    form = only(text)
    assert column(form, "level2") == ["内部控制管理", "预算信息化"]
    assert column(form, "deviation") == [None, None]


def test_a_note_that_may_be_a_level_is_left_unread() -> None:
    """Below a row that lost points 预算信息化 may be either; the rows keep all their numbers."""
    text = grouped(
        """
        投入管理指标 | 30 | 内部控制管理 | 制度健全性 | 健全 | 基本完成 | 10 | 8 |
        | | 预算信息化 | 系统完整率 | ≥95% | 99% | 20 | 20 |
        总分 | | | | | | 30 | 28 |
        """
    )
    form = only(text)
    assert unread(form, text) == ["预算信息化"]
    assert column(form, "score") == ["8", "20"]
    assert column(form, "level2") == ["内部控制管理", None]
    assert column(form, "deviation") == [None, None]
    assert form.entries["indicators[1].level2"].needs_review


def test_a_short_note_at_full_points_is_left_unread_unless_every_row_has_one() -> None:
    """A doubled target looks the same: 健全 · 健全 in a row that seems to follow a note."""
    bare = """
        产出指标 | 数量指标 | 讲座场次 | ≥40场 | 43场 | 20 | 20 | {0}
        | | 培训场次 | ≥40场 | 43场 | 30 | 30 | {1}
        | | 展览场次 | ≥40场 | 43场 | 50 | 50 | {1}
        总分 | | | | | 100 | 100 |
        """
    text = tight(PLAIN, bare.format("按计划开展", ""))
    form = only(text)
    assert unread(form, text) == ["按计划开展"]
    assert column(form, "weight") == ["20", "30", "50"]
    form = only(tight(PLAIN, bare.format("按计划开展", "按计划开展")))
    assert column(form, "deviation") == ["按计划开展"] * 3


def test_a_row_that_lost_a_cell_is_left_over_and_casts_doubt_on_its_neighbours() -> None:
    text = tight(
        PLAIN,
        """
        产出指标 | 数量指标 | 讲座场次 | ≥40场 | 43场 | 20 | 20 |
        | | 培训场次 | ≥40场 | | 30 | 30 |
        | 质量指标 | 合格率 | ≥90% | 95% | 30 | 30 |
        效益指标 | 社会效益指标 | 知晓率 | ≥90% | 95% | 20 | 20 |
        总分 | | | | | 100 | 100 |
        """,
    )
    form = only(text)
    assert column(form, "name") == ["讲座场次", "合格率", "知晓率"]
    assert unread(form, text) == ["培训场次", "≥40场", "30", "30"]
    assert form.entries["indicators[1].level1"].needs_review
    assert column(form, "level1") == ["产出指标", None, "效益指标"]
    assert not form.entries["indicators[2].level1"].needs_review


@pytest.mark.parametrize("rest", ["）", "益指标", "度指"])
def test_the_rest_of_a_cut_cell_is_no_note(rest: str) -> None:
    text = tight(
        PLAIN,
        """
        产出指标 | 数量指标 | 讲座场次 | ≥40场 | 43场 | 60 | 60 | REST
        效益指标 | 社会效益指标 | 知晓率 | ≥90% | 95% | 40 | 40 |
        总分 | | | | | 100 | 100 |
        """.replace("REST", rest),
    )
    form = only(text)
    assert column(form, "deviation") == [None, None]
    assert unread(form, text) == [rest]


def test_the_rest_of_a_level_behind_a_page_break_completes_it() -> None:
    """社会效益 · 指标 as cells of their own, and 指标可持续影响指标 in one."""
    text = tight(
        PLAIN,
        """
        效益指标 | 社会效益 | 讲座场次 | ≥40场 | 43场 | 40 | 40 |
        | REST | 知晓率 | ≥90% | 95% | 60 | 60 |
        总分 | | | | | 100 | 100 |
        """,
    )
    form = only(text.replace("REST", "指标"))
    assert column(form, "level2") == ["社会效益指标", None]
    assert form.entries["indicators[1].level2"].needs_review
    form = only(text.replace("REST", "指标可持续影响指标"))
    assert column(form, "level2") == ["社会效益指标", "可持续影响指标"]


# --- above and below the table -------------------------------------------------------------------


@pytest.mark.parametrize("grade", ["优", "良好", "合格", "A"])
def test_a_grade_beside_its_label_is_read(grade: str) -> None:
    rows = (
        "产出指标 | 数量指标 | 讲座场次 | ≥40场 | 43场 | 100 | 100 |\n总分 | | | | | 100 | 100 |\n"
    )
    form = only(tight(PLAIN, f"{rows}评分等级 | {grade}\n"))
    assert form.record["grade"] == grade


def test_what_looks_like_no_grade_is_none() -> None:
    """Column by column the project's name follows 评分等级."""
    rows = (
        "产出指标 | 数量指标 | 讲座场次 | ≥40场 | 43场 | 100 | 100 |\n总分 | | | | | 100 | 100 |\n"
    )
    text = tight(PLAIN, f"{rows}评分等级 | 年度馆藏图书购置\n")
    form = only(text)
    assert form.record["grade"] is None
    assert unread(form, text) == ["年度馆藏图书购置"]


def test_goals_under_a_label_that_cannot_be_read_are_not_taken_for_the_other() -> None:
    printed = page(Spec(3509, "national", "tight", "template_text", 2))
    assert "预期目标(100字以内)" in printed.text
    form = only(printed.text)
    assert form.record["actual_completion"] is None
    assert form.entries["actual_completion"].standing == "unread"


def test_rows_whose_header_was_lost_are_not_swallowed_by_a_goal() -> None:
    """A goal without a full stop is continued by prose, not by levels and points."""
    text = tight(
        "预期目标 | 实际完成情况",
        """
        开展讲座40场。 | 项目运行正常，群众反映良好
        一级指标 | 得分
        产出指标（50分） | 数量指标 | 讲座场次 | ≥40场 | 43场 | 50 | 50 |
        效益指标 | 社会效益指标 | 知晓率 | ≥90% | 95% | 50 | 50 |
        """,
    )
    form = only(text)
    assert form.record["actual_completion"] == "项目运行正常，群众反映良好"
    assert lost_digits(text, form) == ""
    assert "50" in unread(form, text)


def test_the_reason_of_a_funds_row_belongs_to_its_row() -> None:
    text = "项目支出绩效自评表\n（2023年度）\n项目名称\n培训经费\n项目资金（万元）\n"
    text += "年初预算\n调整后预算数\n预算执行数\n预算执行率\n权重\n得分\n原因\n"
    text += "总额\n10.00\n10.00\n9.00\n90.00\n10\n9\n年末采购推迟\n"
    text += "其中：财政资金\n10.00\n10.00\n9.00\n90.00\n-\n-\n"
    form = only(text)
    assert form.record["funds"]["total"]["score"] == "9"
    assert form.record["funds"]["current_year_appropriation"]["executed"] == "9.00"


def test_a_page_stamp_between_the_lines_changes_nothing() -> None:
    printed = page(Spec(70, "shanghai", "tight")).text
    lines = printed.splitlines()
    form = only(printed)
    for at in range(6, len(lines), 7):
        stamped = only("\n".join([*lines[:at], "344/1000", *lines[at:]]))
        assert stamped.record == form.record, lines[at - 1 : at + 1]


def test_counting_without_blank_lines_is_chance() -> None:
    """Four rows of six cells above 24 more: the count comes out, and means nothing."""
    printed = page(Spec(2030, "hubei", "tight"))
    form = only(printed.text)
    assert form.record["expected_goal"] == printed.truth["expected_goal"]
    assert form.record["funds"]["total"]["executed"] == printed.truth["funds.total.executed"]


def test_a_table_without_points_is_left_unread() -> None:
    """Nothing marks the end of a row: this once was a crash."""
    text = tight(
        "一级指标 | 二级指标 | 三级指标 | 年度指标值 | 偏差原因分析",
        "产出指标 | 数量指标 | 讲座场次 | ≥40场 | 无\n总分 | | | |\n",
    )
    form = only(text)
    assert form.record["indicators"] == []
    assert "讲座场次" in unread(form, text)


# --- damage to pages with their blank lines ------------------------------------------------------


@pytest.mark.parametrize("layout", ["tabs", "lines"])
@pytest.mark.parametrize(
    "spec",
    [
        Spec(6302, "sichuan", "lines", "stamped_numbers", 2),
        Spec(9108, "sichuan", "lines", "off_header", 1),
    ],
)
def test_damage_to_a_few_cells_moves_no_other(layout: str, spec: Spec) -> None:
    """Stamped amounts are no witness of a moved table; a moved 服务对象满意度 is still a name."""
    printed = page(spec._replace(layout=layout))
    form = only(printed.text)
    family = family_of(printed.family)
    values = {path: entry.value for path, entry in form.entries.items()}
    wrong = [w for w in score(family, printed.truth, values).wrong if w.outcome != "omitted"]
    assert wrong == []


# --- hostile pages -------------------------------------------------------------------------------

HOSTILE = {
    "ambiguous": "内部控制管理\n名称\n良好\n良好\n10\n8\n",
    "points": "10\n",
    "levels": "产出指标\n",
    "words": "良好\n",
    "dashes": "—\n",
    "headers": "一级指标\n二级指标\n三级指标\n分值\n",
    "rows": "预期目标\n文字\n项目名称\n年初预算数\n全年预算数\n全年执行数\n其他资金\n1\n2\n3\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_long_page_takes_no_more_than_its_share(kind: str) -> None:
    """Eight times the lines take about eight times as long: far from sixty-four."""
    family = family_of("department")
    head = grouped("产出指标 | 25 | 数量指标 | 预算执行率 | ≥98% | 99% | 25 | 20 |")

    def calls(lines: int) -> int:
        """What the work comes to, counted: a clock would tell of the machine."""
        body = HOSTILE[kind]
        text = head + body * (lines // body.count("\n"))
        page_rows = rows(text)
        counted = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal counted
            counted += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            made = reflow(text, page_rows, family)
        finally:
            sys.setprofile(None)
        assert sum(len(row.filled) for row in made) == len(page_rows)
        return counted

    calls(500)
    assert calls(8_000) < 12 * calls(1_000)


def test_a_long_page_is_read() -> None:
    row = "产出指标\n数量指标\n名称\n≥1个\n1个\n1\n1\n"
    text = tight(PLAIN, "产出指标 | 数量指标 | 讲座场次 | ≥40场 | 43场 | 100 | 100 |") + row * 3000
    found = read_table(text, family_of("project")).readings
    assert found["indicators[3000].score"].value == "1"

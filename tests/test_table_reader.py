"""What the table reader makes of a page: the values, standings and damage of the contract.

Where a test's docstring goes on after a blank line, the rest is the page: ``|`` between cells,
put into a form by the fixture that the test asks for.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from extractor.types import CheckedForm, Entry
from tests.shapes import differences, fixture, misplaced_spans, only, read, table, text_of

HEAD = """\
财政项目支出绩效自评表
（2024年度）
项目名称 | 试点项目 | | |
"""
COLUMNS = "一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析\n"
FUNDS = """\
项目资金（万元） | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
"""
GOALS = "年度总体目标 | 预期目标 | | 实际完成情况 |\n"


def page_of(test: Callable[..., Any]) -> str:
    """The page in a test's docstring: what follows its first blank line."""
    return textwrap.dedent((test.__doc__ or "").partition("\n\n")[2]).strip("\n").rstrip() + "\n"


@pytest.fixture
def framed(request: pytest.FixtureRequest) -> CheckedForm:
    """A form of a title, a year, a name and the indicator rows in the docstring."""
    return checked(table(HEAD + COLUMNS + page_of(request.function)))


@pytest.fixture
def funded(request: pytest.FixtureRequest) -> CheckedForm:
    """The same with the funds rows in the docstring."""
    return checked(table(HEAD + FUNDS + page_of(request.function)))


@pytest.fixture
def told(request: pytest.FixtureRequest) -> CheckedForm:
    """The same with the goal rows in the docstring."""
    return checked(table(HEAD + GOALS + page_of(request.function)))


@pytest.fixture
def whole(request: pytest.FixtureRequest) -> CheckedForm:
    """The page in the docstring as it stands."""
    return checked(table(page_of(request.function)))


def checked(text: str) -> CheckedForm:
    form = only(text)
    assert misplaced_spans(text, form) == {}
    return form


def unread(text: str, form: CheckedForm) -> list[str]:
    return [text[a:b] for a, b in form.unread]


def row(form: CheckedForm, index: int = 0) -> dict[str, str | None]:
    found: dict[str, str | None] = dict(form.record["indicators"][index])
    del found["row"]
    return found


def levels(form: CheckedForm) -> list[tuple[str | None, str | None]]:
    return [(r["level1"], r["level2"]) for r in form.record["indicators"]]


def entry(form: CheckedForm, path: str) -> Entry:
    return form.entries[path]


# --- level names -------------------------------------------------------------------------------


def test_a_broken_level_name_loses_its_spaces(framed: CheckedForm) -> None:
    """A label split inside its cell.

    效益 指标 | 可持 续影 响指 标 | 长效机制 | 健全 | 达成指标 | 10.00 | 10.00 |
    """
    assert levels(framed) == [("效益指标", "可持续影响指标")]
    assert entry(framed, "indicators[0].level2").raw == ("可持 续影 响指 标",)
    assert entry(framed, "indicators[0].level2").reasons == ()


def test_parts_of_a_level_name_are_joined_across_a_row(framed: CheckedForm) -> None:
    """The rest of level 1 stands alone in the next row.

    满意 | 服务对象满意度指标 | 居民满意度 | ≥90% | 91% | 10.00 | 10.00 |
    度指 标 | | | | | | |
    """
    found = entry(framed, "indicators[0].level1")
    assert found.value == "满意度指标"
    assert found.raw == ("满意", "度指 标")
    assert "joined_across_page" in found.reasons
    assert len(framed.record["indicators"]) == 1
    assert framed.unread == ()


def test_a_doubled_part_of_a_level_name_is_dropped(framed: CheckedForm) -> None:
    """可持续影响 + 响指标 share a character.

    效益指标 | 可持续影响 | 长效机制 | 健全 | 达成指标 | 10.00 | 10.00 |
     | 响指标 | | | | | |
    """
    found = entry(framed, "indicators[0].level2")
    assert found.value == "可持续影响指标"
    assert found.raw == ("可持续影响", "响指标")
    assert {"joined_across_page", "overlap_dropped"} <= set(found.reasons)


def test_the_longest_overlap_is_dropped(framed: CheckedForm) -> None:
    """满意度指标 + 标, the last character printed again.

    满意度指标 | 服务对象满意度指标 | 居民满意度 | ≥90% | 91% | 10.00 | 10.00 |
    标 | | | | | | |
    """
    assert levels(framed) == [("满意度指标", "服务对象满意度指标")]
    assert framed.unread == ()


def test_parts_that_make_no_level_name_are_joined_as_they_are(framed: CheckedForm) -> None:
    """Only names of the vocabulary lose an overlap.

    效益指标 | 社会与经济 | 综合带动 | 提升 | 达成指标 | 10.00 | 10.00 |
     | 经济效应指标 | | | | | |
    """
    assert entry(framed, "indicators[0].level2").value == "社会与经济经济效应指标"


def test_a_cut_level_regains_its_rest_from_the_cell_below(framed: CheckedForm) -> None:
    """After the page break one cell holds the rest of the old name and the new name.

    效益指标 | 社会 效益 | 参与度 | 提高 | 达成指标 | 10.00 | 10.00 |
     | | 知晓度 | 提高 | 达成指标 | 10.00 | 10.00 |
     | 指标可持续影响指标 | 长效机制 | 健全 | 达成指标 | 10.00 | 10.00 |
    """
    assert levels(framed) == [
        ("效益指标", "社会效益指标"),
        ("效益指标", "社会效益指标"),
        ("效益指标", "可持续影响指标"),
    ]
    above, below = (entry(framed, f"indicators[{i}].level2") for i in (1, 2))
    assert above.raw == ("社会 效益", "指标")
    assert below.raw == ("可持续影响指标",)
    assert below.spans[0].start == above.spans[1].end


def test_the_word_that_completes_level_1_completes_it_for_the_rows_above(
    framed: CheckedForm,
) -> None:
    """Only 指标 stands in the level-1 column of the third row.

    产出 | 数量指标 | 场次 | ≥5(场) | 5(场) | 10.00 | 10.00 |
     | 质量指标 | 合格率 | 100% | 100% | 10.00 | 10.00 |
    指标 | 时效指标 | 及时性 | 及时 | 达成指标 | 10.00 | 10.00 |
    """
    assert [one for one, _ in levels(framed)] == ["产出指标"] * 3
    assert entry(framed, "indicators[0].level1").raw == ("产出", "指标")


def test_levels_are_filled_down_with_the_spans_of_their_cell(framed: CheckedForm) -> None:
    """Merged cells hold their text in the first row only.

    产出指标 | 数量指标 | 场次 | ≥5(场) | 5(场) | 10.00 | 10.00 |
     | | 人次 | ≥9(人) | 9(人) | 10.00 | 10.00 |
    效益指标 | 社会效益指标 | 知晓度 | 提高 | 达成指标 | 10.00 | 10.00 |
    """
    assert levels(framed)[1] == ("产出指标", "数量指标")
    first, second = (entry(framed, f"indicators[{i}].level1") for i in (0, 1))
    assert second.spans == first.spans
    assert second.raw == ("产出指标",)
    assert second.reasons == ("filled_down",)
    assert first.reasons == ()


def test_a_new_level_1_ends_the_level_2_above(framed: CheckedForm) -> None:
    """The level-2 cell of the second block was dropped: it is unknown, not the one above.

    产出指标 | 数量指标 | 场次 | ≥5(场) | 5(场) | 10.00 | 10.00 |
    效益指标 | | 知晓度 | 提高 | 达成指标 | 10.00 | 10.00 |
    """
    assert levels(framed)[1] == ("效益指标", None)


def test_a_level_2_name_in_the_level_1_column_is_level_2(framed: CheckedForm) -> None:
    """A row that lost its leading blank cell.

    产出指标 | 数量指标 | 场次 | ≥5(场) | 5(场) | 10.00 | 10.00 |
    质量指标 | | 合格率 | 100% | 100% | 10.00 | 10.00 |
    """
    assert levels(framed) == [("产出指标", "数量指标"), ("产出指标", "质量指标")]


def test_a_complete_level_2_name_of_its_own_stands_as_printed(framed: CheckedForm) -> None:
    """满意度指标 stands in both columns.

    满意度指标 | 服务对象满意度指标 | 居民满意度 | ≥90% | 91% | 10.00 | 10.00 |
     | 满意度指标 | 职工满意度 | ≥90% | 91% | 10.00 | 10.00 |
    """
    assert levels(framed) == [
        ("满意度指标", "服务对象满意度指标"),
        ("满意度指标", "满意度指标"),
    ]


def test_level_names_are_half_width(framed: CheckedForm) -> None:
    """Brackets of a level name.

    满意度指标 | 服务对象（群众）满意度指标 | 居民满意度 | ≥90% | 91% | 10.00 | 10.00 |
    """
    assert levels(framed)[0][1] == "服务对象(群众)满意度指标"


# --- names, targets, actuals -------------------------------------------------------------------


def test_an_actual_is_joined_across_a_page(framed: CheckedForm) -> None:
    """The unit of the actual was cut off.

    满意度指标 | 服务对象满意度指标 | 工作人员满意度 | ≥90(百分比) | 88.00(百分 | 10.00 | 8.00 | 略
     | | | | 比) | | |
    """
    found = entry(framed, "indicators[0].actual")
    assert found.value == "88.00(百分比)"
    assert found.raw == ("88.00(百分", "比)")
    assert found.reasons == ("joined_across_page",)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("12 月中旬", "12月中旬"),
        ("完成 2 次业务培训", "完成2次业务培训"),
        ("延迟服务时间至 20:00", "延迟服务时间至20:00"),
        ("＝１００（件）", "=100(件)"),
        ("≧95", "≥95"),
        ("═ 3(次)", "=3(次)"),
        ("＝3(次)", "=3(次)"),
        (">=95%", "≥95%"),
        ("<=5(万元)", "≤5(万元)"),
        ("≦5(万元)", "≤5(万元)"),
        ("≤预算金额", "≤预算金额"),
        ("023年12月底前", "023年12月底前"),
        ("100 (人 / 次)", "100(人/次)"),
        ("1、", "1、"),
    ],
)
@pytest.mark.parametrize("leaf", ["target", "actual"])
def test_a_target_or_actual_is_folded_and_nothing_else(leaf: str, printed: str, value: str) -> None:
    cells = {"target": "≥1", "actual": "达成指标", leaf: printed}
    text = table(
        HEAD
        + COLUMNS
        + f"产出指标 | 数量指标 | 名 | {cells['target']} | {cells['actual']} | 5 | 5 |"
    )
    found = checked(text)
    assert found.record["indicators"][0][leaf] == value
    assert found.entries[f"indicators[0].{leaf}"].raw == (printed,)


def test_names_lose_spaces_and_wide_brackets_and_keep_quotes(framed: CheckedForm) -> None:
    """Names of indicators.

    产出指标 | 数量指标 | “两新” 党组织（含 ２ 个支部）体检 | 1 | 1 | 5 | 5 |
    """
    assert row(framed)["name"] == "“两新”党组织(含2个支部)体检"


SPREAD_COLUMNS = (
    "一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | 实际完成值 | 分值 | 得分\n"
)


@pytest.mark.parametrize(
    ("cells", "value", "raw"),
    [
        ("≥ | 95 | %", "≥95(%)", ("≥", "95", "%")),
        ("＝ | ８ | 座", "=8(座)", ("＝", "８", "座")),
        ("≧ | 3.5 | 万人", "≥3.5(万人)", ("≧", "3.5", "万人")),
        ("定性 | 健全 | ", "健全", ("定性", "健全")),
        ("定性 | 明显改善 | — ", "明显改善", ("定性", "明显改善", "—")),
        ("= | 100 | ", "=100", ("=", "100")),
        (" | 12月底前 | ", "12月底前", ("12月底前",)),
        (" |  | ", None, ()),
    ],
)
def test_a_target_over_three_cells_is_one_target(
    cells: str, value: str | None, raw: tuple[str, ...]
) -> None:
    text = table(HEAD + SPREAD_COLUMNS + f"产出指标 | 数量指标 | 名 | {cells} | 有 | 5 | 5")
    form = checked(text)
    assert form.record["indicators"][0]["target"] == value
    assert form.entries["indicators[0].target"].raw == raw
    assert form.unread == ()


# --- prose -------------------------------------------------------------------------------------


def test_prose_folds_spaces_and_joins_paragraphs(told: CheckedForm) -> None:
    """Goals as the OCR writes them.

    | <p>一、丰富 文化 活动。</p> <p>2. 开放 15  分钟 文化圈 and 更多</p> | | 已完成 |
    """
    assert told.record["expected_goal"] == "一、丰富文化活动。\n2. 开放 15 分钟文化圈 and 更多"
    found = entry(told, "expected_goal")
    assert found.raw == ("<p>一、丰富 文化 活动。</p> <p>2. 开放 15  分钟 文化圈 and 更多</p>",)


@pytest.mark.parametrize(
    ("printed", "value", "stamped"),
    [
        ("构建“阅读+学习+生 344/1000 活+提升”空间", "构建“阅读+学习+生活+提升”空间", True),
        ("强化服务 -1- 持续做实", "强化服务持续做实", True),
        ("强化服务 — 12 — 持续做实", "强化服务持续做实", True),
        ("完成 120/300 人", "完成 120/300 人", False),
        ("比例 3/50 左右", "比例 3/50 左右", False),
        ("共 1200/1000 左右", "共 1200/1000 左右", False),
        ("1、开展培训 2. 购置图书", "1、开展培训 2. 购置图书", False),
        ("A344/1000B", "A344/1000B", False),
    ],
)
def test_only_stamps_are_removed_and_only_from_prose(
    printed: str, value: str, stamped: bool
) -> None:
    form = checked(table(HEAD + GOALS + f" | {printed} | | 已完成。 |"))
    found = form.entries["expected_goal"]
    assert found.value == value
    assert found.raw == (printed,)
    assert ("stamp_removed" in found.reasons) is stamped


def test_a_stamp_in_a_number_cell_leaves_it_unread() -> None:
    """A stamp is removed only inside prose; in a number cell the cell is unread."""
    page, _ = fixture("shanghai")
    form = checked(text_of(page).replace("1,236.50\t", "1,236.50 344/1000\t", 1))
    found = form.entries["funds.total.annual_budget"]
    assert (found.standing, found.value, found.needs_review) == ("unread", None, True)
    assert found.raw == ("1,236.50 344/1000",)


def test_a_stamp_alone_in_its_line_is_no_unread_cell() -> None:
    page, expected = fixture("shanghai")
    text = text_of(page).replace("效益指标\t社会", "- 2 -\n\n345/1000\n\n效益指标\t社会", 1)
    form = checked(text)
    assert differences(expected, form.record) == {}
    assert form.unread == ()


def test_the_rest_of_a_goal_after_a_page_break_joins_without_a_newline(
    told: CheckedForm,
) -> None:
    """One goal does not end in 。！？: the lone text continues it.

    | 打造品牌。 | | <p>一、完成。</p><p>二、新增“小哥 |
    | <p>来吧”两处。</p><p>三、完成。</p> | | |
    """
    assert told.record["expected_goal"] == "打造品牌。"
    assert told.record["actual_completion"] == "一、完成。\n二、新增“小哥来吧”两处。\n三、完成。"
    assert "joined_across_page" in entry(told, "actual_completion").reasons
    assert len(entry(told, "actual_completion").spans) == 2


def test_closing_quotes_and_tags_are_set_aside_when_a_goal_ends(told: CheckedForm) -> None:
    """The first goal ends in 。”</p>, the second does not end.

    | <p>弘扬“艰苦奋斗。”</p> | | <p>已完成，效果 |
    | <p>良好。</p> | | |
    """
    assert told.record["expected_goal"] == "弘扬“艰苦奋斗。”"
    assert told.record["actual_completion"] == "已完成，效果良好。"


@pytest.mark.parametrize(
    ("first", "second"),
    [("打造品牌。", "已完成。"), ("打造品牌", "已完成")],
    ids=["none fits", "both fit"],
)
def test_a_rest_that_fits_no_goal_or_both_is_unread(first: str, second: str) -> None:
    text = table(HEAD + GOALS + f" | {first} | | {second} |\n | 另有两处站点 | | |")
    form = checked(text)
    assert form.record["expected_goal"] == first
    assert form.record["actual_completion"] == second
    assert unread(text, form) == ["另有两处站点"]


def test_the_rest_of_a_note_continues_the_row_above(framed: CheckedForm) -> None:
    """A fragment under a known column.

    产出指标 | 数量指标 | 场次 | ≥5(场) | 4(场) | 10.00 | 8.00 | 由于经费不足，时间
     | | | | | | | 非常紧张
     | 质量指标 | 合格率 | 100% | 100% | 10.00 | 10.00 |
    """
    assert row(framed)["deviation"] == "由于经费不足，时间非常紧张"
    assert entry(framed, "indicators[0].deviation").raw == ("由于经费不足，时间", "非常紧张")
    assert row(framed, 1)["deviation"] is None
    assert framed.unread == ()


def test_the_rest_of_a_name_continues_the_row_above(framed: CheckedForm) -> None:
    """A name wrapped into the next row.

    产出指标 | 数量指标 | 居民公共文化 | ≥5(场) | 5(场) | 10.00 | 10.00 |
     | | 活动场次 | | | | |
    """
    assert [r["name"] for r in framed.record["indicators"]] == ["居民公共文化活动场次"]


# --- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("1,765.05", "1765.05", None),
        ("１，７６５．０５", "1765.05", None),
        ("0.00", "0.00", None),
        ("0", "0", None),
        ("372.29万元", "372.29", "万元"),
        ("372.29（万元）", "372.29", "万元"),
        ("12,345,678.90 元", "12345678.90", "元"),
        ("-3.20", "-3.20", None),
    ],
)
def test_a_number_keeps_its_decimals_and_loses_its_separators(
    printed: str, value: str, unit: str | None
) -> None:
    form = checked(table(HEAD + FUNDS + f" | 年度资金总额 | 1.00 | {printed} | 1.00 | 10 | 1 | 1"))
    found = form.entries["funds.total.annual_budget"]
    assert (found.value, found.unit, found.raw) == (value, unit, (printed,))
    assert found.standing == "read"


@pytest.mark.parametrize(
    "printed",
    [
        "17,65.05", "1,7650.5", "1.765.05", "01.00", "10 00", "1O0.00", "l0.00", "10.00 20.00",
        "约10", "10.", ".5", "202010100.00%10", "十", "10.00（详见附件）", "≥10", "10/20", "1e3",
        "--", "1,765.05,", "二〇",
    ],
)  # fmt: skip
def test_a_number_cell_that_is_no_number_is_unread_and_reviewed(printed: str) -> None:
    form = checked(table(HEAD + FUNDS + f" | 年度资金总额 | 1.00 | {printed} | 1.00 | 10 | 1 | 1"))
    found = form.entries["funds.total.annual_budget"]
    assert (found.standing, found.value, found.raw) == ("unread", None, (printed,))
    assert found.needs_review
    assert form.state == "open"


@pytest.mark.parametrize("dash", ["-", "—", "/", "－", "–"])
def test_a_dash_is_blank_and_keeps_its_raw(dash: str) -> None:
    form = checked(
        table(HEAD + FUNDS + f" | 其他资金 | 1.00 | 1.00 | 1.00 | {dash} | 100 | {dash}")
    )
    found = form.entries["funds.other.weight"]
    assert (found.value, found.raw, found.standing) == (None, (dash,), "blank")
    assert len(found.spans) == 1
    assert form.unread == ()


# --- standings ---------------------------------------------------------------------------------


def test_read_blank_and_absent_are_three_things(funded: CheckedForm) -> None:
    """One column is printed and empty, one row is not printed.

    | 年度资金总额 | 5.00 | 5.00 | 4.00 | 10.00 | 80.00 | 8.00
    | 其中：当年财政拨款 | 5.00 | 5.00 | | - | 80.00 | -
    """
    assert entry(funded, "funds.total.executed").standing == "read"
    blank = entry(funded, "funds.current_year_appropriation.executed")
    assert (blank.standing, blank.value, blank.raw, blank.spans) == ("blank", None, (), ())
    dash = entry(funded, "funds.current_year_appropriation.weight")
    assert (dash.standing, dash.raw) == ("blank", ("-",))
    absent = entry(funded, "funds.carried_over.executed")
    assert (absent.standing, absent.value, absent.raw) == ("absent", None, ())
    assert entry(funded, "grade").standing == "absent"


def test_a_head_label_without_a_value_is_blank(whole: CheckedForm) -> None:
    """主管部门 is printed and empty, 实施单位 is not printed.

    财政项目支出绩效自评表
    （2024年度）
    项目名称 | 试点 | |
    主管部门 | | |
    年度总体目标 | 预期目标 | 实际完成情况 |
     | 做。 | 做了。 |
    """
    assert entry(whole, "supervising_department").standing == "blank"
    assert entry(whole, "implementing_unit").standing == "absent"


def test_a_column_that_is_not_printed_is_absent(whole: CheckedForm) -> None:
    """No column of reasons.

    财政项目支出绩效自评表
    （2024年度）
    项目名称 | 试点 | | | | |
    一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
    产出指标 | 数量指标 | 场次 | ≥5(场) | | 10.00 | 10.00
    """
    assert entry(whole, "indicators[0].deviation").standing == "absent"
    assert entry(whole, "indicators[0].actual").standing == "blank"


def test_a_row_that_ends_early_has_absent_cells_and_says_so() -> None:
    """The first funds row is cut behind 全年执行数; number fields without a cell are reviewed."""
    page, _ = fixture("shanghai")
    text = text_of(page).replace("1,187.24\t10.00\t96.02\t9.60", "1,187.24", 1)
    form = checked(text)
    for leaf in ("weight", "execution_rate", "score"):
        found = form.entries[f"funds.total.{leaf}"]
        assert (found.standing, found.value) == ("absent", None)
        assert found.needs_review
        assert "row_length" in found.reasons
    assert "row_length" in form.entries["funds.total.executed"].reasons


def test_a_row_that_is_too_long_says_so() -> None:
    page, expected = fixture("shanghai")
    text = text_of(page).replace("6214.00(人次)\t10.00\t10.00\t", "6214.00(人次)\t10.00\t10.00\t\t")
    form = checked(text)
    assert differences(expected, form.record) == {}
    assert "row_length" in form.entries["indicators[1].score"].reasons


def test_the_last_line_is_read_as_if_padded() -> None:
    """The span of a form ends at its last character, so the last row has lost its blank cells."""
    lines = HEAD + COLUMNS + "产出指标 | 数量指标 | 场次 | ≥5(场) | 5(场) | 10.00 | 10.00 |"
    form = checked(table(lines).rstrip())
    found = form.entries["indicators[0].deviation"]
    assert (found.standing, found.value) == ("blank", None)
    assert "row_length" not in found.reasons


def test_every_leaf_has_exactly_one_entry_in_record_order(framed: CheckedForm) -> None:
    """Also where almost nothing is printed.

    产出指标 | 数量指标 | 场次 | ≥5(场) | 5(场) | 10.00 | 10.00 |
    """
    from extractor.families import family_of

    family = family_of("project")
    paths = [path for path, _ in family.paths(1, 0)]
    assert list(framed.entries) == paths
    assert len(set(paths)) == len(paths)
    assert set(framed.record["funds"]) == {
        "total", "current_year_appropriation", "carried_over", "other", "special_account",
        "unit_funds",
    }  # fmt: skip


# --- columns and rows are found by their labels ------------------------------------------------


@pytest.mark.parametrize(
    ("header", "leaf"),
    [
        ("分数", "weight"), ("分值", "weight"), ("权重", "weight"),
        ("全年预算数", "annual_budget"), ("调整后预算数", "annual_budget"),
        ("预算数", "annual_budget"), ("预算数（A）", "annual_budget"),
        ("年初预算", "initial_budget"), ("年初预算数", "initial_budget"),
        ("全年执行数", "executed"), ("预算执行数", "executed"), ("执行数", "executed"),
        ("执行数（B）", "executed"), ("全年执行数(B)", "executed"),
        ("执行率", "execution_rate"), ("预算执行率", "execution_rate"),
        ("执行率(%)", "execution_rate"), ("执行率（B/A）", "execution_rate"),
        ("得分", "score"),
    ],
)  # fmt: skip
def test_a_funds_column_is_known_by_each_of_its_headers(header: str, leaf: str) -> None:
    names = {"annual_budget": "全年预算数", "executed": "全年执行数", "score": "得分"}
    names.pop(leaf, None)
    other = [names.get(n, "") for n in ("annual_budget", "executed", "score") if n in names]
    head = " | ".join(["项目资金（万元）", "", header, *other])
    values = " | ".join(["", "年度资金总额", "7.31", *(["9.99"] * len(other))])
    form = checked(table(f"{HEAD}{head}\n{values}\n"))
    assert form.record["funds"]["total"][leaf] == "7.31"


@pytest.mark.parametrize(
    ("header", "leaf"),
    [
        ("年度指标值", "target"), ("年初目标值", "target"), ("指标值", "target"),
        ("年初目标值（A）", "target"), ("年度 指标值", "target"),
        ("实际完成值", "actual"), ("全年完成值", "actual"), ("全年实际值", "actual"),
        ("完成值", "actual"), ("实际完成值(B)", "actual"),
        ("分值", "weight"), ("分数", "weight"), ("权重", "weight"), ("得分", "score"),
        ("偏差原因分析及改进措施", "deviation"), ("未完成原因分析", "deviation"),
        ("偏差及原因分析", "deviation"), ("偏差原因分析及 改进措施", "deviation"),
    ],
)  # fmt: skip
def test_an_indicator_column_is_known_by_each_of_its_headers(header: str, leaf: str) -> None:
    names = {
        "target": "年度指标值", "actual": "实际完成值", "weight": "分值", "score": "得分",
        "deviation": "偏差原因分析",
    }  # fmt: skip
    values = {"target": "≥5", "actual": "5", "weight": "7.31", "score": "6.30", "deviation": "略"}
    names[leaf] = header
    head = " | ".join(["一级指标", "二级指标", "三级指标", *names.values()])
    form = checked(
        table(f"{HEAD}{head}\n产出指标 | 数量指标 | 场次 | {' | '.join(values.values())}\n")
    )
    assert row(form) == {
        "level1": "产出指标", "level2": "数量指标", "name": "场次", **values,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("label", "leaf"),
    [
        ("年度资金总额", "total"), ("年度资金总额：", "total"), ("总额", "total"),
        ("当年财政拨款", "current_year_appropriation"),
        ("其中: 当年财政拨款", "current_year_appropriation"),
        ("其中：财政资金", "current_year_appropriation"),
        ("财政资金", "current_year_appropriation"),
        ("上年结转资金", "carried_over"), ("上年 结转资金", "carried_over"),
        ("其他资金", "other"), ("财政专户管理资金", "special_account"),
        ("单位资金", "unit_funds"),
    ],
)  # fmt: skip
def test_a_funds_row_is_known_by_each_of_its_labels(label: str, leaf: str) -> None:
    form = checked(table(HEAD + FUNDS + f" | {label} | 7.31 | 7.32 | 7.33 | 10 | 1 | 1"))
    found = form.record["funds"][leaf]
    assert (found["initial_budget"], found["annual_budget"], found["executed"]) == (
        "7.31", "7.32", "7.33",
    )  # fmt: skip


def test_a_weight_in_the_header_is_the_weight_of_the_total(whole: CheckedForm) -> None:
    """得分(20分×执行率) gives weight 20.

    项目支出绩效自评表
    （2022年度）
    项目名称 | 路灯 | | | |
    项目资金（万元） | | 预算数（A） | 执行数（B） | 执行率（B/A） | 得分（20分×执行率）
     | 年度资金总额 | 486.00 | 471.42 | 97.00% | 19.40
    """
    found = entry(whole, "funds.total.weight")
    assert (found.value, found.raw) == ("20", ("20",))
    assert whole.record["funds"]["total"]["score"] == "19.40"


@pytest.mark.parametrize("sign", ["×", "*", "x", "X", "✕"])
def test_the_times_sign_of_a_header_may_be_typed(sign: str) -> None:
    page, expected = fixture("hubei")
    form = checked(text_of(page).replace("20分×", f"20 分 {sign} "))
    assert differences(expected, form.record) == {}


def test_group_weights_stand_in_the_level_1_labels(framed: CheckedForm) -> None:
    """产出指标(50分).

    产出指标（50分） | 数量指标 | 场次 | ≥5(场) | 5(场) | 50 | 50 |
    效益指标(30 分) | 社会效益指标 | 知晓度 | 提高 | 达成指标 | 30 | 30 |
    """
    assert framed.record["groups"] == [
        {"level1": "产出指标", "weight": "50"},
        {"level1": "效益指标", "weight": "30"},
    ]
    assert levels(framed)[0][0] == "产出指标"
    assert entry(framed, "groups[1].weight").raw == ("30",)


@pytest.mark.parametrize(
    ("printed", "unit", "raw"),
    [
        ("项目资金（万元）", "万元", "万元"),
        ("项目资金 (元)", "元", "元"),
        ("项目资金(单位:万元)", "万元", "万元"),
    ],
)
def test_the_amount_unit_takes_its_exact_characters(printed: str, unit: str, raw: str) -> None:
    text = table(
        f"{HEAD}{printed} |  | 年初预算数 | 全年预算数 | 全年执行数\n | 年度资金总额 | 1 | 1 | 1"
    )
    found = checked(text).entries["amount_unit"]
    assert (found.value, found.raw) == (unit, (raw,))


@pytest.mark.parametrize("line", ["（2024年度）金额单位：万元", "（2024年度）  单位：元"])
def test_the_amount_unit_may_stand_beside_the_year(line: str) -> None:
    form = checked(table(f"财政项目支出绩效自评表\n{line}\n项目名称 | 试点 |\n"))
    assert form.record["amount_unit"] == ("万元" if "万元" in line else "元")
    assert form.record["year"] == 2024


@pytest.mark.parametrize(
    "line",
    ["（2024年度）", "(2024 年度)", "2024年度", "（ 2024 年 度 ）", "（２０２４年度）", "2024年"],
)
def test_the_year_takes_its_exact_characters(line: str) -> None:
    text = table(f"财政项目支出绩效自评表\n\n{line}\n\n项目名称 | 试点 |\n")
    form = checked(text)
    assert form.record["year"] == 2024
    assert form.entries["year"].raw in (("2024",), ("２０２４",))


def test_the_first_printing_of_a_label_stands() -> None:
    """A second 年度资金总额 is not read over the first, and does not vanish either."""
    page, expected = fixture("shanghai")
    again = "\t年度资金总额：\t7.00\t7.00\t7.00\t10.00\t100.00\t10.00\n"
    text = text_of(page).replace("年度总体目标\t", again + "年度总体目标\t", 1)
    form = checked(text)
    assert differences(expected, form.record) == {}
    assert "7.00" in unread(text, form)
    assert form.state == "open"


# --- page breaks -------------------------------------------------------------------------------


def test_the_header_printed_again_on_the_next_page_is_no_row() -> None:
    page, expected = fixture("shanghai")
    header = next(line for line in page if isinstance(line, list) and line[0] == "一级指标")
    at = next(i for i, line in enumerate(page) if isinstance(line, list) and line[0] == "效益指标")
    text = text_of([*page[:at], "", header, *page[at:]])
    form = checked(text)
    assert differences(expected, form.record) == {}
    assert form.unread == ()


def test_an_empty_header_of_a_continuation_table_is_no_row() -> None:
    page, expected = fixture("shanghai")
    at = next(i for i, line in enumerate(page) if isinstance(line, list) and line[0] == "效益指标")
    text = text_of([*page[:at], "", [""] * 8, *page[at:]])
    form = checked(text)
    assert differences(expected, form.record) == {}


def test_a_title_printed_again_starts_a_form_and_loses_nothing() -> None:
    """A form that prints its title on every page is cut by it, as every title line starts a form.

    The rest has no header to read it by: all of its cells are unread, and both halves are open.
    """
    page, expected = fixture("shanghai")
    at = next(i for i, line in enumerate(page) if isinstance(line, list) and line[0] == "效益指标")
    text = text_of([*page[:at], "", "财政项目支出绩效自评表", "(2024年度)", "", *page[at:]])
    first, second = read(text).forms
    assert [r["name"] for r in first.record["indicators"]] == [
        r["name"] for r in expected["indicators"][:4]
    ]
    lost = [text[a:b] for a, b in second.unread]
    for cells in page[at:-1]:
        assert set(filter(None, cells[1:])) <= set(lost)
    assert (first.state, second.state) == ("open", "open")


# --- the department form -----------------------------------------------------------------------


def test_a_merged_cell_lists_the_level_2_names_of_its_group(whole: CheckedForm) -> None:
    """Several names in one cell, a sentence beside them, rows one column to the right.

    部门（单位）整体支出绩效自评表
    （2023年度）
    部门（单位）名称 | 某中心 | | | | | | | |
    一级指标 | 权重 | 二级指标 | 三级指标 | 年度指标值 | 全年完成值 | 分值 | 得分 | 偏差及原因分析 |
    投入管理指标 | 30 | 预算编审管理 预算执行管理 | 按要求设置 | 完成活动 | 及时 | 达成 | 15 | 15 |
     | | | | 完成发放 | =100(%) | 100(%) | 15 | 15 | 无
    产出指标 | 70 | 数量指标 | 场次 | ≥5(场) | 5(场) | 70.00 | 70.00 | |
     | | | | | | 100.00 | 100.00 | |
    """
    record = whole.record
    assert record["groups"][0] == {
        "level1": "投入管理指标", "weight": "30", "level2_listed": "预算编审管理 预算执行管理",
        "note": "按要求设置",
    }  # fmt: skip
    assert record["groups"][1]["level2_listed"] is None
    assert [r["level2"] for r in record["indicators"]] == [None, None, "数量指标"]
    assert entry(whole, "indicators[0].level2").standing == "absent"
    assert row(whole, 1) == {
        "level1": "投入管理指标", "level2": None, "name": "完成发放", "target": "=100(%)",
        "actual": "100(%)", "weight": "15", "score": "15", "deviation": "无",
    }  # fmt: skip
    assert "shifted" in entry(whole, "indicators[1].score").reasons
    assert entry(whole, "indicators[1].score").stratum == "moved"
    assert (record["total_weight"], record["total_score"]) == ("100.00", "100.00")
    assert "label_lost" in entry(whole, "total_score").reasons


def test_expenditure_values_off_their_headers_take_them_in_order(whole: CheckedForm) -> None:
    """Headers at columns 1, 3, 5, values at 3, 4, 5.

    部门（单位）整体支出绩效自评表
    （2023年度）
    部门（单位）名称 | 某中心 | | | 下属单位个数 | 3
    整体支出规模（元） | 全年预算数 | | 全年执行数 | | 执行率
     | 资金来源：（1）财政拨款 | | 10,937,482.14 | 8,995,241.89 | 82.24
     | （2）其他资金 | | 0.00 | 0.00 | 0.00
     | 资金结构：（1）基本支出 | | 5,850,613.72 | 5,682,353.47 | 97.12
     | （2）项目支出 | | 5,086,868.42 | 3,312,888.42 | 65.12
    """
    rows = whole.record["expenditure"]
    assert {name: tuple(row.values()) for name, row in rows.items()} == {
        "fiscal_appropriation": ("10937482.14", "8995241.89", "82.24"),
        "other": ("0.00", "0.00", "0.00"),
        "basic": ("5850613.72", "5682353.47", "97.12"),
        "project": ("5086868.42", "3312888.42", "65.12"),
    }
    assert whole.record["amount_unit"] == "元"
    assert whole.record["subordinate_units"] == 3
    assert "by_order" in entry(whole, "expenditure.basic.executed").reasons


# --- rows, addresses, ids ----------------------------------------------------------------------


def test_an_address_names_section_row_and_column(framed: CheckedForm) -> None:
    """As in the contract's example.

    满意度指标 | 服务对象满意度指标 | 对工作人员的满意程度 | ≥90 | 88 | 10.00 | 8.00 | 略
    """
    assert entry(framed, "indicators[0].actual").address == (
        "indicators › 对工作人员的满意程度 › 实际完成值"
    )


def test_row_ids_are_stable_and_unlike(framed: CheckedForm) -> None:
    """Two rows may say the same.

    产出指标 | 数量指标 | 场次 | ≥5(场) | 5(场) | 10.00 | 10.00 |
     | | 场次 | ≥5(场) | 5(场) | 10.00 | 10.00 |
     | | 人次 | ≥5(人) | 5(人) | 10.00 | 10.00 |
    """
    ids = [r["row"] for r in framed.record["indicators"]]
    assert len(set(ids)) == 3
    assert all(isinstance(row_id, str) and row_id for row_id in ids)


def test_entities_and_inline_tags_are_decoded_in_values_and_kept_in_raw() -> None:
    text = (
        "财政项目支出绩效自评表\n(2024年度)\n<table>"
        "<tr><td>项目名称</td><td>A&amp;B <b>中心</b></td></tr>"
        "<tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>年度指标值</td>"
        "<td>实际完成值</td><td>分值</td><td>得分</td></tr>"
        "<tr><td>产出指标</td><td>数量指标</td><td>场次</td><td>&ge;5</td><td>5</td>"
        "<td>10.00</td><td>10.00</td></tr></table>\n"
    )
    form = checked(text)
    assert form.record["project_name"] == "A&B中心"
    assert row(form)["target"] == "≥5"
    assert form.entries["indicators[0].target"].raw == ("&ge;5",)

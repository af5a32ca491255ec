"""Pages damaged as OCR damages them: a value may be lost, but never wrong without anyone seeing it.

The worst a reader can do is a *silent* error: a wrong number that no finding names and no flag
marks, or a digit of the page that is in no entry and in no list of unread cells. Every damage here
is done to a consistent page whose record is known, one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from extractor.families import family_of
from extractor.grid import rows
from extractor.readers.reflow import reflow
from extractor.types import CheckedForm
from tests.shapes import (
    SHAPES,
    Line,
    differences,
    errors,
    fixture,
    flat,
    lost_digits,
    only,
    read,
    seen,
    table,
    tabs,
    text_of,
)

NAMES = ("shanghai", "sichuan", "yunnan", "department")
Row = list[str]


def wrong_unseen(expected: dict[str, Any], form: CheckedForm) -> dict[str, tuple[Any, str]]:
    """Numbers that are not what the page prints for them and that nobody is led to.

    Rows and groups are found by their name, one whose name was lost by its place, and where rows
    were lost too, any row of the page that prints the number will do.
    """
    family, wanted = family_of(form.form.family), flat(expected)
    found: dict[str, tuple[Any, str]] = {}
    for path, entry in form.entries.items():
        if entry.value is None or not family.is_number(path) or seen(form, path):
            continue
        truths = _truths(expected, form, path) if "[" in path else [wanted.get(path)]
        if entry.value not in truths:
            found[path] = (truths[0] if truths else None, entry.value)
    return found


def _truths(expected: dict[str, Any], form: CheckedForm, path: str) -> list[str | None]:
    section, _, rest = path.partition("[")
    index, _, leaf = rest.partition("].")
    key = "name" if section == "indicators" else "level1"
    rows, read_rows = expected[section], form.record[section]
    named = [row[leaf] for row in rows if row[key] == read_rows[int(index)][key]]
    if named:
        return named
    if len(rows) == len(read_rows):
        return [rows[int(index)][leaf]]
    return [row[leaf] for row in rows]


# --- damage to one row ---------------------------------------------------------------------------


def a_cell_lost(row: Row, at: int) -> list[Row]:
    return [[*row[:at], *row[at + 1 :], ""]]


def a_cell_lost_and_the_row_shorter(row: Row, at: int) -> list[Row]:
    return [row[:at] + row[at + 1 :]]


def a_blank_cell_more(row: Row, at: int) -> list[Row]:
    return [[*row[:at], "", *row[at:]]]


def a_blank_cell_more_and_the_last_gone(row: Row, at: int) -> list[Row]:
    return [[*row[:at], "", *row[at:-1]]] if not row[-1] else []


def a_value_one_column_off(row: Row, at: int) -> list[Row]:
    if at + 1 >= len(row) or bool(row[at]) == bool(row[at + 1]):
        return []
    return [[*row[:at], row[at + 1], row[at], *row[at + 2 :]]]


def two_values_in_one_cell(row: Row, at: int) -> list[Row]:
    if at + 1 >= len(row) or not (row[at] and row[at + 1]):
        return []
    return [[*row[:at], f"{row[at]} {row[at + 1]}", "", *row[at + 2 :]]]


def two_values_run_together_and_the_row_shorter(row: Row, at: int) -> list[Row]:
    if at + 1 >= len(row) or not (row[at] and row[at + 1]):
        return []
    return [[*row[:at], row[at] + row[at + 1], *row[at + 2 :]]]


def a_cell_faded(row: Row, at: int) -> list[Row]:
    return [[*row[:at], "", *row[at + 1 :]]] if row[at] else []


def a_dash_in_a_cell(row: Row, at: int) -> list[Row]:
    return [[*row[:at], "—", *row[at + 1 :]]]


def a_cell_printed_twice(row: Row, at: int) -> list[Row]:
    return [[*row[:at], row[at] * 2, *row[at + 1 :]]] if row[at] else []


def a_number_in_front_of_a_cell(row: Row, at: int) -> list[Row]:
    return [[*row[:at], f"7.31 {row[at]}".strip(), *row[at + 1 :]]]


def the_row_broken_by_a_page(row: Row, at: int) -> list[Row]:
    cut = ["", *row[at:]] if at else []
    return [row[:at] + [""] * (len(row) - at), [""] * at + row[at:]] if cut else []


DAMAGES: tuple[Callable[[Row, int], list[Row]], ...] = (
    a_cell_lost,
    a_cell_lost_and_the_row_shorter,
    a_blank_cell_more,
    a_blank_cell_more_and_the_last_gone,
    a_value_one_column_off,
    two_values_in_one_cell,
    two_values_run_together_and_the_row_shorter,
    a_cell_faded,
    a_dash_in_a_cell,
    a_cell_printed_twice,
    a_number_in_front_of_a_cell,
    the_row_broken_by_a_page,
)


def is_header(row: Line) -> bool:
    return isinstance(row, list) and ("三级指标" in row or "得分" in row)


def damaged(
    page: list[Line], damage: Callable[[Row, int], list[Row]], headers: bool
) -> Iterator[tuple[str, str]]:
    """(what was done, the text) for each cell of the data rows, or of the header rows."""
    done: set[str] = set()
    for index, row in enumerate(page):
        if not isinstance(row, list) or is_header(row) is not headers:
            continue
        for at in range(len(row)):
            text = text_of([*page[:index], *damage(row, at), *page[index + 1 :]])
            if damage(row, at) and text not in done:
                done.add(text)
                yield f"row {index} cell {at} {row}", text


def silent(
    expected: dict[str, Any], variants: Iterator[tuple[str, str]]
) -> dict[str, dict[str, tuple[Any, str]] | str]:
    """What was done → the wrong numbers or the lost digits that nobody is led to."""
    found: dict[str, dict[str, tuple[Any, str]] | str] = {}
    for done, text in variants:
        for form in read(text).forms:
            wrong = wrong_unseen(expected, form)
            lost = lost_digits(text, form)
            if wrong or lost:
                found[done] = wrong or lost
    return found


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_no_damage_to_a_row_makes_a_silent_error(
    name: str, damage: Callable[[Row, int], list[Row]]
) -> None:
    page, expected = fixture(name)
    assert silent(expected, damaged(page, damage, headers=False)) == {}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_no_damage_to_a_header_makes_a_silent_error(
    name: str, damage: Callable[[Row, int], list[Row]]
) -> None:
    page, expected = fixture(name)
    assert silent(expected, damaged(page, damage, headers=True)) == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_row_of_numbers_leaves_the_form_open(name: str) -> None:
    """The worst silent error: a row that is gone and that nobody misses."""
    page, _ = fixture(name)
    unnoticed: list[Row] = []
    for index, row in enumerate(page):
        if isinstance(row, list) and any(c.isdigit() for cell in row[1:] for c in cell):
            form = only(text_of([*page[:index], *page[index + 1 :]]))
            zeros = all(cell.rstrip("%") in ("", "-", "—", "/", "0.00") for cell in row[2:])
            if form.state == "clear" and not zeros and "下属单位个数" not in row:
                unnoticed.append(row)
    goals = [row for row in unnoticed if "。" in "".join(row)]
    assert [row for row in unnoticed if row not in goals] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_row_printed_twice_leaves_the_form_open(name: str) -> None:
    page, expected = fixture(name)
    for index, row in enumerate(page):
        if isinstance(row, list) and not is_header(row) and sum(map(bool, row)) > 5:
            text = text_of([*page[:index], row, *page[index:]])
            form = only(text)
            assert form.state == "open", row
            assert lost_digits(text, form) == ""
            assert wrong_unseen(expected, form) == {}


@pytest.mark.parametrize("shape", ["lines", "tight"])
@pytest.mark.parametrize("name", ["shanghai", "before_2018"])
def test_no_line_lost_blank_or_doubled_makes_a_silent_error(name: str, shape: str) -> None:
    """One cell a line: the rows are put together by counting, which one line upsets."""
    page, expected = fixture(name)
    cells = SHAPES[shape](page).splitlines()

    def variants() -> Iterator[tuple[str, str]]:
        for at, cell in enumerate(cells):
            around = f"line {at} {cells[max(0, at - 1) : at + 2]}"
            yield f"lost {around}", "\n".join(cells[:at] + cells[at + 1 :])
            yield f"blank {around}", "\n".join([*cells[:at], "", *cells[at:]])
            if "年度" not in cell:
                yield f"twice {around}", "\n".join([*cells[:at], cell, *cells[at:]])
            if at + 1 < len(cells) and cell and cells[at + 1]:
                both = f"{cell} {cells[at + 1]}"
                yield f"joined {around}", "\n".join([*cells[:at], both, *cells[at + 2 :]])

    assert silent(expected, variants()) == {}


@pytest.mark.parametrize("name", ["shanghai", "sichuan", "department"])
def test_putting_lines_together_loses_no_cell(name: str) -> None:
    """Two neighbouring lines joined, or one lost: every cell stands in exactly one row."""
    page, _ = fixture(name)
    family = family_of("department" if name == "department" else "project")
    cells = SHAPES["lines"](page).splitlines()
    for at in range(len(cells) - 1):
        for text in (
            "\n".join([*cells[:at], f"{cells[at]} {cells[at + 1]}", *cells[at + 2 :]]),
            "\n".join(cells[:at] + cells[at + 1 :]),
        ):
            page_rows = rows(text)
            printed = sorted(row.cells[0] for row in page_rows)
            found = [c for row in reflow(text, page_rows, family) for c in row.cells if c.text]
            assert sorted(found) == printed, cells[at : at + 2]


# --- single damages, each with its cell ----------------------------------------------------------

SHANGHAI, EXPECTED = fixture("shanghai")


def edited(old: str, new: str, name: str = "shanghai") -> tuple[str, CheckedForm]:
    page, _ = fixture(name)
    text = tabs(page)
    assert old in text
    text = text.replace(old, new, 1)
    return text, only(text)


def told(form: CheckedForm, path: str, truth: str | None) -> bool:
    """Right, empty, or marked: a reader may say less than the page, not something else."""
    entry = form.entries[path]
    marks = set(entry.reasons) - {"filled_down"}
    return entry.value in (truth, None) or seen(form, path) or bool(marks)


@pytest.mark.parametrize("dash", ["—", "-", "/"])
@pytest.mark.parametrize("column", [0, 1])
def test_a_dash_in_a_level_column_is_no_level(column: int, dash: str) -> None:
    cells = ["", "", "服务学员人次"]
    cells[column] = dash
    _, form = edited("\t\t服务学员人次", "\t".join(cells))
    row = form.record["indicators"][1]
    assert dash not in (row["level1"], row["level2"])
    assert row["level1"] == "产出指标"
    assert form.record["indicators"][2]["level1"] == "产出指标"


def test_a_dash_in_a_level_column_opens_no_group() -> None:
    _, form = edited("\t\t预算执行管理", "—\t\t预算执行管理", "department")
    assert [g["level1"] for g in form.record["groups"]] == [
        "投入管理指标", "产出指标", "效益指标", "满意度指标",
    ]  # fmt: skip


@pytest.mark.parametrize("dash", ["—", "/"])
def test_a_row_filled_with_dashes_is_no_row(dash: str) -> None:
    page = [*SHANGHAI[:-2], [dash] * 8, *SHANGHAI[-2:]]
    text = text_of(page)
    form = only(text)
    assert len(form.record["indicators"]) == len(EXPECTED["indicators"])
    assert differences(EXPECTED, form.record) == {}
    assert [text[a:b] for a, b in form.unread] == []


@pytest.mark.parametrize("name", ["national", "shanghai", "yunnan", "sichuan"])
def test_a_level_1_that_cannot_hold_its_level_2_is_not_filled_down_unmarked(name: str) -> None:
    """The level-1 cell of a block was dropped: 社会效益指标 does not stand under 产出指标."""
    page, expected = fixture(name)
    header = next(row for row in page if isinstance(row, list) and "一级指标" in row)
    column = header.index("一级指标")
    for block in ("效益指标", "满意度指标"):
        at = next(i for i, r in enumerate(page) if isinstance(r, list) and r[column] == block)
        row = list(page[at])
        row[column] = ""
        form = only(text_of([*page[:at], row, *page[at + 1 :]]))
        first = next(i for i, r in enumerate(expected["indicators"]) if r["level1"] == block)
        assert told(form, f"indicators[{first}].level1", block), (block, row)


def centred(page: list[Line]) -> list[Line]:
    """The level cells of each block moved to its middle row, as merged cells are drawn."""
    moved = [list(line) if isinstance(line, list) else line for line in page]
    header = next(i for i, row in enumerate(page) if isinstance(row, list) and "一级指标" in row)
    head = page[header]
    assert isinstance(head, list)
    rows = [
        row
        for row in moved[header + 1 :]
        if isinstance(row, list) and row[0] not in ("总分", "合计", "评分等级")
    ]
    for column in (head.index("一级指标"), head.index("二级指标")):
        starts = [i for i, row in enumerate(rows) if row[column]]
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            middle = (start + end) // 2
            rows[start][column], rows[middle][column] = "", rows[start][column]
    return moved


@pytest.mark.parametrize("name", ["national", "shanghai", "hubei", "before_2018", "sichuan"])
def test_vertically_centred_levels_are_right_or_marked(name: str) -> None:
    page, expected = fixture(name)
    text = text_of(centred(page))
    form = only(text)
    wanted = flat(expected)
    wrong = {
        path: (wanted[path], entry.value)
        for path, entry in form.entries.items()
        if path.startswith("indicators[") and not told(form, path, wanted[path])
    }
    assert wrong == {}
    assert wrong_unseen(expected, form) == {}
    assert lost_digits(text, form) == ""


def test_a_moved_level_2_name_is_no_note_of_its_group() -> None:
    """In the column of the group weights."""
    text, form = edited("\t\t质量指标\t抽检合格率", "\t质量指标\t\t抽检合格率", "department")
    assert form.record["groups"][1]["note"] is None
    assert told(form, "indicators[3].level2", "质量指标")
    assert lost_digits(text, form) == ""


def test_a_target_whose_header_is_lost_keeps_its_digits() -> None:
    """指标性质 · (lost) · 度量单位: the limits stand in no column."""
    text, form = edited("指标性质\t指标值\t度量单位", "指标性质\t\t度量单位", "yunnan")
    assert lost_digits(text, form) == ""
    assert form.state == "open"


@pytest.mark.parametrize("limit", ["", "—"])
def test_an_operator_without_a_limit_is_no_target(limit: str) -> None:
    _, form = edited("≥\t3200\t人", f"≥\t{limit}\t人", "yunnan")
    entry = form.entries["indicators[1].target"]
    assert (entry.value, entry.standing) == (None, "unread")


@pytest.mark.parametrize(
    "label", ["总分", "评分等级", "项目名称", "产出指标", "其他资金", "\t其中：当年财政拨款"]
)
def test_a_number_glued_to_a_label_is_not_swallowed(label: str) -> None:
    old = label if label.startswith("\t") else f"\n{label}" if label != "其他资金" else f"\t{label}"
    lead = old[0]
    for glued in (f"{lead}12.34 {old[1:]}", f"{lead}{old[1:]} 12.34"):
        text, form = edited(old, glued)
        assert lost_digits(text, form) == "", glued
        assert form.state == "open", glued


def test_a_grade_row_with_a_doubled_label_is_not_joined_to_a_level() -> None:
    """评分等级评分等级 is no label, and 优 is not the rest of a level name."""
    _, form = edited("评分等级\t优", "评分等级评分等级\t优")
    assert [r["level2"] for r in form.record["indicators"]] == [
        r["level2"] for r in EXPECTED["indicators"]
    ]


def test_a_number_under_a_level_header_is_not_joined_to_the_level() -> None:
    text, form = edited("\t质量指标", "15.00\n\t质量指标")
    assert form.record["indicators"][1]["level1"] == "产出指标"
    assert lost_digits(text, form) == ""
    assert form.state == "open"


def test_a_damaged_goal_label_is_no_goal() -> None:
    """实际完成情况实际完成情况 stands beside 预期目标, where a form may print the goal itself."""
    text, form = edited("实际完成情况", "实际完成情况实际完成情况")
    assert form.record["expected_goal"] in (None, EXPECTED["expected_goal"])
    assert told(form, "actual_completion", EXPECTED["actual_completion"])
    assert lost_digits(text, form) == ""


def test_headers_cut_into_two_rows_name_no_wrong_column() -> None:
    """年初 | 全年 | 全年 over 预算数 | 预算数 | 执行数: two columns are called 预算数."""
    at = next(i for i, row in enumerate(SHANGHAI) if isinstance(row, list) and "年初预算数" in row)
    upper = ["项目资金", "", "年初", "全年", "全年", "分", "执行率", "得"]
    lower = ["（万元）", "", "预算数", "预算数", "执行数", "数", "(%)", "分"]
    text = text_of([*SHANGHAI[:at], upper, lower, *SHANGHAI[at + 1 :]])
    form = only(text)
    assert wrong_unseen(EXPECTED, form) == {}
    assert lost_digits(text, form) == ""


@pytest.mark.parametrize("shape", ["lines", "tight"])
def test_a_header_cut_into_two_lines_names_no_wrong_column(shape: str) -> None:
    """年初 and 预算数 on two lines: the column of the initial budget is not the adjusted one."""
    page, expected = fixture("before_2018")
    text = SHAPES[shape](page).replace("年初预算数", "年初\n预算数", 1)
    form = only(text)
    assert wrong_unseen(expected, form) == {}
    assert lost_digits(text, form) == ""


@pytest.mark.parametrize("shape", ["lines", "tight"])
def test_goals_that_are_more_or_fewer_than_their_labels_are_not_guessed(shape: str) -> None:
    """One goal lost, or one cut into two lines: which is which cannot be told."""
    page, expected = fixture("anhui")
    text = SHAPES[shape](page).replace("养护农村公路86公里。\n", "养护农村\n公路86公里。\n", 1)
    form = only(text)
    assert told(form, "expected_goal", expected["expected_goal"])
    assert told(form, "actual_completion", expected["actual_completion"])
    page, expected = fixture("before_2018")
    form = only(SHAPES[shape](page).replace("更新图书一万册。\n", "", 1))
    assert told(form, "expected_goal", expected["expected_goal"])


def test_a_total_that_moved_is_read_or_missed() -> None:
    for total in ("总分\t100.00\t96.43\t\t\t\t\t", "总分\t\t\t\t\t\t100.00\t96.43"):
        _, form = edited("总分\t\t\t\t\t100.00\t96.43\t", total)
        assert differences(EXPECTED, form.record) == {}
    for total in ("总分\t\t\t\t\t\t96.43\t", "总分\t\t\t\t\t96.43\t\t", "总分\t96.43\t\t\t\t\t\t"):
        text, form = edited("总分\t\t\t\t\t100.00\t96.43\t", total)
        assert form.state == "open"
        assert wrong_unseen(EXPECTED, form) == {}
        assert lost_digits(text, form) == ""


@pytest.mark.parametrize(
    "label", ["其中：当年财政拨款", "上年结转资金", "其他资金", "年度资金总额："]
)
def test_a_funds_row_one_cell_to_the_right_is_read_in_its_place(label: str) -> None:
    _, form = edited(f"\t{label}\t", f"\t\t{label}\t")
    assert differences(EXPECTED, form.record) == {}
    assert errors(form) == []


def test_a_row_that_lost_its_leading_cells_is_read_in_its_place() -> None:
    """A level-3 name in the level-1 column."""
    for lost, cells in (
        ("\t\t服务学员人次", "服务学员人次"),
        ("\t\t服务学员人次", "\t服务学员人次"),
    ):
        _, form = edited(lost, cells)
        assert differences(EXPECTED, form.record) == {}
        assert "shifted" in form.entries["indicators[1].score"].reasons


def test_a_row_collapsed_into_one_cell_is_unread() -> None:
    cells = "质量指标\t课程验收合格率\t=100.00(%)\t100.00(%)\t15.00\t15.00"
    text, form = edited(cells, cells.replace("\t", ""))
    assert form.state == "open"
    assert any("课程验收合格率" in text[a:b] for a, b in form.unread)


def test_a_page_in_one_line_gives_nothing_wrong() -> None:
    """Flattened, and column by column: no number may land in a wrong place."""
    table = [line for line in SHANGHAI if isinstance(line, list)]
    head = "财政项目支出绩效自评表\n(2024年度)\n"
    one = " ".join(cell for row in table for cell in row if cell)
    rows = "\n".join(" ".join(cell for cell in row if cell) for row in table)
    columns = "\n".join(row[at] for at in range(8) for row in table if row[at])
    for body in (one, rows, columns):
        form = only(head + body)
        assert form.state == "open"
        assert wrong_unseen(EXPECTED, form) == {}
        assert lost_digits(head + body, form) == ""


def test_a_form_that_runs_into_one_without_title_stays_open() -> None:
    """The total of the first and the title of the second are lost."""
    second, _ = fixture("national")
    text = text_of(SHANGHAI[:-2]) + text_of(second[1:])
    forms = read(text).forms
    assert all(form.state == "open" for form in forms)
    assert all(lost_digits(text, form) == "" for form in forms)
    assert all(wrong_unseen(EXPECTED, form) == {} for form in forms if form.form.span.start == 0)


@pytest.mark.parametrize(
    "line",
    [
        "填表人\t\t张三\t\t\t\t\t",
        "填报人：\t张三\t联系电话：\t02112345678\t填报日期\t2024年3月1日\t\t",
        "\t\t\t\t以上属实\t\t\t",
        "注：1.其他资金包括自有资金。",
    ],
)
def test_what_follows_the_total_belongs_to_no_indicator(line: str) -> None:
    """Signatures and footnotes: the table ends with its total."""
    text = tabs(SHANGHAI) + line + "\n"
    form = only(text)
    assert differences(EXPECTED, form.record) == {}
    assert lost_digits(text, form) == ""
    assert form.unread


def test_labels_and_prose_inside_the_table_are_joined_to_no_row() -> None:
    """A second block of goals between the indicators, as forms with two goals have it."""
    header = next(r for r in SHANGHAI if isinstance(r, list) and r[0] == "一级指标")
    at = next(i for i, r in enumerate(SHANGHAI) if isinstance(r, list) and r[0] == "效益指标")
    goals: list[Line] = [
        ["年度总体目标", "预期目标", "", "", "实际完成情况", "", "", ""],
        ["", "二期目标12项。", "", "", "二期完成12项。", "", "", ""],
    ]
    text = text_of([*SHANGHAI[:at], *goals, header, *SHANGHAI[at:]])
    form = only(text)
    assert differences(EXPECTED["indicators"], form.record["indicators"]) == {}
    assert lost_digits(text, form) == ""
    assert form.state == "open"


def test_two_years_that_differ_are_not_settled_silently() -> None:
    """The title says 2022, the line below it 2024."""
    _, form = edited("财政项目支出绩效自评表", "2022年度财政项目支出绩效自评表")
    assert form.record["year"] in (None, 2024)
    assert form.state == "open" or form.record["year"] == 2024


@pytest.mark.parametrize("name", ["shanghai", "national", "before_2018"])
@pytest.mark.parametrize("into", ["left", "right"])
def test_two_texts_in_one_cell_are_noticed(name: str, into: str) -> None:
    """Name and target, or target and actual: the cell beside them is empty, and that is odd.

    No row of the sample that has points lacks its target or its actual.
    """
    page, _ = fixture(name)
    header = next(row for row in page if isinstance(row, list) and "三级指标" in row)
    first = header.index("三级指标")
    for index, row in enumerate(page):
        if not isinstance(row, list) or is_header(row) or not all(row[first : first + 5]):
            continue
        for at in (first, first + 1):
            both = f"{row[at]} {row[at + 1]}"
            pair = [both, ""] if into == "left" else ["", both]
            form = only(
                text_of([*page[:index], [*row[:at], *pair, *row[at + 2 :]], *page[index + 1 :]])
            )
            assert form.state == "open", (row[at : at + 2], into)


GOALS_CUT = """\
    项目支出绩效自评表
    （2023年度）
    项目名称 | 图书更新 | |
    年度总体目标 | 预期目标 | 实际完成情况 |
    | 更新图书一万册。 | 更新图书一万册，新增 |
    {rest}
    一级指标 | 三级指标 | 得分 |
    产出指标 | 更新图书 | 10 |
    """


def test_a_goal_that_breaks_off_where_its_table_ends_goes_to_a_person() -> None:
    """The row that held its rest was lost with the page break."""
    form = only(table(GOALS_CUT.format(rest="")))
    entry = form.entries["actual_completion"]
    assert entry.value == "更新图书一万册，新增"
    assert "unfinished" in entry.reasons
    assert entry.needs_review
    assert not form.entries["expected_goal"].needs_review


def test_a_goal_continued_after_the_page_break_is_whole() -> None:
    form = only(table(GOALS_CUT.format(rest="\n    | 阅览室两处。 | |")))
    entry = form.entries["actual_completion"]
    assert entry.value == "更新图书一万册，新增阅览室两处。"
    assert "unfinished" not in entry.reasons


def test_a_row_that_reaches_beyond_its_headers_is_doubtful() -> None:
    """A cell more in a table of one row, whose own length tells nothing."""
    at = next(i for i, row in enumerate(SHANGHAI) if isinstance(row, list) and "总分" in row)
    row = [*SHANGHAI[at - 1][:7], "≥90(%)", "党群阵地可进一步拓宽"]
    form = only(text_of([*SHANGHAI[: at - 1], "", row, "", *SHANGHAI[at:]]))
    last = form.entries[f"indicators[{len(form.record['indicators']) - 1}].deviation"]
    assert "row_length" in last.reasons
    assert last.needs_review

"""Where a model's values stand: under their labels, in the order of the page, or nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest

from eval import goldset
from eval.columns import COLUMN_SETS
from eval.layouts import LAYOUTS, TABULAR
from eval.loopback.errors_of_reading import Errors, misread
from eval.loopback.leaves import leaves as leaves_of
from eval.loopback.slips import Kind
from eval.pages import Page, Spec, page
from eval.truth import documents
from extractor.families import family_of
from extractor.ground import grounded
from extractor.readers.chain import chain
from extractor.readers.placing import placed
from extractor.readers.row_pairs import paired
from extractor.readers.table import read_table
from extractor.settle import record_of
from extractor.text import compare_key
from extractor.types import FormReading, Reading, Span

PROJECT = family_of("project")
UNTOLD = ("flat", "columns")
"""The layouts in which rows and columns can no longer be told."""

Leaves = Mapping[str, str | None]

ROWS = """\
项目支出绩效自评表
（2023年度）
项目名称\t图书经费
主管部门\t甲县文化局\t实施单位\t甲县图书馆
项目资金（万元）\t\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率\t得分
\t年度资金总额\t8.00\t8.00\t6.00\t10.00\t75.00%\t7.50
年度总体目标\t预期目标\t实际完成情况
\t购置图书。\t已购置图书。
一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分\t偏差原因分析
产出指标\t数量指标\t购置图书数量\t≥300册\t300册\t50.00\t50.00\t
效益指标\t社会效益指标\t读者知晓率\t≥90%\t80%\t30.00\t20.00\t宣传不够
满意度指标\t满意度指标\t读者满意度\t≥95%\t96%\t10.00\t10.00\t
总分\t\t\t\t\t100.00\t87.50\t
"""
FLAT = "\n".join([*ROWS.splitlines()[:2], " ".join(" ".join(ROWS.splitlines()[2:]).split()), ""])
TRUTH: Leaves = {
    path: reading.value
    for path, reading in read_table(ROWS, PROJECT).readings.items()
    if path.partition("[")[0] != "groups"
}
SAID: Leaves = {path: TRUTH.get(path) for path, _ in PROJECT.paths(3, 0)}


def place(text: str, leaves: Leaves) -> FormReading:
    return placed(text, PROJECT, leaves, read_table(text, PROJECT)).reading


def of_page(found: Page, leaves: Leaves | None = None) -> FormReading:
    family = family_of(found.family)
    table = read_table(found.text, family)
    said = found.truth if leaves is None else leaves
    return placed(found.text, family, said, table).reading


def misplaced(found: Page) -> dict[str, Reading]:
    """The leaves of a page that a model which reads all of it has not, or has elsewhere."""
    family, reading = family_of(found.family), of_page(found)
    return {
        path: one
        for path, value in found.truth.items()
        if compare_key(family.kind(path), (one := reading.readings[path]).value)
        != compare_key(family.kind(path), value)
        or (value is not None and tuple(sorted(one.spans)) != found.places[path])
    }


@pytest.mark.parametrize(("layout", "columns"), [*product(LAYOUTS, COLUMN_SETS)])
def test_every_value_of_a_page_is_found_where_it_stands(layout: str, columns: str) -> None:
    for seed in (1, 4):
        assert misplaced(page(Spec(seed, columns, layout))) == {}


def test_every_value_of_the_sample_forms_is_found_under_its_label() -> None:
    texts = {document.path: document.text for document in documents()}
    for item in goldset.load(goldset.SHIPPED):
        family = family_of(item.family)
        text = texts[item.document][item.span.start : item.span.end]
        table = read_table(text, family)
        reading = placed(text, family, item.values(), table).reading
        for path, leaf in item.leaves.items():
            one = reading.readings[path]
            assert compare_key(family.kind(path), one.value) == compare_key(
                family.kind(path), leaf.value
            )
            if leaf.value is not None:
                moved = tuple(sorted(span.moved(item.span.start) for span in one.spans))
                assert moved == tuple(sorted(Span(*span) for span in leaf.spans)), path
        assert (reading.row_ids, reading.unread) == (table.row_ids, table.unread)


@pytest.mark.parametrize("layout", UNTOLD)
def test_values_found_by_order_pass_the_check_of_the_page(layout: str) -> None:
    for columns in ("sichuan", "hubei", "shanghai_department"):
        found = page(Spec(2, columns, layout))
        reading = of_page(found)
        kept = grounded(found.text, family_of(found.family), reading.readings.values())
        assert kept == reading.readings


@pytest.mark.parametrize("layout", UNTOLD)
@pytest.mark.parametrize("columns", ["sichuan", "yunnan", "beijing", "shanghai_department"])
def test_a_row_has_one_id_however_its_page_is_laid_out(layout: str, columns: str) -> None:
    spec = Spec(3, columns, layout)
    table = page(spec._replace(layout="tabs"))
    wanted = read_table(table.text, family_of(table.family)).row_ids
    assert of_page(page(spec)).row_ids == wanted


class TestUnderLabels:
    def test_a_reading_takes_all_that_the_cell_says(self) -> None:
        found = place(ROWS, {**SAID, "funds.total.execution_rate": "75.00%"})
        cell = read_table(ROWS, PROJECT).readings["funds.total.execution_rate"]
        assert found.readings["funds.total.execution_rate"] == cell
        assert (found.reader, cell.value, cell.raw) == ("model", "75.00", ("75.00%",))

    def test_decimals_that_a_model_left_out_are_those_of_the_page(self) -> None:
        found = place(ROWS, {**SAID, "indicators[1].score": "20"})
        assert found.readings["indicators[1].score"].value == "20.00"

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("indicators[1].score", "50.00"),  # stands elsewhere on the page
            ("indicators[1].score", "19.00"),  # stands nowhere
            ("indicators[0].deviation", "宣传不够"),  # its own cell is blank
            ("funds.total.executed", "8.00"),  # stands beside it
        ],
    )
    def test_a_value_that_its_cell_does_not_say_is_unread(self, path: str, value: str) -> None:
        found = place(ROWS, {**SAID, path: value})
        one = found.readings[path]
        assert (one.standing, one.value, one.spans) == ("unread", None, ())
        assert one.reasons == ("misplaced",)
        assert one.address == read_table(ROWS, PROJECT).readings[path].address
        others = {p: r for p, r in found.readings.items() if p != path}
        assert others == {p: r for p, r in place(ROWS, SAID).readings.items() if p != path}

    def test_nothing_said_of_a_filled_cell_is_blank_and_of_no_cell_absent(self) -> None:
        found = place(ROWS, {**SAID, "indicators[1].score": None})
        assert found.readings["indicators[1].score"].standing == "blank"
        assert found.readings["grade"].standing == "absent"
        assert found.readings["indicators[0].deviation"].standing == "blank"

    def test_a_value_of_a_column_that_the_page_has_not_is_unread(self) -> None:
        made_up = {"grade": "优", "funds.unit_funds.score": "7.50", "funds.other.executed": "0.00"}
        found = place(ROWS, {**SAID, **made_up}).readings
        assert {found[path].reasons for path in made_up} == {("not_grounded",)}
        assert {path for path, one in found.items() if one.value != SAID[path]} == set()

    def test_a_value_beside_a_stamp_is_read_and_one_of_two_is_not(self) -> None:
        stamped = ROWS.replace("30.00\t20.00\t", "30.00\t20.00 344/1000\t")
        one = place(stamped, SAID).readings["indicators[1].score"]
        assert (one.standing, one.raw) == ("read", ("20.00",))
        doubled = ROWS.replace("30.00\t20.00\t", "30.00\t20.00 10.00\t")
        one = place(doubled, SAID).readings["indicators[1].score"]
        assert (one.standing, one.reasons[-1]) == ("unread", "not_grounded")

    def test_a_dropped_row_moves_no_value(self) -> None:
        leaves = {
            path.replace("[2]", "[1]"): value
            for path, value in SAID.items()
            if not path.startswith("indicators[1]")
        }
        found, whole = place(ROWS, leaves), place(ROWS, SAID)
        assert found.row_ids == (whole.row_ids[0], whole.row_ids[2])
        for leaf in ("name", "target", "score"):
            moved = whole.readings[f"indicators[2].{leaf}"]._replace(path=f"indicators[1].{leaf}")
            assert found.readings[f"indicators[1].{leaf}"] == moved

    def test_a_doubled_row_is_read_once(self) -> None:
        last = {path.replace("[2]", "[3]"): value for path, value in SAID.items() if "[2]" in path}
        found = place(ROWS, {**SAID, **last})
        names = [found.readings[f"indicators[{row}].name"] for row in (2, 3)]
        assert sorted(one.standing for one in names) == ["read", "unread"]
        assert len(set(found.row_ids)) == 4

    def test_a_row_keeps_its_id_though_its_name_was_misread(self) -> None:
        found = place(ROWS, {**SAID, "indicators[1].name": "读者知晓宰"})
        assert found.row_ids == place(ROWS, SAID).row_ids

    def test_names_that_moved_up_leave_the_other_cells_of_their_rows(self) -> None:
        names = [SAID[f"indicators[{row}].name"] for row in range(3)]
        moved = {f"indicators[{row}].name": name for row, name in enumerate([*names[1:], None])}
        found, whole = place(ROWS, {**SAID, **moved}), place(ROWS, SAID)
        assert found.readings["indicators[0].name"].reasons == ("misplaced",)
        for path in ("indicators[0].target", "indicators[1].score", "indicators[2].actual"):
            assert found.readings[path] == whole.readings[path]

    def test_a_target_of_three_cells_may_be_said_without_its_brackets(self) -> None:
        found = page(Spec(1, "sichuan", "tabs"))
        said = {
            path: value.replace("(", "").replace(")", "") if value and "target" in path else value
            for path, value in found.truth.items()
        }
        assert said != found.truth
        assert of_page(found, said) == of_page(found)

    def test_a_lost_row_is_no_place_for_one_number_or_when_there_are_two(self) -> None:
        lost = ROWS.replace("\t年度资金总额\t8.00", "\t年度又一总款\t8.00")
        one = {path: None if path.startswith("funds") else value for path, value in SAID.items()}
        found = place(lost, {**one, "funds.total.executed": "6.00"})
        assert found.readings["funds.total.executed"].reasons == ("not_grounded",)
        line = next(line for line in lost.splitlines() if "又一总款" in line)
        found = place(lost.replace(line, f"{line}\n{line}"), SAID)
        assert found.readings["funds.total.executed"].reasons == ("not_grounded",)

    def test_a_row_whose_label_is_lost_is_found_whole_or_not_at_all(self) -> None:
        lost = ROWS.replace("\t年度资金总额\t8.00", "\t年度又一总款\t8.00")
        table = read_table(lost, PROJECT)
        assert "funds.total.executed" not in table.readings
        whole = placed(lost, PROJECT, SAID, table).reading
        assert whole.readings["funds.total.executed"].raw == ("6.00",)
        assert whole.readings["funds.total.executed"].reasons == ("by_order",)
        wrong = placed(lost, PROJECT, {**SAID, "funds.total.weight": "9.00"}, table).reading
        assert wrong.readings["funds.total.executed"].reasons == ("not_grounded",)


class TestByOrder:
    def test_all_values_of_a_line_are_found(self) -> None:
        found = place(FLAT, SAID)
        assert {path: one.value for path, one in found.readings.items()} == SAID
        apart = {path for path, one in found.readings.items() if "apart" in one.reasons}
        assert apart == {"expected_goal", "actual_completion"}, "their labels stand side by side"
        assert all("by_order" in one.reasons for one in found.readings.values() if one.value)
        assert found.unread == ()

    def test_two_values_of_a_row_that_changed_places_are_unread(self) -> None:
        at = "indicators[1]"
        found = place(FLAT, {**SAID, f"{at}.weight": "20.00", f"{at}.score": "30.00"})
        for leaf in ("weight", "score"):
            assert found.readings[f"{at}.{leaf}"].reasons == ("not_grounded",)
        assert found.readings[f"{at}.actual"].value == "80%"
        assert [FLAT[a:b] for a, b in found.unread] == ["30.00", "20.00"]

    def test_a_value_that_is_made_up_takes_no_other_with_it(self) -> None:
        made_up = {**SAID, "indicators[0].deviation": "宣传不够"}
        found = place(FLAT, made_up).readings
        assert found["indicators[0].deviation"].standing == "unread"
        assert {path: one.value for path, one in found.items()} == SAID

    def test_names_that_moved_up_do_not_take_the_values_of_another_row(self) -> None:
        names = [SAID[f"indicators[{row}].name"] for row in range(3)]
        moved = {f"indicators[{row}].name": name for row, name in enumerate([*names[1:], None])}
        found = place(FLAT, {**SAID, **moved}).readings
        assert found["indicators[0].score"].value != "20.00"
        assert all(found[f"indicators[{row}].name"].value is None for row in range(3))

    def test_what_is_blank_is_told_from_what_has_no_place(self) -> None:
        found = place(FLAT, SAID).readings
        assert found["indicators[0].deviation"].standing == "blank"
        assert found["funds.unit_funds.score"].standing == "absent"
        assert found["grade"].standing == "absent"

    def test_a_number_that_nothing_says_is_left_over(self) -> None:
        silent = {path: value if "[1]" not in path else None for path, value in SAID.items()}
        found = place(FLAT, silent)
        assert {"30.00", "20.00"} <= {FLAT[start:end] for start, end in found.unread}

    def test_a_label_of_several_words_is_one(self) -> None:
        torn = FLAT.replace("实际完成值", "实际 完成值").replace("全年执行数", "全年 执行 数")
        found = place(torn, SAID).readings
        assert {path: one.value for path, one in found.items()} == SAID

    def test_one_value_in_its_turn_among_many_others_is_chance(self) -> None:
        columns = ("initial_budget", "annual_budget", "executed", "weight", "execution_rate")
        shifted = [SAID[f"funds.total.{name}"] for name in columns]
        names = ("annual_budget", "executed", "weight", "execution_rate", "score")
        moved = {f"funds.total.{n}": v for n, v in zip(names, shifted, strict=True)}
        found = place(FLAT, {**SAID, **moved}).readings
        assert {found[f"funds.total.{name}"].value for name in names} == {None}

    def test_a_name_that_is_a_level_too_is_found_behind_its_level(self) -> None:
        both = "服务对象满意度"
        level = FLAT.replace("满意度指标 满意度指标 读者满意度", f"满意度指标 {both} {both}")
        said = {**SAID, "indicators[2].level2": both, "indicators[2].name": both}
        found = place(level, said).readings
        assert {path: one.value for path, one in found.items()} == said
        assert found["indicators[2].level2"].spans < found["indicators[2].name"].spans

    def test_a_target_of_three_cells_needs_them_all(self) -> None:
        found = page(Spec(7, "sichuan", "flat"))
        family, text = family_of(found.family), found.text.replace("定性", "走性")
        target = "indicators[5].target"
        assert (found.truth[target], of_page(found).readings[target].value) == ("有所改善",) * 2
        one = placed(text, family, found.truth, read_table(text, family)).reading.readings[target]
        assert one.reasons == ("not_grounded",)

    def test_a_number_is_no_grade(self) -> None:
        found = place(FLAT, {**SAID, "grade": "87.50"}).readings
        assert found["grade"].standing == "unread"
        assert found["total_score"].value == "87.50"

    def test_dashes_are_the_cells_of_what_is_blank(self) -> None:
        found = page(Spec(0, "sichuan", "flat"))
        dashes = {path for path in found.places if found.truth[path] is None}
        read = of_page(found).readings
        assert dashes
        assert all(read[path].spans == found.places[path] for path in dashes)

    def test_a_value_behind_the_label_of_another_is_not_its_own(self) -> None:
        other = {**SAID, "supervising_department": "甲县图书馆", "implementing_unit": "甲县文化局"}
        found = place(FLAT, other).readings
        for path in ("supervising_department", "implementing_unit"):
            assert found[path].reasons == ("not_grounded",)


def test_a_row_dropped_from_a_page_by_columns_leaves_the_other_rows_in_place() -> None:
    found = page(Spec(3, "national", "columns"))
    rows = [path for path in found.truth if path.endswith("].name")]
    leaves: dict[str, str | None] = {}
    for path, value in found.truth.items():
        row = _row(path)
        if row != 2:
            leaves[path.replace(f"[{row}]", f"[{row - 1}]") if row > 2 else path] = value
    reading = of_page(found, leaves)
    assert len(reading.row_ids) == len(rows) - 1
    for leaf in ("name", "target", "weight", "score"):
        one = reading.readings[f"indicators[2].{leaf}"]
        assert one.spans == found.places[f"indicators[3].{leaf}"]


def _row(path: str) -> int:
    return int(path[len("indicators[") : path.index("]")]) if path.startswith("indi") else -1


def test_swapped_columns_leave_a_sound_table_its_word() -> None:
    found = page(Spec(2, "shanghai", "tabs"))
    family = family_of(found.family)
    swap = {"name": "target", "target": "name", "weight": "score", "score": "weight"}
    swap |= {"level1": "level2", "level2": "level1", "actual": "deviation", "deviation": "actual"}
    leaves: dict[str, str | None] = {}
    for path in found.truth:
        branch, _, name = path.rpartition(".")
        swapped = f"{branch}.{swap.get(name, name)}" if branch.startswith("ind") else path
        leaves[path] = found.truth[swapped]
    table = read_table(found.text, family)
    found_in = placed(found.text, family, leaves, table)
    assert found_in.is_anchored
    for path, one in found_in.reading.readings.items():
        assert one.value in (None, table.readings[path].value if path in table.readings else None)


def test_a_model_that_reads_nothing_right_is_held_to_the_table_all_the_same() -> None:
    wrong = {path: value and "9.99" for path, value in SAID.items()}
    found = placed(ROWS, PROJECT, wrong, read_table(ROWS, PROJECT))
    assert found.is_anchored
    assert not any(one.value for one in found.reading.readings.values())


@pytest.mark.parametrize(
    ("layout", "anchored"), [*((t, True) for t in TABULAR), *((u, False) for u in UNTOLD)]
)
def test_only_a_page_with_rows_has_anchors(layout: str, anchored: bool) -> None:
    found = page(Spec(5, "anhui", layout))
    family = family_of(found.family)
    table = read_table(found.text, family)
    assert placed(found.text, family, found.truth, table).is_anchored is anchored


KINDS: tuple[Kind, ...] = ("digit", "invented", "swapped_columns", "adjusted")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", ["tabs", "tight", "flat", "columns"])
def test_no_misread_value_comes_to_stand_on_the_page(layout: str, kind: Kind) -> None:
    for seed, columns in enumerate(COLUMN_SETS):
        found = page(Spec(40 + seed, columns, layout))
        family, truth = family_of(found.family), found.truth
        rows = sum(path.endswith("].name") for path in truth)
        groups = sum(path.startswith("groups[") and path.endswith(".level1") for path in truth)
        printed = {path: Reading(path, "read", value) for path, value in truth.items()}
        record = record_of(family, printed, [f"r{row}" for row in range(rows)], groups)
        wrong = misread(record, Errors(rate=0.004, seed=seed, kinds={kind: 1}), found.text)
        reading = of_page(found, leaves_of(wrong.record))
        for path, one in reading.readings.items():
            if one.value is not None:
                kind_of = family.kind(path)
                assert compare_key(kind_of, one.value) == compare_key(kind_of, truth[path]), path


def test_rows_are_paired_by_what_they_print_in_their_order() -> None:
    claims = {f"indicators[{row}].name": name for row, name in enumerate("甲丙丁丁")}
    printed = {
        path: Reading(path, "read", name)
        for path, name in ((f"indicators[{row}].name", name) for row, name in enumerate("甲乙丙丁"))
    }
    pairs = paired("indicators", claims, printed, 4)
    assert (pairs[0], pairs[1]) == (0, 2)
    assert sorted(pairs.values()) == [0, 2, 3]


def test_the_longest_chain_keeps_the_order_of_both() -> None:
    assert chain([[3, 9], [4], [2], [5]]) == {0: 3, 1: 4, 3: 5}
    assert chain([[2, 5], [2, 5]]) == {0: 2, 1: 5}
    assert chain([]) == {}


def test_a_sign_alone_in_front_of_a_label_is_a_cell_of_its_own() -> None:
    """Column by column, ``>`` ends the column before the header ``全年预算数``."""
    made = page(Spec(2026_000_022, "sichuan", "columns"))
    assert made.truth["indicators[28].target"] == ">95(%)"
    assert misplaced(made) == {}


def test_a_name_of_the_row_below_is_no_name_of_this_one() -> None:
    """The header came late, so the table reader has no column of names; the model's moved up."""
    made = page(Spec(2026_001_320, "anhui", "pipes", "late_header", 1))
    family = family_of(made.family)
    table = read_table(made.text, family)
    assert table.readings.get("indicators[0].name") is None
    rows = range(len(table.row_ids))
    names = [made.truth[f"indicators[{row}].name"] for row in rows]
    right = placed(made.text, family, made.truth, table).reading.readings
    assert [right[f"indicators[{row}].name"].value for row in rows] == names
    moved = dict(made.truth) | {
        f"indicators[{row}].name": name for row, name in zip(rows, [*names[1:], None], strict=True)
    }
    wrong = placed(made.text, family, moved, table).reading.readings
    assert {wrong[f"indicators[{row}].name"].value for row in rows} == {None}

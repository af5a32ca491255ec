"""The noise model: every damage of the list, graded, reproducible, its truth still in place."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import pytest

from eval.columns import COLUMN_SETS
from eval.damage import DAMAGES, GRADES, damaged
from eval.damage_tools import NUMBERS, Place, joined, level, numbers, taken
from eval.generate import draw
from eval.layouts import LAYOUTS, tabs
from eval.printing import sheet as printed
from eval.sheet import COVERED, EMPTY, Mark, Printed, Row, Sheet, label, value
from extractor.text import plain, squeeze, without_stamps

ITEMS: dict[int, set[str]] = {
    1: {"split_labels"},
    2: {"page_break"},
    3: {"lost_leading_cells"},
    4: {"extra_columns", "missing_columns", "moved_funds_row", "crowded_values"},
    5: {"centred_levels"},
    6: {"dropped_levels", "replaced_block"},
    7: {"off_header", "late_header"},
    9: {"trailing_pipes", "paragraphs", "foreign_tail"},
    10: {"stamps", "stamped_numbers"},
    11: {"dropped_digit", "run_together"},
    12: {"separators", "percent_signs"},
    13: {"operators", "look_alikes", "traditional", "widths", "stray_and"},
    14: {"wrapped_units", "doubled_words"},
    15: {"template_text", "filled_rows"},
}
"""Items of the damage list of the domain notes; 8 is the layouts."""

NAMES = tuple(DAMAGES)


@cache
def sheets() -> tuple[Sheet, ...]:
    """Thirty pages of all column sets."""
    sets = tuple(COLUMN_SETS)
    return tuple(printed(draw(seed, sets[seed % len(sets)])) for seed in range(30))


def rng(name: str, grade: int, index: int) -> Random:
    return Random(f"{name} {grade} {index}")


@cache
def variants(name: str, grade: int) -> tuple[Sheet, ...]:
    return tuple(
        damaged(rng(name, grade, n), sheet, name, grade) for n, sheet in enumerate(sheets())
    )


# --- the catalogue -------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [*range(1, 8), *range(9, 16)])
def test_every_item_of_the_list_has_a_damage_that_names_it(item: int) -> None:
    naming = {n for n in NAMES if (DAMAGES[n].__doc__ or "").startswith(f"Item {item}:")}
    assert naming == ITEMS[item]


def test_every_damage_says_what_a_reader_owes_it() -> None:
    for name in NAMES:
        said = DAMAGES[name].__doc__ or ""
        assert re.search("Recoverable|To be doubted|kept as it is printed", said), name


def test_damage_has_three_grades_and_no_other_names() -> None:
    for grade in (0, 4):
        with pytest.raises(ValueError, match="1, 2 or 3"):
            damaged(Random(0), sheets()[0], "stamps", grade)
    with pytest.raises(KeyError):
        damaged(Random(0), sheets()[0], "coffee", 1)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_page_is_left_alone(name: str) -> None:
    if name not in ("foreign_tail", "mixed"):
        assert damaged(Random(0), Sheet(()), name, 3) == Sheet(())


# --- every damage on drawn pages -----------------------------------------------------------------


@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize("name", NAMES)
def test_damage_changes_pages_and_the_same_seed_the_same_way(name: str, grade: int) -> None:
    assert any(a != b for a, b in zip(sheets(), variants(name, grade), strict=True))
    again = damaged(rng(name, grade, 3), sheets()[3], name, grade)
    assert again == variants(name, grade)[3]


def digest() -> str:
    found = hashlib.sha256()
    for name in NAMES:
        found.update(repr(damaged(Random(name), SMALL, name, 3)).encode())
    return found.hexdigest()


def test_another_process_damages_in_the_same_way() -> None:
    code = "from tests.test_eval_noise import digest; print(digest())"
    root = Path(__file__).parents[1]
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        assert run.stdout.strip() == digest()


def unsound(sheet: Sheet) -> list[str]:
    """What is wrong with the merged cells, the marks and the breaks of a sheet."""
    wrong: list[str] = []
    covered: set[Place] = set()
    for i, j, cell in sheet.cells():
        if not all(0 <= m.start <= m.end <= len(cell.text) for m in cell.marks):
            wrong.append(f"marks outside {cell}")
        area = {(r, c) for r in range(i, i + cell.down) for c in range(j, j + cell.across)}
        for r, c in area - {(i, j)}:
            row = sheet.rows[r]
            if row.is_line or c >= len(row.cells) or not row.cells[c].covered:
                wrong.append(f"{cell} does not cover {r}, {c}")
        if area & covered or any(i < at < i + cell.down for at in sheet.breaks):
            wrong.append(f"{cell} overlaps or crosses a page")
        covered |= area - {(i, j)}
    for i, row in enumerate(sheet.rows):
        wrong += [
            f"nothing covers {i}, {j}"
            for j, cell in enumerate(row.cells)
            if cell.covered and (i, j) not in covered
        ]
    if not all(0 < at < len(sheet.rows) for at in sheet.breaks):
        wrong.append(f"breaks outside the page: {sheet.breaks}")
    return wrong


@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize("name", NAMES)
def test_merged_cells_marks_and_breaks_stay_sound(name: str, grade: int) -> None:
    for before, after in zip(sheets(), variants(name, grade), strict=True):
        assert unsound(before) == []
        assert unsound(after) == []


def folded(text: str) -> str:
    return squeeze(unicodedata.normalize("NFKC", text))


def drift(text: str) -> str:
    return "".join("·" if "\u4e00" <= char <= "\u9fff" else char for char in text)


KEEPS: dict[str, Callable[[str], str]] = {
    "paragraphs": lambda text: squeeze(plain(text)),
    "stamps": lambda text: squeeze(without_stamps(text)[0]),
    "separators": lambda text: text.replace(",", ""),
    "percent_signs": lambda text: text.removesuffix("%"),
    "traditional": drift,
    "widths": folded,
    "look_alikes": lambda text: re.sub("[Oo]", "0", re.sub("[lI]", "1", text)),
    "operators": lambda text: re.sub("^[≥2到第z]", "", text),
    "stray_and": lambda text: re.sub(" and |[和与及、]", "", text),
}
"""What of the characters of a leaf a damage leaves alone; by default all but white space."""

LOSES: dict[str, str] = {
    "dropped_levels": r"\.level[12]$|^groups\[\d+\]\.(level1|weight)$",
    "replaced_block": r"^indicators\[",
    "mixed": "",
}
"""The leaves whose characters a damage may take or change altogether."""

ADDS = ("stamped_numbers", "doubled_words", "template_text", "filled_rows")
"""What they print for a leaf has more characters than before, in order."""


def leaves(sheet: Sheet) -> dict[str, str]:
    """What is printed for each leaf, in page order."""
    found: dict[str, str] = {}
    for _, _, cell in sheet.cells():
        for path, start, end in cell.marks:
            found[path] = found.get(path, "") + cell.text[start:end]
    return {path: text for path, text in found.items() if text.strip()}


def within(short: str, long: str) -> bool:
    """Whether the characters of one text stand in another in the same order."""
    rest = iter(long)
    return all(char in rest for char in short)


@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize("name", NAMES)
def test_truth_keeps_its_marks(name: str, grade: int) -> None:
    """A damage takes from the page what it says, and nothing of any other leaf."""
    keeps = KEEPS.get(name, squeeze)
    for before, after in zip(sheets(), variants(name, grade), strict=True):
        old, new = leaves(before), leaves(after)
        for path, text in old.items():
            if name in LOSES and re.search(LOSES[name], path):
                continue
            shown = new.get(path, "")
            if name == "dropped_digit":
                assert within(shown, text), path
                assert len(shown.replace(",", "")) >= len(text.replace(",", "")) - 1, path
            elif name in ADDS:
                assert within(squeeze(text), squeeze(shown)), path
            else:
                assert keeps(shown) == keeps(text), path
        if name not in ("filled_rows", "mixed"):
            assert set(new) <= set(old)


def touched(one: Sheet, two: Sheet) -> int:
    """How many cells differ, rows compared in order."""
    before, after = ([tuple(c.text for c in row.cells) for row in s.rows] for s in (one, two))
    count = len(one.breaks ^ two.breaks)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if kind != "equal":
            cells = [[text for row in rows for text in row] for rows in (before[a:b], after[c:d])]
            matched = difflib.SequenceMatcher(None, *cells, False).get_matching_blocks()
            count += max(map(len, cells)) - sum(block.size for block in matched)
    return count


@pytest.mark.parametrize("name", NAMES)
def test_a_higher_grade_touches_at_least_as_many_cells(name: str) -> None:
    totals = [
        sum(touched(a, b) for a, b in zip(sheets(), variants(name, grade), strict=True))
        for grade in GRADES
    ]
    assert totals == sorted(totals), totals
    assert totals[0] < totals[2]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_damaged_pages_can_be_laid_out_and_their_places_hold_what_is_printed(layout: str) -> None:
    for name in NAMES:
        page = variants(name, 3)[4]
        text, places = LAYOUTS[layout](page)
        wanted = leaves(page)
        found = {path: "".join(text[a:b] for a, b in spans) for path, spans in places.items()}
        assert {k: sorted(squeeze(v)) for k, v in found.items()} == {
            k: sorted(squeeze(v)) for k, v in wanted.items()
        }, name


# --- single damages, each with its cells ---------------------------------------------------------


def indicator(at: int, *cells: Printed) -> Row:
    names = ("name", "target", "actual", "weight", "score", "deviation")
    texts = ("培训场次", "≥12.00(场次)", "14.00(场次)", "10.00", "10.00", "")
    own = (value(t, f"indicators[{at}].{n}") for n, t in zip(names, texts, strict=True))
    return Row((*cells, *own), "indicators")


def levels(at: int, name: str, text: str, down: int = 1) -> Printed:
    return value(text, *(f"indicators[{i}].{name}" for i in range(at, at + down)), down=down)


SMALL = Sheet(
    (
        Row((label("项目支出绩效自评表"),), "title", True),
        Row((Printed("（2023年度）", (Mark("year", 1, 5),)),), "title", True),
        Row((label("项目名称"), EMPTY, value("培训", "project_name"), *[EMPTY] * 5), "head"),
        Row(
            (
                *(label("项目资金（万元）", down=2), EMPTY, label("年初预算数")),
                *(label("全年预算数"), label("全年执行数"), label("分值"), label("执行率")),
                label("得分"),
            ),
            "funds",
        ),
        Row(
            (
                *(COVERED, label("年度资金总额")),
                value("1,765.05", "funds.total.initial_budget"),
                value("2020.00", "funds.total.annual_budget"),
                value("1010.00", "funds.total.executed"),
                value("10", "funds.total.weight"),
                value("50.00%", "funds.total.execution_rate"),
                value("5.00", "funds.total.score"),
            ),
            "funds",
        ),
        Row((label("年度总体目标", down=2), label("预期目标"), *[EMPTY] * 6), "goals"),
        Row(
            (
                COVERED,
                value("开展各类党员教育培训和党群活动，服务党员群众。", "expected_goal"),
                *[EMPTY] * 6,
            ),
            "goals",
        ),
        Row(
            tuple(
                label(text)
                for text in (
                    *("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值"),
                    *("分值", "得分", "偏差原因分析"),
                )
            ),
            "header",
        ),
        indicator(0, levels(0, "level1", "产出指标", 3), levels(0, "level2", "数量指标", 2)),
        indicator(1, COVERED, COVERED),
        indicator(2, COVERED, levels(2, "level2", "可持续影响指标")),
        indicator(3, levels(3, "level1", "效益指标"), levels(3, "level2", "社会效益指标")),
        Row(
            (
                *(label("总分"), *[EMPTY] * 4),
                *(value("100.00", "total_weight"), value("97.5", "total_score"), EMPTY),
            ),
            "totals",
        ),
    )
)


@cache
def some(name: str, grade: int = 1) -> tuple[str, ...]:
    """The page with tabs after a damage, for many seeds."""
    return tuple(tabs(damaged(Random(seed), SMALL, name, grade)).text for seed in range(300))


def once(name: str, wanted: str, grade: int = 1) -> bool:
    """Whether some seed gives a page that holds the wanted cells, ``|`` for a tab."""
    return any(wanted.replace("|", "\t") in text for text in some(name, grade))


ROW = "培训场次|≥12.00(场次)|14.00(场次)|10.00|10.00|"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("split_labels", "可持 续影 响指 标"),
        ("split_labels", f"数量|{ROW}\n|指标|{ROW}"),
        ("split_labels", "年度 总体 目标"),
        ("page_break", "|响指标||||||\n效益指标"),
        ("page_break", "标社会效益指标|"),
        ("page_break", "14.00(|10.00|10.00|\n\n"),
        ("page_break", "|开展各类党员教育"),
        ("lost_leading_cells", f"\n可持续影响指标|{ROW}|\n"),
        ("lost_leading_cells", f"\n{ROW}||\n"),
        ("lost_leading_cells", "\n培训场次|||≥12.00"),
        ("extra_columns", "一级指标||二级指标|三级指标"),
        ("extra_columns", "|实际完成值|分值|得分|偏差原因分析|\n"),
        ("missing_columns", "项目名称|培训||||"),
        ("moved_funds_row", "\n||年度资金总额|1,765.05|"),
        ("centred_levels", f"\n产出指标||{ROW}\n"),
        ("dropped_levels", f"\n|数量指标|{ROW}"),
        ("replaced_block", f"\n效益指标|数量指标|{ROW}\n||{ROW}\n|可持续影响指标|{ROW}\n总分"),
        ("off_header", f"\n|可持续影响指标||{ROW[:-1]}\n"),
        ("off_header", "|10.00||10.00\n"),
        ("late_header", "\n||||||执行率|\n"),
        ("trailing_pipes", "97.5\n"),
        ("trailing_pipes", "97.5||\n"),
        ("paragraphs", "<p>开展各类党员教育培训和党群活动，服务党员群众。</p>"),
        ("stamped_numbers", "、1010.00|"),
        ("dropped_digit", "|765.05|"),
        ("dropped_digit", "（023年度）"),
        ("run_together", "2020.001010.00|10|"),
        ("run_together", "1050.00%||5.00"),
        ("separators", "|1765.05|"),
        ("separators", "|2,020.00|"),
        ("percent_signs", "|50.00|"),
        ("operators", "|212.00(场次)|"),
        ("operators", "|第12.00(场次)|"),
        ("traditional", "一級指標"),
        ("widths", "|１００．００|"),
        ("widths", "项目资金(万元)"),
        ("stray_and", "培训 and 党群"),
        ("wrapped_units", "|14.00(场|10.00|10.00|\n\n||||次)|||\n"),
        ("doubled_words", f"|可持续影响|{ROW}\n\n|响指标||||||\n"),
        ("template_text", "字以内)开展各类"),
        ("template_text", "预期目标(100字以内)"),
        ("filled_rows", "\n—|—|—|—|—|—|—|—\n"),
        ("filled_rows", "|10.00|10.00|/\n"),
    ],
)  # fmt: skip
def test_a_damage_looks_like_the_real_pages(name: str, wanted: str) -> None:
    assert once(name, wanted)


def test_a_moved_row_takes_the_values_of_a_real_department_to_the_end_of_the_row() -> None:
    """整体支出规模: headers over two columns each, the values side by side at the end."""
    amounts = [label("（1）财政拨款")]
    for path, text in (("annual_budget", "20.00"), ("executed", "10.00"), ("rate", "50.00")):
        amounts += [value(text, f"expenditure.basic.{path}", across=2), COVERED]
    page = Sheet((Row(tuple(amounts), "funds"),))
    moved = damaged(Random(0), page, "crowded_values", 1)
    assert [cell.text for cell in moved.rows[0].cells] == [
        *("（1）财政拨款", "", "", "", "20.00", "10.00", "50.00")
    ]


def test_stamps_stand_in_prose_and_in_rows_of_their_own_and_never_in_numbers() -> None:
    inside = [text for text in some("stamps", 3) if re.search(r"[\d—-]+ ?[育训动务]", text)]
    assert inside
    assert once("stamps", "/1000\n")
    for n, sheet in enumerate(variants("stamps", 3)):
        before, after = leaves(sheets()[n]), leaves(sheet)
        assert [p for p in before if p.endswith(NUMBERS) and before[p] != after[p]] == []


def test_the_tail_of_another_form_stands_in_front_of_the_title() -> None:
    for n, sheet in enumerate(variants("foreign_tail", 2)):
        own = len(sheets()[n].rows)
        assert sheet.rows[-own:] == sheets()[n].rows
        assert {row.section for row in sheet.rows[:-own]} == {"other"}
        assert not any(row.paths for row in sheet.rows[:-own])


def test_a_page_break_starts_a_table_of_its_own() -> None:
    for sheet in variants("page_break", 1):
        assert len(sheet.breaks) <= 1
    assert any(len(sheet.breaks) == 3 for sheet in variants("page_break", 3))


def test_letters_stand_in_numbers_only() -> None:
    for n, sheet in enumerate(variants("look_alikes", 3)):
        before, after = leaves(sheets()[n]), leaves(sheet)
        changed = [path for path in before if before[path] != after[path]]
        assert all(path.endswith(NUMBERS) for path in changed)
        assert all(re.search("[OolI]", after[path]) for path in changed)


def test_mixed_damage_does_more_than_any_one_of_its_grade() -> None:
    single = {n: damaged(Random(n), SMALL, n, 1) for n in NAMES if n != "mixed"}
    for seed in range(20):
        page = damaged(Random(seed), SMALL, "mixed", 1)
        assert page != SMALL
        assert page not in single.values()


# --- the tools -----------------------------------------------------------------------------------


def test_characters_taken_from_a_cell_shrink_its_marks() -> None:
    cell = Printed("2023年12月", (Mark("year", 0, 4), Mark("month", 5, 8)), down=2)
    left = taken(cell, 0, 1)
    assert (left.text, left.down) == ("023年12月", 2)
    assert left.marks == (Mark("year", 0, 3), Mark("month", 4, 7))
    assert taken(cell, 0, 5).marks == (Mark("month", 0, 3),)


def test_cells_run_together_keep_the_marks_of_both() -> None:
    whole = joined(value("10", "a"), value("5.00", "b"), " ")
    assert [whole.text[m.start : m.end] for m in whole.marks] == ["10", "5.00"]


def test_a_weight_printed_within_a_header_or_a_level_is_no_number_cell() -> None:
    group = Printed(
        "产出指标（50分）", (Mark("groups[0].level1", 0, 8), Mark("groups[0].weight", 5, 7))
    )
    page = Sheet((Row((group, value("50", "indicators[0].weight")), "indicators"),))
    assert numbers(page) == [(0, 1)]
    assert level(group) == "level1"

"""What holds of every document, whatever stands in it."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.families import family_of
from extractor.pipeline import CHECK_SET, read_document
from extractor.report import document_text
from extractor.types import CheckedForm
from tests.shapes import (
    COLUMN_SETS,
    SHAPES,
    Line,
    differences,
    document,
    fixture,
    lost_digits,
    misplaced_spans,
    only,
    read,
    tabs,
    text_of,
)

PAGES = {name: fixture(name)[0] for name in COLUMN_SETS}
TABLES = sorted(set(SHAPES) - {"lines", "tight"})


def consistent(text: str, form: CheckedForm) -> None:
    """What is true of every form that was ever read."""
    family = family_of(form.form.family)
    assert misplaced_spans(text, form) == {}
    start, end = form.form.span
    assert 0 <= start < end <= len(text)
    for entry in form.entries.values():
        assert len(entry.raw) == len(entry.spans)
        assert all(start <= a <= b <= end for a, b in entry.spans)
        assert (entry.value is not None) == (entry.standing == "read")
        assert entry.value is None or entry.raw
        assert entry.standing != "absent" or not entry.raw
        if entry.standing == "unread":
            assert entry.needs_review
        if entry.value is not None and family.is_number(entry.path):
            assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", entry.value)
    counts = (len(form.record["indicators"]), len(form.record["groups"]))
    assert list(form.entries) == [path for path, _ in family.paths(*counts)]
    family.schema.model_validate(form.record)
    for a, b in form.unread:
        assert start <= a < b <= end
        assert text[a:b].strip() == text[a:b]
    assert form.check_set == CHECK_SET
    reviewed = any(entry.needs_review for entry in form.entries.values())
    if reviewed or any(finding.is_error for finding in form.findings):
        assert form.state == "open"


# --- damage of every kind ------------------------------------------------------------------------

SCRAPS = st.sampled_from(
    [
        "财政项目支出绩效自评表", "部门（单位）整体支出绩效自评表", "项目支出绩效目标表",
        "（2024年度）", "项目名称", "总分", "评分等级", "年度资金总额", "财政拨款", "指标",
        "预期目标\t\t实际完成情况",
        "一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分", "产出指标", "定性",
        "全年预算数\t全年执行数\t执行率", "其他资金\t1\t2\t3", "指标性质\t指标值\t度量单位",
        "得分(20分×执行率)", "|", "\t", "\n", "\n\n", "\r", "\x00", " ", "\u3000", "|---|---|",
        "<td>", "</tr>", "<table>", "<p>", "&amp;", "10.00", "-", "—", "344/1000", "≥95", "%", "优",
        "好。", "9,9",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(SCRAPS, max_size=30))
def test_scraps_of_forms_never_crash(parts: list[str]) -> None:
    text = "".join(parts)
    for form in read(text).forms:
        consistent(text, form)


@given(st.text(max_size=200))
def test_arbitrary_text_never_crashes(text: str) -> None:
    found = read(text)
    assert found.titles + found.untitled == (len(found.forms) + found.repeats + len(found.refused))


@settings(max_examples=150)
@given(st.sampled_from(COLUMN_SETS), st.sampled_from(sorted(SHAPES)), st.data())
def test_a_page_with_a_piece_cut_out_or_moved_stays_consistent(
    name: str, shape: str, data: st.DataObject
) -> None:
    text = SHAPES[shape](PAGES[name])
    a = data.draw(st.integers(0, len(text)))
    b = data.draw(st.integers(a, min(len(text), a + 60)))
    c = data.draw(st.integers(0, len(text)))
    text = text[:a] + text[b:]
    text = text[:c] + data.draw(st.sampled_from(["", text[a:b], "\n", "\t", "|", "7"])) + text[c:]
    found = read(text)
    assert found.titles + found.untitled == (len(found.forms) + found.repeats + len(found.refused))
    for form in found.forms:
        consistent(text, form)


def test_shuffled_lines_stay_consistent() -> None:
    order = random.Random(7)
    for name in COLUMN_SETS:
        text = tabs(PAGES[name])
        for _ in range(5):
            lines = text.splitlines()
            order.shuffle(lines)
            shuffled = "\n".join(lines)
            for form in read(shuffled).forms:
                consistent(shuffled, form)


# --- columns and rows in any order ---------------------------------------------------------------


def _blocks(page: list[Line]) -> tuple[int, int, int]:
    """Indices of the funds header, the goals header and the indicator header."""

    def where(*labels: str) -> int:
        return next(
            i for i, line in enumerate(page) if isinstance(line, list) and set(labels) & set(line)
        )

    return (
        where("全年执行数", "全年执行数（B）", "预算执行数", "执行数（B）"),
        where("预期目标", "年初设定目标"),
        where("一级指标"),
    )


def _reordered(lines: list[Line], columns: list[int], order: list[int]) -> list[Line]:
    """The rows with the cells of ``columns`` put in another order."""
    moved: list[Line] = []
    for line in lines:
        assert isinstance(line, list)
        cells = list(line)
        for to, source in zip(columns, order, strict=True):
            cells[to] = line[source]
        moved.append(cells)
    return moved


@settings(max_examples=120)
@given(st.sampled_from([n for n in COLUMN_SETS if n != "department"]), st.data())
def test_the_order_of_the_columns_does_not_matter(name: str, data: st.DataObject) -> None:
    """Funds and indicators with their columns shuffled give the same record."""
    page, expected = fixture(name)
    funds, goals, indicators = _blocks(page)
    header, table = page[funds], page[indicators]
    assert isinstance(header, list)
    assert isinstance(table, list)
    columns = [i for i, cell in enumerate(header) if cell and i > 1]
    order = data.draw(st.permutations(columns))
    name_at = table.index("三级指标")
    free = [i for i in range(name_at + 1, len(table)) if table[i]]
    others = data.draw(st.permutations(free))
    end = next(
        (i for i, line in enumerate(page) if isinstance(line, list) and line[0] == "评分等级"),
        len(page),
    )
    shuffled = [
        *page[:funds],
        *_reordered(page[funds:goals], columns, order),
        *page[goals:indicators],
        *_reordered(page[indicators:end], free, others),
        *page[end:],
    ]
    form = only(tabs(shuffled))
    assert differences(expected, form.record) == {}


@settings(max_examples=40)
@given(st.sampled_from([n for n in COLUMN_SETS if n != "department"]), st.data())
def test_the_order_of_the_funds_rows_does_not_matter(name: str, data: st.DataObject) -> None:
    page, expected = fixture(name)
    funds, goals, _ = _blocks(page)
    rows = data.draw(st.permutations(page[funds + 1 : goals]))
    form = only(tabs([*page[: funds + 1], *rows, *page[goals:]]))
    assert differences(expected, form.record) == {}


# --- slices, digits, places -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", TABLES)
def test_the_slice_of_each_form_alone_gives_the_same_form(shape: str) -> None:
    names = [n for n in COLUMN_SETS if n != "department"]
    text = "封面\n\n" + "\n\n".join(SHAPES[shape](PAGES[name]) for name in names) + "\n\n附注\n"
    found = read(text)
    assert len(found.forms) == len(names)
    for form in found.forms:
        start, end = form.form.span
        (alone,) = read(text[start:end]).forms
        assert alone.record == form.record
        assert alone.findings == form.findings
        assert [(a + start, b + start) for a, b in alone.unread] == [tuple(s) for s in form.unread]
        for path, entry in form.entries.items():
            other = alone.entries[path]
            assert [(a + start, b + start) for a, b in other.spans] == [
                tuple(s) for s in entry.spans
            ]
            assert (other.raw, other.standing, other.stratum) == (
                entry.raw, entry.standing, entry.stratum,
            )  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", COLUMN_SETS)
def test_a_text_without_digits_gives_no_numbers(name: str, shape: str) -> None:
    text = re.sub(r"[0-9]", "", SHAPES[shape](PAGES[name]))
    for form in read(text).forms:
        family = family_of(form.form.family)
        numbers = {
            path: entry.value
            for path, entry in form.entries.items()
            if entry.value is not None
            and (family.is_number(path) or family.kind(path) in ("year", "count"))
        }
        assert numbers == {}


@pytest.mark.parametrize("shape", TABLES)
@pytest.mark.parametrize("name", COLUMN_SETS)
def test_a_form_reads_the_same_wherever_it_stands(name: str, shape: str) -> None:
    """Another form in front, another behind."""
    other = SHAPES[shape](PAGES["national" if name == "shanghai" else "shanghai"])
    text = SHAPES[shape](PAGES[name])
    (alone,) = read(text).forms
    between = read(other + "\n" + text + "\n" + other).forms[1]
    assert between.record == alone.record
    assert between.findings == alone.findings


def test_reading_twice_gives_the_same() -> None:
    text = text_of(PAGES["shanghai"])
    assert read_document(document(text)) == read_document(document(text))


@pytest.mark.parametrize("name", COLUMN_SETS)
def test_a_clean_page_is_consistent_and_loses_no_digit(name: str) -> None:
    text = tabs(PAGES[name])
    form = only(text)
    consistent(text, form)
    assert lost_digits(text, form) == ""


@pytest.mark.parametrize("name", COLUMN_SETS)
def test_a_clean_page_is_closed_but_for_what_nothing_checks(name: str) -> None:
    """A consistent form of every column set raises no identity and asks for few looks."""
    form = only(tabs(PAGES[name]))
    flagged: dict[str, Any] = {
        path: (entry.stratum, entry.value)
        for path, entry in form.entries.items()
        if entry.needs_review
    }
    assert [f.check for f in form.findings if f.is_error] == []
    if name == "hubei":  # no total weight is printed, so nothing proves the weights of the groups
        flagged = {p: v for p, v in flagged.items() if not p.startswith("groups[")}
        flagged.pop("funds.total.weight", None)
    assert flagged == {}, flagged
    assert name == "hubei" or form.state == "clear"


def test_a_form_whose_total_row_was_lost_asks_for_its_total() -> None:
    """The weights come to 100 all the same; the total of the points is what nobody has read."""
    page = (Path(__file__).parents[1] / "eval/gold/documents/jiangqiao-2024.tsv").read_text("utf-8")
    text = "\n".join(line for line in page.split("\n") if "总分" not in line)
    checked = read_document(document(text))
    form = checked.forms[0]
    assert form.entries["total_score"].stratum == "missing"
    assert form.entries["total_score"].needs_review
    told = document_text(checked, "en", color=False, width=120)
    assert "?" not in next(line for line in told.split("\n") if "= total weight" in line)

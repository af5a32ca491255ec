"""The source of a form as rows of cells, and where in it each field stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from extractor.confidence import REASONS
from extractor.pipeline import read_document
from extractor.types import CheckedForm, Document
from tests.shapes import PAGE, document, page_of, pipes, tight
from ui.page_cells import At, Lines, Whereabouts, source, whereabouts

LINES = PAGE.splitlines()
ROW = next(i for i, line in enumerate(LINES) if "读者增长" in line)
"""The row of the second indicator."""
HEADER = next(i for i, line in enumerate(LINES) if "三级指标" in line)
CUT = PAGE.replace("\t读者增长\t", "\t读者增\t").replace(
    LINES[ROW + 1], "\t".join(["", "", "长", "", "", "", "", ""]) + "\n" + LINES[ROW + 1]
)
"""A page break cut the name of the second indicator in two."""
SHIFTED = PAGE.replace(LINES[ROW], LINES[ROW].replace("读者增长\t", "读者增长\t\t"))
"""Its later cells stand one column to the right."""


def first(text: str) -> tuple[Document, CheckedForm]:
    about = document(text)
    return about, read_document(about).forms[0]


def drawn(about: Document, form: CheckedForm) -> list[dict[str, Any]]:
    order = {path: number for number, path in enumerate(form.entries)}
    return source(about, form, order, Lines(about.text))


def stands(text: str) -> tuple[list[dict[str, Any]], dict[str, Whereabouts]]:
    """The rows of the first form of a page, and where each of its fields stands."""
    about, form = first(text)
    cells = drawn(about, form)
    return cells, dict(zip(form.entries, whereabouts(form, cells), strict=True))


def text_at(cells: list[dict[str, Any]], at: At | None) -> str | None:
    return None if at is None else cells[at.row]["cells"][at.cell]["text"]


@pytest.mark.parametrize(
    ("offset", "line"), [(0, 1), (2, 1), (3, 2), (4, 3), (5, 4), (6, 4), (99, 4)]
)
def test_lines_count_from_one_and_end_with_their_break(offset: int, line: int) -> None:
    assert Lines("ab\n\n\nc").of(offset) == line


@pytest.mark.parametrize("shape", [PAGE, pipes(page_of(PAGE)), tight(page_of(PAGE)), CUT])
def test_every_part_of_a_field_is_in_a_cell_that_prints_it(shape: str) -> None:
    about, form = first(shape)
    cells = drawn(about, form)
    for number, (path, entry) in enumerate(form.entries.items()):
        found = [
            cell
            for row in cells
            for cell in row["cells"]
            for one in cell["fields"]
            if one == number
        ]
        assert len(found) == len(entry.spans), path
        for cell, (a, b) in zip(found, entry.spans, strict=True):
            assert cell["span"][0] <= a < b <= cell["span"][1]
            assert about.text[a:b] in cell["text"]


def test_cells_count_from_the_start_of_the_document_and_lines_too() -> None:
    """The second of two forms: nothing is off by what stands before it."""
    other = PAGE.replace("图书经费", "设备经费")
    about = document(PAGE + "\n" + other)
    form = read_document(about).forms[1]
    cells = drawn(about, form)
    assert cells[0]["line"] == len(LINES) + 2
    for row in cells:
        for cell in row["cells"]:
            a, b = cell["span"]
            assert not cell["text"] or about.text[a:b].strip() == cell["text"]
    (name,) = [c for row in cells for c in row["cells"] if c["text"] == "设备经费"]
    assert list(form.entries)[name["fields"][0]] == "project_name"


@pytest.mark.parametrize(
    ("path", "label", "header"),
    [
        ("indicators[1].score", "读者增长", "得分"),
        ("indicators[1].weight", "读者增长", "分值"),
        ("indicators[1].name", None, "三级指标"),
        ("funds.total.executed", "年度资金总额", "全年执行数"),
        ("project_name", None, "项目名称"),
        ("total_score", "总分", "得分"),
        ("year", None, None),
    ],
)
@pytest.mark.parametrize("shape", [PAGE, pipes(page_of(PAGE))])
def test_a_field_has_its_row_label_and_its_column_header(
    shape: str, path: str, label: str | None, header: str | None
) -> None:
    cells, found = stands(shape)
    where = found[path]
    assert (text_at(cells, where.label), text_at(cells, where.header)) == (label, header)
    (mine,) = where.cells
    assert where.label is None or where.label.row == mine.row
    assert where.header is None or where.header.row <= mine.row


def test_of_two_columns_with_one_header_the_nearest_above_is_meant() -> None:
    """Both tables of the page have points: those of an indicator stand under its own table."""
    _, found = stands(PAGE)
    assert found["indicators[0].score"].header == At(HEADER, 6)
    header = found["funds.total.score"].header
    assert header is not None
    assert header.row < HEADER


def test_of_two_headers_in_one_row_the_one_in_the_column_is_meant() -> None:
    about, form = first(PAGE)
    cells = drawn(about, form)
    cells[HEADER]["cells"][0]["text"] = "得分"
    found = dict(zip(form.entries, whereabouts(form, cells), strict=True))
    assert found["indicators[0].score"].header == At(HEADER, 6)


def test_a_value_is_not_its_own_header() -> None:
    _, found = stands(PAGE.replace("读者增长", "三级指标"))
    where = found["indicators[1].name"]
    assert (where.cells, where.header) == ((At(ROW, 2),), At(HEADER, 2))


def test_a_header_of_a_page_of_lines_is_above() -> None:
    cells, found = stands(tight(page_of(PAGE)))
    where = found["indicators[1].score"]
    assert text_at(cells, where.header) == "得分"
    assert where.header is not None
    assert where.header.row < where.cells[0].row


def test_a_field_of_which_nothing_is_printed_stands_nowhere() -> None:
    _, found = stands(PAGE)
    assert found["indicators[1].deviation"] == Whereabouts()


def test_the_parts_of_a_cut_cell_are_rejoined_and_say_so() -> None:
    cells, found = stands(CUT)
    where = found["indicators[1].name"]
    assert where.cells == (At(ROW, 2), At(ROW + 1, 2))
    assert [text_at(cells, one) for one in where.cells] == ["读者增", "长"]
    for at in where.cells:
        cell = cells[at.row]["cells"][at.cell]
        assert cell["joined"]
        assert cell["notes"] == [dict(REASONS["joined_across_page"])]
    joined = [c["text"] for row in cells for c in row["cells"] if c["joined"]]
    assert joined == ["读者增", "长"]


def test_what_stands_below_a_rejoined_row_moved_with_it() -> None:
    _, before = stands(PAGE)
    _, after = stands(CUT)
    for path in ("indicators[2].score", "total_score"):
        (old,), (new,) = before[path].cells, after[path].cells
        assert new == At(old.row + 1, old.cell)
        assert after[path].header == before[path].header


def test_a_shifted_row_is_marked_and_says_why() -> None:
    cells, found = stands(SHIFTED)
    (score,) = found["indicators[1].score"].cells
    assert score == At(ROW, 7)
    assert text_at(cells, score) == "30.00"
    assert [number for number, row in enumerate(cells) if row["odd"]] == [ROW]
    notes = cells[ROW]["cells"][7]["notes"]
    assert dict(REASONS["shifted"]) in notes
    assert len(notes) == len({note["en"] for note in notes})
    assert all(not c["notes"] for n, row in enumerate(cells) if n != ROW for c in row["cells"])


def test_a_level_from_the_row_above_is_no_note_on_its_cell() -> None:
    merged = PAGE.replace("效益指标\t社会效益指标\t", "\t\t", 1)
    about, form = first(merged)
    level = form.entries["indicators[1].level1"]
    assert "filled_down" in level.reasons
    assert all(not c["notes"] for row in drawn(about, form) for c in row["cells"])


def test_a_cell_that_no_field_claims_is_marked() -> None:
    about, form = first(PAGE)
    assert all(not c["unread"] for row in drawn(about, form) for c in row["cells"])
    a = about.text.index("年度总体目标")
    marked = replace(form, unread=(type(form.form.span)(a, a + 6),))
    found = [c["text"] for row in drawn(about, marked) for c in row["cells"] if c["unread"]]
    assert found == ["年度总体目标"]


def test_tables_are_told_apart_by_their_blocks() -> None:
    about, form = first(pipes(page_of(PAGE)))
    blocks = [row["block"] for row in drawn(about, form)]
    assert blocks == sorted(blocks)
    assert len(set(blocks)) == 2

"""Text → rows of cells with exact offsets, in four shapes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.grid import Row, rows
from tests.shapes import COLUMN_SETS, SHAPES, fixture

PAGE_TEXT = st.text(
    alphabet=st.sampled_from("ab1 .|\t\n\r\u3000-\\&;<>/t=rdh表\"'\x0c\u2028"), max_size=120
)


def texts(found: list[Row]) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in found]


def test_a_pipe_table() -> None:
    text = "| a | b  | |\n|---|:--:|--|\n|  | c | d |\n"
    assert texts(rows(text)) == [["a", "b", ""], ["", "c", "d"]]
    assert {row.shape for row in rows(text)} == {"pipe"}


def test_a_ragged_pipe_table_keeps_its_cells_and_is_marked() -> None:
    text = "| a | b | |\n|---|---|---|\n| c | d | |\n| e | f | g | | |\n| h |\n| i | j | |\n"
    found = rows(text)
    assert texts(found)[2] == ["e", "f", "g", "", ""]
    assert [row.odd for row in found] == [False, False, True, True, False]


def test_pipes_without_outer_pipes() -> None:
    assert texts(rows("a | b\nc | d\n")) == [["a", "b"], ["c", "d"]]


def test_an_escaped_pipe_is_text() -> None:
    assert texts(rows("| a \\| b | c |\n")) == [["a \\| b", "c"]]


def test_a_rule_row_is_left_out_and_a_row_of_dashes_is_not() -> None:
    assert texts(rows("| a | b |\n|---|---|\n| - | - |\n| — | — |\n")) == [
        ["a", "b"],
        ["-", "-"],
        ["—", "—"],
    ]


def test_tabs_keep_leading_inner_and_trailing_blanks() -> None:
    assert texts(rows("\ta\t\tb\t\n")) == [["", "a", "", "b", ""]]


def test_lines_are_cells() -> None:
    text = "a\n\n  b c  \n"
    found = rows(text)
    assert texts(found) == [["a"], ["b c"]]
    assert found[1].cells[0].start == text.index("b")


def test_blank_lines_part_tables() -> None:
    found = rows("a\tb\n\nc\td\ne\tf\n")
    assert found[0].block != found[1].block == found[2].block


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines_of_any_kind_end_a_row(newline: str) -> None:
    text = newline.join(["a\tb", "c\td", ""])
    assert texts(rows(text)) == [["a", "b"], ["c", "d"]]


def test_html_with_spans() -> None:
    """A cell that spans rows or columns stands once; its other places are blank."""
    text = (
        "<table><tr><td rowspan=2>a</td><td colspan='2'>b</td></tr>"
        "<tr><td>c</td><td>d</td></tr><tr><TH>e</TH><td>f<td>g</tr></table>"
    )
    assert texts(rows(text)) == [["a", "b", ""], ["", "c", "d"], ["e", "f", "g"]]


def test_html_without_a_closing_tag_and_text_around_it() -> None:
    text = "标题\n<table>\n<tr><td>a</td>\n<td> b </td></tr>\n</table>\n后面\n<tr><td>c"
    assert texts(rows(text)) == [["标题"], ["a", "b"], ["后面"], ["c"]]


def test_an_html_cell_may_hold_lines_and_tags() -> None:
    text = "<table><tr><td><p>一。</p>\n<p>二。</p></td><td>x</td></tr></table>"
    assert texts(rows(text)) == [["<p>一。</p>\n<p>二。</p>", "x"]]


def test_a_nested_table_loses_nothing() -> None:
    text = "<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr></table>"
    joined = "".join(cell for row in texts(rows(text)) for cell in row)
    assert all(letter in joined for letter in "abc")


def test_one_text_may_mix_the_shapes() -> None:
    text = "标题\n| a | b |\nc\td\n<table><tr><td>e</td></tr></table>\n"
    assert [row.shape for row in rows(text)] == ["line", "pipe", "tab", "html"]


@pytest.mark.parametrize("name", COLUMN_SETS)
def test_the_shapes_hold_the_same_cells(name: str) -> None:
    page, _ = fixture(name)
    cells = {
        shape: [cell.text for row in rows(write(page)) for cell in row.cells if cell.text]
        for shape, write in SHAPES.items()
    }
    assert all(found == cells["tabs"] for found in cells.values())


def test_huge_spans_do_not_make_huge_rows() -> None:
    text = '<table><tr><td colspan="999" rowspan="999">a</td></tr>' + "<tr><td>b</td></tr>" * 50
    assert all(len(row.cells) <= 200 for row in rows(text))


def test_a_long_line_is_read_in_linear_time() -> None:
    """Two megabytes without a break, of the characters that patterns could stumble over."""
    for part in ("<td", "|", "\t", "- ", "\\|", "<table><tr>", "<td colspan=", "a "):
        text = part * (400_000 // len(part))
        began = time.perf_counter()
        rows(text)
        assert time.perf_counter() - began < 4, part


@given(PAGE_TEXT)
def test_every_cell_stands_where_it_says(text: str) -> None:
    for row in rows(text):
        for cell in row.cells:
            assert text[cell.start : cell.end] == cell.text
            assert cell.text == cell.text.strip()
            assert 0 <= cell.start <= cell.end <= len(text)


@given(PAGE_TEXT)
def test_cells_follow_each_other_and_do_not_overlap(text: str) -> None:
    last = 0
    for row in rows(text):
        assert row.start <= min(cell.start for cell in row.cells if cell.text)
        for cell in row.cells:
            if cell.text:
                assert cell.start >= last
                last = cell.end


@given(st.text(alphabet=st.sampled_from("ab12 |\t\n\\表."), max_size=120))
def test_without_html_no_character_is_lost(text: str) -> None:
    """Every character but white space, pipes and rules stands in a cell."""
    covered: set[int] = set()
    for row in rows(text):
        for cell in row.cells:
            covered.update(range(cell.start, cell.end))
    lost = {i for i, c in enumerate(text) if not c.isspace() and c != "|"} - covered
    assert not lost


def test_of_two_widths_in_a_short_table_the_usual_one_of_the_page_counts() -> None:
    """After a page break a table of two whole rows: one of them gained a cell."""
    text = "a\tb\t\nc\td\t\n\ne\tf\tg\t\nh\ti\t\nj"
    assert [row.odd for row in rows(text)] == [False, False, True, False, False]

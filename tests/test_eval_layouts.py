"""Pages of drawn forms: every leaf is printed where the sheet says, whatever the layout."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

import pytest

from eval import printing, writing
from eval.columns import COLUMN_SETS
from eval.generate import Drawn, draw
from eval.layouts import LAYOUTS, TABULAR
from eval.printing import sheet
from eval.sheet import COVERED, EMPTY, Mark, Printed, Rendered, Row, Sheet, label
from extractor.families import family_of
from extractor.families.base import NUMBER_KINDS
from extractor.grid import rows as grid_rows
from extractor.numbers import read_number
from extractor.text import is_blank, prose, tidy, tidy_quantity
from tests.shapes import only

SEEDS = range(12)


each_set = pytest.mark.parametrize("columns", COLUMN_SETS)
each_layout = pytest.mark.parametrize("layout", LAYOUTS)


@cache
def drawn(seed: int, columns: str) -> Drawn:
    return draw(seed, columns)


@cache
def page(seed: int, columns: str) -> Sheet:
    return sheet(drawn(seed, columns))


def pages(columns: str) -> Iterator[Sheet]:
    """A dozen pages of a column set, of one hundred and eight."""
    return (page(seed, columns) for seed in SEEDS)


def table_of(form: Sheet) -> list[Row]:
    return [row for row in form.rows if not row.is_line]


def normalised(kind: str, parts: list[str], path: str, columns: str) -> str | None:
    """The value that printed parts stand for, by the contract."""
    text = "".join(parts)
    if all(map(is_blank, parts)):
        return None
    if kind in NUMBER_KINDS or kind == "count":
        number = read_number(text)
        return number[0].text if number else None
    if kind == "prose":
        return prose(text)[0]
    if kind in ("target", "actual"):
        has_nature = any(role == "nature" for role, _ in COLUMN_SETS[columns].indicators)
        if kind == "target" and has_nature:
            text = "".join(p for p in parts[:2] if p not in ("定性", "定量"))
            text += f"({parts[2]})" if len(parts) > 2 else ""
        return tidy_quantity(text)
    if path.endswith("level2_listed"):
        return " ".join(text.split())
    if kind == "level" and COLUMN_SETS[columns].weights_in_levels:
        text = re.sub(r"[（(]\d+(\.\d+)?分[)）]$", "", text)
    return tidy(text)


def marked_text(page: Sheet) -> dict[str, list[str]]:
    """What the marks of a sheet cover, by leaf."""
    found: dict[str, list[str]] = {}
    for _, _, cell in page.cells():
        for path, start, end in cell.marks:
            if cell.text[start:end].strip():
                found.setdefault(path, []).append(cell.text[start:end].strip())
    return found


@each_set
def test_what_the_marks_cover_is_the_truth(columns: str) -> None:
    """Every leaf with a value is printed, by the contract's rules, and nothing else is marked."""
    for seed in SEEDS:
        form = drawn(seed, columns)
        texts, family = marked_text(page(seed, columns)), family_of(form.family)
        got = {
            path: normalised(family.kind(path), texts.get(path, [""]), path, columns)
            for path in form.leaves
        }
        assert got == form.leaves
        assert set(texts) <= set(form.leaves)


@each_set
def test_all_rows_of_a_page_are_equally_wide(columns: str) -> None:
    for form in pages(columns):
        assert len({len(row.cells) for row in table_of(form)}) == 1


@each_set
def test_merged_cells_cover_exactly_what_is_covered(columns: str) -> None:
    for form in pages(columns):
        claimed = [
            (i + down, j + right)
            for i, row in enumerate(table_of(form))
            for j, cell in enumerate(row.cells)
            for down in range(cell.down)
            for right in range(cell.across)
            if (down, right) != (0, 0)
        ]
        at = enumerate(table_of(form))
        assert sorted(claimed) == [
            (i, j) for i, row in at for j, cell in enumerate(row.cells) if cell.covered
        ]


def test_a_level_is_printed_once_for_all_its_rows() -> None:
    rows = [row for row in page(3, "shanghai").rows if row.section == "indicators"]
    firsts = [row.cells[0] for row in rows if not row.cells[0].covered]
    told = [mark.path for cell in firsts for mark in cell.marks]
    assert told == [f"indicators[{i}].level1" for i in range(len(rows))]
    assert [cell.down for cell in firsts] == [len(cell.marks) for cell in firsts]


def test_a_dash_is_printed_for_the_points_of_a_source_and_marked_as_its_leaf() -> None:
    form = drawn(0, "national")
    texts = marked_text(sheet(form))
    assert texts["funds.carried_over.weight"] == texts["funds.other.score"] == [form.office.dash]


def test_hubei_prints_its_weights_in_header_and_levels() -> None:
    form = drawn(1, "hubei")
    texts = marked_text(sheet(form))
    assert texts["funds.total.weight"] == [form.leaves["funds.total.weight"]]
    weight = form.leaves["groups[0].weight"]
    level1 = texts["indicators[0].level1"][0]
    assert texts["groups[0].weight"] == [weight]
    assert level1 == texts["groups[0].level1"][0]
    assert re.fullmatch(rf"产出指标[（(]{re.escape(weight or '')}分[)）]", level1)


@pytest.mark.parametrize("module", [printing, writing])
def test_the_examples_of_the_printer_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


# Layouts


@each_layout
@each_set
def test_a_leaf_stands_at_its_places(layout: str, columns: str) -> None:
    """The text at a leaf's places is what the sheet marks, without spaces around it."""
    for form in pages(columns):
        text, places = LAYOUTS[layout](form)
        found = {path: [text[a:b] for a, b in spans] for path, spans in places.items()}
        assert found == marked_text(form)
        assert all(list(spans) == sorted(set(spans)) for spans in places.values())


@each_layout
def test_a_place_holds_no_outer_spaces_and_a_blank_mark_has_none(layout: str) -> None:
    cells = Printed("x  95 ", (Mark("a", 1, 6),)), Printed("  ", (Mark("b", 0, 2),))
    text, places = LAYOUTS[layout](Sheet((Row(cells, "indicators"),)))
    assert {path: [text[a:b] for a, b in spans] for path, spans in places.items()} == {"a": ["95"]}


@each_layout
def test_a_leaf_cut_in_two_has_both_its_places_in_reading_order(layout: str) -> None:
    parts = [Printed(part, (Mark("a", 0, len(part)),)) for part in ("88.00(百分", "比)")]
    rows = tuple(Row((part,), "indicators") for part in parts)
    text, places = LAYOUTS[layout](Sheet(rows, frozenset({1})))
    assert [text[a:b] for a, b in places["a"]] == ["88.00(百分", "比)"]


def cells_of(text: str, layout: str) -> Iterator[list[str]]:
    """The cells of the table rows of a text, by the layout's own rules."""
    for line in text.splitlines():
        if layout == "pipes" and line.startswith("|") and "---" not in line:
            yield [cell.strip() for cell in line[1:-1].split("|")]
        elif layout == "tabs" and "\t" in line:
            yield line.split("\t")
        elif layout == "html" and line.startswith("<tr>"):
            yield re.findall(r"<td>(.*?)</td>", line)


@pytest.mark.parametrize("layout", ["pipes", "tabs", "html"])
@each_set
def test_a_table_comes_back_from_its_text(layout: str, columns: str) -> None:
    for form in pages(columns):
        rows = [[cell.text for cell in row.cells] for row in table_of(form)]
        assert list(cells_of(LAYOUTS[layout](form).text, layout)) == rows


@each_set
def test_one_cell_a_line_with_and_without_blank_ones(columns: str) -> None:
    for form in pages(columns):
        cells = [cell.text for row in form.rows for cell in row.cells]
        assert LAYOUTS["lines"](form).text.split("\n")[:-1] == cells
        filled = [text for text in cells if text]
        assert LAYOUTS["tight"](form).text.splitlines() == filled
        assert sorted(LAYOUTS["columns"](form).text.splitlines()) == sorted(filled)


@each_set
def test_merged_html_comes_back_as_the_same_table(columns: str) -> None:
    for form in pages(columns):
        merged = grid_rows(LAYOUTS["html_spans"](form).text)
        written_out = grid_rows(LAYOUTS["html"](form).text)
        merged_cells = [[cell.text for cell in row.cells] for row in merged]
        assert merged_cells == [[cell.text for cell in row.cells] for row in written_out]
        shown = sum(not cell.covered for row in table_of(form) for cell in row.cells)
        assert LAYOUTS["html_spans"](form).text.count("<td") == shown


@each_set
def test_flat_text_is_one_line_a_table(columns: str) -> None:
    for form in pages(columns):
        text = LAYOUTS["flat"](form).text
        tables = 2 if COLUMN_SETS[columns].breakdown else 1
        assert text.count("\n") == sum(row.is_line for row in form.rows) + tables
        assert text.split() == " ".join(c.text for r in form.rows for c in r.cells).split()


def test_columns_are_read_one_after_the_other() -> None:
    text = LAYOUTS["columns"](page(2, "shanghai")).text
    order = [text.index(word) for word in ("一级指标", "二级指标", "三级指标", "年度指标值")]
    assert order == sorted(order)
    assert text.index("总分") < text.index("二级指标")


def broken(form: Sheet) -> Sheet:
    """The same page, with a page break before its second indicator."""
    at = [i for i, row in enumerate(form.rows) if row.section == "indicators"][1]
    return Sheet(form.rows, frozenset({at}))


def test_a_page_break_starts_a_new_table_with_a_blank_header() -> None:
    text = LAYOUTS["pipes"](broken(page(2, "shanghai"))).text
    assert "|\n\n\n| | | | | | | | |\n|---|---|---|---|---|---|---|---|\n| | " in text


@each_layout
def test_a_page_break_moves_no_leaf(layout: str) -> None:
    form = page(2, "shanghai")
    whole, parted = LAYOUTS[layout](form), LAYOUTS[layout](broken(form))
    assert texts_of(whole) == texts_of(parted)
    assert "\n\n" in parted.text


def texts_of(page: Rendered) -> Mapping[str, list[str]]:
    return {path: sorted(page.text[a:b] for a, b in page.places[path]) for path in page.places}


def merged(*rows: tuple[Printed, ...], breaks: frozenset[int] = frozenset()) -> list[str]:
    """The rows of a table with merged cells, as text."""
    text = LAYOUTS["html_spans"](Sheet(tuple(Row(r, "indicators") for r in rows), breaks)).text
    return [line for line in text.splitlines() if line.startswith("<tr>")]


LEVEL = Printed("产出指标", down=3)


def test_a_merged_cell_ends_where_its_covered_places_end() -> None:
    """The third row lost its covered cell: what stands there now is written out."""
    rows = (LEVEL, label("甲")), (COVERED, label("乙")), (label("丙"), EMPTY)
    assert merged(*rows) == [
        '<tr><td rowspan="2">产出指标</td><td>甲</td></tr>',
        "<tr><td>乙</td></tr>",
        "<tr><td>丙</td><td></td></tr>",
    ]
    wide = Printed("总分", across=3), COVERED, label("100")
    assert merged(wide) == ['<tr><td colspan="2">总分</td><td>100</td></tr>']


def test_a_merged_cell_ends_with_its_page() -> None:
    rows = (LEVEL, label("甲")), (COVERED, label("乙")), (COVERED, label("丙"))
    assert merged(*rows, breaks=frozenset({1})) == [
        "<tr><td>产出指标</td><td>甲</td></tr>",
        "<tr><td></td><td>乙</td></tr>",
        "<tr><td></td><td>丙</td></tr>",
    ]


# The reader on clean pages

WHOLE = [name for name in TABULAR if name != "tight"]
"""Layouts that still say which cells are blank."""


@pytest.mark.parametrize("layout", WHOLE)
@each_set
def test_a_clean_page_is_read_as_it_is_printed(layout: str, columns: str) -> None:
    """Every leaf has its value, and its spans are the places where the page prints it."""
    for seed in SEEDS:
        text, places = LAYOUTS[layout](page(seed, columns))
        entries = only(text).entries
        values = {path: entry.value for path, entry in entries.items()}
        assert values == drawn(seed, columns).leaves
        assert {p: e.spans for p, e in entries.items() if e.spans} == places


@each_set
def test_a_flattened_line_is_left_unread(columns: str) -> None:
    """Title and year are found; of the values in the line none is taken for another."""
    for seed in SEEDS:
        truth = drawn(seed, columns).leaves
        entries = only(LAYOUTS["flat"](page(seed, columns)).text).entries
        told = {path: entry.value for path, entry in entries.items() if entry.value is not None}
        assert told == {path: truth[path] for path in told}
        assert told["year"] == truth["year"]

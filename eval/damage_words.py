"""Damage by what is no part of the form: tags, words and rows of a template, of another form.

The items are those of the damage list of the domain notes; *recoverable* damage is what the
contract of values says how to read back, the rest is *to be doubted*: a flag is the right answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from eval.damage_tools import (
    FORM,
    blank,
    changed,
    chosen,
    data_rows,
    inserted,
    labels,
    loose_rows,
    prose_cells,
    table_rows,
    with_cells,
    with_row,
)
from eval.sheet import EMPTY, Printed, Row, Sheet, label
from extractor.text import plain


def paragraphs(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 9: prose carries literal ``<p>…</p>``, from grade 2 a paragraph for each sentence.

    Recoverable: paragraphs are joined by newlines, and white space of prose does not count.
    """

    def edit(cell: Printed) -> Printed:
        if "<" in cell.text or not plain(cell.text).strip():
            return cell
        for at in reversed([k + 1 for k, c in enumerate(cell.text[:-1]) if c == "。"]):
            cell = cell.put(at, at, "</p> <p>") if grade > 1 else cell
        return cell.put(0, 0, "<p>").put(len(cell.text) + 3, len(cell.text) + 3, "</p>")

    return changed(rng, sheet, grade, prose_cells(sheet), edit)


def template_text(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 15: a hint of the template was left in front of prose, or behind its label.

    ``(100字以内)``. In a label recoverable; prose is kept as it is printed, which costs it some
    characters, so there it is to be doubted.
    """
    hint = f"({rng.choice((50, 100, 200, 300))}字以内)"
    goals = [(i, j) for i, j in labels(sheet) if sheet.rows[i].section == "goals"]

    def edit(cell: Printed) -> Printed:
        at = 0 if cell.marks else len(cell.text)
        return cell.put(at, at, hint)

    return changed(rng, sheet, grade, sorted([*goals, *prose_cells(sheet)]), edit)


def trailing_pipes(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 9: blank cells at the ends of rows added, or cut off. Recoverable: they hold nothing."""
    rows = table_rows(sheet, *FORM)
    for i in chosen(rng, grade, rows):
        cells = sheet.rows[i].cells
        blanks = next((n for n, cell in enumerate(reversed(cells)) if not blank(cell)), 0)
        if blanks and rng.random() < 0.5:
            sheet = loose_rows(sheet, [i])
            cut = len(cells) - rng.randint(1, blanks)
            sheet = with_row(sheet, i, sheet.rows[i].cells[:cut])
        else:
            sheet = with_row(sheet, i, (*cells, *[EMPTY] * rng.randint(1, 2)))
    return sheet


_NAMES = ("设备采购数量", "培训场次", "资金支付及时率", "系统运行稳定性", "受益对象满意度")


def foreign_tail(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 9: the tail of another form stands in front of this one.

    Its total and grade; its last rows too; a line of prose and more rows. Recoverable: a form
    starts at its title.
    """
    rows = [_foreign_row(rng) for _ in range((0, 2, 5)[grade - 1])]
    points = (label("100.00"), label(f"{rng.randint(6000, 9999) / 100:.2f}"))
    rows += [
        _other((label("总分"), *[EMPTY] * 4, *points)),
        _other((label("评分等级"), label(rng.choice("优良中")))),
    ]
    if grade == 3:
        rows.insert(0, Row((label("完善管理制度，提高资金使用效益。"),), "other", is_line=True))
    return inserted(sheet, 0, rows)


def _foreign_row(rng: Random) -> Row:
    weight = rng.choice((5, 8, 10, 12))
    limit = rng.randint(80, 100)
    cells = (
        *(EMPTY, EMPTY),
        *(label(rng.choice(_NAMES)), label(f"≥{limit}.00(%)"), label(f"{limit}.00(%)")),
        *(label(f"{weight}.00"), label(f"{weight}.00")),
    )
    return _other(cells)


def _other(cells: Sequence[Printed]) -> Row:
    """A row of the eight columns that most forms have."""
    return Row((*cells, *[EMPTY] * (8 - len(cells))), "other")


def filled_rows(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 15: rows of the template left over, filled with ``—`` or ``/``, or blanks filled so.

    Recoverable: a dash is nothing.
    """
    dash = rng.choice("—/")
    for i in reversed(chosen(rng, grade, data_rows(sheet))):
        cells = sheet.rows[i].cells
        blanks = [j for j, cell in enumerate(cells) if blank(cell) and cell.marks]
        if blanks and rng.random() < 0.5:
            filled = {(i, j): cells[j].put(0, len(cells[j].text), dash) for j in blanks}
            sheet = with_cells(sheet, filled)
        else:
            row = Row((label(dash),) * len(cells), "indicators")
            sheet = inserted(sheet, i + 1, [row])
    return sheet

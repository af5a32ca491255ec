"""Fields: what became of each class of fields as stacked bars, and fields against layouts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from eval.report.plots import Axis, scale, stack, zoom
from eval.report.shares import errors, judged, outcomes
from eval.report.wording import ERRORS, OUTCOMES, field_words, layout_words, percent
from eval.results import Cell, Run
from eval.score import OUTCOMES as ORDER
from eval.score import Outcome
from extractor.page.markup import both, classes, tag, words

_STEPS = (0.0, 0.01, 0.05, 0.2)
"""Shares wrong from which a cell of the heat map is a step stronger."""


def classes_of_fields(run: Run, heading: Callable[[str, str], str]) -> str:
    """One bar a class of fields; the bars start where it becomes interesting."""
    found = {field: counts for field, counts in outcomes(run).items() if judged(counts)}
    axis = zoom(1 - errors(counts) / judged(counts) for counts in found.values())
    rows = "".join(_bar_row(field_words(field), counts, axis) for field, counts in found.items())
    rows += tag(
        "tr", tag("td", "", colspan=2) + tag("td", scale(axis, 0)) + tag("td"), class_="axis"
    )
    labels = (
        ("字段", "field"),
        ("字段数", "filled"),
        ("结果 %", "outcomes, %"),
        ("错处", "errors"),
    )
    heads = "".join(tag("th", both(*label), scope="col") for label in labels)
    table = tag("table", tag("thead", tag("tr", heads)) + tag("tbody", rows), class_="classes")
    lead = both(
        "只计原文或读数中有内容的字段；正确的淡，错的显，次序与右边所列相同。",
        "Of the fields that the page or the reading fills; right ones are pale; errors are "
        "not, and stand in the order in which they are told beside.",
    )
    if axis.is_zoomed:
        low = axis.name(axis.low)
        lead += both(f"横条从 {low} % 画起。", f" The bars start at {low} %.")
    inner = heading("错在何处", "What went wrong") + tag("p", lead, class_="note") + table
    return tag("section", inner + _all_outcomes(found), class_="outcomes", id="outcomes")


def _bar_row(said: Mapping[str, str], counts: Counter[Outcome], axis: Axis) -> str:
    of = judged(counts)
    parts = [(o, counts[o] / of) for o in ORDER if o != "correct_blank"]
    told = "".join(
        tag("span", tag("i", "", class_=f"swatch {o}") + f"{counts[o]:,} " + words(OUTCOMES[o]))
        for o in ERRORS
        if counts[o]
    )
    told = told or tag("span", both("无", "none"), class_="none")
    cells = tag("th", words(said), scope="row") + tag("td", f"{of:,}", class_="n soft")
    cells += tag("td", stack(axis, parts), class_="bar") + tag("td", told, class_="told")
    return tag("tr", cells)


def _all_outcomes(found: Mapping[str, Counter[Outcome]]) -> str:
    """The text alternative of the bars: every count."""
    heads = tag("td") + "".join(tag("th", words(OUTCOMES[o]), scope="col") for o in ORDER)
    rows = "".join(
        tag(
            "tr",
            tag("th", words(field_words(field)), scope="row")
            + "".join(tag("td", f"{counts[o]:,}", class_="n") for o in ORDER),
        )
        for field, counts in found.items()
    )
    table = tag("table", tag("thead", tag("tr", heads)) + tag("tbody", rows), class_="plain")
    summary = tag("summary", both("以表格看全部结果", "All outcomes as a table"))
    return tag("details", summary + tag("div", table, class_="wide", tabindex=0))


# Fields against layouts


def heat(run: Run, heading: Callable[[str, str], str]) -> str:
    """The table of fields by layouts, shares right in percent, silent ones marked.

    It is a table with shaded cells, so what is seen can be read out. Fields that are right in
    every layout are only named.
    """
    layouts = list(run.cells)
    fields = list(dict.fromkeys(field for cells in run.cells.values() for field in cells))
    fields = [f for f in fields if any(_cell(run, one, f).judged for one in layouts)]
    if not fields:
        return ""
    bad = [f for f in fields if any(not _is_right(_cell(run, one, f)) for one in layouts)]
    good = [f for f in fields if f not in bad]
    inner = heading("字段与版式", "Fields by layout")
    lead = both(
        "读对的份额，%。颜色越重错得越多，斜线是一个也没读对；● 是静默错误的处数。",
        "Share right, %. The stronger the shade, the more is wrong; hatched where nothing is "
        "right. ● counts silent errors.",
    )
    inner += tag("p", lead, class_="note")
    if bad:
        inner += tag("div", _heat_table(run, layouts, bad), class_="wide", tabindex=0)
    return tag("section", inner + _good(good), class_="heat", id="fields")


def _cell(run: Run, layout: str, field: str) -> Cell:
    return run.cells[layout].get(field) or Cell()


def _is_right(cell: Cell) -> bool:
    return cell.right == cell.judged and not cell.silent


def _heat_table(run: Run, layouts: Sequence[str], fields: Sequence[str]) -> str:
    heads = tag("td") + "".join(tag("th", words(layout_words(one)), scope="col") for one in layouts)
    rows = "".join(
        tag(
            "tr",
            tag("th", words(field_words(field)), scope="row")
            + "".join(_shade(_cell(run, one, field)) for one in layouts),
        )
        for field in fields
    )
    return tag("table", tag("thead", tag("tr", heads)) + tag("tbody", rows), class_="map")


def _shade(cell: Cell) -> str:
    if not cell.judged:
        return tag("td", "–", class_="n h none")
    wrong = 1 - cell.right / cell.judged
    step = sum(wrong > least for least in _STEPS) if cell.right else "nothing"
    inner = percent(cell.right / cell.judged)
    if cell.silent:
        sr = tag("span", both("静默", "silent"), class_="sr")
        inner = tag("b", f"●{cell.silent:,}" + sr, class_="silent") + inner
    title = f"{cell.right:,} / {cell.judged:,}"
    return tag("td", inner, class_=classes("n h", f"h{step}"), title=title)


def _good(fields: Sequence[str]) -> str:
    if not fields:
        return ""
    names = [field_words(field) for field in fields]
    zh, en = "、".join(n["zh"] for n in names), ", ".join(n["en"] for n in names)
    said = both(
        f"{len(names)} 个字段在各版式下全对", f"{len(names)} fields are right in every layout"
    )
    return tag("details", tag("summary", said) + tag("p", both(zh, en), class_="quiet"))

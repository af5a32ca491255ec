"""Robustness: what is exact, silently wrong and flagged over the grades of damage.

Small multiples, one row a damage (or layout), so that each has its name beside it and none is
looked up in a legend; the others stand behind it, faint. What costs nothing is named in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Literal

from eval.report.plots import Axis, drawing, panel, trace, zoom
from eval.report.shares import Curve, Figures, Point, curves, sides
from eval.report.wording import METRICS, damage_words, layout_words, percent, plain_words
from eval.results import Run
from extractor.page.markup import Words, both, tag, text, words

Measure = Literal["exact", "silent", "flagged"]

_MEASURES: dict[Measure, tuple[str, Words]] = {
    "exact": ("exact_numbers", {"zh": "数字正确", "en": "numbers exact"}),
    "silent": ("silent_numbers", {"zh": "数字静默错误", "en": "silent errors in numbers"}),
    "flagged": ("flagged", {"zh": "送人核", "en": "flagged"}),
}
_WORTH_A_SCALE = 0.5
"""Curves below this share right (pages that are left unread) do not stretch the axis of others."""


def robustness(run: Run, heading: Callable[[str, str], str]) -> str:
    """The section; nothing where the run has no forms of several layouts or damages."""
    damages, layouts = curves(run, "damage"), curves(run, "layout")
    if not damages and len(layouts) < 2:
        return ""
    lead = both(
        "横轴：损坏程度 0（无损）到 3。淡线是同组的其他各条。空心点在刻度之外。",
        "Across: grade of damage, 0 (none) to 3. Faint lines are the others of the group. A hollow "
        "dot is off the scale.",
    )
    inner = heading("抗损坏", "Robustness") + tag("p", lead, class_="note")
    if damages:
        inner += _group("damage", both("按损坏", "By damage"), damages, damage_words)
    if len(layouts) > 1:
        inner += _group("layout", both("按版式", "By layout"), layouts, layout_words)
    inner += _column_sets(run)
    return tag("section", inner, class_="robustness", id="robustness")


def _column_sets(run: Run) -> str:
    """Every column set without and with damage, as a table."""
    names = sorted({form.columns for form in run.forms if form.columns})
    found = [(name, sides(run, (f for f in run.forms if f.columns == name))) for name in names]
    if len(names) < 2 or not any(noisy for _, (_, noisy) in found):
        return ""
    heads = tag("th", both("栏目样式", "column set"), scope="col") + "".join(
        tag("th", both(f"{said['zh']}，{zh} %", f"{said['en']}, {en} %"), scope="col", class_="n")
        for _, said in _MEASURES.values()
        for zh, en in (("无损", "undamaged"), ("有损", "damaged"))
    )
    rows = "".join(
        tag(
            "tr",
            tag("th", words(plain_words(name)), scope="row")
            + "".join(
                tag("td", _value(side, metric), class_="n")
                for metric, _ in _MEASURES.values()
                for side in both_sides
            ),
        )
        for name, both_sides in found
    )
    table = tag("table", tag("thead", tag("tr", heads)) + tag("tbody", rows), class_="plain sets")
    title = tag("h3", both("按栏目样式", "By column set"))
    note = both("只计会受损的版式。", "Only in the layouts that are damaged too.")
    title += tag("p", note, class_="note")
    return tag("div", title + tag("div", table, class_="wide", tabindex=0), class_="group")


def _value(figures: Figures | None, metric: str) -> str:
    return percent(figures[metric].value if figures else None, METRICS[metric])


def _group(name: str, title: str, found: Sequence[Curve], named: Callable[[str], Words]) -> str:
    axes: dict[Measure, Axis] = {measure: _axis(measure, found) for measure in _MEASURES}
    behind = "".join(
        tag("g", "".join(trace(axes[m], _points(curve, m), "faint") for curve in found),
            id=f"behind-{name}-{m}")
        for m in _MEASURES
    )  # fmt: skip
    shown = [curve for curve in found if not _costs_nothing(curve)]
    rows = "".join(_row(name, curve, axes, named) for curve in shown)
    quiet = [named(curve.name) for curve in found if _costs_nothing(curve)]
    inner = tag("h3", title) + drawing(tag("defs", behind), 0, "behind")
    if rows:
        inner += tag("div", _heads(axes) + rows, class_="multiples")
    return tag("div", inner + _quiet(quiet) + _table(found, named), class_="group")


def _costs_nothing(curve: Curve) -> bool:
    """Whether damage changes nothing in numbers and next to nothing in what goes to people."""
    first = curve.points[0]
    return len(curve.points) > 1 and all(
        (point.exact or 0) >= (first.exact or 0)
        and (point.silent or 0) <= (first.silent or 0)
        and (point.flagged or 0) <= (first.flagged or 0) + _NEXT_TO_NOTHING
        for point in curve.points
    )


_NEXT_TO_NOTHING = 0.005


def _quiet(names: Sequence[Words]) -> str:
    if not names:
        return ""
    zh, en = "、".join(n["zh"] for n in names), ", ".join(n["en"] for n in names)
    said = both(
        f"{len(names)} 种几乎没有影响（数字一样全，送人核的至多多出 0.5 %）：{zh}。",
        f"{len(names)} cost{'s' * (len(names) == 1)} next to nothing (numbers as exact as "
        f"without, at most 0.5 % more of the fields for a person): {en}.",
    )
    return tag("p", said, class_="quiet")


def _points(curve: Curve, measure: Measure) -> list[tuple[int, float]]:
    return [(p.grade, share) for p in curve.points if (share := getattr(p, measure)) is not None]


def _axis(measure: Measure, found: Sequence[Curve]) -> Axis:
    shares = [
        (point.exact or 0, share)
        for curve in found
        for point in curve.points
        if (share := getattr(point, measure)) is not None
    ]
    near = [share for exact, share in shares if exact >= _WORTH_A_SCALE]
    return zoom(near or [share for _, share in shares], low_end=measure != "exact")


def _heads(axes: dict[Measure, Axis]) -> str:
    cells = tag("span", "", class_="name")
    for measure, (_, said) in _MEASURES.items():
        low, _, high = axes[measure].ticks
        span = f"{axes[measure].name(low)} – {axes[measure].name(high)} %"
        cells += tag("span", tag("b", words(said)) + " " + tag("small", span))
    return tag("div", cells, class_="heads")


def _row(name: str, curve: Curve, axes: dict[Measure, Axis], named: Callable[[str], Words]) -> str:
    cells = tag("h4", words(named(curve.name)), class_="name")
    for measure, (metric, said) in _MEASURES.items():
        points = _points(curve, measure)
        spoken = f"{named(curve.name)['en']}, {said['en']}: " + ", ".join(
            f"grade {grade} {percent(share, METRICS[metric])} %" for grade, share in points
        )
        drawn = panel(
            axes[measure],
            points,
            partial(percent, metric=METRICS[metric]),
            f"behind-{name}-{measure}",
            spoken,
            worst_is_low=measure == "exact",
        )
        cells += tag("div", drawn, class_=measure)
    return tag("div", cells, class_="multiple")


def _table(found: Sequence[Curve], named: Callable[[str], Words]) -> str:
    """The text alternative: every point of every curve."""
    labels = (("组", "group"), ("程度", "grade"), ("表", "forms"))
    heads = "".join(tag("th", both(*label), scope="col") for label in labels)
    heads += "".join(tag("th", words(said) + " %", scope="col") for _, said in _MEASURES.values())
    rows = "".join(row for curve in found for row in _table_rows(curve, named))
    table = tag("table", tag("thead", tag("tr", heads)) + tag("tbody", rows), class_="plain")
    summary = tag("summary", both("以表格看这些曲线", "These curves as a table"))
    return tag("details", summary + tag("div", table, class_="wide", tabindex=0))


def _table_rows(curve: Curve, named: Callable[[str], Words]) -> Iterator[str]:
    for point in curve.points:
        cells = tag("th", words(named(curve.name)), scope="row")
        cells += tag("td", text(point.grade), class_="n") + tag(
            "td", f"{point.forms:,}", class_="n"
        )
        yield tag("tr", cells + "".join(_shares(point)))


def _shares(point: Point) -> Iterator[str]:
    for measure, (metric, _) in _MEASURES.items():
        yield tag("td", percent(getattr(point, measure), METRICS[metric]), class_="n")

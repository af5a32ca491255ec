"""What fails, case by case: what is suspected and why, then the sums with the suspect marked."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.cases import Case, Change, Option, Told
from extractor.page.markup import both, classes, tag, text, words
from extractor.page.sums import Should, arrow, list_of, slip
from extractor.page.view import FormView
from extractor.report.gathering import line_of

_MOST = 8


def broken(view: FormView) -> str:
    """The identities that fail, first of all."""
    count = len(view.gathered.broken)
    if not count:
        return ""
    en = "1 check that fails" if count == 1 else f"{count} checks that fail"
    title = tag("h3", both(f"不相符 {count} 处", en))
    told = "".join(_case(view, case) for case in view.gathered.cases if case.fails)
    return tag("section", title + told, class_="part broken")


def unsure(view: FormView) -> str:
    """What cannot be judged: with what the missing number should be, where others tell it."""
    waiting = [case for case in view.gathered.cases if not case.fails]
    title = both("无法核对", "Cannot be judged")
    told = list_of("unsure", title, view.gathered.waiting)
    if waiting:
        body = "".join(_case(view, case) for case in waiting)
        told = tag("section", tag("h3", title) + body, class_="part waiting") + told
    return told


def differing(view: FormView) -> str:
    """What two readers read differently."""
    title = both("两次读取不一致", "The readers differ")
    return list_of("unsure", title, view.gathered.differing)


def _case(view: FormView, case: Case) -> str:
    """One case: its words once, then every sum that it explains."""
    told, marks = view.gathered.tell(case), case.marks()
    slips = "".join(
        slip(view, drawing, Should(marks, told.then.get(drawing.check)))
        for drawing in view.gathered.drawn(case)
    )
    name = f"{view.anchor}-case-{case.number}"
    said = _words(view, case, told, name)
    body = said + tag("div", slips, class_="slips")
    labelled = name if said else None
    return tag("section", body, class_=classes("case", case.kind), aria_labelledby=labelled)


def _words(view: FormView, case: Case, told: Told, name: str) -> str:
    if not told.heading["zh"]:
        return ""
    lead = tag("h4", _number(view, case) + words(told.heading), id=name)
    options = _options(view, told.options, len(told.options) > 1)
    if case.kind == "missing":
        notes = tag("ul", "".join(tag("li", words(note)) for note in told.notes), class_="options")
    else:
        notes = "".join(tag("p", words(note), class_="note") for note in told.notes)
    return tag("div", lead + options + notes + _less(view, told), class_="words")


def _number(view: FormView, case: Case) -> str:
    if len(view.gathered.cases) < 2:
        return ""
    return tag("span", text(case.number), class_="no")


def _options(view: FormView, options: Sequence[Option], tied: bool) -> str:
    """Every option; of a long list the first, the others fold out."""
    items = [tag("li", _option(view, option, tied)) for option in options]
    shown = tag("ul", "".join(items[:_MOST]), class_="options") if items else ""
    if len(items) > _MOST:
        count = len(items) - _MOST
        more = tag("summary", both(f"另有 {count} 种", f"{count} more"))
        rest = tag("ul", "".join(items[_MOST:]), class_="options")
        shown += tag("details", more + rest)
    return shown


def _less(view: FormView, told: Told) -> str:
    """Explanations that ask for more to be believed, folded."""
    if not told.less:
        return ""
    count = len(told.less)
    en = "1 less likely explanation" if count == 1 else f"{count} less likely explanations"
    title = tag("summary", both(f"较不可能的解释 {count} 种", en))
    return tag("details", title + _options(view, told.less, True), class_="less")


def _option(view: FormView, option: Option, tied: bool) -> str:
    joint = tag("b", both("并且", "and"), class_="joint")
    return joint.join(_change(view, change, tied) for change in option)


def _change(view: FormView, change: Change, tied: bool) -> str:
    """``得分 · 书籍购置完成量 8.00 → 5.00``, the slip, the line; linked to its cell."""
    entry = view.entries[change.field]
    number = tag("span", text(change.printed or "?"), class_="n")
    number += arrow(change.value, not tied, 0, "span")
    about = [words(change.slip)] if change.slip else []
    if entry.spans:
        line = line_of(view.document, entry.spans[0].start)
        about.append(both(f"第 {line} 行", f"line {line}"))
    inner = tag("span", words(change.label), class_="of") + tag("span", number, class_="numbers")
    inner += tag("small", " · ".join(about))
    return tag("span", inner, class_="change", data_e=view.order[change.field])

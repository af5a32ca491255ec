"""Every error as a card: what the page says, what was read, where it stands, what it adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from eval.report.differing import shown, source_line
from eval.report.shares import Case, cases
from eval.report.sums import drawn
from eval.report.wording import (
    ERRORS,
    FIELDS,
    OUTCOMES,
    cut,
    damage_words,
    layout_words,
    path_words,
)
from eval.results import Run
from eval.score import Outcome
from extractor.families.base import Field
from extractor.page.markup import Words, both, classes, tag, text, words

MOST = 300
"""Cards that are drawn; what is left is counted."""
LEAST_FLAGGED = 60
"""Of these, cards that are kept for flagged errors where there are so many."""

Texts = Mapping[str, str]
"""The text of an item's page by the item's name."""


def cards(run: Run, texts: Texts, heading: Callable[[str, str], str]) -> str:
    """The section of the errors with its filters."""
    found = cases(run)
    title = heading("错处", "Errors")
    if not found:
        none = both("没有一处错。", "Not a single one.")
        return tag("section", title + tag("p", none, class_="lead"), class_="errors", id="errors")
    told = _drawn_ones(found)
    items = "".join(tag("li", _card(case, texts), **_marks(case)) for case in told)
    inner = title + _summary(found, told) + _filters(told)
    return tag("section", inner + tag("ol", items, class_="cards"), class_="errors", id="errors")


def _drawn_ones(found: Sequence[Case]) -> list[Case]:
    """As many as there is room for; of silent ones not so many that no flagged one is seen."""
    silent = [case for case in found if case.is_silent]
    flagged = [case for case in found if not case.is_silent]
    kept = silent[: MOST - min(len(flagged), LEAST_FLAGGED)]
    return kept + flagged[: MOST - len(kept)]


def _marks(case: Case) -> dict[str, str]:
    """What the filters go by."""
    return {
        "class_": "card silent" if case.is_silent else "card",
        "data_outcome": case.slip.outcome,
        "data_told": "silent" if case.is_silent else "flagged",
        "data_field": case.field,
        "data_layout": case.form.layout or "",
        "data_damage": case.form.damage or "",
    }


def _summary(found: Sequence[Case], told: Sequence[Case]) -> str:
    silent = sum(case.is_silent for case in found)
    total, flagged = f"{len(found):,}", f"{len(found) - silent:,}"
    said = both(
        f"共 {total} 处：静默 {silent:,} 处，已送人核 {flagged} 处。",
        f"{total} in all: {silent:,} silent, {flagged} flagged for a person.",
    )
    if len(told) == len(found):
        return tag("p", said, class_="lead")
    rest = _outcomes(found)
    rest.subtract(_outcomes(told))
    hidden = silent - sum(case.is_silent for case in told)
    zh = "、".join(f"{OUTCOMES[o]['zh']} {rest[o]:,}" for o in ERRORS if rest[o])
    en = ", ".join(f"{rest[o]:,} {OUTCOMES[o]['en']}" for o in ERRORS if rest[o])
    count = f"{len(found) - len(told):,}"
    said += both(
        f"静默的在前，每一种先举一例，画出 {len(told)} 张；其余 {count} 处只计数（{zh}；"
        f"其中静默 {hidden:,}）。",
        f" Silent ones first, one of each kind before a second of any: {len(told)} are drawn; the "
        f"other {count} are only counted ({en}; {hidden:,} of them silent).",
    )
    return tag("p", said, class_="lead")


# The filters


def _filters(told: Sequence[Case]) -> str:
    """Hidden until the script that serves them is there."""
    states = Counter("silent" if case.is_silent else "flagged" for case in told)
    groups: list[tuple[str, Words, list[tuple[str, Words, int]]]] = [
        ("told", _pair("状态", "state"), _of(states, _STATES)),
        ("outcome", _pair("结果", "outcome"), _of(_outcomes(told), OUTCOMES)),
        ("field", _pair("字段", "field"), _of(_classes(told), FIELDS)),
    ]
    for name, label, named in (
        ("layout", _pair("版式", "layout"), layout_words),
        ("damage", _pair("损坏", "damage"), damage_words),
    ):
        values = Counter(getattr(case.form, name) or "" for case in told)
        if any(values):
            known = {value: named(value) if value else _NONE for value in sorted(values)}
            groups.append((name, label, _of(values, known)))
    selects = "".join(_select(*group) for group in groups if len(group[2]) > 1)
    if not selects:
        return ""
    again = tag("button", both("全部", "show all"), type="reset")
    count = tag("output", "", role="status")
    legend = tag("legend", both("筛选", "Filter the cards"), class_="sr")
    return tag(
        "form", tag("fieldset", legend + selects + again + count), id="filters", hidden="hidden"
    )


def _pair(zh: str, en: str) -> Words:
    return {"zh": zh, "en": en}


_NONE = _pair("无", "none")
_STATES = {"silent": _pair("静默", "SILENT"), "flagged": _pair("已送人核", "flagged")}


def _outcomes(told: Iterable[Case]) -> Counter[Outcome]:
    return Counter(case.slip.outcome for case in told)


def _classes(told: Iterable[Case]) -> Counter[Field]:
    return Counter(case.field for case in told)


_Name = TypeVar("_Name", bound=str)


def _of(counts: Mapping[_Name, int], known: Mapping[_Name, Words]) -> list[tuple[str, Words, int]]:
    return [(name, said, counts[name]) for name, said in known.items() if counts.get(name)]


def _select(name: str, label: Words, options: Sequence[tuple[str, Words, int]]) -> str:
    """Options hold no elements, so the script puts them into the language that is shown."""
    inner = _option("*", _pair("全部", "all"))
    for value, said, count in options:
        inner += _option(value, {lang: f"{said[lang]} ({count})" for lang in ("zh", "en")})
    return tag("label", f'{words(label)}<select name="{text(name)}">{inner}</select>')


def _option(value: str, said: Words) -> str:
    inner = f'data-zh="{text(said["zh"])}" data-en="{text(said["en"])}"'
    return f'<option value="{text(value)}" {inner}>{text(said["zh"])}</option>'


# One card


def _card(case: Case, texts: Texts) -> str:
    slip, form = case.slip, case.form
    label = path_words(form.family, slip.path, slip.row)
    loud = tag("strong", both("静默", "SILENT"), class_="badge")
    state = loud if case.is_silent else tag("span", both("已送人核", "flagged"), class_="state")
    top = state + tag("span", words(OUTCOMES[slip.outcome]), class_=f"outcome {slip.outcome}")
    inner = tag("p", top, class_="kicker") + tag("h3", words(label))
    inner += tag("p", _where(case), class_="where") + _values(case)
    inner += _line(case, texts) + _noticed(case)
    failing = [each for each in slip.sums if each.verdict == "fails"]
    holding = [each for each in slip.sums if each.verdict != "fails"]
    inner += "".join(drawn(each, slip) for each in failing)
    if holding:
        count = len(holding)
        said = both(
            f"参与的算式 {count} 个，相符", f"{count} sum{'s'[: count > 1]} it stands in, holding"
        )
        sums = "".join(drawn(each, slip) for each in holding)
        inner += tag("details", tag("summary", said) + tag("div", sums, class_="slips"))
    return tag("article", inner)


def _where(case: Case) -> str:
    form = case.form
    about = [text(cut(form.item, 60))]
    if form.layout:
        about.append(words(layout_words(form.layout)))
    if case.damage:
        about.append(words(damage_words(case.damage)))
    return " · ".join(about)


def _values(case: Case) -> str:
    slip = case.slip
    numeric = "n" if case.field in ("money", "points") else None
    rows = tag("dt", both("原文", "page")) + tag(
        "dd", shown(slip.truth, slip.read), class_=classes("truth", numeric)
    )
    rows += tag("dt", both("读作", "read")) + tag(
        "dd", shown(slip.read, slip.truth), class_=classes("read", numeric)
    )
    if slip.belongs:
        home = words(path_words(case.form.family, slip.belongs))
        rows += tag("dt", both("本属", "belongs to")) + tag("dd", home, class_="home")
    return tag("dl", rows)


def _line(case: Case, texts: Texts) -> str:
    slip = case.slip
    if slip.line is None:
        lost = case.is_silent and slip.truth is not None
        told = both("页上找不到它的位置。", "Where it stands on the page is not known.")
        return tag("p", told, class_="told") if lost else ""
    above, below = _around(texts.get(case.form.item), slip.line)
    inner = source_line(slip.line, slip.mark)
    inner = above + tag("b", inner) + below if above or below else inner
    return tag(
        "p", tag("span", both("原文行：", "source line: "), class_="sr") + inner, class_="line"
    )


_NEARBY = 2
_NEARBY_CUT = 90


def _around(page: str | None, line: str) -> tuple[str, str]:
    """The lines beside the source line, where it can be told which of the page's lines it is."""
    lines = page.split("\n") if page else []
    places = list(islice((i for i, each in enumerate(lines) if each == line), 2))
    if len(places) != 1:
        return "", ""
    at = places[0]
    near = lines[max(at - _NEARBY, 0) : at], lines[at + 1 : at + 1 + _NEARBY]
    above, below = ("".join(_nearby(each) for each in part) for part in near)
    return above, below


def _nearby(line: str) -> str:
    return tag(
        "span", source_line(cut(line, _NEARBY_CUT), None, _NEARBY_CUT + 1) or " ", class_="near"
    )


def _noticed(case: Case) -> str:
    if case.slip.noticed:
        return tag("p", both("有不符的等式指到它。", "A failing sum names it."), class_="told")
    if case.field in ("money", "points") and case.is_silent:
        told = both("没有等式察觉。", "No sum notices it.")
        return tag("p", told, class_="told")
    return ""

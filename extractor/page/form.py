"""One form as an article: its heading, its source, and its record with the checks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from extractor.cases import suggested, value_of
from extractor.confidence import STRATA
from extractor.page.cases import broken, differing, unsure
from extractor.page.markup import both, classes, tag, text, visible, words
from extractor.page.record import record
from extractor.page.source import source
from extractor.page.sums import advice, holding
from extractor.page.view import SHOULD, FormView
from extractor.report.gathering import line_of, printed
from extractor.types import Entry

_MANY = 8


def article(view: FormView) -> str:
    """The whole form. A twin of a form above is folded; its heading says whose twin it is."""
    head = tag("header", _heading(view), class_="heading")
    right = broken(view) + unsure(view) + differing(view) + doubtful(view) + record(view)
    right += holding(view) + advice(view)
    right += tag("script", _notes(view), type="application/json", class_="notes")
    bench = tag("div", source(view) + tag("div", right, class_="record"), class_="bench")
    if _is_later_twin(view):
        unfold = both("展开这一份的原文与记录", "Show this copy, its source and its record")
        bench = tag("details", tag("summary", unfold) + bench, class_="fold")
    return tag(
        "article",
        head + bench,
        class_=classes("form", view.state),
        id=view.anchor,
        aria_labelledby=f"{view.anchor}-name",
    )


def _is_later_twin(view: FormView) -> bool:
    return any(twin.number < view.number for twin in view.twins)


def _heading(view: FormView) -> str:
    family = view.gathered.family
    year = view.first("year")
    kicker = tag("b", text(f"№ {view.number}")) + " " + words(family.title)
    kicker += " · " + text(year) if year else ""
    name = tag("h2", text(view.name), id=f"{view.anchor}-name")
    by = text(view.issuer) if view.issuer != view.name else ""
    lines = [tag("p", kicker, class_="kicker"), name, tag("p", by, class_="by") if by else ""]
    lines += [tag("p", verdict(view), class_="verdict"), _twin_line(view)]
    return tag("div", "".join(lines)) + _score(view)


def _score(view: FormView) -> str:
    score, grade = view.entries.get("total_score"), view.first("grade")
    if score is None or score.value is None:
        return ""
    seal = tag("small", text(grade)) if grade else ""
    label = tag("span", both("总分", "Total score"), class_="sr")
    return tag("p", label + tag("b", text(printed(score)), class_="n") + seal, class_="score")


def verdict(view: FormView) -> str:
    """The state of a form in words, with its figures."""
    gathered = view.gathered
    count, doubts = gathered.holding, len(gathered.doubtful)
    said = [tag("span", both(f"{count} 式相符", f"{count} checks hold"), class_="ok")]
    if gathered.broken:
        fails = len(gathered.broken)
        said.append(tag("b", both(f"{fails} 式不符", f"{fails} do not"), class_="bad"))
    if doubts:
        said.append(tag("span", both(f"{doubts} 项待核", f"{doubts} to check"), class_="maybe"))
    return " · ".join(said)


def _twin_line(view: FormView) -> str:
    told: list[str] = []
    for twin in view.twins:
        link = tag("a", text(f"№ {twin.number}"), href=f"#form-{twin.number}")
        place = text(twin.document)
        count = len(twin.differences)
        same = (
            both(f"：{count} 处不同", f": {count} differences")
            if count
            else both("：两份读得一样", ": both read alike")
        )
        told.append(both("同一张表，另见 ", "The same form: ") + f"{link} ({place}){same}")
    if not told:
        return ""
    return tag("p", "；".join(told), class_="twin") + _differences(view)


def _differences(view: FormView) -> str:
    rows = [_difference(view, each) for twin in view.twins for each in twin.differences]
    if not rows:
        return ""
    title = tag("summary", both("看不同之处", "Show the differences"))
    return tag("details", title + tag("ul", "".join(rows)), class_="differences")


def _difference(view: FormView, difference: Mapping[str, Any]) -> str:
    here, there = (text(_cut(difference[side])) for side in ("here", "there"))
    return tag("li", f"{_field(view, str(difference['field']))}：{here} / {there}")


def _cut(value: object) -> str:
    shown = "–" if value is None else str(value)
    return shown if len(shown) <= 40 else shown[:40] + "…"


def _field(view: FormView, path: str) -> str:
    if path not in view.entries:
        return text(path)
    family, data = view.gathered.family, view.gathered.form.record
    return both(*(family.label(path, lang, data) for lang in ("zh", "en")))


def doubtful(view: FormView) -> str:
    """What is left for a person: entries by stratum with the reasons, and cells nobody read."""
    by_stratum: dict[str, list[Entry]] = {}
    for entry in view.gathered.doubtful:
        by_stratum.setdefault(entry.stratum, []).append(entry)
    told = "".join(_stratum(view, name, entries) for name, entries in by_stratum.items())
    told += _unread(view)
    if not told:
        return ""
    count = len(view.gathered.doubtful)
    title = tag("h3", both(f"待人核 {count} 项", f"{count} for a person"))
    return tag("section", title + told, class_="part doubtful")


def _stratum(view: FormView, name: str, entries: Sequence[Entry]) -> str:
    stratum, count = STRATA[name], tag("small", text(len(entries)))
    meaning = tag("h4", f"{both(stratum.zh, stratum.en)} {count}")
    suspected = view.gathered.suspected
    ordered = sorted(entries, key=lambda entry: entry.path not in suspected)
    rows = tag("ul", "".join(_doubt(view, entry) for entry in ordered))
    if len(entries) > _MANY:
        return tag("details", tag("summary", meaning) + rows)
    return meaning + rows


def _doubt(view: FormView, entry: Entry) -> str:
    shown = tag("span", text(_cut(printed(entry) or None)), class_="n")
    why = view.gathered.why(entry.path)
    reasons = "".join(tag("small", words(said)) for said in why)
    should = suggested(entry)
    hint = tag("small", words(should), class_="hint") if should else ""
    told = _field(view, entry.path) + shown + hint + reasons
    return tag("li", told, data_e=view.order[entry.path])


def _unread(view: FormView) -> str:
    spans = view.gathered.form.unread
    if not spans:
        return ""
    title = tag("h4", both(f"没有读进记录的单元格 {len(spans)} 个", f"{len(spans)} cells not read"))
    whole = view.document.text
    quoted = (
        tag("li", tag("q", text(_cut(whole[a:b]))) + tag("small", _line(view, a))) for a, b in spans
    )
    return title + tag("ul", "".join(quoted))


def _line(view: FormView, offset: int) -> str:
    line = line_of(view.document, offset)
    return both(f"第 {line} 行", f"line {line}")


def _notes(view: FormView) -> str:
    """What the reading glass says of each entry: labels, printed text, address, line, evidence."""
    family, data = view.gathered.family, view.gathered.form.record
    notes = [
        [
            visible(family.label(entry.path, "zh", data)),
            visible(family.label(entry.path, "en", data)),
            visible(_cut(" ⏎ ".join(entry.raw))) if entry.raw else "",
            line_of(view.document, entry.spans[0].start) if entry.spans else 0,
            entry.stratum,
            list(entry.reasons),
            len(entry.holds),
            len(entry.fails),
            *_suspicion(view, entry),
        ]
        for entry in view.entries.values()
    ]
    dumped = json.dumps(notes, ensure_ascii=False, separators=(",", ":"))
    return _inert(dumped)


def _suspicion(view: FormView, entry: Entry) -> list[list[str]]:
    """What the glass adds for a suspect, in both languages."""
    mark = view.gathered.marks.get(entry.path)
    if mark is None or mark.kind == "partner":
        return []
    said = SHOULD[mark.kind][0 if mark.value else 1]
    value = value_of(mark.value) if mark.value else ""
    return [[words.format(value) for words in said]]


def _inert(dumped: str) -> str:
    """JSON that cannot end its script element, whatever a document holds."""
    for char in "<>&\u2028\u2029":
        dumped = dumped.replace(char, f"\\u{ord(char):04x}")
    return dumped

"""The front of the page: what was found in one glance, cross-footed, and the index of forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractor.page.markup import both, classes, tag, text, widest, words
from extractor.page.view import LEVELS, FormView
from extractor.report.gathering import PROVEN, Tally, printed, share, tally
from extractor.types import CheckedDocument

_SHORT = {
    "reviewed": ("已由人核定", "settled by a person"),
    "agreed": ("证实，两次读取一致", "proven, two readers agree"),
    "closed": ("由等式证实", "proven by a sum"),
    "moved": ("证实，由行形定位", "proven, placed by shape"),
    "grounded": ("有据可查", "grounded"),
    "unproven": ("无式可证", "no sum reaches it"),
    "missing": ("应有而缺", "missing"),
    "disputed": ("两次读取不一致", "readers differ"),
    "contradicted": ("所在等式不符", "in a failing sum"),
    "unread": ("未能读出", "unread"),
    "empty": ("空白", "blank"),
}
_WORDS = {
    "clear": ("相符", "agrees"),
    "open": ("待核", "to check"),
    "broken": ("不符", "does not add up"),
}
_QUOTED = 60


def front(documents: Sequence[CheckedDocument], views: Sequence[FormView]) -> str:
    """Headline, cross-footed table of evidence, index."""
    glance = tag("section", _lede(documents, views) + _ledger(documents, views), class_="glance")
    return glance + tag("section", _index(documents, views), class_="index", id="index")


def _count(number: int) -> str:
    return f"{number:,}"


def _lede(documents: Sequence[CheckedDocument], views: Sequence[FormView]) -> str:
    total = tally(view.gathered for view in views)
    proven = share(total.proven, total.numbers)
    numbers, files, forms = _count(total.numbers), len(documents), len(views)
    parts = (
        (f"{files} 份文件，", f"{files} documents,"),
        (f"{forms} 张表，", f"{forms} forms,"),
        (f"{numbers} 个数字，", f"{numbers} numbers:"),
        (f"{proven}% 由等式证实。", f"{proven}% proven by a sum."),
    )
    title = tag("h1", "".join(tag("span", both(*part), class_="phrase") for part in parts))
    return tag("div", title + _second_line(views) + _figures(views, total), class_="lede")


def _second_line(views: Sequence[FormView]) -> str:
    bad = [view for view in views if view.gathered.broken]
    if not bad:
        said = both("每一张表都自己相加得上。", "Every form adds up.")
        return tag("p", said, class_="second")
    count = len(bad)
    english = "1 form does not add up: " if count == 1 else f"{count} forms do not add up: "
    said = both(f"{count} 张表自己加不起来：", english)
    links = "、".join(tag("a", text(view.name), href=f"#{view.anchor}") for view in bad)
    return tag("p", said + links, class_="second bad")


def _figures(views: Sequence[FormView], total: Tally) -> str:
    holding = sum(view.gathered.holding for view in views)
    distinct = sum(not any(twin.number < view.number for twin in view.twins) for view in views)
    figures = (
        (distinct, "不同的表", "distinct forms", ""),
        (holding, "式相符", "checks hold", "ok"),
        (total.broken, "式不符", "do not hold", "bad" if total.broken else ""),
        (total.doubtful, "项待人核", "fields for a person", "maybe" if total.doubtful else ""),
    )
    told = "".join(
        tag("div", tag("dt", both(zh, en)) + tag("dd", _count(figure), class_=classes("n", mark)))
        for figure, zh, en, mark in figures
    )
    return tag("dl", told, class_="figures")


def _ledger(documents: Sequence[CheckedDocument], views: Sequence[FormView]) -> str:
    """Numbers by document and by evidence, added both ways: the page cross-foots itself."""
    tallies = [tally(v.gathered for v in _of(document, views)) for document in documents]
    whole = tally(view.gathered for view in views)
    strata = [name for name in _SHORT if name in whole.by_stratum]
    heads = "".join(tag("th", both(*_SHORT[name]), scope="col") for name in strata)
    heads = tag("td") + heads + tag("th", both("合计", "total"), scope="col", class_="whole")
    body = "".join(
        _ledger_row(tag("th", text(document.document.path), scope="row"), each, strata)
        for document, each in zip(documents, tallies, strict=True)
    )
    foot = _ledger_row(tag("th", both("合计", "total"), scope="row"), whole, strata)
    caption = both(
        "数字横着加一遍，竖着加一遍，两头相符",
        "Every number counted once across and once down; both ways agree",
    )
    table = tag("caption", caption) + tag("thead", tag("tr", heads))
    return tag("table", table + tag("tbody", body) + tag("tfoot", foot), class_="ledger")


def _ledger_row(label: str, counted: Tally, strata: Iterable[str]) -> str:
    cells = "".join(
        tag(
            "td",
            _count(counted.by_stratum.get(name, 0)),
            class_=classes("n", "ok" if name in PROVEN else "", _colour(name, counted)),
        )
        for name in strata
    )
    return tag("tr", label + cells + tag("td", _count(counted.numbers), class_="n whole"))


def _colour(name: str, counted: Tally) -> str:
    if not counted.by_stratum.get(name):
        return "none"
    return LEVELS.get(name, "") if name not in PROVEN else ""


def _of(document: CheckedDocument, views: Sequence[FormView]) -> list[FormView]:
    return [view for view in views if view.checked is document]


def _index(documents: Sequence[CheckedDocument], views: Sequence[FormView]) -> str:
    labels = (
        ("", ""), ("表", "form"), ("填报单位", "issuer"), ("年度", "year"), ("总分", "score"),
        ("等级", "grade"), ("相符式", "hold"), ("不符式", "fail"), ("待核项", "to check"),
        ("状态", "state"),
    )  # fmt: skip
    heads = "".join(tag("th", both(*label), scope="col") for label in labels)
    decimals = widest(printed(view.entries.get("total_score")) for view in views)
    bodies = "".join(_index_part(each, _of(each, views), decimals) for each in documents)
    title = tag("h2", both("表目", "The forms"))
    return title + tag("table", tag("thead", tag("tr", heads)) + bodies)


def _index_part(document: CheckedDocument, views: Sequence[FormView], decimals: int) -> str:
    heading = tag("b", text(document.document.path)) + " " + _titles(document)
    rows = tag("tr", tag("th", heading + _aside(document), colspan=10, scope="rowgroup"))
    rows += "".join(_index_row(view, decimals) for view in views)
    return tag("tbody", rows)


def _titles(document: CheckedDocument) -> str:
    zh = [f"标题 {document.titles} 个", f"表 {len(document.forms)} 张"]
    en = [f"{document.titles} titles", f"{len(document.forms)} forms"]
    for count, one, other in (
        (document.untitled, "无题起始", "untitled starts"),
        (document.repeats, "重复", "repeats"),
        (len(document.refused), "不收", "refused"),
    ):
        if count:
            zh.append(f"{one} {count}")
            en.append(f"{count} {other}")
    return tag("small", both(" · ".join(zh), " · ".join(en)))


def _aside(document: CheckedDocument) -> str:
    """What stands beside the forms of a document: near misses refused, a headless tail."""
    said = [
        tag("p", f"{both('不收：', 'Refused: ')}<q>{text(miss.title)}</q> {words(miss.reason)}")
        for miss in document.refused
    ]
    if document.tail is not None:
        a, b = document.tail
        quoted = tag("q", text(document.document.text[a:b].strip()[:_QUOTED]))
        said.append(tag("p", both("无头的残段：", "A headless tail: ") + quoted))
    return "".join(said)


def _index_row(view: FormView, decimals: int) -> str:
    link = tag("a", text(view.name), href=f"#{view.anchor}")
    twins = "".join(
        tag("small", both(f"同 № {t.number}", f"same as № {t.number}")) for t in view.twins
    )
    state = tag("span", both(*_WORDS[view.state]), class_=f"state {view.state}")
    cells = tag("td", text(view.number), class_="n no") + tag("th", link + twins, scope="row")
    cells += tag("td", text(view.issuer)) + tag("td", text(view.first("year")), class_="n")
    cells += view.value("total_score", "td", decimals) + tag("td", text(view.first("grade")))
    gathered = view.gathered
    for figure, mark in (
        (gathered.holding, "ok"),
        (len(gathered.broken), "bad"),
        (len(gathered.doubtful), "maybe"),
    ):
        cells += tag("td", _count(figure), class_=classes("n", mark if figure else "none"))
    return tag("tr", cells + tag("td", state))

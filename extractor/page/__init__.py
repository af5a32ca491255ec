"""One HTML page of checked documents: each form's source beside its record, each check worked out.

The page stands alone: no request leaves it, and its policy (CSP) names the hashes of its one
stylesheet and its one script, so that nothing a document holds could run even if it got in.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from extractor.confidence import REASONS, STRATA
from extractor.page.form import article
from extractor.page.front import front
from extractor.page.markup import both, tag, text
from extractor.page.view import FormView, SameAs, Twin
from extractor.report.gathering import gather
from extractor.types import CheckedDocument

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M2 9h12M2 12h12M8 2v5M5.500 4.500h5' stroke='%23777' stroke-width='1.500'/%3E"
    "%3C/svg%3E"
)


def page(
    documents: Sequence[CheckedDocument], same_as: SameAs | None = None, lang: str = "zh"
) -> str:
    """The page as one string of HTML; ``lang`` is the language it opens in.

    ``same_as`` has a list for every form of ``documents``, in their order (``twins.same_as``).
    """
    views = list(_views(documents, same_as))
    body = _masthead(lang) + tag("main", front(documents, views) + _legend() + _articles(views))
    body += _colophon(views) + _glass() + tag("script", _asset("page.js"))
    return f'<!doctype html>\n<html lang="zh-CN">{_head(len(views))}<body>{body}</body></html>\n'


def _views(documents: Sequence[CheckedDocument], same_as: SameAs | None) -> Iterator[FormView]:
    forms = [(checked, form) for checked in documents for form in checked.forms]
    numbers: dict[tuple[str, int], int] = {}
    for number, (checked, form) in enumerate(forms, start=1):
        numbers.setdefault((checked.document.sha256, form.form.index), number)
    relations = same_as if same_as is not None else [()] * len(forms)
    for number, ((checked, form), related) in enumerate(
        zip(forms, relations, strict=True), start=1
    ):
        twins = tuple(
            Twin(numbers[place], str(twin["document"]), tuple(twin["differences"]))
            for twin in related
            if (place := (str(twin["sha256"]), int(twin["form"]))) in numbers
        )
        yield FormView(number, checked, gather(form), twins)


@cache
def _asset(name: str) -> str:
    return files("extractor.page").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _head(forms: int) -> str:
    style = _asset("page.css")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; "
        f"script-src {_hash(_asset('page.js'))}; base-uri 'none'; form-action 'none'"
    )
    return (
        '<head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{text(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>Crossfoot · {forms} 张表</title><link rel="icon" href="{_ICON}">'
        f"<style>{style}</style></head>"
    )


def _masthead(lang: str) -> str:
    options = "".join(
        f'<input type="radio" name="lang" id="lang-{code}"{" checked" if code == lang else ""}>'
        f'<label for="lang-{code}" lang="{full}" class="word">{word}</label>'
        for code, full, word in (("zh", "zh-CN", "中文"), ("en", "en-GB", "English"))
    )
    choice = tag("legend", both("语言", "Language"), class_="sr") + options
    motto = both("横着加，竖着加，两头相符", "add it up both ways, and see that it agrees")
    brand = tag("a", "Crossfoot", href="#top", class_="brand") + tag("p", motto)
    return tag("header", brand + tag("fieldset", choice), class_="mast", id="top")


def _legend() -> str:
    marks = (
        ("plain", "没有记号的数字，都由至少一个等式证实", "An unmarked number is proven by a sum"),
        ("moved", "位置由行的形状定出", "placed by the shape of its row"),
        ("maybe", "无式可证，待人核", "no sum reaches it: for a person"),
        ("partner", "在不符的等式里", "in a sum that fails"),
        ("either", "几格之一有误", "one of several is wrong"),
        ("bad", "疑点，或未能读出", "a suspect, or unread"),
    )
    told = "".join(
        tag("li", tag("span", "12.34", class_=f"v n {mark}", aria_hidden="true") + both(zh, en))
        for mark, zh, en in marks
    )
    use = both(
        "指向或用方向键走到一个数字，看它在原文何处、参与哪些算式；点一下固定，Esc 放开。",
        "Point at a number, or walk there with the arrow keys, to see where it stands in the source"
        " and in which sums; click to hold it, Esc to let go.",
    )
    return tag("aside", tag("ul", told) + tag("p", use, class_="use"), class_="legend")


def _articles(views: Sequence[FormView]) -> str:
    return "".join(article(view) for view in views)


def _colophon(views: Sequence[FormView]) -> str:
    sets = ", ".join(dict.fromkeys(view.gathered.form.check_set for view in views))
    told = both(
        "数字照原样，一个字也没有改；是表错还是读错，由人来定。本页自成一体，不联网。",
        "Numbers stand as printed and nothing was corrected; whether a form is wrong or was misread"
        " is for a person to say. The page is complete in itself and asks the network for nothing.",
    )
    check_set = both(f"核对规则 {sets}", f"check set {sets}") if sets else ""
    return tag("footer", tag("p", told) + tag("p", check_set))


def _glass() -> str:
    """The strip at the foot of the window that tells where a value comes from."""
    meanings = {
        "strata": {name: [m.zh, m.en] for name, m in STRATA.items()},
        "reasons": {name: [m["zh"], m["en"]] for name, m in REASONS.items()},
    }
    dumped = json.dumps(meanings, ensure_ascii=False).replace("<", "\\u003c")
    data = tag("script", dumped, type="application/json", id="meanings")
    return data + tag("div", "", id="glass", role="status", hidden="hidden")

"""The report of a run as one HTML page that stands alone.

No request leaves it, and its policy (CSP) names the hashes of its one stylesheet and its one
script, so that nothing a document holds could run. It speaks both languages and has both themes;
switching either needs no script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from eval.report.cards import cards
from eval.report.fields import classes_of_fields, heat
from eval.report.headline import headline, lede
from eval.report.robustness import robustness
from eval.report.wording import of_generated
from eval.results import Run
from extractor.page.markup import both, tag, text

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M1 5h14v6H1zM4 5v3M7 5v2M10 5v3M13 5v2' fill='none' stroke='%23777'/%3E%3C/svg%3E"
)


def page(run: Run, lang: str = "zh", texts: Mapping[str, str] | None = None) -> str:
    """The page as one string of HTML; ``lang`` (``zh`` or ``en``) is the language it opens in.

    ``texts`` holds the text of each item's page by the item's name; where it is given, the cards
    show the lines beside the source line.
    """

    def heading(zh: str, en: str) -> str:
        """Over figures: says where they come from."""
        return tag("h2", both(zh, en) + _origin(run))

    sections = [
        headline(run, heading),
        robustness(run, heading),
        classes_of_fields(run, heading) if run.forms else "",
        heat(run, heading),
        cards(run, texts or {}, heading),
    ]
    body = _masthead(lang) + tag("main", lede(run) + "".join(sections)) + _colophon(run)
    script = tag("script", _asset("report.js"))
    head = _head(run)
    return f'<!doctype html>\n<html lang="zh-CN">{head}<body>{body}{script}</body></html>\n'


def _origin(run: Run) -> str:
    said = of_generated(run)
    return " " + tag("small", both(said["zh"], said["en"]), class_="origin") if said["en"] else ""


@cache
def _asset(name: str) -> str:
    return files("eval.report").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _head(run: Run) -> str:
    style = _asset("report.css")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; "
        f"script-src {_hash(_asset('report.js'))}; base-uri 'none'; form-action 'none'"
    )
    generated = " · generated forms" if run.generated else ""
    return (
        '<head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{text(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>Crossfoot · {text(run.name)}{generated}</title><link rel="icon" href="{_ICON}">'
        f"<style>{style}</style></head>"
    )


def _masthead(lang: str) -> str:
    brand = tag("a", "Crossfoot", href="#top", class_="brand")
    brand += tag("p", both("尺子：读得多准", "the ruler: how well it reads"))
    languages = (("zh", "zh-CN", "中文"), ("en", "en-GB", "English"))
    choices = "".join(
        f'<input type="radio" name="lang" id="lang-{code}"{" checked" if code == lang else ""}>'
        f'<label for="lang-{code}" lang="{full}" class="word">{word}</label>'
        for code, full, word in languages
    )
    themes = (("auto", "随系统", "auto"), ("light", "浅", "light"), ("dark", "深", "dark"))
    shades = "".join(
        f'<input type="radio" name="theme" id="theme-{code}"{" checked" * (code == "auto")}>'
        + tag("label", both(zh, en), for_=f"theme-{code}", class_="word")
        for code, zh, en in themes
    )
    sets = tag("fieldset", tag("legend", both("明暗", "Theme"), class_="sr") + shades)
    sets += tag("fieldset", tag("legend", both("语言", "Language"), class_="sr") + choices)
    return tag("header", brand + tag("div", sets, class_="switches"), class_="mast", id="top")


def _colophon(run: Run) -> str:
    told = both(
        "份额一律向不利的一边取舍：100 是全部，0 是一个也没有。本页自成一体，不联网。",
        "Shares are rounded to the worse side: 100 means all of them, 0 means none. The page is "
        "complete in itself and asks the network for nothing.",
    )
    return tag("footer", tag("p", told))

"""What a page is set in: its head with a policy that lets nothing run, its masthead, its foot.

No request leaves such a page: the policy (CSP) names the hashes of its stylesheets and of its one
script, if it has one. Switching language or theme needs no script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from extractor.page.markup import Words, both, tag, text, words

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M1 5h14v6H1zM4 5v3M7 5v2M10 5v3M13 5v2' fill='none' stroke='%23777'/%3E%3C/svg%3E"
)


def shell(
    title: str,
    brand: Words,
    body: str,
    foot: Words,
    lang: str,
    styles: Sequence[str] = ("report.css",),
    script: str | None = None,
) -> str:
    """A whole page; ``title`` is plain text, ``body`` the markup of what stands in the middle.

    ``styles`` and ``script`` are files beside this module; ``lang`` is the language it opens in.
    """
    code = asset(script) if script else ""
    head = _head(title, "\n".join(map(asset, styles)), code)
    inner = _masthead(brand, lang) + tag("main", body) + tag("footer", tag("p", words(foot)))
    inner += tag("script", code) if code else ""
    return f'<!doctype html>\n<html lang="zh-CN">{head}<body>{inner}</body></html>\n'


@cache
def asset(name: str) -> str:
    return files("eval.report").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _head(title: str, style: str, code: str) -> str:
    scripts = _hash(code) if code else "'none'"
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; "
        f"script-src {scripts}; base-uri 'none'; form-action 'none'"
    )
    return (
        '<head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{text(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{text(title)}</title><link rel="icon" href="{_ICON}">'
        f"<style>{style}</style></head>"
    )


def _masthead(said: Words, lang: str) -> str:
    brand = tag("a", "Crossfoot", href="#top", class_="brand")
    brand += tag("p", words(said))
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

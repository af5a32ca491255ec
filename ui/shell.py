"""What every page has: its language, its archive, who is at it, and the way to the others."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import streamlit as st

from extractor.errors import CrossfootError
from extractor.store import Store
from ui import access
from ui.words import WORDS

Lang = Literal["zh", "en"]
PAGES: dict[str, Any] = {}
"""The pages by name; :mod:`ui.app` fills it at every run."""
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""As in ``bench/dom.js``."""
_MARKUP = frozenset("\\`*_{}[]()<>#+-.!|~:$")
_STYLE = """<style>
.st-key-who { position: fixed; top: .55rem; right: 4.5rem; z-index: 999991; width: auto; }
.stMainBlockContainer { padding: 3.2rem 2rem 1rem; }
/* Grey on paper is too pale for many eyes. */
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p {
  color: inherit; opacity: 1; }
.cf-table { overflow-x: auto; }
.cf-table table { border-collapse: collapse; width: 100%; }
.cf-table caption { text-align: left; padding: 4px 0; opacity: .8; }
.cf-table th, .cf-table td { text-align: left; padding: 3px 10px; vertical-align: top;
  border-bottom: 1px solid rgba(128, 128, 128, .3); overflow-wrap: break-word; min-width: 9em;
  white-space: pre-line; font-variant-numeric: tabular-nums; }
.cf-table th { white-space: nowrap; }
</style>"""


def lang() -> Lang:
    """The language that was chosen, here or on an earlier page, else the one that the server was
    started with, else that of the browser: Chinese for Chinese ones."""
    chosen = st.session_state.get("lang") or st.query_params.get("lang")
    chosen = chosen or _remembered("lang")
    chosen = chosen or os.environ.get("CROSSFOOT_REVIEW_LANG") or (st.context.locale or "en")
    return "zh" if chosen.lower().startswith("zh") else "en"


def _remembered(name: str) -> str:
    """What the browser keeps from an earlier page, nothing where no browser asks."""
    kept: object = st.context.cookies.get(f"crossfoot_{name}")
    return unquote(kept) if isinstance(kept, str) else ""


def say(key: str, **parts: object) -> str:
    """A sentence of the screen in the language of the page."""
    return WORDS[key][lang()].format(**parts)


def heads(*keys: str) -> list[str]:
    """The heads of a table's columns."""
    return [say(key) for key in keys]


def choose_lang() -> None:
    """The switch of languages."""
    other: Lang = "en" if lang() == "zh" else "zh"

    def switch() -> None:
        st.session_state["lang"] = other

    st.button({"zh": "中文", "en": "English"}[other], on_click=switch, key="switch_lang")


def db_path() -> Path:
    return Path(os.environ["CROSSFOOT_REVIEW_DB"])


@contextmanager
def archive() -> Generator[Store]:
    """The archive under review; a page that cannot have it says so and ends."""
    try:
        store = Store.open(db_path(), create=False)
    except CrossfootError as problem:
        # What stands in a path is no markup.
        st.error(say("no_archive"))
        st.text(str(problem))
        st.stop()
    with store:
        yield store


def whoever() -> str | None:
    """Who is at this page; ``None`` where it cannot be known, and then nothing can be decided."""
    user: Mapping[str, object] = dict(st.user)
    return access.read(os.environ).person(user, st.session_state.get("person"))


def admits() -> bool:
    """Draws who is here and the switch of languages; whether a page may be shown: nobody who must
    log in sees one before they have."""
    way = access.read(os.environ).way
    st.html(_STYLE)
    if way == "local" and "person" not in st.session_state:
        st.session_state["person"] = _remembered("person") or os.environ.get(
            "CROSSFOOT_REVIEW_PERSON", ""
        )
    name = whoever()
    with st.container(key="who"), st.popover(_short(name), help=say("person_help")):
        if way == "local":
            st.text_input(say("person"), key="person", max_chars=100, help=say("person_help"))
        elif way == "oidc":
            st.button(say("logout" if name else "login"), on_click=st.logout if name else st.login)
        choose_lang()
    if way == "oidc" and name is None:
        st.button(say("login"), on_click=st.login, key="login")
    elif way == "header" and name is None:
        st.warning(say("no_header"))
    return way == "local" or name is not None


def _short(name: str | None) -> str:
    """A name on a button, where Streamlit would take signs of its own for markup."""
    told = "".join(f"\\{sign}" if sign in _MARKUP else sign for sign in (name or "?")[:24])
    return f"{told} · 中 / EN"


def is_local() -> bool:
    """Whether people say themselves who they are."""
    return access.read(os.environ).way == "local"


def owner() -> str:
    """Whose decisions a browser keeps until they are sent: of whoever is logged in, or of all who
    sit at this machine."""
    return "" if is_local() else whoever() or ""


def document(store: Store) -> str | None:
    """The document that a page is about: the one asked for, else the last one, else the first of
    the queue that nobody works on, else the first."""
    asked = (st.query_params.get("document"), st.session_state.get("document"))
    found = next((one for one in asked if one and store.clock(one) is not None), None)
    if asked[0] and found != asked[0]:
        st.warning(say("no_document"))
    found = found or store.next_in_queue()
    if found is None:
        found = next((one.document for one in store.queue(limit=1).rows), None)
    if found is not None:
        st.session_state["document"] = found
        if st.query_params.get("document") != found:
            st.query_params["document"] = found
    return found


def open_bench(document: str, form: int | None = None) -> None:
    """Go to the bench with a document."""
    told = {"document": document} | ({} if form is None else {"form": str(form)})
    st.switch_page(PAGES["bench"], query_params=told)


def open_questions(document: str) -> None:
    """Go to the bench with the open questions about a document."""
    st.switch_page(PAGES["bench"], query_params={"document": document, "questions": "1"})


def open_queue(**filters: object) -> None:
    """Go to the queue, filtered."""
    st.switch_page(PAGES["queue"], query_params={k: str(v) for k, v in filters.items()})


def narrow_margins() -> None:
    """Lets a page have the whole window."""
    st.html("<style>.stMainBlockContainer{padding:3.2rem 0 0}</style>")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], caption: str) -> None:
    """A table that screen readers can read; what stands in it is text, never markup."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_shown(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    st.html(
        f'<div class="cf-table" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def shown(text: str) -> str:
    """Text with the signs that hide or turn it told by their numbers."""
    return _UNSEEN.sub(lambda sign: f"‹{ord(sign[0]):x}›", text)


def _shown(cell: object) -> str:
    return "" if cell is None else shown(str(cell))

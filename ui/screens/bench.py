"""The bench: one document, worked on in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from extractor.store_labels import Asked
from ui import component, desks, shell
from ui.desks import Told

_KEY = "bench"
_LONGEST = 16
"""Digits of a place in a document."""


def page() -> None:
    shell.narrow_margins()
    with shell.archive() as store:
        sha256 = shell.document(store)
    if sha256 is None:
        st.info(shell.say("nothing_to_review"))
    else:
        _work(sha256)


@st.fragment
def _work(sha256: str) -> None:
    """Only this runs again when the bench has something to say."""
    told = Told.of(_state().get("told"))
    person = shell.whoever()
    with shell.archive() as store:
        taken = desks.take(store, told, person, trusts_names=shell.is_local())
        lease = None
        if told.bench and person is not None:
            lease = store.lease(sha256, told.bench, person, take_over=_asks_to_take_over(told))
        sent = st.session_state.setdefault("sent", {}).setdefault(sha256, {})
        data = desks.answer(store, sha256, told, taken, person, lease, sent)
        if data is None:
            st.warning(shell.say("no_document"))
            return
        asked = store.questions() if _asks() else []
        following = _next_asked(asked, sha256) if _asks() else None
        following = following or store.next_in_queue(sha256, bench=told.bench)
    lang = shell.lang()
    data |= {
        "lang": lang,
        "words": desks.words(lang),
        "archive": desks.archive_token(shell.db_path()),
        "owner": shell.owner(),
        "chosen": st.session_state.get("lang"),
        "next": following and {"document": following},
        "form": _form(),
        "asks": _asks(),
        "questions": [[one.number, [*one.place]] for one in asked if one.document == sha256],
    }
    result = component.bench(data, _KEY)
    if result.open:
        _leave(sha256, told)
        st.session_state["sent"] = {}
        kept = {"questions": "1"} if _asks() else {}
        st.query_params.from_dict({"document": str(result.open), **kept})
        st.rerun()


def _asks() -> bool:
    """Whether the bench asks of fields that were accepted unseen, drawn at random."""
    return "questions" in st.query_params


def _next_asked(asked: Sequence[Asked], sha256: str) -> str | None:
    """The document with the next open question."""
    return next((one.document for one in asked if one.document != sha256), None)


def _state() -> dict[str, Any]:
    return dict(st.session_state.get(_KEY) or {})


def _asks_to_take_over(told: Told) -> bool:
    """Whether the reviewer asks just now: a message may be looked at more than once."""
    done: dict[str, int] = st.session_state.setdefault("answered", {})
    is_new = told.number > done.get(told.bench, 0)
    done[told.bench] = told.number
    return told.take and is_new


def _leave(sha256: str, told: Told) -> None:
    with shell.archive() as store:
        store.give_back(sha256, told.bench)


def _form() -> int | None:
    asked = st.query_params.get("form", "")
    return int(asked) if asked.isdecimal() and len(asked) < _LONGEST else None

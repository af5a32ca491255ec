"""The bench: one document, worked on in the browser."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui import component, desks, shell
from ui.desks import Told

_KEY = "bench"


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
        data = desks.answer(store, sha256, told, taken, person, lease)
        if data is None:
            st.warning(shell.say("no_document"))
            return
        following = store.next_in_queue(sha256, bench=told.bench)
    lang = shell.lang()
    data |= {
        "lang": lang,
        "words": desks.words(lang),
        "archive": desks.archive_token(shell.db_path()),
        "next": following and {"document": following},
        "form": _form(),
    }
    result = component.bench(data, _KEY)
    if result.open:
        _leave(sha256, told)
        st.query_params["document"] = str(result.open)
        st.query_params.pop("form", None)
        st.rerun()


def _state() -> dict[str, Any]:
    return dict(st.session_state.get(_KEY) or {})


def _asks_to_take_over(told: Told) -> bool:
    """Whether the reviewer asked since the last message: a message may come more than once."""
    done: dict[str, int] = st.session_state.setdefault("taken_over", {})
    asked = told.take > done.get(told.document + told.bench, 0)
    done[told.document + told.bench] = told.take
    return asked


def _leave(sha256: str, told: Told) -> None:
    with shell.archive() as store:
        store.give_back(sha256, told.bench)


def _form() -> int | None:
    asked = st.query_params.get("form", "")
    return int(asked) if asked.isdecimal() else None

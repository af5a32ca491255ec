"""The queue: what is left to review, in the order of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from extractor.store import Store
from extractor.store_filters import Filters
from ui import component, desks, queueing, shell
from ui.desks import Told
from ui.words import QUEUE

_KEY = "queue_list"
_PAGE = 50
_FRESH = 15.0
"""Seconds."""


def page() -> None:
    lang = shell.lang()
    with shell.archive() as store:
        taken = desks.take(
            store,
            Told.of(dict(st.session_state.get(_KEY) or {}).get("told")),
            shell.whoever(),
            trusts_names=shell.is_local(),
        )
        filters = _filters(_choices(shell.db_path(), lang))
        offset = _offset(filters)
        data = queueing.page(store, filters, offset, _PAGE, lang)
    counts = {name: f"{data[name]:,}" for name in ("forms", "documents", "fields")}
    st.markdown(f"**{shell.say('queue_counts', **counts)}**")
    data |= {
        "lang": lang,
        "words": {name: said[lang] for name, said in QUEUE.items()},
        "archive": desks.archive_token(shell.db_path()),
        "owner": shell.owner(),
        "chosen": st.session_state.get("lang"),
        "person": shell.whoever(),
        "acked": list(taken.acked),
        "refused": dict(taken.refused),
    }
    result = component.queue(data, _KEY)
    if result.open:
        shell.open_bench(result.open["document"], result.open["form"])
    _turn(offset, data["forms"])


@st.cache_data(ttl=_FRESH, show_spinner=False)
def _choices(db: Path, lang: shell.Lang) -> dict[str, Any]:
    """What the filters offer; their counts may be some seconds old, the list itself never is."""
    with Store.open(db, create=False) as store:
        return queueing.choices(store, lang)


def _filters(choices: Mapping[str, Any]) -> Filters:
    """The select boxes and the field for words; a link from another page may have set some."""
    columns = st.columns([2, 1, 2, 2, 1, 2])
    names = ("family", "year", "unit", "check", "batch")
    chosen = {
        name: _select(column, name, choices[name])
        for name, column in zip(names, columns, strict=False)
    }
    words = columns[-1].text_input(shell.say("words"), key="queue_words", max_chars=200)
    return Filters(**chosen, words=words or "")


def _select(column: Any, name: str, offered: Sequence[Mapping[str, Any]]) -> Any:
    labels: dict[Any, str] = {one["value"]: f"{one['label']} ({one['forms']:,})" for one in offered}

    def label_of(one: Any) -> str:
        return labels.get(one, str(one))

    asked = st.query_params.get(name)
    key = f"queue_{name}"
    if asked is not None and key not in st.session_state:
        st.session_state[key] = next((one for one in labels if str(one) == asked), None)
    if st.session_state.get(key) not in (None, *labels):
        # The last form of this kind is settled: the filter would show nothing for ever.
        st.session_state[key] = None
    return column.selectbox(
        shell.say(f"filter_{name}"),
        list(labels),
        index=None,
        format_func=label_of,
        placeholder=shell.say("all"),
        key=key,
    )


def _offset(filters: Filters) -> int:
    """Where the shown page begins; other filters begin at the top."""
    if st.session_state.get("queue_filters") != filters:
        st.session_state["queue_filters"] = filters
        st.session_state["queue_offset"] = 0
    return st.session_state["queue_offset"]


def _turn(offset: int, forms: int) -> None:
    if forms <= _PAGE:
        return

    def to(start: int) -> None:
        st.session_state["queue_offset"] = start

    back, told, on = st.columns([1, 2, 1])
    back.button(
        shell.say("page_back"), on_click=to, args=(max(0, offset - _PAGE),), disabled=not offset
    )
    told.text(shell.say("page_of", a=offset + 1, b=min(offset + _PAGE, forms), n=f"{forms:,}"))
    last = offset + _PAGE >= forms
    on.button(shell.say("page_on"), on_click=to, args=(offset + _PAGE,), disabled=last)

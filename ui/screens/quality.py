"""Quality: fields that were accepted unseen, drawn at random for a person to judge."""

from __future__ import annotations

from random import SystemRandom

import streamlit as st

from extractor.confidence import STRATA
from extractor.sampling import draw
from extractor.signals import CLASSES, Class
from extractor.store import Store
from extractor.store_effort import quality
from extractor.weighing import CLASS_WORDS
from ui import shell

_MOST = 500


def page() -> None:
    st.header(shell.say("quality"))
    st.text(shell.say("quality_about"))
    with shell.archive() as store:
        _draw(store)
        asked = store.questions()
        rows = quality(store)
    st.text(shell.say("questions_open", n=len(asked)))
    if asked and st.button(shell.say("questions_begin"), type="primary"):
        shell.open_questions(asked[0].document)
    lang = shell.lang()
    if rows:
        shell.table(
            shell.heads("stratum", "class", "drawn", "answered", "wrong"),
            [
                (
                    getattr(STRATA[one.stratum], lang),
                    CLASS_WORDS[one.class_][lang],
                    one.drawn,
                    one.answered,
                    one.wrong,
                )
                for one in rows
            ],
            shell.say("quality_table"),
        )


def _draw(store: Store) -> None:
    with st.form("draw", border=False):
        columns = st.columns([3, 1, 1], vertical_alignment="bottom")
        lang = shell.lang()

        def said(one: Class) -> str:
            return CLASS_WORDS[one][lang]

        wanted = columns[0].multiselect(
            shell.say("draw_classes"), CLASSES, default=["money"], format_func=said
        )
        number = columns[1].number_input(shell.say("draw_number"), 1, _MOST, 20)
        asked = columns[2].form_submit_button(shell.say("draw"))
    if asked and wanted:
        found = draw(store, dict.fromkeys(wanted, int(number)), SystemRandom().randrange(2**32))
        kept = store.draw("sample", [one.draw for one in found])
        st.success(shell.say("drawn_now", n=sum(one is not None for one in kept)))

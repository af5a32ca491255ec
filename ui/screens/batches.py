"""The page of batches: each run, what it came to, what failed in it, and the way to its forms."""

from __future__ import annotations

import streamlit as st

from ui import shell
from ui.figures_batches import BatchView, batches

_FEW = 10
"""Failures that are shown at once; more are folded away."""


def page() -> None:
    """Draws the page."""
    with shell.archive() as store:
        told = batches(store, shell.lang())
    st.header(shell.say("batches"))
    if told.hint is not None:
        st.text(told.hint)
    if told.table is not None:
        shell.table(told.table.heads, told.table.rows, told.table.caption)
    for one in told.batches:
        _batch(one)


def _batch(one: BatchView) -> None:
    st.subheader(one.title)
    # The page is gone once another is switched to, so that cannot be done in a callback.
    if one.to_queue is not None and st.button(one.to_queue, key=f"queue_{one.number}"):
        shell.open_queue(batch=one.number)
    if one.failures is not None:
        few = len(one.failures.rows) <= _FEW
        with st.expander(one.failures.caption, expanded=few):
            shell.table(one.failures.heads, one.failures.rows, one.failures.caption)
            if one.more is not None:
                st.text(one.more)

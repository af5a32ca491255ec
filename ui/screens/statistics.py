"""The page of statistics: what reviewing took, what it came to, and what needed nobody."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import streamlit as st

from ui import shell
from ui.figures import Card, Series, statistics

_COLOURS = ("#5b8db8", "#d9822b", "#8a8f98")
"""Blue, orange, grey: told apart on white and on black, and by those who see no red or green."""
_A_ROW = 3
_HEIGHT = 320
"""Pixels, title and legend included."""


def page() -> None:
    """Draws the page."""
    with shell.archive() as store:
        told = statistics(store, shell.lang())
    st.header(shell.say("statistics"))
    if told.hint is not None:
        st.text(told.hint)
    _cards(told.cards)
    for one in told.series:
        # Streamlit lays its own theme over a chart, which follows light and dark.
        st.altair_chart(_chart(one), width="stretch")
        st.caption(one.told)
    for table in told.tables:
        shell.table(table.heads, table.rows, table.caption)


def _cards(cards: Sequence[Card]) -> None:
    for start in range(0, len(cards), _A_ROW):
        for column, card in zip(st.columns(_A_ROW), cards[start : start + _A_ROW], strict=False):
            with column:
                st.metric(card.label, card.value, border=True)
                st.caption(card.note)


def _chart(series: Series) -> alt.Chart:
    rows = [{"day": one.day, "amount": one.amount, "group": one.group} for one in series.points]
    base = alt.Chart(
        alt.Data(values=rows), title=series.title, description=series.told, height=_HEIGHT
    )
    mark = base.mark_bar() if series.bars else base.mark_line(point=True)
    legend = alt.Legend(title=None, orient="top") if len(series.groups) > 1 else None
    colours = alt.Scale(domain=list(series.groups), range=list(_COLOURS[: len(series.groups)]))
    return mark.encode(
        x=alt.X(
            "day", type="ordinal", title=series.day, axis=alt.Axis(labelAngle=0, labelOverlap=True)
        ),
        y=alt.Y("amount", type="quantitative", title=series.unit),
        color=alt.Color("group", type="nominal", scale=colours, legend=legend),
        tooltip=[
            alt.Tooltip("day", type="ordinal", title=series.day),
            alt.Tooltip("group", type="nominal", title=series.title),
            alt.Tooltip("amount", type="quantitative", title=series.unit),
        ],
    )

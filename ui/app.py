"""The script that Streamlit runs: the pages and what stands above each of them."""

from __future__ import annotations

import streamlit as st

from ui import shell
from ui.screens import batches, bench, form, quality, queue, statistics

_SCREENS = {
    "queue": queue.page,
    "bench": bench.page,
    "form": form.page,
    "quality": quality.page,
    "statistics": statistics.page,
    "batches": batches.page,
}

st.set_page_config(page_title="Crossfoot", layout="wide")
shell.PAGES |= {
    name: st.Page(run, title=shell.say(name), url_path=name, default=name == "queue")
    for name, run in _SCREENS.items()
}
chosen = st.navigation(list(shell.PAGES.values()), position="top")
if shell.admits():
    chosen.run()

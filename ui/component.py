"""The bench and the list of the queue as Streamlit components, each one script and one style.

Scripts stand inline, so nothing is built and nothing is fetched. They get what documents say as
data and show it as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

_FOLDER = Path(__file__).with_name("bench")
_BENCH = (
    "fold.js",
    "outbox.js",
    "dom.js",
    "tabs.js",
    "source_pane.js",
    "card.js",
    "face.js",
    "editing.js",
    "keys.js",
    "deciding.js",
    "bench.js",
)
"""In this order: each knows those before it."""
_ROOT = '<div class="crossfoot-root"></div>'


def _text(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in names)


_bench = component("crossfoot_bench", html=_ROOT, css=_text("bench.css"), js=_text(*_BENCH))


def bench(data: Mapping[str, Any], key: str) -> Any:
    """Shows a bench; its state value ``told`` is what it said last, its trigger ``open`` a document
    to go to."""
    return _bench(data=dict(data), key=key, on_told_change=_nothing, on_open_change=_nothing)


_queue = component(
    "crossfoot_queue",
    html=_ROOT,
    css=_text("bench.css"),
    js=_text("fold.js", "outbox.js", "dom.js", "queue.js"),
)


def queue(data: Mapping[str, Any], key: str) -> Any:
    """Shows some rows of the queue; its trigger ``open`` is the document and form to go to."""
    return _queue(data=dict(data), key=key, on_told_change=_nothing, on_open_change=_nothing)


def _nothing() -> None:
    """Without a name for a change Streamlit gives none of its values."""

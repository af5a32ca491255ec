"""The truths of many pages, and of the blocks that long ones are read in.

A block is a page's first line, perhaps the header of its table, and a consecutive part of the same
page. It shows the values that are printed in it and the rows that are named in it; of anything
else it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eval.loopback.simulated import Truth

_LISTS = {"indicators": "name", "groups": "level1"}
"""The lists of a record, and the leaf by which a row of each is known in a text."""


class Library:
    """``{text of a page: its truth}``, asked for a page or for a block of one."""

    def __init__(self, pages: Iterable[tuple[str, Truth]]) -> None:
        self._pages = dict(pages)
        self._by_title: dict[str, list[str]] = {}
        for text in self._pages:
            self._by_title.setdefault(_title(text), []).append(text)

    def __len__(self) -> int:
        return len(self._pages)

    def __call__(self, text: str) -> Truth | None:
        """What a page says, or a block of one; none where no page holds this text."""
        whole = self._pages.get(text)
        if whole is not None:
            return whole
        # The rest of a block tells pages of one title apart.
        body = text.split("\n", 1)[-1]
        last = body.strip().rsplit("\n", 1)[-1]
        for page in self._by_title.get(_title(text), ()):
            if last in page and all(line in page for line in text.splitlines()):
                return _shown(self._pages[page], _bare(text), _bare(body))
        return None


def _title(text: str) -> str:
    return text.split("\n", 1)[0][:200]


def _bare(text: str) -> str:
    return "".join(text.split())


def _shown(truth: Truth, text: str, body: str) -> Truth:
    """What of a truth is printed in a block."""
    record: dict[str, Any] = {}
    for name, value in truth.record.items():
        if name in _LISTS:
            rows: list[Mapping[str, Any]] = value
            record[name] = [row for row in rows if _is_printed(row.get(_LISTS[name]), body)]
        else:
            record[name] = _kept(value, text)
    return truth._replace(record=record)


def _kept(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _kept(inner, text) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value if _is_printed(value, text) else None


def _is_printed(value: Any, text: str) -> bool:
    return value is not None and _bare(str(value)) in text

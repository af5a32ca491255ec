"""The truths of many pages, and of the blocks that long ones are read in.

A block is a page's first lines, as far as they are labels, and a consecutive part of the same page.
It shows the values that are printed in it and the rows that are named in its part; of anything else
it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from eval.loopback.simulated import Truth

_LISTS = {"indicators": "name", "groups": "level1"}
"""The lists of a record, and the leaf by which a row of each is known in a text."""
_CUT = 2
"""The lines of a block that may be less than a line of its page: where its part begins and ends."""


class Library:
    """``{text of a page: its truth}``, asked for a page or for a block of one.

    Nothing in it changes once it is made, so many threads may ask at once.
    """

    def __init__(self, pages: Iterable[tuple[str, Truth]]) -> None:
        self._pages = dict(pages)
        self._by_title: dict[str, list[str]] = {}
        self._by_line: dict[str, list[str]] = {}
        for text in self._pages:
            self._by_title.setdefault(_title(text), []).append(text)
            for line in set(text.split("\n")):
                self._by_line.setdefault(line, []).append(text)

    def __len__(self) -> int:
        return len(self._pages)

    def __call__(self, text: str) -> Truth | None:
        """What a page says, or a block of one; none where no page holds this text."""
        whole = self._pages.get(text)
        if whole is not None:
            return whole
        for page in self._near(text):
            if (part := _part(text, page)) is not None:
                return _shown(self._pages[page], _bare(text), _bare(part))
        return None

    def _near(self, text: str) -> Iterable[str]:
        """The pages that a block may be of, by the lines that the fewest pages have.

        Pages of one issuer share title and labels, so that these alone would lead to all of them.
        """
        lines = dict.fromkeys(text.split("\n")[1:])
        known = sorted((self._by_line[line] for line in lines if line in self._by_line), key=len)
        if len(lines) - len(known) > _CUT:
            return ()
        if len(known) > _CUT:
            return (page for pages in known[: _CUT + 1] for page in pages)
        return self._by_title.get(_title(text), ())


def _title(text: str) -> str:
    return text.split("\n", 1)[0][:200]


def _part(text: str, page: str) -> str | None:
    """The part of a page that a block shows below its labels; none where it is no block of it."""
    if not text or _title(text) != _title(page):
        return None
    if page.startswith(text):
        return text
    for labels, part in _splits(text):
        if part in page:
            return part if _are_labels(labels, page) else None
    return None


def _splits(text: str) -> Iterator[tuple[list[str], str]]:
    """A block as its first lines and the rest, the fewest lines first, the title always there."""
    lines = text.split("\n")
    for count in range(1, len(lines)):
        yield lines[:count], "\n".join(lines[count:])


def _are_labels(labels: list[str], page: str) -> bool:
    """Whether the lines after the title stand on a page, in this order."""
    lines = iter(page.split("\n"))
    return all(label in lines for label in labels[1:])


def _bare(text: str) -> str:
    return "".join(text.split())


def _shown(truth: Truth, text: str, part: str) -> Truth:
    """What of a truth is printed in a block; damage keeps to its rows, in their new order."""
    record: dict[str, Any] = {}
    moved: dict[str, str] = {}
    for name, value in truth.record.items():
        if name not in _LISTS:
            record[name] = _kept(value, text)
            continue
        rows: list[Mapping[str, Any]] = value
        kept = [n for n, row in enumerate(rows) if _is_printed(row.get(_LISTS[name]), part)]
        record[name] = [rows[n] for n in kept]
        moved |= {f"{name}[{old}]": f"{name}[{new}]" for new, old in enumerate(kept)}
    return Truth(record, frozenset(_moved(truth.damaged, moved)))


def _moved(paths: Iterable[str], moved: Mapping[str, str]) -> Iterator[str]:
    for path in paths:
        row, dot, column = path.partition("].")
        if not dot:
            yield path
        elif f"{row}]" in moved:
            yield f"{moved[f'{row}]']}.{column}"


def _kept(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {name: _kept(inner, text) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value if _is_printed(value, text) else None


def _is_printed(value: Any, text: str) -> bool:
    return value is not None and _bare(str(value)) in text

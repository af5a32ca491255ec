"""Pages of HTML → lines: each table row one line with its cells by tab, each block one line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.sources.cells import row
from extractor.sources.decoding import decode
from extractor.sources.htmltable import Rows
from extractor.sources.htmltree import Element, parsed, tag_of, walk

_CHARSET = re.compile(rb"<meta\b[^>]*\bcharset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_DROPPED = frozenset({"head", "script", "style", "template", "noscript"})
_KEPT_AS_IS = frozenset({"pre", "textarea", "plaintext", "xmp"})
_INLINE_TAGS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q "
    "rp rt ruby s samp small span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_INLINE_TAGS.split())


def text_of(data: bytes, file: object) -> tuple[str, str]:
    """The text of a page and the name of its encoding; a table stands between blank lines.

    Entities are decoded; scripts, styles, comments and the head are left out. A damaged page is
    read as far as a browser would read it.
    """
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii", "replace") if declared else None
    markup, encoding = decode(data, file, name)
    page = parsed(markup, file)
    return "" if page is None else "\n".join(_Writer().lines(page)), encoding


class _Writer:
    """Walks a page once, without recursion: pages nest deeper than Python's stack."""

    def __init__(self) -> None:
        self._line: list[str] = []
        self._tables: list[Rows] = []

    def lines(self, page: Element) -> Iterator[str]:
        nested = _holding_tables(page)
        steps = walk(page)
        for event, element in steps:
            tag = tag_of(element)
            whole = tag in _DROPPED or tag in _KEPT_AS_IS or (tag == "tr" and element not in nested)
            if event == "start":
                if whole:
                    steps.skip_subtree()
                    yield from self._whole(element, tag)
                else:
                    yield from self._opened(tag)
                    self._line.append(element.text or "")
            else:
                if not whole:
                    yield from self._closed(tag)
                if element is not page:
                    self._line.append(element.tail or "")
        yield from self._flushed()

    def _whole(self, element: Element, tag: str) -> Iterator[str]:
        if tag in _DROPPED:
            return
        yield from self._flushed()
        if tag in _KEPT_AS_IS:
            yield from "".join(element.itertext()).splitlines()
        else:
            rows = self._tables[-1] if self._tables else Rows()
            yield row(rows.cells(element))

    def _opened(self, tag: str) -> Iterator[str]:
        if tag not in _INLINE:
            yield from self._flushed()
        if tag == "table":
            self._tables.append(Rows())
            yield ""

    def _closed(self, tag: str) -> Iterator[str]:
        if tag not in _INLINE:
            yield from self._flushed()
        if tag == "table":
            self._tables.pop()
            yield ""

    def _flushed(self) -> Iterator[str]:
        line = " ".join("".join(self._line).split())
        self._line.clear()
        if line:
            yield line


def _holding_tables(page: Element) -> set[Element]:
    """The rows that hold a table themselves: a layout, whose cells are pieces of a page."""
    holding: set[Element] = set()
    for table in page.iter("table"):
        for ancestor in table.iterancestors("tr"):
            if ancestor in holding:
                break
            holding.add(ancestor)
    return holding

"""The little of lxml that is used here, with types (the library ships without)."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Protocol

from extractor.sources.problems import Problem


class Element(Protocol):
    """A node of a page: ``text`` stands before its children, ``tail`` behind its own end."""

    tag: object
    text: str | None
    tail: str | None

    def get(self, key: str) -> str | None: ...
    def iter(self, tag: str) -> Iterator[Element]: ...
    def iterancestors(self, tag: str) -> Iterator[Element]: ...
    def itertext(self) -> Iterator[str]: ...
    def __iter__(self) -> Iterator[Element]: ...
    def __len__(self) -> int: ...


class Walk(Protocol):
    """Steps of ``("start" | "end", element)`` in the page's order, without recursion."""

    def skip_subtree(self) -> None: ...
    def __iter__(self) -> Iterator[tuple[str, Element]]: ...


def parsed(markup: str, file: object) -> Element | None:
    """The root of a page, read as forgivingly as a browser reads it; ``None`` without content.

    Raises :class:`Problem` ``too_deep`` where the parser gave up and left out the rest: a page
    nested more than 2,048 elements deep.
    """
    etree = _etree()
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        page = etree.fromstring(markup.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        page = None
    for entry in parser.error_log:
        if entry.level_name == "FATAL":
            raise Problem("too_deep", file)
    return page


def walk(element: Element) -> Walk:
    return _etree().iterwalk(element, events=("start", "end"))


def tag_of(element: Element) -> str:
    """The element's name; the empty string for what is no element (an entity reference)."""
    return element.tag.lower() if isinstance(element.tag, str) else ""


def _etree() -> Any:
    # Importing lxml takes longer than reading a page, and most archives hold none.
    return import_module("lxml.etree")

"""Crossfoot: text in, checked and scored records out.

>>> from extractor import load, read_document
>>> checked = read_document(load("eval/gold/documents/jiangqiao-2024.tsv"))
>>> checked.forms[0].record["funds"]["total"]["executed"]
'3.46'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extractor.errors import ArchiveError, CrossfootError, SourceError
    from extractor.families import FAMILIES, family_of
    from extractor.pipeline import CHECK_SET, read_document
    from extractor.sources import load, walk
    from extractor.store import Store
    from extractor.types import CheckedDocument, CheckedForm, Document, Entry, Finding, Span

__all__ = [
    "CHECK_SET",
    "FAMILIES",
    "ArchiveError",
    "CheckedDocument",
    "CheckedForm",
    "CrossfootError",
    "Document",
    "Entry",
    "Finding",
    "SourceError",
    "Span",
    "Store",
    "family_of",
    "load",
    "read_document",
    "walk",
]

_ROOMS = {
    "errors": ("ArchiveError", "CrossfootError", "SourceError"),
    "families": ("FAMILIES", "family_of"),
    "pipeline": ("CHECK_SET", "read_document"),
    "sources": ("load", "walk"),
    "store": ("Store",),
    "types": ("CheckedDocument", "CheckedForm", "Document", "Entry", "Finding", "Span"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    # Importing every room takes a fifth of a second, which `crossfoot --help` need not spend.
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)

"""Up to which act of its reviewers an export is: the head of each document's chain.

``crossfoot audit --expect HEAD`` proves later that the chain still holds what the export was made
from, and that nothing was changed or cut off.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractor.export_columns import Column, Row, named
from extractor.store import Store
from extractor.store_effort import received

NAME = "reviews"


def heads_of(store: Store) -> dict[str, str]:
    """``{document: head}``, both as hashes, of documents that somebody acted on.

    A document on which something is being done at this very moment, so that its forms do not stand
    as its operations say, has none: to say the last one would be untrue.
    """
    behind = set(store.behind())
    return {document: head for document, head in store.heads().items() if document not in behind}


def head_columns(lang: str) -> list[Column]:
    """Those of :func:`head_rows`."""
    widths = {"document": 28, "sha256": 66, "head": 66, "operations": 8, "people": 28}
    return named(lang, wrap=False, **widths, last=30, conflicts=10)


def head_rows(store: Store) -> Iterator[Row]:
    """A row for each document that somebody acted on, by path: the document, its hash, its head,
    how many operations there are, by whom, when the archive got the last one (ISO 8601, UTC), and
    how many of them do not count, because they contradict others or fit nothing any more."""
    heads = heads_of(store)
    found: dict[str, Row] = {}
    for mine in received(store):
        name = mine[0].operation.document
        people = dict.fromkeys(one.operation.person for one in mine)
        open_ = len(store.conflicts(name))
        found[name] = [heads.get(name), len(mine), "; ".join(people), mine[-1].at, open_]
    paths = store.paths(found)
    for name in sorted(found, key=lambda name: (paths[name], name)):
        yield [paths[name], name, *found[name]]

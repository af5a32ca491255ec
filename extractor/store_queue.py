"""What is left to review in the archive, in the order of work.

The queue holds the open forms of current documents. Documents stay together, and so do those of one
unit (the issuer of a document's gravest form); both go by their gravest form, see
:func:`extractor.worklist.cost_of`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from sqlite_utils import Database

from extractor.store_filters import Filters, wanted_of


class Queued(NamedTuple):
    """A form in the queue.

    ``form`` is its id, ``number`` its number in the document. ``errors`` counts all of its errors,
    ``flagged`` the fields that want a person, ``unread`` cells that nothing claims. ``leased_by``
    has its document just now. ``conflicts``: operations on it, or on its document, do not count;
    ``submitted``: somebody has submitted its document.
    """

    form: int
    document: str
    path: str
    number: int
    span_start: int
    family: str
    title: str | None
    year: int | None
    issuer: str | None
    project_name: str | None
    errors: int
    flagged: int
    unread: int
    cost: float
    batch: int
    leased_by: str | None
    conflicts: bool
    submitted: bool


class QueuePage(NamedTuple):
    """Some rows of the queue, and how many open forms, documents and fields all of it has."""

    rows: list[Queued]
    forms: int
    documents: int
    fields: int


_Pile = tuple[int, float, str | None, int, int]
"""A document in the queue: its gravest cost, its unit, and numbers of open forms and fields. There
are tens of thousands of them, so they stay what SQLite gives."""


class _Units(NamedTuple):
    """The documents of the queue by unit, the units in the order of work, and how many open forms
    and fields there are."""

    piles: list[list[_Pile]]
    forms: int
    fields: int

    def in_order(self) -> Iterator[_Pile]:
        for unit in self.piles:
            yield from sorted(unit, key=_gravest)


# Of forms that cost the same the first gives the unit: the numbers break the tie.
_PILES = """
    SELECT f.document, max(f.cost - f.number * 1e-9), f.issuer, count(*),
        sum(f.flagged + f.unread)
    FROM forms AS f WHERE {wanted}
    GROUP BY f.document
"""
_ROWS = """
    SELECT f.document, f.id, d.sha256, d.path, f.number, f.span_start, f.family, f.title, f.year,
        f.issuer, f.project_name, f.errors, f.flagged, f.unread, f.cost, d.batch,
        (SELECT l.person FROM leases AS l
            WHERE l.document = d.sha256 AND l.until > ?),
        EXISTS (SELECT 1 FROM reviews AS v WHERE v.reading = f.id AND v.conflicts <> '[]')
            OR EXISTS (SELECT 1 FROM reviewed AS v
                WHERE v.document = f.document AND v.conflicts <> '[]'),
        EXISTS (SELECT 1 FROM operations AS o
            WHERE o.document = d.sha256 AND json_extract(o.content, '$.act') = 'submit')
    FROM forms AS f JOIN documents AS d ON d.id = f.document
    WHERE f.document IN (SELECT value FROM json_each(?)) AND {wanted}
    ORDER BY f.number
"""


def page(db: Database, filters: Filters, offset: int, limit: int, now: float) -> QueuePage:
    """See ``Store.queue``; ``now`` is in seconds since 1970."""
    wanted, values = wanted_of(db, filters)
    units = _units(db, wanted, values)
    shown: list[int] = []
    before = skipped = 0
    for document, _, _, forms, _ in units.in_order():
        if before >= offset + limit:
            break
        if before + forms > offset:
            skipped = skipped if shown else offset - before
            shown.append(document)
        before += forms
    rows = _rows(db, shown, wanted, values, now)[skipped : skipped + limit]
    return QueuePage(rows, units.forms, sum(map(len, units.piles)), units.fields)


def _rows(
    db: Database, documents: Sequence[int], wanted: str, values: Sequence[Any], now: float
) -> list[Queued]:
    """The forms of some documents, in their order."""
    order = {document: number for number, document in enumerate(documents)}
    named = (now, orjson.dumps(documents).decode(), *values)
    found = db.conn.execute(_ROWS.format(wanted=wanted), named).fetchall()
    found.sort(key=lambda row: order[row[0]])
    return [Queued(*row[1:-2], conflicts=bool(row[-2]), submitted=bool(row[-1])) for row in found]


def next_document(
    db: Database, after: str | None, filters: Filters, bench: str, now: float
) -> str | None:
    """See ``Store.next_in_queue``."""
    piles = list(_units(db, *wanted_of(db, filters)).in_order())
    held = {
        document
        for (document,) in db.conn.execute(
            "SELECT d.id FROM leases AS l JOIN documents AS d ON d.sha256 = l.document "
            "WHERE l.until > ? AND l.bench <> ?",
            (now, bench),
        )
    }
    left = db.conn.execute(
        "SELECT d.id, (SELECT f.issuer FROM forms AS f WHERE f.document = d.id "
        "ORDER BY f.cost DESC, f.number LIMIT 1) FROM documents AS d WHERE d.sha256 = ?",
        (after,),
    ).fetchone() or (None, None)
    start = _place_after(piles, *left)
    for pile in (*piles[start:], *piles[:start]):
        if pile[0] != left[0] and pile[0] not in held:
            query = "SELECT sha256 FROM documents WHERE id = ?"
            return db.conn.execute(query, (pile[0],)).fetchone()[0]
    return None


def _place_after(piles: Sequence[_Pile], document: int | None, unit: str | None) -> int:
    """Where work goes on: after the document, where it is settled with the first of its unit."""
    if document is None:
        return 0
    for number, pile in enumerate(piles):
        if pile[0] == document:
            return number + 1
    return next((number for number, pile in enumerate(piles) if pile[2] == unit), 0)


def _units(db: Database, wanted: str, values: Sequence[Any]) -> _Units:
    """A document of which no issuer is known is a unit by itself."""
    units: dict[str | int, list[_Pile]] = {}
    forms = fields = 0
    for pile in db.conn.execute(_PILES.format(wanted=wanted), values):
        units.setdefault(pile[0] if pile[2] is None else pile[2], []).append(pile)
        forms += pile[3]
        fields += pile[4]
    first = [(*min(map(_gravest, piles)), piles) for piles in units.values()]
    first.sort(key=lambda one: (one[0], one[2][0][2] or "", one[1]))
    return _Units([piles for *_, piles in first], forms, fields)


def _gravest(pile: _Pile) -> tuple[float, int]:
    """Sorts the documents of a unit: the gravest first, then as they came into the archive."""
    return -pile[1], pile[0]

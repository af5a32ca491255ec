"""The operations of reviewers in the archive: appended, never changed, chained by their hashes.

The operations on one document form a chain: the hash of each is that of its content and of the
hash before it. Whoever changes, removes or inserts a row breaks the chain there; whoever cuts off
its end leaves another head than the one that was shown when a reviewer submitted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlite_utils import Database

from extractor.errors import ArchiveError
from extractor.operations import Operation
from extractor.store_evidence import pack
from extractor.store_writing import redraw_current
from extractor.types import CheckedForm

_APPEND = """
    INSERT INTO operations (document, id, content, received, before, hash)
    VALUES (?, ?, ?, ?, ?, ?)
"""
_LAST = "SELECT hash FROM operations WHERE document = ? ORDER BY seq DESC LIMIT 1"
_NAMES = tuple(field.name for field in fields(Operation))
_LISTS = ("against", "seen")


class Broken(NamedTuple):
    """Where a chain does not hold: the row, its document (none where it is gone), and why."""

    seq: int
    document: str
    why: str


def append(db: Database, operations: Sequence[Operation]) -> list[str]:
    """Appends what is not there yet, in the order given; the ids that are there now.

    Sending an operation again changes nothing. Raises :class:`ArchiveError` where an id comes again
    with another content: nothing is written then.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    kept: list[str] = []
    for one in operations:
        content = content_of(one)
        there = db.conn.execute("SELECT content FROM operations WHERE id = ?", (one.id,)).fetchone()
        if there is None:
            (before,) = db.conn.execute(_LAST, (one.document,)).fetchone() or ("",)
            values = (one.document, one.id, content, now, before, chained(before, content))
            db.conn.execute(_APPEND, values)
        elif there[0] != content:
            raise ArchiveError(f"operation {one.id} is in the archive with another content")
        kept.append(one.id)
    return kept


def of_document(db: Database, document: str) -> list[Operation]:
    """The operations on one document, by the hash of its bytes, in the order of arrival."""
    rows = db.conn.execute(
        "SELECT content FROM operations WHERE document = ? ORDER BY seq", (document,)
    )
    return [operation_of(content) for (content,) in rows]


def clock_of(db: Database, document: str) -> int | None:
    """The highest clock of the operations on a document; ``None`` where there is no such one."""
    if document_of(db, document) is None:
        return None
    row = db.conn.execute(
        "SELECT max(json_extract(content, '$.clock')) FROM operations WHERE document = ?",
        (document,),
    ).fetchone()
    return row[0] or 0


def heads(db: Database) -> dict[str, str]:
    """``{document: hash of its last operation}``."""
    return dict(
        db.conn.execute(
            "SELECT document, hash FROM operations WHERE seq IN "
            "(SELECT max(seq) FROM operations GROUP BY document) ORDER BY document"
        ).fetchall()
    )


def broken(db: Database) -> Iterator[Broken]:
    """Every row at which a chain does not hold, in the order of the rows.

    Rows are numbered without gaps, so one that was removed is missed even where its document has no
    other; that somebody who also sets the count back is not caught, heads are shown for.
    """
    last: dict[str, str] = {}
    due = 1
    rows = db.conn.execute(
        "SELECT seq, document, id, content, before, hash FROM operations ORDER BY seq"
    )
    for seq, document, name, content, before, hash_ in rows:
        for gone in range(due, seq):
            yield Broken(gone, "", "gone")
        due = seq + 1
        if before != last.get(document, ""):
            yield Broken(seq, document, "before")
        elif chained(before, content) != hash_:
            yield Broken(seq, document, "content")
        elif _named(content) != (name, document):
            yield Broken(seq, document, "name")
        last[document] = hash_
    (count,) = db.conn.execute(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'operations'"
    ).fetchone()
    for gone in range(due, count + 1):
        yield Broken(gone, "", "gone")


def _named(content: str) -> tuple[str, str] | None:
    try:
        told = orjson.loads(content)
        return told["id"], told["document"]
    except (ValueError, KeyError, TypeError):
        return None


def chained(before: str, content: str) -> str:
    """The hash of an operation after another one."""
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def content_of(operation: Operation) -> str:
    """An operation as it is kept: JSON with sorted names, so that the same one is the same text."""
    return orjson.dumps(asdict(operation), option=orjson.OPT_SORT_KEYS).decode()


def operation_of(content: str) -> Operation:
    told: dict[str, Any] = orjson.loads(content)
    told |= {name: tuple(told[name]) for name in _LISTS}
    return Operation(**{name: told[name] for name in _NAMES})


_STALE = """
    SELECT DISTINCT d.sha256 FROM documents AS d
    JOIN operations AS o ON o.document = d.sha256
    JOIN readings AS r ON r.document = d.id
    LEFT JOIN reviews AS v ON v.reading = r.id
    WHERE v.head IS NOT
        (SELECT hash FROM operations WHERE document = d.sha256 ORDER BY seq DESC LIMIT 1)
    ORDER BY d.id
"""
_PUT = """
    INSERT INTO reviews (reading, head, record, evidence, exact, conflicts)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (reading) DO UPDATE SET head = excluded.head, record = excluded.record,
        evidence = excluded.evidence, exact = excluded.exact, conflicts = excluded.conflicts
"""


def paths(db: Database, documents: Iterable[str]) -> dict[str, str]:
    """The path of each document by its hash, the hash itself where there is none."""
    known: dict[str, str] = dict(db.conn.execute("SELECT sha256, path FROM documents").fetchall())
    return {name: known.get(name, name) for name in documents}


class Drawn(NamedTuple):
    """A reading as its reviewers left it, and the ids of operations that do not count, with why."""

    reading: int
    form: CheckedForm
    conflicts: tuple[tuple[str, str], ...]


def stale(db: Database) -> list[str]:
    """Documents whose forms do not stand as their operations say: some came since, or the document
    was read again."""
    return [sha256 for (sha256,) in db.conn.execute(_STALE)]


def document_of(db: Database, sha256: str) -> int | None:
    """The row of a document by the hash of its bytes."""
    row = db.conn.execute("SELECT id FROM documents WHERE sha256 = ?", (sha256,)).fetchone()
    return row[0] if row else None


def put_reviews(db: Database, document: int, text: str, head: str, drawn: Sequence[Drawn]) -> None:
    """Stores the readings of a document as its reviewers left them up to ``head``."""
    for reading, form, conflicts in drawn:
        told = orjson.dumps(conflicts).decode()
        db.conn.execute(_PUT, (reading, head, *pack(form, text), told))
    redraw_current(db, document)


def conflicts_of(db: Database, sha256: str) -> list[tuple[int, str, str]]:
    """``(form, operation, why)`` of every operation on a document that does not count."""
    rows = db.conn.execute(
        "SELECT r.number, v.conflicts FROM documents AS d JOIN readings AS r ON r.document = d.id "
        "JOIN reviews AS v ON v.reading = r.id WHERE d.sha256 = ? ORDER BY r.number",
        (sha256,),
    )
    return [(form, *one) for form, told in rows for one in orjson.loads(told)]

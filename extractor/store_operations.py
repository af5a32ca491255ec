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


def head_of(db: Database, document: str) -> str | None:
    """The hash of the last operation on a document."""
    row = db.conn.execute(_LAST, (document,)).fetchone()
    return row[0] if row else None


def is_kept(db: Database, head: str) -> bool:
    """Whether some operation has this hash, or one that begins so."""
    query = "SELECT EXISTS (SELECT 1 FROM operations WHERE substr(hash, 1, ?) = ?)"
    return bool(db.conn.execute(query, (len(head), head.lower())).fetchone()[0])


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
    """An operation as it is kept: JSON with sorted names, so that the same one is the same text.

    What was added to operations later is left out where it says nothing: an operation from before
    is sent again as it was.
    """
    told = asdict(operation)
    if told["label"] is None:
        del told["label"]
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def operation_of(content: str) -> Operation:
    """The inverse; what the content does not say is as if it said nothing."""
    told: dict[str, Any] = orjson.loads(content)
    told |= {name: tuple(told[name]) for name in _LISTS if name in told}
    return Operation(**{name: told[name] for name in _NAMES if name in told})


_STALE = """
    SELECT d.sha256 FROM (
        SELECT document, hash FROM operations
        WHERE seq IN (SELECT max(seq) FROM operations GROUP BY document)) AS last
    JOIN documents AS d ON d.sha256 = last.document
    LEFT JOIN reviewed AS w ON w.document = d.id
    WHERE w.head IS NOT last.hash OR EXISTS (
        SELECT 1 FROM readings AS r LEFT JOIN reviews AS v ON v.reading = r.id
        WHERE r.document = d.id AND v.head IS NOT last.hash)
    ORDER BY d.id
"""
_UP_TO = """
    SELECT count(*) FROM operations WHERE document = :sha256 AND seq <= (
        SELECT o.seq FROM reviewed AS w JOIN operations AS o ON o.hash = w.head
        WHERE w.document = :document AND o.document = :sha256
            AND NOT EXISTS (
                SELECT 1 FROM readings AS r LEFT JOIN reviews AS v ON v.reading = r.id
                WHERE r.document = w.document AND v.head IS NOT w.head))
"""
_CONFLICTS = """
    SELECT r.number AS form, v.conflicts
    FROM documents AS d JOIN readings AS r ON r.document = d.id
    JOIN reviews AS v ON v.reading = r.id WHERE d.sha256 = :sha256
    UNION ALL
    SELECT NULL, w.conflicts FROM documents AS d JOIN reviewed AS w ON w.document = d.id
    WHERE d.sha256 = :sha256
    ORDER BY form NULLS LAST
"""
_PUT_MARKED = """
    INSERT INTO readings (document, number, batch, marked, record, evidence, exact)
    SELECT id, ?, batch, 1, ?, ?, ? FROM documents WHERE id = ? RETURNING id
"""
_MOVE_MARKED = "UPDATE readings SET number = ?, record = ?, evidence = ?, exact = ? WHERE id = ?"
_PUT_REVIEWED = """
    INSERT INTO reviewed (document, head, conflicts) VALUES (?, ?, ?)
    ON CONFLICT (document) DO UPDATE SET head = excluded.head, conflicts = excluded.conflicts
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
    """A form as its reviewers left it, and the ids of operations that do not count, with why.

    ``machine`` is its reading; ``form`` is ``None`` where it stands in the archive as it is.
    """

    machine: CheckedForm
    form: CheckedForm | None
    conflicts: tuple[tuple[str, str], ...] = ()


def stale(db: Database) -> list[str]:
    """Documents that do not stand as their operations say: some came since, or the document was
    read again."""
    return [sha256 for (sha256,) in db.conn.execute(_STALE)]


def document_of(db: Database, sha256: str) -> int | None:
    """The row of a document by the hash of its bytes."""
    row = db.conn.execute("SELECT id FROM documents WHERE sha256 = ?", (sha256,)).fetchone()
    return row[0] if row else None


def drawn_up_to(db: Database, document: int, sha256: str) -> int:
    """How many operations on a document, from the first, all of it was drawn from already."""
    names = {"document": document, "sha256": sha256}
    return db.conn.execute(_UP_TO, names).fetchone()[0]


def put_reviews(
    db: Database,
    document: int,
    text: str,
    head: str,
    read: Sequence[int],
    drawn: Sequence[Drawn],
    conflicts: Sequence[tuple[str, str]],
) -> None:
    """Stores the forms of a document as its reviewers left them up to ``head``.

    The first of ``drawn`` are the readings with the ids ``read``, the others are those that a
    person marked. ``conflicts`` are operations that fit no form.
    """
    marked = _put_marked(db, document, text, [one.machine for one in drawn[len(read) :]])
    changed: list[int] = []
    for reading, (_, form, told) in zip([*read, *marked], drawn, strict=True):
        if form is None:
            db.conn.execute("UPDATE reviews SET head = ? WHERE reading = ?", (head, reading))
            continue
        changed.append(reading)
        said = orjson.dumps(told).decode()
        db.conn.execute(_PUT, (reading, head, *pack(form, text), said))
    db.conn.execute(_PUT_REVIEWED, (document, head, orjson.dumps(conflicts).decode()))
    redraw_current(db, document, changed)


def _put_marked(db: Database, document: int, text: str, forms: Sequence[CheckedForm]) -> list[int]:
    """Lets exactly these be the marked forms of a document; those that stay keep their ids."""
    rows = db.conn.execute(
        "SELECT json_extract(evidence, '$.span[0]'), id FROM readings "
        "WHERE document = ? AND marked",
        (document,),
    ).fetchall()
    ids: dict[int, int] = dict(rows)
    # Out of the way first: the numbers of two may change places.
    db.conn.execute("UPDATE readings SET number = -id WHERE document = ? AND marked", (document,))
    kept: list[int] = []
    for form in forms:
        there, packed, number = ids.get(form.form.span.start), pack(form, text), form.form.index
        if there is not None:
            db.conn.execute(_MOVE_MARKED, (number, *packed, there))
        else:
            values = (number, *packed, document)
            ((there,),) = db.conn.execute(_PUT_MARKED, values).fetchall()
        kept.append(there)
    gone = [(one,) for one in ids.values() if one not in kept]
    db.conn.executemany("DELETE FROM readings WHERE id = ?", gone)
    return kept


def conflicts_of(db: Database, sha256: str) -> list[tuple[int | None, str, str]]:
    """``(form, operation, why)`` of every operation on a document that does not count; ``form`` is
    its number now, none where it fits no form."""
    rows = db.conn.execute(_CONFLICTS, {"sha256": sha256})
    return [(form, *one) for form, told in rows for one in orjson.loads(told)]

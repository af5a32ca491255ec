"""How a document goes into the archive: its bytes, the places it is found in, its readings.

All of it runs inside a transaction that the caller has begun (``store_upgrade.immediate``), so what
is read first cannot have changed when it is acted on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import orjson
from sqlite_utils import Database

from extractor.readers import VERSION
from extractor.store_evidence import Packed, exact_bytes, exact_text, readable, unpack
from extractor.store_tables import draw, erase
from extractor.types import CheckedDocument, CheckedForm

_CHECK_SET = "(SELECT check_set FROM batches WHERE id = :batch)"

_INSERT_DOCUMENT = f"""
    INSERT INTO documents (root, path, version, current, sha256, encoding, check_set, batch,
        titles, untitled, tail_start, tail_end, text, exact, method, weighed, reader_version)
    VALUES (:root, :path, :version, 1, :sha256, :encoding, {_CHECK_SET}, :batch,
        :titles, :untitled, :tail_start, :tail_end, :text, :exact, :method, :weighed,
        :reader_version)
"""
_UPDATE_DOCUMENT = f"""
    UPDATE documents SET encoding = :encoding, check_set = {_CHECK_SET}, batch = :batch,
        titles = :titles, untitled = :untitled, tail_start = :tail_start, tail_end = :tail_end,
        text = :text, exact = :exact, method = :method, weighed = :weighed,
        reader_version = :reader_version
    WHERE id = :id
"""
_INSERT_PLACE = """
    INSERT INTO places (root, path, version, current, document, batch)
    VALUES (?, ?, ?, 1, ?, ?)
"""
# A document goes by the first of the places where it is current; the update is skipped where
# nothing changes, because it would write the whole text again.
_NAMED = """
    (SELECT root, path, version, current FROM places WHERE document = :document
        ORDER BY current DESC, id LIMIT 1)
"""
_NAME_DOCUMENT = f"""
    UPDATE documents SET (root, path, version, current) = {_NAMED}
    WHERE id = :document AND (root, path, version, current) IS NOT {_NAMED}
"""
_INSERT_REFUSED = """
    INSERT INTO refused (document, position, span_start, span_end, title, code, reason_zh,
        reason_en)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_PUT_READING = """
    INSERT INTO readings (document, number, batch, record, evidence, exact)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (document, number) DO UPDATE SET batch = excluded.batch,
        record = excluded.record, evidence = excluded.evidence, exact = excluded.exact
    RETURNING id
"""


def key_text(name: str) -> str:
    """A root or path as a key: what is no UTF-8 in a file's name becomes ``\\udc…``."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def put_document(
    db: Database,
    batch: int,
    checked: CheckedDocument,
    packed: Sequence[Packed],
    method: str,
    weighed: int,
) -> None:
    """Store a document with its place and readings; ``packed`` are its forms."""
    document = checked.document
    row, fresh = _put_text(db, batch, checked, method, weighed)
    put_place(db, batch, document.root, document.path, row, fresh=fresh)
    if not fresh:
        _clear(db, row, [form.form.index for form in checked.forms])
    _put_refused(db, row, checked)
    ids: list[int] = []
    for form, item in zip(checked.forms, packed, strict=True):
        ((reading,),) = db.conn.execute(_PUT_READING, (row, form.form.index, batch, *item))
        ids.append(reading)
    _draw(db, row, ids, checked.forms, packed)


def put_place(
    db: Database, batch: int, root: str, path: str, document: int, *, fresh: bool = False
) -> None:
    """Let a stored document be what is found at (root, path) from now on.

    A ``fresh`` document was just inserted under that name.
    """
    place, there, version = _former(db, root, path)
    if there == document:
        db.conn.execute("UPDATE places SET batch = ? WHERE id = ?", (batch, place))
        return
    if there is not None:
        db.conn.execute("UPDATE places SET current = 0 WHERE id = ?", (place,))
        _name(db, there)
    values = (key_text(root), key_text(path), version + 1, document, batch)
    db.conn.execute(_INSERT_PLACE, values)
    if not fresh:
        _name(db, document)


def redraw(db: Database, document: int, only: Collection[int] | None = None) -> None:
    """Draw the forms of a document again from its readings: an older version has come back.

    ``only`` are the ids of the readings to draw, where it is not all of them.
    """
    text, exact = db.conn.execute(
        "SELECT text, exact FROM documents WHERE id = ?", (document,)
    ).fetchone()
    rows = db.conn.execute(
        "SELECT id, number, record, evidence, exact FROM standing WHERE document = ? "
        "ORDER BY number",
        (document,),
    ).fetchall()
    rows = [row for row in rows if only is None or row[0] in only]
    packed = [Packed(*parts) for _, _, *parts in rows]
    text = exact_text(text, exact)
    forms = [unpack(item, text, row[1]) for item, row in zip(packed, rows, strict=True)]
    _draw(db, document, [row[0] for row in rows], forms, packed)


def redraw_current(db: Database, document: int, only: Collection[int] | None = None) -> None:
    """The same, where the document is current."""
    row = db.conn.execute("SELECT current FROM documents WHERE id = ?", (document,)).fetchone()
    if not row[0]:
        return
    if only is None:
        erase(db, document)
    else:
        db.conn.executemany("DELETE FROM forms WHERE id = ?", [(one,) for one in only])
    redraw(db, document, only)


def _former(db: Database, root: str, path: str) -> tuple[int | None, int | None, int]:
    """The current place (root, path): its row, its document, its version; version 0 is none."""
    found = db.conn.execute(
        "SELECT id, document, version FROM places WHERE root = ? AND path = ? AND current = 1",
        (key_text(root), key_text(path)),
    ).fetchone()
    return found or (None, None, 0)


def _put_text(
    db: Database, batch: int, checked: CheckedDocument, method: str, weighed: int
) -> tuple[int, bool]:
    """The row of the document and whether it is a new one."""
    document, tail = checked.document, checked.tail
    values: dict[str, Any] = {
        "root": key_text(document.root),
        "path": key_text(document.path),
        "version": _former(db, document.root, document.path)[2] + 1,
        "sha256": document.sha256,
        "encoding": document.encoding,
        "batch": batch,
        "titles": checked.titles,
        "untitled": checked.untitled,
        "tail_start": tail and tail.start,
        "tail_end": tail and tail.end,
        "text": readable(document.text),
        "exact": exact_bytes(document.text),
        "method": method,
        "weighed": weighed,
        "reader_version": VERSION,
    }
    known = db.conn.execute(
        "SELECT id FROM documents WHERE sha256 = ?", (document.sha256,)
    ).fetchone()
    if known:
        db.conn.execute(_UPDATE_DOCUMENT, values | {"id": known[0]})
        return known[0], False
    return int(db.conn.execute(_INSERT_DOCUMENT, values).lastrowid or 0), True


def _name(db: Database, document: int) -> None:
    """Let a document go by a place where it is current; without one its forms leave the tables."""
    db.conn.execute(_NAME_DOCUMENT, {"document": document})
    current = db.conn.execute("SELECT current FROM documents WHERE id = ?", (document,))
    if not current.fetchone()[0]:
        erase(db, document)


def _clear(db: Database, document: int, numbers: Sequence[int]) -> None:
    """Make room for another reading: readings with these numbers stay, to be overwritten.

    Forms that a person marked are found again with the operations that mark them.
    """
    erase(db, document)
    for table in ("refused", "reviewed"):
        db.conn.execute(f"DELETE FROM {table} WHERE document = ?", (document,))
    db.conn.execute(
        "DELETE FROM reviews WHERE reading IN (SELECT id FROM readings WHERE document = ?)",
        (document,),
    )
    db.conn.execute(
        "DELETE FROM readings WHERE document = ? "
        "AND (marked OR number NOT IN (SELECT value FROM json_each(?)))",
        (document, orjson.dumps(numbers).decode()),
    )


def _put_refused(db: Database, document: int, checked: CheckedDocument) -> None:
    db.conn.executemany(
        _INSERT_REFUSED,
        [
            (
                document, position, *refused.span, readable(refused.title), refused.code,
                refused.reason.get("zh"), refused.reason.get("en"),
            )
            for position, refused in enumerate(checked.refused)
        ],
    )  # fmt: skip


def _draw(
    db: Database,
    document: int,
    ids: Sequence[int],
    forms: Sequence[CheckedForm],
    packed: Sequence[Packed],
) -> None:
    odd = any(item.exact for item in packed)
    draw(db, document, zip(ids, forms, strict=True), substitute=odd)

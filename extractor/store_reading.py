"""What the archive is asked: its forms, their twins, its counts, a search for words."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any, cast

import orjson
from sqlite_utils import Database

from extractor.store_evidence import Packed, exact_text, readable, record_of, unpack
from extractor.twins import Twin, relate
from extractor.types import CheckedForm, Document

_DOCUMENTS = "SELECT id FROM documents WHERE current = 1 ORDER BY path, sha256"
_DOCUMENT = "SELECT root, path, text, exact, sha256, encoding FROM documents WHERE id = ?"
_READINGS = """
    SELECT f.number, r.record, r.evidence, r.exact
    FROM forms AS f JOIN standing AS r ON r.id = f.id
    WHERE f.document = ? AND (f.state = 'clear' OR NOT ?)
    ORDER BY f.span_start, f.number
"""
_TWINS = """
    SELECT f.identity, d.path, d.sha256, f.number, d.root, f.family, r.record, r.evidence, r.exact
    FROM forms AS f
    JOIN documents AS d ON d.id = f.document
    JOIN standing AS r ON r.id = f.id
    WHERE f.identity IN (
        SELECT identity FROM forms WHERE identity IS NOT NULL
        GROUP BY identity HAVING count(*) > 1)
    ORDER BY f.identity
"""
_SEARCH = """
    SELECT f.id AS form, d.path AS document, f.number, f.family, f.year, f.issuer, f.project_name,
        f.state, f.total_score, f.grade
    FROM forms AS f
    JOIN documents AS d ON d.id = f.document
    JOIN search_text AS s ON s.form = f.id
    WHERE NOT EXISTS (
        SELECT 1 FROM json_each(?) AS word WHERE s.text NOT LIKE word.value ESCAPE '\\')
    ORDER BY d.path, d.sha256, f.number
"""
_COUNTS = """
    SELECT
        (SELECT count(*) FROM documents WHERE current = 1) AS documents,
        (SELECT count(*) FROM places WHERE current = 1) AS places,
        (SELECT count(*) FROM documents WHERE current = 0) AS superseded,
        (SELECT coalesce(sum(titles), 0) FROM documents WHERE current = 1) AS titles,
        (SELECT coalesce(sum(untitled), 0) FROM documents WHERE current = 1) AS untitled,
        (SELECT count(tail_start) FROM documents WHERE current = 1) AS tails,
        (SELECT count(*) FROM refused AS x JOIN documents AS d ON d.id = x.document
            WHERE d.current = 1) AS refused,
        (SELECT count(*) FROM forms) AS read,
        (SELECT coalesce(sum(repeats), 0) FROM forms) AS repeats,
        (SELECT count(*) FROM open_failures) AS failed,
        (SELECT count(*) FROM batches) AS batches,
        (SELECT count(*) FROM batches WHERE finished IS NULL) AS unfinished
"""
_ONCE = """
    SELECT count(*) AS forms, coalesce(sum(state = 'clear'), 0) AS clear,
        coalesce(sum(state = 'open'), 0) AS open, coalesce(sum(fields), 0) AS fields,
        coalesce(sum(flagged), 0) AS flagged, coalesce(sum(unread), 0) AS unread,
        coalesce(sum(errors), 0) AS errors
    FROM forms_once
"""


@contextmanager
def snapshot(db: Database) -> Generator[None]:
    """A read transaction; inside another transaction nothing, for that is one already."""
    if db.conn.in_transaction:
        yield
        return
    db.conn.execute("BEGIN")
    try:
        yield
    finally:
        db.rollback()


def all_forms(db: Database, *, settled: bool) -> Iterator[tuple[Document, CheckedForm]]:
    """See ``Store.forms``. No statement stays open between two documents."""
    for (row,) in db.conn.execute(_DOCUMENTS).fetchall():
        with snapshot(db):
            readings = db.conn.execute(_READINGS, (row, settled)).fetchall()
            root, path, text, exact, sha256, encoding = db.conn.execute(
                _DOCUMENT, (row,)
            ).fetchone()
        document = Document(root, path, exact_text(text, exact), sha256, encoding)
        for number, *packed in readings:
            yield document, unpack(Packed(*packed), document.text, number)


def all_twins(db: Database) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """See ``Store.same_as_map``; one group of twins in memory at a time beside the result."""
    relations: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for _, group in groupby(db.conn.execute(_TWINS), key=lambda row: row[0]):
        relations |= relate(
            Twin(path, sha256, number, root, family, record_of(Packed(*packed)))
            for _, path, sha256, number, root, family, *packed in group
        )
    return relations


def counts(db: Database) -> dict[str, Any]:
    """See ``Store.stats``."""
    with snapshot(db):
        told = {**_rows(db, _COUNTS)[0], **_rows(db, _ONCE)[0]}
        for column in ("family", "year"):
            query = f"SELECT {column}, count(*) FROM forms_once GROUP BY 1 ORDER BY 1"
            told[f"by_{column}"] = dict(db.conn.execute(query).fetchall())
    return told


def found(db: Database, words: str) -> list[dict[str, Any]]:
    """See ``Store.search``."""
    patterns = [f"%{_literal(word)}%" for word in readable(words).split()]
    return _rows(db, _SEARCH, orjson.dumps(patterns).decode()) if patterns else []


def _rows(db: Database, query: str, *values: Any) -> list[dict[str, Any]]:
    return list(cast(Iterator[dict[str, Any]], db.query(query, values)))  # pyright: ignore[reportUnknownMemberType]


def _literal(word: str) -> str:
    """A word for LIKE in which ``%``, ``_`` and the escape itself mean themselves."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

"""What the archive is asked for the statistics of reviewing, and of its batches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from extractor.effort import Archive, Received, Touched
from extractor.signals import Class
from extractor.store import Store
from extractor.store_open import telling
from extractor.store_operations import operation_of

_RECEIVED = "SELECT document, content, received FROM operations ORDER BY document, seq"
_SUMS = """
    count(*), coalesce(sum(f.state = 'clear'), 0), coalesce(sum(f.fields), 0),
        coalesce(sum(f.flagged), 0)
"""
_ALL = f"SELECT {_SUMS} FROM forms AS f"
# What the view forms_once leaves out, by way of the few identities that come again: the view asks
# of each form, which takes most of a second of 100,000.
_AGAIN = f"""
    WITH again AS (
        SELECT identity FROM forms WHERE identity IS NOT NULL GROUP BY 1 HAVING count(*) > 1)
    SELECT {_SUMS}
    FROM forms AS f JOIN documents AS d ON d.id = f.document
    WHERE f.identity IN again AND EXISTS (
        SELECT 1 FROM forms AS t JOIN documents AS td ON td.id = t.document
        WHERE t.identity = f.identity
            AND (td.path, td.sha256, t.number) < (d.path, d.sha256, f.number))
"""
# Each form that somebody may have acted on, and the one of its twins that counts for it.
_TOUCHED = """
    SELECT d.sha256, f.span_start, c.id, c.state = 'clear', c.fields, c.flagged
    FROM (SELECT DISTINCT document FROM operations) AS o
    JOIN documents AS d ON d.sha256 = o.document
    JOIN forms AS f ON f.document = d.id
    JOIN forms AS c ON c.id = coalesce((
        SELECT t.id FROM forms AS t JOIN documents AS td ON td.id = t.document
        WHERE t.identity = f.identity ORDER BY td.path, td.sha256, t.number LIMIT 1), f.id)
"""
_QUALITY = """
    SELECT stratum, class, count(*), count(answered), coalesce(sum(wrong), 0)
    FROM labels WHERE how = 'sample' GROUP BY stratum, class
"""
_BATCHES = """
    SELECT id, started, finished, reader, model, summary FROM batches ORDER BY id DESC LIMIT ?
"""
_HOLDS = """
    SELECT d.batch, count(DISTINCT d.id), count(f.id), coalesce(sum(f.state = 'open'), 0),
        coalesce(sum(f.errors), 0)
    FROM documents AS d LEFT JOIN forms AS f ON f.document = d.id
    WHERE d.current = 1 GROUP BY d.batch
"""
_FAILED = "SELECT batch, count(*) FROM failures GROUP BY batch"
_FAILURES = """
    SELECT x.root, x.path, x.code, x.message,
        EXISTS (SELECT 1 FROM open_failures AS o WHERE o.id = x.id)
    FROM failures AS x WHERE x.batch = ? ORDER BY x.path, x.id LIMIT ?
"""


class Quality(NamedTuple):
    """Fields of one stratum and class that were drawn for a person to judge: how many, how many
    were answered, and how many of these were wrong."""

    stratum: str
    class_: Class
    drawn: int
    answered: int
    wrong: int


class Failed(NamedTuple):
    """A file that could not be read; ``open`` unless it was read since."""

    root: str
    path: str
    code: str
    message: str
    open: bool


class Batch(NamedTuple):
    """One run: when (ISO 8601, UTC), by which reader, what it came to (``None`` of one that was
    killed or still runs), and what of it the archive has now: current documents that were last read
    in this run, their forms, open ones, and failing sums of error."""

    number: int
    started: str
    finished: str | None
    reader: str
    model: str | None
    summary: dict[str, Any] | None
    documents: int
    forms: int
    open: int
    errors: int
    failed: int


def received(store: Store) -> Iterator[list[Received]]:
    """Every operation of an archive, those on one document together, in the order of arrival.

    One document at a time, so that 50,000 operations are not all in memory.
    """
    with telling(store.path):
        rows = store.db.conn.execute(_RECEIVED)
        for _, mine in groupby(rows, key=itemgetter(0)):
            yield [Received(operation_of(content), at) for _, content, at in mine]


def archive_of(store: Store) -> Archive:
    """The counts of an archive, and the forms in documents that somebody acted on."""
    with store.snapshot():
        whole = store.db.conn.execute(_ALL).fetchone()
        again = store.db.conn.execute(_AGAIN).fetchone()
        rows = store.db.conn.execute(_TOUCHED).fetchall()
    mine = [
        Touched(sha256, start, counted, bool(clear), *sizes)
        for sha256, start, counted, clear, *sizes in rows
    ]
    forms, clear, fields, flagged = (one - other for one, other in zip(whole, again, strict=True))
    return Archive(forms, clear, fields, flagged, mine)


def quality(store: Store) -> list[Quality]:
    """What people were asked of accepted fields drawn at random, by stratum and class."""
    with telling(store.path):
        return [Quality._make(row) for row in store.db.conn.execute(_QUALITY)]


def batches_of(store: Store, most: int) -> list[Batch]:
    """The newest runs, at most so many, the newest first."""
    with store.snapshot():
        rows = store.db.conn.execute(_BATCHES, (most,)).fetchall()
        holds = {batch: had for batch, *had in store.db.conn.execute(_HOLDS)}
        failed = dict(store.db.conn.execute(_FAILED).fetchall())
    return [
        Batch._make(
            (
                *run,
                orjson.loads(told) if told else None,
                *holds.get(run[0], (0, 0, 0, 0)),
                failed.get(run[0], 0),
            )
        )
        for *run, told in rows
    ]


def failures(store: Store, batch: int, most: int) -> list[Failed]:
    """The files that could not be read in a run, at most so many, by path."""
    with telling(store.path):
        rows = store.db.conn.execute(_FAILURES, (batch, most)).fetchall()
    return [Failed._make((*told, bool(is_open))) for *told, is_open in rows]

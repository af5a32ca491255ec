"""The archive: one SQLite file that holds every document, its forms, and the evidence for them.

A document is known by its bytes (``sha256``) and found under one or more places (root, path).
The same bytes in another place are no new document; other bytes in a known place are a new version
there, and only documents that are current in some place are counted, searched and exported. The
tables are described in :mod:`extractor.migrations`; plain ``sqlite3`` and Datasette read them.

Every call that writes is one transaction. Killed at any moment, the archive holds every document
up to the last one saved, whole; running the same command again goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import orjson

from extractor import store_reading, store_writing
from extractor.errors import ArchiveError
from extractor.readers import VERSION
from extractor.store_books import BY as COSTS_BY
from extractor.store_books import ArchiveBooks, calls_by_question, sums
from extractor.store_evidence import pack, readable
from extractor.store_open import PATIENCE, is_sqlite, telling
from extractor.store_upgrade import copy_database
from extractor.store_work import WorkStore
from extractor.types import CheckedDocument, CheckedForm, Document

__all__ = ["COSTS_BY", "PATIENCE", "TRIES", "Known", "Store"]

Known = Literal["new", "same", "changed", "place", "stale", "set_aside"]

_KNOWN = """
    SELECT
        (SELECT d.sha256 FROM places AS p JOIN documents AS d ON d.id = p.document
            WHERE p.root = :root AND p.path = :path AND p.current = 1),
        (SELECT check_set FROM documents WHERE sha256 = :sha256),
        (SELECT method FROM documents WHERE sha256 = :sha256),
        (SELECT reader_version FROM documents WHERE sha256 = :sha256),
        EXISTS (SELECT 1 FROM open_failures WHERE root = :root AND path = :path),
        (SELECT count(*) FROM failures AS x WHERE x.root = :root AND x.path = :path
            AND x.sha256 = :sha256 AND x.batch > coalesce((SELECT max(p.batch) FROM places AS p
                WHERE p.root = :root AND p.path = :path), 0))
"""
TRIES = 3
"""Runs that may fail on the same bytes before they are set aside."""


class Store(WorkStore):
    """An open archive; ``with Store.open(path) as store: …`` closes it.

    Documents go in by :meth:`save` under a batch and come out by :meth:`forms`. A ``Store``
    belongs to one thread; several processes may each open the same archive and write. Broken
    machinery raises :class:`ArchiveError`, which names the file and says what to do.
    """

    def start_batch(
        self,
        reader: str,
        check_set: str,
        model: str | None = None,
        endpoint: str | None = None,
        consent: Mapping[str, Any] | None = None,
    ) -> int:
        """Note that a run begins; its number goes with everything that the run writes.

        ``consent`` is what a person agreed to before anything left this machine, and how.
        """
        agreed = None if consent is None else orjson.dumps(dict(consent)).decode()
        with self.writing():
            cursor = self.db.conn.execute(
                "INSERT INTO batches (started, reader, check_set, model, endpoint, consent) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (_now(), reader, check_set, model, endpoint, agreed),
            )
            return int(cursor.lastrowid or 0)

    def books(self, batch: int) -> ArchiveBooks:
        """The books in which a run enters its calls to a model."""
        return ArchiveBooks(self.db, batch, self.writing)

    def costs(self, by: str) -> list[dict[str, Any]]:
        """Calls and tokens of models by ``batch``, ``document`` or ``form``.

        ``unknown`` calls brought no bill; they took ``most_input`` and ``most_output`` at most.
        """
        with telling(self.path):
            return sums(self.db, by)

    def finish_batch(self, batch: int, summary: Mapping[str, Any]) -> None:
        """Note that a run came to its end, and to what. A batch without an end was killed."""
        told = orjson.dumps(dict(summary)).decode()
        with self.writing():
            self.db.conn.execute(
                "UPDATE batches SET finished = ?, summary = ? WHERE id = ?", (_now(), told, batch)
            )

    def calls_by_question(self) -> dict[str, list[str]]:
        """How each call ended (``sent``: not at all), by what was asked, in order."""
        with telling(self.path):
            return calls_by_question(self.db)

    def known(
        self,
        root: str,
        path: str,
        sha256: str,
        check_set: str,
        method: str | None = None,
        retry_failed: bool = False,
    ) -> Known:
        """What is to be done about a file, told by its place and its bytes.

        ``same``: nothing. ``place``: :meth:`add_place`; the bytes are known from elsewhere.
        ``new`` and ``changed`` (other bytes than the archive has for this place): read and save.
        ``stale``: read and save again, because another check set, another ``method`` or an older
        version of the reader read these bytes, or because the last attempt on this file failed.
        ``set_aside``: these bytes failed in :data:`TRIES` runs already; ``retry_failed`` tries
        again. Without a ``method``, any will do.
        """
        names = {"root": store_writing.key_text(root), "path": store_writing.key_text(path)}
        with telling(self.path):
            row = self.db.conn.execute(_KNOWN, names | {"sha256": sha256}).fetchone()
        here, read_by, how, version, failed, tries = row
        if tries >= TRIES and not retry_failed:
            return "set_aside"
        if here is not None and here != sha256:
            return "changed"
        if read_by is None:
            return "new"
        if (read_by, version) != (check_set, VERSION) or failed or method not in (None, how):
            return "stale"
        return "same" if here else "place"

    def last_failure(self, root: str, path: str) -> tuple[str, str]:
        """Code and message of the last failure of a file."""
        names = store_writing.key_text(root), store_writing.key_text(path)
        with telling(self.path):
            row = self.db.conn.execute(
                "SELECT code, message FROM failures WHERE root = ? AND path = ? "
                "ORDER BY id DESC LIMIT 1",
                names,
            ).fetchone()
        return row or ("", "")

    def save(
        self, batch: int, checked: CheckedDocument, method: str = "table", weighed: int = 0
    ) -> None:
        """Store a document with its forms, in one transaction; ``method`` is how it was read,
        ``weighed`` the newest calibration that had a say in what of it a person looks at.

        Bytes that are stored already get this newer reading in place of the older one; the ids
        of their forms stay.
        """
        packed = [pack(form, checked.document.text) for form in checked.forms]
        with self.writing():
            store_writing.put_document(self.db, batch, checked, packed, method, weighed)

    def add_place(self, batch: int, root: str, path: str, sha256: str) -> None:
        """Note that a stored document is found in a further place; its forms count once."""
        with self.writing():
            found = self.db.conn.execute(
                "SELECT id, current FROM documents WHERE sha256 = ?", (sha256,)
            ).fetchone()
            if found is None:
                raise ArchiveError(f"{self.path}: no document has the hash {sha256}; save it first")
            store_writing.put_place(self.db, batch, root, path, found[0])
            if not found[1]:
                store_writing.redraw(self.db, found[0])

    def fail(
        self, batch: int, root: str, path: str, code: str, message: str, sha256: str = ""
    ) -> None:
        """Note that a file could not be read; what the archive has of it stays.

        ``sha256`` names its bytes, as far as they could be read.
        """
        key = store_writing.key_text(root), store_writing.key_text(path)
        with self.writing():
            self.db.conn.execute(
                "INSERT INTO failures (batch, root, path, code, message, sha256) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (batch, *key, code, readable(message), sha256 or None),
            )

    @contextmanager
    def snapshot(self) -> Generator[Self]:
        """Everything read inside is of one moment, whatever other processes write meanwhile."""
        with telling(self.path), store_reading.snapshot(self.db):
            yield self

    def forms(self, *, settled: bool = False) -> Iterator[tuple[Document, CheckedForm]]:
        """The forms of all current documents by document path, one document in memory at a time.

        ``settled`` gives only the forms that leave nothing to review (state ``clear``).
        """
        with telling(self.path):
            yield from store_reading.all_forms(self.db, settled=settled)

    def same_as_map(self) -> dict[tuple[str, int], list[dict[str, Any]]]:
        """``{(sha256, form): same_as}`` for every form that has a twin, derived afresh."""
        with telling(self.path):
            return store_reading.all_twins(self.db)

    def stats(self) -> dict[str, Any]:
        """What the archive holds, of current documents.

        ``read`` counts every form; ``forms`` and what hangs on them (``clear``, ``open``,
        ``fields``, ``flagged``, ``unread``, ``errors``, ``by_family``, ``by_year``) count a form
        and its twins once, as the first by document path. ``failed`` are files whose last attempt
        failed, ``unfinished`` batches that were killed or are running.
        """
        with telling(self.path):
            return store_reading.counts(self.db)

    def search(self, words: str) -> list[dict[str, Any]]:
        """The forms whose title, names, goals or indicator names hold every one of ``words``.

        Words are parted by white space and found anywhere, so two Chinese characters suffice
        (绩效); ``%`` and ``_`` mean themselves. It is a scan over the view ``search_text``: the
        full-text indexes of SQLite either take a whole Chinese sentence for one word
        (``unicode61``) or miss words of two characters (``trigram``).
        """
        with telling(self.path):
            return store_reading.found(self.db, words)

    def backup(self, target: str | os.PathLike[str]) -> None:
        """Write a consistent copy of the archive to ``target``, also while others write to it.

        A file that is there is replaced only when the copy is complete, and only if it is an
        SQLite file.
        """
        target = Path(target)
        if target.exists() and (target.samefile(self.path) or not is_sqlite(target)):
            raise ArchiveError(f"{target}: this is no earlier backup; name another file to write")
        if not target.parent.is_dir():
            raise ArchiveError(f"{target}: there is no folder {target.parent}; make it first")
        with telling(target):
            copy_database(self.db.conn, target)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

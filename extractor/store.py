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
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import orjson
from sqlite_utils import Database

from extractor import store_labels, store_operations, store_reading, store_writing
from extractor.errors import ArchiveError
from extractor.operations import Operation
from extractor.readers import VERSION
from extractor.store_books import BY as COSTS_BY
from extractor.store_books import ArchiveBooks, calls_by_question, sums
from extractor.store_evidence import pack, readable
from extractor.store_labels import Draw, Label
from extractor.store_operations import Broken, Drawn
from extractor.store_upgrade import copy_database, immediate, upgrade, use_wal, version_of
from extractor.types import CheckedDocument, CheckedForm, Document

__all__ = ["COSTS_BY", "PATIENCE", "TRIES", "Known", "Store"]

Known = Literal["new", "same", "changed", "place", "stale", "set_aside"]

PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""

Weigh = Callable[[Document, CheckedForm], CheckedForm]
"""A form of a document → the same with other confidence and other fields for a person."""

Review = Callable[
    [Document, CheckedForm, Sequence[Operation]], tuple[CheckedForm, Sequence[tuple[str, str]]]
]
"""A form of a document and the operations on that document → the form as they leave it, and the
operations that do not count, each with why."""

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


class Store:
    """An open archive; ``with Store.open(path) as store: …`` closes it.

    Documents go in by :meth:`save` under a batch and come out by :meth:`forms`. A ``Store``
    belongs to one thread; several processes may each open the same archive and write. Broken
    machinery raises :class:`ArchiveError`, which names the file and says what to do.
    """

    def __init__(self, db: Database, path: Path) -> None:
        self.db = db
        self.path = path

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, create: bool = True) -> Self:
        """Open the archive at ``path``, bringing an older one up to date (a copy is kept).

        With ``create`` a missing file becomes an empty archive; without, it is an error.
        """
        path = Path(path)
        if not create and (not path.exists() or path.stat().st_size == 0):
            raise ArchiveError(f"{path}: no archive here yet; `crossfoot ingest PATH` makes one")
        if path.is_file() and not _is_sqlite(path):
            raise ArchiveError(f"{path}: not a Crossfoot archive; name another file with --db")
        if not path.parent.is_dir():
            raise ArchiveError(f"{path}: there is no folder {path.parent}; make it first")
        with _telling(path):
            return cls(_connect(path), path)

    def close(self) -> None:
        self.db.conn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

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
        with self._writing():
            cursor = self.db.conn.execute(
                "INSERT INTO batches (started, reader, check_set, model, endpoint, consent) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (_now(), reader, check_set, model, endpoint, agreed),
            )
            return int(cursor.lastrowid or 0)

    def books(self, batch: int) -> ArchiveBooks:
        """The books in which a run enters its calls to a model."""
        return ArchiveBooks(self.db, batch, self._writing)

    def costs(self, by: str) -> list[dict[str, Any]]:
        """Calls and tokens of models by ``batch``, ``document`` or ``form``.

        ``unknown`` calls brought no bill; they took ``most_input`` and ``most_output`` at most.
        """
        with _telling(self.path):
            return sums(self.db, by)

    def finish_batch(self, batch: int, summary: Mapping[str, Any]) -> None:
        """Note that a run came to its end, and to what. A batch without an end was killed."""
        told = orjson.dumps(dict(summary)).decode()
        with self._writing():
            self.db.conn.execute(
                "UPDATE batches SET finished = ?, summary = ? WHERE id = ?", (_now(), told, batch)
            )

    def calls_by_question(self) -> dict[str, list[str]]:
        """How each call ended (``sent``: not at all), by what was asked, in order."""
        with _telling(self.path):
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
        with _telling(self.path):
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
        with _telling(self.path):
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
        with self._writing():
            store_writing.put_document(self.db, batch, checked, packed, method, weighed)

    def add_place(self, batch: int, root: str, path: str, sha256: str) -> None:
        """Note that a stored document is found in a further place; its forms count once."""
        with self._writing():
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
        with self._writing():
            self.db.conn.execute(
                "INSERT INTO failures (batch, root, path, code, message, sha256) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (batch, *key, code, readable(message), sha256 or None),
            )

    @contextmanager
    def snapshot(self) -> Generator[Self]:
        """Everything read inside is of one moment, whatever other processes write meanwhile."""
        with _telling(self.path), store_reading.snapshot(self.db):
            yield self

    def forms(self, *, settled: bool = False) -> Iterator[tuple[Document, CheckedForm]]:
        """The forms of all current documents by document path, one document in memory at a time.

        ``settled`` gives only the forms that leave nothing to review (state ``clear``).
        """
        with _telling(self.path):
            yield from store_reading.all_forms(self.db, settled=settled)

    def same_as_map(self) -> dict[tuple[str, int], list[dict[str, Any]]]:
        """``{(sha256, form): same_as}`` for every form that has a twin, derived afresh."""
        with _telling(self.path):
            return store_reading.all_twins(self.db)

    def stats(self) -> dict[str, Any]:
        """What the archive holds, of current documents.

        ``read`` counts every form; ``forms`` and what hangs on them (``clear``, ``open``,
        ``fields``, ``flagged``, ``unread``, ``errors``, ``by_family``, ``by_year``) count a form
        and its twins once, as the first by document path. ``failed`` are files whose last attempt
        failed, ``unfinished`` batches that were killed or are running.
        """
        with _telling(self.path):
            return store_reading.counts(self.db)

    def search(self, words: str) -> list[dict[str, Any]]:
        """The forms whose title, names, goals or indicator names hold every one of ``words``.

        Words are parted by white space and found anywhere, so two Chinese characters suffice
        (绩效); ``%`` and ``_`` mean themselves. It is a scan over the view ``search_text``: the
        full-text indexes of SQLite either take a whole Chinese sentence for one word
        (``unicode61``) or miss words of two characters (``trigram``).
        """
        with _telling(self.path):
            return store_reading.found(self.db, words)

    def calibrations(self) -> list[tuple[str, int]]:
        """The artefacts that hold for forms of this archive, as JSON, each with the number of the
        last answer that it was made from."""
        with _telling(self.path):
            return store_labels.stored_calibrations(self.db)

    def newest_calibration(self) -> int:
        """The number of the newest one, 0 where there is none."""
        with _telling(self.path):
            return store_labels.newest(self.db)

    def revocations(self) -> dict[tuple[tuple[str, ...], str], int]:
        """``{(made for, class): last answer}`` of the last time that a promise was revoked."""
        with _telling(self.path):
            return store_labels.revocations(self.db)

    def looks(self, made_for: Sequence[str]) -> int:
        """How often the answers of this archive were looked at for forms read in one way."""
        with _telling(self.path):
            return store_labels.looks(self.db, made_for)

    def put_calibration(
        self,
        artefact: str,
        made_for: Sequence[str],
        *,
        uses_answers: bool,
        revoked: Sequence[str] = (),
    ) -> None:
        """Append an artefact for forms ``made_for`` (family, reader, its version, checks).

        ``uses_answers``: it was made from the answers so far. ``revoked``: classes whose promises
        it takes back.
        """
        with self._writing():
            store_labels.put_calibration(
                self.db, artefact, made_for, uses_answers=uses_answers, revoked=revoked
            )

    def unweighed(self) -> int:
        """How many documents were not weighed by the newest calibrations."""
        with _telling(self.path):
            return len(store_labels.unweighed(self.db))

    def weigh_anew(self, weigh: Weigh, number: int, told: Callable[[], None]) -> int:
        """Let ``weigh`` say again which fields want a person, in documents that were not weighed by
        the calibrations up to ``number``; how many forms came out otherwise.

        One transaction a document; killed in between, run it again. ``told`` hears of each.
        """
        changed = 0
        with _telling(self.path):
            documents = store_labels.unweighed(self.db)
        for document in documents:
            with self._writing():
                changed += self._weigh_document(document, weigh)
                store_labels.weighed_by(self.db, document, number)
            told()
        return changed

    def _weigh_document(self, number: int, weigh: Weigh) -> int:
        changed = 0
        for reading, document, form in store_labels.readings_of(self.db, number):
            weighed = weigh(document, form)
            if weighed != form:
                store_labels.put_evidence(self.db, reading, document, weighed)
                changed += 1
        if changed:
            store_writing.redraw_current(self.db, number)
        return changed

    def form_sizes(self) -> list[tuple[int, int]]:
        """``(id, fields)`` of every form, a form and its twins once."""
        with _telling(self.path):
            return store_labels.sizes(self.db)

    def form(self, number: int) -> tuple[Document, CheckedForm]:
        """A form by its id."""
        with _telling(self.path):
            return store_labels.form_of(self.db, number)

    def draw(self, how: Literal["sample", "correction"], draws: Iterable[Draw]) -> list[int | None]:
        """Note fields that a person is to be asked about; the numbers of the questions, ``None`` of
        a field that somebody was asked about already."""
        with self._writing():
            return store_labels.put_draws(self.db, how, draws)

    def labels(self, *, answered: bool) -> list[Label]:
        """What people were asked about fields, answered or not yet."""
        with _telling(self.path):
            return store_labels.labels(self.db, answered=answered)

    def answer(
        self, number: int, person: str, truth: str | None, wrong: bool, *, again: bool = False
    ) -> bool:
        """Keep what a person says of a field, ``again`` also in place of an earlier answer; whether
        it was kept."""
        with self._writing():
            return store_labels.answer(self.db, number, person, truth, wrong, again=again)

    def append(self, operations: Sequence[Operation]) -> list[str]:
        """Append what reviewers did, in one transaction; the ids that are in the archive now.

        What is there already changes nothing. Raises :class:`ArchiveError` where an id comes again
        with another content.
        """
        with self._writing():
            return store_operations.append(self.db, operations)

    def operations(self, document: str) -> list[Operation]:
        """What reviewers did to a document (by the hash of its bytes), in the order of arrival."""
        with _telling(self.path):
            return store_operations.of_document(self.db, document)

    def clock(self, document: str) -> int | None:
        """The highest clock of the operations on a document, ``None`` of an unknown one."""
        with _telling(self.path):
            return store_operations.clock_of(self.db, document)

    def heads(self) -> dict[str, str]:
        """``{document: hash of its last operation}``."""
        with _telling(self.path):
            return store_operations.heads(self.db)

    def paths(self, documents: Iterable[str]) -> dict[str, str]:
        """The path of each document by its hash; one that the archive has not goes by its hash."""
        with _telling(self.path):
            return store_operations.paths(self.db, documents)

    def broken_chains(self) -> list[Broken]:
        """The rows at which a chain of operations does not hold."""
        with _telling(self.path):
            return list(store_operations.broken(self.db))

    def conflicts(self, document: str) -> list[tuple[int, str, str]]:
        """``(form, operation, why)`` of every operation on a document that does not count."""
        with _telling(self.path):
            return store_operations.conflicts_of(self.db, document)

    def behind(self) -> list[str]:
        """Documents (by hash) whose forms do not stand yet as their operations say."""
        with _telling(self.path):
            return store_operations.stale(self.db)

    def review(self, document: str, reviewed: Review) -> None:
        """Let the forms of a document stand as ``reviewed`` makes of them and their operations.

        Read and written in one transaction, so that no operation and no reading comes between.
        """
        with self._writing():
            number = store_operations.document_of(self.db, document)
            head = store_operations.heads(self.db).get(document)
            if number is None or head is None:
                return
            operations = store_operations.of_document(self.db, document)
            drawn: list[Drawn] = []
            text = ""
            for reading, about, form in store_labels.readings_of(self.db, number):
                again, conflicts = reviewed(about, form, operations)
                drawn.append(Drawn(reading, again, tuple(conflicts)))
                text = about.text
            store_operations.put_reviews(self.db, number, text, head, drawn)

    def backup(self, target: str | os.PathLike[str]) -> None:
        """Write a consistent copy of the archive to ``target``, also while others write to it.

        A file that is there is replaced only when the copy is complete, and only if it is an
        SQLite file.
        """
        target = Path(target)
        if target.exists() and (target.samefile(self.path) or not _is_sqlite(target)):
            raise ArchiveError(f"{target}: this is no earlier backup; name another file to write")
        if not target.parent.is_dir():
            raise ArchiveError(f"{target}: there is no folder {target.parent}; make it first")
        with _telling(target):
            copy_database(self.db.conn, target)

    @contextmanager
    def _writing(self) -> Generator[None]:
        with _telling(self.path), immediate(self.db):
            yield


def _connect(path: Path) -> Database:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        version_of(db, path)  # before anything is changed in a file that may not be ours
        use_wal(connection, PATIENCE)
        db.conn.execute("PRAGMA synchronous = NORMAL")
        db.conn.execute("PRAGMA foreign_keys = ON")
        # 16 MB before the log is copied back: a quarter of the waits for the disk of 4 MB.
        db.conn.execute("PRAGMA wal_autocheckpoint = 4000")
        upgrade(db, path)
    except BaseException:
        connection.close()
        raise
    return db


@contextmanager
def _telling(path: Path) -> Generator[None]:
    """SQLite's complaints as an :class:`ArchiveError` that names the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        busy = "locked" in str(error)
        advice = f"another process has been writing to it for {PATIENCE:.0f} seconds; try again"
        raise ArchiveError(f"{path}: {error}{f' ({advice})' if busy else ''}") from error
    except sqlite3.DatabaseError as error:
        raise ArchiveError(
            f"{path}: {error}; if this file is an archive, restore it from a backup"
        ) from error


def _is_sqlite(path: Path) -> bool:
    """Whether a file can be a database; SQLite itself would take a file of one byte for one."""
    with path.open("rb") as file:
        return path.stat().st_size == 0 or file.read(16) == b"SQLite format 3\0"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

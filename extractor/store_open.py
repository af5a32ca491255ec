"""An archive as a file: opened, brought up to date, closed; SQLite's complaints in words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from extractor.errors import ArchiveError
from extractor.store_upgrade import immediate, upgrade, use_wal, version_of

PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""


class OpenArchive:
    """An open archive file; ``with OpenArchive.open(path) as archive: …`` closes it.

    One belongs to one thread; several processes may each open the same archive and write. Broken
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
        if path.is_file() and not is_sqlite(path):
            raise ArchiveError(f"{path}: not a Crossfoot archive; name another file with --db")
        if not path.parent.is_dir():
            raise ArchiveError(f"{path}: there is no folder {path.parent}; make it first")
        with telling(path):
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

    @contextmanager
    def writing(self) -> Generator[None]:
        with telling(self.path), immediate(self.db):
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
def telling(path: Path) -> Generator[None]:
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


def is_sqlite(path: Path) -> bool:
    """Whether a file can be a database; SQLite itself would take a file of one byte for one."""
    with path.open("rb") as file:
        return path.stat().st_size == 0 or file.read(16) == b"SQLite format 3\0"

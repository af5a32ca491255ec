"""An archive's file: bringing it up to date with a copy kept first, copying it, locking it."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from extractor.errors import ArchiveError
from extractor.migrations import APPLICATION_ID, MIGRATIONS


def use_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Let readers and a writer work side by side, as the file will remember.

    Processes that switch a new file at the same time wait for each other with a lock in hand,
    until all of them give up. So nobody waits here: whoever finds the file busy lets go, and tries
    again a little later.
    """
    until = time.monotonic() + patience
    connection.execute("PRAGMA busy_timeout = 0")
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(random.uniform(0.001, 0.02))
    connection.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")


@contextmanager
def immediate(db: Database) -> Generator[None]:
    """A transaction that takes the write lock at its start.

    ``db.atomic()`` begins as a reader. Two processes that both read and then write would collide
    where SQLite cannot let either wait; with the lock taken first the second one waits its turn.
    """
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        db.rollback()
        raise


def upgrade(db: Database, path: Path) -> None:
    """Bring the archive at ``path`` to the newest version, keeping a copy of an older one."""
    newest = len(MIGRATIONS)
    if version_of(db, path) == newest:
        return
    with immediate(db):
        version = _version(db, path)  # again: another process may have been quicker
        if 0 < version < newest:
            _keep_copy(path, version)
        _take_steps(db, MIGRATIONS[version:])
        db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.conn.execute(f"PRAGMA user_version = {newest}")


def version_of(db: Database, path: Path) -> int:
    """How many steps the archive has taken; 0 for an empty file.

    Raises :class:`ArchiveError` for a file that is not an archive and for one that a newer
    Crossfoot has written; neither has been touched then.
    """
    db.conn.execute("BEGIN")  # one moment: another process may be making the tables just now
    try:
        return _version(db, path)
    finally:
        db.rollback()


def _version(db: Database, path: Path) -> int:
    version, application = _pragma(db, "user_version"), _pragma(db, "application_id")
    if application != APPLICATION_ID:
        if version or application or _pragma(db, "schema_version"):
            raise ArchiveError(
                f"{path}: this SQLite file is not a Crossfoot archive; name another file with --db"
            )
        return 0
    if version > len(MIGRATIONS):
        raise ArchiveError(
            f"{path}: the archive has version {version} and was written by a newer Crossfoot; this "
            f"one knows versions up to {len(MIGRATIONS)}. Install the newer one to open it"
        )
    return version


def _pragma(db: Database, name: str) -> int:
    (value,) = db.conn.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def _take_steps(db: Database, steps: Sequence[Sequence[str]]) -> None:
    for step in steps:
        for statement in step:
            db.conn.execute(statement)


def _keep_copy(path: Path, version: int) -> None:
    """Copy the archive to ``….bak-<version>``; an earlier copy is never overwritten.

    The copy is read through a connection of its own: SQLite cannot back up from one that holds
    the write lock.
    """
    base = path.with_name(f"{path.name}.bak-{version}")
    target, again = base, 2
    while target.exists():
        target, again = base.with_name(f"{base.name}.{again}"), again + 1
    with closing(sqlite3.connect(path)) as source:
        copy_database(source, target)


def copy_database(source: sqlite3.Connection, target: Path) -> None:
    """Write a consistent copy of ``source`` to ``target``, in one file and all or nothing.

    Copied in one step, hence one snapshot: a writer in another process is neither waited for nor
    held up.
    """
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    part.replace(target)

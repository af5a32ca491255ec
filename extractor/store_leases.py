"""Who works on which document: a lease that its bench keeps alive, and that another may take over.

A lease keeps two people from doing the same work; it protects nothing. Operations of a bench that
lost its lease are taken in like all others, and are conflicts where they contradict. Time is that
of the machine with the archive, so clocks of benches do not matter.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlite_utils import Database

SECONDS = 60.0
"""How long a lease lasts without a sign of life; a bench gives one every third of it."""
_HOLDER = "SELECT document, bench, person, since, until FROM leases WHERE document = ?"
_TAKE = """
    INSERT INTO leases (document, bench, person, since, until) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (document) DO UPDATE SET bench = excluded.bench, person = excluded.person,
        since = excluded.since, until = excluded.until
"""


class Lease(NamedTuple):
    """Who has a document: the bench (one open page of one person), since when and until when, in
    seconds since 1970 by the clock of the archive's machine."""

    document: str
    bench: str
    person: str
    since: float
    until: float


def take(
    db: Database, document: str, bench: str, person: str, now: float, *, take_over: bool
) -> Lease:
    """Takes or keeps the lease of a document, and tells who has it now.

    It is given where nobody has it, where its holder gave no sign of life in time, to the holder
    again, and to whoever takes it over.
    """
    row = db.conn.execute(_HOLDER, (document,)).fetchone()
    held = None if row is None else Lease(*row)
    if held is not None and held.until > now and held.bench != bench and not take_over:
        return held
    since = held.since if held is not None and held.bench == bench else now
    mine = Lease(document, bench, person, since, now + SECONDS)
    db.conn.execute(_TAKE, mine)
    return mine


def give_back(db: Database, document: str, bench: str) -> None:
    """Ends a lease; that of another bench stays."""
    db.conn.execute("DELETE FROM leases WHERE document = ? AND bench = ?", (document, bench))


def held(db: Database, now: float) -> list[Lease]:
    """The leases in force, by document."""
    rows = db.conn.execute(
        "SELECT document, bench, person, since, until FROM leases WHERE until > ? "
        "ORDER BY document",
        (now,),
    )
    return [Lease(*row) for row in rows]

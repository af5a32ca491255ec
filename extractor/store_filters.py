"""Which forms the queue of the archive holds, and the filters on it.

It holds the open forms of current documents. A form that is printed in two documents is asked about
once, where ``forms_once`` has it, provided that the machine read both alike: the same record, the
same doubts, as many cells that nothing claims. A printing that differs in any of it stays in the
queue, and so does one whose earlier printing nobody is asked about or has settled.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlite_utils import Database

from extractor.store_evidence import readable

MOST_CHOICES = 200
"""Units that a filter offers; the others are found by their names."""


class Filters(NamedTuple):
    """What of the queue is wanted; ``None`` and no words: all of it.

    ``unit`` is an issuer, ``check`` the id of a check that fails (``[*]`` in it is any row),
    ``batch`` the run that read the document. Of ``words``, parted by white space, every one stands
    in the form, as for ``Store.search``.
    """

    family: str | None = None
    year: int | None = None
    unit: str | None = None
    check: str | None = None
    batch: int | None = None
    words: str = ""


ALL = Filters()


class Choices(NamedTuple):
    """The values that each filter can take, with the open forms of each, the most frequent first;
    of units only the first :data:`MOST_CHOICES`, ``units`` counts them all."""

    family: list[tuple[str, int]]
    year: list[tuple[int, int]]
    unit: list[tuple[str, int]]
    check: list[tuple[str, int]]
    batch: list[tuple[int, int]]
    units: int


# Forms that are asked about elsewhere.
_EARLIER = """
    SELECT f.id FROM forms AS f
    JOIN documents AS d ON d.id = f.document
    JOIN readings AS r ON r.id = f.id
    WHERE f.state = 'open' AND f.identity IN (
        SELECT identity FROM forms WHERE identity IS NOT NULL GROUP BY identity HAVING count(*) > 1)
    AND EXISTS (
        SELECT 1 FROM forms AS t
        JOIN documents AS td ON td.id = t.document
        JOIN readings AS o ON o.id = t.id
        WHERE t.identity = f.identity
            AND (td.path, td.sha256, t.number) < (d.path, d.sha256, f.number)
            AND (t.state = 'open' OR EXISTS (SELECT 1 FROM reviews WHERE reading = t.id))
            AND r.exact IS NULL AND o.exact IS NULL AND o.record = r.record
            AND json_extract(o.evidence, '$.judgements') = json_extract(r.evidence, '$.judgements')
            AND json_array_length(o.evidence, '$.unread')
                = json_array_length(r.evidence, '$.unread'))
"""
_BATCHES = """
    SELECT d.batch, sum(o.forms)
    FROM (SELECT document, count(*) AS forms FROM forms WHERE state = 'open' GROUP BY 1) AS o
    JOIN documents AS d ON d.id = o.document GROUP BY 1 ORDER BY 2 DESC, 1
"""
_NOT_TWINS = "f.id NOT IN (SELECT value FROM json_each(?))"
_FAILING = "verdict = 'fails' AND severity = 'error'"
# The same check of every row is one choice.
_CHECKS = f"""
    SELECT CASE WHEN check_id GLOB '*[[][0-9]*'
            THEN substr(check_id, 1, instr(check_id, '[')) || '*'
                || substr(check_id, instr(check_id, ']'))
            ELSE check_id END,
        count(DISTINCT form)
    FROM findings
    WHERE {_FAILING} AND form IN (SELECT id FROM forms WHERE state = 'open')
    GROUP BY 1 ORDER BY 2 DESC, 1
"""
_WORDS = """
    EXISTS (SELECT 1 FROM search_text AS s WHERE s.form = f.id AND NOT EXISTS (
        SELECT 1 FROM json_each(?) AS word WHERE s.text NOT LIKE word.value ESCAPE '\\'))
"""


def wanted_of(db: Database, filters: Filters) -> tuple[str, list[Any]]:
    """The condition on ``forms AS f`` and the values in it."""
    found: list[tuple[str, Any]] = []
    for column, value in (
        ("f.family", filters.family), ("f.year", filters.year), ("f.issuer", filters.unit),
    ):  # fmt: skip
        if value is not None:
            found.append((f"{column} = ?", value))
    if filters.check is not None:
        query = f"SELECT form FROM findings WHERE check_id GLOB ? AND {_FAILING}"
        found.append((f"f.id IN ({query})", _any_row(filters.check)))
    if filters.batch is not None:
        query = "SELECT batch FROM documents WHERE id = f.document"
        found.append((f"({query}) = ?", filters.batch))
    if words := filters.words.split():
        found.append((_WORDS, orjson.dumps([pattern(word) for word in words]).decode()))
    twins = [form for (form,) in db.conn.execute(_EARLIER)]
    if twins:
        found.append((_NOT_TWINS, orjson.dumps(twins).decode()))
    conditions = ["f.state = 'open'", *(one for one, _ in found)]
    return " AND ".join(conditions), [value for _, value in found]


def _any_row(check: str) -> str:
    """A check for GLOB, in which ``[*]`` is any row and all else means itself."""
    return "[[][0-9]*]".join(
        "".join(f"[{sign}]" if sign in "[*?" else sign for sign in part)
        for part in check.split("[*]")
    )


def choices(db: Database) -> Choices:
    """See ``Store.queue_choices``."""

    def counted(what: str) -> list[tuple[Any, int]]:
        return db.conn.execute(
            f"SELECT {what}, count(*) FROM forms "
            f"WHERE state = 'open' AND {what} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()

    units = counted("issuer")
    return Choices(
        family=counted("family"),
        year=counted("year"),
        unit=units[:MOST_CHOICES],
        check=db.conn.execute(_CHECKS).fetchall(),
        batch=db.conn.execute(_BATCHES).fetchall(),
        units=len(units),
    )


def units_like(db: Database, part: str) -> list[tuple[str, int]]:
    """See ``Store.queue_units``."""
    return db.conn.execute(
        "SELECT issuer, count(*) FROM forms WHERE state = 'open' AND issuer LIKE ? ESCAPE '\\' "
        "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
        (pattern(part), MOST_CHOICES),
    ).fetchall()


def pattern(part: str) -> str:
    """A text for LIKE, found anywhere, in which ``%``, ``_`` and the escape mean themselves."""
    plain = readable(part)
    for sign in "\\%_":
        plain = plain.replace(sign, f"\\{sign}")
    return f"%{plain}%"

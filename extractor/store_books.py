"""The books of a model's calls in the archive: each call a row, each reply kept by its question.

A call is entered in a transaction of its own before it goes out, and how it ended in another, the
reply together with its bill: killed in between, the archive knows that a call went out, and what it
can have cost at most.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from extractor.books import About, Landing, Question, Tokens, Usage
from extractor.store_evidence import readable
from extractor.store_writing import key_text

_SENT = """
    INSERT INTO calls (batch, root, path, start, purpose, question, sent, how, most_input,
        most_output)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'sent', ?, ?)
"""
_LANDED = "UPDATE calls SET how = ?, input = ?, cached = ?, output = ? WHERE id = ?"
_KEEP = """
    INSERT INTO replies (question, model, prompt, schema, text, parameters, batch, raw)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (question) DO UPDATE SET batch = excluded.batch, raw = excluded.raw
"""
_SUMS = """
    SELECT {names}, count(*) AS calls, sum(input) AS input, sum(cached) AS cached,
        sum(output) AS output, sum(unknown) AS unknown, sum(most_input) AS most_input,
        sum(most_output) AS most_output
    FROM call_costs GROUP BY {names} ORDER BY {names}
"""
_NAMES = {
    "batch": "batch, model",
    "document": "root, path, model",
    "form": "root, path, start, form, model",
}
BY = tuple(_NAMES)
"""What costs can be summed by."""


class ArchiveBooks:
    """The books of one batch; ``writing`` gives a transaction."""

    def __init__(
        self, db: Database, batch: int, writing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._db, self._batch, self._writing = db, batch, writing
        self._under_way: dict[int, Tokens] = {}
        self.usage = Usage()

    def find(self, question: Question) -> str | None:
        row = self._db.conn.execute(
            "SELECT raw FROM replies WHERE question = ?", (question.key,)
        ).fetchone()
        return row[0] if row else None

    def sent(self, about: About, question: Question, most: Tokens) -> int:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        values = (
            self._batch, key_text(about.root), key_text(about.path), about.start, about.purpose,
            question.key, now, most.input, most.output,
        )  # fmt: skip
        with self._writing():
            number = int(self._db.conn.execute(_SENT, values).lastrowid or 0)
        self._under_way[number] = most
        self.usage.go_out(most)
        return number

    def landed(
        self,
        number: int,
        how: Landing,
        tokens: Tokens | None,
        keep: tuple[Question, str] | None = None,
    ) -> None:
        most = self._under_way.pop(number)
        if tokens is not None:
            self.usage.bill(most, tokens)
        bill = tokens or (None, None, None)
        with self._writing():
            self._db.conn.execute(_LANDED, (how, *bill, number))
            if keep is not None:
                question, raw = keep
                values = (question.key, *question, self._batch, readable(raw))
                self._db.conn.execute(_KEEP, values)


def sums(db: Database, by: str) -> list[dict[str, Any]]:
    """Calls and tokens by ``batch``, ``document`` or ``form``, each of one model."""
    rows = db.conn.execute(_SUMS.format(names=_NAMES[by]))
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


def calls_by_question(db: Database) -> dict[str, list[str]]:
    """How the calls for each question ended, in the order in which they went out."""
    found: dict[str, list[str]] = {}
    for question, how in db.conn.execute("SELECT question, how FROM calls ORDER BY id"):
        found.setdefault(question, []).append(how)
    return found

"""What is doubtful of forms in the archive, read quickly, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlite_utils import Database

from extractor.store_evidence import Packed, unpack
from extractor.worklist import cost_of

_A_BATCH = 200
"""Forms that are weighed in one transaction."""


class Doubts(NamedTuple):
    """Why a form is in the queue: ``fields`` that want a person, each with its stratum, how many
    cells nothing claims, and the messages (``zh`` and ``en``) of its errors but the confirmed."""

    family: str
    record: dict[str, Any]
    fields: list[tuple[str, str]]
    unread: int
    errors: list[dict[str, str]]


def doubts_of(db: Database, forms: Sequence[int]) -> dict[int, Doubts]:
    """See ``Store.doubts``."""
    found: dict[int, Doubts] = {}
    for form, _, *packed in _stored(db, forms):
        # The readable texts will do; taking all of a form apart would take ten times as long.
        record, evidence = orjson.loads(packed[0]), orjson.loads(packed[1])
        wants = [one[1] if one[2] else None for one in evidence["judgements"]]
        found[form] = Doubts(
            evidence["family"],
            record,
            [(one[0], stratum) for one in evidence["entries"] if (stratum := wants[one[4]])],
            len(evidence["unread"]),
            [
                one["message"]
                for one in evidence["findings"]
                if (one["severity"], one["verdict"]) == ("error", "fails")
                and not one.get("confirmed")
            ],
        )
    return found


def _stored(db: Database, forms: Sequence[int]) -> list[tuple[Any, ...]]:
    """``(id, number, record, evidence, exact)`` of forms as they stand."""
    return db.conn.execute(
        "SELECT s.id, s.number, s.record, s.evidence, s.exact FROM standing AS s "
        "WHERE s.id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(list(forms)).decode(),),
    ).fetchall()


def unweighed(db: Database, after: int) -> list[int]:
    """Some open forms of which it is not known what they cost, the next ones after an id."""
    query = "SELECT id FROM forms WHERE state = 'open' AND cost = 0 AND id > ? ORDER BY id LIMIT ?"
    return [form for (form,) in db.conn.execute(query, (after, _A_BATCH))]


def weigh(db: Database, forms: Sequence[int]) -> None:
    """Note what forms cost."""
    read = [
        (form, unpack(Packed(*packed), "", number)) for form, number, *packed in _stored(db, forms)
    ]
    costs = [(cost_of(form), number) for number, form in read]
    db.conn.executemany("UPDATE forms SET cost = ? WHERE id = ?", costs)

"""The server's side of a bench: what it said is taken in, and what it does not have yet is told.

A bench says in each message all that it was not told to be kept; so messages may be lost, doubled
or overtaken, and a server may be killed at any moment: the next message holds everything again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson
from pydantic import TypeAdapter, ValidationError

from extractor.acting import act
from extractor.families import FAMILIES
from extractor.operations import Operation, fold
from extractor.reviewing import Conflict, Reviewed
from extractor.store import Store
from extractor.store_leases import Lease
from extractor.types import CheckedForm
from ui.present import desk, lines_outside
from ui.words import BENCH, Words

_OPERATION = TypeAdapter(Operation)
_LONGEST_ID = 64
_MOST = 5_000
"""Operations that are taken from one message; the bench sends the others again."""
_NOT_YOURS: Words = {
    "zh": "这一步记在另一人名下，须由本人登录后送出",
    "en": "it bears the name of somebody else, who must log in to send it",
}
_UNREADABLE: Words = {"zh": "不是一步操作", "en": "it is no operation"}


class Told(NamedTuple):
    """What a bench says of itself: its name, the number of this message, the document that it
    shows, how many operations on that it knows, the digests of the forms that it has, how often
    its reviewer asked to take over, and what it has decided."""

    bench: str = ""
    number: int = 0
    document: str = ""
    known: int = 0
    have: Mapping[str, str] = {}
    take: int = 0
    operations: tuple[Any, ...] = ()

    @classmethod
    def of(cls, told: object) -> Told:
        """The same from what a browser sent, which may be anything."""
        if not isinstance(told, Mapping):
            return cls()
        said = cast(Mapping[str, Any], told)
        have = said.get("have")
        operations = said.get("operations")
        return cls(
            str(said.get("bench") or "")[:64],
            _count(said.get("number")),
            str(said.get("document") or ""),
            _count(said.get("known")),
            cast(Mapping[str, str], have) if isinstance(have, Mapping) else {},
            _count(said.get("take")),
            tuple(cast(Sequence[Any], operations)) if isinstance(operations, list) else (),
        )


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


class Taken(NamedTuple):
    """What came of the operations in a message: the ids that are kept, and why others are not."""

    acked: tuple[str, ...]
    refused: Mapping[str, Words]


def take(store: Store, told: Told, person: str | None, *, trusts_names: bool) -> Taken:
    """Takes in what a bench has decided. ``trusts_names``: whoever sits here may send what another
    has decided at this machine; elsewhere everybody sends their own."""
    good: list[Operation] = []
    refused: dict[str, Words] = {}
    for one in told.operations[:_MOST]:
        operation = operation_from(one)
        if operation is None:
            name = str(cast(Mapping[str, Any], one).get("id")) if isinstance(one, Mapping) else ""
            refused[name] = _UNREADABLE
        elif not trusts_names and operation.person != person:
            refused[operation.id] = _NOT_YOURS
        else:
            good.append(operation)
    if not good or person is None:
        return Taken((), refused)
    acted = act(store, good)
    return Taken(acted.kept, {**refused, **acted.refused})


def operation_from(told: object) -> Operation | None:
    """An operation as a browser sent it; ``None`` where it is none."""
    try:
        made = _OPERATION.validate_json(orjson.dumps(told), strict=True)
    except (ValidationError, orjson.JSONEncodeError):
        return None
    return made if 0 < len(made.id) <= _LONGEST_ID else None


def answer(
    store: Store, sha256: str, told: Told, taken: Taken, person: str | None, lease: Lease | None
) -> dict[str, Any] | None:
    """What a bench is told after a message; ``None`` where the archive has no such document."""
    found = store.forms_as_left(sha256)
    if found is None:
        return None
    document, forms = found
    operations = store.operations(sha256)
    state = fold(operations)
    reviewed, loose = _with_conflicts(store, sha256, forms, operations)
    drawn = desk(document, reviewed, state, store.heads().get(sha256))
    mine = told.document == sha256
    known = min(told.known, len(operations)) if mine else 0
    have: Mapping[str, str] = told.have if mine else {}
    sheets = [_unless_there(sheet, have) for sheet in drawn["forms"]]
    return {
        "bench": told.bench,
        "answered": told.number,
        "person": person,
        "document": {"path": document.path, "sha256": sha256},
        "head": drawn["head"],
        "forms": sheets,
        "conflicts": [{**asdict(one.operation), "why": one.why} for one in loose],
        "lines": lines_outside(document, forms) if any(s["sheet"] for s in sheets) else None,
        "base": known,
        "operations": [asdict(one) for one in operations[known:]],
        "acked": list(taken.acked),
        "refused": {name: dict(why) for name, why in taken.refused.items()},
        "lease": None if lease is None else _lease(lease, told.bench),
        "families": {family.name: dict(family.title) for family in FAMILIES},
    }


def _with_conflicts(
    store: Store, sha256: str, forms: Sequence[CheckedForm], operations: Sequence[Operation]
) -> tuple[list[Reviewed], list[Conflict]]:
    """The forms, each with the operations that do not count in it; and those that fit no form."""
    by_id = {one.id: one for one in operations}
    found: dict[int | None, list[Conflict]] = {}
    for number, name, why in store.conflicts(sha256):
        found.setdefault(number, []).append(Conflict(by_id[name], why))  # type: ignore[arg-type]
    told = [Reviewed(form, tuple(found.pop(form.form.index, ()))) for form in forms]
    return told, [one for rest in found.values() for one in rest]


def _unless_there(sheet: Mapping[str, Any], have: Mapping[str, str]) -> dict[str, Any]:
    """A form for a bench; without its sheet where the bench has just that."""
    digest = hashlib.sha256(orjson.dumps(sheet)).hexdigest()[:16]
    start = sheet["start"]
    there = have.get(str(start)) == digest
    return {"start": start, "digest": digest, "sheet": None if there else sheet}


def _lease(lease: Lease, bench: str) -> dict[str, Any]:
    since = datetime.fromtimestamp(lease.since).astimezone().strftime("%H:%M")
    return {"person": lease.person, "since": since, "mine": lease.bench == bench}


def words(lang: str) -> dict[str, str]:
    """The bench's words in one language."""
    return {name: said[lang] for name, said in BENCH.items()}


def archive_token(path: Path) -> str:
    """Tells archives apart in a browser that has seen several."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]

"""The server's side of a bench: what it said is taken in, and what it does not have yet is told.

A bench says in each message all that it was not told to be kept; so messages may be lost, doubled
or overtaken, and a server may be killed at any moment: the next message holds everything again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson
from pydantic import TypeAdapter, ValidationError

from extractor.acting import act
from extractor.families import FAMILIES
from extractor.operations import UNREAD, Operation, Place, fold, unclaimed
from extractor.reviewing import Conflict, Reviewed, places_of
from extractor.store import Store
from extractor.store_leases import Lease
from extractor.types import CheckedForm
from ui.present import desk, lines_outside
from ui.words import BENCH, Words

_OPERATION = TypeAdapter(Operation)
_LONGEST_ID = 64
_PAGE = ("rows", "text")
"""What of a form hardly ever changes by a decision."""
_MOST = 5_000
"""Operations that are taken from one message; the bench sends the others again."""
_UNREADABLE: Words = {"zh": "不是一步操作", "en": "it is no operation"}


class Told(NamedTuple):
    """What a bench says of itself: its name, the number of this message, the document that it
    shows, how many operations on that it knows, the digests of the forms that it has, whether its
    reviewer asks to take over, and what it has decided."""

    bench: str = ""
    number: int = 0
    document: str = ""
    known: int = 0
    have: Mapping[str, str] = {}
    take: bool = False
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
            said.get("take") is True,
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
    for one in told.operations:
        operation = operation_from(one)
        if operation is None:
            name = str(cast(Mapping[str, Any], one).get("id")) if isinstance(one, Mapping) else ""
            refused[name] = _UNREADABLE
        elif trusts_names or operation.person == person:
            good.append(operation)
    # What is of a document that is not here, as while another archive stands at its path, and what
    # somebody else has decided, goes on waiting in the browser.
    known = {name for name in {one.document for one in good} if store.clock(name) is not None}
    good = [one for one in good if one.document in known][:_MOST]
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
    store: Store,
    sha256: str,
    told: Told,
    taken: Taken,
    person: str | None,
    lease: Lease | None,
    sent: dict[int, Sent],
) -> dict[str, Any] | None:
    """What a bench is told after a message; ``None`` where the archive has no such document.

    ``sent`` remembers what it was told of each form, by where the form starts.
    """
    found = store.forms_as_left(sha256)
    if found is None:
        return None
    document, forms = found
    # Before the operations, which are only ever appended: so each is among them.
    conflicts = store.conflicts(sha256)
    operations = store.operations(sha256)
    state = fold(operations)
    reviewed, loose = _with_conflicts(conflicts, forms, operations)
    drawn = desk(document, reviewed, state, store.head(sha256))
    mine = told.document == sha256
    known = min(told.known, len(operations)) if mine else 0
    have: Mapping[str, str] = told.have if mine else {}
    sheets = [_told_of(one, have.get(str(one["start"])), sent) for one in drawn["forms"]]
    return {
        "bench": told.bench,
        "answered": told.number,
        "person": person,
        "document": {"path": document.path, "sha256": sha256},
        "head": drawn["head"],
        "forms": sheets,
        "conflicts": [{**asdict(one.operation), "why": one.why} for one in loose],
        "lines": lines_outside(document, forms) if any(map(_is_whole, sheets)) else None,
        "base": known,
        "operations": [asdict(one) for one in operations[known:]],
        "acked": list(taken.acked),
        "refused": {name: dict(why) for name, why in taken.refused.items()},
        "lease": None if lease is None else _lease(lease, told.bench),
        "families": {family.name: dict(family.title) for family in FAMILIES},
    }


def _with_conflicts(
    conflicts: Iterable[tuple[int | None, str, str]],
    forms: Sequence[CheckedForm],
    operations: Sequence[Operation],
) -> tuple[list[Reviewed], list[Conflict]]:
    """The forms, each with the operations that do not count in its fields; and those of no field
    that is there."""
    by_id = {one.id: one for one in operations}
    found: dict[int | None, list[Conflict]] = {}
    for number, name, why in conflicts:
        found.setdefault(number, []).append(Conflict(by_id[name], why))  # type: ignore[arg-type]
    told: list[Reviewed] = []
    loose: list[Conflict] = []
    for form in forms:
        mine, there = found.pop(form.form.index, []), _places(form)
        told.append(Reviewed(form, tuple(one for one in mine if one.operation.place in there)))
        loose += [one for one in mine if one.operation.place not in there]
    return told, [*loose, *(one for rest in found.values() for one in rest)]


def _places(form: CheckedForm) -> set[Place]:
    """Where a conflict of a form is shown beside a field."""
    start = form.form.span.start
    strays = {Place(start, UNREAD, unclaimed(*span)) for span in form.unread}
    return strays | set(places_of(form).values())


def _is_whole(told: Mapping[str, Any]) -> bool:
    return told["sheet"] is not None and told["base"] is None


class Sent(NamedTuple):
    """What a bench was sent of a form: digests of all of it, of its page, and of each field."""

    digest: str
    page: str
    fields: tuple[str, ...]


def _told_of(sheet: Mapping[str, Any], have: str | None, sent: dict[int, Sent]) -> dict[str, Any]:
    """A form for a bench that has the one of the digest ``have``: nothing where it is that one;
    what differs where that is the one it was ``sent`` last; else all of it."""
    start: int = sheet["start"]
    page = {name: sheet[name] for name in _PAGE}
    fields = tuple(_digest(one) for one in sheet["fields"])
    mine = Sent(_digest(sheet), _digest(page), fields)
    former = sent.get(start)
    sent[start] = mine
    told: dict[str, Any] = {"start": start, "digest": mine.digest, "base": None, "sheet": None}
    if have == mine.digest:
        return told
    if former is None or have != former.digest or len(former.fields) != len(fields):
        return told | {"sheet": sheet}
    rest = {name: value for name, value in sheet.items() if name not in _PAGE}
    rest["fields"] = {
        str(index): sheet["fields"][index]
        for index, (one, other) in enumerate(zip(former.fields, fields, strict=True))
        if one != other
    }
    return told | {"base": have, "sheet": rest | ({} if former.page == mine.page else page)}


def _digest(told: object) -> str:
    return hashlib.sha256(orjson.dumps(told)).hexdigest()[:16]


def _lease(lease: Lease, bench: str) -> dict[str, Any]:
    since = datetime.fromtimestamp(lease.since).astimezone().strftime("%H:%M")
    return {"person": lease.person, "since": since, "mine": lease.bench == bench}


def words(lang: str) -> dict[str, str]:
    """The bench's words in one language."""
    return {name: said[lang] for name, said in BENCH.items()}


def archive_token(path: Path) -> str:
    """Tells archives apart in a browser that has seen several."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]

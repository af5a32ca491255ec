"""What reviewers did, as operations that are only ever appended, and the state they fold to.

An operation names the document by its bytes, the form by where it starts, the field by its leaf
and, in a list, by the id of its row: never by an index. It carries what it was made against (the
printed parts that the reviewer saw) and which operations stood in the field at that moment
(``seen``).

The state of a field is a set of heads: the operations in force that no other one in force has seen.
One head stands. Two that say different things were made without knowing of each other: neither
counts, and both are shown as conflicts until somebody who has seen them all decides again. Order of
delivery and repetition change nothing, because nothing here hangs on them: an operation is known by
its id, and ``clock`` and ``seen`` travel with it.

Undoing is an operation too, and can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

Act = Literal[
    "accept", "set", "nothing", "defect", "defer", "reopen", "insert", "remove", "join", "split",
    "family", "undo", "submit",
]  # fmt: skip
"""``accept``: the value is what the page prints. ``set``: it prints ``value``. ``nothing``: it
prints nothing there. ``defect``: the value is read right, and the form itself is wrong. ``defer``:
somebody else, or later. ``reopen``: an error was found beside it, so somebody shall look.

Of the rows of a form (``field`` is :data:`ROWS`): ``insert`` makes the row ``row`` below the row
``value`` (at the top where that is empty). ``remove``: ``row`` is none. ``join``: ``row`` goes on
with what the row ``value`` above it began. ``split``: the later parts of the cells of ``row`` are
those of a row ``value`` below it. Of a form (``field`` is :data:`FAMILY`): ``family`` says that one
of the family ``value`` starts here.

``undo``: the operation ``target`` shall not have been. ``submit``: the reviewer is done with the
document."""

SETTLING = frozenset({"accept", "set", "nothing", "defect"})
"""What settles a field; a deferred one still wants a person."""
STRUCTURAL = frozenset({"insert", "remove", "join", "split", "family"})
"""What changes the rows of a form, or what a form is."""
BUILDING = frozenset({"insert", "split"})
"""What makes a row; a later act on the same row is made on top of it, not in its place."""
ROWS = "indicators[]"
"""The field of an operation on a whole row."""
FAMILY = "form_type"
"""The field of an operation on a whole form."""
UNREAD = "unread"
"""The field of an operation on a printed cell that no field claims; ``row`` is its place in the
document, as :func:`unclaimed` names it. ``accept`` says that it is nothing of the record."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One act of one person.

    ``id`` is made where the act is, and never given again. ``clock`` is one more than the highest
    that the bench knew in this document (Lamport); ``at`` is the bench's own time, which may be
    wrong and decides nothing. ``against`` holds the printed parts of the field as the reviewer saw
    it (those of the name of its row, where it is on a row that is there), ``spent`` the
    milliseconds since the last act. ``form`` counts the characters of the document before the form;
    ``label`` is the number of the question that the act answers.
    """

    id: str
    document: str
    act: Act
    person: str
    clock: int
    form: int | None = None
    field: str | None = None
    row: str | None = None
    value: str | None = None
    against: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    target: str | None = None
    reason: str | None = None
    spent: int = 0
    at: str = ""
    label: int | None = None

    @property
    def place(self) -> Place | None:
        """The field that it is about; none for those of a whole document."""
        if self.form is None or self.field is None:
            return None
        return Place(self.form, self.field, self.row)

    def agrees(self, other: Operation) -> bool:
        """Whether two acts come to the same."""
        return (self.act, self.value) == (other.act, other.value)


class Place(NamedTuple):
    """A field: where its form starts, its leaf (``indicators[].score``), the id of its row.

    ``form`` counts characters of the document. The start stays where a newer reader finds a form
    more or fewer, and numbers would shift.
    """

    form: int
    field: str
    row: str | None


def unclaimed(start: int, end: int) -> str:
    """The name of a printed cell: where its first character is, and that after its last."""
    return f"{start}-{end}"


class Settled(NamedTuple):
    """What stands in a field, and what was said beside it without knowing of it.

    ``beneath`` are acts in force that made rows, which what stands has seen and builds on.
    """

    operation: Operation
    conflicts: tuple[Operation, ...] = ()
    beneath: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """What the operations on one document come to.

    ``undone`` are ids of operations out of force, ``clock`` is the highest that is known.
    """

    fields: Mapping[Place, Settled]
    undone: frozenset[str]
    submitted: tuple[Operation, ...]
    clock: int


def fold(operations: Iterable[Operation]) -> State:
    """The state that operations on one document come to, whatever their order and repetition."""
    known = {one.id: one for one in operations}
    ordered = sorted(known.values(), key=_order)
    undone = _undone(ordered)
    by_place: dict[Place, list[Operation]] = {}
    for one in ordered:
        if one.id not in undone and one.act not in ("undo", "submit") and (place := one.place):
            by_place.setdefault(place, []).append(one)
    return State(
        {place: _settled(mine, known, undone) for place, mine in by_place.items()},
        frozenset(undone),
        tuple(one for one in ordered if one.act == "submit" and one.id not in undone),
        max((one.clock for one in ordered), default=0),
    )


def _order(operation: Operation) -> tuple[int, str]:
    return operation.clock, operation.id


def _undone(ordered: list[Operation]) -> set[str]:
    """Operations that an operation in force undoes. One can only undo what came before it, so the
    last ones are in force for certain, and tell of those before them."""
    places = {one.id: index for index, one in enumerate(ordered)}
    undone: set[str] = set()
    for index in range(len(ordered) - 1, -1, -1):
        one = ordered[index]
        target = one.target or ""
        if one.act == "undo" and one.id not in undone and places.get(target, index) < index:
            undone.add(target)
    return undone


def _settled(mine: list[Operation], known: Mapping[str, Operation], undone: set[str]) -> Settled:
    """The heads of one field; ``mine`` are in force, in order."""
    covered: set[str] = set()
    for one in mine:
        covered.update(_covers(one, known, undone))
    heads = [one for one in mine if one.id not in covered] or mine[-1:]
    first = heads[0]
    acts = {one.act for one in heads}
    beneath = {one.act: one for one in mine if one.act in BUILDING and one.act not in acts}
    return Settled(
        first,
        tuple(one for one in heads[1:] if not one.agrees(first)),
        tuple(beneath.values()),
    )


def _covers(
    operation: Operation, known: Mapping[str, Operation], undone: set[str]
) -> Iterator[str]:
    """What an operation has seen; through one that was undone, also what that had seen."""
    stack, done = list(operation.seen), {operation.id}
    while stack:
        name = stack.pop()
        if name in done:
            continue
        done.add(name)
        yield name
        if name in undone and name in known:
            stack += known[name].seen

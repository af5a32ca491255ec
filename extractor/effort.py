"""How reviewers spend their time, and how much of the work nobody had to do.

An operation is *in force* unless another one in force undoes it. Only those in force are decisions;
the time of all counts, for an undone decision took its time too. The time of an operation is what
its bench measured since the act before it; a pause of more than five minutes counts as five, and is
counted apart. An operation without a time (``spent`` 0) is no measurement of anything.

Worked: a reviewer accepts the grade (4 s), corrects a score (20 s), takes that back (1 s), corrects
it again (5 s) and submits (2 s). Two fields are settled, in 4 s and 20 + 1 + 5 = 26 s; the form
took 30 s and the document 32 s. The decisions are one accept and one correction, so half of them
are accepts; the undo is counted beside them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from statistics import fmean, median
from typing import Literal, NamedTuple, cast

from extractor.numbers import read_number
from extractor.operations import SETTLING, Operation, Place, fold

Kind = Literal[
    "accept", "correct", "nothing", "defect", "defer", "structure", "undo", "reopen", "submit"
]
KINDS: tuple[Kind, ...] = ("accept", "correct", "nothing", "defect", "defer", "structure", "undo")
"""What is told of people, in the order of the tables."""
DECISIONS = KINDS[:-1]

PAUSE = 300.0
"""Seconds; who was away for longer did not work on one field."""
FEWEST = 20
"""Settled fields with a time, below which no median is the archive's own."""
_KNOWN: Mapping[str, Kind] = {
    name: cast(Kind, name)
    for name in ("accept", "nothing", "defect", "defer", "undo", "reopen", "submit")
}


class Received(NamedTuple):
    """An operation, and when the archive got it (ISO 8601, UTC): no bench sets that clock."""

    operation: Operation
    at: str

    @property
    def day(self) -> str:
        return self.at[:10]


class Spread(NamedTuple):
    """Seconds of ``n`` things; ``p90`` is the least that nine of ten do not exceed."""

    n: int
    median: float
    p90: float
    mean: float


@dataclass(frozen=True, slots=True)
class Effort:
    """What reviewing took and came to.

    ``fields`` are the seconds of each settled field, from its first act to its last one, undone
    and deferring ones included; ``forms`` and ``documents`` those of all acts on them. Each is
    ``None`` where nothing was timed. ``seconds`` is all the time spent, ``pauses`` says how many
    acts came after more than :data:`PAUSE`. ``tallies`` counts the acts in force by person and
    day (UTC, of receipt), ``pace`` is the median of the seconds of one decision by day.
    ``settled`` counts the fields that a decision settles, by document and form; a form with any
    operation in force is in there, also with 0.
    """

    fields: Spread | None
    forms: Spread | None
    documents: Spread | None
    seconds: float
    pauses: int
    tallies: Mapping[tuple[str, str], Mapping[Kind, int]]
    pace: Mapping[str, float]
    settled: Mapping[tuple[str, int], int]

    @property
    def counts(self) -> Mapping[Kind, int]:
        """The acts in force of everybody, by kind."""
        total: Counter[Kind] = Counter()
        for one in self.tallies.values():
            total.update(one)
        return total

    @property
    def accepted(self) -> float | None:
        """The share of accepts among the decisions, ``None`` without any."""
        counts = self.counts
        decisions = sum(counts.get(kind, 0) for kind in DECISIONS)
        return counts.get("accept", 0) / decisions if decisions else None


def effort(documents: Iterable[Iterable[Received]]) -> Effort:
    """What the operations on some documents took and came to; those on one document stand together,
    in any order."""
    sums = _Sums({}, {}, {}, {}, defaultdict(Counter), defaultdict(list), Counter())
    for mine in documents:
        known = {one.operation.id: one for one in mine}
        if known:
            _add(sums, next(iter(known.values())).operation.document, known)
    return Effort(
        spread(sums.fields.values()),
        spread(sums.forms.values()),
        spread(sums.documents.values()),
        sum(sums.documents.values()),
        sums.pauses.total(),
        sums.tallies,
        {day: median(took) for day, took in sorted(sums.paces.items())},
        sums.settled,
    )


class _Sums(NamedTuple):
    """Seconds by field, form and document, and the counts, while documents are gone through;
    ``pauses`` counts by document."""

    fields: dict[tuple[str, Place], float]
    forms: dict[tuple[str, int], float]
    documents: dict[str, float]
    settled: dict[tuple[str, int], int]
    tallies: dict[tuple[str, str], Counter[Kind]]
    paces: dict[str, list[float]]
    pauses: Counter[str]


def _add(sums: _Sums, document: str, mine: Mapping[str, Received]) -> None:
    """The operations on one document, by id."""
    state = fold(one.operation for one in mine.values())
    places: dict[Place, float] = defaultdict(float)
    for one in mine.values():
        operation = one.operation
        took = seconds(operation)
        if operation.spent > PAUSE * 1000:
            sums.pauses[document] += 1
        about = _about(operation, mine)
        sums.documents[document] = sums.documents.get(document, 0.0) + took
        if about.form is not None:
            form = document, about.form
            sums.forms[form] = sums.forms.get(form, 0.0) + took
            if (place := about.place) is not None:
                places[place] += took
        if operation.id in state.undone:
            continue
        kind = kind_of(operation)
        sums.tallies[operation.person, one.day][kind] += 1
        if operation.form is not None and kind != "undo":
            sums.settled.setdefault((document, operation.form), 0)
        if took and kind in DECISIONS:
            sums.paces[one.day].append(took)
    for place, settled in state.fields.items():
        if settled.operation.act in SETTLING and not settled.conflicts:
            sums.settled[document, place.form] += 1
            sums.fields[document, place] = places[place]


def _about(operation: Operation, known: Mapping[str, Received]) -> Operation:
    """The operation itself, or that which it undoes, through any number of undoes."""
    passed: set[str] = set()
    while operation.act == "undo" and operation.id not in passed:
        passed.add(operation.id)
        target = known.get(operation.target or "")
        if target is None:
            break
        operation = target.operation
    return operation


def kind_of(operation: Operation) -> Kind:
    """What an operation counts as: ``set`` to what is printed there anyhow is an accept, and every
    act on rows or forms is one of ``structure``."""
    if operation.act == "set":
        return "correct" if changes(operation) else "accept"
    return _KNOWN.get(operation.act, "structure")


def changes(operation: Operation) -> bool:
    """Whether a ``set`` says something else than the printed parts that its author saw.

    Numbers are compared by value: 20 for a printed 20.00 changes nothing.
    """
    value, printed = operation.value or "", "".join(operation.against)
    one, other = read_number(value.strip()), read_number(printed)
    if one is not None and other is not None:
        return one[0].value != other[0].value
    return "".join(value.split()) != "".join(printed.split())


def seconds(operation: Operation) -> float:
    """The time of one operation; a pause counts as :data:`PAUSE`, a clock set back as nothing."""
    return min(max(operation.spent, 0) / 1000, PAUSE)


def spread(values: Iterable[float]) -> Spread | None:
    """The spread of seconds; what took none was not timed and is left out.

    >>> spread([4.0, 26.0, 0.0])
    Spread(n=2, median=15.0, p90=26.0, mean=15.0)
    """
    ordered = sorted(value for value in values if value > 0)
    if not ordered:
        return None
    n = len(ordered)
    return Spread(n, median(ordered), ordered[ceil(0.9 * n) - 1], fmean(ordered))


class Through(NamedTuple):
    """How many there are, and how many went through without a person."""

    through: int
    of: int

    @property
    def share(self) -> float | None:
        return self.through / self.of if self.of else None


class Touched(NamedTuple):
    """A form in a document that somebody acted on: the hash of the document and where the form
    starts; the id of the form that counts for it and its twins, whether that is clear now, its
    fields, and those that want a person now."""

    document: str
    start: int
    counted: int
    clear: bool
    fields: int
    flagged: int


class Archive(NamedTuple):
    """All forms of an archive, a form and its twins once: clear ones, their fields, and those that
    want a person; and the forms among them that somebody acted on."""

    forms: int
    clear: int
    fields: int
    flagged: int
    touched: Collection[Touched]


def straight_through(archive: Archive, spent: Effort) -> tuple[Through, Through]:
    """Forms, then fields, that went through without a person.

    A form did if it is clear and no operation in force is about it or a twin of it. A field did if
    it wants nobody and nobody decided it; one that was cleared because its neighbour was corrected
    is such a one.

    Worked: of 10 forms with 100 fields each 8 are clear, one of them since a person settled its 3
    doubtful fields; the 2 open ones have 5 doubtful fields each. 7 of 10 forms went through, and
    1,000 − 10 − 3 = 987 of 1,000 fields.
    """
    settled = spent.settled
    mine: dict[int, Touched] = {}
    most: dict[int, int] = {}
    for one in archive.touched:
        if (one.document, one.start) in settled:
            mine[one.counted] = one
            most[one.counted] = max(most.get(one.counted, 0), settled[one.document, one.start])
    decided = sum(min(most[n], one.fields - one.flagged) for n, one in mine.items())
    return (
        Through(archive.clear - sum(one.clear for one in mine.values()), archive.forms),
        Through(archive.fields - archive.flagged - decided, archive.fields),
    )


def minutes_saved(unseen: int, spent: Effort) -> float | None:
    """Minutes that a person would have needed for ``unseen`` fields, less those that were spent.

    Counted as if each field would have taken the median of the fields that people settled in this
    archive; ``None`` where fewer than :data:`FEWEST` were timed. It can be negative.

    Worked: 9,000 fields at a median of 4 s are 600 minutes; 45 were spent; 555 are saved.
    """
    timed = spent.fields
    if timed is None or timed.n < FEWEST:
        return None
    return (unseen * timed.median - spent.seconds) / 60

"""A form as its reviewers left it: their operations applied, its checks run again.

An operation fits a form where its field is there, by leaf and row, and prints what the reviewer
saw. After a re-reading where that is no longer so, it changes nothing and is a conflict that a
person sees; nothing moves by index.

What a form is comes first, then its rows, then its fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from extractor.calibration import Calibration, rated_form
from extractor.confidence import state_of
from extractor.families import FAMILIES, family_of
from extractor.families.base import template
from extractor.operations import (
    FAMILY,
    ROWS,
    SETTLING,
    STRUCTURAL,
    UNREAD,
    Operation,
    Place,
    Settled,
    State,
    unclaimed,
)
from extractor.pipeline import readings_of, rechecked, reread
from extractor.readers.cells import read_cells
from extractor.restructure import WANTED, Structure, Why, restructured
from extractor.types import Cell, CheckedForm, Document, Reading, Span


class Conflict(NamedTuple):
    """An operation that does not count, and why.

    ``concurrent``: another one stands, which was made without knowing of it. ``reread``: the field
    prints something else than the reviewer saw. ``gone``: the form has no such field any more.
    """

    operation: Operation
    why: Why


class Reviewed(NamedTuple):
    """A form with what its reviewers said, and the operations that did not count."""

    form: CheckedForm
    conflicts: tuple[Conflict, ...]


def reviewed(
    document: Document,
    form: CheckedForm,
    state: State,
    calibrations: Sequence[Calibration] = (),
) -> Reviewed:
    """A form of a document as operations on that document leave it.

    What ``calibrations`` say holds for the fields that nobody settled; a field of which somebody
    says what does not count wants a person, whatever they say.
    """
    mine = {place: one for place, one in state.fields.items() if place.form == form.form.span.start}
    base, conflicts = _of_family(document, form, mine)
    structure = _rows(base, mine)
    if structure is not None:
        conflicts += [Conflict(*one) for one in structure.vain]
    said = _said(base, structure, mine)
    conflicts += said.conflicts
    again = base
    if said.readings or (structure is not None and _is_other(structure, base)):
        a, b = base.form.span
        again = rechecked(base, document.text[a:b], said.readings, said.defects, structure)
        read = readings_of(base) if structure is None else structure.readings
        said.wanted.update(dict.fromkeys(_to_look_at_again(again, read, said.readings), True))
    if again is not form and calibrations:
        again = rated_form(document, again, calibrations)
    unread, vain = _unread(document, again, mine)
    conflicts += vain
    again = _for_a_person(document, again, said.wanted, unread)
    return Reviewed(replace(again, state="open") if conflicts else again, tuple(conflicts))


def _to_look_at_again(
    form: CheckedForm, read: Mapping[str, Reading], reviewed: Mapping[str, Reading]
) -> Iterator[str]:
    """The fields that somebody typed in sums that fail although all of them was looked at."""
    for finding in form.findings:
        if finding.is_error and not finding.confirmed and set(finding.fields) <= reviewed.keys():
            yield from (p for p in finding.fields if reviewed[p].value != read[p].value)


def _of_family(
    document: Document, form: CheckedForm, mine: Mapping[Place, Settled]
) -> tuple[CheckedForm, list[Conflict]]:
    """The form read as the family that reviewers say it is of."""
    settled = mine.get(Place(form.form.span.start, FAMILY, None))
    if settled is None or settled.operation.act != "family":
        return form, []
    if settled.conflicts:
        return form, [Conflict(one, "concurrent") for one in _told(settled, None)]
    name = settled.operation.value
    if name == form.form.family:
        return form, []
    if name is None or all(family.name != name for family in FAMILIES):
        return form, [Conflict(settled.operation, "gone")]
    other = reread(document, replace(form.form, family=name))
    if not is_read(other):
        return form, [Conflict(settled.operation, "reread")]
    return replace(other, repeats=form.repeats), []


def is_read(form: CheckedForm) -> bool:
    """Whether any value was read there; a year stands in front of anything."""
    return any(entry.value is not None for path, entry in form.entries.items() if path != "year")


def _rows(form: CheckedForm, mine: Mapping[Place, Settled]) -> Structure | None:
    """The form with the rows that reviewers gave it; ``None`` where none of them said anything."""
    acts = {place.row: one for place, one in mine.items() if place.field == ROWS and place.row}
    if not acts:
        return None
    ids = [row["row"] for row in form.record["indicators"]]
    return restructured(family_of(form.form.family), readings_of(form), ids, acts)


def _is_other(structure: Structure, form: CheckedForm) -> bool:
    return structure.readings != readings_of(form) or list(structure.rows) != [
        row["row"] for row in form.record["indicators"]
    ]


class _Said(NamedTuple):
    """What reviewers said of the fields of a form, by path; ``wanted`` are those that want a person
    whatever the rules say, or do not."""

    readings: dict[str, Reading]
    defects: set[str]
    wanted: dict[str, bool]
    conflicts: list[Conflict]


def _said(form: CheckedForm, structure: Structure | None, mine: Mapping[Place, Settled]) -> _Said:
    said = _Said({}, set(), {}, [])
    read = readings_of(form) if structure is None else structure.readings
    if structure is not None:
        said.wanted.update(_of_inserted(structure))
    paths = {place: path for path, place in _places(form, structure).items()}
    for place, settled in mine.items():
        if place.field in (ROWS, FAMILY) and settled.operation.act in STRUCTURAL:
            continue
        if place.field == UNREAD:
            continue
        if structure is not None and _left_with_its_row(place, settled, structure):
            continue
        path = paths.get(place)
        why = _why_not(settled.operation, read.get(path or ""))
        said.conflicts.extend(Conflict(one, why or "concurrent") for one in _told(settled, why))
        if path is None:
            continue
        if why or settled.conflicts or settled.operation.act in ("reopen", "defer"):
            said.wanted[path] = True
            continue
        reading = _settled(form.form.family, read[path], settled.operation)
        if reading is not None:
            said.readings[path] = reading
            said.wanted.pop(path, None)
        if settled.operation.act == "defect":
            said.defects.add(path)
    return said


def _unread(
    document: Document, form: CheckedForm, mine: Mapping[Place, Settled]
) -> tuple[tuple[Span, ...], list[Conflict]]:
    """The printed cells that no field claims and of which nobody said that this is right."""
    start = form.form.span.start
    spans = {Place(start, UNREAD, unclaimed(*span)): span for span in form.unread}
    conflicts: list[Conflict] = []
    for place, settled in mine.items():
        if place.field != UNREAD:
            continue
        one = settled.operation
        span = spans.get(place)
        why: Why | None = "gone" if span is None else None
        if span is not None and one.against != (document.text[span.start : span.end],):
            why = "reread"
        conflicts += [Conflict(other, why or "concurrent") for other in _told(settled, why)]
        if not why and not settled.conflicts and one.act in SETTLING:
            del spans[place]
    return tuple(spans.values()), conflicts


def _of_inserted(structure: Structure) -> Iterator[tuple[str, bool]]:
    """A row that no page prints wants its name and its points from a person, and nothing else."""
    for index, row in enumerate(structure.rows):
        if row in structure.inserted:
            for path in structure.readings:
                if path.startswith(f"indicators[{index}]."):
                    yield path, path.rpartition(".")[2] in WANTED


def _left_with_its_row(place: Place, settled: Settled, structure: Structure) -> bool:
    """Whether what was said of a field went with its row: all that was known to whoever took that
    out. Of the rest its author is told."""
    gone = structure.left.get(place.row or "") if place.field.startswith(ROWS) else None
    return gone is not None and all(
        one.id in gone.seen for one in (settled.operation, *settled.conflicts)
    )


def _for_a_person(
    document: Document, form: CheckedForm, wanted: Mapping[str, bool], unread: tuple[Span, ...]
) -> CheckedForm:
    """The form with these fields in its queue, or out of it, and these cells unclaimed."""
    entries = {
        path: entry if path not in wanted else entry._replace(needs_review=wanted[path])
        for path, entry in form.entries.items()
    }
    if entries == form.entries and unread == form.unread:
        return form
    a, b = form.form.span
    inside = [span.moved(-a) for span in unread]
    state = state_of(document.text[a:b], entries, form.findings, inside)
    return replace(form, entries=entries, unread=unread, state=state)


def _told(settled: Settled, why: Why | None) -> Iterator[Operation]:
    """The operations of a field that do not count: all of them where they do not fit, and where
    two contradict each other both, until somebody decides."""
    if why or settled.conflicts:
        yield settled.operation
    yield from settled.conflicts


def _why_not(operation: Operation, read: Reading | None) -> Why | None:
    if read is None:
        return "gone"
    # That somebody shall look was said without looking at what is printed there.
    if operation.act == "reopen":
        return None
    other = operation.act == "accept" and operation.value not in (None, read.value)
    return "reread" if other or operation.against != read.raw else None


def _settled(family: str, read: Reading, operation: Operation) -> Reading | None:
    """The field as an operation leaves it; ``None`` where it leaves it to somebody else."""
    if operation.act == "defer":
        return None
    value, unit = read.value, read.unit
    corrected = operation.act == "defect" and operation.value is not None
    if operation.act == "nothing" or (corrected and not operation.value):
        value, unit = None, None
    elif operation.act == "set" or corrected:
        found = value_of(family, read.path, operation.value or "")
        value = operation.value if found is None else found.value
        unit = read.unit if found is None else found.unit or read.unit
    return Reading(read.path, "reviewed", value, read.raw, read.spans, read.address, unit)


def value_of(family: str, path: str, text: str) -> Reading | None:
    """What a person wrote, read as a cell that prints it would be; ``None`` where no such field can
    hold it."""
    kind = family_of(family).kind(path)
    read = read_cells(path, kind, [Cell(text.strip(), 0, len(text.strip()))], None)
    return None if read.standing == "unread" or read.value is None else read


def places_of(form: CheckedForm) -> dict[str, Place]:
    """Where each field of a form is, by the id of its row."""
    return _places(form, None)


def _places(form: CheckedForm, structure: Structure | None) -> dict[str, Place]:
    rows = _row_ids(form.record)
    paths = list(form.entries)
    if structure is not None:
        rows, paths = {**rows, "indicators": structure.rows}, list(structure.readings)
    return {path: _place(form.form.span.start, path, rows) for path in paths}


def _place(form: int, path: str, rows: Mapping[str, Sequence[str]]) -> Place:
    section, bracket, rest = path.partition("[")
    if not bracket:
        return Place(form, path, None)
    return Place(form, template(path), rows[section][int(rest.partition("]")[0])])


def _row_ids(record: Mapping[str, object]) -> dict[str, Sequence[str]]:
    """Indicator rows have ids; a group goes by its name, numbered where one comes again."""
    indicators: list[Mapping[str, str]] = record["indicators"]  # type: ignore[assignment]
    groups: list[Mapping[str, str | None]] = record["groups"]  # type: ignore[assignment]
    names: list[str] = []
    for group in groups:
        name = group["level1"] or ""
        names.append(f"{name}#{sum(one.startswith(f'{name}#') for one in names)}")
    return {"indicators": [row["row"] for row in indicators], "groups": names}

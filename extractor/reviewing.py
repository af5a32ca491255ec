"""A form as its reviewers left it: their operations applied, its checks run again.

An operation fits a form where its field is there, by leaf and row, and prints what the reviewer
saw. After a re-reading where that is no longer so, it changes nothing and is a conflict that a
person sees; nothing moves by index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from extractor.calibration import Calibration, rated_form
from extractor.families import family_of
from extractor.families.base import template
from extractor.operations import Operation, Place, Settled, State
from extractor.pipeline import rechecked
from extractor.readers.cells import read_cells
from extractor.types import Cell, CheckedForm, Document, Entry, Reading

Why = Literal["concurrent", "reread", "gone"]


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
    conflicts: list[Conflict] = []
    doubted: set[str] = set()
    readings: dict[str, Reading] = {}
    defects: set[str] = set()
    paths = {place: path for path, place in places_of(form).items()}
    for place, settled in state.fields.items():
        if place.form != form.form.index:
            continue
        path = paths.get(place)
        why = _why_not(settled.operation, form.entries.get(path or ""))
        conflicts += [Conflict(one, why or "concurrent") for one in _told(settled, why)]
        if path is not None and (why or settled.conflicts):
            doubted.add(path)
        if path is None or why or settled.conflicts:
            continue
        reading = _settled(form, form.entries[path], settled.operation)
        if reading is not None:
            readings[path] = reading
        if settled.operation.act == "defect":
            defects.add(path)
    a, b = form.form.span
    again = rechecked(form, document.text[a:b], readings, defects) if readings else form
    if readings and calibrations:
        again = rated_form(document, again, calibrations)
    if conflicts:
        again = _for_a_person(again, doubted)
    return Reviewed(again, tuple(conflicts))


def _for_a_person(form: CheckedForm, doubted: Collection[str]) -> CheckedForm:
    """An open form, with these fields in its queue."""
    entries = {
        path: entry._replace(needs_review=True) if path in doubted else entry
        for path, entry in form.entries.items()
    }
    return replace(form, entries=entries, state="open")


def _told(settled: Settled, why: Why | None) -> Iterator[Operation]:
    """The operations of a field that do not count: all of them where they do not fit, and where
    two contradict each other both, until somebody decides."""
    if why or settled.conflicts:
        yield settled.operation
    yield from settled.conflicts


def _why_not(operation: Operation, entry: Entry | None) -> Why | None:
    if entry is None:
        return "gone"
    return "reread" if operation.against != entry.raw else None


def _settled(form: CheckedForm, entry: Entry, operation: Operation) -> Reading | None:
    """The field as an operation leaves it; ``None`` where it leaves it to somebody else."""
    if operation.act == "defer":
        return None
    value, unit = entry.value, entry.unit
    if operation.act == "nothing":
        value, unit = None, None
    elif operation.act == "set":
        read = value_of(form.form.family, entry.path, operation.value or "")
        value, unit = (read.value, read.unit) if read is not None else (operation.value, None)
    start = form.form.span.start
    spans = tuple(span.moved(-start) for span in entry.spans)
    return Reading(entry.path, "reviewed", value, entry.raw, spans, entry.address, unit)


def value_of(family: str, path: str, text: str) -> Reading | None:
    """What a person wrote, read as a cell that prints it would be; ``None`` where no such field can
    hold it."""
    kind = family_of(family).kind(path)
    read = read_cells(path, kind, [Cell(text.strip(), 0, len(text.strip()))], None)
    return None if read.standing == "unread" or read.value is None else read


def places_of(form: CheckedForm) -> dict[str, Place]:
    """Where each field of a form is, by the id of its row."""
    rows = _row_ids(form.record)
    return {path: _place(form.form.index, path, rows) for path in form.entries}


def _place(form: int, path: str, rows: Mapping[str, Sequence[str]]) -> Place:
    section, bracket, rest = path.partition("[")
    if not bracket:
        return Place(form, path, None)
    return Place(form, template(path), rows[section][int(rest.partition("]")[0])])


def _row_ids(record: Mapping[str, object]) -> dict[str, list[str]]:
    """Indicator rows have ids; a group goes by its name, numbered where one comes again."""
    indicators: list[Mapping[str, str]] = record["indicators"]  # type: ignore[assignment]
    groups: list[Mapping[str, str | None]] = record["groups"]  # type: ignore[assignment]
    names: list[str] = []
    for group in groups:
        name = group["level1"] or ""
        names.append(f"{name}#{sum(one.startswith(f'{name}#') for one in names)}")
    return {"indicators": [row["row"] for row in indicators], "groups": names}

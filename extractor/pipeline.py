"""The order of things: a document → forms, read, grounded, settled, judged and scored.

The only module that knows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any, NamedTuple

from extractor.checks.judge import Judgement, Known, judge
from extractor.checks.kinds import Readable
from extractor.confidence import ranked, state_of
from extractor.disputes import NO_DOUBTS, Doubts, findings_of
from extractor.double import alone, doubled
from extractor.evidence import BETWEEN_READERS, Evidence, evidence_of, support_of
from extractor.families import FAMILIES, Family, family_of
from extractor.families.near_misses import EMPTY
from extractor.grid import rows
from extractor.ground import grounded
from extractor.readers import VERSION
from extractor.readers.placing import placed
from extractor.readers.table import read_table
from extractor.restructure import Structure
from extractor.segment import MARKS, Start, segment
from extractor.settle import record_of, settle, shape_of, values_of
from extractor.suspects import explained
from extractor.text import compare_key, printable
from extractor.types import (
    CheckedDocument,
    CheckedForm,
    Document,
    Entry,
    Finding,
    Form,
    FormReading,
    Origin,
    Reading,
    Refused,
    Span,
)

CHECK_SET = hashlib.sha256(
    repr([(family.name, family.checks) for family in FAMILIES]).encode()
).hexdigest()[:12]
"""Names the declared checks; changes whenever one of them does."""


class Piece(NamedTuple):
    """What stands at one start of a document; ``text`` is the form's own.

    Without a family nothing is read there.
    """

    start: Start
    family: Family | None
    text: str

    @property
    def is_worth_asking(self) -> bool:
        """Whether a model could read a form here: there is a known title over some number."""
        return self.family is not None and any(map(str.isdecimal, self.text))

    def rows(self) -> list[int]:
        """Where the rows of the indicator table start, as far as the table reader sees them."""
        readings = read_table(self.text, self.family).readings if self.family else {}
        names = (readings.get(f"indicators[{i}].name") for i in range(len(readings)))
        found = takewhile(lambda name: name is not None, names)
        return [name.spans[0].start for name in found if name and name.spans]


class Outline(NamedTuple):
    """A document taken apart: its pieces in the order of the page, and the tail in front."""

    document: Document
    pieces: tuple[Piece, ...]
    tail: Span | None


class Second(NamedTuple):
    """What a model read on a piece: every leaf as printed, and which model it was.

    ``looks`` are cells that it was asked about again; ``alone`` lets its reading stand without that
    of the table reader.
    """

    leaves: Mapping[str, str | None]
    origin: Origin
    alone: bool = False
    looks: Mapping[str, str | None] = {}


Seconds = Mapping[int, Second]
"""Second readings by the number of their piece."""
NO_SECONDS: Seconds = {}


def read_document(document: Document) -> CheckedDocument:
    """Reads and checks every form of a document with the table reader."""
    return finish(outline(document))


def outline(document: Document) -> Outline:
    """A document taken apart into its forms."""
    text = document.text
    starts, tail = segment(text, rows(text, MARKS))
    return Outline(document, tuple(_piece(text, start) for start in starts), tail)


def _piece(text: str, start: Start) -> Piece:
    family = None if start.family is None else family_of(start.family)
    return Piece(start, family, text[start.span.start : start.span.end])


def finish(outline: Outline, seconds: Seconds = NO_SECONDS) -> CheckedDocument:
    """The forms of a document, read and checked; where a model read a piece too, settled with
    that."""
    forms: list[CheckedForm] = []
    refused: list[Refused] = []
    for number, piece in enumerate(outline.pieces):
        taken = _take(piece, seconds.get(number), len(forms))
        if isinstance(taken, Refused):
            refused.append(taken)
        elif not _repeats(forms, taken):
            forms.append(taken)
    titles = sum(piece.start.title is not None for piece in outline.pieces)
    untitled = len(outline.pieces) - titles
    return CheckedDocument(
        outline.document, tuple(forms), tuple(refused), outline.tail, titles, untitled
    )


def _take(piece: Piece, second: Second | None, index: int) -> CheckedForm | Refused:
    """What stands at one start: a form, or a refusal."""
    start, family = piece.start, piece.family
    if family is not None:
        reading, doubts = read_table(piece.text, family), NO_DOUBTS
        if second is not None:
            reading, doubts = _settled_with(second, piece.text, family, reading)
        if not _is_empty(reading):
            form = Form(family.name, start.span, index, start.title)
            return check_form(form, family, piece.text, reading, doubts, second and second.origin)
    return Refused(start.span, printable(start.title or ""), *(start.refusal or EMPTY))


def _settled_with(
    second: Second, text: str, family: Family, table: FormReading
) -> tuple[FormReading, Doubts]:
    """A model's reading placed in the page, alone or settled with that of the table reader."""
    model = placed(text, family, second.leaves, table)
    entered = alone(table, model) if second.alone else doubled(family, table, model)
    return entered.reading, Doubts(entered.agreed, entered.disputes, second.looks)


def check_form(
    form: Form,
    family: Family,
    text: str,
    reading: FormReading,
    doubts: Doubts = NO_DOUBTS,
    origin: Origin | None = None,
) -> CheckedForm:
    """One reading of a form, whose own text ``text`` is → its entries, findings and state.

    ``doubts`` are those of two readers, and ``origin`` names the model that was one of them.
    """
    readings = grounded(text, family, reading.readings.values())
    settled = settle(family, reading, readings)
    record = record_of(family, settled, reading.row_ids, reading.groups)
    judged = _judged(family, record, settled, doubts.evidence(), form.span.start)
    disputed = doubts.open(family, settled, judged.judgement)
    labels = {one.path: family.labels(one.path, record) for one in doubts.disputes}
    differing = findings_of(doubts, judged.judgement, judged.findings, labels, disputed)
    findings = (*judged.findings, *differing)
    entries = ranked(judged.entries, support_of(family, judged.checks, judged.entries, findings))
    return CheckedForm(
        form,
        reading.reader,
        CHECK_SET,
        record,
        entries,
        findings,
        tuple(span.moved(form.span.start) for span in reading.unread),
        state=state_of(text, entries, findings, reading.unread),
        origin=origin,
        reader_version=VERSION,
    )


def reread(document: Document, form: Form) -> CheckedForm:
    """A form of a document, as it is told of, read by the table reader."""
    a, b = form.span
    family, text = family_of(form.family), document.text[a:b]
    return check_form(form, family, text, read_table(text, family))


def readings_of(form: CheckedForm) -> dict[str, Reading]:
    """What stands in each leaf of a form as readings, whose spans count from its start."""
    start = form.form.span.start
    return {path: _reading(entry, start) for path, entry in form.entries.items()}


def rechecked(
    form: CheckedForm,
    text: str,
    reviewed: Mapping[str, Reading],
    defects: Collection[str] = (),
    structure: Structure | None = None,
) -> CheckedForm:
    """A form with what reviewers said in place of what was read, its checks run again.

    ``text`` is the form's own. ``reviewed`` are readings whose standing says so; ``defects`` are
    fields of which a reviewer says that the page prints them so and is itself wrong: the identities
    that fail with one of them are confirmed, and ask nobody any more; so are those of which
    reviewers have looked at every field. ``structure`` has the leaves
    of the form where its rows are others now; the paths of all others are those of it.
    """
    family, start = family_of(form.form.family), form.form.span.start
    read = readings_of(form) if structure is None else structure.readings
    settled = {path: reviewed.get(path) or reading for path, reading in read.items()}
    ids = [row["row"] for row in form.record["indicators"]] if structure is None else structure.rows
    moved = {path: path for path in form.entries} if structure is None else structure.moved
    record = record_of(family, settled, ids, len(form.record["groups"]))
    # Nobody accuses a field that a person has looked at sooner than another.
    agreed = {
        moved[path]: one.agreed
        for path, one in form.entries.items()
        if one.agreed is not None and path in moved
    }
    judged = _judged(family, record, settled, agreed | dict.fromkeys(reviewed, True), start)
    # What a person typed may be mistyped: only what was read as it was can be the page's own error.
    looked_at = {path for path, one in reviewed.items() if one.value == read[path].value}
    differing = [_moved(one, moved) for one in form.findings if _is_between_readers(one)]
    findings = (
        *(_confirmed(one, defects, looked_at) for one in judged.findings),
        *(one for one in differing if one is not None and one.fields[0] not in reviewed),
    )
    entries = ranked(judged.entries, support_of(family, judged.checks, judged.entries, findings))
    unread = [span.moved(-start) for span in form.unread]
    return replace(
        form,
        record=record,
        entries=entries,
        findings=findings,
        state=state_of(text, entries, findings, unread),
    )


def _is_between_readers(finding: Finding) -> bool:
    return finding.check.startswith(BETWEEN_READERS)


def _moved(finding: Finding, moved: Mapping[str, str]) -> Finding | None:
    """A disagreement of two readers where its field stands now; ``None`` where that has left."""
    field = finding.fields[0]
    if field not in moved:
        return None
    return replace(
        finding,
        check=f"{finding.check.partition(':')[0]}:{moved[field]}",
        fields=tuple(moved[path] for path in finding.fields if path in moved),
        suspects=tuple(
            replace(one, changes=tuple((moved[path], value) for path, value in one.changes))
            for one in finding.suspects
            if all(path in moved for path, _ in one.changes)
        ),
    )


def _confirmed(finding: Finding, defects: Collection[str], reviewed: Collection[str]) -> Finding:
    """A failing identity that is the page's own: a person says so of one of its fields, or has
    looked at all of them and it fails still."""
    of_page = not set(defects).isdisjoint(finding.fields)
    if finding.is_error and (of_page or set(finding.fields) <= set(reviewed)):
        return replace(finding, cause="source_defect", confirmed=True)
    return finding


def _reading(entry: Entry, start: int) -> Reading:
    spans = tuple(span.moved(-start) for span in entry.spans)
    return Reading(
        entry.path, entry.standing, entry.value, entry.raw, spans, entry.address, entry.unit,
        entry.reasons,
    )  # fmt: skip


class _Judged(NamedTuple):
    """Settled readings as entries, and what the checks say of them."""

    checks: Known
    judgement: Judgement
    findings: tuple[Finding, ...]
    entries: dict[str, Entry]


def _judged(
    family: Family,
    record: Mapping[str, Any],
    settled: Mapping[str, Reading],
    agreed: Mapping[str, bool],
    start: int,
) -> _Judged:
    unreadable = [
        Readable(path, printable(" ".join(found.raw)))
        for path, found in settled.items()
        if found.standing == "unread" and family.is_number(path)
    ]
    checks = family.known(shape_of(record))
    values = values_of(family, settled)
    judgement = judge(checks, values, lambda path: family.labels(path, record), unreadable)
    entries = _entries(settled, judgement, agreed, start)
    told = explained(family, checks, values, judgement.findings, entries, agreed)
    return _Judged(checks, judgement, told.findings, told.entries)


def _entries(
    settled: Mapping[str, Reading],
    judgement: Judgement,
    agreed: Mapping[str, bool],
    offset: int,
) -> dict[str, Entry]:
    """Every settled reading as an entry, with the checks that hold and fail for it; spans count
    from ``offset``, where the form starts."""
    holds, fails = judgement.holds, judgement.fails
    return {
        path: Entry(
            path,
            reading.value,
            reading.raw,
            tuple([Span(start + offset, end + offset) for start, end in reading.spans])
            if reading.spans
            else (),
            reading.address,
            reading.standing,
            reading.unit,
            reading.reasons,
            holds=tuple(holds[path]) if path in holds else (),
            fails=tuple(fails[path]) if path in fails else (),
            agreed=agreed.get(path),
        )
        for path, reading in settled.items()
    }


def evidence_for(form: CheckedForm) -> dict[str, Evidence]:
    """The evidence for every entry of a form, also of one out of an archive."""
    family = family_of(form.form.family)
    checks = family.known(shape_of(form.record))
    return evidence_of(family, checks, form.entries, form.findings, len(form.unread))


def _is_empty(reading: FormReading) -> bool:
    return not reading.unread and not any(
        found.value is not None and path != "year" for path, found in reading.readings.items()
    )


def _repeats(forms: list[CheckedForm], checked: CheckedForm) -> bool:
    """Whether the document holds the same form already, value for value; notes it there."""
    family = family_of(checked.form.family)
    named = [path for path, leaf in family.leaves.items() if leaf.required and "[" not in path]
    if any(checked.entries[path].value is None for path in named):
        return False
    for index, other in enumerate(forms):
        if other.form.family != checked.form.family or any(
            other.entries[path].value != checked.entries[path].value for path in named
        ):
            continue
        if _says_the_same(family, other, checked):
            forms[index] = replace(other, repeats=(*other.repeats, checked.form.span))
            return True
    return False


def _says_the_same(family: Family, one: CheckedForm, two: CheckedForm) -> bool:
    return one.entries.keys() == two.entries.keys() and all(
        entry.value == two.entries[path].value
        or compare_key(family.kind(path), entry.value)
        == compare_key(family.kind(path), two.entries[path].value)
        for path, entry in one.entries.items()
    )

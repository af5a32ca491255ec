"""The order of things: a document → forms, read, grounded, settled, judged and scored.

The only module that knows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from extractor.checks.judge import judge
from extractor.checks.kinds import Readable
from extractor.confidence import score
from extractor.families import FAMILIES, Family, family_of
from extractor.families.near_misses import EMPTY
from extractor.grid import rows
from extractor.ground import grounded
from extractor.readers.table import read_table
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
    FormState,
    Refused,
    Span,
)

CHECK_SET = hashlib.sha256(
    repr([(family.name, family.checks) for family in FAMILIES]).encode()
).hexdigest()[:12]
"""Names the declared checks; changes whenever one of them does."""


def read_document(document: Document) -> CheckedDocument:
    """Reads and checks every form of a document with the table reader."""
    text = document.text
    starts, tail = segment(text, rows(text, MARKS))
    forms: list[CheckedForm] = []
    refused: list[Refused] = []
    for start in starts:
        taken = _take(text, start, len(forms))
        if isinstance(taken, Refused):
            refused.append(taken)
        elif not _repeats(forms, taken):
            forms.append(taken)
    titles = sum(start.title is not None for start in starts)
    untitled = len(starts) - titles
    return CheckedDocument(document, tuple(forms), tuple(refused), tail, titles, untitled)


def _take(text: str, start: Start, index: int) -> CheckedForm | Refused:
    """What stands at one start: a form, or a refusal."""
    refusal = start.refusal
    if start.family is not None:
        family = family_of(start.family)
        own_text = text[start.span.start : start.span.end]
        reading = read_table(own_text, family)
        if not _is_empty(reading):
            form = Form(family.name, start.span, index, start.title)
            return check_form(form, family, own_text, reading)
    return Refused(start.span, printable(start.title or ""), *(refusal or EMPTY))


def check_form(form: Form, family: Family, text: str, reading: FormReading) -> CheckedForm:
    """One reading of a form, whose own text ``text`` is → its entries, findings and state."""
    readings = grounded(text, family, reading.readings.values())
    settled = settle(family, reading, readings)
    record = record_of(family, settled, reading.row_ids, reading.groups)
    unreadable = [
        Readable(path, printable(" ".join(found.raw)))
        for path, found in settled.items()
        if found.standing == "unread" and family.is_number(path)
    ]
    checks = family.known(shape_of(record))
    values = values_of(family, settled)
    judgement = judge(checks, values, lambda path: family.labels(path, record), unreadable)
    scored = score(family, settled, judgement, form.span.start)
    findings, entries = explained(family, checks, values, judgement.findings, scored)
    return CheckedForm(
        form,
        reading.reader,
        CHECK_SET,
        record,
        entries,
        findings,
        tuple(span.moved(form.span.start) for span in reading.unread),
        state=_state(text, entries, findings, reading.unread),
    )


def _state(
    text: str, entries: Mapping[str, Entry], findings: Iterable[Finding], unread: Iterable[Span]
) -> FormState:
    """Open while anything wants a person: a field, a failing identity, a number nobody read."""
    if any(entry.needs_review for entry in entries.values()):
        return "open"
    if any(finding.is_error for finding in findings):
        return "open"
    digits = any(any(c.isdigit() for c in text[start:end]) for start, end in unread)
    return "open" if digits else "clear"


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

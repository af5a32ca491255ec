"""The order of things: a document → forms, read, grounded, settled, judged and scored.

The only module that knows it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from extractor.checks.judge import judge
from extractor.checks.kinds import Readable
from extractor.confidence import score
from extractor.families import FAMILIES, Family, family_of
from extractor.families.near_misses import EMPTY_REASON
from extractor.grid import rows
from extractor.ground import grounded
from extractor.readers.table import read_table
from extractor.segment import Start, segment
from extractor.settle import record_of, settle, shape_of, values_of
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
    starts, tail = segment(text, rows(text))
    result = CheckedDocument(document, tail=tail)
    result.titles = sum(start.title is not None for start in starts)
    result.untitled = len(starts) - result.titles
    for start in starts:
        _take(result, start)
    return result


def _take(result: CheckedDocument, start: Start) -> None:
    """Adds what stands at one start: a form, a form printed again, or a refusal."""
    refusal = start.refusal
    if start.family is not None:
        family = family_of(start.family)
        text = result.document.text[start.span.start : start.span.end]
        reading = read_table(text, family)
        if _is_empty(reading):
            refusal = ("empty_form", EMPTY_REASON)
        else:
            form = Form(family.name, start.span, len(result.forms), start.title)
            checked = check_form(form, family, text, reading)
            if not _repeats(result, checked):
                result.forms.append(checked)
            return
    if refusal is not None:
        title = printable(start.title or "")
        result.refused.append(Refused(start.span, title, *refusal))


def check_form(form: Form, family: Family, text: str, reading: FormReading) -> CheckedForm:
    """One reading of a form → its entries, findings and state."""
    readings = grounded(text, family, reading.readings.values())
    entries = settle(family, reading, readings)
    record = record_of(family, entries, reading.row_ids, reading.groups)
    values = values_of(family, entries)
    unreadable = [
        Readable(path, printable(" ".join(entry.raw)))
        for path, entry in entries.items()
        if entry.standing == "unread" and family.is_number(path)
    ]
    checks = family.bound(shape_of(record))
    judgement = judge(checks, values, lambda path: family.labels(path, record), unreadable)
    score(family, entries, judgement)
    offset = form.span.start
    for entry in entries.values():
        entry.spans = tuple(span.moved(offset) for span in entry.spans)
    unread = tuple(span.moved(offset) for span in reading.unread)
    return CheckedForm(
        form,
        reading.reader,
        CHECK_SET,
        record,
        entries,
        tuple(judgement.findings),
        unread,
        state=_state(text, entries, judgement.findings, reading.unread),
    )


def _state(
    text: str, entries: dict[str, Entry], findings: list[Finding], unread: list[Span]
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


def _repeats(result: CheckedDocument, checked: CheckedForm) -> bool:
    """Whether the document holds the same form already, value for value."""
    family = family_of(checked.form.family)
    named = [path for path, leaf in family.leaves.items() if leaf.required and "[" not in path]
    if any(checked.entries[path].value is None for path in named):
        return False
    for index, other in enumerate(result.forms):
        if other.form.family == checked.form.family and _says_the_same(family, other, checked):
            repeats = (*other.repeats, checked.form.span)
            result.forms[index] = replace(other, repeats=repeats)
            return True
    return False


def _says_the_same(family: Family, one: CheckedForm, two: CheckedForm) -> bool:
    return one.entries.keys() == two.entries.keys() and all(
        entry.value == two.entries[path].value
        or compare_key(family.kind(path), entry.value)
        == compare_key(family.kind(path), two.entries[path].value)
        for path, entry in one.entries.items()
    )

"""The forms of a document as reviewers left them, those that no reader saw among them.

Where a reviewer says that a form begins and no reader found one, there is a marked form: it ends
before the next one, and the form in which it was is cut off before it. A form that a reader by now
finds there itself is that form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from extractor.calibration import Calibration, rated_form
from extractor.families import FAMILIES
from extractor.operations import FAMILY, Operation, Place, Settled, State
from extractor.pipeline import reread
from extractor.reviewing import Conflict, is_read, reviewed
from extractor.types import CheckedForm, Document, Form, Span


class Whole(NamedTuple):
    """A document with what its reviewers said.

    ``machine`` are the readings of its forms: those of readers, by the numbers they have, and after
    them the marked ones, in the order of their start. ``forms`` are the same as operations leave
    them, each with those that do not count in it; ``None`` is one that did not have to be drawn.
    ``conflicts`` are operations that fit no form at all.
    """

    machine: tuple[CheckedForm, ...]
    forms: tuple[tuple[CheckedForm, tuple[Conflict, ...]] | None, ...]
    conflicts: tuple[Conflict, ...]


def drawn(
    document: Document,
    forms: Sequence[CheckedForm],
    state: State,
    calibrations: Sequence[Calibration] = (),
    before: State | None = None,
) -> Whole:
    """The forms of a document as operations leave them; ``forms`` are those of the readers.

    ``before`` is the state that they were drawn from already, if they were: then only what differs
    is drawn.
    """
    starts = {form.form.span.start for form in forms}
    marks, vain = _marks(document, starts, state)
    number = max((form.form.index for form in forms), default=-1) + 1
    found = _all_marked(document, marks, starts, number)
    readable = {start: name for start, name in marks.items() if is_read(found[start])}
    if len(readable) < len(marks):
        found = _all_marked(document, readable, starts, number)
    if calibrations:
        found = {start: rated_form(document, one, calibrations) for start, one in found.items()}
    known = [*forms, *found.values()]
    return Whole(
        tuple(known),
        tuple(_form(document, form, found, state, calibrations, before) for form in known),
        (*vain, *_homeless(state, starts | found.keys())),
    )


def _form(
    document: Document,
    form: CheckedForm,
    marks: Mapping[int, CheckedForm],
    state: State,
    calibrations: Sequence[Calibration],
    before: State | None,
) -> tuple[CheckedForm, tuple[Conflict, ...]] | None:
    """A form as operations leave it; ``None`` where they leave it as they did before."""
    a, b = form.form.span
    if (
        before is not None
        and a not in marks
        and _said_of(state, a) == _said_of(before, a)
        and _said_inside(state, form) == _said_inside(before, form)
    ):
        return None
    cuts = [start for start in marks if a < start < b]
    if cuts:
        span = _trimmed(document.text, a, min(cuts))
        cut = reread(document, replace(form.form, span=span))
        repeats = tuple(one for one in form.repeats if one.start < span.end)
        form = replace(cut, repeats=repeats)
        if calibrations:
            form = rated_form(document, form, calibrations)
    told = reviewed(document, form, state, calibrations)
    return told.form, told.conflicts


def _said_of(state: State, start: int) -> dict[Place, Settled]:
    return {place: one for place, one in state.fields.items() if place.form == start}


def _said_inside(state: State, form: CheckedForm) -> dict[Place, Settled]:
    """What is said of forms that begin inside one, and so cut it off."""
    a, b = form.form.span
    return {
        place: one
        for place, one in state.fields.items()
        if a < place.form < b and place.field == FAMILY
    }


def _marks(
    document: Document, starts: set[int], state: State
) -> tuple[dict[int, str], list[Conflict]]:
    """``{start: family}`` of the forms that reviewers saw and readers did not; what cannot be."""
    marks: dict[int, str] = {}
    vain: list[Conflict] = []
    for place, settled in state.fields.items():
        one = settled.operation
        if place.field != FAMILY or place.form in starts or one.act != "family":
            continue
        if settled.conflicts:
            vain += [Conflict(other, "concurrent") for other in (one, *settled.conflicts)]
        elif one.value and starts_line(document.text, place.form) and _is_family(one.value):
            marks[place.form] = one.value
    return marks, vain


def _all_marked(
    document: Document, marks: Mapping[int, str], starts: set[int], number: int
) -> dict[int, CheckedForm]:
    """The marked forms by their start, numbered from ``number`` on; ``starts`` are other forms'."""
    bounds = sorted(starts | marks.keys())
    return {
        start: _marked(document, start, name, bounds, number + i)
        for i, (start, name) in enumerate(sorted(marks.items()))
    }


def _is_family(name: str) -> bool:
    return any(family.name == name for family in FAMILIES)


def starts_line(text: str, offset: int) -> bool:
    """Whether the first character of a line stands there."""
    if not 0 <= offset < len(text) or text[offset].isspace():
        return False
    before = text[:offset].rstrip(" \t\u3000\ufeff")
    return not before or before[-1] in "\r\n"


def _marked(
    document: Document, start: int, family: str, bounds: Sequence[int], index: int
) -> CheckedForm:
    end = next((one for one in bounds if one > start), len(document.text))
    span = _trimmed(document.text, start, end)
    title = document.text[span.start : span.end].partition("\n")[0].strip()
    return reread(document, Form(family, span, index, title if _is_title(title) else None))


def _is_title(line: str) -> bool:
    return "\t" not in line and "|" not in line and 0 < len(line) <= 60


def _trimmed(text: str, start: int, end: int) -> Span:
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _homeless(state: State, starts: set[int]) -> Iterator[Conflict]:
    """Operations of forms that there are not."""
    for place, settled in state.fields.items():
        is_told = place.field == FAMILY and bool(settled.conflicts)
        if place.form not in starts and not is_told:
            told: tuple[Operation, ...] = (settled.operation, *settled.conflicts)
            yield from (Conflict(one, "gone") for one in told)


def can_be_marked(
    document: Document, forms: Sequence[CheckedForm], start: int, family: str
) -> bool:
    """Whether anything is read as a form of a family that starts there; ``forms`` are the others,
    marked ones among them."""
    known = next((one for one in forms if one.form.span.start == start), None)
    if known is not None:
        return is_read(reread(document, replace(known.form, family=family)))
    bounds = sorted(one.form.span.start for one in forms)
    return is_read(_marked(document, start, family, bounds, 0))

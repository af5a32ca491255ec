"""The nouns of Crossfoot.

Frozen, slotted dataclasses that say nothing of how they are made; what a form holds by the hundred
(spans, cells, readings, entries) is a named tuple, as immutable and three times as quick to make.
All offsets are counted in
characters of ``Document.text``; a span is half-open, so ``text[span.start:span.end]`` is what it
covers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Standing = Literal["read", "blank", "absent", "unread", "reviewed"]
Verdict = Literal["holds", "fails", "cannot_tell"]
Severity = Literal["error", "advice"]
Cause = Literal["misread", "source_defect", "undetermined"]
FormState = Literal["open", "clear"]
Basis = Literal["gold", "corrections", "generated"]
"""What labels are: a gold set, what reviewers of an archive said, or forms that were made."""

SCHEMA_VERSION = 1


class Span(NamedTuple):
    """A half-open range of characters. A tuple, because a form holds hundreds of them."""

    start: int
    end: int

    def moved(self, offset: int) -> Span:
        return Span(self.start + offset, self.end + offset)


@dataclass(frozen=True, slots=True)
class Document:
    """One text with its origin.

    ``path`` is relative to ``root`` with ``/`` separators; ``sha256`` is the hash of the file's
    bytes (not of the decoded text); ``encoding`` is the name of the codec that decoded it.
    """

    root: str
    path: str
    text: str
    sha256: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Form:
    """A span of a document that holds one form of one family; ``index`` counts accepted forms."""

    family: str
    span: Span
    index: int
    title: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A near miss: a title was seen, but what stands under it is not a form of a known family."""

    span: Span
    title: str
    code: str
    reason: Mapping[str, str]


class Cell(NamedTuple):
    """A piece of a page: its text without outer spaces and where that text stands.

    A blank cell has an empty text, and its place means nothing.
    """

    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


BLANK = Cell("", 0, 0)
"""A cell that holds nothing; where it stands does not matter to anyone."""


class Reading(NamedTuple):
    """One reader's claim about one field.

    ``value`` is normalised (``contract`` of values), ``raw`` the printed parts it was made of and
    ``spans`` where they stand, in reading order and of equal length. ``address`` names the cell in
    words: section, row label, column header. A reading is never changed once made.
    """

    path: str
    standing: Standing
    value: str | None = None
    raw: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    address: str | None = None
    unit: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormReading:
    """Everything one reader says of one form; spans count from the start of the form.

    ``row_ids`` holds a stable id for each indicator row, ``groups`` counts the groups with a
    weight of their own, ``unread`` lists the non-blank cells that nothing claims.
    """

    reader: str
    readings: dict[str, Reading]
    row_ids: tuple[str, ...]
    groups: int
    unread: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A field, or several, whose change would clear findings, with the value implied.

    ``edit`` names the slip that made the value into the print, ``stands`` where else in its row or
    column the value is printed.
    """

    rank: int
    changes: tuple[tuple[str, str], ...]
    clears: tuple[str, ...]
    edit: str | None = None
    stands: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that fails or cannot be judged.

    ``residual`` is printed minus implied in the printed unit, ``None`` where the check is not
    additive. ``message`` holds the sentence in ``zh`` and ``en``. ``confirmed`` says that a person
    has looked, and the form itself is wrong. ``readings`` are what each reader says of the first
    field (``table``, ``model``, ``look`` for a second look), where two disagree.
    """

    check: str
    rule: str | None
    verdict: Verdict
    severity: Severity
    fields: tuple[str, ...]
    residual: str | None
    message: Mapping[str, str]
    cause: Cause = "undetermined"
    suspects: tuple[Suspect, ...] = ()
    confirmed: bool = False
    readings: tuple[tuple[str, str | None], ...] = ()

    @property
    def is_error(self) -> bool:
        return self.severity == "error" and self.verdict == "fails"


class Confidence(NamedTuple):
    """How probable it is that a value is right, and what that rests on.

    ``p`` is between 0 and 1, ``None`` where there were too few errors to learn from. ``bound`` is
    the share of wrong values, among all that were accepted as this one was, that is not exceeded
    with 95 % confidence; ``None`` where nothing is promised. ``n`` labels of the kind ``basis`` are
    behind the bound, or behind ``p`` where there is none.
    """

    p: float | None
    basis: Basis
    n: int
    bound: float | None


class Entry(NamedTuple):
    """The value now standing in one leaf of the record, with the evidence for it.

    ``agreed`` tells whether two readers read the same, where there were two.
    """

    path: str
    value: str | None
    raw: tuple[str, ...]
    spans: tuple[Span, ...]
    address: str | None
    standing: Standing
    unit: str | None
    reasons: tuple[str, ...]
    stratum: str = "grounded"
    needs_review: bool = False
    holds: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    suggestion: Mapping[str, Any] | None = None
    agreed: bool | None = None
    confidence: Confidence | None = None


class Origin(NamedTuple):
    """Which model read a form, and the hashes of the rendered prompt and of the schema it got."""

    model: str
    prompt: str
    schema: str


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """One form, read and checked; spans count from the start of the document.

    ``origin`` is none where no model was asked. ``reader_version`` is that of the code that read
    it (``extractor.readers.VERSION``).
    """

    form: Form
    reader: str
    check_set: str
    record: dict[str, Any]
    entries: dict[str, Entry]
    findings: tuple[Finding, ...]
    unread: tuple[Span, ...]
    repeats: tuple[Span, ...] = ()
    state: FormState = "clear"
    origin: Origin | None = None
    reader_version: str = ""


def reader_of(form: CheckedForm) -> str:
    """Who read a form: ``table``, or reader, model and prompt (``both:gpt-x:1f0c…``)."""
    if form.origin is None:
        return form.reader
    return f"{form.reader}:{form.origin.model}:{form.origin.prompt}"


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """What one document came to.

    ``titles`` counts title lines seen and ``untitled`` the starts found where a title was lost:
    ``titles + untitled == len(forms) + repeats + len(refused)``. ``tail`` is text in front of the
    first form that belongs to none.
    """

    document: Document
    forms: tuple[CheckedForm, ...] = ()
    refused: tuple[Refused, ...] = ()
    tail: Span | None = None
    titles: int = 0
    untitled: int = 0

    @property
    def repeats(self) -> int:
        return sum(len(form.repeats) for form in self.forms)

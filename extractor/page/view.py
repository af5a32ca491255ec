"""One form as the page sees it: numbered, gathered, its entries and source rows addressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from extractor.grid import Row, rows
from extractor.page.markup import both, classes, padding, tag, text
from extractor.report.gathering import Gathered, printed
from extractor.types import CheckedDocument, Document, Entry

LEVELS = {
    "contradicted": "partner",
    "unread": "bad",
    "missing": "bad",
    "unproven": "maybe",
    "disputed": "maybe",
    "moved": "moved",
}
"""How loud a stratum is on the page; what is not named here needs no mark."""

_MARKED = {"named": "bad", "either": "either"}
"""What is suspected is louder than what only shares its sum."""
_SAID = {
    "named": ("（疑点）", " (suspect)"),
    "either": ("（可能有误）", " (may be wrong)"),
    "partner": ("（所在算式不符）", " (in a sum that fails)"),
}

SHOULD = {
    "named": (("应为 {}", "should be {}"), ("疑点", "suspect")),
    "either": (("或为 {}？", "or {}?"), ("有误？", "wrong?")),
    "missing": (("建议 {}", "hint: {}"), ("缺数", "no number")),
}
"""What is said beside a suspect, with the value it should have, or without one."""

SameAs = Sequence[Sequence[Mapping[str, Any]]]
"""For every form its twins: ``document``, ``sha256``, ``form`` and ``differences`` of each."""


@dataclass(frozen=True)
class FormView:
    """``number`` counts the forms of the page from 1; ``twins`` are the numbers of its twins."""

    number: int
    checked: CheckedDocument
    gathered: Gathered
    twins: tuple[Twin, ...] = ()

    @property
    def document(self) -> Document:
        return self.checked.document

    @property
    def entries(self) -> Mapping[str, Entry]:
        return self.gathered.form.entries

    @property
    def anchor(self) -> str:
        return f"form-{self.number}"

    @cached_property
    def order(self) -> dict[str, int]:
        """The number by which the page links an entry to its cells and terms."""
        return {path: index for index, path in enumerate(self.entries)}

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of the form's own text, offsets from the start of the form."""
        span = self.gathered.form.form.span
        return rows(self.document.text[span.start : span.end])

    @property
    def name(self) -> str:
        """What the form is about: the project, else the body."""
        return self.first("project_name", "department_name") or self.gathered.form.form.title or "?"

    @property
    def issuer(self) -> str:
        return self.first("implementing_unit", "department_name", "supervising_department")

    @property
    def state(self) -> str:
        """``broken`` where an identity fails, ``open`` where something is left for a person."""
        if self.gathered.broken:
            return "broken"
        return "open" if self.gathered.form.state == "open" else "clear"

    def first(self, *paths: str) -> str:
        """The first of these fields that has a value."""
        for path in paths:
            entry = self.entries.get(path)
            if entry is not None and entry.value is not None:
                return entry.value
        return ""

    def value(self, path: str, element: str = "td", decimals: int = 0, shown: str = "") -> str:
        """A number as printed or a word as read, linked to its source cell and to its sums."""
        entry = self.entries.get(path)
        if entry is None:
            return tag(element, class_="none")
        number = self.gathered.family.is_number(path)
        stands = shown or (printed(entry) if number else entry.value or printed(entry)) or "–"
        return tag(
            element,
            text(stands) + self.doubt(entry),
            class_=classes("v", "n" if number else "", self.level(entry)),
            data_e=self.order[path],
            data_pad=padding(stands, decimals) if number and entry.value is not None else None,
        )

    def level(self, entry: Entry) -> str | None:
        """The class of an entry's mark: how loud it is, by what its cases say and its stratum."""
        mark = self.gathered.marks.get(entry.path)
        if mark is not None and mark.kind in _MARKED:
            return _MARKED[mark.kind]
        loud = LEVELS.get(entry.stratum)
        if loud is None and entry.needs_review:
            return "maybe"
        if loud is None and entry.value is None:
            return "none"
        return loud

    def doubt(self, entry: Entry) -> str:
        """A word for screen readers beside a marked value, since colour alone says nothing."""
        if not entry.needs_review:
            return ""
        mark = self.gathered.marks.get(entry.path)
        said = _SAID.get(mark.kind if mark else "", ("（待核）", " (to check)"))
        return tag("span", both(*said), class_="sr")


@dataclass(frozen=True, slots=True)
class Twin:
    """The same form in another document: where it stands on the page, and what differs."""

    number: int
    document: str
    differences: tuple[Mapping[str, Any], ...]

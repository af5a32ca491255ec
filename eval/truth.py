"""The gold documents, the truth about them, and how a record compares with it.

``gold/documents`` holds four real documents with 21 forms, ``gold/truth`` one JSON file for each,
``{"document", "sha256", "forms": [record, …]}``, made by reading the pages and never by a reader.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from extractor.families import family_of
from extractor.families.base import Family
from extractor.pipeline import read_document
from extractor.sources import load
from extractor.text import compare_key
from extractor.twins import identity, leaves
from extractor.types import CheckedDocument, CheckedForm, Document

GOLD = Path(__file__).parent / "gold"
ROOT = "gold"

Record = Mapping[str, Any]


class Difference(NamedTuple):
    """A leaf whose value is not that of the truth; ``…`` stands for a leaf one side lacks."""

    where: str
    field: str
    read: Any
    truth: Any

    def __str__(self) -> str:
        return f"{self.where} {self.field}: read {self.read!r}, truth {self.truth!r}"


class Comparison(NamedTuple):
    """Leaves compared with a truth: those equal, of them not null, and the different ones."""

    equal: int
    filled: int
    different: tuple[Difference, ...]


class DistinctForm(NamedTuple):
    """A form of the gold set that is no twin of an earlier one, with its own text.

    ``name`` is the document and the number of the form in it.
    """

    name: str
    family: str
    text: str


LACKING = "…"


@lru_cache(maxsize=1)
def documents() -> tuple[Document, ...]:
    """The gold documents by path; read once a process."""
    files = sorted(path for path in (GOLD / "documents").iterdir() if path.is_file())
    return tuple(load(file, GOLD / "documents") for file in files)


@lru_cache(maxsize=1)
def checked_documents() -> tuple[CheckedDocument, ...]:
    """The gold documents, read and checked; nobody may change them."""
    return tuple(read_document(document) for document in documents())


def truths(folder: Path = GOLD / "truth") -> dict[str, Sequence[Record]]:
    """``{path of the document: records in page order}``.

    Raises ``ValueError`` where a truth is about other bytes than the document has, because every
    figure drawn from it would mean nothing.
    """
    hashes = {document.path: document.sha256 for document in documents()}
    found: dict[str, Sequence[Record]] = {}
    for file in sorted(folder.glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        name = told["document"]
        if hashes.get(name) != told["sha256"]:
            raise ValueError(
                f"{file}: the document {name} has other bytes than this truth is about"
            )
        found[name] = told["forms"]
    if not found:
        raise ValueError(f"{folder}: there is no truth (*.json) here")
    return found


def compare(where: str, family: Family, read: Record, truth: Record) -> Comparison:
    """Every leaf of two records; prose counts as equal where only spaces and width differ.

    >>> from extractor.families import family_of
    >>> compare("x", family_of("project"), {"year": 2023, "grade": None}, {"year": 2023})
    Comparison(equal=1, filled=1, different=(Difference(where='x', field='grade', ...),))
    """
    ours, theirs = leaves(read), leaves(truth)
    equal = filled = 0
    different: list[Difference] = []
    if read.get("form_type") != truth.get("form_type"):
        said = read.get("form_type"), truth.get("form_type")
        different.append(Difference(where, "form_type", *said))
    for path in dict.fromkeys((*theirs, *ours)):
        if path in ours and path in theirs and _agree(family, path, ours[path], theirs[path]):
            equal += 1
            filled += theirs[path] is not None
        else:
            said = ours.get(path, LACKING), theirs.get(path, LACKING)
            different.append(Difference(where, path, *said))
    return Comparison(equal, filled, tuple(different))


def _agree(family: Family, path: str, read: Any, truth: Any) -> bool:
    if read == truth:
        return type(read) is type(truth)
    return (
        isinstance(read, str)
        and isinstance(truth, str)
        and (compare_key(family.kind(path), read) == compare_key(family.kind(path), truth))
    )


def distinct_forms(family: str) -> list[DistinctForm]:
    """The gold forms of a family, each printed page once: the first by document path."""
    seen: set[Any] = set()
    found: list[DistinctForm] = []
    for checked in checked_documents():
        for form in checked.forms:
            who = identity(form.form.family, form.record)
            if form.form.family != family or who in seen:
                continue
            seen.add(who)
            name = f"{checked.document.path} #{form.form.index}"
            found.append(DistinctForm(name, family, text_of(checked.document, form)))
    return found


def text_of(document: Document, form: CheckedForm) -> str:
    """The characters of one form."""
    return document.text[form.form.span.start : form.form.span.end]


def alone(text: str, name: str = "alone") -> CheckedDocument:
    """A text read as a document of its own."""
    return read_document(Document(ROOT, name, text, name))


def family(form: CheckedForm) -> Family:
    return family_of(form.form.family)

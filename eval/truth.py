"""The gold documents, read and checked once a process, and the truth about them.

The truth is the gold set (:mod:`eval.goldset`): transcribed from the pages, never by a reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from eval import goldset
from eval.score import Judged, score
from extractor.families import family_of
from extractor.families.base import Family, template
from extractor.pipeline import read_document
from extractor.sources import load
from extractor.text import compare_key
from extractor.twins import identity, leaves
from extractor.types import CheckedDocument, CheckedForm, Document

GOLD = goldset.SHIPPED
ROOT = "gold"

Record = Mapping[str, Any]


class DistinctForm(NamedTuple):
    """A form of the gold set that is no twin of an earlier one, with its own text.

    ``name`` is the document and the number of the form in it.
    """

    name: str
    family: str
    text: str


@lru_cache(maxsize=1)
def documents() -> tuple[Document, ...]:
    """The gold documents by path; read once a process."""
    files = sorted(path for path in (GOLD / "documents").iterdir() if path.is_file())
    return tuple(load(file, GOLD / "documents") for file in files)


@lru_cache(maxsize=1)
def checked_documents() -> tuple[CheckedDocument, ...]:
    """The gold documents, read and checked; nobody may change them."""
    return tuple(read_document(document) for document in documents())


def truths(folder: Path | None = None) -> dict[str, Sequence[Record]]:
    """``{path of the document: records in page order}`` of the gold set.

    A ``folder`` holds another truth, one JSON file a document:
    ``{"document", "sha256", "forms": [record, …]}``. Raises ``ValueError`` where a truth is about
    other bytes than the document has, because every figure drawn from it would mean nothing.
    """
    hashes = {document.path: document.sha256 for document in documents()}
    found: dict[str, list[Record]] = {}
    for origin, name, sha256, records in _gold() if folder is None else _outside(folder):
        if hashes.get(name) != sha256:
            raise ValueError(
                f"{origin}: the document {name} has other bytes than this truth is about"
            )
        found.setdefault(name, []).extend(records)
    return dict(found)


Told = tuple[Path, str, str, Sequence[Record]]
"""A file with a truth, the path and the hash of the document it is about, some of its records."""


def _gold() -> Iterator[Told]:
    for item in goldset.load(GOLD):
        file = GOLD / goldset.FORMS / goldset.file_name(item)
        yield file, item.document, item.sha256, [goldset.record(item)]


def _outside(folder: Path) -> Iterator[Told]:
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ValueError(f"{folder}: there is no truth (*.json) here")
    for file in files:
        told = json.loads(file.read_text(encoding="utf-8"))
        yield file, told["document"], told["sha256"], told["forms"]


def different(family: Family, truth: Record, read: Record) -> list[Judged]:
    """The leaves on which two records do not say the same, character for character.

    Stricter than a score: both must have the same leaves, rows must stand in the order of the
    page, and only prose may differ, in spaces and width.
    """
    theirs, ours = printed(truth), printed(read)
    known = {path: value for path, value in theirs.items() if template(path) in family.leaves}
    told = score(family, known, ours).leaves
    off = [leaf for leaf in told if leaf.read_path != leaf.path or not _is_same(family, leaf)]
    off += [Judged(p, None, "omitted", v, None) for p, v in theirs.items() if p not in known]
    judged = {leaf.read_path for leaf in told}
    return off + [Judged(p, p, "spurious", None, v) for p, v in ours.items() if p not in judged]


def _is_same(family: Family, leaf: Judged) -> bool:
    kind = family.kind(leaf.path)
    return compare_key(kind, leaf.truth) == compare_key(kind, leaf.read)


def printed(record: Record) -> dict[str, str | None]:
    """The leaves of a record as the page prints them: years and counts as digits."""
    return {path: None if v is None else str(v) for path, v in leaves(record).items()}


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

"""A reviewed form of an archive → an item of a gold set.

Only a form that leaves nothing to a person is taken: a reader's doubtful values would otherwise
become the truth that it is measured against. Values that nobody doubted are taken as they stand,
which is why the number of those that a person has set is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pydantic import ValidationError

from eval.gold_words import sentence
from eval.goldset import (
    DOCUMENTS,
    FORMS,
    GoldItem,
    GoldLeaf,
    State,
    breaks_of,
    file_name,
    item_id,
    load,
    stored,
    text_hash,
    write,
)
from eval.near import families_near
from eval.vetting import vet_item
from extractor.families import family_of
from extractor.sources import Problem
from extractor.sources.decoding import decode
from extractor.store import Store
from extractor.text import printable
from extractor.types import CheckedForm, Document, Entry

_TEXT_KINDS = frozenset({".txt", ".md", ".tsv"})
"""Kinds of files whose text is what their characters are."""

_HASH = re.compile("[0-9a-f]{8,64}")


class Missing(NamedTuple):
    """The archive has no such form, or several: a code of the words, and their details."""

    code: str
    details: Mapping[str, object]


class Added(NamedTuple):
    """The item that was written, its file, and how many of its leaves a person has set."""

    item: GoldItem
    file: Path
    reviewed: int


def find(store: Store, named: str, number: int) -> tuple[Document, CheckedForm] | Missing:
    """The form of an archive by its document (path, or at least 8 digits of a hash) and number."""
    forms: dict[str, list[tuple[Document, CheckedForm]]] = {}
    for document, form in store.forms():
        by_hash = _HASH.fullmatch(named) and document.sha256.startswith(named)
        if document.path == named or by_hash:
            forms.setdefault(document.sha256, []).append((document, form))
    if not forms:
        return Missing("no_such_document", {"document": named})
    if len(forms) > 1:
        hashes = ", ".join(sha256[:12] for sha256 in forms)
        return Missing("ambiguous", {"document": named, "hashes": hashes})
    (held,) = forms.values()
    found = next(((d, f) for d, f in held if f.form.index == number), None)
    told = {"document": named, "form": number, "count": len(held)}
    return found or Missing("no_such_form", told)


def add(
    folder: Path, document: Document, form: CheckedForm, family: str | None, lang: str
) -> Added | list[str]:
    """Puts a form into the set in ``folder``, or says why not, a line a reason, and writes nothing.

    ``family`` names the document family; without it that of the near-duplicates, else the name of
    the document.
    """
    wanting = list(_wanting(document, form, lang))
    if wanting:
        return wanting
    if not _is_storable(document):
        return [sentence("unstorable", lang)]
    others = load(folder) if any((folder / FORMS).glob("*.json")) else ()
    path = _place(folder, document)
    try:
        item = _item(document, form, path)
    except ValidationError as error:
        return [sentence("unusable", lang, what=error.errors()[0]["msg"])]
    for other in others:
        if (other.sha256, other.form) == (item.sha256, item.form) or other.id == item.id:
            return [sentence("known", lang, file=folder / FORMS / file_name(other))]
    near = families_near(item, others)
    if len(near) > 1:
        return [sentence("several", lang, found=", ".join(near))]
    if near and family is not None and family != near[0]:
        return [sentence("contradicts", lang, found=near[0], asked=family)]
    default = str(PurePosixPath(document.path).with_suffix(""))
    item = item.model_copy(update={"document_family": (near or [family or default])[0]})
    faults = [fault.told(lang) for fault in vet_item(item, replace(document, path=path))]
    if faults:
        return faults
    _keep(folder, path, document.text)
    reviewed = sum(entry.standing == "reviewed" for entry in form.entries.values())
    return Added(item, write(folder, item), reviewed)


def _wanting(document: Document, form: CheckedForm, lang: str) -> Iterator[str]:
    """What of a form still wants a person, a line each."""
    for path, entry in form.entries.items():
        if entry.needs_review:
            yield sentence("open", lang, leaf=path, why=entry.stratum)
    for start, end in form.unread:
        text = document.text[start:end]
        if any(map(str.isdigit, text)):
            yield sentence("unread", lang, what=printable(text), at=start)


def _item(document: Document, form: CheckedForm, path: str) -> GoldItem:
    leaves = {leaf: _leaf(entry) for leaf, entry in form.entries.items()}
    item = GoldItem(
        id=item_id(path, form.form.index),
        document=path,
        sha256=document.sha256,
        text_sha256=text_hash(document.text),
        form=form.form.index,
        span=form.form.span,
        family=family_of(form.form.family).name,
        document_family=path,
        made_from="review",
        agreement=None,
        breaks=(),
        leaves=leaves,
    )
    return item.model_copy(update={"breaks": breaks_of(item)})


def _leaf(entry: Entry) -> GoldLeaf:
    state: State = "value"
    if entry.value is None:
        state = "illegible" if entry.standing == "unread" else "blank"
        state = "absent" if entry.standing == "absent" else state
    return GoldLeaf(state=state, value=entry.value, spans=entry.spans)


def _is_storable(document: Document) -> bool:
    """Whether a file of the text gives the text back, and stays inside the set."""
    try:
        document.path.encode()
        text, _ = decode(document.text.encode(), document.path)
    except (UnicodeEncodeError, Problem):
        return False
    return text == document.text and ".." not in PurePosixPath(document.path).parts


def _place(folder: Path, document: Document) -> str:
    """Where the set keeps the text: under the document's own path, unless another text is there."""
    path = PurePosixPath(document.path.lstrip("/"))
    if path.suffix.lower() not in _TEXT_KINDS:
        path = path.with_name(f"{path.name}.txt")
    taken = folder / DOCUMENTS / path
    if taken.exists() and stored(folder, str(path)).text != document.text:
        path = path.with_name(f"{path.stem}-{document.sha256[:8]}{path.suffix}")
    return str(path)


def _keep(folder: Path, path: str, text: str) -> None:
    file = folder / DOCUMENTS / path
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())

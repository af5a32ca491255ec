"""The gold set: what is printed on real pages, leaf by leaf, and where.

A folder holds ``forms/*.json``, one :class:`GoldItem` each, and ``documents/``, the texts that
their spans count in. ``eval/gold`` is the set that comes with Crossfoot; ``crossfoot eval gold``
makes and vets others. Items are made from the pages by people or by passes of transcription,
never by the readers that are measured with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from extractor.checks.bind import Shape
from extractor.checks.judge import judge
from extractor.errors import CrossfootError
from extractor.families import FAMILIES, Family, family_of
from extractor.settle import record_of, shape_of, values_of
from extractor.sources import Problem
from extractor.sources import load as load_document
from extractor.types import Document, Reading, Span, Standing

SHIPPED = Path(__file__).parent / "gold"
FORMS, DOCUMENTS = "forms", "documents"
SCHEMA = 1

State = Literal["value", "blank", "absent", "illegible", "source_error"]
PRINTED: frozenset[State] = frozenset({"value", "source_error"})
"""States of a leaf that has a value."""

PrintedAs = Literal["layout", "columns", "damage", "grade"]

_STANDING: Mapping[State, Standing] = {
    "value": "read",
    "source_error": "read",
    "blank": "blank",
    "absent": "absent",
    "illegible": "unread",
}


class GoldError(CrossfootError, ValueError):
    """A gold set cannot be used as it is; the message names the file and the mend."""

    code = "gold"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GoldLeaf(_Strict):
    """What the page says of one leaf.

    ``value``         a value is printed
    ``source_error``  a value is printed and transcribed as it stands, but it is evidently damaged
    ``blank``         label or column are printed; the cell is empty or holds only a dash
    ``absent``        the page has no such label or column, or the row ends before it
    ``illegible``     something is printed that cannot be made out

    ``spans`` say where, in characters of the document's text, one a cell part, in reading order.
    """

    state: State
    value: str | None = None
    spans: tuple[Span, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.state in PRINTED) != bool(self.value):
            wants = "needs a value" if self.state in PRINTED else "has no value: null"
            raise ValueError(f"a leaf of state {self.state} {wants}")
        if self.state == "absent" and self.spans:
            raise ValueError("a leaf of state absent stands nowhere: []")
        return self


class Agreement(_Strict):
    """How far two separate readings of a form agreed, in leaves.

    ``agreed`` are those of the same value, state and place in both; the rest are ``settled``.
    """

    leaves: int
    agreed: int
    settled: tuple[str, ...] = ()


class GoldItem(_Strict):
    """One form of a gold set.

    ``document`` is the path of its text under ``documents/``, ``sha256`` the hash of the bytes of
    the file that was read, ``text_sha256`` that of the text (as UTF-8) in which spans count.
    ``family`` is the kind of form; ``document_family`` groups near-duplicates, which no split may
    tear apart. ``breaks`` are the identities that fail on the page as printed. ``printed_as`` says
    how a generated form was drawn up, and is empty for a real one.
    """

    schema_version: Literal[1] = SCHEMA
    id: str = Field(min_length=1)
    document: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    text_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    form: int = Field(ge=0)
    span: Span
    family: str
    document_family: str = Field(min_length=1)
    made_from: Literal["two readings", "review", "generated"]
    agreement: Agreement | None
    breaks: tuple[str, ...]
    printed_as: dict[PrintedAs, str | int | None] = Field(
        default_factory=dict[PrintedAs, str | int | None]
    )
    leaves: dict[str, GoldLeaf]

    @field_validator("document")
    @classmethod
    def _is_inside(cls, document: str) -> str:
        path = PurePosixPath(document)
        if not path.parts or path.is_absolute() or ".." in path.parts:
            raise ValueError(f"the path must lead into {DOCUMENTS}/, not {document!r}")
        return document

    @field_validator("family")
    @classmethod
    def _is_known(cls, family: str) -> str:
        known = [one.name for one in FAMILIES]
        if family not in known:
            raise ValueError(f"{family!r} is none of {', '.join(known)}")
        return family

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        wanted = [path for path, _ in self.declared.paths(self.indicators, self.groups)]
        lacking = [path for path in wanted if path not in self.leaves]
        if lacking:
            raise ValueError(f"leaves missing: {', '.join(lacking)}; add each with its state")
        surplus = self.leaves.keys() - set(wanted)
        if surplus:
            raise ValueError(f"no leaves of the family: {', '.join(sorted(surplus))}; remove them")
        if list(self.leaves) != wanted:
            raise ValueError("the leaves are out of order; bring them into that of the record")
        return self

    @model_validator(mode="after")
    def _is_placed(self) -> Self:
        # Damage may have taken a value off a generated page.
        if self.made_from != "generated":
            for path, leaf in self.leaves.items():
                if leaf.state not in ("blank", "absent") and not leaf.spans:
                    raise ValueError(
                        f"leaves.{path}: a leaf of state {leaf.state} needs the spans where it "
                        "stands"
                    )
        return self

    @property
    def declared(self) -> Family:
        """The declared family of the form."""
        return family_of(self.family)

    @property
    def indicators(self) -> int:
        """The number of indicator rows."""
        return _rows(self.leaves, "indicators")

    @property
    def groups(self) -> int:
        """The number of groups that have a weight of their own."""
        return _rows(self.leaves, "groups")

    def values(self) -> dict[str, str | None]:
        """The value of every leaf by its path; ``None`` where the page gives none."""
        return {path: leaf.value for path, leaf in self.leaves.items()}


def _rows(leaves: Mapping[str, GoldLeaf], section: str) -> int:
    opens = f"{section}["
    indexes = [path[len(opens) : path.index("]")] for path in leaves if path.startswith(opens)]
    return max((int(index) + 1 for index in indexes), default=0)


def record(item: GoldItem) -> dict[str, Any]:
    """The nested record of the contract; rows are named ``r1``, ``r2``, …"""
    ids = [f"r{index + 1}" for index in range(item.indicators)]
    return record_of(item.declared, _readings(item), ids, item.groups)


def breaks_of(item: GoldItem) -> tuple[str, ...]:
    """The ids of the identities that fail on the values of an item, in their declared order."""
    values = values_of(item.declared, _readings(item))
    judgement = judge(item.declared.known(_shape(item)), values, item.declared.labels)
    return tuple(finding.check for finding in judgement.findings if finding.is_error)


def _shape(item: GoldItem) -> Shape:
    sections = {"indicators": item.indicators, "groups": item.groups}
    return shape_of(
        {
            section: [
                {"level1": item.leaves[f"{section}[{index}].level1"].value}
                for index in range(count)
            ]
            for section, count in sections.items()
        }
    )


def _readings(item: GoldItem) -> dict[str, Reading]:
    return {
        path: Reading(path, _STANDING[leaf.state], leaf.value) for path, leaf in item.leaves.items()
    }


def load(folder: Path = SHIPPED) -> tuple[GoldItem, ...]:
    """The items of a set in the order of documents and forms.

    Raises :class:`GoldError` that names the file and the mend, also where there is no item.
    """
    items = [load_item(file) for file in files(folder)]
    return tuple(sorted(items, key=lambda item: (item.document, item.form)))


def files(folder: Path) -> list[Path]:
    """The files of the items of a set; at least one."""
    found = sorted((folder / FORMS).glob("*.json"))
    if not found:
        raise GoldError(
            f"{folder / FORMS}: no gold items (*.json) here; `crossfoot eval gold add` makes one"
        )
    return found


def load_item(file: Path) -> GoldItem:
    """One item; raises :class:`GoldError` that names the file, the place in it and the mend."""
    try:
        item = GoldItem.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        told = first["msg"].removeprefix("Value error, ")
        raise GoldError(f"{file}: {where}: {told}" if where else f"{file}: {told}") from None
    if file.name != file_name(item):
        raise GoldError(f"{file}: holds the item {item.id}; name the file {file_name(item)}")
    return item


def file_name(item: GoldItem) -> str:
    """The name of an item's file: one item an id."""
    return f"{item.id}.json"


def item_id(document: str, form: int) -> str:
    """The id of a form of a document, fit for the name of a file."""
    return f"{document.replace('/', '_')}-{form}"


def write(folder: Path, item: GoldItem) -> Path:
    """Writes an item to its file in a set; returns the file."""
    file = folder / FORMS / file_name(item)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(dumped(item))
    return file


def dumped(item: GoldItem) -> bytes:
    """An item as it is kept: JSON with one leaf a line, so that differences can be read."""
    told = item.model_dump(mode="json")
    leaves = told.pop("leaves")
    lines = [f"  {_json(path)}: {_json(leaf)}" for path, leaf in leaves.items()]
    if not item.printed_as:
        del told["printed_as"]
    head = [f" {_json(name)}: {_json(value)}," for name, value in told.items()]
    return "\n".join(["{", *head, ' "leaves": {', ",\n".join(lines), " }", "}", ""]).encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def text_hash(text: str) -> str:
    """The hash of a text, as an item keeps it."""
    return hashlib.sha256(text.encode()).hexdigest()


def document_of(folder: Path, item: GoldItem) -> Document:
    """The document of an item, under the hash of the file that was read.

    Raises :class:`GoldError` where its text is not the one that the item is about.
    """
    document = stored(folder, item.document)
    if text_hash(document.text) != item.text_sha256:
        raise GoldError(
            f"{folder / FORMS / file_name(item)}: the document {item.document} has another text "
            "than this item is about; put the text back, or make the item anew"
        )
    return replace(document, sha256=item.sha256)


def stored(folder: Path, path: str) -> Document:
    """The document that a set keeps under a path."""
    root = folder / DOCUMENTS
    try:
        return load_document(root / path, root)
    except Problem as problem:
        raise GoldError(str(problem)) from None

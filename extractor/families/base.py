"""What a family of forms is made of: leaves, labels, layout and checks, each said once.

A family is one module: a pydantic schema whose leaves carry a :class:`Leaf`, the printed labels by
which the page's columns and rows are found, and the checks. Screen, reader, exports and docs are
drawn from these declarations.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

from pydantic import BaseModel, GetJsonSchemaHandler

from extractor.checks.bind import Declared, Shape, bind
from extractor.checks.judge import Known, known
from extractor.checks.kinds import Check
from extractor.errors import DeclarationError
from extractor.text import label_key

Kind = Literal[
    "year", "count", "unit", "name", "level", "amount", "weight", "score", "rate",
    "target", "actual", "prose", "grade", "total_weight", "total_score",
]  # fmt: skip
NUMBER_KINDS = frozenset({"amount", "weight", "score", "rate", "total_weight", "total_score"})
Field = Literal["money", "points", "categories", "names", "quantities", "prose"]
"""A class of fields that figures and promises are given for."""
FIELDS: tuple[Field, ...] = ("money", "points", "categories", "names", "quantities", "prose")
"""The classes, the ones that matter most first."""

_FIELD_OF: dict[Kind, Field] = {
    "amount": "money",
    "rate": "points",
    "weight": "points",
    "score": "points",
    "total_weight": "points",
    "total_score": "points",
    "year": "categories",
    "count": "categories",
    "unit": "categories",
    "level": "categories",
    "grade": "categories",
    "name": "names",
    "target": "quantities",
    "actual": "quantities",
    "prose": "prose",
}


def field_of(kind: Kind) -> Field:
    """The class of fields that a kind of leaf belongs to."""
    return _FIELD_OF[kind]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Annotation of a leaf: its kind, its labels, and a line of help.

    ``required`` leaves are never left unreviewed when the page gives no value for them.
    """

    kind: Kind
    zh: str
    en: str
    help: str = ""
    required: bool = False

    def __get_pydantic_json_schema__(
        self, core_schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        schema["title"] = self.zh
        schema["description"] = self.help or self.en
        return schema


@dataclass(frozen=True, slots=True)
class Part:
    """Annotation of a branch of the schema: its labels."""

    zh: str
    en: str


def keyed(labels: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """``{name: printed labels}`` → ``{folded label: name}``; a label with two names is an error."""
    table: dict[str, str] = {}
    for name, printed in labels.items():
        for text in printed:
            key = label_key(text)
            if not key or table.get(key, name) != name:
                raise DeclarationError(f"the label {text!r} cannot stand for {name!r}")
            table[key] = name
    return table


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table with known rows and known columns, such as the funds."""

    name: str
    columns: Mapping[str, str]
    rows: Mapping[str, str]
    main_row: str | None = None


@dataclass(frozen=True)
class Layout:
    """The printed labels of a family, folded: how its page is found and taken apart.

    ``columns`` are those of the indicator table, with the roles ``nature``, ``measure`` (which
    spread a target over three cells) and ``group_weight`` beside the leaves.
    """

    head: Mapping[str, str]
    matrix: Matrix
    goals: Mapping[str, str]
    columns: Mapping[str, str]
    totals: frozenset[str]
    grades: frozenset[str]
    headings: frozenset[str]
    group_notes: bool = False

    @cached_property
    def labels(self) -> frozenset[str]:
        """Every label of the family, folded."""
        return frozenset(
            (
                *(*self.head, *self.matrix.columns, *self.matrix.rows, *self.goals),
                *(*self.columns, *self.totals, *self.grades, *self.headings),
            )
        )


@dataclass(frozen=True, eq=False)
class Family:
    """A declared kind of form.

    ``endings`` are the folded titles a form of this family bears, or ends with.
    """

    name: str
    title: Mapping[str, str]
    endings: tuple[str, ...]
    schema: type[BaseModel]
    layout: Layout
    checks: tuple[Declared, ...]
    unprotected: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]]
    )

    @cached_property
    def leaves(self) -> dict[str, Leaf]:
        """Every leaf by its template path (``indicators[].score``), in the order of the schema."""
        return dict(_leaves(self.schema, ""))

    @cached_property
    def parts(self) -> dict[str, Part]:
        return dict(_parts(self.schema, ""))

    @lru_cache(maxsize=65536)  # noqa: B019  (families live as long as the process)
    def leaf(self, path: str) -> Leaf:
        return self.leaves[template(path)]

    def kind(self, path: str) -> Kind:
        return self.leaf(path).kind

    def is_number(self, path: str) -> bool:
        return self.leaf(path).kind in NUMBER_KINDS

    @lru_cache(maxsize=4096)  # noqa: B019  (families live as long as the process)
    def paths(self, indicators: int, groups: int) -> tuple[tuple[str, Leaf], ...]:
        """All leaf paths of a form with so many rows and groups, in record order."""
        counts = {"indicators[]": indicators, "groups[]": groups}
        found: list[tuple[str, Leaf]] = []
        done: set[str] = set()
        for path, leaf in self.leaves.items():
            section = path.partition(".")[0]
            if section not in counts:
                found.append((path, leaf))
            elif section not in done:
                done.add(section)
                inner = [(p, x) for p, x in self.leaves.items() if p.startswith(section + ".")]
                for index in range(counts[section]):
                    found += [(p.replace("[]", f"[{index}]"), x) for p, x in inner]
        return tuple(found)

    def bound(self, shape: Shape) -> tuple[Check, ...]:
        """The checks of a form of this shape."""
        return bind(self.checks, shape)

    @lru_cache(maxsize=512)  # noqa: B019  (families live as long as the process)
    def known(self, shape: Shape) -> Known:
        """The same, with their ids and fields worked out."""
        return known(self.bound(shape))

    def labels(self, path: str, record: Mapping[str, Any] | None = None) -> dict[str, str]:
        """How a leaf is called, in Chinese and English, with its row where it stands in one."""
        leaf = self.leaf(path)
        row = self._row(path, record)
        return {
            "zh": f"{leaf.zh} · {row['zh']}" if row else leaf.zh,
            "en": f"{leaf.en} · {row['en']}" if row else leaf.en,
        }

    def label(self, path: str, lang: str, record: Mapping[str, Any] | None = None) -> str:
        return self.labels(path, record)[lang]

    def _row(self, path: str, record: Mapping[str, Any] | None) -> dict[str, str] | None:
        branch = path.rpartition(".")[0]
        if not branch:
            return None
        if "[" not in branch:
            part = self.parts[branch]
            return {"zh": part.zh, "en": part.en}
        section, _, rest = branch.partition("[")
        index = int(rest[:-1])
        rows: list[Mapping[str, str | None]] = record[section] if record else []
        name = rows[index]["name" if section == "indicators" else "level1"] if rows else None
        return {
            "zh": name or f"第 {index + 1} 行",
            "en": name or f"row {index + 1}",
        }


def template(path: str) -> str:
    """``indicators[3].score`` → ``indicators[].score``."""
    start = path.find("[")
    return path if start < 0 else path[: start + 1] + path[path.index("]", start) :]


def _walk(model: type[BaseModel], prefix: str) -> Iterable[tuple[str, Any, list[Any]]]:
    """Every field below a model: path, type without ``None``, metadata."""
    for name, info in model.model_fields.items():
        annotation: Any = info.annotation
        options = [a for a in typing.get_args(annotation) if a is not types.NoneType]
        origin = typing.get_origin(annotation)
        if origin in (types.UnionType, typing.Union) and len(options) == 1:
            annotation = options[0]
        elif origin is list:
            annotation, name = options[0], f"{name}[]"
        yield f"{prefix}{name}", annotation, list(info.metadata)


def _leaves(model: type[BaseModel], prefix: str) -> Iterable[tuple[str, Leaf]]:
    for path, annotation, metadata in _walk(model, prefix):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _leaves(annotation, path + ".")
        else:
            yield from ((path, item) for item in metadata if isinstance(item, Leaf))


def _parts(model: type[BaseModel], prefix: str) -> Iterable[tuple[str, Part]]:
    for path, annotation, metadata in _walk(model, prefix):
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from ((path, item) for item in metadata if isinstance(item, Part))
            yield from _parts(annotation, path + ".")

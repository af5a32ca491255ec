"""What a model may reply: the schema of a family with every leaf as the text that is printed.

JSON numbers lose trailing zeros, and print carries the tolerance of every check; so each leaf is a
string or null. All keys are required, which constrained decoding asks for. What a page cannot
print (the type of form, the ids of rows) is not asked for.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from extractor.families.base import Family, Leaf, Part


class LookedAt(BaseModel):
    """One cell, seen again."""

    model_config = ConfigDict(extra="forbid")

    id: str
    text: str | None


class Look(BaseModel):
    """What is replied to a second look: each cell that was asked for, as it is printed."""

    model_config = ConfigDict(extra="forbid")

    cells: list[LookedAt]


@cache
def reply_model(family: Family) -> type[BaseModel]:
    """The pydantic model of a reply, made once a family: ``{"funds": {"total": {…}}, …}``."""
    return _model(f"{family.name}_form", family, "")


def _model(name: str, family: Family, prefix: str) -> type[BaseModel]:
    """The model of one branch: its own leaves as text, its branches and lists as models."""
    fields: dict[str, Any] = {}
    for child in _children(family, prefix):
        path = f"{prefix}{child}"
        leaf: Leaf | None = family.leaves.get(path)
        if leaf is not None:
            told = Field(title=leaf.zh, description=leaf.help or leaf.en)
            fields[child] = (str | None, told)
            continue
        plain = child.removesuffix("[]")
        inner = _model(f"{name}_{plain}", family, f"{path}.")
        part: Part | None = family.parts.get(path)
        told = Field(title=part.zh, description=part.en) if part else Field()
        fields[plain] = (list[inner] if child != plain else inner, told)
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def _children(family: Family, prefix: str) -> tuple[str, ...]:
    """The names directly below a branch, in the order of the schema, lists with ``[]``."""
    below = (path.removeprefix(prefix) for path in family.leaves if path.startswith(prefix))
    return tuple(dict.fromkeys(path.split(".")[0] for path in below))

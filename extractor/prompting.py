"""The texts of ``prompts/`` → what a model is asked.

What never changes comes first (rules, fields, a worked example), the document last, so that an
endpoint can keep the beginning. Nothing is templated into the document or out of it: its text is
copied between two fence lines that do not occur in it, whatever it holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from extractor.errors import DeclarationError
from extractor.families.base import Family

VERSIONS: Mapping[str, tuple[str, ...]] = {"project": ("v1",), "department": ("v1",)}
"""The versions of each family's prompt, the newest last; a released one is never edited."""


_LONE = re.compile("[\ud800-\udfff]")


class Prompt(NamedTuple):
    """What is sent before a document, and its name.

    ``system`` is the rendered text, fields and example included, and ``sha256`` its hash. The
    schema that goes with it is hashed apart: how it is written hangs on the library that writes it.
    """

    family: str
    version: str
    system: str
    sha256: str


@cache
def prompt_of(family: Family, version: str | None = None) -> Prompt:
    """The prompt of a family, in its newest version unless one is named."""
    versions = VERSIONS.get(family.name, ())
    version = version or (versions[-1] if versions else "")
    if version not in versions:
        known = ", ".join(versions)
        raise DeclarationError(f"{family.name!r} has no prompt {version!r}; there are: {known}")
    page, says = example_of(family, version)
    system = "\n".join(
        (
            _text(family, version, "instructions.txt").rstrip(),
            "",
            "Fields",
            *(
                f"- {path}: {leaf.zh} ({leaf.help or leaf.en})"
                for path, leaf in family.leaves.items()
            ),
            "",
            "Example page",
            page.rstrip(),
            "",
            "Its transcription",
            json.dumps(says, ensure_ascii=False, separators=(",", ":")),
        )
    )
    digest = hashlib.sha256(system.encode()).hexdigest()
    return Prompt(family.name, version, system, digest)


def example_of(family: Family, version: str) -> tuple[str, dict[str, Any]]:
    """The worked example: a page, and what it says as a reply would."""
    page = _text(family, version, "example.txt")
    return page, json.loads(_text(family, version, "example.json"))


def messages(prompt: Prompt, text: str) -> list[dict[str, str]]:
    """The two messages of a call: what to do, then the page between its fences.

    Half a surrogate pair cannot be sent; a sign of the same length stands for it.
    """
    text = _LONE.sub("\ufffd", text)
    fence = fence_of(text)
    return [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": f"{fence}\n{text}\n{fence}"},
    ]


class Asked(NamedTuple):
    """A cell that is looked at again: its path as a name, and the labels of its row and column."""

    id: str
    row: str
    column: str


LOOKS = ("v1",)
"""The versions of the prompt of a second look, the newest last."""


@cache
def look_prompt(version: str = LOOKS[-1]) -> Prompt:
    """What is sent before a page of which only some cells are asked for."""
    system = (files("prompts") / "look" / version / "instructions.txt").read_text("utf-8").rstrip()
    return Prompt("look", version, system, hashlib.sha256(system.encode()).hexdigest())


def look_messages(prompt: Prompt, text: str, cells: Sequence[Asked]) -> list[dict[str, str]]:
    """The two messages of a second look: the cells by their labels, then the page.

    Neither what was read before nor what would be needed is among them.
    """
    wanted = json.dumps([cell._asdict() for cell in cells], ensure_ascii=False)
    wanted, text = _LONE.sub("\ufffd", wanted), _LONE.sub("\ufffd", text)
    fence = fence_of(f"{wanted}\n{text}")
    return [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": f"Cells\n{wanted}\n\n{fence}\n{text}\n{fence}"},
    ]


def fence_of(text: str) -> str:
    """A line that does not occur in a text; the same for the same text."""
    digest, times = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), 12
    while (fence := f"===== page {digest[:times]} =====") in text:
        times += 1
    return fence


def _text(family: Family, version: str, name: str) -> str:
    return (files("prompts") / family.name / version / name).read_text("utf-8")

"""The two readings behind the shipped gold set, how far they agree, and the items they give.

Each pass is a transcription of every page, made without the other; a leaf names the printed
parts by line and cell. ``python -m eval.passes`` writes ``eval/gold/forms`` anew from them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from eval.goldset import (
    FORMS,
    SHIPPED,
    Agreement,
    GoldError,
    GoldItem,
    GoldLeaf,
    State,
    breaks_of,
    item_id,
    load_item,
    stored,
    text_hash,
    write,
)
from extractor.families import family_of
from extractor.families.base import FIELDS, Field, field_of
from extractor.types import Document, Span

PASSES = ("first", "second")

Part = tuple[int, int, str] | tuple[int, int, str, int]
"""Line from 1, cell from 0, the characters printed there; fourth, where these start in the cell
(without its outer spaces), needed only where the cell holds them more than once."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PassLeaf(_Strict):
    """One leaf as a pass has it."""

    state: State
    value: str | None
    parts: tuple[Part, ...]


class PassForm(_Strict):
    """One form as a pass has it; ``span`` in characters of the text."""

    family: str
    span: Span
    indicators: int
    groups: int
    leaves: dict[str, PassLeaf]


class Pass(_Strict):
    """One document as a pass has it, the forms in page order."""

    document: str
    sha256: str
    forms: tuple[PassForm, ...]


class Settled(_Strict):
    """What a look at the page gave where the passes disagreed on a leaf, and why."""

    document: str
    form: int
    leaf: str
    state: State
    value: str | None
    parts: tuple[Part, ...]
    why: str


class Transcript(NamedTuple):
    """One form of one pass, its parts looked up on the page."""

    document: Document
    form: int
    family: str
    span: Span
    leaves: Mapping[str, GoldLeaf]

    @property
    def name(self) -> str:
        return item_id(self.document.path, self.form)


class Agreed(NamedTuple):
    """Leaves compared, and those on which two passes say the same value, state and place."""

    leaves: int
    value: int
    state: int
    place: int


def transcripts(folder: Path, which: str) -> list[Transcript]:
    """All forms of one pass by document and form; ``folder`` is that of the gold set."""
    found: list[Transcript] = []
    for file in sorted((folder / "passes" / which).glob("*.json")):
        told = _valid(Pass, file)
        document = stored(folder, told.document)
        if document.sha256 != told.sha256:
            raise GoldError(
                f"{file}: the document {told.document} has other bytes than were read; put the "
                "document back, or read it again"
            )
        for number, form in enumerate(told.forms):
            where = f"{file}: form {number}"
            leaves = {p: _located(document.text, x, where) for p, x in form.leaves.items()}
            found.append(Transcript(document, number, form.family, form.span, leaves))
    if not found:
        raise GoldError(f"{folder / 'passes' / which}: no transcription (*.json) here")
    return found


def _valid(model: type[Pass], file: Path) -> Pass:
    try:
        return model.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise GoldError(f"{file}: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}") from None


def _located(text: str, leaf: PassLeaf | Settled, where: str) -> GoldLeaf:
    spans = tuple(_span(text, part, where) for part in leaf.parts)
    return GoldLeaf(state=leaf.state, value=leaf.value, spans=spans)


def _span(text: str, part: Part, where: str) -> Span:
    line, number, printed = part[:3]
    cells = _cells(text)
    if line > len(cells) or number >= len(cells[line - 1]):
        raise GoldError(f"{where}: line {line} has no cell {number}")
    start, cell = cells[line - 1][number]
    places = [i for i in range(len(cell)) if cell.startswith(printed, i)]
    if len(part) == 4:
        places = [i for i in places if i == part[3]]
    if len(places) != 1:
        often = "more than once: say where" if places else "not"
        raise GoldError(f"{where}: line {line}, cell {number} holds {printed!r} {often}")
    return Span(start + places[0], start + places[0] + len(printed))


@lru_cache(maxsize=8)
def _cells(text: str) -> list[list[tuple[int, str]]]:
    """Per line its cells without outer spaces, each with where it starts in the text."""
    lines: list[list[tuple[int, str]]] = []
    at = 0
    for line in text.split("\n"):
        separator = "\t" if "\t" in line else "|"
        pieces = line.split(separator)
        start, cells = at, list[tuple[int, str]]()
        for piece in pieces:
            cells.append((start + len(piece) - len(piece.lstrip()), piece.strip()))
            start += len(piece) + 1
        lines.append(cells[1:] if separator == "|" and len(cells) > 1 else cells)
        at += len(line) + 1
    return lines


def agreement(first: Iterable[Transcript], second: Iterable[Transcript]) -> dict[Field, Agreed]:
    """How far two passes agree, by kind of field; raises where they tell other forms apart."""
    counts: dict[Field, list[int]] = {field: [0, 0, 0, 0] for field in FIELDS}
    for one, other in _paired(list(first), list(second)):
        family = family_of(one.family)
        for path, here in one.leaves.items():
            there = other.leaves[path]
            same = (
                True,
                here.value == there.value,
                here.state == there.state,
                here.spans == there.spans,
            )
            count = counts[field_of(family.kind(path))]
            count[:] = [n + hit for n, hit in zip(count, same, strict=True)]
    return {field: Agreed(*count) for field, count in counts.items()}


def _paired(
    first: Sequence[Transcript], second: Sequence[Transcript]
) -> Iterable[tuple[Transcript, Transcript]]:
    """The forms of two passes side by side; what is not a matter of leaves must be the same."""
    if [one.name for one in first] != [one.name for one in second]:
        raise GoldError("the two passes hold other forms; complete the shorter one")
    for one, other in zip(first, second, strict=True):
        if (one.family, one.span, [*one.leaves]) != (other.family, other.span, [*other.leaves]):
            raise GoldError(
                f"{one.name}: the two passes have another family, span or number of rows; look at "
                "the page and mend the pass that is wrong"
            )
        yield one, other


def items(folder: Path = SHIPPED) -> list[GoldItem]:
    """The items that the passes give, with what was settled and the declared document families.

    Raises :class:`GoldError` where a disagreement is not settled.
    """
    settled = TypeAdapter(list[Settled]).validate_json((folder / "settled.json").read_bytes())
    families: dict[str, str] = json.loads((folder / "families.json").read_text(encoding="utf-8"))
    made: list[GoldItem] = []
    for one, other in _paired(*(transcripts(folder, which) for which in PASSES)):
        mine = [s for s in settled if (s.document, s.form) == (one.document.path, one.form)]
        if one.document.path not in families:
            raise GoldError(
                f"{folder / 'families.json'}: {one.document.path} has no document family; add it"
            )
        made.append(_item(one, other, mine, families[one.document.path]))
    return made


def _item(
    one: Transcript, other: Transcript, settled: Sequence[Settled], document_family: str
) -> GoldItem:
    disputed = [path for path, leaf in one.leaves.items() if leaf != other.leaves[path]]
    if sorted(disputed) != sorted(s.leaf for s in settled):
        raise GoldError(
            f"{one.name}: the passes disagree on {disputed or 'nothing'}, settled.json settles "
            f"{[s.leaf for s in settled] or 'nothing'}; settle each disputed leaf once"
        )
    where = f"settled.json: {one.name}"
    mended = {s.leaf: _located(one.document.text, s, where) for s in settled}
    leaves = {path: mended.get(path, leaf) for path, leaf in one.leaves.items()}
    item = GoldItem(
        id=one.name,
        document=one.document.path,
        sha256=one.document.sha256,
        text_sha256=text_hash(one.document.text),
        form=one.form,
        span=one.span,
        family=one.family,
        document_family=document_family,
        made_from="two readings",
        agreement=Agreement(
            leaves=len(leaves), agreed=len(leaves) - len(disputed), settled=tuple(disputed)
        ),
        breaks=(),
        leaves=leaves,
    )
    return item.model_copy(update={"breaks": breaks_of(item)})


def main(folder: Path = SHIPPED) -> None:
    """Writes the items anew, removes those that the passes no longer give, prints the agreement."""
    made = items(folder)
    kept = {write(folder, item) for item in made}
    for file in sorted((folder / FORMS).glob("*.json")):
        if file not in kept and load_item(file).made_from == "two readings":
            file.unlink()
    for line in table(agreement(*(transcripts(folder, which) for which in PASSES))):
        print(line)


def table(agreed: Mapping[Field, Agreed]) -> list[str]:
    """The agreement as a Markdown table, the sum last."""
    total = Agreed(*(sum(column) for column in zip(*agreed.values(), strict=True)))
    lines = ["| field | leaves | same value | same state | same place |", "|---|---|---|---|---|"]
    for name, counts in (*agreed.items(), ("together", total)):
        lines.append(f"| {name} | {' | '.join(f'{n:,}' for n in counts)} |")
    return lines


if __name__ == "__main__":
    main()

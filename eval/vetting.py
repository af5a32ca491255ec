"""Vetting a gold set: whether every leaf follows from the page, and the set from itself.

What a leaf says must come out of the characters at its spans by the extractor's own folding, so
a slip of the pen cannot become a truth that every reader is then measured against.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from eval.gold_words import sentence
from eval.goldset import (
    PRINTED,
    GoldError,
    GoldItem,
    GoldLeaf,
    breaks_of,
    file_name,
    files,
    load_item,
    stored,
    text_hash,
)
from eval.near import are_near, fingerprint
from extractor.families import Family
from extractor.families.base import NUMBER_KINDS, Kind, template
from extractor.families.levels import joined
from extractor.grid import Row, rows
from extractor.numbers import read_number
from extractor.readers.cells import read_cells
from extractor.readers.levels import level_of
from extractor.segment import is_year_line, title_of
from extractor.text import (
    is_blank,
    is_stamp,
    label_key,
    printable,
    tidy,
    tidy_quantity,
)
from extractor.types import Cell, Document, Span

_WHOLE_CELLS: frozenset[Kind] = frozenset(
    {"amount", "rate", "score", "target", "actual", "prose", "total_weight", "total_score"}
)
"""Kinds that no table prints inside a cell with something else in it."""

_OPERATORS = frozenset({"≥", "≤", "=", ">", "<"})
_NATURES = frozenset({"定性", "定量"})


class Fault(NamedTuple):
    """Something wrong with an item: the file, the leaf where there is one, and what it is."""

    file: str
    leaf: str | None
    code: str
    details: Mapping[str, str]

    def told(self, lang: str) -> str:
        """One line that names file, leaf and mend."""
        where = f"{self.file}: {self.leaf}: " if self.leaf else f"{self.file}: "
        return where + sentence(self.code, lang, **self.details)


@dataclass(frozen=True, slots=True)
class Vetted:
    """What a set came to: the items that could be read, and every fault."""

    items: tuple[GoldItem, ...]
    faults: tuple[Fault, ...]


def vet(folder: Path) -> Vetted:
    """Vets a whole set; raises :class:`GoldError` only where the folder holds none."""
    items: list[GoldItem] = []
    faults: list[Fault] = []
    for file in files(folder):
        try:
            item = load_item(file)
        except GoldError as error:
            faults.append(Fault(file.name, None, "unusable", {"what": str(error)}))
            continue
        items.append(item)
        try:
            faults += vet_item(item, stored(folder, item.document))
        except GoldError as error:
            faults.append(Fault(file.name, None, "no_document", {"what": str(error)}))
    return Vetted(tuple(items), (*faults, *_relations(items)))


def vet_item(item: GoldItem, document: Document) -> Iterator[Fault]:
    """The faults of one item beside the document that the set keeps for it."""
    name = file_name(item)
    if text_hash(document.text) != item.text_sha256:
        yield Fault(name, None, "other_text", {"document": item.document})
        return
    if item.made_from == "two readings" and document.sha256 != item.sha256:
        yield Fault(name, None, "other_bytes", {"document": item.document})
    a, b = item.span
    if not 0 <= a < b <= len(document.text) or document.text[a:b].strip() != document.text[a:b]:
        yield Fault(name, "span", "form_span", {})
        return
    page = _PageOf(document.text, item)
    for path, leaf in item.leaves.items():
        for code, details in _leaf_faults(page, path, leaf):
            yield Fault(name, path, code, details)
    for path, code, details in (*_shared(item), *_uneven_levels(item)):
        yield Fault(name, path, code, details)
    for cell in page.unclaimed():
        yield Fault(name, None, "unclaimed", {"what": printable(cell.text), "at": str(cell.start)})
    yield from _sums(name, item)


class _PageOf:
    """The text of a form with its cells, to look up where a span stands."""

    def __init__(self, text: str, item: GoldItem) -> None:
        self.text = text
        self.item = item
        self.family = item.declared
        self.rows = rows(text[item.span.start : item.span.end])

    def cells(self) -> Iterator[tuple[Row, Cell]]:
        """Every filled cell, in characters of the whole text."""
        start = self.item.span.start
        for row in self.rows:
            for _, cell in row.filled:
                yield row, Cell(cell.text, cell.start + start, cell.end + start)

    def around(self, span: Span) -> tuple[Row, Cell] | None:
        """The cell that a span stands in, and its row."""
        for row, cell in self.cells():
            if cell.start <= span.start and span.end <= cell.end:
                return row, cell
        return None

    def unclaimed(self) -> Iterator[Cell]:
        """Cells with a digit that no leaf stands in and no label explains."""
        taken = sorted(span for leaf in self.item.leaves.values() for span in leaf.spans)
        labels = self.family.layout.labels
        for row, cell in self.cells():
            if not any(map(str.isdigit, cell.text)) or is_stamp(cell.text):
                continue
            if label_key(cell.text) in labels or title_of(cell.text) is not None:
                continue
            if is_year_line([one.text for _, one in row.filled]):
                continue
            if not any(a < cell.end and cell.start < b for a, b in taken):
                yield cell


def _leaf_faults(page: _PageOf, path: str, leaf: GoldLeaf) -> Iterator[tuple[str, dict[str, str]]]:
    """What is wrong with the places of a leaf, else with its value."""
    form = page.item.span
    if any(not form.start <= a < b <= form.end for a, b in leaf.spans):
        yield "outside", {"a": str(form.start), "b": str(form.end)}
        return
    if any(one.end > other.start for one, other in zip(leaf.spans, leaf.spans[1:], strict=False)):
        yield "disorder", {}
    raws = [page.text[a:b] for a, b in leaf.spans]
    blank = leaf.state == "blank"
    for raw, span in zip(raws, leaf.spans, strict=True):
        around = page.around(span)
        if around is None or raw != raw.strip() or is_blank(raw) != blank:
            yield ("not_blank" if blank else "no_cell"), {"what": printable(raw)}
            return
        if _is_cut(page, path, span, *around):
            yield "cut", {"what": printable(raw), "cell": printable(around[1].text)}
    if leaf.state in PRINTED:
        given = values_at(page.family, path, raws)
        if leaf.value not in given:
            says = " / ".join(sorted(given)) or "—"
            details = {"value": leaf.value or "", "raw": " + ".join(raws), "given": says}
            yield "other_value", {name: printable(text) for name, text in details.items()}


def _is_cut(page: _PageOf, path: str, span: Span, row: Row, cell: Cell) -> bool:
    """Whether a span takes only a part of what is one value on the page."""
    kind = page.family.kind(path)
    if kind in _WHOLE_CELLS and row.shape != "line":
        return (span.start, span.end) != (cell.start, cell.end)
    if kind not in NUMBER_KINDS and kind not in ("year", "count"):
        return False
    around = page.text[max(span.start - 1, 0) : span.start] + page.text[span.end : span.end + 1]
    return any(c.isdigit() or c in ".," for c in around)


def values_at(family: Family, path: str, raws: Sequence[str]) -> set[str]:
    """The values that printed parts may give: one, or two for a target spread over cells."""
    kind = family.kind(path)
    if path.endswith(".level2_listed"):
        return {" ".join(tidy(name) for raw in raws for name in raw.split())}
    if kind == "level":
        return {_level(raws)}
    cells = [Cell(raw, 0, len(raw)) for raw in raws]
    found = read_cells(path, kind, cells, None).value
    spread = _spread(raws) if kind == "target" else None
    return {value for value in (found, spread) if value}


def _level(raws: Sequence[str]) -> str:
    """A level name from its parts; an overlap is dropped where that makes a known name."""
    value = level_of(Cell(raws[0], 0, len(raws[0]))).value
    for raw in raws[1:]:
        whole = joined(value, tidy(raw))
        value = whole[0] if whole else value + tidy(raw)
    return value


def _spread(raws: Sequence[str]) -> str:
    """``≥`` · ``95`` · ``%`` → ``≥95(%)``; ``定性`` · ``健全`` → ``健全``."""
    parts = [tidy_quantity(raw) for raw in raws if not is_blank(raw)]
    nature = parts.pop(0) if len(parts) > 1 and parts[0] in _OPERATORS | _NATURES else ""
    measure = parts.pop() if len(parts) > 1 else ""
    value = ("" if nature in _NATURES else nature) + "".join(parts)
    if measure and any(map(str.isdigit, value)):
        value += f"({measure})"
    return tidy_quantity(value)


def _shared(item: GoldItem) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Characters that two leaves claim; only levels are printed for several."""
    family = item.declared
    places = sorted((span, path) for path, leaf in item.leaves.items() for span in leaf.spans)
    for index, (span, path) in enumerate(places):
        for other, further in places[index + 1 :]:
            if other.start >= span.end:
                break
            kinds = {family.kind(path), family.kind(further)}
            if path != further and kinds not in ({"level"}, {"level", "weight"}):
                yield further, "shared", {"other": path}


def _uneven_levels(item: GoldItem) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Levels that start in one cell and are yet different: one was not filled down or joined."""
    first: dict[tuple[str, Span], str] = {}
    for path, leaf in item.leaves.items():
        if item.declared.kind(path) != "level" or not leaf.spans or "listed" in path:
            continue
        above = first.setdefault((template(path), leaf.spans[0]), path)
        if item.leaves[above] != leaf:
            yield path, "uneven", {"other": above}


def _sums(name: str, item: GoldItem) -> Iterator[Fault]:
    """Whether the declared breaks are those of the values, and the agreement adds up."""
    if all(_is_number(item.declared, path, leaf) for path, leaf in item.leaves.items()):
        fails = breaks_of(item)
        for check in fails:
            if check not in item.breaks:
                yield Fault(name, "breaks", "undeclared", {"check": check})
        for check in item.breaks:
            if check not in fails:
                yield Fault(name, "breaks", "holds", {"check": check})
    told = item.agreement
    if (told is None) == (item.made_from == "two readings"):
        yield Fault(name, "agreement", "one_reading", {"made_from": item.made_from})
    if told is None:
        return
    for path in told.settled:
        if path not in item.leaves:
            yield Fault(name, "agreement", "settled_unknown", {"leaf": path})
    if told.leaves != len(item.leaves) or told.agreed + len(set(told.settled)) != told.leaves:
        yield Fault(name, "agreement", "miscounted", {"leaves": str(len(item.leaves))})


def _is_number(family: Family, path: str, leaf: GoldLeaf) -> bool:
    """Whether a leaf can go into a sum: malformed numbers are a fault of their own."""
    if leaf.value is None or not family.is_number(path):
        return True
    found = read_number(leaf.value)
    return found is not None and found[0].text == leaf.value


def _relations(items: Sequence[GoldItem]) -> Iterator[Fault]:
    """Forms counted twice, and forms kept apart that must stay together in every split."""
    prints = [fingerprint(item) for item in items]
    for (one, here), (other, there) in combinations(zip(items, prints, strict=True), 2):
        apart = one.document_family != other.document_family
        details = {"other": file_name(one), "family": one.document_family}
        if (one.sha256, one.form) == (other.sha256, other.form):
            yield Fault(file_name(other), None, "twice", details)
        elif apart and one.sha256 == other.sha256:
            yield Fault(file_name(other), "document_family", "torn", details)
        elif apart and are_near(here, there):
            yield Fault(file_name(other), "document_family", "near", details)

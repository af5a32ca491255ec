"""What a model says of a form, in the words of the record."""

from __future__ import annotations

from collections.abc import Mapping

from extractor.families.base import NUMBER_KINDS, Family
from extractor.numbers import read_number
from extractor.readers.cells import read_cells
from extractor.text import compare_key
from extractor.types import Cell

Claims = Mapping[str, str | None]
"""Each leaf with its value, ``None`` where a model says that nothing stands there."""

_BRACKETS = str.maketrans("", "", "()")


def claims_of(family: Family, leaves: Claims) -> dict[str, str | None]:
    """The leaves of a reply, each normalised as a cell that prints it would be."""
    return {path: _claim(family, path, value) for path, value in leaves.items()}


def _claim(family: Family, path: str, value: str | None) -> str | None:
    text = (value or "").strip()
    if not text:
        return None
    reading = read_cells(path, family.kind(path), [Cell(text, 0, len(text))], None)
    return text if reading.standing == "unread" else reading.value


def same(family: Family, path: str, claim: str | None, printed: str) -> bool:
    """Whether a claim is what a cell says: as a number, or as text without spaces and brackets."""
    if claim is None or claim == printed:
        return claim == printed
    kind = family.kind(path)
    if kind in NUMBER_KINDS:
        return same_number(claim, printed)
    if kind in ("target", "actual"):
        return claim.translate(_BRACKETS) == printed.translate(_BRACKETS)
    if kind == "level":
        return "".join(claim.split()) == "".join(printed.split())
    return compare_key(kind, claim) == compare_key(kind, printed)


def same_number(one: str, two: str) -> bool:
    """Whether two texts print the same number, with the same decimals or not."""
    here, there = read_number(one), read_number(two)
    return here is not None and there is not None and here[0].value == there[0].value


def count(claims: Claims, section: str) -> int:
    """How many rows a model has in a list (indicators or groups)."""
    return len({path.partition(".")[0] for path in claims if path.startswith(f"{section}[")})

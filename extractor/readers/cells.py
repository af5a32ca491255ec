"""One field's printed parts → a reading, by the kind of the field."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.families.base import NUMBER_KINDS, Kind
from extractor.numbers import read_number
from extractor.text import is_blank, numeric, prose, squeeze, tidy, tidy_quantity
from extractor.types import Cell, Reading, Span


def read_cells(
    path: str,
    kind: Kind,
    cells: Sequence[Cell],
    address: str | None,
    reasons: tuple[str, ...] = (),
) -> Reading:
    """The reading of a field from its cell, or from the parts of a cell that a page break cut.

    None of the cells is empty; no cell at all is a blank one.

    Blank where nothing stands there or only a dash; unread where something stands there that is
    not of the field's kind.
    """
    if not cells:
        return Reading(path, "blank", None, (), (), address, None, reasons)
    raw = tuple([cell.text for cell in cells])
    spans = tuple([Span(cell.start, cell.end) for cell in cells])
    if is_blank(raw[0]) and all(map(is_blank, raw)):
        return Reading(path, "blank", None, raw, spans, address, None, reasons)
    if len(cells) > 1:
        reasons = (*reasons, "joined_across_page")
    unit = None
    if kind in NUMBER_KINDS or kind == "count":
        found = read_number("".join(raw))
        value = found[0].text if found else None
        unit = found[1] if found else None
        if kind == "count" and found and found[0].places:
            value = None
    elif kind == "prose":
        value, stamped = _joined_prose(raw)
        if stamped:
            reasons = (*reasons, "stamp_removed")
    elif kind in ("target", "actual"):
        value = tidy_quantity("".join(raw))
    elif kind == "year":
        digits = squeeze(numeric("".join(raw)))
        value = digits if len(digits) == 4 and digits.isdecimal() else None
    else:
        value = "".join(map(tidy, raw))
        if kind == "name" and not any(map(str.isalpha, value)):
            value = None
    if not value:
        return Reading(path, "unread", None, raw, spans, address, None, reasons)
    return Reading(path, "read", value, raw, spans, address, unit, reasons)


def _joined_prose(raw: tuple[str, ...]) -> tuple[str, bool]:
    """Parts of running text: what follows a page break goes on where the text was cut."""
    folded = [prose(text) for text in raw]
    stamped = any(found for _, found in folded)
    if len(folded) == 1:
        return folded[0]
    return "".join(text for text, _ in folded), stamped

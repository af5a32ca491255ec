"""Grounding: a reading is kept only if the page says what it claims.

Every span lies inside the form and holds exactly the raw text, and a number's digits are those of
its raw text and all that stand there. Nine in ten numbers of a form stand in it more than once, so
that alone proves nothing: a reader that does not find its cells by their labels is also held to the
cells that stand under them. A reading that fails this is not corrected but set aside as unread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from extractor.families.base import Family
from extractor.numbers import read_number
from extractor.types import Reading


def grounded(
    text: str,
    family: Family,
    readings: Iterable[Reading],
    anchors: Mapping[str, Reading] | None = None,
) -> dict[str, Reading]:
    """The readings by path; ``text`` is the form's own text, from which their spans count.

    ``anchors`` are the readings of the table reader, which finds a cell by its row label and column
    header: with them, a value must stand in the cell that bears its label. Without (the table
    reader itself, or a page that is no table) places are taken as they are told.
    """
    found: dict[str, Reading] = {}
    for reading in readings:
        if reading.value is not None or reading.raw:
            if not (_stands(text, reading) and _says(family, text, reading)):
                reading = _set_aside(reading, "not_grounded")
            elif anchors is not None and not _is_under_label(reading, anchors.get(reading.path)):
                reading = _set_aside(reading, "misplaced")
        found[reading.path] = reading
    return found


def _set_aside(reading: Reading, reason: str) -> Reading:
    reasons = (*reading.reasons, reason)
    return reading._replace(standing="unread", value=None, raw=(), spans=(), reasons=reasons)


def _is_under_label(reading: Reading, anchor: Reading | None) -> bool:
    """Whether each part of a reading stands in a cell of its own field."""
    if anchor is None:
        return False
    return all(
        any(start < stop and begin < end for begin, stop in anchor.spans)
        for start, end in reading.spans
    )


def _stands(text: str, reading: Reading) -> bool:
    raw, spans = reading.raw, reading.spans
    if len(raw) != len(spans):
        return False
    if len(raw) == 1:
        return text[spans[0].start : spans[0].end] == raw[0]
    return all(text[start:end] == part for (start, end), part in zip(spans, raw, strict=True))


def _says(family: Family, text: str, reading: Reading) -> bool:
    """Whether the value of a number field is the number that stands there, all of it."""
    if reading.value is None:
        return True
    if not reading.raw:
        return False
    if not family.is_number(reading.path):
        return True
    found = read_number("".join(reading.raw))
    if found is None or found[0].text != reading.value:
        return False
    return not any(
        _goes_on(text[max(0, start - 2) : start][::-1]) or _goes_on(text[end : end + 2])
        for start, end in reading.spans
    )


def _goes_on(beside: str) -> bool:
    """Whether a number goes on beyond a span: ``65.05`` is no reading of ``1,765.05``."""
    return beside[:1].isdecimal() or (beside[:1] in (".", ",") and beside[1:2].isdecimal())

"""Grounding: a reading is kept only if the page says what it claims.

Every span lies inside the form and holds exactly the raw text, and a number's digits are the
digits of its raw text. A reading that fails this is not corrected but set aside as unread.
"""

from __future__ import annotations

from collections.abc import Iterable

from extractor.families.base import Family
from extractor.numbers import read_number
from extractor.types import Reading


def grounded(text: str, family: Family, readings: Iterable[Reading]) -> dict[str, Reading]:
    """The readings by path; ``text`` is the form's own text, from which their spans count."""
    found: dict[str, Reading] = {}
    for reading in readings:
        claims = reading.value is not None or reading.raw
        if claims and not (_stands(text, reading) and _says(family, reading)):
            reading = reading._replace(
                standing="unread",
                value=None,
                raw=(),
                spans=(),
                reasons=(*reading.reasons, "not_grounded"),
            )
        found[reading.path] = reading
    return found


def _stands(text: str, reading: Reading) -> bool:
    raw, spans = reading.raw, reading.spans
    if len(raw) != len(spans):
        return False
    if len(raw) == 1:
        return text[spans[0].start : spans[0].end] == raw[0]
    return all(text[start:end] == part for (start, end), part in zip(spans, raw, strict=True))


def _says(family: Family, reading: Reading) -> bool:
    """Whether the value of a number field is the number that its raw text prints."""
    if reading.value is None:
        return True
    if not reading.raw:
        return False
    if not family.is_number(reading.path):
        return True
    found = read_number("".join(reading.raw))
    return found is not None and found[0].text == reading.value

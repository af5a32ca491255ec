"""What a number that is blank or cannot be read should be, as far as the others tell.

It is called a suggestion wherever it is said: nobody read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from extractor.cases.grouping import Case
from extractor.cases.phrases import label_of, named, print_of, value_of
from extractor.checks.explain import Drawing
from extractor.checks.kinds import Says, shown
from extractor.numbers import WIDE
from extractor.types import CheckedForm, Entry

_FEWEST_DECIMALS, _MOST_DECIMALS = 2, 6


def wanting(form: CheckedForm, case: Case) -> Says:
    """What stands above the suggestions of a case."""
    if any(case.changes.get(f) or form.entries[f].suggestion for f in case.fields):
        return {
            "zh": "缺数；以下是推算的建议，不是读出的值：",
            "en": "A number is missing; what follows is a suggestion, not a reading:",
        }
    return {
        "zh": "缺数，其他数字也推不出：",
        "en": "A number is missing, and the others do not tell it:",
    }


def suggestions(form: CheckedForm, case: Case, then: Mapping[str, Drawing]) -> Iterator[Says]:
    """A sentence for every number that a case is missing."""
    implied = {field: s for s in case.first for field, _ in s.changes}
    for field in case.fields:
        label, entry = label_of(form, field), form.entries[field]
        by = implied[field].clears if field in implied else (entry.suggestion or {}).get("checks")
        should = _should_be(case.changes.get(field), entry)
        raw = print_of(entry)
        zh = f"{label['zh']}：印作“{raw}”，未能读出；" if raw else f"{label['zh']}：空白；"
        en = f"{label['en']}: printed “{raw}”, unreadable; " if raw else f"{label['en']}: blank; "
        if should is None:
            yield {
                "zh": zh + "其他数字推不出它应为多少。",
                "en": en + "the other numbers do not tell what it should be.",
            }
            continue
        names = _by([then[check] for check in by or () if check in then])
        yield {
            "zh": f"{zh}{should['zh']}{names['zh']}。",
            "en": f"{en}{should['en']}{names['en']}.",
        }


def _by(said: Sequence[Drawing]) -> Says:
    """The sums that say so; a bound beside them says nothing more."""
    equal = [d for d in said if not any(term.sign == "≤" for term in d.terms)] or said
    if not equal:
        return {"zh": "", "en": ""}
    zh = "、".join(named(drawing)["zh"] for drawing in equal)
    en = ", ".join(named(drawing)["en"] for drawing in equal)
    return {"zh": f"，由 {zh} 推得", "en": f", by {en}"}


def _should_be(value: str | None, entry: Entry) -> Says | None:
    if value is not None:
        return {"zh": f"应为 {value_of(value)}", "en": f"should be {value_of(value)}"}
    if entry.suggestion is None:
        return None
    if (value := entry.suggestion.get("value")) is not None:
        return _should_be(value, entry)
    low, high = _within(entry.suggestion["low"], entry.suggestion["high"])
    return {"zh": f"应在 {low} 与 {high} 之间", "en": f"should be between {low} and {high}"}


def suggested(entry: Entry) -> Says | None:
    """``建议：应为 5.00`` for an unread entry that the other numbers imply."""
    should = _should_be(None, entry)
    if should is None:
        return None
    return {"zh": f"建议：{should['zh']}", "en": f"suggestion: {should['en']}"}


def _within(low: str, high: str) -> tuple[str, str]:
    """The ends of an interval as numbers that could be printed: the outermost inside it."""
    ends = Decimal(low), Decimal(high)
    for places in range(_FEWEST_DECIMALS, _MOST_DECIMALS + 1):
        unit = Decimal(1).scaleb(-places)
        least, most = (
            end.quantize(unit, rounding, WIDE)
            for end, rounding in zip(ends, (ROUND_CEILING, ROUND_FLOOR), strict=True)
        )
        if least <= most:
            return shown(least, places), shown(most, places)
    return low, high

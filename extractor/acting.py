"""What reviewers do, taken in: appended to the archive, and the forms drawn again at once.

Nothing is refused silently: an operation that cannot be taken is given back with the reason, in the
words of the person who made it, and the others are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from extractor.calibration import Calibration
from extractor.errors import ArchiveError
from extractor.families import FAMILIES
from extractor.operations import Operation, fold
from extractor.reviewing import reviewed, value_of
from extractor.store import Store
from extractor.types import CheckedForm, Document

_LONGEST = 20_000
"""Characters of what a person may write; a page of prose has a tenth of that."""
_FARTHEST = 1_000_000
"""How far ahead of what is known a clock may run."""

_WHY: Mapping[str, Mapping[str, str]] = {
    "document": {
        "zh": "档案中没有这份文件",
        "en": "the archive has no such document",
    },
    "person": {"zh": "未写明审核人", "en": "it does not say who did it"},
    "clock": {"zh": "时钟不合理", "en": "its clock is out of all proportion"},
    "place": {"zh": "未指明字段", "en": "it does not say of which field"},
    "target": {"zh": "未指明撤销哪一步", "en": "it does not say what to undo"},
    "long": {"zh": "文字过长", "en": "what was written is too long"},
    "value": {"zh": "“{value}”不能是此栏的值", "en": "“{value}” can be no value of this field"},
    "twice": {
        "zh": "同一编号已有内容不同的操作",
        "en": "its number was used for another operation",
    },
}


class Acted(NamedTuple):
    """The ids that are in the archive now, and why the others are not."""

    kept: tuple[str, ...]
    refused: Mapping[str, Mapping[str, str]]


def act(store: Store, operations: Sequence[Operation]) -> Acted:
    """Takes operations in; sending them again changes nothing."""
    kept: list[str] = []
    refused: dict[str, Mapping[str, str]] = {}
    for one in operations:
        why = _why_not(store, one)
        if why is None:
            try:
                kept += store.append([one])
            except ArchiveError:
                if _content(store, one) is None:
                    raise
                why = _WHY["twice"]
        if why is not None:
            refused[one.id] = why
    for document in {one.document: None for one in operations if one.id in kept}:
        refresh(store, document)
    return Acted(tuple(kept), refused)


def _why_not(store: Store, one: Operation) -> Mapping[str, str] | None:
    """Why an operation cannot be taken; ``None`` where it can."""
    known = store.clock(one.document)
    if known is None:
        return _WHY["document"]
    if not one.person.strip():
        return _WHY["person"]
    if not 0 < one.clock <= known + _FARTHEST:
        return _WHY["clock"]
    if max(len(text or "") for text in (one.id, one.person, one.value, one.reason)) > _LONGEST:
        return _WHY["long"]
    if one.act == "undo":
        return None if one.target else _WHY["target"]
    if one.act == "submit":
        return None
    families = [family for family in FAMILIES if one.field in family.leaves]
    if one.form is None or one.field is None or not families:
        return _WHY["place"]
    if one.act == "set" and value_of(families[0].name, one.field, one.value or "") is None:
        return {lang: text.format(value=one.value or "") for lang, text in _WHY["value"].items()}
    return None


def _content(store: Store, operation: Operation) -> Operation | None:
    known = {one.id: one for one in store.operations(operation.document)}
    return known.get(operation.id)


def refresh(store: Store, document: str) -> None:
    """Lets the forms of a document (by its hash) stand as its operations say."""

    holds = [one for one, _ in stored(store)]

    def again(
        about: Document, form: CheckedForm, operations: Sequence[Operation]
    ) -> tuple[CheckedForm, Sequence[tuple[str, str]]]:
        told = reviewed(about, form, fold(operations), holds)
        return told.form, [(one.operation.id, one.why) for one in told.conflicts]

    store.review(document, again)


def stored(store: Store) -> list[tuple[Calibration, int]]:
    """The calibrations that hold in an archive, each with the last answer that it was made from."""
    return [(Calibration.model_validate_json(text), last) for text, last in store.calibrations()]


def catch_up(store: Store) -> int:
    """The same for every document that is behind; how many there were."""
    behind = store.behind()
    for document in behind:
        refresh(store, document)
    return len(behind)

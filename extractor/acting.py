"""What reviewers do, taken in: appended to the archive, and the forms drawn again at once.

Nothing is refused silently: an operation that cannot be taken is given back with the reason, in the
words of the person who made it, and the others are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from extractor.answering import keep_in_step, reopened
from extractor.calibration import Calibration
from extractor.errors import ArchiveError
from extractor.families import FAMILIES
from extractor.marking import can_be_marked, drawn, starts_line
from extractor.operations import FAMILY, ROWS, STRUCTURAL, UNREAD, Operation, fold
from extractor.reviewing import value_of
from extractor.store import Store
from extractor.store_operations import Drawn
from extractor.types import CheckedForm, Document

_LONGEST = 20_000
"""Characters of what a person may write; a page of prose has a tenth of that."""
_FARTHEST = 1_000_000
"""How far ahead of what is known a clock may run."""
_LARGEST = 2**53 - 1
"""What a browser can count to."""
_ROW = re.compile(r"[A-Za-z0-9-]{1,64}")
"""The id that a bench gives a row."""
_CELL = re.compile(r"[0-9]{1,15}-[0-9]{1,15}")
_OF_CELLS = ("accept", "defer")
"""What can be done with a printed cell that no field claims."""

_WHY: Mapping[str, Mapping[str, str]] = {
    "document": {
        "zh": "档案中没有这份文件",
        "en": "the archive has no such document",
    },
    "person": {"zh": "未写明审核人", "en": "it does not say who did it"},
    "clock": {"zh": "时钟不合理", "en": "its clock is out of all proportion"},
    "number": {"zh": "数值超出范围", "en": "a number in it is out of all proportion"},
    "place": {"zh": "未指明字段", "en": "it does not say of which field"},
    "target": {"zh": "未指明撤销哪一步", "en": "it does not say what to undo"},
    "long": {"zh": "文字过长", "en": "what was written is too long"},
    "value": {"zh": "“{value}”不能是此栏的值", "en": "“{value}” can be no value of this field"},
    "row": {
        "zh": "未指明行，或行号不合规",
        "en": "it does not say of which row, or names it badly",
    },
    "known_row": {"zh": "此行号已被使用", "en": "the id of the new row is that of another row"},
    "family": {"zh": "没有这种表", "en": "there is no such family of forms"},
    "line": {"zh": "表只能从一行的开头开始", "en": "a form starts where a line starts"},
    "empty": {
        "zh": "此处读不出这种表",
        "en": "no form of this family can be read there",
    },
    "label": {
        "zh": "所答的问题与此栏不符",
        "en": "the question that it answers is not about this field",
    },
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
    """Takes operations in; sending them again changes nothing.

    One that answers a question by saying that an accepted value was wrong opens the fields that
    were accepted for the same reasons.
    """
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
    there = set(kept)
    for document in {one.document: None for one in operations if one.id in there}:
        refresh(store, document)
        keep_in_step(store, document)
    beside = [more for one in operations if one.id in there for more in reopened(store, one)]
    if beside:
        act(store, beside)
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
    if any(not 0 <= (number or 0) <= _LARGEST for number in (one.form, one.label, one.spent)):
        return _WHY["number"]
    texts = (one.id, one.person, one.field, one.row, one.value, one.reason, one.target, one.at)
    parts = sum(map(len, (*one.against, *one.seen)))
    if max(len(text or "") for text in texts) > _LONGEST or parts > 100 * _LONGEST:
        return _WHY["long"]
    if one.act == "undo":
        return None if one.target else _WHY["target"]
    if one.act == "submit":
        return None
    why = _why_not_there(store, one)
    return why or (None if one.label is None else _why_not_answer(store, one, one.label))


def _why_not_there(store: Store, one: Operation) -> Mapping[str, str] | None:
    """Why an operation cannot be of the place that it names."""
    if one.form is None or one.field is None:
        return _WHY["place"]
    if one.act == "family":
        return _why_not_family(store, one, one.form) if one.field == FAMILY else _WHY["place"]
    if one.act in STRUCTURAL:
        return _why_not_row(store, one) if one.field == ROWS else _WHY["place"]
    if one.field == UNREAD:
        return None if one.act in _OF_CELLS and _CELL.fullmatch(one.row or "") else _WHY["place"]
    families = [family for family in FAMILIES if one.field in family.leaves]
    if not families:
        return _WHY["place"]
    says = one.act == "set" or (one.act == "defect" and bool(one.value))
    if says and value_of(families[0].name, one.field, one.value or "") is None:
        return {lang: text.format(value=one.value or "") for lang, text in _WHY["value"].items()}
    return None


def _why_not_family(store: Store, one: Operation, start: int) -> Mapping[str, str] | None:
    if all(family.name != one.value for family in FAMILIES):
        return _WHY["family"]
    found = store.forms_as_left(one.document)
    if found is None:
        return _WHY["document"]
    document, forms = found
    is_form = any(form.form.span.start == start for form in forms)
    if not is_form and not starts_line(document.text, start):
        return _WHY["line"]
    is_read = can_be_marked(document, forms, start, one.value or "")
    return None if is_read else _WHY["empty"]


def _why_not_row(store: Store, one: Operation) -> Mapping[str, str] | None:
    """Why an operation on a row cannot be taken; ids that people give must be new in the form."""
    if not one.row:
        return _WHY["row"]
    if one.act == "join":
        return None if one.value and one.value != one.row else _WHY["row"]
    if one.act == "remove":
        return None
    name = one.row if one.act == "insert" else one.value or ""
    if not _ROW.fullmatch(name):
        return _WHY["row"]
    there = {
        row["row"]
        for form in (store.forms_as_read(one.document) or (None, []))[1]
        if form.form.span.start == one.form
        for row in form.record["indicators"]
    }
    given = {
        other.row if other.act == "insert" else other.value
        for other in store.operations(one.document)
        if other.act in ("insert", "split") and other.form == one.form and other.id != one.id
    }
    return _WHY["known_row"] if name in there | given else None


def _why_not_answer(store: Store, one: Operation, number: int) -> Mapping[str, str] | None:
    found = store.label(number)
    if found is None:
        return _WHY["label"]
    document, label = found
    is_it = document == one.document and label.place is not None and label.place == one.place
    return None if is_it else _WHY["label"]


def _content(store: Store, operation: Operation) -> Operation | None:
    known = {one.id: one for one in store.operations(operation.document)}
    return known.get(operation.id)


def refresh(store: Store, document: str) -> None:
    """Lets the forms of a document (by its hash) stand as its operations say."""

    def again(
        about: Document, forms: Sequence[CheckedForm], operations: Sequence[Operation], known: int
    ) -> tuple[list[Drawn], list[tuple[str, str]]]:
        # Inside the transaction, so that none that holds no more has a say.
        holds = [one for one, _ in stored(store)]
        before = fold(operations[:known]) if known else None
        whole = drawn(about, forms, fold(operations), holds, before)
        found = [
            Drawn(form, None)
            if told is None
            else Drawn(form, told[0], tuple((one.operation.id, one.why) for one in told[1]))
            for form, told in zip(whole.machine, whole.forms, strict=True)
        ]
        return found, [(one.operation.id, one.why) for one in whole.conflicts]

    store.review(document, again)


def stored(store: Store) -> list[tuple[Calibration, int]]:
    """The calibrations that hold in an archive, each with the last answer that it was made from."""
    return [(Calibration.model_validate_json(text), last) for text, last in store.calibrations()]


def catch_up(store: Store) -> int:
    """The same for every document that is behind; how many there were."""
    behind = store.behind()
    for document in behind:
        refresh(store, document)
        keep_in_step(store, document)
    return len(behind)

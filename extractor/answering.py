"""Answers to questions that operations of reviewers give, and the fields that an error casts doubt
on.

A question is a field drawn at random for a person to judge (``labels``). Its answer follows from
the operations that stand: undone, it is open again.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from extractor.operations import Operation, Place, fold
from extractor.pipeline import evidence_for
from extractor.reviewing import places_of, value_of
from extractor.signals import class_of
from extractor.store import Store
from extractor.store_evidence import readable
from extractor.store_labels import Label
from extractor.types import CheckedForm


class Answer(NamedTuple):
    """What the page prints by an operation, and whether the drawn value was wrong."""

    truth: str | None
    wrong: bool


def keep_in_step(store: Store, document: str) -> None:
    """Lets the answers to questions about a document (by its hash) be what its operations say."""
    operations = store.operations(document)
    asked = {one.label for one in operations if one.label is not None}
    if not asked:
        return
    vain = {name for _, name, _ in store.conflicts(document)}
    stand = {
        one.operation.label: one.operation
        for one in fold(operations).fields.values()
        if one.operation.label is not None and one.operation.id not in vain
    }
    for number in sorted(asked):
        found = store.label(number)
        if found is not None:
            _answer(store, document, found[1], stand.get(number))


def _answer(store: Store, document: str, label: Label, one: Operation | None) -> None:
    said = None if one is None else answer_of(store, document, label, one)
    if one is None or said is None:
        if label.answered is not None:
            store.withdraw(label.id)
    elif label.answered is None or (label.truth, label.wrong) != (_kept(said.truth), said.wrong):
        store.answer(label.id, one.person, said.truth, said.wrong, again=True)


def _kept(truth: str | None) -> str | None:
    """An answer as the archive keeps it."""
    return None if truth is None else readable(truth)


def answer_of(store: Store, document: str, label: Label, one: Operation) -> Answer | None:
    """What an operation answers to a question; ``None`` where it leaves it to somebody else."""
    if one.act == "accept" or (one.act == "defect" and one.value is None):
        return Answer(label.value, False)
    if one.act == "nothing" or (one.act == "defect" and not one.value):
        return Answer(None, label.value is not None)
    if one.act not in ("set", "defect"):
        return None
    forms = (store.forms_as_left(document) or (None, []))[1]
    family = next((form.form.family for form in forms if form.form.span.start == one.form), None)
    read = None if family is None else value_of(family, label.field, one.value or "")
    truth = one.value if read is None else read.value
    return Answer(truth, truth != label.value)


def reopened(store: Store, one: Operation) -> list[Operation]:
    """The operations that let somebody look at the siblings of a field, where ``one`` answers a
    question about it by saying that it was wrong; none where it does not.

    Made again of the same operation they are the same.
    """
    found = None if one.label is None else store.label(one.label)
    if found is None or found[1].wrong is not True or found[1].place is None:
        return []
    made: list[Operation] = []
    for form, field, row in siblings(store, one.document, found[1].place):
        name = sha256(f"{one.id} {form} {field} {row}".encode()).hexdigest()[:32]
        made.append(
            Operation(
                name, one.document, "reopen", one.person, one.clock + 1,
                form, field, row, reason=one.id, at=one.at,
            )
        )  # fmt: skip
    return made


def siblings(store: Store, document: str, place: Place) -> list[Place]:
    """The fields of a document that were accepted for the same reasons as one that was found wrong.

    Those of the same stratum and class that have a value, that nobody looks at and nobody has
    settled; the wrong one is judged as it was read, they as they stand.
    """
    standing = store.forms_as_left(document)
    read = store.forms_as_read(document)
    if standing is None or read is None:
        return []
    wanted = _kind_of(read[1], place)
    if wanted is None:
        return []
    return [other for one in standing[1] for other in _accepted(one, wanted) if other != place]


def _kind_of(forms: Sequence[CheckedForm], place: Place) -> tuple[str, str] | None:
    """Stratum and class of a field."""
    for form in forms:
        if form.form.span.start == place.form:
            for path, here in places_of(form).items():
                if here == place:
                    return form.entries[path].stratum, class_of(evidence_for(form)[path])
    return None


def _accepted(form: CheckedForm, wanted: tuple[str, str]) -> list[Place]:
    """Fields of a kind with a value that nobody looks at; what a person settled is of none."""
    evidence, places = evidence_for(form), places_of(form)
    return [
        places[path]
        for path, entry in form.entries.items()
        if not entry.needs_review
        and entry.value is not None
        and (entry.stratum, class_of(evidence[path])) == wanted
    ]

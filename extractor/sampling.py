"""Fields of an archive drawn at random for a person to judge, and what they answer.

Every accepted field of a class has the same chance, whatever document it is in, so each of them is
a label of its own: what hangs together in a form was not drawn together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import NamedTuple
from unicodedata import category, normalize

from extractor.calibration import PROMISED
from extractor.families import family_of
from extractor.pipeline import evidence_for
from extractor.reviewing import places_of
from extractor.signals import Class, class_of
from extractor.store import Store
from extractor.store_labels import Draw
from extractor.types import CheckedForm, Document

_ENLARGED = 4
RIGHT = frozenset({"ok", "okay", "对", "正确", "√", "✓", "✔"})
"""What a person may write for: the value is right. No page prints one of them as a value."""
NOTHING = frozenset({"-", "–", "—", "−", "/"})
"""… and for: the page prints nothing there."""


class Question(NamedTuple):
    """A drawn field with what a person needs to find it on the page."""

    draw: Draw
    document: Document
    form: CheckedForm


def draw(store: Store, wanted: Mapping[Class, int], seed: int) -> list[Question]:
    """So many fields of each class that may be accepted unseen, or all there are, in random order.

    Fields that a person was asked about already are left out.
    """
    sizes = store.form_sizes()
    ends = list(accumulate(fields for _, fields in sizes))
    total = ends[-1] if ends else 0
    asked = {
        (label.form, label.field)
        for answered in (True, False)
        for label in store.labels(answered=answered)
    }
    size = min(total, _ENLARGED * sum(wanted.values()))
    while True:
        places = Random(seed).sample(range(total), size)
        found = _accepted(store, sizes, ends, places, wanted, asked)
        if size == total or len(found) == sum(wanted.values()):
            return found
        size = min(total, _ENLARGED * size)


def open_questions(store: Store) -> list[tuple[int, Question]]:
    """The questions that nobody has answered yet and whose fields are still there."""
    found: list[tuple[int, Question]] = []
    for label in store.labels(answered=False):
        if label.form is not None:
            document, form = store.form(label.form)
            if label.field in form.entries:
                one = Draw(
                    label.form, label.field, label.class_, label.stratum, label.value, label.row
                )
                found.append((label.id, Question(one, document, form)))
    return found


def _accepted(
    store: Store,
    sizes: list[tuple[int, int]],
    ends: list[int],
    places: list[int],
    wanted: Mapping[Class, int],
    asked: set[tuple[int | None, str]],
) -> list[Question]:
    """The fields at some places that may be accepted and are wanted, in the order of the places."""
    by_form: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for order, place in enumerate(places):
        at = bisect_right(ends, place)
        by_form[at].append((place - (ends[at] - sizes[at][1]), order))
    found: list[tuple[int, Question]] = []
    for at, mine in by_form.items():
        number = sizes[at][0]
        document, form = store.form(number)
        paths = list(form.entries)
        evidence, whereabouts = evidence_for(form), places_of(form)
        for position, order in mine:
            path = paths[position]
            entry, class_ = form.entries[path], class_of(evidence[path])
            # What a broken promise sends to a person is drawn too: only labels bring it back.
            if entry.stratum in PROMISED and class_ in wanted and (number, path) not in asked:
                row = whereabouts[path].row
                one = Draw(number, path, class_, entry.stratum, entry.value, row)
                found.append((order, Question(one, document, form)))
    left = Counter(wanted)
    chosen: list[Question] = []
    for _, question in sorted(found, key=lambda one: one[0]):
        if left[question.draw.class_] > 0:
            left[question.draw.class_] -= 1
            chosen.append(question)
    return chosen


class Unreadable(ValueError):
    """An answer that says nothing of the field."""


def answered(form: CheckedForm, field: str, value: str | None, told: str) -> str | None:
    """What the page prints by an answer; ``None`` for nothing at all.

    Raises :class:`Unreadable` where a number is asked for and no digit was written.
    """
    shown = "".join(c for c in normalize("NFKC", told) if category(c) not in ("Cc", "Cf")).strip()
    word = shown.strip("'\"“”‘’.。").casefold()
    if word in RIGHT:
        return value
    if shown in NOTHING:
        return None
    if family_of(form.form.family).is_number(field) and not any(map(str.isdigit, shown)):
        raise Unreadable(told)
    return told.strip()

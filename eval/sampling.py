"""The answers that people gave to drawn fields, judged as the benchmark judges, and as labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from eval.comparing import likeness
from eval.labels import Labels, kind_of
from extractor.families import family_of
from extractor.pipeline import evidence_for
from extractor.store import Store
from extractor.store_labels import Label
from extractor.types import CheckedForm, Document


def is_wrong(form: CheckedForm, field: str, value: str | None, truth: str | None) -> bool:
    """Whether a value is not what the page prints, by the same rule as in the benchmark."""
    if value is None or truth is None:
        return value != truth
    kind = family_of(form.form.family).kind(field)
    return likeness(kind, truth, value) == "different"


def labels_of(store: Store, how: str | None = None) -> Labels:
    """The answered labels of an archive whose fields still read as they did when they were drawn.

    After the last revocation of a promise only answers that came later count for its class: those
    before it are of the time when it held. ``how`` takes only samples, or only corrections.
    """
    labels, since = Labels(), store.revocations()
    for _, form, document, mine in _by_form(store, how):
        evidence = evidence_for(form)
        labels.forms += 1
        for label in mine:
            entry = form.entries.get(label.field)
            if entry is None or entry.value != label.value or label.wrong is None:
                continue
            kind = kind_of(document.path, form, label.field, evidence[label.field])
            if (label.answered or 0) > since.get((kind.made_for, label.class_), 0):
                labels.note(kind, label.wrong)
    return labels


def _by_form(
    store: Store, how: str | None
) -> Iterator[tuple[int, CheckedForm, Document, list[Label]]]:
    by_form: dict[int, list[Label]] = defaultdict(list)
    for label in store.labels(answered=True):
        if label.form is not None and how in (None, label.how):
            by_form[label.form].append(label)
    for number, mine in by_form.items():
        document, form = store.form(number)
        yield number, form, document, mine

"""The smallest phrases: a number, a cell and a check as they are called."""

from __future__ import annotations

from extractor.checks.explain import Drawing
from extractor.checks.kinds import Says, shown
from extractor.families import family_of
from extractor.numbers import number_of
from extractor.types import CheckedForm, Entry


def value_of(value: str) -> str:
    """A number of a record as forms print it: ``1,765.05``."""
    number = number_of(value)
    return shown(number.value, number.places)


def print_of(entry: Entry) -> str:
    """What stands in the cell of an entry."""
    return "".join(entry.raw) or entry.value or ""


def label_of(form: CheckedForm, path: str) -> Says:
    return family_of(form.form.family).labels(path, form.record)


def named(drawing: Drawing) -> Says:
    """A check by what it is about and its rule: ``总分 (R10)``."""
    rule = f" ({drawing.rule})" if drawing.rule else ""
    return {lang: drawing.title[lang] + rule for lang in ("zh", "en")}

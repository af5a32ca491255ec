"""The checks of a form drawn as sums, from its entries alone."""

from __future__ import annotations

from extractor.checks.explain import Drawing, draw
from extractor.families import family_of
from extractor.settle import shape_of, values_of
from extractor.types import CheckedForm


def drawings(form: CheckedForm) -> list[Drawing]:
    """Every check that applies to a form, in the order of declaration."""
    family = family_of(form.form.family)
    values = values_of(family, form.entries)
    found = (
        draw(check, values, lambda path: family.labels(path, form.record))
        for check in family.bound(shape_of(form.record))
    )
    return [drawing for drawing in found if drawing is not None]

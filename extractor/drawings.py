"""The checks of a form drawn as sums, from its entries alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from extractor.checks.explain import Drawing, draw
from extractor.families import family_of
from extractor.numbers import number_of
from extractor.settle import shape_of, values_of
from extractor.types import CheckedForm


def drawings(
    form: CheckedForm,
    changed: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
) -> list[Drawing]:
    """Every check that applies to a form, in the order of declaration.

    ``changed`` draws them as they would be if other values stood in some fields, ``only`` those of
    these ids.
    """
    family = family_of(form.form.family)
    values = {
        **values_of(family, form.entries),
        **{path: number_of(value) for path, value in (changed or {}).items()},
    }
    found = (
        draw(check, values, lambda path: family.labels(path, form.record))
        for check, check_id, _ in family.known(shape_of(form.record))
        if only is None or check_id in only
    )
    return [drawing for drawing in found if drawing is not None]

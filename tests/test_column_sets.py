"""Every column set of the domain notes, in every shape a page can have, gives the same record.

The pages in ``fixtures/columns`` were written from the table of column sets alone, each a
consistent form (its sums add up), with the record that stands on the page beside it.
"""

from __future__ import annotations

import pytest

from tests.shapes import (
    COLUMN_SETS,
    SHAPES,
    differences,
    errors,
    fixture,
    lost_digits,
    misplaced_spans,
    only,
)

AMBIGUOUS = {
    "national": "a funds row of which only the two dashes are left",
}
"""Column sets whose pages cannot be told once their blank cells are gone."""


TOLD = [(n, s) for n in COLUMN_SETS for s in SHAPES if s != "tight" or n not in AMBIGUOUS]


@pytest.mark.parametrize(("name", "shape"), TOLD)
def test_a_column_set_reads_the_same_in_every_shape(name: str, shape: str) -> None:
    page, expected = fixture(name)
    text = SHAPES[shape](page)
    form = only(text)
    assert differences(expected, form.record) == {}
    assert misplaced_spans(text, form) == {}
    assert [text[a:b] for a, b in form.unread] == []
    assert errors(form) == []


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_cannot_be_told_is_left_open_and_not_guessed(name: str) -> None:
    """Every value that is read is right, every digit that is not read is listed."""
    page, expected = fixture(name)
    text = SHAPES["tight"](page)
    form = only(text)
    wrong = {
        path: (wanted, got)
        for path, (wanted, got) in differences(expected, form.record).items()
        if got is not None and got != "no such leaf" and not path.endswith("#")
    }
    assert wrong == {}
    assert lost_digits(text, form) == ""
    assert form.state == "open"

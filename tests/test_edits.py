"""The slips of an OCR: which print comes of which, and back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.faults import faults
from extractor.checks.edits import slip_between, variants
from extractor.numbers import read_number
from tests.shapes import use_profile

use_profile()

PRINTS = st.from_regex(r"(0|[1-9][0-9]{0,7})(\.[0-9]{1,4})?", fullmatch=True)


@pytest.mark.parametrize(
    ("printed", "meant", "slip"),
    [
        ("8.00", "5.00", "digit"),
        ("5.10", "5.01", "transposition"),
        ("1.9", "9.1", "transposition"),
        ("9.15", "91.5", "separator"),
        ("915", "9.15", "separator"),
        ("9.15", "915", "separator"),
        ("9.5", "9.15", "dropped_digit"),
        ("9.155", "9.15", "added_digit"),
        ("1,744.68", "1744.86", "transposition"),
        ("1,744.68", "1,744.68", None),
        ("1,744.68", "1744.68", None),
        ("9.15", "9.15", None),
        ("9.15", "9.28", None),
        ("9.15", "1.59", None),
        ("5.10", "0.15", None),
        ("-5", "5", None),
        ("5", "-5", None),
        ("", "5", "dropped_digit"),
        ("O.5", "0.5", None),
        ("9.15", "9.1500", None),
    ],
)
def test_a_slip_is_named_for_what_it_does_to_the_print(
    printed: str, meant: str, slip: str | None
) -> None:
    assert slip_between(printed, meant) == slip


def test_every_digit_is_as_likely_as_any_other() -> None:
    """Each of the three digits of 5.00 may have been any of nine others, each once."""
    digits = [variant.text for variant in variants("5.00") if variant.slip == "digit"]
    assert len(digits) == len(set(digits)) == 27
    assert "8.00" in digits
    assert "0.00" in digits


@given(PRINTS)
def test_variants_are_other_numbers_and_one_slip_away(printed: str) -> None:
    found = variants(printed)
    own = Decimal(printed)
    assert len({variant.text for variant in found}) == len(found)
    for text, value, slip in found:
        number = read_number(text)
        assert number is not None
        assert number[0].value == value == Decimal(text) != own
        assert slip_between(printed, text) == slip, (printed, text)


@given(PRINTS, st.data())
def test_variants_hold_everything_that_one_slip_explains(printed: str, data: st.DataObject) -> None:
    """What was meant is found among the slips of every faulty print of it."""
    well_formed = [f for f in faults(printed) if read_number(f.text) is not None]
    if well_formed:
        fault = data.draw(st.sampled_from(well_formed))
        found = {variant.value for variant in variants(fault.text)}
        assert Decimal(printed) in found, (printed, fault)


@given(st.text("0123456789.,-O万元 ", max_size=42))
def test_any_text_has_slips_or_none_and_never_raises(printed: str) -> None:
    for text, value, _ in variants(printed):
        assert Decimal(text) == value
        slip_between(printed, text)


def test_a_slip_in_a_cell_with_a_unit_or_a_space_is_a_number_of_the_record() -> None:
    assert "9.15" in {v.text for v in variants("09.15万元")}
    assert all(v.text.replace(".", "").isdigit() for v in variants("1 .5") + variants("09.1元"))


def test_separators_of_thousands_do_not_matter() -> None:
    assert variants("1,744.68") == variants("1744.68")


def test_what_is_unreadable_may_be_one_slip_from_a_number() -> None:
    assert [v.text for v in variants("9.1.5")] == ["91.5"]
    assert {v.text for v in variants("09")} >= {"19", "9", "0.9"}
    assert variants("O.1") == ()


def test_the_longest_cells_have_slips_in_no_time() -> None:
    found = variants("1234567890" * 3 + ".12")
    assert 200 < len(found) < 1200

"""Printed text ↔ Decimal: what is a number, what is not, and what a print stands for."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.numbers import Interval, number_of, read_number, stands_for
from tests.shapes import use_profile

use_profile()

DECIMALS = st.decimals(
    min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=2
)


def test_a_printed_number_keeps_its_decimals() -> None:
    found = read_number("1,765.05")
    assert found is not None
    number, unit = found
    assert (number.value, number.places, number.text, unit) == (
        Decimal("1765.05"), 2, "1765.05", None,
    )  # fmt: skip
    assert number.unit == Decimal("0.01")


@pytest.mark.parametrize(
    ("printed", "text", "unit"),
    [
        ("0", "0", None), ("0.00", "0.00", None), ("10", "10", None), ("0.958", "0.958", None),
        ("98.1%", "98.1", "%"), ("98.1％", "98.1", "%"), ("98.10 %", "98.10", "%"),
        ("（372.29）万元", None, None), ("372.29万元", "372.29", "万元"),
        ("372.29 元", "372.29", "元"), ("１０．００", "10.00", None),
        ("1，765.05", "1765.05", None),
        ("1 , 765 . 05", "1765.05", None), ("-3.2", "-3.2", None), ("+3.2", "3.2", None),
        ("123456789.01", "123456789.01", None), ("999,999", "999999", None),
    ],
)  # fmt: skip
def test_what_is_a_number(printed: str, text: str | None, unit: str | None) -> None:
    found = read_number(printed)
    assert (found and found[0].text, found and found[1]) == (text, unit)


@pytest.mark.parametrize(
    "printed",
    [
        "", "-", "—", "/", "1.2.3", "1,23.4", "12,34,567", ",123", "123,", "1,2345", "0,123",
        "01", "00", "007.5", ".5", "5.", "5..0", "10 00", "1 0", "1O", "l0", "5,O0", "十", "½",
        "²", "٣", "१", "①", "5e3", "0x1F", "NaN", "Infinity", "1_000", "≥5", "5人", "5册", "5/10",
        "10-20", "约5", "5左右", "5.00 6.00", "5.00(注)", "--5", "+-5", "5-", "%", "%5", "100%%",
        "10.00%10", "5\n6", "9" * 60,
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_no_number(printed: str) -> None:
    assert read_number(printed) is None


@given(DECIMALS, st.integers(0, 4), st.booleans())
def test_numbers_round_trip(value: Decimal, places: int, separated: bool) -> None:
    """Printed with any decimals, with separators or without, a number reads as it was."""
    value = value.quantize(Decimal(1).scaleb(-places))
    printed = f"{value:,f}" if separated else f"{value:f}"
    found = read_number(printed)
    assert found is not None
    assert found[0].text == f"{value:f}"
    assert found[0].value == value
    assert found[0].places == places
    assert number_of(found[0].text) == found[0]


@given(DECIMALS)
def test_full_width_digits_are_the_same_number(value: Decimal) -> None:
    printed = f"{value:,f}"
    wide = printed.translate(str.maketrans("0123456789,.", "０１２３４５６７８９，．"))
    assert read_number(wide) == read_number(printed)


@given(DECIMALS, st.integers(1, 12))
def test_a_separator_out_of_place_is_no_number(value: Decimal, at: int) -> None:
    """A comma that does not part groups of three shows that a digit was lost or moved."""
    digits = f"{int(value)}"
    at = min(at, len(digits) - 1)
    if at <= 0 or (len(digits) - at == 3 and at <= 3):
        return
    assert read_number(f"{digits[:at]},{digits[at:]}") is None


@given(st.text(max_size=30))
def test_arbitrary_text_never_crashes_and_never_makes_up_digits(text: str) -> None:
    found = read_number(text)
    if found is not None:
        assert any(character.isdigit() for character in text)
        assert Decimal(found[0].text) == found[0].value


def test_a_print_stands_for_half_a_unit_either_way() -> None:
    """91.51 stands for [91.505, 91.515]; 10 for [9.5, 10.5]."""
    assert stands_for(number_of("91.51")) == Interval(Decimal("91.505"), Decimal("91.515"))
    assert stands_for(number_of("10")) == Interval(Decimal("9.5"), Decimal("10.5"))
    assert Decimal("91.515") in stands_for(number_of("91.51"))
    assert Decimal("91.516") not in stands_for(number_of("91.51"))
    assert stands_for(number_of("10")).widened(Decimal("0.5")) == Interval(Decimal(9), Decimal(11))

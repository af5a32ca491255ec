"""Implying: what unknown numbers must be."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.checks.imply import Implied, imply
from extractor.families import family_of
from extractor.numbers import Number, number_of
from tests.shapes import use_profile
from tests.test_locate import NUMBERS, drawn, values

use_profile()

PROJECT = family_of("project")
NAMES = ("total", "current_year_appropriation", "carried_over", "other")


def funds(column: str, *amounts: str | None) -> dict[str, str | None]:
    return {f"funds.{row}.{column}": text for row, text in zip(NAMES, amounts, strict=True)}


def implied(
    printed: Mapping[str, str | None], field: str, raw: str = "", rows: int = 0
) -> Implied | None:
    page = values({**printed, field: None})
    return imply(PROJECT.known((rows, ())), page, [field], {field: raw}).get(field)


def test_a_score_that_is_missing_is_what_the_total_leaves() -> None:
    scores = {f"indicators[{i}].score": "30.00" for i in range(3)}
    found = implied(scores | {"total_score": "87.50"}, "indicators[1].score", rows=3)
    assert found == Implied(
        Decimal("27.50"), Decimal("27.50"), "27.50", ("sum:indicators[].score",)
    )


def test_a_rate_leaves_an_interval() -> None:
    """1,596.51 ÷ 1,744.68 = 91.507: 91.50 (cut off), 91.51 and what is a unit beside them."""
    row = {"funds.total.annual_budget": "1744.68", "funds.total.executed": "1596.51"}
    found = implied(row, "funds.total.execution_rate")
    assert found is not None
    assert found.value is None
    assert Decimal("91.49") <= found.low <= Decimal("91.50")
    assert Decimal("91.51") <= found.high <= Decimal("91.52")


@pytest.mark.parametrize(
    ("raw", "value"), [("9l.51", None), ("91..51", "91.51"), ("91.5.1", None), ("", None)]
)
def test_in_an_interval_the_one_slip_of_the_print_is_the_value(raw: str, value: str | None) -> None:
    """``91..51`` lost nothing but a point too many."""
    row = {"funds.total.annual_budget": "1744.68", "funds.total.executed": "1596.51"}
    found = implied(row, "funds.total.execution_rate", raw)
    assert found is not None
    assert found.value == value


def test_a_print_with_its_unit_is_no_obstacle() -> None:
    """``01744.68万元``: the digit too many goes, the unit is not part of the number."""
    row = {"funds.total.executed": "1596.51", "funds.total.execution_rate": "91.51"}
    found = implied(row, "funds.total.annual_budget", "01744.68万元")
    assert found is not None
    assert found.value == "1744.68"


def test_rounded_amounts_leave_an_interval_and_yuan_do_not() -> None:
    """350.10 + 200.05: in 元 550.15, in 万元 what three roundings let pass."""
    row = funds("executed", None, "350.10", "200.05", "0.00")
    exact = implied(row | {"amount_unit": "元"}, "funds.total.executed")
    assert exact is not None
    assert exact.value == "550.15"
    rounded = implied(row | {"amount_unit": "万元"}, "funds.total.executed")
    assert rounded is not None
    assert rounded.value is None
    assert (rounded.low, rounded.high) == (Decimal("550.14"), Decimal("550.16"))


def test_a_check_that_does_not_apply_implies_nothing() -> None:
    """A rate of the adjusted budget says nothing of the initial one; the rate of a source that
    has other amounts is not the total's; a total without sources is no sum of nothing."""
    row = {
        "funds.total.annual_budget": "200.00",
        "funds.total.executed": "150.00",
        "funds.total.execution_rate": "75.00",
    }
    assert implied(row, "funds.total.initial_budget") is None
    budget = implied(row, "funds.total.annual_budget")
    assert budget is not None
    assert budget.low <= 200 <= budget.high
    assert budget.checks == ("ratio:funds.total.execution_rate",)
    other = {
        "funds.other.annual_budget": "100.00",
        "funds.other.executed": "50.00",
        "funds.total.execution_rate": "75.00",
        "funds.total.annual_budget": "200.00",
        "funds.total.executed": "150.00",
    }
    rate = implied(other, "funds.other.execution_rate")
    assert rate is not None
    assert rate.low <= 50 <= rate.high
    assert rate.checks == ("ratio:funds.other.execution_rate",)


def test_equal_amounts_ask_for_equal_rates() -> None:
    row = funds("annual_budget", "200.00", "200.00", "0.00", "0.00")
    row |= funds("executed", "150.00", "150.00", "0.00", "0.00")
    row |= {"funds.total.execution_rate": "75.00"}
    found = implied(row, "funds.current_year_appropriation.execution_rate")
    assert found is not None
    assert found.value == "75.00"
    assert "same:funds.current_year_appropriation.execution_rate" in found.checks


def test_a_column_of_fractions_implies_a_fraction() -> None:
    row = funds("annual_budget", "860.00", "860.00", "0.00", "0.00")
    row |= funds("executed", "823.88", "700.00", "123.88", "0.00")
    row |= {"funds.current_year_appropriation.execution_rate": "0.814"}
    found = implied(row, "funds.total.execution_rate")
    assert found is not None
    assert found.low <= Decimal("0.958") <= found.high < 1


def test_nothing_is_implied_where_checks_disagree_or_two_are_unknown() -> None:
    weights = {"indicators[0].weight": "40.00", "indicators[1].weight": "50.00"}
    assert implied(weights, "total_weight", rows=2) is None
    scores = {"indicators[0].score": None, "indicators[1].score": "5.00", "total_score": "9.00"}
    assert implied(scores, "indicators[1].score", rows=2) is None


def test_what_is_implied_is_never_negative() -> None:
    scores = {"indicators[0].score": "90.00", "total_score": "80.00"}
    assert implied(scores, "indicators[1].score", rows=2) is None


def test_any_number_of_a_form_that_holds_follows_as_it_was_printed() -> None:
    """Each number of 40 forms, taken away: what is said of it is true, and most are said exactly.

    But for one: the only rate of a page may be a fraction, and nothing beside it tells."""
    exact = silent = count = 0
    for seed in range(40):
        page, checks = drawn(seed)
        for field, number in page.items():
            if not isinstance(number, Number):
                continue
            count += 1
            found = imply(checks, {**page, field: None}, [field], {}).get(field)
            if found is None:
                silent += 1
                continue
            rates = [p for p in page if p.endswith("execution_rate")]
            if found.low <= number.value <= found.high:
                exact += found.value is not None
            else:
                assert rates == [field], (seed, field, number, found)
            if found.value is not None:
                assert Decimal(found.value) == number.value
                assert found.low == found.high
    assert exact > 0.75 * count
    assert silent < 0.02 * count


@settings(max_examples=60)
@given(st.integers(0, 39), st.randoms(use_true_random=False), st.data())
def test_no_values_make_it_raise(seed: int, chance: random.Random, data: st.DataObject) -> None:
    page, checks = drawn(seed)
    numbers = [p for p, v in page.items() if isinstance(v, Number)]
    for field in data.draw(st.lists(st.sampled_from(numbers), max_size=4)):
        page[field] = number_of(data.draw(NUMBERS))
    unknown = data.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=4, unique=True))
    page |= dict.fromkeys(unknown)
    raw = {p: data.draw(st.text("0123456789.,O万元 -", max_size=12)) for p in unknown}
    found = imply(checks, page, unknown, raw)
    shuffled = list(page.items())
    chance.shuffle(shuffled)
    assert imply(checks, dict(shuffled), reversed(unknown), raw) == found
    for field, told in found.items():
        assert field in unknown
        assert 0 <= told.low <= told.high
        assert told.checks
        if told.value is not None:
            assert re.fullmatch(r"(0|[1-9]\d*)(\.\d+)?", told.value)
            assert told.low <= Decimal(told.value) <= told.high

"""What is to be done first."""

from __future__ import annotations

import time
from dataclasses import replace

from extractor.types import CheckedForm, Confidence, Span
from extractor.worklist import FAILING, cost_of, ranks
from tests.shapes import PAGE, only

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
SCORE = "indicators[1].score"


def doubting(form: CheckedForm, stratum: str, *paths: str) -> CheckedForm:
    """The form with doubts about these fields and no others."""
    entries = {
        path: entry._replace(stratum=stratum, needs_review=True)
        if path in paths
        else entry._replace(needs_review=False)
        for path, entry in form.entries.items()
    }
    return replace(form, entries=entries, findings=(), unread=(), state="open")


class TestCost:
    def test_a_settled_form_costs_nothing(self) -> None:
        form = only(PAGE)
        assert form.state == "clear"
        assert cost_of(form) == 0

    def test_a_failing_sum_costs_more_than_any_number_of_doubts(self) -> None:
        form = only(WRONG)
        doubtful = doubting(form, "unread", *form.entries)
        assert cost_of(form) > FAILING > cost_of(doubtful) > 0

    def test_an_error_that_a_person_has_confirmed_counts_no_more(self) -> None:
        form = only(WRONG)
        findings = tuple(replace(one, confirmed=True) for one in form.findings)
        assert 0 < cost_of(replace(form, findings=findings)) < FAILING

    def test_a_doubtful_amount_costs_more_than_a_doubtful_name(self) -> None:
        form = only(PAGE)
        amount, name = "funds.total.annual_budget", "indicators[0].name"
        assert cost_of(doubting(form, "disputed", amount)) > cost_of(
            doubting(form, "disputed", name)
        )

    def test_many_doubts_outrank_one_of_the_same_gravity(self) -> None:
        form = only(PAGE)
        one = doubting(form, "disputed", SCORE)
        more = doubting(form, "disputed", SCORE, "indicators[0].score", "indicators[0].name")
        assert cost_of(more) > cost_of(one)

    def test_a_calibrated_probability_takes_the_place_of_the_rough_one(self) -> None:
        form = doubting(only(PAGE), "unread", SCORE)
        entries = dict(form.entries)
        entries[SCORE] = entries[SCORE]._replace(confidence=Confidence(0.99, "gold", 300, None))
        assert 0 < cost_of(replace(form, entries=entries)) < cost_of(form)

    def test_cells_that_nothing_claims_cost_something(self) -> None:
        form = replace(doubting(only(PAGE), "unread"), unread=(Span(0, 2),))
        assert 0 < cost_of(form) < FAILING

    def test_a_settled_form_is_weighed_in_no_time(self) -> None:
        form = only(PAGE)
        before = time.perf_counter()
        for _ in range(1000):
            cost_of(form)
        assert time.perf_counter() - before < 0.05


class TestRanks:
    def test_suspects_come_first_then_what_was_not_read_then_by_cost(self) -> None:
        form = doubting(only(PAGE), "disputed", "indicators[0].name")
        found = ranks(form, {SCORE})
        order = sorted(found, key=found.__getitem__)
        assert order[:2] == [SCORE, "indicators[0].name"]
        assert {one.group for one in found.values()} == {0, 1, 2}

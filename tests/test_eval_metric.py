"""The proof of the metric would notice a metric that is wrong, and its page says what it found."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest

from eval import prove_metric
from eval.corrupt import DAMAGING, rotated
from eval.edits import Edit, Form, Operator, differ
from eval.prove_metric import (
    DOCS,
    SEED,
    compared,
    damage_row,
    distinct,
    edits_of,
    facts,
    facts_told,
    gold,
    neutral_row,
    published,
    tally,
)
from eval.reformat import NEUTRAL
from eval.rivals import anls_star, donut_f1, nested
from eval.score import Judged, Score, score
from extractor.families.base import Family

EVERY = {**DAMAGING, **NEUTRAL}


def named(name: str) -> Form:
    return next(form for form in gold() if form.name == name)


def edits(name: str, form: Form) -> list[Edit]:
    return list(EVERY[name](Random(1), form))


@pytest.fixture
def form() -> Form:
    return named("jiangqiao-2024.tsv-0")


@pytest.mark.parametrize("name", EVERY)
def test_an_edit_costs_exactly_what_it_damaged_and_the_page_says_so(name: str):
    told = tally(name, EVERY[name], gold(), SEED)
    assert told.edits > 0
    assert told.off == ()
    assert told.cost == told.damaged
    assert (told.damaged == 0) == (name in NEUTRAL)
    assert f"| {name} | {told.edits} | {told.damaged} | " in published()


class TestOperators:
    """What an edit says that it damaged, seen on the page and not by the score."""

    def test_every_edit_changes_the_reading_and_never_the_truth(self, form: Form):
        before = dict(form.leaves)
        for name in EVERY:
            for edit in edits(name, form):
                assert edit.read != before, name
                assert edit.damaged <= before.keys(), name
        assert form.leaves == before

    def test_edits_are_the_same_in_every_run(self, form: Form):
        for name, operator in EVERY.items():
            once, again = (edits_of(name, operator, form, 5, SEED) for _ in range(2))
            assert once == again

    def test_a_dropped_row_damages_what_it_printed(self, form: Form):
        edit = edits("row dropped", form)[1]
        columns = ("level1", "level2", "name", "target", "actual", "weight", "score")
        assert edit.damaged == {f"indicators[1].{column}" for column in columns}
        assert edit.read["indicators[1].name"] == "尾款支付时间"
        assert "indicators[7].name" not in edit.read

    def test_a_doubled_row_damages_nothing_and_is_spurious(self, form: Form):
        edit = edits("row doubled", form)[4]
        assert edit.damaged == frozenset()
        assert edit.spurious == 8
        assert edit.read["indicators[4].name"] == edit.read["indicators[5].name"] == "党建氛围"

    def test_exchanged_values_damage_only_what_differs(self, form: Form):
        edit = next(
            edit
            for edit in edits("values of two rows exchanged", form)
            if edit.read["indicators[1].target"] == "8月前"
        )
        assert edit.damaged == {"indicators[1].target", "indicators[2].target"}

    def test_equal_numbers_that_are_swapped_damage_nothing(self, form: Form):
        for edit in edits("two numbers of a row swapped", form):
            assert len(edit.damaged) == 2
            assert not any(path.startswith("indicators[0].") for path in edit.damaged)

    def test_a_turned_money_table_moves_every_amount(self, form: Form):
        (edit,) = rotated(form, 2)
        assert edit.read["funds.carried_over.executed"] == "3.46"
        assert edit.read["funds.total.executed"] == "0.00"
        assert edit.read["funds.total.score"] == "6.92"
        assert len(edit.damaged) == 16

    def test_values_written_otherwise_are_not_different(self):
        assert not differ("≥90(百分比)", "≥90.00(%)")
        assert not differ("9.150", "9.15")
        assert differ("100.00", "1.00")
        assert differ("0.00", None)
        assert differ("优", "良")


class TestProof:
    """A scorer with a fault is found out."""

    def prove(
        self,
        monkeypatch: pytest.MonkeyPatch,
        change: Callable[[Judged], Judged],
        name: str,
    ) -> tuple[str, ...]:
        def faulty(family: Family, truth: object, read: object) -> Score:
            told = score(family, truth, read)  # type: ignore[arg-type]
            return Score(tuple(map(change, told.leaves)), told.rows)

        monkeypatch.setattr(prove_metric, "score", faulty)
        return tally(name, EVERY[name], distinct(), SEED, 3).off

    def test_a_blind_score_is_found_out(self, monkeypatch: pytest.MonkeyPatch):
        def blind(leaf: Judged) -> Judged:
            return leaf._replace(outcome="correct") if leaf.path.endswith("score") else leaf

        assert any("misses" in line for line in self.prove(monkeypatch, blind, "digit changed"))

    def test_a_score_that_blames_a_neighbour_is_found_out(self, monkeypatch: pytest.MonkeyPatch):
        def harsh(leaf: Judged) -> Judged:
            return leaf._replace(outcome="wrong") if leaf.path == "year" else leaf

        assert self.prove(monkeypatch, harsh, "grade changed")
        assert self.prove(monkeypatch, harsh, "trailing zero")

    def test_a_score_that_charges_for_format_is_found_out(self, monkeypatch: pytest.MonkeyPatch):
        def strict(leaf: Judged) -> Judged:
            return leaf._replace(outcome="wrong") if leaf.outcome == "format_only" else leaf

        assert self.prove(monkeypatch, strict, "thousands separators")

    def test_a_score_without_spurious_values_is_found_out(self, monkeypatch: pytest.MonkeyPatch):
        def generous(leaf: Judged) -> Judged:
            return leaf._replace(outcome="correct") if leaf.outcome == "spurious" else leaf

        assert self.prove(monkeypatch, generous, "row added")


class TestRivals:
    def test_leaves_are_nested_and_blanks_left_out(self):
        leaves = {"a": "1", "b.c": "2", "b.d": None, "e[1].f": "4", "e[0].f": "3", "e[2].f": None}
        assert nested(leaves) == {"a": "1", "b": {"c": "2"}, "e": [{"f": "3"}, {"f": "4"}]}

    def test_both_call_the_truth_perfect_and_nothing_worthless(self, form: Form):
        for rival in (anls_star, donut_f1):
            assert rival(form.leaves, form.leaves) == rival({}, {}) == 1
            assert rival(form.leaves, {}) == rival({}, form.leaves) == 0

    def test_anls_gives_credit_for_a_number_with_a_wrong_digit(self):
        assert anls_star({"a": "97.55"}, {"a": "97.56"}) == pytest.approx(0.8)
        assert donut_f1({"a": "97.55"}, {"a": "97.56"}) == 0

    def test_donut_forgets_rows_of_a_list_and_no_other_keys(self):
        assert donut_f1({"a[0].b": "1", "a[1].b": "2"}, {"a[0].b": "2", "a[1].b": "1"}) == 1
        assert donut_f1({"a.x.b": "1", "a.y.b": "2"}, {"a.x.b": "2", "a.y.b": "1"}) == 0

    def test_donut_counts_a_field_as_often_as_it_stands(self):
        assert donut_f1({"a[0].b": "1", "a[1].b": "1"}, {"a[0].b": "1"}) == pytest.approx(2 / 3)


class TestPage:
    """``docs/metric.md`` against the measurement."""

    @pytest.mark.slow
    def test_the_two_facts_are_those_measured(self):
        assert "\n".join(facts_told(facts())) in published()

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("name", "row"),
        [
            ("digit changed", damage_row),
            ("values of two rows exchanged", damage_row),
            ("thousands separators", neutral_row),
        ],
    )
    def test_the_rivals_of_some_rows_are_those_measured(self, name: str, row: Callable[..., str]):
        operator: Operator = EVERY[name]
        measured = row(name, tally(name, operator, gold(), SEED), compared(name, operator, SEED))
        assert measured in published().splitlines()

    def test_every_operator_has_its_row_and_no_row_is_left_over(self):
        rows = re.findall(r"^\| ([^|]+) \| \d+ \| \d+ \|", published(), re.MULTILINE)
        assert rows == [*DAMAGING, *NEUTRAL]

    def test_the_text_counts_operators_and_forms_rightly(self):
        text = DOCS.read_text(encoding="utf-8")
        assert f"the {len(gold())} forms of the gold set" in text
        assert f"{len(DAMAGING)} ways to damage a form and {len(NEUTRAL)} ways" in text
        assert f"each of the {len(distinct())} distinct forms" in text

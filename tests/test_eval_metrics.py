"""The figures of a run: what each counts, of what, and how sure it is."""

from __future__ import annotations

import doctest
import random
from collections.abc import Mapping, Sequence

import pytest

from eval import intervals
from eval.bounds import most_errors
from eval.intervals import resampled, resampled_difference
from eval.metrics import ANCHORS, NUMBERS, SHARES, judged, metrics
from eval.results import Estimate, FormResult
from eval.score import OUTCOMES, RIGHT, Outcome
from extractor.families.base import FIELDS, Field

Counts = Mapping[Field, Mapping[Outcome, int]]


def form(
    item: str = "a", counts: Counts | None = None, family: str | None = None, **given: object
) -> FormResult:
    """A form of these counts, alone in its document family; nothing is flagged or silent."""
    told = counts or {"money": {"correct": 10}}
    exact = all(outcome in RIGHT for found in told.values() for outcome in found)
    usual: dict[str, object] = {
        "item": item,
        "family": "project",
        "document_family": family or item,
        "clear": exact,
        "exact": exact,
        "counts": told,
        "silent": {},
        "entries": 100,
        "flagged": 0,
        "rows": (0, 0, 0),
        "character_errors": (0, 0),
        "seconds": 0.0,
    }
    return FormResult.model_validate({**usual, **given})


def share(name: str, *forms: FormResult) -> tuple[int | None, int | None]:
    """Numerator and denominator of a figure."""
    found = metrics(forms)[name]
    return found.count, found.of


class TestBound:
    @pytest.mark.parametrize(
        ("errors", "of", "bound"),
        [
            # 1 − 0.05 ** (1 / n): 2,995 is the least n that proves less than one in a thousand.
            (0, 2995, 0.00099975),
            (0, 2994, 0.00100008),
            (0, 1, 0.95),
            # The usual table of exact one-sided 95 % limits.
            (1, 10, 0.3942),
            (3, 100, 0.0757),
            (9, 10, 0.9949),
        ],
    )
    def test_it_is_that_of_clopper_and_pearson(self, errors: int, of: int, bound: float):
        assert most_errors(errors, of) == pytest.approx(bound, abs=1e-8 if of > 2000 else 5e-5)

    def test_it_is_exact(self):
        """With the rate at the bound, so few errors come out one time in twenty."""
        rate = most_errors(2, 40)
        assert rate is not None
        chances = [40 * 39 // 2, 40, 1]
        chance = sum(
            ways * rate**k * (1 - rate) ** (40 - k)
            for ways, k in zip(chances, (2, 1, 0), strict=True)
        )
        assert chance == pytest.approx(0.05, abs=1e-9)

    def test_all_wrong_leaves_every_rate_possible_and_nothing_seen_says_nothing(self):
        assert most_errors(7, 7) == 1.0
        assert most_errors(0, 0) is None

    def test_more_confidence_is_a_higher_bound(self):
        usual, surer = most_errors(0, 100), most_errors(0, 100, confidence=0.99)
        assert usual is not None
        assert surer is not None
        assert usual < surer

    def test_the_example_holds(self):
        assert doctest.testmod(intervals).failed == 0


class TestResampling:
    def test_one_family_says_nothing_however_many_forms_it_has(self):
        assert resampled([("a", i % 2, 1.0) for i in range(50)]) is None
        assert resampled([]) is None

    def test_all_right_is_all_right(self):
        assert resampled([(str(i), 10.0, 10.0) for i in range(5)]) == (1.0, 1.0)

    def test_a_family_that_is_all_wrong_widens(self):
        right = [(str(i), 10.0, 10.0) for i in range(9)]
        found = resampled([*right, ("bad", 0.0, 10.0)])
        assert found is not None
        assert found[0] == pytest.approx(0.7, abs=0.05)
        assert found[1] == 1.0

    def test_errors_in_one_family_are_not_taken_for_independent(self):
        """Twenty wrong of a hundred: all in one office, or two in each of ten."""
        together = [(str(i // 20), float(i >= 20), 1.0) for i in range(100)]
        scattered = [(str(i % 10), float(i >= 20), 1.0) for i in range(100)]
        one, ten = resampled(together), resampled(scattered)
        assert one is not None
        assert one[1] - one[0] > 0.5
        assert ten == (0.8, 0.8)

    def test_the_interval_holds_the_share_and_a_larger_sample_is_narrower(self):
        widths: list[float] = []
        for count in (10, 100, 1000):
            found = resampled([(str(i), i % 5 > 0, 1.0) for i in range(count)])
            assert found is not None
            assert found[0] < 0.8 < found[1]
            widths.append(found[1] - found[0])
        assert widths[0] > 2 * widths[1] > 4 * widths[2]
        # ± 1.96 · √(0.8 · 0.2 / 1000)
        assert widths[2] == pytest.approx(2 * 0.0248, rel=0.1)

    def test_a_family_that_has_nothing_to_count_is_none(self):
        """A range of a single family, drawn more or less often, would look like certainty."""
        assert resampled([("a", 1.0, 4.0), ("b", 0.0, 0.0), ("c", 0.0, 0.0)]) is None
        found = resampled([("a", 1.0, 4.0), ("b", 0.0, 0.0), ("c", 3.0, 4.0)])
        assert found == (0.25, 0.75)

    def test_it_is_the_same_in_every_run(self):
        parts = [(str(i), i % 3, 3.0) for i in range(20)]
        assert resampled(parts) == resampled(parts)

    def test_the_difference_of_a_run_to_itself_is_none(self):
        parts = [(str(i), (i % 3, 3.0), (i % 3, 3.0)) for i in range(20)]
        assert resampled_difference(parts) == (0.0, 0.0)

    def test_a_difference_is_drawn_in_pairs(self):
        """Both runs are bad at the same families: what changed is far surer than what is."""
        parts = [(str(i), (i % 2 * 50, 100.0), (i % 2 * 50 + 1, 100.0)) for i in range(20)]
        assert resampled_difference(parts) == (pytest.approx(0.01), pytest.approx(0.01))

    def test_the_interval_of_a_difference_is_about_the_difference_of_the_shares(self):
        """A run that has more to count in some families: 90 of 100 against 90 of 200."""
        parts = [(str(i), (9, 10), (9, 10 + 20 * (i % 2))) for i in range(10)]
        found = resampled_difference(parts)
        assert found is not None
        assert found[0] <= 90 / 200 - 90 / 100 <= found[1] < 0

    def test_a_run_without_anything_to_count_has_no_difference(self):
        parts = [(str(i), (0.0, 0.0), (1.0, 2.0)) for i in range(10)]
        assert resampled_difference(parts) is None


class TestExactness:
    def test_what_is_filled_counts_and_a_blank_left_blank_neither_helps_nor_harms(self):
        one: Counts = {"money": {"correct": 6, "format_only": 1, "wrong": 2, "omitted": 1}}
        two: Counts = {"money": {**one["money"], "correct_blank": 990}}
        assert share("exact_money", form(counts=one)) == (7, 10)
        assert metrics([form(counts=one)]) == metrics([form(counts=two)])

    def test_every_outcome_is_judged_but_the_blank_and_only_what_is_right_is_exact(self):
        for outcome in OUTCOMES:
            found = share("exact_all", form(counts={"names": {"correct": 5, outcome: 3}}))
            right, of = (8, 8) if outcome in RIGHT else (5, 8)
            if outcome == "correct":
                right, of = 3, 3
            elif outcome == "correct_blank":
                right, of = 5, 5
            assert found == (right, of), outcome

    def test_each_figure_counts_its_own_fields(self):
        counts: Counts = {field: {"correct": 10**i} for i, field in enumerate(FIELDS)}
        assert share("exact_all", form(counts=counts))[1] == 111_111
        assert share("exact_money", form(counts=counts))[1] == 1
        assert share("exact_numbers", form(counts=counts))[1] == 11
        assert judged(form(counts=counts), NUMBERS) == 11

    def test_forms_are_added_up_leaf_by_leaf(self):
        short = form("a", {"points": {"wrong": 10}})
        long = form("b", {"points": {"correct": 90}})
        assert share("exact_numbers", short, long) == (90, 100)
        assert metrics([short, long])["exact_numbers"].value == 0.9
        assert share("form_exact", short, long) == (1, 2)

    def test_nothing_to_count_is_no_figure(self):
        assert metrics([])["exact_all"] == Estimate(value=None, count=0, of=0)
        found = metrics([form(counts={"prose": {"correct": 1}})])["silent_money"]
        assert (found.value, found.bound) == (None, None)

    def test_rows_are_right_of_those_on_both_sides(self):
        """7 rows right of 8 on the page and 10 in the reading: 2 · 7 / 18."""
        assert metrics([form(rows=(7, 8, 10))])["row_f1"].value == 14 / 18


class TestSilence:
    def test_silent_errors_are_a_share_of_what_is_judged_with_an_exact_bound(self):
        counts: Counts = {
            "money": {"correct": 60, "wrong": 2, "correct_blank": 500},
            "points": {"correct": 38},
            "names": {"correct": 90, "omitted": 10},
        }
        told = metrics([form(counts=counts, silent={"money": 1, "names": 4})])
        assert (told["silent_money"].count, told["silent_money"].of) == (1, 62)
        assert (told["silent_numbers"].count, told["silent_numbers"].of) == (1, 100)
        assert (told["silent_all"].count, told["silent_all"].of) == (5, 200)
        assert told["silent_numbers"].bound == most_errors(1, 100)
        assert {n for n, e in told.items() if e.bound is not None} == {
            "silent_all", "silent_money", "silent_numbers",
        }  # fmt: skip

    def test_noticed_is_of_the_wrong_numbers_alone(self):
        counts: Counts = {
            "money": {"correct": 50, "wrong": 3, "format_only": 9, "correct_blank": 9},
            "points": {"misattached": 4, "spurious": 1},
            "names": {"wrong": 100},
        }
        assert share("noticed", form(counts=counts, noticed=6)) == (6, 8)
        assert metrics([form()])["noticed"].value is None

    def test_flagged_and_untouched_are_the_two_parts_of_the_entries(self):
        forms = [form("a", flagged=10), form("b", entries=300, flagged=0)]
        assert share("flagged", *forms) == (10, 400)
        assert share("fields_untouched", *forms) == (390, 400)

    def test_a_form_that_is_clear_needs_nobody_even_where_it_is_wrong(self):
        wrong: Counts = {"money": {"wrong": 1}}
        assert share("forms_untouched", form("a", wrong, clear=True), form("b", clear=False)) == (
            1,
            2,
        )


class TestProseAndAnchors:
    def test_prose_is_measured_in_characters(self):
        forms = [form("a", character_errors=(3, 100)), form("b", character_errors=(0, 200))]
        assert metrics(forms)["prose_cer"].value == 0.01

    def test_an_anchor_is_a_mean_over_the_forms_that_have_it(self):
        forms = [form("a", anls=1.0), form("b", anls=0.5), form("c")]
        found = metrics(forms)
        assert found["anls"].value == 0.75
        assert (found["anls"].low, found["anls"].high) == (0.5, 1.0)
        assert found["donut"] == Estimate(value=None)


class TestWhole:
    def test_every_figure_is_told_in_its_order(self):
        assert list(metrics([form()])) == [*SHARES, *ANCHORS]

    def test_intervals_are_by_document_family(self):
        half: Counts = {"money": {"correct": 5, "wrong": 5}}
        alone = [form(str(i), half if i % 2 else None, anls=i % 2) for i in range(10)]
        twins = [one.model_copy(update={"document_family": "same"}) for one in alone]
        for name in ("exact_money", "form_exact", "anls"):
            apart, together = metrics(alone)[name], metrics(twins)[name]
            assert apart.value == together.value
            assert apart.low is not None
            assert apart.value is not None
            assert apart.high is not None
            assert apart.low < apart.value < apart.high
            assert (together.low, together.high) == (None, None)

    def test_slices_do_without_intervals_but_keep_the_bound(self):
        forms = [form(str(i)) for i in range(3)]
        with_, without = metrics(forms), metrics(forms, intervals=False)
        assert with_["exact_money"].low == 1.0
        assert without["exact_money"].low is None
        assert without["silent_money"].bound == with_["silent_money"].bound is not None
        assert [e.value for e in without.values()] == [e.value for e in with_.values()]

    def test_no_order_of_forms_changes_a_share(self):
        forms = [
            form(str(i), {"money": {"correct": i + 1, "wrong": i % 3}}, silent={"money": i % 2})
            for i in range(12)
        ]
        assert _values(forms) == _values(random.Random(1).sample(forms, 12))


def _values(forms: Sequence[FormResult]) -> dict[str, object]:
    return {name: (found.value, found.bound) for name, found in metrics(forms).items()}

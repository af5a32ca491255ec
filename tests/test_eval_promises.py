"""Promises: bounds that hold, strata accepted by a sequence of tests, probabilities from labels."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest

from eval.bounds import drift, fewest_errors, labels_wanted, most_errors, most_share
from eval.calibrating import Source, calibrations
from eval.detection import Rated, auroc, brier, coverages, reliability, with_value
from eval.fitting import can_learn, fit, out_of_fold, probability
from eval.labels import Kind, Labels
from eval.promises import LIMITS, Drawn, Whole, drawn, promise, whole
from extractor.calibration import Probability, chance_of_wrong
from extractor.signals import CLASSES, SIGNALS, Class

WHO = ("project", "table", "1", "abc")
NAMES = list(SIGNALS)


def signals(*on: str) -> tuple[int, ...]:
    return tuple(int(name in on) for name in SIGNALS)


def labels(*counts: tuple[Class, str, tuple[int, ...], int, int], families: int = 20) -> Labels:
    """Labels of (class, stratum, signals, fields, wrong), dealt out to the families in turn."""
    found = Labels()
    for class_, stratum, on, fields, wrong in counts:
        for number in range(fields):
            kind = Kind(WHO, f"family {number % families}", class_, stratum, on)
            found.note(kind, number < wrong)
    return found


class TestBounds:
    def test_labels_wanted_is_the_least_number_that_shows_a_limit(self) -> None:
        for limit in (0.0014, 0.0029, 0.005, 0.01):
            for errors in (0, 1, 5):
                n = labels_wanted(limit, errors)
                assert (most_errors(errors, n) or 1) <= limit < (most_errors(errors, n - 1) or 1)

    def test_the_lower_bound_mirrors_the_upper_one(self) -> None:
        assert fewest_errors(3, 20) == pytest.approx(1 - (most_errors(17, 20) or 0))
        assert fewest_errors(0, 20) == 0

    @pytest.mark.parametrize("rate", [0.002, 0.02])
    def test_shares_of_families_that_hang_together_are_bounded(self, rate: float) -> None:
        """A family is wrong whole or not at all: pooled fields would be taken for 30 times more."""
        rng, of, missed = Random(7), 400, 0
        for _ in range(400):
            total = sum(rng.random() < rate for _ in range(of))
            missed += (most_share(total, of) or 0) < rate
        assert missed <= 0.05 * 400

    def test_a_share_is_never_taken_for_less_than_it_is(self) -> None:
        assert most_share(0, 0) is None
        assert most_share(5, 5) == 1.0
        assert 0.01 < (most_share(1.0, 100) or 0) < (most_share(2.0, 100) or 0) < 0.2


class TestDrift:
    def test_it_seldom_speaks_against_a_promise_that_holds(self) -> None:
        rng = Random(3)
        broken = sum(
            drift((rng.random() < 0.01 for _ in range(2000)), 0.01) >= 20 for _ in range(300)
        )
        assert broken <= 0.05 * 300

    def test_it_finds_a_rate_four_times_the_limit(self) -> None:
        rng = Random(4)
        found = sum(
            drift((rng.random() < 0.04 for _ in range(1500)), 0.01) >= 20 for _ in range(100)
        )
        assert found >= 95

    def test_looking_every_day_is_looking_once(self) -> None:
        """The highest value of all looks is what counts: a later good day does not undo it."""
        bad, good = [True] * 4, [False] * 3000
        assert drift([*bad, *good], 0.01) == drift(bad, 0.01) >= 20
        assert drift(good, 0.01) == 1.0


class TestPromise:
    def test_too_few_labels_promise_nothing_and_say_how_many_are_missing(self) -> None:
        told = promise("money", 0.0014, Drawn({"closed": (1000, 0)}))
        assert (told.accepted, told.refused, told.bound) == ((), (), None)
        assert told.missing == labels_wanted(0.0014) - 1000 == 1139

    def test_an_error_asks_for_more(self) -> None:
        told = promise("money", 0.0014, Drawn({"closed": (2200, 1)}))
        assert told.missing == labels_wanted(0.0014, 1) - 2200

    def test_the_first_failure_ends_the_sequence(self) -> None:
        counts = {"agreed": (3000, 0), "closed": (3000, 30), "moved": (100_000, 0)}
        told = promise("money", 0.0014, Drawn(counts))
        assert told.accepted == ("agreed",)
        assert told.refused == ("closed",)
        assert told.n == 3000
        assert told.bound == most_errors(0, 3000)

    def test_a_stratum_too_small_for_a_test_is_tested_with_the_next(self) -> None:
        told = promise("money", 0.0014, Drawn({"agreed": (50, 0), "closed": (3000, 0)}))
        assert told.accepted == ("agreed", "closed")
        assert told.bound == most_errors(0, 3050)

    def test_a_stratum_without_a_label_is_not_accepted(self) -> None:
        assert promise("money", 0.0014, Drawn({"closed": (3000, 0)})).accepted == ("closed",)

    def test_what_nothing_supports_is_never_accepted(self) -> None:
        told = promise("points", 0.0029, Drawn({"unproven": (100_000, 0)}))
        assert told.accepted == ()
        assert told.n == 0

    def test_blanks_are_tested_on_their_own(self) -> None:
        told = promise("blanks", 0.0029, Drawn({"empty": (2000, 0), "closed": (9000, 900)}))
        assert told.accepted == ("empty",)

    def test_a_family_of_whole_forms_is_one_label(self) -> None:
        counts = {f"family {i}": {"closed": (500, 0)} for i in range(1000)}
        told = promise("money", 0.0014, Whole(counts))
        assert (told.n, told.accepted, told.missing) == (1000, (), 1139)

    @pytest.mark.parametrize("limit", [0.003, 0.01])
    def test_what_is_accepted_keeps_its_limit_in_95_of_100_calibrations(self, limit: float) -> None:
        """Every stratum is a little worse than the limit, the hardest case there is."""
        rng, broken, rounds = Random(11), 0, 300
        for _ in range(rounds):
            counts = {
                name: (1500, sum(rng.random() < 1.05 * limit for _ in range(1500)))
                for name in ("agreed", "closed", "moved")
            }
            broken += bool(promise("points", limit, Drawn(counts)).accepted)
        assert broken <= 0.05 * rounds

    def test_labels_are_counted_by_class_and_stratum(self) -> None:
        told = labels(
            ("money", "closed", signals(), 40, 2), ("money", "moved", signals("moved"), 10, 0),
            ("prose", "grounded", signals(), 5, 1),
        )  # fmt: skip
        one, many = drawn(told), whole(told)
        assert one["money"].over(("closed", "moved")) == (50, 2)
        assert one["prose"].over(("grounded",)) == (5, 1)
        assert many["money"].over(("closed",)).n == 20
        assert many["money"].over(("closed",)).errors == pytest.approx(2 / 2)


class TestProbability:
    def some(self) -> Labels:
        return labels(
            ("points", "closed", signals("closed_once"), 4000, 4),
            ("points", "unproven", signals("unclosed"), 800, 80),
            ("points", "contradicted", signals("broken"), 400, 200),
            ("names", "grounded", signals(), 4000, 8),
            ("names", "grounded", signals("joined"), 400, 12),
        )

    def test_no_doubt_ever_speaks_for_a_value(self) -> None:
        """``filled_down`` is seen on right values only here: its weight must not be below zero."""
        told = self.some()
        told.add(labels(("names", "grounded", signals("filled_down"), 5000, 0)))
        weights = fit(told).weights
        assert set(weights) == set(SIGNALS)
        assert min(weights.values()) >= 0
        assert weights["filled_down"] == 0
        assert weights["broken"] > weights["unclosed"] > weights["closed_once"]

    def test_the_probability_is_about_what_was_seen(self) -> None:
        one = Probability.model_validate(
            {"basis": "gold", "n": 1, "errors": 1, "families": 1, **fit(self.some())._asdict()}
        )
        # Of sound fields 2 in 1,000 are wrong, in points and names together.
        for class_, on, share in (
            ("points", "unclosed", 0.1),
            ("points", "broken", 0.5),
            ("points", "closed_once", 0.002),
            ("names", "joined", 0.03),
        ):
            chance = chance_of_wrong(one, class_, signals(on))  # type: ignore[arg-type]
            assert chance == pytest.approx(share, rel=0.35)

    def test_the_curve_never_falls(self) -> None:
        curve = fit(self.some()).curve
        assert len(curve) > 2
        assert list(curve) == sorted(curve)
        assert [share for _, share in curve] == sorted(share for _, share in curve)
        assert curve[0][1] > 0

    def test_a_family_is_rated_by_the_others(self) -> None:
        """One family holds all errors of a signal; what rates it has never seen any."""
        told = labels(("names", "grounded", signals(), 2000, 40))
        for _ in range(100):
            told.note(Kind(WHO, "the odd one", "names", "grounded", signals("joined")), True)
        (odd,) = [one for one in out_of_fold(told) if one.kind.family == "the odd one"]
        assert odd.chance < 0.1
        assert fit(told).weights["joined"] > 3

    def test_too_few_errors_teach_nothing(self) -> None:
        few = labels(("points", "closed", signals(), 4000, 19))
        assert not can_learn(few)
        assert probability(few, "gold") is None
        for families in (1, 2):
            told = labels(("points", "closed", signals(), 4000, 200), families=families)
            assert not can_learn(told)

    def test_what_can_be_learned_from_is_learned_from(self) -> None:
        """However the families with errors fall into the folds."""
        for first in range(40):
            told = labels(("points", "closed", signals(), 900, 0))
            for number in range(25):
                family = f"family {first + number % 3}"
                told.note(Kind(WHO, family, "points", "closed", signals("joined")), True)
            if can_learn(told):
                assert probability(told, "gold") is not None

    def test_it_says_what_it_rests_on(self) -> None:
        told = probability(self.some(), "generated")
        assert told is not None
        assert (told.basis, told.n, told.errors, told.families) == ("generated", 9600, 304, 20)
        assert told.auroc is not None
        assert 0.9 < told.auroc < 1

    def test_signals_can_be_left_out(self) -> None:
        full, less = out_of_fold(self.some()), out_of_fold(self.some(), without=("broken",))
        assert (auroc(less) or 0) < (auroc(full) or 0) - 0.05


class TestDetection:
    def rated(self, *told: tuple[float, int, int], class_: Class = "points") -> list[Rated]:
        return [
            Rated(Kind(WHO, f"{class_} {i}", class_, "closed", ()), chance, fields, wrong)
            for i, (chance, fields, wrong) in enumerate(told)
        ]

    def test_auroc_is_the_share_of_pairs_in_the_right_order(self) -> None:
        assert auroc(self.rated((0.1, 10, 0), (0.9, 10, 10))) == 1.0
        assert auroc(self.rated((0.5, 10, 5))) == 0.5
        assert auroc(self.rated((0.1, 2, 1), (0.9, 2, 1), (0.5, 1, 0))) == 0.5
        assert auroc(self.rated((0.1, 10, 0))) is None

    def test_brier_is_the_mean_squared_distance(self) -> None:
        assert brier(self.rated((0.2, 10, 2))) == pytest.approx(0.16)
        assert brier([]) is None

    def test_reliability_puts_what_was_expected_beside_what_came(self) -> None:
        bins = reliability(self.rated((0.05, 100, 6), (0.02, 100, 1), (1.0, 2, 2)))
        assert [(one.fields, one.expected, one.wrong) for one in bins] == [
            (200, 0.035, 0.035),
            (2, 1.0, 1.0),
        ]

    def test_blanks_are_no_values(self) -> None:
        both = [*self.rated((0.1, 1, 0)), *self.rated((0.1, 1, 0), class_="blanks")]
        assert [one.kind.class_ for one in with_value(both)] == ["points"]

    def told(self, families: int, wrong: int, every: int) -> list[Rated]:
        """Families with 10 sure fields, and 10 of which ``wrong`` are, in ``every`` so many."""
        return [
            Rated(Kind(WHO, f"f{i}", "points", "closed", ()), chance, 10, off)
            for i in range(families)
            for chance, off in ((0.001, 0), (0.3, 0 if i % every else wrong))
        ]

    def test_coverage_ends_where_the_limit_would_break(self) -> None:
        loose, tight = coverages(self.told(2000, 1, 2), (0.01, 0.0001))
        assert (loose.share, loose.wrong) == (0.5, 0.0)
        assert 0 < (loose.bound or 0) < 0.01
        assert (tight.share, tight.bound) == (0.0, None)

    def test_errors_that_hang_together_count_for_less(self) -> None:
        """As many errors, in every tenth family all at once: the bound must be wider."""
        (alone,) = coverages(self.told(2000, 1, 2), (0.04,))
        (together,) = coverages(self.told(2000, 10, 20), (0.04,))
        assert alone.share == together.share == 1.0
        assert alone.wrong == together.wrong == 0.025
        assert (together.bound or 0) > (alone.bound or 1) + 0.002

    def test_without_an_error_a_family_is_one_label(self) -> None:
        (one,) = coverages(self.told(300, 0, 1), (0.02,))
        assert one.share == 1.0
        assert one.bound == pytest.approx(most_errors(0, 300, 1 - 0.05 / 3), abs=1e-6)

    @pytest.mark.parametrize("together", [1, 10])
    def test_the_guarantee_holds(self, together: int) -> None:
        """Every stretch of the ladder is a little worse than the limit."""
        rng, broken, limit = Random(5), 0, 0.02
        for _ in range(120):
            rated = [
                Rated(
                    Kind(WHO, f"f{i}", "points", "closed", ()), chance, 10,
                    together * sum(rng.random() < 1.1 * limit for _ in range(10 // together)),
                )
                for i in range(400)
                for chance in (0.01, 0.02, 0.03)
            ]  # fmt: skip
            broken += coverages(rated, (limit,))[0].share > 0
        assert broken <= 0.05 * 120


class TestCalibrations:
    def sources(self, basis: str, wrong: int = 0, *, is_sample: bool = False) -> Source:
        told = labels(("money", "closed", signals(), 2500, wrong), families=2500)
        return Source(told, basis, is_sample)  # type: ignore[arg-type]

    def limits(self) -> Mapping[Class, float]:
        return LIMITS

    def test_generated_forms_never_certify(self) -> None:
        (one,) = calibrations([self.sources("generated")], self.limits())
        money = one.promises["money"]
        assert (one.basis, money.accepted, money.n, money.missing) == ("generated", (), 0, 2139)

    def test_real_forms_certify_and_generated_ones_teach(self) -> None:
        (one,) = calibrations([self.sources("gold"), self.sources("generated", 40)], self.limits())
        assert one.promises["money"].accepted == ("closed",)
        assert one.basis == "gold"
        assert one.probability is not None
        assert one.probability.basis == "generated"

    def test_a_sample_of_the_archive_goes_before_a_gold_set(self) -> None:
        sources = [self.sources("gold", 40), self.sources("corrections", is_sample=True)]
        (one,) = calibrations(sources, self.limits())
        assert (one.basis, one.promises["money"].errors) == ("corrections", 0)

    def test_what_reviewers_corrected_says_nothing_of_what_they_did_not_see(self) -> None:
        corrections = self.sources("corrections", 500)
        sources = [self.sources("corrections", is_sample=True), corrections]
        (one,) = calibrations(sources, self.limits())
        assert one.promises["money"].errors == 0
        assert one.probability is not None
        assert one.probability.errors == 500

    def test_every_family_of_forms_gets_its_own(self) -> None:
        other = Labels()
        other.note(Kind(("department", *WHO[1:]), "f", "money", "closed", signals()), False)
        found = calibrations([self.sources("gold"), Source(other, "gold")], self.limits())
        assert [one.family for one in found] == ["project", "department"]
        assert [one.promises["money"].n for one in found] == [2500, 1]

    def test_a_form_that_was_not_found_counts_against_its_family(self) -> None:
        told = self.sources("gold").labels
        told.note(Kind(("project",), "lost", "blanks", "empty", None), True)
        (one,) = calibrations([Source(told, "gold")], self.limits())
        assert one.promises["blanks"].errors == 1


def test_every_class_has_a_limit() -> None:
    assert set(LIMITS) == set(CLASSES)
    assert (LIMITS["money"], LIMITS["points"]) == (0.0014, 0.0029)

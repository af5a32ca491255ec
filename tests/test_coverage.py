"""What protects which field, what was measured of it, and the page and the command that tell it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from eval.family_docs import FILE as DOCS
from eval.family_docs import markdown
from eval.faults import KINDS
from extractor import coverage
from extractor.cli import app
from extractor.coverage import (
    LONE,
    TEXT,
    UNEXPLAINED,
    Artefact,
    Cover,
    Kills,
    Measured,
    Tie,
    artefact,
    covers,
    parsed,
    why_unprotected,
    written,
)
from extractor.coverage_lines import coverage_lines, percent, rules_of
from extractor.families import FAMILIES, Family, family_of
from extractor.pipeline import CHECK_SET
from extractor.report.plain import width_of

PROJECT = family_of("project")


def cover(path: str) -> Cover:
    return {one.path: one for one in covers(PROJECT)}[path]


def small(check_set: str = CHECK_SET) -> Artefact:
    """Two fields of one family, three faults in one of them noticed."""
    kills = {
        "funds.total.initial_budget": {"digit": Kills(4, 3, 1, 2, 1), "drop": Kills(1)},
        "total_score": {"digit": Kills(2, 2, 2, 0, 2)},
    }
    tie = Tie("funds.total.initial_budget", "funds.current_year_appropriation.initial_budget", 2)
    return Artefact(check_set, {"project": Measured("sample", 2, kills, [tie])})


class TestWhatProtects:
    def test_each_way_in_which_checks_look_at_a_score(self):
        """Σ scores = total; 0 ≤ score ≤ weight; repeated rows; target, wording, note."""
        rules = cover("indicators[].score").rules
        assert rules["equality"] == ("R10",)
        assert rules["bound"] == ("R12",)
        assert rules["table"] == ("R28",)
        assert set(rules["policy"]) >= {"R13", "R17", "R20"}

    def test_a_rate_stands_in_several_equalities(self):
        assert cover("funds.other.execution_rate").rules["equality"] == ("R1", "R7")
        assert rules_of(cover("funds.total.score")) == "= R3 R10  ≤ R4"

    def test_a_check_of_the_rows_protects_no_value(self):
        """R28 sees an indicator's name come twice; a wrong name passes it."""
        name = cover("indicators[].name")
        assert set(name.rules) == {"table", "policy"}
        assert not name.is_protected

    @pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
    def test_every_leaf_is_there_in_order(self, family: Family):
        assert [one.path for one in covers(family)] == list(family.leaves)

    @pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
    def test_every_number_is_protected_or_says_why_not(self, family: Family):
        for one in covers(family):
            if family.is_number(one.path) and not one.is_protected:
                assert why_unprotected(family, one.path) is not UNEXPLAINED, one.path

    def test_why_nothing_protects(self):
        assert "carry no points" in why_unprotected(PROJECT, "funds.other.weight")["en"]
        assert why_unprotected(PROJECT, "expected_goal") is TEXT
        assert why_unprotected(PROJECT, "year") is LONE


class TestMeasured:
    def test_counts_add_up_over_kinds_and_fields(self):
        measured = small().families["project"]
        assert measured.of("funds.total.initial_budget") == Kills(5, 3, 1, 2, 1)
        assert measured.of("funds.total.initial_budget", "point") == Kills()
        assert measured.all() == Kills(7, 5, 3, 2, 3)
        assert measured.all("digit") == Kills(6, 5, 3, 2, 3)
        assert measured.kinds == ("digit", "drop")

    def test_what_is_written_is_read_back(self):
        assert parsed(written(small())) == small()
        assert len(written(small()).splitlines()) < 20

    def test_shares_are_rounded_to_the_worse_side(self):
        assert percent(9_999, 10_000) == "99.9"
        assert percent(10_000, 10_000) == "100"
        assert (percent(1, 10_000), percent(0, 0)) == ("0", "–")


class TestTheArtefact:
    """``coverage.json`` is renewed by ``python -m eval.kills`` or ``eval.prove_checks --write``."""

    def test_it_was_measured_with_the_checks_declared_now(self):
        assert artefact().check_set == CHECK_SET
        assert not artefact().is_stale

    def test_it_says_on_what(self):
        found = artefact().families
        assert list(found) == [family.name for family in FAMILIES]
        assert (found["project"].basis, found["department"].basis) == ("sample", "generated")
        assert found["project"].forms == 13
        assert found["project"].all().n > 19_000
        assert found["department"].all().n >= 10_000

    @pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
    def test_its_counts_are_possible(self, family: Family):
        measured = artefact().families[family.name]
        assert all(family.is_number(path) for path in measured.kills)
        assert list(measured.kills) == [path for path in family.leaves if path in measured.kills]
        assert set(measured.kinds) == set(KINDS)
        for path in measured.kills:
            for kind in measured.kinds:
                one = measured.of(path, kind)
                assert one.exact <= one.alone <= one.noticed <= one.n
                assert one.alone + one.tie <= one.noticed
        for tie in measured.ties:
            assert tie.faults > 0
            assert {tie.one, tie.other} <= set(family.leaves)

    def test_the_known_tie_is_listed(self):
        """An initial budget stands in one sum: a total and its only source cannot be told apart."""
        ties = {(tie.one, tie.other) for tie in artefact().families["project"].ties}
        source = "funds.current_year_appropriation.initial_budget"
        assert ("funds.total.initial_budget", source) in ties


class TestTheCommand:
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_it_fits_a_terminal_of_100_columns(self, lang: str):
        assert max(map(width_of, coverage_lines(lang))) <= 100
        assert max(map(width_of, coverage_lines(lang, small("0" * 12)))) <= 100

    def test_it_tells_rules_counts_ties_and_reasons(self):
        lines = list(coverage_lines("en", small()))
        (total,) = (one for one in lines if "initial budget" in one and "60.0 " in one)
        assert total.split()[-5:] == ["5", "60.0", "20.0", "40.0", "20.0"]
        assert any(one.split()[-2:] == ["–", "–"] for one in lines if "annual budget" in one)
        assert any("75.0 / 25.0" in one for one in lines)
        (tie,) = (one for one in lines if " — " in one and "initial budget" in one)
        assert tie.startswith("  initial budget · all funds of the year")
        assert tie.endswith("2")
        assert "  text: no arithmetic" in lines
        assert any(one.startswith("  the rows below the total carry no points") for one in lines)
        assert " Not measured" in lines

    def test_shares_of_other_checks_say_so(self):
        stale = list(coverage_lines("en", small("0" * 12)))
        assert any("measured with another check set (000000000000" in one for one in stale)
        assert any("另一套核对规则" in one for one in coverage_lines("zh", small("0" * 12)))
        assert not any("another check set" in one for one in coverage_lines("en", small()))

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_the_flag_prints_it(self, lang: str):
        told = CliRunner().invoke(app, ["families", "--coverage", "--lang", lang])
        assert told.exit_code == 0
        assert told.output == "".join(f"{line}\n" for line in coverage_lines(lang))


class TestThePage:
    def test_it_is_what_is_declared_and_measured(self):
        """Renewed by ``python -m eval.family_docs``."""
        assert DOCS.read_text(encoding="utf-8") == markdown(artefact())

    def test_it_holds_every_field_every_rule_and_the_matrix(self):
        told = markdown(small())
        for family in FAMILIES:
            assert all(f"`{path}`" in told for path in family.leaves)
        assert "| 75.0 / 25.0 / 50.0 / 25.0 (4) |" in told
        assert "| R10 | equality |" in told
        assert "another check set" not in told
        assert "another check set" in markdown(small("0" * 12))


def test_a_new_check_appears_without_a_line_changed_elsewhere():
    """The map asks a check for its fields, its rule and whether it proves; never for its kind."""
    from extractor.checks.kinds import Sum

    extra = Sum("years", ("total_score",), ("total_weight",), rule="R99")
    family = Family(
        "other", PROJECT.title, PROJECT.endings, PROJECT.schema, PROJECT.layout, (extra,)
    )
    found = {one.path: one.rules for one in coverage.covers(family)}
    assert found["total_score"] == {"equality": ("R99",)}
    assert found["grade"] == {}

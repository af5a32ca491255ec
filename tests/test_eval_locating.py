"""What the checks say of planted faults is counted rightly, and the proof misses what is broken."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import family_docs, kills, locating, prove_checks
from eval.faults import KINDS, Fault
from eval.figures import Figures
from eval.kills import drawn_forms, drawn_singles, kills_of, measured
from eval.locating import Told, Trial, pairs, singles, swaps, told, try_all
from eval.prove_faults import Planted
from eval.truth import DistinctForm, alone, distinct_forms
from extractor.coverage import Artefact, Kills, Tie, artefact, parsed
from extractor.pipeline import CHECK_SET
from extractor.types import CheckedDocument, Span, Suspect

FORMS = distinct_forms("project")
FORM = FORMS[0]


def plant(field: str, text: str, kind: str = "digit") -> Planted:
    """Another text in a cell of the first form."""
    entry = alone(FORM.text).forms[0].entries[field]
    return Planted(0, field, entry.spans[0], entry.raw[0], Fault(kind, text))


def one(*planted: Planted) -> Told:
    (found,) = try_all(FORM, [Trial(0, planted)])
    return found


def made(*fields: str, **told: Any) -> Told:
    """What might have been said of a fault in some fields."""
    at = Span(0, 1)
    trial = Trial(0, tuple(Planted(0, field, at, "1", Fault("digit", "2")) for field in fields))
    plain: dict[str, Any] = {
        "noticed": True, "top": frozenset[str](), "single": frozenset[str](), "exact": False,
        "structural": False, "milliseconds": 0.0,
    }  # fmt: skip
    return Told(trial, **(plain | told))


class TestOneFault:
    def test_a_wrong_score_is_noticed_named_alone_and_given_back(self):
        """8.00 → 3.00 in a row: the sum of scores fails, and only that cell is a slip away."""
        field = "indicators[1].score"
        printed = alone(FORM.text).forms[0].entries[field].raw[0]
        found = one(plant(field, f"3{printed[1:]}"))
        assert found.noticed
        assert (found.top, found.is_named_alone) == ({field}, True)
        assert (found.single, found.exact, found.names_wrong_single) == ({field}, True, False)
        assert not found.structural

    def test_a_total_and_its_only_source_are_a_structural_tie(self):
        field, other = (f"funds.{row}.initial_budget" for row in
                        ("total", "current_year_appropriation"))  # fmt: skip
        printed = alone(FORM.text).forms[0].entries[field].raw[0]
        digit = "9" if printed[-1] != "9" else "8"
        found = one(plant(field, printed[:-1] + digit))
        assert found.noticed
        assert {field, other} <= found.top
        assert found.structural
        assert not found.is_named_alone
        assert found.single == frozenset()

    def test_what_no_longer_is_a_number_is_named_by_its_own_finding(self):
        found = one(plant("total_score", "9O.4x"))
        assert found.noticed
        assert found.fields <= found.top

    def test_a_changed_target_is_nothing_that_sums_see(self):
        found = one(plant("indicators[1].target", "57.00"))
        assert (found.noticed, found.top, found.exact) == (False, frozenset(), False)

    def test_a_form_that_is_lost_is_not_noticed(self):
        start = FORM.text.index("\n")
        gone = Planted(0, "year", Span(0, len(FORM.text)), "", Fault("digit", "x"))
        assert start > 0
        assert one(gone) == made("year", noticed=False)._replace(trial=Trial(0, (gone,)))


class TestWhatIsCounted:
    def test_a_wrong_single_is_one_that_no_fault_is_in(self):
        assert made("a", single=frozenset("b")).names_wrong_single
        assert not made("a", "b", single=frozenset("b")).names_wrong_single

    @pytest.mark.parametrize(
        ("said", "count"),
        [
            ({"noticed": False}, Kills(1)),
            ({"top": frozenset("b")}, Kills(1, 1)),
            ({"top": frozenset("a")}, Kills(1, 1, 1)),
            ({"top": frozenset("a"), "exact": True}, Kills(1, 1, 1, 0, 1)),
            ({"top": frozenset("ab"), "exact": True}, Kills(1, 1, 0, 1)),
        ],
    )
    def test_kills(self, said: dict[str, Any], count: Kills):
        assert kills_of(made("a", **said)) == count

    def test_they_are_gathered_by_field_and_kind_in_the_order_of_the_schema(self):
        total, source = "funds.total.executed", "funds.other.executed"
        found = [
            made("total_score", top=frozenset(["total_score"])),
            made("indicators[3].score", noticed=False),
            made("indicators[4].score", top=frozenset(["indicators[4].score"]), exact=True),
            made(source, top=frozenset([total, source]), structural=True),
            made(total, top=frozenset([total, source]), structural=True),
        ]
        told = measured("project", "sample", 1, found)
        assert list(told.kills) == [total, source, "indicators[].score", "total_score"]
        assert told.of("indicators[].score", "digit") == Kills(2, 1, 1, 0, 1)
        assert told.ties == [Tie(total, source, 2)]

    def test_rows_of_one_column_are_a_tie_of_a_field_with_itself(self):
        rows = frozenset(f"indicators[{i}].weight" for i in (1, 2))
        told = measured("project", "sample", 1, [made(min(rows), top=rows, structural=True)])
        assert told.ties == [Tie("indicators[].weight", "indicators[].weight", 1)]


class TestTrials:
    def test_singles_are_all_faults_of_all_numbers(self):
        every = singles([FORM])
        assert {len(trial.faults) for trial in every} == {1}
        assert {trial.faults[0].fault.kind for trial in every} == set(KINDS)
        assert len(every) > 1_000

    def test_pairs_are_the_same_again_and_spread_over_forms_and_ways_to_lie(self):
        found = pairs(FORMS[:2], 60, 7)
        assert found == pairs(FORMS[:2], 60, 7)
        assert found != pairs(FORMS[:2], 60, 8)
        spread = Counter((trial.form, _lie(trial)) for trial in found)
        ways = [(form, way) for form in (0, 1) for way in ("column", "row", "apart")]
        assert all(8 <= spread[one] <= 12 for one in ways)
        assert (len(found), set(spread)) == (60, set(ways))
        for trial in found:
            first, second = trial.faults
            assert first.at.end <= second.at.start

    def test_swaps_exchange_what_is_printed_and_differs(self):
        found = swaps([FORM])
        assert {"funds initial_budget", "indicators score"} <= set(found)
        for trials in found.values():
            for trial in trials:
                first, second = trial.faults
                assert first.fault == Fault("swap", second.printed)
                assert second.fault == Fault("swap", first.printed)
                assert first.printed != second.printed

    def test_drawn_faults_are_the_same_again(self):
        drawn = drawn_forms(2, 5, ("shanghai", "shanghai_department"))
        assert [form.family for form in drawn] == ["project", "department"]
        found = drawn_singles(drawn, 5, 5)
        assert found == drawn_singles(drawn, 5, 5)
        assert [trial.form for trial in found] == [0] * 5 + [1] * 5

    def test_one_job_says_what_several_say(self):
        trials = singles([FORM])[:3]
        here, there = (told([FORM], trials, jobs) for jobs in (1, 2))
        same = [found._replace(milliseconds=0) for found in here]
        assert same == [found._replace(milliseconds=0) for found in there]


def _lie(trial: Trial) -> str:
    (row, _, column), (other, _, name) = (p.field.rpartition(".") for p in trial.faults)
    return "column" if column == name else "row" if row == other else "apart"


class TestTheProof:
    """``python -m eval.prove_checks --slice`` on two forms, and with something broken in it."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def forms(family: str) -> list[DistinctForm]:
            return distinct_forms(family)[:2]

        monkeypatch.setattr(prove_checks, "distinct_forms", forms)
        monkeypatch.setattr(prove_checks, "SLICE", 0.02)
        monkeypatch.setattr(prove_checks, "PAIRS_OF_SLICE", 24)
        monkeypatch.setattr(prove_checks, "DRAWN_OF_SLICE", 2)
        monkeypatch.setattr(kills, "DEPARTMENTS_OF_SLICE", 2)
        monkeypatch.setattr(kills, "FAULTS_PER_DEPARTMENT", 10)

    def run(self, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, dict[str, Any]]:
        code = prove_checks.main(["--slice", "--jobs", "1", *more])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    def test_it_ends_with_one_object_and_draws_a_page(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ):
        code, found = self.run(capsys, "--page", str(tmp_path / "new" / "page.html"))
        assert code == bool(found["missed"])
        assert {"sample_one_noticed", "untouched_errors", "department_sums"}.isdisjoint(
            found["missed"]
        )
        assert (found["slice"], found["seed"]) == (True, 2023)
        assert found["swapped_by_reader_caught"] == 100
        for name in ("sample_one", "generated_one", "department_one"):
            assert {
                f"{name}_{key}" for key in ("noticed", "top", "alone", "right", "exact")
            } <= set(found)
        assert {"sample_two_noticed", "sample_two_wrong_single", "sample_two_ms"} <= set(found)
        drawn = (tmp_path / "new" / "page.html").read_text(encoding="utf-8")
        assert CHECK_SET in drawn
        assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "").replace(
            "http-equiv", ""
        )

    def test_checks_that_see_nothing_miss_the_bounds(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        def blind(text: str) -> CheckedDocument:
            found = alone(text)
            return replace(found, forms=tuple(replace(f, findings=()) for f in found.forms))

        monkeypatch.setattr(locating, "alone", blind)
        code, found = self.run(capsys)
        assert code == 1
        assert {"sample_one_noticed", "sample_two_noticed"} <= set(found["missed"])
        assert found["sample_one_noticed"] == 0

    def test_a_confident_wrong_accusation_misses_the_bounds(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        def rash(text: str) -> CheckedDocument:
            found = alone(text)
            return replace(found, forms=tuple(map(accusing, found.forms)))

        def accusing(form: Any) -> Any:
            wrong = Suspect(1, (("indicators[0].weight", "1.00"),), (), None)
            findings = [replace(f, suspects=(wrong,)) for f in form.findings]
            return replace(form, findings=tuple(findings))

        monkeypatch.setattr(locating, "alone", rash)
        code, found = self.run(capsys)
        assert code == 1
        assert {"sample_one_top", "sample_one_right", "sample_two_wrong_single"} <= set(
            found["missed"]
        )

    def test_shares_that_are_no_longer_true_miss_their_bound(self):
        told = measured("project", "sample", 1, [made("total_score")])
        figures = Figures()
        prove_checks._prove_artefact(figures, artefact())  # pyright: ignore[reportPrivateUsage]
        assert figures.missed == []
        changed = Artefact(CHECK_SET, {**artefact().families, "project": told})
        prove_checks._prove_artefact(figures, changed)  # pyright: ignore[reportPrivateUsage]
        assert figures.missed == ["coverage_outdated"]
        assert figures.values["coverage_outdated"] == ["project"]

    def test_a_part_is_nothing_to_write_down(self, capsys: pytest.CaptureFixture[str]):
        with pytest.raises(SystemExit) as stopped:
            prove_checks.main(["--slice", "--write"])
        assert stopped.value.code == 2
        assert "leave out --slice" in capsys.readouterr().err

    def test_what_is_written_is_artefact_and_page(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        monkeypatch.setattr(kills, "extractor", _Package(tmp_path / "__init__.py"))
        told = measured("project", "sample", 1, [made("total_score")])
        found = kills.artefact_of(told, measured("department", "generated", 1, []))
        assert kills.write(found, tmp_path / "families.md") == [
            tmp_path / "coverage.json", tmp_path / "families.md",
        ]  # fmt: skip
        assert parsed((tmp_path / "coverage.json").read_text("utf-8")) == found
        assert (tmp_path / "families.md").read_text("utf-8") == family_docs.markdown(found)


class _Package:
    """Stands for the package whose folder the artefact goes to."""

    def __init__(self, file: Path) -> None:
        self.__file__ = str(file)

"""A calibration at work: what it says of forms, what it is refused for, how an archive keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from extractor.calibration import Artefact, Calibration, CalibrationError, load, made_for, rated
from extractor.cli import app
from extractor.export import json_line
from extractor.pipeline import CHECK_SET, evidence_for, read_document
from extractor.readers import VERSION
from extractor.signals import CLASSES, SIGNALS
from extractor.types import CheckedForm, Origin, reader_of
from tests.shapes import PAGE, document

PROMISE: Mapping[str, Any] = {
    "limit": 0.0014, "n": 2500, "errors": 0, "accepted": ["closed"], "bound": 0.0012,
}  # fmt: skip
PROBABILITY: Mapping[str, Any] = {
    "basis": "generated", "n": 9000, "errors": 300, "families": 60,
    "weights": dict.fromkeys(SIGNALS, 0.5), "offsets": dict.fromkeys(CLASSES, -6.0),
    "curve": [[-8.0, 0.001], [-2.0, 0.05], [2.0, 0.9]],
}  # fmt: skip


def made(**changed: Any) -> Calibration:
    told: dict[str, Any] = {
        "made": "2026-01-02", "family": "project", "check_set": CHECK_SET, "reader": "table",
        "reader_version": VERSION, "basis": "gold", "n": 9000, "probability": PROBABILITY,
        "promises": {"money": PROMISE},
    }  # fmt: skip
    return Calibration.model_validate(told | changed)


def money(**changed: Any) -> dict[str, Any]:
    return {"promises": {"money": {**PROMISE, **changed}}}


def promised(**changed: Any) -> Calibration:
    return made(**money(**changed))


def weights(**changed: float) -> dict[str, Any]:
    return {"probability": {**PROBABILITY, "weights": {**PROBABILITY["weights"], **changed}}}


def weighed(*calibrations: Calibration, page: str = PAGE) -> CheckedForm:
    (form,) = rated(read_document(document(page)), calibrations).forms
    return form


def curve(*points: list[float]) -> dict[str, Any]:
    return {"probability": {**PROBABILITY, "curve": points}}


class TestWeighing:
    def test_every_field_gets_a_probability_that_falls_with_its_doubts(self) -> None:
        form = weighed(made())
        p = {path: one.confidence and one.confidence.p for path, one in form.entries.items()}
        assert None not in p.values()
        assert (p["total_score"] or 0) > 0.97
        worse = weighed(made(), page=PAGE.replace("30.00\t30.00", "30.00\t20.00"))
        assert not evidence_for(form)["total_score"].broken
        after = worse.entries["total_score"].confidence
        assert after is not None
        assert (after.p or 0) < (p["total_score"] or 0)

    def test_the_probability_stands_on_the_curve(self) -> None:
        """A grade that is read under its label has one doubt, that nobody else read it: −6 + 0.5
        lies 2.5 ÷ 6 of the way from −8 to −2, so it is wrong with 0.001 + 0.4167 × 0.049."""
        grade = weighed(made()).entries["grade"].confidence
        assert grade is not None
        assert grade.p == pytest.approx(1 - 0.021417, abs=1e-6)
        told = [(-20.0, 0.1), (-10.0, 0.2)]  # everything lies behind its end
        grade = weighed(made(**curve(*map(list, told)))).entries["grade"].confidence
        assert grade is not None
        assert grade.p == 0.8

    def test_a_promise_lends_its_bound_to_what_it_accepts(self) -> None:
        entries = weighed(made()).entries
        money = entries["funds.total.executed"].confidence
        assert money is not None
        assert (money.basis, money.n, money.bound) == ("gold", 2500, 0.0012)
        other = entries["total_score"].confidence
        assert other is not None
        assert (other.basis, other.n, other.bound) == ("generated", 9000, None)

    def test_without_errors_to_learn_from_there_is_a_bound_and_no_probability(self) -> None:
        entries = weighed(made(probability=None)).entries
        money = entries["funds.total.executed"].confidence
        assert money is not None
        assert (money.p, money.bound) == (None, 0.0012)
        assert entries["total_score"].confidence is None

    def test_a_stratum_that_was_shown_to_be_worse_goes_to_a_person(self) -> None:
        form = weighed(promised(accepted=[], bound=None, refused=["closed"]))
        flagged = {path for path, one in form.entries.items() if one.needs_review}
        assert "funds.total.executed" in flagged
        assert "total_score" not in flagged  # another class
        assert form.state == "open"
        assert weighed().state == "clear"

    def test_what_is_not_certifiable_yet_goes_by_rule(self) -> None:
        by_rule, told = weighed(), weighed(promised(accepted=[], bound=None, missing=900))
        assert {p for p, e in told.entries.items() if e.needs_review} == {
            p for p, e in by_rule.entries.items() if e.needs_review
        }

    def test_a_form_that_was_read_otherwise_goes_by_rule(self) -> None:
        for other in ({"check_set": "x"}, {"reader": "both:m:p"}, {"family": "department"}):
            form = weighed(made(**other))
            assert {entry.confidence for entry in form.entries.values()} == {None}
        assert not made(reader_version="0").fits(weighed())

    def test_a_reading_by_a_model_is_named_with_model_and_prompt(self) -> None:
        form = replace(weighed(), reader="both", origin=Origin("a:b", "p1", "s"))
        assert reader_of(form) == "both:a:b:p1"
        assert made(reader="both:a:b:p1").made_for == made_for(form)

    def test_json_tells_confidence_as_the_contract_words_it(self) -> None:
        doc = document(PAGE)
        (form,) = rated(read_document(doc), [made()]).forms
        told = json.loads(json_line(doc, form, []))["entries"]["funds.total.executed"]
        assert list(told["confidence"]) == ["p", "basis", "n", "bound"]
        assert told["confidence"]["bound"] == 0.0012


class TestArtefact:
    def written(self, tmp_path: Path, one: Calibration) -> Path:
        file = tmp_path / "c.json"
        file.write_text(Artefact(calibrations=(one,)).model_dump_json(), "utf-8")
        return file

    def test_it_comes_back_as_it_was_written(self, tmp_path: Path) -> None:
        assert load(self.written(tmp_path, made())) == (made(),)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "EOF"),
            ("{}", "calibrations: Field required"),
            ('{"calibrations": []}', "at least 1 item"),
            ('{"schema_version": 2, "calibrations": []}', "schema_version"),
            ("[" + "1," * 3_000_000, "far too large"),
        ],
    )
    def test_another_file_is_refused_by_name(self, tmp_path: Path, text: str, told: str) -> None:
        file = tmp_path / "c.json"
        file.write_text(text)
        with pytest.raises(CalibrationError) as error:
            load(file)
        assert str(file) in str(error.value)
        assert told in str(error.value)

    def test_one_way_of_reading_has_one_calibration(self) -> None:
        with pytest.raises(ValueError, match="read in the same way"):
            Artefact(calibrations=(made(), made(promises={})))

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"basis": "generated"}, "generated forms alone never certify"),
            (weights(torn=-1), "a weight is below zero"),
            (weights(torn=float("inf")), "finite number"),
            (weights(torn=float("nan")), "finite number"),
            (money(errors=9999), "more errors than labels"),
            (money(n=0), "cannot show so low a bound"),
            (money(n=3000, errors=6), "cannot show so low a bound"),
            (money(n=1000), "cannot show so low a bound"),
            (money(refused=["closed"]), "accepts and refuses"),
            (money(accepted=["empty"]), "no such stratum"),
            ({"promises": {"blanks": PROMISE}}, "no such stratum"),
            ({"family": "nonsense"}, "does not know"),
            ({"probability": {**PROBABILITY, "weights": {"torn": 1}}}, "other signals"),
            (curve([0.0, 0.5], [1.0, 0.4]), "the curve falls"),
            (curve([0.0, 0.5], [1.0, 1.4]), "the curve falls"),
            (curve([1.0, 0.5], [0.0, 0.6]), "do not rise"),
            (money(accepted=["unproven"]), "unproven"),
            (money(accepted=["unread"]), "unread"),
            (money(bound=0.01), "without a bound below its limit"),
            (money(bound=None), "without a bound below its limit"),
        ],
    )
    def test_what_no_calibration_may_say_is_refused(
        self, changed: Mapping[str, Any], told: str
    ) -> None:
        with pytest.raises(ValueError, match=told):
            made(**changed)

    @pytest.mark.parametrize(
        ("other", "told"),
        [
            ({"check_set": "0ld"}, "the checks 0ld"),
            ({"reader_version": "0"}, "version 0 of the reader"),
            ({"reader": "both:m:p"}, "the reader both (m)"),
        ],
    )
    def test_check_refuses_one_that_was_made_for_another_reading(
        self, tmp_path: Path, other: Mapping[str, Any], told: str
    ) -> None:
        page = tmp_path / "a.tsv"
        page.write_text(PAGE, "utf-8")
        file = self.written(tmp_path, made(**other))
        found = CliRunner().invoke(
            app, ["check", str(page), "--calibration", str(file), "--lang", "en"]
        )
        assert found.exit_code == 2
        assert f"{file}: was made for {told}, not for" in found.output
        assert "crossfoot eval calibrate" in found.output

    def test_check_weighs_by_one_that_fits(self, tmp_path: Path) -> None:
        page = tmp_path / "a.tsv"
        page.write_text(PAGE, "utf-8")
        file = self.written(tmp_path, made())
        arguments = ["check", str(page), "--calibration", str(file), "--format", "jsonl"]
        found = CliRunner().invoke(app, arguments)
        assert found.exit_code == 0, found.output
        told = json.loads(found.stdout)["entries"]["funds.total.executed"]
        assert told["confidence"]["bound"] == 0.0012

"""The baseline is an honest yardstick, and the replayed documents are real ones."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from eval import baseline
from eval.bench import main, replayed
from eval.truth import documents, truths
from extractor.pipeline import read_document

FORMS = [
    (form, truth)
    for document in documents()
    for form, truth in zip(baseline.read(document.text), truths()[document.path], strict=True)
]
PROJECTS = [pair for pair in FORMS if pair[1]["form_type"] == "project_self_evaluation"]


def test_the_baseline_finds_no_broken_identity_on_the_project_forms():
    assert len(PROJECTS) == 20
    assert [baseline.failures(form) for form, _ in PROJECTS] == [[]] * 20


def test_the_baseline_finds_the_four_broken_sums_of_the_department():
    broken = [baseline.failures(form) for form, truth in FORMS if "expenditure" in truth]
    assert broken == [["R11 投入管理指标", "R11 产出指标", "R9", "R10"]]


@pytest.mark.parametrize(("form", "truth"), FORMS)
def test_the_baseline_reads_every_number(form: baseline.Form, truth: dict[str, dict[str, dict]]):
    amounts = truth.get("funds") or truth["expenditure"]
    printed = {name: row for name, row in amounts.items() if any(row.values())}
    told = {
        name: {column: str(value) if value is not None else None for column, value in row.items()}
        for name, row in form["funds"].items()
    }
    assert told == printed
    points = [(str(row["weight"]), str(row["score"])) for row in form["indicators"]]
    assert points == [(row["weight"], row["score"]) for row in truth["indicators"]]
    assert [row["name"] for row in form["indicators"]] == [r["name"] for r in truth["indicators"]]
    assert (str(form["total_weight"]), str(form["total_score"])) == (
        truth["total_weight"],
        truth["total_score"],
    )


def test_the_baseline_notices_a_changed_number():
    form = baseline.read(documents()[0].text)[0]
    form["funds"]["total"]["executed"] += Decimal("10.00")
    assert {"R1 total", "R6 executed", "R3"} <= set(baseline.failures(form))


def test_the_baseline_writes_one_row_and_one_json_a_form(tmp_path: Path):
    archive = baseline.Archive(tmp_path / "b.db")
    archive.save("a", baseline.read(documents()[0].text))
    archive.close()
    db = sqlite3.connect(tmp_path / "b.db")
    rows = db.execute("SELECT name, errors, record FROM forms JOIN records ON id = form").fetchall()
    db.close()
    assert len(rows) == 7
    assert rows[0][0] == "图书综合经费"
    assert json.loads(rows[0][2])["total_score"] == "97.55"


def test_replayed_documents_read_as_the_originals_but_for_their_names():
    again = replayed(314)
    assert len({document.sha256 for document in [*again, *replayed(315), *documents()]}) == 12
    for document, original in zip(again, documents(), strict=True):
        here, there = read_document(document), read_document(original)
        assert len(here.forms) == len(there.forms)
        for one, other in zip(here.forms, there.forms, strict=True):
            assert [f.check for f in one.findings] == [f.check for f in other.findings]
            numbers = [(p, e.value) for p, e in one.entries.items() if p.endswith("score")]
            assert numbers == [(p, other.entries[p].value) for p, _ in numbers]
        assert "314" in str(here.forms[0].record)


@pytest.mark.slow
def test_the_bench_runs(capsys: pytest.CaptureFixture[str]):
    main(["--quick"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["forms_per_second"] > 0
    assert set(told["stage_ms"]) == {"grid", "segment", "read", "check", "store"}

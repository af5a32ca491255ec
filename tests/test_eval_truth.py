"""The comparison with the truth notices what it should, and nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from eval.figures import Figures
from eval.prove_reading import prove_reading
from eval.truth import checked_documents, different, distinct_forms, documents, printed, truths
from extractor.families import family_of


@pytest.fixture
def record() -> dict[str, Any]:
    return copy.deepcopy(dict(truths()["jiangqiao-2024.tsv"][0]))


def _different(read: dict[str, Any], truth: dict[str, Any]):
    return different(family_of("project"), truth, read)


def test_the_same_record_has_no_difference(record: dict[str, Any]):
    assert _different(record, copy.deepcopy(record)) == []


@pytest.mark.parametrize(
    ("field", "value", "differs"),
    [
        ("expected_goal", lambda text: text.replace(",", ", "), False),
        ("expected_goal", lambda text: text[:-1], True),
        ("project_name", lambda text: text + " ", True),
        ("total_score", lambda text: "90.920", True),
        ("grade", lambda text: None, True),
        ("year", lambda year: year + 1, True),
    ],
)
def test_only_prose_may_differ_in_spaces(record: dict[str, Any], field: str, value, differs: bool):
    truth = copy.deepcopy(record)
    record[field] = value(record[field])
    assert [leaf.path for leaf in _different(record, truth)] == [field] * differs


def test_a_row_too_many_or_too_few_is_a_difference(record: dict[str, Any]):
    truth = copy.deepcopy(record)
    last = len(record["indicators"]) - 1
    del record["indicators"][last]
    fewer, more = _different(record, truth), _different(truth, record)
    assert {leaf.path.partition(".")[0] for leaf in fewer} == {f"indicators[{last}]"}
    assert len(fewer) == len(more) == 8


def test_two_rows_in_each_others_place_are_differences(record: dict[str, Any]):
    truth = copy.deepcopy(record)
    record["indicators"][0:2] = reversed(record["indicators"][0:2])
    rows = {leaf.path.partition(".")[0] for leaf in _different(record, truth)}
    assert rows == {"indicators[0]", "indicators[1]"}


def test_a_leaf_that_one_side_lacks_is_a_difference(record: dict[str, Any]):
    truth = copy.deepcopy(record)
    del truth["grade"]
    truth["funds"]["special_account"] = None
    paths = {leaf.path for leaf in _different(record, truth)}
    assert {"grade", "funds.special_account", "funds.special_account.score"} < paths
    assert len(paths) == 8


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """The gold set as another's truth: one file a document, the records in page order."""
    for document in documents():
        forms = truths()[document.path]
        told = {"document": document.path, "sha256": document.sha256, "forms": forms}
        file = tmp_path / f"{document.path}.json"
        file.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def test_a_truth_about_other_bytes_is_refused(outside: Path):
    file = outside / "jiangqiao-2024.tsv.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(told | {"sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"jiangqiao-2024\.tsv\.json: .* other bytes"):
        truths(outside)


def test_a_folder_without_truth_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="no truth"):
        truths(tmp_path)


def test_an_outside_truth_is_measured_beside_the_gold_set(
    outside: Path, capsys: pytest.CaptureFixture[str]
):
    file = outside / "jiangqiao-2024.tsv.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    told["forms"][0]["indicators"][0]["score"] = "77.00"
    file.write_text(json.dumps(told), encoding="utf-8")
    figures = Figures()
    prove_reading(figures, [outside])
    assert figures.missed == ["truth_2_different"]
    assert figures.values["truth_2_different"] == 1
    assert figures.values["truth_2_equal"] == figures.values["truth_equal"] - 1
    assert "#0 indicators[0].score: wrong: read" in capsys.readouterr().out


def test_thirteen_project_forms_are_distinct():
    names = [form.name for form in distinct_forms("project")]
    assert [name.partition(" ")[0] for name in names] == (
        ["jiangchuan-2023.md"] * 7 + ["jiangqiao-2024.tsv"] * 6
    )
    assert len(distinct_forms("department")) == 1


def test_every_bound_of_the_reading_is_met(outside: Path, capsys: pytest.CaptureFixture[str]):
    figures = Figures()
    prove_reading(figures, [outside])
    assert figures.missed == []
    assert figures.finish() == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["forms"] == sum(len(checked.forms) for checked in checked_documents())
    leaves = sum(len(printed(record)) for records in truths().values() for record in records)
    assert told["truth_2_equal"] == told["truth_equal"] == leaves == 2788
    assert len(documents()) == 4

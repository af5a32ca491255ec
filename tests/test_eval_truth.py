"""The comparison with the truth notices what it should, and nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from eval.figures import Figures
from eval.prove_reading import prove_reading
from eval.truth import GOLD, checked_documents, compare, distinct_forms, documents, truths
from extractor.families import family_of


@pytest.fixture
def record() -> dict[str, Any]:
    return copy.deepcopy(dict(truths()["jiangqiao-2024.tsv"][0]))


def _compare(read: dict[str, Any], truth: dict[str, Any]):
    return compare("x", family_of("project"), read, truth)


def test_the_same_record_has_no_difference(record: dict[str, Any]):
    told = _compare(record, copy.deepcopy(record))
    assert not told.different
    assert told.equal > told.filled > 60


@pytest.mark.parametrize(
    ("field", "value", "differs"),
    [
        ("expected_goal", lambda text: text.replace(",", ", "), False),
        ("expected_goal", lambda text: text[:-1], True),
        ("project_name", lambda text: text + " ", True),
        ("total_score", lambda text: "90.920", True),
        ("grade", lambda text: None, True),
        ("year", lambda year: str(year), True),
    ],
)
def test_only_prose_may_differ_in_spaces(record: dict[str, Any], field: str, value, differs: bool):
    truth = copy.deepcopy(record)
    record[field] = value(record[field])
    assert [line.field for line in _compare(record, truth).different] == [field] * differs


def test_a_row_too_many_or_too_few_is_a_difference(record: dict[str, Any]):
    truth = copy.deepcopy(record)
    last = len(record["indicators"]) - 1
    del record["indicators"][last]
    fewer, more = _compare(record, truth), _compare(truth, record)
    assert {line.field.partition(".")[0] for line in fewer.different} == {f"indicators[{last}]"}
    assert len(fewer.different) == len(more.different) == 8


def test_a_truth_about_other_bytes_is_refused(tmp_path: Path):
    told = json.loads((GOLD / "truth" / "jiangqiao-2024.tsv.json").read_text(encoding="utf-8"))
    told["sha256"] = "0" * 64
    (tmp_path / "a.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ValueError, match="other bytes"):
        truths(tmp_path)


def test_thirteen_project_forms_are_distinct():
    names = [form.name for form in distinct_forms("project")]
    assert [name.partition(" ")[0] for name in names] == (
        ["jiangchuan-2023.md"] * 7 + ["jiangqiao-2024.tsv"] * 6
    )
    assert len(distinct_forms("department")) == 1


def test_every_bound_of_the_reading_is_met(capsys: pytest.CaptureFixture[str]):
    figures = Figures()
    prove_reading(figures, [GOLD / "truth"])
    assert figures.missed == []
    assert figures.finish() == 0
    printed = capsys.readouterr().out.splitlines()
    told = json.loads(printed[-1])
    assert told["forms"] == sum(len(checked.forms) for checked in checked_documents())
    assert told["truth_2_equal"] == told["truth_equal"]
    assert len(documents()) == 4

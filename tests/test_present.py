"""What the bench is given of a document, without any screen."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from extractor.operations import Operation, fold
from extractor.pipeline import read_document
from extractor.reviewing import places_of, reviewed
from extractor.types import CheckedForm, Confidence
from tests.shapes import PAGE, document
from ui.present import candidates, desk, queue, ranks

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
SCORE = "indicators[1].score"


def told(page: str = WRONG, *operations: Operation) -> dict[str, Any]:
    about = document(page)
    state = fold(operations)
    forms = [reviewed(about, form, state) for form in read_document(about).forms]
    found = desk(about, forms, state, "head" if operations else None)
    return json.loads(json.dumps(found))  # nothing in it that a browser could not get


def form(page: str = WRONG) -> CheckedForm:
    (one,) = read_document(document(page)).forms
    return one


def op(path: str, act: str, n: int, **more: object) -> Operation:
    place = places_of(form())[path]
    made: dict[str, Any] = {**place._asdict(), "against": form().entries[path].raw, **more}
    return Operation(f"op-{n}", document(WRONG).sha256, act, "p", made.pop("clock", n), **made)  # type: ignore[arg-type]


def field(sheet: dict[str, Any], path: str) -> dict[str, Any]:
    (one,) = [one for one in sheet["fields"] if one["path"] == path]
    return one


def test_the_suspect_comes_first_and_takes_what_the_sum_implies() -> None:
    (sheet,) = told()["forms"]
    first = sheet["fields"][sheet["queue"][0]]
    assert first["path"] == SCORE
    assert [one["value"] for one in first["candidates"]] == ["30.00", "20.00"]
    assert "一位数字之差" in first["candidates"][0]["how"]["zh"]
    broken = sheet["sums"][first["sums"][0]]
    assert (broken["verdict"], broken["residual"], broken["printed"]["text"]) == (
        "fails",
        "10.00",
        "99.00",
    )
    assert [term["text"] for term in broken["terms"]] == ["50.00", "20.00", "10.00", "9.00"]


def test_only_what_wants_a_person_is_in_the_queue() -> None:
    (sheet,) = told(PAGE)["forms"]
    assert sheet["queue"] == []
    (sheet,) = told()["forms"]
    assert len(sheet["queue"]) == sum(one["review"] for one in sheet["fields"]) > 1
    assert {sheet["fields"][i]["review"] for i in sheet["queue"]} == {True}


def test_a_probability_orders_what_evidence_leaves_equal() -> None:
    one = form()
    wanted = queue(one)
    entries = dict(one.entries)
    last = wanted[-1]
    entries[last] = entries[last]._replace(confidence=Confidence(0.01, "generated", 9, None))
    again = queue(replace(one, entries=entries))
    assert again.index(last) < wanted.index(last)
    assert again[0] == SCORE  # what is suspected stays first
    assert set(ranks(one)) == set(one.entries)


def test_every_cell_of_the_source_knows_its_fields_and_its_place() -> None:
    sheet = told()["forms"][0]
    text = document(WRONG).text
    for row in sheet["rows"]:
        for cell in row["cells"]:
            a, b = cell["span"]
            assert cell["text"] == "" or text[a:b] == cell["text"]
            for number in cell["fields"]:
                assert any(a <= start < b for start, _ in sheet["fields"][number]["spans"])
    (line,) = [
        row["line"]
        for row in sheet["rows"]
        for cell in row["cells"]
        if sheet["fields"].index(field(sheet, SCORE)) in cell["fields"]
    ]
    assert "读者增长" in text.splitlines()[line - 1]


def test_what_was_decided_is_told() -> None:
    sheet = told(WRONG, op(SCORE, "set", 1, value="30.00"))["forms"][0]
    mine = field(sheet, SCORE)
    assert (mine["value"], mine["act"], mine["person"]) == ("30.00", "set", "p")
    assert (mine["review"], sheet["queue"], sheet["state"]) == (False, [], "clear")


def test_conflicts_are_told_on_their_field() -> None:
    other = op(SCORE, "set", 2, value="25.00", clock=1)
    mine = field(told(WRONG, op(SCORE, "set", 1, value="30.00"), other)["forms"][0], SCORE)
    assert [(one["id"], one["why"]) for one in mine["conflicts"]] == [
        ("op-1", "concurrent"),
        ("op-2", "concurrent"),
    ]
    assert mine["review"]


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "\u202e右到左", "甲" * 5000])
def test_hostile_text_is_data(text: str) -> None:
    sheet = told(WRONG.replace("读者增长", text))["forms"][0]
    assert field(sheet, "indicators[1].name")["raw"] == [text]


def test_a_field_that_nothing_supports_says_so() -> None:
    one = form()
    entries = {**one.entries, "grade": one.entries["grade"]._replace(spans=(), raw=())}
    assert candidates(replace(one, entries=entries), "grade")[0]["value"] == "优"
    sheet = told()["forms"][0]
    assert field(sheet, "grade")["supported"]


def test_a_printed_cell_that_no_field_claims_is_a_field_of_its_own() -> None:
    page = PAGE.replace("主管部门", "备用\t777\n主管部门", 1)
    (sheet,) = told(page)["forms"]
    word, number = [one for one in sheet["fields"] if one["unread"]]
    assert (word["value"], word["review"]) == ("备用", False)  # one without a digit asks nobody
    assert (number["value"], number["review"], number["raw"]) == ("777", True, ["777"])
    assert sheet["fields"][sheet["queue"][-1]] == number
    ((row, cell),) = number["at"]
    assert sheet["rows"][row]["cells"][cell]["text"] == "777"
    assert number["place"]["row"] == f"{number['spans'][0][0]}-{number['spans'][0][1]}"


def test_label_and_header_of_a_field_are_shown() -> None:
    (sheet,) = told()["forms"]
    mine = field(sheet, SCORE)
    cell = lambda at: sheet["rows"][at[0]]["cells"][at[1]]["text"]  # noqa: E731
    assert [cell(at) for at in mine["at"]] == ["20.00"]
    assert (cell(mine["label_at"]), cell(mine["header_at"])) == ("读者增长", "得分")
    funds = field(sheet, "funds.total.executed")
    assert (cell(funds["label_at"]), cell(funds["header_at"])) == ("年度资金总额", "全年执行数")

"""Double entry: two blind readings of one form, settled field by field."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from eval.pages import Page, Spec
from eval.pages import page as page_of
from extractor.disputes import doubtful
from extractor.evidence import BETWEEN_READERS
from extractor.families import family_of
from extractor.page import page
from extractor.pipeline import Second, finish, outline
from extractor.report import document_text
from extractor.types import CheckedForm, Origin
from tests.shapes import PAGE, document

PROJECT = family_of("project")
ORIGIN = Origin("m", "p", "s")


def said(page: str = PAGE) -> dict[str, str | None]:
    """What a model that makes no error says of a page."""
    form = finish(outline(document(page))).forms[0]
    return {path: entry.value for path, entry in form.entries.items()}


def read(
    says: dict[str, str | None], page: str = PAGE, alone: bool = False, **looks: str | None
) -> CheckedForm:
    """The page read by both, or with the model's reading ``alone``."""
    second = Second(says, ORIGIN, alone, {path.replace("__", "."): v for path, v in looks.items()})
    (form,) = finish(outline(document(page)), {0: second}).forms
    return form


def without_row(says: dict[str, str | None], row: int) -> dict[str, str | None]:
    """What a model says that leaves a row out: the rows below move up."""
    found: dict[str, str | None] = {}
    for path, value in says.items():
        head, _, rest = path.partition("]")
        if not head.startswith("indicators["):
            found[path] = value
        elif (number := int(head[11:])) != row:
            found[f"indicators[{number - (number > row)}]{rest}"] = value
    return found


def flagged(form: CheckedForm) -> set[str]:
    return {path for path, entry in form.entries.items() if entry.needs_review}


def told(form: CheckedForm) -> dict[str, str]:
    """The disagreements of a form, in English."""
    return {
        finding.check: finding.message["en"]
        for finding in form.findings
        if finding.check.startswith(BETWEEN_READERS)
    }


def test_where_both_read_the_same_nothing_is_added_and_nobody_is_asked() -> None:
    one, two = finish(outline(document(PAGE))).forms[0], read(said())
    assert (one.record, flagged(one), one.state) == (two.record, flagged(two), two.state)
    assert (two.reader, two.origin) == ("both", ORIGIN)
    assert told(two) == {}


@pytest.mark.parametrize("alone", [False, True])
def test_a_number_that_only_the_model_gives_never_stands_unseen(alone: bool) -> None:
    form = read(said() | {"funds.other.executed": "4.00"}, alone=alone)
    assert form.entries["funds.other.executed"].value != "4.00"
    assert "funds.other.executed" in flagged(form)
    assert form.state == "open"


def test_a_disagreement_is_a_finding_with_both_values_and_the_page_stands() -> None:
    form = read(said() | {"indicators[1].score": "20.00"})
    entry = form.entries["indicators[1].score"]
    assert (entry.value, entry.stratum, entry.needs_review) == ("30.00", "disputed", True)
    message = told(form)["readers:indicators[1].score"]
    assert "30.00" in message
    assert "20.00" in message
    assert "the sums hold with 30.00" in message


def test_the_sums_suggest_the_models_value_where_it_would_clear_them_but_change_nothing() -> None:
    page = PAGE.replace("30.00\t30.00", "30.00\t80.00")
    form = read(said(page) | {"indicators[1].score": "30.00"}, page)
    assert form.entries["indicators[1].score"].value == "80.00"
    (finding,) = [f for f in form.findings if f.check == "readers:indicators[1].score"]
    assert "the sums would hold with 30.00" in finding.message["en"]
    assert finding.suspects[0].changes == (("indicators[1].score", "30.00"),)


def test_two_values_that_changed_places_are_two_disagreements() -> None:
    says = said()
    says["indicators[1].weight"], says["indicators[2].weight"] = "10.00", "30.00"
    form = read(says)
    assert set(told(form)) == {"readers:indicators[1].weight", "readers:indicators[2].weight"}


def test_a_row_that_the_model_left_out_is_one_disagreement_and_stays_in_the_record() -> None:
    form = read(without_row(said(), 1))
    assert [row["name"] for row in form.record["indicators"]] == [
        "购书数量",
        "读者增长",
        "读者满意度",
    ]
    assert set(told(form)) == {"readers_row:indicators[1].name"}
    assert "读者增长" in told(form)["readers_row:indicators[1].name"]


def test_a_row_that_a_model_alone_left_out_is_told() -> None:
    form = read(without_row(said(), 1), alone=True)
    assert len(form.record["indicators"]) == 2
    assert any("读者增长" in message for message in told(form).values())
    assert form.state == "open"


def test_a_row_that_the_model_made_up_is_told_and_not_recorded() -> None:
    says = said() | {
        f"indicators[3].{leaf}": value
        for leaf, value in {
            "level1": "满意度指标", "level2": None, "name": "员工满意度", "target": "≥77(%)",
            "actual": "78(%)", "weight": "7.00", "score": "6.00", "deviation": None,
        }.items()
    }  # fmt: skip
    form = read(says)
    assert len(form.record["indicators"]) == 3
    assert any("员工满意度" in message for message in told(form).values())
    assert form.state == "open"


def test_how_words_are_spaced_is_no_disagreement() -> None:
    says = said()
    says["expected_goal"] = (says["expected_goal"] or "").replace("完成率达到", " 完成率 达到 ")
    assert told(read(says)) == {}


def test_a_second_look_that_reads_what_stands_under_its_label_ends_a_disagreement() -> None:
    says = said() | {"indicators[1].score": "20.00"}
    look = {"indicators[1].score": "30.00"}
    second = Second(says, ORIGIN, looks=look)
    (form,) = finish(outline(document(PAGE)), {0: second}).forms
    assert flagged(form) == flagged(read(said()))
    assert "a second look reads 30.00" in told(form)["readers:indicators[1].score"]


def test_a_second_look_ends_nothing_that_a_sum_speaks_against_or_that_no_sum_closes() -> None:
    page = PAGE.replace("30.00\t30.00", "30.00\t80.00")
    look = {"indicators[1].score": "80.00", "indicators[0].name": "购书数"}
    says = said(page) | {"indicators[1].score": "30.00", "indicators[0].name": "购书数"}
    (form,) = finish(outline(document(page)), {0: Second(says, ORIGIN, looks=look)}).forms
    assert {"indicators[1].score", "indicators[0].name"} <= flagged(form)


def test_what_is_asked_again_are_labels_without_any_value() -> None:
    form = read(said() | {"indicators[1].score": "20.00", "funds.total.executed": "91.00"})
    asked = doubtful(form)
    assert [(one.row, one.column) for one in asked] == [
        ("年度资金总额", "全年执行数"), ("读者增长", "得分"),
    ]  # fmt: skip
    assert not any(value in str(asked) for value in ("20.00", "30.00", "91.00", "90.00"))


def test_a_form_with_many_doubts_is_asked_about_a_bounded_number_of_cells() -> None:
    says = {path: value and f"{value}9" for path, value in said().items()}
    assert len(doubtful(read(says))) == 12


def test_a_second_reading_is_of_one_form_alone() -> None:
    both = document(f"{PAGE}\n{PAGE.replace('图书经费', '电影经费')}")
    plan = outline(both)
    one, two = finish(plan, {1: Second(said(), ORIGIN)}).forms
    assert (one.reader, two.reader) == ("table", "both")
    assert one == replace(finish(plan).forms[0])
    assert "readers:project_name" in told(two)


def test_a_reader_is_told_of_differences_apart_from_sums_in_report_and_page() -> None:
    says = said() | {"indicators[1].score": "20.00"}
    checked = finish(outline(document(PAGE)), {0: Second(says, ORIGIN)})
    for lang, title in (("en", "the readers differ"), ("zh", "两次读取不一致")):
        told = document_text(checked, lang, color=False, width=100)
        assert told.count(title) >= 1
        assert "20.00" in told.partition(title)[2]
        assert "cannot be judged" not in told
    shown = page([checked], [[]], "en")
    assert "The readers differ" in shown
    assert "the model 20.00" in shown


def test_a_table_without_a_column_of_names_has_rows_all_the_same() -> None:
    page = PAGE.replace("三级指标", "序列")
    for alone in (True, False):
        form = read(without_row(said(), 1), page, alone)
        assert form.state == "open"


def lied(made: Page, **lies: str | None) -> CheckedForm:
    """A page without rows, of which the model says the truth but for some leaves."""
    says = dict(made.truth) | {path.replace("__", "."): value for path, value in lies.items()}
    (form,) = finish(outline(document(made.text)), {0: Second(says, ORIGIN)}).forms
    return form


@pytest.mark.parametrize("layout", ["flat", "columns"])
class TestPagesWithoutRows:
    """Nobody contradicts the model there, so what only its word supports goes to a person."""

    def test_two_texts_that_changed_places_are_looked_at(self, layout: str) -> None:
        made = page_of(Spec(7_000_084, "shanghai", layout))
        form = lied(
            made,
            project_name=made.truth["expected_goal"],
            expected_goal=made.truth["project_name"],
        )
        assert {"project_name", "expected_goal"} <= flagged(form)

    def test_a_level_that_was_left_out_is_looked_at(self, layout: str) -> None:
        made = page_of(Spec(7_000_085, "shanghai", layout))
        says = {path: None for path in made.truth if path.endswith("].level2")}
        form = lied(made, **says)
        assert form.state == "open"
        assert set(says) <= flagged(form)

    def test_a_number_is_no_explanation(self, layout: str) -> None:
        made = page_of(Spec(7_000_126, "national", layout))
        score = made.truth["indicators[0].score"]
        form = lied(made, **{"indicators[0].deviation": score, "indicators[0].score": None})
        assert form.entries["indicators[0].deviation"].value != score
        assert form.state == "open"

    def test_a_model_that_makes_no_error_leaves_only_what_stands_apart(self, layout: str) -> None:
        made = page_of(Spec(7_000_084, "shanghai", layout))
        form = lied(made)
        reasons = {reason for path in flagged(form) for reason in form.entries[path].reasons}
        assert reasons <= {"by_order", "apart"}
        assert {p: e.value for p, e in form.entries.items() if e.value} == {
            path: value for path, value in made.truth.items() if value
        }


def test_the_table_of_evidence_counts_every_number_of_two_readers_once() -> None:
    """Its last column is the sum of the others, also where readers agree and where they differ."""
    whole = finish(
        outline(document(PAGE)), {0: Second(said() | {"funds.total.score": "8.00"}, ORIGIN)}
    )
    html = page([whole], [[]], "en")
    ledger = re.search(r'<table class="ledger">.*?<tfoot>(.*?)</tfoot>', html, re.DOTALL)
    assert ledger
    *parts, total = map(int, re.findall(r"<td[^>]*>([\d,]+)</td>", ledger[1]))
    assert sum(parts) == total > 0
    assert len(parts) == 2

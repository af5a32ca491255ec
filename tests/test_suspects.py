"""From findings to suspects: what a form read from its page says of its own faults."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.pages import Spec, page
from extractor import suspects as module
from extractor.checks.locate import locate
from extractor.export import json_line
from extractor.families import family_of
from extractor.ground import grounded
from extractor.pipeline import read_document
from extractor.readers.table import read_table
from extractor.store import Store
from extractor.store_evidence import pack, unpack
from extractor.trace import traced
from extractor.types import CheckedForm, Entry, Finding, FormReading, Reading, Span, Suspect
from tests.shapes import COLUMN_SETS, document, fixture, only, read, tabs
from tests.test_locate import library, misprint, shanghai

PROJECT = family_of("project")


def told(form: CheckedForm, check: str) -> Finding:
    return next(finding for finding in form.findings if finding.check == check)


def shifted(form: CheckedForm, by: int) -> tuple[Finding, ...]:
    """The findings with the places of their suspects moved."""
    return tuple(
        replace(
            finding,
            suspects=tuple(
                replace(suspect, stands=tuple(span.moved(by) for span in suspect.stands))
                for suspect in finding.suspects
            ),
        )
        for finding in form.findings
    )


def traced_one(form: CheckedForm, field: str, value: str) -> tuple[list[str], str]:
    """Where else a value stands, as texts, and the cause that follows."""
    (found,), cause = traced([Suspect(1, ((field, value),), ("x",))], form.entries)
    return [shanghai()[a:b] for a, b in found.stands], cause


# --- a clean form pays nothing -------------------------------------------------------------------


@pytest.mark.parametrize("name", COLUMN_SETS)
def test_a_form_that_holds_is_never_located(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("a clean form pays for locating")

    for verb in ("locate", "imply", "traced", "_evidence"):
        monkeypatch.setattr(module, verb, never)
    form = only(tabs(fixture(name)[0]))
    assert not any(finding.suspects for finding in form.findings)


def test_advice_alone_is_never_located(monkeypatch: pytest.MonkeyPatch) -> None:
    """A satisfaction that missed its target without a note breaks a policy, no identity."""

    def never(*_: Any) -> Any:
        raise AssertionError("advice is located")

    monkeypatch.setattr(module, "locate", never)
    form = misprint(shanghai(), ("93.50(%)", "63.50(%)"))
    assert form.findings
    assert {finding.severity for finding in form.findings} == {"advice"}
    assert all(finding.cause == "undetermined" for finding in form.findings)


def test_a_form_that_fails_is_located_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counted(*args: Any) -> Any:
        calls.append(1)
        return locate(*args)

    monkeypatch.setattr(module, "locate", counted)
    misprint(shanghai(), ("9.60", "9.80"))
    assert len(calls) == 1


# --- causes --------------------------------------------------------------------------------------


def test_a_slip_is_a_misreading() -> None:
    form = misprint(shanghai(), ("9.60", "6.90"))
    finding = told(form, "sum:indicators[].score")
    assert finding.cause == "misread"
    assert [(s.rank, s.changes, s.edit) for s in finding.suspects if s.rank == 1] == [
        (1, (("funds.total.score", "9.60"),), "transposition")
    ]


def test_clear_print_that_no_slip_explains_is_a_form_that_is_wrong() -> None:
    """Rate and sum agree on what was executed, and what is printed is nothing like it."""
    form = misprint(shanghai(), ("1,187.24", "1,523.55"))
    finding = told(form, "sum:funds.total.executed")
    assert [s.changes for s in finding.suspects if s.rank == 1] == [
        (("funds.total.executed", "1187.24"),)
    ]
    assert finding.suspects[0].edit is None
    assert finding.cause == "source_defect"


def test_where_nothing_is_named_the_cause_is_undetermined() -> None:
    form = misprint(shanghai(), ("96.43", "63.98"))
    finding = told(form, "sum:indicators[].score")
    if not finding.suspects:
        assert finding.cause == "undetermined"
    assert finding.cause != "misread"


def test_a_tie_is_undetermined() -> None:
    form = misprint(library(), ("1,765.05", "1,165.05"))
    finding = told(form, "sum:funds.total.initial_budget")
    assert len([s for s in finding.suspects if s.rank == 1]) == 2
    assert finding.cause == "undetermined"


# --- tracing -------------------------------------------------------------------------------------


def test_a_value_that_stands_beside_its_cell_was_shifted() -> None:
    """执行率 96.02 read into 得分: the value is printed in the same row."""
    form = only(shanghai())
    assert traced_one(form, "funds.total.score", "96.02") == (["96.02"], "misread")


def test_a_value_that_stands_once_in_its_column_was_shifted() -> None:
    form = only(shanghai())
    assert traced_one(form, "indicators[3].score", "12.00") == (["12.00"], "misread")


def test_a_value_that_its_column_prints_again_and_again_has_no_place() -> None:
    """10.00 and 15.00 are the scores of several rows; in row 6 the weight is 15.00 too."""
    form = only(shanghai())
    assert traced_one(form, "indicators[0].score", "15.00") == ([], "source_defect")
    assert traced_one(form, "indicators[5].score", "10.00") == ([], "source_defect")
    assert traced_one(form, "indicators[0].score", "10.00") == (["10.00"], "misread")  # its weight


def test_the_points_of_the_budget_are_in_no_column_of_the_rows() -> None:
    form = only(shanghai())
    assert traced_one(form, "indicators[4].score", "9.60") == ([], "source_defect")


def test_zeros_stand_everywhere_and_tell_nothing() -> None:
    form = only(shanghai())
    assert traced_one(form, "funds.other.executed", "0.00") == ([], "source_defect")


def test_no_cause_is_told_of_a_number_that_is_not_printed() -> None:
    entry = Entry("total_score", None, (), (), None, "blank", None, ())
    suspect = Suspect(1, (("total_score", "9.00"),), ("x",))
    assert traced([suspect], {"total_score": entry}) == ((suspect,), "undetermined")
    assert traced([], {}) == ((), "undetermined")


def test_two_cells_together_are_one_suspect_and_both_are_traced() -> None:
    """Two neighbours changed places: each value stands where the other cell is."""
    form = only(shanghai())
    pair = (("indicators[0].score", "12.00"), ("indicators[4].score", "9.83"))
    (found,), cause = traced([Suspect(1, pair, ("x",))], form.entries)
    assert [shanghai()[a:b] for a, b in found.stands] == ["12.00", "9.83"]
    assert cause == "misread"


# --- what could not be read ----------------------------------------------------------------------


def test_an_unread_number_is_suggested_with_its_checks() -> None:
    form = misprint(shanghai(), ("96.43", "96.4.3"))
    entry = form.entries["total_score"]
    assert (entry.standing, entry.value, entry.needs_review) == ("unread", None, True)
    assert entry.suggestion == {"value": "96.43", "checks": ["sum:indicators[].score"]}
    finding = told(form, "readable:total_score")
    assert [s.changes for s in finding.suspects] == [(("total_score", "96.43"),)]
    assert finding.suspects[0].clears == ("sum:indicators[].score",)
    assert finding.suspects[0].edit == "separator"
    assert finding.cause == "misread"


def test_an_unread_rate_is_suggested_as_an_interval() -> None:
    form = misprint(shanghai(), ("96.66", "g6.66"))
    entry = form.entries["funds.current_year_appropriation.execution_rate"]
    assert entry.standing == "unread"
    suggestion = entry.suggestion
    assert suggestion is not None
    assert list(suggestion) == ["low", "high", "checks"]
    assert suggestion["checks"] == ["ratio:funds.current_year_appropriation.execution_rate"]
    for bound in (suggestion["low"], suggestion["high"]):
        assert re.fullmatch(r"\d+(\.\d{1,4})?", bound), bound
    assert float(suggestion["low"]) < 96.66 < float(suggestion["high"])
    assert told(form, "readable:" + entry.path).suspects == ()


def test_a_blank_number_that_keeps_a_sum_from_being_judged_is_named() -> None:
    form = misprint(shanghai(), ("15.00\t12.00", "15.00\t"))
    finding = told(form, "sum:indicators[].score")
    assert finding.verdict == "cannot_tell"
    assert finding.suspects == (
        Suspect(1, (("indicators[4].score", "12.00"),), ("sum:indicators[].score",)),
    )
    assert finding.cause == "undetermined"
    assert form.entries["indicators[4].score"].suggestion is None
    assert form.entries["indicators[4].score"].value is None


def test_a_repeated_block_accuses_no_cell_that_is_merely_missing() -> None:
    """Two rows are said again, and one of the second pair lost its score: that the sum implies it
    is no suspicion about the rows that repeat."""
    lines = shanghai().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if "课程验收合格率" in line)
    again = [lines[at].rpartition("15.00")[0] + "\t\n", lines[at + 1]]
    text = "".join([*lines[: at + 2], *again, *lines[at + 2 :]])
    form = misprint(text, ("96.43", "126.43"))
    missing = told(form, "sum:indicators[].score")
    assert [s.changes for s in missing.suspects] == [(("indicators[4].score", "15.00"),)]
    finding = told(form, "repeat:indicators[]")
    assert finding.verdict == "fails"
    assert finding.suspects == ()
    assert finding.cause == "undetermined"


def test_a_value_is_suggested_and_never_entered() -> None:
    form = misprint(shanghai(), ("96.43", "96.4.3"))
    assert form.record["total_score"] is None
    assert form.state == "open"


# --- alone and in a document ---------------------------------------------------------------------


FAULTS = (
    ("9.60", "6.90"),
    ("1,187.24", "1,523.55"),
    ("96.43", "96.4.3"),
    ("12.00\t宣", "72.00\t宣"),
    ("6214.00(人次)\t10.00\t10.00", "6214.00(人次)\t10.00\t1.00"),
)


def documents() -> Iterator[tuple[str, str]]:
    for fault in FAULTS:
        text = shanghai().replace(*fault, 1)
        yield library() + "\n\n" + text, text
        yield "前言\n" + text + "\n" + library(), text


def test_a_form_says_the_same_of_itself_alone_and_in_a_document() -> None:
    for whole, text in documents():
        form = next(f for f in read(whole).forms if f.record["year"] == 2024)
        start = form.form.span.start
        alone = only(whole[slice(*form.form.span)])
        assert any(finding.is_error for finding in form.findings), text[:9]
        assert form.findings == shifted(alone, start)
        assert [e.suggestion for e in form.entries.values()] == [
            e.suggestion for e in alone.entries.values()
        ]


def test_where_a_suspect_stands_is_a_place_in_the_document() -> None:
    """A score of 1.00 that should be 10.00, which is the weight beside it."""
    text = library() + "\n" + shanghai().replace(*FAULTS[-1], 1)
    form = next(f for f in read(text).forms if f.record["year"] == 2024)
    assert any(suspect.stands for finding in form.findings for suspect in finding.suspects)
    for finding in form.findings:
        for suspect in finding.suspects:
            for a, b in suspect.stands:
                assert form.form.span.start <= a < b <= form.form.span.end
                assert text[a:b].replace(",", "") in [value for _, value in suspect.changes]


# --- round trips ---------------------------------------------------------------------------------


def rich() -> CheckedForm:
    """A form with a suspect that stands elsewhere, one without, a value and an interval."""
    text = shanghai().replace("96.66", "g6.66", 1).replace("96.43", "96.4.3", 1)
    form = only(text)
    suspect = Suspect(
        1, (("a", "1.00"), ("b", "2.00")), ("x", "y"), "digit, digit", (Span(3, 8), Span(9, 11))
    )
    finding = replace(form.findings[0], suspects=(suspect, replace(suspect, rank=2, stands=())))
    return replace(form, findings=(finding, *form.findings[1:]))


def test_suspects_and_suggestions_come_back_from_the_archive(tmp_path: Path) -> None:
    form = rich()
    text = shanghai().replace("96.66", "g6.66", 1).replace("96.43", "96.4.3", 1)
    assert unpack(pack(form, text), text, form.form.index) == form
    checked = read_document(document(text))
    assert sum(e.suggestion is not None for e in checked.forms[0].entries.values()) == 2
    with Store.open(tmp_path / "archive.db") as store:
        batch = store.start_batch("table", checked.forms[0].check_set)
        store.save(batch, checked)
        ((_, back),) = store.forms()
    assert back == checked.forms[0]


def test_suspects_and_suggestions_are_printed_as_the_contract_says() -> None:
    form = rich()
    shown = json.loads(json_line(document(shanghai()), form, []))
    one, two = shown["findings"][0]["suspects"]
    assert one == {
        "rank": 1,
        "changes": [{"field": "a", "value": "1.00"}, {"field": "b", "value": "2.00"}],
        "clears": ["x", "y"],
        "edit": "digit, digit",
        "stands": [[3, 8], [9, 11]],
    }
    assert "stands" not in two
    score = shown["entries"]["total_score"]
    assert score["suggestion"] == {"value": "96.43", "checks": ["sum:indicators[].score"]}
    rate = shown["entries"]["funds.current_year_appropriation.execution_rate"]["suggestion"]
    assert set(rate) == {"low", "high", "checks"}
    assert all(isinstance(rate[key], str) for key in ("low", "high"))
    assert sum("suggestion" in entry for entry in shown["entries"].values()) == 2


# --- grounding: values under their labels --------------------------------------------------------


def anchors() -> tuple[str, FormReading]:
    text = shanghai().rstrip("\n")
    return text, read_table(text, PROJECT)


def test_a_table_reader_stands_under_its_own_labels() -> None:
    text, reading = anchors()
    own = grounded(text, PROJECT, reading.readings.values(), reading.readings)
    assert own == grounded(text, PROJECT, reading.readings.values())
    assert not any("misplaced" in one.reasons for one in own.values())


def test_every_swap_of_a_reader_is_caught() -> None:
    """Any two numbers exchanged by a reader, each true to its own place on the page."""
    text, reading = anchors()
    cells = [r for r in reading.readings.values() if PROJECT.is_number(r.path) and r.value]
    swaps = 0
    for one in cells:
        for two in cells:
            if one.spans == two.spans:
                continue
            swapped = [one._replace(path=two.path), two._replace(path=one.path)]
            found = grounded(text, PROJECT, swapped, reading.readings)
            assert {found[r.path].standing for r in swapped} == {"unread"}
            assert all("misplaced" in found[r.path].reasons for r in swapped)
            assert all(found[r.path].value is None and not found[r.path].raw for r in swapped)
            swaps += 1
    assert swaps > 500


def test_a_field_without_a_label_on_the_page_takes_nothing() -> None:
    text, reading = anchors()
    told = reading.readings["total_score"]._replace(path="funds.unit_funds.executed")
    found = grounded(text, PROJECT, [told], reading.readings)
    assert found[told.path].reasons[-1] == "misplaced"
    assert grounded(text, PROJECT, [told])[told.path] == told


@pytest.mark.parametrize("part", ["87.24", "1,187.2", "187.24", "7.24", "1", "187"])
def test_part_of_a_number_is_no_reading_of_it(part: str) -> None:
    """A reader that takes 187.24 out of 1,187.24 is true to every character it names."""
    text, reading = anchors()
    whole = reading.readings["funds.total.executed"]
    start = whole.spans[0].start + "1,187.24".index(part)
    span = Span(start, start + len(part))
    assert text[slice(*span)] == part
    cut = whole._replace(value=part.replace(",", ""), raw=(part,), spans=(span,))
    for by in (reading.readings, None):
        assert grounded(text, PROJECT, [cut], by)[cut.path].reasons[-1] == "not_grounded"


@pytest.mark.parametrize(
    "changes",
    [
        {"value": "1187.25"},
        {"raw": ("1,187.25",)},
        {"spans": ()},
        {"raw": (), "spans": ()},
        {"spans": (Span(0, 8),)},
        {"spans": (Span(10**6, 10**6 + 8),)},
    ],
)
def test_what_the_page_does_not_say_is_set_aside(changes: dict[str, Any]) -> None:
    text, reading = anchors()
    told = reading.readings["funds.total.executed"]._replace(**changes)
    found: Reading = grounded(text, PROJECT, [told], reading.readings)[told.path]
    assert (found.standing, found.value, found.raw, found.spans) == ("unread", None, (), ())
    assert found.reasons[-1] == "not_grounded"


# --- hostile -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["1,187.24", "9.60", "96.43"])
def test_a_number_of_30_digits_is_a_finding_and_no_crash(cell: str) -> None:
    form = misprint(shanghai(), (cell, "123456789012345678901234567890.12"))
    assert any(finding.is_error for finding in form.findings)


def test_a_rate_that_leaves_endless_decimals_costs_no_document() -> None:
    """Two amounts run into one leave a quotient of a hundred decimals, not a number to be tried."""
    made = page(Spec(2023001898, "anhui", "html_spans", "run_together", 2))
    form = only(made.text)
    told = form.entries["funds.carried_over.initial_budget"].suggestion
    assert told is not None
    assert told["value"] == "0"

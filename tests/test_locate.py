"""Locating: the cells that, changed, would make every sum of a form come out."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.columns import COLUMN_SETS
from eval.faults import faults
from eval.generate import draw, prints
from extractor.checks.bind import Shape
from extractor.checks.edits import slip_between
from extractor.checks.judge import Known
from extractor.checks.kinds import Value, Values
from extractor.checks.locate import locate
from extractor.checks.sheet import Evidence
from extractor.families import family_of
from extractor.numbers import Number, number_of, read_number
from extractor.settle import record_of, shape_of, values_of
from extractor.types import CheckedForm, Reading, Suspect
from tests.shapes import GOLD, fixture, only, tabs, use_profile

use_profile()

PROJECT, DEPARTMENT = family_of("project"), family_of("department")
TEXT = ("name", "target", "actual", "deviation", "level1", "level2", "grade", "amount_unit")
Changes = tuple[tuple[str, str], ...]


# --- helpers -------------------------------------------------------------------------------------


def values(printed: Mapping[str, str | None]) -> dict[str, Value]:
    return {
        path: text if text is None or path.rpartition(".")[2] in TEXT else number_of(text)
        for path, text in printed.items()
    }


def drawn(seed: int, columns: str | None = None) -> tuple[dict[str, Value], Known]:
    """The values and the checks of a form that holds."""
    form = draw(seed, columns)
    family, printed = family_of(form.family), COLUMN_SETS[form.columns]
    readings = {
        path: Reading(
            path,
            ("read" if value is not None else "blank") if prints(printed, path) else "absent",
            value,
        )
        for path, value in form.leaves.items()
    }
    record = record_of(family, readings, [f"{i}" for i in range(form.indicators)], form.groups)
    return values_of(family, readings), family.known(shape_of(record))


def failing(checks: Known, on: Values) -> set[str]:
    """The identities that fail; what locating must clear, told without it."""
    return {
        check_id
        for check, check_id, _ in checks
        if check.severity == "error"
        and (residual := check.residual(on)) is not None
        and residual.verdict == "fails"
    }


def changed(on: Values, changes: Changes) -> dict[str, Value]:
    return {**on, **{field: number_of(text) for field, text in changes}}


def first(found: Iterable[Suspect]) -> list[Changes]:
    return [suspect.changes for suspect in found if suspect.rank == 1]


def suspects(form: CheckedForm) -> list[Suspect]:
    """Every suspect of a form, once."""
    return list(dict.fromkeys(s for finding in form.findings for s in finding.suspects))


@lru_cache(maxsize=1)
def library() -> str:
    """图书综合经费: the first form of the sample, which holds."""
    text = (GOLD / "documents" / "jiangchuan-2023.md").read_bytes().decode("utf-8-sig")
    return text[2:2989]


def shanghai() -> str:
    """Two sources of funds, seven rows, 96.43 points."""
    return tabs(fixture("shanghai")[0])


def misprint(text: str, *slips: tuple[str, str]) -> CheckedForm:
    """The form with the first occurrence of each text replaced."""
    for old, new in slips:
        assert old in text, old
        text = text.replace(old, new, 1)
    return only(text)


def sum_form(
    scores: Sequence[str], total: str, weights: Sequence[str] | None = None, **more: str | None
) -> tuple[dict[str, Value], Known]:
    """Nothing but rows, their weights and totals (of a project without funds)."""
    page: dict[str, str | None] = {f"indicators[{i}].score": s for i, s in enumerate(scores)}
    if weights is not None:
        page |= {f"indicators[{i}].weight": w for i, w in enumerate(weights)}
    return values(page | {"total_score": total} | more), PROJECT.known((len(scores), ()))


# --- one cell ------------------------------------------------------------------------------------


def test_one_wrong_digit_in_a_score_names_that_cell_with_what_was_printed() -> None:
    """97.55 = 9.15 + … + 5.00; read as 8.00 the scores come to 100.55, and above a weight of 5."""
    form = misprint(library(), ("5.00 | 5.00", "5.00 | 8.00"))
    (suspect,) = suspects(form)
    assert suspect.rank == 1
    ((field, value),) = suspect.changes
    assert (value, suspect.edit) == ("5.00", "digit")
    assert form.entries[field].value == "8.00"
    assert set(suspect.clears) == {"sum:indicators[].score", f"band:{field}"}
    assert {f.cause for f in form.findings if f.suspects} == {"misread"}


@pytest.mark.parametrize(
    ("slip", "field", "value", "edit"),
    [
        (("9.60", "6.90"), "funds.total.score", "9.60", "transposition"),
        (("96.43", "9.643"), "total_score", "96.43", "separator"),
        (("96.43", "9643"), "total_score", "96.43", "separator"),
        (("96.43", "96.3"), "total_score", "96.43", "dropped_digit"),
        (("1,146.87", "1,146.81"), "funds.current_year_appropriation.executed", "1146.87", "digit"),
        (("40.37", "40.73"), "funds.carried_over.executed", "40.37", "transposition"),
        (("1,186.50", "1,86.50"), "funds.current_year_appropriation.annual_budget", None, None),
        (("80.74", "60.74"), "funds.carried_over.execution_rate", "80.74", "digit"),
        (("1,236.50", "1,336.50"), "funds.total.annual_budget", "1236.50", "digit"),
    ],
)
def test_each_slip_is_taken_back(
    slip: tuple[str, str], field: str, value: str | None, edit: str | None
) -> None:
    form = misprint(shanghai(), slip)
    if value is None:
        assert form.entries[field].standing == "unread"
        return
    assert first(suspects(form)) == [((field, value),)]
    assert next(s for s in suspects(form) if s.rank == 1).edit == edit


def test_a_point_that_was_lost_is_put_back() -> None:
    """15.00 printed 1500: the slip is two digits from the end, not beside it."""
    page, checks = sum_form(["40.00", "1500", "45.00"], "100.00")
    found = locate(checks, page)["sum:indicators[].score"]
    assert ((("indicators[1].score", "15.00"),)) in first(found)


def test_the_value_is_printed_as_its_column_is() -> None:
    """A digit too many: 3.28 read as 3.283 comes back as 3.28, not as 3.280."""
    page, checks = sum_form(["3.283", "40.00", "45.00", "5.00"], "93.28")
    found = locate(checks, page)["sum:indicators[].score"]
    assert "3.28" in [value for one in found for field, value in one.changes if "[0]" in field]


@pytest.mark.parametrize("unit", ["元", "万元"])
def test_amounts_in_both_units(unit: str) -> None:
    """In 元 sums are exact; in 万元 each amount was rounded, so the true one may be a unit off."""
    page = values(
        {
            "amount_unit": unit,
            "funds.total.executed": "530.15",
            "funds.current_year_appropriation.executed": "350.10",
            "funds.carried_over.executed": "200.05",
            "funds.other.executed": "0.00",
        }
    )
    checks = PROJECT.known((0, ()))
    found = locate(checks, page)["sum:funds.total.executed"]
    assert (("funds.total.executed", "550.15"),) in first(found)


def test_rounded_amounts_need_not_add_up_to_the_last_digit() -> None:
    """10.01 + 20.02 + 30.03 is 60.06; 60.07 was printed and read 61.07. The value asked for is no
    slip away, the true one is: it passes as rounding."""
    names = ("total", "current_year_appropriation", "carried_over", "other")
    amounts = dict(zip(names, ("66.07", "10.01", "20.02", "30.03"), strict=True))
    page = {f"funds.{row}.executed": text for row, text in amounts.items()}
    found = locate(PROJECT.known((0, ())), values({"amount_unit": "万元", **page}))
    assert (("funds.total.executed", "60.07"),) in first(found["sum:funds.total.executed"])
    page["funds.total.executed"] = "61.07"
    found = locate(PROJECT.known((0, ())), values({"amount_unit": "万元", **page}))
    assert (("funds.total.executed", "60.07"),) in first(found["sum:funds.total.executed"])


@pytest.mark.parametrize(
    ("printed", "meant"),
    [("5.958", "0.958"), ("0.985", "0.958"), ("0.058", "0.958"), ("9.958", "0.958")],
)
def test_rates_printed_as_fractions(printed: str, meant: str) -> None:
    """823.88 ÷ 860.00 = 0.958, in one row with others printed likewise."""
    page = values(
        {
            "funds.total.annual_budget": "860.00",
            "funds.total.executed": "823.88",
            "funds.total.execution_rate": printed,
        }
    )
    found = locate(PROJECT.known((0, ())), page)["ratio:funds.total.execution_rate"]
    assert (("funds.total.execution_rate", meant),) in first(found)


def test_an_office_that_truncates_is_no_reason_to_doubt() -> None:
    """10.99 ÷ 16.95 = 64.8378 %: 64.83 is cut off, not wrong; 64.03 was 64.83 or 64.84."""
    row = {"funds.total.annual_budget": "16.95", "funds.total.executed": "10.99"}
    checks = PROJECT.known((0, ()))
    assert locate(checks, values(row | {"funds.total.execution_rate": "64.83"})) == {}
    found = locate(checks, values(row | {"funds.total.execution_rate": "64.03"}))
    (named,) = [
        value
        for ((field, value),) in first(found["ratio:funds.total.execution_rate"])
        if field == "funds.total.execution_rate"
    ]
    assert named in ("64.83", "64.84")


def test_a_zero_row_speaks_for_its_zero() -> None:
    """上年结转 has nothing in any column, and 8.00 in one: it is that, not the total."""
    form = misprint(library(), ("| 0.00 |", "| 8.00 |"))
    changes = first(suspects(form))
    assert len(changes) == 1
    ((field, value),) = changes[0]
    assert form.entries[field].value == "8.00"
    assert Decimal(value) == 0


# --- ties ----------------------------------------------------------------------------------------


def test_a_total_and_its_only_source_stay_a_tie() -> None:
    """年初预算: 1,765.05 = 1,765.05 + 0 + 0; no other sum sees either of the two."""
    form = misprint(library(), ("1,765.05", "1,165.05"))
    fields = {field for ((field, _),) in first(suspects(form))}
    assert fields == {
        "funds.total.initial_budget",
        "funds.current_year_appropriation.initial_budget",
    }
    assert {f.cause for f in form.findings if f.suspects} == {"undetermined"}


def test_equal_cost_is_an_equal_rank_and_ranks_leave_no_gap() -> None:
    """Four rows of one weight that nothing tells apart: 3 points too many are any one's."""
    page, checks = sum_form(["20.00"] * 4 + ["5.00"], "82.00")
    found = locate(checks, page)["sum:indicators[].score"]
    ranks = sorted({suspect.rank for suspect in found})
    assert ranks == list(range(1, len(ranks) + 1))
    top = {field for one in first(found) for field, _ in one}
    assert ({f"indicators[{i}].score" for i in range(4)} <= top) or top.isdisjoint(
        {f"indicators[{i}].score" for i in range(4)}
    )


@given(st.integers(0, 400), st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_the_order_of_the_values_changes_nothing(seed: int, chance: random.Random) -> None:
    page, checks = drawn(seed % 40)
    for _ in range(2):
        field = chance.choice([p for p, v in page.items() if isinstance(v, Number)])
        page[field] = number_of(f"{chance.randrange(100)}.{chance.randrange(100):02d}")
    shuffled = list(page.items())
    chance.shuffle(shuffled)
    assert locate(checks, dict(shuffled)) == locate(checks, page)


def test_a_column_printed_in_two_ways_equally_often_is_no_matter_of_order() -> None:
    """100 read for 10 or 10.0: two scores have a decimal, two have none."""
    page, checks = sum_form(["100", "40.0", "45", "5.0"], "100")
    assert locate(checks, page)
    assert locate(checks, dict(reversed(page.items()))) == locate(checks, page)


# --- what breaks something else is no suspect ----------------------------------------------------


def test_a_change_that_makes_another_check_apply_and_fail_is_no_suspect() -> None:
    """With 90.00 executed the source would be the whole, and its rate of 90.01 would have to be the
    90.00 of the total: a check that does not name the cell."""
    page = values(
        {
            "funds.total.annual_budget": "100.00",
            "funds.total.executed": "90.00",
            "funds.total.execution_rate": "90.00",
            "funds.current_year_appropriation.annual_budget": "100.00",
            "funds.current_year_appropriation.executed": "80.00",
            "funds.current_year_appropriation.execution_rate": "90.01",
            "funds.other.annual_budget": "0.00",
            "funds.other.executed": "0.00",
        }
    )
    checks = PROJECT.known((0, ()))
    check_told(page, checks)
    change = (("funds.current_year_appropriation.executed", "90.00"),)
    assert failing(checks, changed(page, change)) - failing(checks, page) == {
        "same:funds.current_year_appropriation.execution_rate"
    }
    for told in locate(checks, page).values():
        assert change not in [suspect.changes for suspect in told]


def test_a_score_above_its_weight_is_no_suspect() -> None:
    """5.00 too few: a row of 5.00 out of 5.00 cannot have had 10.00."""
    page, checks = sum_form(
        ["5.00", "10.00", "70.00"],
        "90.00",
        ["5.00", "15.00", "70.00"],
        total_weight="90.00",
    )
    named = {f for s in locate(checks, page)["sum:indicators[].score"] for f, _ in s.changes}
    assert "indicators[0].score" not in named
    assert "indicators[2].score" not in named


def test_a_total_weight_other_than_100_is_no_suspect() -> None:
    """A weight of 30 read as 80: the total of 100 is not what is wrong."""
    page, checks = sum_form(["20.00", "80.00"], "100.00", ["20.00", "30.00"], total_weight="100.00")
    found = locate(checks, page)["sum:indicators[].weight"]
    assert first(found) == [(("indicators[1].weight", "80.00"),)]
    assert all(f != "total_weight" for s in found for f, _ in s.changes)


def test_a_missing_printed_value_that_no_slip_explains_needs_two_witnesses() -> None:
    """A sum that is off by 37.77 points nowhere; with a second sum, the cell that both see does."""
    page, checks = sum_form(["12.34", "23.45", "34.56"], "32.58")
    assert locate(checks, page) == {} or all(
        suspect.edit for found in locate(checks, page).values() for suspect in found
    )
    names = ("total", "current_year_appropriation", "carried_over", "other")
    amounts = dict(zip(names, ("987.31", "350.10", "200.05", "0.00"), strict=True))
    row = {f"funds.{name}.executed": text for name, text in amounts.items()}
    rate = {"funds.total.annual_budget": "600.00", "funds.total.execution_rate": "91.69"}
    alone = locate(PROJECT.known((0, ())), values(row | {"amount_unit": "万元"}))
    assert all(s.edit for found in alone.values() for s in found)
    both = locate(PROJECT.known((0, ())), values(row | rate | {"amount_unit": "万元"}))
    top = first(both["sum:funds.total.executed"])
    assert top == [(("funds.total.executed", "550.15"),)]
    assert both["sum:funds.total.executed"][0].edit is None


# --- two cells -----------------------------------------------------------------------------------


def test_two_faults_in_unconnected_sums_are_each_named_alone() -> None:
    form = misprint(shanghai(), ("1,146.87", "1,146.81"), ("12.00\t宣", "72.00\t宣"))
    by_check = {f.check: first(f.suspects) for f in form.findings if f.is_error}
    assert by_check["sum:funds.total.executed"] == [
        (("funds.current_year_appropriation.executed", "1146.87"),)
    ]
    assert by_check["sum:indicators[].score"] == [(("indicators[4].score", "12.00"),)]


def test_a_pair_over_two_sums_is_among_the_first() -> None:
    """A score and the execution of the year: one connects through 得分 of the budget."""
    form = misprint(shanghai(), ("1,187.24", "1,167.24"), ("9.83", "9.38"))
    top = {changes for finding in form.findings for changes in first(finding.suspects)}
    fields = {field for changes in top for field, _ in changes}
    assert {"funds.total.executed", "indicators[0].score"} <= fields


def test_a_pair_in_one_sum_is_named_where_rows_speak_for_it() -> None:
    """15.00 read as 13.00 and 20.00 as 10.00: no one cell may have had the 12 points without
    outgrowing its weight, and both rows met their targets."""
    page, shape = rows(
        ("≥10.00(次)", "12.00(次)", "15.00", "13.00"),
        ("≥10.00(次)", "12.00(次)", "20.00", "10.00"),
        ("≥10.00(次)", "12.00(次)", "65.00", "65.00"),
    )
    page |= values({"total_weight": "100.00", "total_score": "100.00"})
    found = locate(PROJECT.known(shape), page)["sum:indicators[].score"]
    assert first(found) == [(("indicators[0].score", "15.00"), ("indicators[1].score", "20.00"))]
    assert found[0].edit == "digit, digit"
    assert found[0].clears == ("sum:indicators[].score",)


def test_of_many_equal_pairs_only_some_are_told() -> None:
    """11 points too many in a sum that nothing else sees into: any two slips may have made them."""
    page, checks = sum_form(
        ["18.21", "27.43", "20.00", "30.00"],
        "84.64",
        ["20.00", "30.00", "20.00", "30.00"],
        total_weight="100.00",
    )
    found = locate(checks, page)["sum:indicators[].score"]
    assert all(len(suspect.changes) == 2 for suspect in found)
    assert 1 < sum(suspect.rank == 1 for suspect in found) <= 12


# --- policies and evidence -----------------------------------------------------------------------


def rows(*cells: tuple[str, str, str, str]) -> tuple[dict[str, Value], Shape]:
    page: dict[str, str | None] = {}
    for i, (target, actual, weight, score) in enumerate(cells):
        at = f"indicators[{i}]"
        page |= {f"{at}.target": target, f"{at}.actual": actual}
        page |= {f"{at}.weight": weight, f"{at}.score": score}
    return values(page), (len(cells), ())


def test_a_policy_breaks_a_tie() -> None:
    """Two rows print 5.00 of 8.00, the total asks for 8.00 once; one of the two met its target."""
    page, shape = rows(
        ("≥10.00(次)", "12.00(次)", "8.00", "5.00"),
        ("≥8.00(次)", "5.00(次)", "8.00", "5.00"),
        ("≥1.00(次)", "1.00(次)", "84.00", "84.00"),
    )
    page |= values({"total_weight": "100.00", "total_score": "97.00"})
    found = locate(PROJECT.known(shape), page)["sum:indicators[].score"]
    assert first(found) == [(("indicators[0].score", "8.00"),)]
    assert (("indicators[1].score", "8.00"),) in [s.changes for s in found if s.rank > 1]


def test_a_policy_never_speaks_against_a_sum() -> None:
    """A row that its target gives 5.00 stands with 8.00: as long as sums hold, nobody doubts it."""
    page, shape = rows(
        ("≥8.00(次)", "5.00(次)", "8.00", "8.00"),
        ("≥1.00(次)", "1.00(次)", "92.00", "92.00"),
    )
    page |= values({"total_weight": "100.00", "total_score": "100.00"})
    checks = PROJECT.known(shape)
    assert any(c.severity == "advice" and c.residual(page) not in (None,) for c, _, _ in checks)
    assert locate(checks, page) == {}
    page |= values({"total_score": "900.00"})
    for found in locate(checks, page).values():
        for suspect in found:
            assert failing(checks, changed(page, suspect.changes)) == set()
            assert suspect.changes != (("indicators[0].score", "5.00"),)


def test_a_policy_that_looks_at_doubted_cells_says_nothing() -> None:
    """A weight of 20 read as 50, and in another row a score of 80 read as 50. That the first row
    met its target speaks for a score of 50 there only because its weight is wrong."""
    page, shape = rows(
        ("≥1.00(次)", "1.00(次)", "50.00", "20.00"), ("健全", "基本健全", "80.00", "50.00")
    )
    page |= values({"total_weight": "100.00", "total_score": "100.00"})
    checks = PROJECT.known(shape)
    found = locate(checks, page)
    assert (("indicators[0].weight", "20.00"),) in first(found["sum:indicators[].weight"])
    assert set(first(found["sum:indicators[].score"])) == {
        (("indicators[0].score", "50.00"),),
        (("indicators[1].score", "80.00"),),
    }


def test_what_two_readers_read_alike_is_doubted_less_and_what_was_moved_more() -> None:
    page, checks = sum_form(["20.00", "20.00", "52.00"], "93.00")
    plain = locate(checks, page)["sum:indicators[].score"]
    tied = {field for ((field, _),) in first(plain)}
    assert len(tied) > 1
    some = sorted(tied)[0]
    agreed = locate(checks, page, {some: Evidence(agreed=True)})["sum:indicators[].score"]
    assert {f for ((f, _),) in first(agreed)} == tied - {some}
    moved = locate(checks, page, {some: Evidence(grounded=False)})["sum:indicators[].score"]
    assert {f for ((f, _),) in first(moved)} == {some}


# --- the heart: what is told is true -------------------------------------------------------------


def check_told(page: Values, checks: Known) -> None:
    """Every suspect clears what it says and breaks nothing; ranks are dense."""
    before = failing(checks, page)
    found = locate(checks, page)
    assert set(found) <= before
    for told in found.values():
        assert sorted({s.rank for s in told}) == list(range(1, len({s.rank for s in told}) + 1))
        assert len({s.changes for s in told}) == len(told)
        for suspect in told:
            after = failing(checks, changed(page, suspect.changes))
            assert after.isdisjoint(suspect.clears)
            assert after <= before
            for field, text in suspect.changes:
                was, now = page[field], read_number(text)
                assert isinstance(was, Number)
                assert now is not None
                assert now[0].text == text
                assert now[0].value >= 0
                assert now[0].value != was.value
            slips = (slip_between(f"{_text(page, f)}", text) for f, text in suspect.changes)
            assert suspect.edit == (", ".join(filter(None, slips)) or None)


def _text(page: Values, field: str) -> str:
    number = page[field]
    assert isinstance(number, Number)
    return number.text


NUMBERS = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,2})?", fullmatch=True),
    st.from_regex(r"(0|[1-9][0-9]{0,29})(\.[0-9]{1,9})?", fullmatch=True),
    st.sampled_from(["0", "0.00", "1", "1.00", "100", "100.00", "-0.01", "0.958", "5.00"]),
)


@settings(max_examples=120)
@given(st.integers(0, 39), st.data())
def test_every_suspect_clears_what_it_says_and_breaks_nothing(
    seed: int, data: st.DataObject
) -> None:
    """Random numbers in a few cells of forms that hold, of either family and every column set."""
    page, checks = drawn(seed)
    numbers = [p for p, v in page.items() if isinstance(v, Number)]
    for field in data.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=4)):
        page[field] = number_of(data.draw(NUMBERS))
    check_told(page, checks)


@settings(max_examples=40)
@given(st.sampled_from([PROJECT, DEPARTMENT]), st.integers(0, 5), st.data())
def test_pages_of_random_numbers_are_judged_without_a_crash(
    family: object, count: int, data: st.DataObject
) -> None:
    known = PROJECT if family is PROJECT else DEPARTMENT
    groups = data.draw(st.sampled_from([(), (tuple(range(count)),)]))
    leaves = [p for p, _ in known.paths(count, len(groups)) if known.is_number(p)]
    page = {path: data.draw(st.none() | NUMBERS) for path in leaves}
    check_told(values(page), known.known((count, groups)))


def test_a_slip_in_a_form_that_holds_is_among_the_first() -> None:
    """Every kind of fault in every kind of number, forms of every column set: whenever an identity
    sees it, the true cell is of the first rank, and where it is named alone nearly always with the
    number that stood there."""
    chance = random.Random(4)
    seen = alone = exact = 0
    for seed in range(60):
        page, checks = drawn(seed)
        numbers = [p for p, v in page.items() if isinstance(v, Number)]
        for field in chance.sample(numbers, 8):
            true = page[field]
            assert isinstance(true, Number)
            slips = [f for f in faults(true.text) if read_number(f.text) is not None]
            if not slips:
                continue
            fault = chance.choice(slips)
            faulty = {**page, field: number_of(fault.text)}
            broken = failing(checks, faulty)
            if not broken:
                continue
            seen += 1
            top = {c for told in locate(checks, faulty).values() for c in first(told)}
            assert field in {f for changes in top for f, _ in changes}, (seed, field, fault, top)
            if len(top) == 1:
                alone += 1
                ((_, value),) = next(iter(top))
                exact += Decimal(value) == true.value
    assert seen > 400
    assert alone > 0.6 * seen
    assert exact > 0.95 * alone


# --- hostile -------------------------------------------------------------------------------------


def big(
    count: int, score: str, weight: str, name: str = "养护里程{}", **totals: str
) -> dict[str, Value]:
    page: dict[str, str | None] = {}
    for i in range(count):
        at = f"indicators[{i}]"
        page |= {f"{at}.score": score, f"{at}.weight": weight, f"{at}.name": name.format(i)}
        page |= {f"{at}.target": "≥5", f"{at}.actual": "5", f"{at}.level1": "产出指标"}
    for row in ("total", "current_year_appropriation", "carried_over", "other"):
        for column in ("initial_budget", "annual_budget", "executed", "execution_rate"):
            page[f"funds.{row}.{column}"] = "7.00"
    return values(page | {"funds.total.weight": "10", "funds.total.score": "9"} | totals)


def quick(checks: Known, page: Values) -> dict[str, tuple[Suspect, ...]]:
    started = time.process_time()
    found = locate(checks, page)
    assert time.process_time() - started < 2
    return found


@pytest.mark.parametrize(
    ("name", "count", "page"),
    [
        ("3,000 rows, every sum off", 3000, big(3000, "5.00", "4.00", total_score="1.00")),
        (
            "3,000 rows above their weights, unconnected",
            3000,
            {
                path: value
                for path, value in big(3000, "5.00", "4.00").items()
                if path.startswith("indicators")
            },
        ),
        (
            "600 rows above their weights, in sums that hold",
            600,
            big(600, "5.00", "4.00", total_score="3009.00", total_weight="2410.00"),
        ),
        ("60 rows, 60 sums", 60, big(60, "5.00", "4.00", total_score="1.00", total_weight="1.00")),
        (
            "identical rows",
            63,
            big(63, "1.00", "1.00", "里程", total_score="7", total_weight="1"),
        ),
        ("45 rows, many pairs", 45, big(45, "1.11", "1.11", total_score="93.40")),
    ],
)
def test_hostile_forms_are_given_up_in_time(name: str, count: int, page: dict[str, Value]) -> None:
    quick(PROJECT.known((count, ())), page)


def test_many_groups_that_fail_apart_are_located_in_time() -> None:
    """60 groups that each miss their weight."""
    groups = tuple((i,) for i in range(60))
    page = {p: v for p, v in big(60, "1.00", "1.00").items() if p.endswith((".weight", "level1"))}
    page |= values({f"groups[{i}].weight": "4.00" for i in range(60)})
    found = quick(PROJECT.known((60, groups)), page)
    assert set(found) <= failing(PROJECT.known((60, groups)), page)


@pytest.mark.parametrize(
    "text",
    ["0.00", "0", "-3.00", "123456789012345678901234567890.12", "9" * 40, "3.123456789012"],
)
def test_one_number_everywhere_raises_nothing(text: str) -> None:
    page = {
        path: number_of(text) if isinstance(value, Number) else value
        for path, value in big(20, "5.00", "4.00", total_score="1", total_weight="1").items()
    }
    checks = PROJECT.known((20, ()))
    for told in quick(checks, page).values():
        for suspect in told:
            assert all(read_number(value) is not None for _, value in suspect.changes)


def test_a_form_of_zeros_names_nobody() -> None:
    page, checks = sum_form(["0.00"] * 5, "0.00", ["0.00"] * 5, total_weight="0.00")
    assert failing(checks, page) == {"constant:total_weight"}
    for told in locate(checks, page).values():
        assert all(len(suspect.changes) <= 2 for suspect in told)


def test_the_department_form_of_the_sample_accuses_no_cell() -> None:
    """21 ≠ 30, 30 ≠ 25, 96 ≠ 100, 96 ≠ 97.8 and a repeated block: no single cell explains it."""
    text = (GOLD / "documents" / "pujin-2023-department.tsv").read_bytes().decode("utf-8-sig")
    form = only(text)
    assert sum(finding.is_error for finding in form.findings) == 5
    assert suspects(form) == []

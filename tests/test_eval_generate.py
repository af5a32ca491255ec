"""Drawn forms satisfy the declared checks, show the habits of real offices, and are normalised."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from eval.columns import COLUMN_SETS
from eval.generate import Drawn, draw, judged, prints
from eval.offices import Books
from eval.vocabulary import LEVEL2
from eval.writing import spread
from extractor.checks.policies import quantity
from extractor.families import family_of
from extractor.families.base import NUMBER_KINDS
from extractor.families.levels import LEVEL1, parent
from extractor.numbers import number_of, read_number
from extractor.settle import record_of, shape_of
from extractor.text import prose, tidy, tidy_quantity
from extractor.types import Finding, Reading
from tests.shapes import use_profile

use_profile()

PER_SET = 40
ROOT = Path(__file__).parents[1]
SOURCES = (
    "current_year_appropriation", "carried_over", "other", "special_account", "unit_funds",
)  # fmt: skip


@lru_cache(maxsize=1)
def forms() -> tuple[Drawn, ...]:
    """Some forms of every column set."""
    return tuple(draw(seed, name) for name in COLUMN_SETS for seed in range(PER_SET))


def findings(drawn: Drawn, changes: Mapping[str, str] | None = None) -> list[Finding]:
    """What the checks find in a form, with some leaves changed, its shape worked out anew."""
    leaves = {**drawn.leaves, **(changes or {})}
    return judged(family_of(drawn.family), COLUMN_SETS[drawn.columns], leaves, shape(drawn))


def shape(drawn: Drawn) -> tuple[int, tuple[tuple[int, ...], ...]]:
    """The shape of a form as the pipeline tells it from a record."""
    entries = {path: Reading(path, "read", value) for path, value in drawn.leaves.items()}
    ids = [str(i) for i in range(drawn.indicators)]
    return shape_of(record_of(family_of(drawn.family), entries, ids, drawn.groups))


def errors(found: list[Finding]) -> list[str]:
    return [finding.check for finding in found if finding.severity == "error"]


def number(drawn: Drawn, path: str) -> Decimal | None:
    value = drawn.leaves.get(path)
    return None if value is None else Decimal(value)


def column(drawn: Drawn, leaf: str) -> list[str | None]:
    return [drawn.leaves[f"indicators[{i}].{leaf}"] for i in range(drawn.indicators)]


def rows(drawn: Drawn) -> Iterator[dict[str, str]]:
    """The rows of a form that print all of target, actual, weight and score."""
    for i in range(drawn.indicators):
        leaves = ("name", "target", "actual", "weight", "score", "deviation")
        row = {leaf: drawn.leaves[f"indicators[{i}].{leaf}"] or "" for leaf in leaves}
        if all(row[leaf] for leaf in leaves[:-1]):
            yield row


# What a seed means


def test_the_same_seed_draws_the_same_form() -> None:
    for seed in range(20):
        assert draw(seed) == draw(seed)
        assert draw(seed) == draw(seed, draw(seed).columns)


def test_other_seeds_draw_other_forms() -> None:
    told = [tuple(drawn.leaves.items()) for drawn in forms()]
    assert len(set(told)) == len(told)


def test_a_seed_alone_reaches_every_column_set() -> None:
    assert {draw(seed).columns for seed in range(60)} == set(COLUMN_SETS)


def test_another_process_draws_the_same_form() -> None:
    """Whatever the hashes of strings are there."""
    code = "from eval.generate import draw; print([draw(s).leaves for s in range(12)])"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert told == {f"{[draw(s).leaves for s in range(12)]}\n".encode()}


def test_an_unknown_column_set_is_refused() -> None:
    with pytest.raises(KeyError):
        draw(1, "atlantis")


# The record


def test_every_leaf_is_there_in_the_order_of_the_record() -> None:
    for drawn in forms():
        paths = [path for path, _ in family_of(drawn.family).paths(drawn.indicators, drawn.groups)]
        assert list(drawn.leaves) == paths


@pytest.mark.parametrize("name", COLUMN_SETS)
def test_what_a_column_set_does_not_print_is_none(name: str) -> None:
    """Said here by hand for each set, and for all by :func:`prints`."""
    absent = {
        "shanghai": ("funds.special_account.executed", "funds.unit_funds.executed"),
        "national": ("grade", "funds.unit_funds.annual_budget"),
        "anhui": ("funds.special_account.initial_budget",),
        "yunnan": ("funds.unit_funds.execution_rate",),
        "sichuan": ("grade", "funds.carried_over.annual_budget"),
        "hubei": (
            "grade", "total_weight", "funds.total.initial_budget", "funds.other.annual_budget",
            "indicators[0].weight", "indicators[0].deviation",
        ),
        "beijing": ("grade", "funds.total.initial_budget"),
        "before_2018": ("grade", "funds.total.annual_budget"),
        "shanghai_department": ("groups[0].note",),
    }  # fmt: skip
    for seed in range(PER_SET):
        drawn = draw(seed, name)
        assert all(drawn.leaves[path] is None for path in absent[name])
        for path, value in drawn.leaves.items():
            assert value is None or prints(COLUMN_SETS[name], path), path


def test_groups_stand_only_where_their_weights_are_printed() -> None:
    for drawn in forms():
        has_groups = drawn.columns in ("hubei", "shanghai_department")
        assert (drawn.groups > 0) is has_groups
        for index in range(drawn.groups):
            assert drawn.leaves[f"groups[{index}].level1"]
            assert number(drawn, f"groups[{index}].weight")


def test_what_every_form_prints_is_there() -> None:
    for drawn in forms():
        wanted = ["year", "amount_unit", "total_score"]
        for path in drawn.leaves:
            if path.endswith((".name", ".target", ".actual", ".level1")):
                wanted.append(path)
        wanted += [p for p in COLUMN_SETS[drawn.columns].head if p != "subordinate_units"]
        wanted += [
            path for path, leaf in family_of(drawn.family).paths(0, 0) if leaf.kind == "prose"
        ]
        assert [path for path in wanted if not drawn.leaves[path]] == []


def test_leaves_are_normalised() -> None:
    """Reading a value gives the same value: the truth is what a perfect reader gives back."""
    for drawn in forms():
        for path, leaf in family_of(drawn.family).paths(drawn.indicators, drawn.groups):
            value = drawn.leaves[path]
            if value is None:
                continue
            if leaf.kind in NUMBER_KINDS:
                found = read_number(value)
                assert found is not None, (path, value)
                assert (found[0].text, found[1]) == (value, None)
            elif leaf.kind in ("target", "actual"):
                assert tidy_quantity(value) == value
            elif leaf.kind == "prose":
                assert [prose(part) for part in value.split("\n")] == [
                    (part, False) for part in value.split("\n")
                ]
            elif path.endswith("level2_listed"):
                assert " ".join(value.split()) == value
            elif leaf.kind in ("year", "count"):
                assert str(int(value)) == value
            else:
                assert tidy(value) == value


def test_levels_are_those_of_the_vocabulary_in_blocks() -> None:
    for drawn in forms():
        level1 = column(drawn, "level1")
        blocks = [name for i, name in enumerate(level1) if i == 0 or level1[i - 1] != name]
        assert len(set(blocks)) == len(blocks)
        assert set(blocks) <= LEVEL1
        for first, second in zip(level1, column(drawn, "level2"), strict=True):
            assert second is None or parent(second) in (None, first)


def test_every_level_2_of_the_vocabulary_stands_under_its_parent() -> None:
    for first, names in LEVEL2.items():
        assert all(parent(name) in (None, first) for name in names)


def test_a_target_over_three_cells_can_be_put_together_again() -> None:
    for drawn in forms():
        if drawn.columns not in ("yunnan", "sichuan"):
            continue
        for target in column(drawn, "target"):
            nature, wanted, measure = spread(target)
            joined = ("" if nature in ("定性", "定量") else nature) + wanted
            assert joined + (f"({measure})" if measure else "") == target
            assert bool(measure) is (quantity(target or "") is not None)


# The checks


def test_no_identity_fails_or_stays_untold() -> None:
    for drawn in forms():
        assert errors(findings(drawn)) == [], (drawn.columns, drawn.seed)


def test_identities_do_judge_the_forms() -> None:
    """Each rule of the identities holds on some form because it was judged, not for want of it."""
    for name in ("shanghai", "shanghai_department"):
        drawn = draw(3, name)
        family = family_of(drawn.family)
        assert errors(findings(drawn, {"total_score": "1.23"}))[0] == "sum:indicators[].score"
        money = family.layout.matrix.name
        row = "total" if money == "funds" else "basic"
        wrong = findings(drawn, {f"{money}.{row}.execution_rate": "3.21"})
        assert f"ratio:{money}.{row}.execution_rate" in errors(wrong)


@pytest.mark.parametrize("name", COLUMN_SETS)
def test_a_planted_fault_raises_an_error(name: str) -> None:
    """A digit more in a score or an executed amount: in every form, whatever its habits."""
    drawn = draw(7, name)
    score = number(drawn, "indicators[0].score")
    assert score is not None
    faulty = findings(drawn, {"indicators[0].score": f"{score + 10}"})
    assert "sum:indicators[].score" in errors(faulty)
    at = "expenditure.project.executed" if drawn.family == "department" else "funds.total.executed"
    executed = number(drawn, at)
    assert executed is not None
    assert errors(findings(drawn, {at: f"{executed * 10 + 1}"}))


def books(**habits: Any) -> Books:
    """The empty books of a project form with one row and one group."""
    office = replace(draw(1, "shanghai").office, trimmed=False, **habits)
    family = family_of("project")
    return Books(office, family, family.bound((1, ((0,),))))


def test_what_a_check_implies_is_filled_in_and_printed_by_habit() -> None:
    """1,596.5137 of 1,744.6812 万元 is 91.5074 %, and 9.15074 of 10 points."""
    kept = books(point_places=1, rate="percent1", rounding="truncate", amount_places=2)
    kept.write("funds.total.annual_budget", Decimal("1744.6812"))
    kept.write("funds.total.executed", Decimal("1596.5137"))
    kept.write("funds.total.weight", Decimal(10))
    kept.fill(("funds.total.score", "funds.total.execution_rate"))
    printed = [
        kept.leaves[f"funds.total.{leaf}"] for leaf in ("executed", "execution_rate", "score")
    ]
    assert printed == ["1596.51", "91.5", "9.1"]


def test_a_leaf_that_no_check_implies_is_refused() -> None:
    with pytest.raises(LookupError, match=r"funds\.other\.weight"):
        books().fill(("funds.other.weight",))


def test_a_number_that_its_decimals_make_false_is_refused() -> None:
    kept = books(point_places=0)
    kept.values["indicators[0].score"] = number_of("87.55")
    kept.values["funds.total.score"] = number_of("10.00")
    with pytest.raises(ArithmeticError, match="score"):
        kept.fill(("total_score",))


# The habits


def rate_of(drawn: Drawn) -> tuple[Decimal, Decimal, Decimal] | None:
    """The printed rate of the total, what half-up and what truncation make of the amounts."""
    budget = "initial_budget" if drawn.columns == "before_2018" else "annual_budget"
    under = number(drawn, f"funds.total.{budget}")
    over, rate = number(drawn, "funds.total.executed"), number(drawn, "funds.total.execution_rate")
    if drawn.office.rate != "percent2" or not under or over is None or rate is None:
        return None
    exact = over / under * 100
    up, down = (exact.quantize(Decimal("0.01"), how) for how in (ROUND_HALF_UP, ROUND_DOWN))
    return rate, up, down


def truncates(drawn: Drawn) -> bool:
    told = rate_of(drawn)
    habit = drawn.office.rounding == "truncate" and not drawn.office.hidden_yuan
    return bool(habit and told and told[0] == told[2] != told[1])


def hides_yuan(drawn: Drawn) -> bool:
    told = rate_of(drawn)
    return bool(drawn.office.hidden_yuan and told and told[0] not in told[1:])


def has_slack(drawn: Drawn) -> bool:
    """Sources of funds that add up only when rounding is allowed for."""
    for role in ("initial_budget", "annual_budget", "executed"):
        terms = [number(drawn, f"funds.{row}.{role}") or Decimal(0) for row in SOURCES]
        total = number(drawn, f"funds.total.{role}")
        if total is not None and sum(map(bool, terms)) > 1 and total != sum(terms):
            return True
    return False


def sources(drawn: Drawn) -> int:
    return sum(bool(number(drawn, f"funds.{row}.executed")) for row in SOURCES)


def zero_rate(drawn: Drawn, blank: bool) -> bool:
    """A row of funds without money whose rate is a zero, or is not printed."""
    return any(
        number(drawn, f"funds.{row}.executed") == 0
        and number(drawn, f"funds.{row}.annual_budget") == 0
        and (drawn.leaves[f"funds.{row}.execution_rate"] is None) is blank
        for row in SOURCES
        if f"funds.{row}.executed" in drawn.leaves
    )


def gets_eighty(row: dict[str, str]) -> bool:
    """Exactly 80 % for a missed floor, where its share would be a point or more above that."""
    target, actual = quantity(row["target"]), quantity(row["actual"])
    if not target or not actual or not target.value or target.operator not in "≥=":
        return False
    weight, score = Decimal(row["weight"]), Decimal(row["score"])
    missed = actual.value < target.value
    return missed and score == weight * 8 / 10 <= weight * actual.value / target.value - 1


def gets_its_share(row: dict[str, str]) -> bool:
    target, actual = quantity(row["target"]), quantity(row["actual"])
    if not target or not actual or not target.value or target.operator not in "≥=":
        return False
    implied = Decimal(row["weight"]) * actual.value / target.value
    score = Decimal(row["score"])
    return 0 < score < Decimal(row["weight"]) and abs(score - implied) < Decimal("0.01")


def is_far_over(row: dict[str, str]) -> bool:
    target, actual = quantity(row["target"]), quantity(row["actual"])
    is_floor = target is not None and target.operator in "≥>" and actual is not None
    return bool(is_floor and target and actual and actual.value >= target.value * 13 / 10)


def loses(row: dict[str, str]) -> bool:
    return Decimal(row["score"]) < Decimal(row["weight"])


def overspends(drawn: Drawn) -> bool:
    over, under = (number(drawn, f"funds.total.{r}") for r in ("executed", "annual_budget"))
    return over is not None and under is not None and over > under


def initial_rows(drawn: Drawn, test: Callable[[Decimal, Decimal], bool]) -> bool:
    found = [(number(drawn, f"funds.{r}.initial_budget"), number(drawn, f"funds.{r}.annual_budget"))
             for r in ("total", "carried_over")]  # fmt: skip
    return any(a is not None and b is not None and test(a, b) for a, b in found)


def advises(rule: str) -> Callable[[Drawn], bool]:
    return lambda drawn: any(found.rule == rule for found in findings(drawn))


def target_like(*starts: str) -> Callable[[dict[str, str]], bool]:
    return lambda row: row["target"].startswith(starts)


def some_row(test: Callable[[dict[str, str]], bool]) -> Callable[[Drawn], bool]:
    return lambda drawn: any(test(row) for row in rows(drawn))


def some_leaf(ending: str, test: Callable[[str], bool]) -> Callable[[Drawn], bool]:
    return lambda d: any(
        p.endswith(ending) and v is not None and test(v) for p, v in d.leaves.items()
    )


HABITS: dict[str, Callable[[Drawn], bool]] = {
    "a truncated rate": truncates,
    "a rate of hidden 元": hides_yuan,
    "sources that add up only by rounding": has_slack,
    "one source": lambda d: sources(d) == 1,
    "several sources": lambda d: sources(d) >= 3,
    "a zero row with a zero rate": lambda d: zero_rate(d, blank=False),
    "a zero row with a dash for its rate": lambda d: zero_rate(d, blank=True),
    "a zero row left blank": lambda d: (
        d.columns == "shanghai" and d.leaves["funds.other.executed"] is None
    ),
    "nothing executed": lambda d: number(d, "funds.total.executed") == 0,
    "more executed than the budget": overspends,
    "an adjusted budget": lambda d: initial_rows(d, lambda a, b: a != b),
    "funds carried over, not in the initial budget": lambda d: initial_rows(
        d, lambda a, b: a == 0 < b
    ),
    "exactly 80 %": some_row(gets_eighty),
    "a share of the weight": some_row(gets_its_share),
    "far over the target": some_row(is_far_over),
    "met in part": some_row(lambda r: r["actual"].startswith("部分达成指标并具有一定效果")),
    "not met": some_row(lambda r: r["actual"].startswith("未达成")),
    "met, but not in full": some_row(lambda r: r["actual"].startswith("达成") and loses(r)),
    "a quantity met in words": some_row(
        lambda r: bool(quantity(r["target"])) and r["actual"].startswith("达成")
    ),
    "a result in free words": some_row(lambda r: r["actual"] in ("有效", "已完成", "全部达成")),
    "a date as target": some_row(target_like("8月前", "12月底前")),
    "a word as target": some_row(target_like("及时", "健全")),
    "the budget as target": some_row(target_like("≤预算金额")),
    "a time of day as target": some_row(lambda r: "20:00" in r["target"]),
    "a bare number as target": some_row(target_like("100%", "95%", "98%", "90%", "85%")),
    "a target of nothing": some_row(lambda r: r["target"].startswith("=0")),
    "a cost that is the executed amount": lambda d: any(
        (reached := quantity(row["actual"])) is not None
        and row["target"].startswith("≤")
        and reached.value == number(d, "funds.total.executed")
        for row in rows(d)
    ),
    "two decimals in brackets": some_row(lambda r: r["target"] == "≥95.00(%)"),
    "whole in brackets": some_row(lambda r: r["target"] == "≥95(%)"),
    "a percent in words": some_row(lambda r: r["target"].endswith("(百分比)")),
    "a strict target": some_row(target_like(">", "<")),
    "a rate with a wrong unit": advises("R25"),
    "lost points with a note": some_row(lambda r: loses(r) and bool(r["deviation"])),
    "lost points without a note": advises("R20"),
    "some lost points with a note and some without": lambda d: (
        len({bool(r["deviation"]) for r in rows(d) if loses(r)}) == 2
    ),
    "a scheme of its own": advises("R21"),
    "the usual scheme": lambda d: not advises("R21")(d),
    "a grade": lambda d: d.leaves.get("grade") == "优",
    "a lower grade": lambda d: d.leaves.get("grade") in ("中", "差", "不合格", "良"),
    "a grade in other words": lambda d: d.leaves.get("grade") in ("优秀", "合格"),
    "a missing grade": advises("R23"),
    "a lenient grade": advises("R22"),
    "three rows": lambda d: d.indicators == 3,
    "many rows": lambda d: d.indicators >= 27,
    "cost as level 1": lambda d: "成本指标" in column(d, "level1"),
    "cost under 产出": lambda d: ("产出指标", "成本指标") in zip(
        column(d, "level1"), column(d, "level2"), strict=True
    ),
    "satisfaction as level 2": lambda d: "满意度指标" in column(d, "level2"),
    "level 2 listed in one cell": lambda d: any(
        d.leaves.get(f"groups[{i}].level2_listed") for i in range(d.groups)
    ),
    "the same name twice": lambda d: len(set(column(d, "name"))) < d.indicators,
    "a long name": some_leaf(".name", lambda v: len(v) > 20),
    "a budget weight of 20": lambda d: number(d, "funds.total.weight") == 20,
    "元": lambda d: d.leaves["amount_unit"] == "元",
    "万元": lambda d: d.leaves["amount_unit"] == "万元",
    "whole amounts": some_leaf(".executed", lambda v: v.isdigit() and v != "0"),
    "amounts to the 元": some_leaf(".executed", lambda v: len(v.partition(".")[2]) == 6),
    "a rate of one decimal": some_leaf(".execution_rate", lambda v: len(v.partition(".")[2]) == 1),
    "a whole rate": some_leaf(".execution_rate", lambda v: v.isdigit() and int(v) > 1),
    "a rate as a fraction": some_leaf(".execution_rate", lambda v: v.startswith("0.9")),
    "points without decimals": lambda d: "." not in str(d.leaves["total_score"]),
    "points with one decimal": some_leaf("].score", lambda v: len(v.partition(".")[2]) == 1),
    "points with two decimals": some_leaf("].score", lambda v: len(v.partition(".")[2]) == 2),
    "whole weights beside decimals": lambda d: (
        d.leaves["total_weight"] == "100" and "." in str(d.leaves["total_score"])
    ),
    "goals of several paragraphs": some_leaf("_goal", lambda v: v.count("\n") >= 2),
    "goals with numbers and dates": some_leaf("_goal", lambda v: "月底前" in v and "目标为" in v),
    "a department without a number of units": lambda d: (
        d.family == "department" and d.leaves["subordinate_units"] is None
    ),
    "a department with units": some_leaf("subordinate_units", lambda v: v.isdigit()),
}  # fmt: skip


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_of_real_offices_occurs(habit: str) -> None:
    """In the leaves that were drawn, whatever the office says of itself."""
    assert any(HABITS[habit](drawn) for drawn in forms())


@pytest.mark.parametrize("unit", ["人次", "册", "场", "%", "百分比", "万元"])
def test_a_unit_occurs(unit: str) -> None:
    seen = {found.unit for d in forms() for r in rows(d) if (found := quantity(r["target"]))}
    assert unit in seen or any(f"({unit})" in r["target"] for d in forms() for r in rows(d))


def test_a_note_speaks_of_what_happened() -> None:
    """That a target was set too low is said of what went far beyond it, never of lost points."""
    lost = [row["deviation"] for d in forms() for row in rows(d) if loses(row)]
    beyond = [r["deviation"] for d in forms() for r in rows(d) if is_far_over(r) and not loses(r)]
    assert not any("设定偏低" in note for note in lost)
    assert any("设定偏低" in note for note in beyond)


def test_more_than_the_budget_is_rarely_executed() -> None:
    over = [overspends(drawn) for drawn in forms()]
    assert sum(over) <= len(over) / 25


def test_a_score_is_capped_where_more_was_executed() -> None:
    for drawn in forms():
        if overspends(drawn):
            assert number(drawn, "funds.total.score") == number(drawn, "funds.total.weight")


def test_rows_below_the_total_have_no_points() -> None:
    for drawn in forms():
        for row in SOURCES:
            assert drawn.leaves.get(f"funds.{row}.weight") is None
            assert drawn.leaves.get(f"funds.{row}.score") is None

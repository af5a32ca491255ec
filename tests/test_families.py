"""What every family owes to everyone who draws from it: one test, all families.

A family says its labels, leaves and checks once. Everything that can be wrong in such a
declaration without any page noticing is held here, and generated records are judged: a record that
adds up raises nothing, a planted fault raises a finding that names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatch
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from extractor.checks import judge
from extractor.checks.kinds import Check, Value
from extractor.errors import DeclarationError
from extractor.families import FAMILIES, Family, family_of
from extractor.families.base import NUMBER_KINDS, Kind, Leaf, keyed, template
from extractor.numbers import number_of
from extractor.text import label_key
from tests.shapes import differences, errors, flat, only, tabs

SHAPE = (3, ((0, 1), (2,)))
ROLES = {"nature", "measure", "group_weight", "reason"}


@pytest.fixture(params=FAMILIES, ids=lambda family: family.name)
def family(request: pytest.FixtureRequest) -> Family:
    return request.param


def bound(family: Family) -> tuple[Check, ...]:
    return family.bound(SHAPE)


# --- labels and leaves ---------------------------------------------------------------------------


def test_a_family_is_found_by_its_name(family: Family) -> None:
    assert family_of(family.name) is family
    with pytest.raises(KeyError, match=family.name):
        family_of("nothing")


def test_every_leaf_has_a_kind_and_labels_in_both_languages(family: Family) -> None:
    for path, leaf in family.leaves.items():
        assert leaf.kind in get_args(Kind), path
        assert leaf.zh, path
        assert leaf.en, path
        assert not any("\u4e00" <= c <= "\u9fff" for c in leaf.en), path
        for lang in ("zh", "en"):
            assert family.label(path.replace("[]", "[0]"), lang)
    for path, part in family.parts.items():
        assert part.zh, path
        assert part.en, path


def test_a_label_names_the_row_it_stands_in(family: Family) -> None:
    record = {"indicators": [{"name": "活动场次"}], "groups": [{"level1": "产出指标"}]}
    assert family.label("indicators[0].score", "zh", record) == "得分 · 活动场次"
    assert "活动场次" in family.label("indicators[0].score", "en", record)
    assert "1" in family.label("indicators[0].score", "zh")
    assert "产出指标" in family.label("groups[0].weight", "zh", record)


def test_labels_of_numbers_are_told_apart(family: Family) -> None:
    """Two numbers never bear the same name in a sentence."""
    paths = [p for p, leaf in family.leaves.items() if leaf.kind in NUMBER_KINDS and "[]" not in p]
    for lang in ("zh", "en"):
        names = [family.label(path, lang) for path in paths]
        assert len(set(names)) == len(names)


def test_the_record_has_the_keys_of_the_contract() -> None:
    row = ["level1", "level2", "name", "target", "actual", "weight", "score", "deviation"]
    project, department = family_of("project").schema, family_of("department").schema
    assert list(project.model_fields) == [
        "form_type", "year", "project_name", "supervising_department", "implementing_unit",
        "amount_unit", "funds", "expected_goal", "actual_completion", "groups", "indicators",
        "total_weight", "total_score", "grade",
    ]  # fmt: skip
    assert list(department.model_fields) == [
        "form_type", "year", "department_name", "subordinate_units", "amount_unit", "expenditure",
        "annual_goal", "annual_completion", "groups", "indicators", "total_weight", "total_score",
    ]  # fmt: skip
    assert leaves_below("project", "indicators[]") == leaves_below("department", "indicators[]")
    assert leaves_below("project", "indicators[]") == row
    assert leaves_below("project", "groups[]") == ["level1", "weight"]
    assert leaves_below("department", "groups[]") == ["level1", "weight", "level2_listed", "note"]
    assert leaves_below("project", "funds.unit_funds") == [
        "initial_budget", "annual_budget", "executed", "weight", "execution_rate", "score",
    ]  # fmt: skip
    assert leaves_below("department", "expenditure.basic") == [
        "annual_budget", "executed", "execution_rate",
    ]  # fmt: skip


def leaves_below(name: str, branch: str) -> list[str]:
    leaves = family_of(name).leaves
    return [p.rpartition(".")[2] for p in leaves if p.startswith(branch + ".")]


def test_the_json_schema_carries_the_labels(family: Family) -> None:
    schema = family.schema.model_json_schema()
    assert schema["properties"]["year"]["title"] == "年度"
    assert schema["$defs"]["Indicator"]["properties"]["score"]["title"] == "得分"
    assert schema.get("additionalProperties") is False


def test_a_record_with_a_key_too_many_or_a_number_for_a_string_is_no_record() -> None:
    from pydantic import ValidationError

    for extra in ({"more": 1}, {"total_score": 96.5}):
        with pytest.raises(ValidationError):
            family_of("project").schema.model_validate({**PROJECT, **extra})
    assert family_of("project").schema.model_validate(PROJECT)


# --- the layout ----------------------------------------------------------------------------------


def test_printed_labels_lead_to_leaves(family: Family) -> None:
    layout, leaves = family.layout, family.leaves
    for leaf in {*layout.head.values(), *layout.goals.values()}:
        assert leaf in leaves
    for column in set(layout.columns.values()) - ROLES:
        assert f"indicators[].{column}" in leaves
    rows, columns = set(layout.matrix.rows.values()), set(layout.matrix.columns.values())
    for row in rows:
        for column in columns - ROLES:
            assert f"{layout.matrix.name}.{row}.{column}" in leaves
    assert {f"{layout.matrix.name}.{row}" for row in rows} == {
        path for path in family.parts if path.startswith(layout.matrix.name + ".")
    }


def test_every_leaf_that_is_a_cell_has_a_printed_label(family: Family) -> None:
    layout = family.layout
    reached = {*layout.head.values(), *layout.goals.values()}
    reached |= {f"indicators[].{column}" for column in layout.columns.values()}
    reached |= {
        f"{layout.matrix.name}.{row}.{column}"
        for row in layout.matrix.rows.values()
        for column in layout.matrix.columns.values()
    }
    elsewhere = {"year", "amount_unit", "total_weight", "total_score", "grade"}
    unreached = {p for p in family.leaves if p not in reached and not p.startswith("groups[]")}
    assert unreached <= elsewhere


def test_printed_labels_are_folded(family: Family) -> None:
    layout = family.layout
    for table in (
        layout.head, layout.goals, layout.columns, layout.matrix.rows, layout.matrix.columns,
        layout.totals, layout.grades, layout.headings,
    ):  # fmt: skip
        for key in table:
            assert label_key(key) == key


def test_a_printed_label_means_one_thing(family: Family) -> None:
    """Where two tables of a layout share a label, a row could be taken for another."""
    layout = family.layout
    tables = [set(layout.head), set(layout.goals), set(layout.totals), set(layout.grades)]
    tables += [set(layout.matrix.rows), set(layout.headings)]
    for index, one in enumerate(tables):
        for two in tables[index + 1 :]:
            assert not one & two


def test_a_label_with_two_names_is_a_declaration_error() -> None:
    with pytest.raises(DeclarationError):
        keyed({"weight": ("分值",), "score": ("分 值",)})
    with pytest.raises(DeclarationError):
        keyed({"weight": ("",)})


# --- checks --------------------------------------------------------------------------------------


def test_the_paths_of_the_checks_resolve(family: Family) -> None:
    for check in bound(family):
        assert check.fields(), check.id
        for path in check.fields():
            assert template(path) in family.leaves, (check.id, path)
            assert "[]" not in path, (check.id, path)


def test_every_number_is_checked_or_excused(family: Family) -> None:
    """By an identity that pins it down; what none reaches is listed with the reason."""
    proved = {template(p) for c in bound(family) if c.proves for p in c.fields()}
    numbers = {path for path, leaf in family.leaves.items() if leaf.kind in NUMBER_KINDS}
    free = {p for p in numbers - proved if not any(fnmatch(p, e) for e in family.unprotected)}
    assert free == set()
    for pattern, reason in family.unprotected.items():
        assert any(fnmatch(path, pattern) for path in numbers), pattern
        assert reason["zh"]
        assert reason["en"]


def test_every_check_can_be_said_and_drawn_whatever_is_known(family: Family) -> None:
    """All values known, none known, every second one known."""
    paths = [path for path, _ in family.paths(3, 2)]
    known: dict[str, Value] = {
        p: number_of("7.00") if family.is_number(p) else "≥7(次)" for p in paths
    }
    pages: tuple[dict[str, Value], ...] = (
        known, dict.fromkeys(paths), {}, {p: known[p] for p in paths[::2]},
        {p: known[p] if i % 2 else None for i, p in enumerate(paths)},
    )  # fmt: skip
    for check in bound(family):
        for page in pages:
            residual = check.residual(page)
            assert residual is None or residual.verdict in ("holds", "fails", "cannot_tell")
            if residual is not None:
                says = check.sentence(page, family.labels)
                assert says["zh"]
                assert says["en"]
            check.sum_of(page)
            for path in check.fields():
                check.solve(path, page)


def test_nothing_known_is_nothing_judged(family: Family) -> None:
    assert judge(bound(family), {}, family.labels).findings == []
    unknown = dict.fromkeys(path for path, _ in family.paths(3, 2))
    found = judge(bound(family), unknown, family.labels)
    assert {f.verdict for f in found.findings} <= {"cannot_tell"}
    assert found.proved == set()
    assert found.holds == {}


# --- generated records ---------------------------------------------------------------------------

CENT = Decimal("0.01")
FUNDS = ("initial_budget", "annual_budget", "executed", "weight", "execution_rate", "score")
PROJECT: dict[str, Any] = {
    "form_type": "project_self_evaluation", "year": 2024, "project_name": "试点",
    "supervising_department": None, "implementing_unit": None, "amount_unit": "万元",
    "funds": {
        row: dict.fromkeys(FUNDS)
        for row in (
            "total", "current_year_appropriation", "carried_over", "other", "special_account",
            "unit_funds",
        )
    },
    "expected_goal": None, "actual_completion": None, "groups": [], "indicators": [],
    "total_weight": None, "total_score": None, "grade": None,
}  # fmt: skip


HEADER = [
    "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析",
]  # fmt: skip


def money(value: Decimal) -> str:
    return f"{value.quantize(CENT, ROUND_HALF_UP):f}"


def share(part: Decimal, whole: Decimal, of: Decimal) -> Decimal:
    return (part / whole * of if whole else Decimal(0)).quantize(CENT, ROUND_HALF_UP)


@st.composite
def projects(draw: st.DrawFn) -> dict[str, Any]:
    """A project record that adds up, as a system would print it."""
    cents = st.integers(0, 5_000_00)
    rows: dict[str, dict[str, str | None]] = {}
    sums = [Decimal(0)] * 3
    for name in ("current_year_appropriation", "carried_over", "other"):
        initial = Decimal(draw(cents)) / 100
        budget = Decimal(draw(cents)) / 100
        executed = (budget * draw(st.integers(0, 100)) / 100).quantize(CENT, ROUND_HALF_UP)
        sums = [s + v for s, v in zip(sums, (initial, budget, executed), strict=True)]
        values = (money(initial), money(budget), money(executed), None)
        rate = money(share(executed, budget, Decimal(100)))
        rows[name] = dict(zip(FUNDS, (*values, rate, None), strict=True))
    assume(sums[1] > 0)
    score = share(sums[2], sums[1], Decimal(10))
    rate = money(share(sums[2], sums[1], Decimal(100)))
    rows["total"] = dict(zip(FUNDS, (*map(money, sums), "10.00", rate, money(score)), strict=True))
    indicators: list[dict[str, str | None]] = []
    left, total = 90, score
    for index in range(draw(st.integers(2, 6))):
        weight = draw(st.integers(1, max(1, left // 2)))
        if index == 1:
            weight = draw(st.integers(1, 20))
        left -= weight
        indicators.append(_indicator(index, weight, draw(st.integers(80, 100))))
        if left <= 1:
            break
    if left > 0:
        indicators.append(_indicator(99, left, 100))
    assume(sum(Decimal(str(r["weight"])) for r in indicators) == 90)
    total += sum((Decimal(str(r["score"])) for r in indicators), Decimal(0))
    grade = "优" if total >= 90 else "良" if total >= 80 else "中" if total >= 60 else "差"
    return {
        **PROJECT, "funds": {**PROJECT["funds"], **rows}, "indicators": indicators,
        "total_weight": "100.00", "total_score": money(total), "grade": grade,
    }  # fmt: skip


def _indicator(index: int, weight: int, percent: int) -> dict[str, str | None]:
    score = Decimal(weight) * percent / 100
    return {
        "level1": "产出指标", "level2": "数量指标", "name": f"指标甲{index}", "target": "提升",
        "actual": "达成指标", "weight": money(Decimal(weight)), "score": money(score),
        "deviation": None if percent == 100 else "略有不足",
    }  # fmt: skip


def values_of(family: Family, record: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for path, text in flat(dict(record)).items():
        if text is not None and not path.endswith("#") and path != "form_type":
            found[path] = number_of(text) if family.is_number(path) else str(text)
    return found


def page_of(record: Mapping[str, Any]) -> str:
    """The record as a page of tabs."""
    labels = {
        "total": "年度资金总额", "current_year_appropriation": "其中：当年财政拨款",
        "carried_over": "上年结转资金", "other": "其他资金",
    }  # fmt: skip
    rows: list[list[str]] = [
        ["项目名称", str(record["project_name"])],
        [
            "项目资金（万元）",
            "",
            "年初预算数",
            "全年预算数",
            "全年执行数",
            "分值",
            "执行率",
            "得分",
        ],
    ]
    for name, label in labels.items():
        rows.append(["", label, *(record["funds"][name][column] or "-" for column in FUNDS)])
    rows.append(HEADER)
    rows += [[text or "" for text in row.values()] for row in record["indicators"]]
    rows.append(["总分", "", "", "", "", record["total_weight"], record["total_score"]])
    rows.append(["评分等级", record["grade"]])
    table = [row + [""] * (8 - len(row)) for row in rows]
    return "财政项目支出绩效自评表\n（2024年度）\n" + tabs(list(table))


@given(projects())
def test_a_generated_record_raises_no_finding(record: dict[str, Any]) -> None:
    family = family_of("project")
    page = values_of(family, record)
    found = judge(family.bound((len(record["indicators"]), ())), page, family.labels)
    assert [f for f in found.findings if f.severity == "error"] == []


@given(projects())
def test_a_generated_page_reads_as_it_was_generated(record: dict[str, Any]) -> None:
    form = only(page_of(record))
    assert differences(record, form.record) == {}
    assert errors(form) == []
    assert form.unread == ()
    assert not any(entry.needs_review for entry in form.entries.values())


@given(projects(), st.data())
def test_a_planted_fault_is_named(record: dict[str, Any], data: st.DataObject) -> None:
    """Any printed number changed by a tenth of itself or more, in the page: an error names it."""
    family = family_of("project")
    page = values_of(family, record)
    numbers = sorted(p for p in page if family.is_number(p))
    path = data.draw(st.sampled_from(numbers))
    old = page[path]
    assert old is not None
    assert not isinstance(old, str)
    factor = data.draw(st.sampled_from(["0", "0.5", "0.9", "1.1", "10"]))
    new = (old.value * Decimal(factor)).quantize(CENT, ROUND_HALF_UP)
    assume(abs(new - old.value) >= Decimal("0.10"))
    faulty = {**page, path: number_of(money(new))}
    found = judge(family.bound((len(record["indicators"]), ())), faulty, family.labels)
    assert any(path in f.fields and f.is_error for f in found.findings)


@given(st.integers(1, 10**9), st.integers(0, 100), st.integers(0, 10**9), st.data())
def test_a_generated_department_record_adds_up_and_a_fault_is_named(
    budget: int, percent: int, other: int, data: st.DataObject
) -> None:
    family = family_of("department")
    whole = Decimal(budget + other) / 100
    basic = (whole * data.draw(st.integers(0, 100)) / 100).quantize(CENT, ROUND_HALF_UP)
    amounts = {
        "fiscal_appropriation": Decimal(budget) / 100, "other": Decimal(other) / 100,
        "basic": basic, "project": whole - basic,
    }  # fmt: skip
    page: dict[str, Value] = {"amount_unit": "元"}
    executed = {
        name: (amount * percent / 100).quantize(CENT, ROUND_HALF_UP)
        for name, amount in amounts.items()
    }
    executed["project"] = executed["fiscal_appropriation"] + executed["other"] - executed["basic"]
    assume(executed["project"] >= 0)
    for name, amount in amounts.items():
        at = f"expenditure.{name}"
        page[f"{at}.annual_budget"] = number_of(money(amount))
        page[f"{at}.executed"] = number_of(money(executed[name]))
        page[f"{at}.execution_rate"] = number_of(money(share(executed[name], amount, Decimal(100))))
    checks = family.bound((0, ()))
    assert [f for f in judge(checks, page, family.labels).findings if f.is_error] == []
    path = data.draw(st.sampled_from(sorted(p for p in page if p.endswith(("budget", "executed")))))
    old = page[path]
    assert old is not None
    assert not isinstance(old, str)
    faulty = {**page, path: number_of(money(old.value + CENT))}
    found = judge(checks, faulty, family.labels).findings
    assert any(path in f.fields and f.is_error for f in found)


def test_leaves_are_said_once() -> None:
    """The indicator row is one declaration that the families share."""
    one, two = (f.leaves["indicators[].score"] for f in FAMILIES)
    assert one is two
    assert isinstance(one, Leaf)

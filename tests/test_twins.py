"""Twins: the same form in two documents, and where the two printings differ."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import pytest

from extractor.families import family_of
from extractor.pipeline import read_document
from extractor.twins import differences, identity, leaves, same_as
from extractor.types import CheckedForm, Document
from tests.shapes import table

PROJECT = family_of("project")

PAGE = table("""
    财政项目支出绩效自评表
    (2023年度)
    项目名称 | 图书经费
    主管部门 | 甲街道 | | | 实施单位 | 乙中心
    项目资金(万元) | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
     | 年度资金总额 | 100.00 | 100.00 | 90.00 | 10.00 | 90.00 | 9.00
    年度总体目标 | 预期目标 | | | | 实际完成情况
     | 提升绩效管理水平(初步)。 | | | | 已经完成。
    一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
    产出指标 | 数量指标 | 购书数量 | =100.00(%) | 100.00(%) | 50.00 | 50.00 |
    效益指标 | 社会效益指标 | 读者增长 | ≥95.00(%) | 95.00(%) | 30.00 | 30.00 |
    满意度指标 | 服务对象满意度指标 | 读者满意度 | ≥95.00(%) | 95.00(%) | 10.00 | 10.00 |
    总分 | | | | | 100.00 | 99.00 |
""")
Pair = tuple[Document, CheckedForm]


def read(text: str, path: str = "a.md", root: str = "root") -> list[Pair]:
    document = Document(root, path, text, hashlib.sha256(text.encode()).hexdigest())
    return [(document, form) for form in read_document(document).forms]


def record() -> dict[str, Any]:
    return copy.deepcopy(read(PAGE)[0][1].record)


class TestIdentity:
    def test_spaces_and_width_in_names_do_not_matter(self) -> None:
        one, other = record(), record()
        one["project_name"], other["project_name"] = "图书经费(一)", "图书 经费（一）"
        assert identity("project", one) == identity("project", other) is not None

    @pytest.mark.parametrize(
        ("name", "value"),
        [("year", 2024), ("project_name", "道路经费"), ("implementing_unit", "丙中心")],
    )
    def test_another_year_project_or_issuer_is_another_form(self, name: str, value: Any) -> None:
        assert identity("project", record() | {name: value}) != identity("project", record())

    def test_the_family_and_the_department_in_charge(self) -> None:
        assert identity("other", record()) != identity("project", record())
        other = record() | {"supervising_department": "丁街道"}
        assert identity("project", other) == identity("project", record())

    @pytest.mark.parametrize("name", ["year", "project_name", "implementing_unit"])
    def test_what_the_page_does_not_say_is_no_identity(self, name: str) -> None:
        assert identity("project", record() | {name: None}) is None
        if name != "year":
            assert identity("project", record() | {name: "　"}) is None

    def test_a_department_has_no_project(self) -> None:
        department = {"year": 2023, "department_name": "浦锦 街道"}
        assert identity("department", department) == ("department", 2023, "浦锦街道", None)


class TestDifferences:
    def test_equal_records_have_none(self) -> None:
        assert differences(record(), record(), PROJECT) == []

    def test_a_number_that_differs_in_a_decimal(self) -> None:
        other = record()
        other["funds"]["total"]["executed"] = "90.0"
        assert differences(record(), other, PROJECT) == [
            {"field": "funds.total.executed", "here": "90.00", "there": "90.0"}
        ]

    def test_spaces_and_width_differ_nothing_in_prose_but_in_a_name(self) -> None:
        other = record()
        other["expected_goal"] = "提升绩效 管理水平（初步）。"
        assert differences(record(), other, PROJECT) == []
        other["indicators"][0]["name"] = "购书 数量"
        assert [each["field"] for each in differences(record(), other, PROJECT)] == [
            "indicators[0].name"
        ]

    def test_the_id_of_a_row_is_no_difference(self) -> None:
        other = record()
        other["indicators"][0]["row"] = "another"
        assert differences(record(), other, PROJECT) == []

    def test_a_value_that_only_one_side_has(self) -> None:
        other = record() | {"grade": "优"}
        assert differences(record(), other, PROJECT) == [
            {"field": "grade", "here": None, "there": "优"}
        ]

    def test_a_lost_row_is_named_and_the_rows_after_it_still_match(self) -> None:
        other = record()
        del other["indicators"][1]
        other["indicators"][1]["score"] = "9.00"
        here = differences(record(), other, PROJECT)
        assert [each for each in here if each["there"] is not None] == [
            {"field": "indicators[2].score", "here": "10.00", "there": "9.00"}
        ]
        lost = {each["field"]: each["here"] for each in here if each["there"] is None}
        assert lost == {
            f"indicators[1].{name}": value
            for name, value in record()["indicators"][1].items()
            if name != "row" and value is not None
        }
        there = differences(other, record(), PROJECT)
        assert {each["field"]: each["there"] for each in there if each["here"] is None} == lost

    def test_a_group_more(self) -> None:
        other = record()
        other["groups"] = [{"level1": "产出指标", "weight": "50.00"}]
        assert differences(record(), other, PROJECT) == [
            {"field": "groups[0].level1", "here": None, "there": "产出指标"},
            {"field": "groups[0].weight", "here": None, "there": "50.00"},
        ]

    def test_leaves_keep_the_order_of_the_record(self) -> None:
        paths = list(leaves(record()))
        assert paths[:2] == ["year", "project_name"]
        assert paths == [path for path, _ in PROJECT.paths(3, 0)]


class TestSameAs:
    def test_both_forms_of_a_pair_name_each_other_with_their_differences(self) -> None:
        one = read(PAGE, "a.md") + read(PAGE.replace("图书", "道路"), "other.md")
        two = read(PAGE.replace("90.00\t10.00\t90.00\t9.00", "90.10\t10.00\t90.00\t9.00"), "b.md")
        first, apart, second = same_as(one + two)
        assert apart == []
        assert first == [
            {
                "document": "b.md",
                "sha256": two[0][0].sha256,
                "form": 0,
                "differences": [
                    {"field": "funds.total.executed", "here": "90.00", "there": "90.10"}
                ],
            }
        ]
        assert second == [
            {
                "document": "a.md",
                "sha256": one[0][0].sha256,
                "form": 0,
                "differences": [
                    {"field": "funds.total.executed", "here": "90.10", "there": "90.00"}
                ],
            }
        ]

    def test_twins_without_differences_are_twins(self) -> None:
        first, second = same_as(read(PAGE, "a.md") + read(PAGE + "\n", "b.md"))
        assert [twin["differences"] for twin in first + second] == [[], []]

    def test_a_form_printed_twice_in_one_document_with_another_value(self) -> None:
        forms = read(PAGE + PAGE.replace("99.00", "98.00"))
        assert [form.form.index for _, form in forms] == [0, 1]
        first, second = same_as(forms)
        assert [(twin["document"], twin["form"]) for twin in first] == [("a.md", 1)]
        assert second[0]["differences"] == [
            {"field": "total_score", "here": "98.00", "there": "99.00"}
        ]

    def test_the_same_bytes_in_another_place_are_no_twin(self) -> None:
        assert same_as(read(PAGE, "a.md") + read(PAGE, "copy.md")) == [[], []]

    def test_two_versions_of_one_document_are_no_twins(self) -> None:
        changed = PAGE.replace("99.00", "98.00")
        assert same_as(read(PAGE) + read(changed)) == [[], []]
        assert same_as(read(PAGE) + read(changed, root="elsewhere")) != [[], []]

    def test_three_printings_in_the_order_of_their_paths(self) -> None:
        forms = read(PAGE, "c.md") + read(PAGE + "\n", "a.md") + read(PAGE + "\n\n", "b.md")
        assert [[twin["document"] for twin in twins] for twins in same_as(forms)] == [
            ["a.md", "b.md"],
            ["b.md", "c.md"],
            ["a.md", "c.md"],
        ]

    def test_nothing_has_no_twins(self) -> None:
        assert same_as([]) == []

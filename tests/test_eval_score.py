"""The score calls right what is right, and wrong exactly what is wrong, each in one class."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.comparing import likeness
from eval.matching import Pair, match
from eval.score import OUTCOMES, Score, row_of, score
from extractor.families import family_of
from extractor.families.base import Kind
from tests.shapes import use_profile

use_profile()

FAMILY = family_of("project")
DEPARTMENT = family_of("department")

Row = dict[str, str | None]
Leaves = dict[str, str | None]


def row(name: str | None, **cells: str | None) -> Row:
    """An indicator; what is not given is that of every other one."""
    same: Row = {
        "level1": "产出指标",
        "level2": "数量指标",
        "name": name,
        "target": "=1.00(个)",
        "actual": "1.00(个)",
        "weight": "5.00",
        "score": "5.00",
        "deviation": None,
    }
    return same | cells


def form(*rows: Row, **head: str | None) -> Leaves:
    """Every leaf of a project form with these rows."""
    leaves: Leaves = {path: None for path, _ in FAMILY.paths(len(rows), 0)}
    for index, cells in enumerate(rows):
        leaves |= {f"indicators[{index}].{column}": value for column, value in cells.items()}
    return leaves | head


def groups(*rows: tuple[str | None, str | None]) -> Leaves:
    leaves: Leaves = {path: None for path, _ in DEPARTMENT.paths(0, len(rows))}
    for index, (level1, weight) in enumerate(rows):
        leaves |= {f"groups[{index}].level1": level1, f"groups[{index}].weight": weight}
    return leaves


def off(told: Score) -> dict[str, str]:
    """``{path: outcome}`` of what is not right in the truth's own leaves."""
    return {leaf.path: leaf.outcome for leaf in told.wrong if leaf.outcome != "spurious"}


def surplus(told: Score) -> list[str]:
    return [leaf.path for leaf in told.wrong if leaf.outcome == "spurious"]


class TestLikeness:
    @pytest.mark.parametrize(
        ("kind", "truth", "read"),
        [
            ("amount", "1765.05", "1,765.05"),
            ("amount", "372.29", "372.29万元"),
            ("amount", "0.00", "０.００"),
            ("score", "9.15", "9.150"),
            ("rate", "91.51", "91.51%"),
            ("weight", "10.00", "10"),
            ("year", "2023", "２０２３"),
            ("name", "公开培训(次)", "公开 培训（次）"),
            ("level", "产出指标", "产出 指标"),
            ("target", "≥95.00(%)", ">=95%"),
            ("target", "≥95(百分比)", "≧95.0（%）"),
            ("actual", "12月中旬", "12 月中旬"),
            ("grade", "优", " 优"),
        ],
    )
    def test_an_equal_value_is_a_matter_of_format(self, kind: Kind, truth: str, read: str):
        assert likeness(kind, truth, read) == likeness(kind, read, truth) == "format"
        assert likeness(kind, truth, truth) == "same"

    @pytest.mark.parametrize(
        ("kind", "truth", "read"),
        [
            ("amount", "1765.05", "1765.06"),
            ("amount", "1765.05", "17,65.05"),
            ("amount", "1765.05", "176505"),
            ("score", "9.15", "-9.15"),
            ("score", "9.15", "9.l5"),
            ("score", "0.00", "00.00"),
            ("year", "2023", "2024"),
            ("name", "图书采购", "图书采构"),
            ("level", "产出指标", "产出"),
            ("target", "≥95.00(%)", "=95.00(%)"),
            ("target", "≥95.00(%)", "95.00(%)"),
            ("target", "≥95.00(%)", "≥95.00(人)"),
            ("target", "≥95.00(%)", "≥9.500(%)"),
            ("target", "8月前", "9月前"),
            ("actual", "达成指标", "未达成指标"),
            ("grade", "优", "良"),
            ("unit", "万元", "元"),
        ],
    )
    def test_another_value_is_different_however_alike(self, kind: Kind, truth: str, read: str):
        assert likeness(kind, truth, read) == likeness(kind, read, truth) == "different"

    def test_prose_may_have_one_wrong_character_in_a_hundred(self):
        truth = "完成居民区党群服务站的建设工作" * 20
        assert len(truth) == 300
        assert likeness("prose", truth, "某某某" + truth[3:]) == "same"
        assert likeness("prose", truth, "某某某某" + truth[4:]) == "different"

    def test_prose_may_differ_in_spaces_lines_and_width(self):
        truth = "完成了3次培训，参与(含线上)1,200人。"
        assert likeness("prose", truth, "完成了 ３ 次培训, 参与（含\n线上）1,200 人。") == "same"

    @pytest.mark.parametrize(
        ("truth", "read"),
        [
            ("粉丝数2.5万人", "粉丝数25万人"),
            ("粉丝数2.5万人", "粉丝数2.5人"),
            ("完成率98%", "完成率98"),
            ("开展12次3场", "开展1次23场"),
            ("开展12次3场", "开展12次8场"),
            ("开展12次3场", "开展12次场"),
        ],
    )
    def test_prose_with_a_wrong_number_is_wrong_however_long(self, truth: str, read: str):
        around = "完成居民区党群服务站的建设工作。" * 50
        assert likeness("prose", around + truth, around + read) == "different"

    def test_separators_in_the_numbers_of_prose_are_no_difference(self):
        around = "完成居民区党群服务站的建设工作。" * 50
        assert likeness("prose", f"{around}共4512020.08元", f"{around}共4,512,020.08元") == "same"


class TestOutcomes:
    """A minimal example of each class."""

    @pytest.mark.parametrize(
        ("outcome", "truth", "read"),
        [
            ("correct", "9.15", "9.15"),
            ("correct_blank", None, None),
            ("format_only", "9.15", "9.150"),
            ("wrong", "9.15", "9.16"),
            ("omitted", "9.15", None),
            ("invented", None, "9.15"),
        ],
    )
    def test_one_leaf(self, outcome: str, truth: str | None, read: str | None):
        told = score(FAMILY, {"total_score": truth}, {"total_score": read})
        assert [leaf.outcome for leaf in told.leaves] == [outcome]
        assert bool(told.wrong) == (outcome not in ("correct", "correct_blank", "format_only"))

    def test_a_leaf_that_the_reading_lacks_altogether_is_omitted(self):
        assert off(score(FAMILY, {"grade": "优"}, {})) == {"grade": "omitted"}

    def test_a_value_in_a_row_that_the_page_lacks_is_spurious(self):
        told = score(FAMILY, form(row("甲")), form(row("甲"), row("乙", score=None)))
        assert off(told) == {}
        assert len(surplus(told)) == 6
        assert all(path.startswith("indicators[1].") for path in surplus(told))

    def test_a_value_of_a_leaf_that_the_truth_does_not_know_is_spurious(self):
        told = score(FAMILY, {"year": "2023"}, {"year": "2023", "grade": "优", "total_score": None})
        assert surplus(told) == ["grade"]

    def test_everything_is_spurious_where_the_truth_is_empty(self):
        told = score(FAMILY, {}, form(row("甲"), grade="优"))
        assert {leaf.outcome for leaf in told.leaves} == {"spurious"}
        assert len(told.leaves) == 8

    def test_two_values_exchanged_are_both_misattached(self):
        truth = form(row("甲", score="3.00"), row("乙", score="4.00"))
        told = score(FAMILY, truth, form(row("甲", score="4.00"), row("乙", score="3.00")))
        assert {leaf.path: leaf.belongs for leaf in told.wrong} == {
            "indicators[0].score": "indicators[1].score",
            "indicators[1].score": "indicators[0].score",
        }
        assert set(off(told).values()) == {"misattached"}

    def test_a_value_one_row_too_low_is_misattached_and_lost_where_it_belongs(self):
        truth = form(row("甲", deviation="人手不足"), row("乙"))
        told = score(FAMILY, truth, form(row("甲"), row("乙", deviation="人手不足")))
        assert off(told) == {
            "indicators[0].deviation": "omitted",
            "indicators[1].deviation": "misattached",
        }

    def test_a_value_that_is_right_elsewhere_has_not_gone_astray(self):
        truth = form(row("甲", score="3.00"), row("乙", score="4.00"))
        told = score(FAMILY, truth, form(row("甲", score="4.00"), row("乙", score="4.00")))
        assert off(told) == {"indicators[0].score": "wrong"}

    def test_a_lost_value_goes_astray_only_once(self):
        truth = {"total_score": "97.55", "total_weight": "100.00", "funds.total.score": "9.15"}
        read = {"total_score": None, "total_weight": "97.55", "funds.total.score": "97.55"}
        outcomes = Counter(off(score(FAMILY, truth, read)).values())
        assert outcomes == {"omitted": 1, "misattached": 1, "wrong": 1}

    def test_a_value_astray_belongs_to_its_own_column_first(self):
        funds = {f"funds.{r}.{c}": None for r in ("total", "other") for c in ("score", "executed")}
        truth = funds | {"funds.total.score": "5.00", "funds.total.executed": "5.00"}
        told = score(FAMILY, truth, funds | {"funds.other.executed": "5.00"})
        astray = [leaf for leaf in told.leaves if leaf.outcome == "misattached"]
        assert [leaf.belongs for leaf in astray] == ["funds.total.executed"]

    def test_a_text_is_no_number_gone_astray(self):
        truth = {"project_name": "100", "total_weight": "50"}
        told = score(FAMILY, truth, {"project_name": None, "total_weight": "100"})
        assert off(told) == {"project_name": "omitted", "total_weight": "wrong"}


class TestRows:
    A, B, C = row("甲项工作"), row("乙类活动", score="4.00"), row("丙种服务", weight="7.00")

    def test_rows_in_another_order_cost_nothing(self):
        told = score(FAMILY, form(self.A, self.B, self.C), form(self.C, self.A, self.B))
        assert off(told) == {}
        assert [leaf.read_path for leaf in told.leaves if leaf.path == "indicators[0].name"] == [
            "indicators[1].name"
        ]
        assert told.rows == (3, 3, 3)

    def test_a_dropped_row_costs_its_own_values(self):
        told = score(FAMILY, form(self.A, self.B, self.C), form(self.A, self.C))
        assert Counter(row_of(path) for path in off(told)) == {("indicators", 1): 7}
        assert set(off(told).values()) == {"omitted"}
        assert told.rows == (2, 3, 2)

    def test_a_surplus_row_in_the_middle_costs_itself_and_no_row_of_the_truth(self):
        told = score(FAMILY, form(self.A, self.B), form(self.A, row("另加一项"), self.B))
        assert off(told) == {}
        assert len(surplus(told)) == 7
        assert told.rows == (2, 2, 3)

    def test_a_doubled_row_is_counted_once(self):
        told = score(FAMILY, form(self.A, self.B), form(self.A, self.A, self.B))
        assert off(told) == {}
        assert surplus(told)[0].startswith("indicators[1].")

    def test_of_two_equal_rows_the_one_in_its_place_is_the_row(self):
        told = score(FAMILY, form(self.A, self.B), form(self.B, self.B, self.A))
        assert off(told) == {}
        assert surplus(told)[0].startswith("indicators[0].")

    def test_a_misread_name_is_one_wrong_leaf(self):
        told = score(FAMILY, form(self.A, self.B), form(self.A, self.B | {"name": "乙类话动"}))
        assert off(told) == {"indicators[1].name": "wrong"}
        assert told.rows == (1, 2, 2)

    def test_a_name_misread_as_that_of_another_row_is_one_wrong_leaf(self):
        told = score(FAMILY, form(self.A, self.B), form(self.A, self.B | {"name": "甲项工作"}))
        assert off(told) == {"indicators[1].name": "wrong"}

    def test_a_row_without_its_name_is_told_by_its_other_cells(self):
        read = form(self.A, self.B | {"name": None, "weight": "9.00"}, self.C)
        told = score(FAMILY, form(self.A, self.B, self.C), read)
        assert off(told) == {"indicators[1].name": "omitted", "indicators[1].weight": "wrong"}

    def test_values_under_another_name_are_wrong(self):
        read = form(self.A | {"score": "4.00"}, self.B | {"score": "5.00"})
        assert set(off(score(FAMILY, form(self.A, self.B), read))) == {
            "indicators[0].score",
            "indicators[1].score",
        }

    def test_a_name_decides_against_all_other_cells(self):
        one = row("甲项工作一", target="提升", actual="好", weight="1.00", score="1.00")
        two = row("甲项工作二", target="健全", actual="中", weight="2.00", score="2.00")
        read = form(two | {"name": one["name"]}, one | {"name": two["name"]})
        told = score(FAMILY, form(one, two), read)
        assert len(off(told)) == 8
        assert not any(path.endswith("name") for path in off(told))

    def test_a_row_of_quite_another_name_and_values_is_another_row(self):
        other = row(
            "完全无关", level1="效益指标", level2="社会效益指标", target="提升", actual="好"
        )
        told = score(FAMILY, form(self.A, self.B), form(self.A, other))
        assert set(off(told).values()) == {"omitted"}
        assert len(off(told)) == len(surplus(told)) == 7

    def test_rows_of_one_name_are_told_apart_by_their_cells(self):
        """As in the department form of the sample, which has six names twice."""
        one = row("活动知晓率", level1="产出指标", level2=None)
        two = row("活动知晓率", level1="效益指标", level2="社会效益指标")
        assert not score(FAMILY, form(one, two), form(two, one)).wrong
        told = score(FAMILY, form(one, two), form(two))
        assert {row_of(path) for path in off(told)} == {("indicators", 0)}

    def test_many_rows_of_one_name_in_another_order_cost_nothing(self):
        rows = [row("同一名称", score=f"{n}.00") for n in range(60)]
        mixed = Random(5).sample(rows, len(rows))
        assert not score(FAMILY, form(*rows), form(*mixed)).wrong

    def test_rows_alike_in_everything_keep_their_places(self):
        rows = [row("同一名称") for _ in range(4)]
        told = score(FAMILY, form(*rows), form(*rows))
        assert all(leaf.path == leaf.read_path for leaf in told.leaves)

    def test_two_rows_too_unlike_do_not_break_up_a_pair(self):
        """Agreeing cells of ten: a–x 6, b–y 1, a–y 4, b–x 4; only a–x is a pair."""
        kinds: dict[str, Kind] = {"name": "name", **{f"cell{n}": "level" for n in range(10)}}

        def spelt(text: str) -> Row:
            return {"name": None, **{f"cell{n}": c for n, c in enumerate(text)}}

        truth = [spelt("aaaaaaaaaa"), spelt("bbbbbbbbbb")]
        read = [spelt("aaaaaabbbb"), spelt("aaaabyyyyy")]
        assert match(truth, read, "name", kinds) == [Pair(0, 0), Pair(1, None), Pair(None, 1)]

    def test_two_groups_of_one_level_are_told_apart_by_their_weights(self):
        truth = groups(("产出指标", "30"), ("产出指标", "20"), ("效益指标", "40"))
        read = groups(("效益指标", "40"), ("产出指标", "20"), ("产出指标", "30"))
        assert not score(DEPARTMENT, truth, read).wrong
        told = score(
            DEPARTMENT, truth, groups(("产出指标", "30"), ("产出指标", "25"), ("效益指标", "40"))
        )
        assert off(told) == {"groups[1].weight": "wrong"}

    def test_two_hundred_rows_are_scored_in_seconds(self):
        rng = Random(1)

        def rows(side: str) -> list[Row]:
            return [
                row(
                    f"{side}工作{n}", score=f"{rng.randrange(900)}.00", deviation=side * 40 + str(n)
                )
                for n in range(200)
            ]

        truth, read = form(*rows("甲")), form(*rows("乙"))
        started = time.perf_counter()
        score(FAMILY, truth, read)
        assert time.perf_counter() - started < 20


_CELLS = {
    "level1": st.sampled_from(["产出指标", "效益指标", None]),
    "level2": st.sampled_from(["数量指标", None]),
    "name": st.sampled_from(["甲", "甲乙", "乙丙", None]),
    "target": st.sampled_from(["=1(个)", "≥1(个)", "提升", None]),
    "actual": st.sampled_from(["1(个)", "达成指标", None]),
    "weight": st.sampled_from(["5.00", "5", "x", None]),
    "score": st.sampled_from(["5.00", "4.00", "", None]),
    "deviation": st.sampled_from(["人手不足", None]),
}
_FORMS = st.builds(
    lambda rows, head: form(*rows, **head),
    st.lists(st.fixed_dictionaries(_CELLS), max_size=5),
    st.fixed_dictionaries({"total_score": _CELLS["score"], "grade": st.sampled_from(["优", None])}),
)


@given(_FORMS, _FORMS)
def test_every_leaf_falls_in_exactly_one_class(truth: Leaves, read: Leaves):
    told = score(FAMILY, truth, read)
    ours = [leaf for leaf in told.leaves if leaf.outcome != "spurious"]
    assert [leaf.path for leaf in ours] == list(truth)
    assert all(leaf.outcome in OUTCOMES for leaf in told.leaves)
    assert told.wrong == tuple(leaf for leaf in told.leaves if not leaf.is_right)


@given(_FORMS, _FORMS)
def test_every_value_of_the_reading_is_judged_exactly_once(truth: Leaves, read: Leaves):
    told = score(FAMILY, truth, read)
    judged = Counter(leaf.read_path for leaf in told.leaves if leaf.read is not None)
    assert judged == Counter(path for path, value in read.items() if value is not None)


@given(_FORMS)
def test_the_truth_itself_is_right_and_complete(truth: Leaves):
    told = score(FAMILY, truth, truth)
    assert not told.wrong
    assert told.rows.right == told.rows.truth == told.rows.read


@given(_FORMS, _FORMS)
def test_a_value_astray_is_missing_where_it_belongs_and_claimed_once(truth: Leaves, read: Leaves):
    told = score(FAMILY, truth, read)
    homes = [leaf.belongs for leaf in told.leaves if leaf.outcome == "misattached"]
    assert len(homes) == len(set(homes))
    assert set(homes) <= set(off(told))
    assert all(leaf.belongs is None for leaf in told.leaves if leaf.outcome != "misattached")

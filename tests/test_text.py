"""Folding: what may differ on the page without meaning anything, and what may not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.text import (
    compare_key,
    ends_sentence,
    is_blank,
    is_stamp,
    label_key,
    plain,
    printable,
    prose,
    squeeze,
    tidy,
    tidy_quantity,
    without_stamps,
)
from tests.shapes import use_profile

use_profile()

MIXED = st.text(
    alphabet=st.sampled_from("项目资金 \t\n\u3000（）()：:-—/0123４５.,%％≥＝<p>&amp;“”、。的"),
    max_size=40,
)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("年度资金总额：", "年度资金总额"),
        ("其中: 当年财政拨款", "当年财政拨款"),
        ("年度\u3000总体 目标", "年度总体目标"),
        ("预算数（A）", "预算数"),
        ("执行率(B/A)", "执行率"),
        ("資金來源：（1）財政撥款", "财政拨款"),
        ("（２）其他资金", "其他资金"),
        ("**项目名称**", "项目名称"),
        ("一、项目名称", "项目名称"),
        ("項目名稱", "项目名称"),
        ("主管部門", "主管部门"),
        ("實施單位", "实施单位"),
        ("年初預算數", "年初预算数"),
        ("全年執行數", "全年执行数"),
        ("年度資金總額", "年度资金总额"),
        ("上年結轉資金", "上年结转资金"),
        ("實際完成情況", "实际完成情况"),
        ("年度指標值", "年度指标值"),
        ("偏差原因分析及改進措施", "偏差原因分析及改进措施"),
        ("評分等級", "评分等级"),
        ("權重", "权重"),
    ],
)
def test_labels_that_mean_the_same_share_a_key(one: str, two: str) -> None:
    assert label_key(one) == label_key(two) != ""


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("年初预算数", "全年预算数"),
        ("全年预算数", "全年执行数"),
        ("执行率", "执行数"),
        ("得分", "分值"),
        ("总额", "总分"),
        ("一级指标", "二级指标"),
    ],
)
def test_labels_that_mean_different_things_do_not(one: str, two: str) -> None:
    assert label_key(one) != label_key(two)


@pytest.mark.parametrize("text", ["", "-", "—", "/", "－", "–"])
def test_a_cell_of_nothing_or_a_dash_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["0", "无", "--", "/1", "0.00", "·"])
def test_everything_else_is_not(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("≧ 95", "≥95"), (">=95", "≥95"), ("＞＝95", "≥95"), ("≦5", "≤5"), ("<=5", "≤5"),
        ("＜=5", "≤5"), ("═3", "=3"), ("＝3", "=3"), ("＞3", ">3"), ("＜3", "<3"),
        ("≥３（次）", "≥3(次)"),
    ],
)  # fmt: skip
def test_operators_have_one_spelling(printed: str, value: str) -> None:
    assert tidy_quantity(printed) == value


@pytest.mark.parametrize("text", ["344/1000", " 1/100 ", "-1-", "- 12 -", "— 1 —", "—3—"])
def test_a_stamp_alone_is_a_stamp(text: str) -> None:
    assert is_stamp(text)


@pytest.mark.parametrize(
    "text",
    [
        "1/99", "101/100", "-", "—", "12", "-12", "12-", "1、", "2.", "344/1000人", "344/1000 册",
        "1-2", "2023-01", "",
    ],
)  # fmt: skip
def test_what_is_no_stamp(text: str) -> None:
    assert not is_stamp(text)


def test_a_stamp_goes_and_what_stands_around_it_stays() -> None:
    assert without_stamps("甲 344/1000 乙 -2- 丙") == ("甲 乙 丙", True)
    assert without_stamps("完成 150/300 次") == ("完成 150/300 次", False)


def test_paragraphs_are_joined_by_newlines() -> None:
    assert prose("<p>一。</p>\n<p>二。</p>") == ("一。\n二。", False)
    assert prose("一。<br/>二。") == ("一。\n二。", False)


def test_spaces_go_between_chinese_characters_only() -> None:
    assert prose("文化 活动  15 分钟 A B ， 好")[0] == "文化活动 15 分钟 A B ， 好"


@pytest.mark.parametrize("text", ["好。", "好！", "好？”", "好。）</p>", "<p>好。</p> ", "“好。”"])
def test_a_finished_sentence(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["好", "好，", "好；", "好：", "好.", "", "<p>好</p>"])
def test_an_unfinished_one(text: str) -> None:
    assert not ends_sentence(text)


def test_prose_is_compared_without_spaces_and_width() -> None:
    assert compare_key("prose", "完成（一） 期") == compare_key("prose", "完成(一)期")
    assert compare_key("name", "完成（一）期") != compare_key("name", "完成(一)期")
    assert compare_key("amount", "5.00") != compare_key("amount", "5.0")
    assert compare_key("amount", None) is None


def test_control_characters_cannot_reach_a_terminal() -> None:
    assert printable("a\x1b[31mb\n") == "a\\x1b[31mb\\n"
    assert len(printable("表" * 200)) <= 61


@given(MIXED)
def test_folding_is_idempotent(text: str) -> None:
    """Folding what is folded already changes nothing."""
    for fold in (squeeze, tidy_quantity):
        once = fold(text)
        assert fold(plain(once)) == fold(fold(plain(once)))
    folded, _ = prose(text)
    assert prose(folded.replace("\n", "<br>"))[0] == folded or "&" in text or "<" in text


@given(MIXED)
def test_tidying_keeps_every_character_that_means_something(text: str) -> None:
    """Only spaces, tags, entities and width are lost, in order: values can be found again."""
    kept = unicodedata.normalize("NFKC", squeeze(plain(text)))
    assert unicodedata.normalize("NFKC", tidy(text)) == kept


@given(st.text(max_size=80))
def test_folding_never_crashes(text: str) -> None:
    label_key(text)
    tidy_quantity(text)
    prose(text)
    is_stamp(text)
    ends_sentence(text)
    printable(text)
    assert squeeze(text) == "".join(c for c in squeeze(text) if not c.isspace())

"""Where forms start and end, and what is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.shapes import SHAPES, differences, fixture, only, read, tabs, text_of

SHANGHAI, EXPECTED = fixture("shanghai")
NATIONAL, _ = fixture("national")
DEPARTMENT, _ = fixture("department")
BODY = text_of(SHANGHAI).partition("\n")[2]


@pytest.mark.parametrize(
    "title",
    [
        "财政项目支出绩效自评表",
        "项目支出绩效自评表",
        "# 财政项目支出绩效自评表",
        "## 财政项目支出绩效自评表",
        "《财政项目支出绩效自评表》",
        "**财政项目支出绩效自评表**",
        "附件1：财政项目支出绩效自评表",
        "附件2 项目支出绩效自评表",
        "一、项目支出绩效自评表",
        "（三）项目支出绩效自评表",
        "1. 财政项目支出绩效自评表",
        "2024年度财政项目支出绩效自评表",
        "2024年项目支出绩效自评表",
        "（2024年度）项目支出绩效自评表",
        "某市2024年度项目支出绩效自评表",
        "财政项目支出绩效自评表（2024年度）",
        "财政 项目 支出 绩效 自评表",
        "財政項目支出績效自評表",
        "财政项目支出缋效自评表",
        "财政项目支出绩效自表",
        "财政项目支出绩效自评价表",
        "| 财政项目支出绩效自评表 | | |",
        "\t财政项目支出绩效自评表\t\t",
        "<table><tr><td colspan=8>财政项目支出绩效自评表</td></tr></table>",
    ],
)
def test_a_title_starts_a_form(title: str) -> None:
    """With numbering, marks, a year, spaces, one wrong character, or inside a table row."""
    text = f"{title}\n{BODY}"
    form = only(text)
    assert form.form.family == "project"
    assert differences(EXPECTED, form.record) == {}
    assert form.form.span.start <= text.index(form.form.title or "财")


@pytest.mark.parametrize(
    "title",
    [
        "《部门（单位）整体支出绩效自评表》",
        "部门整体支出绩效自评表",
        "部门(单位)整体支出绩效自评表",
        "2023年度部门整体支出绩效自评表",
        "# 部门（单位）整体支出绩效自评表",
    ],
)
def test_a_department_title(title: str) -> None:
    page, expected = fixture("department")
    form = only(text_of([title, *page[1:]]))
    assert form.form.family == "department"
    assert differences(expected, form.record) == {}


def test_the_span_runs_from_the_title_line_to_the_last_character() -> None:
    text = f"\n\n## 《财政项目支出绩效自评表》\n{BODY}\n\n \n"
    span = only(text).form.span
    assert text[span.start :].startswith("## 《财政")
    assert text[: span.end].rstrip() == text.rstrip()
    assert not text[span.end - 1].isspace()


def test_a_sentence_that_names_a_title_starts_no_form() -> None:
    said = "根据要求，各单位应于3月底前报送财政项目支出绩效自评表，并对结果负责。\n"
    found = read(said + text_of(SHANGHAI))
    assert len(found.forms) == 1
    assert found.titles == 1
    assert found.tail is not None


def test_a_title_with_other_text_in_its_row_starts_no_form() -> None:
    page, expected = fixture("shanghai")
    text = text_of([*page[:-1], ["附", "财政项目支出绩效自评表", "见后"], page[-1]])
    found = read(text)
    assert (found.titles, len(found.forms)) == (1, 1)
    assert found.forms[0].record["grade"] == expected["grade"]


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("项目支出绩效目标表", "target_form"),
        ("项目支出绩效目标申报表", "target_form"),
        ("项目支出绩效目标批复表", "target_form"),
        ("部门整体支出绩效目标表", "target_form"),
        ("2023年度项目支出绩效目标表", "target_form"),
        ("转移支付区域（项目）绩效目标自评表", "transfer_form"),
        ("转移支付区域绩效目标自评表", "transfer_form"),
        ("# 《中央对地方转移支付区域绩效目标自评表》", "transfer_form"),
    ],
)
def test_a_near_miss_is_refused_with_the_reason(title: str, code: str) -> None:
    text = f"{title}\n{BODY}\n{text_of(SHANGHAI)}"
    found = read(text)
    assert [refused.code for refused in found.refused] == [code]
    assert all(found.refused[0].reason[lang] for lang in ("zh", "en"))
    assert text[slice(*found.refused[0].span)].startswith(title)
    assert len(found.forms) == 1
    assert differences(EXPECTED, found.forms[0].record) == {}
    assert (found.titles, found.untitled, found.repeats) == (2, 0, 0)


@pytest.mark.parametrize("shape", sorted(set(SHAPES) - {"tight"}))
def test_several_forms_follow_each_other(shape: str) -> None:
    """Two project forms and a department form in one text, in every shape."""
    pages = [SHANGHAI, NATIONAL, DEPARTMENT]
    text = "\n\n".join(SHAPES[shape](page) for page in pages)
    found = read(text)
    assert [form.form.family for form in found.forms] == ["project", "project", "department"]
    assert [form.form.index for form in found.forms] == [0, 1, 2]
    spans = [form.form.span for form in found.forms]
    assert all(a.end <= b.start for a, b in pairwise(spans))
    for form, name in zip(found.forms, ("shanghai", "national", "department"), strict=True):
        assert differences(fixture(name)[1], form.record) == {}


def test_a_form_printed_twice_is_one_form_with_a_repeat() -> None:
    text = text_of(SHANGHAI) + "\n" + text_of(NATIONAL) + "\n" + text_of(SHANGHAI)
    found = read(text)
    assert len(found.forms) == 2
    assert found.repeats == 1
    (again,) = found.forms[0].repeats
    assert text[slice(*again)] == text_of(SHANGHAI).rstrip()
    assert found.titles + found.untitled == 2 + 1 + 0


def test_a_form_printed_again_with_other_spaces_in_its_prose_is_a_repeat() -> None:
    again = text_of(SHANGHAI).replace("形成覆盖全区的", "形成 覆盖全区的").replace("（", "(")
    found = read(text_of(SHANGHAI) + "\n" + again.replace("）", ")"))
    assert (len(found.forms), found.repeats) == (1, 1)


def test_a_form_that_differs_in_one_number_is_no_repeat() -> None:
    text = text_of(SHANGHAI) + "\n" + text_of(SHANGHAI).replace("96.43", "96.48")
    found = read(text)
    assert (len(found.forms), found.repeats) == (2, 0)


def test_a_form_whose_title_was_lost_starts_at_its_year_line() -> None:
    text = text_of(NATIONAL) + "\n" + BODY.lstrip("\n")
    found = read(text)
    assert (found.titles, found.untitled, len(found.forms)) == (1, 1, 2)
    second = found.forms[1]
    assert second.form.title is None
    assert text[second.form.span.start :].startswith("(2024年度)")
    assert differences(EXPECTED, second.record) == {}


def test_a_form_whose_title_and_year_were_lost_starts_at_its_head_label() -> None:
    text = text_of(NATIONAL) + "\n" + BODY.partition("(2024年度)")[2].lstrip("\n")
    second = read(text).forms[1]
    assert text[second.form.span.start :].startswith("项目名称\t")
    assert differences({**EXPECTED, "year": None}, second.record) == {}
    assert second.entries["year"].needs_review


def test_a_headless_tail_is_listed_and_no_form() -> None:
    tail = "\t\t读者满意率\t≥95.00(%)\t95.00(%)\t3.00\t3.00\t\n总分\t\t\t\t\t100.00\t97.55\t\n"
    text = "\n" + tail + "\n" + text_of(SHANGHAI)
    found = read(text)
    assert len(found.forms) == 1
    assert found.tail is not None
    assert text[slice(*found.tail)] == tail.strip()
    assert differences(EXPECTED, found.forms[0].record) == {}


def test_a_text_without_a_form_has_none() -> None:
    found = read("会议纪要\n\n一、关于预算\n\n| 序号 | 事项 |\n|---|---|\n| 1 | 采购 |\n")
    assert not found.forms
    assert not found.refused
    assert (found.titles, found.untitled) == (0, 0)


@pytest.mark.parametrize(
    "text", ["", "\n\n", " \t ", "\x00", "|", "<td>", "财政项目支出绩效自评表"]
)
def test_texts_with_almost_nothing(text: str) -> None:
    found = read(text)
    assert not found.forms
    assert found.titles + found.untitled == len(found.refused)


def test_a_title_with_nothing_under_it_is_refused() -> None:
    found = read("财政项目支出绩效自评表\n（2024年度）\n\n" + text_of(SHANGHAI))
    assert len(found.forms) == 1
    assert len(found.refused) == 1
    assert found.refused[0].reason["zh"]
    assert (found.titles, found.untitled) == (2, 0)


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_other_newlines_change_nothing(newline: str) -> None:
    text = tabs(SHANGHAI).replace("\n", newline)
    assert differences(EXPECTED, only(text).record) == {}


def test_every_start_is_accounted_for() -> None:
    """Titles and untitled starts = forms + repeats + refused."""
    parts = [
        text_of(SHANGHAI), text_of(DEPARTMENT), "项目支出绩效目标表\n无\n", text_of(SHANGHAI),
        BODY, "财政项目支出绩效自评表\n",
    ]  # fmt: skip
    found = read("\n".join(parts))
    assert found.titles + found.untitled == len(found.forms) + found.repeats + len(found.refused)
    assert (found.titles, found.untitled) == (5, 1)

"""The terminal report and the HTML page as text: nothing lost, nothing let through."""

from __future__ import annotations

import base64
import doctest
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractor.drawings import drawings
from extractor.page import markup, page
from extractor.pipeline import read_document
from extractor.report import document_text, gathering, plain
from extractor.report.gathering import gather, tally
from extractor.report.plain import width_of
from extractor.twins import same_as
from extractor.types import CheckedDocument, Document, Suspect

SAMPLE = Path(__file__).parents[1] / "eval" / "gold" / "documents"
FORM = """财政项目支出绩效自评表
(2023年度)
项目名称|{name}||||||
主管部门|某街道|||实施单位|某中心||
项目资金(万元)||年初预算数|全年预算数|全年执行数|分值|执行率(%)|得分
|年度资金总额|100.00|100.00|90.00|10.00|90.00|9.00
|当年财政拨款|100.00|100.00|90.00|-|90.00|-
|上年结转资金|0.00|0.00|0.00|-|0.00|-
|其他资金|0.00|0.00|0.00|-|0.00|-
年度总体目标|预期目标|||实际完成情况|||
|{goal}|||完成。|||
一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因分析及改进措施
产出指标|数量指标|{row}|≥10(次)|10(次)|50.00|50.00|
效益指标|社会效益指标|居民受益|提升|达成指标|30.00|30.00|{note}
满意度指标|服务对象满意度指标|满意度|≥90(%)|90(%)|10.00|10.00|
总分|||||100.00|{total}|
评分等级|优||||||
""".replace("|", "\t")
USUAL = {"name": "图书经费", "goal": "做好。", "row": "活动场次", "note": "", "total": "99.00"}
HOSTILE = "<script>alert(1)</script> ]]> &amp; & \"' onload=x --> </script><img src=x>"


def form(**changed: str) -> str:
    return FORM.format(**{**USUAL, **changed})


def check(text: str, path: str = "a.tsv") -> CheckedDocument:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return read_document(Document("root", path, text, digest))


def whole_page(documents: Sequence[CheckedDocument], lang: str = "zh") -> str:
    forms = [(checked.document, one) for checked in documents for one in checked.forms]
    return page(documents, same_as(forms), lang)


@pytest.fixture(scope="module")
def sample() -> list[CheckedDocument]:
    return [check(path.read_text("utf-8"), path.name) for path in sorted(SAMPLE.iterdir())]


@pytest.fixture(scope="module")
def sample_page(sample: list[CheckedDocument]) -> str:
    return whole_page(sample)


class Parsed(HTMLParser):
    """The elements of a page with their attributes, and its text outside scripts and styles."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "col", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.said.append(data)

    @property
    def text(self) -> str:
        return "".join(self.said)

    def all(self, name: str, **attributes: str) -> list[dict[str, str | None]]:
        return [
            given
            for tag, given in self.elements
            if tag == name
            and all(value in (given.get(key) or "").split() for key, value in attributes.items())
        ]


@pytest.mark.parametrize("module", [plain, gathering, markup])
def test_the_examples_in_the_docstrings_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


# The terminal


def test_a_report_writes_out_the_sums_that_hold(sample: list[CheckedDocument]) -> None:
    told = document_text(sample[0], "zh", color=False, width=100)
    assert "年初预算数 · 年度资金总额：1,765.05 = 1,765.05 + 0.00 + 0.00" in told
    assert "1,596.51 ÷ 1,744.68" in told
    assert "得分 ≤ 分值：16 行都成立" in told


def test_a_failing_sum_is_drawn_in_a_column(sample: list[CheckedDocument]) -> None:
    """Every broken sum of the department form stands with its total, the printed one, the gap."""
    told = document_text(sample[3], "en", color=False, width=100)
    for implied, printed, off in (
        ("21.00", "30", "+9.00"),
        ("30.00", "25", "−5.00"),
        ("96.00", "100", "+4.00"),
        ("96.00", "97.8", "+1.80"),
    ):
        drawn = rf"─+\n +sum +{implied}\n +═+\n +printed +{printed}\n +off by +{re.escape(off)}\n"
        assert re.search(drawn, told), (implied, printed, off)


def test_a_report_says_what_is_doubtful_and_why() -> None:
    """A total whose last digits are letters, and a cell too many in a row."""
    told = document_text(check(form(total="9O.00", note="多\t余格 77")), "zh", False, 100)
    assert re.search(r"有内容但未能读出 \(1\)\n +\? 总分 +9O\.00", told)
    assert "该行的格数与表不同" in told
    assert "“余格 77” 第 14 行" in told
    assert "“9O.00”不是完整的数" in told


def test_a_report_tells_near_misses_tails_and_repeats() -> None:
    near_miss = "项目支出绩效目标表\n(2023年度)\n项目名称\t某项目\n"
    text = "上一张表的尾巴 12\n\n" + form() + "\n" + form() + "\n" + near_miss
    told = document_text(check(text), "zh", False, 100)
    assert "标题 3 = 表 1 + 重复 1 + 不收 1" in told
    assert "首张表之前的残段：“上一张表的尾巴 12”" in told
    assert "同一张表在第 21 行又印了一次" in told
    assert re.search(r"不收：第 39 行“项目支出绩效目标表”：绩效目标表：只有目标", told)


def test_columns_are_aligned_by_display_width(sample: list[CheckedDocument]) -> None:
    """A Chinese character takes two columns: the amounts end below each other."""
    told = document_text(sample[0], "zh", False, 100).splitlines()
    start = next(i for i, line in enumerate(told) if line.startswith("资金（万元）"))
    ends = [re.search(r".*?,?\d+\.\d\d", line) for line in told[start + 1 : start + 5]]
    assert {width_of(match[0]) for match in ends if match} == {24}
    assert len(ends) == 4


def test_a_document_cannot_drive_the_terminal() -> None:
    """Escape sequences, bells, carriage returns and bidirectional marks are written out."""
    text = form(name="甲\x1b[2J\x07\u202e乙", row="\x1b]0;x\x07活动\u200f", goal="a\x9bb\x08")
    for lang in ("zh", "en"):
        told = document_text(check(text, "a\x1b[31m.tsv"), lang, False, 100)
        assert all(char == "\n" or char.isprintable() for char in told)
        assert "甲\\x1b[2J\\x07\\u202e乙" in told


def test_a_very_long_cell_is_shortened() -> None:
    told = document_text(check(form(row="长" * 50_000, total="9" * 5000)), "zh", False, 80)
    assert len(told) < 12_000
    rows = [line for line in told.splitlines() if line.startswith("长")]
    assert rows
    assert all(width_of(line) <= 80 for line in rows)


def test_colours_are_used_only_when_asked_for(sample: list[CheckedDocument]) -> None:
    plain = document_text(sample[3], "zh", color=False, width=100)
    coloured = document_text(sample[3], "zh", color=True, width=100)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain


def test_the_english_report_speaks_english(sample: list[CheckedDocument]) -> None:
    told = document_text(sample[0], "en", color=False, width=100)
    assert "32 checks hold" in told
    for word in ("相符", "不符", "待核", "年初预算数", "执行率", "第 "):
        assert word not in told


# The page


def test_every_form_and_its_name_is_on_the_page(
    sample: list[CheckedDocument], sample_page: str
) -> None:
    parsed = Parsed(sample_page)
    assert len(parsed.all("article", **{"class": "form"})) == 21
    assert len(parsed.all("section", **{"class": "source"})) == 21
    links = {given.get("href") for given in parsed.all("a")}
    assert {f"#form-{number}" for number in range(1, 22)} <= links
    for one in (one for checked in sample for one in checked.forms):
        name = one.record.get("project_name") or one.record["department_name"]
        assert parsed.text.count(name) >= 2


def test_every_check_that_is_added_up_is_drawn(
    sample: list[CheckedDocument], sample_page: str
) -> None:
    forms = [gather(one) for checked in sample for one in checked.forms]
    parsed = Parsed(sample_page)
    slips = parsed.all("figure", **{"class": "slip"})
    failing = parsed.all("figure", **{"class": "fails"})
    assert len(slips) == sum(len(one.sums) + len(one.broken) for one in forms)
    assert len(failing) == sum(len(one.broken) for one in forms) == 5
    for off in ("+9.00", "−5.00", "+4.00", "+1.80"):
        assert off in parsed.text


def test_no_check_is_forgotten_in_sorting(sample: list[CheckedDocument]) -> None:
    """Each drawing has one place: drawn, counted by row, in a line, failing, told or followed."""
    for one in (one for checked in sample for one in checked.forms):
        sorted_ = gather(one)
        places = (
            sorted_.holding,
            len(sorted_.broken),
            len(sorted_.advice),
            len(sorted_.followed),
            len(sorted_.unsure),
        )
        silent = [d for d in drawings(one) if d.verdict == "cannot_tell" and d.severity == "advice"]
        assert sum(places) + len(silent) == len(drawings(one))


def test_the_table_of_evidence_cross_foots(sample: list[CheckedDocument], sample_page: str) -> None:
    """Its rows and its columns add up to the same total: what the page says of itself is true."""
    ledger = sample_page.partition('<table class="ledger">')[2].partition("</table>")[0]
    rows = re.findall(r"<tr>.*?</tr>", ledger)[1:]
    counts = [
        [int(number.replace(",", "")) for number in re.findall(r">([\d,]+)</td>", row)]
        for row in rows
    ]
    assert len(counts) == 5
    assert all(sum(row[:-1]) == row[-1] for row in counts)
    assert [sum(column) for column in zip(*counts[:-1], strict=True)] == counts[-1]
    whole = tally(gather(one) for checked in sample for one in checked.forms)
    assert counts[-1][-1] == whole.numbers


def test_the_page_asks_nobody_for_anything(sample_page: str) -> None:
    parsed = Parsed(sample_page)
    for _, given in parsed.elements:
        for name in ("src", "href", "action", "srcset", "poster", "data"):
            target = given.get(name)
            assert target is None or target.startswith(("#", "data:image/svg+xml,"))
        assert not any(name.startswith("on") or name == "style" for name in given)
    assert "@import" not in sample_page
    assert "url(" not in sample_page
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", sample_page)


def test_the_policy_allows_the_one_style_and_the_one_script(sample_page: str) -> None:
    policy = next(
        given["content"] or ""
        for given in Parsed(sample_page).all("meta")
        if given.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for name in ("style", "script"):
        held = re.findall(rf"<{name}>(.*?)</{name}>", sample_page, re.DOTALL)
        assert len(held) == 1
        digest = base64.b64encode(hashlib.sha256(held[0].encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("field", ["name", "goal", "row", "note", "total"])
def test_nothing_in_a_document_becomes_markup(field: str) -> None:
    """The same elements stand on the page whatever a cell holds, and its text is shown whole."""
    hostile = Parsed(whole_page([check(form(**{field: HOSTILE}), "<b>&.tsv")]))
    tame = Parsed(whole_page([check(form(**{field: "x" * len(HOSTILE)}), "b.tsv")]))
    for name in ("script", "img", "style", "b", "link"):
        assert len(hostile.all(name)) == len(tame.all(name)), name
    assert all(not name.startswith("on") for _, given in hostile.elements for name in given)
    shown = re.sub(r"\s", "", hostile.text)
    assert "<script>alert(1)</script>]]>&amp;&\"'onload=x" in shown
    assert "<b>&.tsv" in hostile.text


def test_invisible_characters_are_shown_on_the_page() -> None:
    """A right-to-left override would let a document show 1.00 as 00.1."""
    told = whole_page([check(form(name="甲\u202e乙\x1b\x00丙"))])
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", told)
    assert "甲⟨U+202E⟩乙⟨U+001B⟩⟨U+0000⟩丙" in told


def test_the_page_speaks_both_languages_and_opens_in_the_one_asked_for(
    sample: list[CheckedDocument],
) -> None:
    for lang in ("zh", "en"):
        parsed = Parsed(whole_page(sample[3:], lang))
        chosen = [given["id"] for given in parsed.all("input") if "checked" in given]
        assert chosen == [f"lang-{lang}"]
        for word in ("不相符", "checks that fail", "原文", "Source", "待人核", "for a person"):
            assert word in parsed.text


def test_twins_name_each_other_and_are_shown_once_unfolded(sample_page: str) -> None:
    parsed = Parsed(sample_page)
    assert len(parsed.all("p", **{"class": "twin"})) == 14
    assert len(parsed.all("details", **{"class": "fold"})) == 7
    assert "两份读得一样" in parsed.text


def test_a_page_of_nothing_is_a_page() -> None:
    told = Parsed(whole_page([check("没有表的一段话")]))
    assert "1 份文件，" in told.text
    assert "0 个数字，" in told.text


def test_the_sample_page_is_small(sample_page: str) -> None:
    assert len(sample_page.encode()) < 3_000_000


def test_every_value_of_the_record_has_its_cell_in_the_source() -> None:
    """``data-e`` numbers the entries: what the record shows as read stands in a source cell."""
    checked = check(form())
    told = whole_page([checked])
    source, _, record = told.partition('<div class="record">')
    entries = list(checked.forms[0].entries.values())
    for number, entry in enumerate(entries):
        if entry.value is not None:
            linked = re.search(rf'data-e="(?:\d+ )*{number}(?: \d+)*"', source)
            assert linked, entry.path
            assert f'data-e="{number}"' in record, entry.path


def test_marks_tell_what_the_reader_did_to_a_cell() -> None:
    """A row that lost its leading cells, and a page break through a level name and an actual."""
    broken = form(total="99.00").replace(
        "满意度指标\t服务对象满意度指标\t满意度\t≥90(%)\t90(%)\t10.00\t10.00\t\n",
        "满意\t服务\t满意度\t≥90(百分比)\t90(百分\t10.00\t10.00\t\n\n"
        "度指标\t对象满意度指标\t\t\t比)\t\t\t\n",
    )
    assert "度指标\t对象" in broken
    parsed = Parsed(whole_page([check(broken)]))
    assert parsed.all("p", **{"class": "break"})
    assert len(parsed.all("small", **{"class": "down"})) == 3
    assert len(parsed.all("small", **{"class": "up"})) == 3


# What is suspected


def first_form(*faults: tuple[str, str]) -> CheckedDocument:
    """图书综合经费 of the sample, with some of its print changed."""
    text = (SAMPLE / "jiangchuan-2023.md").read_text("utf-8")
    text = text[: text.index("财政项目支出绩效自评表", text.index("评分等级"))]
    for stands, put in faults:
        assert text.count(stands) == 1
        text = text.replace(stands, put)
    return check(text, "a.md")


def said(checked: CheckedDocument, lang: str = "zh") -> str:
    return document_text(checked, lang, color=False, width=100)


def with_finding(checked: CheckedDocument, **changed: Any) -> CheckedDocument:
    """The document with its first finding changed."""
    (one,) = checked.forms
    first, *others = one.findings
    findings = (replace(first, **changed), *others)
    return replace(checked, forms=(replace(one, findings=findings),))


def source_of(told: str) -> Parsed:
    source = told.partition('<section class="source">')[2].partition("</section>")[0]
    return Parsed(source)


STAFF = "| 50.00(人) | 5.00 | 5.00 |"
ONE_DIGIT = (STAFF, "| 50.00(人) | 5.00 | 8.00 |")
"""A score is read as 8.00, above its weight: two checks fail, one cell explains both."""
BUDGET = ("年度资金总额: | 1,765.05", "年度资金总额: | 1,756.05")
"""The initial budget and its only source are told apart by no sum."""
TWO_SCORES = (
    (STAFF, "| 50.00(人) | 5.00 | 3.00 |"),
    ("成指标 | 10.00 | 10.00 |", "成指标 | 10.00 | 1.00 |"),
)
LETTER = (STAFF, "| 50.00(人) | 5.00 | 5.O0 |")
AMOUNT = (
    ("年度资金总额: | 1,765.05 | 1,744.68", "年度资金总额: | 1,765.05 | 1,7?4.68"),
    ("财政拨款 | 1,765.05 | 1,744.68", "财政拨款 | 1,765.05 | 1,7?4.68"),
)
BLANK = (STAFF, "| 50.00(人) | 5.00 | |")


def test_a_suspect_alone_is_named_with_what_it_should_be() -> None:
    told = said(first_form(ONE_DIGIT))
    assert "得分 · 第三方运营服务人员配备量：8.00 → 5.00（一位数字读错），第 22 行" in told
    assert re.search(r"\n  ▸ 第三方运营服务人员配备量 +\+ +8\.00 → 5\.00\n", told)
    assert re.search(r"\n    合计 +100\.55 → 97\.55\n", told)
    assert "改后这 2 式都相符：总分 (R10)、得分 · 第三方运营服务人员配备量 (R12)" in told
    assert "5.00 也印在 分值 · 第三方运营服务人员配备量" in told
    assert "推断：识读有误" in told
    english = said(first_form(ONE_DIGIT), "en")
    assert "8.00 → 5.00 (one digit misread), line 22" in english
    assert "Likely cause: misread." in english


def test_checks_with_one_explanation_are_explained_once() -> None:
    told = said(first_form(ONE_DIGIT))
    assert "不符 2 式" in told
    assert told.count("疑此一格") == told.count("识读有误") == 1
    parsed = Parsed(whole_page([first_form(ONE_DIGIT)]))
    assert len(parsed.all("section", **{"class": "case"})) == 1
    assert len(parsed.all("figure", **{"class": "fails"})) == 2


def test_cases_are_numbered_where_there_are_several() -> None:
    told = said(first_form(ONE_DIGIT, BUDGET))
    assert "▸ 1 以下 2 格之一有误" in told
    assert "▸ 2 疑此一格" in told
    assert "▸ 疑此一格" in said(first_form(ONE_DIGIT))


def test_a_tie_accuses_nobody() -> None:
    told = said(first_form(BUDGET))
    assert "以下 2 格之一有误，算式分辨不出是哪一格" in told
    assert re.search(r"\n  \? 当年财政拨款 +1,765\.05 → 1,756\.05 \?\n", told)
    assert re.search(r"\n  \? 表上 +1,756\.05 → 1,765\.05 \?\n", told)
    assert "推断" not in told
    assert "原因未定" in told
    parsed = Parsed(whole_page([first_form(BUDGET)]))
    assert not parsed.all("tr", **{"class": "named"})
    assert len(parsed.all("tr", **{"class": "either"})) == 2
    assert "或应为" in parsed.text


def test_two_faults_are_named_as_a_pair_and_what_is_less_likely_is_counted() -> None:
    told = said(first_form(*TWO_SCORES), "en")
    assert "these 2 together would, both wrong:" in told
    assert re.search(r"3\.00 → 5\.00 \(one digit misread\), line 22; and score", told)
    assert len(re.findall(r"\n  ▸ \S+ +\+ +\d", told)) == 2
    less = int(re.findall(r"(\d+) less likely explanations", told)[0])
    assert f"… and {less - 2} more" in told


def test_what_an_unreadable_number_should_be_is_a_suggestion() -> None:
    checked = first_form(LETTER)
    told = said(checked)
    assert "印作“5.O0”，未能读出；应为 5.00，由 总分 (R10) 推得" in told
    assert "5.O0  [建议：应为 5.00]" in told
    assert re.search(r"\n  \? 第三方运营服务人员配备量 +\+ +5\.O0 → 5\.00 \?\n", told)
    assert re.search(r"第三方运营服务人员配备量 .* 5\.00 +5\.O0\n", told)
    record = whole_page([checked]).partition('<section class="part rows">')[2]
    number = list(checked.forms[0].entries).index("indicators[2].score")
    cell = re.search(rf'<td class="v n bad" data-e="{number}"[^>]*>(.*?)</td>', record)
    assert cell
    assert re.sub(r"<.*?>", "", cell[1]).startswith("5.O0")
    assert "5.00" not in cell[1]


def test_an_interval_is_told_in_numbers_that_could_be_printed() -> None:
    """With two decimals the least above 1,744.438 is 1,744.44."""
    checked = first_form(*AMOUNT)
    (one,) = checked.forms
    path = "funds.total.annual_budget"
    checks = ["ratio:funds.total.execution_rate"]
    says = {"low": "1744.438374", "high": "1744.819672", "checks": checks}
    entry = one.entries[path]._replace(suggestion=says)
    checked = replace(checked, forms=(replace(one, entries=one.entries | {path: entry}),))
    told = said(checked)
    assert "应在 1,744.44 与 1,744.81 之间，由 执行率 ·" in told
    assert "[建议：应在 1,744.44 与 1,744.81 之间]" in told
    page_ = Parsed(whole_page([checked]))
    assert "should be between 1,744.44 and 1,744.81, by execution rate ·" in page_.text


def test_a_blank_that_follows_from_the_others_is_told_where_nothing_fails() -> None:
    told = said(first_form(BLANK))
    assert "不符" not in told
    assert "空白；应为 5.00，由 总分 (R10) 推得" in told
    parsed = Parsed(whole_page([first_form(BLANK)]))
    assert len(parsed.all("figure", **{"class": "waits"})) == 1
    assert not parsed.all("section", **{"class": "broken"})


def test_no_cell_of_the_department_form_is_accused(
    sample: list[CheckedDocument],
) -> None:
    told = said(sample[3], "en")
    broken = told[told.index("do not hold") : told.index("remark")]
    assert broken.count("No single misread cell explains these 5") == 1
    assert "→" not in broken
    assert broken.index("rows 8–13 repeat rows 14–19") < broken.index("total weight (R9)")
    source = source_of(whole_page(sample[3:]))
    assert not source.all("td", **{"class": "bad"})
    assert not source.all("td", **{"class": "either"})
    assert len(source.all("td", **{"class": "partner"})) > 40


def test_the_source_marks_the_suspect_apart_from_its_partners() -> None:
    """One cell is solid, those of its sums dotted; where its number stands a word says so."""
    told = whole_page([first_form(ONE_DIGIT)])
    source = source_of(told)
    assert len(source.all("td", **{"class": "bad"})) == 1
    assert len(source.all("td", **{"class": "partner"})) == 18
    assert len(source.all("small", **{"class": "stands"})) == 1
    assert "8.00应为 5.00" in source.text
    tied = source_of(whole_page([first_form(BUDGET)]))
    assert not tied.all("td", **{"class": "bad"})
    assert len(tied.all("td", **{"class": "either"})) == 2
    assert not tied.all("small", **{"class": "stands"})


def test_screen_readers_hear_what_is_marked() -> None:
    told = whole_page([first_form(ONE_DIGIT)])
    row = re.search(r'<tr class="named">.*?</tr>', told)
    assert row
    assert (
        '<span class="sr"><span lang="zh">应为</span><span lang="en"> should be </span>' in row[0]
    )
    assert "（疑点）" in Parsed(told).text


def test_long_ties_are_cut_and_counted() -> None:
    checked = first_form(BUDGET)
    many = tuple(
        Suspect(1, ((f"indicators[{row}].score", "1.00"),), ("x",), "digit") for row in range(12)
    )
    told = said(with_finding(checked, suspects=many))
    assert "以下 12 格之一有误" in told
    assert "……另有 6 种" in told
    assert "另有 4 种" in Parsed(whole_page([with_finding(checked, suspects=many)])).text


def test_pairs_that_tie_are_counted_as_the_least_there_are() -> None:
    """Only some of the pairs are told, so their number is no count of what is possible."""
    pairs = tuple(
        Suspect(1, (("total_score", "1.00"), (f"indicators[{row}].score", "1.00")), ("x",), None)
        for row in range(2)
    )
    told = said(with_finding(first_form(BUDGET), suspects=pairs))
    assert "至少 2 种解释同样可能" in told
    assert "；并且 " in told


def test_a_form_that_is_itself_wrong_is_called_so() -> None:
    wrong = with_finding(first_form(("| 97.55 |", "| 98.55 |")), cause="source_defect")
    assert "推断：原表有误" in said(wrong)
    assert "Likely cause: the form itself is wrong." in Parsed(whole_page([wrong])).text


def test_a_clean_form_has_nothing_to_explain() -> None:
    checked = first_form()
    assert "→ 5.00" not in said(checked)
    parsed = Parsed(whole_page([checked]))
    assert not parsed.all("section", **{"class": "case"})
    for name in ("bad", "either", "partner"):
        assert not source_of(whole_page([checked])).all("td", **{"class": name})

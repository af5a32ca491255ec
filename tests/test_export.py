"""What leaves the archive: JSON lines, csv, the workbook, the workpaper of defects."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from extractor import export_workbook
from extractor.acting import act
from extractor.cli import app
from extractor.export import FORMATS, exported, form_json, json_line, once, write
from extractor.export_csv import safe
from extractor.export_heads import heads_of
from extractor.export_workbook import CUT, LONGEST, clean
from extractor.operations import Operation
from extractor.pipeline import CHECK_SET, read_document
from extractor.reviewing import places_of
from extractor.store import Store
from extractor.types import CheckedDocument, CheckedForm, Document, Finding, Span, Suspect
from tests.shapes import GOLD, table

PAGE = table("""
    财政项目支出绩效自评表
    (2023年度)
    项目名称 | 图书经费
    主管部门 | 甲街道 | | | 实施单位 | 乙中心
    项目资金(万元) | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
     | 年度资金总额 | 1,100.00 | 1,100.00 | 990.00 | 10.00 | 90.0 | 9.00
     | 其中:当年财政拨款 | 1,100.00 | 1,100.00 | 990.00 | - | 90.0 | -
     | 上年结转资金 | 0.00 | 0.00 | 0.00 | - | 0.00 | -
     | 其他资金 | 0.00 | 0.00 | 0.00 | - | 0.00 | -
    年度总体目标 | 预期目标 | | | | 实际完成情况
     | 提升绩效管理水平。 | | | | 已经完成。
    一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
    产出指标 | 数量指标 | 购书数量 | =100.00(%) | 100.00(%) | 50.00 | 50.00 |
    效益指标 | 社会效益指标 | 读者增长 | ≥95.00(%) | 95.00(%) | 30.00 | 30.00 |
    满意度指标 | 服务对象满意度指标 | 读者满意度 | ≥95.00(%) | 95.00(%) | 10.00 | 10.00 |
    总分 | | | | | 100.00 | 99.00 |
    评分等级 | 优
""")
"""One form that leaves nothing to review."""

FAULTY = PAGE.replace("99.00", "98.00")


def read(text: str, path: str = "a.md") -> CheckedDocument:
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return read_document(Document("root", path, text, sha256))


def only(text: str) -> tuple[Document, CheckedForm]:
    checked = read(text)
    (form,) = checked.forms
    return checked.document, form


def with_value(checked: CheckedDocument, path: str, value: str) -> CheckedDocument:
    """The document with another value in one leaf of its first form, as a reader would give it."""
    (form, *rest) = checked.forms
    entry = form.entries[path]._replace(value=value)
    target: Any = form.record
    *branches, name = path.replace("]", "").replace("[", ".").split(".")
    for branch in branches:
        target = target[int(branch) if branch.isdigit() else branch]
    target[name] = value
    form = replace(form, entries=form.entries | {path: entry})
    return replace(checked, forms=[form, *rest])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "archive.db") as opened:
        yield opened


def save(store: Store, *documents: CheckedDocument) -> Store:
    batch = store.start_batch("table", CHECK_SET)
    for document in documents:
        store.save(batch, document)
    return store


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The four real documents in an archive."""
    with Store.open(tmp_path_factory.mktemp("sample") / "archive.db") as opened:
        files = sorted((GOLD / "documents").iterdir())
        yield save(
            opened, *(read(file.read_bytes().decode("utf-8-sig"), file.name) for file in files)
        )


def written(store: Store, format_: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    write(store, stream, format_, **options)
    return stream.getvalue()


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    """Cells by sheet; every sheet has a header."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: [list(row) for row in sheet.iter_rows()] for sheet in book}


def column(cells: list[list[Any]], title: str) -> list[Any]:
    position = [cell.value for cell in cells[0]].index(title)
    return [row[position] for row in cells[1:]]


class TestFormJson:
    def test_keys_stand_in_the_order_of_the_contract(self) -> None:
        value = form_json(*only(PAGE), [])
        assert list(value) == [
            "schema_version", "document", "sha256", "form", "family", "span", "state", "reader",
            "check_set", "model", "prompt", "repeats", "same_as", "unread", "record", "entries",
            "findings",
        ]  # fmt: skip
        assert list(value["entries"]["total_score"]) == [
            "value", "raw", "spans", "cell", "standing", "unit", "stratum", "confidence",
            "needs_review", "reasons", "checks",
        ]  # fmt: skip

    def test_says_what_the_form_says(self) -> None:
        document, form = only("前言\n" + PAGE)
        value = json.loads(json_line(document, form, [{"document": "b.md"}]))
        assert value["schema_version"] == 1
        assert (value["document"], value["sha256"]) == ("a.md", document.sha256)
        assert value["span"] == list(form.form.span)
        assert value["same_as"] == [{"document": "b.md"}]
        assert (value["model"], value["prompt"]) == (None, None)
        assert value["record"] == form.record
        assert list(value["entries"]) == list(form.entries)
        for path, entry in form.entries.items():
            shown = value["entries"][path]
            assert shown["value"] == entry.value
            assert shown["cell"] == entry.address
            assert [document.text[a:b] for a, b in shown["spans"]] == shown["raw"]
            assert shown["confidence"] is None
            assert shown["checks"] == {"holds": list(entry.holds), "fails": list(entry.fails)}

    def test_findings_have_their_suspects(self) -> None:
        document, form = only(PAGE)
        suspect = Suspect(1, (("indicators[0].score", "49.00"),), ("sum:x",), "digit")
        finding = Finding(
            "sum:x", "R10", "fails", "error", ("total_score",), "0.50", {"zh": "总", "en": "sum"},
            "undetermined", (suspect,),
        )  # fmt: skip
        form = replace(form, findings=(finding,), unread=(Span(1, 2),), repeats=(Span(3, 4),))
        value = json.loads(json_line(document, form, []))
        assert (value["unread"], value["repeats"]) == ([[1, 2]], [[3, 4]])
        assert value["findings"] == [
            {
                "check": "sum:x", "rule": "R10", "verdict": "fails", "severity": "error",
                "fields": ["total_score"], "residual": "0.50",
                "message": {"zh": "总", "en": "sum"}, "cause": "undetermined",
                "suspects": [
                    {
                        "rank": 1,
                        "changes": [{"field": "indicators[0].score", "value": "49.00"}],
                        "clears": ["sum:x"],
                        "edit": "digit",
                    }
                ],
            }
        ]  # fmt: skip
        assert list(value["findings"][0]) == [
            "check", "rule", "verdict", "severity", "fields", "residual", "message", "cause",
            "suspects",
        ]  # fmt: skip

    def test_a_suggestion_stands_on_an_unread_entry_only(self) -> None:
        document, form = only(PAGE)
        told = {"value": "99.00", "checks": ["sum:indicators[].score"]}
        score = form.entries["total_score"]._replace(suggestion=told)
        unread = score._replace(standing="unread", value=None)
        for entry, suggested in ((score, None), (unread, told)):
            form.entries["total_score"] = entry
            shown = form_json(document, form, [])["entries"]["total_score"]
            assert shown.get("suggestion") == suggested

    def test_a_line_is_utf_8_and_ends(self) -> None:
        line = json_line(*only(PAGE), [])
        assert line.count(b"\n") == 1
        assert line.endswith(b"}\n")
        assert "图书经费" in line.decode("utf-8")

    def test_what_utf_8_cannot_express_is_escaped_and_comes_back(self) -> None:
        document, form = only(PAGE.replace("读者增长", "读者\ud800增长"))
        line = json_line(document, form, [])
        assert json.loads(line)["record"]["indicators"][1]["name"] == "读者\ud800增长"
        line.decode("ascii")


class TestJsonLines:
    def test_all_forms_in_document_order_with_their_twins(self, sample: Store) -> None:
        lines = [json.loads(line) for line in written(sample, "jsonl").splitlines()]
        assert [(line["document"], line["form"]) for line in lines] == [
            (document.path, form.form.index) for document, form in sample.forms()
        ]
        assert len(lines) == 21
        assert sum(len(line["same_as"]) for line in lines) == 14
        for line in lines:
            for twin in line["same_as"]:
                assert {line["document"], twin["document"]} == {
                    "jiangchuan-2023.md",
                    "jiangchuan-2023.tsv",
                }

    def test_settled_leaves_out_what_is_open(self, sample: Store) -> None:
        lines = [json.loads(line) for line in written(sample, "jsonl", settled=True).splitlines()]
        assert {line["state"] for line in lines} == {"clear"}
        assert len(lines) == sum(form.state == "clear" for _, form in sample.forms()) < 21


class TestCountingOnce:
    def test_the_first_by_path_stands_for_its_twins(self, store: Store) -> None:
        save(store, read(PAGE, "b.md"), read(PAGE + "\n", "a.md"), read(FAULTY, "c.md"))
        assert [item.document.path for item in once(exported(store))] == ["a.md"]
        assert {row["same_as"] for row in rows(written(store, "csv"))} == {"b.md#0; c.md#0"}

    def test_a_clear_twin_of_an_open_form_is_settled(self, store: Store) -> None:
        save(store, read(FAULTY, "a.md"), read(PAGE, "b.md"))
        found = [item.document.path for item in once(exported(store, settled=True))]
        assert found == ["b.md"]

    def test_it_agrees_with_stats(self, sample: Store) -> None:
        found = list(once(exported(sample)))
        assert len(found) == sample.stats()["forms"] == 14
        distinct = {(row["document"], row["form"]) for row in rows(written(sample, "csv"))}
        assert len(distinct) == 14
        assert len(sheets(written(sample, "xlsx"))["forms"]) == 15


class TestCsv:
    def test_a_row_for_each_indicator_with_the_form_repeated(self, store: Store) -> None:
        found = rows(written(save(store, read(PAGE)), "csv"))
        assert [row["indicators[].name"] for row in found] == ["购书数量", "读者增长", "读者满意度"]
        assert [row["row"] for row in found] == ["0", "1", "2"]
        for row in found:
            assert (row["document"], row["form"], row["family"]) == ("a.md", "0", "project")
            assert (row["year"], row["project_name"]) == ("2023", "图书经费")
            assert row["funds.total.annual_budget"] == "1100.00"
            assert row["funds.total.execution_rate"] == "90.0"
            assert (row["total_score"], row["grade"]) == ("99.00", "优")
            assert row["expenditure.basic.executed"] == ""
        assert found[0]["indicators[].target"] == "=100.00(%)"
        assert found[0]["indicators[].deviation"] == ""

    def test_every_value_survives_the_round_trip(self, store: Store) -> None:
        nasty = '"引号", 逗号;\r\n换行\r单回车\n\t制表 \' 末尾 '
        checked = with_value(read(PAGE), "indicators[0].deviation", nasty)
        checked = with_value(checked, "indicators[1].deviation", "=1+1")
        checked = with_value(checked, "project_name", "单\r回车")
        found = rows(written(save(store, checked), "csv"))
        assert found[0]["indicators[].deviation"] == nasty
        assert found[1]["indicators[].deviation"] == "=1+1"
        assert found[2]["project_name"] == "单\r回车"
        assert len(found) == 3

    def test_doubtful_fields_are_named_in_their_row(self, store: Store) -> None:
        checked = read(FAULTY)
        found = rows(written(save(store, checked), "csv"))
        doubtful = [entry.path for entry in checked.forms[0].entries.values() if entry.needs_review]
        assert {row["form_to_review"] for row in found} == {str(len(doubtful))}
        assert "score" in found[0]["row_to_review"].split()
        named = sum(len(row["row_to_review"].split()) for row in found)
        assert named == sum(path.startswith("indicators[") for path in doubtful)

    def test_verbatim_has_no_mark_and_safe_has_one(self, store: Store) -> None:
        save(store, read(PAGE))
        plain, guarded = written(store, "csv"), written(store, "csv", excel_safe=True)
        assert plain.startswith(b"document,")
        assert guarded.startswith(b"\xef\xbb\xbfdocument,")
        found = list(csv.DictReader(io.StringIO(guarded.decode("utf-8-sig"), newline="")))
        assert found[0]["indicators[].target"] == "'=100.00(%)"
        assert found[1]["indicators[].target"] == "≥95.00(%)"

    @pytest.mark.parametrize(
        "start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
    )
    def test_excel_safe_disarms_what_excel_would_run(self, start: str) -> None:
        assert safe(f"{start}cmd()") == f"'{start}cmd()"
        assert safe(f"a{start}") == f"a{start}"

    @pytest.mark.parametrize("number", ["-0.50", "+3", "12.00", "-5"])
    def test_excel_safe_leaves_numbers_alone(self, number: str) -> None:
        assert safe(number) == number

    def test_a_lone_surrogate_is_shown_and_does_not_stop_the_export(self, store: Store) -> None:
        save(store, read(PAGE.replace("读者增长", "读者\ud800增长")))
        assert rows(written(store, "csv"))[1]["indicators[].name"] == "读者\\ud800增长"


class TestWorkbook:
    def test_sheets_and_chinese_headings(self, sample: Store) -> None:
        book = sheets(written(sample, "xlsx"))
        assert list(book) == [
            "forms", "funds", "groups", "indicators", "findings", "review", "reviews",
        ]  # fmt: skip
        headings = [cell.value for cell in book["indicators"][0]]
        assert headings[-8:] == [
            "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分",
            "偏差原因分析及改进措施",
        ]  # fmt: skip
        assert "年度资金总额 · 全年预算数" in [cell.value for cell in book["forms"][0]]
        assert "initial budget" in [
            cell.value for cell in sheets(written(sample, "xlsx", lang="en"))["funds"][0]
        ]

    def test_the_header_is_frozen_and_columns_have_widths(self, sample: Store) -> None:
        book = openpyxl.load_workbook(io.BytesIO(written(sample, "xlsx")))
        for sheet in book:
            assert sheet.freeze_panes == "A2"
            assert sheet.auto_filter.ref == sheet.dimensions
            assert all(sheet.column_dimensions[c.column_letter].width >= 6 for c in sheet[1])
            assert all(cell.font.bold for cell in sheet[1])
        goal = next(c for c in book["forms"][1] if c.value == "预期目标")
        assert book["forms"].column_dimensions[goal.column_letter].width == 60

    def test_a_target_such_as_100_percent_is_text_and_no_formula(self, sample: Store) -> None:
        cells = column(sheets(written(sample, "xlsx"))["indicators"], "年度指标值")
        targets = [cell for cell in cells if str(cell.value).startswith("=")]
        assert len(targets) > 20
        assert {cell.data_type for cell in targets} == {"s"}
        assert all(cell.quotePrefix for cell in targets)
        assert not any(
            cell.data_type in "fe"
            for rows_ in sheets(written(sample, "xlsx")).values()
            for row in rows_
            for cell in row
        )

    @pytest.mark.parametrize("value", ["=1+1", "#N/A", "#REF!", "=", "+1", "-1", "@x", "'a", "1"])
    def test_text_stays_text(self, store: Store, value: str) -> None:
        save(store, with_value(read(PAGE), "indicators[0].deviation", value))
        cell = column(sheets(written(store, "xlsx"))["indicators"], "偏差原因分析及改进措施")[0]
        assert (cell.value, cell.data_type) == (value, "s")

    def test_numbers_are_numbers_with_the_decimals_printed(self, store: Store) -> None:
        book = sheets(written(save(store, read(PAGE)), "xlsx"))
        for title, value, format_ in (
            ("全年预算数", 1100, "#,##0.00"),
            ("执行率", 90, "0.0"),
            ("得分", 9, "0.00"),
        ):
            cell = column(book["funds"], title)[0]
            assert (cell.value, cell.data_type, cell.number_format) == (value, "n", format_)
        blank = column(book["funds"], "得分")[1]
        assert blank.value is None
        year = column(book["forms"], "年度")[0]
        assert (year.value, year.data_type) == (2023, "n")

    def test_every_value_of_the_record_is_there(self, sample: Store) -> None:
        """Each leaf of each form that counts stands in its sheet, numbers to the last digit."""
        book = sheets(written(sample, "xlsx"))
        found = iter(book["indicators"][1:])
        for item in once(exported(sample)):
            for row in item.form.record["indicators"]:
                cells = next(found)[-8:]
                expected = [value for name, value in row.items() if name != "row"]
                for cell, value in zip(cells, expected, strict=True):
                    if cell.data_type == "n" and value is not None:
                        places = len(value.partition(".")[2])
                        assert f"{cell.value:.{places}f}" == value
                    else:
                        assert cell.value == value
        assert next(found, None) is None

    def test_more_digits_than_excel_holds_stay_text(self, store: Store) -> None:
        long = "12345678901234567.89"
        save(store, with_value(read(PAGE), "funds.total.executed", long))
        cell = column(sheets(written(store, "xlsx"))["funds"], "全年执行数")[0]
        assert (cell.value, cell.data_type) == (long, "s")

    def test_characters_that_xml_forbids_are_replaced_visibly(self, store: Store) -> None:
        bad = "甲\x00乙\x0b丙\x1f丁\ud800戊\ufffe己\uffff庚\t辛\n壬"
        save(store, with_value(read(PAGE), "indicators[0].deviation", bad))
        cell = column(sheets(written(store, "xlsx"))["indicators"], "偏差原因分析及改进措施")[0]
        assert cell.value == "甲\ufffd乙\ufffd丙\ufffd丁\ufffd戊\ufffd己\ufffd庚\t辛\n壬"

    @pytest.mark.parametrize("letter", ["字", "𠮷"])
    def test_a_cell_too_long_for_excel_is_cut_visibly(self, store: Store, letter: str) -> None:
        save(store, with_value(read(PAGE), "expected_goal", letter * 40000))
        cell = column(sheets(written(store, "xlsx"))["forms"], "预期目标")[0]
        assert cell.value.endswith(CUT)
        assert len(cell.value.encode("utf-16-le")) // 2 in (LONGEST, LONGEST - 1)
        assert clean("字" * LONGEST) == "字" * LONGEST

    def test_more_rows_than_a_sheet_holds_go_on_in_another(
        self, sample: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = sheets(written(sample, "xlsx"))["indicators"]
        monkeypatch.setattr(export_workbook, "MOST_ROWS", 100)
        book = sheets(written(sample, "xlsx"))
        first, second = book["indicators"], book["indicators (2)"]
        assert (len(first), len(first) + len(second) - 1) == (100, len(whole))
        values = [[cell.value for cell in row] for row in first + second[1:]]
        assert values == [[cell.value for cell in row] for row in whole]
        assert [cell.value for cell in second[0]] == [cell.value for cell in whole[0]]

    def test_doubtful_cells_are_coloured_and_stand_in_the_review_sheet(self, store: Store) -> None:
        checked = read(FAULTY.replace("评分等级\t优", "评分等级\t优\t777\t888"))
        form = checked.forms[0]
        book = sheets(written(save(store, checked), "xlsx"))
        total = column(book["forms"], "总分")[0]
        assert (total.value, total.fill.fgColor.rgb) == (98, "00FFF1C2")
        grade = column(book["forms"], "评分等级")[0]
        assert grade.fill.fgColor.rgb != "00FFF1C2"
        doubtful = [entry for entry in form.entries.values() if entry.needs_review]
        assert [cell.value for cell in column(book["review"], "单元格")] == [
            *(entry.address for entry in doubtful),
            *[None] * len(form.unread),
        ]
        raw = [cell.value for cell in column(book["review"], "原文")]
        assert raw[len(doubtful) :] == [checked.document.text[a:b] for a, b in form.unread] != []
        why = column(book["review"], "不成立的等式")[-len(form.unread) - 1].value
        assert "98.00 ≠" in why

    def test_words_of_an_older_version_are_shown_as_they_are(self, store: Store) -> None:
        checked = read(PAGE)
        (form,) = checked.forms
        grade = form.entries["grade"]._replace(
            stratum="guessed", reasons=("odd",), needs_review=True
        )
        form = replace(form, entries=form.entries | {"grade": grade})
        book = sheets(written(save(store, replace(checked, forms=[form])), "xlsx"))
        assert [cell.value for cell in column(book["review"], "依据")] == ["guessed"]
        assert [cell.value for cell in column(book["review"], "备注")] == ["odd"]

    def test_findings_say_what_failed_by_how_much(self, store: Store) -> None:
        book = sheets(written(save(store, read(FAULTY)), "xlsx"))
        position = [cell.value for cell in column(book["findings"], "规则")].index("R10")
        assert column(book["findings"], "差额")[position].value == -1
        assert column(book["findings"], "程度")[position].value == "错误"
        assert "98.00" in column(book["findings"], "说明")[position].value


class TestDefects:
    def test_the_broken_sums_of_the_department_with_their_numbers(self, sample: Store) -> None:
        found = rows(written(sample, "defects"))
        assert [
            (row["表上所印"], row["按算式应为"], row["差额"], row["规则"]) for row in found
        ] == [
            ("100", "96.00", "4.00", "R9"),
            ("97.8", "96.00", "1.80", "R10"),
            ("30", "21.00", "9.00", "R11"),
            ("25", "30.00", "-5.00", "R11"),
            ("两新党员素养提升情况", "", "", "R28"),
        ]
        for row in found:
            assert row["填报单位"] == "上海市闵行区浦锦街道办事处党群服务中心"
            assert row["文件"] == "pujin-2023-department.tsv"
            assert row["原因"].startswith("未定")
            assert row["疑点"].startswith("没有哪一格的一处误读能解释这 5 式")
        assert found[2]["字段"] == "权重 · 投入管理指标"
        assert found[2]["单元格"] == "groups › 投入管理指标 › 权重"
        assert found[2]["算式"] == "3.00 + 3.00 + 3.00 + 3.00 + 3.00 + 3.00 + 3.00 = 21.00 ≠ 30"

    def test_by_issuer_each_form_once_with_its_twins(self, store: Store) -> None:
        other = FAULTY.replace("乙中心", "丙中心")
        save(
            store,
            read(other, "1.md"),
            read(FAULTY, "2.md"),
            read(FAULTY.replace("图书", "道路"), "3.md"),
            read(other + "\n", "4.md"),
        )
        found = rows(written(store, "defects"))
        assert [(row["填报单位"], row["文件"], row["同一张表另见"]) for row in found] == sorted(
            [("乙中心", "2.md", ""), ("乙中心", "3.md", ""), ("丙中心", "1.md", "4.md#0")]
        )

    def test_remarks_and_what_cannot_be_told_are_no_defects(self, store: Store) -> None:
        checked = read(PAGE)
        kinds = (("fails", "advice"), ("cannot_tell", "error"))
        findings = tuple(
            Finding("sum:x", "R1", verdict, severity, ("grade",), None, {"zh": "x", "en": "x"})
            for verdict, severity in kinds
        )
        form = replace(checked.forms[0], findings=findings)
        save(store, replace(checked, forms=[form]))
        assert rows(written(store, "defects")) == []

    def test_a_rate_and_a_score_above_its_weight(self, store: Store) -> None:
        text = PAGE.replace("990.00\t10.00\t90.0", "990.00\t10.00\t80.0")
        text = text.replace("95.00(%)\t30.00\t30.00", "95.00(%)\t30.00\t31.00")
        found = {row["规则"]: row for row in rows(written(save(store, read(text)), "defects"))}
        assert found["R1"]["算式"] == "990.00 ÷ 1,100.00 = 90.000 % ≠ 80.0"
        assert (found["R1"]["表上所印"], found["R1"]["按算式应为"]) == ("80.0", "90.0")
        assert found["R1"]["单元格"] == "funds › 年度资金总额 › 执行率"
        assert found["R1"]["疑点"] == "执行率 · 年度资金总额：80.0 → 90.0（一位数字读错）"
        assert (found["R12"]["字段"], found["R12"]["按算式应为"]) == ("得分 · 读者增长", "30.00")
        assert found["R12"]["算式"] == "31.00 > 30.00"

    def test_a_number_that_is_not_well_formed_is_shown_as_printed(self, store: Store) -> None:
        text = PAGE.replace("100.00(%)\t50.00\t50.00", "100.00(%)\t50.00\t5O.00")
        (row,) = rows(written(save(store, read(text)), "defects"))[:1]
        assert (row["表上所印"], row["按算式应为"]) == ("5O.00", "50.00")
        assert "不是读出的值" in row["疑点"]
        assert row["字段"] == "得分 · 购书数量"

    def test_cells_that_tie_are_listed_and_none_is_taken_for_the_defect(self, store: Store) -> None:
        """The total of the initial budget and its only source: the sum names neither."""
        text = PAGE.replace(
            "年度资金总额 | 1,100.00".replace(" | ", "\t"), "年度资金总额\t1,010.00"
        )
        (row,) = rows(written(save(store, read(text)), "defects"))
        assert row["疑点"] == (
            "以下 2 格之一有误，算式分辨不出是哪一格："
            "年初预算数 · 年度资金总额：1,010.00 → 1,100.00（两位数字互换）；或 "
            "年初预算数 · 当年财政拨款：1,100.00 → 1,010.00（两位数字互换）"
        )
        assert (row["表上所印"], row["按算式应为"]) == ("1010.00", "1100.00")
        book = sheets(written(store, "xlsx"))
        assert column(book["findings"], "疑点")[0].value == row["疑点"]

    def test_a_workbook_where_the_file_is_called_xlsx(self, store: Store, tmp_path: Path) -> None:
        save(store, read(FAULTY))
        book = sheets(written(store, "defects", name="defects.xlsx"))
        assert list(book) == ["defects", "reviews"]
        cell = column(book["defects"], "按算式应为")[0]
        assert (cell.value, cell.number_format) == (99, "0.00")
        with (tmp_path / "defects.xlsx.part").open("wb") as stream:
            write(store, stream, "defects")
        assert (tmp_path / "defects.xlsx.part").read_bytes().startswith(b"PK")
        with (tmp_path / "defects.csv").open("wb") as stream:
            write(store, stream, "defects")
        assert rows((tmp_path / "defects.csv").read_bytes())[0]["按算式应为"] == "99.00"

    def test_excel_safe_holds_for_the_workpaper(self, store: Store) -> None:
        save(store, read(FAULTY.replace("乙中心", "=乙中心")))
        (row,) = csv.DictReader(
            io.StringIO(written(store, "defects", excel_safe=True).decode("utf-8-sig"), newline="")
        )
        assert row["填报单位"] == "'=乙中心"
        assert row["差额"] == "-1.00"


def on(checked: CheckedDocument, n: int, act_: str, path: str, **more: Any) -> Operation:
    """An operation on a field of the first form, as it was read."""
    form = checked.forms[0]
    told: dict[str, Any] = {"id": f"op-{n}", "document": checked.document.sha256, "act": act_}
    told |= {"person": "甲", "clock": n, **places_of(form)[path]._asdict()}
    return Operation(**told | {"against": form.entries[path].raw} | more)


def marked(document: Document, n: int, start: int) -> Operation:
    """Somebody says that a form that nobody read starts there."""
    told: dict[str, Any] = {"form": start, "field": "form_type", "value": "project"}
    return Operation(f"op-{n}", document.sha256, "family", "甲", n, **told)


def do(store: Store, *operations: Operation) -> None:
    assert act(store, operations).refused == {}


class TestHeads:
    """An export says up to which act of the reviewers it is."""

    @pytest.fixture
    def reviewed(self, store: Store) -> Store:
        """Two documents with a wrong total; somebody acted on the first and confirmed it."""
        one, two = read(FAULTY, "a.md"), read(FAULTY.replace("图书", "道路"), "b.md")
        save(store, one, two)
        do(store, on(one, 1, "accept", "grade"), on(one, 2, "defect", "total_score", person="=乙"))
        return store

    def test_a_line_has_the_head_of_its_document_or_no_such_key(self, reviewed: Store) -> None:
        one, two = map(json.loads, written(reviewed, "jsonl").splitlines())
        assert {one["sha256"]: one["head"]} == reviewed.heads()
        assert list(one)[-1] == "head"
        assert "head" not in two

    @pytest.mark.parametrize("format_", ["csv", "defects"])
    def test_the_last_column_of_a_table_is_the_head(self, reviewed: Store, format_: str) -> None:
        ((_, head),) = reviewed.heads().items()
        found = rows(written(reviewed, format_, lang="en"))
        last = list(found[0])[-1]
        assert last == {"csv": "head", "defects": "head of the chain"}[format_]
        assert {(row["document"], row[last]) for row in found} == {("a.md", head), ("b.md", "")}

    @pytest.mark.parametrize("format_", ["xlsx", "defects"])
    def test_a_workbook_lists_what_was_done(self, reviewed: Store, format_: str) -> None:
        ((sha256, head),) = reviewed.heads().items()
        (cells, told, *more) = sheets(written(reviewed, format_, name="a.xlsx"))["reviews"]
        assert [cell.value for cell in cells] == [
            "文件", "文件哈希（SHA-256）", "审核链末端", "操作数", "审核人", "最后操作（UTC）",
            "未决冲突",
        ]  # fmt: skip
        ((at,),) = reviewed.db.conn.execute("SELECT max(received) FROM operations").fetchall()
        assert [cell.value for cell in told] == ["a.md", sha256, head, 2, "甲; =乙", at, 0]
        assert more == []

    def test_a_name_is_no_formula(self, store: Store) -> None:
        checked = read(PAGE)
        do(save(store, checked), on(checked, 1, "accept", "grade", person="=1+1"))
        (cell,) = column(sheets(written(store, "xlsx"))["reviews"], "审核人")
        assert (cell.value, cell.data_type) == ("=1+1", "s")

    def test_conflicts_are_counted(self, store: Store) -> None:
        checked = read(PAGE)
        save(store, checked)
        do(store, *(on(checked, n, "set", "grade", value=v) for n, v in ((1, "优"), (2, "良"))))
        assert len(store.conflicts(checked.document.sha256)) == 2
        (cell,) = column(sheets(written(store, "xlsx"))["reviews"], "未决冲突")
        assert cell.value == 2

    def test_the_audit_knows_the_head_of_every_format(self, reviewed: Store) -> None:
        found = {
            "jsonl": json.loads(written(reviewed, "jsonl").splitlines()[0])["head"],
            "csv": rows(written(reviewed, "csv"))[0]["head"],
            "xlsx": column(sheets(written(reviewed, "xlsx"))["reviews"], "审核链末端")[0].value,
            "defects": rows(written(reviewed, "defects", lang="en"))[0]["head of the chain"],
        }
        for head in found.values():
            told = ["audit", "--db", str(reviewed.path), "--expect", head]
            assert CliRunner().invoke(app, told).exit_code == 0
        cut = found["csv"][:-1] + ("0" if found["csv"][-1] != "0" else "1")
        told = ["audit", "--db", str(reviewed.path), "--expect", cut]
        assert CliRunner().invoke(app, told).exit_code == 1

    def test_what_a_killed_process_left_undrawn_is_drawn_first(self, store: Store) -> None:
        checked = read(FAULTY)
        save(store, checked).append([on(checked, 1, "set", "total_score", value="99.00")])
        assert heads_of(store) == {}, "the forms do not stand as this operation says"
        (line,) = map(json.loads, written(store, "jsonl").splitlines())
        assert (line["record"]["total_score"], line["state"]) == ("99.00", "clear")
        assert {line["sha256"]: line["head"]} == store.heads() == heads_of(store)

    def test_a_form_that_a_person_marked_stands_where_it_begins(self, store: Store) -> None:
        """It has the highest number, and the form that it was in ends before it."""
        lost = PAGE.replace("财政项目支出绩效自评表\n(2023年度)\n项目名称\t图书", "xx\n名\t设备")
        first, last = PAGE.strip("\n") + "\n", PAGE.replace("图书", "道路")
        checked = read(f"{first}{lost}\n{last}")
        assert len(checked.forms) == 2
        save(store, checked)
        start = checked.document.text.index("xx")
        do(store, marked(checked.document, 1, start))
        lines = [json.loads(line) for line in written(store, "jsonl").splitlines()]
        spans = [line["span"] for line in lines]
        assert [line["form"] for line in lines] == [0, 2, 1]
        assert [line["record"]["project_name"] for line in lines] == ["图书经费", None, "道路经费"]
        assert spans[0] == [checked.forms[0].form.span.start, len(first.rstrip())]
        assert spans[1] == [start, start + len(lost.rstrip())]
        assert spans[1][1] < spans[2][0]
        for line in lines:
            for entry in line["entries"].values():
                shown = [checked.document.text[a:b] for a, b in entry["spans"]]
                assert shown == entry["raw"]
        shown = [row["form"] for row in rows(written(store, "csv"))]
        assert list(dict.fromkeys(shown)) == ["0", "2", "1"]


@pytest.mark.parametrize("format_", FORMATS)
def test_an_empty_archive_gives_an_empty_export(store: Store, format_: str) -> None:
    data = written(store, format_)
    if format_ == "xlsx":
        assert {len(cells) for cells in sheets(data).values()} == {1}
    elif format_ == "jsonl":
        assert data == b""
    else:
        assert rows(data) == []


@pytest.mark.parametrize("format_", FORMATS)
def test_an_export_leaves_the_stream_open(store: Store, format_: str) -> None:
    stream = io.BytesIO()
    write(store, stream, format_)
    assert not stream.closed


def test_an_unknown_format_is_an_error(store: Store) -> None:
    with pytest.raises(ValueError, match="'pdf' is none of jsonl, csv, xlsx, defects"):
        write(store, io.BytesIO(), "pdf")

"""Helpers of the core tests: one logical page in several shapes, documents, flat records.

A page is written once as text with tabs between cells; the shapes lay the same cells out as pipes,
HTML or one cell a line. Nothing here is a test.
"""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from hypothesis import settings

from extractor.pipeline import read_document
from extractor.types import CheckedDocument, CheckedForm, Document

settings.register_profile(
    "crossfoot", derandomize=True, database=None, deadline=None, max_examples=60
)


def use_profile() -> None:
    """The same few examples in every run; a module that imports nothing else of this one asks."""
    settings.load_profile("crossfoot")


use_profile()

FIXTURES = Path(__file__).parent / "fixtures"
COLUMN_SETS = sorted(path.stem for path in (FIXTURES / "columns").glob("*.tsv"))
GOLD = Path(__file__).parents[1] / "eval" / "gold"

Line = str | list[str]
"""A plain line, or the cells of a table row."""


def page_of(text: str) -> list[Line]:
    """The rows of a page written with tabs; a line without a tab stays a line."""
    return [line.split("\t") if "\t" in line else line for line in text.splitlines()]


def text_of(page: list[Line]) -> str:
    """The inverse of :func:`page_of`."""
    return "".join(("\t".join(line) if isinstance(line, list) else line) + "\n" for line in page)


def _tables(page: list[Line]) -> Iterator[str | list[list[str]]]:
    table: list[list[str]] = []
    for line in page:
        if isinstance(line, list):
            table.append(line)
            continue
        if table:
            yield table
            table = []
        yield line
    if table:
        yield table


def tabs(page: list[Line]) -> str:
    return text_of(page)


def pipes(page: list[Line]) -> str:
    """A Markdown table, its rule row after the first row."""
    out: list[str] = []
    for part in _tables(page):
        if isinstance(part, str):
            out.append(part)
            continue
        rows = ["| " + " | ".join(row) + " |" for row in part]
        rule = "|" + "---|" * len(part[0])
        out += ["", rows[0], rule, *rows[1:], ""]
    return "\n".join(out) + "\n"


def html(page: list[Line]) -> str:
    """An HTML table inside the text, every cell written out."""
    out: list[str] = []
    for part in _tables(page):
        if isinstance(part, str):
            out.append(part)
            continue
        out.append("<table>")
        out += ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in part]
        out.append("</table>")
    return "\n".join(out) + "\n"


def html_spans(page: list[Line]) -> str:
    """The same with merged cells: blanks right of a cell go into ``colspan`` in the first row of
    a table, blanks below a level cell into ``rowspan``."""
    out: list[str] = []
    for part in _tables(page):
        if isinstance(part, str):
            out.append(part)
        else:
            out += ["<table border=1>", *_merged(part), "</table>"]
    return "\n".join(out) + "\n"


def _merged(table: list[list[str]]) -> Iterator[str]:
    header = next((i for i, row in enumerate(table) if "一级指标" in row), len(table))
    levels: set[int] = set()
    if header < len(table):
        levels = {table[header].index(name) for name in ("一级指标", "二级指标")}
    gone: set[tuple[int, int]] = set()
    for i, row in enumerate(table):
        tags: list[str] = []
        for j, cell in enumerate(row):
            if (i, j) in gone:
                continue
            across = down = 1
            if cell and i < header and all(not c for c in row[j + 1 :]):
                across = len(row) - j
                gone |= {(i, j + k) for k in range(1, across)}
            if cell and i > header and j in levels:
                while i + down < len(table) and not table[i + down][j] and any(table[i + down]):
                    gone.add((i + down, j))
                    down += 1
            span = (f' colspan="{across}"' if across > 1 else "") + (
                f" rowspan={down}" if down > 1 else ""
            )
            tags.append(f"<td{span}>{cell}</td>")
        yield "<tr>" + "".join(tags) + "</tr>"


def lines(page: list[Line]) -> str:
    """One cell a line, a blank line for each blank cell."""
    out: list[str] = []
    for line in page:
        out += line if isinstance(line, list) else [line]
    return "\n".join(out) + "\n"


def tight(page: list[Line]) -> str:
    """One cell a line without the blank ones."""
    return "\n".join(line for line in lines(page).splitlines() if line) + "\n"


SHAPES: Mapping[str, Callable[[list[Line]], str]] = {
    "tabs": tabs,
    "pipes": pipes,
    "html": html,
    "html_spans": html_spans,
    "lines": lines,
    "tight": tight,
}


def document(text: str, path: str = "page.md") -> Document:
    return Document("test", path, text, hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())


def read(text: str) -> CheckedDocument:
    return read_document(document(text))


def only(text: str) -> CheckedForm:
    """The one form of a text."""
    found = read(text)
    assert len(found.forms) == 1, (len(found.forms), found.refused, found.tail)
    return found.forms[0]


def table(text: str) -> str:
    """A page as tests write it: indented, ``|`` between cells, made into tabs of equal width.

    A line with no bar is a plain line. Each run of rows is padded to its widest row.
    """
    page: list[Line] = []
    run: list[list[str]] = []

    def flush() -> None:
        width = max(map(len, run), default=0)
        page.extend(row + [""] * (width - len(row)) for row in run)
        run.clear()

    for line in textwrap.dedent(text).strip("\n").splitlines():
        if "|" in line:
            run.append([cell.strip() for cell in line.split("|")])
        else:
            flush()
            page.append(line)
    flush()
    return text_of(page)


def fixture(name: str) -> tuple[list[Line], dict[str, Any]]:
    """The page of a column set and its expected record."""
    folder = FIXTURES / "columns"
    page = page_of((folder / f"{name}.tsv").read_text("utf-8"))
    return page, json.loads((folder / f"{name}.json").read_text("utf-8"))


def flat(record: Any, prefix: str = "") -> dict[str, Any]:
    """``{"indicators[0].name": …}``; the row ids, which no page prints, are left out."""
    found: dict[str, Any] = {}
    if isinstance(record, dict):
        for key, value in cast(dict[str, Any], record).items():
            if key != "row":
                found |= flat(value, f"{prefix}.{key}" if prefix else key)
        return found
    if isinstance(record, list):
        items = cast(list[Any], record)
        found[f"{prefix}#"] = len(items)
        for index, item in enumerate(items):
            found |= flat(item, f"{prefix}[{index}]")
        return found
    return {prefix: record}


def differences(expected: Any, got: Any) -> dict[str, tuple[Any, Any]]:
    """Leaf → (expected, got) where two records differ; short enough to read in a failure."""
    one, two = flat(expected), flat(got)
    return {
        path: (one.get(path, "no such leaf"), two.get(path, "no such leaf"))
        for path in [*one, *(p for p in two if p not in one)]
        if one.get(path, "no such leaf") != two.get(path, "no such leaf")
    }


def errors(form: CheckedForm) -> list[str]:
    """The check ids of the failing identities."""
    return [finding.check for finding in form.findings if finding.is_error]


def seen(form: CheckedForm, path: str) -> bool:
    """Whether a person is led to a leaf: flagged for review, or named by an error finding."""
    entry = form.entries.get(path)
    return (
        entry is None
        or entry.needs_review
        or any(path in finding.fields for finding in form.findings if finding.is_error)
    )


def misplaced_spans(text: str, form: CheckedForm) -> dict[str, Any]:
    """Entries whose spans do not hold exactly their raw text."""
    return {
        path: (entry.raw, [text[a:b] for a, b in entry.spans])
        for path, entry in form.entries.items()
        if [text[a:b] for a, b in entry.spans] != list(entry.raw)
    }


def lost_digits(text: str, form: CheckedForm) -> str:
    """Digits of a form that no entry and no unread cell accounts for; labels bracket theirs."""
    known: set[int] = set()
    for a, b in (*(span for e in form.entries.values() for span in e.spans), *form.unread):
        known.update(range(a, b))
    for bracket in re.finditer(r"（[^（）\t\n]*）", text):
        known.update(range(*bracket.span()))
    start, end = form.form.span
    return "".join(text[i] for i in range(start, end) if i not in known and text[i].isdigit())


PAGE = table("""
    财政项目支出绩效自评表
    (2023年度)
    项目名称 | 图书经费
    主管部门 | 甲街道 | | | 实施单位 | 乙中心
    项目资金(万元) | | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分
     | 年度资金总额 | 100.00 | 100.00 | 90.00 | 10.00 | 90.00 | 9.00
     | 其中:当年财政拨款 | 100.00 | 100.00 | 90.00 | - | 90.00 | -
     | 上年结转资金 | 0.00 | 0.00 | 0.00 | - | 0.00 | -
     | 其他资金 | 0.00 | 0.00 | 0.00 | - | 0.00 | -
    年度总体目标 | 预期目标 | | | | 实际完成情况
     | 提升绩效管理水平，完成率达到 100%。 | | | | 已经完成。
    一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 偏差原因分析及改进措施
    产出指标 | 数量指标 | 购书数量 | =100.00(%) | 100.00(%) | 50.00 | 50.00 |
    效益指标 | 社会效益指标 | 读者增长 | ≥95.00(%) | 95.00(%) | 30.00 | 30.00 |
    满意度指标 | 服务对象满意度指标 | 读者满意度 | ≥95.00(%) | 95.00(%) | 10.00 | 10.00 |
    总分 | | | | | 100.00 | 99.00 |
    评分等级 | 优
""")
"""A form of one project that adds up."""

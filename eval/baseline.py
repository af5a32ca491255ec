"""What a good engineer would write by hand for exactly the four sample documents.

The yardstick of :mod:`eval.bench`: split the text into forms, parse every number as Decimal (those
of targets and actual values too), evaluate the identities, insert one row and one JSON a form, one
transaction a document. It trusts its pages: it knows no other labels than theirs, keeps no spans
and no reasons, leaves broken level names broken and says nothing of what it did not read.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

_TITLE = re.compile(
    r"^[# 《]*(?:财政项目支出|项目支出|部门（单位）整体支出)绩效自评表》?\s*$", re.M
)
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_QUANTITY = re.compile(r"([≥≤=><]?)(\d[\d,]*(?:\.\d+)?)\((.*)\)")
_YEAR = re.compile(r"\((\d{4}) ?年度\)")
_FUNDS = {
    "年度资金总额": "total",
    "当年财政拨款": "current_year_appropriation",
    "上年结转资金": "carried_over",
    "其他资金": "other",
    "财政拨款": "fiscal_appropriation",
    "基本支出": "basic",
    "项目支出": "project",
}
_COLUMNS = ("initial_budget", "annual_budget", "executed", "weight", "execution_rate", "score")
_HEAD = {
    "项目名称": "project_name",
    "部门（单位）名称": "department_name",
    "主管部门": "supervising_department",
    "实施单位": "implementing_unit",
    "评分等级": "grade",
}
_LEVEL1 = {"产出指标", "效益指标", "满意度指标", "投入管理指标"}
_GOALS = {"预期目标", "年初设定目标"}
_ZERO = Decimal(0)
_HALF = Decimal("0.005")
"""Half a unit of the last digit of a number with two decimals."""

Form = dict[str, Any]


def read(text: str) -> list[Form]:
    """The forms of one document: head, funds, goals, indicators, totals; numbers as Decimal."""
    starts = [match.start() for match in _TITLE.finditer(text)]
    return [_form(text[a:b]) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _form(text: str) -> Form:
    year = _YEAR.search(text)
    form: Form = {
        "year": int(year[1]) if year else None,
        "funds": {},
        "groups": {},
        "indicators": [],
    }
    section = "head"
    levels = ["", ""]
    for line in text.splitlines():
        cells = _cells(line)
        filled = [cell for cell in cells if cell]
        if not filled:
            continue
        first = filled[0].replace(" ", "")
        if first == "一级指标":
            section = "indicators"
        elif section == "indicators" and first != "评分等级":
            _indicator(form, cells, levels)
        elif section == "goals":
            form["goals"] = filled
            section = "head"
        elif any(cell in _GOALS for cell in filled):
            section = "goals"
        elif (row := _row(filled)) is not None:
            form["funds"][row[0]] = row[1]
        else:
            for label, value in pairwise(filled):
                if label in _HEAD:
                    form[_HEAD[label]] = value
    return form


def _cells(line: str) -> list[str]:
    if line.startswith("|"):
        return [cell.strip() for cell in line.strip()[1:-1].split("|")]
    return [cell.strip() for cell in line.split("\t")]


def _number(cell: str) -> Decimal | None:
    return Decimal(cell.replace(",", "")) if _NUMBER.fullmatch(cell) else None


def _row(filled: Sequence[str]) -> tuple[str, dict[str, Decimal | None]] | None:
    """A labelled row of amounts: six of a project, three of a department."""
    label = re.split(r"[:：）]\s*", filled[0].rstrip(":"))[-1]
    values = [_number(cell) for cell in filled[1:]]
    if label not in _FUNDS or len(values) not in (3, 6):
        return None
    names = _COLUMNS if len(values) == 6 else ("annual_budget", "executed", "execution_rate")
    return _FUNDS[label], dict(zip(names, values, strict=True))


def _indicator(form: Form, cells: Sequence[str], levels: list[str]) -> None:
    """A row that ends in weight and score; the total's row has these and no text of its own."""
    numbers = [i for i, cell in enumerate(cells) if _NUMBER.fullmatch(cell)]
    if len(numbers) < 2:
        return
    weight, score = _number(cells[numbers[-2]]), _number(cells[numbers[-1]])
    texts = [cell.replace(" ", "") for cell in cells[: numbers[-2]] if cell]
    if len(texts) < 2:
        form["total_weight"], form["total_score"] = weight, score
        return
    for level in texts[:-3]:
        if level in _LEVEL1:
            levels[0] = level
            if len(numbers) == 3:
                form["groups"][level] = _number(cells[numbers[0]])
        elif level.endswith("指标"):
            levels[1] = level
    name, target, actual = ["", *texts][-3:]
    form["indicators"].append(
        {
            "level1": levels[0],
            "level2": levels[1],
            "name": name,
            "target": target,
            "actual": actual,
            "target_quantity": _quantity(target),
            "actual_quantity": _quantity(actual),
            "weight": weight,
            "score": score,
            "deviation": " ".join(cells[numbers[-1] + 1 :]),
        }
    )


def _quantity(cell: str) -> tuple[str, Decimal, str] | None:
    """``≥95.00(%)`` → operator, number, unit."""
    match = _QUANTITY.fullmatch(cell)
    return (match[1], Decimal(match[2].replace(",", "")), match[3]) if match else None


def failures(form: Mapping[str, Any]) -> list[str]:
    """The identities that a form breaks, tolerant where print asks for it."""
    broken = [f"R1 {name}" for name, row in form["funds"].items() if not _rate_holds(row)]
    broken += [
        f"R12 {row['name']}"
        for row in form["indicators"]
        if not _ZERO <= row["score"] <= row["weight"]
    ]
    for group, weight in form["groups"].items():
        if weight != _total(form, "weight", group):
            broken.append(f"R11 {group}")
    return broken + (_project if "total" in form["funds"] else _department)(form)


def _total(form: Mapping[str, Any], name: str, group: str | None = None) -> Decimal:
    rows = [row[name] for row in form["indicators"] if group in (None, row["level1"])]
    return sum(rows, _ZERO)


def _project(form: Mapping[str, Any]) -> list[str]:
    """R6 and R7 of the funds, R3 and R4 of the budget's score, R9, R10, R22."""
    broken: list[str] = []
    total = form["funds"]["total"]
    sources = [row for name, row in form["funds"].items() if name != "total"]
    for column in ("initial_budget", "annual_budget", "executed"):
        parts = [row[column] for row in sources if row[column]]
        slack = _HALF * (1 + len(parts)) if len(parts) > 1 else _ZERO
        if abs(total[column] - sum(parts, _ZERO)) > slack:
            broken.append(f"R6 {column}")
    for row in sources:
        same = all(row[name] == total[name] for name in ("annual_budget", "executed"))
        if same and row["execution_rate"] != total["execution_rate"]:
            broken.append("R7")
    implied = total["weight"] * min(total["executed"] / total["annual_budget"], Decimal(1))
    if abs(total["score"] - implied) > 3 * _HALF or total["score"] > total["weight"]:
        broken.append("R3")
    if form["total_weight"] != _total(form, "weight") + total["weight"]:
        broken.append("R9")
    if form["total_score"] != _total(form, "score") + total["score"]:
        broken.append("R10")
    if "grade" in form and (form["total_score"] >= 90) != (form["grade"] == "优"):
        broken.append("R22")
    return broken


def _department(form: Mapping[str, Any]) -> list[str]:
    """R8 of the expenditure, R9, R10."""
    broken: list[str] = []
    rows = form["funds"]
    for column in ("annual_budget", "executed"):
        by_source = rows["fiscal_appropriation"][column] + rows["other"][column]
        if by_source != rows["basic"][column] + rows["project"][column]:
            broken.append(f"R8 {column}")
    if form["total_weight"] != _total(form, "weight"):
        broken.append("R9")
    if form["total_score"] != _total(form, "score"):
        broken.append("R10")
    return broken


def _rate_holds(row: Mapping[str, Decimal]) -> bool:
    """Whether the rate lies within what amounts of two decimals allow, ± 0.01."""
    budget, executed = row["annual_budget"], row["executed"]
    if not budget or not executed:
        return not row["execution_rate"]
    low = (executed - _HALF) / (budget + _HALF) * 100 - 2 * _HALF
    high = (executed + _HALF) / (budget - _HALF) * 100 + 2 * _HALF
    return low <= row["execution_rate"] <= high


class Archive:
    """Two tables in one SQLite file, written as the real archive is: WAL, NORMAL."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute(
            "CREATE TABLE forms (id INTEGER PRIMARY KEY, document TEXT, number INTEGER,"
            " year INTEGER, name TEXT, unit TEXT, total_score TEXT, grade TEXT, errors TEXT)"
        )
        self.db.execute("CREATE TABLE records (form INTEGER PRIMARY KEY, record TEXT)")

    def save(self, path: str, forms: Sequence[Form]) -> None:
        """One document in one transaction."""
        self.db.execute("BEGIN IMMEDIATE")
        for number, form in enumerate(forms):
            name = form.get("project_name") or form.get("department_name")
            row = (path, number, form["year"], name, form.get("implementing_unit"))
            last = (str(form["total_score"]), form.get("grade"), ", ".join(failures(form)))
            insert = "INSERT INTO forms VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)"
            made = self.db.execute(insert, row + last).lastrowid
            record = json.dumps(form, ensure_ascii=False, default=str)
            self.db.execute("INSERT INTO records VALUES (?, ?)", (made, record))
        self.db.execute("COMMIT")

    def close(self) -> None:
        self.db.close()

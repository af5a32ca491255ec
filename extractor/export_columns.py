"""What tables are made of: cells, columns, headings, drawn from the families' declarations.

A new family appears in every table by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from extractor.families import FAMILIES, Family, Leaf, family_of
from extractor.twins import issuer
from extractor.types import CheckedForm, Document


class Exported(NamedTuple):
    """A form on its way out, with its twins (``same_as`` of the contract) and the hash of the last
    operation on its document, none where nobody did anything."""

    document: Document
    form: CheckedForm
    same_as: Sequence[Mapping[str, Any]]
    head: str | None = None


class Cell(NamedTuple):
    """A printed value: its text, the kind of its leaf, whether it is a number, and doubtful."""

    text: str | None
    kind: str = ""
    number: bool = False
    flagged: bool = False


class Column(NamedTuple):
    """A heading, a width in characters, and whether long text is shown in several lines."""

    title: str
    width: int = 12
    wrapped: bool = False


Row = Sequence[Cell | str | int | None]


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` by language; ``rows`` of one form, by language."""

    name: str
    columns: Callable[[str], Sequence[Column]]
    rows: Callable[[Exported, str], Iterable[Row]]


_WORDS: Mapping[str, Mapping[str, str]] = {
    "document": {"zh": "文件", "en": "document"},
    "form": {"zh": "表序号（从0起）", "en": "form (from 0)"},
    "year": {"zh": "年度", "en": "year"},
    "project": {"zh": "项目名称", "en": "project"},
    "family": {"zh": "表类", "en": "family"},
    "state": {"zh": "状态", "en": "state"},
    "open": {"zh": "待核", "en": "open"},
    "clear": {"zh": "无疑", "en": "clear"},
    "twins": {"zh": "同一张表另见", "en": "same form in"},
    "issuer": {"zh": "填报单位", "en": "issuer"},
    "to_review": {"zh": "待核字段数", "en": "fields to review"},
    "errors": {"zh": "不成立的等式数", "en": "failing identities"},
    "unclaimed": {"zh": "未认领的单元格", "en": "unclaimed cell"},
    "source": {"zh": "资金行", "en": "row of funds"},
    "number": {"zh": "行号", "en": "row"},
    "rule": {"zh": "规则", "en": "rule"},
    "severity": {"zh": "程度", "en": "severity"},
    "error": {"zh": "错误", "en": "error"},
    "advice": {"zh": "提示", "en": "advice"},
    "verdict": {"zh": "结论", "en": "verdict"},
    "fails": {"zh": "不成立", "en": "fails"},
    "cannot_tell": {"zh": "无法判断", "en": "cannot tell"},
    "message": {"zh": "说明", "en": "message"},
    "residual": {"zh": "差额", "en": "difference"},
    "fields": {"zh": "涉及的单元格", "en": "cells concerned"},
    "cause": {"zh": "原因", "en": "cause"},
    "suspects": {"zh": "疑点", "en": "suspects"},
    "field": {"zh": "字段", "en": "field"},
    "cell": {"zh": "单元格", "en": "cell"},
    "value": {"zh": "读出的值", "en": "value read"},
    "raw": {"zh": "原文", "en": "printed text"},
    "stratum": {"zh": "依据", "en": "evidence"},
    "reasons": {"zh": "备注", "en": "remarks"},
    "failing": {"zh": "不成立的等式", "en": "failing identities"},
    "printed": {"zh": "表上所印", "en": "printed"},
    "implied": {"zh": "按算式应为", "en": "implied"},
    "sum": {"zh": "算式", "en": "the sum"},
    "sha256": {"zh": "文件哈希（SHA-256）", "en": "hash (SHA-256)"},
    "head": {"zh": "审核链末端", "en": "head of the chain"},
    "operations": {"zh": "操作数", "en": "operations"},
    "people": {"zh": "审核人", "en": "reviewers"},
    "last": {"zh": "最后操作（UTC）", "en": "last operation (UTC)"},
    "conflicts": {"zh": "未决冲突", "en": "open conflicts"},
}
_WIDTHS = {"prose": 60, "name": 28, "target": 16, "actual": 16, "level": 16}
_KEY = (("document", 28), ("form", 8), ("year", 8), ("issuer", 28), ("project", 28))
_IN_KEY = frozenset({"year", "project_name", "implementing_unit", "department_name"})


def word(name: str, lang: str) -> str:
    return _WORDS[name][lang]


def twin_names(item: Exported) -> str:
    """The twins of a form as ``document#form``."""
    return "; ".join(f"{twin['document']}#{twin['form']}" for twin in item.same_as)


@cache
def _all_leaves() -> dict[str, tuple[Family, Leaf]]:
    """Every leaf of every family by its template path; of equal paths the first."""
    found: dict[str, tuple[Family, Leaf]] = {}
    for family in FAMILIES:
        for path, leaf in family.leaves.items():
            found.setdefault(path, (family, leaf))
    return found


@cache
def leaves_below(prefix: str) -> dict[str, Leaf]:
    """The leaves right below ``prefix``."""
    return {
        path: leaf
        for path, (_, leaf) in _all_leaves().items()
        if path.startswith(prefix) and "." not in path[len(prefix) :]
    }


@cache
def head_leaves() -> dict[str, Leaf]:
    return {path: leaf for path, leaf in leaves_below("").items() if "[" not in path}


@cache
def matrix_leaves() -> dict[str, Leaf]:
    """The totals of the funds; all rows where a family has no row of totals."""
    found: dict[str, Leaf] = {}
    for family in FAMILIES:
        matrix = family.layout.matrix
        at = f"{matrix.name}.{matrix.main_row}." if matrix.main_row else f"{matrix.name}."
        found |= {path: leaf for path, leaf in family.leaves.items() if path.startswith(at)}
    return found


@cache
def money_leaves() -> dict[str, Leaf]:
    """The columns of the funds by their last name, whatever the family calls the section."""
    found: dict[str, Leaf] = {}
    for family in FAMILIES:
        at = f"{family.layout.matrix.name}."
        for path, leaf in family.leaves.items():
            if path.startswith(at):
                found.setdefault(path.rpartition(".")[2], leaf)
    return found


@cache
def sheet_leaves() -> dict[str, Leaf]:
    """What the sheet of forms shows beside the key: short things, money, prose last."""
    heads = {path: leaf for path, leaf in head_leaves().items() if path not in _IN_KEY}
    short = {path: leaf for path, leaf in heads.items() if leaf.kind != "prose"}
    return short | matrix_leaves() | heads


def path_title(path: str, lang: str) -> str:
    family, leaf = _all_leaves()[path]
    part = family.parts.get(path.rpartition(".")[0])
    title = leaf_title(leaf, lang)
    return f"{getattr(part, lang)} · {title}" if part else title


def leaf_title(leaf: Leaf, lang: str) -> str:
    return leaf.zh if lang == "zh" else leaf.en


def leaf_width(leaf: Leaf) -> int:
    return _WIDTHS.get(leaf.kind, 12)


def named(lang: str, *, wrap: bool = True, **widths: int) -> list[Column]:
    """Columns by the names of their words; with ``wrap`` the widest show several lines."""
    return [Column(word(name, lang), width, wrap and width >= 60) for name, width in widths.items()]


def key_columns(lang: str) -> list[Column]:
    return [Column(word(name, lang), width) for name, width in _KEY]


def key_cells(item: Exported) -> list[str | int | None]:
    """What every row of a sheet begins with, so that each sheet can be filtered alone."""
    record = item.form.record
    year, project = record.get("year"), record.get("project_name")
    return [item.document.path, item.form.form.index, year, issuer(record), project]


def family_in(form: CheckedForm) -> Family:
    return family_of(form.form.family)


def cell_of(form: CheckedForm, path: str) -> Cell:
    """The value of a leaf, empty where this form's family has no such leaf."""
    entry = form.entries.get(path)
    if entry is None:
        return Cell(None)
    leaf = family_in(form).leaf(path)
    number = family_in(form).is_number(path) or leaf.kind in ("year", "count")
    return Cell(entry.value, leaf.kind, number, entry.needs_review)


def address_of(form: CheckedForm, path: str) -> str:
    entry = form.entries.get(path)
    return (entry and entry.address) or path


def flagged(form: CheckedForm) -> int:
    return sum(entry.needs_review for entry in form.entries.values())

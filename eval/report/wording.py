"""What figures, outcomes, fields, layouts and damages are called, and how a share is written."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from eval.results import Estimate, Run
from eval.score import Outcome
from extractor.families import FAMILIES, family_of
from extractor.families.base import Field
from extractor.page.markup import Words, visible


class Metric(NamedTuple):
    """A figure's name in both languages; ``is_error`` where less is better.

    ``digits`` are the decimals of its percentage.
    """

    zh: str
    en: str
    is_error: bool = False
    digits: int = 2


METRICS: Mapping[str, Metric] = {
    "exact_all": Metric("全部字段正确", "all leaves exact"),
    "exact_money": Metric("金额正确", "money exact"),
    "exact_numbers": Metric("数字正确", "numbers exact"),
    "row_f1": Metric("指标行 F1", "indicator rows, F1"),
    "form_exact": Metric("整表全对", "forms exact"),
    "silent_all": Metric("全部字段", "all leaves", True, 3),
    "silent_numbers": Metric("数字", "numbers", True, 3),
    "silent_money": Metric("金额", "money", True, 3),
    "flagged": Metric("送人核的字段", "fields flagged for a person", True),
    "prose_cer": Metric("文字错字率", "characters wrong in prose (CER)", True),
    "fields_untouched": Metric("无需人手的字段", "fields that need nobody"),
    "forms_untouched": Metric("无需人手的表", "forms that need nobody"),
    "noticed": Metric("错数中被等式察觉的", "wrong numbers that a sum notices"),
    "anls": Metric("ANLS*", "ANLS*"),
    "donut": Metric("Donut F1", "Donut F1"),
}

SILENT = ("silent_all", "silent_numbers", "silent_money")
ANCHORS = ("anls", "donut")
WHY_NOT: Words = {
    "zh": "只作参照，不作依据：十二个金额全部错行，Donut F1 仍是 1.0000；总额读错，"
    "ANLS* 仍给 0.993。",
    "en": "Anchors only; they do not steer. With all twelve amounts on the wrong rows Donut F1 is "
    "still 1.0000, and ANLS* gives a wrong grand total 0.993.",
}

OUTCOMES: Mapping[Outcome, Words] = {
    "correct": {"zh": "正确", "en": "correct"},
    "correct_blank": {"zh": "空白，正确", "en": "rightly blank"},
    "format_only": {"zh": "写法不同", "en": "written differently"},
    "wrong": {"zh": "读错", "en": "wrong"},
    "misattached": {"zh": "张冠李戴", "en": "misattached"},
    "omitted": {"zh": "漏读", "en": "omitted"},
    "invented": {"zh": "无中生有", "en": "invented"},
    "spurious": {"zh": "多出的行", "en": "spurious"},
}
ERRORS: tuple[Outcome, ...] = ("wrong", "misattached", "omitted", "invented", "spurious")

FIELDS: Mapping[Field, Words] = {
    "money": {"zh": "金额", "en": "money"},
    "points": {"zh": "分值与比率", "en": "points and rates"},
    "categories": {"zh": "年度、单位、级别", "en": "years, units, levels"},
    "names": {"zh": "名称", "en": "names"},
    "quantities": {"zh": "指标值与完成值", "en": "targets and actuals"},
    "prose": {"zh": "文字", "en": "prose"},
}

LAYOUTS: Mapping[str, Words] = {
    "pipes": {"zh": "竖线表", "en": "pipe table"},
    "tabs": {"zh": "制表符", "en": "tabs"},
    "lines": {"zh": "一格一行", "en": "one cell a line"},
    "tight": {"zh": "一格一行，无空格", "en": "one cell a line, no blanks"},
    "html": {"zh": "HTML 表", "en": "HTML table"},
    "html_spans": {"zh": "HTML 合并格", "en": "HTML, merged cells"},
    "flat": {"zh": "压成一行", "en": "one flattened line"},
    "columns": {"zh": "按列排出", "en": "column by column"},
}

_DAMAGES: Mapping[str, str] = {
    "split_labels": "标签拆成数格",
    "page_break": "表内换页",
    "lost_leading_cells": "行首缺格",
    "extra_columns": "多出空列",
    "missing_columns": "缺空列",
    "moved_funds_row": "资金行右移",
    "crowded_values": "数值挤在一格",
    "centred_levels": "级别居中",
    "dropped_levels": "级别缺失",
    "replaced_block": "整块被替换",
    "off_header": "数与表头错列",
    "late_header": "表头在数据之后",
    "trailing_pipes": "行尾空格",
    "paragraphs": "段落标记",
    "foreign_tail": "前有他表之尾",
    "stamps": "页码戳",
    "stamped_numbers": "数中有戳",
    "dropped_digit": "首位数字脱落",
    "run_together": "数字连写",
    "separators": "千分位不一",
    "percent_signs": "百分号不一",
    "operators": "≥ 读成他字",
    "look_alikes": "形近字",
    "traditional": "繁体",
    "widths": "全半角混用",
    "stray_and": "夹杂 and",
    "wrapped_units": "单位折行",
    "doubled_words": "词语重复",
    "template_text": "未填的模板字",
    "filled_rows": "整行 — 或 /",
    "mixed": "多种并存",
}


def damage_words(name: str) -> Words:
    """What a damage is called, its grade included: ``stamps/2``."""
    kind, slash, grade = name.rpartition("/")
    if not slash or not grade.isdecimal():
        kind, slash, grade = name, "", ""
    words = plain_words(kind)
    return {
        "zh": _DAMAGES.get(kind, words["zh"]) + slash + grade,
        "en": words["en"] + slash + grade,
    }


def layout_words(name: str) -> Words:
    """What a layout is called; its own name where it has no other."""
    return LAYOUTS.get(name) or plain_words(name)


_LONGEST_NAME = 60


def cut(said: str, most: int) -> str:
    """At most so many characters, and an ellipsis where there were more."""
    return said if len(said) <= most else said[:most] + "…"


def plain_words(name: str) -> Words:
    """A name of the code as words: ``page_break`` → ``page break``, the same in both languages."""
    spoken = visible(cut(name, _LONGEST_NAME).replace("_", " ")) or "–"
    return {"zh": spoken, "en": spoken}


_SECTIONS = (("groups[].", "分组", "groups"), ("expenditure.", "部门", "department"))
"""Sections whose leaves are called like those of another section."""


def field_words(name: str) -> Words:
    """What a leaf template (``indicators[].score``) or class of fields is called."""
    if name in FIELDS:
        return next(words for field, words in FIELDS.items() if field == name)
    for family in FAMILIES:
        leaf = family.leaves.get(name)
        if leaf is not None:
            part = family.parts.get(name.rpartition(".")[0])
            row = {"zh": f" · {part.zh}", "en": f" · {part.en}"} if part else {"zh": "", "en": ""}
            for section, zh, en in _SECTIONS:
                if name.startswith(section):
                    row = {"zh": f"{row['zh']}（{zh}）", "en": f"{row['en']} ({en})"}
            return {"zh": leaf.zh + row["zh"], "en": leaf.en + row["en"]}
    return plain_words(name)


def path_words(family: str, path: str, row: str | None = None) -> Words:
    """A leaf in words: ``得分 · 完成及时率``, or ``得分 · 第 4 行`` where its row has no name; the
    path itself where the family does not know it."""
    try:
        known = family_of(family)
        if row is None or "[" not in path:
            return known.labels(path)
        leaf = known.leaf(path)
    except (KeyError, ValueError):
        return plain_words(path)
    return {"zh": f"{leaf.zh} · {cut(row, 40)}", "en": f"{leaf.en} · {cut(row, 40)}"}


def percent(value: float | None, metric: Metric | None = None) -> str:
    """A share in percent, rounded to the worse side: 100 means all, 0 means none.

    >>> percent(0.99996), percent(1.0), percent(None)
    ('99.99', '100', '–')
    >>> percent(0.000004, METRICS["silent_all"]), percent(0.0, METRICS["silent_all"])
    ('0.001', '0')
    """
    if value is None:
        return "–"
    exact = Decimal(repr(value)) * 100
    if exact in (0, 100):
        return str(int(exact))
    is_error = metric is not None and metric.is_error
    digits = metric.digits if metric else 2
    step = Decimal(1).scaleb(-digits)
    return str(exact.quantize(step, ROUND_CEILING if is_error else ROUND_FLOOR))


def interval(estimate: Estimate, metric: Metric) -> str:
    """``99.71 – 99.95``, from resampling; nothing where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{percent(estimate.low, metric)} – {percent(estimate.high, metric)}"


FEWEST_FAMILIES = 5
"""Document families below which an interval from resampling them means little."""


def about_intervals(run: Run) -> Words:
    """Where the intervals come from, and what they are worth."""
    count = run.families
    zh = f"区间：对 {count:,} 个文件族重抽样所得，95 %。"
    en = "1 document family" if count == 1 else f"{count:,} document families"
    en = f"Intervals: 95 %, from resampling {en}."
    if count < FEWEST_FAMILIES:
        zh += f"族数不足 {FEWEST_FAMILIES}，区间意义不大。"
        en += f" With fewer than {FEWEST_FAMILIES} families an interval means little."
    return {"zh": zh, "en": en}


def of_generated(run: Run) -> Words:
    """What every heading over figures says of where they come from."""
    if not run.generated:
        return {"zh": "", "en": ""}
    return {"zh": "生成的表", "en": "generated forms"}

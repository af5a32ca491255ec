"""How well errors are told from right values, in words and small tables: by what can be accepted,
by the probability, and by where the doubts come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from eval.detection_report import ABLATED_AT
from eval.fitting import FEWEST, FOLDS
from eval.report.wording import METRICS, percent
from eval.results import Ablated, Covered, Detection, Run
from extractor.page.markup import Words
from extractor.signals import Source

_WRONG = METRICS["silent_all"]
_NOTHING: Words = {"zh": "–", "en": "–"}

_SOURCES: Mapping[Source, Words] = {
    "arithmetic": {"zh": "等式", "en": "sums"},
    "policies": {"zh": "规定", "en": "rules of the regulation"},
    "grounding": {"zh": "所在位置", "en": "place on the page"},
    "readers": {"zh": "第二次读取", "en": "a second reader"},
    "damage": {"zh": "页面损坏", "en": "damage of the page"},
    "format": {"zh": "写法", "en": "way of printing"},
    "standing": {"zh": "未读出或缺失", "en": "unread or missing"},
}

TITLE: Words = {"zh": "错的认不认得出", "en": "Errors told from right values"}
_WHAT: Words = {
    "zh": "每个字段按其疑点得出一个“读错的概率”，再与页上的真值对照：错的是否排在对的前面。"
    "权重一律从别的文件族学来。",
    "en": "From the doubts about it every field gets a probability of being wrong, which is then "
    "held against the page: do wrong fields stand out from right ones? The weights always come "
    "from other document families.",
}
_MADE: Words = {
    "zh": "以下数字出自生成的表，不是真实文件。",
    "en": "These figures come from generated forms, not from documents that somebody filed.",
}


class Table(NamedTuple):
    """A small table: what it tells, its column heads, and rows whose first cell is a name."""

    title: Words
    head: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]


def lead(run: Run, found: Detection) -> Iterator[Words]:
    """What is measured, in plain words, then of how many fields, and what came out."""
    yield _WHAT
    if run.generated:
        yield _MADE
    counts = f"{found.errors:,}", f"{found.fields:,}", f"{found.families:,}"
    if found.auroc is None:
        yield {
            "zh": f"{counts[1]} 个值中 {counts[0]} 个错：太少，测不出错的认不认得出"
            f"（至少要 {FEWEST} 个错，出自 {FOLDS} 个文件族；这里共 {counts[2]} 族）。",
            "en": f"{counts[0]} wrong values among {counts[1]}: too few to measure how well errors "
            f"are told from right values (it takes {FEWEST}, in {FOLDS} document families; there "
            f"are {counts[2]}).",
        }
    else:
        yield {
            "zh": f"{counts[2]} 个文件族的 {counts[1]} 个字段，其中 {counts[0]} 个错。"
            f"错的排在对的前面的机会（AUROC）：全部字段 {rank(found.auroc)}，"
            f"有值的字段 {rank(found.auroc_values)}（瞎猜为 0.5）；"
            f"概率与结果的均方差（Brier）{distance(found.brier)}。",
            "en": f"{counts[1]} fields of {counts[2]} document families, {counts[0]} of them "
            f"wrong. A wrong field is rated above a right one with a chance (AUROC) of "
            f"{rank(found.auroc)}, of fields with a value {rank(found.auroc_values)}; guessing "
            f"gives 0.5. Mean squared error of the probability (Brier): {distance(found.brier)}.",
        }
    if found.lost:
        yield {
            "zh": f"另有 {found.lost:,} 个值所在的行没有读出，无从起疑，不计在内。",
            "en": f"Not among them are {found.lost:,} values of rows that were not read at all, "
            "about which nothing raises a doubt.",
        }


def tables(found: Detection) -> Iterator[Table]:
    """Coverage, reliability and ablation; none of them without figures."""
    if found.auroc is None:
        return
    yield _coverage(found)
    yield _reliability(found)
    yield _ablation(found)


def _coverage(found: Detection) -> Table:
    return Table(
        {
            "zh": "保证错误率（九成五把握）下可直接采用的份额，%",
            "en": "What can be accepted at a guaranteed share wrong (95 % confidence), %",
        },
        (
            {"zh": "保证错误率", "en": "at most wrong"},
            {"zh": "全部字段", "en": "all fields"},
            *_BESIDE,
            {"zh": "有值的", "en": "with a value"},
            *_BESIDE,
        ),
        tuple(
            (_same(_limit(one.limit)), *_accepted(one), *_accepted(two))
            for one, two in zip(found.coverage, found.coverage_values, strict=True)
        ),
    )


_BESIDE: tuple[Words, Words] = (
    {"zh": "其中错", "en": "of these wrong"},
    {"zh": "上界", "en": "bound"},
)


def _reliability(found: Detection) -> Table:
    return Table(
        {"zh": "概率说的与实际错的，%", "en": "Probability of being wrong, and what was, %"},
        (
            {"zh": "概率", "en": "probability"},
            {"zh": "字段", "en": "fields"},
            {"zh": "预期错", "en": "expected wrong"},
            {"zh": "实际错", "en": "were wrong"},
        ),
        tuple(
            (
                _same(f"{100 * one.low:g} – {100 * one.high:g}"),
                _same(f"{one.fields:,}"),
                _same(percent(one.expected, _WRONG)),
                _same(percent(one.wrong, _WRONG)),
            )
            for one in found.reliability
        ),
    )


def _ablation(found: Detection) -> Table:
    limit = _limit(ABLATED_AT)
    head = (
        {"zh": "去掉", "en": "left out"},
        {"zh": "AUROC，全部字段", "en": "AUROC, all fields"},
        {"zh": "AUROC，有值的", "en": "AUROC, with a value"},
        {"zh": f"错 ≤ {limit} 可采用，%", "en": f"accepted at ≤ {limit} wrong, %"},
    )
    covered = next((one.share for one in found.coverage if one.limit == ABLATED_AT), 0.0)
    whole = Ablated(auroc=found.auroc, auroc_values=found.auroc_values, coverage=covered)
    rows: list[tuple[Words, ...]] = [
        (name, _same(rank(one.auroc)), _same(rank(one.auroc_values)), _same(percent(one.coverage)))
        for name, one in (
            ({"zh": "无", "en": "nothing"}, whole),
            *((_SOURCES[source], one) for source, one in found.ablation.items()),
        )
    ]
    return Table(
        {"zh": "去掉一类疑点后", "en": "With the doubts of one source left out"},
        head,
        tuple(rows),
    )


def _accepted(one: Covered) -> tuple[Words, Words, Words]:
    """Share, wrong ones and bound."""
    if one.bound is None:
        return _same("0"), _NOTHING, _NOTHING
    bound = f"≤ {percent(one.bound, _WRONG)}"
    return _same(percent(one.share)), _same(percent(one.wrong, _WRONG)), _same(bound)


def figures(found: Detection) -> Sequence[tuple[str, str]]:
    """Name and value of the figures by which two runs are told apart, in English."""
    told = [
        ("AUROC, all fields", rank(found.auroc)),
        ("AUROC, fields with a value", rank(found.auroc_values)),
        ("Brier", distance(found.brier)),
    ]
    for name, covered in (("", found.coverage), (" with a value", found.coverage_values)):
        told += [
            (f"fields{name} accepted at ≤ {_limit(one.limit)} wrong", f"{percent(one.share)} %")
            for one in covered
        ]
    return told


def rank(value: float | None) -> str:
    """A chance with four decimals, rounded down."""
    return _rounded(value, "0.0001", ROUND_FLOOR)


def distance(value: float | None) -> str:
    """A squared error with five decimals, rounded up."""
    return _rounded(value, "0.00001", ROUND_CEILING)


def _rounded(value: float | None, step: str, how: str) -> str:
    return "–" if value is None else str(Decimal(repr(value)).quantize(Decimal(step), how))


def _limit(limit: float) -> str:
    return f"{100 * limit:g} %"


def _same(said: str) -> Words:
    return {"zh": said, "en": said}

"""The figures of the checks as one HTML page: headline shares, the kill matrix, what stays unseen.

The same dress as the report of a run; it asks the network for nothing and needs no script. The
kill matrix is a table with shaded cells, so that what is seen can be read out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from eval.prove_located import Share
from eval.report.plots import Axis, scale, stack, whisker, zoom
from eval.report.shell import shell
from extractor.coverage import Artefact, Kills, Measured, Tie, covers
from extractor.coverage_lines import KINDS, field_label, full_label, percent, rules_of
from extractor.families import Family, family_of
from extractor.page.markup import Words, both, classes, tag, text, words

_BRAND = {"zh": "核对：看见什么，指向谁", "en": "the checks: what they see, whom they name"}
_FOOT = {
    "zh": "份额一律向不利的一边取舍：100 是全部。区间（95 %）由整表重抽得出。本页自成一体。",
    "en": "Shares are rounded to the worse side: 100 means all of them. Intervals (95 %) come from "
    "drawing whole forms again. The page is complete in itself and asks the network for nothing.",
}
_ONE: Mapping[str, Words] = {
    "noticed": {"zh": "察觉", "en": "noticed"},
    "top": {"zh": "其中：真格在首位", "en": "of these: the true cell among the first"},
    "alone": {"zh": "非结构性并列者：独指一格", "en": "of those that are no tie: one cell named"},
    "right": {"zh": "其中：正是错的那一格", "en": "of these: it is the true cell"},
    "exact": {"zh": "其中：给出的正是原值", "en": "of these: the value printed is proposed"},
}
_TWO: Mapping[str, Words] = {
    "noticed": {"zh": "察觉", "en": "noticed"},
    "both": {"zh": "其中：两格都在首位", "en": "of these: both cells among the first"},
    "wrong_single": {"zh": "独指一个没错的格", "en": "a cell that is right is named as the one"},
}
_GROUPS: Mapping[str, Words] = {
    "sample_one": {"zh": "一处错误 · 样本", "en": "One fault · the sample"},
    "sample_two": {"zh": "两处错误 · 样本", "en": "Two faults · the sample"},
    "generated_one": {"zh": "一处错误 · 生成的项目表", "en": "One fault · generated projects"},
    "generated_two": {"zh": "两处错误 · 生成的项目表", "en": "Two faults · generated projects"},
    "department_one": {
        "zh": "一处错误 · 生成的部门表", "en": "One fault · generated departments",
    },
}  # fmt: skip
_STEPS = (0.0, 0.01, 0.05, 0.2, 0.5)
"""Shares missed from which a cell of the matrix is a step stronger."""
_KEY: Sequence[Words] = (
    {"zh": "全部", "en": "all"},
    {"zh": "缺至 1 %", "en": "up to 1 % missed"},
    {"zh": "至 5 %", "en": "up to 5 %"},
    {"zh": "至 20 %", "en": "up to 20 %"},
    {"zh": "至 50 %", "en": "up to 50 %"},
    {"zh": "过半", "en": "more"},
)


class Proof(NamedTuple):
    """What was measured, for drawing; ``swapped`` is noticed and tried, by column."""

    artefact: Artefact
    shares: Mapping[str, Sequence[Share]]
    swapped: Mapping[str, tuple[int, int]]
    is_slice: bool
    seed: int


def page(proof: Proof, lang: str = "zh") -> str:
    """The page as one string of HTML; ``lang`` is the language it opens in."""
    body = _lede(proof) + _figures(proof)
    for name, measured in proof.artefact.families.items():
        body += _matrix(family_of(name), measured)
    body += _swapped(proof.swapped)
    return shell(
        "Crossfoot · the checks", _BRAND, body, _FOOT, lang, styles=("report.css", "kills.css")
    )


def _lede(proof: Proof) -> str:
    every = proof.artefact.families["project"].all()
    parts = [
        (f"每次一处，{every.n:,} 处错误：", f"{every.n:,} faults, one at a time:"),
        (f"察觉 {percent(every.noticed, every.n)} %，",
         f"{percent(every.noticed, every.n)} % noticed,"),
        (f"独指真格 {percent(every.alone, every.n)} %，",
         f"{percent(every.alone, every.n)} % down to the one cell,"),
        (f"给出原值 {percent(every.exact, every.n)} %。",
         f"{percent(every.exact, every.n)} % with the value that was printed."),
    ]  # fmt: skip
    title = tag("h1", "".join(tag("span", both(*part), class_="phrase") for part in parts))
    forms = proof.artefact.families["project"].forms
    second = both(
        f"样本中 {forms} 张不同的项目表，表上每一个数。",
        f"In every printed number of the {forms} distinct project forms of the sample.",
    )
    made = f"check set {proof.artefact.check_set} · seed {proof.seed}"
    inner = title + tag("p", second, class_="second") + tag("p", text(made), class_="made")
    if proof.is_slice:
        said = both("只测了一部分（--slice）。", "Only a seeded part was measured (--slice).")
        inner += tag("p", said, class_="generated")
    return tag("div", inner, class_="lede")


# Figures


def _figures(proof: Proof) -> str:
    heads = (("项", "figure"), ("%", "%"), ("95 % 区间", "95% interval"), ("计数", "counted"))
    row = "".join(tag("th", both(*head), scope="col") for head in heads) + tag("td")
    body = tag("thead", tag("tr", row), class_="sr")
    for name, shares in proof.shares.items():
        right = [one for one in shares if not one.is_error]
        wrong = [one for one in shares if one.is_error]
        body += _block(_GROUPS[name], right) + (_block(None, wrong) if wrong else "")
    inner = tag("h2", both("各项数字", "Figures")) + tag("table", body, class_="figures")
    return tag("section", inner, class_="headline", id="figures")


def _block(title: Words | None, shares: Sequence[Share]) -> str:
    known = [share for share in shares if share.of]
    low_end = title is None
    axis = zoom((end for share in known for end in _ends(share)), low_end)
    rows = ""
    if title is not None:
        rows = tag("tr", tag("th", words(title), colspan=5, scope="rowgroup"), class_="title")
    rows += "".join(_row(share, axis) for share in known)
    rows += tag("tr", tag("td", "", colspan=4) + tag("td", scale(axis)), class_="axis")
    return tag("tbody", rows)


def _ends(share: Share) -> tuple[float | None, ...]:
    return share.hits / share.of, share.low, share.high


def _row(share: Share, axis: Axis) -> str:
    value, name = share.hits / share.of, share.name.partition("_")[2]
    number, _, key = name.partition("_")
    cells = tag("th", words((_ONE if number == "one" else _TWO)[key]) + _aim(share), scope="row")
    cells += tag("td", _worse(value, share.is_error), class_="n big")
    interval = ""
    if share.low is not None and share.high is not None:
        ends = (_worse(end, share.is_error) for end in (share.low, share.high))
        interval = " – ".join(ends)
    cells += tag("td", interval, class_="n soft")
    cells += tag("td", f"{share.hits:,} / {share.of:,}", class_="n soft")
    marks = whisker(axis, value, share.low, share.high)
    return tag("tr", cells + tag("td", marks, class_="mark"))


def _worse(share: float, is_error: bool) -> str:
    """A share in percent with two decimals, rounded to the worse side; 100 and 0 without."""
    rounding = ROUND_CEILING if is_error else ROUND_FLOOR
    told = (100 * Decimal(repr(share))).quantize(Decimal("0.01"), rounding)
    return f"{told:.0f}" if share in (0, 1) else f"{told}"


def _aim(share: Share) -> str:
    """What is asked of a share, and whether it is missed."""
    if share.aim is None:
        return ""
    value = 100 * share.hits / share.of
    missed = value > share.aim if share.is_error else value < share.aim
    sign = "≤" if share.is_error else "≥"
    said = both(f"（要求 {sign} {share.aim:g}）", f" (asked: {sign} {share.aim:g})")
    if missed:
        said += both("未达到", " missed")
    return tag("small", said, class_=classes("aim", missed and "missed"))


# The kill matrix


def _matrix(family: Family, measured: Measured) -> str:
    origin = ""
    if measured.basis == "generated":
        said = both("程序生成的表", "generated forms")
        origin = " " + tag("small", said, class_="origin")
    named = both(f"察觉与定位：{family.title['zh']}", f"Kill matrix: {family.title['en']}")
    heading = tag("h2", named + origin)
    n = measured.all().n
    lead = both(
        f"{n:,} 处错误，{measured.forms} 张表。各栏为占该字段该类错误的 %；颜色越重，漏掉的越多。",
        f"{n:,} faults in {measured.forms} forms. Shares of the faults of that kind in that field, "
        "%; the stronger the shade, the more is missed.",
    )
    key = "".join(
        tag("span", tag("i", "", class_=f"k{step}") + words(said)) for step, said in enumerate(_KEY)
    )
    table = tag("table", _heads(measured) + _rows(family, measured), class_="kills")
    inner = heading + tag("p", lead, class_="note") + tag("p", key, class_="key")
    inner += tag("div", table, class_="wide", tabindex=0) + _ties(family, measured.ties)
    return tag("section", inner, class_="heat", id=f"kills-{family.name}")


def _heads(measured: Measured) -> str:
    kinds = measured.kinds
    gap = tag("td", "", class_="gap")
    groups = (
        both("察觉", "Noticed"), both("独指真格", "The true cell named alone"),
        both("全部错误", "All kinds"),
    )  # fmt: skip
    spans = (len(kinds), len(kinds), 4)
    first = tag("td") + tag("td")
    for said, span in zip(groups, spans, strict=True):
        first += gap + tag("th", said, colspan=span, scope="colgroup", class_="group")
    names = "".join(tag("th", words(KINDS[kind]), scope="col") for kind in kinds)
    rest = "".join(
        tag("th", both(*said), scope="col")
        for said in (("察觉", "noticed"), ("独指", "alone"), ("并列", "tie"), ("原值", "exact"))
    )
    rules = tag("th", both("恒等关系", "identities"), scope="col", class_="group")
    count = tag("td")
    second = count + rules + gap + names + gap + names + gap + rest
    return tag("thead", tag("tr", first) + tag("tr", second))


def _rows(family: Family, measured: Measured) -> str:
    rows, before = "", ""
    for cover in covers(family):
        if cover.path not in measured.kills:
            continue
        branch = cover.path.rpartition(".")[0]
        if branch and branch != before:
            part = family.parts.get(branch)
            said = both(part.zh, part.en) if part else text(branch)
            rows += tag("tr", tag("th", said, scope="rowgroup"), class_="part")
        before = branch
        both_labels = both(*(field_label(family, cover.path, lang) for lang in ("zh", "en")))
        cells = tag("th", both_labels, scope="row", class_="in" if branch else None)
        cells += tag("td", text(rules_of(cover)), class_="rules")
        rows += tag("tr", cells + _cells(measured, cover.path))
    last = tag("th", both("全部", "all"), scope="row") + tag("td") + _cells(measured, None)
    return tag("tbody", rows + tag("tr", last, class_="sum"))


def _cells(measured: Measured, path: str | None) -> str:
    def of(kind: str | None) -> Kills:
        return measured.all(kind) if path is None else measured.of(path, kind)

    gap, every = tag("td", "", class_="gap"), of(None)
    counts = [of(kind) for kind in measured.kinds]
    noticed = "".join(_shade(one.noticed, one.n) for one in counts)
    alone = "".join(_shade(one.alone, one.n) for one in counts)
    shares = _shade(every.noticed, every.n) + _shade(every.alone, every.n)
    shares += "".join(tag("td", percent(one, every.n), class_="n") for one in every[3:])
    return gap + noticed + gap + alone + gap + shares


def _shade(part: int, whole: int) -> str:
    if not whole:
        return tag("td", "–", class_="n none")
    step = sum((whole - part) / whole > least for least in _STEPS)
    title = f"{part:,} / {whole:,}"
    return tag("td", percent(part, whole), class_=f"n h h{step}", title=title)


def _ties(family: Family, ties: Sequence[Tie]) -> str:
    if not ties:
        return ""
    summary = both(
        f"结构性并列（{len(ties)} 对）：由同样的等式核对，表上无从分辨",
        f"Structural ties ({len(ties)}): fields that the same equalities judge; nothing on the "
        "page tells them apart",
    )
    rows = "".join(tag("tr", "".join(_tie(family, tie))) for tie in ties)
    table = tag("div", tag("table", rows, class_="ties"), class_="wide", tabindex=0)
    return tag("details", tag("summary", summary) + table)


def _tie(family: Family, tie: Tie) -> Iterator[str]:
    for path in tie[:2]:
        yield tag("td", both(full_label(family, path, "zh"), full_label(family, path, "en")))
    yield tag("td", f"{tie.faults:,}", class_="n soft")


# Exchanged in the page


def _swapped(found: Mapping[str, tuple[int, int]]) -> str:
    axis = zoom([0.0, 1.0])
    rows = ""
    for column, (seen, tried) in found.items():
        cells = tag("th", words(_column(column)), scope="row") + tag(
            "td", f"{seen} / {tried}", class_="n"
        )
        bar = stack(axis, [("yes", seen / tried), ("no", 1 - seen / tried)])
        rows += tag("tr", cells + tag("td", bar, class_="bar"))
    heading = tag("h2", both("表上互换的相邻数字", "Neighbouring numbers exchanged in the page"))
    lead = both(
        "算术能察觉多少：和不因次序而变，比率与界限才看得见。读取时的互换另由行名列名拦住。",
        "What arithmetic sees of them: a sum does not mind the order, rates and bounds do. What a "
        "reader exchanges is caught by labels instead.",
    )
    inner = heading + tag("p", lead, class_="note") + tag("table", rows, class_="seen")
    return tag("section", inner, id="swapped")


def _column(name: str) -> Words:
    """``funds executed`` as the family calls it."""
    section, _, leaf = name.partition(" ")
    family = family_of("project")
    path = next(p for p in family.leaves if p.startswith(section) and p.endswith(f".{leaf}"))
    where = {"funds": ("资金", "funds")}.get(section, ("指标", "indicators"))
    zh, en = (field_label(family, path, lang) for lang in ("zh", "en"))
    return {"zh": f"{zh}（{where[0]}）", "en": f"{en} ({where[1]})"}

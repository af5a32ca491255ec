"""The head of the report: what was found in one sentence, then every figure with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eval.report.plots import Axis, scale, whisker, zoom
from eval.report.shares import errors, in_all, judged, outcomes
from eval.report.wording import (
    ANCHORS,
    FEWEST_FAMILIES,
    METRICS,
    SILENT,
    WHY_NOT,
    Metric,
    about_intervals,
    interval,
    percent,
)
from eval.results import Estimate, Run
from extractor.page.markup import Words, both, classes, tag, text, words

_BLOCKS: Sequence[tuple[Words, tuple[str, ...]]] = (
    (
        {"zh": "读对的", "en": "Read right"},
        ("exact_money", "exact_numbers", "exact_all", "row_f1"),
    ),
    ({"zh": "静默错误：读错而无人得知", "en": "Silent errors: wrong, and nobody is told"}, SILENT),
    ({"zh": "留给人的", "en": "Left to people"}, ("flagged", "prose_cer")),
    (
        {"zh": "整表与察觉", "en": "Whole forms, and what sums notice"},
        ("form_exact", "forms_untouched", "fields_untouched", "noticed"),
    ),
    ({"zh": "参照", "en": "Anchors"}, ANCHORS),
)


def lede(run: Run) -> str:
    """The sentence that sums the run up, and what it was made of."""
    counts = in_all(outcomes(run).values())
    forms, leaves, wrong = len(run.forms), judged(counts), errors(counts)
    silent = sum(sum(form.silent.values()) for form in run.forms)
    kind = ("生成的表", "generated forms") if run.generated else ("表", "forms")
    money = percent(_value(run, "exact_money"))
    parts = [
        (f"{forms:,} 张{kind[0]}，", f"{forms:,} {kind[1]},"),
        (f"{leaves:,} 个字段：", f"{leaves:,} fields:"),
        (f"金额 {money}% 正确，", f"{money}% of the money exact,"),
        _silent_words(silent),
    ]
    title = tag("h1", "".join(tag("span", both(*part), class_="phrase") for part in parts))
    second = _second(run, wrong, silent)
    return tag("div", title + second + _made(run), class_="lede")


def _silent_words(silent: int) -> tuple[str, str]:
    if not silent:
        return "没有静默错误。", "no silent error."
    return f"{silent:,} 处静默错误。", f"{silent:,} silent {'error' if silent == 1 else 'errors'}."


def _value(run: Run, name: str) -> float | None:
    estimate = run.metrics.get(name)
    return estimate.value if estimate else None


def _second(run: Run, wrong: int, silent: int) -> str:
    numbers = run.metrics.get("silent_numbers", Estimate(value=None))
    bound = percent(numbers.bound, METRICS["silent_numbers"])
    every = both("每个字段都对。", "Every field is right.")
    said = both(
        f"错 {wrong:,} 处，其中 {wrong - silent:,} 处已送人核。",
        f"{wrong:,} errors, of which {wrong - silent:,} are flagged for a person.",
    )
    said = said if wrong else every
    if numbers.bound is not None:
        said += both(
            f"数字的静默错误率：九成五把握不超过 {bound}%。",
            f" Silent errors in numbers: at most {bound}%, with 95% confidence.",
        )
    return tag("p", said, class_=classes("second", "bad" if silent else ""))


def _made(run: Run) -> str:
    """Name, reader, versions: what it takes to make the run again."""
    seed = both(f"种子 {run.seed}", f"seed {run.seed}") if run.seed is not None else ""
    parts = [
        text(run.name), both(f"读取器 {run.reader}", f"reader {run.reader}"),
        both(f"核对规则 {run.check_set}", f"check set {run.check_set}"), seed,
        text(f"crossfoot {run.crossfoot}"), text(f"Python {run.python}"),
        both(f"{run.seconds:.1f} 秒", f"{run.seconds:.1f} s"),
    ]  # fmt: skip
    made = tag("p", " · ".join(filter(None, parts)), class_="made")
    if not run.generated:
        return made
    warning = both(
        "这里的数字都出自程序生成的表，不是真实文件。",
        "Every figure here comes from generated forms, not from documents that somebody filed.",
    )
    return tag("p", warning, class_="generated") + made


def headline(run: Run, heading: Callable[[str, str], str]) -> str:
    """Every figure as number, interval and mark, in blocks that share an axis."""
    shown = [(title, _known(run, names)) for title, names in _BLOCKS]
    body = "".join(_block(title, names, run) for title, names in shown if names)
    few = "few" if run.families < FEWEST_FAMILIES else ""
    foot = tag("p", words(about_intervals(run)), class_=classes("note", few))
    if any(run.metrics[name].bound is not None for name in _known(run, SILENT)):
        bound = both(
            "竖闸是单侧 95 % 的精确上界（Clopper–Pearson）。",
            "The gate is the exact one-sided 95% bound (Clopper–Pearson).",
        )
        foot += tag("p", bound, class_="note")
    table = tag("table", _head() + body, class_="figures")
    return tag(
        "section", heading("各项数字", "Figures") + table + foot, class_="headline", id="figures"
    )


def _known(run: Run, names: Sequence[str]) -> list[str]:
    """The figures that the run has."""
    return [name for name in names if name in run.metrics and run.metrics[name].value is not None]


def _head() -> str:
    labels = (("项", "figure"), ("%", "%"), ("95 % 区间", "95% interval"), ("计数", "counted"))
    cells = "".join(tag("th", both(*label), scope="col") for label in labels)
    cells += tag("td")
    return tag("thead", tag("tr", cells), class_="sr")


def _block(title: Words, names: Sequence[str], run: Run) -> str:
    low_end = all(METRICS[name].is_error for name in names)
    axis = zoom((share for name in names for share in _shares(run.metrics[name])), low_end)
    rows = tag("tr", tag("th", words(title), colspan=5, scope="rowgroup"), class_="title")
    rows += "".join(_row(METRICS[name], run.metrics[name], axis) for name in names)
    note = tag("small", words(WHY_NOT)) if names[0] in ANCHORS else ""
    rows += tag("tr", tag("td", note, colspan=4) + tag("td", scale(axis)), class_="axis")
    return tag("tbody", rows)


def _shares(estimate: Estimate) -> tuple[float | None, ...]:
    return estimate.value, estimate.low, estimate.high, estimate.bound


def _row(metric: Metric, estimate: Estimate, axis: Axis) -> str:
    assert estimate.value is not None
    cells = tag("th", both(metric.zh, metric.en), scope="row")
    bad = metric in (METRICS[name] for name in SILENT) and estimate.value > 0
    cells += tag(
        "td", percent(estimate.value, metric), class_=classes("n big", "bad" if bad else "")
    )
    cells += tag("td", _range(metric, estimate), class_="n soft")
    cells += tag("td", _counted(estimate), class_="n soft")
    marks = whisker(axis, estimate.value, estimate.low, estimate.high, estimate.bound)
    return tag("tr", cells + tag("td", marks, class_="mark"))


def _range(metric: Metric, estimate: Estimate) -> str:
    if estimate.bound is not None:
        return f"≤ {percent(estimate.bound, metric)}"
    return interval(estimate, metric)


def _counted(estimate: Estimate) -> str:
    if estimate.count is None or estimate.of is None:
        return ""
    return f"{estimate.count:,} / {estimate.of:,}"

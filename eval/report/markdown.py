"""The report of a run as Markdown, short enough to be read in a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from eval.report.detection import detection_markdown
from eval.report.shares import Case, cases, judged, outcomes
from eval.report.wording import (
    ANCHORS,
    FIELDS,
    METRICS,
    OUTCOMES,
    WHY_NOT,
    about_intervals,
    interval,
    of_generated,
    path_words,
    percent,
)
from eval.results import Estimate, Run
from eval.score import OUTCOMES as ORDER
from extractor.page.markup import visible

_WORST = 10
_FIRST = 20
_LONGEST = 80
_SILENT_NAMES = {
    "silent_all": "silent errors, all leaves",
    "silent_numbers": "silent errors, numbers",
    "silent_money": "silent errors, money",
}


def markdown(run: Run) -> str:
    """The whole report, in English."""
    said = of_generated(run)["en"]
    suffix = f" ({said})" if said else ""
    parts = [
        f"# {_plain(run.name)}{suffix}",
        _about(run),
        f"## Figures{suffix}",
        _figures(run),
        f"{about_intervals(run)['en']} Silent errors have an exact one-sided 95 % bound "
        "(Clopper–Pearson) instead.",
        _anchors(run),
        f"## Outcomes by class of fields{suffix}",
        _outcomes(run),
        *detection_markdown(run, suffix),
        *_layouts(run, suffix),
        *_worst(run, suffix),
        f"## First errors{suffix}",
        _errors(run),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(run: Run) -> str:
    seed = f", seed {run.seed}" if run.seed is not None else ""
    about = (
        f"{len(run.forms):,} forms, reader `{run.reader}`, check set `{run.check_set}`, crossfoot "
        f"{run.crossfoot}, Python {run.python}, {run.seconds:.1f} s{seed}."
    )
    if run.generated:
        about += " Every figure comes from generated forms, not from documents that somebody filed."
    failed = [form for form in run.forms if form.failed]
    if failed:
        about += f" Of {len(failed):,} forms the document could not be read; the first because: "
        about += f"{_plain(failed[0].failed or '')}."
    surplus = sum(form.surplus for form in run.forms)
    if surplus:
        about += f" The reader found {surplus:,} forms more, to which no truth answers."
    return about


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows))


def _figures(run: Run) -> str:
    rows: list[tuple[str, ...]] = []
    for name, metric in METRICS.items():
        estimate = run.metrics.get(name)
        if estimate is not None and estimate.value is not None:
            label = _SILENT_NAMES.get(name, metric.en)
            share = percent(estimate.value, metric)
            bound = f"≤ {percent(estimate.bound, metric)}" if estimate.bound is not None else ""
            rows.append((label, share, bound or interval(estimate, metric), _counted(estimate)))
    return _table(("figure", "%", "95 % interval or bound", "counted"), rows)


def _anchors(run: Run) -> str:
    told = any(name in run.metrics and run.metrics[name].value is not None for name in ANCHORS)
    return WHY_NOT["en"] if told else ""


def _counted(estimate: Estimate) -> str:
    if estimate.count is None or estimate.of is None:
        return ""
    return f"{estimate.count:,} / {estimate.of:,}"


def _outcomes(run: Run) -> str:
    found = outcomes(run)
    rows = [
        (FIELDS[field]["en"], f"{judged(counts):,}", *(f"{counts[o]:,}" for o in ORDER))
        for field, counts in found.items()
        if counts
    ]
    return _table(("fields", "filled", *(OUTCOMES[o]["en"] for o in ORDER)), rows)


_MEASURES = ("exact_numbers", "silent_numbers", "flagged")


def _layouts(run: Run, suffix: str) -> tuple[str, ...]:
    """Every layout without and with damage."""
    keys = [key.removesuffix("/clean") for key in run.slices if key.endswith("/clean")]
    rows = [
        (
            _cell(key.removeprefix("layout=")),
            *(
                percent(estimates[name].value, METRICS[name]) if estimates else "–"
                for name in _MEASURES
                for estimates in (run.slices.get(f"{key}/{side}") for side in ("clean", "noisy"))
            ),
        )
        for key in keys
        if key.startswith("layout=")
    ]
    head = [f"{name}{side} %" for name in _SHORT for side in ("", ", damaged")]
    return (f"## Layouts{suffix}", _table(("layout", *head), rows)) if rows else ()


_SHORT = ("numbers exact", "silent in numbers", "flagged")


def _worst(run: Run, suffix: str) -> tuple[str, ...]:
    """The slices in which the most numbers are wrong without notice, then wrong at all."""

    def order(slice_: tuple[str, dict[str, Estimate]]) -> tuple[float, float, str]:
        silent, exact = (slice_[1][name].value for name in ("silent_numbers", "exact_numbers"))
        return -(silent or 0), 1 if exact is None else exact, slice_[0]

    slices = [each for each in run.slices.items() if all(name in each[1] for name in _MEASURES)]
    rows = [
        (
            _cell(key),
            _forms(estimates),
            *(percent(estimates[name].value, METRICS[name]) for name in _MEASURES),
        )
        for key, estimates in sorted(slices, key=order)[:_WORST]
    ]
    if not rows:
        return ()
    head = ("slice", "forms", *(f"{name} %" for name in _SHORT))
    return f"## Worst slices{suffix}", _table(head, rows)


def _forms(estimates: dict[str, Estimate]) -> str:
    forms = estimates.get("form_exact")
    return f"{forms.of:,}" if forms and forms.of is not None else ""


def _errors(run: Run) -> str:
    found = cases(run)
    if not found:
        return "None."
    silent = sum(case.is_silent for case in found)
    told = f"{len(found):,} errors, {silent:,} of them silent."
    if len(found) > _FIRST:
        told += f" The first {_FIRST}, silent ones first, one of each kind before a second of any:"
    return "\n".join([told, "", *map(_error, islice(found, _FIRST))])


def _error(case: Case) -> str:
    slip = case.slip
    label = _plain(path_words(case.form.family, slip.path)["en"])
    state = "flagged" if slip.flagged else "**SILENT**"
    home = ""
    if slip.belongs:
        home = f", belongs to {_plain(path_words(case.form.family, slip.belongs)['en'])}"
    return (
        f"- {state} {OUTCOMES[slip.outcome]['en']}: {_code(case.form.item)}, {label}: "
        f"page {_value(slip.truth)}, read {_value(slip.read)}{home}"
    )


def _value(value: str | None) -> str:
    return "blank" if value is None else _code(value) if value.strip() else "empty text"


def _cut(value: str) -> str:
    """One line of readable length, invisible characters written out."""
    line = " ⏎ ".join(part.strip() for part in visible(value[: 4 * _LONGEST]).splitlines())
    return line.replace("\t", " ") if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def _code(value: str) -> str:
    """A value as it stands: in a code span whose fence is longer than any run of its backticks."""
    line = _cut(value) or " "
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _plain(value: str) -> str:
    """Words from outside that stand in running text."""
    return re.sub(r"([\\`*_{}\[\]<>#|&!~])", r"\\\1", _cut(value))


def _cell(value: str) -> str:
    return _code(value).replace("|", "\\|")

"""The report of a run as text: its figures are those of the run, nothing is lost or let through."""

from __future__ import annotations

import base64
import doctest
import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from eval.detection import GUARANTEES
from eval.metrics import metrics
from eval.report import differing, markdown, page, plots, wording
from eval.report.cards import LEAST_FLAGGED, MOST
from eval.report.plots import zoom
from eval.report.shares import cases, curves
from eval.report.wording import METRICS, percent
from eval.results import (
    Ablated,
    Cell,
    Covered,
    Detection,
    DrawnSum,
    Estimate,
    FormResult,
    ReliabilityBin,
    Run,
    Slip,
    Term,
)
from eval.score import RIGHT, Outcome
from extractor.families import family_of
from extractor.families.base import FIELDS, Field
from extractor.signals import SOURCES

ROOT = Path(__file__).parents[1]
HOSTILE = (
    "<script>alert(1)</script> ]]> &amp; & \"' onload=x --> </style><img src=x> | `x` \u202e01"
)
LAYOUTS = ("pipes", "tabs", "html_spans", "flat")
DAMAGES = ("stamps", "lost_leading_cells", "foreign_tail")
PATHS: dict[str, Field] = {
    "funds.total.executed": "money",
    "indicators[3].score": "points",
    "indicators[3].level2": "categories",
    "indicators[3].name": "names",
    "indicators[3].target": "quantities",
    "actual_completion": "prose",
}
LINE = "||社区党校培训工作|≥95.00(%)|9.15|10.00|10.00||"


# Runs made up


def term(path: str, zh: str, value: str, sign: str = "+") -> Term:
    return Term(sign=sign, label={"zh": zh, "en": zh}, value=value, path=path)


def total(scores: Sequence[str], printed: str, implied: str, residual: str | None) -> DrawnSum:
    """Σ scores of the indicators = the printed total score."""
    terms = [
        term(f"indicators[{i}].score", f"得分 · 指标{i + 1}", score)
        for i, score in enumerate(scores)
    ]
    return DrawnSum(
        title={"zh": "总分", "en": "total score"},
        rule="R10",
        verdict="fails" if residual else "holds",
        terms=terms,
        printed=term("total_score", "总分", printed, ""),
        implied=implied,
        residual=residual,
    )


def rate() -> DrawnSum:
    """1,596.51 ÷ 1,744.68 = 91.5073, printed 19.51."""
    return DrawnSum(
        title={"zh": "执行率 · 年度资金总额", "en": "execution rate · all funds of the year"},
        rule="R1",
        verdict="fails",
        terms=[
            term("funds.total.executed", "全年执行数", "1,596.51", ""),
            term("funds.total.annual_budget", "全年预算数", "1,744.68", "÷"),
        ],
        printed=term("funds.total.execution_rate", "执行率", "19.51", ""),
        implied="91.5073 %",
        residual=None,
    )


def slip(path: str, outcome: Outcome = "wrong", flagged: bool = True, **given: object) -> Slip:
    """A slip with the sum of its column, as the judge would give it."""
    value = {"wrong": ("9.15", "9.51"), "omitted": ("9.15", None), "spurious": (None, "9.51")}
    truth, read = value.get(outcome, ("9.15", "8.00"))
    usual: dict[str, object] = {
        "path": path,
        "read_path": path,
        "kind": "score",
        "outcome": outcome,
        "truth": truth,
        "read": read,
        "flagged": flagged,
        "noticed": flagged,
        "line": LINE,
        "mark": (LINE.index("9.15"), LINE.index("9.15") + 4),
        "sums": [total(["10.00", "5.00", "5.00", "9.51", *["4.00"] * 6], "53.15", "53.51", "-0.36")]
        if path.endswith("score")
        else [],
    }
    return Slip.model_validate({**usual, **given})


def form(item: str, slips: Sequence[Slip] = (), **given: object) -> FormResult:
    """A form of 100 leaves; its counts are those of its slips."""
    counts: dict[Field, dict[Outcome, int]] = {f: {"correct": 15} for f in FIELDS}
    counts["prose"] = {"correct": 10, "correct_blank": 15}
    silent: dict[Field, int] = {}
    for each in slips:
        field = PATHS[each.path]
        counts[field][each.outcome] = counts[field].get(each.outcome, 0) + 1
        counts[field]["correct"] -= each.outcome != "spurious"
        if not each.flagged:
            silent[field] = silent.get(field, 0) + 1
    usual: dict[str, object] = {
        "item": item,
        "family": "project",
        "document_family": item,
        "clear": not slips,
        "exact": not slips,
        "counts": counts,
        "silent": silent,
        "entries": 100,
        "flagged": sum(each.flagged for each in slips),
        "noticed": sum(each.noticed for each in slips if PATHS[each.path] in ("money", "points")),
        "rows": (10 - bool(slips), 10, 10),
        "character_errors": (len(slips), 400),
        "seconds": 0.004,
        "slips": list(slips),
    }
    return FormResult.model_validate({**usual, **given})


def run(forms: Sequence[FormResult], generated: bool = False, **given: object) -> Run:
    """A run over these forms, its figures worked out by the benchmark's own metrics."""
    slices: dict[str, list[FormResult]] = {}
    cells: dict[str, dict[str, Cell]] = {}
    for each in forms:
        if each.layout:
            noise = "noisy" if each.damage else "clean"
            slices.setdefault(f"layout={each.layout}/{each.grade}", []).append(each)
            slices.setdefault(f"layout={each.layout}/{noise}", []).append(each)
        if each.columns:
            noise = "noisy" if each.damage else "clean"
            slices.setdefault(f"columns={each.columns}/{noise}", []).append(each)
        if each.damage:
            slices.setdefault(f"damage={each.damage}/{each.grade}", []).append(each)
        mine = cells.setdefault(each.layout or "md", {})
        for path, field in PATHS.items():
            cell = mine.setdefault(re.sub(r"\d+", "", path), Cell())
            counts = {o: n for o, n in each.counts[field].items() if o != "correct_blank"}
            cell.judged += sum(counts.values())
            cell.right += sum(n for o, n in counts.items() if o in RIGHT)
            cell.silent += each.silent.get(field, 0)
    usual: dict[str, object] = {
        "name": "generated" if generated else "gold",
        "generated": generated,
        "seed": 7 if generated else None,
        "reader": "table",
        "check_set": "14f2b511dca4",
        "crossfoot": "0.1.0",
        "python": "3.11.7",
        "seconds": 1.5,
        "families": len({each.document_family for each in forms}),
        "metrics": metrics(forms),
        "slices": {key: metrics(mine, intervals=False) for key, mine in sorted(slices.items())},
        "cells": cells,
        "forms": list(forms),
    }
    return Run.model_validate({**usual, **given})


def gold_run() -> Run:
    """21 forms of four document families with five errors, one of them silent."""
    wrong = {
        2: [slip("indicators[3].score", flagged=False, noticed=True)],
        9: [slip("funds.total.executed", sums=[rate()]), slip("indicators[3].name", "omitted")],
        20: [
            slip(
                "actual_completion",
                truth="完成培训12次，参加者众。" * 40,
                read="完成培训72次，" * 40,
            ),
            slip("indicators[3].score", "misattached", belongs="indicators[4].score"),
        ],
    }
    families = ("jiangchuan", "jiangqiao", "pujin", "caohejing")
    return run(
        [
            form(f"g{i:02}", wrong.get(i, ()), document_family=families[i % 4], anls=0.99, donut=1)
            for i in range(21)
        ]
    )


def generated_run(count: int = 300, seed: int = 3) -> Run:
    """Forms over layouts, damages and grades: more errors the higher the grade."""
    chance = random.Random(seed)
    forms: list[FormResult] = []
    for index in range(count):
        layout = LAYOUTS[index % len(LAYOUTS)]
        grade = (index // len(LAYOUTS)) % 4 if layout != "flat" else 0
        damage = DAMAGES[index % len(DAMAGES)] if grade else None
        paths = [p for p in PATHS if chance.random() < 0.06 * grade and damage != "foreign_tail"]
        if layout == "flat":
            slips = [slip(path, "omitted") for path in PATHS]
        else:
            outcomes: tuple[Outcome, ...] = ("wrong", "omitted", "misattached", "spurious")
            slips = [slip(p, chance.choice(outcomes), chance.random() < 0.8) for p in paths]
        about = {"layout": layout, "damage": damage, "grade": grade}
        columns = ("national", "yunnan")[index % 2]
        forms.append(form(f"{seed}-{index}", slips, columns=columns, **about))
    return run(forms, generated=True, detection=detection())


def detection() -> Detection:
    """As a run over many families tells it: every table is filled."""
    covered = [Covered(limit=x, share=0.9, wrong=x / 2, bound=x) for x in GUARANTEES[:3]]
    covered.append(Covered(limit=GUARANTEES[3], share=0, wrong=0, bound=None))
    one = Ablated(auroc=0.97123, auroc_values=0.9, coverage=0.8)
    return Detection(
        fields=50_000, errors=900, families=300, lost=12, auroc=0.98765, auroc_values=0.91234,
        brier=0.01234, coverage=covered, coverage_values=covered,
        reliability=[ReliabilityBin(low=0.001, high=0.01, fields=9, expected=0.004, wrong=0.005)],
        ablation=dict.fromkeys(SOURCES, one),
    )  # fmt: skip


# Reading the page


class Parsed(HTMLParser):
    """The elements of a page with their attributes, and what each of some classes says."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.said.append(data)

    @property
    def text(self) -> str:
        return "".join(self.said)

    def all(self, name: str, class_: str = "") -> list[dict[str, str | None]]:
        wanted = set(class_.split())
        return [
            given
            for tag, given in self.elements
            if tag == name and wanted <= set((given.get("class") or "").split())
        ]


def between(source: str, start: str, end: str) -> str:
    assert start in source, start
    return source.partition(start)[2].partition(end)[0]


def section(source: str, name: str) -> str:
    return between(source, f'id="{name}">', "</section>")


@pytest.fixture(scope="module")
def gold() -> Run:
    return gold_run()


@pytest.fixture(scope="module")
def generated() -> Run:
    return generated_run()


@pytest.mark.parametrize("module", [wording, plots, differing])
def test_the_examples_in_the_docstrings_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


# Figures


@pytest.mark.parametrize("made", [gold_run, generated_run])
def test_every_figure_of_the_run_is_on_the_page_and_in_the_markdown(made: object) -> None:
    told = made()  # type: ignore[operator]
    figures, summary = section(page(told), "figures"), markdown(told)
    rows = re.findall(r'<th scope="row">(.*?)</tr>', figures, re.DOTALL)
    known = [(n, told.metrics[n]) for n in METRICS if told.metrics[n].value is not None]
    assert len(rows) == len(known)
    for name, estimate in known:
        share = percent(estimate.value, METRICS[name])
        label = METRICS[name].en
        mine = [row for row in rows if f">{label}<" in row or row.startswith(f"{label}<")]
        assert any(re.search(rf'class="n big[^"]*">{re.escape(share)}<', row) for row in mine), name
        assert f" {share} | " in summary
        if estimate.count is not None:
            counted = f"{estimate.count:,} / {estimate.of:,}"
            assert any(counted in row for row in mine)
            assert counted in summary


def test_shares_are_rounded_to_the_worse_side() -> None:
    silent = METRICS["silent_numbers"]
    assert percent(0.999999) == "99.99"
    assert percent(1e-9, silent) == "0.001"
    assert percent(0.29) == "29.00"
    assert (percent(0.0), percent(1.0), percent(None)) == ("0", "100", "–")


def test_an_axis_holds_all_its_marks_and_is_no_wider_than_it_must() -> None:
    chance = random.Random(1)
    for _ in range(200):
        shares = [1 - chance.random() ** 6 for _ in range(3)]
        axis = zoom(shares)
        assert all(axis.holds(share) for share in shares)
        low = zoom([1 - share for share in shares], low_end=True)
        assert all(low.holds(1 - share) for share in shares)
    assert zoom([1.0, 0.9995]).low > 99
    assert not zoom([0.1]).is_zoomed


def test_the_bound_of_silent_errors_and_the_families_are_told(gold: Run) -> None:
    bound = percent(gold.metrics["silent_numbers"].bound, METRICS["silent_numbers"])
    for told in (markdown(gold), page(gold)):
        assert f"≤ {bound}" in told
        assert "resampling 4 document families" in told
        assert "With fewer than 5 families an interval means little." in told
    many = markdown(generated_run(20))
    assert "20 document families" in many
    assert "means little" not in many


def test_the_rival_scores_are_told_with_why_they_do_not_steer(gold: Run, generated: Run) -> None:
    assert "they do not steer" in markdown(gold)
    assert "they do not steer" in page(gold)
    assert generated.metrics["anls"].value is None
    assert "ANLS" not in markdown(generated)


def test_figures_of_generated_forms_say_so_in_every_heading(gold: Run, generated: Run) -> None:
    headings = re.findall(r"<h2>(.*?)</h2>", page(generated))
    assert len(headings) == 6
    assert all("generated forms" in one and "生成的表" in one for one in headings)
    lede = between(page(generated), "<h1>", "</h1>")
    assert "generated forms" in lede
    told = re.findall(r"^#+ .*$", markdown(generated), re.MULTILINE)
    assert len(told) >= 5
    assert all(one.endswith("(generated forms)") for one in told)
    assert "generated forms" not in page(gold)
    assert "generated forms" not in markdown(gold)


def test_a_document_that_could_not_be_read_is_told_with_the_reason(gold: Run) -> None:
    failed = [one.model_copy(update={"failed": "nobody | there"}) for one in gold.forms[:2]]
    told = markdown(gold.model_copy(update={"forms": [*failed, *gold.forms[2:]]}))
    assert "Of 2 forms the document could not be read; the first because: nobody \\| there." in told
    assert "could not be read" not in markdown(gold)


# Plots


def test_every_figure_has_its_dot_and_its_whisker(gold: Run) -> None:
    parsed = Parsed(section(page(gold), "figures"))
    known = [e for name in METRICS if (e := gold.metrics[name]).value is not None]
    assert len(parsed.all("svg", "whisker")) == len(known)
    assert len(parsed.all("circle", "value")) == len(known)
    assert len(parsed.all("line", "span")) == 3 * sum(e.low is not None for e in known)
    assert len(parsed.all("line", "gate")) == sum(e.bound is not None for e in known)


def test_every_point_of_a_curve_has_its_dot_and_its_row_in_the_table(generated: Run) -> None:
    told = section(page(generated), "robustness")
    found = curves(generated, "damage"), curves(generated, "layout")
    every = [point for group in found for curve in group for point in curve.points]
    drawn = [c for group in found for c in group if c.name != "foreign_tail"]
    dots = len(Parsed(told).all("circle", "value"))
    spoken = [svg["aria-label"] or "" for svg in Parsed(told).all("svg", "panel")]
    assert sum(words.count("grade ") for words in spoken) == dots
    assert dots == 3 * sum(len(curve.points) for curve in drawn)
    tables = re.findall(r'<table class="plain"><thead>.*?<tbody>(.*?)</tbody>', told)
    assert sum(table.count("<tr>") for table in tables) == len(every)
    assert "1 costs next to nothing" in told
    assert "foreign tail" in told


def test_a_damage_is_compared_with_the_undamaged_forms_of_its_own_layouts(generated: Run) -> None:
    """The flattened pages, of which nothing is read, are never damaged and no start of a curve."""
    clean = [f for f in generated.forms if not f.damage and f.layout != "flat"]
    for curve in curves(generated, "damage"):
        assert [point.grade for point in curve.points] == [0, 1, 2, 3]
        assert curve.points[0].forms == len(clean)
        assert curve.points[0].exact == 1
        for point in curve.points[1:]:
            figures = generated.slices[f"damage={curve.name}/{point.grade}"]
            assert point.exact == figures["exact_numbers"].value
            assert point.silent == figures["silent_numbers"].value


def test_a_bar_has_a_part_for_every_outcome_that_there_is(generated: Run) -> None:
    told = section(page(generated), "outcomes")
    there = {
        (field, outcome)
        for one in generated.forms
        for field, counts in one.counts.items()
        for outcome, number in counts.items()
        if number and outcome != "correct_blank"
    }
    assert len(Parsed(told).all("rect")) == len(there)


def test_the_heat_map_has_a_cell_for_every_layout_and_marks_silent_ones(generated: Run) -> None:
    told = section(page(generated), "fields")
    fields = {f for cells in generated.cells.values() for f in cells}
    assert len(re.findall(r'<td class="n h', told)) == len(fields) * len(LAYOUTS)
    silent = sum(cell.silent for cells in generated.cells.values() for cell in cells.values())
    assert sum(map(int, re.findall(r"●(\d+)", told))) == silent > 0


def test_a_run_over_one_layout_draws_no_curves(gold: Run) -> None:
    assert 'id="robustness"' not in page(gold)


def test_column_sets_are_told_without_the_layouts_that_are_never_damaged(generated: Run) -> None:
    table = between(
        section(page(generated), "robustness"), '<table class="plain sets">', "</table>"
    )
    rows = table.partition("<tbody>")[2].split("<tr>")[1:]
    cells = [re.findall(r'<td class="n">(.*?)</td>', row) for row in rows]
    assert [len(row) for row in cells] == [6, 6]
    assert [row[0] for row in cells] == ["100", "100"]
    for row, name in zip(cells, ("national", "yunnan"), strict=True):
        exact = generated.slices[f"columns={name}/noisy"]["exact_numbers"].value
        assert row[1] == percent(exact)


def test_the_markdown_tells_every_layout_without_and_with_damage(generated: Run) -> None:
    told = between(markdown(generated), "## Layouts (generated forms)", "##")
    rows = {
        row.split("|")[1].strip(" `"): row for row in told.splitlines() if row.startswith("| `")
    }
    assert set(rows) == set(LAYOUTS)
    for layout, row in rows.items():
        clean = generated.slices[f"layout={layout}/clean"]["exact_numbers"].value
        assert row.split("|")[2].strip() == percent(clean)
    assert rows["flat"].split("|")[3].strip() == "–"


# The errors


def test_every_slip_is_a_card_or_counted(gold: Run, generated: Run) -> None:
    for told in (gold, generated):
        slips = [each for one in told.forms for each in one.slips]
        drawn = Parsed(page(told)).all("li", "card")
        assert len(drawn) == min(len(slips), MOST)
        lead = between(section(page(told), "errors"), '<p class="lead">', "</p>")
        english = "".join(re.findall(r'<span lang="en">(.*?)</span>', lead))
        assert english.startswith(f"{len(slips):,} in all: ")
        if len(slips) > MOST:
            assert f"{MOST} are drawn; the other {len(slips) - MOST} are only counted" in english
            kinds = between(english, "only counted (", ";")
            assert sum(map(int, re.findall(r"\d+", kinds))) == len(slips) - MOST


def test_silent_errors_come_first_and_one_of_each_kind_before_a_second(generated: Run) -> None:
    found = cases(generated)
    silent = [case.is_silent for case in found]
    assert silent == sorted(silent, reverse=True)
    kinds = [(c.slip.outcome, c.field, c.form.layout, c.form.damage) for c in found if c.is_silent]
    first = kinds[: len(set(kinds))]
    assert len(set(first)) == len(first)


def test_flagged_errors_are_seen_however_many_are_silent() -> None:
    slips = [slip("indicators[3].name", flagged=i % 2 == 0) for i in range(10)]
    drawn = Parsed(page(run([form(f"f{i}", slips) for i in range(80)]))).all("li", "card")
    states = [one["data-told"] for one in drawn]
    assert states == ["silent"] * (MOST - LEAST_FLAGGED) + ["flagged"] * LEAST_FLAGGED


def test_a_silent_error_is_loud(gold: Run) -> None:
    card = between(section(page(gold), "errors"), "<li ", "</li>")
    assert 'class="card silent"' in "<li " + card
    assert "SILENT" in card
    assert "g02" in card


def test_a_card_shows_the_difference_the_line_and_the_sum(gold: Run) -> None:
    card = between(section(page(gold), "errors"), "<li ", "</li>")
    assert '<dd class="truth n">9.<mark>15</mark></dd>' in card
    assert '<dd class="read n">9.<mark>51</mark></dd>' in card
    assert f"{LINE[: LINE.index('9.15')]}<mark>9.15</mark>|10.00" in card
    rows = re.findall(r"<tr.*?</tr>", between(card, '<table class="sum">', "</table>"))
    told = [re.sub(r"<[^>]+>", " ", row).split() for row in rows]
    assert told[0][-1] == "9.51"
    assert "9 other terms" in re.sub(r"<[^>]+>", "", rows[1])
    assert [row[-1] for row in told[1:]] == ["44.00", "53.51", "53.15", "−0.36"]


def test_the_term_that_was_read_is_marked_though_its_row_has_moved() -> None:
    """Row 4 of the page is row 5 of the reading, and only there stands the 9.51 that was read."""
    moved = total(["10.00", "5.00", "5.00", "4.00", "9.51"], "33.15", "33.51", "-0.36")
    wrong = slip("indicators[3].score", sums=[moved], read_path="indicators[4].score")
    told = page(run([form("f", [wrong])]))
    assert re.findall(r'<td class="n here"[^>]*>(.*?)</td>', told) == ["9.51"]


def test_a_value_under_the_wrong_label_says_where_it_belongs(gold: Run) -> None:
    assert "belongs to" in page(gold)
    assert "belongs to score · row 5" in markdown(gold)


def test_lines_beside_the_source_line_are_shown_where_the_page_is_given(gold: Run) -> None:
    text = f"一行\n上一行\n{LINE}\n下一行\n末行"
    told = page(gold, texts={"g02": text})
    assert '<span class="near">上一行</span><b>' in told
    assert '<span class="near">下一行</span>' in told
    twice = page(gold, texts={"g02": f"上一行\n{LINE}\n{LINE}"})
    assert "上一行" not in twice


@pytest.mark.parametrize(
    ("truth", "read", "marked"),
    [
        ("1,765.05", "1,756.05", ["65", "56"]),
        ("图书经费", "图书综合经费", ["综合"]),
        ("优", "良", ["优", "良"]),
        ("100", "100", []),
    ],
)
def test_only_what_differs_is_marked(truth: str, read: str, marked: list[str]) -> None:
    both = differing.shown(truth, read) + differing.shown(read, truth)
    assert re.findall(r"<mark>(.*?)</mark>", both) == marked


def test_a_run_without_errors_says_so() -> None:
    told = run([form("a"), form("b")])
    assert "Not a single one." in page(told)
    assert markdown(told).endswith("None.\n")
    assert "no silent error." in page(told)


def test_a_run_of_nothing_is_a_page() -> None:
    empty = run([])
    assert "0 forms" in Parsed(page(empty)).text
    assert markdown(empty).startswith("# gold")


# Hostile text


def hostile_run(text: str) -> Run:
    """A run in which every text that can come from outside is this one."""
    sums = total(["1.00", "2.00"], "4.00", "3.00", "1.00")
    sums.title = {"zh": text, "en": text}
    sums.terms[0].label, sums.terms[0].value = {"zh": text, "en": text}, text
    wrong = slip(
        "indicators[3].score", flagged=False, truth=text, read=f"{text}!", line=text,
        mark=(2, 9), sums=[sums, rate()],
    )  # fmt: skip
    unknown = {"layout": text, "damage": text, "grade": 1, "columns": text}
    forms = [form(text, [wrong], **unknown), form("b", layout="pipes", columns="national")]
    return run(forms, True, name=text, cells={text: {text: Cell(judged=2, right=1, silent=1)}})


def test_text_from_outside_adds_no_element_and_is_shown() -> None:
    hostile, tame = Parsed(page(hostile_run(HOSTILE))), Parsed(page(hostile_run("x" * 90)))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in tame.elements]
    names = [sorted(given) for _, given in hostile.elements]
    assert names == [sorted(given) for _, given in tame.elements]
    assert "<script>alert(1)</script>" in hostile.text
    assert "\u202e" not in hostile.text
    assert "⟨U+202E⟩" in hostile.text


def test_what_differs_and_what_is_marked_is_escaped_too() -> None:
    assert "<b>" not in differing.shown("a<b>", "a") + differing.shown("<b>", "优")
    assert "<b>" not in differing.source_line("a<b>c", (1, 4))
    assert "<mark>&lt;b&gt;</mark>" in differing.source_line("a<b>c", (1, 4))


def test_backticks_do_not_end_a_code_span() -> None:
    wrong = slip("indicators[3].name", truth="a``<b>", read="`")
    assert "page ``` a``<b> ```, read `` ` ``" in markdown(run([form("f", [wrong])]))


def test_text_from_outside_is_inert_in_markdown() -> None:
    told = markdown(hostile_run(HOSTILE))
    assert "\u202e" not in told
    for row in re.findall(r"^- .*$", told, re.MULTILINE):
        outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", row)
        assert "<" not in outside.replace("\\<", "")
    rows = [line for line in told.splitlines() if line.startswith("| `damage=")]
    assert rows
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 6 for row in rows)


def test_long_values_are_cut_around_their_first_difference() -> None:
    long = "长" * 5000
    truth, read = f"{long}甲{long}", f"{long}乙{long}"
    wrong = slip("actual_completion", truth=truth, read=read, line=truth, mark=(5000, 5001))
    told = page(run([form("f", [wrong])]))
    assert "长" * 500 not in told
    assert "10,001 characters in all" in told
    assert re.findall(r"<mark>(.*?)</mark>", told) == ["甲", "乙", "甲"]
    assert len(max(markdown(run([form("f", [wrong])])).splitlines(), key=len)) < 500


# The page


def test_the_page_asks_nobody_for_anything(generated: Run) -> None:
    told = page(generated)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", told)
    assert "@import" not in told
    assert "url(" not in told
    assert 'style="' not in told
    for _, given in Parsed(told).elements:
        href = given.get("href") or given.get("src") or "#"
        assert href.startswith(("#", "data:image/svg+xml,"))


def test_the_policy_allows_the_one_style_and_the_one_script(gold: Run) -> None:
    told = page(gold)
    policy = next(
        given["content"] or "" for given in Parsed(told).all("meta") if "http-equiv" in given
    )
    assert policy.startswith("default-src 'none'")
    for name in ("style", "script"):
        (held,) = re.findall(rf"<{name}>(.*?)</{name}>", told, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize(("lang", "chosen"), [("zh", "lang-zh"), ("en", "lang-en")])
def test_the_page_opens_in_the_language_asked_for(gold: Run, lang: str, chosen: str) -> None:
    inputs = Parsed(page(gold, lang)).all("input")
    assert [one["id"] for one in inputs if one["name"] == "lang" and "checked" in one] == [chosen]


def test_every_plot_has_a_text_alternative_or_is_beside_its_text(generated: Run) -> None:
    for given in Parsed(page(generated)).all("svg"):
        assert ("aria-label" in given) == (given.get("role") == "img")
        assert given.get("aria-hidden") == "true" or "aria-label" in given
    told = section(page(generated), "outcomes")
    for one in between(told, "<details>", "</details>").split("<tr>")[2:]:
        assert one.count("<td") == 8


# Colours


def shades(css: str) -> Iterator[tuple[str, str, str]]:
    """``(name, light, dark)`` of the stylesheet's colours."""
    yield from re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)


def brightness(colour: str) -> float:
    """Relative luminance as of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((brightness(one), brightness(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_words_can_be_read_in_both_themes() -> None:
    css = (ROOT / "eval" / "report" / "report.css").read_text("utf-8")
    known = {name: (light, dark) for name, light, dark in shades(css)}
    for side in (0, 1):
        for ground in ("paper", "sheet"):
            for ink in ("ink", "soft", "faint", "red", "amber", "green", "blue"):
                assert contrast(known[ink][side], known[ground][side]) >= 4.5, (ink, ground, side)
        assert contrast(known["red"][side], known["red-bg"][side]) >= 4.5
        assert contrast(known["ink"][side], known["amber-bg"][side]) >= 4.5


def test_the_colours_are_those_of_the_product() -> None:
    css = (ROOT / "eval" / "report" / "report.css").read_text("utf-8")
    product = (ROOT / "extractor" / "page" / "page.css").read_text("utf-8")
    light, dark = product.split("prefers-color-scheme: dark", 1)
    for name, by_day, by_night in shades(css):
        if f"--{name}:" in light:
            assert f"--{name}: {by_day}" in light, name
            assert f"--{name}: {by_night}" in dark, name


def test_a_term_of_the_families_is_called_by_its_label() -> None:
    label = family_of("project").leaf("indicators[].score")
    assert wording.field_words("indicators[].score") == {"zh": label.zh, "en": label.en}
    assert wording.field_words("never_heard")["en"] == "never heard"
    assert wording.path_words("project", "no.such[")["en"] == "no.such["
    assert Estimate(value=None).value is None

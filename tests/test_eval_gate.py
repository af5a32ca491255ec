"""The gate: what is measured again and again, what turns it red, and what it then names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from eval import gate, gate_set, running
from eval.gate import RULES, SHIPPED, Baseline, Moved, compare, dumped, load
from eval.gate_command import gate as command
from eval.gate_set import Measured, Part, figures_of, measure
from eval.pages import Page, Spec, page, plan
from eval.results import Run
from extractor import console, pipeline
from extractor.checks.judge import Known, known
from extractor.confidence import STRATA
from extractor.families.base import FIELDS, Family
from extractor.readers import table
from extractor.types import CheckedDocument, FormReading, Span

ROOT = Path(__file__).parents[1]
PARTS: tuple[Part, ...] = ("gold", "pages", "double")
SMALL = {"pages": 40, "double": 20}
Figures = Mapping[str, int | float | None]


NOTHING: Figures = MappingProxyType({})


def made(
    figures: Figures = NOTHING, part: Part = "double", set_: str = "s", **about: str
) -> Baseline:
    """A measurement with 100 of everything but what is given, which is of one part."""
    usual: Figures = {"auroc": 0.9, "auroc_with_value": 0.9, "brier": 0.01}
    parts = {
        one: Measured(
            set=set_ if one == part else "s",
            figures={
                **{name: usual.get(name, 100) for name in figures_of(one)},
                **(figures if one == part else {}),
            },
        )
        for one in PARTS
    }
    told: dict[str, Any] = {"date": "2026-01-02", "check_set": "c", "reader_version": "1", **about}
    return Baseline(parts=parts, **told)


class TestRules:
    @pytest.mark.parametrize(
        ("figure", "before", "after", "verdict"),
        [
            ("not_found", 0, 1, "worse"),
            ("failed", 0, 1, "worse"),
            ("surplus", 0, 1, "worse"),
            ("surplus", 1, 0, "better"),
            ("exact", 5, 4, "worse"),
            ("exact", 5, 6, "better"),
            ("rows_right", 900, 899, "worse"),
            ("rows_right", 900, 901, "better"),
            ("unnoticed", 4, 5, "worse"),
            ("noticed", 4, 3, "told"),  # fewer may be wrong; what goes unnoticed has a rule
            ("flagged", 200, 202, "told"),
            ("flagged", 200, 203, "worse"),
            ("flagged", 200, 199, "better"),
            ("flagged", 0, 1, "worse"),
            ("auroc", 0.9, 0.898, "told"),
            ("auroc", 0.9, 0.8979, "worse"),
            ("auroc", 0.9, 0.9001, "better"),
            ("auroc", 0.9, None, "told"),
            ("auroc_with_value", 0.9, 0.898, "told"),
            ("auroc_with_value", 0.9, 0.8979, "worse"),
            ("brier", 0.01, 0.0102, "told"),
            ("brier", 0.01, 0.01021, "worse"),
            ("brier", 0.01, 0.0099, "better"),
            ("entries", 4, 3, "told"),
            ("judged.money", 4, 3, "told"),
        ],
    )
    def test_a_figure_may_get_better_and_worse_within_its_margin(
        self, figure: str, before: float, after: float | None, verdict: str
    ) -> None:
        found = compare(made({figure: before}), made({figure: after}))
        assert [(one.part, one.figure, one.verdict) for one in found.moved] == [
            ("double", figure, verdict)
        ]
        assert found.is_red == (verdict == "worse")

    @pytest.mark.parametrize("part", PARTS)
    @pytest.mark.parametrize("what", ["silent", "wrong"])
    def test_one_more_wrong_field_of_any_class_in_any_part_is_red(
        self, part: Part, what: str
    ) -> None:
        for class_ in FIELDS:
            figure = f"{what}.{class_}"
            found = compare(made({figure: 0}, part), made({figure: 1}, part))
            assert found.is_red
            assert found.by("worse") == [Moved(part, figure, 0, 1)]
            assert not compare(made({figure: 1}, part), made({figure: 0}, part)).is_red

    def test_every_figure_has_a_rule_or_is_only_told(self) -> None:
        told = {name for name in figures_of("pages") if name not in RULES}
        assert told == {"forms", "noticed", "entries", *(f"judged.{class_}" for class_ in FIELDS)}
        assert set(RULES) <= set(figures_of("pages"))

    @pytest.mark.parametrize("other", [made(set_="t"), made({"forms": 99})])
    def test_another_set_is_red_and_its_figures_are_not_compared(self, other: Baseline) -> None:
        better = other.model_copy(
            update={"parts": {**other.parts, "gold": made({"exact": 101}, "gold").parts["gold"]}}
        )
        found = compare(made({"silent.money": 3}), better)
        assert found.other == ("double",)
        assert found.is_red
        assert found.moved == (Moved("gold", "exact", 100, 101),)


@cache
def _gold() -> Run:
    return running.run_set()


@pytest.fixture
def same_gold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gold set is read once for all tests that are about pages."""
    run = _gold()
    monkeypatch.setattr(running, "run_set", lambda: run)


@pytest.fixture(scope="module")
def sound() -> Baseline:
    """A smaller set than the frozen one, as it should be read."""
    return small()


def small() -> Baseline:
    return made().model_copy(update={"parts": measure(1, **SMALL)})


def worse(before: Baseline, after: Baseline) -> set[tuple[str, str]]:
    """Parts and figures that are red; the set must be the same."""
    found = compare(before, after)
    assert found.other == ()
    return {(one.part, one.figure) for one in found.by("worse")}


class TestPlanted:
    """Regressions of the code itself, each with what the gate names."""

    def test_a_dropped_check(self, sound: Baseline, monkeypatch: pytest.MonkeyPatch) -> None:
        def fewer(self: Family, shape: Any) -> Known:
            return known(one for one in self.bound(shape) if "total_score" not in one.fields())

        monkeypatch.setattr(Family, "known", fewer)
        assert worse(sound, small()) >= {
            ("gold", "flagged"),
            ("pages", "unnoticed"),
            ("pages", "flagged"),
            ("double", "flagged"),
        }

    def test_a_stratum_that_nobody_looks_at_any_more(
        self, sound: Baseline, monkeypatch: pytest.MonkeyPatch, same_gold: None
    ) -> None:
        calm = STRATA["contradicted"]._replace(review=False)
        monkeypatch.setitem(STRATA, "contradicted", calm)  # type: ignore[arg-type]
        found = worse(sound, small())
        assert found >= {("pages", "silent.points"), ("double", "silent.points")}
        assert {figure.partition(".")[0] for _, figure in found} == {"silent"}

    def test_a_number_that_is_read_from_the_cell_beside(
        self, sound: Baseline, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def misread(text: str, family: Family) -> FormReading:
            read = table.read_table(text, family)
            right, beside = "funds.total.executed", "funds.total.annual_budget"
            if beside not in read.readings or read.readings[beside].value is None:
                return read
            wrong = read.readings[beside]._replace(path=right)
            return replace(read, readings={**read.readings, right: wrong})

        monkeypatch.setattr(pipeline, "read_table", misread)
        after = small()
        found = worse(sound, after)
        assert {("gold", "exact"), ("gold", "wrong.money"), ("gold", "flagged")} <= found
        assert {("pages", "exact"), ("pages", "wrong.money"), ("double", "exact")} <= found
        assert ("gold", "wrong.prose") not in found

    def test_a_reader_that_gives_up(
        self, sound: Baseline, monkeypatch: pytest.MonkeyPatch, same_gold: None
    ) -> None:
        whole = pipeline.outline
        lost = plan(SMALL["pages"], 11)[3]

        def gives_up(document: Any) -> Any:
            if document.path.startswith(f"{lost.name}."):
                raise RecursionError
            return whole(document)

        monkeypatch.setattr("eval.double_entry.outline", gives_up)
        found = worse(sound, small())
        assert {("pages", "failed"), ("pages", "not_found"), ("pages", "silent.money")} <= found

    def test_a_form_that_is_found_twice(
        self, sound: Baseline, monkeypatch: pytest.MonkeyPatch, same_gold: None
    ) -> None:
        def twice(*args: Any) -> CheckedDocument:
            read = pipeline.finish(*args)
            form = read.forms[0]
            start, end = form.form.span
            part = replace(form, form=replace(form.form, span=Span(start, end - 1)))
            return replace(read, forms=(*read.forms, part))

        monkeypatch.setattr("eval.double_entry.finish", twice)
        assert worse(sound, small()) == {("pages", "surplus"), ("double", "surplus")}

    def test_a_page_that_says_something_else_is_another_set(
        self, monkeypatch: pytest.MonkeyPatch, same_gold: None
    ) -> None:
        def other(spec: Spec) -> Page:
            one = page(spec)
            return one._replace(truth={**one.truth, "grade": "劣"})

        before = measure(1, pages=2, double=1)
        assert before["pages"].figures["auroc"] is None  # too few errors to tell
        monkeypatch.setattr(gate_set, "page", other)
        after = measure(1, pages=2, double=1)
        assert [part for part in PARTS if before[part].set != after[part].set] == [
            "pages",
            "double",
        ]


def test_another_process_measures_the_same(sound: Baseline) -> None:
    """Also in two processes at a time, and with strings hashed otherwise."""
    code = (
        "from eval.gate_set import measure\n"
        f"parts = measure(2, **{SMALL})\n"
        "print('\\n'.join(f'{part} {one.model_dump_json()}' for part, one in parts.items()))"
    )
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    told = [f"{part} {one.model_dump_json()}" for part, one in sound.parts.items()]
    assert done.stdout.splitlines() == told, done.stderr


Ask = Callable[..., Result]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    """The command, in an empty folder."""
    for name in [name for name in os.environ if name.startswith("CROSSFOOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(console, "_drop_stdout", lambda: None)  # what stands in has no file number
    monkeypatch.chdir(tmp_path)
    app = typer.Typer(cls=console.Commands)
    app.callback()(lambda: None)
    app.command()(command)

    def asked(*args: object, lang: str = "en") -> Result:
        return CliRunner().invoke(app, ["gate", "--lang", lang, *map(str, args)])

    return asked


@pytest.fixture
def measures(monkeypatch: pytest.MonkeyPatch) -> Callable[[Baseline], None]:
    """Lets the command measure what a baseline says."""

    def measured(told: Baseline) -> None:
        monkeypatch.setattr(gate, "measure", lambda jobs: told.parts)

    return measured


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A baseline of somebody's own."""
    target = tmp_path / "own baseline.json"
    target.write_bytes(dumped(made({"silent.money": 3, "exact": 50})))
    return target


Measures = Callable[[Baseline], None]
OWN = "crossfoot eval gate --write --baseline '{}'"


class TestCommand:
    @pytest.mark.slow
    def test_the_committed_baseline_is_what_is_measured(self, ask: Ask) -> None:
        done = ask("--jobs", 2)
        assert (done.exit_code, done.output.splitlines()[-1]) == (0, "green"), done.output

    def test_nothing_moved(self, ask: Ask, measures: Measures) -> None:
        measures(load(SHIPPED))
        done = ask()
        assert done.exit_code == 0
        assert done.output.splitlines()[-2:] == ["no figure moved", "green"]

    def test_red_names_the_figures_and_ends_with_1(
        self, ask: Ask, measures: Measures, file: Path
    ) -> None:
        measures(made({"silent.money": 4, "exact": 49, "judged.prose": 1234, "auroc": 0.8985}))
        done = ask("--baseline", file)
        assert done.exit_code == 1
        where = "damaged pages, two readers (simulation)"
        *table, mend, last = done.output.splitlines()
        assert [" ".join(line.split()) for line in table[-4:]] == [
            f"red 50 → 49 {where} · forms right in every field",
            f"red 3 → 4 {where} · silently wrong: money",
            f"moved 100 → 1,234 {where} · fields judged: prose",
            f"moved 0.9 → 0.8985 {where} · AUROC, all fields (within the margin)",
        ]
        assert OWN.format(file) in mend
        assert last == "red: 2 figures are worse"

    def test_one_figure_is_one(self, ask: Ask, measures: Measures, file: Path) -> None:
        measures(made({"silent.money": 3, "exact": 49}))
        assert ask("--baseline", file).output.splitlines()[-1] == "red: 1 figure is worse"

    def test_better_stays_green_and_says_how_to_keep_it(
        self, ask: Ask, measures: Measures, file: Path
    ) -> None:
        measures(made({"silent.money": 2, "exact": 51}))
        kept = file.read_bytes()
        done = ask("--baseline", file)
        assert done.exit_code == 0
        assert done.output.splitlines()[-2:] == [
            f"better: 2; `{OWN.format(file)}` makes them the baseline",
            "green",
        ]
        assert file.read_bytes() == kept

    def test_another_set_has_a_message_of_its_own(
        self, ask: Ask, measures: Measures, file: Path
    ) -> None:
        measures(made({"silent.money": 3, "exact": 50}, set_="t"))
        done = ask("--baseline", file)
        assert done.exit_code == 1
        assert "the frozen set is another one (damaged pages" in done.output
        assert done.output.splitlines()[-1] == "red: the frozen set is another one"

    def test_other_checks_and_readers_are_told_and_not_red(
        self, ask: Ask, measures: Measures, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gate, "CHECK_SET", "d")
        monkeypatch.setattr(gate, "VERSION", "2")
        measures(load(file))
        done = ask("--baseline", file)
        assert done.exit_code == 0
        assert done.output.splitlines()[:2] == [
            "baseline of 2026-01-02: checks c, now d",
            "baseline of 2026-01-02: reader version 1, now 2",
        ]

    def test_write_tells_what_changed_and_is_green_from_then_on(
        self, ask: Ask, measures: Measures, file: Path
    ) -> None:
        measures(made({"silent.money": 9}))
        done = ask("--baseline", file, "--write")
        assert done.exit_code == 0
        assert "· silently wrong: money" in done.output
        assert done.output.splitlines()[-1] == f"the baseline is written: {file}"
        assert load(file).parts == made({"silent.money": 9}).parts
        assert ask("--baseline", file).output.splitlines()[-1] == "green"

    def test_write_makes_a_baseline_where_none_was(
        self, ask: Ask, measures: Measures, tmp_path: Path
    ) -> None:
        measures(made())
        new = tmp_path / "new.json"
        assert ask("--baseline", new, "--write").exit_code == 0
        assert load(new).parts == made().parts
        lines = new.read_text("utf-8").splitlines()
        assert sum('"silent.money": 100' in line for line in lines) == len(PARTS)
        lost = ask("--baseline", tmp_path / "none" / "new.json", "--write")
        assert (lost.exit_code, "there is no folder" in lost.output) == (2, True)

    def test_a_baseline_that_is_missing_is_named_with_the_mend(
        self, ask: Ask, tmp_path: Path
    ) -> None:
        done = ask("--baseline", tmp_path / "x.json")
        assert done.exit_code == 2
        assert done.output == (
            f"{tmp_path / 'x.json'}: there is no baseline; `crossfoot eval gate --write --baseline "
            f"{tmp_path / 'x.json'}` makes one\n"
        )

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (lambda told: "no json", "Invalid JSON"),
            (lambda told: json.dumps({**told, "parts": {}}), "gold: lacks the figure"),
            (lambda told: json.dumps({**told, "schema_version": 2}), "schema_version"),
            (lambda told: json.dumps(told).replace("silent.money", "silent.gold"), "silent.gold"),
        ],
    )
    def test_a_broken_baseline_is_named_with_the_reason_and_the_mend(
        self, ask: Ask, measures: Measures, file: Path, change: Callable[[Any], str], why: str
    ) -> None:
        file.write_text(change(json.loads(file.read_text("utf-8"))), "utf-8")
        done = ask("--baseline", file)
        assert done.exit_code == 2
        assert done.output.startswith(f"{file}: is no baseline of this gate (")
        assert why in done.output
        assert OWN.format(file) in done.output
        measures(made())
        assert "nothing is compared" in ask("--baseline", file, "--write").output
        assert load(file).parts == made().parts

    def test_wrong_usage_ends_with_2(self, ask: Ask) -> None:
        assert ask("--jobs", 0).exit_code == 2

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_every_figure_is_told_in_words(
        self, ask: Ask, measures: Measures, file: Path, lang: str
    ) -> None:
        figures = {name: 101 for name in figures_of("double") if name != "forms"}
        measures(made(figures))
        done = ask("--baseline", file, lang=lang)
        assert done.exit_code == 1
        rows = [line.partition(" · ")[2] for line in done.output.splitlines() if " → " in line]
        assert len(set(rows)) == len(figures)
        for row in rows:
            assert row
            assert not {"_", "."} & set(row)
            if lang == "zh":
                assert any("\u4e00" <= char <= "\u9fff" for char in row)

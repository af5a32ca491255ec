"""How well errors are told from right values, from the labels of a run to what people see of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from eval import running
from eval.compare import comparison_markdown
from eval.detection import GUARANTEES, auroc, brier, coverages, reliability, with_value
from eval.detection_report import ABLATED_AT, detection_of
from eval.double_entry import damaged_specs
from eval.fitting import out_of_fold
from eval.labels import Kind, Labels
from eval.pages import Spec
from eval.report import markdown, page
from eval.report.wording import METRICS, percent
from eval.results import Covered, Detection, Run
from extractor.pipeline import read_document
from extractor.signals import SIGNALS, SOURCES, Class
from extractor.types import CheckedDocument, Document

WHO = ("project", "table", "1", "0")
Reader = Callable[[Document], CheckedDocument]
FEW = (
    Spec(1, "shanghai", "tabs"),
    Spec(2, "hubei", "html", "dropped_digit", 2),
    Spec(3, "national", "lines"),
)


def kind(family: str, *on: str, class_: Class = "money") -> Kind:
    """Fields of a document family that some doubts speak against."""
    return Kind(WHO, family, class_, "", tuple(int(name in on) for name in SIGNALS))


def labels(families: int = 60, *, signal: str = "broken", telling: bool = True) -> Labels:
    """Ten fields a family, of which one has a doubt; every second doubt is right, or, where it
    tells nothing, a field without one is wrong as often."""
    made, chance = Labels(), random.Random(1)
    for number in range(families):
        family = f"f{number}"
        for place in range(10):
            has = place == 0
            wrong = chance.random() < 0.5 if has or not telling else False
            made.note(kind(family, signal) if has else kind(family), wrong)
    return made


class TestFigures:
    def test_they_are_those_of_probabilities_out_of_fold(self):
        some = labels()
        some.note(kind("f1", "unread", class_="blanks"), True)
        found, rated = detection_of(some), out_of_fold(some)
        values = with_value(rated)
        assert (found.fields, found.families) == (601, 60)
        assert found.errors == sum(some.wrong.values())
        assert (found.auroc, found.auroc_values) == (auroc(rated), auroc(values))
        assert found.brier == brier(rated)
        assert [tuple(one.model_dump().values()) for one in found.coverage] == coverages(rated)
        assert [tuple(one.model_dump().values()) for one in found.coverage_values] == coverages(
            values
        )
        assert [tuple(one.model_dump().values()) for one in found.reliability] == reliability(rated)
        assert sum(one.fields for one in found.reliability) == found.fields

    def test_a_doubt_that_tells_lets_errors_stand_out_and_chance_does_not(self):
        telling, idle = detection_of(labels()), detection_of(labels(telling=False))
        assert telling.auroc is not None
        assert idle.auroc is not None
        assert telling.auroc > 0.9
        assert idle.auroc < 0.6

    def test_without_the_source_of_the_doubt_nothing_is_left(self):
        found = detection_of(labels())
        assert tuple(found.ablation) == SOURCES
        for source, one in found.ablation.items():
            assert one.auroc is not None
            assert (one.auroc < 0.6) == (source == SIGNALS["broken"].source), source
        assert ABLATED_AT in GUARANTEES

    def test_with_few_errors_there_are_only_counts(self):
        found = detection_of(labels(12))
        assert 0 < found.errors < 20
        assert found == Detection(fields=120, errors=found.errors, families=12)
        assert detection_of(Labels()) == Detection(fields=0, errors=0, families=0)

    def test_what_nobody_read_is_told_apart(self):
        some = labels()
        some.note(Kind(WHO[:1], "f0", "blanks", "blank", None), True)
        found = detection_of(some)
        assert (found.lost, found.fields) == (1, 600)


class TestRuns:
    @pytest.fixture
    def reader(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Reader], None]:
        """Puts another reader into the place of the real one."""

        def put(other: Reader) -> None:
            monkeypatch.setattr(running, "read_document", other)

        return put

    def test_every_field_of_a_page_is_a_label_and_its_slips_are_the_wrong_ones(self):
        run, found = read_specs(FEW)
        assert found.forms == len(run.forms) == 3
        assert found.fields.total() >= sum(form.entries for form in run.forms)
        told = sum(
            slip.read_path is not None or not slip.flagged
            for form in run.forms
            for slip in form.slips
        )
        assert found.wrong.total() == told > 0
        assert {one.family for one in found.fields} == {"drawn-1", "drawn-2", "drawn-3"}
        assert run.detection == detection_of(found)

    def test_several_processes_find_the_same(self):
        one, two = (running.read_generated(30, 5, jobs) for jobs in (1, 2))
        assert one[1] == two[1]
        assert one[0].detection == two[0].detection is not None

    def test_what_is_misread_is_a_wrong_label(self, reader: Callable[[Reader], None]):
        _, plain = read_specs(FEW[:1])

        def misreading(document: Document) -> CheckedDocument:
            found = read_document(document)
            form = found.forms[0]
            entries = {**form.entries, "year": form.entries["year"]._replace(value="1999")}
            return replace(found, forms=(replace(form, entries=entries),))

        reader(misreading)
        _, off = read_specs(FEW[:1])
        assert plain.fields == off.fields
        assert off.wrong.total() == plain.wrong.total() + 1

    def test_a_form_that_was_lost_leaves_no_evidence(self, reader: Callable[[Reader], None]):
        """Every value of it is one that nobody was told of."""
        reader(lambda document: replace(read_document(document), forms=()))
        run, found = read_specs(FEW[:1])
        assert {one.signals for one in found.fields} == {None}
        assert run.detection is not None
        assert run.detection.fields == 0
        assert run.detection.lost == sum(run.forms[0].silent.values()) > 0

    def test_a_reader_that_gave_up_told_somebody(self, reader: Callable[[Reader], None]):
        def crashing(document: Document) -> CheckedDocument:
            raise RuntimeError("planted")

        reader(crashing)
        run, found = read_specs(FEW[:1])
        assert run.forms[0].failed == "RuntimeError: planted"
        assert (found.forms, found.fields.total()) == (1, 0)

    def test_damaged_pages_are_enough_to_measure_by(self):
        """Every damage, so that errors are in many families."""
        specs = tuple(islice(damaged_specs(1), 40))
        run = running.run_specs(specs, 1)
        assert run.detection is not None
        assert run.detection.auroc is not None
        assert run.detection.auroc > 0.7
        assert Run.model_validate_json(run.model_dump_json()) == run

    def test_a_set_tells_its_labels_too(self, small: Path):
        run, found = running.read_set(small)
        assert found.forms == len(run.forms) == 1
        assert run.detection == detection_of(found)
        assert run.detection == running.run_set(small).detection

    def test_a_run_of_an_older_file_is_still_a_run(self):
        run = running.run_specs(FEW[:1], 1)
        old = re.sub(r',"detection":\{.*\}\}?$', "}", run.model_dump_json())
        assert "detection" not in old
        assert Run.model_validate_json(old) == run.model_copy(update={"detection": None})


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A set of one generated form."""
    from eval.generated_set import write_set

    write_set(tmp_path / "small", 1, 1)
    return tmp_path / "small"


def read_specs(specs: tuple[Spec, ...]) -> tuple[Run, Labels]:
    return running._read_specs(specs, 1, 1, "few")  # pyright: ignore[reportPrivateUsage]


@pytest.fixture(scope="module")
def plain() -> Run:
    return running.run_specs(FEW[:1], 1)


def told_of(run: Run, found: Detection | None, *, generated: bool = True) -> tuple[str, str]:
    """The section of a run with such a detection, in Markdown and on the page."""
    run = run.model_copy(update={"detection": found, "generated": generated})
    summary = markdown(run).partition("## Errors told")[2].partition("\n## ")[0]
    drawn = page(run).partition('id="detection">')[2].partition("</section>")[0]
    return summary, drawn


def bound_of(one: Covered) -> str:
    return percent(one.bound, METRICS["silent_all"])


def cells(drawn: str) -> Iterator[str]:
    yield from re.findall(r'<td class="n">(.*?)</td>', drawn)


class TestReport:
    def test_every_figure_is_in_both_reports(self, plain: Run):
        found = detection_of(labels(400))
        summary, drawn = told_of(plain, found)
        assert found.auroc is not None
        for told in (summary, drawn):
            assert f"{int(found.auroc * 10_000) / 10_000:.4f}" in told
            assert f"{found.fields:,}" in told
        one, *others = found.coverage
        assert one.bound is not None
        rows = [line for line in summary.splitlines() if line.startswith("| 1 % |")]
        assert f"| 1 % | {100 * one.share:.2f} |" in rows[0]
        assert any(cell == f"{100 * one.share:.2f}" for cell in cells(drawn))
        for told in (summary, drawn):
            assert all(f"≤ {bound_of(each)}" in told for each in (one, *others) if each.bound)
        assert drawn.count("<table") == 3
        assert drawn.count('scope="row"') == 4 + len(found.reliability) + 1 + len(SOURCES)

    def test_where_nothing_can_be_accepted_that_is_said(self, plain: Run):
        found = detection_of(labels())
        assert found.coverage[-1].bound is None
        assert "| 0.14 % | 0 | – | – | 0 | – | – |" in told_of(plain, found)[0]

    def test_it_begins_with_what_is_measured_and_says_where_figures_come_from(self, plain: Run):
        found = detection_of(labels())
        for generated in (True, False):
            summary, drawn = told_of(plain, found, generated=generated)
            first = summary.split("\n")[2]
            assert first.startswith("From the doubts about it every field gets a probability")
            assert ("generated forms, not from documents" in first) == generated
            assert ("出自生成的表" in drawn) == generated
            assert summary.split("\n")[0].endswith("(generated forms)") == generated

    def test_too_few_errors_are_said_in_words(self, plain: Run):
        few = Detection(fields=2788, errors=7, families=3, lost=4)
        summary, drawn = told_of(plain, few)
        assert (
            "7 wrong values among 2,788: too few to measure how well errors are told from right "
            "values" in summary
        )
        assert "2,788 个值中 7 个错：太少" in drawn
        assert "<table" not in drawn
        assert "|" not in summary
        assert "4 values of rows that were not read at all" in summary

    def test_an_older_run_has_no_section(self, plain: Run):
        assert told_of(plain, None) == ("", "")

    def test_two_runs_are_shown_beside_each_other(self, plain: Run):
        some, few = detection_of(labels()), Detection(fields=1, errors=0, families=1)
        runs = [plain.model_copy(update={"detection": one}) for one in (some, some, few, None)]
        told = comparison_markdown(runs[0], runs[1])
        assert some.auroc is not None
        shown = f"{int(some.auroc * 10_000) / 10_000:.4f}"
        assert f"| AUROC, all fields | {shown} | {shown} |" in told
        assert "| Brier | " in told
        assert "| fields with a value accepted at ≤ 0.14 % wrong | 0 % | 0 % |" in told
        for other in runs[2:]:
            assert "AUROC" not in comparison_markdown(runs[0], other)
            assert "AUROC" not in comparison_markdown(other, runs[0])

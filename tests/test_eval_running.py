"""Runs over gold and generated forms: which pages are made, what is read of them, what changed."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval import running
from eval.columns import COLUMN_SETS
from eval.compare import Change, Comparison, Moved, compare, comparison_markdown
from eval.damage import DAMAGES
from eval.generated_set import NotEmpty, write_set
from eval.goldset import SHIPPED, GoldItem, document_of, load, write
from eval.layouts import LAYOUTS, TABULAR
from eval.metrics import metrics
from eval.pages import GRADES, Spec, page, plan
from eval.results import Cell, FormResult, Run, Slip
from eval.running import (
    documents_of,
    nearest,
    read_set,
    run_generated,
    run_gold,
    run_set,
    run_specs,
)
from eval.score import Outcome
from eval.vetting import vet
from extractor.bulk import Stop, Way
from extractor.errors import ReadingError
from extractor.families.base import Field
from extractor.pipeline import read_document
from extractor.sources import Found, hash_of
from extractor.sources import document_of as source_document
from extractor.types import CheckedDocument, CheckedForm, Document, Origin, Span
from extractor.workers import Failure, Fate, Needed
from extractor.workers import Outcome as Landed

ROOT = Path(__file__).parents[1]
FEW = (
    Spec(1, "shanghai", "tabs"),
    Spec(2, "hubei", "html", "dropped_digit", 2),
    Spec(3, "shanghai_department", "pipes", "lost_leading_cells", 1),
    Spec(4, "yunnan", "flat"),
    Spec(5, "national", "lines"),
)
JIANGQIAO = tuple(item for item in load() if item.document == "jiangqiao-2024.tsv")

Reader = Callable[[Document], CheckedDocument]


def told(run: Run) -> dict[str, Any]:
    """A run without its times."""
    forms = [form.model_copy(update={"seconds": 0.0}) for form in run.forms]
    return run.model_copy(update={"seconds": 0.0, "forms": forms}).model_dump()


def gold(items: tuple[GoldItem, ...] = JIANGQIAO) -> Run:
    return run_gold(items, lambda item: document_of(SHIPPED, item))


@pytest.fixture(autouse=True)
def _without_rivals(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take a third of a second a form, and are measured elsewhere."""
    monkeypatch.setattr(running, "anls_star", lambda truth, read: 0.5)
    monkeypatch.setattr(running, "donut_f1", lambda truth, read: 0.25)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Callable[[Reader], None]:
    """Puts another reader into the place of the real one."""
    return lambda other: monkeypatch.setattr(running, "read_document", other)


class TestPlan:
    def test_two_thousand_pages_hold_every_layout_column_set_damage_and_grade(self):
        specs = plan(2000, 7)
        assert len(specs) == len({spec.seed for spec in specs}) == 2000
        clean = {(spec.layout, spec.columns) for spec in specs if spec.damage is None}
        noisy = {(spec.damage, spec.grade, spec.layout) for spec in specs if spec.damage}
        assert clean == set(itertools.product(LAYOUTS, COLUMN_SETS))
        assert noisy == set(itertools.product(DAMAGES, GRADES, TABULAR))
        assert {spec.columns for spec in specs if spec.damage} == set(COLUMN_SETS)
        assert sum(spec.damage is None for spec in specs) == 500

    def test_only_clean_pages_are_without_a_grade(self):
        assert all((spec.grade == 0) == (spec.damage is None) for spec in plan(400, 7))

    @pytest.mark.parametrize("count", range(1, 11))
    def test_a_few_pages_are_as_many_as_asked_for_and_unlike(self, count: int):
        specs = plan(count, 7)
        assert len(specs) == count
        assert len({spec[1:] for spec in specs}) == count
        assert specs[0].damage is None
        assert any(spec.damage for spec in specs) == (count > 1)
        assert len({spec.layout for spec in plan(10, 7)}) > 2

    def test_few_clean_pages_show_every_layout_and_no_two_the_same(self):
        clean = [spec for spec in plan(4 * 8, 7) if not spec.damage]
        assert [spec.layout for spec in clean] == list(LAYOUTS)
        assert len({spec.columns for spec in clean}) > 2

    def test_a_seed_has_its_own_forms_and_always_the_same(self):
        assert plan(50, 7) == plan(50, 7)
        assert not {spec.seed for spec in plan(50, 7)} & {spec.seed for spec in plan(50, 8)}
        assert [spec[1:] for spec in plan(50, 7)] != [spec[1:] for spec in plan(50, 8)]

    def test_every_page_has_a_name_of_its_own(self):
        assert len({spec.name for spec in plan(1000, 7)}) == 1000
        assert FEW[0].name == "1-shanghai-tabs"
        assert FEW[1].name == "2-hubei-html-dropped_digit-2"


class TestPage:
    def test_another_process_makes_the_same_pages(self):
        code = "from tests.test_eval_running import _digest; print(_digest())"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": "1"},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert done.stdout.strip() == _digest(), done.stderr

    @pytest.mark.parametrize("spec", [*FEW, Spec(6, "shanghai", "html_spans")])
    def test_what_is_printed_stands_where_the_page_says(self, spec: Spec):
        made = page(spec)
        assert made.places.keys() <= made.truth.keys()
        for path, spans in made.places.items():
            for start, end in spans:
                assert made.text[start:end].strip() == made.text[start:end] != "", path
        if spec.damage is None:
            filled = {path for path, value in made.truth.items() if value is not None}
            assert filled <= made.places.keys()

    def test_damage_changes_the_page_and_not_the_truth(self):
        spec = Spec(9, "shanghai", "tabs", "dropped_digit", 3)
        clean, damaged = page(spec._replace(damage=None, grade=0)), page(spec)
        assert clean.truth == damaged.truth
        assert clean.text != damaged.text
        assert page(spec._replace(grade=1)).text not in (clean.text, damaged.text)


def _digest() -> str:
    """One word for pages of every damage and layout."""
    pages = [page(Spec(i, "shanghai", "tabs", damage, 3)) for i, damage in enumerate(DAMAGES)]
    pages += [page(spec) for spec in plan(30, 7)]
    whole = repr([(made.spec.name, made.text, made.truth, made.places) for made in pages])
    return hashlib.sha256(whole.encode()).hexdigest()


class TestNearest:
    """Which form of a reading is judged beside a form of the truth."""

    @staticmethod
    def among(span: tuple[int, int], *found: tuple[int, int] | tuple[int, int, str]) -> int | None:
        forms: list[CheckedForm] = []
        for index, (start, end, *family) in enumerate(found):
            form = replace(READ[0].form, span=Span(start, end), index=index)
            form = replace(form, family=family[0] if family else "project")
            forms.append(replace(READ[0], form=form))
        chosen = nearest(replace(DOCUMENT, forms=tuple(forms)), Span(*span), "project")
        return None if chosen is None else chosen.form.index

    def test_it_is_the_one_that_covers_most(self):
        assert self.among((100, 200), (0, 100), (100, 200), (200, 300)) == 1
        assert self.among((100, 200), (0, 130), (130, 200)) == 1
        assert self.among((100, 200), (100, 180), (180, 200)) == 0
        assert self.among((100, 200), (0, 1000)) == 0

    def test_of_two_alike_it_is_the_first(self):
        assert self.among((100, 200), (100, 150), (150, 200)) == 0

    def test_a_form_that_only_touches_or_is_of_another_family_is_none(self):
        assert self.among((100, 200), (0, 100), (200, 300)) is None
        assert self.among((100, 200), (100, 200, "department")) is None
        assert self.among((100, 200), (100, 200, "department"), (190, 300)) == 1
        assert self.among((100, 200)) is None


DOCUMENT = read_document(document_of(SHIPPED, JIANGQIAO[0]))
READ = DOCUMENT.forms


class TestGold:
    def test_a_form_is_judged_beside_the_form_at_its_place(self, reader: Any):
        """… whatever else the reader finds before, between and behind."""
        plain = gold()
        assert [form.item for form in plain.forms] == [item.id for item in JIANGQIAO]
        assert all(form.exact for form in plain.forms)

        def eager(document: Document) -> CheckedDocument:
            found = read_document(document)
            empty = {p: e._replace(value=None) for p, e in found.forms[0].entries.items()}
            ghosts = [
                replace(form, form=replace(form.form, span=Span(at, at + 9)), entries=empty)
                for form in found.forms
                for at in (form.form.span.start, form.form.span.end)
            ]
            every = sorted([*ghosts, *found.forms], key=lambda form: form.form.span)
            return replace(found, forms=tuple(every))

        reader(eager)
        among = gold()
        assert sum(form.surplus for form in plain.forms) == 0
        assert sum(form.surplus for form in among.forms) >= len(DOCUMENT.forms)
        among.forms[0].surplus = 0
        assert told(among) == told(plain)

    def test_of_a_form_that_was_split_the_larger_part_is_judged(self, reader: Any):
        def splitting(document: Document) -> CheckedDocument:
            found = read_document(document)
            return replace(found, forms=tuple(part for f in found.forms for part in _split(f)))

        reader(splitting)
        run = gold()
        assert not any(form.exact for form in run.forms)
        assert all(form.found for form in run.forms)
        for form in run.forms:
            assert {slip.outcome for slip in form.slips} == {"omitted"}
            assert {slip.path for slip in form.slips} & {"year", "project_name"}

    def test_two_forms_taken_for_one_are_both_judged_by_it(self, reader: Any):
        def merging(document: Document) -> CheckedDocument:
            first, second, *rest = read_document(document).forms
            span = Span(first.form.span.start, second.form.span.end)
            whole = replace(first, form=replace(first.form, span=span))
            return replace(DOCUMENT, forms=(whole, *rest))

        reader(merging)
        one, two, *rest = gold().forms
        assert one.exact
        assert two.found
        assert not two.exact
        assert "project_name" in {slip.path for slip in two.slips}
        assert all(form.exact for form in rest)

    def test_a_form_that_was_not_found_is_wrong_in_every_leaf_and_silent(self, reader: Any):
        def losing(document: Document) -> CheckedDocument:
            found = read_document(document)
            return replace(found, forms=found.forms[1:])

        reader(losing)
        run = gold()
        lost = run.forms[0]
        filled = sum(value is not None for value in JIANGQIAO[0].values().values())
        assert (lost.found, lost.failed, len(lost.slips)) == (False, None, filled)
        assert run.metrics["silent_all"].count == sum(lost.silent.values()) == filled
        assert run.metrics["forms_untouched"].count == sum(f.clear for f in run.forms[1:])

    def test_a_crash_costs_the_forms_of_one_document_and_is_told(self, reader: Any):
        def crashing(document: Document) -> CheckedDocument:
            if document.path.startswith("pujin"):
                raise KeyError("x")
            return read_document(document)

        reader(crashing)
        run = gold((*JIANGQIAO, *(i for i in load() if i.document.startswith("pujin"))))
        assert [form.failed for form in run.forms] == [None] * 6 + ["KeyError: 'x'"]
        assert [form.exact for form in run.forms] == [True] * 6 + [False]
        assert not run.forms[-1].found

    def test_a_document_is_read_once_and_its_time_shared(
        self, reader: Any, monkeypatch: pytest.MonkeyPatch
    ):
        read: list[str] = []

        def counting(document: Document) -> CheckedDocument:
            read.append(document.path)
            return read_document(document)

        reader(counting)
        ticks = itertools.count()
        monkeypatch.setattr(running.time, "perf_counter", lambda: float(next(ticks)))
        run = gold((JIANGQIAO[3], JIANGQIAO[0]))
        assert read == ["jiangqiao-2024.tsv"]
        assert [form.seconds for form in run.forms] == [0.5, 0.5]

    def test_it_says_what_was_run(self):
        run = gold()
        assert (run.name, run.generated, run.seed, run.families) == ("gold", False, None, 1)
        assert run.slices == {}
        assert set(run.cells) == {"tsv"}
        assert run.forms[0].anls == run.metrics["anls"].value == 0.5
        assert run.forms[0].donut == run.metrics["donut"].value == 0.25
        assert run.metrics == metrics(run.forms)

    def test_the_set_in_a_folder_bears_its_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        write_set(tmp_path / "mine", 1, 1)
        monkeypatch.chdir(tmp_path / "mine")
        for folder in (tmp_path / "mine", Path(".")):
            assert run_set(folder).name == "mine"
        assert run_set(Path("."), "other").name == "other"


class TestAnotherWay:
    """A set that is read by whatever way is handed over, as a model would."""

    @pytest.fixture
    def three(self, tmp_path: Path) -> Path:
        """Three documents of one form each."""
        write_set(tmp_path, 3, 1)
        return tmp_path

    @staticmethod
    def way(fate: Callable[[int, Found], Landed | None], model: str | None = "m") -> Way:
        """Reads a file with the table reader, unless ``fate`` has an outcome for it."""

        def source(files: Iterable[Found], needed: Needed, stop: Stop) -> Iterator[Landed]:
            for number, found in enumerate(files):
                data = found.file.read_bytes()
                if not needed(found, hash_of(data)):
                    yield Landed(found, "known", hash_of(data))
                elif outcome := fate(number, found):
                    yield replace(outcome, sha256=hash_of(data))
                else:
                    checked = read_document(source_document(found, data))
                    yield Landed(found, "read", hash_of(data), checked=checked)

        return Way(lambda books: source, "both", model=model)

    def test_it_scores_as_the_table_reader_does_where_it_reads_the_same(self, three: Path):
        run, labels = read_set(three, "x", self.way(lambda number, found: None))
        plain, known = read_set(three, "x")
        assert told(run) == {**told(plain), "reader": "both:m"}
        assert labels == known

    def test_the_reader_is_named_by_the_forms_that_it_read(self, three: Path):
        def asked(number: int, found: Found) -> Landed:
            document = source_document(found, found.file.read_bytes())
            checked = read_document(document)
            origin = Origin("m", "prompt", "schema")
            forms = tuple(replace(f, reader="model", origin=origin) for f in checked.forms)
            return Landed(found, "read", checked=replace(checked, forms=forms))

        assert read_set(three, None, self.way(asked))[0].reader == "model:m:prompt"

    def test_a_document_that_failed_costs_its_forms_and_is_told(self, three: Path):
        def second(number: int, found: Found) -> Landed | None:
            failure = Failure(found.root, found.path, "reply", {"zh": "无", "en": "no such luck"})
            return Landed(found, "failed", failure=failure) if number == 1 else None

        forms = read_set(three, None, self.way(second))[0].forms
        assert [form.failed for form in forms] == [None, "no such luck", None]
        assert [form.found for form in forms] == [True, False, True]

    @pytest.mark.parametrize(("fate", "code", "which"), [
        ("left", "denied", {2}), ("left", "cap", {0, 1, 2}), ("failed", "busy", {0, 1, 2}),
    ])  # fmt: skip
    def test_where_nobody_could_be_asked_there_is_no_run(
        self, three: Path, fate: Fate, code: str, which: set[int]
    ):
        def refused(number: int, found: Found) -> Landed | None:
            failure = Failure(found.root, found.path, code, {"zh": "拒绝", "en": "denied"})
            return Landed(found, fate, failure=failure) if number in which else None

        with pytest.raises(ReadingError, match="denied") as error:
            read_set(three, None, self.way(refused))
        assert error.value.sentences["zh"] == "拒绝"

    def test_two_documents_of_the_same_bytes_are_both_judged(self, three: Path):
        item = load(three)[0]
        shutil.copy(three / "documents" / item.document, three / "documents" / "twin.md")
        twin = item.model_copy(update={"document": "twin.md", "id": "twin"})
        write(three, twin)
        forms = read_set(three, None, self.way(lambda number, found: None))[0].forms
        assert {form.item: form.exact for form in forms}["twin"]
        assert len(forms) == 4

    def test_only_documents_that_an_item_is_about_are_sent(self, three: Path):
        (three / "documents" / "other.md").write_text("其他")
        assert {found.path for found in documents_of(three)} == {
            item.document for item in load(three)
        }
        asked: list[str] = []

        def noting(number: int, found: Found) -> None:
            asked.append(found.path)

        read_set(three, None, self.way(noting))
        assert "other.md" not in asked


def _split(form: CheckedForm) -> Iterator[CheckedForm]:
    """A form as two: its first quarter, and the rest."""
    start, end = form.form.span
    middle = start + (end - start) // 4
    for span in (Span(start, middle), Span(middle, end)):
        kept = {
            path: entry
            if entry.spans and span.start <= entry.spans[0].start < span.end
            else entry._replace(value=None, spans=(), raw=())
            for path, entry in form.entries.items()
        }
        yield replace(form, form=replace(form.form, span=span), entries=kept)


class TestGenerated:
    def test_pages_are_judged_in_their_order_and_the_damage_is_told(self):
        run = run_specs(FEW, 3)
        about = [(f.item, f.layout, f.columns, f.damage, f.grade) for f in run.forms]
        assert about == [(s.name, s.layout, s.columns, s.damage, s.grade) for s in FEW]
        assert [form.family for form in run.forms] == ["project"] * 2 + ["department"] + [
            "project"
        ] * 2
        assert [form.document_family for form in run.forms] == [f"drawn-{s.seed}" for s in FEW]
        assert (run.name, run.generated, run.seed, run.families) == ("generated", True, 3, 5)
        assert [f.item for f in run.forms if f.exact][:1] == ["1-shanghai-tabs"]
        assert {form.anls for form in run.forms} == {None}

    def test_several_processes_find_the_same(self):
        specs = plan(60, 5)
        one, two = (told(run_specs(specs, 5, jobs)) for jobs in (1, 2))
        assert one == two

    def test_a_run_is_the_run_of_its_plan(self):
        assert told(run_generated(4, 9, name="x")) == told(run_specs(plan(4, 9), 9, name="x"))

    def test_a_crash_costs_one_page_and_is_told(self, reader: Any):
        plain = run_specs(FEW, 3)

        def crashing(document: Document) -> CheckedDocument:
            if "hubei" in document.path:
                raise RuntimeError("no more")
            return read_document(document)

        reader(crashing)
        run = run_specs(FEW, 3)
        assert [form.failed for form in run.forms] == [
            None, "RuntimeError: no more", None, None, None,
        ]  # fmt: skip
        crashed = run.forms[1]
        assert (crashed.found, crashed.clear, crashed.exact) == (False, False, False)
        assert {(slip.outcome, slip.flagged) for slip in crashed.slips} == {("omitted", False)}
        rest = [form for form in told(run)["forms"] if not form["failed"]]
        assert rest == [form for i, form in enumerate(told(plain)["forms"]) if i != 1]

    def test_an_interrupt_is_no_crash_of_the_reader(self, reader: Any):
        def interrupted(document: Document) -> CheckedDocument:
            raise KeyboardInterrupt

        reader(interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_specs(FEW, 3)

    def test_slices_are_the_figures_of_their_forms(self):
        run = run_specs([*FEW, FEW[0]._replace(seed=6, damage="dropped_digit", grade=2)], 3)
        forms = {form.item: form for form in run.forms}
        assert set(run.slices) == {
            "clean", "noisy",
            "layout=tabs/clean", "layout=tabs/noisy", "layout=tabs/0", "layout=tabs/2",
            "layout=html/noisy", "layout=html/2", "layout=pipes/noisy", "layout=pipes/1",
            "layout=flat/clean", "layout=flat/0", "layout=lines/clean", "layout=lines/0",
            "columns=shanghai/clean", "columns=shanghai/noisy", "columns=hubei/noisy",
            "columns=shanghai_department/noisy", "columns=yunnan/clean", "columns=national/clean",
            "damage=dropped_digit/2", "damage=lost_leading_cells/1",
        }  # fmt: skip
        digits = [form for form in forms.values() if form.damage == "dropped_digit"]
        assert len(digits) == 2
        assert run.slices["damage=dropped_digit/2"] == metrics(digits, intervals=False)
        clean = [form for form in forms.values() if not form.damage]
        assert run.slices["clean"] == metrics(clean, intervals=False)
        assert run.slices["layout=flat/0"] == metrics([forms["4-yunnan-flat"]], intervals=False)

    def test_cells_are_the_counts_of_every_form_by_layout(self):
        run = run_specs(FEW, 3)
        assert list(run.cells) == [spec.layout for spec in FEW]
        for layout, cells in run.cells.items():
            mine = [form for form in run.forms if form.layout == layout]
            outcomes: Counter[Outcome] = Counter()
            for form in mine:
                for counts in form.counts.values():
                    outcomes.update(counts)
            total = Cell()
            for cell in cells.values():
                total.judged += cell.judged
                total.right += cell.right
                total.silent += cell.silent
            assert total.judged == outcomes.total() - outcomes["correct_blank"]
            assert total.right == outcomes["correct"] + outcomes["format_only"]
            assert total.silent == sum(sum(form.silent.values()) for form in mine)

    def test_a_run_is_the_same_once_written_and_read(self):
        for run in (run_specs(FEW, 3), gold(JIANGQIAO[:2])):
            assert Run.model_validate_json(run.model_dump_json()) == run
        found = run_specs(FEW, 3)
        assert any(form.slips for form in found.forms)
        assert Run.model_validate_json(found.model_dump_json(indent=1)).forms == found.forms


class TestGeneratedSet:
    def test_it_is_a_set_that_scores_as_the_pages_do(self, tmp_path: Path):
        write_set(tmp_path, 12, 4, damage="mixed")
        items = load(tmp_path)
        assert len(items) == 12
        run = run_set(tmp_path)
        specs = [
            Spec(int(item.document_family.removeprefix("drawn-")), **item.printed_as)  # type: ignore[arg-type]
            for item in items
        ]
        made = run_specs(specs, 4)
        assert run.generated
        assert [f.item for f in run.forms] == [f"{f.item}.md-0" for f in made.forms]
        for one, two in zip(run.forms, made.forms, strict=True):
            same = {"counts", "silent", "rows", "exact", "clear", "layout", "damage", "grade"}
            assert one.model_dump(include=same) == two.model_dump(include=same)
        assert run.slices.keys() == made.slices.keys()
        assert run.slices["noisy"]["exact_all"] == made.slices["noisy"]["exact_all"]

    def test_what_is_not_named_varies_from_the_first_pages_on(self, tmp_path: Path):
        write_set(tmp_path, 12, 4, damage="stamps")
        specs = [item.printed_as for item in load(tmp_path)]
        assert len({spec["layout"] for spec in specs}) > 2
        assert len({spec["columns"] for spec in specs}) > 2
        assert {spec["grade"] for spec in specs} == set(GRADES)
        assert {spec["damage"] for spec in specs} == {"stamps"}
        assert len({item.document_family for item in load(tmp_path)}) == 12

    def test_what_is_named_does_not(self, tmp_path: Path):
        write_set(tmp_path, 5, 4, "hubei", "html", "stamps", 2)
        assert [item.printed_as for item in load(tmp_path)] == [
            {"layout": "html", "columns": "hubei", "damage": "stamps", "grade": 2}
        ] * 5

    def test_without_damage_it_is_clean_and_without_fault(self, tmp_path: Path):
        write_set(tmp_path, 12, 4)
        assert {item.printed_as["grade"] for item in load(tmp_path)} == {0}
        faults = [fault.told("en") for fault in vet(tmp_path).faults]
        assert [told for told in faults if ": span:" in told] == []

    def test_the_same_seed_writes_the_same_files(self, tmp_path: Path):
        for name, seed in (("one", 4), ("two", 4), ("three", 5)):
            write_set(tmp_path / name, 3, seed)
        one, two, three = (
            {
                file.relative_to(tmp_path / name): file.read_bytes()
                for file in (tmp_path / name).rglob("*.*")
            }
            for name in ("one", "two", "three")
        )
        assert len(one) == 6
        assert one == two
        assert not one.keys() & three.keys()

    def test_a_folder_that_holds_anything_is_left_alone(self, tmp_path: Path):
        (tmp_path / "mine.txt").write_text("mine")
        with pytest.raises(NotEmpty, match="is not empty; name a new folder"):
            write_set(tmp_path, 1, 1)
        assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]

    def test_it_keeps_what_damage_took_off_the_page(self, tmp_path: Path):
        """The truth has the value; there is no place for it."""
        write_set(tmp_path, 1, 4, "shanghai", "tabs", "dropped_levels", 3)
        (item,) = load(tmp_path)
        lost = [leaf for leaf in item.leaves.values() if leaf.value and not leaf.spans]
        assert lost
        assert {leaf.state for leaf in lost} == {"value"}


def slip(path: str = "total_score", outcome: Outcome = "wrong", **given: Any) -> Slip:
    usual = {"kind": "score", "truth": "9.15", "read": "9.51", "flagged": True, "noticed": False}
    return Slip.model_validate({"path": path, "outcome": outcome, **usual, **given})


def result(item: str, *slips: Slip, of: int = 10, **given: Any) -> FormResult:
    """A form of so many points, of which those of the slips are wrong."""
    counts: Counter[Outcome] = Counter(each.outcome for each in slips)
    counts["correct"] = of - len(slips)
    told: dict[Field, Mapping[Outcome, int]] = {"points": counts}
    usual: dict[str, object] = {
        "item": item,
        "family": "project",
        "document_family": item,
        "clear": not slips,
        "exact": not slips,
        "counts": told,
        "silent": {"points": sum(not each.flagged for each in slips)},
        "entries": of,
        "flagged": sum(each.flagged for each in slips),
        "rows": (0, 0, 0),
        "character_errors": (0, 0),
        "seconds": 0.0,
        "slips": slips,
    }
    return FormResult.model_validate({**usual, **given})


def run_of(name: str, *forms: FormResult, generated: bool = False) -> Run:
    return Run(
        name=name, generated=generated, reader="table", check_set="0", crossfoot="0", python="3",
        seconds=0, families=len(forms), metrics=metrics(forms), slices={}, cells={},
        forms=list(forms),
    )  # fmt: skip


def change(found: Comparison, name: str) -> Change:
    return next(one for one in found.changes if one.name == name)


class TestCompare:
    def test_a_figure_changes_by_the_forms_in_both(self):
        before = run_of("a", *(result(str(i), slip()) for i in range(10)), result("gone"))
        after = run_of("b", result("new", slip()), *(result(str(i)) for i in range(10)))
        found = compare(before, after)
        assert (found.forms, found.alone) == (10, ("gone", "new"))
        points = change(found, "exact_numbers")
        assert (points.before, points.after) == (0.9, 1.0)
        assert points.difference == pytest.approx(0.1)
        assert (points.low, points.high) == (pytest.approx(0.1), pytest.approx(0.1))
        assert (points.verdict, points.more_forms) == ("better", None)
        assert change(found, "form_exact").difference == 1
        assert change(found, "row_f1").verdict == "same"

    def test_a_change_in_a_few_forms_may_be_chance(self):
        before = run_of("a", *(result(str(i)) for i in range(10)))
        worse = run_of("b", *(result(str(i), *([slip()] if i == 3 else [])) for i in range(10)))
        found = change(compare(before, worse), "exact_numbers")
        assert found.low is not None
        assert found.high is not None
        assert found.low < -0.01 <= found.high == 0
        assert found.verdict == "inconclusive"

    def test_the_interval_is_about_the_change_where_one_run_lost_a_form(self):
        """A form not found has no entries: that it is found again must not look like a gain of
        all its fields. Untouched before: 900 of 900; after: 900 + 50 of 1,000."""
        forms = [result(str(i), of=100) for i in range(9)]
        lost = result("x", of=100, entries=0, found=False)
        again = result("x", of=100, entries=100, flagged=50, document_family="x")
        found = change(
            compare(run_of("a", *forms, lost), run_of("b", *forms, again)), "fields_untouched"
        )
        assert found.difference == pytest.approx(-0.05)
        assert found.low is not None
        assert found.high is not None
        assert found.low <= -0.05 <= found.high <= 0

    def test_forms_of_one_family_prove_nothing_alone(self):
        same = {"document_family": "one"}
        before = run_of("a", *(result(str(i), slip(), **same) for i in range(5)))
        after = run_of("b", *(result(str(i), **same) for i in range(5)))
        found = change(compare(before, after), "exact_numbers")
        assert found.difference == pytest.approx(0.1)
        assert (found.low, found.high) == (None, None)
        assert (found.verdict, found.more_forms) == ("inconclusive", None)

    def test_anchors_are_compared_where_both_runs_have_them(self):
        before = run_of("a", result("1", anls=0.5), result("2", anls=1.0), result("3"))
        after = run_of("b", result("1", anls=0.75), result("2"), result("3", anls=0.1))
        found = change(compare(before, after), "anls")
        assert (found.before, found.after, found.difference) == (0.5, 0.75, 0.25)
        none = change(compare(before, after), "donut")
        assert (none.before, none.difference) == (None, None)

    def test_a_run_beside_itself_has_changed_nothing(self):
        run = run_of("a", *(result(str(i), slip()) for i in range(4)))
        found = compare(run, run)
        assert found.moved == ()
        assert found.alone == ()
        assert {one.difference for one in found.changes} <= {0.0, None}
        assert {(one.verdict, one.more_forms) for one in found.changes} == {("same", None)}

    def test_less_is_better_of_errors_and_of_work(self):
        wrongs = [slip(), slip("grade", flagged=False)]
        right: dict[str, Any] = {"character_errors": (0, 9)}
        wrong: dict[str, Any] = {"character_errors": (1, 9)}
        sound = run_of("a", *(result(str(i), **right) for i in range(10)))
        off = run_of("b", *(result(str(i), *wrongs, **wrong) for i in range(10)))
        names = ("exact_numbers", "form_exact", "silent_numbers", "flagged", "prose_cer")
        sound = run_of(
            "a", *(f.model_copy(update={"character_errors": (0, 9)}) for f in sound.forms)
        )
        worse, better = compare(sound, off), compare(off, sound)
        assert {name: change(worse, name).verdict for name in names} == dict.fromkeys(
            names, "worse"
        )
        assert {name: change(better, name).verdict for name in names} == dict.fromkeys(
            names, "better"
        )

    def test_so_many_more_forms_would_settle_it(self):
        """One of 10 forms lost a tenth of its leaves. With so many more of the same kind the
        interval no longer holds 0, and with half of them it still does."""

        def pair(times: int) -> tuple[Run, Run]:
            names = [f"{i}-{part}" for part in range(times) for i in range(10)]
            off = {name for name in names if name.startswith("3-")}
            healed = {name for name in names if name.startswith("4-")}
            after = [result(n, *([slip(), slip("grade")] if n in off else [])) for n in names]
            before = [result(n, *([slip()] if n in healed else [])) for n in names]
            return run_of("a", *before), run_of("b", *after)

        few = change(compare(*pair(1)), "exact_numbers")
        assert few.verdict == "inconclusive"
        assert few.more_forms is not None
        times = -(-(10 + few.more_forms) // 10)
        assert change(compare(*pair(times // 2)), "exact_numbers").verdict == "inconclusive"
        assert change(compare(*pair(2 * times)), "exact_numbers").verdict == "worse"

    def test_the_number_follows_the_width_of_the_interval(self):
        before = run_of("a", *(result(str(i), *([slip()] if i == 4 else [])) for i in range(10)))
        wrong = {3: [slip(), slip("grade")]}
        after = run_of("b", *(result(str(i), *wrong.get(i, [])) for i in range(10)))
        found = change(compare(before, after), "exact_numbers")
        assert found.low is not None
        assert found.high is not None
        width, difference = (found.high - found.low) / 2, -0.01
        assert found.difference == pytest.approx(difference)
        assert found.more_forms == math.ceil(10 * (width / difference) ** 2) - 10
        assert f"| inconclusive: {found.more_forms:,} more forms |" in comparison_markdown(
            before, after
        )

    def test_a_gain_and_a_loss_that_balance_need_forms_enough_for_a_tenth_of_a_point(self):
        before = run_of("a", *(result(str(i), *([slip()] if i == 4 else [])) for i in range(10)))
        after = run_of("b", *(result(str(i), *([slip()] if i == 3 else [])) for i in range(10)))
        found = change(compare(before, after), "exact_numbers")
        assert found.difference == 0
        assert found.verdict == "inconclusive"
        assert found.low is not None
        assert found.high is not None
        width = (found.high - found.low) / 2
        assert found.more_forms == math.ceil(round(10 * (width / 0.001) ** 2, 6)) - 10 > 1000
        assert "more forms to see 0.1 points |" in comparison_markdown(before, after)

    def test_leaves_come_right_and_go_wrong(self):
        stays, healed, broken = slip("year"), slip("grade"), slip("total_weight")
        before = run_of("a", result("1", stays, healed), result("2"))
        after = run_of(
            "b", result("1", stays.model_copy(update={"read": "8"})), result("2", broken)
        )
        assert compare(before, after).moved == (
            Moved("1", healed, better=True),
            Moved("2", broken, better=False),
        )

    def test_a_surplus_value_is_not_taken_for_the_leaf_of_the_page_at_its_path(self):
        """The page's third row was lost; then it is read, and a surplus row stands third."""
        path = "indicators[2].score"
        lost, surplus = slip(path, "omitted"), slip(path, "spurious", truth=None)
        found = compare(run_of("a", result("1", lost)), run_of("b", result("1", surplus)))
        assert found.moved == (
            Moved("1", lost, better=True),
            Moved("1", surplus, better=False),
        )

    def test_runs_of_other_forms_cannot_be_compared(self):
        with pytest.raises(ValueError, match="a and b have no form in common"):
            compare(run_of("a", result("1")), run_of("b", result("2")))

    def test_the_page_tells_all_of_it(self):
        before = run_of("old", *(result(str(i), slip()) for i in range(4)), result("gone"))
        after = run_of("new", *(result(str(i)) for i in range(3)), result("3", slip("year")))
        told = comparison_markdown(before, after)
        assert told.startswith("# old → new\n")
        assert "\n4 forms in both. " in told
        assert "| exact_numbers | 90.000 % | 97.500 % | +7.500 points | +" in told
        assert "Left out, only in one run: gone" in told
        assert "## Came right: 4\n\n- 0 `total_score` (wrong): '9.51', page '9.15'\n" in told
        assert "## Went wrong: 1\n\n- 3 `year` (wrong)" in told
        assert "donut" not in told
        assert "| better |" in told
        assert "| row_f1 |" not in told

    def test_a_long_list_is_cut_and_says_so(self):
        many = [slip(f"indicators[{i}].score") for i in range(60)]
        told = comparison_markdown(
            run_of("a", result("1", *many, of=60)), run_of("b", result("1", of=60))
        )
        assert told.count("- 1 `indicators[") == 50
        assert "… and 10 more" in told
        assert "## Came right: 60" in told

    @pytest.mark.parametrize("made", [(True, False), (False, True), (True, True)])
    def test_generated_forms_are_named_as_such(self, made: tuple[bool, bool]):
        runs = [run_of("a", result("1"), generated=each) for each in made]
        assert "1 forms in both, generated forms." in comparison_markdown(*runs)

    def test_two_readers_are_told_apart(self, reader: Any):
        """From the pages to the figure: a reader that misreads the year of one form in five."""
        before = run_specs(FEW, 3)

        def misreading(document: Document) -> CheckedDocument:
            found = read_document(document)
            if "shanghai-tabs" not in document.path:
                return found
            form = found.forms[0]
            entries = {**form.entries, "year": form.entries["year"]._replace(value="1999")}
            return replace(found, forms=(replace(form, entries=entries),))

        reader(misreading)
        found = compare(before, run_specs(FEW, 3))
        assert [(m.item, m.slip.path, m.better) for m in found.moved] == [
            ("1-shanghai-tabs", "year", False)
        ]
        silent = change(found, "silent_all")
        assert silent.difference is not None
        assert silent.difference > 0

"""The gold set follows from its pages and its two readings, and vetting notices where not."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from eval import passes
from eval.generated_set import write_set
from eval.gold_commands import app as gold
from eval.goldset import (
    SHIPPED,
    GoldError,
    dumped,
    file_name,
    files,
    load,
    load_item,
    record,
    write,
)
from eval.near import are_near, fingerprint
from eval.vetting import values_at, vet
from extractor.bulk import ingest
from extractor.console import Commands
from extractor.families import family_of
from extractor.sources import walk
from extractor.store import Store

ITEM = "jiangqiao-2024.tsv-0.json"

Told = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped set."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "gold"))


def change(file: Path, by: Callable[[Told], object]) -> None:
    told = json.loads(file.read_text(encoding="utf-8"))
    by(told)
    file.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def invoke(*arguments: str) -> Any:
    """The command as the user has it, ``gold …``; errors come out as the command line says them."""
    whole = typer.Typer(cls=Commands)
    whole.callback()(lambda: None)
    whole.add_typer(gold, name="gold")
    return CliRunner().invoke(whole, ["gold", *arguments])


class TestShipped:
    def test_it_holds_the_forms_of_the_sample(self):
        items = load()
        assert len(items) == 21
        assert sum(len(item.leaves) for item in items) == 2788
        assert sum(item.indicators for item in items) == 229
        assert {item.document_family for item in items} == {
            "jiangchuan-2023", "jiangqiao-2024", "pujin-2023-department",
        }  # fmt: skip
        assert [item.id for item in items[6:8]] == ["jiangchuan-2023.md-6", "jiangchuan-2023.tsv-0"]

    def test_it_has_no_fault(self):
        assert vet(SHIPPED).faults == ()

    def test_its_forms_are_exactly_what_the_passes_give(self):
        made = {file_name(item): dumped(item) for item in passes.items()}
        assert made == {file.name: file.read_bytes() for file in files(SHIPPED)}

    def test_one_leaf_is_one_line(self):
        for file in files(SHIPPED):
            lines = file.read_text(encoding="utf-8").splitlines()
            assert sum('"state":' in line for line in lines) == len(load_item(file).leaves)

    def test_a_record_is_that_of_the_contract(self):
        told = record(load()[-1])
        assert (told["form_type"], told["year"]) == ("department_self_evaluation", 2023)
        assert [group["weight"] for group in told["groups"]] == ["30", "25", "35", "10"]
        assert told["indicators"][22]["row"] == "r23"

    def test_the_readme_gives_the_agreement_as_counted(self):
        told = (SHIPPED / "README.md").read_text(encoding="utf-8")
        counted = passes.agreement(*(passes.transcripts(SHIPPED, name) for name in passes.PASSES))
        assert "\n".join(passes.table(counted)) in told
        states = [leaf.state for item in load() for leaf in item.leaves.values()]
        for state in ("value", "blank", "absent", "source_error"):
            assert f"| `{state}` | {states.count(state):,} |" in told


class TestLoading:
    @pytest.mark.parametrize(
        ("by", "says"),
        [
            (lambda told: told.update(colour="red"), "colour: Extra inputs"),
            (lambda told: told.update(family="loan"), "family: 'loan' is none of"),
            (lambda told: told.update(document="../a.md"), "document: the path must lead into"),
            (lambda told: told.update(sha256="12"), "sha256: String should match"),
            (lambda told: told["leaves"].pop("grade"), "leaves missing: grade; add"),
            (lambda told: told["leaves"].update(mood=told["leaves"]["grade"]), "mood; remove"),
            (lambda told: told["leaves"].update(year=told["leaves"].pop("year")), "out of order"),
            (lambda told: told["leaves"]["grade"].update(value=None), "grade: .* needs a value"),
            (lambda told: told["leaves"]["grade"].update(state="absent"), "grade: .* no value"),
            (lambda told: told["leaves"]["grade"].update(spans=[]), "grade: .* needs the spans"),
            (lambda told: told.update(id="other"), "name the file other.json"),
        ],
    )
    def test_an_item_that_is_not_whole_is_refused(self, folder: Path, by: Any, says: str):
        change(folder / "forms" / ITEM, by)
        with pytest.raises(ValueError, match=f"{re.escape(ITEM)}: .*{says}"):
            load(folder)

    def test_what_is_written_is_read_back(self, tmp_path: Path):
        drawn = {"made_from": "generated", "agreement": None, "printed_as": {"layout": "tabs"}}
        for item in (load()[0], load()[-1].model_copy(update=drawn)):
            assert load_item(write(tmp_path, item)) == item

    def test_a_folder_without_items_is_refused(self, tmp_path: Path):
        with pytest.raises(GoldError, match="no gold items"):
            load(tmp_path)


def moved(told: Told, path: str, by: int) -> None:
    spans = told["leaves"][path]["spans"]
    told["leaves"][path]["spans"] = [[a + by, b + by] for a, b in spans]


def put(told: Told, path: str, **changes: Any) -> None:
    told["leaves"][path].update(changes)


def place(told: Told, path: str) -> list[list[int]]:
    return told["leaves"][path]["spans"]


ROW = "indicators[1]"
FAULTS: list[tuple[str, Callable[[Told], object], set[tuple[str | None, str]]]] = [
    ("other bytes", lambda t: t.update(sha256="0" * 64), {(None, "other_bytes")}),
    ("other text", lambda t: t.update(text_sha256="0" * 64), {(None, "other_text")}),
    ("missing leaf", lambda t: t["leaves"].pop("grade"), {(None, "unusable")}),
    ("span of the form", lambda t: t.update(span=[t["span"][0], t["span"][1] + 1]),
        {("span", "form_span")}),
    ("outside", lambda t: put(t, "grade", spans=[[0, 1]]), {("grade", "outside")}),
    ("moved by one", lambda t: moved(t, "project_name", 1), {("project_name", "no_cell")}),
    ("moved to an equal number", lambda t: put(
        t, "funds.total.initial_budget", spans=place(t, "funds.total.annual_budget")),
        {("funds.total.initial_budget", "shared"), (None, "unclaimed")}),
    ("part of a number", lambda t: put(
        t, "funds.total.weight", value="0.00",
        spans=[[place(t, "funds.total.weight")[0][0] + 1, place(t, "funds.total.weight")[0][1]]]),
        {("funds.total.weight", "cut"), ("breaks", "undeclared")}),
    ("part of a cell", lambda t: put(
        t, f"{ROW}.actual", value=t["leaves"][f"{ROW}.actual"]["value"][:2],
        spans=[[place(t, f"{ROW}.actual")[0][0], place(t, f"{ROW}.actual")[0][0] + 2]]),
        {(f"{ROW}.actual", "cut")}),
    ("wrong text", lambda t: put(t, "grade", value="差"),
        {("grade", "other_value"), ("breaks", "undeclared")}),
    ("wrong number", lambda t: put(t, "total_score", value="99.99"),
        {("total_score", "other_value"), ("breaks", "undeclared")}),
    ("not normalised", lambda t: put(t, "total_score", value="0" + t["leaves"]["total_score"]
        ["value"]), {("total_score", "other_value")}),
    ("no number at all", lambda t: put(t, "total_score", value="nine"),
        {("total_score", "other_value")}),
    ("blank though printed", lambda t: put(t, "total_score", state="blank", value=None),
        {("total_score", "not_blank")}),
    ("left out though printed", lambda t: put(t, "total_score", state="absent", value=None,
        spans=[]), {(None, "unclaimed")}),
    ("level not filled down", lambda t: put(t, f"{ROW}.level1", value="效益指标"),
        {(f"{ROW}.level1", "other_value"), (f"{ROW}.level1", "uneven")}),
    ("break that holds", lambda t: t.update(breaks=["sum:indicators[].score"]),
        {("breaks", "holds")}),
    ("settled nothing", lambda t: t["agreement"].update(settled=["mood"]),
        {("agreement", "settled_unknown"), ("agreement", "miscounted")}),
    ("miscounted", lambda t: t["agreement"].update(agreed=1), {("agreement", "miscounted")}),
    ("review with agreement", lambda t: t.update(made_from="review"),
        {("agreement", "one_reading")}),
    ("torn document", lambda t: t.update(document_family="alone"),
        {("document_family", "torn")}),
]  # fmt: skip


class TestVetting:
    @pytest.mark.parametrize(("by", "wanted"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
    def test_a_planted_fault_is_named(self, folder: Path, by: Any, wanted: set[Any]):
        change(folder / "forms" / ITEM, by)
        faults = vet(folder).faults
        assert {(fault.leaf, fault.code) for fault in faults} == wanted
        for fault in faults:
            for lang in ("zh", "en"):
                assert fault.told(lang).startswith(f"{fault.file}: {fault.leaf or ''}")

    def test_a_break_of_the_page_must_be_declared(self, folder: Path):
        change(folder / "forms" / "pujin-2023-department.tsv-0.json", lambda t: t["breaks"].pop())
        (fault,) = vet(folder).faults
        assert (fault.code, fault.details) == ("undeclared", {"check": "repeat:indicators[]"})

    def test_a_changed_document_is_noticed(self, folder: Path):
        document = folder / "documents" / "pujin-2023-department.tsv"
        document.write_text(document.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert [fault.code for fault in vet(folder).faults] == ["other_text"]
        document.unlink()
        assert [fault.code for fault in vet(folder).faults] == ["no_document"]

    def test_near_duplicates_must_be_one_family(self, folder: Path):
        for number in range(7):
            file = folder / "forms" / f"jiangchuan-2023.tsv-{number}.json"
            change(file, lambda told: told.update(document_family="other"))
        faults = vet(folder).faults
        assert [fault.code for fault in faults] == ["near"] * 7
        assert faults[0].details["other"] == "jiangchuan-2023.md-0.json"

    def test_the_same_form_counts_once(self, folder: Path):
        copy = folder / "forms" / "again.json"
        shutil.copy(folder / "forms" / ITEM, copy)
        change(copy, lambda told: told.update(id="again"))
        assert [fault.code for fault in vet(folder).faults] == ["twice"]

    def test_only_printings_of_one_form_are_near(self):
        items = {item.id: fingerprint(item) for item in load()}
        pairs = [
            (a, b) for a in items for b in items if a < b and are_near(items[a], items[b])
        ]  # fmt: skip
        assert pairs == [(f"jiangchuan-2023.md-{n}", f"jiangchuan-2023.tsv-{n}") for n in range(7)]

    def test_forms_with_other_names_and_equal_leaves_are_near(self):
        item = load()[0]
        leaf = item.leaves["project_name"].model_copy(update={"value": "另一项目"})
        other = item.model_copy(update={"leaves": item.leaves | {"project_name": leaf}})
        assert fingerprint(item).identity != fingerprint(other).identity
        assert are_near(fingerprint(item), fingerprint(other))

    @pytest.mark.parametrize(
        ("path", "raws", "value"),
        [
            ("indicators[0].level1", ["满意度指标", "标"], "满意度指标"),
            ("indicators[0].level2", ["社会 效益", "指标"], "社会效益指标"),
            ("indicators[0].level1", ["产出指标（50分）"], "产出指标"),
            ("groups[0].level2_listed", ["数量指标  质量指标"], "数量指标 质量指标"),
            ("indicators[0].target", ["≧", "95", "%"], "≥95(%)"),
            ("indicators[0].target", ["定性", "健全"], "健全"),
            ("indicators[0].actual", ["88.00(百分", "比)"], "88.00(百分比)"),
            ("annual_goal", ["<p>一 段</p><p>二</p>"], "一段\n二"),
            ("annual_goal", ["学习+生 344/1000 活+提升"], "学习+生活+提升"),
            ("total_score", ["1,765.05"], "1765.05"),
        ],
    )
    def test_values_follow_from_what_is_printed(self, path: str, raws: list[str], value: str):
        assert value in values_at(family_of("department"), path, raws)

    def test_the_command_names_faults_and_fails(self, folder: Path):
        told = invoke("check", str(folder), "--lang", "en")
        assert told.exit_code == 0
        assert told.stdout.count("\n") == 1
        assert "21 forms, 2,788 leaves, 3 document families" in told.stdout
        assert "2,788 of 2,788 leaves (100.00 %), 0 settled" in told.stdout
        change(folder / "forms" / ITEM, lambda told: put(told, "amount_unit", value="元"))
        told = invoke("check", str(folder), "--lang", "zh")
        assert told.exit_code == 1
        assert told.stdout.startswith(f"{ITEM}: amount_unit: 值为 元")
        assert told.stdout.splitlines()[-1].endswith("问题 1")

    def test_the_command_says_where_there_is_no_set(self, tmp_path: Path):
        told = invoke("check", str(tmp_path))
        assert told.exit_code == 2
        assert "no gold items" in told.stderr


class TestPasses:
    """What is published as agreement is counted, and a disagreement must be settled."""

    FILE = "passes/second/jiangqiao-2024.tsv.json"
    SETTLED = {  # noqa: RUF012
        "document": "jiangqiao-2024.tsv", "form": 0, "leaf": "grade", "state": "value",
        "value": "优", "parts": [], "why": "the page says so",
    }  # fmt: skip

    def disagree(self, folder: Path) -> Told:
        """The second pass has another grade and another state for one funds cell."""
        seen: Told = {}

        def by(told: Told) -> None:
            leaves = told["forms"][0]["leaves"]
            seen.update(leaves["grade"])
            leaves["grade"] = leaves["grade"] | {"value": "差"}
            leaves["indicators[0].deviation"] = {"state": "absent", "value": None, "parts": []}

        change(folder / self.FILE, by)
        return seen

    def test_a_disagreement_is_counted_by_field(self, folder: Path):
        self.disagree(folder)
        agreed = passes.agreement(*(passes.transcripts(folder, name) for name in passes.PASSES))
        off = {name: counts for name, counts in agreed.items() if len(set(counts)) > 1}
        assert set(off) == {"categories", "prose"}
        categories, prose = off["categories"], off["prose"]
        assert categories.leaves - categories.value == 1
        assert categories.state == categories.place == categories.leaves
        assert prose.leaves - prose.state == 1

    def test_a_disagreement_must_be_settled(self, folder: Path):
        self.disagree(folder)
        with pytest.raises(GoldError, match=r"jiangqiao-2024\.tsv-0: .*grade"):
            passes.items(folder)

    def test_what_was_settled_is_in_the_item(self, folder: Path):
        seen = self.disagree(folder)
        settled = [
            self.SETTLED | {"value": seen["value"], "parts": seen["parts"]},
            self.SETTLED | {"leaf": "indicators[0].deviation", "state": "blank", "value": None},
        ]
        (folder / "settled.json").write_text(json.dumps(settled), encoding="utf-8")
        passes.main(folder)
        item = load_item(folder / "forms" / ITEM)
        assert item.values() == load_item(SHIPPED / "forms" / ITEM).values()
        assert item.agreement is not None
        assert item.agreement.settled == ("indicators[0].deviation", "grade")
        assert item.agreement.agreed == item.agreement.leaves - 2
        assert vet(folder).faults == ()

    def test_what_nobody_disputes_cannot_be_settled(self, folder: Path):
        (folder / "settled.json").write_text(json.dumps([self.SETTLED]), encoding="utf-8")
        with pytest.raises(GoldError, match="disagree on nothing"):
            passes.items(folder)

    @pytest.mark.parametrize(
        ("part", "says"),
        [
            ([5, 9, "2024"], "no cell 9"),
            ([5, 0, "1066"], "holds '1066' not"),
            ([5, 0, "年"], "more than once|not"),
            ([999, 0, "x"], "no cell 0"),
        ],
    )
    def test_a_part_that_is_not_on_the_page_is_refused(self, folder: Path, part: Any, says: str):
        def by(told: Told) -> None:
            told["forms"][0]["leaves"]["year"]["parts"] = [part]

        change(folder / self.FILE, by)
        with pytest.raises(GoldError, match=says):
            passes.items(folder)

    def test_passes_of_other_bytes_are_refused(self, folder: Path):
        change(folder / self.FILE, lambda told: told.update(sha256="0" * 64))
        with pytest.raises(GoldError, match="other bytes"):
            passes.items(folder)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("archive") / "a.db"
    with Store.open(db) as store:
        ingest(list(walk([SHIPPED / "documents"])), store)
    return db


class TestAdding:
    def add(self, archive: Path, folder: Path, document: str, *more: str) -> Any:
        options = ("--db", str(archive), "--gold", str(folder), "--lang", "en")
        return invoke("add", document, *more, *options)

    def test_a_form_with_open_fields_is_refused_and_nothing_is_written(
        self, archive: Path, tmp_path: Path
    ):
        told = self.add(archive, tmp_path / "gold", "pujin-2023-department.tsv", "0")
        assert told.exit_code == 1
        assert "indicators[0].score: still wants a person (contradicted)" in told.stderr
        assert not (tmp_path / "gold").exists()

    def test_a_form_with_an_unread_number_is_refused(self, tmp_path: Path):
        """A stray cell with a number that no leaf claims; every entry is certain."""
        from dataclasses import replace

        from eval.gold_adding import add

        document, form = self.clear(SHIPPED / "documents" / "jiangqiao-2024.tsv")
        at = document.text.index("2024")
        told = add(tmp_path, document, replace(form, unread=((at, at + 4),)), None, "en")
        assert told == [f"the printed 2024 at {at} is not read; review it first"]

    def clear(self, file: Path) -> Any:
        from extractor import load as load_document
        from extractor import read_document

        checked = read_document(load_document(file))
        return checked.document, checked.forms[0]

    def test_a_reviewed_form_becomes_an_item(self, archive: Path, tmp_path: Path):
        told = self.add(archive, tmp_path, "jiangqiao-2024.tsv", "0")
        assert told.exit_code == 0, told.stderr
        assert "0 of " in told.stderr
        (item,) = load(tmp_path)
        shipped = load_item(SHIPPED / "forms" / ITEM)
        assert item.values() == shipped.values()
        assert (item.made_from, item.agreement) == ("review", None)
        assert (item.sha256, item.span) == (shipped.sha256, shipped.span)
        assert item.document_family == "jiangqiao-2024"
        assert vet(tmp_path).faults == ()
        again = self.add(archive, tmp_path, "jiangqiao-2024.tsv", "0")
        assert again.exit_code == 1
        assert "in the set already" in again.stderr

    def test_a_near_duplicate_takes_the_family_of_the_other(self, archive: Path, tmp_path: Path):
        self.add(archive, tmp_path, "jiangchuan-2023.md", "3", "--family", "north")
        self.add(archive, tmp_path, "jiangchuan-2023.tsv", "3")
        assert [item.document_family for item in load(tmp_path)] == ["north", "north"]
        told = self.add(archive, tmp_path, "jiangchuan-2023.tsv", "4", "--family", "south")
        assert told.exit_code == 1
        assert "document family north, not of south" in told.stderr
        assert len(load(tmp_path)) == 2

    def test_a_document_may_be_named_by_its_hash(self, archive: Path, tmp_path: Path):
        told = self.add(archive, tmp_path, load()[0].sha256[:8], "1")
        assert told.exit_code == 0
        assert load(tmp_path)[0].id == "jiangchuan-2023.md-1"

    @pytest.mark.parametrize(
        ("document", "form", "says"),
        [("none.md", "0", "no such document"), ("jiangqiao-2024.tsv", "6", "it has 6")],
    )
    def test_what_the_archive_lacks_is_wrong_usage(
        self, archive: Path, tmp_path: Path, document: str, form: str, says: str
    ):
        told = self.add(archive, tmp_path, document, form)
        assert told.exit_code == 2
        assert says in told.stderr

    def test_the_text_of_a_page_is_kept_as_text(self, tmp_path: Path):
        """An HTML page: what spans count in is the text that its source module writes."""
        lines = (SHIPPED / "documents" / "jiangqiao-2024.tsv").read_text(encoding="utf-8")
        form = load_item(SHIPPED / "forms" / ITEM).span
        cells = [
            "".join(f"<td>{cell}</td>" for cell in line.split("\t"))
            for line in lines[form.start : form.end].splitlines()
        ]
        page = "<html><body><table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
        (tmp_path / "in" / "2024").mkdir(parents=True)
        (tmp_path / "in" / "2024" / "page.html").write_text(page, encoding="utf-8")
        with Store.open(tmp_path / "a.db") as store:
            ingest(list(walk([tmp_path / "in"])), store)
        told = self.add(tmp_path / "a.db", tmp_path / "gold", "2024/page.html", "0")
        assert told.exit_code == 0, told.stderr
        (item,) = load(tmp_path / "gold")
        assert (item.id, item.document) == ("2024_page.html.txt-0", "2024/page.html.txt")
        assert item.values() == load_item(SHIPPED / "forms" / ITEM).values()
        assert vet(tmp_path / "gold").faults == ()

    def test_another_text_of_the_same_name_is_kept_beside(self, archive: Path, tmp_path: Path):
        kept = tmp_path / "documents" / "jiangqiao-2024.tsv"
        kept.parent.mkdir()
        kept.write_text("another version", encoding="utf-8")
        told = self.add(archive, tmp_path, "jiangqiao-2024.tsv", "0")
        assert told.exit_code == 0, told.stderr
        (item,) = load(tmp_path)
        assert item.document == f"jiangqiao-2024-{item.sha256[:8]}.tsv"
        assert kept.read_text(encoding="utf-8") == "another version"
        assert vet(tmp_path).faults == ()


def test_a_generated_set_passes_its_own_vetting(tmp_path: Path) -> None:
    """Offices that leave the row of an unused source empty print the row all the same."""
    write_set(tmp_path / "drawn", 40, seed=2023)
    assert vet(tmp_path / "drawn").faults == ()

"""What the wheel holds, what it asks for, and what a start of the command costs."""

from __future__ import annotations

import doctest
import importlib
import re
import sqlite3
import subprocess
import sys
import tomllib
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import extractor
from eval.goldset import SHIPPED
from eval.loopback.errors_of_reading import Errors
from eval.loopback.server import serving
from eval.loopback.simulated import Simulated
from eval.promises import LIMITS, Drawn, confidence_of, promise
from eval.serve_command import library
from extractor.asking import Asking
from extractor.books import Books
from extractor.bulk import Source, Way, check, ingest
from extractor.calibration import Calibration
from extractor.cli import app
from extractor.readers.model import ModelReader
from extractor.report import document_text
from extractor.weighing import promise_lines

ROOT = Path(__file__).parent.parent


def _asking(url: str, books: Books) -> Source:
    """Reads as ``crossfoot check --model simulated`` does."""
    return Asking(ModelReader("simulated", url, direct=True, books=books), looks=1000).outcomes


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a freshly built wheel."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = out.glob("*.whl")
    return set(zipfile.ZipFile(built).namelist())


def test_the_wheel_installs_exactly_the_packages_that_have_content(wheel: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "extractor",
        "eval",
        "prompts",
        "ui",
    }
    assert not [name for name in wheel if "__pycache__" in name or name.endswith(".db")]


@pytest.mark.parametrize("folder", ["extractor", "eval", "prompts"])
def test_everything_in_the_packages_is_in_the_wheel(wheel: set[str], folder: str) -> None:
    """Data files (style sheet, sample documents, truth) are what a wheel forgets."""
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here <= wheel


def test_every_package_has_its_init(wheel: set[str]) -> None:
    """Without it the import contracts, and type checkers of others, would not see the package."""
    folders = {name.rpartition("/")[0] for name in wheel if name.endswith(".py")}
    assert [folder for folder in sorted(folders) if f"{folder}/__init__.py" not in wheel] == []


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    for wanted in PROJECT["dependencies"]:
        assert re.fullmatch(r"[a-z-]+>=[\d.]+,<[\d.]+", wanted), wanted


def test_every_dependency_is_imported_somewhere() -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "extractor").rglob("*.py"))
    for wanted in PROJECT["dependencies"]:
        module = re.split(r"[>=<]", wanted)[0].replace("-", "_")
        assert re.search(rf"(import|from|import_module\(\") ?\"?{module}\b", code), module


def test_what_is_offered_as_a_command_is_there() -> None:
    offered = PROJECT.get("entry-points", {}).get("crossfoot.commands", {})
    assert ("eval" in offered) is (ROOT / "eval" / "commands.py").exists()
    for target in offered.values():
        module, _, name = target.partition(":")
        assert hasattr(importlib.import_module(module), name)


def test_help_starts_without_the_heavy_libraries() -> None:
    heavy = ("sqlite_utils", "openpyxl", "lxml", "charset_normalizer", "rich")
    code = (
        "import sys, extractor.cli\n"
        "from contextlib import suppress\n"
        "sys.argv = ['crossfoot', 'ingest', '--help']\n"
        "with suppress(SystemExit):\n"
        "    extractor.cli.main()\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


def test_reading_offline_needs_no_network_library() -> None:
    code = (
        "import sys\n"
        "from extractor import load, read_document\n"
        "assert read_document(load('eval/gold/documents/jiangqiao-2024.tsv')).forms\n"
        "print([n for n in ('openai', 'instructor', 'httpx', 'requests') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.stdout == "[]\n", done.stderr


def test_each_public_name_is_there() -> None:
    for name in extractor.__all__:
        assert getattr(extractor, name) is not None
    with pytest.raises(AttributeError):
        extractor.no_such_name  # noqa: B018


class TestReadme:
    """What the README shows is what happens."""

    README = (ROOT / "README.md").read_text(encoding="utf-8")

    def blocks(self, language: str) -> list[str]:
        return re.findall(rf"```{language}\n(.*?)```", self.README, re.DOTALL)

    def test_the_python_example_runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        (example,) = self.blocks("python")
        test = doctest.DocTestParser().get_doctest(example, {}, "README", None, None)
        assert test.examples
        assert doctest.DocTestRunner().run(test).failed == 0

    def test_the_excerpts_are_lines_of_the_real_report(self) -> None:
        sample, department = (
            extractor.load(ROOT / f"eval/gold/documents/{name}.tsv")
            for name in ("jiangqiao-2024", "pujin-2023-department")
        )
        before, after = "效果\t10.00\t8.00\t党建氛围", "效果\t10.00\t6.00\t党建氛围"
        assert sample.text.count(before) == 1
        misread = replace(sample, text=sample.text.replace(before, after))
        *excerpts, differing, _ = self.blocks("text")
        documents = (sample, misread, department)
        read = [extractor.read_document(document) for document in documents]
        with serving(Simulated(library(SHIPPED), errors=Errors(0.02))) as url:
            way = Way(lambda books: _asking(url, books), "both")
            (both,), _ = check(
                list(extractor.walk([SHIPPED / "documents/jiangqiao-2024.tsv"])), way=way
            )
        for excerpt, checked in zip([*excerpts, differing], [*read, both], strict=True):
            report = document_text(checked, "en", color=False, width=100).splitlines()
            assert [line for line in excerpt.splitlines() if line not in report] == []

    def test_the_promise_is_what_so_many_labels_allow(self) -> None:
        *_, shown = self.blocks("text")
        labels = {"money": Drawn({"closed": (2400, 0)}), "points": Drawn({})}
        promises = {
            name: promise(name, LIMITS[name], mine, confidence_of(1))
            for name, mine in labels.items()
        }  # type: ignore[arg-type, index]
        one = Calibration(
            made="2026-01-02", family="project", check_set="x", reader="table", reader_version="1",
            basis="corrections", n=2400, promises=promises,  # type: ignore[arg-type]
        )  # fmt: skip
        assert shown.splitlines() == list(promise_lines(one, "en"))

    def test_the_queries_run_on_an_archive(self, tmp_path: Path) -> None:
        (queries,) = self.blocks("sql")
        with extractor.Store.open(tmp_path / "a.db") as store:
            ingest(list(extractor.walk([ROOT / "eval/gold/documents"])), store)
        with closing(sqlite3.connect(tmp_path / "a.db")) as db:
            rows = [db.execute(query).fetchall() for query in queries.split(";") if query.strip()]
        assert [bool(found) for found in rows] == [True, True, True]
        assert len(rows[0]) == 14

    def test_every_command_and_target_it_names_is_there(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for target in set(re.findall(r"`make ([a-z-]+)", self.README)):
            assert f"\n{target}:" in makefile
        commands = {
            command.name or command.callback.__name__ for command in app.registered_commands
        }
        commands |= set(PROJECT["entry-points"]["crossfoot.commands"])
        assert set(re.findall(r"`crossfoot ([a-z]+)", self.README)) <= commands

    def test_the_docs_link_to_what_exists(self) -> None:
        for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
            for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_module_is_named_in_the_architecture() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in (ROOT / "extractor").iterdir():
        if path.name.startswith("_") or path.suffix not in ("", ".py"):
            continue
        name = path.name if path.suffix else f"{path.name}/"
        family = f"{path.stem.partition('_')[0]}*.py"
        assert f"`{name}`" in told or f"`{family}`" in told, name

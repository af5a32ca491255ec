"""``crossfoot eval`` as people and scripts meet it, and the proof that fails when it should."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import eval.report
from eval import prove_eval, running
from eval.columns import COLUMN_SETS
from eval.damage import DAMAGES
from eval.extra import EXTRA
from eval.figures import Figures
from eval.goldset import SHIPPED
from eval.layouts import LAYOUTS
from eval.loopback.errors_of_reading import Errors
from eval.loopback.ledger import Ledger
from eval.loopback.server import serving
from eval.loopback.simulated import Simulated
from eval.pages import Spec
from eval.results import Run
from eval.running import run_set, run_specs
from eval.serve_command import library
from extractor import console
from extractor.asking import Asking
from extractor.cli import app
from extractor.errors import ReadingError
from extractor.pipeline import read_document
from extractor.types import CheckedDocument, CheckedForm, Document, Entry

ROOT = Path(__file__).parents[1]
ITEM = "jiangqiao-2024.tsv-0.json"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run in an empty folder, in English, and print to no terminal."""
    for name in [name for name in os.environ if name.startswith("CROSSFOOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(console, "_drop_stdout", lambda: None)  # what stands in has no file number
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of one real form."""
    made = tmp_path_factory.mktemp("sets") / "small"
    for name in (f"forms/{ITEM}", "documents/jiangqiao-2024.tsv"):
        (made / name).parent.mkdir(parents=True)
        shutil.copy(SHIPPED / name, made / name)
    return made


def invoke(*arguments: str | Path) -> Any:
    """The command as the user has it; errors come out as the command line says them."""
    return CliRunner().invoke(app, ["eval", *map(str, arguments)], prog_name="crossfoot")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestHelp:
    @pytest.mark.parametrize(
        "command", [["run"], ["compare"], ["generate"], ["gold", "add"], ["gold", "check"]]
    )
    def test_every_command_shows_examples_that_it_takes(self, command: list[str]):
        told = invoke(*command, "--help")
        assert told.exit_code == 0
        assert CHINESE.search(told.stdout)
        lines = told.stdout.split("Example:\n")[1].strip().splitlines()
        assert lines
        for line in lines:
            words = line.split()
            assert words[: len(command) + 2] == ["crossfoot", "eval", *command]
            flags = {word for word in words if word.startswith("-")}
            known = set(re.findall(r"(?<!\w)--?[a-z]+\b", told.stdout.split("Example:")[0]))
            assert flags <= known

    def test_the_group_lists_what_there_is(self):
        for told in (invoke(), invoke("--help")):
            text = told.stdout + told.stderr
            assert [name for name in ("run", "compare", "generate", "gold") if name in text] == [
                "run", "compare", "generate", "gold",
            ]  # fmt: skip

    def test_the_values_that_an_example_gives_exist(self):
        told = invoke("generate", "--help").stdout
        for flag, known in (("columns", COLUMN_SETS), ("layout", LAYOUTS), ("damage", DAMAGES)):
            found = re.findall(rf"--{flag} (?!<)(\w+)", told)
            assert found
            assert set(found) <= set(known)


class TestRun:
    def test_a_gold_set_in_another_folder_is_summed_up(self, small: Path):
        told = invoke("run", small)
        assert told.exit_code == 0, told.output
        assert told.stdout.startswith("# ")
        assert "small" in told.stdout.splitlines()[0]
        assert told.stdout.encode().isascii() is False
        assert names(Path()) == []

    def test_every_kind_of_file_is_written_at_once_and_nothing_printed(self, small: Path):
        told = invoke("run", small, "--name", "mine", *_outs("a.json", "a.md", "a.html"))
        assert (told.exit_code, told.output) == (0, "")
        assert names(Path()) == ["a.html", "a.json", "a.md"]
        run = Run.model_validate_json(Path("a.json").read_bytes())
        assert (run.name, len(run.forms), run.forms[0].exact) == ("mine", 1, True)
        assert Path("a.md").read_text("utf-8") == eval.report.markdown(run)
        assert Path("a.html").read_text("utf-8") == eval.report.page(run, "en")

    def test_the_page_speaks_the_language_asked_for(self, small: Path):
        assert invoke("run", small, "-o", "a.html", "-o", "a.json", "--lang", "zh").exit_code == 0
        run = Run.model_validate_json(Path("a.json").read_bytes())
        assert Path("a.html").read_text("utf-8") == eval.report.page(run, "zh")

    def test_generated_forms_are_those_of_the_seed(self):
        for name, seed in (("a", 5), ("b", 5), ("c", 6)):
            assert invoke(
                "run", "--generated", "3", "--seed", str(seed), "-o", f"{name}.json"
            ).exit_code == 0  # fmt: skip
        a, b, c = (Run.model_validate_json(Path(f"{n}.json").read_bytes()) for n in "abc")
        assert [form.item for form in a.forms] == [form.item for form in b.forms]
        assert a.metrics == b.metrics
        assert (a.generated, a.seed, c.seed) == (True, 5, 6)
        assert not {form.item for form in a.forms} & {form.item for form in c.forms}

    def test_without_a_name_it_is_the_set_that_comes_along(self, monkeypatch: pytest.MonkeyPatch):
        called: list[Any] = []

        def stands_in(*given: Any) -> Run:
            called.append(given)
            return run_specs([Spec(1, "shanghai", "tabs")], 1)

        monkeypatch.setattr(running, "run_set", stands_in)
        assert invoke("run").exit_code == 0
        assert called == [(None, None)]

    @pytest.mark.parametrize(
        ("arguments", "en", "zh"),
        [
            (["run", "-o", "a.txt"], "a.txt: write to a file that ends in", "a.txt：请写入以"),
            (["run", "-o", "a.JSON"], "a.JSON: write to a file that ends in", "a.JSON：请写入以"),
            (
                ["run", "-o", "a.json", "-o", "b"],
                "b: write to a file that ends in .json, .md or .html",
                "b：请写入以 .json、.md 或 .html 结尾的文件",
            ),
            (["run", "x", "--generated", "3"], "not both", "只能选一个"),
            *(
                (
                    ["run", "--generated", "3", *flags],
                    "read with the table reader alone",
                    "只用表格读取器读",
                )
                for flags in (["--model", "m"], ["--reader", "both", "--model", "m"])
            ),
            (["run", "-o", "no/a.md"], "no/a.md: there is no folder no", "没有文件夹 no"),
            (
                ["generate", "x", "--layout", "pdf"],
                "--layout pdf: is none of pipes, ",
                "应为 pipes",
            ),
            (["generate", "x", "--columns", "mars"], "--columns mars: is none of shanghai", "之一"),
            (["generate", "x", "--damage", "fire"], "--damage fire: is none of split_l", "之一"),
            (
                ["generate", "x", "--grade", "2"],
                "--grade 2 says how much of which",
                "须与 --damage",
            ),
            (["generate", "."], ".: is not empty; name a new folder", "文件夹不是空的"),
            (["compare", "run.json", "other.json"], "have no form in common", "没有相同的表"),
            (["compare", "run.json", "broken.json"], "broken.json: is no result", "不是 crossfoot"),
        ],
    )
    def test_wrong_usage_is_said_in_both_languages(self, arguments: list[str], en: str, zh: str):
        _write_runs()
        before = names(Path())
        for lang, sentence in (("en", en), ("zh", zh)):
            told = invoke(*arguments, "--lang", lang)
            assert told.exit_code == 2, told.output
            assert sentence in told.stderr
            assert told.stdout == ""
            assert len(told.stderr.splitlines()) == 1
            assert bool(CHINESE.search(told.stderr)) == (lang == "zh")
        assert names(Path()) == before

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["run", "nowhere"], r"nowhere/forms: no gold items \(\*\.json\) here; `"),
            (["run", "--generated", "0"], "--generated"),
            (["run", "--generated", "3", "--jobs", "0"], "--jobs"),
            (["run", "--lang", "fr"], "--lang: .*'zh' / 'en'"),
            (["generate"], "DIR"),
            (["generate", "x", "--damage", "stamps", "--grade", "4"], "--grade"),
            (["generate", "file.txt"], "^file.txt: "),
            (["compare", "run.json"], "AFTER"),
            (["compare", "run.json", "none.json"], "none.json: No such file or directory"),
            (["compare", "run.json", "."], r"^\.: Is a directory"),
            (["compare", "run.json", "run.json", "-o", "no/a.md"], "no/a.md: cannot be written"),
        ],
    )
    def test_other_wrong_usage_names_what_is_wrong(self, arguments: list[str], says: str):
        _write_runs()
        told = invoke(*arguments)
        assert told.exit_code == 2, told.output
        assert re.search(says, told.stderr, re.MULTILINE)
        assert "Traceback" not in told.output

    def test_a_set_that_is_broken_is_named(self, small: Path):
        shutil.copytree(small, "broken")
        Path("broken/forms", ITEM).write_text("{")
        told = invoke("run", "broken", "-o", "a.json")
        assert told.exit_code == 2
        assert f"broken/forms/{ITEM}: " in told.stderr
        assert names(Path()) == ["broken"]

    def test_a_file_appears_only_when_it_is_complete(
        self, small: Path, monkeypatch: pytest.MonkeyPatch
    ):
        def failing(run: Run, lang: str) -> str:
            raise OSError(28, "No space left on device", "a.html")

        Path("a.html").write_text("old")
        monkeypatch.setattr(eval.report, "page", failing)
        told = invoke("run", small, *_outs("a.json", "a.html"))
        assert told.exit_code == 2
        assert "a.html: No space left on device" in told.stderr
        assert names(Path()) == ["a.html", "a.json"]
        assert Path("a.html").read_text() == "old"

    def test_a_disk_that_fills_up_leaves_the_old_file(
        self, small: Path, monkeypatch: pytest.MonkeyPatch
    ):
        class Full:
            """A text that cannot be written to its end."""

            def encode(self, *_: str) -> bytes:
                raise OSError(28, "No space left on device")

        Path("a.md").write_text("old")
        monkeypatch.setattr(eval.report, "markdown", lambda run: Full())
        told = invoke("run", small, "-o", "a.md")
        assert told.exit_code == 2
        assert told.stderr == "a.md: cannot be written (No space left on device)\n"
        assert (names(Path()), Path("a.md").read_text()) == (["a.md"], "old")


class TestModel:
    """A set read with a model: a simulated one, at a real endpoint of this machine."""

    @pytest.fixture(autouse=True)
    def _without_rivals(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "anls_star", lambda truth, read: 1.0)
        monkeypatch.setattr(running, "donut_f1", lambda truth, read: 1.0)

    @pytest.fixture
    def ledger(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
        """The books of a model that reads every leaf of the gold set right."""
        with self.served(0.0, monkeypatch) as books:
            yield books

    @staticmethod
    @contextmanager
    def served(rate: float, monkeypatch: pytest.MonkeyPatch) -> Generator[Ledger]:
        books = Ledger()
        model = Simulated(library(SHIPPED), errors=Errors(rate, 0.0, 0))
        with serving(model, ledger=books) as url:
            monkeypatch.setenv("OPENAI_BASE_URL", url)
            yield books

    @pytest.mark.parametrize(("flags", "who"), [([], "both"), (["--reader", "model"], "model")])
    def test_a_model_without_errors_reads_the_whole_gold_set_exactly(
        self, ledger: Ledger, flags: list[str], who: str
    ):
        done = invoke("run", "--model", "simulated", *flags, "-o", "a.json")
        assert (done.exit_code, done.output) == (0, "")
        run = Run.model_validate_json(Path("a.json").read_bytes())
        assert [form.exact for form in run.forms] == [True] * 21
        assert run.reader.startswith(f"{who}:simulated:")
        assert ledger.snapshot()["totals"]["requests"] >= 21
        assert run.detection is not None
        assert run.detection.errors == 0

    def test_its_errors_are_those_of_the_run(self, monkeypatch: pytest.MonkeyPatch):
        with self.served(0.1, monkeypatch):
            done = invoke("run", "--model", "simulated", "--reader", "model", "-o", "a.json")
        assert done.exit_code == 0, done.output
        run = Run.model_validate_json(Path("a.json").read_bytes())
        assert 100 < sum(len(form.slips) for form in run.forms) < 2000
        assert run.detection is not None
        assert run.detection.errors > 100

    def test_a_model_that_is_only_set_elsewhere_is_never_asked(
        self, ledger: Ledger, small: Path, monkeypatch: pytest.MonkeyPatch
    ):
        Path("crossfoot.toml").write_text('reader = "both"\nsend = true\n')
        monkeypatch.setenv("CROSSFOOT_MODEL", "simulated")
        for flags in ([], ["--send"], ["--reader", "table"]):
            assert invoke("run", small, *flags, "-o", "a.json").exit_code == 0
            assert Run.model_validate_json(Path("a.json").read_bytes()).reader == "table"
            assert ledger.snapshot()["totals"]["requests"] == 0
        assert invoke("run", small, "--reader", "both", "-o", "a.json").exit_code == 0
        run = Run.model_validate_json(Path("a.json").read_bytes())
        assert run.reader.startswith("both:simulated:")
        assert ledger.snapshot()["totals"]["requests"] > 0

    def test_nothing_leaves_this_machine_without_consent(
        self, small: Path, monkeypatch: pytest.MonkeyPatch
    ):
        def sending(*_: object) -> None:
            raise AssertionError("it was sent")

        monkeypatch.setattr(running, "check", sending)
        monkeypatch.setenv("OPENAI_BASE_URL", "https://models.example/v1")
        done = invoke("run", small, "--model", "m")
        assert done.exit_code == 2
        assert "models.example" in done.stderr
        assert "--send" in done.stderr

    @pytest.mark.parametrize(("lang", "said"), [("en", "nobody"), ("zh", "没有应答")])
    def test_an_endpoint_that_is_not_there_ends_the_command(
        self, small: Path, monkeypatch: pytest.MonkeyPatch, lang: str, said: str
    ):
        code = "unreachable"
        sentences = {"en": "there is nobody", "zh": "没有应答"}

        async def nobody(self: Asking, document: Document) -> CheckedDocument:
            raise ReadingError(code, sentences)

        monkeypatch.setattr(Asking, "read", nobody)
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        done = invoke("run", small, "--model", "m", "-o", "a.json", "--lang", lang)
        assert done.exit_code == 2
        assert said in done.stderr
        assert names(Path()) == []

    def test_a_reader_without_a_model_is_refused(self, small: Path):
        done = invoke("run", small, "--reader", "both")
        assert done.exit_code == 2
        assert "--reader both" in done.stderr


def _outs(*files: str) -> list[str]:
    return [word for file in files for word in ("-o", file)]


def _write_runs() -> None:
    """Two runs without a form in common, what is none, and a file that is no folder."""
    for name, seed in (("run", 1), ("other", 2)):
        run = run_specs([Spec(seed, "shanghai", "tabs")], seed, name=name)
        Path(f"{name}.json").write_text(run.model_dump_json(), "utf-8")
    Path("broken.json").write_text("{")
    Path("file.txt").write_text("x")


class TestCompare:
    def test_it_tells_what_changed(self):
        _write_runs()
        run = Run.model_validate_json(Path("run.json").read_bytes())
        form = run.forms[0].model_copy(update={"exact": False, "clear": False})
        Path("worse.json").write_text(run.model_copy(update={"forms": [form]}).model_dump_json())
        told = invoke("compare", "run.json", "worse.json")
        assert told.exit_code == 0, told.output
        assert told.stdout.startswith("# run → run\n")
        assert "| form_exact | 100.000 % | 0.000 % | -100.000 points |" in told.stdout
        assert invoke("compare", "run.json", "worse.json", "-o", "change.md").stdout == ""
        assert Path("change.md").read_text("utf-8") == told.stdout

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "Invalid JSON"),
            ("{", "Invalid JSON"),
            ("\ufffd", "Invalid JSON"),
            ("[]", "should be an object"),
            ("{}", "name: Field required"),
            ('{"name": 3}', "name: Input should be a valid string"),
        ],
    )
    def test_what_is_no_run_is_said_with_the_reason(self, text: str, why: str):
        _write_runs()
        Path("bad.json").write_text(text, "utf-8")
        for pair in (("run.json", "bad.json"), ("bad.json", "run.json")):
            told = invoke("compare", *pair)
            assert told.exit_code == 2
            assert "bad.json: is no result of crossfoot eval run -o FILE.json (" in told.stderr
            assert why in told.stderr


class TestGenerate:
    def test_it_writes_a_set_that_can_be_run(self):
        told = invoke("generate", "forms", "--count", "4", "--damage", "stamps", "--grade", "1")
        assert (told.exit_code, told.output) == (0, "")
        assert names(Path("forms")) == ["documents", "forms"]
        assert len(names(Path("forms/forms"))) == len(names(Path("forms/documents"))) == 4
        assert invoke("run", "forms", "-o", "a.json").exit_code == 0
        run = Run.model_validate_json(Path("a.json").read_bytes())
        assert (run.name, run.generated) == ("forms", True)
        assert {(form.damage, form.grade) for form in run.forms} == {("stamps", 1)}
        assert any(name.startswith("damage=stamps/1") for name in run.slices)

    def test_an_empty_folder_will_do_and_a_deep_one_is_made(self):
        Path("empty").mkdir()
        assert invoke("generate", "empty", "--count", "1").exit_code == 0
        assert invoke("generate", "a/b/c", "--count", "1", "--columns", "hubei").exit_code == 0
        assert "hubei" in names(Path("a/b/c/documents"))[0]

    def test_a_folder_that_holds_something_is_not_written_to(self):
        Path("full").mkdir()
        Path("full/mine.txt").write_text("mine")
        assert invoke("generate", "full").exit_code == 2
        assert names(Path("full")) == ["mine.txt"]


@pytest.mark.parametrize("missing", EXTRA)
def test_what_is_missing_of_the_extra_is_named(missing: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, missing, None)
    for lang, sentence in (("en", "needs {}: pip"), ("zh", "需要 {}：pip")):
        told = invoke("run", "--lang", lang)
        assert told.exit_code == 2
        assert sentence.format(missing) in told.stderr
        assert "install 'crossfoot[eval]'" in told.stderr


class TestProcess:
    """What only a process of its own can show."""

    @staticmethod
    def python(code: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), **env},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )

    def test_without_the_extra_only_help_is_to_be_had(self):
        told = self.python(
            "import sys\n"
            f"sys.modules.update(dict.fromkeys({EXTRA!r}))\n"
            "from extractor.cli import app\n"
            "for words in ('--help', 'eval --help', 'eval run --help', 'eval run',\n"
            "              'eval compare a b', 'eval generate c'):\n"
            "    try:\n        app(words.split(), prog_name='crossfoot')\n"
            "    except SystemExit as end:\n        print('exit', end.code)\n"
        )
        assert re.findall(r"^exit (\d)", told.stdout, re.MULTILINE) == list("000222")
        sentence = f"crossfoot eval needs {EXTRA[0]}: pip install 'crossfoot[eval]'\n"
        assert told.stderr == 3 * sentence

    def test_the_command_line_knows_the_command_and_prints_in_any_encoding(self, small: Path):
        told = self.python(
            "from extractor.cli import main; main()", "eval", "run", str(small),
            PYTHONIOENCODING="ascii:strict",
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        assert told.stderr == ""
        assert told.stdout.startswith("# ")

    def test_the_proof_is_a_module_to_be_run(self):
        told = subprocess.run(
            [sys.executable, "-m", "eval.prove_eval", "--help"],
            cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60,
        )  # fmt: skip
        assert told.returncode == 0
        assert "--slice" in told.stdout


FEW = (
    Spec(1, "shanghai", "tabs"),
    Spec(2, "national", "html"),
    Spec(3, "hubei", "pipes", "separators", 1),
    Spec(4, "shanghai", "tabs", "percent_signs", 2),
    Spec(5, "yunnan", "flat"),
)

Change = Callable[[Document, CheckedForm], CheckedForm]


def changed(form: CheckedForm, **entries: Entry) -> CheckedForm:
    return replace(form, entries={**form.entries, **entries})


def misread(document: Document, form: CheckedForm) -> CheckedForm:
    """The total score, about which nobody is asked."""
    score = form.entries["total_score"]._replace(value="12.34", needs_review=False)
    return changed(form, total_score=score)


def misread_damaged(document: Document, form: CheckedForm) -> CheckedForm:
    return misread(document, form) if document.path.endswith(("1.md", "2.md")) else form


def timid(document: Document, form: CheckedForm) -> CheckedForm:
    doubted = {path: entry._replace(needs_review=True) for path, entry in form.entries.items()}
    return replace(form, entries=doubted, state="open")


def bold(document: Document, form: CheckedForm) -> CheckedForm:
    return replace(form, state="clear") if "flat" in document.path else form


def guessing(document: Document, form: CheckedForm) -> CheckedForm:
    if "flat" not in document.path:
        return form
    return changed(form, grade=form.entries["grade"]._replace(value="不知道"))


def crashing(document: Document, form: CheckedForm) -> CheckedForm:
    raise RuntimeError("planted")


class TestProof:
    """``python -m eval.prove_eval`` on few pages, and with something wrong planted."""

    @pytest.fixture
    def plant(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
        def put(change: Change) -> None:
            def read(document: Document) -> CheckedDocument:
                found = read_document(document)
                return replace(found, forms=tuple(change(document, form) for form in found.forms))

            monkeypatch.setattr(running, "read_document", read)

        return put

    @staticmethod
    def robustness() -> tuple[list[str], Mapping[str, Any]]:
        figures = Figures()
        prove_eval._prove_robustness(figures, run_specs(FEW, 1))  # pyright: ignore[reportPrivateUsage]
        return figures.missed, figures.values

    def test_few_pages_meet_every_bound(self):
        missed, values = self.robustness()
        assert missed == []
        assert values["generated_pages"] == 5
        assert values["clean_exact"] == 1
        assert values["robustness"]["layout=tabs/0"]["exact_all"] == 1
        assert set(values["robustness"]) == {
            "layout=tabs/0", "layout=html/0", "layout=flat/0", "layout=pipes/1", "layout=tabs/2",
            "damage=separators/1", "damage=percent_signs/2",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "bounds"),
        [
            (misread, ["clean_exact", "noisy_silent_numbers_percent", "free_read_wrong"]),
            (misread_damaged, ["noisy_silent_numbers_percent"]),
            (timid, ["clean_flagged_percent"]),
            (bold, ["free_unasked"]),
            (guessing, ["free_read_wrong"]),
            (crashing, ["generated_crashed", "clean_exact", "noisy_silent_numbers_percent"]),
        ],
        ids=lambda given: getattr(given, "__name__", ""),
    )
    def test_a_planted_regression_misses_its_bound(
        self, plant: Callable[[Change], None], change: Change, bounds: list[str]
    ):
        plant(change)
        missed, _ = self.robustness()
        assert set(bounds) <= set(missed)
        if change not in (misread, crashing):
            assert missed == bounds

    def test_nothing_to_hold_against_a_bound_is_no_proof(self):
        figures = Figures()
        run = run_specs([], 1)
        prove_eval._prove_robustness(figures, run)  # pyright: ignore[reportPrivateUsage]
        assert {"clean_exact", "clean_flagged_percent", "noisy_silent_numbers_percent"} <= set(
            figures.missed
        )
        assert {"free_read_wrong", "free_unasked"} <= set(figures.missed)

    def test_the_whole_proof_ends_with_one_object_and_its_exit_code(
        self,
        small: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        plant: Callable[[Change], None],
    ):
        monkeypatch.setattr(prove_eval, "PAGES_OF_SLICE", 12)
        monkeypatch.setattr(prove_eval, "run_set", lambda: run_set(small))
        monkeypatch.setattr(prove_eval, "prove_metric", lambda figures: figures.put("metric", 1))
        code, told = _proof(capsys, "--slice", "--jobs", "1")
        assert code == bool(told["missed"])
        assert (told["slice"], told["seed"], told["generated_pages"]) == (True, 2023, 12)
        assert (told["gold_forms"], told["gold_exact_all"], told["metric"]) == (21, 1.0, 1)
        assert told["gold_agreement_percent"] == 100.0
        assert {"clean_exact", "generated_crashed"}.isdisjoint(told["missed"])
        plant(misread)
        code, told = _proof(capsys, "--slice", "--jobs", "1", "--seed", "7")
        assert code == 1
        assert "clean_exact" in told["missed"]
        assert told["seed"] == 7
        assert told["gold_exact_all"] < 1

    def test_a_gold_run_that_takes_too_long_is_a_miss(
        self, small: Path, monkeypatch: pytest.MonkeyPatch
    ):
        slow = run_set(small).model_copy(update={"seconds": 61.0})
        monkeypatch.setattr(prove_eval, "run_set", lambda: slow)
        figures = Figures()
        prove_eval._prove_gold(figures)  # pyright: ignore[reportPrivateUsage]
        assert figures.missed == ["gold_seconds"]


def _proof(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = prove_eval.main(arguments)
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_names_of_the_extra_are_those_of_the_project_file():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    block = re.search(r"^eval = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block
    declared = re.findall(r'"([\w-]+)', block[1])
    imported = {"scikit_learn": "sklearn"}
    names = [name.replace("-", "_") for name in declared]
    assert [imported.get(name, name) for name in names] == list(EXTRA)

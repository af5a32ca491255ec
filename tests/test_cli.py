"""The command line as people and scripts meet it: a process, its streams, its exit code."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parent.parent / "eval" / "gold" / "documents"
JIANGQIAO = SAMPLE / "jiangqiao-2024.tsv"
COMMAND = [sys.executable, "-c", "from extractor.cli import main; main()"]
COMMANDS = ("ingest", "check", "text", "export", "stats", "families", "backup")


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CROSSFOOT_", "LC_", "LANG"))}
    return kept | {"LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"} | more


def crossfoot(
    *args: str | Path, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, args)],
        cwd=cwd,
        env=env or environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample documents, ingested once."""
    folder = tmp_path_factory.mktemp("archive")
    done = crossfoot("ingest", SAMPLE, "--root", "sample", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "archive.db"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, tmp_path: Path) -> None:
    done = crossfoot(command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert f"crossfoot {command}" in done.stdout.partition("Example:")[2]
    if command != "text":
        assert "--lang" in done.stdout


class TestIngest:
    def test_ends_with_figures_that_add_up(self, tmp_path: Path) -> None:
        done = crossfoot("ingest", SAMPLE, cwd=tmp_path)
        assert done.returncode == 0
        assert done.stderr == ""
        assert (
            "21 seen + 0 untitled starts = 21 forms + 0 repeats + 0 refused · 0 tails apart"
            in done.stdout
        )
        assert "4 read" in done.stdout
        assert "cost 0" in done.stdout

    def test_speaks_chinese_when_asked_or_when_the_locale_does(self, tmp_path: Path) -> None:
        asked = crossfoot("ingest", JIANGQIAO, "--lang", "zh", cwd=tmp_path)
        by_locale = crossfoot("stats", cwd=tmp_path, env=environment(LANG="zh_CN.UTF-8"))
        english = crossfoot("stats", cwd=tmp_path)
        assert "待人核" in asked.stdout
        assert "待人核" in by_locale.stdout
        assert "for review" in english.stdout

    def test_files_of_unknown_kind_are_listed_and_the_exit_code_is_0(self, tmp_path: Path) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.pdf").write_bytes(b"%PDF")
        (tmp_path / "in" / "b.tsv").write_bytes(JIANGQIAO.read_bytes())
        done = crossfoot("ingest", "in", cwd=tmp_path)
        assert done.returncode == 0
        assert "skipped: in/a.pdf" in done.stderr
        assert "1 skipped" in done.stdout

    def test_failed_documents_are_named_the_others_done_and_the_exit_code_is_1(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "empty.md").touch()
        (tmp_path / "in" / "form.tsv").write_bytes(JIANGQIAO.read_bytes())
        (tmp_path / "in" / "scan.txt").write_bytes(b"%PDF-1.4")
        done = crossfoot("ingest", "in", "--failures", "failures.jsonl", cwd=tmp_path)
        assert done.returncode == 1
        assert "in/empty.md" in done.stderr
        assert "in/scan.txt" in done.stderr
        assert "Traceback" not in done.stderr
        assert "1 read" in done.stdout
        assert "2 failed" in done.stdout
        lines = (tmp_path / "failures.jsonl").read_text(encoding="utf-8").splitlines()
        failures = [json.loads(line) for line in lines]
        assert [(f["document"], f["code"]) for f in failures] == [
            ("empty.md", "empty"),
            ("scan.txt", "binary"),
        ]
        assert all(set(f) == {"document", "code", "message"} for f in failures)

    def test_a_text_without_a_form_is_reported(self, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("关于召开会议的通知\n请准时参加。\n", encoding="utf-8")
        done = crossfoot("ingest", "letter.txt", cwd=tmp_path)
        assert done.returncode == 0
        assert "no form found: letter.txt" in done.stderr

    def test_a_refused_near_miss_is_listed_and_the_exit_code_is_0(self, tmp_path: Path) -> None:
        text = "项目支出绩效目标表\n(2023年度)\n项目名称\t图书经费\t\n指标名称\t指标值\t\n"
        (tmp_path / "target.tsv").write_text(text, encoding="utf-8")
        done = crossfoot("ingest", "target.tsv", cwd=tmp_path)
        assert done.returncode == 0
        assert "refused: target.tsv" in done.stderr
        assert "1 refused" in done.stdout

    def test_a_missing_path_is_wrong_usage_and_nothing_is_done(self, tmp_path: Path) -> None:
        done = crossfoot("ingest", JIANGQIAO, "nowhere", cwd=tmp_path)
        assert done.returncode == 2
        assert "nowhere" in done.stderr
        assert not (tmp_path / "archive.db").exists()

    def test_two_processes_archive_what_one_does(self, tmp_path: Path) -> None:
        done = crossfoot("ingest", SAMPLE, "--jobs", "2", cwd=tmp_path)
        assert done.returncode == 0
        assert "21 forms" in done.stdout

    def test_interrupted_it_says_where_it_stopped_and_goes_on_from_there(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "in").mkdir()
        page = JIANGQIAO.read_text(encoding="utf-8")
        for number in range(120):
            (tmp_path / "in" / f"{number:03}.tsv").write_text(f"{page}\n{number}", encoding="utf-8")
        process = subprocess.Popen(
            [*COMMAND, "ingest", "in", "--failures", "failures.jsonl"],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        wait_for_documents(tmp_path / "archive.db", 3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Stopped after" in err
        assert "Traceback" not in err
        done = int(out.split(" read")[0].split()[-1])
        assert 3 <= done < 120
        again = crossfoot("ingest", "in", cwd=tmp_path)
        assert again.returncode == 0
        assert f"{120 - done} read · {done} known already" in again.stdout

    def test_progress_shows_on_a_terminal_only(self, tmp_path: Path) -> None:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [*COMMAND, "ingest", str(SAMPLE)],
            cwd=tmp_path,
            env=environment(TERM="xterm"),
            stdout=subprocess.PIPE,
            stderr=theirs,
        ) as process:
            process.communicate(timeout=60)
        os.close(theirs)
        shown = os.read(ours, 65536).decode()
        os.close(ours)
        assert "4/4" in shown


class TestArchive:
    @pytest.mark.parametrize("command", [("stats",), ("export",), ("backup", "copy.db")])
    def test_a_lost_archive_is_said_and_not_made(
        self, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        done = crossfoot(*command, "--db", "lost.db", cwd=tmp_path)
        assert done.returncode == 2
        assert "lost.db" in done.stderr
        assert "Traceback" not in done.stderr
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("content", [b"just some text, not SQLite at all " * 40, b"x"])
    @pytest.mark.parametrize("command", ["ingest", "stats"])
    def test_what_is_no_archive_is_said_and_left_alone(
        self, tmp_path: Path, content: bytes, command: str
    ) -> None:
        (tmp_path / "archive.db").write_bytes(content)
        args = [command] + ([str(JIANGQIAO)] if command == "ingest" else [])
        done = crossfoot(*args, cwd=tmp_path)
        assert done.returncode == 2
        assert "archive.db" in done.stderr
        assert "Traceback" not in done.stderr
        assert (tmp_path / "archive.db").read_bytes() == content

    def test_somebody_elses_database_is_refused(self, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / "archive.db") as db:
            db.execute("CREATE TABLE mine (a)")
        db.close()
        done = crossfoot("ingest", JIANGQIAO, cwd=tmp_path)
        assert done.returncode == 2
        assert "not a Crossfoot archive" in done.stderr

    def test_stats_counts_a_form_and_its_twin_once(self, archive: Path) -> None:
        done = crossfoot("stats", cwd=archive.parent)
        assert done.returncode == 0
        assert "14, a form and its twins counted once" in done.stdout

    def test_a_search_for_two_characters_finds_forms(self, archive: Path) -> None:
        found = crossfoot("stats", "--search", "图书", cwd=archive.parent)
        assert found.returncode == 0
        assert "图书综合经费" in found.stdout
        none = crossfoot("stats", "--search", "无此词语", cwd=archive.parent)
        assert none.stdout == ""
        assert "无此词语" in none.stderr

    def test_a_backup_is_an_archive(self, archive: Path, tmp_path: Path) -> None:
        done = crossfoot("backup", tmp_path / "copy.db", cwd=archive.parent)
        assert done.returncode == 0, done.stderr
        here = crossfoot("stats", cwd=archive.parent).stdout
        assert crossfoot("stats", "--db", tmp_path / "copy.db", cwd=tmp_path).stdout == here


class TestCheck:
    def test_gives_a_report_with_the_sums_written_out(self, tmp_path: Path) -> None:
        done = crossfoot("check", JIANGQIAO, "--lang", "zh", cwd=tmp_path)
        assert done.returncode == 0
        assert "jiangqiao-2024.tsv" in done.stdout
        assert "房修类" in done.stdout
        assert "\x1b" not in done.stdout
        assert "6 forms" in crossfoot("check", JIANGQIAO, cwd=tmp_path).stdout
        assert list(tmp_path.iterdir()) == []

    def test_jsonl_is_one_object_a_form_and_nothing_else(self, tmp_path: Path) -> None:
        done = crossfoot("check", SAMPLE, "--format", "jsonl", cwd=tmp_path)
        forms = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(forms) == 21
        assert sum(bool(form["same_as"]) for form in forms) == 14
        for form in forms:
            text = (SAMPLE / form["document"]).read_bytes().decode("utf-8")
            for entry in form["entries"].values():
                assert [text[a:b] for a, b in entry["spans"]] == entry["raw"]

    def test_is_what_the_archive_exports(self, archive: Path, tmp_path: Path) -> None:
        checked = crossfoot("check", SAMPLE, "--format", "jsonl", cwd=tmp_path)
        exported = crossfoot("export", cwd=archive.parent)
        assert checked.stdout.splitlines() == exported.stdout.splitlines()

    def test_html_is_one_page_in_the_file_named(self, tmp_path: Path) -> None:
        done = crossfoot("check", SAMPLE, "--format", "html", "-o", "page.html", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "")
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert page.startswith("<!doctype html>")
        assert "图书综合经费" in page
        assert [path.name for path in tmp_path.iterdir()] == ["page.html"]

    def test_a_reader_that_has_seen_enough_ends_it_quietly(self, tmp_path: Path) -> None:
        command = " ".join(map(shlex.quote, [*COMMAND, "check", str(SAMPLE), "--format", "jsonl"]))
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} | head -c 100"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            timeout=60,
        )
        assert (done.returncode, len(done.stdout), done.stderr) == (0, 100, b"")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device on this system")
    def test_a_full_disk_is_said(self, tmp_path: Path) -> None:
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, "check", str(SAMPLE), "--format", "jsonl"],
                cwd=tmp_path,
                env=environment(),
                stdout=full,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                timeout=60,
            )
        assert done.returncode == 2
        assert "No space left" in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_failed_document_is_exit_code_1_and_the_others_are_written(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "empty.md").touch()
        done = crossfoot("check", "empty.md", JIANGQIAO, "--format", "jsonl", cwd=tmp_path)
        assert done.returncode == 1
        assert len(done.stdout.splitlines()) == 6
        assert "failed: empty.md" in done.stderr

    def test_an_unknown_format_is_wrong_usage(self, tmp_path: Path) -> None:
        for command in (("check", str(JIANGQIAO)), ("export",)):
            done = crossfoot(*command, "--format", "xml", cwd=tmp_path)
            assert done.returncode == 2
            assert "jsonl" in done.stderr

    def test_a_file_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        target = tmp_path / "nowhere" / "page.html"
        done = crossfoot("check", JIANGQIAO, "--format", "html", "-o", target, cwd=tmp_path)
        assert done.returncode == 2
        assert "page.html" in done.stderr
        assert "Traceback" not in done.stderr


class TestExport:
    @pytest.mark.parametrize("format_", ["jsonl", "csv", "xlsx", "defects"])
    def test_each_format_goes_to_a_file_or_a_pipe(
        self, archive: Path, tmp_path: Path, format_: str
    ) -> None:
        out = tmp_path / "out"
        done = crossfoot("export", "--format", format_, "-o", out, cwd=archive.parent)
        assert (done.returncode, done.stdout) == (0, "")
        piped = subprocess.run(
            [*COMMAND, "export", "--format", format_],
            cwd=archive.parent,
            env=environment(),
            capture_output=True,
            timeout=60,
        )
        assert piped.returncode == 0, piped.stderr
        assert len(piped.stdout) > 100
        if format_ != "xlsx":  # which holds the time at which it was written
            assert piped.stdout == out.read_bytes()

    def test_settled_leaves_out_what_a_person_has_to_see(self, archive: Path) -> None:
        done = crossfoot("export", "--settled", cwd=archive.parent)
        states = [json.loads(line)["state"] for line in done.stdout.splitlines()]
        assert states == ["clear"] * 20

    def test_defects_name_the_form_that_does_not_add_up(self, archive: Path) -> None:
        done = crossfoot("export", "--format", "defects", "--lang", "zh", cwd=archive.parent)
        assert "浦锦街道" in done.stdout
        assert "图书综合经费" not in done.stdout

    def test_a_workbook_is_told_by_its_name_for_defects_too(
        self, archive: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "defects.xlsx"
        crossfoot("export", "--format", "defects", "-o", out, cwd=archive.parent)
        assert out.read_bytes().startswith(b"PK")


class TestPlugins:
    """Commands of other packages come through the entry-point group ``crossfoot.commands``."""

    def offered(self, folder: Path, code: str) -> dict[str, str]:
        info = folder / "guest-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guest\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[crossfoot.commands]\ngreet = guest:app\n")
        (folder / "guest.py").write_text(code)
        return environment(PYTHONPATH=f"{folder}:{SAMPLE.parent.parent.parent}")

    def test_a_command_of_another_package_is_listed_and_runs(self, tmp_path: Path) -> None:
        code = (
            "import typer\n"
            "app = typer.Typer(help='Greets people.')\n"
            "@app.command()\n"
            "def hello(name: str): print('hello', name)\n"
            "@app.command()\n"
            "def bye(): pass\n"
        )
        env = self.offered(tmp_path, code)
        assert "Greets people." in crossfoot("--help", cwd=tmp_path, env=env).stdout
        done = crossfoot("greet", "hello", "you", cwd=tmp_path, env=env)
        assert (done.returncode, done.stdout) == (0, "hello you\n")

    def test_one_that_cannot_be_loaded_says_so_and_harms_no_other(self, tmp_path: Path) -> None:
        env = self.offered(tmp_path, "import no_such_library\n")
        done = crossfoot("greet", "hello", cwd=tmp_path, env=env)
        assert done.returncode == 2
        assert "no_such_library" in done.stderr
        assert "Traceback" not in done.stderr
        assert crossfoot("families", cwd=tmp_path, env=env).returncode == 0
        assert crossfoot("--help", cwd=tmp_path, env=env).returncode == 0


def test_the_traceback_of_an_internal_error_shows_with_debug_only(tmp_path: Path) -> None:
    code = (
        "from extractor import workers\n"
        "def broken(document): raise ZeroDivisionError('inside')\n"
        "workers.read_document = broken\n"
        "from extractor.cli import main\n"
        "main()\n"
    )
    for flags, shown in (([], False), (["--debug"], True)):
        done = subprocess.run(
            [sys.executable, "-c", code, "check", str(JIANGQIAO), *flags],
            cwd=tmp_path,
            env=environment(PYTHONPATH=str(SAMPLE.parent.parent.parent)),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert done.returncode == 1
        assert "ZeroDivisionError" in done.stderr
        assert ("Traceback" in done.stderr) is shown


class TestText:
    def test_is_exactly_what_spans_count_in(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [*COMMAND, "text", str(JIANGQIAO)], capture_output=True, env=environment(), timeout=60
        )
        assert done.stdout == JIANGQIAO.read_bytes()

    def test_a_file_that_cannot_be_read_is_exit_code_1(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(b"%PDF-1.4")
        done = crossfoot("text", "a.txt", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert "a.txt" in done.stderr


class TestFamilies:
    def test_every_field_and_check_is_told_in_both_languages(self, tmp_path: Path) -> None:
        from extractor.families import FAMILIES

        for lang in ("zh", "en"):
            told = crossfoot("families", "--lang", lang, cwd=tmp_path).stdout
            for family in FAMILIES:
                assert family.title["zh"] in told
                for path, leaf in family.leaves.items():
                    assert path.rpartition(".")[2] in told
                    assert (leaf.zh if lang == "zh" else leaf.en) in told
                for declared in family.checks:
                    check = getattr(declared, "check", declared)
                    assert f" {check.rule} " in told

    def test_sums_are_written_out_and_strata_explained(self, tmp_path: Path) -> None:
        told = crossfoot("families", "--lang", "zh", cwd=tmp_path).stdout
        assert "年度资金总额 = 当年财政拨款 + 上年结转资金 + 其他资金" in told
        assert "总分 = Σ 得分 + 得分 · 年度资金总额" in told
        assert "contradicted" in told
        assert "没有等式能核对的数" in told


class TestSettings:
    def test_flags_come_before_the_environment_and_that_before_the_file(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "crossfoot.toml").write_text('db = "toml.db"\nlang = "zh"\n', encoding="utf-8")
        by_file = crossfoot("ingest", JIANGQIAO, cwd=tmp_path)
        assert "待人核" in by_file.stdout
        assert (tmp_path / "toml.db").exists()
        env = environment(CROSSFOOT_DB="env.db", CROSSFOOT_LANG="en")
        by_env = crossfoot("ingest", JIANGQIAO, cwd=tmp_path, env=env)
        assert "flagged" in by_env.stdout
        assert (tmp_path / "env.db").exists()
        crossfoot("ingest", JIANGQIAO, "--db", "flag.db", cwd=tmp_path, env=env)
        assert (tmp_path / "flag.db").exists()

    @pytest.mark.parametrize(
        ("toml", "said"),
        [
            ("jobbs = 2", "crossfoot.toml: jobbs"),
            ("jobs = 0", "crossfoot.toml: jobs"),
            ("jobs = ", "crossfoot.toml"),
            ('lang = "fr"', "crossfoot.toml: lang"),
        ],
    )
    def test_a_wrong_file_is_wrong_usage(self, tmp_path: Path, toml: str, said: str) -> None:
        (tmp_path / "crossfoot.toml").write_text(toml, encoding="utf-8")
        done = crossfoot("stats", cwd=tmp_path)
        assert done.returncode == 2
        assert said in done.stderr

    def test_a_wrong_flag_or_variable_is_named(self, tmp_path: Path) -> None:
        assert "--lang" in crossfoot("stats", "--lang", "fr", cwd=tmp_path).stderr
        done = crossfoot("stats", cwd=tmp_path, env=environment(CROSSFOOT_JOBS="many"))
        assert done.returncode == 2
        assert "CROSSFOOT_JOBS" in done.stderr


def wait_for_documents(db: Path, count: int) -> None:
    """Wait until another process has archived so many documents."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as reader:
                if reader.execute("SELECT count(*) FROM documents").fetchone()[0] >= count:
                    return
        except sqlite3.OperationalError:
            pass
        finally:
            if "reader" in locals():
                reader.close()
        time.sleep(0.02)
    raise AssertionError("nothing was archived")

"""``crossfoot eval serve``: a simulated model for a person to try the model path with."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.generated_set import write_set
from eval.serve_command import library
from extractor.cli import app
from extractor.pipeline import outline
from extractor.sources import load
from tests.test_asking import COMMAND, crossfoot
from tests.test_asking import _plain as plain

SAMPLE = Path(__file__).parent.parent / "eval" / "gold" / "documents"


def test_the_command_it_prints_reads_the_sample_and_its_books_agree(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.json"
    options = ["--port", "0", "--latency", "0", "--rate", "0", "--ledger", str(ledger)]
    with subprocess.Popen(
        [*COMMAND, "eval", "serve", *options],
        cwd=tmp_path, env=plain(), stdout=subprocess.PIPE, encoding="utf-8",
    ) as server:  # fmt: skip
        assert server.stdout is not None
        said = [server.stdout.readline() for _ in range(4)]
        assert "SIMULATED" in said[0]
        assert "21 forms" in said[0]
        told = re.search(r"OPENAI_BASE_URL=(\S+) crossfoot ingest (\S+) --model (\S+)", said[3])
        assert told is not None
        url, folder, model = told.groups()
        done = crossfoot("ingest", folder, "--model", model, cwd=tmp_path, OPENAI_BASE_URL=url)
        server.send_signal(signal.SIGINT)
        rest = server.stdout.read()
    assert server.returncode == 0
    assert done.returncode == 0, done.stderr
    assert "21 forms" in done.stdout
    totals = json.loads(ledger.read_text(encoding="utf-8"))["totals"]
    assert "simulation" in rest
    assert f"{totals['output']} out" in rest
    assert f"{totals['output']:,} out" in done.stdout


class Served:
    """A simulated model served by the command; ``said`` is what it printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._process, self._out = process, process.stdout
        self.said = [self._out.readline() for _ in range(4)]
        found = re.search(r"http://127\.0\.0\.1:(\d+)/v1", self.said[0])
        assert found is not None
        self.url, self.port = found[0], int(found[1])

    def ask(self, **more: Any) -> int:
        """The status of one request."""
        sent = {"model": "simulated", "messages": [{"role": "user", "content": "表"}], **more}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("POST", "/v1/chat/completions", json.dumps(sent))
            return connection.getresponse().status
        finally:
            connection.close()

    def end(self, ending: signal.Signals = signal.SIGINT) -> int:
        """The code with which it exits."""
        self._process.send_signal(ending)
        self.said += self._out.readlines()
        return self._process.wait(10)


@contextmanager
def served(folder: Path, *flags: str) -> Generator[Served]:
    with subprocess.Popen(
        [*COMMAND, "eval", "serve", "--port", "0", "--latency", "0", *flags],
        cwd=folder, env=plain(), stdout=subprocess.PIPE, encoding="utf-8",
    ) as process:  # fmt: skip
        try:
            yield Served(process)
        finally:
            process.kill()


def test_at_the_end_it_tells_each_fault_by_name_and_names_each_page(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.json"
    flags = ("--faults", "denied=0.5, quota=0.5", "--ledger", str(ledger), "--lang", "zh")
    with served(tmp_path, *flags) as one:
        assert "模拟的模型" in one.said[0]
        statuses = [one.ask() for _ in range(12)]
        one.end()
    assert set(statuses) == {401, 429}
    counted = f"denied {statuses.count(401)}, quota {statuses.count(429)}"
    assert f"模拟结束：请求 12 次，送达答复 0 次，故障 {counted}，" in one.said[-1]
    told = json.loads(ledger.read_text(encoding="utf-8"))
    assert told["simulation"] is True
    assert told["totals"]["faults"] == {"denied": statuses.count(401), "quota": statuses.count(429)}
    assert len({entry["page"] for entry in told["requests"]}) == 1


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_well_as_soon_as_it_said_that_it_serves(
    tmp_path: Path, ending: signal.Signals
) -> None:
    with served(tmp_path) as one:
        assert one.end(ending) == 0
    assert "simulation ended: 0 requests" in one.said[-1]


def test_only_the_ways_of_asking_that_were_named_are_taken(tmp_path: Path) -> None:
    tool = {"type": "function", "function": {"name": "form", "parameters": {"type": "object"}}}
    with served(tmp_path, "--rungs", "json") as one:
        assert one.ask(response_format={"type": "json_object"}) == 200
        assert one.ask(tools=[tool]) == 400


def test_nobody_beyond_this_address_can_ask(tmp_path: Path) -> None:
    with served(tmp_path) as one:
        assert one.ask() == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", one.port), timeout=5)


def test_a_generated_set_is_known_and_its_command_can_be_copied(tmp_path: Path) -> None:
    folder = tmp_path / "my forms"
    write_set(folder, 3, 5)
    with served(tmp_path, str(folder)) as one:
        assert "3 forms" in one.said[0]
        words = shlex.split(one.said[3])
    documents = str(folder / "documents")
    told = ["crossfoot", "ingest", documents, "--model", "simulated"]
    assert words == [f"OPENAI_BASE_URL={one.url}", *told]


def test_what_a_page_does_not_print_whole_is_damaged(tmp_path: Path) -> None:
    write_set(tmp_path / "clean", 12, 5)
    write_set(tmp_path / "damaged", 12, 5, damage="dropped_digit", grade=3)
    clean, damaged = library(tmp_path / "clean"), library(tmp_path / "damaged")
    assert [len(clean), len(damaged)] == [12, 12]
    assert not any(truth.damaged for truth in truths(tmp_path / "clean", clean))
    hurt = [truth for truth in truths(tmp_path / "damaged", damaged) if truth.damaged]
    assert len(hurt) > 8
    assert all(len(truth.damaged) < 20 for truth in hurt)


def truths(folder: Path, known: Any) -> list[Any]:
    """What is known of the forms of a set, each as the pipeline cuts it out of its document."""
    documents = [load(file, folder) for file in sorted((folder / "documents").iterdir())]
    found = [known(piece.text) for document in documents for piece in outline(document).pieces]
    assert all(found)
    return found


@pytest.mark.timeout(30)
def test_a_port_that_is_taken_is_said_with_the_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        asked = ["eval", "serve", "--port", port, "--lang", "en"]
        done = CliRunner().invoke(app, asked, prog_name="crossfoot")
    assert done.exit_code == 2
    assert f"--port {port}" in done.stderr
    assert "name another port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--faults", "rate_limit=2"), "rate_limit=0.1"),
        (("--faults", "nonsense=0.1"), "nonsense"),
        (("--faults", "rate_limit"), "--faults"),
        (("--rungs", "strict,other"), "--rungs"),
        (("--latency", "nan"), "--latency"),
        (("--latency", "-1"), "--latency"),
        (("--port", "70000"), "--port"),
        (("--ledger", "no/such/folder.json"), "--ledger"),
        (("--rate", "2"), "--rate"),
        (("nowhere",), "nowhere"),
        (("--lang", "zh", "--rate", "2"), "应在"),
    ],
)
@pytest.mark.timeout(30)  # Where usage is not refused, it would serve for ever.
def test_wrong_usage_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["eval", "serve", *flags], prog_name="crossfoot")
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr

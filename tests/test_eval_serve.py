"""``crossfoot eval serve``: a simulated model for a person to try the model path with."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.test_asking import COMMAND, crossfoot
from tests.test_asking import _plain as plain

SAMPLE = Path(__file__).parent.parent / "eval" / "gold" / "documents"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_command_it_prints_reads_the_sample_and_its_books_agree(
    tmp_path: Path, ending: signal.Signals
) -> None:
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
        server.send_signal(ending)
        rest = server.stdout.read()
    assert server.returncode == 0
    assert done.returncode == 0, done.stderr
    assert "21 forms" in done.stdout
    totals = json.loads(ledger.read_text(encoding="utf-8"))["totals"]
    assert "simulation" in rest
    assert f"{totals['output']} out" in rest
    assert f"{totals['output']:,} out" in done.stdout


def test_a_port_that_is_taken_is_said_with_the_mend(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "eval", "serve", "--port", "0"],
        cwd=tmp_path, env=plain(), stdout=subprocess.PIPE, encoding="utf-8",
    ) as server:  # fmt: skip
        assert server.stdout is not None
        port = re.search(r":(\d+)/v1", server.stdout.readline())
        assert port is not None
        done = crossfoot("eval", "serve", "--port", port[1], cwd=tmp_path)
        server.send_signal(signal.SIGINT)
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--faults", "rate_limit=2"), "rate_limit=0.1"),
        (("--faults", "nonsense=0.1"), "nonsense"),
        (("--faults", "rate_limit"), "--faults"),
        (("--rungs", "strict,other"), "--rungs"),
        (("--rate", "2"), "--rate"),
        (("nowhere",), "nowhere"),
        (("--lang", "zh", "--rate", "2"), "应在"),
    ],
)
def test_wrong_usage_is_said_in_words(tmp_path: Path, flags: tuple[str, ...], said: str) -> None:
    started = time.monotonic()
    done = crossfoot("eval", "serve", *flags, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - started < 30

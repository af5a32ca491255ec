"""Many documents through a model that fails: nothing lost, nothing twice, nothing paid for twice.

A simulation: the model is one of ours on loopback, its faults are drawn by a seed. The client, the
archive and the killed processes are real.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from eval.corpus import COMMAND, MODEL, Corpus, Served, endpoint, environment, written
from eval.figures import Figures
from eval.loopback.faults import Fault, Faults
from extractor.asking import Asking
from extractor.books import Books
from extractor.bulk import Source, Summary, Way, ingest
from extractor.readers.model import ModelReader, Pace
from extractor.sources import Found, walk
from extractor.store import Store
from extractor.workers import Outcome

STORM: dict[Fault, float] = {
    "rate_limit": 0.10,
    "server_error": 0.05,
    "timeout": 0.02,
    "malformed": 0.02,
    "length": 0.01,
}
_TIMEOUT = 3.0
_KEY = "sk-not-to-be-found-anywhere"


def prove_storm(figures: Figures, count: int, seed: int) -> None:
    """Every document ends done or failed with a reason, and the bill is the ledger's."""
    shares = ", ".join(f"{100 * share:g} % {name}" for name, share in STORM.items())
    figures.title(f"A storm, a simulation: {count} documents, {shares}")
    with tempfile.TemporaryDirectory() as folder:
        corpus = written(Path(folder) / "in", count, seed)
        faults = Faults(STORM, seed, retry_after=0.2, hang=_TIMEOUT + 1)
        with endpoint(corpus, faults) as served:
            told: list[Outcome] = []
            summary = _ingest(corpus, Path(folder) / "a.db", served, told)
            _tell_storm(figures, corpus, Path(folder) / "a.db", served, summary, told)
            again = _ingest(corpus, Path(folder) / "a.db", served, [])
            text = f"{again.documents} of {summary.failed} failed documents done by a second run"
            figures.put("storm_done_by_second_run", again.documents)
            figures.say(text)


def _tell_storm(
    figures: Figures, corpus: Corpus, archive: Path, served: Served, summary: Summary, told: Any
) -> None:
    count, totals = len(list(corpus.folder.iterdir())), served.ledger.snapshot()["totals"]
    figures.say(
        f"{summary.documents} done, {summary.failed} failed; {summary.calls} calls, "
        f"faults {totals['faults']}"
    )
    reasons = Counter(one.failure.code for one in told if one.failure is not None)
    figures.put("storm_reasons", dict(reasons))
    figures.say(f"reasons: {dict(reasons)}")
    ends = summary.documents + summary.failed
    figures.bound("storm_ends", ends, f"{ends} of {count} documents have an end", ends == count)
    with Store.open(archive) as store:
        stored = Counter(document.path for document, _ in store.forms())
    lost, twice = summary.documents - len(stored), sum(n > 1 for n in stored.values())
    figures.bound("storm_lost", lost, f"{lost} documents lost (bound: 0)", not lost)
    figures.bound("storm_twice", twice, f"{twice} forms stored twice (bound: 0)", not twice)
    mine = [summary.input, summary.cached, summary.output]
    theirs = [totals[f"delivered_{name}"] for name in ("input", "cached", "output")]
    text = f"the bill {mine} is that of delivered replies in the server's ledger {theirs}"
    figures.bound("storm_bill", mine, text, mine == theirs)
    silent = sum(one.status is None for one in served.ledger.entries)
    text = f"{summary.unknown} calls of unknown cost, {silent} timed out"
    figures.bound("storm_unknown", summary.unknown, text, summary.unknown == silent)


def _ingest(corpus: Corpus, archive: Path, served: Served, told: list[Outcome]) -> Summary:
    def source(books: Books) -> Source:
        reader = ModelReader(
            MODEL, served.url, direct=True, books=books, pace=Pace(16), timeout=_TIMEOUT
        )
        return Asking(reader).outcomes

    way = Way(source, "both", "both", MODEL, served.url)
    with Store.open(archive) as store:
        return ingest(_files(corpus), store, way=way, told=lambda one, _: told.append(one))


def _files(corpus: Corpus) -> list[Found]:
    return list(walk([corpus.folder], "in"))


def prove_kills(figures: Figures, kills: int, count: int, seed: int) -> None:
    """Killed at random moments and started again, a run ends like one that was not disturbed."""
    figures.title(f"kill -9, a simulation: {kills} moments of an ingest of {count} documents")
    chance = random.Random(f"{seed} kills")
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        corpus = written(where / "in", count, seed + 1)
        with endpoint(corpus, Faults(latency=0.1, jitter=0.2, seed=seed)) as served:
            started = time.monotonic()
            _run(where, served.url, "whole.db").wait()
            whole = time.monotonic() - started
        wanted = _export(where, "whole.db")
        figures.say(f"undisturbed: {whole:.1f} s, {len(wanted.splitlines())} forms exported")
        differing = twice = broken = killed = 0
        for number in range(kills):
            archive = f"{number}.db"
            with endpoint(corpus, Faults(latency=0.1, jitter=0.2, seed=seed)) as served:
                process = _run(where, served.url, archive)
                time.sleep(chance.uniform(0.1, 0.95) * whole)
                killed += process.poll() is None
                process.send_signal(signal.SIGKILL)
                process.wait()
                broken += _run(where, served.url, archive).wait() != 0
                differing += _export(where, archive) != wanted
                twice += _paid_twice(where / archive, served)
            for file in where.glob(f"{archive}*"):
                file.unlink()
    figures.put("kills", kills)
    figures.bound(
        "kills_in_time", killed, f"{killed} of {kills} met the run alive", killed * 10 >= kills * 8
    )
    figures.bound("kills_failed_reruns", broken, f"{broken} re-runs failed (bound: 0)", not broken)
    text = f"{differing} exports differ from the undisturbed one (bound: 0)"
    figures.bound("kills_differing", differing, text, not differing)
    text = f"{twice} stored replies paid for twice (bound: 0)"
    figures.bound("kills_paid_twice", twice, text, not twice)


def _paid_twice(archive: Path, served: Served) -> int:
    """Replies that were stored and delivered again; calls that the books do not know count too."""
    with Store.open(archive) as store:
        stored = store.calls_by_question()
    more = sum(how.count("ok") - 1 for how in stored.values() if how.count("ok") > 1)
    entered = sum(len(how) for how in stored.values())
    return more + max(0, len(served.ledger.entries) - entered)


def _run(where: Path, url: str, archive: str) -> subprocess.Popen[bytes]:
    command = [*COMMAND, "ingest", "in", "--root", "in", "--db", archive, "--in-flight", "16"]
    return subprocess.Popen(
        command, cwd=where, env=environment(url, os.environ), stdout=subprocess.DEVNULL
    )


def _export(where: Path, archive: str) -> bytes:
    command = [*COMMAND, "export", "--db", archive]
    return subprocess.run(command, cwd=where, capture_output=True, check=True).stdout


def prove_silence(figures: Figures) -> None:
    """A key in the environment and no model named: no request. The key is found nowhere."""
    figures.title("A key alone sends nothing, and is found nowhere")
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        corpus = written(where / "in", 6, 1)
        requests = _requests_without_a_model(where)
        text = f"{requests} requests with a key and no model named (bound: 0)"
        figures.bound("requests_without_model", requests, text, not requests)
        with endpoint(corpus, Faults(script=("malformed", "server_error"))) as served:
            given = environment(served.url, os.environ) | {"OPENAI_API_KEY": _KEY}
            said = _said(where, given, "ingest", "in", "--debug")
            given["CROSSFOOT_MODEL"] = "another"
            said += _said(where, given, "ingest", "in", "--db", "b.db", "--debug")
            said += _said(where, given, "check", "in", "--reader", "table", "--format", "html")
            said += _said(where, given, "export", "--db", "archive.db")
            carried = all(one.has_key for one in served.ledger.entries)
        stored = b"".join(file.read_bytes() for file in where.glob("*.db*"))
        found = (said + stored).count(_KEY.encode())
    text = f"the key stands {found} times in archive, output and errors (bound: 0)"
    figures.bound("key_found", found, text, not found and carried)


def _said(where: Path, given: dict[str, str], *arguments: str) -> bytes:
    done = subprocess.run([*COMMAND, *arguments], cwd=where, env=given, capture_output=True)
    return done.stdout + done.stderr


def _requests_without_a_model(where: Path) -> int:
    """The requests that reach an endpoint that a run with a key and no model could ask."""
    seen: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(500)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Noting)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    given = environment(f"http://127.0.0.1:{server.server_port}/v1", os.environ)
    del given["CROSSFOOT_MODEL"]
    for command in (("ingest", "in", "--db", "c.db"), ("check", "in"), ("stats", "--db", "c.db")):
        _said(where, given | {"OPENAI_API_KEY": _KEY}, *command)
    server.shutdown()
    thread.join()
    server.server_close()
    return len(seen)

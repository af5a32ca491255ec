"""Many files: order, failures set aside, several processes, an orderly stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from extractor import bulk, workers
from extractor.bulk import Summary, check, ingest, table_way
from extractor.sources import Found, walk
from extractor.store import Store
from extractor.types import CheckedDocument
from extractor.workers import Outcome

SAMPLE = Path(__file__).parent.parent / "eval" / "gold" / "documents"
PAGE = (SAMPLE / "jiangqiao-2024.tsv").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine readable documents, each a little different, and one empty file among them."""
    made = tmp_path / "in"
    made.mkdir()
    for number in range(9):
        (made / f"{number}.tsv").write_text(f"{PAGE}\n{number}", encoding="utf-8")
    (made / "4.txt").touch()
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "archive.db") as opened:
        yield opened


def files(folder: Path) -> list[Found]:
    return list(walk([folder], "in"))


def run(folder: Path, store: Store, jobs: int = 1) -> tuple[Summary, list[Outcome]]:
    outcomes: list[Outcome] = []
    summary = ingest(
        files(folder), store, way=table_way(jobs), told=lambda one, _: outcomes.append(one)
    )
    return summary, outcomes


def poisoned(monkeypatch: pytest.MonkeyPatch, act: Callable[[str], None]) -> None:
    """Reading a document calls ``act`` with its path first."""
    read = workers.read_document

    def reading(document):  # type: ignore[no-untyped-def]
        act(document.path)
        return read(document)

    monkeypatch.setattr(workers, "read_document", reading)


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_files(folder: Path, store: Store, jobs: int) -> None:
    summary, outcomes = run(folder, store, jobs)
    assert [one.found.path for one in outcomes] == [one.path for one in files(folder)]
    assert (summary.documents, summary.failed, summary.forms) == (9, 1, 54)
    assert summary.titles + summary.untitled == summary.forms + summary.repeats + summary.refused
    assert store.stats()["documents"] == 9


def test_several_processes_archive_what_one_archives(folder: Path, tmp_path: Path) -> None:
    archived: list[list[object]] = []
    for jobs in (1, 3):
        with Store.open(tmp_path / f"{jobs}.db") as store:
            run(folder, store, jobs)
            archived.append([(d.path, d.sha256, form.record) for d, form in store.forms()])
    assert archived[0] == archived[1]


def test_the_same_run_again_reads_nothing(folder: Path, store: Store) -> None:
    first, _ = run(folder, store)
    again, outcomes = run(folder, store)
    assert first.documents == again.unchanged == 9
    assert again.documents == again.forms == 0
    assert again.failed == 1
    assert {one.fate for one in outcomes} == {"same", "failed"}


def test_the_same_bytes_elsewhere_are_one_document(folder: Path, store: Store) -> None:
    (folder / "copy.tsv").write_bytes((folder / "0.tsv").read_bytes())
    for jobs in (1, 3):
        run(folder, store, jobs)
        assert store.stats()["documents"] == 9
        assert store.stats()["places"] == 10


def test_a_changed_file_is_read_again(folder: Path, store: Store) -> None:
    run(folder, store)
    (folder / "3.tsv").write_text(PAGE + "\nchanged", encoding="utf-8")
    summary, _ = run(folder, store)
    assert (summary.documents, summary.unchanged) == (1, 8)
    assert store.stats()["documents"] == 9


def test_an_unexpected_error_is_a_failure_of_that_document_alone(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str) -> None:
        if path == "2.tsv":
            raise ZeroDivisionError("secret of the page")

    poisoned(monkeypatch, fail)
    summary, outcomes = run(folder, store)
    assert (summary.documents, summary.failed) == (8, 2)
    (failure,) = (o.failure for o in outcomes if o.failure and o.found.path == "2.tsv")
    assert failure.code == "internal"
    assert "ZeroDivisionError" in failure.message["en"]
    assert "2.tsv" in failure.message["zh"]
    assert "secret of the page" in failure.trace
    assert "secret of the page" not in failure.message["en"]


def test_what_cannot_be_saved_is_a_failure_of_that_document_alone(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = store.save

    def saving(batch: int, checked: CheckedDocument, method: str, weighed: int) -> None:
        if checked.document.path == "2.tsv":
            raise OverflowError
        save(batch, checked, method, weighed)

    monkeypatch.setattr(store, "save", saving)
    summary, _ = run(folder, store)
    assert (summary.documents, summary.failed) == (8, 2)


CRASHING = """
import os, sys
from extractor import workers
from extractor.bulk import ingest, table_way
from extractor.sources import walk
from extractor.store import Store

read = workers.read_document

def reading(document):
    if document.path == "2.tsv":
        os._exit(9)
    return read(document)

workers.read_document = reading

if __name__ == "__main__":
    told = []
    with Store.open(sys.argv[2]) as store:
        files = list(walk([sys.argv[1]], "in"))
        summary = ingest(files, store, way=table_way(2), told=lambda one, _: told.append(one))
        print(store.stats()["documents"])
    print([(o.found.path, o.failure.code) for o in told if o.failure])
"""


def test_a_process_that_dies_takes_only_its_own_document_along(
    folder: Path, tmp_path: Path
) -> None:
    """The script is imported again by each worker, which therefore dies on one document."""
    script = tmp_path / "crashing.py"
    script.write_text(CRASHING, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(folder), str(tmp_path / "crash.db")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.splitlines() == ["8", "[('2.tsv', 'crash'), ('4.txt', 'empty')]"], (
        done.stderr
    )


def test_no_more_files_are_under_way_than_the_window(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand documents must not wait in memory for their turn to be written."""
    opened: list[str] = []
    read_bytes = bulk.bytes_of

    def reading(found: Found) -> bytes:
        opened.append(found.path)
        return read_bytes(found)

    monkeypatch.setattr(bulk, "bytes_of", reading)
    outcomes = bulk.outcomes(files(folder), lambda found, sha256: True, 1, lambda: False)
    next(outcomes)
    assert len(opened) == 1


def test_stopping_finishes_the_document_in_flight(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bulk.stop_on_interrupt() as stop:
        poisoned(monkeypatch, lambda path: path == "2.tsv" and os.kill(os.getpid(), signal.SIGINT))
        summary = ingest(files(folder), store, stop=stop)
        assert stop()
    assert summary.documents == store.stats()["documents"] == 3
    monkeypatch.undo()
    summary, _ = run(folder, store)
    assert (summary.unchanged, summary.documents) == (3, 6)


def test_a_second_interrupt_stops_at_once_and_leaves_the_archive_whole(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt_twice(path: str) -> None:
        if path == "2.tsv":
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)

    with bulk.stop_on_interrupt() as stop:
        poisoned(monkeypatch, interrupt_twice)
        with pytest.raises(KeyboardInterrupt):
            ingest(files(folder), store, stop=stop)
    assert store.stats()["documents"] == 2
    assert store.stats()["unfinished"] == 1


def test_a_run_that_was_killed_goes_on_from_there(folder: Path, tmp_path: Path) -> None:
    db = tmp_path / "killed.db"
    killed = CRASHING.replace("table_way(2)", "table_way(1)")
    script = tmp_path / "killed.py"
    script.write_text(killed, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script), str(folder), str(db)], timeout=60)
    assert done.returncode == 9
    with Store.open(db) as store:
        assert store.stats()["documents"] == 2
        summary, _ = run(folder, store)
        assert (summary.unchanged, summary.documents) == (2, 7)


def test_checking_reads_equal_bytes_once(folder: Path) -> None:
    (folder / "copy.tsv").write_bytes((folder / "0.tsv").read_bytes())
    outcomes: list[Outcome] = []
    documents, summary = check(files(folder), told=lambda one, _: outcomes.append(one))
    assert len(documents) == summary.documents == 9
    assert summary.places == 1
    assert [one.found.path for one in outcomes if one.fate == "place"] == ["copy.tsv"]


def test_the_summary_counts_entries_and_those_for_a_person() -> None:
    (found,) = walk([SAMPLE / "pujin-2023-department.tsv"])
    (checked,), summary = check([found])
    entries = [entry for form in checked.forms for entry in form.entries.values()]
    assert summary.fields == len(entries)
    assert summary.flagged == sum(entry.needs_review for entry in entries) > 0

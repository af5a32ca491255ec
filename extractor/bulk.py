"""Many files: found → read → kept, one document at a time, failures set aside.

Results come in the order of the files, however many processes read. What goes wrong with one
document is a :class:`Failure` of that document; the others go on.
"""

from __future__ import annotations

import gc
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Protocol

from extractor.errors import ArchiveError
from extractor.pipeline import CHECK_SET
from extractor.sources import Found, Problem, bytes_of, hash_of
from extractor.types import CheckedDocument
from extractor.workers import Failure, Pending, Pool, failure_of

READER = "table"

Fate = Literal["read", "known", "same", "place", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one file came to: ``checked`` where it was read, ``failure`` where it was set aside.

    ``known`` is a text that was not wanted, because it is there already: ``same`` under this very
    name, ``place`` under another.
    """

    found: Found
    fate: Fate
    sha256: str = ""
    checked: CheckedDocument | None = None
    failure: Failure | None = None


Told = Callable[[Outcome], None]
Stop = Callable[[], bool]


FEW_COLLECTIONS = (50_000, 20, 100)


class Archive(Protocol):
    """What ingestion asks of a store."""

    def start_batch(self, reader: str, check_set: str) -> int: ...
    def known(self, root: str, path: str, sha256: str, check_set: str) -> str: ...
    def save(self, batch: int, checked: CheckedDocument) -> Any: ...
    def add_place(self, batch: int, root: str, path: str, sha256: str) -> Any: ...
    def fail(self, batch: int, root: str, path: str, code: str, message: str) -> Any: ...
    def finish_batch(self, batch: int, summary: Mapping[str, Any]) -> Any: ...


@dataclass(slots=True)
class Summary:
    """The figures of one run.

    ``documents`` were read in this run; ``unchanged`` were in the archive already, ``places`` are
    further places of a text that is there under another name. ``titles + untitled == forms +
    repeats + refused``; ``tails`` are texts in front of a first form. ``fields`` counts entries,
    ``flagged`` those a person should look at. ``cost`` is that of model calls: none are made.
    """

    documents: int = 0
    unchanged: int = 0
    places: int = 0
    skipped: int = 0
    failed: int = 0
    formless: int = 0
    titles: int = 0
    untitled: int = 0
    forms: int = 0
    repeats: int = 0
    refused: int = 0
    tails: int = 0
    fields: int = 0
    flagged: int = 0
    seconds: float = 0.0
    cost: int = 0

    def count(self, outcome: Outcome) -> None:
        """Add what one file came to."""
        self.unchanged += outcome.fate == "same"
        self.places += outcome.fate == "place"
        self.skipped += outcome.fate == "skipped"
        self.failed += outcome.fate == "failed"
        if outcome.checked is not None:
            self._count_document(outcome.checked)

    def _count_document(self, checked: CheckedDocument) -> None:
        self.documents += 1
        self.formless += not checked.forms and not checked.refused
        self.titles += checked.titles
        self.untitled += checked.untitled
        self.forms += len(checked.forms)
        self.repeats += checked.repeats
        self.refused += len(checked.refused)
        self.tails += checked.tail is not None
        for form in checked.forms:
            self.fields += len(form.entries)
            self.flagged += sum(entry.needs_review for entry in form.entries.values())


def ingest(
    files: Iterable[Found],
    archive: Archive,
    *,
    jobs: int = 1,
    lang: str = "en",
    told: Told = lambda outcome: None,
    stop: Stop = lambda: False,
) -> Summary:
    """Read what the archive does not hold yet, save it, and return the figures of the run.

    ``told`` hears of each file in turn; ``stop`` is asked before each further one. The messages of
    failures are stored in ``lang``. Raises :class:`ArchiveError` where the archive cannot be
    written; what was saved before stays saved.
    """
    started = time.monotonic()
    summary = Summary()
    batch = archive.start_batch(READER, CHECK_SET)

    def needed(found: Found, sha256: str) -> bool:
        return archive.known(found.root, found.path, sha256, CHECK_SET) not in ("same", "place")

    for outcome in outcomes(files, needed, jobs, stop):
        kept = _kept(archive, batch, outcome, lang)
        summary.count(kept)
        told(kept)
    summary.seconds = round(time.monotonic() - started, 3)
    archive.finish_batch(batch, asdict(summary))
    return summary


def check(
    files: Iterable[Found],
    *,
    jobs: int = 1,
    told: Told = lambda outcome: None,
    stop: Stop = lambda: False,
) -> tuple[list[CheckedDocument], Summary]:
    """Read files without an archive. The same bytes under another name are not read again."""
    started = time.monotonic()
    summary = Summary()
    seen: set[str] = set()
    checked: list[CheckedDocument] = []

    def needed(found: Found, sha256: str) -> bool:
        is_new = sha256 not in seen
        seen.add(sha256)
        return is_new

    for outcome in outcomes(files, needed, jobs, stop):
        if outcome.fate == "known":
            outcome = replace(outcome, fate="place")
        if outcome.checked is not None:
            checked.append(outcome.checked)
        summary.count(outcome)
        told(outcome)
    summary.seconds = round(time.monotonic() - started, 3)
    return checked, summary


def outcomes(
    files: Iterable[Found], needed: Callable[[Found, str], bool], jobs: int, stop: Stop
) -> Iterator[Outcome]:
    """What each file comes to, in the order of ``files``; at most ``Pool.window`` are under way."""
    waiting: deque[Callable[[], Outcome]] = deque()
    with seldom_collecting(), Pool(jobs) as pool:
        for found in files:
            if stop():
                break
            waiting.append(_begun(found, needed, pool))
            if len(waiting) >= pool.window:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()


@contextmanager
def seldom_collecting() -> Generator[None]:
    """Let the garbage collector look at new objects less often.

    A form is some thousand small objects without a cycle among them, which all go when it is
    stored; looking for cycles in them takes a twentieth of the time and finds none.
    """
    before = gc.get_threshold()
    gc.set_threshold(*FEW_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def stop_on_interrupt(told: Callable[[], None] = lambda: None) -> Generator[Stop]:
    """Ctrl-C asks to stop after the document in flight; a second one stops at once.

    Only for the main thread of a program, where Python delivers signals.
    """
    asked = False

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        told()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _begun(found: Found, needed: Callable[[Found, str], bool], pool: Pool) -> Callable[[], Outcome]:
    try:
        data = bytes_of(found)
    except Problem as problem:
        refused = _refused(found, problem)
        return lambda: refused
    sha256 = hash_of(data)
    if not needed(found, sha256):
        known = Outcome(found, "known", sha256)
        return lambda: known
    pending = pool.start(found, data)
    return lambda: _finished(found, sha256, pending)


def _refused(found: Found, problem: Problem) -> Outcome:
    fate: Fate = "skipped" if problem.skipped else "failed"
    return Outcome(found, fate, failure=failure_of(found, problem))


def _finished(found: Found, sha256: str, pending: Pending) -> Outcome:
    result = pending()
    if isinstance(result, Failure):
        return Outcome(found, "failed", sha256, failure=result)
    return Outcome(found, "read", sha256, checked=result)


def _kept(archive: Archive, batch: int, outcome: Outcome, lang: str) -> Outcome:
    """Write what came of a file into the archive; what cannot be saved is a failure as well."""
    found, sha256 = outcome.found, outcome.sha256
    try:
        if outcome.fate in ("read", "known"):
            # Asked again: a file read at the same time may have brought the same bytes.
            known = archive.known(found.root, found.path, sha256, CHECK_SET)
            if known == "same":
                return replace(outcome, fate="same", checked=None)
            if known == "place":
                archive.add_place(batch, found.root, found.path, sha256)
                return replace(outcome, fate="place", checked=None)
        if outcome.checked is not None:
            archive.save(batch, outcome.checked)
    except ArchiveError:
        raise
    except Exception as error:
        outcome = Outcome(found, "failed", sha256, failure=failure_of(found, error))
    if outcome.fate == "failed" and (failure := outcome.failure) is not None:
        archive.fail(batch, failure.root, failure.path, failure.code, failure.message[lang])
    return outcome

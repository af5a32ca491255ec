"""Many files: found → read → kept, one document at a time, failures set aside.

Results come in the order of the files, however many processes read. What goes wrong with one
document is a :class:`Failure` of that document; the others go on.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from extractor.books import Books, Notebook, Usage
from extractor.calibration import Calibration, rated
from extractor.errors import ArchiveError
from extractor.pipeline import CHECK_SET
from extractor.prices import Price
from extractor.sources import Found, Problem, bytes_of, hash_of
from extractor.types import CheckedDocument
from extractor.workers import (
    NOT_TO_BLAME,
    Failure,
    Needed,
    Outcome,
    Pending,
    Pool,
    failure_of,
    refused,
    seldom_collecting,
)

Told = Callable[[Outcome, Usage], None]
"""Hears of each file, and of the calls so far."""
Stop = Callable[[], bool]


Source = Callable[[Iterable[Found], Needed, Stop], Iterator[Outcome]]
"""Reads files: what each of them comes to, in their order or as it lands."""


@dataclass(frozen=True, slots=True)
class Way:
    """How documents are read, and by whom.

    ``source`` is made with the books of the run, in which calls to a model are entered. ``method``
    names reader, model and prompts: a document that was read by another is read again; without one
    (nobody asked for this reader in particular) it is left as it is. ``consent`` is what a person
    agreed to before anything left this machine.
    """

    source: Callable[[Books], Source]
    reader: str = "table"
    method: str | None = None
    model: str | None = None
    endpoint: str | None = None
    consent: Mapping[str, Any] | None = None
    price: Price | None = None


class Archive(Protocol):
    """What ingestion asks of a store."""

    def start_batch(
        self,
        reader: str,
        check_set: str,
        model: str | None,
        endpoint: str | None,
        consent: Mapping[str, Any] | None,
    ) -> int: ...
    def books(self, batch: int) -> Books: ...
    def known(
        self,
        root: str,
        path: str,
        sha256: str,
        check_set: str,
        method: str | None,
        retry_failed: bool,
    ) -> str: ...
    def save(self, batch: int, checked: CheckedDocument, method: str, weighed: int) -> Any: ...
    def add_place(self, batch: int, root: str, path: str, sha256: str) -> Any: ...
    def fail(
        self, batch: int, root: str, path: str, code: str, message: str, sha256: str
    ) -> Any: ...
    def last_failure(self, root: str, path: str) -> tuple[str, str]: ...
    def finish_batch(self, batch: int, summary: Mapping[str, Any]) -> Any: ...


@dataclass(slots=True)
class Summary:
    """The figures of one run.

    ``documents`` were read in this run; ``unchanged`` were in the archive already, ``places`` are
    further places of a text that is there under another name. ``titles + untitled == forms +
    repeats + refused``; ``tails`` are texts in front of a first form. ``fields`` counts entries,
    ``flagged`` those a person should look at. ``left`` were begun and wait for another run.

    ``calls`` to a model took ``input`` tokens (``cached`` of them known to it) and ``output``; of
    ``unknown`` calls nobody here knows the bill, at most ``most_input`` and ``most_output``.
    ``cost`` is what they come to by the price table, ``None`` where it has no price.
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
    left: int = 0
    seconds: float = 0.0
    reader: str = "table"
    calls: int = 0
    input: int = 0
    cached: int = 0
    output: int = 0
    unknown: int = 0
    most_input: int = 0
    most_output: int = 0
    cost: str | None = "0"
    most_cost: str | None = "0"
    currency: str | None = None

    def count(self, outcome: Outcome) -> None:
        """Add what one file came to."""
        self.unchanged += outcome.fate == "same"
        self.places += outcome.fate == "place"
        self.skipped += outcome.fate == "skipped"
        self.failed += outcome.fate == "failed"
        self.left += outcome.fate == "left"
        if outcome.checked is not None:
            self._count_document(outcome.checked)

    def charge(self, usage: Usage, price: Price | None) -> None:
        """Add what the calls of the run took, and what that costs."""
        self.calls, self.unknown = usage.calls, usage.unknown
        self.input, self.cached, self.output = usage.tokens
        self.most_input, _, self.most_output = usage.most
        if price is not None:
            self.cost, self.most_cost = f"{price.of(usage.tokens):f}", f"{price.of(usage.most):f}"
            self.currency = price.currency
        elif usage.unknown or any(usage.tokens):
            self.cost = self.most_cost = None

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


def table_way(jobs: int = 1, method: str | None = None) -> Way:
    """Read with the table reader, in so many processes."""

    def source(books: Books) -> Source:
        return lambda files, needed, stop: outcomes(files, needed, jobs, stop)

    return Way(source, method=method)


def ingest(
    files: Iterable[Found],
    archive: Archive,
    *,
    way: Way | None = None,
    calibrations: Sequence[Calibration] = (),
    weighed: int = 0,
    retry_failed: bool = False,
    lang: str = "en",
    told: Told = lambda outcome, usage: None,
    stop: Stop = lambda: False,
) -> Summary:
    """Read what the archive does not hold yet, save it, and return the figures of the run.

    ``calibrations`` say what of it a person looks at, each of forms that were read as it says;
    ``weighed`` is the number of the newest one that the archive had when they were taken from it.
    ``told`` hears of each file in turn; ``stop`` is asked before each further one. The messages of
    failures are stored in ``lang``. What failed in several runs is tried again only with
    ``retry_failed``. Raises :class:`ArchiveError` where the archive cannot be written; what was
    saved before stays saved.
    """
    started = time.monotonic()
    way = way or table_way()
    batch = archive.start_batch(way.reader, CHECK_SET, way.model, way.endpoint, way.consent)
    keeping = _Keeping(archive, batch, way, calibrations, weighed, retry_failed, lang)
    books = archive.books(batch)
    summary = Summary(reader=way.reader)
    for outcome in way.source(books)(files, keeping.needed, stop):
        kept = keeping.kept(outcome)
        summary.count(kept)
        told(kept, books.usage)
    summary.seconds = round(time.monotonic() - started, 3)
    summary.charge(books.usage, way.price)
    archive.finish_batch(batch, asdict(summary))
    return summary


def check(
    files: Iterable[Found],
    *,
    way: Way | None = None,
    calibrations: Sequence[Calibration] = (),
    told: Told = lambda outcome, usage: None,
    stop: Stop = lambda: False,
) -> tuple[list[CheckedDocument], Summary]:
    """Read files without an archive. The same bytes under another name are not read again."""
    started = time.monotonic()
    way = way or table_way()
    files = list(files)
    order = {(found.root, found.path): number for number, found in enumerate(files)}
    books, summary = Notebook(), Summary(reader=way.reader)
    seen: set[str] = set()
    checked: list[CheckedDocument] = []

    def needed(found: Found, sha256: str) -> bool:
        is_new = sha256 not in seen
        seen.add(sha256)
        return is_new

    for outcome in way.source(books)(files, needed, stop):
        if outcome.fate == "known":
            outcome = replace(outcome, fate="place")
        if outcome.checked is not None:
            outcome = replace(outcome, checked=rated(outcome.checked, calibrations))
        if outcome.checked is not None:
            checked.append(outcome.checked)
        summary.count(outcome)
        told(outcome, books.usage)
    summary.seconds = round(time.monotonic() - started, 3)
    summary.charge(books.usage, way.price)
    checked.sort(key=lambda one: order[one.document.root, one.document.path])
    return checked, summary


def outcomes(files: Iterable[Found], needed: Needed, jobs: int, stop: Stop) -> Iterator[Outcome]:
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
def stop_on_interrupt(told: Callable[[], None] = lambda: None) -> Generator[Stop]:
    """Ctrl-C, or being told to end, asks to stop after what is in flight; the second time at once.

    Only for the main thread of a program, where Python delivers signals.
    """
    asked = False

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        told()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, ask) for number in numbers]
    try:
        yield lambda: asked
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _begun(found: Found, needed: Callable[[Found, str], bool], pool: Pool) -> Callable[[], Outcome]:
    try:
        data = bytes_of(found)
    except Problem as problem:
        outcome = refused(found, problem)
        return lambda: outcome
    sha256 = hash_of(data)
    if not needed(found, sha256):
        known = Outcome(found, "known", sha256)
        return lambda: known
    pending = pool.start(found, data)
    return lambda: _finished(found, sha256, pending)


def _finished(found: Found, sha256: str, pending: Pending) -> Outcome:
    result = pending()
    if isinstance(result, Failure):
        return Outcome(found, "failed", sha256, failure=result)
    return Outcome(found, "read", sha256, checked=result)


@dataclass(frozen=True, slots=True)
class _Keeping:
    """What one run writes into the archive."""

    archive: Archive
    batch: int
    way: Way
    calibrations: Sequence[Calibration]
    weighed: int
    retry_failed: bool
    lang: str

    def needed(self, found: Found, sha256: str) -> bool:
        return self._known(found, sha256) not in ("same", "place", "set_aside")

    def kept(self, outcome: Outcome) -> Outcome:
        """Write what came of a file; what cannot be saved is a failure as well."""
        archive, batch, found, sha256 = self.archive, self.batch, outcome.found, outcome.sha256
        try:
            if outcome.fate in ("read", "known"):
                # Asked again: a file read at the same time may have brought the same bytes.
                known = self._known(found, sha256)
                if known == "same":
                    return replace(outcome, fate="same", checked=None)
                if known == "place":
                    archive.add_place(batch, found.root, found.path, sha256)
                    return replace(outcome, fate="place", checked=None)
                if known == "set_aside":
                    failure = self._set_aside(found)
                    return replace(outcome, fate="failed", checked=None, failure=failure)
            if outcome.checked is not None:
                outcome = replace(outcome, checked=rated(outcome.checked, self.calibrations))
            if outcome.checked is not None:
                method = self.way.method or self.way.reader
                archive.save(batch, outcome.checked, method, self.weighed)
        except ArchiveError:
            raise
        except Exception as error:
            outcome = Outcome(found, "failed", sha256, failure=failure_of(found, error))
        if outcome.fate == "failed" and (failure := outcome.failure) is not None:
            # Nobody there says nothing of the document: such a failure never sets it aside.
            blamed = "" if failure.code in NOT_TO_BLAME else sha256
            message = failure.message[self.lang]
            archive.fail(batch, failure.root, failure.path, failure.code, message, blamed)
        return outcome

    def _known(self, found: Found, sha256: str) -> str:
        return self.archive.known(
            found.root, found.path, sha256, CHECK_SET, self.way.method, self.retry_failed
        )

    def _set_aside(self, found: Found) -> Failure:
        code, reason = self.archive.last_failure(found.root, found.path)
        message = {
            "zh": f"{reason}（多次失败，已搁置；--retry-failed 可重试）",
            "en": f"{reason} (failed again and again, set aside; --retry-failed tries it again)",
        }
        return Failure(found.root, found.path, code, message)

"""Reading one document, here or in another process, so that whatever happens stays with it."""

from __future__ import annotations

import asyncio
import gc
import signal
import traceback
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType
from typing import Literal, Self

from extractor.errors import ReadingError, SourceError
from extractor.pipeline import Outline, Seconds, finish, read_document
from extractor.sources import Found, Problem, document_of, shown
from extractor.types import CheckedDocument


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document was set aside; ``message`` in ``zh`` and ``en`` names the file.

    ``trace`` is the traceback of an error that Crossfoot itself is to blame for, else empty.
    """

    root: str
    path: str
    code: str
    message: Mapping[str, str]
    trace: str = ""


FEW_COLLECTIONS = (50_000, 20, 100)
NOT_TO_BLAME = frozenset({"unreachable", "busy", "endpoint"})
"""The codes of failures of an endpoint rather than of a document."""
Fate = Literal["read", "known", "same", "place", "skipped", "failed", "left"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one file came to: ``checked`` where it was read, ``failure`` where it was set aside.

    ``known`` is a text that was not wanted, because it is there already: ``same`` under this very
    name, ``place`` under another. ``left`` was begun, and waits for another run.
    """

    found: Found
    fate: Fate
    sha256: str = ""
    checked: CheckedDocument | None = None
    failure: Failure | None = None


Needed = Callable[[Found, str], bool]
"""Whether a file with these bytes (their hash) is to be read."""
Result = CheckedDocument | Failure
Pending = Callable[[], Result]


def read(found: Found, data: bytes) -> Result:
    """The document of a file's content, read and checked; never raises for what it holds."""
    try:
        return read_document(document_of(found, data))
    except Exception as error:
        return failure_of(found, error)


def refused(found: Found, problem: Problem) -> Outcome:
    """A file that gives no bytes."""
    fate: Fate = "skipped" if problem.skipped else "failed"
    return Outcome(found, fate, failure=failure_of(found, problem))


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


def failure_of(found: Found, error: Exception) -> Failure:
    """An error as the failure of one document."""
    if isinstance(error, Problem):
        return Failure(found.root, found.path, error.code, error.sentences)
    if isinstance(error, ReadingError):
        name = shown(str(found.file))
        sentences = {lang: f"{name}: {text}" for lang, text in error.sentences.items()}
        return Failure(found.root, found.path, error.code, sentences)
    if isinstance(error, SourceError):
        return Failure(found.root, found.path, error.code, {"zh": str(error), "en": str(error)})
    file, name = shown(str(found.file)), type(error).__name__
    message = {
        "zh": f"{file}：读取时程序出错（{name}），这是 Crossfoot 的缺陷；--debug 显示详情",
        "en": f"{file}: {name} while reading, a defect of Crossfoot; --debug shows the details",
    }
    trace = "".join(traceback.format_exception(error))
    return Failure(found.root, found.path, "internal", message, trace)


_DIED = {
    "zh": "读取它的进程中途终止（可能内存不足），请单独读取或拆分文件",
    "en": "the process that read it died (out of memory?); read it alone or split it",
}


def _crash(found: Found) -> Failure:
    return failure_of(found, ReadingError("crash", _DIED))


class Pool:
    """Reads in ``jobs`` processes; with one job in this process, when the result is asked for.

    A process that dies takes its pool along, and with it whatever the others were reading. Each
    of those documents is then read again in a process of its own, so that only the document that
    kills its reader is lost.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self.window = 1 if jobs == 1 else 4 * jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)

    def start(self, found: Found, data: bytes) -> Pending:
        """Begin to read; the call of what is returned waits for the result."""
        if self._jobs == 1:
            return lambda: read(found, data)
        future = self._submit(found, data)

        def result() -> Result:
            try:
                return future.result()
            except BrokenProcessPool:
                return _alone(found, data)
            except Exception as error:
                return failure_of(found, error)

        return result

    def _submit(self, found: Found, data: bytes):
        if self._pool is None:
            self._pool = _processes(self._jobs)
        try:
            return self._pool.submit(read, found, data)
        except BrokenProcessPool:
            self._pool = _processes(self._jobs)
            return self._pool.submit(read, found, data)


class Finisher:
    """Settles and checks in other processes what was asked for in this one."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool = _processes(jobs)

    async def finish(self, plan: Outline, seconds: Seconds) -> CheckedDocument:
        """A document, checked; raises what kept it from that.

        A process that dies takes along what the others were at; each of those documents is then
        tried in a process of its own, so that only the one that kills it is lost.
        """
        loop, pool = asyncio.get_running_loop(), self._pool
        try:
            return await loop.run_in_executor(pool, finish, plan, seconds)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = _processes(self._jobs)
        with _processes(1) as own:
            try:
                return await loop.run_in_executor(own, finish, plan, seconds)
            except BrokenProcessPool:
                raise ReadingError("crash", _DIED) from None

    def end(self) -> None:
        """No more documents."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _alone(found: Found, data: bytes) -> Result:
    with _processes(1) as pool:
        try:
            return pool.submit(read, found, data).result()
        except BrokenProcessPool:
            return _crash(found)


def _processes(jobs: int) -> ProcessPoolExecutor:
    # Forking a process that has threads can hang it; a new interpreter costs half a second once.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_be_deaf)


def _be_deaf() -> None:
    """Ctrl-C reaches every process of the terminal; only the one that writes may act on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

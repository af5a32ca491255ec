"""Work in guarded processes: a crash, a hang or a greedy job costs that job and nothing else."""

from __future__ import annotations

import resource
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Literal, NamedTuple, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

Fate = Literal["done", "crash", "hang", "memory"]

MIB = 2**20
_CONTEXT = get_context("spawn")
_IDLE = -1
_PATIENCE = 0.2
"""Seconds between two looks at the clock."""


class Limits(NamedTuple):
    """Seconds a job may take, and MiB of address space its process may have."""

    seconds: float
    mib: int


@dataclass(slots=True)
class Outcome(Generic[Result]):
    """What one job came to: ``result`` where it is done, ``told`` the error where it crashed.

    ``rss`` is the largest resident set, in MiB, of its process up to the end of the job.
    """

    fate: Fate
    result: Result | None = None
    seconds: float = 0.0
    rss: float = 0.0
    told: str = ""


def guarded(
    work: Callable[[Job], Result], jobs: Sequence[Job], limits: Limits, processes: int
) -> list[Outcome[Result]]:
    """``work(job)`` for every job, in the order of ``jobs``; ``work`` is a module's function.

    A job that outlives its time is killed with its process, which is replaced, as is one that
    died.
    """
    outcomes: dict[int, Outcome[Result]] = {}
    waiting = deque(range(len(jobs)))
    crew = [_Worker(work, limits) for _ in range(min(processes, len(jobs)))]
    try:
        while len(outcomes) < len(jobs):
            for worker in crew:
                if worker.number == _IDLE and waiting:
                    number = waiting.popleft()
                    worker.give(number, jobs[number])
            ready = wait([worker.pipe for worker in crew if worker.number != _IDLE], _PATIENCE)
            for worker in crew:
                number = worker.number
                outcome = worker.outcome(worker.pipe in ready)
                if outcome is not None:
                    outcomes[number] = outcome
    finally:
        for worker in crew:
            worker.end()
    return [outcomes[number] for number in range(len(jobs))]


class _Worker:
    """A process for one job after another; ``number`` is that of the job it is at."""

    def __init__(self, work: Callable[[Any], Any], limits: Limits) -> None:
        self.work = work
        self.limits = limits
        self.number = _IDLE
        self.started = 0.0
        self.pipe, self.process = self._begin()

    def _begin(self) -> tuple[Connection, BaseProcess]:
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(
            target=_serve, args=(theirs, self.work, self.limits.mib), daemon=True
        )
        process.start()
        theirs.close()
        return ours, process

    def give(self, number: int, job: Any) -> None:
        self.number, self.started = number, time.monotonic()
        self.pipe.send(job)

    def outcome(self, is_ready: bool) -> Outcome[Any] | None:
        """What a busy worker has to tell; ``None`` while it works or is idle."""
        if self.number == _IDLE:
            return None
        seconds = time.monotonic() - self.started
        if is_ready:
            try:
                told: Outcome[Any] = self.pipe.recv()
            except (EOFError, ConnectionResetError):
                code = self._replace()
                told = Outcome("crash", None, seconds, told=f"exit code {code}")
        elif seconds > self.limits.seconds:
            self._replace()
            told = Outcome("hang", None, seconds)
        else:
            return None
        self.number = _IDLE
        return told

    def _replace(self) -> int | None:
        """A new process instead of the one that died or is killed; the old one's exit code."""
        self.process.join(_PATIENCE)
        self.end()
        code = self.process.exitcode
        self.pipe, self.process = self._begin()
        return code

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, work: Callable[[Any], Any], mib: int) -> None:
    """The life of a worker process: a job in, an outcome out, until nobody asks any more."""
    resource.setrlimit(resource.RLIMIT_AS, (mib * MIB, mib * MIB))
    with suppress(EOFError, BrokenPipeError):
        while True:
            job = pipe.recv()
            started = time.monotonic()
            outcome = _tried(work, job)
            outcome.seconds = time.monotonic() - started
            outcome.rss = peak_mib()
            pipe.send(outcome)


def _tried(work: Callable[[Any], Any], job: Any) -> Outcome[Any]:
    try:
        return Outcome("done", work(job))
    except MemoryError:
        return Outcome("memory")
    except Exception as error:
        return Outcome("crash", told="".join(traceback.format_exception(error))[-2000:])


def peak_mib() -> float:
    """The largest resident set of this process so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (MIB if sys.platform == "darwin" else 1024), 1)

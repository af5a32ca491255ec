"""One run over many files as a person meets it: progress, notes, failures, an orderly stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from extractor.console import INTERRUPTED, complain, progress, usage
from extractor.telling import notes, progress_text, words

if TYPE_CHECKING:
    from extractor.books import Usage
    from extractor.bulk import Outcome, Summary
    from extractor.settings import Settings
    from extractor.sources import Found

Write = Callable[[str, str, str], None]


class Run:
    """What ingestion and checking share; ``stack`` ends it.

    ``told`` and ``stop`` are handed to :mod:`extractor.bulk`; ``end`` gives the exit code.
    """

    def __init__(
        self,
        stack: ExitStack,
        files: list[Found],
        set_: Settings,
        failures: Path | None,
        debug: bool,
    ) -> None:
        from extractor.bulk import stop_on_interrupt

        self._files, self._lang, self._debug = files, set_.lang, debug
        self._write = stack.enter_context(_failures(failures)) if failures else None
        self._advance = stack.enter_context(progress(len(files)))
        stopping = words("stopping", self._lang)
        self.stop = stack.enter_context(stop_on_interrupt(lambda: complain(stopping)))
        self._done, self._last = 0, ""
        self._reason: str | None = None
        self._started = time.monotonic()
        self._price = set_.prices.get(set_.model or "")

    def told(self, outcome: Outcome, usage: Usage) -> None:
        """Say what a person should know of one file, and count it."""
        if outcome.fate == "left" and outcome.failure is not None:
            self._reason = outcome.failure.message[self._lang]
            return
        for note in notes(outcome, self._lang):
            complain(note)
        failure = outcome.failure
        self._reason = None
        if failure is not None and outcome.fate == "failed":
            self._reason = failure.message[self._lang]
            if self._write is not None:
                self._write(failure.path, failure.code, failure.message[self._lang])
            if self._debug and failure.trace:
                complain(failure.trace)
        self._done, self._last = self._done + 1, outcome.found.path
        rate = self._done / max(time.monotonic() - self._started, 0.001)
        self._advance(progress_text(rate, usage, self._price, self._lang))

    def end(self, summary: Summary) -> None:
        """Raises the exit: interrupted, or some documents failed; returns where all is done."""
        total, done = len(self._files), self._done
        if done < total:
            key = "stopped" if done else "stopped_early"
            complain(words(key, self._lang, path=self._last, left=total - done, total=total))
            if self._reason is not None:
                complain(words("because", self._lang, what=self._reason))
            raise typer.Exit(INTERRUPTED if self.stop() else 1)
        if summary.failed:
            raise typer.Exit(1)


@contextmanager
def _failures(target: Path) -> Generator[Write]:
    """A file of failures, each line written as it happens: a killed run leaves them behind."""
    from orjson import dumps

    try:
        stream = target.open("wb")
    except OSError as error:
        raise usage(f"--failures {target}: {error.strerror}") from None
    with stream:

        def write(document: str, code: str, message: str) -> None:
            line = {"document": document, "code": code, "message": message}
            stream.write(dumps(line) + b"\n")
            stream.flush()

        yield write

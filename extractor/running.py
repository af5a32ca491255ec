"""One run over many files as a person meets it: progress, notes, failures, an orderly stop."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from extractor.console import INTERRUPTED, complain, progress, usage
from extractor.telling import notes, words

if TYPE_CHECKING:
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
        self._done = 0

    def told(self, outcome: Outcome) -> None:
        """Say what a person should know of one file, and count it."""
        for note in notes(outcome, self._lang):
            complain(note)
        failure = outcome.failure
        if failure is not None and outcome.fate == "failed":
            if self._write is not None:
                self._write(failure.path, failure.code, failure.message[self._lang])
            if self._debug and failure.trace:
                complain(failure.trace)
        self._done += 1
        self._advance()

    def end(self, summary: Summary) -> None:
        """Raises the exit: interrupted, or some documents failed; returns where all is done."""
        total, done = len(self._files), self._done
        if done < total:
            last = self._files[done - 1].path
            key = "stopped" if done else "stopped_early"
            complain(words(key, self._lang, path=last, left=total - done, total=total))
            raise typer.Exit(INTERRUPTED)
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

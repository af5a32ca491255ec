"""Many documents read with a model: a bounded number under way, each told as it lands.

One thread does everything: calls wait side by side in one event loop, and between two documents
that have landed the loop stands still while the one writer stores what came. Where an endpoint
takes no call at all, no further document is begun. Those under way are left for the next run where
a key is not accepted or a cap is reached; where nobody answers they fail, and are not to blame.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from extractor.books import About
from extractor.disputes import doubtful
from extractor.errors import ArchiveError, ReadingError
from extractor.pipeline import Outline, Second, Seconds, finish, outline
from extractor.sources import Found, Problem, bytes_of, document_of, hash_of
from extractor.types import CheckedDocument, Document, Origin
from extractor.workers import (
    NOT_TO_BLAME,
    Failure,
    Finisher,
    Needed,
    Outcome,
    failure_of,
    refused,
    seldom_collecting,
)

if TYPE_CHECKING:
    from extractor.readers.model import ModelReader

LEFT = frozenset({"denied", "cap"})
"""What speaks against every call, not against a document."""
_DEAD_AFTER = 8
"""Documents in a row without an answer after which no further one is begun."""


@dataclass(slots=True)
class Asking:
    """Reads documents with a model; ``alone`` lets its reading stand without the table reader's.

    ``window`` documents are under way at most. ``looks`` second looks may be asked for. With more
    than one of ``jobs``, so many further processes read tables, settle and check.
    """

    reader: ModelReader
    alone: bool = False
    window: int = 32
    looks: int = 0
    jobs: int = 1
    _others: Finisher | None = field(default=None, init=False)
    _dead: int = field(default=0, init=False)
    _ended: bool = field(default=False, init=False)

    def outcomes(
        self, files: Iterable[Found], needed: Needed, stop: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """What each file comes to, as it lands."""
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self.reader.__aenter__())
            self._others = Finisher(self.jobs) if self.jobs > 1 else None
            with seldom_collecting():
                yield from _Landing(self, loop, files, needed, stop).outcomes()
        finally:
            loop.run_until_complete(_cancelled(loop))
            if self._others is not None:
                self._others.end()
            loop.run_until_complete(self.reader.__aexit__())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def read(self, document: Document) -> CheckedDocument:
        """A document read by table reader and model and checked; raises what kept a form from it.

        What the forms were asked for is kept, so that another try costs only what failed.
        """
        plan = outline(document)
        numbers = [n for n, piece in enumerate(plan.pieces) if piece.is_worth_asking]
        told = await asyncio.gather(
            *(self._second(plan, number) for number in numbers), return_exceptions=True
        )
        seconds: dict[int, Second] = {}
        for number, second in zip(numbers, told, strict=True):
            if isinstance(second, BaseException):
                raise _of_form(second, plan, number)
            seconds[number] = second
        checked = await self._finished(plan, seconds)
        looked = await self._looks(plan, checked, seconds)
        return await self._finished(plan, seconds | looked) if looked else checked

    async def _finished(self, plan: Outline, seconds: Seconds) -> CheckedDocument:
        if self._others is None:
            return finish(plan, seconds)
        return await self._others.finish(plan, seconds)

    @property
    def has_ended(self) -> bool:
        """Whether no further document should be begun."""
        return self._ended

    def note(self, code: str | None) -> None:
        """Hear how a document ended."""
        self._dead = self._dead + 1 if code in NOT_TO_BLAME else 0
        self._ended = self._ended or code in LEFT or self._dead >= _DEAD_AFTER

    async def _second(self, plan: Outline, number: int) -> Second:
        piece = plan.pieces[number]
        assert piece.family is not None
        about = About(plan.document.root, plan.document.path, piece.start.span.start)
        reply = await self.reader.ask(piece.family, piece.text, about, piece.rows)
        origin = Origin(self.reader.model, reply.prompt.sha256, reply.schema)
        return Second(reply.leaves, origin, self.alone)

    async def _looks(
        self, plan: Outline, checked: CheckedDocument, seconds: Mapping[int, Second]
    ) -> dict[int, Second]:
        """Second looks at the doubtful cells of each form, as long as there are looks left.

        One that fails is missed by nobody: its cells stay with a person.
        """
        number_of = {piece.start.span.start: n for n, piece in enumerate(plan.pieces)}
        found: dict[int, Second] = {}
        for form in checked.forms:
            cells = doubtful(form)
            number = number_of[form.form.span.start]
            if not cells or self.looks < 1 or number not in seconds:
                continue
            self.looks -= 1
            piece = plan.pieces[number]
            about = About(plan.document.root, plan.document.path, piece.start.span.start)
            with suppress(ReadingError):
                seen = await self.reader.look(piece.text, cells, about)
                found[number] = seconds[number]._replace(looks=seen)
        return found


class _Landing:
    """One run: files begun, under way, landed."""

    def __init__(
        self,
        asking: Asking,
        loop: asyncio.AbstractEventLoop,
        files: Iterable[Found],
        needed: Needed,
        stop: Callable[[], bool],
    ) -> None:
        self._asking, self._loop, self._needed, self._stop = asking, loop, needed, stop
        self._files, self._again = iter(files), deque[Found]()
        self._landed = asyncio.Queue[Outcome | ArchiveError]()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, list[Found]] = {}

    def outcomes(self) -> Iterator[Outcome]:
        while True:
            while len(self._under_way) < self._asking.window and (found := self._next()):
                if (outcome := self._begun(found)) is not None:
                    yield outcome
            if not self._under_way:
                return
            outcome = self._loop.run_until_complete(self._landed.get())
            if isinstance(outcome, ArchiveError):
                raise outcome
            self._asking.note(outcome.failure.code if outcome.failure else None)
            yield outcome
            del self._under_way[outcome.sha256]
            # The same bytes in another place: by now the archive knows them, or they failed.
            for found in self._held.pop(outcome.sha256, ()):
                if (failure := outcome.failure) is None:
                    self._again.append(found)
                else:
                    failure = replace(failure, root=found.root, path=found.path)
                    yield Outcome(found, outcome.fate, outcome.sha256, failure=failure)

    def _next(self) -> Found | None:
        if self._stop() or self._asking.has_ended:
            return None
        return self._again.popleft() if self._again else next(self._files, None)

    def _begun(self, found: Found) -> Outcome | None:
        """Begins to read a file; an outcome where there is nothing to wait for."""
        try:
            data = bytes_of(found)
        except Problem as problem:
            return refused(found, problem)
        sha256 = hash_of(data)
        if sha256 in self._under_way:
            self._held.setdefault(sha256, []).append(found)
            return None
        if not self._needed(found, sha256):
            return Outcome(found, "known", sha256)
        self._under_way[sha256] = self._loop.create_task(self._read(found, data, sha256))
        return None

    async def _read(self, found: Found, data: bytes, sha256: str) -> None:
        try:
            checked = await self._asking.read(document_of(found, data))
            outcome: Outcome | ArchiveError = Outcome(found, "read", sha256, checked=checked)
        except ArchiveError as error:
            outcome = error
        except Exception as error:
            outcome = _failed(found, sha256, error)
        self._landed.put_nowait(outcome)


def _failed(found: Found, sha256: str, error: Exception) -> Outcome:
    """A document that could not be read, or was left because nothing can be asked any more."""
    if isinstance(error, ReadingError) and error.code in LEFT:
        failure = Failure(found.root, found.path, error.code, error.sentences)
        return Outcome(found, "left", sha256, failure=failure)
    return Outcome(found, "failed", sha256, failure=failure_of(found, error))


async def _cancelled(loop: asyncio.AbstractEventLoop) -> None:
    """What is still under way when a run breaks off."""
    tasks = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _of_form(error: BaseException, plan: Outline, number: int) -> BaseException:
    """An error that says which form of several it is about."""
    if not isinstance(error, ReadingError) or len(plan.pieces) == 1 or error.code in LEFT:
        return error
    where = {"zh": f"第 {number + 1} 张表：", "en": f"form {number + 1}: "}
    told = {lang: f"{where[lang]}{text}" for lang, text in error.sentences.items()}
    return ReadingError(error.code, told)

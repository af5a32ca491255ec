"""When a call may go out: so many at once, so many tokens a minute, and not before the time that
the endpoint asked for.

An endpoint that is busy says so to one call and means all of them: a wait that it asks for holds
every call that has not gone out yet.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

_MINUTE = 60.0
_AHEAD = 6.0
"""Seconds by which calls may run ahead of the tokens of a minute: small ones need not wait."""


class Pace:
    """``at_once`` calls are under way at most; ``per_minute`` bounds tokens, replies included.

    ``clock`` gives seconds.
    """

    def __init__(
        self,
        at_once: int = 16,
        per_minute: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seats = asyncio.Semaphore(at_once)
        self._per_minute, self._clock = per_minute, clock
        self._open_at = clock()
        self._due_at = clock()

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncGenerator[None]:
        """Waits for a turn, which ends with the block; ``tokens`` is what the call may take."""
        async with self._seats:
            if (wait := self._booked(tokens) - self._clock()) > 0:
                await asyncio.sleep(wait)
            while (wait := self._open_at - self._clock()) > 0:
                await asyncio.sleep(wait)
            yield

    def hold(self, seconds: float) -> None:
        """No call goes out for so long."""
        self._open_at = max(self._open_at, self._clock() + seconds)

    def correct(self, tokens: int) -> None:
        """A call took so many tokens more than was thought, or fewer (negative)."""
        if self._per_minute is not None:
            self._due_at += tokens * _MINUTE / self._per_minute

    def _booked(self, tokens: int) -> float:
        """When a call may go out; what it takes keeps those behind it waiting."""
        if self._per_minute is None:
            return 0.0
        due = max(self._due_at, self._clock())
        self._due_at = due + tokens * _MINUTE / self._per_minute
        return due - _AHEAD

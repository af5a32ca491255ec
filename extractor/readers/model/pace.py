"""When a call may go out: so many at once, so many tokens a minute, and not before the time that
the endpoint asked for.

An endpoint that is busy says so to one call and means all of them: a wait that it asks for holds
every call that has not gone out yet.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

_MINUTE = 60.0


class Pace:
    """``at_once`` calls are under way at most; no minute takes more than ``per_minute`` tokens,
    replies included, as far as can be known beforehand.

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
        self._taken: deque[tuple[float, int]] = deque()
        self._sum = 0

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncGenerator[None]:
        """Waits for a turn, which ends with the block; ``tokens`` is what the call may take."""
        async with self._seats:
            while (wait := max(self._open_at - self._clock(), self._full_for(tokens))) > 0:
                await asyncio.sleep(wait)
            self._take(tokens)
            yield

    def hold(self, seconds: float) -> None:
        """No call goes out for so long."""
        self._open_at = max(self._open_at, self._clock() + seconds)

    def correct(self, tokens: int) -> None:
        """A call took so many tokens more than was thought, or fewer (negative)."""
        self._take(tokens)

    def _take(self, tokens: int) -> None:
        if self._per_minute is not None:
            self._taken.append((self._clock(), tokens))
            self._sum += tokens

    def _full_for(self, tokens: int) -> float:
        """The seconds until the last minute has room; a call larger than any minute goes alone."""
        if self._per_minute is None:
            return 0.0
        while self._taken and self._taken[0][0] <= self._clock() - _MINUTE:
            self._sum -= self._taken.popleft()[1]
        if not self._taken or self._sum + tokens <= self._per_minute:
            return 0.0
        return self._taken[0][0] + _MINUTE - self._clock()

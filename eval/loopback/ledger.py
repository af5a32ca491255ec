"""What an endpoint delivered and billed, request by request: the other side of a client's books.

What is billed is what the model did: a reply that was lost on its way costs as much as one that
arrived. A request that was refused, or failed with 429 or 500, costs nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from threading import Lock
from typing import Any

from eval.loopback.chance import chance
from eval.loopback.faults import Fault


@dataclass(frozen=True, slots=True)
class Entry:
    """One request for a completion, ``ordinal`` from 0 in order of arrival.

    ``status`` is the HTTP status, none where no answer was begun. ``delivered`` says that a
    completion was written whole, faults in its content or not. Tokens are those billed; ``cached``
    is part of ``input``. ``has_key`` says that a key came along; the key itself is never kept.
    ``model`` is none where the request could not be read. ``page`` is the short name of the page
    that was asked about (:func:`page_name`), none where no page could be made out.
    """

    ordinal: int
    model: str | None
    status: int | None
    fault: Fault | None
    delivered: bool
    input: int
    cached: int
    output: int
    has_key: bool
    page: str | None = None


class Ledger:
    """The books of one endpoint; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._arrived = 0
        self._attempts: dict[int, int] = {}
        self._heads: set[int] = set()
        self._entries: dict[int, Entry] = {}

    def arrive(self) -> int:
        """The ordinal of a request that has come in."""
        with self._lock:
            self._arrived += 1
            return self._arrived - 1

    def attempt(self, model: str, page: str) -> int:
        """How often this page was asked about before."""
        name = _name(model, page)
        with self._lock:
            self._attempts[name] = self._attempts.get(name, -1) + 1
            return self._attempts[name]

    def knows(self, model: str, head: str) -> bool:
        """Whether this head of a request was billed before; from now on it was."""
        name = _name(model, head)
        with self._lock:
            known = name in self._heads
            self._heads.add(name)
            return known

    def write(self, entry: Entry) -> None:
        """Enter a request; before its answer is sent, so that a client who has it finds it here."""
        with self._lock:
            self._entries[entry.ordinal] = entry

    def lose(self, ordinal: int) -> None:
        """The answer to a request did not go out after all."""
        with self._lock:
            self._entries[ordinal] = replace(self._entries[ordinal], delivered=False)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All requests entered so far, in order of arrival; those under way are not among them."""
        with self._lock:
            return tuple(self._entries[ordinal] for ordinal in sorted(self._entries))

    def snapshot(self) -> dict[str, Any]:
        """``{"requests": [{…}, …], "totals": {…}}`` as plain data.

        Totals: ``requests``, ``delivered``, ``faults`` by name, tokens billed (``input``,
        ``cached``, ``output``), and the same of delivered replies under ``delivered_…``.
        """
        entries = self.entries
        totals: dict[str, Any] = {
            "requests": len(entries),
            "delivered": sum(one.delivered for one in entries),
            "faults": {},
        }
        for one in entries:
            if one.fault is not None:
                totals["faults"][one.fault] = totals["faults"].get(one.fault, 0) + 1
        for prefix, told in (("", entries), ("delivered_", [e for e in entries if e.delivered])):
            totals[f"{prefix}input"] = sum(one.input for one in told)
            totals[f"{prefix}cached"] = sum(one.cached for one in told)
            totals[f"{prefix}output"] = sum(one.output for one in told)
        return {"requests": [asdict(one) for one in entries], "totals": totals}


def page_name(text: str) -> str:
    """The short name of a page: the first 16 digits of the SHA-256 of its text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _name(*parts: str) -> int:
    """A short name of texts, so that no page is kept."""
    return chance(*parts).getrandbits(128)

"""What an endpoint does with a request for a completion: asks the model, fails, keeps the books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eval.loopback.answers import completion, error
from eval.loopback.faults import STATUS, Faults
from eval.loopback.ledger import Entry, Ledger, page_name
from eval.loopback.request import Asked, Refused, asked
from eval.loopback.simulated import Simulated, reply, transcribed

HTML = "<!doctype html><title>gateway</title><p>This is a page for people.</p>"


class Answer(NamedTuple):
    """What goes out for the request ``ordinal``; a ``body`` of text goes out as it is.

    ``status`` is none where nothing is to be sent for ``hang`` seconds; ``cut`` says that only half
    of the body is. Either way the connection is closed then.
    """

    ordinal: int
    status: int | None
    body: dict[str, Any] | str
    headers: Mapping[str, str]
    cut: bool = False
    hang: float = 0.0


@dataclass(frozen=True)
class Endpoint:
    """A model, the ways in which calls to it fail, and its books."""

    model: Simulated
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)

    def answer(
        self,
        body: bytes,
        has_key: bool,
        wait: Callable[[float], object],
        gone: Callable[[], bool],
    ) -> Answer:
        """The answer to a request, entered in the ledger.

        ``wait`` lets seconds pass, and ``gone`` says whether the client has left meanwhile.
        """
        ordinal, request = self.ledger.arrive(), None
        try:
            request = asked(body)
            read = transcribed(self.model, request)
        except Refused as refused:
            name, page = (request.model, page_name(request.page)) if request else (None, None)
            self.ledger.write(
                Entry(ordinal, name, refused.status, None, False, 0, 0, 0, has_key, page)
            )
            return Answer(ordinal, refused.status, error(refused), {})
        return self._answer(ordinal, request, read, has_key, wait, gone)

    def _answer(
        self,
        ordinal: int,
        request: Asked,
        read: str,
        has_key: bool,
        wait: Callable[[float], object],
        gone: Callable[[], bool],
    ) -> Answer:
        faults, ledger, name = self.faults, self.ledger, self.model.name
        page = page_name(request.page)
        attempt = ledger.attempt(name, request.page)
        fault = faults.fault(request.page, attempt, ordinal)
        wait(faults.wait(request.page, attempt, ordinal))
        if fault is not None and fault in STATUS:
            status, code = STATUS[fault]
            ledger.write(Entry(ordinal, name, status, fault, False, 0, 0, 0, has_key, page))
            extra = {"Retry-After": f"{faults.retry_after:g}"} if fault == "rate_limit" else {}
            return Answer(
                ordinal, status, error(Refused(status, code, f"simulated: {fault}")), extra
            )
        if fault == "html":
            ledger.write(Entry(ordinal, name, 200, fault, False, 0, 0, 0, has_key, page))
            return Answer(ordinal, 200, HTML, {"Content-Type": "text/html"})
        told = reply(request, read, fault)
        long = request.head_tokens >= self.model.cache_from
        cached = request.head_tokens if long and ledger.knows(name, request.head) else 0
        status = None if fault == "timeout" else 200
        whole = fault not in ("timeout", "cut_stream") and not gone()
        entry = Entry(
            ordinal, name, status, fault, whole, request.input, cached, told.output, has_key, page
        )
        # Before it is sent: a client that has the answer finds it in the books.
        ledger.write(entry)
        hang = faults.hang if status is None else 0.0
        return Answer(ordinal, status, completion(entry, told), {}, fault == "cut_stream", hang)

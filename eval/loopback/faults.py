"""How a simulated endpoint fails: what becomes of a call, whatever the model said.

A share of the calls fails in each way. Which ones is settled by the seed and, by default, by the
page and how often it was asked about, so that it does not hang on the order in which calls under
way at once arrive; or by the ordinal of the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Literal, NamedTuple, get_args

from eval.loopback.chance import chance
from eval.loopback.plain import compact
from eval.loopback.tokens import first_tokens, tokens

Fault = Literal[
    "rate_limit",  # 429 with Retry-After
    "server_error",  # 500
    "timeout",  # no answer for ``hang`` seconds, then the connection is closed
    "cut_stream",  # less of a body than was announced, then the connection is closed
    "malformed",  # content that is no JSON
    "wrong_schema",  # JSON that is not in the shape asked for
    "refusal",
    "length",  # half the content, cut at the model's limit
    "content_filter",  # no content, stopped by a filter
    "html",  # 200 with a page for people
    "denied",  # 401, the key is not accepted
    "quota",  # 429, no quota left
    "too_long",  # 400, more than the model reads at once
]
Finish = Literal["stop", "length", "tool_calls", "content_filter"]

STATUS: Mapping[Fault, tuple[int, str]] = {
    "rate_limit": (429, "rate_limit_exceeded"),
    "server_error": (500, "server_error"),
    "denied": (401, "invalid_api_key"),
    "quota": (429, "insufficient_quota"),
    "too_long": (400, "context_length_exceeded"),
}
"""The faults that are answered with an error: HTTP status and code."""
REFUSAL = "I'm sorry, I can't help with that."


@dataclass(frozen=True)
class Faults:
    """A fault model: ``shares`` of all calls by fault, at most 1 together.

    Every answer waits ``latency`` seconds and up to ``jitter`` seconds more. ``script`` settles the
    first attempts at a page (or the first requests) one by one, before any share: ``("rate_limit",
    None)`` fails once and then does not. ``retry_after`` and ``hang`` are in seconds. Raises
    ``ValueError`` on shares, faults or seconds that cannot be.
    """

    shares: Mapping[Fault, float] = field(default_factory=dict[Fault, float])
    seed: int = 0
    by: Literal["text", "ordinal"] = "text"
    latency: float = 0.0
    jitter: float = 0.0
    retry_after: float = 1.0
    hang: float = 30.0
    script: tuple[Fault | None, ...] = ()

    def __post_init__(self) -> None:
        known: tuple[Fault, ...] = get_args(Fault)
        named = [*self.shares, *filter(None, self.script)]
        if unknown := [name for name in named if name not in known]:
            raise ValueError(f"no fault is called {unknown[0]!r}; there are: {', '.join(known)}")
        shares = self.shares.values()
        if not (all(share >= 0 for share in shares) and sum(shares) <= 1 + 1e-9):
            raise ValueError("shares are at least 0 each and at most 1 together")
        if not all(0 <= t < inf for t in (self.latency, self.jitter, self.retry_after, self.hang)):
            raise ValueError("latency, jitter, retry_after and hang are seconds, 0 or more")

    def fault(self, text: str, attempt: int, ordinal: int) -> Fault | None:
        """What befalls a call; ``attempt`` and ``ordinal`` count from 0."""
        count = attempt if self.by == "text" else ordinal
        if count < len(self.script):
            return self.script[count]
        drawn = chance("fault", self.seed, text if self.by == "text" else "", count).random()
        for name, share in self.shares.items():
            if drawn < share:
                return name
            drawn -= share
        return None

    def wait(self, text: str, attempt: int, ordinal: int) -> float:
        """The seconds before an answer."""
        if not self.jitter:
            return self.latency
        count = (text, attempt) if self.by == "text" else ("", ordinal)
        return self.latency + self.jitter * chance("wait", self.seed, *count).random()


class Said(NamedTuple):
    """What a model says in one reply: ``text`` is JSON, or there is a ``refusal``."""

    text: str
    finish: Finish = "stop"
    refusal: str | None = None


def spoilt(text: str, fault: Fault | None) -> Said:
    """The words of a reply after a fault in its content; other faults leave them whole."""
    match fault:
        case "malformed":
            return Said(f"{text[:-1]},,")
        case "wrong_schema":
            return Said(compact({"result": [text]}))
        case "refusal":
            return Said("", refusal=REFUSAL)
        case "length":
            return Said(first_tokens(text, tokens(text) // 2), "length")
        case "content_filter":
            return Said("", "content_filter")
        case _:
            return Said(text)

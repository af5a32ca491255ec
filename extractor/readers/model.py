"""A model's reply about one page: the only room that speaks to an endpoint.

Any OpenAI-compatible endpoint will do. Three ways of asking for the shape form a ladder, from the
one that binds the model most: ``strict`` (constrained decoding by JSON schema), ``tools`` (one
function that must be called), ``json`` (JSON mode). ``auto`` begins at the top and steps down where
an endpoint refuses a request as such.

A reply is asked for again only where its *shape* is wrong, a bounded number of times; a model never
sees a check and is never told that a number is wrong. A reply that was cut short is a failure,
never a short table. Failed transport is tried again within one budget, after the time that the
endpoint asks for.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, NamedTuple, Self

import instructor
import openai
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from extractor.errors import CrossfootError
from extractor.families.base import Family
from extractor.prompting import Prompt, messages, prompt_of
from extractor.replies import reply_model
from extractor.twins import leaves

Rung = Literal["strict", "tools", "json"]
LADDER: tuple[Rung, ...] = ("strict", "tools", "json")
Create = Callable[..., Awaitable[Any]]

_MODES: Mapping[Rung, instructor.Mode] = {
    "strict": instructor.Mode.JSON_SCHEMA,
    "tools": instructor.Mode.TOOLS,
    "json": instructor.Mode.JSON,
}
_SHAPE = ("ValidationError", "ResponseParsingError", "JSONDecodeError")
_TRANSPORT = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)
_LONGEST_WAIT = 120.0
"""Seconds: an endpoint that asks for more is given up on, and says so."""

# It logs every failed call with all that came back, the page included.
logging.getLogger("instructor").setLevel(logging.CRITICAL)


class ReplyError(CrossfootError):
    """No usable reply; ``code`` says why, ``usage`` what it cost all the same.

    ``cut_short``, ``refused``, ``unfit`` (not in the shape asked for), ``busy``, ``unreachable``,
    ``too_long``, ``denied`` (key, quota or model), ``endpoint`` (anything else that it answered).
    """

    def __init__(self, code: str, message: str, usage: Usage) -> None:
        super().__init__(message)
        self.code = code
        self.usage = usage


@dataclass(slots=True)
class Usage:
    """Tokens of all replies that came with a bill, ``cached`` being part of ``input``.

    ``calls`` were sent; ``unknown`` of them brought no bill back, so nobody here knows their cost.
    A call that the endpoint turned away costs nothing.
    """

    input: int = 0
    cached: int = 0
    output: int = 0
    calls: int = 0
    unknown: int = 0

    def add(self, reply: ChatCompletion) -> None:
        told = reply.usage
        if told is not None:
            self.unknown -= 1
            details = told.prompt_tokens_details
            self.input += told.prompt_tokens
            self.cached += (details.cached_tokens or 0) if details else 0
            self.output += told.completion_tokens


class Reply(NamedTuple):
    """What a model says of a page: every leaf as printed, by path, ``null`` ones too."""

    leaves: dict[str, str | None]
    usage: Usage
    rung: Rung
    prompt: Prompt


@dataclass(slots=True)
class ModelReader:
    """One model at one endpoint; use it as an asynchronous context.

    ``url`` is the base of the endpoint (``http://127.0.0.1:8000/v1``); ``key`` goes nowhere but
    there. ``attempts`` bounds all calls for one page, ``reasks`` those for the sake of its shape;
    ``timeout`` is in seconds, for one call.
    """

    model: str
    url: str
    key: str | None = field(default=None, repr=False)
    rung: Rung | Literal["auto"] = "auto"
    attempts: int = 5
    reasks: int = 2
    timeout: float = 120.0
    _client: openai.AsyncOpenAI | None = field(default=None, init=False, repr=False)
    _works: Rung = field(default="strict", init=False)

    async def __aenter__(self) -> Self:
        self._works = "strict" if self.rung == "auto" else self.rung
        self._client = openai.AsyncOpenAI(
            api_key=self.key or "none", base_url=self.url, max_retries=0, timeout=self.timeout
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def ask(self, family: Family, text: str) -> Reply:
        """What the model reads on a page; raises :class:`ReplyError`."""
        usage, prompt = Usage(), prompt_of(family)
        while True:
            rung = self._works
            try:
                reply = await self._asked(family, prompt, text, rung, usage)
            except _Declined as declined:
                if self._works == rung:
                    lower = LADDER[LADDER.index(rung) + 1 :]
                    if self.rung != "auto" or not lower:
                        raise ReplyError("endpoint", str(declined), usage) from None
                    self._works = lower[0]
                continue
            return Reply(leaves(reply.model_dump()), usage, rung, prompt)

    async def _asked(
        self, family: Family, prompt: Prompt, text: str, rung: Rung, usage: Usage
    ) -> BaseModel:
        assert self._client is not None, "use the reader as an asynchronous context"
        create = _watched(self._client.chat.completions.create, family, rung, usage)
        patched: Any = instructor.patch(create=create, mode=_MODES[rung])
        try:
            return await patched(
                model=self.model,
                messages=messages(prompt, text),
                response_model=_wrapped(family),
                max_retries=self._policy(),
                temperature=0,
            )
        except Exception as error:
            raise _told(_cause(error), rung, usage, self.model) from None

    def _policy(self) -> AsyncRetrying:
        """A budget of its own for every page; one that is shared would count wrongly."""
        shapes = 0

        def again(error: BaseException) -> bool:
            nonlocal shapes
            if type(error).__name__ in _SHAPE:
                shapes += 1
                return shapes <= self.reasks
            return _may_pass(error)

        return AsyncRetrying(
            stop=stop_after_attempt(self.attempts),
            wait=_wait,
            retry=retry_if_exception(again),
            reraise=True,
        )


class _Unusable(Exception):
    """A reply that was delivered and cannot be used, whatever its content parses to."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Declined(Exception):
    """The endpoint refuses this way of asking."""


def _watched(create: Create, family: Family, rung: Rung, usage: Usage) -> Create:
    """The call itself: asks for real constrained decoding, counts, and looks at how it ended.

    Truncation, refusals and filters are seen here, before anything tries to parse what came.
    """

    async def watched(*args: Any, **kwargs: Any) -> ChatCompletion:
        if rung == "strict":
            kwargs["response_format"] = _strict_format(family)
        usage.calls += 1
        usage.unknown += 1
        try:
            reply: ChatCompletion = await create(*args, **kwargs)
        except openai.APIStatusError:
            usage.unknown -= 1
            raise
        if not isinstance(reply, ChatCompletion) or not reply.choices:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise _Unusable("endpoint", "what came back is no chat completion")
        usage.add(reply)
        choice = reply.choices[0]
        if choice.finish_reason == "length":
            raise _Unusable("cut_short", "the reply was cut short at the model's limit of length")
        if choice.finish_reason == "content_filter" or choice.message.refusal:
            raise _Unusable("refused", "the model refused to transcribe this page")
        return reply

    return watched


@cache
def strict_schema(family: Family) -> dict[str, Any]:
    """The JSON schema of a reply under the rules of strict mode."""
    tool: Any = openai.pydantic_function_tool(reply_model(family))
    return tool["function"]["parameters"]


def _strict_format(family: Family) -> dict[str, Any]:
    name = reply_model(family).__name__
    schema = {"name": name, "strict": True, "schema": strict_schema(family)}
    return {"type": "json_schema", "json_schema": schema}


@cache
def _wrapped(family: Family) -> Any:
    """The model of a reply as instructor wants it, made once: it would make a class a call."""
    return instructor.openai_schema(reply_model(family))  # pyright: ignore[reportUnknownMemberType]


def _may_pass(error: BaseException) -> bool:
    """Whether the same call may go through later."""
    if getattr(error, "code", None) == "insufficient_quota":
        return False
    return isinstance(error, _TRANSPORT) and (_asked_wait(error) or 0) <= _LONGEST_WAIT


def _asked_wait(error: BaseException | None) -> float | None:
    """The seconds that an endpoint asks to wait, if it says."""
    if not isinstance(error, openai.APIStatusError):
        return None
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None


_backoff = wait_random_exponential(multiplier=0.5, max=30)


def _wait(state: RetryCallState) -> float:
    """Nothing for the sake of shape; what the endpoint asks for; else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    if type(error).__name__ in _SHAPE:
        return 0.0
    asked = _asked_wait(error)
    return _backoff(state) if asked is None else asked


def _cause(error: BaseException) -> BaseException:
    """What really happened, below what was wrapped around it."""
    known = (_Unusable, openai.OpenAIError, ValidationError, json.JSONDecodeError)
    found: BaseException | None = error
    while found is not None and not isinstance(found, known):
        found = found.__cause__ or found.__context__
    return found or error


def _told(error: BaseException, rung: Rung, usage: Usage, model: str) -> Exception:
    """The error that a person reads; nothing of the page, the key or the endpoint's words in it."""
    code, said = "unfit", f"the model {model} did not reply in the shape asked for ({rung})"
    if isinstance(error, _Unusable):
        code, said = error.code, str(error)
    elif isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
        if error.code == "context_length_exceeded":
            code, said = "too_long", f"the page is longer than the model {model} reads at once"
        else:
            return _Declined(f"the endpoint refuses the request itself (HTTP {error.status_code})")
    elif isinstance(error, openai.RateLimitError):
        code, said = "busy", "the endpoint is busy (HTTP 429); try again later or ask for less"
        if error.code == "insufficient_quota":
            code, said = "denied", "the account of this key has no quota left"
    elif isinstance(error, openai.NotFoundError):
        code, said = "denied", f"the endpoint does not know the model {model}"
    elif isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        code, said = "denied", f"the endpoint does not accept the key (HTTP {error.status_code})"
    elif isinstance(error, openai.APIStatusError):
        code, said = "endpoint", f"the endpoint answers with HTTP {error.status_code}"
    elif isinstance(error, openai.APIConnectionError):
        code, said = "unreachable", "the endpoint did not answer; is its address right?"
    return ReplyError(code, said, usage)

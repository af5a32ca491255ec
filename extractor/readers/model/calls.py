"""One question → one reply in the shape asked for, from any OpenAI-compatible endpoint.

Three ways of asking for the shape form a ladder, from the one that binds the model most:
``strict`` (constrained decoding by JSON schema), ``tools`` (one function that must be called),
``json`` (JSON mode). A reply is asked for again only where its *shape* is wrong, a bounded number
of times; a model never sees a check and is never told that a number is wrong. A reply that was cut
short is a failure, never a short table. Failed transport is tried again within one budget, after
the time that the endpoint asks for.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

import instructor
import openai
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from pydantic import BaseModel
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from extractor.books import Tokens
from extractor.readers.model.failing import Late, Unusable, cause

Rung = Literal["strict", "tools", "json"]
LADDER: tuple[Rung, ...] = ("strict", "tools", "json")
Create = Callable[..., Awaitable[ChatCompletion]]

_MODES: Mapping[Rung, instructor.Mode] = {
    "strict": instructor.Mode.JSON_SCHEMA,
    "tools": instructor.Mode.TOOLS,
    "json": instructor.Mode.JSON,
}
_SHAPE = ("ValidationError", "ResponseParsingError", "JSONDecodeError")
_TRANSPORT = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)
LONGEST_WAIT = 120.0
"""Seconds: an endpoint that asks for more is given up on, and says so."""

_MOST_TOKENS = 2**40

# They log calls with all that went out or came back, the page included.
for _name in ("instructor", "openai", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Call(NamedTuple):
    """What is sent: the messages, the shape of the reply, and how both are asked for.

    ``attempts`` bounds all calls for it, ``reasks`` those for the sake of the shape.
    """

    model: str
    messages: list[dict[str, str]]
    shape: type[BaseModel]
    rung: Rung
    parameters: Mapping[str, Any]
    attempts: int
    reasks: int


async def replied(create: Create, call: Call) -> BaseModel:
    """The reply in the shape asked for; ``create`` sends one request.

    Raises what ended the last attempt, as it is below all that was wrapped around it.
    """
    strict = _strict_format(call.shape) if call.rung == "strict" else None

    async def sent(*args: Any, **kwargs: Any) -> ChatCompletion:
        if strict is not None:
            # In the body as it is: the client would look through all of the schema each time.
            del kwargs["response_format"]
            kwargs["extra_body"] = {"response_format": strict}
        return usable(await create(*args, **kwargs))

    patched: Any = instructor.patch(create=sent, mode=_MODES[call.rung])
    try:
        return await patched(
            model=call.model,
            messages=call.messages,
            response_model=_wrapped(call.shape),
            max_retries=_policy(call),
            **call.parameters,
        )
    except Exception as error:
        raise cause(error) from None


def usable(reply: ChatCompletion) -> ChatCompletion:
    """A reply that may be parsed; raises :class:`Unusable`.

    Truncation, refusals and filters are seen here, before anything tries to parse what came.
    """
    if not isinstance(reply, ChatCompletion) or not reply.choices:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise Unusable("endpoint")
    choice = reply.choices[0]
    if choice.finish_reason == "length":
        raise Unusable("cut_short")
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        raise Unusable("refused")
    return reply


def said(message: ChatCompletionMessage, call: Call) -> str | None:
    """The raw words of a reply: its content, or the arguments of the function that it was to
    call."""
    if call.rung != "tools":
        return message.content if isinstance(message.content, str) else None
    for one in message.tool_calls or ():
        if one.type == "function" and one.function.name == call.shape.__name__:
            return one.function.arguments
    return None


def billed(reply: ChatCompletion) -> Tokens | None:
    """The tokens that a reply says it cost; a bill that cannot be is none."""
    told = reply.usage if isinstance(reply, ChatCompletion) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    if told is None:
        return None
    # The client takes whatever came: what is no count is no bill.
    details = getattr(told, "prompt_tokens_details", None)
    cached = getattr(details, "cached_tokens", None) or 0
    counts = (told.prompt_tokens, cached, told.completion_tokens)
    if not all(type(count) is int and 0 <= count < _MOST_TOKENS for count in counts):
        return None
    return Tokens(*counts) if cached <= told.prompt_tokens else None


@cache
def strict_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a reply under the rules of strict mode."""
    tool: Any = openai.pydantic_function_tool(shape)
    return tool["function"]["parameters"]


@cache
def _strict_format(shape: type[BaseModel]) -> dict[str, Any]:
    schema = {"name": shape.__name__, "strict": True, "schema": strict_schema(shape)}
    return {"type": "json_schema", "json_schema": schema}


@cache
def _wrapped(shape: type[BaseModel]) -> Any:
    """The model of a reply as instructor wants it, made once: it would make a class a call, and
    write its schema anew each time, which takes longer than the call itself."""
    wrapped: Any = instructor.openai_schema(shape)  # pyright: ignore[reportUnknownMemberType]
    schema = wrapped.model_json_schema()

    def model_json_schema(*args: Any, **kwargs: Any) -> Any:
        return schema

    wrapped.model_json_schema = model_json_schema
    # It is compiled by now. Without its list of fields instructor does not look through all of its
    # inner models for validators of a kind that there are none of, four times a call.
    wrapped.__pydantic_fields__ = {}
    return wrapped


def _policy(call: Call) -> AsyncRetrying:
    """A budget of its own for every question; one that is shared would count wrongly."""
    shapes = 0

    def again(error: BaseException) -> bool:
        nonlocal shapes
        if type(error).__name__ in _SHAPE:
            shapes += 1
            return shapes <= call.reasks
        return _may_pass(error)

    return AsyncRetrying(
        stop=stop_after_attempt(call.attempts),
        wait=_wait,
        retry=retry_if_exception(again),
        reraise=True,
    )


def _may_pass(error: BaseException) -> bool:
    """Whether the same call may go through later."""
    if getattr(error, "code", None) == "insufficient_quota":
        return False
    if isinstance(error, Late):
        return True
    return isinstance(error, _TRANSPORT) and (asked_wait(error) or 0) <= LONGEST_WAIT


def asked_wait(error: BaseException | None) -> float | None:
    """The seconds that an endpoint asks to wait, if it says."""
    if not isinstance(error, openai.APIStatusError):
        return None
    try:
        asked = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return max(0.0, asked) if math.isfinite(asked) else None


_backoff = wait_random_exponential(multiplier=0.5, max=30)


def _wait(state: RetryCallState) -> float:
    """Nothing for the sake of shape; what the endpoint asks for; else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    if type(error).__name__ in _SHAPE:
        return 0.0
    asked = asked_wait(error)
    return _backoff(state) if asked is None else asked

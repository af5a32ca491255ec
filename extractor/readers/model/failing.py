"""What keeps a reply from being used, and how a person hears of it: in words of theirs, without
anything of the page, the key or the endpoint's own words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import openai
from pydantic import ValidationError

from extractor.books import Landing
from extractor.errors import CrossfootError, ReadingError

_WORDS: Mapping[str, Mapping[str, str]] = {
    "unfit": {
        "en": "the model {model} did not reply in the shape asked for ({rung})",
        "zh": "模型 {model} 的答复不合所要求的格式（{rung}）",
    },
    "cut_short": {
        "en": "the reply was cut short at the limit of its length",
        "zh": "答复达到长度上限，被截断",
    },
    "refused": {
        "en": "the model refused to transcribe this page",
        "zh": "模型拒绝转写此页",
    },
    "cap": {
        "en": "the next call may cost up to {most}, more than is left of --budget",
        "zh": "下一次调用至多可能花费 {most}，超出 --budget 的余额",
    },
    "too_many": {
        "en": "the model {model} replied more rows than the page could hold",
        "zh": "模型 {model} 答复的行数多于此页所能容纳",
    },
    "too_long": {
        "en": "the page is longer than the model {model} reads at once",
        "zh": "此页超出模型 {model} 一次能读的长度",
    },
    "declined": {
        "en": "the endpoint refuses the request itself (HTTP {status})",
        "zh": "服务端不接受这种请求（HTTP {status}）",
    },
    "busy": {
        "en": "the endpoint is busy (HTTP 429); try again later or ask for less at once",
        "zh": "服务端繁忙（HTTP 429），请稍后再试或减少同时请求数",
    },
    "quota": {
        "en": "the account of this key has no quota left",
        "zh": "此密钥的账户已无额度",
    },
    "no_model": {
        "en": "the endpoint does not know the model {model}",
        "zh": "服务端没有模型 {model}",
    },
    "no_key": {
        "en": "the endpoint does not accept the key (HTTP {status})",
        "zh": "服务端不接受该密钥（HTTP {status}）",
    },
    "endpoint": {
        "en": "the endpoint answers with HTTP {status}",
        "zh": "服务端返回 HTTP {status}",
    },
    "no_completion": {
        "en": "what came back is no chat completion; is the address that of an OpenAI-compatible "
        "endpoint, ending in /v1?",
        "zh": "返回的不是对话补全；地址是否为 OpenAI 兼容的服务端，以 /v1 结尾？",
    },
    "timeout": {
        "en": "the model did not finish this page in time",
        "zh": "模型未能按时读完此页",
    },
    "unreachable": {
        "en": "the endpoint did not answer; is its address right?",
        "zh": "服务端没有应答，地址是否正确？",
    },
}
_CODES = {
    "declined": "endpoint",
    "quota": "denied",
    "no_model": "denied",
    "no_key": "denied",
    "no_completion": "endpoint",
    "too_many": "unfit",
}


class ReplyError(ReadingError):
    """No usable reply; ``code`` says why.

    ``cut_short``, ``refused``, ``unfit`` (not in the shape asked for), ``busy``, ``timeout``,
    ``unreachable``, ``too_long``, ``denied`` (key, quota or model), ``endpoint`` (anything else
    that it answered), ``cap`` (the money for this run is spent).
    """

    def __init__(self, word: str, **values: object) -> None:
        sentences = {lang: text.format(**values) for lang, text in _WORDS[word].items()}
        super().__init__(_CODES.get(word, word), sentences)


class Declined(Exception):
    """The endpoint refuses this way of asking; ``parameter`` is the one it names, if any."""

    def __init__(self, status: int, parameter: str | None) -> None:
        super().__init__(status)
        self.status = status
        self.parameter = parameter


class Unusable(Exception):
    """A reply that was delivered and cannot be used, whatever its content parses to."""

    def __init__(self, how: Landing) -> None:
        super().__init__(how)
        self.how: Landing = how


class Spent(Exception):
    """The next call may cost more than is left: ``most``, in words."""

    def __init__(self, most: str) -> None:
        super().__init__(most)
        self.most = most


class Late(Exception):
    """The reply was not there in time, however busily it dripped."""


def cause(error: BaseException) -> BaseException:
    """What really happened, below what was wrapped around it."""
    known = (
        Unusable, Spent, Late, CrossfootError, openai.OpenAIError, ValidationError,
        json.JSONDecodeError,
    )  # fmt: skip
    found: BaseException | None = error
    while found is not None and not isinstance(found, known):
        found = found.__cause__ or found.__context__
    return found or error


def told(error: BaseException, model: str, rung: str) -> Exception:
    """An error of a call as what it means: a :class:`ReplyError`, a :class:`Declined` where another
    way of asking is to be tried, or what is no fault of the call."""
    if isinstance(error, CrossfootError):
        return error
    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    refused = isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError)
    if refused and error.code != "context_length_exceeded":
        return Declined(error.status_code, error.param)
    most = error.most if isinstance(error, Spent) else None
    return ReplyError(_word(error), model=model, rung=rung, status=status, most=most)


def _word(error: BaseException) -> str:
    match error:
        case Unusable():
            return "no_completion" if error.how == "endpoint" else error.how
        case Spent():
            return "cap"
        case Late():
            return "timeout"
        case openai.BadRequestError() | openai.UnprocessableEntityError():
            return "too_long"
        case openai.RateLimitError():
            return "quota" if error.code == "insufficient_quota" else "busy"
        case openai.NotFoundError():
            return "no_model"
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return "no_key"
        case openai.APIStatusError():
            return "endpoint"
        case openai.APITimeoutError():
            return "timeout"
        case openai.APIConnectionError():
            return "unreachable"
        case _:
            return "unfit"

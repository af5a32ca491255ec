"""One model at one endpoint: what is asked of it, what is kept of its replies.

A question that was answered before is not asked again: its raw reply is in the books. A page that
is too long for one reply is read in blocks. Nothing but the shape of a reply is ever asked for
again, and nothing that the checks know reaches a model.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, NamedTuple, Self

import openai
import orjson
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError

from extractor.books import NONE, About, Books, Landing, Notebook, Question, Tokens
from extractor.errors import CrossfootError
from extractor.families.base import Family
from extractor.prices import Purse
from extractor.prompting import Asked, Prompt, look_messages, look_prompt, messages, prompt_of
from extractor.readers.model.blocks import blocks, joined
from extractor.readers.model.calls import (
    LADDER,
    LONGEST_WAIT,
    Call,
    Rung,
    asked_wait,
    billed,
    replied,
    said,
    strict_schema,
    usable,
)
from extractor.readers.model.failing import Declined, Late, ReplyError, Spent, Unusable, told
from extractor.readers.model.pace import Pace
from extractor.replies import Look, reply_model
from extractor.twins import leaves

NOWHERE = About()
Rows = Callable[[], Sequence[int]]
_SPARE = {"max_completion_tokens": "max_tokens"}
"""Parameters under the older name that some endpoints want."""
_NEVER_SENT = ("ConnectError", "ConnectTimeout")
"""What the client says where nobody was there to send a page to."""
_OPENAI = "https://api.openai.com/"
"""Whose names of an organisation and a project the environment may hold; nobody else gets them."""
_FEWEST_ROWS, _SHORTEST_ROW = 10, 20
"""Rows that any page may have, and the characters that each further one takes."""
_SMALLEST = 1_000
"""Characters of a block: a reply that is too long for less has lost its way."""


class Reply(NamedTuple):
    """What a model says of a page: every leaf as printed, by path, ``null`` ones too.

    ``rung`` is none where nothing had to be asked; ``prompt`` and ``schema`` name what was asked.
    """

    leaves: dict[str, str | None]
    rung: Rung | None
    prompt: Prompt
    schema: str


@dataclass(slots=True)
class ModelReader:
    """One model at one endpoint; use it as an asynchronous context.

    ``url`` is the base of the endpoint (``http://127.0.0.1:8000/v1``); ``key`` goes nowhere but
    there. ``attempts`` bounds all calls for one question, ``reasks`` those for the sake of its
    shape; ``timeout`` is in seconds, for one call; ``longest`` is that of a reply, in tokens;
    a page of more than ``block`` characters is read in blocks; ``direct`` passes by any proxy, so
    that what stays on this machine does not leave it. ``books``, ``pace`` and ``purse`` keep the
    replies, the time and the money.
    """

    model: str
    url: str
    key: str | None = field(default=None, repr=False)
    rung: Rung | Literal["auto"] = "auto"
    attempts: int = 5
    reasks: int = 2
    timeout: float = 120.0
    longest: int = 8_192
    block: int = 12_000
    direct: bool = False
    books: Books = field(default_factory=Notebook)
    pace: Pace = field(default_factory=Pace)
    purse: Purse = field(default_factory=Purse)
    _client: openai.AsyncOpenAI | None = field(default=None, init=False, repr=False)
    _works: Rung = field(default="strict", init=False)
    _parameters: dict[str, Any] = field(default_factory=dict[str, Any], init=False)
    _asked: dict[str, asyncio.Lock] = field(default_factory=dict[str, asyncio.Lock], init=False)

    async def __aenter__(self) -> Self:
        self._works = "strict" if self.rung == "auto" else self.rung
        self._parameters = {"temperature": 0, "max_completion_tokens": self.longest}
        try:
            http = openai.DefaultAsyncHttpxClient(trust_env=not self.direct, follow_redirects=False)
            self._client = openai.AsyncOpenAI(
                api_key=self.key or "none", base_url=self.url, max_retries=0,
                timeout=self.timeout, http_client=http,
            )  # fmt: skip
        except Exception as error:
            raise CrossfootError(
                f"no connection can be made ({error}); look at OPENAI_BASE_URL, the proxies "
                "(HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) and SSL_CERT_FILE in the environment"
            ) from None
        if not self.url.startswith(_OPENAI):
            self._client.organization = self._client.project = None
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def ask(
        self, family: Family, text: str, about: About = NOWHERE, rows: Rows = list
    ) -> Reply:
        """What the model reads on a page; raises :class:`ReplyError`.

        ``rows`` is asked where the rows of the indicator table start, as far as known, if a page
        is too long and has to be cut.
        """
        size = self.block
        while True:
            try:
                pages = [text] if len(text) <= size else blocks(text, family, rows(), size)
                return await self._read(family, pages, about)
            except ReplyError as error:
                size = min(size, len(text)) // 2
                if error.code not in ("cut_short", "too_long") or size < _SMALLEST:
                    raise

    async def look(
        self, text: str, cells: Sequence[Asked], about: About = NOWHERE
    ) -> dict[str, str | None]:
        """What the model reads in some cells of a page, asked for by row and column alone."""
        prompt = look_prompt()
        sent = look_messages(prompt, text, cells)
        found, _ = await self._reply(prompt, Look, sent, about._replace(purpose="look"))
        wanted = {cell.id for cell in cells}
        return {cell["id"]: cell["text"] for cell in found["cells"] if cell["id"] in wanted}

    async def _read(self, family: Family, pages: Sequence[str], about: About) -> Reply:
        prompt, shape = prompt_of(family), reply_model(family)
        purpose = "page" if len(pages) == 1 else "block"
        parts: list[dict[str, Any]] = []
        rung: Rung | None = None
        for page in pages:
            sent = messages(prompt, page)
            found, by = await self._reply(prompt, shape, sent, about._replace(purpose=purpose))
            rung = by or rung
            if len(found["indicators"]) > _FEWEST_ROWS + len(page) // _SHORTEST_ROW:
                raise ReplyError("too_many", model=self.model)
            parts.append(leaves(found))
        return Reply(
            parts[0] if len(parts) == 1 else joined(parts), rung, prompt, schema_hash(shape)
        )

    async def _reply(
        self,
        prompt: Prompt,
        shape: type[BaseModel],
        sent: list[dict[str, str]],
        about: About,
    ) -> tuple[dict[str, Any], Rung | None]:
        """The reply to one question, from the books or from the endpoint."""
        question = self._question(prompt, shape, sent)
        # Forms that are filed twice are read at the same time: the second one waits for the first.
        async with self._asked.setdefault(question.key, asyncio.Lock()):
            try:
                kept = self.books.find(question)
                if kept is not None and (found := _parsed(shape, kept)) is not None:
                    return found, None
                return await self._delivered(question, shape, sent, about)
            finally:
                self._asked.pop(question.key, None)

    async def _delivered(
        self,
        question: Question,
        shape: type[BaseModel],
        sent: list[dict[str, str]],
        about: About,
    ) -> tuple[dict[str, Any], Rung]:
        """The reply from the endpoint, in whichever way it lets itself be asked."""
        while True:
            call = Call(
                self.model, sent, shape, self._works, dict(self._parameters),
                self.attempts, self.reasks,
            )  # fmt: skip
            try:
                reply = await replied(_Sender(self, call, question, about).create, call)
                return reply.model_dump(), call.rung
            except Exception as error:
                failed = told(error, self.model, call.rung)
            if not isinstance(failed, Declined):
                raise failed
            if not self._other_way(call, failed):
                raise ReplyError("declined", status=failed.status)

    def _other_way(self, call: Call, declined: Declined) -> bool:
        """Ask without the parameter that was refused, else a rung lower; false at the end."""
        name = declined.parameter
        if name is not None and name in call.parameters:
            if name not in _SPARE and name.startswith("max") and self.purse.is_capped:
                return False  # without a bound on replies there is none on money
            value = self._parameters.pop(name, None)
            if name in _SPARE and value is not None:
                self._parameters[_SPARE[name]] = value
            return True
        if self._works != call.rung:  # another page found out first
            return True
        lower = LADDER[LADDER.index(call.rung) + 1 :]
        if self.rung != "auto" or not lower:
            return False
        self._works = lower[0]
        return True

    def _question(
        self, prompt: Prompt, shape: type[BaseModel], sent: list[dict[str, str]]
    ) -> Question:
        text = hashlib.sha256(sent[-1]["content"].encode("utf-8", "surrogatepass")).hexdigest()
        parameters = json.dumps({"rung": self.rung, "temperature": 0, "longest": self.longest})
        return Question(self.model, prompt.sha256, schema_hash(shape), text, parameters)

    @property
    def client(self) -> openai.AsyncOpenAI:
        assert self._client is not None, "use the reader as an asynchronous context"
        return self._client


@dataclass(slots=True)
class _Sender:
    """Sends the requests of one question: in turn, within the money, each entered in the books."""

    reader: ModelReader
    call: Call
    question: Question
    about: About

    async def create(self, *args: Any, **kwargs: Any) -> ChatCompletion:
        reader, most = self.reader, self._most(kwargs)
        thought = _thought(kwargs["messages"])
        async with reader.pace.turn(thought):
            if not await reader.purse.takes(most):
                raise Spent(reader.purse.told(most))
            number = reader.books.sent(self.about, self.question, most)
            return await self._landed(number, most, thought, args, kwargs)

    async def _landed(
        self, number: int, most: Tokens, thought: int, args: Any, kwargs: dict[str, Any]
    ) -> ChatCompletion:
        reader = self.reader
        how: Landing = "lost"
        tokens: Tokens | None = None
        keep: tuple[Question, str] | None = None
        try:
            async with asyncio.timeout(reader.timeout):
                reply = await reader.client.chat.completions.create(*args, **kwargs)
            how, tokens = "ok", billed(reply)
            if raw := said(usable(reply).choices[0].message, self.call):
                keep = self.question, raw
            return reply
        except TimeoutError:
            raise Late from None
        except openai.APIStatusError as error:
            how, tokens = "turned_away", NONE
            if isinstance(error, openai.RateLimitError) and (wait := asked_wait(error)):
                reader.pace.hold(min(wait, LONGEST_WAIT))
            raise
        except Unusable as error:
            how = error.how
            raise
        except openai.APIConnectionError as error:
            if type(error.__cause__).__name__ in _NEVER_SENT:
                how, tokens = "turned_away", NONE
            raise
        finally:
            await reader.purse.settle(most, tokens)
            if tokens is not None:
                reader.pace.correct(tokens.input + tokens.output - thought)
            reader.books.landed(number, how, tokens, keep)

    def _most(self, sent: Mapping[str, Any]) -> Tokens:
        """The tokens that a call can cost at most: a token has at least one byte."""
        parts = ("messages", "tools", "response_format", "extra_body")
        shape = {key: sent[key] for key in parts if key in sent}
        return Tokens(len(orjson.dumps(shape, default=str)), 0, self.reader.longest)


def _thought(sent: Sequence[Mapping[str, Any]]) -> int:
    """About the tokens of some messages: one for a Chinese character, one for four others."""
    words = "".join(str(message.get("content") or "") for message in sent)
    wide = (len(words.encode("utf-8", "replace")) - len(words)) // 2
    return wide + (len(words) - wide) // 4


@cache
def schema_hash(shape: type[BaseModel]) -> str:
    """Names the schema of a reply, as strict mode is sent it."""
    return hashlib.sha256(json.dumps(strict_schema(shape), sort_keys=True).encode()).hexdigest()


def _parsed(shape: type[BaseModel], raw: str) -> dict[str, Any] | None:
    """A raw reply in its shape, or none; JSON mode may fence or introduce it."""
    for text in (raw, raw[raw.find("{") : raw.rfind("}") + 1]):
        try:
            return shape.model_validate_json(text).model_dump()
        except ValidationError:
            continue
    return None

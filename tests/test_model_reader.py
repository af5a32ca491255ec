"""The model reader against a simulated endpoint on loopback, with the real client."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from unittest.mock import patch

import pytest

from eval.loopback.endpoint import Answer, Endpoint
from eval.loopback.faults import Fault, Faults
from eval.loopback.ledger import Ledger
from eval.loopback.request import Mode
from eval.loopback.server import serving
from eval.loopback.simulated import Simulated
from extractor.books import Notebook
from extractor.families import family_of
from extractor.prompting import Asked, example_of
from extractor.readers.model import LADDER, ModelReader, Reply, ReplyError
from extractor.twins import leaves

PROJECT = family_of("project")
PAGE, SAYS = example_of(PROJECT, "v1")


@pytest.fixture
def books() -> Notebook:
    """The books of one test."""
    return Notebook()


def asked(books: Notebook, *script: Fault, ledger: Ledger | None = None, **settings: Any) -> Reply:
    """One page, read from an endpoint whose first calls go wrong as told."""
    model = Simulated({PAGE: SAYS}.get)
    faults = Faults(script=script, retry_after=0)

    async def ask(url: str) -> Reply:
        async with ModelReader(model.name, url, timeout=5.0, books=books, **settings) as reader:
            return await reader.ask(PROJECT, PAGE)

    with serving(model, faults, ledger) as url:
        return asyncio.run(ask(url))


@pytest.mark.parametrize("rung", LADDER)
def test_every_rung_brings_the_page_as_it_is_printed(books: Notebook, rung: str) -> None:
    reply = asked(books, rung=rung)
    assert reply.leaves == leaves(SAYS)
    assert (reply.rung, books.usage.calls, books.usage.unknown) == (rung, 1, 0)


@pytest.mark.parametrize(
    ("modes", "rung", "calls"),
    [
        (("json_schema", "tools"), "strict", 1),
        (("tools", "json_object"), "tools", 2),
        (("json_object",), "json", 3),
    ],
)
def test_auto_steps_down_to_what_the_endpoint_takes_and_stays_there(
    books: Notebook, modes: tuple[Mode, ...], rung: str, calls: int
) -> None:
    model, later = Simulated({PAGE: SAYS}.get, modes=frozenset(modes)), Notebook()

    async def ask(url: str) -> list[Reply]:
        async with ModelReader(model.name, url, books=books) as reader:
            first = await reader.ask(PROJECT, PAGE)
            reader.books = later  # or the second page would be answered by the first reply
            return [first, await reader.ask(PROJECT, PAGE)]

    with serving(model) as url:
        first, second = asyncio.run(ask(url))
    assert (first.rung, books.usage.calls, books.usage.unknown) == (rung, calls, 0)
    assert (second.rung, later.usage.calls) == (rung, 1)
    assert first.leaves == second.leaves == leaves(SAYS)


def test_a_rung_that_was_named_is_not_left(books: Notebook) -> None:
    model = Simulated({PAGE: SAYS}.get, modes=frozenset({"tools"}))

    async def ask(url: str) -> None:
        async with ModelReader(model.name, url, rung="strict", books=books) as reader:
            await reader.ask(PROJECT, PAGE)

    with serving(model) as url, pytest.raises(ReplyError) as caught:
        asyncio.run(ask(url))
    assert (caught.value.code, books.usage.calls) == ("endpoint", 1)


def test_a_call_that_breaks_off_is_of_unknown_cost(books: Notebook) -> None:
    reply = asked(books, "cut_stream", rung="tools")
    assert reply.leaves == leaves(SAYS)
    assert (books.usage.calls, books.usage.unknown) == (2, 1)


@pytest.mark.parametrize("fault", ["malformed", "wrong_schema", "rate_limit", "server_error"])
def test_what_passes_is_asked_again_and_every_call_is_counted(
    books: Notebook, fault: Fault
) -> None:
    ledger = Ledger()
    reply = asked(books, fault, ledger=ledger, rung="tools")
    assert reply.leaves == leaves(SAYS)
    assert books.usage.calls == 2
    delivered = [entry for entry in ledger.entries if entry.delivered and entry.status == 200]
    assert books.usage.tokens.output == sum(entry.output for entry in delivered)
    assert books.usage.tokens.input == sum(entry.input for entry in delivered)


@pytest.mark.parametrize(("fault", "code"), [("length", "cut_short"), ("refusal", "refused")])
@pytest.mark.parametrize("rung", LADDER)
def test_a_reply_cut_short_or_refused_is_a_failure_at_once(
    books: Notebook, rung: str, fault: Fault, code: str
) -> None:
    with pytest.raises(ReplyError) as caught:
        asked(books, fault, rung=rung)
    assert caught.value.code == code
    assert books.usage.calls == 1
    assert PAGE[:20] not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "code", "zh"),
    [
        ("denied", "denied", "密钥"),
        ("quota", "denied", "额度"),
        ("too_long", "too_long", "长度"),
        ("content_filter", "refused", "拒绝"),
        ("html", "endpoint", "/v1"),
    ],
)
def test_what_will_not_pass_is_not_tried_again_and_said_in_both_languages(
    books: Notebook, fault: Fault, code: str, zh: str
) -> None:
    with pytest.raises(ReplyError) as caught:
        asked(books, fault, rung="tools")
    assert caught.value.code == code
    assert books.usage.calls == 1
    assert zh in caught.value.sentences["zh"]
    assert PAGE[:20] not in str(caught.value)


def test_an_endpoint_that_does_not_know_a_parameter_is_asked_without_it() -> None:
    """Some want the older name of the limit, some no temperature at all."""
    seen: list[dict[str, Any]] = []

    class Picky(Endpoint):
        def answer(self, body: bytes, *rest: Any) -> Answer:
            sent = json.loads(body)
            seen.append(sent)
            for name in ("temperature", "max_completion_tokens"):
                if name in sent:
                    told = {"message": "no", "type": "invalid_request_error", "param": name,
                            "code": "unsupported_parameter"}  # fmt: skip
                    return Answer(0, 400, {"error": told}, {})
            return super().answer(body, *rest)

    async def ask(url: str) -> Reply:
        async with ModelReader("simulated", url, direct=True) as reader:
            return await reader.ask(PROJECT, PAGE)

    with patch("eval.loopback.server.Endpoint", Picky), serving(Simulated({PAGE: SAYS}.get)) as url:
        reply = asyncio.run(ask(url))
    assert (reply.leaves, reply.rung) == (leaves(SAYS), "strict")
    assert len(seen) == 3
    assert "max_tokens" in seen[-1]


def test_a_second_look_brings_the_cells_that_were_asked_for_and_no_others() -> None:
    cells = [Asked("year", "年度", "年度"), Asked("indicators[0].score", "甲", "得分")]

    async def ask(url: str) -> dict[str, str | None]:
        async with ModelReader("simulated", url, direct=True) as reader:
            return await reader.look(PAGE, cells)

    with serving(Simulated({PAGE: SAYS}.get)) as url:
        found = asyncio.run(ask(url))
    assert found == {cell.id: leaves(SAYS)[cell.id] for cell in cells}


def test_a_kept_reply_in_another_shape_is_neither_believed_nor_in_the_way() -> None:
    books = Notebook()

    async def ask(url: str) -> list[Reply]:
        async with ModelReader("simulated", url, direct=True, books=books) as reader:
            first = await reader.ask(PROJECT, PAGE)
            for key in books._replies:  # pyright: ignore[reportPrivateUsage]
                books._replies[key] = '{"year": 2023'  # pyright: ignore[reportPrivateUsage]
            return [first, await reader.ask(PROJECT, PAGE), await reader.ask(PROJECT, PAGE)]

    with serving(Simulated({PAGE: SAYS}.get)) as url:
        first, second, third = asyncio.run(ask(url))
    assert first.leaves == second.leaves == third.leaves
    assert books.usage.calls == 2, "asked again once, and then kept"


def test_asking_again_for_the_shape_is_bounded(books: Notebook) -> None:
    with pytest.raises(ReplyError) as caught:
        asked(books, *["malformed"] * 9, rung="tools", reasks=2)
    assert caught.value.code == "unfit"
    assert books.usage.calls == 3


def test_nobody_there_is_told_without_the_key(books: Notebook) -> None:
    async def ask() -> None:
        async with ModelReader(
            "m", "http://127.0.0.1:9/v1", key="sk-secret", attempts=1, books=books
        ) as reader:
            await reader.ask(PROJECT, PAGE)

    with pytest.raises(ReplyError) as caught:
        asyncio.run(ask())
    assert caught.value.code == "unreachable"
    assert "sk-secret" not in f"{caught.value} {caught.value!r}"
    assert "sk-secret" not in repr(ModelReader("m", "u", key="sk-secret"))
    assert books.usage.unknown == 0  # nobody was there to send it to

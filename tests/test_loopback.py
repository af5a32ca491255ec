"""The simulated model: what it is asked and replies, how it errs and fails, what it books."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import json
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Literal

import openai
import pytest
from openai.types.chat import ChatCompletion

from eval.loopback.errors_of_reading import Errors, misread
from eval.loopback.faults import Fault, Faults
from eval.loopback.leaves import leaves
from eval.loopback.ledger import Ledger
from eval.loopback.library import Library
from eval.loopback.schema import shaped
from eval.loopback.server import serving
from eval.loopback.simulated import Simulated, Truth, looked_at, reading
from eval.loopback.slips import Kind
from eval.loopback.sums import off_by, sums
from eval.loopback.tokens import first_tokens, tokens
from extractor.prompting import Asked, look_messages, look_prompt
from extractor.readers.model import LADDER, ModelReader

SCORES = ("10.00", "8.00", "9.50", "20.00", "6.75", "3.00")
RECORD: dict[str, Any] = {
    "name": "图书综合经费",
    "funds": {
        "total": {"budget": "1765.05", "executed": "1596.51", "rate": "90.45", "score": "9.15"},
        "current": {"budget": "1500.05", "executed": "1500.51", "rate": "100.03", "score": None},
        "other": {"budget": "265.00", "executed": "96.00", "rate": "36.23", "score": None},
    },
    "indicators": [
        {"name": f"指标{'甲乙丙丁戊己'[n]}", "weight": f"1{n}.00", "score": score, "note": None}
        for n, score in enumerate(SCORES)
    ],
    "total_score": "66.40",
}
LEAF = {"anyOf": [{"type": "string"}, {"type": "null"}]}


def obj(**properties: Any) -> dict[str, Any]:
    named = {name: LEAF if one is None else one for name, one in properties.items()}
    return {
        "type": "object",
        "properties": named,
        "required": list(named),
        "additionalProperties": False,
    }


FUND = {"$ref": "#/$defs/fund"}
SCHEMA = {
    **obj(
        name=None,
        funds=obj(total=FUND, current=FUND, other=FUND),
        indicators={"type": "array", "items": {"$ref": "#/$defs/row"}},
        total_score=None,
    ),
    "$defs": {
        "fund": obj(budget=None, executed=None, rate=None, score=None),
        "row": obj(name=None, weight=None, score=None, note=None),
    },
}
PAGE = "项目名称\t图书综合经费\n得分\t66.40\n"
FENCE = "===== page 0123456789ab ====="
Shape = Literal["tools", "json_schema", "json_object", "text"]
SHAPES: tuple[Shape, ...] = ("tools", "json_schema", "json_object", "text")


def truth_of(text: str) -> dict[str, Any] | None:
    return RECORD if text.startswith(PAGE) else None


def messages(page: str, system: str = "抄写表格。") -> list[dict[str, Any]]:
    user = {"role": "user", "content": f"{FENCE}\n{page}\n{FENCE}"}
    return [{"role": "system", "content": system}, user]


def asking(shape: Shape) -> dict[str, Any]:
    if shape == "tools":
        tool = {"type": "function", "function": {"name": "form", "parameters": SCHEMA}}
        choice = {"type": "function", "function": {"name": "form"}}
        return {"tools": [tool], "tool_choice": choice}
    if shape == "json_schema":
        told = {"name": "form", "strict": True, "schema": SCHEMA}
        return {"response_format": {"type": "json_schema", "json_schema": told}}
    return {"response_format": {"type": shape}} if shape == "json_object" else {}


@contextmanager
def client(
    model: Simulated, faults: Faults | None = None, ledger: Ledger | None = None, timeout: float = 5
) -> Generator[openai.OpenAI]:
    with (
        serving(model, faults, ledger) as url,
        openai.OpenAI(base_url=url, api_key="sk-secret", max_retries=0, timeout=timeout) as made,
    ):
        yield made


def ask(made: Any, page: str = PAGE, shape: Shape = "json_schema", **more: Any) -> ChatCompletion:
    sent = {"model": "simulated", "messages": messages(page), **asking(shape), **more}
    return made.chat.completions.create(**sent)


def content(told: ChatCompletion) -> str:
    message = told.choices[0].message
    if message.tool_calls:
        return message.tool_calls[0].function.arguments  # type: ignore[union-attr]
    assert message.content is not None
    return message.content


def raw(url: str, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    host = url.removeprefix("http://").removesuffix("/v1")
    connection = http.client.HTTPConnection(host, timeout=5)
    try:
        connection.request(method, f"/v1{path}", body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def nulls(record: Any) -> bool:
    return all(value is None for value in leaves(record).values())


@pytest.mark.parametrize("shape", SHAPES)
def test_a_known_page_is_told_in_every_way_of_asking(shape: Shape) -> None:
    with client(Simulated(truth_of)) as made:
        told = ask(made, shape=shape)
    message = told.choices[0].message
    assert json.loads(content(told)) == RECORD
    assert told.choices[0].finish_reason == "stop"
    assert (message.content is None) is (shape == "tools")
    assert message.refusal is None


def test_a_tool_that_may_be_called_ends_as_a_call() -> None:
    with client(Simulated(truth_of)) as made:
        told = ask(made, shape="tools", tool_choice="auto")
        none = ask(made, shape="tools", tool_choice="none")
    assert told.choices[0].finish_reason == "tool_calls"
    assert none.choices[0].message.content is not None


@pytest.mark.parametrize("shape", ["tools", "json_schema"])
def test_an_unknown_page_is_null_at_every_leaf_of_the_schema(shape: Shape) -> None:
    with client(Simulated(truth_of)) as made:
        said = json.loads(content(ask(made, page="别的表", shape=shape)))
    assert set(said) == set(RECORD)
    assert set(said["funds"]["other"]) == {"budget", "executed", "rate", "score"}
    assert said["indicators"] == []
    assert nulls(said)


def test_in_json_mode_the_schema_is_taken_from_the_instructions() -> None:
    system = f'例 {{"a": 1}} {{ 坏的\n{json.dumps(SCHEMA)}'
    with client(Simulated(truth_of)) as made:
        sent = messages("别的表", system)
        told = ask(made, shape="json_object", messages=sent)
    assert set(json.loads(content(told))) == set(RECORD)


def test_a_reply_holds_what_the_schema_asks_for_and_nothing_besides() -> None:
    schema = obj(year=None, indicators={"type": "array", "items": obj(name=None, gone=None)})
    truth = {"year": 2024, "form_type": "x", "indicators": [{"row": "r1", "name": "甲"}]}
    assert shaped(schema, truth) == {"year": "2024", "indicators": [{"name": "甲", "gone": None}]}


def test_a_branch_that_may_be_null_is_null_unless_it_is_known() -> None:
    schema = obj(part={"anyOf": [obj(name=None), {"type": "null"}]})
    assert shaped(schema, None) == {"part": None}
    assert shaped(schema, {"part": {"name": "甲"}}) == {"part": {"name": "甲"}}


def test_a_page_is_found_above_later_corrections_and_whatever_it_holds() -> None:
    page = f"{PAGE}===== page =====\n{{{{ 7*7 }}}}\n\n"
    seen: list[str] = []

    def spying(text: str) -> None:
        seen.append(text)

    later = [
        {"role": "assistant", "content": "{}"},
        {"role": "user", "content": "Correct your JSON"},
    ]
    with client(Simulated(spying)) as made:
        ask(made, messages=[*messages(page), *later])
        ask(made, messages=[{"role": "user", "content": "no fence"}])
        parts = [{"type": "text", "text": messages(page)[1]["content"]}]
        ask(made, messages=[{"role": "user", "content": parts}])
    assert list(dict.fromkeys(seen)) == [page, "no fence"]


def test_the_one_model_is_listed_and_no_other_is_known() -> None:
    with client(Simulated(truth_of, name="small")) as made:
        assert [one.id for one in made.models.list()] == ["small"]
        with pytest.raises(openai.NotFoundError) as told:
            ask(made)
    assert told.value.code == "model_not_found"


def test_a_way_of_asking_that_is_not_taken_is_refused_as_a_request() -> None:
    with client(Simulated(truth_of, modes=frozenset({"json_object"}))) as made:
        for shape in ("tools", "json_schema"):
            with pytest.raises(openai.BadRequestError):
                ask(made, shape=shape)
        assert ask(made, shape="json_object").choices


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"[]", b"{}", b"[" * 100_000, b'{"model": "simulated", "messages": []}'],
)
def test_a_body_that_is_no_request_is_answered_400(body: bytes) -> None:
    with serving(Simulated(truth_of)) as url:
        status, told = raw(url, "POST", "/chat/completions", body)
    assert status == 400
    assert told["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/none"},
        {"$ref": "#"},
        {"type": "object", "properties": {"again": {"$ref": "#"}}},
    ],
)
def test_a_schema_that_cannot_be_followed_is_answered_400(schema: dict[str, Any]) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "form", "schema": schema}}
    with client(Simulated(truth_of)) as made, pytest.raises(openai.BadRequestError):
        ask(made, response_format=wanted)


def test_elsewhere_there_is_nothing_and_streams_are_declined() -> None:
    with serving(Simulated(truth_of)) as url:
        assert raw(url, "GET", "/")[0] == 404
        assert raw(url, "POST", "/embeddings", b"{}")[0] == 404
        body = {"model": "simulated", "messages": messages(PAGE), "stream": True}
        assert raw(url, "POST", "/chat/completions", json.dumps(body).encode())[0] == 400


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("得分", 2), ("得分：9.15", 4)],
)
def test_tokens_follow_the_stated_rule(text: str, count: int) -> None:
    assert tokens(text) == count
    assert first_tokens(text, count) == text
    assert all(tokens(first_tokens(text, most)) <= most for most in range(count))


def test_a_limit_of_the_request_cuts_the_reply() -> None:
    with client(Simulated(truth_of)) as made:
        told = ask(made, max_completion_tokens=7)
    assert told.choices[0].finish_reason == "length"
    assert told.usage is not None
    assert told.usage.completion_tokens == 7


# How it errs


def kinds(kind: Kind) -> dict[Kind, float]:
    return {kind: 1.0}


ALL: tuple[Kind, ...] = (
    "digit", "row_shift", "dropped_row", "swapped_columns", "invented", "adjusted",
)  # fmt: skip


def drawn(errors: Errors, damaged: Any = (), pages: int = 40) -> Iterator[Any]:
    return (misread(RECORD, errors, f"page {n}", damaged) for n in range(pages))


def test_without_a_rate_nothing_is_misread() -> None:
    for read in drawn(Errors(rate=0.0)):
        assert (read.record, read.changed, read.begun) == (RECORD, {}, ())


@pytest.mark.parametrize("kind", ALL)
def test_what_is_named_as_changed_is_exactly_what_differs(kind: Kind) -> None:
    before, some = json.dumps(RECORD), 0
    for read in drawn(Errors(rate=0.05, kinds=kinds(kind))):
        old, new = leaves(RECORD), leaves(read.record)
        if kind != "dropped_row":
            assert [p for p in old if old[p] != new[p]] == list(read.changed)
        assert set(read.changed.values()) <= {kind}
        some += len(read.changed)
    assert some
    assert json.dumps(RECORD) == before


def test_a_digit_is_misread_in_place() -> None:
    for read in drawn(Errors(rate=0.05, kinds=kinds("digit"))):
        for path in read.changed:
            old, new = leaves(RECORD)[path], leaves(read.record)[path]
            assert old is not None
            assert new is not None
            assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
            assert new[0] != "0" or old[0] == "0" or new[1] == "."


def test_a_shifted_column_lacks_one_cell_and_ends_empty() -> None:
    begun = 0
    for read in drawn(Errors(rate=0.02, kinds=kinds("row_shift"))):
        if len(read.begun) != 1:
            continue
        begun += 1
        ((path, _),) = read.begun
        row, column = int(path.split("[")[1].split("]")[0]), path.split(".")[-1]
        old = [one[column] for one in RECORD["indicators"]]
        new = [one[column] for one in read.record["indicators"]]
        assert new == [*old[:row], *old[row + 1 :], None]
    assert begun


def test_a_dropped_row_is_gone_and_the_others_are_whole() -> None:
    dropped = 0
    for read in drawn(Errors(rate=0.03, kinds=kinds("dropped_row"))):
        gone = {path.rsplit(".", 1)[0] for path in read.changed}
        kept = [r for n, r in enumerate(RECORD["indicators"]) if f"indicators[{n}]" not in gone]
        assert read.record == {**RECORD, "indicators": kept}
        dropped += len(gone)
    assert dropped


def test_swapped_columns_hold_each_others_values() -> None:
    swapped = 0
    for read in drawn(Errors(rate=0.02, kinds=kinds("swapped_columns"))):
        if len(read.begun) == 1 and read.begun[0][0].startswith("indicators"):
            swapped += 1
            for old, new in zip(RECORD["indicators"], read.record["indicators"], strict=True):
                assert (new["weight"], new["score"]) == (old["score"], old["weight"])
    assert swapped


def test_a_value_is_invented_only_where_nothing_is_printed() -> None:
    for read in drawn(Errors(rate=0.1, kinds=kinds("invented"))):
        for path in read.changed:
            assert leaves(RECORD)[path] is None
            assert leaves(read.record)[path] is not None


def test_adjusted_numbers_add_up_all_the_same() -> None:
    closed = 0
    for read in drawn(Errors(rate=0.02, kinds=kinds("adjusted"))):
        if len(read.begun) == 1 and read.changed:
            ((path, _),) = read.begun
            now = leaves(read.record)
            mine = [one for one in sums(now) if path in (one.total, *one.parts)]
            assert any(off_by(one, now) == 0 for one in mine)
            closed += 1
    assert closed


def test_a_sum_that_does_not_close_is_closed() -> None:
    broken = {**RECORD, "total_score": "99.00"}
    only = {"total_score"}
    errors = Errors(rate=0.05, rho=1, kinds=kinds("adjusted"))
    read = [misread(broken, errors, f"page {n}", only) for n in range(20)]
    assert {one.record["total_score"] for one in read} == {"99.00", "66.40"}


def test_errors_are_the_same_for_the_same_seed_and_text_only() -> None:
    one, two = (list(drawn(Errors(rate=0.05, seed=1))) for _ in range(2))
    assert one == two
    assert one != list(drawn(Errors(rate=0.05, seed=2)))
    assert len({json.dumps(read.record) for read in one}) > 20


def test_the_rate_is_that_of_errors_begun_a_leaf() -> None:
    begun = sum(len(read.begun) for read in drawn(Errors(rate=0.02), pages=1000))
    assert begun / (1000 * len(leaves(RECORD))) == pytest.approx(0.02, rel=0.15)


def test_rho_ties_errors_to_damaged_leaves() -> None:
    damaged = {"funds.total.executed", "indicators[2].score", "indicators[4].note", "no.such"}

    def hits(rho: float) -> tuple[int, int]:
        errors = Errors(rate=0.03, rho=rho)
        where = [path for read in drawn(errors, damaged, 400) for path, _ in read.begun]
        return sum(path in damaged for path in where), len(where)

    all_hits, all_errors = hits(1)
    assert all_hits == all_errors > 100
    few, errors = hits(0)
    # 3 of 38 leaves are damaged; at rho 0 errors fall on them about as often as on others.
    assert few / errors < 0.2
    some, errors = hits(0.5)
    assert 0.3 < some / errors < 0.75


@pytest.mark.parametrize("kind", ["digit", "invented"])
def test_at_rho_one_only_damaged_leaves_change(kind: Kind) -> None:
    damaged = {"funds.total.executed", "indicators[2].score", "indicators[4].note"}
    for read in drawn(Errors(rate=0.1, rho=1, kinds=kinds(kind)), damaged):
        assert set(read.changed) <= damaged
    assert any(read.changed for read in drawn(Errors(rate=0.1, rho=1, kinds=kinds(kind)), {"no"}))


def test_the_endpoint_replies_what_the_model_reads() -> None:
    errors = Errors(rate=0.1, rho=0.5, seed=3)
    model = Simulated(lambda text: Truth(RECORD, {"total_score"}), errors=errors)
    read = reading(model, PAGE, SCHEMA)
    with client(model) as made:
        replies = [json.loads(content(ask(made, shape=shape))) for shape in SHAPES]
    assert read.changed
    assert replies == [read.record] * len(SHAPES)
    assert read == misread(RECORD, errors, PAGE, {"total_score"})


@pytest.mark.parametrize(
    "wrong", [{"rate": 1.1}, {"rho": -0.1}, {"kinds": {"x": 1}}, {"kinds": {"digit": 0}}]
)
def test_an_error_model_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="are"):
        Errors(**wrong)


# How it fails


def always(fault: Fault, **more: Any) -> Faults:
    return Faults({fault: 1.0}, **more)


def test_a_busy_endpoint_says_when_to_come_back() -> None:
    with client(Simulated(truth_of), always("rate_limit", retry_after=0.25)) as made:
        with pytest.raises(openai.RateLimitError) as told:
            ask(made)
        assert told.value.response.headers["retry-after"] == "0.25"
        assert told.value.code == "rate_limit_exceeded"


def test_a_broken_endpoint_answers_500() -> None:
    with (
        client(Simulated(truth_of), always("server_error")) as made,
        pytest.raises(openai.InternalServerError),
    ):
        ask(made)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("denied", 401, "invalid_api_key"),
        ("quota", 429, "insufficient_quota"),
        ("too_long", 400, "context_length_exceeded"),
    ],
)
def test_a_call_that_can_never_succeed_says_why_and_costs_nothing(
    fault: Fault, status: int, code: str
) -> None:
    ledger = Ledger()
    with (
        client(Simulated(truth_of), always(fault), ledger) as made,
        pytest.raises(openai.APIStatusError) as told,
    ):
        ask(made)
    assert (told.value.status_code, told.value.code) == (status, code)
    assert "retry-after" not in told.value.response.headers
    (entry,) = ledger.entries
    assert (entry.status, entry.fault, entry.delivered) == (status, fault, False)
    assert (entry.input, entry.output) == (0, 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_filter_leaves_no_content_and_says_so(shape: Shape) -> None:
    with client(Simulated(truth_of), always("content_filter")) as made:
        told = ask(made, shape=shape)
    assert told.choices[0].finish_reason == "content_filter"
    assert content(told) == ""


def test_a_gateway_answers_with_a_page_for_people() -> None:
    sent = json.dumps({"model": "simulated", "messages": messages(PAGE)}).encode()
    ledger = Ledger()
    with serving(Simulated(truth_of), always("html"), ledger) as url:
        host = url.removeprefix("http://").removesuffix("/v1")
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.request("POST", "/v1/chat/completions", sent)
        answer = connection.getresponse()
        told = answer.read().decode()
        connection.close()
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html"
    assert told.startswith("<!doctype html>")
    assert [(one.status, one.delivered) for one in ledger.entries] == [(200, False)]


def test_a_hanging_endpoint_closes_without_an_answer() -> None:
    with client(Simulated(truth_of), always("timeout", hang=0.05)) as made:
        with pytest.raises(openai.APIConnectionError) as told:
            ask(made)
        assert not isinstance(told.value, openai.APITimeoutError)
    with (
        client(Simulated(truth_of), always("timeout"), timeout=0.1) as made,
        pytest.raises(openai.APITimeoutError),
    ):
        ask(made)


def test_a_cut_stream_is_no_reply() -> None:
    with (
        client(Simulated(truth_of), always("cut_stream")) as made,
        pytest.raises(openai.APIConnectionError),
    ):
        ask(made)


@pytest.mark.parametrize("shape", SHAPES)
def test_faults_in_the_content_keep_the_envelope(shape: Shape) -> None:
    model = Simulated(truth_of)
    with client(model, always("malformed")) as made:
        told = ask(made, shape=shape)
    assert told.choices[0].finish_reason == "stop"
    with pytest.raises(json.JSONDecodeError):
        json.loads(content(told))
    with client(model, always("wrong_schema")) as made:
        assert set(json.loads(content(ask(made, shape=shape)))) == {"result"}
    with client(model, always("refusal")) as made:
        told = ask(made, shape=shape).choices[0]
        assert told.message.refusal
        assert told.message.content is None
        assert not told.message.tool_calls
    with client(model, always("length")) as made:
        told = ask(made, shape=shape)
        assert told.choices[0].finish_reason == "length"
        whole = json.dumps(RECORD, ensure_ascii=False, separators=(",", ":"))
        assert whole.startswith(content(told))
        assert 0 < len(content(told)) < len(whole)


def test_a_script_settles_the_first_attempts_at_each_page() -> None:
    faults = Faults(script=("rate_limit", "server_error", None))
    with client(Simulated(truth_of), faults) as made:
        for page in (PAGE, PAGE + "2"):
            with pytest.raises(openai.RateLimitError):
                ask(made, page)
            with pytest.raises(openai.InternalServerError):
                ask(made, page)
            assert ask(made, page).choices


def test_faults_hang_on_page_and_attempt_or_on_the_ordinal() -> None:
    shares: dict[Fault, float] = {"rate_limit": 0.3, "length": 0.2}
    by_text, by_ordinal = Faults(shares, seed=4), Faults(shares, seed=4, by="ordinal")
    calls = [(f"page {n % 50}", n // 50, n) for n in range(2000)]
    texts = [by_text.fault(*call) for call in calls]
    assert texts == [by_text.fault(page, attempt, 0) for page, attempt, _ in calls]
    assert texts != [Faults(shares, seed=5).fault(*call) for call in calls]
    ordinals = [by_ordinal.fault(*call) for call in calls]
    assert ordinals == [by_ordinal.fault("", 0, n) for _, _, n in calls]
    for found in (texts, ordinals):
        assert found.count("rate_limit") / 2000 == pytest.approx(0.3, abs=0.04)
        assert found.count("length") / 2000 == pytest.approx(0.2, abs=0.04)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares": {"flood": 0.1}},
        {"shares": {"length": 1.1}},
        {"shares": {"length": -0.1}},
        {"script": ("flood",)},
        {"shares": {"length": float("nan")}},
    ],
)
def test_a_fault_model_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"flood|shares"):
        Faults(**wrong)


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_seconds_that_cannot_pass_are_refused(seconds: float) -> None:
    for name in ("latency", "jitter", "retry_after", "hang"):
        with pytest.raises(ValueError, match=name):
            Faults(**{name: seconds})


def test_an_answer_takes_its_latency_and_no_more() -> None:
    def seconds(faults: Faults) -> float:
        with client(Simulated(truth_of), faults) as made:
            ask(made)  # The connection is there from now on.
            taken: list[float] = []
            for _ in range(8):
                begin = time.perf_counter()
                ask(made)
                taken.append(time.perf_counter() - begin)
            return min(taken)

    assert seconds(Faults()) < 0.035  # A delayed acknowledgement alone is 0.04 s.
    assert seconds(Faults(latency=0.05)) >= 0.05
    waits = [Faults(latency=1, jitter=2).wait("page", n, 0) for n in range(100)]
    assert min(waits) >= 1
    assert 2.5 < max(waits) <= 3


def test_the_end_of_the_block_breaks_off_what_hangs() -> None:
    before, begin = threading.active_count(), time.perf_counter()
    with openai.OpenAI(base_url="http://127.0.0.1:1/v1", api_key="none", max_retries=0) as made:
        with serving(Simulated(truth_of), always("timeout", hang=60)) as url:
            made.base_url = url
            failed: list[Exception] = []

            def call() -> None:
                try:
                    ask(made)
                except openai.APIConnectionError as error:
                    failed.append(error)

            thread = threading.Thread(target=call)
            thread.start()
            time.sleep(0.1)
        thread.join(5)
    assert failed
    assert time.perf_counter() - begin < 5
    assert threading.active_count() <= before


# What it books


def test_the_ledger_books_every_request_to_the_token() -> None:
    order: tuple[Fault | None, ...] = (None, "rate_limit", "server_error", "cut_stream",
                                       "timeout", "refusal", "length", None)  # fmt: skip
    ledger, told = Ledger(), list[ChatCompletion | None]()
    with client(
        Simulated(truth_of, cache_from=10), Faults(script=order, by="ordinal", hang=0.01), ledger
    ) as made:
        for _ in order:
            try:
                told.append(ask(made))
            except openai.APIError:
                told.append(None)
    entries = ledger.entries
    assert [one.ordinal for one in entries] == list(range(len(order)))
    assert [one.fault for one in entries] == list(order)
    assert [one.status for one in entries] == [200, 429, 500, 200, None, 200, 200, 200]
    assert [one.delivered for one in entries] == [reply is not None for reply in told]
    sent = asking("json_schema")["response_format"]
    shape = json.dumps([sent], ensure_ascii=False, separators=(",", ":"))
    head = tokens(shape) + tokens(messages(PAGE)[0]["content"])
    whole = head + tokens(messages(PAGE)[1]["content"])
    assert [one.input for one in entries] == [whole, 0, 0, *[whole] * 5]
    assert [one.cached for one in entries] == [0, 0, 0, *[head] * 5]
    for entry, reply in zip(entries, told, strict=True):
        if reply is not None:
            assert reply.usage is not None
            assert reply.usage.prompt_tokens_details is not None
            seen = (reply.usage.prompt_tokens, reply.usage.completion_tokens)
            assert seen == (entry.input, entry.output)
            assert reply.usage.prompt_tokens_details.cached_tokens == entry.cached
            assert reply.usage.total_tokens == entry.input + entry.output
            said = reply.choices[0].message
            assert tokens(said.content or said.refusal or "") == entry.output
    totals = ledger.snapshot()["totals"]
    assert totals["requests"] == 8
    assert totals["delivered"] == 4
    assert totals["faults"] == dict.fromkeys(filter(None, order), 1)
    assert totals["input"] == 6 * whole
    assert totals["delivered_input"] == 4 * whole
    assert totals["output"] == sum(one.output for one in entries)
    assert json.loads(json.dumps(ledger.snapshot())) == ledger.snapshot()


def test_a_reply_that_nobody_waited_for_is_billed_and_not_delivered() -> None:
    ledger = Ledger()
    with client(Simulated(truth_of), Faults(latency=0.2), ledger, timeout=0.05) as made:
        with pytest.raises(openai.APITimeoutError):
            ask(made)
        # While the endpoint still runs: its end would close the connection too.
        deadline = time.monotonic() + 10
        while not ledger.entries and time.monotonic() < deadline:
            time.sleep(0.01)
    (entry,) = ledger.entries
    assert (entry.delivered, entry.status) == (False, 200)
    assert entry.output > 0


def test_that_a_key_came_is_booked_and_the_key_is_not() -> None:
    ledger = Ledger()
    with client(Simulated(truth_of), None, ledger) as made:
        ask(made)
        url = str(made.base_url).removesuffix("/")
        sent = {"model": "simulated", "messages": messages(PAGE)}
        assert raw(url, "POST", "/chat/completions", json.dumps(sent).encode())[0] == 200
        assert raw(url, "POST", "/chat/completions", b"{")[0] == 400
    assert [one.has_key for one in ledger.entries] == [True, False, False]
    assert [one.model for one in ledger.entries] == ["simulated", "simulated", None]
    assert "sk-secret" not in json.dumps(ledger.snapshot())


def test_calls_under_way_at_once_are_all_booked() -> None:
    ledger, shares = Ledger(), dict[Fault, float](rate_limit=0.3)
    faults = Faults(shares, latency=0.02, seed=1)
    pages = [f"{PAGE}{n}" for n in range(24)]
    done: dict[str, bool] = {}
    with client(Simulated(truth_of, cache_from=1), faults, ledger) as made:

        def call(page: str) -> None:
            try:
                done[page] = bool(ask(made, page))
            except openai.RateLimitError:
                done[page] = False

        threads = [threading.Thread(target=call, args=(page,)) for page in pages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert done == {page: faults.fault(page, 0, 0) is None for page in pages}
    assert 0 < sum(done.values()) < 24
    totals = ledger.snapshot()["totals"]
    assert (totals["requests"], totals["delivered"]) == (24, sum(done.values()))
    # The head was new once, whichever call came first.
    assert sum(one.delivered and one.cached == 0 for one in ledger.entries) == 1


def test_many_calls_wait_side_by_side() -> None:
    pages = [f"{PAGE}{n}" for n in range(64)]
    with (
        client(Simulated(truth_of), Faults(latency=0.25), timeout=10) as made,
        ThreadPoolExecutor(len(pages)) as pool,
    ):
        list(
            pool.map(lambda page: ask(made, page), pages)
        )  # The connections are there from now on.
        begin = time.perf_counter()
        list(pool.map(lambda page: ask(made, page), pages))
        assert time.perf_counter() - begin < 3  # One after the other they would take 16 s.


def test_each_entry_names_its_page_and_does_not_keep_it() -> None:
    ledger = Ledger()
    with client(Simulated(truth_of), Faults(script=("denied",), by="ordinal"), ledger) as made:
        with pytest.raises(openai.AuthenticationError):
            ask(made)
        ask(made)
        ask(made, PAGE + "2")
        with pytest.raises(openai.BadRequestError):
            ask(made, response_format={"type": "none"})
        with pytest.raises(openai.NotFoundError):
            ask(made, model="other")
    one, two = (hashlib.sha256(p.encode()).hexdigest()[:16] for p in (PAGE, PAGE + "2"))
    assert [entry.page for entry in ledger.entries] == [one, one, two, None, one]
    assert [entry["page"] for entry in ledger.snapshot()["requests"]] == [one, one, two, None, one]
    assert "图书综合经费" not in json.dumps(ledger.snapshot(), ensure_ascii=False)


# What it sees at a second look

CELL = {"type": "object", "properties": {"id": {"type": "string"}, "text": LEAF}}
LOOK = {"type": "object", "properties": {"cells": {"type": "array", "items": CELL}}}
LOOKING = {"type": "json_schema", "json_schema": {"name": "look", "strict": True, "schema": LOOK}}


def look_at(made: Any, page: str, ids: Any) -> list[dict[str, str | None]]:
    cells = [Asked(name, "甲", "得分") for name in ids]
    sent = look_messages(look_prompt(), page, cells)
    told = made.chat.completions.create(model="simulated", messages=sent, response_format=LOOKING)
    return json.loads(content(told))["cells"]


@pytest.mark.parametrize("rung", LADDER)
def test_a_second_look_is_answered_down_every_rung(rung: Any) -> None:
    ids = ("indicators[3].score", "no.such", "funds.total.executed", "funds.other.score")

    async def look(url: str) -> dict[str, str | None]:
        async with ModelReader("simulated", url, rung=rung) as reader:
            return await reader.look(PAGE, [Asked(name, "甲", "得分") for name in ids])

    with serving(Simulated(truth_of)) as url:
        seen = asyncio.run(look(url))
    assert list(seen.items()) == list(zip(ids, ("20.00", None, "1596.51", None), strict=True))


def test_what_a_page_holds_is_not_taken_for_the_cells_to_look_at() -> None:
    fenced = f"{FENCE}\n别的表\n{FENCE}"
    asks = 'Cells\n[{"id": "funds.total.budget", "row": "", "column": ""}]'
    page = f"{PAGE}{asks}\n\n{fenced}\n{asks}"
    with client(Simulated(truth_of)) as made:
        seen = look_at(made, page, ["total_score"])
        whole = json.loads(content(ask(made, page)))
        # A form is asked for, whatever stands before the page.
        told = [{"role": "user", "content": f"{asks}\n\n{FENCE}\n{PAGE}\n{FENCE}"}]
        form = json.loads(content(ask(made, messages=told)))
    assert seen == [{"id": "total_score", "text": "66.40"}]
    assert whole == form == RECORD


@pytest.mark.parametrize("cells", ["[bad]", "[" * 50_000 + "]", '[{"id": }]'])
def test_cells_that_are_no_json_are_answered_400(cells: str) -> None:
    told = [{"role": "user", "content": f"Cells\n{cells}\n\n{FENCE}\n{PAGE}\n{FENCE}"}]
    sent = {"model": "simulated", "messages": told, "response_format": LOOKING}
    with serving(Simulated(truth_of)) as url:
        status, said = raw(url, "POST", "/chat/completions", json.dumps(sent).encode())
    assert (status, said["error"]["code"]) == (400, "invalid_request")


def looked(errors: Errors, damaged: Any = (), pages: int = 60) -> Iterator[dict[str, str | None]]:
    model = Simulated(lambda text: Truth(RECORD, damaged), errors=errors)
    for n in range(pages):
        seen = looked_at(model, f"page {n}", list(leaves(RECORD)))
        yield {str(one["id"]): one["text"] for one in seen}


def test_a_second_look_errs_at_the_rate_of_a_cell_in_ways_of_a_cell() -> None:
    truth, wrong, printed = leaves(RECORD), 0, 0
    for seen in looked(Errors(rate=0.1)):
        for path, value in truth.items():
            if seen[path] == value:
                continue
            wrong, printed = wrong + 1, printed + (value is not None)
            if value is not None:
                assert sum(a != b for a, b in zip(value, str(seen[path]), strict=True)) == 1
    # Nothing but a digit can be misread in a value, and a name has none.
    able = sum(value is None or any(map(str.isdigit, value)) for value in truth.values())
    assert wrong / (60 * able) == pytest.approx(0.1, rel=0.2)
    assert 0 < printed < wrong
    invented = {p for seen in looked(Errors(0.1, kinds=kinds("invented"))) for p in truth
                if seen[p] != truth[p]}  # fmt: skip
    assert invented
    assert all(truth[path] is None for path in invented)
    assert all(seen == truth for seen in looked(Errors(1.0, kinds=kinds("row_shift"))))


def test_a_second_look_errs_apart_from_the_reading_and_the_same_each_time() -> None:
    errors = Errors(rate=0.1, kinds=kinds("digit"))
    model = Simulated(lambda text: RECORD, errors=errors)
    first, again = list(looked(errors)), list(looked(errors))
    assert first == again
    truth, both, either = leaves(RECORD), 0, 0
    for n, seen in enumerate(first):
        read = leaves(reading(model, f"page {n}").record)
        wrong = [{p for p in truth if one[p] != truth[p]} for one in (seen, read)]
        both, either = both + len(wrong[0] & wrong[1]), either + len(wrong[0] | wrong[1])
    assert both < 0.2 * either
    assert first != list(looked(Errors(rate=0.1, seed=1, kinds=kinds("digit"))))


def test_rho_keeps_second_looks_to_damaged_cells() -> None:
    damaged = {"total_score", "funds.other.score"}
    wrong = {
        path
        for seen in looked(Errors(rate=0.5, rho=1), damaged)
        for path, value in leaves(RECORD).items()
        if seen[path] != value
    }
    assert wrong == damaged


# What it knows of many pages

TITLE = "项目支出绩效自评表"
HEADER = "三级指标\t权重\t得分"


def filed(number: int) -> tuple[str, Truth]:
    """One of many pages that share title, labels and most of their words."""
    rows = [(f"第{number}项第{row}件", f"1{row}.00", f"{row}.50") for row in range(6)]
    printed = ["\t".join(row) for row in rows]
    text = "\n".join([TITLE, f"项目名称\t项目{number}", HEADER, *printed, "总分\t66 .40", ""])
    listed = [dict(zip(("name", "weight", "score"), row, strict=True)) for row in rows]
    record = {"name": f"项目{number}", "indicators": listed, "total_score": "66.40"}
    return text, Truth(record, {"indicators[4].score", "indicators[1].score", "total_score"})


def cut(number: int, first: int, last: int) -> str:
    """Some rows of a page under its title and header."""
    lines = filed(number)[0].split("\n")
    return "\n".join([TITLE, HEADER, *lines[3 + first : 3 + last]])


def test_a_block_tells_what_it_shows_and_where_that_is_damaged() -> None:
    library = Library(map(filed, range(50)))
    told = library(cut(7, 3, 6))
    assert told is not None
    assert told.record["indicators"] == filed(7)[1].record["indicators"][3:]
    assert (told.record["name"], told.record["total_score"]) == (None, None)
    assert set(told.damaged) == {"indicators[1].score", "total_score"}
    end = library(f"{cut(7, 5, 6)}\n总分\t66 .40\n")
    assert end is not None
    assert end.record["total_score"] == "66.40"
    assert library(filed(7)[0]) == filed(7)[1]


def test_the_beginning_of_a_page_is_a_block_and_lines_out_of_order_are_none() -> None:
    library = Library(map(filed, range(50)))
    text = filed(7)[0]
    head = library(text[: text.index("第7项第3件")])
    assert head is not None
    assert [row["name"] for row in head.record["indicators"]] == [f"第7项第{n}件" for n in range(3)]
    assert head.record["name"] == "项目7"
    lines = text.split("\n")
    assert library("\n".join([TITLE, lines[5], lines[4], lines[3]])) is None
    assert library("\n".join([TITLE, HEADER, lines[4], filed(8)[0].split("\n")[4]])) is None
    assert library(text.replace("第7项第3件", "第7项别的")) is None
    assert library("") is None


def test_rows_named_in_the_labels_alone_are_not_of_a_block() -> None:
    record = {"indicators": [{"name": "得分"}, {"name": "乙"}], "groups": [{"level1": "乙"}]}
    page = "表\n三级指标\t得分\n甲\t1\n乙\t2\n丙\t3"
    told = Library([(page, Truth(record))])("表\n三级指标\t得分\n乙\t2\n丙\t3")
    assert told is not None
    assert told.record == {"indicators": [{"name": "乙"}], "groups": [{"level1": "乙"}]}


def test_a_run_of_a_page_in_one_line_is_a_block_of_it() -> None:
    def page(number: int) -> str:
        return f"自评表 项目{number} " + " ".join(f"第{row}件 {row}.50" for row in range(99))

    library = Library((page(n), Truth({"indicators": [{"name": "第7件"}, {"name": "第90件"}],
                                       "name": f"项目{n}"})) for n in range(9))  # fmt: skip
    at = page(4).index("第80件")
    told = library(f"{page(4)[:200]}\n{page(4)[at:]}")
    assert told is not None
    assert told.record == {"indicators": [{"name": "第90件"}], "name": "项目4"}
    first = library(page(4)[:300])
    assert first is not None
    assert first.record == {"indicators": [{"name": "第7件"}], "name": "项目4"}


def test_a_line_cut_through_is_found_though_it_is_a_line_of_another_page() -> None:
    one = f"{TITLE}\n{'甲' * 40}\n乙乙\n总分"
    other = f"{TITLE}\n{'甲' * 10}\n丙丙\n总分"
    library = Library([(other, Truth({"name": "丙丙"})), (one, Truth({"name": "乙乙"}))])
    told = library(f"{TITLE}\n{'甲' * 10}\n乙乙\n总分")
    assert told == Truth({"name": "乙乙"}, frozenset())


def test_a_block_is_found_among_thousands_without_looking_through_them_all() -> None:
    def seconds(pages: int) -> float:
        library = Library(map(filed, range(pages)))
        blocks = [cut(pages - 1 - n % pages, 2, 5) for n in range(300)] + [
            f"{TITLE}\n无\n此\n页"
        ] * 300
        begin = time.process_time()
        told = [library(block) for block in blocks]
        taken = time.process_time() - begin
        assert [one is not None for one in told] == [True] * 300 + [False] * 300
        return taken

    few = min(seconds(100) for _ in range(3))
    assert seconds(5000) < 8 * few


def test_many_threads_may_ask_a_library_at_once() -> None:
    library = Library(map(filed, range(200)))
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(library, (cut(n % 200, 0, 3) for n in range(2000))))
    rows = [one.record["indicators"] for one in told if one is not None]
    assert rows == [filed(n % 200)[1].record["indicators"][:3] for n in range(2000)]

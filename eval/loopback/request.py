"""The body of a request → what is asked: which page, in which shape, how long to the model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from eval.loopback.plain import as_list, as_object, compact
from eval.loopback.tokens import tokens

Mode = Literal["tools", "json_schema", "json_object"]

_FENCED = re.compile(r"^(={3,} page [0-9a-f]+ ={3,})\n(.*)\n\1\s*$", re.DOTALL | re.MULTILINE)
_CELLS = re.compile(r"\ACells\n(\[[^\n]*\])\n\n(?=={3,} page )")
_FORMATS = ("text", "json_object", "json_schema")


class Refused(Exception):
    """A request that the endpoint answers with an error: HTTP ``status``, ``code``, words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Asked(NamedTuple):
    """A request as the model sees it.

    ``page`` is the fenced text; ``head`` all that is sent before the message it stands in, schema
    included, as one text. ``input`` and ``head_tokens`` are in tokens, ``most`` is the limit of the
    reply in tokens. ``mode`` is none where plain text is asked for, ``function`` the tool called,
    and ``forced`` whether it had to be. ``cells`` names those that a second look asks for:
    a reply of ``cells`` alone, wanted in front of the page.
    """

    model: str
    page: str
    head: str
    head_tokens: int
    input: int
    most: int | None
    mode: Mode | None
    schema: dict[str, Any] | None
    function: str | None
    forced: bool
    cells: tuple[str, ...] = ()


def asked(body: bytes) -> Asked:
    """What a request asks for; raises :class:`Refused` (400) on what is no such request."""
    try:
        sent = as_object(json.loads(body))
    except (ValueError, RecursionError):
        raise _bad("the body is no JSON") from None
    model, messages = sent.get("model"), [as_object(one) for one in as_list(sent.get("messages"))]
    if not isinstance(model, str) or not messages:
        raise _bad("'model' and 'messages' are needed")
    if sent.get("stream") or sent.get("n", 1) != 1:
        raise _bad("the simulated model gives one whole reply: no 'stream', no 'n'")
    mode, schema, function, forced = _shape(sent)
    at, page = _page(messages)
    # In JSON mode the schema, if any, is told among the instructions.
    schema = schema if schema is not None else _told_schema(messages)
    shapes = compact([sent[key] for key in ("tools", "response_format") if sent.get(key)])
    head = [*([shapes] if shapes != "[]" else []), *map(_words, messages[:at])]
    rest = list(map(_words, messages[at:]))
    before = sum(map(tokens, head))
    most = sent.get("max_completion_tokens") or sent.get("max_tokens")
    return Asked(
        model, page, "\x00".join(head), before, before + sum(map(tokens, rest)),
        most if isinstance(most, int) and most > 0 else None, mode, schema, function, forced,
        _cells(_words(messages[at])) if _is_look(schema) else (),
    )  # fmt: skip


def _is_look(schema: dict[str, Any] | None) -> bool:
    """Whether a reply of cells alone is asked for: a second look at a page."""
    return list(as_object(as_object(schema).get("properties"))) == ["cells"]


def _cells(words: str) -> tuple[str, ...]:
    """The names of the cells that stand in front of a page, where only they are asked for."""
    found = _CELLS.match(words)
    try:
        cells = as_list(json.loads(found[1])) if found else []
    except (ValueError, RecursionError):
        raise _bad("the cells to look at are no JSON") from None
    return tuple(str(as_object(cell).get("id")) for cell in cells)


def _shape(sent: dict[str, Any]) -> tuple[Mode | None, dict[str, Any] | None, str | None, bool]:
    tools = [as_object(as_object(one).get("function")) for one in as_list(sent.get("tools"))]
    choice = sent.get("tool_choice", "auto")
    if tools and choice != "none":
        named = as_object(as_object(choice).get("function")).get("name")
        found = [one for one in tools if isinstance(one.get("name"), str)]
        found = [one for one in found if named is None or one["name"] == named]
        if not found:
            raise _bad("'tool_choice' names no tool that was sent")
        return "tools", as_object(found[0].get("parameters")), found[0]["name"], named is not None
    wanted = as_object(sent.get("response_format"))
    kind = wanted.get("type", "text")
    if kind not in _FORMATS:
        raise _bad(f"'response_format' is one of: {', '.join(_FORMATS)}")
    if kind == "json_schema":
        schema = as_object(wanted.get("json_schema")).get("schema")
        if not isinstance(schema, dict):
            raise _bad("'response_format' has no schema")
        return "json_schema", as_object(schema), None, False
    return ("json_object" if kind == "json_object" else None), None, None, False


def _page(messages: list[dict[str, Any]]) -> tuple[int, str]:
    """The message with the page, and its text: the last of a user with fences, else the last."""
    users = [at for at, one in enumerate(messages) if one.get("role") == "user"]
    for at in reversed(users):
        if found := _FENCED.search(_words(messages[at])):
            return at, found[2]
    at = users[-1] if users else len(messages) - 1
    return at, _words(messages[at])


def _words(message: dict[str, Any]) -> str:
    """All text of a message, its calls of tools included."""
    content = message.get("content")
    parts = [content] if isinstance(content, str) else _texts(as_list(content))
    calls = as_list(message.get("tool_calls"))
    return "".join([*parts, *([compact(calls)] if calls else [])])


def _texts(parts: list[Any]) -> Iterator[str]:
    return (text for part in parts if isinstance(text := as_object(part).get("text"), str))


def _told_schema(messages: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The first JSON object with ``properties`` that stands in a system message."""
    decoder = json.JSONDecoder()
    for text in (_words(one) for one in messages if one.get("role") in ("system", "developer")):
        at = text.find("{")
        while at >= 0:
            try:
                found, end = decoder.raw_decode(text, at)
            except (ValueError, RecursionError):
                found, end = None, at + 1
            if "properties" in as_object(found):
                return as_object(found)
            at = text.find("{", end)
    return None


def _bad(message: str) -> Refused:
    return Refused(400, "invalid_request", message)

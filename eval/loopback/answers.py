"""The bodies of answers, in the fields that a client of the API expects."""

from __future__ import annotations

from typing import Any

from eval.loopback.ledger import Entry
from eval.loopback.request import Refused
from eval.loopback.simulated import Reply

_CREATED = 1_700_000_000
"""Seconds since 1970; always the same, because a simulation repeats itself."""


def completion(entry: Entry, told: Reply) -> dict[str, Any]:
    """A chat completion of one choice; its id is the ordinal of the request."""
    usage = {
        "prompt_tokens": entry.input,
        "completion_tokens": entry.output,
        "total_tokens": entry.input + entry.output,
        "prompt_tokens_details": {"cached_tokens": entry.cached},
    }
    choice = {"index": 0, "message": told.message, "finish_reason": told.finish, "logprobs": None}
    return {
        "id": f"chatcmpl-{entry.ordinal}",
        "object": "chat.completion",
        "created": _CREATED,
        "model": entry.model,
        "choices": [choice],
        "usage": usage,
    }


def models(name: str) -> dict[str, Any]:
    """The list of the one model there is."""
    one = {"id": name, "object": "model", "created": _CREATED, "owned_by": "simulation"}
    return {"object": "list", "data": [one]}


def error(refused: Refused) -> dict[str, Any]:
    """An error as the API words it."""
    kind = "invalid_request_error" if refused.status < 429 else "server_error"
    told = {"message": str(refused), "type": kind, "param": None, "code": refused.code}
    return {"error": told}

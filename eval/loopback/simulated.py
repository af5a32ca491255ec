"""The simulated model: what is asked → what is replied.

It knows the truth of the pages it was given and misreads it as its error model says; of any other
page it says ``null`` everywhere. The same page gets the same reply every time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eval.loopback.chance import chance
from eval.loopback.errors_of_reading import Errors, Misread, misread
from eval.loopback.faults import Fault, Finish, spoilt
from eval.loopback.leaves import leaves
from eval.loopback.plain import compact
from eval.loopback.request import Asked, Mode, Refused
from eval.loopback.schema import SchemaError, shaped
from eval.loopback.slips import SLIPS, Kind
from eval.loopback.tokens import first_tokens, tokens

ALL_MODES: frozenset[Mode] = frozenset(("tools", "json_schema", "json_object"))


class Truth(NamedTuple):
    """What a page says, and the paths of the leaves that are damaged on it."""

    record: Mapping[str, Any]
    damaged: Collection[str] = ()


TruthOf = Callable[[str], Truth | Mapping[str, Any] | None]
"""The text of a page → its truth, or its record alone where nothing is damaged, or none."""


@dataclass(frozen=True)
class Simulated:
    """A model by ``name``. ``modes`` are the ways of asking that it takes; others are refused.

    A head of a request of ``cache_from`` tokens or more is cached once it was billed.
    """

    truth_of: TruthOf
    name: str = "simulated"
    errors: Errors = field(default_factory=Errors)
    modes: frozenset[Mode] = ALL_MODES
    cache_from: int = 1024


class Reply(NamedTuple):
    """A reply and its cost in tokens; ``message`` is the assistant's, as the API has it."""

    message: dict[str, Any]
    finish: Finish
    output: int


def reading(model: Simulated, page: str, schema: Any = None) -> Misread:
    """What the model reads on a page, in the shape of a schema, and where it is wrong.

    Without a schema the record keeps the shape of the truth; of an unknown page it is empty then.
    Raises :class:`SchemaError`.
    """
    truth = model.truth_of(page)
    if truth is not None and not isinstance(truth, Truth):
        truth = Truth(truth)
    record: Any = truth.record if truth else None
    record = (record or {}) if schema is None else shaped(schema, record)
    if truth is None:
        return Misread(record, {}, ())
    return misread(record, model.errors, page, truth.damaged)


def looked_at(model: Simulated, page: str, cells: Sequence[str]) -> list[dict[str, str | None]]:
    """What the model reads in some cells of a page, each looked at anew.

    Its errors there are drawn apart from those of the whole page: each cell is misread with
    probability ``rate``, at ``rho`` only where it is damaged; of the kinds, a digit where something
    is printed, a value invented where nothing is. A cell that the page does not have holds nothing.
    """
    known = model.truth_of(page) or {}
    truth = known if isinstance(known, Truth) else Truth(known)
    now = leaves(truth.record)
    found: list[dict[str, str | None]] = []
    for path in cells:
        rng = chance("look", model.errors.seed, page, path)
        kind: Kind = "digit" if now.get(path) is not None else "invented"
        can = path in now and model.errors.kinds.get(kind, 0) > 0
        slips = can and rng.random() < model.errors.rate
        if slips and truth.damaged and rng.random() < model.errors.rho:
            slips = path in truth.damaged
        read = SLIPS[kind](now, path, rng) if slips else {}
        found.append({"id": path, "text": read.get(path, now.get(path))})
    return found


def transcribed(model: Simulated, request: Asked) -> str:
    """What the model reads on the page of a request, as JSON.

    Raises :class:`Refused` on another model (404), a way of asking that this model does not take,
    or a schema that cannot be followed (400).
    """
    if request.model != model.name:
        raise Refused(404, "model_not_found", f"there is no model {request.model!r} here")
    if request.mode is not None and request.mode not in model.modes:
        raise Refused(400, "unsupported", f"this model does not take {request.mode!r}")
    if request.cells:
        return compact({"cells": looked_at(model, request.page, request.cells)})
    try:
        return compact(reading(model, request.page, request.schema).record)
    except SchemaError as error:
        raise Refused(400, "invalid_schema", str(error)) from None


def reply(request: Asked, read: str, fault: Fault | None = None) -> Reply:
    """What was read as the reply to a request, spoilt where a fault says so."""
    said = spoilt(read, fault)
    if request.most is not None and tokens(said.text) > request.most:
        said = said._replace(text=first_tokens(said.text, request.most), finish="length")
    if said.refusal is not None:
        message = {"role": "assistant", "content": None, "refusal": said.refusal}
        return Reply(message, said.finish, tokens(said.refusal))
    if request.function is None:
        message = {"role": "assistant", "content": said.text, "refusal": None}
        return Reply(message, said.finish, tokens(said.text))
    call = {"name": request.function, "arguments": said.text}
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "tool_calls": [{"id": "call_0", "type": "function", "function": call}],
    }
    # A call that was forced ends like any reply; only one that the model chose says so.
    chosen = said.finish == "stop" and not request.forced
    return Reply(message, "tool_calls" if chosen else said.finish, tokens(said.text))

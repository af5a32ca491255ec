"""What the page of batches shows, as plain data in one language.

Names of files and messages about them come from outside: they are text, never markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from extractor.prices import money
from extractor.sources import shown
from extractor.store import Store
from extractor.store_effort import Batch, Failed, batches_of, failures
from ui.figures import NOTHING, Lang, Table, say

_MOST = 50
"""Batches on the page."""
_MOST_FAILURES = 100
"""Failures of one batch on the page."""


class BatchView(NamedTuple):
    """What is told of a batch beside its row: its failures, how many of them are not listed, and
    the way to its open forms (``to_queue`` is the label, none where nothing is open)."""

    number: int
    title: str
    to_queue: str | None
    failures: Table | None
    more: str | None


class Batches(NamedTuple):
    """The page; ``hint`` says what to do where there is no batch."""

    hint: str | None
    table: Table | None
    batches: tuple[BatchView, ...]


def batches(store: Store, lang: Lang) -> Batches:
    """The newest batches, the newest first, and of each what needs somebody."""
    with store.snapshot():
        found = batches_of(store, _MOST)
        costs: dict[int, list[dict[str, Any]]] = {}
        for row in store.costs("batch"):
            costs.setdefault(row["batch"], []).append(row)
        views = tuple(_view(store, one, lang) for one in found if one.open or one.failed)
    if not found:
        return Batches(say("no_batches", lang), None, ())
    rows = tuple(_row(one, costs.get(one.number, []), lang) for one in found)
    return Batches(None, Table(say("batches", lang, n=len(found)), _heads(lang), rows), views)


def _heads(lang: Lang) -> tuple[str, ...]:
    keys = (
        "number", "started", "finished", "reader", "model", "documents", "forms", "open", "errors",
        "failed", "cost",
    )  # fmt: skip
    return tuple(say(key, lang) for key in keys)


def _row(one: Batch, calls: list[dict[str, Any]], lang: Lang) -> tuple[str, ...]:
    counts = (one.documents, one.forms, one.open, one.errors, one.failed)
    return (
        str(one.number),
        _when(one.started),
        _when(one.finished) if one.finished else say("unfinished", lang),
        shown(one.reader),
        shown(one.model) if one.model else NOTHING,
        *(f"{n:,}" for n in counts),
        _cost(one.summary, calls, lang),
    )


def _when(moment: str) -> str:
    """ISO 8601 in UTC → to the minute."""
    return moment[:16].replace("T", " ")


def _cost(summary: Mapping[str, Any] | None, calls: list[dict[str, Any]], lang: Lang) -> str:
    """What the calls of a batch cost by the price that it had, else how many tokens they took; that
    of calls without a bill is told apart, for nobody knows it."""
    if not calls:
        return NOTHING
    unknown = sum(row["unknown"] for row in calls)
    told = summary or {}
    cost, most, currency = told.get("cost"), told.get("most_cost"), told.get("currency")
    if cost is None or currency is None:
        taken = {name: f"{sum(row[name] for row in calls):,}" for name in ("input", "output")}
        known = say("no_price", lang, **taken)
        return known + (say("unbilled_calls", lang, n=unknown) if unknown else "")
    known = f"{money(Decimal(cost))} {shown(currency)}"
    if not unknown:
        return known
    return known + say("unbilled", lang, most=f"{money(Decimal(most or 0))} {shown(currency)}")


def _view(store: Store, one: Batch, lang: Lang) -> BatchView:
    to_queue = say("to_queue", lang, n=one.number, open=f"{one.open:,}") if one.open else None
    title = f"{say('batch', lang, n=one.number)} · {_when(one.started)}"
    if not one.failed:
        return BatchView(one.number, title, to_queue, None, None)
    listed = failures(store, one.number, _MOST_FAILURES)
    heads = tuple(say(key, lang) for key in ("file", "code", "message", "since"))
    table = Table(
        say("failures", lang, n=one.number), heads, tuple(_failure(x, lang) for x in listed)
    )
    left = one.failed - len(listed)
    return BatchView(
        one.number, title, to_queue, table, say("more", lang, n=f"{left:,}") if left else None
    )


def _failure(one: Failed, lang: Lang) -> tuple[str, ...]:
    return (
        shown(one.path), shown(one.code), shown(one.message),
        say("still" if one.open else "read_since", lang),
    )  # fmt: skip

"""One checked form ↔ two compact JSON texts: its record, and the evidence of every field.

A form has some 150 entries; a table row for each would make an archive of 100,000 forms unwieldy.
The evidence is one JSON object instead, in which whatever repeats is said once::

    {"format": 1, "family": …, "title": …, "span": [a, b], "reader": …, "check_set": …,
     "reader_version": …, "state": …, "repeats": [[a, b]], "unread": [[a, b]], "findings": […],
     "words": ["indicators › 满意程度", "实际完成值", …],
     "judgements": [[standing, stratum, needs_review, reasons, holds, fails, unit, agreed,
                     confidence], …],
     "entries": [[path, [start, end, …], section, column, judgement], …],
     "origin": [model, prompt, schema]}    (only where a model was asked)

``section`` and ``column`` are indexes into ``words`` (the address is the two joined by `` › ``, or
``column`` alone), ``judgement`` is one into ``judgements``. An entry's value is the record's and
its raw texts are the document's at its spans; where that is not so, a sixth part tells:
``{"value": …, "raw": […], "suggestion": {…}}``. :func:`unpack` gives back what was packed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import orjson

from extractor.twins import leaves
from extractor.types import (
    CheckedForm,
    Confidence,
    Entry,
    Finding,
    Form,
    Origin,
    Span,
    Standing,
    Suspect,
)

_Strings = tuple[str, ...]
_Judgement = tuple[
    Standing, str, bool, _Strings, _Strings, _Strings, str | None, bool | None, Confidence | None
]
"""What entries mostly share: standing, stratum, needs_review, reasons, holds, fails, unit, whether
two readers agreed, and the confidence where a calibration gave one."""

FORMAT = 1
_ARROW = " › "
_NOTHING: Mapping[str, Any] = {}
_UNSTORABLE = re.compile("[\ud800-\udfff\0]")
_BIGGEST = 2**63 - 1


class Packed(NamedTuple):
    """``record`` and ``evidence`` are JSON that SQLite can query.

    ``exact`` holds both once more, as ASCII, for the rare form that UTF-8 JSON cannot express
    (lone surrogates, integers over 64 bits): then the readable two show a substitute.
    """

    record: str
    evidence: str
    exact: bytes | None = None


def readable(text: str) -> str:
    """Text that SQLite and its clients can hold: lone surrogates and NUL become U+FFFD.

    The number of characters stays, so spans fit the readable text as well.
    """
    return _UNSTORABLE.sub("\ufffd", text)


def exact_bytes(text: str) -> bytes | None:
    """``text`` without loss, where :func:`readable` would lose something; else ``None``."""
    return text.encode("utf-8", "surrogatepass") if _UNSTORABLE.search(text) else None


def exact_text(text: str, exact: bytes | None) -> str:
    """The text that was stored as a readable one and, perhaps, exact bytes."""
    return text if exact is None else exact.decode("utf-8", "surrogatepass")


def readable_json(value: Any) -> str:
    """JSON text of ``value``, with substitutes for what UTF-8 JSON cannot express."""
    try:
        return _dump(value)
    except TypeError:
        return _dump(_storable(value))


def pack(form: CheckedForm, text: str) -> Packed:
    """``text`` is the document's: it decides whether raw texts follow from their spans."""
    words: dict[str, int] = {}
    judgements: dict[_Judgement, int] = {}
    entries = _pack_entries(form, text, words, judgements)
    evidence: dict[str, Any] = {
        "format": FORMAT,
        "family": form.form.family,
        "title": form.form.title,
        "span": [*form.form.span],
        "reader": form.reader,
        "check_set": form.check_set,
        "reader_version": form.reader_version,
        "state": form.state,
        "repeats": [[*span] for span in form.repeats],
        "unread": [[*span] for span in form.unread],
        "findings": [finding_json(finding) for finding in form.findings],
        "words": list(words),
        "judgements": list(judgements),
        "entries": entries,
    }
    if form.origin is not None:
        evidence["origin"] = [*form.origin]
    try:
        return Packed(_dump(form.record), _dump(evidence))
    except TypeError:
        exact = json.dumps([form.record, evidence], default=dict, separators=(",", ":"))
        shown = [readable_json(part) for part in json.loads(exact)]
        return Packed(shown[0], shown[1], exact.encode("ascii"))


def unpack(packed: Packed, text: str, number: int) -> CheckedForm:
    """The form that was packed; ``text`` is its document's and ``number`` its index there."""
    record, evidence = _load(packed)
    a, b = evidence["span"]
    return CheckedForm(
        form=Form(evidence["family"], Span(a, b), number, evidence["title"]),
        reader=evidence["reader"],
        check_set=evidence["check_set"],
        record=record,
        entries=_unpack_entries(record, evidence, text),
        findings=tuple(_finding(item) for item in evidence["findings"]),
        unread=_spans(evidence["unread"]),
        repeats=_spans(evidence["repeats"]),
        state=evidence["state"],
        origin=Origin(*evidence["origin"]) if "origin" in evidence else None,
        reader_version=evidence.get("reader_version", ""),
    )


def record_of(packed: Packed) -> dict[str, Any]:
    """The record alone, for comparing many forms cheaply."""
    return _load(packed)[0] if packed.exact else orjson.loads(packed.record)


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as the contract prints it."""
    return {
        "check": finding.check,
        "rule": finding.rule,
        "verdict": finding.verdict,
        "severity": finding.severity,
        "fields": list(finding.fields),
        "residual": finding.residual,
        "message": dict(finding.message),
        "cause": finding.cause,
        "suspects": [
            {
                "rank": suspect.rank,
                "changes": [{"field": f, "value": value} for f, value in suspect.changes],
                "clears": list(suspect.clears),
                "edit": suspect.edit,
                **({"stands": [[*span] for span in suspect.stands]} if suspect.stands else {}),
            }
            for suspect in finding.suspects
        ],
        **({"confirmed": True} if finding.confirmed else {}),
        **({"readings": dict(finding.readings)} if finding.readings else {}),
    }


def _pack_entries(
    form: CheckedForm, text: str, words: dict[str, int], judgements: dict[_Judgement, int]
) -> list[list[Any]]:
    values = leaves(form.record)
    entries: list[list[Any]] = []
    for path, entry in form.entries.items():
        # Taken apart at once, which is cheaper than asking for each part: there are 150 entries.
        (
            _, value, raw, spans, address, standing, unit, reasons, stratum, review, holds, fails,
            suggestion, agreed, confidence,
        ) = entry  # fmt: skip
        section: int | None = None
        column: int | None = None
        if address is not None:
            head, arrow, tail = address.rpartition(_ARROW)
            if arrow:
                section = words.setdefault(head, len(words))
            column = words.setdefault(tail, len(words))
        judgement = (
            standing, stratum, review, reasons, holds, fails, unit, agreed, confidence,
        )  # fmt: skip
        if len(spans) == 1:  # nearly always, and twice as fast
            ((start, end),) = spans
            offsets, as_printed = [start, end], raw == (text[start:end],)
        else:
            offsets, as_printed = [n for span in spans for n in span], raw == _raw(spans, text)
        packed: list[Any] = [
            path, offsets, section, column, judgements.setdefault(judgement, len(judgements)),
        ]  # fmt: skip
        recorded = values.get(path)
        as_read = value == recorded or value == _printed(recorded)
        if not (as_read and as_printed and suggestion is None):
            packed.append(_untold(entry, as_read, as_printed))
        entries.append(packed)
    return entries


def _untold(entry: Entry, as_read: bool, as_printed: bool) -> dict[str, Any]:
    """What of an entry follows neither from the record's value nor from the spans."""
    told: dict[str, Any] = {} if as_read else {"value": entry.value}
    if not as_printed:
        told["raw"] = entry.raw
    if entry.suggestion is not None:
        told["suggestion"] = entry.suggestion
    return told


def _raw(spans: tuple[Span, ...], text: str) -> tuple[str, ...]:
    if len(spans) == 1:
        ((start, end),) = spans
        return (text[start:end],)
    return tuple([text[start:end] for start, end in spans])


def _unpack_entries(
    record: Mapping[str, Any], evidence: Mapping[str, Any], text: str
) -> dict[str, Entry]:
    values = leaves(record)
    words: list[str] = evidence["words"]
    judgements = [_judgement(*item) for item in evidence["judgements"]]
    entries: dict[str, Entry] = {}
    packed: list[Any]
    section: int | None
    column: int | None
    judgement: int
    for packed in evidence["entries"]:
        path, offsets, section, column, judgement = packed[:5]
        told: Mapping[str, Any] = packed[5] if len(packed) > 5 else _NOTHING
        address: str | None = None if column is None else words[column]
        if section is not None:
            address = f"{words[section]}{_ARROW}{address}"
        if len(offsets) == 2:
            spans = (Span(*offsets),)
        else:
            spans = tuple([Span(a, b) for a, b in zip(offsets[::2], offsets[1::2], strict=True)])
        value = told["value"] if "value" in told else _printed(values.get(path))
        raw = tuple(told["raw"]) if "raw" in told else _raw(spans, text)
        (
            standing, stratum, review, reasons, holds, fails, unit, agreed, confidence,
        ) = judgements[judgement]  # fmt: skip
        entries[path] = Entry(
            path, value, raw, spans, address, standing, unit, reasons, stratum, review,
            holds, fails, told.get("suggestion"), agreed, confidence,
        )  # fmt: skip
    return entries


def _judgement(
    standing: Standing,
    stratum: str,
    review: bool,
    reasons: Sequence[str],
    holds: Sequence[str],
    fails: Sequence[str],
    unit: str | None,
    agreed: bool | None = None,
    confidence: Sequence[Any] | None = None,
) -> _Judgement:
    """Forms that were stored before there were calibrations lack the last two."""
    told = None if confidence is None else Confidence(*confidence)
    reasons, holds, fails = tuple(reasons), tuple(holds), tuple(fails)
    return standing, stratum, review, reasons, holds, fails, unit, agreed, told


def _printed(value: str | int | None) -> str | None:
    """A leaf of the record as an entry gives it (years and counts are integers there)."""
    return value if value is None or isinstance(value, str) else str(value)


def _finding(item: Mapping[str, Any]) -> Finding:
    suspects = tuple(
        Suspect(
            rank=suspect["rank"],
            changes=tuple((change["field"], change["value"]) for change in suspect["changes"]),
            clears=tuple(suspect["clears"]),
            edit=suspect["edit"],
            stands=tuple(Span(*span) for span in suspect.get("stands", ())),
        )
        for suspect in item["suspects"]
    )
    return Finding(
        check=item["check"],
        rule=item["rule"],
        verdict=item["verdict"],
        severity=item["severity"],
        fields=tuple(item["fields"]),
        residual=item["residual"],
        message=item["message"],
        cause=item["cause"],
        suspects=suspects,
        confirmed=item.get("confirmed", False),
        readings=tuple(item.get("readings", {}).items()),
    )


def _spans(pairs: Iterable[Sequence[int]]) -> tuple[Span, ...]:
    return tuple(Span(a, b) for a, b in pairs)


def _dump(value: Any) -> str:
    return orjson.dumps(value, default=dict).decode()


def _load(packed: Packed) -> tuple[dict[str, Any], dict[str, Any]]:
    if packed.exact is not None:
        record, evidence = json.loads(packed.exact)
        return record, evidence
    return orjson.loads(packed.record), orjson.loads(packed.evidence)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {name: _storable(v) for name, v in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_storable(item) for item in cast(list[Any], value)]
    return str(value) if isinstance(value, int) and abs(value) > _BIGGEST else value

"""What leaves Crossfoot: JSON lines, a csv table, a workbook, the workpaper of defects.

JSON lines hold every form. The other formats count a form once, as the first by document path, and
name its twins: the same form in another document. Each says up to which act of its reviewers it is
(``head``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, BinaryIO

import orjson

from extractor.acting import catch_up
from extractor.export_columns import Column, Exported, Row, Table
from extractor.export_csv import write_csv
from extractor.export_heads import NAME, head_columns, head_rows, heads_of
from extractor.export_tables import BY_INDICATOR, DEFECTS
from extractor.export_workbook import write_sheets, write_workbook
from extractor.store import Store
from extractor.store_evidence import finding_json
from extractor.types import SCHEMA_VERSION, CheckedForm, Document, Entry

FORMATS = ("jsonl", "csv", "xlsx", "defects")
BINARY = ("xlsx",)
"""Formats that no terminal can show."""

SameAs = Sequence[Mapping[str, Any]]


def write(
    store: Store,
    stream: BinaryIO,
    format_: str,
    *,
    settled: bool = False,
    excel_safe: bool = False,
    lang: str = "zh",
    name: str | None = None,
) -> None:
    """Write the forms of an archive to ``stream`` in one of :data:`FORMATS`.

    ``settled`` leaves out the forms that have something to review. ``excel_safe`` is for csv.
    ``lang`` is the language of headings in workbook and workpaper. ``defects`` become a workbook
    where ``name`` (else the stream's own name) says ``.xlsx``, otherwise csv. What is written is
    of one moment, also while another process writes to the archive. Documents that do not stand
    yet as their reviewers left them, after a killed process, are drawn first.
    """
    catch_up(store)
    with store.snapshot():
        forms = exported(store, settled=settled)
        if format_ == "jsonl":
            stream.writelines(json_line(*form) for form in forms)
        elif format_ == "csv":
            columns, rows = BY_INDICATOR.columns(lang), _rows(BY_INDICATOR, once(forms), lang)
            write_csv(columns, rows, stream, excel_safe=excel_safe)
        elif format_ == "xlsx":
            write_workbook(once(forms), stream, lang, [_reviews(store, lang)])
        elif format_ == "defects":
            # By issuer, for each gets a workpaper of its own; forms keep their order inside.
            rows = sorted(_rows(DEFECTS, once(forms), lang), key=lambda row: str(row[0] or ""))
            if ".xlsx" in PurePath(str(name or getattr(stream, "name", ""))).suffixes:
                own = (DEFECTS.name, DEFECTS.columns(lang), rows)
                write_sheets([own, _reviews(store, lang)], stream)
            else:
                write_csv(DEFECTS.columns(lang), rows, stream, excel_safe=excel_safe)
        else:
            raise ValueError(f"{format_!r} is none of {', '.join(FORMATS)}")


def exported(store: Store, *, settled: bool = False) -> Iterator[Exported]:
    """The forms of an archive in document order, each with its twins and its head."""
    twins, heads = store.same_as_map(), heads_of(store)
    for document, form in store.forms(settled=settled):
        same_as = twins.get((document.sha256, form.form.index), [])
        yield Exported(document, form, same_as, heads.get(document.sha256))


def once(forms: Iterable[Exported]) -> Iterator[Exported]:
    """The first of each group of twins, in the order given."""
    counted: set[tuple[str, int]] = set()
    for item in forms:
        if not item.same_as:
            yield item
        elif counted.isdisjoint((twin["sha256"], twin["form"]) for twin in item.same_as):
            counted.add((item.document.sha256, item.form.form.index))
            yield item


def json_line(
    document: Document, form: CheckedForm, same_as: SameAs, head: str | None = None
) -> bytes:
    """One form as a line of JSON in UTF-8, its line end included."""
    value = form_json(document, form, same_as, head)
    try:
        return orjson.dumps(value, default=dict, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # Lone surrogates and integers over 64 bits: JSON has a way to write both, UTF-8 has not.
        return json.dumps(value, default=dict, separators=(",", ":")).encode("ascii") + b"\n"


def form_json(
    document: Document, form: CheckedForm, same_as: SameAs, head: str | None = None
) -> dict[str, Any]:
    """One form as the contract prints it, keys in its order; spans are ``[start, end]``.

    ``head`` is the hash of the last operation on its document; without one there is no such key.
    """
    value: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "document": document.path,
        "sha256": document.sha256,
        "form": form.form.index,
        "family": form.form.family,
        "span": [*form.form.span],
        "state": form.state,
        "reader": form.reader,
        "check_set": form.check_set,
        "model": form.origin and form.origin.model,
        "prompt": form.origin and form.origin.prompt,
        "repeats": [[*span] for span in form.repeats],
        "same_as": [dict(twin) for twin in same_as],
        "unread": [[*span] for span in form.unread],
        "record": form.record,
        "entries": {path: _entry_json(entry) for path, entry in form.entries.items()},
        "findings": [finding_json(finding) for finding in form.findings],
    }
    return value if head is None else value | {"head": head}


def _reviews(store: Store, lang: str) -> tuple[str, Sequence[Column], Iterator[Row]]:
    return NAME, head_columns(lang), head_rows(store)


def _rows(table: Table, forms: Iterable[Exported], lang: str) -> Iterator[Row]:
    return (row for item in forms for row in table.rows(item, lang))


def _entry_json(entry: Entry) -> dict[str, Any]:
    value: dict[str, Any] = {
        "value": entry.value,
        "raw": list(entry.raw),
        "spans": [[*span] for span in entry.spans],
        "cell": entry.address,
        "standing": entry.standing,
        "unit": entry.unit,
        "stratum": entry.stratum,
        "confidence": entry.confidence and entry.confidence._asdict(),
        "needs_review": entry.needs_review,
        "reasons": list(entry.reasons),
        "checks": {"holds": list(entry.holds), "fails": list(entry.fails)},
    }
    if entry.standing == "unread" and entry.suggestion is not None:
        value["suggestion"] = dict(entry.suggestion)
    return value

"""The tables that analysts query, drawn from the forms of the current documents.

``forms``, ``funds``, ``groups``, ``indicators`` and ``findings`` hold nothing that a reading does
not hold too: they can be thrown away and drawn again. Rows are gathered for a whole document and
written with one ``executemany`` a table, the cheapest way that SQLite has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlite_utils import Database

from extractor.store_evidence import finding_json, readable, readable_json
from extractor.twins import identity, issuer
from extractor.types import CheckedForm, Finding
from extractor.worklist import cost_of

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "forms": (
        "id", "document", "number", "family", "title", "state", "year", "issuer", "project_name",
        "supervising_department", "subordinate_units", "amount_unit", "total_weight",
        "total_score", "grade", "fields", "flagged", "errors", "unread", "repeats", "reader",
        "check_set", "span_start", "span_end", "identity", "goal", "completion", "cost",
    ),
    "funds": (
        "form", "position", "section", "source", "initial_budget", "annual_budget", "executed",
        "weight", "execution_rate", "score",
    ),
    "groups": ("form", "position", "level1", "weight", "level2_listed", "note"),
    "indicators": (
        "form", "position", "row", "level1", "level2", "name", "target", "actual", "weight",
        "score", "deviation",
    ),
    "findings": (
        "form", "position", "check_id", "rule", "verdict", "severity", "cause", "residual",
        "fields", "message_zh", "message_en", "suspects",
    ),
}  # fmt: skip
_INSERTS: Mapping[str, str] = {
    table: f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"
    for table, columns in _COLUMNS.items()
}
_GOALS = ("expected_goal", "annual_goal")
_COMPLETIONS = ("actual_completion", "annual_completion")
_LARGEST = 2**63

Row = tuple[Any, ...]


def draw(
    db: Database, document: int, forms: Iterable[tuple[int, CheckedForm]], *, substitute: bool
) -> None:
    """Put the forms of one document, each with its reading's id, into the tables.

    ``substitute`` says that a form holds what SQLite cannot (see ``store_evidence.Packed``).
    """
    gathered: dict[str, list[Row]] = {table: [] for table in _INSERTS}
    for reading, form in forms:
        gathered["forms"].append(_form_row(reading, document, form))
        gathered["funds"] += _funds_rows(reading, form.record)
        for table in ("groups", "indicators"):
            rows = cast(list[dict[str, Any]], form.record.get(table) or [])
            gathered[table] += _listed_rows(reading, rows, _COLUMNS[table][2:])
        gathered["findings"] += _finding_rows(reading, form.findings)
    for table, rows in gathered.items():
        if substitute:
            rows = [tuple(map(_storable, row)) for row in rows]
        if rows:
            db.conn.executemany(_INSERTS[table], rows)


def erase(db: Database, document: int) -> None:
    """Take the forms of a document, and all that hangs on them, out of the tables."""
    db.conn.execute("DELETE FROM forms WHERE document = ?", (document,))


def _form_row(reading: int, document: int, form: CheckedForm) -> Row:
    record = form.record
    entries = form.entries.values()
    return (
        reading, document, form.form.index, form.form.family, form.form.title, form.state,
        record.get("year"), issuer(record), record.get("project_name"),
        record.get("supervising_department"), record.get("subordinate_units"),
        record.get("amount_unit"), record.get("total_weight"), record.get("total_score"),
        record.get("grade"), len(form.entries), sum([entry.needs_review for entry in entries]),
        sum([finding.is_error for finding in form.findings]), len(form.unread),
        len(form.repeats), form.reader, form.check_set, form.form.span.start, form.form.span.end,
        _identity(form), _first(record, _GOALS), _first(record, _COMPLETIONS),
        cost_of(form),
    )  # fmt: skip


def _funds_rows(reading: int, record: Mapping[str, Any]) -> Iterable[Row]:
    """One row for each source or use of money (``funds``, ``expenditure`` or a sister)."""
    position = 0
    for section, sources in record.items():
        if isinstance(sources, dict):
            for source, cells in cast(dict[str, dict[str, Any]], sources).items():
                amounts = [cells.get(column) for column in _COLUMNS["funds"][4:]]
                yield (reading, position, section, source, *amounts)
                position += 1


def _listed_rows(
    reading: int, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]
) -> list[Row]:
    return [
        (reading, position, *[row.get(column) for column in columns])
        for position, row in enumerate(rows)
    ]


def _finding_rows(reading: int, findings: Iterable[Finding]) -> Iterable[Row]:
    for position, finding in enumerate(findings):
        yield (
            reading, position, finding.check, finding.rule, finding.verdict, finding.severity,
            finding.cause, finding.residual, readable_json(finding.fields),
            finding.message.get("zh"), finding.message.get("en"),
            readable_json(finding_json(finding)["suspects"]),
        )  # fmt: skip


def _identity(form: CheckedForm) -> str | None:
    """The identity of a form as one text, for the column by which twins find each other."""
    who = identity(form.form.family, form.record)
    return None if who is None else "\n".join([str(part or "") for part in who])


def _first(record: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((record[name] for name in names if record.get(name)), None)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return readable(value)
    too_large = isinstance(value, int) and not -_LARGEST <= value < _LARGEST
    return None if too_large else value

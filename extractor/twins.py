"""The same form in two documents: who is whose twin, and where the two differ.

An office files a form once, but it reaches us twice: as two scans, or through two OCR pipelines.
Two forms are twins when family, year, issuer and project agree after folding. Their differences
are no findings: they say where one of two independent readings of one page may be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple, cast

from extractor.families import Family, family_of
from extractor.text import compare_key
from extractor.types import CheckedForm, Document

Identity = tuple[str, int, str, str | None]
"""Family, year, issuer and (for families that have one) project; the names folded."""

Record = Mapping[str, Any]

ISSUERS = ("implementing_unit", "department_name")
_UNPRINTED = frozenset({"form_type", "row"})


class Twin(NamedTuple):
    """A form as its twins see it; ``(path, sha256, number)`` is the order in which forms count."""

    path: str
    sha256: str
    number: int
    root: str
    family: str
    record: Record

    @property
    def key(self) -> tuple[str, int]:
        return self.sha256, self.number

    @property
    def order(self) -> tuple[str, str, int]:
        return self.path, self.sha256, self.number


def leaves(record: Record) -> dict[str, Any]:
    """``{leaf path: value}`` in the record's own order, without ``form_type`` and ``row``.

    >>> leaves({"year": 2023, "indicators": [{"row": "r1", "score": "5.00"}]})
    {'year': 2023, 'indicators[0].score': '5.00'}
    """
    found: dict[str, Any] = {}
    _collect(record, "", found)
    return found


def issuer(record: Record) -> str | None:
    """Who filed the form: the implementing unit of a project, else the department."""
    return next((record[name] for name in ISSUERS if record.get(name)), None)


def identity(family: str, record: Record) -> Identity | None:
    """What two printings of one form share, or ``None`` where the page does not say enough."""
    year = record.get("year")
    filed_by = compare_key("prose", issuer(record))
    project = compare_key("prose", record.get("project_name"))
    if year is None or not filed_by or ("project_name" in record and not project):
        return None
    return family, year, filed_by, project


def differences(here: Record, there: Record, family: Family) -> list[dict[str, Any]]:
    """``[{"field", "here", "there"}]`` for every leaf whose values do not count as equal.

    Rows are matched by index where both forms have as many, else by their names. A row that only
    one form has is given by its printed leaves, under the index it has on that side.
    """
    if here == there:
        return []
    return [
        {"field": path, "here": one, "there": other}
        for path, one, other in _pairs(here, there)
        if one != other and _key(family, path, one) != _key(family, path, other)
    ]


def same_as(forms: Sequence[tuple[Document, CheckedForm]]) -> list[list[dict[str, Any]]]:
    """``same_as`` of the contract for every form, in the order given."""
    twins = [
        Twin(d.path, d.sha256, f.form.index, d.root, f.form.family, f.record) for d, f in forms
    ]
    groups: dict[Identity, list[Twin]] = {}
    for twin in twins:
        who = identity(twin.family, twin.record)
        if who is not None:
            groups.setdefault(who, []).append(twin)
    relations: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for group in groups.values():
        relations |= relate(group)
    return [relations.get(twin.key, []) for twin in twins]


def relate(group: Iterable[Twin]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """``{(sha256, form): same_as}`` for the forms of one identity, each list in counting order.

    The same bytes in a further place are one document, and two versions of one document are not
    each other's twins.
    """
    members: dict[tuple[str, int], Twin] = {}
    for twin in sorted(group, key=lambda twin: twin.order):
        members.setdefault(twin.key, twin)
    return {
        here.key: [
            _relation(here, there)
            for there in members.values()
            if there is not here and not _versions(here, there)
        ]
        for here in members.values()
    }


def _relation(here: Twin, there: Twin) -> dict[str, Any]:
    return {
        "document": there.path,
        "sha256": there.sha256,
        "form": there.number,
        "differences": differences(here.record, there.record, family_of(here.family)),
    }


def _versions(one: Twin, other: Twin) -> bool:
    same_place = (one.root, one.path) == (other.root, other.path)
    return same_place and one.sha256 != other.sha256


def _collect(branch: Record, prefix: str, found: dict[str, Any]) -> None:
    for name, value in branch.items():
        if isinstance(value, dict):
            _collect(cast(Record, value), f"{prefix}{name}.", found)
        elif isinstance(value, list):
            for index, row in enumerate(cast(list[Record], value)):
                _collect(row, f"{prefix}{name}[{index}].", found)
        elif name not in _UNPRINTED:
            found[prefix + name] = value


def _pairs(here: Record, there: Record) -> Iterator[tuple[str, Any, Any]]:
    """Every leaf that either record has: path, value here, value there."""
    for name in dict.fromkeys((*here, *there)):
        one, other = here.get(name), there.get(name)
        if isinstance(one, list) and isinstance(other, list):
            yield from _row_pairs(name, cast(list[Record], one), cast(list[Record], other))
        elif one != other:
            yield from _leaf_pairs("", leaves({name: one}), leaves({name: other}))


def _row_pairs(
    name: str, here: Sequence[Record], there: Sequence[Record]
) -> Iterator[tuple[str, Any, Any]]:
    for index, other in _aligned(here, there):
        yield from _leaf_pairs(
            f"{name}[{other if index is None else index}].",
            {} if index is None else leaves(here[index]),
            {} if other is None else leaves(there[other]),
        )


def _leaf_pairs(prefix: str, here: Record, there: Record) -> Iterator[tuple[str, Any, Any]]:
    for path in dict.fromkeys((*here, *there)):
        yield prefix + path, here.get(path), there.get(path)


def _aligned(
    here: Sequence[Record], there: Sequence[Record]
) -> Iterator[tuple[int | None, int | None]]:
    """Pairs of row indexes, ``None`` for a row that the other side lacks."""
    if len(here) == len(there):
        yield from ((index, index) for index in range(len(here)))
        return
    matcher = SequenceMatcher(None, _names(here), _names(there), autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        for step in range(max(end - start, other_end - other_start)):
            index, other = start + step, other_start + step
            yield index if index < end else None, other if other < other_end else None


def _names(rows: Sequence[Record]) -> list[str | None]:
    return [compare_key("prose", row.get("name") or row.get("level1")) for row in rows]


def _key(family: Family, path: str, value: Any) -> str | None:
    return compare_key(family.kind(path), value)

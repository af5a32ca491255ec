"""What speaks for and against every field of a form: the one source of its stratum, of its
probability, and of the reasons that a reviewer is given.

Everything here follows from a form's entries and findings, so a form out of the archive has the
evidence that it had when it was read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from extractor.checks.judge import Known
from extractor.families.base import NUMBER_KINDS, Family, Kind
from extractor.types import Entry, Finding, Standing

BETWEEN_READERS = ("readers:", "readers_row:")
"""How the ids of findings begin that tell of two readers."""

MOVED = frozenset({"shifted", "by_order", "label_lost"})
"""Reasons that say: placed, but not under a label and a header of its own."""
UNSURE = frozenset(
    {"row_length", "unknown_level", "level_mismatch", "unfinished", "beside_ungrounded", "apart"}
)
"""Reasons that leave it open whether the cell belongs to the field at all."""
REPAIRED = frozenset({"joined_across_page", "overlap_dropped", "stamp_removed"})
"""Reasons that say: put together from what a page break or a stamp left."""

_STRANGE = re.compile(
    "[^\\s!-~\u00b0-\u00d7\u2000-\u206f\u2190-\u22ff\u2460-\u27bf\u3000-\u9fff\uff00-\uffef]"
)
"""What forms do not print: replacement characters, private ones, letters of other scripts."""
_MANY = 3
"""Numbers that a column must have before it has a usual number of decimals."""


class Evidence(NamedTuple):
    """What is known of one field.

    ``exact`` and ``rounded`` count the identities that hold and pin it down, to the last digit or
    within a rounding; one that fails on the page itself, as a person has confirmed, counts too,
    for its cells were read as they are printed. ``broken`` are those that fail with it,
    ``breached`` policies that do; ``suspected`` says that changing it alone, or it with another,
    explains a failure best. ``wanted`` is a field without a value that should have one. ``agreed``
    tells whether two readers read the same, ``disputed`` that a person must say who is right.
    ``reasons`` are those of the reading (:data:`extractor.confidence.REASONS`), ``parts`` the
    printed pieces it was made of, ``unusual`` that its print is not what such a field looks like.
    ``beside`` says that another cell of its row is in doubt, ``torn`` counts cells of the form that
    nobody could claim.
    """

    kind: Kind
    standing: Standing
    filled: bool
    wanted: bool = False
    exact: int = 0
    rounded: int = 0
    broken: int = 0
    breached: int = 0
    suspected: bool = False
    agreed: bool | None = None
    disputed: bool = False
    reasons: tuple[str, ...] = ()
    parts: int = 1
    unusual: bool = False
    beside: bool = False
    torn: int = 0

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBER_KINDS

    @property
    def is_closed(self) -> bool:
        """Whether an identity that holds pins it down."""
        return self.exact > 0 or self.rounded > 0

    @property
    def is_moved(self) -> bool:
        return not MOVED.isdisjoint(self.reasons)

    @property
    def is_unsure(self) -> bool:
        return not UNSURE.isdisjoint(self.reasons)


def evidence_of(
    family: Family,
    checks: Known,
    entries: Mapping[str, Entry],
    findings: Iterable[Finding],
    torn: int,
) -> dict[str, Evidence]:
    """The evidence for every entry of a form; ``checks`` are those of its shape.

    ``torn`` is the number of its cells that no entry claims.
    """
    told = _told(entries, findings)
    usual = _usual_decimals(family, entries)
    doubted = _doubted_rows(entries, told.disputed)
    found: dict[str, Evidence] = {}
    for path, own in _own(family, checks, entries, told).items():
        entry, row = entries[path], path.rpartition(".")[0]
        others = doubted[row] - _is_doubted(entry, own.disputed) if row else 0
        found[path] = own._replace(
            suspected=path in told.suspected,
            unusual=own.filled and _is_unusual(own.kind, path, entry, usual),
            beside=others > 0,
            torn=torn,
        )
    return found


def support_of(
    family: Family, checks: Known, entries: Mapping[str, Entry], findings: Iterable[Finding]
) -> dict[str, Evidence]:
    """The evidence as far as strata ask for it: without what is said of the fields around it and of
    its print. It is made for every form that is read, and takes half the time."""
    return _own(family, checks, entries, _told(entries, findings))


def _own(
    family: Family, checks: Known, entries: Mapping[str, Entry], told: _Told
) -> dict[str, Evidence]:
    exactly, about = checks.exact, checks.rounded
    errors, wanted, disputed, confirmed = told.errors, told.wanted, told.disputed, told.confirmed
    found: dict[str, Evidence] = {}
    for path, entry in entries.items():
        leaf = family.leaf(path)
        holds, fails, filled = entry.holds, entry.fails, entry.value is not None
        broken = breached = 0
        if fails:
            broken = 0 if _is_out(entry) else sum(one in errors for one in fails)
            breached = sum(one not in errors and one not in told.settled for one in fails)
        found[path] = Evidence(
            leaf.kind,
            entry.standing,
            filled,
            not filled and (leaf.required or path in wanted),
            (sum([one in exactly for one in holds]) if holds else 0) + (path in confirmed),
            sum([one in about for one in holds]) if holds else 0,
            broken,
            breached,
            False,
            entry.agreed,
            path in disputed,
            entry.reasons,
            len(entry.spans),
        )
    return found


class _Told(NamedTuple):
    """What the findings of a form say of its fields; ``settled`` are checks that fail on the page
    itself, as a person has confirmed."""

    errors: Collection[str]
    wanted: Collection[str]
    suspected: Collection[str]
    disputed: Collection[str]
    confirmed: Collection[str]
    settled: Collection[str]


def _told(entries: Mapping[str, Entry], findings: Iterable[Finding]) -> _Told:
    errors: set[str] = set()
    wanted: set[str] = set()
    suspected: set[str] = set()
    disputed: set[str] = set()
    confirmed: set[str] = set()
    settled: set[str] = set()
    for finding in findings:
        if finding.severity != "error":
            continue
        if finding.confirmed:
            confirmed.update(finding.fields)
            settled.add(finding.check)
            continue
        if finding.check.startswith(BETWEEN_READERS):
            disputed.update(finding.fields)
            continue
        if finding.verdict == "fails":
            errors.add(finding.check)
            wanted.update(path for path in finding.fields if _is_out(entries.get(path)))
        else:
            wanted.update(finding.fields)
        for suspect in finding.suspects:
            if suspect.rank == 1:
                suspected.update(path for path, _ in suspect.changes)
    return _Told(errors, wanted, suspected, disputed, confirmed, settled)


def _is_out(entry: Entry | None) -> bool:
    """Whether the checks could not see a field at all: the page has no such label or column."""
    return entry is None or (
        entry.value is None and entry.standing == "absent" and "row_ends" not in entry.reasons
    )


def _doubted_rows(entries: Mapping[str, Entry], disputed: Collection[str]) -> Counter[str]:
    """How many cells of each row are in doubt."""
    rows: Counter[str] = Counter()
    for path, entry in entries.items():
        if _is_doubted(entry, path in disputed) and (row := path.rpartition(".")[0]):
            rows[row] += 1
    return rows


def _is_doubted(entry: Entry, disputed: bool) -> bool:
    return disputed or entry.standing == "unread" or "row_length" in entry.reasons


def _usual_decimals(family: Family, entries: Mapping[str, Entry]) -> dict[str, int]:
    """The decimals that most numbers of a column are printed with."""
    columns: dict[str, Counter[int]] = {}
    for path, entry in entries.items():
        if entry.value is not None and "." in path and family.is_number(path):
            column = path.rpartition(".")[2]
            columns.setdefault(column, Counter())[_decimals(entry.value)] += 1
    return {
        column: counts.most_common(1)[0][0]
        for column, counts in columns.items()
        if counts.total() >= _MANY
    }


def _decimals(value: str) -> int:
    return len(value.partition(".")[2])


def _is_unusual(kind: Kind, path: str, entry: Entry, usual: Mapping[str, int]) -> bool:
    value = entry.value or ""
    if kind in NUMBER_KINDS:
        return _decimals(value) != usual.get(path.rpartition(".")[2], _decimals(value))
    return _STRANGE.search(value) is not None

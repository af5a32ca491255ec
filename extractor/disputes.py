"""Where two readers disagree: what a person is told, and which value the sums speak for.

The sums never decide which value stands; they say which of two values is suggested. A second look,
asked for blindly, may end a disagreement: where it reads what stands under its own label, and no
sum speaks against that, two of three readings and the page agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from extractor.checks.judge import Judgement
from extractor.double import Dispute
from extractor.families.base import Family
from extractor.prompting import Asked
from extractor.readers.claims import claims_of, same
from extractor.types import CheckedForm, Entry, Finding, Reading, Suspect

_SAID: Mapping[str, Mapping[str, str]] = {
    "differs": {
        "zh": "{label}：表格读取为 {table}，模型读取为 {model}",
        "en": "{label}: the table reader reads {table}, the model {model}",
    },
    "left_out": {
        "zh": "指标行“{table}”：模型未读到此行",
        "en": "indicator row “{table}”: the model does not have it",
    },
    "only_model": {
        "zh": "指标行“{model}”：只有模型读到",
        "en": "indicator row “{model}”: only the model has it",
    },
    "holds": {"zh": "；取 {table} 时等式成立", "en": "; the sums hold with {table}"},
    "would": {"zh": "；若为 {model} 则等式成立", "en": "; the sums would hold with {model}"},
    "looked": {"zh": "；再看一次为 {look}", "en": "; a second look reads {look}"},
    "ended": {"zh": "，已定", "en": ": settled"},
}
MOST_CELLS = 12
"""Cells of one form that are looked at again; one with more doubts is a person's to read anyway."""
_NOTHING = {"zh": "空", "en": "nothing"}


@dataclass(frozen=True, slots=True)
class Doubts:
    """What the readers of one form agreed and disagreed on, and what second looks saw."""

    agreed: frozenset[str] = frozenset()
    disputes: tuple[Dispute, ...] = ()
    looks: Mapping[str, str | None] = field(default_factory=dict[str, str | None])

    def evidence(self) -> dict[str, bool]:
        """Whether two readers read the same, for each field that two read."""
        return dict.fromkeys(self.agreed, True) | {
            one.path: False for one in self.disputes if not one.is_row
        }

    def open(
        self, family: Family, settled: Mapping[str, Reading], judgement: Judgement
    ) -> Collection[str]:
        """The fields on which a person must decide."""
        return {
            path
            for one in self.disputes
            if not self._ended(family, one, settled[one.path], judgement)
            for path in (one.path, *one.row)
        }

    def _ended(
        self, family: Family, dispute: Dispute, stands: Reading, judgement: Judgement
    ) -> bool:
        path = dispute.path
        if dispute.is_row or path not in self.looks or path in judgement.wronged:
            return False
        # That nothing stands there needs no sum.
        is_closed = path in judgement.proved or stands.value is None
        if family.is_number(path) and not is_closed:
            return False
        seen = claims_of(family, {path: self.looks[path]})[path]
        if stands.value is None or seen is None:
            return stands.value == seen
        return same(family, path, seen, stands.value)


NO_DOUBTS = Doubts()


def findings_of(
    doubts: Doubts,
    judgement: Judgement,
    findings: Iterable[Finding],
    labels: Mapping[str, Mapping[str, str]],
    disputed: Collection[str],
) -> tuple[Finding, ...]:
    """Each disagreement as a finding with both values; ``findings`` are those of the checks.

    One that is not among the ``disputed`` fields any more is a remark.
    """
    named = {
        change: suspect
        for finding in findings
        for suspect in finding.suspects
        if len(suspect.changes) == 1
        for change in suspect.changes
    }
    return tuple(
        _finding(dispute, doubts, judgement, named, labels, dispute.path in disputed)
        for dispute in doubts.disputes
    )


def _finding(
    dispute: Dispute,
    doubts: Doubts,
    judgement: Judgement,
    named: Mapping[tuple[str, str], Suspect],
    labels: Mapping[str, Mapping[str, str]],
    is_open: bool,
) -> Finding:
    path, model = dispute.path, dispute.model
    if dispute.is_row:
        keys = ["left_out" if dispute.model is None else "only_model"]
        return _told(f"readers_row:{path}", path, keys, dispute, labels, doubts)
    keys = ["differs"]
    suspect = named.get((path, model)) if model is not None else None
    if suspect is not None:
        keys.append("would")
    elif path in judgement.proved and path not in judgement.wronged:
        keys.append("holds")
    if path in doubts.looks:
        keys.append("looked")
    if not is_open:
        keys.append("ended")
    told = _told(f"readers:{path}", path, keys, dispute, labels, doubts)
    if not is_open:
        return replace(told, severity="advice")
    return told if suspect is None else replace(told, suspects=(suspect,))


def _told(
    check: str,
    path: str,
    keys: Iterable[str],
    dispute: Dispute,
    labels: Mapping[str, Mapping[str, str]],
    doubts: Doubts,
) -> Finding:
    message = {
        lang: "".join(_SAID[key][lang] for key in keys).format(
            label=labels[path][lang],
            table=dispute.table or _NOTHING[lang],
            model=dispute.model or _NOTHING[lang],
            look=doubts.looks.get(path) or _NOTHING[lang],
        )
        for lang in ("zh", "en")
    }
    fields = (path, *(other for other in dispute.row if other != path))
    readings = [("table", dispute.table), ("model", dispute.model)]
    if path in doubts.looks:
        readings.append(("look", doubts.looks[path]))
    told = () if dispute.is_row else tuple(readings)
    return Finding(check, None, "cannot_tell", "error", fields, None, message, readings=told)


def doubtful(form: CheckedForm) -> tuple[Asked, ...]:
    """The cells of a form that are worth a second look: disagreements, then the first suspects.

    They are told by the labels of row and column, without what was read or what would be needed.
    """
    paths: dict[str, None] = {}
    for finding in form.findings:
        if finding.check.startswith("readers:"):
            paths |= dict.fromkeys(finding.fields)
    for finding in form.findings:
        if finding.severity == "error" and finding.verdict == "fails":
            first = (suspect for suspect in finding.suspects if suspect.rank == 1)
            paths |= dict.fromkeys(path for suspect in first for path, _ in suspect.changes)
    wanted = [path for path in paths if form.entries[path].needs_review]
    return tuple(_asked(form.entries[path]) for path in wanted[:MOST_CELLS])


def _asked(entry: Entry) -> Asked:
    """``indicators › 满意程度 › 得分`` → row 满意程度, column 得分; a lone label is both."""
    parts = (entry.address or entry.path).split(" › ")
    return Asked(entry.path, parts[-2] if len(parts) > 1 else parts[-1], parts[-1])

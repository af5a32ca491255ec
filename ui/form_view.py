"""A form as it stands, for reading: its fields, what is found, and everything done to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from extractor.confidence import STRATA
from extractor.families import family_of
from extractor.operations import Operation, fold
from extractor.reviewing import places_of
from extractor.types import CheckedForm, Finding
from ui.words import BENCH

Rows = Sequence[Sequence[str | None]]
_STATES: Mapping[str, Mapping[str, str]] = {
    "wanted": {"zh": "待核", "en": "to settle"},
    "reviewed": {"zh": "已核", "en": "settled"},
    "sure": {"zh": "", "en": ""},
}
_VERDICTS: Mapping[str, Mapping[str, str]] = {
    "confirmed": {"zh": "表格本身有误", "en": "the form itself is wrong"},
    "error": {"zh": "错误", "en": "error"},
    "advice": {"zh": "提示", "en": "advice"},
}


class FormView(NamedTuple):
    """Tables of text: fields (label, value, as printed, why it is believed, state), findings
    (kind, sentence), operations (when, who, field, what, hash of its id), newest last."""

    fields: Rows
    findings: Rows
    history: Rows


def form_view(form: CheckedForm, operations: Iterable[Operation], lang: str) -> FormView:
    """The tables of one form in one language; ``operations`` are those on its document."""
    return FormView(
        list(_fields(form, lang)),
        [_finding(one, lang) for one in form.findings],
        list(_history(form, operations, lang)),
    )


def _fields(form: CheckedForm, lang: str) -> Iterable[Sequence[str | None]]:
    family = family_of(form.form.family)
    for path, entry in form.entries.items():
        if entry.standing == "absent" and not entry.needs_review:
            continue
        wanted = "wanted" if entry.needs_review else None
        state = wanted or ("reviewed" if entry.standing == "reviewed" else "sure")
        stratum = STRATA[entry.stratum]
        yield (
            family.labels(path, form.record)[lang],
            entry.value,
            " ¦ ".join(entry.raw),
            getattr(stratum, lang),
            _STATES[state][lang],
        )


def _finding(finding: Finding, lang: str) -> Sequence[str | None]:
    kind = "confirmed" if finding.confirmed else finding.severity
    return _VERDICTS[kind][lang], finding.message[lang]


def _history(
    form: CheckedForm, operations: Iterable[Operation], lang: str
) -> Iterable[Sequence[str | None]]:
    told = list(operations)
    undone = fold(told).undone
    family = family_of(form.form.family)
    labels = {
        place: family.labels(path, form.record)[lang] for path, place in places_of(form).items()
    }
    start = form.form.span.start
    by_id = {one.id: one for one in told}
    for one in told:
        about = by_id.get(one.target or "", one)
        if about.form not in (None, start):
            continue
        label = labels.get(about.place) if about.place else None
        said = BENCH[f"said_{one.act}"][lang].format(value=one.value or "")
        if one.id in undone:
            said += f" ({BENCH['said_undo'][lang]})"
        yield one.at[:19].replace("T", " "), one.person, label or about.field, said, one.id[:8]

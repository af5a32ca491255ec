"""What the terminal report and the page both ask of a checked form, before anything is drawn."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from extractor.cases import Case, Mark, Told, cases, standing, tell
from extractor.checks.explain import Drawing
from extractor.drawings import drawings
from extractor.evidence import BETWEEN_READERS, Evidence
from extractor.families import Family, family_of
from extractor.pipeline import evidence_for
from extractor.signals import why
from extractor.types import CheckedForm, Document, Entry, Finding

PROVEN = ("agreed", "closed", "moved")
"""Strata of numbers that an equality closes; a number is ``moved`` only where one does."""

_ZERO = re.compile(r"0(\.0+)?%?")
_INDEX = re.compile(r"\[\d+\]")


@dataclass
class Gathered:
    """A form with its family and its checks, sorted by what is to be done with them.

    Of the identities that hold, ``sums`` are worth drawing one by one (rates too), ``zeros`` hold
    because nothing but zeros takes part, ``rows`` hold row by row (keyed by the check without its
    row number), ``lines`` are what is left. ``broken`` are identities that fail, ``unsure`` those
    that cannot be judged; ``differing`` are fields or rows on which two readers disagree. Policies
    are ``followed`` or, where they are not, ``advice``. ``cases`` are the explanations of what
    fails and of what waits for a number that the others imply.
    """

    form: CheckedForm
    family: Family
    sums: list[Drawing] = field(default_factory=list[Drawing])
    zeros: list[Drawing] = field(default_factory=list[Drawing])
    rows: dict[str, list[Drawing]] = field(default_factory=dict[str, list[Drawing]])
    lines: list[Drawing] = field(default_factory=list[Drawing])
    broken: list[Drawing] = field(default_factory=list[Drawing])
    unsure: list[Drawing] = field(default_factory=list[Drawing])
    differing: list[Drawing] = field(default_factory=list[Drawing])
    followed: list[Drawing] = field(default_factory=list[Drawing])
    advice: list[Drawing] = field(default_factory=list[Drawing])
    cases: tuple[Case, ...] = ()

    def drawn(self, case: Case) -> list[Drawing]:
        """The checks of a case as they stand."""
        found = {drawing.check: drawing for drawing in (*self.broken, *self.unsure)}
        return [found[check] for check in case.checks if check in found]

    def tell(self, case: Case) -> Told:
        return tell(self.form, case)

    @cached_property
    def marks(self) -> dict[str, Mark]:
        """The cells of all cases; what one case names is no partner in another."""
        found: dict[str, Mark] = {}
        for case in self.cases:
            for path, mark in case.marks().items():
                if mark.kind != "partner" or path not in found:
                    found[path] = mark
        return found

    @cached_property
    def stands(self) -> set[str]:
        """The cells that print what the one suspect of a case should be."""
        return {path for case in self.cases for path in standing(self.form, case)}

    @property
    def suspected(self) -> set[str]:
        """The cells that may have to change, named alone or in a tie, and those without a value."""
        return {path for path, mark in self.marks.items() if mark.kind != "partner"}

    @property
    def waiting(self) -> list[Drawing]:
        """The identities that cannot be judged, and of which no case says more."""
        said = {check for case in self.cases for check in case.checks}
        return [drawing for drawing in self.unsure if drawing.check not in said]

    @property
    def holding(self) -> int:
        """How many identities hold, rows counted one by one."""
        each_row = sum(len(each) for each in self.rows.values())
        return len(self.sums) + len(self.zeros) + len(self.lines) + each_row

    def why(self, path: str) -> list[Mapping[str, str]]:
        """Why a person should look at a field, in Chinese and English."""
        return why(self._evidence[path])

    @cached_property
    def _evidence(self) -> Mapping[str, Evidence]:
        return evidence_for(self.form)

    @property
    def doubtful(self) -> list[Entry]:
        """The entries for a person, in page order."""
        return [entry for entry in self.form.entries.values() if entry.needs_review]

    @property
    def numbers(self) -> list[Entry]:
        """The entries that hold a number."""
        return [
            entry
            for path, entry in self.form.entries.items()
            if entry.value is not None and self.family.is_number(path)
        ]


def gather(form: CheckedForm) -> Gathered:
    """The checks of a form, sorted."""
    gathered = Gathered(form, family_of(form.form.family), cases=cases(form))
    drawn = drawings(form)
    for drawing in drawn:
        _sort(gathered, drawing)
    for finding in _undrawn(form, drawn):
        _sort(gathered, _stated(gathered.family, form, finding))
    return gathered


def _undrawn(form: CheckedForm, drawn: Iterable[Drawing]) -> list[Finding]:
    """Findings that no declared check draws, such as a number cell that holds no number."""
    known = {drawing.check for drawing in drawn}
    return [finding for finding in form.findings if finding.check not in known]


def _stated(family: Family, form: CheckedForm, finding: Finding) -> Drawing:
    """A finding that can only be said, not drawn."""
    return Drawing(
        check=finding.check,
        rule=finding.rule or "",
        verdict=finding.verdict,
        severity=finding.severity,
        title=family.labels(finding.fields[0], form.record),
        terms=(),
        implied=None,
        printed=None,
        residual=None,
        message=finding.message,
    )


def _sort(gathered: Gathered, drawing: Drawing) -> None:
    advice, verdict = drawing.severity == "advice", drawing.verdict
    if drawing.check.startswith(BETWEEN_READERS):
        gathered.differing.append(drawing)
    elif verdict == "cannot_tell":
        if not advice:
            gathered.unsure.append(drawing)
    elif verdict == "fails":
        (gathered.advice if advice else gathered.broken).append(drawing)
    elif advice:
        gathered.followed.append(drawing)
    elif is_added(drawing):
        (gathered.zeros if _is_nothing(drawing) else gathered.sums).append(drawing)
    elif _INDEX.search(drawing.check):
        gathered.rows.setdefault(_INDEX.sub("[]", drawing.check), []).append(drawing)
    else:
        gathered.lines.append(drawing)


def is_added(drawing: Drawing) -> bool:
    """Whether a check is a sum or a rate, which are worth laying out as on paper."""
    signs = {term.sign for term in drawing.terms}
    return drawing.printed is not None and bool(signs & {"+", "−", "÷"})


def _is_nothing(drawing: Drawing) -> bool:
    """Whether all the terms are zero, as in the funds rows that a body does not use."""
    texts = [term.text or "" for term in drawing.terms]
    return bool(texts) and all(_ZERO.fullmatch(text) for text in texts)


def printed(entry: Entry | None) -> str:
    """What the page prints in the place of a number or a word: its parts as they stand."""
    if entry is None:
        return ""
    return "".join(entry.raw) if entry.raw else entry.value or ""


def places(number: str) -> int:
    """Decimals of a printed number (``1,765.05`` has 2, ``98.1%`` has 1)."""
    _, point, fraction = number.partition(".")
    return len(fraction.rstrip("% ")) if point else 0


def short_labels(drawing: Drawing, lang: str) -> list[str]:
    """The labels of a drawing's terms; a part that all of them share is not said again.

    ``得分 · 党校年度培训人数`` and ``得分 · 社区党校完成培训工作`` lose their ``得分``.
    """
    labels = [term.label[lang] for term in drawing.terms]
    split = [label.split(" · ") for label in labels]
    if len(labels) < 2:
        return labels
    most = [parts for parts in split if len(parts) > 1]
    for side in (0, -1):
        shared = {parts[side] for parts in most}
        if len(shared) == 1 and len(most) > 1:
            return [_without(parts, side) for parts in split]
    return labels


def _without(parts: Sequence[str], side: int) -> str:
    if len(parts) < 2:
        return parts[0]
    return " · ".join(parts[1:] if side == 0 else parts[:-1])


def line_of(document: Document, offset: int) -> int:
    """The line of a document on which an offset stands, counted from 1."""
    return bisect_left(_newlines(document), offset) + 1


@lru_cache(maxsize=4)
def _newlines(document: Document) -> list[int]:
    return [match.start() for match in re.finditer("\n", document.text)]


@dataclass(slots=True)
class Tally:
    """Numbers by how far they are proven, and what is left for people."""

    forms: int = 0
    by_stratum: dict[str, int] = field(default_factory=dict[str, int])
    numbers: int = 0
    broken: int = 0
    doubtful: int = 0

    @property
    def proven(self) -> int:
        return sum(self.by_stratum.get(name, 0) for name in PROVEN)


def tally(forms: Iterable[Gathered]) -> Tally:
    """The figures of several forms together."""
    total = Tally()
    for gathered in forms:
        total.forms += 1
        total.broken += len(gathered.broken)
        total.doubtful += len(gathered.doubtful)
        for entry in gathered.numbers:
            total.numbers += 1
            total.by_stratum[entry.stratum] = total.by_stratum.get(entry.stratum, 0) + 1
    return total


def share(part: int, whole: int) -> str:
    """A percentage with one decimal, never rounded up: 100.0 means all of them.

    >>> share(1999, 2000), share(2000, 2000), share(0, 0)
    ('99.9', '100.0', '–')
    """
    if not whole:
        return "–"
    thousandths = part * 1000 // whole
    return f"{thousandths // 10}.{thousandths % 10}"

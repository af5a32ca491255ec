"""One checked form against its truth → the result of that form, every slip with its evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from eval.comparing import character_errors
from eval.results import Cell, DrawnSum, FormResult, Slip, Term
from eval.score import Judged, Leaves, Outcome, Score, score
from extractor.checks.explain import Drawing
from extractor.checks.explain import Term as DrawnTerm
from extractor.drawings import drawings
from extractor.evidence import BETWEEN_READERS
from extractor.families.base import Family, Field, field_of, template
from extractor.types import CheckedForm, Document, Span

_LONGEST_LINE = 400
_MOST_SUMS = 3

Evidence = Literal["all", "silent"]

Places = Mapping[str, Sequence[Span]]
"""Where the truth stands, by leaf, in offsets of the document."""


@dataclass(frozen=True)
class Case:
    """A form to be judged: what the page says, where, and what it is called in the results.

    ``about`` goes into the result as it is (layout, columns, damage, grade, rival scores).
    """

    item: str
    family: Family
    document_family: str
    truth: Leaves
    places: Places
    about: Mapping[str, str | int | float | None]


@dataclass(frozen=True)
class _Reading:
    """A reader's form as the judge asks about it; ``form`` is ``None`` where none was found."""

    document: Document
    form: CheckedForm | None

    @cached_property
    def leaves(self) -> Leaves:
        return {p: e.value for p, e in self.form.entries.items()} if self.form else {}

    @cached_property
    def named(self) -> frozenset[str]:
        """The leaves that a failing identity names."""
        if self.form is None:
            return frozenset()
        return frozenset(path for f in self.form.findings if f.is_error for path in f.fields)

    @cached_property
    def summed_columns(self) -> frozenset[str]:
        """The columns that a failing sum adds up to something outside of their table.

        What fails within a table, in one row or between two, misses no other row.
        """
        if self.form is None:
            return frozenset()
        failing = [f.fields for f in self.form.findings if f.is_error]
        sums = [fields for fields in failing if len({p.partition("[")[0] for p in fields}) > 1]
        return frozenset(template(path) for fields in sums for path in fields)

    def misses_row(self, name: str | None) -> bool:
        """Whether a person is told that a row of this name was read by one reader alone, or in the
        place of one of another name."""
        findings = self.form.findings if self.form and name else ()
        told = [
            finding.message["en"]
            for finding in findings
            if finding.check.startswith(BETWEEN_READERS) and finding.fields[0].endswith(".name")
        ]
        return any(str(name) in message for message in told)

    @cached_property
    def drawings(self) -> list[Drawing]:
        return drawings(self.form) if self.form else []

    def flags(self, path: str | None) -> bool:
        entry = self.form.entries.get(path) if self.form and path else None
        return entry is not None and entry.needs_review

    def shows(self, spans: Sequence[Span]) -> bool:
        """Whether a person who is sent to the form sees these characters marked: in a cell that
        nobody read, or as the print of an entry that is flagged."""
        return any(a < d and c < b for a, b in self._marked for c, d in spans)

    @cached_property
    def _marked(self) -> list[Span]:
        if self.form is None or self.form.state != "open":
            return []
        flagged = [span for e in self.form.entries.values() if e.needs_review for span in e.spans]
        return [*self.form.unread, *flagged]


def judge(
    case: Case,
    document: Document,
    form: CheckedForm | None,
    seconds: float,
    evidence: Evidence = "all",
    tell: Callable[[str, Cell], None] | None = None,
) -> FormResult:
    """Scores one form; ``tell`` receives the counts by field (a template path and its cell).

    ``evidence``: which slips are kept with their source line and sums.
    """
    reading = _Reading(document, form)
    told = score(case.family, case.truth, reading.leaves)
    slips = [_slip(case, reading, leaf, evidence) for leaf in told.wrong]
    if tell is not None:
        for path, cell in _cells(told, slips).items():
            tell(path, cell)
    silent: Counter[Field] = Counter()
    silent.update(_field(case.family, slip.path) for slip in slips if not slip.flagged)
    return FormResult(
        item=case.item,
        family=case.family.name,
        document_family=case.document_family,
        found=form is not None,
        clear=form is not None and form.state == "clear",
        exact=not slips,
        counts=_counts(case.family, told),
        silent=dict(silent),
        noticed=sum(slip.noticed for slip in slips if case.family.is_number(slip.path)),
        entries=len(form.entries) if form else 0,
        flagged=sum(e.needs_review for e in form.entries.values()) if form else 0,
        rows=told.rows,
        character_errors=_prose(case.family, told),
        seconds=round(seconds, 6),
        slips=slips,
        **dict(case.about),  # type: ignore[arg-type]
    )


def _field(family: Family, path: str) -> Field:
    return field_of(family.kind(path))


def _counts(family: Family, told: Score) -> dict[Field, dict[Outcome, int]]:
    found: dict[Field, Counter[Outcome]] = defaultdict(Counter)
    for leaf in told.leaves:
        found[_field(family, leaf.path)][leaf.outcome] += 1
    return {field: dict(counts) for field, counts in found.items()}


def _cells(told: Score, slips: Sequence[Slip]) -> dict[str, Cell]:
    silent = {(slip.path, slip.outcome) for slip in slips if not slip.flagged}
    cells: dict[str, Cell] = defaultdict(Cell)
    for leaf in told.leaves:
        if leaf.outcome != "correct_blank":
            cell = cells[template(leaf.path)]
            cell.judged += 1
            cell.right += leaf.is_right
            cell.silent += (leaf.path, leaf.outcome) in silent
    return cells


def _prose(family: Family, told: Score) -> tuple[int, int]:
    edits = characters = 0
    for leaf in told.leaves:
        if family.kind(leaf.path) == "prose" and (leaf.truth or leaf.read) is not None:
            found = character_errors(leaf.truth or "", leaf.read or "")
            edits, characters = edits + found[0], characters + found[1]
    return edits, characters


def _slip(case: Case, reading: _Reading, leaf: Judged, wanted: Evidence) -> Slip:
    places = () if leaf.truth is None else case.places.get(leaf.path, ())
    flagged = _flagged(case, reading, leaf, places)
    evidence = wanted == "all" or not flagged
    line, mark = _source(case, reading, leaf) if evidence else (None, None)
    sums = [_drawn(d) for d in _with(reading, leaf.read_path)] if evidence else []
    lost = template(leaf.path) if leaf.read_path is None else None
    noticed = leaf.read_path in reading.named or lost in reading.summed_columns
    return Slip(
        path=leaf.path,
        kind=case.family.kind(leaf.path),
        outcome=leaf.outcome,
        truth=leaf.truth,
        read=leaf.read,
        belongs=leaf.belongs,
        read_path=leaf.read_path,
        row=_row_name(case, reading, leaf),
        flagged=flagged,
        noticed=noticed,
        line=line,
        mark=mark,
        sums=sums,
    )


def _row_name(case: Case, reading: _Reading, leaf: Judged) -> str | None:
    """What the row of a leaf is called: in the truth, or in the reading where it is a surplus."""
    branch = leaf.path.rpartition(".")[0]
    leaves = reading.leaves if leaf.outcome == "spurious" else case.truth
    return leaves.get(f"{branch}.name") or leaves.get(f"{branch}.level1")


def _flagged(case: Case, reading: _Reading, leaf: Judged, places: Sequence[Span]) -> bool:
    """Whether a person is led to a leaf: to its entry, to the characters that nobody read, or,
    where its row was lost, to another cell of the row or to a sum of it that does not come out.

    A level is no sign of a row, because its cell stands for others too.
    """
    if reading.flags(leaf.read_path) or reading.shows(places):
        return True
    if leaf.read_path is not None:
        return False
    branch = _branch(leaf.path)
    if reading.misses_row(case.truth.get(f"{branch}.name")):
        return True
    row = [p for p, value in case.truth.items() if value is not None and _branch(p) == branch]
    cells = [span for p in row if case.family.kind(p) != "level" for span in case.places.get(p, ())]
    return reading.shows(cells) or any(template(p) in reading.summed_columns for p in row)


def _branch(path: str) -> str:
    return path.rpartition(".")[0]


def _source(
    case: Case, reading: _Reading, leaf: Judged
) -> tuple[str | None, tuple[int, int] | None]:
    """The line in which a leaf stands and the characters of it, cut to a readable length."""
    spans = list(case.places.get(leaf.path, ())) if leaf.truth is not None else []
    entry = reading.form.entries.get(leaf.read_path or "") if reading.form else None
    spans += entry.spans if entry and not spans else ()
    if not spans:
        return None, None
    text, (start, end) = reading.document.text, spans[0]
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    begin = max(begin, start - _LONGEST_LINE // 2)
    stop = min(stop, begin + _LONGEST_LINE)
    return text[begin:stop], (start - begin, min(end, stop) - begin)


def _with(reading: _Reading, path: str | None) -> list[Drawing]:
    """The identities in which a leaf takes part, failing ones first."""
    mine = [
        drawing
        for drawing in reading.drawings
        if drawing.severity == "error"
        and path in {term.path for term in (*drawing.terms, *filter(None, (drawing.printed,)))}
    ]
    return sorted(mine, key=lambda drawing: drawing.verdict != "fails")[:_MOST_SUMS]


def _drawn(drawing: Drawing) -> DrawnSum:
    return DrawnSum(
        title=dict(drawing.title),
        rule=drawing.rule,
        verdict=drawing.verdict,
        terms=[_term(term) for term in drawing.terms],
        printed=_term(drawing.printed) if drawing.printed else None,
        implied=drawing.implied,
        residual=drawing.residual,
    )


def _term(term: DrawnTerm) -> Term:
    return Term(sign=term.sign, label=dict(term.label), value=term.text, path=term.path)

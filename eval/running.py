"""Runs of a reader over a set: gold forms, or generated ones, scored form by form."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from eval.detection_report import detection_of
from eval.goldset import DOCUMENTS, SHIPPED, GoldItem, document_of, load
from eval.judging import Case, judge
from eval.labels import Labels
from eval.metrics import metrics, slices
from eval.pages import Page, Spec, page, plan
from eval.results import Cell, FormResult, Run
from eval.rivals import anls_star, donut_f1
from eval.score import Leaves
from extractor.bulk import Way, check
from extractor.errors import ReadingError
from extractor.families import family_of
from extractor.pipeline import CHECK_SET, read_document
from extractor.sources import Found, walk
from extractor.types import CheckedDocument, CheckedForm, Document, Span, reader_of
from extractor.workers import NOT_TO_BLAME, Outcome

GENERATED = "generated"
_CHUNK = 25

Cells = dict[str, dict[str, Cell]]
"""Leaves by layout and field."""

Texts = Callable[[GoldItem], Document]
"""The document that an item is about."""

_Read = tuple[CheckedDocument, str | None, float]
"""A document as read, the error of a reader that gave up, and the seconds that it took."""


@dataclass
class _Found:
    """What was found: results in their order, leaves by layout, and fields whose truth is known."""

    forms: list[FormResult] = field(default_factory=list[FormResult])
    cells: Cells = field(default_factory=dict[str, dict[str, Cell]])
    labels: Labels = field(default_factory=Labels)

    def note(self, form: CheckedForm | None, result: FormResult) -> FormResult:
        """Keeps the result of a form that was judged, and what its evidence was worth."""
        self.forms.append(result)
        self.labels.note_form(form, result)
        return result

    def add(self, more: _Found) -> None:
        """Keeps what others found as well."""
        self.forms += more.forms
        self.labels.add(more.labels)
        for layout, fields in more.cells.items():
            tell = self.teller(layout)
            for name, cell in fields.items():
                tell(name, cell)

    def teller(self, layout: str) -> Callable[[str, Cell], None]:
        """Adds the counts of a form's fields to those of its layout."""
        mine = self.cells.setdefault(layout, {})
        return lambda name, counted: _sum(mine.setdefault(name, Cell()), counted)


def _sum(into: Cell, more: Cell) -> None:
    into.judged += more.judged
    into.right += more.right
    into.silent += more.silent


def run_generated(count: int, seed: int, jobs: int = 1, name: str = GENERATED) -> Run:
    """Reads and scores so many generated pages."""
    return read_generated(count, seed, jobs, name)[0]


def read_generated(
    count: int, seed: int, jobs: int = 1, name: str = GENERATED
) -> tuple[Run, Labels]:
    """The same, with every field whose truth is known by its evidence."""
    return _read_specs(plan(count, seed), seed, jobs, name)


def run_specs(specs: Sequence[Spec], seed: int, jobs: int = 1, name: str = GENERATED) -> Run:
    """Reads and scores the pages of some specs, in their order."""
    return _read_specs(specs, seed, jobs, name)[0]


def _read_specs(specs: Sequence[Spec], seed: int, jobs: int, name: str) -> tuple[Run, Labels]:
    started = time.perf_counter()
    chunks = [specs[i : i + _CHUNK] for i in range(0, len(specs), _CHUNK)]
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            told = list(pool.map(_read_chunk, chunks))
    else:
        told = [_read_chunk(chunk) for chunk in chunks]
    found = _Found()
    for mine in told:
        found.add(mine)
    return _run(name, found, started, generated=True, seed=seed), found.labels


def _read_chunk(specs: Sequence[Spec]) -> _Found:
    found = _Found()
    for spec in specs:
        _read_page(page(spec), found)
    return found


def _read_page(made: Page, found: _Found) -> None:
    document = Document(GENERATED, f"{made.spec.name}.md", made.text, made.spec.name)
    checked, failed, seconds = _read(document)
    form = nearest(checked, Span(0, len(made.text)), made.family)
    more = surplus(checked, [Span(0, len(made.text))], [form])
    about = {**made.spec._asdict(), "failed": failed, "surplus": more}
    family_name = f"drawn-{about.pop('seed')}"
    family = family_of(made.family)
    case = Case(made.spec.name, family, family_name, made.truth, made.places, about)
    tell = found.teller(made.spec.layout)
    found.note(form, judge(case, document, form, seconds, "silent", tell))


def _read(document: Document) -> _Read:
    """The document as read; a crash costs this page and is told, not the run."""
    started = time.perf_counter()
    try:
        checked, failed = read_document(document), None
    except Exception as error:
        checked, failed = CheckedDocument(document), f"{type(error).__name__}: {error}"
    return checked, failed, time.perf_counter() - started


def nearest(checked: CheckedDocument, span: Span, family: str) -> CheckedForm | None:
    """The form of a family that covers most of a span."""
    shared = [
        (min(form.form.span.end, span.end) - max(form.form.span.start, span.start), -index, form)
        for index, form in enumerate(checked.forms)
        if form.form.family == family
    ]
    best = max(shared, key=lambda one: one[:2], default=None)
    return best[2] if best and best[0] > 0 else None


def surplus(
    checked: CheckedDocument, spans: Sequence[Span], meant: Sequence[CheckedForm | None]
) -> int:
    """How many forms a reader found where the truth has others: parts of one, or made up."""
    taken = {form.form.span for form in meant if form}
    return sum(
        form.form.span not in taken
        and any(form.form.span.start < end and start < form.form.span.end for start, end in spans)
        for form in checked.forms
    )


def run_set(folder: Path | None = None, name: str | None = None) -> Run:
    """Reads and scores the set in a folder, the one that comes along by default."""
    return read_set(folder, name)[0]


def read_set(
    folder: Path | None = None, name: str | None = None, way: Way | None = None
) -> tuple[Run, Labels]:
    """The same, with every field whose truth is known by its evidence.

    ``way`` reads the documents in another way than with the table reader. What it fails on counts
    as not found; raises :class:`ReadingError` where nobody was there to be asked.
    """
    where = folder or SHIPPED
    items = load(where)
    name = name or where.resolve().name
    if way is None:
        return _read_gold(items, lambda item: _read(document_of(where, item)), name)
    first = {item.document: item for item in reversed(items)}
    documents = {path: document_of(where, item) for path, item in first.items()}
    started = time.perf_counter()
    read = _read_by(way, documents_of(where), documents)
    who = f"{way.reader}:{way.model}" if way.model else way.reader
    return _read_gold(items, lambda item: read[item.document], name, who, started)


def documents_of(folder: Path | None = None) -> list[Found]:
    """The files of a set's documents that items are about."""
    where = folder or SHIPPED
    wanted = {item.document for item in load(where)}
    return [found for found in walk([where / DOCUMENTS]) if found.path in wanted]


def _read_by(
    way: Way, files: Sequence[Found], documents: Mapping[str, Document]
) -> dict[str, _Read]:
    """The documents as read in some way, by their paths; the time of all is shared equally."""
    started = time.perf_counter()
    told: dict[str, Outcome] = {}
    check(files, way=way, told=lambda outcome, usage: told.update({outcome.found.path: outcome}))
    seconds = (time.perf_counter() - started) / len(documents)
    _reached_the_end(list(told.values()), len(files))
    # Of files with the same bytes only one is read.
    by_bytes = {one.sha256: one for one in told.values() if one.checked or one.failure}
    found: dict[str, _Read] = {}
    for path, document in documents.items():
        outcome = by_bytes.get(told[path].sha256) if path in told else None
        checked = outcome.checked if outcome else None
        failed = outcome.failure.message["en"] if outcome and outcome.failure else None
        if checked is None:
            checked, failed = CheckedDocument(document), failed or "was not read"
        found[path] = checked, failed, seconds
    return found


def _reached_the_end(told: Sequence[Outcome], files: int) -> None:
    """Raises :class:`ReadingError` where nobody could be asked: that measures no reader."""
    failures = [one.failure for one in told if one.failure]
    is_dead = len(failures) == files and all(one.code in NOT_TO_BLAME for one in failures)
    if failures and (is_dead or len(told) < files or any(one.fate == "left" for one in told)):
        raise ReadingError(failures[-1].code, failures[-1].message)


def run_gold(items: Sequence[GoldItem], texts: Texts, name: str = "gold") -> Run:
    """Reads every document of a gold set once and scores its forms."""
    return _read_gold(items, lambda item: _read(texts(item)), name)[0]


def _read_gold(
    items: Sequence[GoldItem],
    reads: Callable[[GoldItem], _Read],
    name: str,
    reader: str = "table",
    started: float | None = None,
) -> tuple[Run, Labels]:
    started = time.perf_counter() if started is None else started
    found = _Found()
    asked: str | None = None
    for wanted in _by_document(items):
        checked, failed, seconds = reads(wanted[0])
        asked = asked or next((reader_of(one) for one in checked.forms if one.origin), None)
        share = seconds / len(wanted)
        meant = [nearest(checked, Span(*item.span), item.family) for item in wanted]
        results = [
            _gold_form(item, checked, form, failed, share, found)
            for item, form in zip(wanted, meant, strict=True)
        ]
        results[0].surplus = surplus(checked, [Span(*item.span) for item in wanted], meant)
    made = any(item.made_from == "generated" for item in items)
    run = _run(name, found, started, generated=made, reader=asked or reader)
    return run, found.labels


def _by_document(items: Iterable[GoldItem]) -> Iterable[list[GoldItem]]:
    wanted: dict[str, list[GoldItem]] = defaultdict(list)
    for item in items:
        wanted[item.document].append(item)
    return wanted.values()


def _gold_form(
    item: GoldItem,
    checked: CheckedDocument,
    form: CheckedForm | None,
    failed: str | None,
    seconds: float,
    found: _Found,
) -> FormResult:
    family = family_of(item.family)
    truth = item.values()
    read = {path: entry.value for path, entry in form.entries.items()} if form else {}
    about = {
        **item.printed_as,
        "failed": failed,
        **(_anchors(truth, read) if item.made_from != "generated" else {}),
    }
    places = {path: [Span(*span) for span in leaf.spans] for path, leaf in item.leaves.items()}
    case = Case(item.id, family, item.document_family, truth, places, about)
    layout = str(about.get("layout") or checked.document.path.rpartition(".")[2])
    tell = found.teller(layout)
    return found.note(form, judge(case, checked.document, form, seconds, "all", tell))


def _anchors(truth: Leaves, read: Leaves) -> dict[str, float]:
    """The rivals' scores of a real form; a third of a second, too long for thousands of pages."""
    return {"anls": anls_star(truth, read), "donut": donut_f1(truth, read)}


def _run(
    name: str,
    found: _Found,
    started: float,
    *,
    generated: bool,
    seed: int | None = None,
    reader: str = "table",
) -> Run:
    return Run(
        name=name,
        generated=generated,
        seed=seed,
        reader=reader,
        check_set=CHECK_SET,
        crossfoot=version("crossfoot"),
        python=python_version(),
        seconds=round(time.perf_counter() - started, 3),
        families=len({form.document_family for form in found.forms}),
        metrics=metrics(found.forms),
        slices=slices(found.forms),
        cells=found.cells,
        forms=found.forms,
        detection=detection_of(found.labels),
    )

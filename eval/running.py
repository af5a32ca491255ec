"""Runs of a reader over a set: gold forms, or generated ones, scored form by form."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from eval.goldset import SHIPPED, GoldItem, document_of, load
from eval.judging import Case, judge
from eval.metrics import metrics
from eval.pages import Page, Spec, page, plan
from eval.results import Cell, Estimate, FormResult, Run
from eval.rivals import anls_star, donut_f1
from eval.score import Leaves
from extractor.families import family_of
from extractor.pipeline import CHECK_SET, read_document
from extractor.types import CheckedDocument, CheckedForm, Document, Span

GENERATED = "generated"
_CHUNK = 25

Cells = dict[str, dict[str, Cell]]
"""Leaves by layout and field."""

Texts = Callable[[GoldItem], Document]
"""The document that an item is about."""


def run_generated(count: int, seed: int, jobs: int = 1, name: str = GENERATED) -> Run:
    """Reads and scores so many generated pages."""
    return run_specs(plan(count, seed), seed, jobs, name)


def run_specs(specs: Sequence[Spec], seed: int, jobs: int = 1, name: str = GENERATED) -> Run:
    """Reads and scores the pages of some specs, in their order."""
    started = time.perf_counter()
    chunks = [specs[i : i + _CHUNK] for i in range(0, len(specs), _CHUNK)]
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            told = list(pool.map(_read_chunk, chunks))
    else:
        told = [_read_chunk(chunk) for chunk in chunks]
    cells: Cells = {}
    for _, found in told:
        _add(cells, found)
    forms = [form for mine, _ in told for form in mine]
    return _run(name, forms, cells, started, generated=True, seed=seed)


def _read_chunk(specs: Sequence[Spec]) -> tuple[list[FormResult], Cells]:
    cells: Cells = {}
    return [_read_page(page(spec), cells) for spec in specs], cells


def _read_page(made: Page, cells: Cells) -> FormResult:
    document = Document(GENERATED, f"{made.spec.name}.md", made.text, made.spec.name)
    started = time.perf_counter()
    checked, failed = _read(document)
    seconds = time.perf_counter() - started
    form = nearest(checked, Span(0, len(made.text)), made.family)
    more = surplus(checked, [Span(0, len(made.text))], [form])
    about = {**made.spec._asdict(), "failed": failed, "surplus": more}
    family_name = f"drawn-{about.pop('seed')}"
    family = family_of(made.family)
    case = Case(made.spec.name, family, family_name, made.truth, made.places, about)
    return judge(case, document, form, seconds, "silent", _teller(cells, made.spec.layout))


def _read(document: Document) -> tuple[CheckedDocument, str | None]:
    """The document as read; a crash costs this page and is told, not the run."""
    try:
        return read_document(document), None
    except Exception as error:
        return CheckedDocument(document), f"{type(error).__name__}: {error}"


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
    where = folder or SHIPPED
    return run_gold(
        load(where), lambda item: document_of(where, item), name or where.resolve().name
    )


def run_gold(items: Sequence[GoldItem], texts: Texts, name: str = "gold") -> Run:
    """Reads every document of a gold set once and scores its forms."""
    started = time.perf_counter()
    cells: Cells = {}
    forms: list[FormResult] = []
    for document, wanted in _by_document(items, texts):
        begun = time.perf_counter()
        checked, failed = _read(document)
        seconds = (time.perf_counter() - begun) / len(wanted)
        results = [_gold_form(item, checked, failed, seconds, cells) for item in wanted]
        meant = [nearest(checked, Span(*item.span), item.family) for item in wanted]
        results[0].surplus = surplus(checked, [Span(*item.span) for item in wanted], meant)
        forms += results
    made = any(item.made_from == "generated" for item in items)
    return _run(name, forms, cells, started, generated=made)


def _by_document(
    items: Iterable[GoldItem], texts: Texts
) -> Iterator[tuple[Document, list[GoldItem]]]:
    wanted: dict[str, list[GoldItem]] = defaultdict(list)
    for item in items:
        wanted[item.document].append(item)
    for mine in wanted.values():
        yield texts(mine[0]), mine


def _gold_form(
    item: GoldItem, checked: CheckedDocument, failed: str | None, seconds: float, cells: Cells
) -> FormResult:
    family = family_of(item.family)
    truth = item.values()
    form = nearest(checked, Span(*item.span), item.family)
    read = {path: entry.value for path, entry in form.entries.items()} if form else {}
    about = {
        **item.printed_as,
        "failed": failed,
        **(_anchors(truth, read) if item.made_from != "generated" else {}),
    }
    places = {path: [Span(*span) for span in leaf.spans] for path, leaf in item.leaves.items()}
    case = Case(item.id, family, item.document_family, truth, places, about)
    layout = str(about.get("layout") or checked.document.path.rpartition(".")[2])
    tell = _teller(cells, layout)
    return judge(case, checked.document, form, seconds, "all", tell)


def _anchors(truth: Leaves, read: Leaves) -> dict[str, float]:
    """The rivals' scores of a real form; a third of a second, too long for thousands of pages."""
    return {"anls": anls_star(truth, read), "donut": donut_f1(truth, read)}


def _teller(cells: Cells, layout: str) -> Callable[[str, Cell], None]:
    """Adds the counts of a form's fields to those of its layout."""
    mine = cells.setdefault(layout, {})
    return lambda field, counted: _sum(mine.setdefault(field, Cell()), counted)


def _sum(into: Cell, more: Cell) -> None:
    into.judged += more.judged
    into.right += more.right
    into.silent += more.silent


def _add(into: Cells, more: Cells) -> None:
    for layout, fields in more.items():
        mine = into.setdefault(layout, {})
        for field, cell in fields.items():
            _sum(mine.setdefault(field, Cell()), cell)


def _run(
    name: str,
    forms: list[FormResult],
    cells: Cells,
    started: float,
    *,
    generated: bool,
    seed: int | None = None,
) -> Run:
    return Run(
        name=name,
        generated=generated,
        seed=seed,
        reader="table",
        check_set=CHECK_SET,
        crossfoot=version("crossfoot"),
        python=python_version(),
        seconds=round(time.perf_counter() - started, 3),
        families=len({form.document_family for form in forms}),
        metrics=metrics(forms),
        slices=_slices(forms),
        cells=cells,
        forms=forms,
    )


def _slices(forms: Sequence[FormResult]) -> dict[str, dict[str, Estimate]]:
    """The figures of the forms of one layout, one column set, one damage in one grade."""
    parts: dict[str, list[FormResult]] = defaultdict(list)
    for form in forms:
        noise = "noisy" if form.damage else "clean"
        if form.layout:
            parts[noise].append(form)
            parts[f"layout={form.layout}/{noise}"].append(form)
            parts[f"layout={form.layout}/{form.grade}"].append(form)
        if form.columns:
            parts[f"columns={form.columns}/{noise}"].append(form)
        if form.damage:
            parts[f"damage={form.damage}/{form.grade}"].append(form)
    return {name: metrics(mine, intervals=False) for name, mine in sorted(parts.items())}

"""The frozen set of the gate, and what a reader makes of it, in figures.

``gold``    the set that comes along, through the table reader
``pages``   generated pages, clean and damaged, through the table reader
``double``  damaged generated pages through two readers, the second a simulated model

The seeds are fixed here; nothing but a change of this code, of the gold set, or of how pages are
made leads to another set.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from eval import running
from eval.detection import auroc, brier, with_value
from eval.double_entry import Reader, Trial, damaged_specs
from eval.fitting import can_learn, out_of_fold
from eval.goldset import load
from eval.labels import Labels
from eval.loopback.errors_of_reading import Errors
from eval.metrics import NUMBERS, judged
from eval.pages import Page, Spec, page, plan
from eval.results import FormResult
from eval.running import surplus
from eval.score import RIGHT, Leaves
from extractor.families.base import FIELDS, Field
from extractor.types import CheckedDocument, Span

Part = Literal["gold", "pages", "double"]
READERS: dict[Part, Reader] = {"pages": "table", "double": "both"}
PAGES, DOUBLE = 240, 60
_SEED = 11
_ERRORS = Errors(0.02, 0.5, _SEED)
_CHUNK = 20

COUNTS = (
    "forms", "not_found", "failed", "surplus", "exact", "rows_right",
    *(f"{what}.{class_}" for what in ("judged", "wrong", "silent") for class_ in FIELDS),
    "noticed", "unnoticed", "entries", "flagged",
)  # fmt: skip
QUALITY = ("auroc", "auroc_with_value", "brier")
"""How well doubts tell wrong fields from right ones; not told of the gold set, which has no errors
to learn from."""


class Measured(BaseModel):
    """The figures of one part; ``set`` names its texts and truths.

    Counts are whole numbers; those of :data:`QUALITY` are shares, ``None`` where there are too few
    errors to tell.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    set: str
    figures: dict[str, int | float | None]


def figures_of(part: Part) -> tuple[str, ...]:
    """The names of the figures of a part, in the order in which they are told."""
    return COUNTS if part == "gold" else COUNTS + QUALITY


@dataclass
class _Sum:
    """What was found in some forms, in their order."""

    prints: list[str] = field(default_factory=list[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    labels: Labels = field(default_factory=Labels)

    def add(self, more: _Sum) -> None:
        self.prints += more.prints
        self.counts.update(more.counts)
        self.labels.add(more.labels)


class _Task(NamedTuple):
    part: Part
    specs: tuple[Spec, ...] = ()


def measure(jobs: int, pages: int = PAGES, double: int = DOUBLE) -> dict[Part, Measured]:
    """Reads the set in ``jobs`` processes; fewer pages than the frozen set has are for trying."""
    tasks = [_Task("gold"), *_tasks("pages", plan(pages, _SEED))]
    tasks += _tasks("double", list(islice(damaged_specs(_SEED), double)))
    found: dict[Part, _Sum] = {}
    for task, told in zip(tasks, _told(tasks, jobs), strict=True):
        found.setdefault(task.part, _Sum()).add(told)
    return {part: _measured(part, sum_) for part, sum_ in found.items()}


def _tasks(part: Part, specs: Sequence[Spec]) -> Iterator[_Task]:
    for start in range(0, len(specs), _CHUNK):
        yield _Task(part, tuple(specs[start : start + _CHUNK]))


def _told(tasks: Sequence[_Task], jobs: int) -> list[_Sum]:
    if jobs == 1:
        return [_done(task) for task in tasks]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_done, tasks))


def _done(task: _Task) -> _Sum:
    return _gold() if task.part == "gold" else _generated(task.specs, READERS[task.part])


def _gold() -> _Sum:
    found = _Sum([_print(item.text_sha256, item.values()) for item in load()])
    for result in running.run_set().forms:
        found.counts.update(_counted(result))
    return found


def _generated(specs: Iterable[Spec], reader: Reader) -> _Sum:
    found = _Sum()
    for spec in specs:
        made = page(spec)
        found.prints.append(_print(made.text, made.truth))
        found.counts.update(_counted(_read(made, reader, found.labels)))
    return found


def _read(made: Page, reader: Reader, labels: Labels) -> FormResult:
    """What became of a page, its fields noted; a crash costs this page, not the run."""
    trial, failed = Trial(made), None
    try:
        checked = trial.checked(reader, _ERRORS)
    except Exception as error:
        checked, failed = CheckedDocument(trial.document), type(error).__name__
    form = trial.form(checked)
    result = trial.judged(form)
    result.failed, result.surplus = failed, surplus(checked, [Span(0, len(made.text))], [form])
    labels.note_form(form, result)
    return result


def _print(text: str, truth: Leaves) -> str:
    """A form and its truth as a hash."""
    told = json.dumps([text, truth], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _counted(result: FormResult) -> dict[str, int]:
    """What one form adds to :data:`COUNTS`. ``unnoticed`` are wrong numbers that no failing check
    names: where fewer are wrong, fewer are noticed, and that is no loss."""
    wrong = {class_: _wrong(result, class_) for class_ in FIELDS}
    return {
        "forms": 1,
        "not_found": int(not result.found),
        "failed": int(result.failed is not None),
        "surplus": result.surplus,
        "exact": int(result.exact),
        "rows_right": result.rows[0],
        **{f"judged.{class_}": judged(result, (class_,)) for class_ in FIELDS},
        **{f"wrong.{class_}": count for class_, count in wrong.items()},
        **{f"silent.{class_}": result.silent.get(class_, 0) for class_ in FIELDS},
        "noticed": result.noticed,
        "unnoticed": sum(wrong[class_] for class_ in NUMBERS) - result.noticed,
        "entries": result.entries,
        "flagged": result.flagged,
    }


def _wrong(result: FormResult, class_: Field) -> int:
    outcomes = result.counts.get(class_, {}).items()
    return sum(count for outcome, count in outcomes if outcome not in RIGHT)


def _measured(part: Part, found: _Sum) -> Measured:
    figures = {**found.counts, **_quality(found.labels)}
    digest = hashlib.sha256("".join(found.prints).encode()).hexdigest()
    return Measured(set=digest[:16], figures={name: figures[name] for name in figures_of(part)})


def _quality(labels: Labels) -> dict[str, float | None]:
    rated = out_of_fold(labels) if can_learn(labels) else []
    return {
        "auroc": auroc(rated),
        "auroc_with_value": auroc(with_value(rated)),
        "brier": brier(rated),
    }

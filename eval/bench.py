"""How fast: forms per second from text to archive, beside a baseline written by hand.

``python -m eval.bench`` runs on one core. The sample documents are replayed with a serial number in
every name, goal and note, so that each document has its own hash and no cell of text comes twice;
numbers and labels come again, as they do in a real archive. Crossfoot and :mod:`eval.baseline`
take turns on the same documents and medians are told. Then one archive grows to 20,000 forms.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

from eval import baseline
from eval.figures import Figures
from eval.truth import checked_documents, family
from extractor.bulk import seldom_collecting
from extractor.families import family_of
from extractor.grid import rows
from extractor.pipeline import CHECK_SET, check_form, read_document
from extractor.readers.table import read_table
from extractor.segment import segment
from extractor.store import Store
from extractor.types import CheckedDocument, Document, Form

LEAST_PER_SECOND = 200.0
MOST_TIMES_BASELINE = 10.0
MOST_GROWTH = 1.5
"""How many times the cost of the first thousand forms a later form may cost."""

STEPS = (100, 1_000, 5_000, 20_000)
ROUNDS, WARM_UP, REPLAYS = 80, 4, 2
"""Rounds of A and B, those before that do not count, and replays of the four samples a turn."""

STAGES: tuple[str, ...] = ("grid", "segment", "read", "check", "store")
_SERIALS = ("name", "prose")


class Turn(NamedTuple):
    """Seconds of the clock and of the core's work for so many forms.

    On an idle machine the two agree; what other programs take of the core is only in the first.
    """

    wall: float
    cpu: float
    forms: int


class Turns(NamedTuple):
    """What both sides took on the same documents, round by round."""

    ours: list[Turn]
    theirs: list[Turn]


# Documents


@lru_cache(maxsize=1)
def _marks() -> tuple[tuple[Document, tuple[int, ...]], ...]:
    """Each sample document with the offsets where a serial number goes."""
    return tuple((checked.document, _places(checked)) for checked in checked_documents())


def _places(checked: CheckedDocument) -> tuple[int, ...]:
    text = checked.document.text
    found: set[int] = set()
    for form in checked.forms:
        for path, entry in form.entries.items():
            if family(form).kind(path) in _SERIALS and entry.spans:
                start, end = entry.spans[0]
                place = next(
                    (at for at in range(start + 1, end) if _is_chinese(text[at - 1 : at + 1])), None
                )
                found |= {place} if place is not None else set()
    return tuple(sorted(found))


def _is_chinese(pair: str) -> bool:
    return all("一" <= character <= "龥" for character in pair)


def replayed(serial: int) -> list[Document]:
    """The sample documents once more, under names and with goals of their own."""
    made: list[Document] = []
    for document, places in _marks():
        pieces = [document.text[a:b] for a, b in zip((0, *places), (*places, None), strict=True)]
        text = str(serial).join(pieces)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        made.append(Document("bench", f"{serial:05}/{document.path}", text, sha256))
    return made


# Both sides


def _keep(store: Store, batch: int, document: Document) -> int:
    """Text → archive by Crossfoot; the number of forms."""
    checked = read_document(document)
    store.save(batch, checked)
    return len(checked.forms)


def _keep_by_hand(archive: baseline.Archive, document: Document) -> int:
    """Text → SQLite by the baseline; the number of forms."""
    forms = baseline.read(document.text)
    archive.save(document.path, forms)
    return len(forms)


def _timed(work: Callable[[], int]) -> Turn:
    wall, cpu = time.perf_counter(), time.process_time()
    forms = work()
    return Turn(time.perf_counter() - wall, time.process_time() - cpu, forms)


def take_turns(rounds: int) -> Turns:
    """A, B, A, B … on documents that neither has seen, both into an archive that stays open.

    Turns are short, so that what else the machine does falls on both; the first rounds warm up.
    The garbage collector runs as seldom as in an ingest, for both.
    """
    turns = Turns([], [])
    with (
        seldom_collecting(),
        tempfile.TemporaryDirectory() as name,
        Store.open(Path(name) / "ours.db") as store,
    ):
        archive = baseline.Archive(Path(name) / "theirs.db")
        batch = store.start_batch("table", CHECK_SET)
        for number in range(-WARM_UP, rounds):
            given = [d for i in range(REPLAYS) for d in replayed((number + WARM_UP) * REPLAYS + i)]
            gc.collect()
            one = _timed(lambda given=given: sum(_keep(store, batch, d) for d in given))
            other = _timed(lambda given=given: sum(_keep_by_hand(archive, d) for d in given))
            if number >= 0:
                turns.ours.append(one)
                turns.theirs.append(other)
        archive.close()
        store.finish_batch(batch, {})
    return turns


# Stages


def stages(replays: int) -> dict[str, float]:
    """Milliseconds a form in each stage; grid is the rows of the whole document, the reader cuts
    the form's own rows once more.
    """
    spent = dict.fromkeys(STAGES, 0.0)
    forms = 0
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "stages.db") as store:
        batch = store.start_batch("table", CHECK_SET)
        for serial in range(1, replays + 1):
            for document in replayed(50_000 + serial):
                forms += _stage(document, store, batch, spent)
        store.finish_batch(batch, {})
    return {stage: round(1000 * seconds / forms, 3) for stage, seconds in spent.items()}


def _stage(document: Document, store: Store, batch: int, spent: dict[str, float]) -> int:
    """The steps of the pipeline one by one, their seconds added to ``spent``."""
    clock = time.process_time
    text = document.text
    times = [clock()]
    grid = rows(text)
    times.append(clock())
    starts, _ = segment(text, grid)
    times.append(clock())
    named = [(start, family_of(start.family)) for start in starts if start.family]
    slices = [text[start.span.start : start.span.end] for start, _ in named]
    readings = [read_table(piece, kind) for piece, (_, kind) in zip(slices, named, strict=True)]
    times.append(clock())
    forms = [
        check_form(Form(kind.name, start.span, index, start.title), kind, piece, reading)
        for index, ((start, kind), piece, reading) in enumerate(
            zip(named, slices, readings, strict=True)
        )
    ]
    times.append(clock())
    store.save(batch, CheckedDocument(document, tuple(forms), titles=len(forms)))
    times.append(clock())
    for stage, begun, ended in zip(spent, times, times[1:], strict=False):
        spent[stage] += ended - begun
    return len(forms)


# One growing archive


def grow(steps: Sequence[int]) -> Iterator[tuple[int, float, float]]:
    """``(forms so far, milliseconds a form, the same by the process's own clock)``.

    Each figure is of the forms since the step before; the documents are made outside the clock.
    """
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "grown.db") as store:
        batch = store.start_batch("table", CHECK_SET)
        forms, serial = 0, 100_000
        for step in steps:
            wall = cpu = 0.0
            before = forms
            while forms < step:
                serial += 1
                given = replayed(serial)
                turn = _timed(lambda given=given: sum(_keep(store, batch, d) for d in given))
                wall, cpu, forms = wall + turn.wall, cpu + turn.cpu, forms + turn.forms
            yield forms, 1000 * wall / (forms - before), 1000 * cpu / (forms - before)
        store.finish_batch(batch, {"forms": forms})


# The figures


def _tell_turns(figures: Figures, turns: Turns) -> None:
    per_second, by_clock = (
        median(turn.forms / seconds(turn) for turn in turns.ours) for seconds in (_cpu, _wall)
    )
    by_hand = median(turn.forms / turn.cpu for turn in turns.theirs)
    ratio = median(
        (a.cpu / a.forms) / (b.cpu / b.forms) for a, b in zip(turns.ours, turns.theirs, strict=True)
    )
    busy = median(turn.cpu / turn.wall for turn in turns.ours)
    figures.say(f"medians of {len(turns.ours)} rounds of {turns.ours[0].forms} forms each, A B A B")
    text = f"{per_second:.0f} forms a second of one core's work, text to archive"
    met = per_second >= LEAST_PER_SECOND
    figures.bound(
        "forms_per_second", round(per_second, 1), f"{text} (aim: ≥ {LEAST_PER_SECOND:g})", met
    )
    figures.put("forms_per_second_by_the_clock", round(by_clock, 1))
    ours_for = f"the core was ours {100 * busy:.0f} % of the time"
    figures.say(f"       {by_clock:.0f} forms/s by the clock; {ours_for}")
    figures.put("baseline_forms_per_second", round(by_hand, 1))
    figures.say(f"       {by_hand:.0f} forms/s by the baseline")
    text = f"{ratio:.2f} times the baseline's cost (aim: ≤ {MOST_TIMES_BASELINE:g})"
    figures.bound("times_baseline", round(ratio, 2), text, ratio <= MOST_TIMES_BASELINE)
    figures.put("cpu_share", round(busy, 2))


def _cpu(turn: Turn) -> float:
    return turn.cpu


def _wall(turn: Turn) -> float:
    return turn.wall


def _tell_stages(figures: Figures, spent: dict[str, float]) -> None:
    whole = sum(spent.values())
    shares = ", ".join(f"{s} {ms:.2f} ms ({100 * ms / whole:.0f} %)" for s, ms in spent.items())
    figures.put("stage_ms", spent)
    figures.say(f"       of {whole:.2f} ms a form: {shares}")


def _tell_growth(figures: Figures, steps: Sequence[int]) -> None:
    told: dict[str, float] = {}
    figures.title("One archive growing, milliseconds a form since the step before")
    for forms, wall, cpu in grow(steps):
        told[str(forms)] = round(cpu, 3)
        figures.say(f"       to {forms:>6} forms: {wall:.2f} ms by the clock, {cpu:.2f} ms of work")
    figures.put("ms_per_form", told)
    costs = list(told.values())
    worst = max(costs[1:], default=costs[0]) / min(costs[:2])
    text = f"a later form costs at most {worst:.2f} times an early one (bound: {MOST_GROWTH:g})"
    figures.bound("growth", round(worst, 2), text, worst <= MOST_GROWTH)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, and returns 1 where an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few documents: does it run at all")
    quick = parser.parse_args(arguments).quick
    with _one_core():
        figures = Figures()
        python = sys.version.split()[0]
        figures.title(f"Speed on one core, Python {python}, {len(checked_documents())} documents")
        _tell_turns(figures, take_turns(3 if quick else ROUNDS))
        _tell_stages(figures, stages(2 if quick else 20))
        _tell_growth(figures, STEPS[:1] if quick else STEPS)
    figures.put("quick", quick)
    code = figures.finish()
    return 0 if quick else code


@contextmanager
def _one_core() -> Generator[None]:
    """This process on a single core, where the system lets a process choose."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


if __name__ == "__main__":
    sys.exit(main())

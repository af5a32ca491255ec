"""What the checks say of faults in printed numbers: one fault, two, or two cells exchanged.

The words are those of the faults: *noticed* is an error finding, absent on the untouched form, that
names the field. The *top* are the suspects of the first rank; a cell is named *alone* where there
is one. A tie is *structural* where its cells have the same witnesses: the same equalities judge
them, so nothing on the page can tell them apart.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from multiprocessing import get_context
from typing import NamedTuple

from eval.faults import Fault
from eval.prove_faults import Planted, planted
from eval.truth import DistinctForm, alone, family
from extractor.checks.locate import locate
from extractor.numbers import read_number
from extractor.settle import shape_of, values_of
from extractor.types import CheckedForm, Finding, Suspect

_CHUNK = 250


class Trial(NamedTuple):
    """Faults to be planted together in the text of one form."""

    form: int
    faults: tuple[Planted, ...]


class Told(NamedTuple):
    """What the checks said of a trial.

    ``top`` are the fields named in the first rank, ``single`` those of them that are named as the
    one cell that is wrong; ``exact`` says that a single's value is the one that was printed;
    ``milliseconds`` is the time of locating.
    """

    trial: Trial
    noticed: bool
    top: frozenset[str]
    single: frozenset[str]
    exact: bool
    structural: bool
    milliseconds: float

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(planted.field for planted in self.trial.faults)

    @property
    def is_named_alone(self) -> bool:
        return len(self.top) == 1

    @property
    def names_wrong_single(self) -> bool:
        return bool(self.single - self.fields)


def singles(forms: Sequence[DistinctForm]) -> list[Trial]:
    """Every fault in every printed number of some forms, one at a time."""
    return [Trial(one.form, (one,)) for one in planted(forms)]


def pairs(forms: Sequence[DistinctForm], count: int, seed: int) -> list[Trial]:
    """So many pairs of faults, the same number for every form and for each way two can lie: in one
    column, in one row, or apart."""
    chance = random.Random(f"{seed} pairs")
    by_form: dict[int, list[Planted]] = defaultdict(list)
    for one in planted(forms):
        by_form[one.form].append(one)
    found: list[Trial] = []
    while len(found) < count:
        for form, every in by_form.items():
            for wanted in ("column", "row", "apart"):
                found += _pair(chance, form, every, wanted)
    return found[:count]


def _pair(
    chance: random.Random, form: int, every: Sequence[Planted], wanted: str
) -> Iterator[Trial]:
    """Two faults of a form that lie as wanted; none where chance finds none in a few tries."""
    for _ in range(40):
        one, two = chance.choice(every), chance.choice(every)
        if one.field != two.field and _lie(one.field, two.field) == wanted:
            first, second = sorted((one, two), key=lambda planted: planted.at.start)
            yield Trial(form, (first, second))
            return


def _lie(one: str, two: str) -> str:
    (row, _, column), (other, _, name) = one.rpartition("."), two.rpartition(".")
    return "column" if column == name else "row" if row == other else "apart"


def swaps(forms: Sequence[DistinctForm]) -> dict[str, list[Trial]]:
    """Two printed numbers exchanged in the page: neighbours in a column, or in a row of funds."""
    found: dict[str, list[Trial]] = defaultdict(list)
    for index, form in enumerate(forms):
        checked = alone(form.text).forms[0]
        known = family(checked)
        columns: dict[str, list[Planted]] = defaultdict(list)
        for path, entry in checked.entries.items():
            if known.is_number(path) and len(entry.raw) == 1 and entry.value is not None:
                cell = Planted(index, path, entry.spans[0], entry.raw[0], Fault("swap", ""))
                section = path.partition(".")[0].partition("[")[0]
                columns[f"{section} {path.rpartition('.')[2]}"].append(cell)
        for name, cells in columns.items():
            for one, two in pairwise(cells):
                if one.printed != two.printed:
                    found[name].append(Trial(index, _exchanged(one, two)))
    return found


def _exchanged(one: Planted, two: Planted) -> tuple[Planted, Planted]:
    return (
        one._replace(fault=Fault("swap", two.printed)),
        two._replace(fault=Fault("swap", one.printed)),
    )


def told(forms: Sequence[DistinctForm], trials: Sequence[Trial], jobs: int) -> list[Told]:
    """What the checks say of every trial, by form and in the order given; one job runs here."""
    chunks: list[tuple[DistinctForm, list[Trial]]] = []
    for index, form in enumerate(forms):
        mine = [trial for trial in trials if trial.form == index]
        chunks += [(form, mine[at : at + _CHUNK]) for at in range(0, len(mine), _CHUNK)]
    if jobs == 1:
        done = [try_all(form, mine) for form, mine in chunks]
    else:
        with get_context("spawn").Pool(jobs) as pool:
            done = pool.starmap(try_all, chunks, chunksize=1)
    return [one for chunk in done for one in chunk]


def try_all(form: DistinctForm, trials: Iterable[Trial]) -> list[Told]:
    """The trials of one form, one after the other."""
    untouched = alone(form.text).forms[0]
    return [_told(form, untouched, trial) for trial in trials]


def _told(form: DistinctForm, untouched: CheckedForm, trial: Trial) -> Told:
    text = form.text
    for one in sorted(trial.faults, key=lambda planted: -planted.at.start):
        text = text[: one.at.start] + one.fault.text + text[one.at.end :]
    document = alone(text)
    if len(document.forms) != 1:
        return Told(trial, False, frozenset(), frozenset(), False, False, 0.0)
    faulty = document.forms[0]
    before = {finding.check for finding in untouched.findings if finding.is_error}
    fields = {one.field for one in trial.faults}
    new = [f for f in faulty.findings if f.is_error and f.check not in before]
    naming = [finding for finding in new if fields.intersection(finding.fields)]
    top = frozenset(f for finding in naming for f in _top(finding))
    return Told(
        trial,
        noticed=bool(naming),
        top=top,
        single=frozenset(f for finding in new for f in _single(finding)),
        exact=any(_is_exact(suspect, trial) for f in naming for suspect in f.suspects),
        structural=len(top) > 1 and fields <= top and _same_witnesses(untouched, top),
        milliseconds=_time_to_locate(faulty),
    )


def _top(finding: Finding) -> set[str]:
    """The fields of the first rank; an unreadable cell is named by its finding itself."""
    if finding.check.startswith("readable:"):
        return set(finding.fields)
    return {field for s in finding.suspects if s.rank == 1 for field, _ in s.changes}


def _single(finding: Finding) -> set[str]:
    first = [suspect for suspect in finding.suspects if suspect.rank == 1]
    if len(first) != 1 or len(first[0].changes) != 1:
        return set()
    return {first[0].changes[0][0]}


def _is_exact(suspect: Suspect, trial: Trial) -> bool:
    """Whether a suspect of the first rank is one of the faults, with the number once printed."""
    printed = {one.field: read_number(one.printed) for one in trial.faults}
    return suspect.rank == 1 and all(
        (was := printed.get(field)) is not None and was[0].value == Decimal(value)
        for field, value in suspect.changes
    )


def _same_witnesses(form: CheckedForm, fields: Iterable[str]) -> bool:
    return len({_witnesses(form)[field] for field in fields}) == 1


def _witnesses(form: CheckedForm) -> dict[str, frozenset[str]]:
    """The equalities that judge each number of a form."""
    known = family(form)
    values = values_of(known, form.entries)
    found: dict[str, set[str]] = defaultdict(set)
    for check, check_id, fields in known.known(shape_of(form.record)):
        if check.proves and check.residual(values) is not None:
            for field in fields:
                found[field].add(check_id)
    return defaultdict(frozenset, {field: frozenset(ids) for field, ids in found.items()})


def _time_to_locate(form: CheckedForm) -> float:
    """Milliseconds that locating takes on a form, by the process's own clock."""
    known = family(form)
    checks, values = known.known(shape_of(form.record)), values_of(known, form.entries)
    started = time.process_time()
    locate(checks, values)
    return 1000 * (time.process_time() - started)

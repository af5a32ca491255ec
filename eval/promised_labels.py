"""Labelled fields of generated, damaged forms, by reader and by where the model errs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

from eval.double_entry import READERS, Reader, Trial, damaged_specs
from eval.labels import Labels
from eval.loopback.errors_of_reading import Errors
from eval.pages import Spec, page

RATE = 0.02
_CHUNK = 25

Population = tuple[Reader, float]
"""Reader and ``rho``; the table reader knows no model, so it has one population."""


def population(count: int, seed: int, rhos: Sequence[float], jobs: int) -> dict[Population, Labels]:
    """So many pages through every reader, at every ``rho``."""
    specs = list(islice(damaged_specs(seed), count))
    chunks = [specs[i : i + _CHUNK] for i in range(0, count, _CHUNK)]
    found: dict[Population, Labels] = {}
    with ProcessPoolExecutor(jobs) as pool:
        args = [seed] * len(chunks), [tuple(rhos)] * len(chunks)
        for told in pool.map(_chunk, chunks, *args):
            for which, labels in told.items():
                found.setdefault(which, Labels()).add(labels)
    return found


def _chunk(specs: Sequence[Spec], seed: int, rhos: Sequence[float]) -> dict[Population, Labels]:
    found: dict[Population, Labels] = {}
    for spec in specs:
        trial = Trial(page(spec))
        for rho in rhos:
            for reader in READERS:
                if reader == "table" and rho != rhos[0]:
                    continue
                form = trial.read(reader, Errors(RATE, rho, seed))
                labels = found.setdefault((reader, rho), Labels())
                labels.note_form(form, trial.judged(form))
    return found

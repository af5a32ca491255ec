"""The kill matrix: what became of the faults of each field, by kind of fault.

``python -m eval.kills`` measures it anew and writes ``extractor/coverage.json`` and
``docs/families.md``; so does ``python -m eval.prove_checks --write``, which proves the rest too.

The project family is measured on the distinct forms of the sample, every fault in every printed
number. Of the department family the sample has one form, which does not add up, so it is measured
on generated forms, and every table says so.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import extractor
from eval.family_docs import write as write_docs
from eval.faults import KINDS
from eval.locating import Told, Trial, singles, told
from eval.pages import Spec, page
from eval.truth import DistinctForm, distinct_forms
from extractor.coverage import FILE, Artefact, Kills, Measured, Tie, written
from extractor.families import FAMILIES, family_of
from extractor.families.base import template
from extractor.pipeline import CHECK_SET

SEED = 2023
PROJECT, DEPARTMENT = "project", "department"
DEPARTMENTS, DEPARTMENTS_OF_SLICE, FAULTS_PER_DEPARTMENT = 60, 6, 200
DEPARTMENT_COLUMNS = ("shanghai_department",)


def drawn_forms(count: int, seed: int, columns: Sequence[str]) -> list[DistinctForm]:
    """Generated forms by tabs, of the column sets in turn."""
    found: list[DistinctForm] = []
    for index in range(count):
        made = page(Spec(seed * 1_000_000 + index, columns[index % len(columns)], "tabs"))
        found.append(DistinctForm(made.spec.name, made.family, made.text))
    return found


def drawn_singles(forms: Sequence[DistinctForm], each: int, seed: int) -> list[Trial]:
    """So many faults of every form, one at a time, drawn from all that are possible."""
    chance = random.Random(f"{seed} drawn")
    found: list[Trial] = []
    for index, form in enumerate(forms):
        mine = [trial._replace(form=index) for trial in singles([form])]
        found += chance.sample(mine, min(each, len(mine)))
    return found


def departments(is_slice: bool, seed: int, jobs: int) -> tuple[list[DistinctForm], list[Told]]:
    """Generated department forms, and what the checks said of single faults in them."""
    count = DEPARTMENTS_OF_SLICE if is_slice else DEPARTMENTS
    forms = drawn_forms(count, seed, DEPARTMENT_COLUMNS)
    return forms, told(forms, drawn_singles(forms, FAULTS_PER_DEPARTMENT, seed), jobs)


def measured(family: str, basis: str, forms: int, found: Iterable[Told]) -> Measured:
    """What single faults came to, by template path in the order of the schema, then by kind."""
    kills: dict[str, dict[str, Kills]] = defaultdict(dict)
    ties: Counter[tuple[str, str]] = Counter()
    for one in found:
        ((_, path, _, _, fault),) = one.trial.faults
        mine = kills[template(path)]
        mine[fault.kind] = mine.get(fault.kind, Kills()).plus(kills_of(one))
        if one.structural:
            ties.update(_pairs(path, one.top))
    order = list(family_of(family).leaves)
    known = sorted(kills, key=order.index)
    listed = sorted(ties.items(), key=lambda tie: ([order.index(path) for path in tie[0]]))
    return Measured(
        basis,
        forms,
        {
            path: {kind: kills[path][kind] for kind in KINDS if kind in kills[path]}
            for path in known
        },
        [Tie(*pair, count) for pair, count in listed],
    )


def kills_of(one: Told) -> Kills:
    """What became of one trial."""
    right = one.noticed and one.fields <= one.top
    alone = right and one.is_named_alone
    return Kills(1, one.noticed, alone, right and not alone, alone and one.exact)


def _pairs(path: str, top: Iterable[str]) -> set[tuple[str, str]]:
    """The pairs of templates that a fault's own cell makes with the others named beside it."""
    mine = template(path)
    order = list(_order(mine))
    pairs = {(mine, template(other)) for other in top if other != path}
    return {(a, b) if order.index(a) <= order.index(b) else (b, a) for a, b in pairs}


def _order(path: str) -> Iterable[str]:
    return next(family.leaves for family in FAMILIES if path in family.leaves)


def artefact_of(project: Measured, department: Measured) -> Artefact:
    return Artefact(CHECK_SET, {PROJECT: project, DEPARTMENT: department})


def write(found: Artefact, docs: Path | None = None) -> list[Path]:
    """Writes the artefact into the package and the page drawn from it; the files written."""
    file = Path(extractor.__file__).parent / FILE
    file.write_text(written(found), encoding="utf-8")
    return [file, write_docs(found, docs)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures single faults in both families and writes what it found."""
    parser = argparse.ArgumentParser(prog="python -m eval.kills", description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the drawn forms ({SEED})")
    asked = parser.parse_args(arguments)
    forms = distinct_forms(PROJECT)
    project = measured(PROJECT, "sample", len(forms), told(forms, singles(forms), asked.jobs))
    drawn, found = departments(False, asked.seed, asked.jobs)
    department = measured(DEPARTMENT, "generated", len(drawn), found)
    for file in write(artefact_of(project, department)):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Proof of the metric: ``python -m eval.prove_metric``; ``--write`` renews ``docs/metric.md``.

Every way to damage a form, at every place of every gold form (at most :data:`PLACES`, seeded),
must cost exactly the leaves that it damaged; every way to write the same form otherwise, nothing.
Beside it stands what ANLS* and Donut's F1 make of the same edits.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from statistics import mean
from typing import NamedTuple

from eval.corrupt import DAMAGING, rotated, total_replaced
from eval.edits import Edit, Form, Leaves, Operator
from eval.figures import Figures, percent
from eval.goldset import load
from eval.reformat import NEUTRAL
from eval.rivals import anls_star, donut_f1
from eval.score import score

SEED = 2023
PLACES = 40
"""Edits of one operator on one form; where there are more, a seeded choice."""

DOCS = Path(__file__).parents[1] / "docs" / "metric.md"
_BETWEEN = re.compile(r"(?<=<!-- measured: begin -->\n).*(?=<!-- measured: end -->)", re.DOTALL)


class Tally(NamedTuple):
    """What our score made of one operator's edits.

    ``damaged``: leaves damaged by all of them, values in surplus rows included; ``cost``: leaves
    that the score calls not right; ``off``: the edits that it counted otherwise than they damaged.
    """

    edits: int
    damaged: int
    cost: int
    off: tuple[str, ...]


class Seen(NamedTuple):
    """What a rival made of edits, one a form: its mean after the edit (it is 1 before), and how
    many leaves' worth it went down, in mean."""

    after: float
    leaves: float


class Compared(NamedTuple):
    """The rivals beside the leaves damaged, in mean, on the same edits of so many forms."""

    forms: int
    damaged: float
    anls: Seen
    donut: Seen


def prove_metric(figures: Figures, seed: int = SEED) -> None:
    """Measures and prints; says whether ``docs/metric.md`` holds what was measured."""
    forms = gold()
    figures.title(f"The metric, measured on {len(forms)} gold forms, at most {PLACES} places each")
    damaging = {name: tally(name, op, forms, seed) for name, op in DAMAGING.items()}
    neutral = {name: tally(name, op, forms, seed) for name, op in NEUTRAL.items()}
    edits = sum(told.edits for told in damaging.values())
    exact = edits - sum(len(told.off) for told in damaging.values())
    figures.put("metric_damaging_edits", edits)
    text = f"{exact} of {edits} damaging edits of {len(damaging)} kinds counted exactly (100 %)"
    idle = [name for name, told in {**damaging, **neutral}.items() if not told.edits]
    share = percent(exact, edits)
    figures.bound("metric_exact_percent", share, text, exact == edits > 0 and not idle)
    figures.examples([*(line for told in damaging.values() for line in told.off), *idle])
    figures.put("metric_neutral_edits", sum(told.edits for told in neutral.values()))
    cost = sum(told.cost for told in neutral.values())
    text = f"{figures.values['metric_neutral_edits']} equal-value edits cost {cost} leaves (0)"
    figures.bound("metric_neutral_cost", cost, text, not cost)
    figures.examples(line for told in neutral.values() for line in told.off)
    _tell_rivals(figures, damaging, neutral, seed)


def _tell_rivals(
    figures: Figures, damaging: Mapping[str, Tally], neutral: Mapping[str, Tally], seed: int
) -> None:
    text = tables(damaging, neutral, seed)
    for line in text.splitlines():
        figures.say(line)
    for name, value in facts(seed)._asdict().items():
        figures.put(f"metric_{name}", value)
    same = published() == text
    told = "docs/metric.md holds these tables (python -m eval.prove_metric --write renews them)"
    figures.bound("metric_published", same, told, same)


@lru_cache(maxsize=1)
def gold() -> tuple[Form, ...]:
    """The forms of the gold set, those printed twice under both names."""
    return tuple(Form(item.id, item.declared, item.values()) for item in load())


@lru_cache(maxsize=1)
def distinct() -> tuple[Form, ...]:
    """Each form of the gold set once, however often it was printed."""
    first = {(item.document_family, item.form): item.id for item in reversed(load())}
    return tuple(form for form in gold() if form.name in first.values())


def edits_of(name: str, operator: Operator, form: Form, most: int, seed: int) -> list[Edit]:
    """An operator's edits of a form, or a seeded choice of so many."""
    rng = Random(f"{seed}/{name}/{form.name}")
    found = list(operator(rng, form))
    return found if len(found) <= most else rng.sample(found, most)


def tally(
    name: str, operator: Operator, forms: Sequence[Form], seed: int, places: int = PLACES
) -> Tally:
    """Scores an operator's edits and compares with what they damaged, leaf by leaf."""
    made = [(form, edit) for form in forms for edit in edits_of(name, operator, form, places, seed)]
    damaged = sum(len(edit.damaged) + edit.spurious for _, edit in made)
    cost, off = 0, list[str]()
    for form, edit in made:
        told = score(form.family, form.leaves, edit.read)
        cost += len(told.wrong)
        blamed = frozenset(leaf.path for leaf in told.wrong if leaf.outcome != "spurious")
        judged = [leaf.path for leaf in told.leaves if leaf.outcome != "spurious"]
        spurious = sum(leaf.outcome == "spurious" for leaf in told.wrong)
        if blamed != edit.damaged or spurious != edit.spurious or judged != [*form.leaves]:
            too_many, missed = blamed - edit.damaged, edit.damaged - blamed
            off.append(f"{name}, {form.name}: blames {sorted(too_many)}, misses {sorted(missed)}, "
                       f"{spurious} spurious of {edit.spurious}")  # fmt: skip
    return Tally(len(made), damaged, cost, tuple(off))


def compared(name: str, operator: Operator, seed: int) -> Compared:
    """The rivals on one seeded edit of each form that the operator applies to."""
    made = [(form, edit) for form in distinct() for edit in edits_of(name, operator, form, 1, seed)]
    return _compared([(form.leaves, edit.read, _damage(edit)) for form, edit in made])


def _damage(edit: Edit) -> int:
    return len(edit.damaged) + edit.spurious


def _compared(made: Sequence[tuple[Leaves, Leaves, int]]) -> Compared:
    """``made``: truth, reading, leaves damaged."""
    printed = [sum(value is not None for value in truth.values()) for truth, _, _ in made]
    seen: list[Seen] = []
    for rival in (anls_star, donut_f1):
        after = [rival(truth, read) for truth, read, _ in made]
        leaves = [(1 - now) * count for now, count in zip(after, printed, strict=True)]
        seen.append(Seen(mean(after), mean(leaves)))
    return Compared(len(made), mean(damaged for *_, damaged in made), *seen)


class Facts(NamedTuple):
    """The two plain facts: rivals on a money table on the wrong rows, and on a wrong total."""

    rotated_donut_rows: float
    rotated_donut_keyed: float
    rotated_anls_rows: float
    rotated_anls_keyed: float
    rotated_numbers: float
    total_anls: float
    total_donut: float


@lru_cache(maxsize=1)
def facts(seed: int = SEED) -> Facts:
    """Both measured on every distinct form.

    The money table is turned by half its rows, so that every number stands on a wrong row; once
    written as a list of rows, as CORD writes its tables, once as the record keys it.
    """
    turned = [
        (form, edit) for form in distinct() for edit in rotated(form, len(_money_rows(form)) // 2)
    ]
    keyed = _compared([(form.leaves, edit.read, _damage(edit)) for form, edit in turned])
    rows = _compared(
        [(_listed(form, form.leaves), _listed(form, edit.read), _damage(edit))
         for form, edit in turned]
    )  # fmt: skip
    total = compared("grand total replaced", total_replaced, seed)
    return Facts(
        *(rows.donut.after, keyed.donut.after, rows.anls.after, keyed.anls.after, keyed.damaged),
        *(total.anls.after, total.donut.after),
    )


def _money_rows(form: Form) -> list[str]:
    """The printed rows of the money table by their branch."""
    start = f"{form.family.layout.matrix.name}."
    filled = [p for p, value in form.leaves.items() if p.startswith(start) and value is not None]
    return list(dict.fromkeys(path.rpartition(".")[0] for path in filled))


def _listed(form: Form, leaves: Leaves) -> dict[str, str | None]:
    """The money table as a list: ``funds.total.score`` → ``funds[0].score``, its label beside."""
    name = form.family.layout.matrix.name
    index = {branch: f"{name}[{i}]" for i, branch in enumerate(_money_rows(form))}
    found: dict[str, str | None] = {
        f"{at}.row": branch.rpartition(".")[2] for branch, at in index.items()
    }
    for path, value in leaves.items():
        branch, dot, column = path.rpartition(".")
        found[f"{index.get(branch, branch)}{dot}{column}"] = value
    return found


def tables(damaging: Mapping[str, Tally], neutral: Mapping[str, Tally], seed: int) -> str:
    """The Markdown between the marks of ``docs/metric.md``."""
    parts = {
        "The two facts that decided it": facts_told(facts(seed)),
        "Damage": _damage_told(damaging, seed),
        "The same values, written otherwise": _neutral_told(neutral, seed),
    }
    return "\n".join(f"## {title}\n\n{_lines(part)}\n" for title, part in parts.items())


def _lines(part: Iterator[str]) -> str:
    return "\n".join(part)


def facts_told(told: Facts) -> Iterator[str]:
    """The lines of the first table."""
    yield "| what is wrong | leaves | Donut F1 | ANLS* |"
    yield "|---|---|---|---|"
    numbers = f"{told.rotated_numbers:.1f}"
    yield (f"| money table on the wrong rows, written as a list of rows | {numbers} "
           f"| {told.rotated_donut_rows:.4f} | {told.rotated_anls_rows:.4f} |")  # fmt: skip
    yield (f"| the same, rows written under their names | {numbers} "
           f"| {told.rotated_donut_keyed:.4f} | {told.rotated_anls_keyed:.4f} |")  # fmt: skip
    yield f"| a wrong grand total | 1 | {told.total_donut:.4f} | {told.total_anls:.4f} |"


def _damage_told(damaging: Mapping[str, Tally], seed: int) -> Iterator[str]:
    yield "| damage | edits | leaves damaged | counted exactly | ANLS* | sees | Donut F1 | sees |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, told in damaging.items():
        yield damage_row(name, told, compared(name, DAMAGING[name], seed))


def damage_row(name: str, told: Tally, rivals: Compared) -> str:
    """One row of the table of damage."""
    share = percent(told.edits - len(told.off), told.edits)
    seen = (f"{rival.after:.4f} | {100 * rival.leaves / rivals.damaged:.0f} %"
            for rival in (rivals.anls, rivals.donut))  # fmt: skip
    return f"| {name} | {told.edits} | {told.damaged} | {share:g} % | {' | '.join(seen)} |"


def _neutral_told(neutral: Mapping[str, Tally], seed: int) -> Iterator[str]:
    yield "| the same, written otherwise | edits | our cost | ANLS* | cost | Donut F1 | cost |"
    yield "|---|---|---|---|---|---|---|"
    for name, told in neutral.items():
        yield neutral_row(name, told, compared(name, NEUTRAL[name], seed))


def neutral_row(name: str, told: Tally, rivals: Compared) -> str:
    """One row of the table of equal values; a cost is that of one edit."""
    cost = (f"{rival.after:.4f} | {abs(rival.leaves):.1f}" for rival in (rivals.anls, rivals.donut))
    return f"| {name} | {told.edits} | {told.cost} | {' | '.join(cost)} |"


def published() -> str:
    """The tables that ``docs/metric.md`` holds; empty where it has none."""
    found = _BETWEEN.search(DOCS.read_text(encoding="utf-8")) if DOCS.is_file() else None
    return found[0] if found else ""


def _write(text: str) -> None:
    DOCS.write_text(_BETWEEN.sub(lambda _: text, DOCS.read_text("utf-8")), "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.prove_metric")
    parser.add_argument("--write", action="store_true", help="write the tables into the docs")
    if parser.parse_args(arguments).write:
        both = [{name: tally(name, op, gold(), SEED) for name, op in operators.items()}
                for operators in (DAMAGING, NEUTRAL)]  # fmt: skip
        _write(tables(both[0], both[1], SEED))
        return 0
    figures = Figures()
    prove_metric(figures)
    return figures.finish()


if __name__ == "__main__":
    sys.exit(main())

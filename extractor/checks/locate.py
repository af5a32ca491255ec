"""Locating: which cells, changed, would make every sum of a form come out.

Failing identities that share a cell are explained together. One cell is tried first, then two: a
cell is a suspect if some value in it clears them all and breaks no other. What the change asks one
to believe is its cost: a print that no single slip explains, policies that it would break, readers
that agree on what stands. The cheapest come first, equal cost is an equal rank. Nothing is decided
by guessing: cells that the same sums witness stay a tie.

Worked sum (图书综合经费): where 5.00 is read as 8.00 the scores add up to 100.55 against 97.55. A
score of 8.00 that should be 5.00 clears that, is one digit away, and comes back under its weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import localcontext
from itertools import islice

from extractor.checks.asked import asked_changes
from extractor.checks.judge import Known
from extractor.checks.kinds import Values
from extractor.checks.pairs import pairs
from extractor.checks.sheet import CELL, Change, Evidence, Explanation, Sheet
from extractor.numbers import WIDE
from extractor.types import Suspect

_MOST_CELLS = 200
"""Cells of which one is looked for; real forms have fewer, hostile ones thousands."""
_MOST_APART = 60
"""Faults that no cell connects and that are looked into; a form has one or two."""
_MOST_TOLD = 12
"""Pairs of a rank that are told: more tell nobody where to look."""


def locate(
    checks: Known, values: Values, evidence: Mapping[str, Evidence] | None = None
) -> dict[str, tuple[Suspect, ...]]:
    """Suspects by the id of each failing identity; those that share a cell have the same ones.

    An identity is left out where nothing explains it, or where only a value that no slip can have
    made into the print would, on the word of a single sum: that points nowhere.
    """
    found: dict[str, tuple[Suspect, ...]] = {}
    with localcontext(WIDE):
        sheet = Sheet(checks, values, evidence or {})
        for failing in islice(_together(sheet), _MOST_APART):
            suspects = _ranked(sheet, failing, _explanations(sheet, failing))
            if suspects:
                found |= {sheet.ids[index]: suspects for index in failing}
    return found


def _together(sheet: Sheet) -> Iterator[list[int]]:
    """The failing identities in groups that share cells."""
    left = list(sheet.failing)
    while left:
        group = [left.pop(0)]
        fields = set(sheet.fields[group[0]])
        grown = True
        while grown:
            joining = [i for i in left if not fields.isdisjoint(sheet.fields[i])]
            grown = bool(joining)
            for index in joining:
                left.remove(index)
                group.append(index)
                fields.update(sheet.fields[index])
        yield sorted(group)


def _explanations(sheet: Sheet, failing: Sequence[int]) -> list[Explanation]:
    """One changed cell; two where no single slip explains it, or not as well."""
    common = [
        field
        for field in sheet.fields[failing[0]]
        if all(field in sheet.fields[i] for i in failing) and sheet.number(field)
    ]
    if len(common) > _MOST_CELLS:
        return []
    found = [
        Explanation(sheet.cost(failing, (change,)), (change,))
        for field in common
        for change in _clearing(sheet, field, failing)
    ]
    found = [one for one in found if one.changes[0].slip or len(failing) > 1]
    if not any(explanation.changes[0].slip for explanation in found):
        return found + pairs(sheet, failing)
    if min(one.cost for one in found) >= CELL and sheet.policies_failing(failing) > 1:
        # One cell would clear the sums and leave what two rows say of themselves unexplained.
        found += [pair for pair in pairs(sheet, failing) if pair.cost <= CELL]
    return found


def _clearing(sheet: Sheet, field: str, failing: Sequence[int]) -> Iterator[Change]:
    """The likeliest value of a cell that clears these identities and breaks no other."""
    changes = asked_changes(sheet, field, failing, sheet.values)
    yield from islice((one for one in changes if sheet.is_cleared(failing, (one,))), 1)


def _ranked(
    sheet: Sheet, failing: Sequence[int], found: Sequence[Explanation]
) -> tuple[Suspect, ...]:
    costs = sorted({explanation.cost for explanation in found})
    clears = tuple(sheet.ids[index] for index in failing)
    return tuple(
        Suspect(
            rank,
            tuple((change.field, change.number.text) for change in one.changes),
            clears,
            ", ".join(filter(None, (change.slip for change in one.changes))) or None,
        )
        for rank, cost in enumerate(costs, 1)
        for one in [one for one in found if one.cost == cost][: _most(found)]
    )


def _most(found: Sequence[Explanation]) -> int:
    """All single cells are told; of pairs, which sums alone hardly tell apart, only some."""
    return len(found) if all(len(one.changes) == 1 for one in found) else _MOST_TOLD

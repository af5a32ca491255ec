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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import combinations, islice
from typing import NamedTuple

from extractor.checks.edits import Slip, Variant, variants
from extractor.checks.judge import Known
from extractor.checks.kinds import Check, Value, Values, usual_places
from extractor.numbers import MOST_PLACES, WIDE, Interval, Number, decimals_of, number_of
from extractor.types import Suspect

_CELL, _NO_SLIP, _POLICY = Decimal(2), Decimal(3), Decimal(1)
_READERS_AGREE, _NOT_GROUNDED = Decimal(1), Decimal("-0.5")
_ZERO_ROW = Decimal("0.5")
"""A source that has no money has none in any column: what speaks for a zero in a row of zeros."""
_FEWEST_ZEROS = 2
_MOST_CELLS, _MOST_PAIRED = 200, 64
"""Cells of which one, or two, are looked for; real forms have fewer, hostile ones thousands."""
_MOST_APART = 60
"""Faults that no cell connects and that are looked into; a form has one or two."""
_MOST_PAIRS, _MOST_TOLD = 300, 12
"""Pairs that are tried on every check, and those of a rank that are told: more tell nobody where
to look."""


class Evidence(NamedTuple):
    """What is known of a cell beside its sums; ``agreed``: whether two readers read the same."""

    grounded: bool = True
    agreed: bool | None = None


class Change(NamedTuple):
    """A cell and what would stand in it; ``slip`` made it into the print, if one slip did."""

    field: str
    number: Number
    slip: Slip | None


class _Explanation(NamedTuple):
    cost: Decimal
    changes: tuple[Change, ...]


def locate(
    checks: Known, values: Values, evidence: Mapping[str, Evidence] | None = None
) -> dict[str, tuple[Suspect, ...]]:
    """Suspects by the id of each failing identity; those that share a cell have the same ones.

    An identity is left out where nothing explains it, or where only a value that no slip can have
    made into the print would, on the word of a single sum: that points nowhere.
    """
    found: dict[str, tuple[Suspect, ...]] = {}
    with localcontext(WIDE):
        sheet = _Sheet(checks, values, evidence or {})
        for failing in islice(_together(sheet), _MOST_APART):
            suspects = _ranked(sheet, failing, _explanations(sheet, failing))
            if suspects:
                found |= {sheet.ids[index]: suspects for index in failing}
    return found


class _Sheet:
    """The checks of a form by number, with the values they are judged on."""

    def __init__(self, checks: Known, values: Values, evidence: Mapping[str, Evidence]) -> None:
        # In one order, so that nothing hangs on the order in which a reader found the cells.
        self.values = dict(sorted(values.items()))
        self.evidence = evidence
        self.columns: dict[str, int] = {}
        self.rows: dict[str, list[tuple[str, Decimal]]] = {}
        for path, value in self.values.items():
            if isinstance(value, Number) and "." in path:
                row = path.rpartition(".")[0]
                self.rows.setdefault(row, []).append((path, value.value))
        self.checks = [check for check, _, _ in checks]
        self.ids = [check_id for _, check_id, _ in checks]
        self.fields = [fields for _, _, fields in checks]
        self.identities: dict[str, list[int]] = {}
        self.policies: dict[str, list[int]] = {}
        for index, check in enumerate(self.checks):
            kind = self.identities if check.severity == "error" else self.policies
            for field in self.fields[index]:
                kind.setdefault(field, []).append(index)
        self.before = {i for i, check in enumerate(self.checks) if _fails(check, values)}
        errors = [i for i, check in enumerate(self.checks) if check.severity == "error"]
        self.failing = [i for i in errors if i in self.before]
        self.sound = [self.checks[i] for i in errors if i not in self.before]

    def number(self, field: str) -> Number | None:
        value = self.values.get(field)
        return value if isinstance(value, Number) else None

    def usual(self, field: str) -> int:
        """The decimals that the column of a field is mostly printed with."""
        column = field.rpartition(".")[2]
        if column not in self.columns:
            self.columns[column] = usual_places(self.values, field)
        return self.columns[column]

    def changed(self, changes: Iterable[Change]) -> dict[str, Value]:
        return {**self.values, **{change.field: change.number for change in changes}}

    def is_cleared(self, failing: Sequence[int], changes: Sequence[Change]) -> bool:
        """Whether the changes clear these identities and break no other one."""
        values = self.changed(changes)
        near = {i for change in changes for i in self.identities.get(change.field, ())}
        if any(_fails(self.checks[i], values) for i in (*failing, *(near - self.before))):
            return False
        # What a check holds for may hang on cells that it does not name.
        return not any(_fails(check, values) for check in self.sound)

    def policies_failing(self, failing: Sequence[int]) -> int:
        """How many policies the cells of these identities break as they stand."""
        near = {
            i for f in failing for field in self.fields[f] for i in self.policies.get(field, ())
        }
        return len(near & self.before)

    def cost(self, failing: Sequence[int], changes: Sequence[Change]) -> Decimal:
        """What the changes ask one to believe.

        A policy that looks at cells which another sum doubts says nothing: it may be judging by a
        wrong number.
        """
        values = self.changed(changes)
        doubted = {f for i in self.failing if i not in failing for f in self.fields[i]}
        near = {i for change in changes for i in self.policies.get(change.field, ())}
        broken = sum(
            _fails(self.checks[i], values) - (i in self.before)
            for i in near
            if doubted.isdisjoint(self.fields[i])
        )
        cost = _POLICY * broken
        for change in changes:
            known = self.evidence.get(change.field, Evidence())
            cost += _CELL if change.slip else _CELL + _NO_SLIP
            cost += _READERS_AGREE if known.agreed else 0
            cost += 0 if known.grounded else _NOT_GROUNDED
            cost += self._zeros(change)
        return cost

    def _zeros(self, change: Change) -> Decimal:
        """Whether a change makes a row of zeros, or breaks one."""
        cells = self.rows.get(change.field.rpartition(".")[0], [])
        others = [value for path, value in cells if path != change.field]
        before = self.number(change.field)
        if len(others) < _FEWEST_ZEROS or any(others) or before is None:
            return Decimal(0)
        return _ZERO_ROW * (bool(change.number.value) - bool(before.value))


def _fails(check: Check, values: Values) -> bool:
    residual = check.residual(values)
    return residual is not None and residual.verdict == "fails"


def _together(sheet: _Sheet) -> Iterator[list[int]]:
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


def _explanations(sheet: _Sheet, failing: Sequence[int]) -> list[_Explanation]:
    """One changed cell; two where no single slip explains it, or not as well."""
    common = [
        field
        for field in sheet.fields[failing[0]]
        if all(field in sheet.fields[i] for i in failing) and sheet.number(field)
    ]
    if len(common) > _MOST_CELLS:
        return []
    found = [
        _Explanation(sheet.cost(failing, (change,)), (change,))
        for field in common
        for change in _clearing(sheet, field, failing)
    ]
    found = [one for one in found if one.changes[0].slip or len(failing) > 1]
    if not any(explanation.changes[0].slip for explanation in found):
        return found + _pairs(sheet, failing)
    if min(one.cost for one in found) >= _CELL and sheet.policies_failing(failing) > 1:
        # One cell would clear the sums and leave what two rows say of themselves unexplained.
        found += [pair for pair in _pairs(sheet, failing) if pair.cost <= _CELL]
    return found


def _clearing(sheet: _Sheet, field: str, failing: Sequence[int]) -> Iterator[Change]:
    """The likeliest value of a cell that clears these identities and breaks no other."""
    changes = _changes(sheet, field, failing, sheet.values)
    yield from islice((one for one in changes if sheet.is_cleared(failing, (one,))), 1)


def _ranked(
    sheet: _Sheet, failing: Sequence[int], found: Sequence[_Explanation]
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


def _most(found: Sequence[_Explanation]) -> int:
    """All single cells are told; of pairs, which sums alone hardly tell apart, only some."""
    return len(found) if all(len(one.changes) == 1 for one in found) else _MOST_TOLD


# What a cell would have to be


def _changes(sheet: _Sheet, field: str, asked: Sequence[int], values: Values) -> list[Change]:
    """The values of a cell that these identities ask for, the likeliest first.

    What one asks for may be a unit off: it knows neither how the true value was printed nor, where
    amounts are rounded one by one, what that lets pass. So the slips of the print are held against
    the identities themselves.
    """
    number = sheet.number(field)
    told = [one for i in asked if (one := sheet.checks[i].solve(field, values)) is not None]
    if number is None or not told:
        return []
    low, high = max(one.low for one in told), min(one.high for one in told)
    plain = _plain(sheet, field, low, high)
    if plain and plain.slip:
        return [plain]
    fitting = _fitting(sheet, field, asked, values, told)
    if not fitting:
        return [plain] if plain else []
    usual, middle = sheet.usual(field), (low + high) / 2
    fitting.sort(key=lambda c: (c.number.places != usual, abs(c.number.value - middle)))
    return fitting


def _plain(sheet: _Sheet, field: str, low: Decimal, high: Decimal) -> Change | None:
    """The one value that is asked for, or the middle where there are several."""
    number = sheet.number(field)
    if number is None or low > high or high < 0:
        return None
    value = low if low == high else max(low, ((low + high) / 2).quantize(number.unit))
    if value == number.value:
        return None
    natural, usual = decimals_of(value), sheet.usual(field)
    if natural > MOST_PLACES:
        return None
    slipped = [v for v in variants(number.text) if v.value == value] if low == high else []
    likely = [usual, number.places, number.places - 1, number.places + 1, natural]
    slipped.sort(key=lambda v: _at(likely, number_of(v.text).places))
    for text, _, slip in slipped[:1]:
        return Change(field, number_of(text), slip)
    return Change(field, number_of(f"{value:.{max(natural, number.places)}f}"), None)


def _at(likely: Sequence[int], places: int) -> int:
    return likely.index(places) if places in likely else len(likely)


def _fitting(
    sheet: _Sheet, field: str, asked: Sequence[int], values: Values, told: Sequence[Interval]
) -> list[Change]:
    """What one slip may have made into the print and these identities let pass."""
    changed = dict(values)
    found: list[Change] = []
    for text, _, slip in _within(sheet, field, told):
        changed[field] = number_of(text)
        if not any(_fails(sheet.checks[i], changed) for i in asked):
            found.append(Change(field, number_of(text), slip))
    return found


def _within(sheet: _Sheet, field: str, told: Iterable[Interval | None]) -> Iterator[Variant]:
    """The slips of a print that are not far from what those ask for that ask for one value."""
    number = sheet.number(field)
    if number is not None:
        unit = max(number.unit, Decimal(1).scaleb(-sheet.usual(field)))
        exact = [one.widened(unit) for one in told if one and one.low == one.high]
        for variant in variants(number.text):
            if all(one.low <= variant.value <= one.high for one in exact):
                yield variant


# Two cells


def _pairs(sheet: _Sheet, failing: Sequence[int]) -> list[_Explanation]:
    """Two changed cells that clear everything together, each by a slip."""
    fields = [
        field
        for field in dict.fromkeys(f for i in failing for f in sheet.fields[i])
        if sheet.number(field)
    ]
    if len(fields) > _MOST_PAIRED:
        return []
    free = {field: _free_variants(sheet, field, failing) for field in fields}
    costed = sorted(
        (
            _Explanation(sheet.cost(failing, changes), changes)
            for pair in combinations(fields, 2)
            for changes in _pair_changes(sheet, pair, failing, free)
            if all(change.slip for change in changes)
        ),
        key=lambda explanation: explanation.cost,
    )
    return [one for one in costed[:_MOST_PAIRS] if sheet.is_cleared(failing, one.changes)]


def _free_variants(sheet: _Sheet, field: str, failing: Sequence[int]) -> dict[Decimal, Variant]:
    """What one slip may have made into the print, as far as the other identities allow it."""
    others = [sheet.checks[i] for i in sheet.identities[field] if i not in failing]
    told = [check.solve(field, sheet.values) for check in others]
    values = dict(sheet.values)
    found: dict[Decimal, Variant] = {}
    for variant in _within(sheet, field, told):
        values[field] = number_of(variant.text)
        if not any(_fails(check, values) for check in others):
            found.setdefault(variant.value, variant)
    return found


def _pair_changes(
    sheet: _Sheet,
    pair: tuple[str, str],
    failing: Sequence[int],
    free: Mapping[str, Mapping[Decimal, Variant]],
) -> Iterator[tuple[Change, ...]]:
    """Values of two cells that may clear the failing identities: those of one alone settle it."""
    one, two = pair
    with_one = [i for i in failing if one in sheet.fields[i]]
    with_two = [i for i in failing if two in sheet.fields[i]]
    if len({*with_one, *with_two}) < len(failing):
        return
    alone = [i for i in with_one if i not in with_two]
    if not alone and len(with_one) < len(with_two):
        one, two, with_one, with_two = two, one, with_two, with_one
        alone = [i for i in with_one if i not in with_two]
    if not alone:
        yield from _in_one_sum(sheet, (one, two), with_one, free)
        return
    for first in _changes(sheet, one, alone, sheet.values)[:3]:
        values = sheet.changed((first,))
        for second in _changes(sheet, two, with_two, values)[:3]:
            yield first, second


def _in_one_sum(
    sheet: _Sheet,
    pair: tuple[str, str],
    shared: Sequence[int],
    free: Mapping[str, Mapping[Decimal, Variant]],
) -> Iterator[tuple[Change, ...]]:
    """Two slips in cells that all failing identities share: together they make up the difference.

    Every such identity is linear in both, so what the second must be follows from the first.
    """
    one, two = pair
    number = sheet.number(one)
    if number is None or not free[one] or not free[two]:
        return
    asked = _asked_for(sheet, two, shared, sheet.values)
    more = number_of(f"{number.value + 1:f}")
    then = _asked_for(sheet, two, shared, sheet.changed((Change(one, more, None),)))
    if asked is None or then is None:
        return
    step = then - asked
    for value, variant in free[one].items():
        other = free[two].get(asked + step * (value - number.value))
        if other is not None:
            yield (
                Change(one, number_of(variant.text), variant.slip),
                Change(two, number_of(other.text), other.slip),
            )


def _asked_for(sheet: _Sheet, field: str, asked: Sequence[int], values: Values) -> Decimal | None:
    """The one value that identities leave for a cell; ``None`` where they leave none or several."""
    told = [one for i in asked if (one := sheet.checks[i].solve(field, values)) is not None]
    if not told:
        return None
    low, high = max(one.low for one in told), min(one.high for one in told)
    return low if low == high else None

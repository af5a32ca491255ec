"""A form as the search for its wrong cells sees it: its checks by number, judged as it stands and
with some cells changed; what a change asks one to believe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from extractor.checks.edits import Slip
from extractor.checks.judge import Known
from extractor.checks.kinds import Check, Value, Values, usual_places
from extractor.numbers import Number

CELL = Decimal(2)
"""What one changed cell costs; the rest is weighed against it."""
_NO_SLIP, _POLICY = Decimal(3), Decimal(1)
_READERS_AGREE, _NOT_GROUNDED = Decimal(1), Decimal("-0.5")
_ZERO_ROW = Decimal("0.5")
"""A source that has no money has none in any column: what speaks for a zero in a row of zeros."""
_FEWEST_ZEROS = 2


class Evidence(NamedTuple):
    """What is known of a cell beside its sums; ``agreed``: whether two readers read the same."""

    grounded: bool = True
    agreed: bool | None = None


class Change(NamedTuple):
    """A cell and what would stand in it; ``slip`` made it into the print, if one slip did."""

    field: str
    number: Number
    slip: Slip | None


class Explanation(NamedTuple):
    """Cells that would clear some identities together, and what they ask one to believe."""

    cost: Decimal
    changes: tuple[Change, ...]


class Sheet:
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
        self.before = {i for i, check in enumerate(self.checks) if fails(check, values)}
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
        if any(fails(self.checks[i], values) for i in (*failing, *(near - self.before))):
            return False
        # What a check holds for may hang on cells that it does not name.
        return not any(fails(check, values) for check in self.sound)

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
            fails(self.checks[i], values) - (i in self.before)
            for i in near
            if doubted.isdisjoint(self.fields[i])
        )
        cost = _POLICY * broken
        for change in changes:
            known = self.evidence.get(change.field, Evidence())
            cost += CELL if change.slip else CELL + _NO_SLIP
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


def fails(check: Check, values: Values) -> bool:
    residual = check.residual(values)
    return residual is not None and residual.verdict == "fails"

"""A number cell that holds something else."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.checks.kinds.base import (
    HOLDS,
    Label,
    Residual,
    Says,
    SumOf,
    Values,
)
from extractor.numbers import Interval
from extractor.types import Severity


@dataclass(frozen=True, slots=True)
class Readable:
    """A cell in the place of a number holds a well-formed number.

    Never declared by a family: judged for every number leaf that stands ``unread``. ``text`` is
    what the cell holds.
    """

    field: str
    text: str
    rule: str = "R18"
    severity: Severity = "error"
    proves: bool = False

    @property
    def exact(self) -> bool:
        return False

    @property
    def id(self) -> str:
        return f"readable:{self.field}"

    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def residual(self, values: Values) -> Residual | None:
        return Residual("fails") if values.get(self.field) is None else HOLDS

    def solve(self, field: str, values: Values) -> Interval | None:
        return None

    def sum_of(self, values: Values) -> SumOf:
        return SumOf((), None, 0, None)

    def sentence(self, values: Values, label: Label) -> Says:
        return {
            "zh": f"{label(self.field)['zh']}：“{self.text}”不是完整的数",
            "en": f"{label(self.field)['en']}: “{self.text}” is not a well-formed number",
        }

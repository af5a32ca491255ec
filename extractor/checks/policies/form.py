"""Policies over a whole form: its grade, its split of weights, its amount unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from extractor.checks.kinds.base import (
    HOLDS,
    ZERO,
    Label,
    Residual,
    Says,
    Values,
    number_at,
    printed,
)
from extractor.checks.policies.base import FAILS, Policy
from extractor.types import Severity


@dataclass(frozen=True, slots=True)
class Grade(Policy):
    """The grade follows the total: ≥ 90 优, ≥ 80 良, ≥ 60 中, else 差.

    ``ends`` judges what holds under every scheme (≥ 90 is 优, < 60 is 差) and is an identity; the
    other judges the bands between, where schemes differ.
    """

    grade: str = "grade"
    total: str = "total_score"
    ends: bool = True

    @property
    def id(self) -> str:
        return f"{'grade' if self.ends else 'grade_band'}:{self.grade}"

    @property
    def severity(self) -> Severity:
        return "error" if self.ends else "advice"

    def fields(self) -> tuple[str, ...]:
        return (self.grade, self.total)

    def _usual(self, total: Decimal) -> tuple[str, ...]:
        if total >= 90:
            return ("优", "优秀", "合格")
        if total >= 80:
            return ("良", "良好", "合格")
        return ("中", "合格") if total >= 60 else ("差", "不合格")

    def residual(self, values: Values) -> Residual | None:
        grade, total = values.get(self.grade), number_at(values, self.total)
        if not isinstance(grade, str) or total is None:
            return None
        if (total.value >= 90 or total.value < 60) is not self.ends:
            return None
        return HOLDS if grade in self._usual(total.value) else FAILS

    def sentence(self, values: Values, label: Label) -> Says:
        total = number_at(values, self.total)
        usual = self._usual(total.value)[0] if total else "?"
        stands = values.get(self.grade)
        return {
            "zh": f"总分 {printed(values, self.total)} 应评“{usual}”，表上为“{stands}”",
            "en": f"a total of {printed(values, self.total)} is graded 「{usual}」, "
            f"「{stands}」 stands",
        }


@dataclass(frozen=True, slots=True)
class Graded(Policy):
    """A total comes with a grade."""

    grade: str = "grade"
    total: str = "total_score"

    @property
    def id(self) -> str:
        return f"graded:{self.grade}"

    def fields(self) -> tuple[str, ...]:
        return (self.grade, self.total)

    def residual(self, values: Values) -> Residual | None:
        if self.grade not in values or number_at(values, self.total) is None:
            return None
        return HOLDS if values[self.grade] else FAILS

    def sentence(self, values: Values, label: Label) -> Says:
        total = printed(values, self.total)
        return {
            "zh": f"总分 {total}，评分等级未填",
            "en": f"a total of {total} without a grade",
        }


@dataclass(frozen=True, slots=True)
class WeightScheme(Policy):
    """The usual split of the 100 points over level 1; ``schemes`` maps level 1 to points."""

    schemes: tuple[tuple[tuple[str, Decimal], ...], ...] = ()
    rows: tuple[tuple[str, str], ...] = (("indicators[].level1", "indicators[].weight"),)

    @property
    def id(self) -> str:
        return "scheme:indicators[].weight"

    def over(self, count: int) -> WeightScheme:
        rows = tuple(
            (level.replace("[]", f"[{i}]"), weight.replace("[]", f"[{i}]"))
            for level, weight in self.rows
            for i in range(count)
        )
        return replace(self, rows=rows)

    def fields(self) -> tuple[str, ...]:
        return tuple(weight for _, weight in self.rows)

    def _split(self, values: Values) -> dict[str, Decimal] | None:
        split: dict[str, Decimal] = {}
        for name, weight in self.rows:
            level, number = values.get(name), number_at(values, weight)
            if not isinstance(level, str) or number is None:
                return None
            split[level] = split.get(level, ZERO) + number.value
        return split or None

    def residual(self, values: Values) -> Residual | None:
        split = self._split(values)
        if split is None:
            return None
        return HOLDS if any(split == dict(scheme) for scheme in self.schemes) else FAILS

    def sentence(self, values: Values, label: Label) -> Says:
        split = self._split(values) or {}
        told = ", ".join(f"{level} {points.normalize():f}" for level, points in split.items())
        return {
            "zh": f"各级指标分值不同于通常的分配：{told}",
            "en": f"the weights are not split in the usual way: {told}",
        }


@dataclass(frozen=True, slots=True)
class AmountUnit(Policy):
    """万元 amounts above a million, or 元 amounts all below a hundred, make the unit suspect."""

    unit: str = "amount_unit"
    amounts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"unit:{self.unit}"

    def fields(self) -> tuple[str, ...]:
        return (self.unit, *self.amounts)

    def residual(self, values: Values) -> Residual | None:
        unit = values.get(self.unit)
        known = [n.value for n in (number_at(values, p) for p in self.amounts) if n and n.value]
        if not isinstance(unit, str) or not known:
            return None
        if unit == "万元":
            return FAILS if max(known) > 1_000_000 else HOLDS
        return FAILS if max(known) < 100 else HOLDS

    def sentence(self, values: Values, label: Label) -> Says:
        unit = values.get(self.unit)
        shown_amounts = [printed(values, p) for p in self.amounts if number_at(values, p)]
        return {
            "zh": f"金额单位“{unit}”可疑：{'、'.join(shown_amounts)}",
            "en": f"the amount unit {unit} is doubtful for {', '.join(shown_amounts)}",
        }

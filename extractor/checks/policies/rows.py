"""Policies over one indicator row: targets, wordings, notes and units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from extractor.checks.kinds.base import (
    HOLDS,
    ZERO,
    Label,
    Residual,
    Says,
    Values,
    printed,
)
from extractor.checks.policies.base import FAILS, Quantity, RowPolicy, met
from extractor.numbers import WIDE


@dataclass(frozen=True, slots=True)
class MeetsTarget(RowPolicy):
    """Met → full weight. Unmet → weight × actual/target (for ≤: target/actual or less the overrun).

    A target of "= 0" gives nothing when missed. Bodies often print exactly 80 % of the weight for
    a row that was not quite met; that is accepted too.
    """

    @property
    def id(self) -> str:
        return f"target:{self.at('score')}"

    def fields(self) -> tuple[str, ...]:
        return tuple(self.at(leaf) for leaf in ("target", "actual", "weight", "score"))

    def residual(self, values: Values) -> Residual | None:
        pair, points = self.pair(values), self.points(values)
        if pair is None or points is None:
            return None
        target, actual = pair
        weight, score, unit = points
        accepted = self._accepted(target, actual.value, weight)
        near = any(abs(score - value) < unit for value in accepted)
        return HOLDS if near else Residual("fails", score - accepted[0])

    def _accepted(self, target: Quantity, actual: Decimal, weight: Decimal) -> list[Decimal]:
        if met(target, actual):
            return [weight]
        if not target.value:
            return [ZERO]
        if target.operator in ("≤", "<"):
            less = max(ZERO, 2 - actual / target.value)
            return [weight * target.value / actual, weight * less, weight * 8 / 10]
        share = min(actual / target.value, Decimal(1))
        return [weight * share, weight * 8 / 10]

    def sentence(self, values: Values, label: Label) -> Says:
        pair, points = self.pair(values), self.points(values)
        if pair is None or points is None:
            return {"zh": self.told(values), "en": self.told(values)}
        usual = self._accepted(pair[0], pair[1].value, points[0])[0].quantize(
            Decimal("0.01"), context=WIDE
        )
        return {
            "zh": f"{label(self.at('score'))['zh']}：{self.told(values)}，按规则约为 {usual}",
            "en": f"{label(self.at('score'))['en']}: {self.told(values)}; the rule gives {usual}",
        }


@dataclass(frozen=True, slots=True)
class FarOverTarget(RowPolicy):
    """An actual of 130 % of its target or more wants a note on why the target was low."""

    @property
    def id(self) -> str:
        return f"far_over:{self.at('actual')}"

    def fields(self) -> tuple[str, ...]:
        return (self.at("target"), self.at("actual"), self.at("deviation"))

    def residual(self, values: Values) -> Residual | None:
        pair = self.pair(values)
        if pair is None or pair[0].operator in ("≤", "<") or not pair[0].value:
            return None
        if pair[1].value * 10 < pair[0].value * 13:
            return HOLDS
        if self.at("deviation") not in values:
            return None
        return HOLDS if values[self.at("deviation")] else FAILS

    def sentence(self, values: Values, label: Label) -> Says:
        told = f"{values.get(self.at('target'))} → {values.get(self.at('actual'))}"
        return {
            "zh": f"{label(self.at('actual'))['zh']}：{told}，超过目标三成，未说明原因",
            "en": f"{label(self.at('actual'))['en']}: {told} is 130 % of the target or more, "
            "without a note",
        }


@dataclass(frozen=True, slots=True)
class Wording(RowPolicy):
    """A qualitative result and its score agree: 达成 100–80 %, 部分达成 80–60 %, 未达成 60–0 %.

    The limits belong to both sides. ``lower`` is the lower end of the middle band (0.5 in Hubei).
    """

    lower: Decimal = Decimal("0.6")

    @property
    def id(self) -> str:
        return f"wording:{self.at('score')}"

    def fields(self) -> tuple[str, ...]:
        return (self.at("actual"), self.at("weight"), self.at("score"))

    def _band(self, actual: str) -> tuple[Decimal, Decimal] | None:
        if actual.startswith("部分达成"):
            return self.lower, Decimal("0.8")
        if actual.startswith("未达成"):
            return ZERO, self.lower
        if actual.startswith("达成"):
            return Decimal("0.8"), Decimal(1)
        return None

    def residual(self, values: Values) -> Residual | None:
        actual, points = values.get(self.at("actual")), self.points(values)
        band = self._band(actual) if isinstance(actual, str) else None
        if band is None or points is None or not points[0]:
            return None
        return HOLDS if band[0] <= points[1] / points[0] <= band[1] else FAILS

    def sentence(self, values: Values, label: Label) -> Says:
        actual = values.get(self.at("actual"))
        low, high = self._band(str(actual)) or (ZERO, Decimal(1))
        span = f"{low * 100:.0f}–{high * 100:.0f} %"
        score = f"{printed(values, self.at('score'))}/{printed(values, self.at('weight'))}"
        return {
            "zh": f"{label(self.at('score'))['zh']}：“{actual}”应为 {span}，表上为 {score}",
            "en": f"{label(self.at('score'))['en']}: “{actual}” calls for {span}, {score} stands",
        }


@dataclass(frozen=True, slots=True)
class NoteRequired(RowPolicy):
    """A row that loses points, or misses its target, says why."""

    @property
    def id(self) -> str:
        return f"note:{self.at('deviation')}"

    def fields(self) -> tuple[str, ...]:
        return tuple(self.at(leaf) for leaf in ("target", "actual", "weight", "score", "deviation"))

    def residual(self, values: Values) -> Residual | None:
        points, pair = self.points(values), self.pair(values)
        if points is None or self.at("deviation") not in values:
            return None
        if points[1] >= points[0] and (pair is None or met(pair[0], pair[1].value)):
            return None
        return HOLDS if values[self.at("deviation")] else FAILS

    def sentence(self, values: Values, label: Label) -> Says:
        told = self.told(values)
        return {
            "zh": f"{label(self.at('deviation'))['zh']}：{told}，未说明偏差原因",
            "en": f"{label(self.at('deviation'))['en']}: {told}, and no reason is given",
        }


def _is_rate(name: str) -> bool:
    """Whether a name is that of a share: 完成率, and not 频率, which is so many times a week."""
    return name.endswith("率") and not name.endswith(("频率", "功率", "速率"))


@dataclass(frozen=True, slots=True)
class UnitsAgree(RowPolicy):
    """Target and actual carry the same unit; a rate or a satisfaction is in %."""

    @property
    def id(self) -> str:
        return f"units:{self.at('actual')}"

    def fields(self) -> tuple[str, ...]:
        return (self.at("name"), self.at("target"), self.at("actual"))

    def residual(self, values: Values) -> Residual | None:
        pair = self.pair(values)
        if pair is None or not pair[0].unit or not pair[1].unit:
            return None
        if pair[0].unit != pair[1].unit:
            return FAILS
        name = values.get(self.at("name"))
        rate = isinstance(name, str) and (_is_rate(name) or "满意" in name)
        return FAILS if rate and pair[1].unit not in ("%", "‰", "分") else HOLDS

    def sentence(self, values: Values, label: Label) -> Says:
        told = f"{values.get(self.at('target'))} → {values.get(self.at('actual'))}"
        return {
            "zh": f"{label(self.at('actual'))['zh']}：计量单位可疑：{told}",
            "en": f"{label(self.at('actual'))['en']}: the unit is doubtful: {told}",
        }

"""A cost told among the indicators against the money that was spent."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.checks.kinds.base import HOLDS, Label, Residual, Says, Values, printed
from extractor.checks.policies.base import FAILS, RowPolicy, quantity
from extractor.checks.policies.money import IN_YUAN, added, money, overlap
from extractor.numbers import Interval

_COSTS = frozenset({"成本", "经济成本"})
_WHOLE = frozenset(
    {
        "总成本", "项目总成本", "总支出", "项目总支出", "支付金额", "项目支付金额", "资金支付金额",
        "预算执行金额", "预算执行数", "执行金额", "实际支出", "实际支出金额", "项目支出金额",
        "项目实际支出", "经费支出总额", "资金支出总额",
    }
)  # fmt: skip
_A_UNIT_OF = ("单价", "单位", "人均", "平均", "均价", "每")


@dataclass(frozen=True, slots=True)
class CostAgainstFunds(RowPolicy):
    """A cost in money is no more than what was spent, and the cost of the whole is just that.

    Worked: 支付金额 ≤5(万元) → 3.46(万元) beside 3.46 万元 executed agrees; so does 34,600 元,
    or 3.5 万元, which may be 3.46 rounded. 6.00 万元 of 课程费用 under 成本指标 agrees with
    181.18 万元 executed, as a part of them; 200 万元 would not.

    A row is one of cost by its level (成本指标, 经济成本指标, or 成本指标 as level 1) or, under any
    level, where its whole name is one of those for all that the project spent (支付金额,
    项目总成本); only such a row must equal the executed amount. ``executed`` are the amounts that
    add up to what was spent; ``whole`` is off where they are those of a body, whose projects are
    only part of it.

    Limits: an actual must be a plain amount in 元, 千元, 万元 or 亿元 (its own unit, else that of
    its target); costs per unit (单价, 人均, 每公里) are not compared, nor social and ecological
    ones; a project of several years, or one that others pay for too, may rightly tell more than
    this year's funds, which is why this is only a remark.
    """

    executed: tuple[str, ...] = ()
    unit: str = "amount_unit"
    whole: bool = True
    level1: str = "indicators[].level1"
    level2: str = "indicators[].level2"

    @property
    def id(self) -> str:
        return f"cost:{self.at('actual')}"

    def fields(self) -> tuple[str, ...]:
        row = (self.at(leaf) for leaf in ("name", "target", "actual"))
        return (*row, self.level1, self.level2, *self.executed, self.unit)

    def _actual(self, values: Values) -> Interval | None:
        """The actual in 元, where it is an amount of money."""
        target, actual = values.get(self.paths["target"]), values.get(self.paths["actual"])
        if not isinstance(actual, str) or not isinstance(target, str):
            return None
        if "元" not in actual and "元" not in target:
            return None
        reached, wanted = quantity(actual), quantity(target)
        unit = reached.unit or (wanted.unit if wanted else "") if reached else ""
        return money(reached.value, unit) if reached and unit in IN_YUAN else None

    def _is_whole(self, values: Values) -> bool:
        return self.whole and values.get(self.at("name")) in _WHOLE

    def _is_cost(self, values: Values) -> bool:
        levels = [values.get(path) for path in (self.level2, self.level1)]
        bare = [v.removesuffix("指标") for v in levels if isinstance(v, str) and v]
        return bool(bare) and bare[0] in _COSTS

    def residual(self, values: Values) -> Residual | None:
        actual = self._actual(values)
        if actual is None:
            return None
        is_whole = self._is_whole(values)
        if not is_whole and not self._is_cost(values):
            return None
        name = values.get(self.at("name"))
        if not isinstance(name, str) or any(word in name for word in _A_UNIT_OF):
            return None
        spent = added(values, self.executed, values.get(self.unit))
        if spent is None:
            return None
        fits = overlap(actual, spent) if is_whole else actual.low <= spent.high
        return HOLDS if fits else FAILS

    def sentence(self, values: Values, label: Label) -> Says:
        actual, unit = values.get(self.at("actual")), values.get(self.unit)
        spent = " + ".join(printed(values, path) for path in self.executed)
        name = label(self.at("actual"))
        if self._is_whole(values):
            zh, en = "应与执行数一致", "should equal what was spent"
        else:
            zh, en = "超过执行数", "is more than all that was spent"
        return {
            "zh": f"{name['zh']}：{actual} {zh}：{spent} {unit}",
            "en": f"{name['en']}: {actual} {en}: {spent} {unit}",
        }

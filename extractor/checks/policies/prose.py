"""What the goals tell in words against itself and against the money table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from extractor.checks.kinds.base import HOLDS, Label, Residual, Says, Values, printed
from extractor.checks.policies.base import FAILS, Policy
from extractor.checks.policies.money import added, overlap
from extractor.checks.policies.told import Told, ToldSum, quantities, sums
from extractor.numbers import Interval
from extractor.text import printable


@dataclass(frozen=True, slots=True)
class ToldSums(Policy):
    """A total that prose tells is what the parts that it names come to.

    Worked: 馆藏总量 366560 册，其中成人文献 251744 册，少儿文献 114816 册 holds; 媒体报道 33 次，
    其中市级媒体报道 23 次，市级以上媒体报道 9 次 does not, 23 + 9 is 32. How sums are found is
    said in :mod:`extractor.checks.policies.told`.

    Reported is only a sum whose parts leave no room for others: behind 其中 kinds of one thing
    (their labels end in the same two characters), in front of 共计 three or more, or two that 包括
    or 分别 introduces. Parts that only may be all (其中党员 30 人，女性 40 人) are never held
    against their total.

    Limits: a total and its parts stand in one sentence, or 其中 begins the next; each has the same
    measure word, one of a fixed list, printed behind its number; 余, 近, 约 and the like, shares in
    percent, dates and Chinese numerals are not added; what is told twice in different sentences is
    not compared.
    """

    prose: str = ""

    @property
    def id(self) -> str:
        return f"told_sums:{self.prose}"

    def fields(self) -> tuple[str, ...]:
        return (self.prose,)

    def residual(self, values: Values) -> Residual | None:
        text = values.get(self.prose)
        if not isinstance(text, str):
            return None
        told = [one for one in _sums(text) if one.closed]
        broken = [one for one in told if one.off]
        if broken:
            return Residual("fails", broken[0].off)
        return HOLDS if told else None

    def sentence(self, values: Values, label: Label) -> Says:
        text, name = values.get(self.prose), label(self.prose)
        text = text if isinstance(text, str) else ""
        told = [_written(one, text) for one in _sums(text) if one.closed and one.off]
        return {
            "zh": f"{name['zh']}：" + "；".join(told),
            "en": f"{name['en']}: " + "; ".join(told),
        }


@lru_cache(maxsize=8)
def _sums(text: str) -> tuple[ToldSum, ...]:
    """The sums of a text, which is judged, told and drawn one after the other."""
    return tuple(sums(text))


def _written(one: ToldSum, text: str) -> str:
    start, end = one.span
    parts = " + ".join(_plain(part.value) for part in one.parts)
    implied = _plain(one.total.value - one.off)
    quoted = printable(text[start:end].strip())
    return f"“{quoted}” {_plain(one.total.value)} ≠ {parts} = {implied}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


Role = Literal["initial", "budget", "executed"]
_OWN = "(?:最终|本|该|项目|专项|资金|经费|年度|全年|本年|当年|总)"
_NAMES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("initial", re.compile(rf"{_OWN}{{0,4}}年初预算(?:数|总额|金额|资金)?(?:为|共|共计|达)?")),
    ("executed", re.compile(
        rf"{_OWN}{{0,4}}(?:预算执行|实际执行|全年执行|实际支出|支出总额|执行总额)(?:数|总额|金额)?(?:为|共|共计|达)?"
    )),
    ("budget", re.compile(
        rf"(?:{_OWN}{{1,4}}|调整后)预算(?:数|总额|金额|资金)?(?:为|共|共计|达)?"
    )),
)  # fmt: skip
_WORDS = ("预算", "执行", "支出")
_HINT = re.compile(r"(?:预算|执行|支出)[数总额金资为共计达]{0,5}\s?\d")
_YEAR = re.compile(r"20\d\d\s?年度?")
_PART = ("每", "各", "其中", "人均", "分别")
_LOOK_BACK = 60


class _Named(NamedTuple):
    """An amount that the prose names, and the amounts of the table that it may be."""

    told: Told
    accepted: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ToldAmounts(Policy):
    """A budget or executed amount that prose names for the whole is one of the money table.

    Worked: 最终专项年度预算 4639900 元，实际执行 4512020.08 元 agrees with 463.99 and 451.20 万元,
    each as fine as it is printed. ``initial``, ``budget`` and ``executed`` are the paths whose
    amounts add up to each; a budget that is not said to be 年初 may be either.

    Limits: only an amount in 元 or 万元 whose words, from the comma before it, are nothing but such
    a name (年度预算, 实际执行, 最终专项年度预算 …, with or without a year) counts, and none in a
    sentence that speaks of each, of parts or of averages before it. What is spent on one thing
    (活动经费支出 5 万元) is never compared.
    """

    prose: str = ""
    initial: tuple[str, ...] = ()
    budget: tuple[str, ...] = ()
    executed: tuple[str, ...] = ()
    unit: str = "amount_unit"

    @property
    def id(self) -> str:
        return f"told_amounts:{self.prose}"

    def fields(self) -> tuple[str, ...]:
        return (self.prose, *self.initial, *self.budget, *self.executed, self.unit)

    def _amounts(self, values: Values) -> Iterator[_Named]:
        text = values.get(self.prose)
        if not isinstance(text, str) or "元" not in text:
            return
        if not any(word in text for word in _WORDS) or not _HINT.search(text):
            return
        for told in quantities(text):
            role = _role(told, text) if told.unit == "元" and not told.about else None
            if role is not None:
                yield _Named(told, self._accepted(role))

    def _accepted(self, role: Role) -> tuple[tuple[str, ...], ...]:
        if role == "executed":
            return (self.executed,)
        choices = (self.initial,) if role == "initial" else (self.initial, self.budget)
        return tuple(paths for paths in choices if paths)

    def _agrees(self, named: _Named, values: Values) -> bool | None:
        told = named.told
        meant = Interval(told.value - told.step, told.value + told.step)
        known = [added(values, paths, values.get(self.unit)) for paths in named.accepted]
        amounts = [amount for amount in known if amount is not None]
        return any(overlap(meant, amount) for amount in amounts) if amounts else None

    def residual(self, values: Values) -> Residual | None:
        agree = [self._agrees(named, values) for named in self._amounts(values)]
        if False in agree:
            return FAILS
        return HOLDS if True in agree else None

    def sentence(self, values: Values, label: Label) -> Says:
        name, told = label(self.prose), list[str]()
        text = values.get(self.prose)
        for named in self._amounts(values):
            if self._agrees(named, values) is False and isinstance(text, str):
                quoted = printable(text[named.told.start : named.told.end].strip())
                amounts = (" + ".join(printed(values, p) for p in ps) for ps in named.accepted)
                told.append(f"“{quoted}” ≠ {' / '.join(amounts)} {values.get(self.unit)}")
        return {
            "zh": f"{name['zh']}：" + "；".join(told),
            "en": f"{name['en']}: " + "; ".join(told),
        }


def _role(told: Told, text: str) -> Role | None:
    """What the words in front of an amount say that it is, if they leave no doubt."""
    if not any(word in told.label for word in _WORDS):
        return None
    words = _YEAR.sub("", told.label, count=1).replace(" ", "")
    before = re.split(r"[。！？\n]", text[max(0, told.start - _LOOK_BACK) : told.start])[-1]
    if any(word in before for word in _PART):
        return None
    for role, name in _NAMES:
        if name.fullmatch(words):
            return role
    return None

"""What an office writes into one indicator row: target, actual, points and a note.

Target and actual are drawn; the points for a quantity are those that the family's checks imply,
the points for a wording are drawn among those that the checks accept, and a note is written where
a check asks for one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from eval.offices import Office, accepts, implied_by
from eval.vocabulary import MET, PARTLY, UNMET, Fact, Item, note
from extractor.checks.kinds import Check, Value
from extractor.numbers import number_of

Outcome = Literal["met", "over", "missed"]

ROW = "indicators[0]"
"""Where the checks that judge a single row expect it."""
_SCORE, _NOTE = f"{ROW}.score", f"{ROW}.deviation"
_WHOLE = (Decimal(1),)
_NEARLY = tuple(map(Decimal, ("0.95", "0.9", "0.8")))
_PART = tuple(map(Decimal, ("0.8", "0.75", "0.7", "0.65", "0.6")))
_BARELY = tuple(map(Decimal, ("0.5", "0.4", "0.3", "0")))
_EIGHTY = Decimal("0.8")
_SLIPS = ("件", "人次")
"""Units that real forms print after a rate."""


class Pair(NamedTuple):
    """A target and an actual as values of a record, with what the goals tell of them."""

    target: str
    actual: str
    facts: tuple[Fact, Fact] | None = None


class Written(NamedTuple):
    """The rest of a row: its pair, its score as printed, its note."""

    pair: Pair
    score: str
    deviation: str | None


class Money(NamedTuple):
    """Budget and executed amount as printed, which a cost indicator repeats."""

    budget: Decimal
    executed: Decimal


class Clerk:
    """Fills in the rows of one form.

    ``checks`` are those that judge a single row, bound to :data:`ROW`; ``missing`` is how often
    a target is missed.
    """

    def __init__(
        self, rng: random.Random, office: Office, checks: Sequence[Check], money: Money
    ) -> None:
        self.rng = rng
        self.office = office
        self.checks = checks
        self.money = money
        self.missing = rng.choice((0.0, 0.05, 0.12, 0.3))

    def row(self, item: Item, weight: str) -> Written:
        """A row for an indicator worth ``weight`` points."""
        outcome = self._outcome()
        shares = _WHOLE
        if item.measure == "word" or (item.measure != "cost" and self._chance(0.03)):
            pair, shares = self._worded(item, outcome)
        else:
            pair = self._counted(item, outcome)
        values: dict[str, Value] = {
            f"{ROW}.name": item.name,
            f"{ROW}.target": pair.target,
            f"{ROW}.actual": pair.actual,
            f"{ROW}.weight": number_of(weight),
            _NOTE: "",
        }
        score = self._score(values, Decimal(weight), shares)
        values[_SCORE] = number_of(score)
        return Written(pair, score, self._note(item.name, values))

    def _chance(self, of: float) -> bool:
        return self.rng.random() < of

    def _outcome(self) -> Outcome:
        if self._chance(self.missing):
            return "missed"
        return "over" if self._chance(0.05) else "met"

    # What was wanted and reached

    def _worded(self, item: Item, outcome: Outcome) -> tuple[Pair, tuple[Decimal, ...]]:
        """A wording for what was reached, and the shares of the weight that may be given for it."""
        target = self.rng.choice(item.words) if item.words else self._target(item)[1]
        manner = self.office.wording
        if outcome == "missed":
            words, shares = (PARTLY, _PART) if self._chance(0.75) else (UNMET, _BARELY)
            return Pair(target, self.rng.choice(words[manner])), shares
        actual = self.rng.choice((*MET[manner], target) if manner == "free" else MET[manner])
        if target[0] in "≤≥=<>" or target[0].isdigit():
            actual = self.rng.choice(MET[manner])
        return Pair(target, actual), _NEARLY if self._chance(0.05) else _WHOLE

    def _target(self, item: Item) -> tuple[Decimal, str]:
        """A target that is a quantity, as number and as text."""
        wanted, sign = self._wanted(item), self._sign(item)
        return wanted, self.office.quantity(sign, wanted, item.unit)

    def _wanted(self, item: Item) -> Decimal:
        if item.measure == "zero":
            return Decimal(0)
        if item.measure == "rate":
            usual = [n for n in (75, 80, 85, 90, 95, 98, 99, 100) if item.low <= n <= item.high]
            return Decimal(self.rng.choice(usual))
        drawn = Decimal(self.rng.randint(item.low, item.high))
        return drawn.quantize(Decimal("1e2")) if drawn >= 1000 and self._chance(0.7) else drawn

    def _sign(self, item: Item) -> str:
        if item.measure in ("limit", "cost"):
            return "<" if self._chance(0.05) else "≤"
        if item.measure == "zero" or item.low == 100:
            return "="
        bare = "" if self.office.quantities in ("plain", "cells") else "≥"
        return self.rng.choices(("≥", "=", ">", bare), (68, 22, 4, 6))[0]

    def _counted(self, item: Item, outcome: Outcome) -> Pair:
        """A quantity wanted and a quantity reached."""
        if item.measure == "rate" and self._chance(0.02):
            item = item._replace(unit=self.rng.choice(_SLIPS))
        if item.measure == "cost":
            item = item._replace(unit=self.office.unit)
            wanted, reached, sign = *self.money, "≤"
        else:
            wanted, sign = self._wanted(item), self._sign(item)
            reached = self._reached(item, sign, wanted, outcome)
        office = self.office
        pair = (
            office.quantity(sign, wanted, item.unit),
            office.quantity("", reached, item.unit, actual=True),
        )
        told = [Fact(item.name, f"{n.normalize():f}{item.unit}") for n in (wanted, reached)]
        return Pair(*pair, (told[0], told[1]))

    def _reached(self, item: Item, sign: str, wanted: Decimal, outcome: Outcome) -> Decimal:
        """What came of a target; a strict one is never just met."""
        if item.measure == "zero":
            return Decimal(self.rng.randint(1, 2) if outcome == "missed" else 0)
        if item.measure == "limit":
            low, high = (102, 150) if outcome == "missed" else (55, 99)
            by = low if outcome == "missed" else high
            return self._scaled(wanted, low, high, by, exact=sign == "≤" and outcome != "missed")
        if outcome == "missed":
            return self._scaled(wanted, 60 if item.measure == "count" else 80, 99, 99)
        if sign == "=":
            return wanted
        if item.measure == "rate":
            most = max(Decimal(100), wanted + 1) if sign == ">" else Decimal(100)
            above = wanted + (most - wanted) * self.rng.randint(1, 100) / 100
            exact = sign != ">" and self._chance(0.4)
            return wanted if exact else above.quantize(Decimal("0.1"))
        low, high = (130, 220) if outcome == "over" else (101, 120)
        return self._scaled(wanted, low, high, low, exact=sign != ">" and outcome == "met")

    def _scaled(
        self, wanted: Decimal, low: int, high: int, by: int, *, exact: bool = False
    ) -> Decimal:
        """``low`` to ``high`` percent of a target, whole, and on the side of it that ``by`` is.

        With ``exact`` it is often the target itself.
        """
        if exact and self._chance(0.5):
            return wanted
        reached = (wanted * self.rng.randint(low, high) / 100).quantize(Decimal(1))
        if by > 100:
            return max(reached, wanted + 1)
        return max(min(reached, wanted - 1), Decimal(0))

    # Points and note

    def _score(self, values: dict[str, Value], weight: Decimal, shares: Sequence[Decimal]) -> str:
        """What the checks imply, or a share of the weight that none of them objects to."""
        noted = {**values, _NOTE: "…"}
        for check in self.checks:
            implied = implied_by(check, _SCORE, noted)
            if implied is not None:
                score = self.office.points(implied)
                eighty = self.office.points(weight * _EIGHTY)
                missed = implied < weight and self.office.eighty
                return eighty if missed and self._fits(eighty, noted) else score
        if self.office.eighty and _EIGHTY in shares:
            shares = (_EIGHTY,)
        fitting = [s for s in shares if self._fits(self.office.points(weight * s), noted)]
        return self.office.points(weight * self.rng.choice(fitting or shares))

    def _fits(self, score: str, values: dict[str, Value]) -> bool:
        return accepts(self.checks, _SCORE, number_of(score), values)

    def _note(self, name: str, values: dict[str, Value]) -> str | None:
        """A note where a check asks for one, unless the office leaves it out."""
        asked = [
            check
            for check in self.checks
            if not accepts((check,), _NOTE, "", values) and accepts((check,), _NOTE, "…", values)
        ]
        habit = self.office.notes
        if not asked or habit == "never" or (habit == "often" and self._chance(0.4)):
            return None
        return note(self.rng, name, too_low=all(_SCORE not in check.fields() for check in asked))

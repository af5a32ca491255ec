"""An office: its habits in filling in a form, how it rounds and prints, and the books it keeps.

An office fills in freely what only it can know; whatever a declared check implies is worked out
from that check. Worked by hand, an office with hidden 元 books 17,446,812.40 元 of budget and
15,965,137.15 元 executed, prints 1744.68 and 1596.51 万元, and works out 91.5074 % from the books.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Literal

from eval.columns import ColumnSet
from extractor.checks.kinds import Check, Residual, Value, number_at
from extractor.families import Family
from extractor.numbers import Number, number_of

Rate = Literal["percent2", "percent1", "whole", "fraction"]
Rounding = Literal["half_up", "truncate"]
Wordings = Literal["指标", "预期", "年度", "free"]

RATE_PLACES: Mapping[Rate, int] = {"percent2": 2, "percent1": 1, "whole": 0, "fraction": 3}
BOOK_PLACES = 12
"""Decimals to which the books count as exact, so that a check gives them no slack of print."""
_STEADY = Decimal("1e-9")
"""What is worked out from an interval is exact to this; finer digits are those of its width."""
_PROBE = Number(Decimal(-1000), 0, "-1000")
"""A number that no field of a form can have: what a check says of it, it says of any number."""


@dataclass(frozen=True, slots=True)
class Office:
    """The habits of one office in one form.

    ``unit``           of the amounts, 万元 or 元
    ``amount_places``  decimals of amounts; ``point_places`` of weights, scores and totals
    ``whole_weights``  weights have no decimals whatever the scores have (10 beside 9.15)
    ``trimmed``        numbers lose the zeros at their end (10, 9.5, 0)
    ``rate``           how rates are printed; ``rate_sign`` whether ``%`` follows
    ``rounding``       of rates and scores; amounts are always rounded half-up
    ``hidden_yuan``    amounts are kept in 元 and printed rounded in 万元
    ``separators``     1,765.05
    ``brackets``       their width in targets and labels
    ``dash``           what rows below the total print under weight and score
    ``zero_rows``      a row of nothing prints zeros, zeros and a dash for its rate, or nothing
    ``sources``        how many rows of funds hold money
    ``adjusted``       the budget was changed during the year
    ``eighty``         what was missed gets exactly 80 % of its weight
    ``graded``         the grade is filled in, with a word of ``grades``, best first
    ``lenient``        between the ends, grades one step above the usual
    ``cost_level``     cost is a level-1 indicator
    ``by_scheme``      weights are split over level 1 in the usual way
    ``listed``         level 2 is one merged cell of names for each level 1
    ``rows``           how many indicators
    ``quantities``     ≥95.00(%) · ≥95(%) with actuals of two decimals · ≥95% · ≥95(%) over three
                       cells with a bare actual
    ``percent``        how % is written in brackets
    ``wording``        how qualitative results are put
    ``notes``          whether lost points are explained
    """

    unit: str
    amount_places: int
    point_places: int
    whole_weights: bool
    trimmed: bool
    rate: Rate
    rate_sign: bool
    rounding: Rounding
    hidden_yuan: bool
    separators: bool
    brackets: Literal["full", "half"]
    dash: str
    zero_rows: Literal["zeros", "dash", "blank"]
    sources: int
    adjusted: bool
    eighty: bool
    graded: bool
    grades: tuple[str, ...]
    lenient: bool
    cost_level: bool
    by_scheme: bool
    listed: bool
    rows: int
    quantities: Literal["decimals", "whole", "plain", "cells"]
    percent: str
    wording: Wordings
    notes: Literal["always", "often", "never"]

    def amount(self, value: Decimal) -> str:
        """An amount as printed, without separators."""
        return self._text(value, self.amount_places, "half_up")

    def points(self, value: Decimal) -> str:
        return self._text(value, self.point_places, self.rounding)

    def weight(self, value: Decimal) -> str:
        return self._text(value, 0 if self.whole_weights else self.point_places, "half_up")

    def rated(self, percent: Decimal) -> str:
        """A rate as printed, without its sign."""
        value = percent / 100 if self.rate == "fraction" else percent
        return self._text(value, RATE_PLACES[self.rate], self.rounding)

    def quantity(self, sign: str, value: Decimal, unit: str, *, actual: bool = False) -> str:
        """A target, or an actual, with its unit, as the contract writes it."""
        plain = f"{sign}{value.normalize():f}"
        if actual and self.quantities == "cells":
            return plain
        if self.quantities == "plain":
            return f"{plain}{unit}"
        if self.quantities == "decimals" or (actual and self.quantities == "whole"):
            finest = max(2, -int(value.normalize().as_tuple().exponent))
            plain = f"{sign}{value:.{finest}f}"
        return f"{plain}({self.percent if unit == '%' else unit})"

    def parts(self, rng: random.Random, points: Decimal, count: int) -> list[Decimal]:
        """Points split over so many rows, evenly or not, in round numbers where possible."""
        step = Decimal(1)
        if self.point_places and not self.whole_weights and rng.random() < 0.2:
            step = Decimal("0.5") if rng.random() < 0.7 else Decimal(1).scaleb(-self.point_places)
        units = int(points / step)
        if rng.random() < 0.6:
            small, more = divmod(units, count)
            return [(small + (i < more)) * step for i in range(count)]
        cuts = [0, *sorted(rng.sample(range(1, units), count - 1)), units]
        return [(high - low) * step for low, high in pairwise(cuts)]

    def _text(self, value: Decimal, places: int, rounding: Rounding) -> str:
        steady = value.quantize(_STEADY, ROUND_HALF_UP)
        how = ROUND_DOWN if rounding == "truncate" else ROUND_HALF_UP
        rounded = steady.quantize(Decimal(1).scaleb(-places), how)
        return f"{rounded.normalize() if self.trimmed else rounded:f}"


_RATES = tuple(RATE_PLACES)
_GRADES = (("优", "良", "中", "差"), ("优秀", "良好", "中", "差"), ("合格", "不合格"))
_ROWS = ((3, 5), (6, 11), (8, 18), (12, 20), (22, 30))


def draw_office(rng: random.Random, columns: ColumnSet) -> Office:
    """An office that fills in forms of this column set."""
    unit = rng.choice(columns.units)
    is_department = columns.family == "department"
    spread = any(role == "nature" for role, _ in columns.indicators)
    hidden = unit == "万元" and rng.random() < 0.4
    rate = rng.choices(_RATES, (60, 14, 13, 13))[0]
    zeros = ("zeros", "dash") if is_department else ("zeros", "zeros", "dash", "blank")
    zero_rows = rng.choice(zeros)
    sources = min(rng.choice((1, 1, 1, 2, 2, 3, 4)), max(1, len(columns.sources)))
    in_cells: tuple[Literal["cells"], ...] = ("cells",)
    return Office(
        unit=unit,
        amount_places=rng.choice((2, 2, 2, 2, 4, 6, 0) if unit == "万元" else (2, 2, 2, 0)),
        point_places=rng.choice((2, 2, 2, 1, 1, 0)),
        whole_weights=columns.weight_header or rng.random() < 0.2,
        trimmed=rng.random() < 0.2,
        rate=rate,
        rate_sign=rate != "fraction" and rng.random() < 0.35,
        rounding="truncate" if rng.random() < 0.3 else "half_up",
        hidden_yuan=hidden,
        separators=rng.random() < 0.6,
        brackets=rng.choice(("half", "half", "full")),
        dash=rng.choice(("-", "-", "—", "/")),
        zero_rows=zero_rows,
        sources=sources,
        adjusted=rng.random() < 0.5,
        eighty=rng.random() < 0.4,
        graded=rng.random() < 0.85,
        grades=rng.choices(_GRADES, (75, 15, 10))[0],
        lenient=rng.random() < 0.1,
        cost_level=columns.has_cost_level and rng.random() < 0.4,
        by_scheme=rng.random() < 0.7,
        listed=is_department and rng.random() < 0.25,
        rows=rng.randint(*rng.choices(_ROWS, (15, 20, 35, 15, 15))[0]),
        quantities=rng.choice(in_cells if spread else ("decimals", "whole", "plain")),
        percent="百分比" if rng.random() < 0.12 else "%",
        wording=rng.choice(("指标", "指标", "指标", "预期", "年度", "free")),
        notes=rng.choices(("always", "often", "never"), (60, 30, 10))[0],
    )


class Books:
    """What an office knows of one form, and what it prints of it.

    ``values`` are what the checks see: amounts as exact as they are kept, points and rates as they
    are printed; ``leaves`` are the printed values by path. A leaf that is ``open`` is worked out
    by :meth:`fill` from the checks.
    """

    def __init__(self, office: Office, family: Family, checks: Sequence[Check]) -> None:
        self.office = office
        self.family = family
        self.checks = checks
        self.values: dict[str, Value] = {"amount_unit": office.unit}
        self.leaves: dict[str, str | None] = {"amount_unit": office.unit}
        self.open: set[str] = set()

    def write(self, path: str, value: Decimal) -> None:
        """Books a number and prints it by the habit of its kind; rates are given in percent."""
        kind = self.family.kind(path)
        if kind == "amount":
            self.leaves[path] = self.office.amount(value)
            self.values[path] = Number(value, BOOK_PLACES, f"{value:f}")
            return
        if kind == "rate":
            text = self.office.rated(value)
        elif kind in ("weight", "total_weight"):
            text = self.office.weight(value)
        else:
            text = self.office.points(value)
        self.leaves[path] = text
        self.values[path] = number_of(text)

    def tell(self, path: str, text: str | None) -> None:
        """A text of the form; ``None`` for a cell that stays empty."""
        self.leaves[path] = text
        if text is not None:
            self.values[path] = text

    def printed(self, path: str) -> Decimal:
        """The number printed at a path."""
        text = self.leaves[path]
        if text is None:
            raise ValueError(f"{path} is blank")
        return Decimal(text)

    def exact(self, path: str) -> Decimal:
        """A number as exact as the books have it."""
        number = number_at(self.values, path)
        if number is None:
            raise ValueError(f"{path} is not booked")
        return number.value

    def fill(self, paths: Iterable[str]) -> None:
        """Works the leaves out from the checks that imply them.

        Raises ``LookupError`` where no check implies a leaf, ``ArithmeticError`` where the check
        that implies one does not hold on it as printed (a habit has too few decimals for it).
        """
        self.open.update(paths)
        going = True
        while self.open and going:
            going = sum(self._one_by(check) for check in self.checks) > 0
        if self.open:
            raise LookupError(f"no check implies {', '.join(sorted(self.open))}")

    def _one_by(self, check: Check) -> bool:
        """Fills in the one open leaf of a check, if it has just one and pins it down."""
        wanted = [path for path in check.fields() if path in self.open]
        if len(wanted) != 1:
            return False
        implied = implied_by(check, wanted[0], self.values)
        if implied is None:
            return False
        self.open.discard(wanted[0])
        self.write(wanted[0], implied)
        told = check.residual(self.values)
        if told is None or told.verdict != "holds":
            raise ArithmeticError(f"{check.id} does not hold on {self.leaves[wanted[0]]}")
        return True


def implied_by(check: Check, field: str, values: dict[str, Value]) -> Decimal | None:
    """What a check wants a field to be: the middle of its interval, or what its residual says.

    ``None`` where it does not apply to these values or leaves the field free, as a bound does.
    """
    residual = _probed(check, field, values)
    if residual is None:
        return None
    known = {path: value for path, value in values.items() if path != field}
    interval = check.solve(field, known)
    if interval is None:
        return None if residual.off is None else _PROBE.value - residual.off
    if not check.proves and interval.low != interval.high:
        return None
    return (interval.low + interval.high) / 2


def _probed(check: Check, field: str, values: dict[str, Value]) -> Residual | None:
    """What the check says of a number that cannot be right; ``None`` where it does not apply."""
    before = values.get(field)
    values[field] = _PROBE
    residual = check.residual(values)
    if before is None:
        del values[field]
    else:
        values[field] = before
    return residual


def accepts(checks: Iterable[Check], field: str, value: Value, values: dict[str, Value]) -> bool:
    """Whether no check fails with this value in a field."""
    tried = {**values, field: value}
    return not any(
        (told := check.residual(tried)) is not None and told.verdict == "fails" for check in checks
    )

"""What every check is: its verbs, its verdicts, and the values it is judged on.

A check is data with a few verbs and no knowledge of who asks:

``fields()``                who takes part
``residual(values)``        how far from true, or *cannot tell*, or ``None`` where it does not apply
``solve(field, values)``    what a field would have to be, as an interval
``sum_of(values)``          the relation laid out as a sum, for people
``sentence(values, …)``     how to say that it fails

``values`` maps the path of a leaf to its number (or text), to ``None`` where something that should
be known is not, and lacks the path where the page has no such label or column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from statistics import mode
from typing import NamedTuple, Protocol, runtime_checkable

from extractor.numbers import WIDE, Interval, Number
from extractor.types import Severity, Verdict

Value = Number | str | None
Values = Mapping[str, Value]
Label = Callable[[str], Mapping[str, str]]
Says = Mapping[str, str]

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


class Residual(NamedTuple):
    """A verdict, and printed minus implied where the check is additive.

    ``fields`` are those that the verdict is about, where they are not all that take part: the
    cells of a row that is lost, the rows that repeat others.
    """

    verdict: Verdict
    off: Decimal | None = None
    fields: tuple[str, ...] | None = None


HOLDS = Residual("holds")
CANNOT_TELL = Residual("cannot_tell")


ALL_WELL = Residual("holds", None, ())
"""Holds, and is evidence for no cell: that no row is lost says nothing of what the rows hold."""


class SumOf(NamedTuple):
    """A relation as people write it: signed terms, what they come to, what is printed.

    ``unit`` follows the implied value of a rate, which is in percent.
    """

    terms: tuple[tuple[str, str], ...]
    implied: Decimal | None
    places: int
    printed: str | None
    unit: str = ""


class Check(Protocol):
    """What judge, explain and later locate and imply know of a check."""

    @property
    def id(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def proves(self) -> bool:
        """Whether holding pins a number down, as an equality does and a bound does not."""
        ...

    @property
    def exact(self) -> bool:
        """Whether no other number of the same decimals would hold as well, as it would within a
        rounding."""
        ...

    def fields(self) -> tuple[str, ...]: ...
    def residual(self, values: Values) -> Residual | None: ...
    def solve(self, field: str, values: Values) -> Interval | None: ...
    def sum_of(self, values: Values) -> SumOf: ...
    def sentence(self, values: Values, label: Label) -> Says: ...


@runtime_checkable
class Headed(Protocol):
    """A check of a whole table, which goes by a heading of its own, not by a field of it."""

    def heading(self) -> Says: ...


@runtime_checkable
class Worded(Protocol):
    """A check that tells its relation in words of its own, where ``printed = terms`` is not it.

    ``names`` maps each of its fields to what it is called in the language that is wanted, so the
    formula itself is made of signs and numbers only.
    """

    def relation(self, names: Mapping[str, str]) -> str: ...


@runtime_checkable
class OverRows(Protocol):
    """A check over all indicator rows at once that learns at binding how many there are."""

    def over(self, count: int) -> Check: ...


def number_at(values: Values, path: str) -> Number | None:
    """The number at a path, ``None`` where there is none."""
    value = values.get(path)
    return value if isinstance(value, Number) else None


def usual_places(values: Values, field: str) -> int:
    """The decimals that most numbers of a field's column are printed with; 2 where none is."""
    column = field.rpartition(".")[2]
    places = [
        value.places
        for path, value in values.items()
        if isinstance(value, Number) and path.rpartition(".")[2] == column
    ]
    return mode(places) if places else 2


def shown(value: Decimal, places: int) -> str:
    """A Decimal as forms print it: thousands separated, ``places`` decimals, a real minus sign."""
    text = f"{value.quantize(ONE.scaleb(-places), ROUND_HALF_UP, WIDE):,f}"
    return text.replace("-", "−")


def printed(values: Values, path: str) -> str:
    """The number at a path as forms print it, ``?`` where it is unknown."""
    number = number_at(values, path)
    return shown(number.value, number.places) if number is not None else "?"


def unknown(values: Values, paths: Iterable[str], label: Label) -> Says:
    """The sentence for a check that cannot be judged, naming what is missing."""
    missing = [path for path in paths if path in values and values[path] is None]
    return {
        "zh": "无法核对：缺少" + "、".join(label(path)["zh"] for path in missing),
        "en": "cannot be judged without " + ", ".join(label(path)["en"] for path in missing),
    }

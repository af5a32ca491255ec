"""The gate: a measurement of the frozen set held against a baseline, by rules that are data.

A figure may get better at any time; what makes it worse, beyond its margin, is red.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from eval.gate_set import Measured, Part, figures_of, measure
from extractor.errors import CrossfootError
from extractor.families.base import FIELDS
from extractor.pipeline import CHECK_SET
from extractor.readers import VERSION

SHIPPED = Path(__file__).with_name("gate_baseline.json")
_PARTS: tuple[Part, ...] = ("gold", "pages", "double")


class Rule(NamedTuple):
    """Which way a figure gets better, and how much worse it may be than the baseline.

    ``margin`` is in units of the figure, where ``is_share`` in shares of its baseline.
    """

    better: Literal["lower", "higher"]
    margin: float = 0.0
    is_share: bool = False


RULES: Mapping[str, Rule] = {
    "not_found": Rule("lower"),
    "failed": Rule("lower"),
    "surplus": Rule("lower"),
    "exact": Rule("higher"),
    "rows_right": Rule("higher"),
    **{f"wrong.{class_}": Rule("lower") for class_ in FIELDS},
    **{f"silent.{class_}": Rule("lower") for class_ in FIELDS},
    "unnoticed": Rule("lower"),
    "flagged": Rule("lower", 0.01, is_share=True),
    "auroc": Rule("higher", 0.002),
    "auroc_with_value": Rule("higher", 0.002),
    "brier": Rule("lower", 0.02, is_share=True),
}
"""A figure without a row here is told where it moves, and never red."""

Verdict = Literal["worse", "better", "told"]


class BaselineError(CrossfootError):
    """A baseline that cannot be used; the message says why."""

    code = "baseline"


class Baseline(BaseModel):
    """A measurement as it is kept: what was measured, with which checks and reader, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    date: date
    check_set: str
    reader_version: str
    parts: dict[Part, Measured]

    @model_validator(mode="after")
    def _is_whole(self) -> Baseline:
        for part in _PARTS:
            figures = self.parts[part].figures if part in self.parts else {}
            if odd := set(figures).symmetric_difference(figures_of(part)):
                raise ValueError(f"{part}: lacks the figure {min(odd)}, or should not have it")
        return self


class Moved(NamedTuple):
    """A figure that is not what it was; ``None`` where it could not be told."""

    part: Part
    figure: str
    before: int | float | None
    after: int | float | None

    @property
    def verdict(self) -> Verdict:
        """``told``: nothing is asked of the figure, or it is worse within its margin."""
        rule = RULES.get(self.figure)
        if rule is None or self.before is None or self.after is None:
            return "told"
        loss = self.after - self.before if rule.better == "lower" else self.before - self.after
        if loss < 0:
            return "better"
        margin = rule.margin * self.before if rule.is_share else rule.margin
        # Binary fractions: 0.9 − 0.898 would be more than 0.002.
        return "worse" if round(loss - margin, 9) > 0 else "told"

    @property
    def is_within(self) -> bool:
        """Whether it is worse, and may be."""
        known = self.before is not None and self.after is not None
        return known and self.figure in RULES and self.verdict == "told"


class Comparison(NamedTuple):
    """What moved, and the parts that are of another set, of which nothing can be compared."""

    moved: tuple[Moved, ...]
    other: tuple[Part, ...]

    def by(self, verdict: Verdict) -> list[Moved]:
        return [one for one in self.moved if one.verdict == verdict]

    @property
    def is_red(self) -> bool:
        return bool(self.other or self.by("worse"))


def now(jobs: int) -> Baseline:
    """The frozen set measured as things are."""
    return Baseline(
        date=datetime.now(UTC).date(),
        check_set=CHECK_SET,
        reader_version=VERSION,
        parts=measure(jobs),
    )


def compare(before: Baseline, after: Baseline) -> Comparison:
    """Two measurements, part by part and figure by figure."""
    other: list[Part] = [
        part for part in _PARTS if _is_other(before.parts[part], after.parts[part])
    ]
    return Comparison(tuple(_moved(before, after, other)), tuple(other))


def _is_other(before: Measured, after: Measured) -> bool:
    return (before.set, before.figures["forms"]) != (after.set, after.figures["forms"])


def _moved(before: Baseline, after: Baseline, other: Collection[Part]) -> Iterator[Moved]:
    for part in _PARTS:
        if part not in other:
            was, is_ = before.parts[part].figures, after.parts[part].figures
            for figure in figures_of(part):
                if was[figure] != is_[figure]:
                    yield Moved(part, figure, was[figure], is_[figure])


def load(file: Path) -> Baseline:
    """The baseline in a file; raises :class:`BaselineError` that says in what it is none.

    A file that is not there raises ``FileNotFoundError``.
    """
    try:
        return Baseline.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        told = first["msg"].removeprefix("Value error, ")
        raise BaselineError(": ".join([*map(str, first["loc"]), told])) from None


def dumped(baseline: Baseline) -> bytes:
    """A baseline as it is kept: a figure a line, so that differences can be read."""
    return (baseline.model_dump_json(indent=1) + "\n").encode()

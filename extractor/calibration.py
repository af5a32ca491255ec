"""A calibrated artefact: evidence → probability and promise, as ``eval calibrate`` wrote it.

The artefact names what it was made for: family of forms, reader with its version, set of checks. A
form that was read otherwise is left to the rule of its stratum.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from extractor.confidence import BLANK, STRATA, SUPPORTED, state_of
from extractor.errors import CrossfootError
from extractor.evidence import Evidence
from extractor.families import FAMILIES
from extractor.pipeline import evidence_for
from extractor.signals import SIGNALS, Class, class_of, signals_of
from extractor.types import (
    Basis,
    CheckedDocument,
    CheckedForm,
    Confidence,
    Document,
    Entry,
    reader_of,
)

SCHEMA = 1
PROMISED = frozenset(name for rung in SUPPORTED for name in rung) | {BLANK}
"""The strata that a promise may cover; what nothing supports goes to a person whatever it costs."""


_LARGEST = 4_000_000
"""Bytes of a file; one calibration takes some thousand."""


class CalibrationError(CrossfootError):
    """An artefact that cannot be used; the message names the file and the mend."""

    code = "calibration"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Promise(_Strict):
    """What is promised of one class of fields.

    At most a share ``limit`` of the values in the strata ``accepted`` is wrong, with 95 %
    confidence; ``bound`` is the share that the ``errors`` among ``n`` labels leave possible. Where
    nothing is accepted, ``missing`` tells how many labels without a further error are wanted.
    ``refused`` are strata that were shown to be worse than the limit: a person looks at them.
    """

    limit: float = Field(gt=0, lt=1)
    n: int = Field(ge=0)
    errors: float = Field(ge=0)
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    bound: float | None = Field(default=None, ge=0, le=1)
    missing: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_kept(self) -> Promise:
        if strange := {*self.accepted, *self.refused} - PROMISED:
            raise ValueError(f"no promise can cover the stratum {min(strange)}")
        if self.accepted and (self.bound is None or self.bound > self.limit):
            raise ValueError("accepts strata without a bound below its limit")
        if not set(self.accepted).isdisjoint(self.refused):
            raise ValueError("accepts and refuses the same stratum")
        if self.errors > self.n:
            raise ValueError("has more errors than labels")
        if self.bound is not None and self.bound < self._least():
            raise ValueError("its labels cannot show so low a bound")
        return self

    def _least(self) -> float:
        """The lowest bound that so many labels show: what they are, and what none wrong would."""
        if not self.n:
            return 1.0
        return max(self.errors / self.n, 1 - 0.0501 ** (1 / self.n))


class Probability(_Strict):
    """The weights of a logistic regression on doubts, and the curve that makes them a probability.

    The log odds that a value is wrong are ``offset of its class + Σ weights of its signals``; the
    probability of it stands on ``curve``, points of (log odds, probability) with straight lines
    between. ``n`` labelled fields of ``families`` document families, ``errors`` of them wrong, are
    behind it. ``auroc`` and ``brier`` were measured out of fold.
    """

    basis: Basis
    n: int = Field(ge=1)
    errors: int = Field(ge=1)
    families: int = Field(ge=1)
    weights: dict[str, float]
    offsets: dict[Class, float]
    curve: tuple[tuple[float, float], ...] = Field(min_length=1)
    auroc: float | None = None
    brier: float | None = None

    @model_validator(mode="after")
    def _is_monotone(self) -> Probability:
        if self.weights.keys() != SIGNALS.keys():
            raise ValueError("was made for other signals")
        if not all(0 <= weight < math.inf for weight in self.weights.values()):
            raise ValueError("a weight is below zero: more doubts would make a value more probable")
        if not all(map(math.isfinite, self.offsets.values())):
            raise ValueError("an offset is no number")
        odds, shares = zip(*self.curve, strict=True)
        if not all(map(math.isfinite, odds)) or list(odds) != sorted(odds):
            raise ValueError("the log odds of the curve do not rise")
        if list(shares) != sorted(shares) or not 0 <= shares[0] <= shares[-1] <= 1:
            raise ValueError("the curve falls: more doubts would make a value more probable")
        return self


class Calibration(_Strict):
    """What is known of forms of one family that were read in one way.

    ``reader`` names reader, model and prompt as :func:`extractor.types.reader_of` does; ``basis``
    and ``n`` are those of the labels that the promises rest on. Without ``probability`` there were
    too few errors to learn from; without ``promises`` nothing was asked.
    """

    made: str = Field(max_length=40)
    family: str
    check_set: str
    reader: str
    reader_version: str
    basis: Basis
    n: int = Field(ge=0)
    probability: Probability | None = None
    promises: dict[Class, Promise] = Field(default_factory=dict[Class, Promise])

    @model_validator(mode="after")
    def _is_of_its_class(self) -> Calibration:
        if self.family not in {family.name for family in FAMILIES}:
            raise ValueError("is of a family of forms that Crossfoot does not know")
        for class_, promise in self.promises.items():
            strata = {*promise.accepted, *promise.refused}
            if strata and (class_ == "blanks") != (strata == {BLANK}):
                raise ValueError(f"the class {class_} has no such stratum")
        return self

    @model_validator(mode="after")
    def _is_of_real_forms(self) -> Calibration:
        if self.basis == "generated" and any(one.accepted for one in self.promises.values()):
            raise ValueError("generated forms alone never certify")
        return self

    def fits(self, form: CheckedForm) -> bool:
        """Whether a form was read as those were that this was made from."""
        return self.made_for == made_for(form)

    @property
    def made_for(self) -> tuple[str, ...]:
        """Family, reader, its version, checks."""
        return self.family, self.reader, self.reader_version, self.check_set

    def confidence(self, evidence: Evidence, stratum: str) -> Confidence | None:
        """How probable it is that a value is right, and the bound of those accepted like it."""
        class_ = class_of(evidence)
        learned = self.probability
        p = None
        if learned is not None:
            p = round(1 - chance_of_wrong(learned, class_, signals_of(evidence)), 6)
        promise = self.promises.get(class_)
        if promise is not None and stratum in promise.accepted:
            return Confidence(p, self.basis, promise.n, promise.bound)
        return None if learned is None else Confidence(p, learned.basis, learned.n, None)

    def needs_review(self, evidence: Evidence, stratum: str) -> bool:
        """By promise where there is one, else by the rule of the stratum."""
        promise = self.promises.get(class_of(evidence))
        if promise is not None:
            if stratum in promise.accepted:
                return False
            if stratum in promise.refused:
                return True
        return STRATA[stratum].review


class Artefact(_Strict):
    """A file of calibrations: one a family of forms and a way of reading them."""

    schema_version: Literal[1] = SCHEMA
    calibrations: tuple[Calibration, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _are_distinct(self) -> Artefact:
        if len({one.made_for for one in self.calibrations}) < len(self.calibrations):
            raise ValueError("two calibrations are of forms that were read in the same way")
        return self


def made_for(form: CheckedForm) -> tuple[str, ...]:
    """What a calibration must have been made for, to speak of a form."""
    return form.form.family, reader_of(form), form.reader_version, form.check_set


def chance_of_wrong(probability: Probability, class_: Class, signals: Sequence[int]) -> float:
    """The probability that a value is wrong."""
    on = (name for name, signal in zip(SIGNALS, signals, strict=True) if signal)
    doubts = sum(probability.weights[name] for name in on)
    return _on_curve(probability.offsets.get(class_, 0.0) + doubts, probability.curve)


def _on_curve(odds: float, curve: Sequence[tuple[float, float]]) -> float:
    """The height of a curve; before its first and behind its last point that of this point."""
    after = bisect_right(curve, odds, key=_first)
    if after == 0:
        return curve[0][1]
    if after == len(curve):
        return curve[-1][1]
    (low, here), (high, there) = curve[after - 1], curve[after]
    return here + (there - here) * (odds - low) / (high - low)


def _first(point: tuple[float, float]) -> float:
    return point[0]


def rated(document: CheckedDocument, calibrations: Sequence[Calibration]) -> CheckedDocument:
    """A document with what calibrations say of its forms."""
    if not calibrations:
        return document
    forms = tuple(rated_form(document.document, form, calibrations) for form in document.forms)
    return replace(document, forms=forms)


def rated_form(
    document: Document, form: CheckedForm, calibrations: Iterable[Calibration]
) -> CheckedForm:
    """A form with confidence, and with a person where promise or rule wants one.

    Where none of the calibrations was made for such a form, the rule of the strata holds.
    """
    one = next((one for one in calibrations if one.fits(form)), None)
    entries = _by_rule(form) if one is None else _by_promise(form, one)
    a, b = form.form.span
    unread = [span.moved(-a) for span in form.unread]
    state = state_of(document.text[a:b], entries, form.findings, unread)
    return replace(form, entries=entries, state=state)


def _by_rule(form: CheckedForm) -> dict[str, Entry]:
    return {
        path: entry._replace(needs_review=STRATA[entry.stratum].review, confidence=None)
        for path, entry in form.entries.items()
    }


def _by_promise(form: CheckedForm, one: Calibration) -> dict[str, Entry]:
    evidence = evidence_for(form)
    return {
        path: entry._replace(
            needs_review=one.needs_review(evidence[path], entry.stratum),
            confidence=one.confidence(evidence[path], entry.stratum),
        )
        for path, entry in form.entries.items()
    }


def load(file: Path) -> tuple[Calibration, ...]:
    """The calibrations of a file; raises :class:`CalibrationError` that names it and the mend."""
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise CalibrationError(f"{file}: is far too large for a calibration")
        return Artefact.model_validate_json(text).calibrations
    except OSError as error:
        raise CalibrationError(f"{file}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        told = first["msg"].removeprefix("Value error, ")
        why = f"{where}: {told}" if where else told
        raise CalibrationError(
            f"{file}: is no calibration ({why}); make one with `crossfoot eval calibrate -o`"
        ) from None

"""Labelled fields: what the evidence says of a field, and whether its value is right.

They are the raw material of probabilities and promises. Fields with the same evidence in one
document family are counted together: a form has some hundred fields and a dozen kinds of evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from eval.results import FormResult
from extractor.calibration import made_for
from extractor.confidence import BLANK
from extractor.evidence import Evidence
from extractor.pipeline import evidence_for
from extractor.signals import Class, class_of, signals_of
from extractor.types import CheckedForm


class Kind(NamedTuple):
    """Fields that look alike: of one document family, class, stratum and set of signals.

    ``made_for`` names family of forms, reader and checks (:func:`extractor.calibration.made_for`);
    of a form that was not found at all, the family alone. ``signals`` are ``None`` of a value that
    the page prints in a row that the reading lacks, with nothing that tells a person so: a blank
    that was taken for granted.
    """

    made_for: tuple[str, ...]
    family: str
    class_: Class
    stratum: str
    signals: tuple[int, ...] | None


@dataclass
class Labels:
    """How many fields there are of each kind, and how many of them are wrong."""

    fields: Counter[Kind] = field(default_factory=Counter[Kind])
    wrong: Counter[Kind] = field(default_factory=Counter[Kind])
    forms: int = 0

    def note(self, kind: Kind, wrong: bool) -> None:
        """Counts one field."""
        self.fields[kind] += 1
        if wrong:
            self.wrong[kind] += 1

    def add(self, more: Labels) -> None:
        """Counts what others counted as well."""
        self.fields.update(more.fields)
        self.wrong.update(more.wrong)
        self.forms += more.forms

    def note_form(self, form: CheckedForm | None, result: FormResult) -> None:
        """Counts every field of a form that was judged, and the values that it lost silently.

        A document at which a reader gave up is told to a person; nothing is silent about it.
        """
        self.forms += 1
        if result.failed is not None:
            return
        off = {slip.read_path for slip in result.slips}
        if form is not None:
            for path, evidence in evidence_for(form).items():
                self.note(kind_of(result.document_family, form, path, evidence), path in off)
        who = (result.family,) if form is None else made_for(form)
        lost = Kind(who, result.document_family, "blanks", BLANK, None)
        for slip in result.slips:
            if (form is None or slip.read_path is None) and not slip.flagged:
                self.note(lost, True)

    def made_for(self) -> list[tuple[str, ...]]:
        """For which calibrations there are labels, in the order in which they came."""
        return [who for who in {kind.made_for: None for kind in self.fields} if len(who) > 1]

    def of(self, who: tuple[str, ...]) -> Labels:
        """The labels for one calibration; what no reader found is missing from all of a family."""
        mine = [kind for kind in self.fields if kind.made_for in (who, who[:1])]
        return Labels(
            Counter({kind: self.fields[kind] for kind in mine}),
            Counter({kind: self.wrong[kind] for kind in mine if self.wrong[kind]}),
            self.forms,
        )

    def known(self) -> Iterator[tuple[Kind, tuple[int, ...], int, int]]:
        """Kinds with signals: the kind, its signals, fields, wrong ones among them."""
        for kind, count in self.fields.items():
            if kind.signals is not None:
                yield kind, kind.signals, count, self.wrong[kind]


def kind_of(family: str, form: CheckedForm, path: str, evidence: Evidence) -> Kind:
    """The kind of one field of a form."""
    stratum = form.entries[path].stratum
    return Kind(made_for(form), family, class_of(evidence), stratum, signals_of(evidence))

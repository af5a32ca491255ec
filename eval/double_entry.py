"""Generated pages read by one reader, by two, or with second looks. A simulation.

The simulated model knows the page as it was before the damage and misreads a share of its leaves,
anywhere or (``rho``) only where the page is damaged. It speaks without an endpoint here: what an
endpoint does to a reply is proved apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, product
from random import Random
from typing import Literal

from eval.columns import COLUMN_SETS
from eval.corpus import record_of
from eval.damage import DAMAGES
from eval.judging import Case, judge
from eval.layouts import TABULAR
from eval.loopback.errors_of_reading import Errors, Misread, misread
from eval.loopback.simulated import Simulated, Truth, looked_at
from eval.pages import GRADES, Page, Spec, page
from eval.results import FormResult
from eval.running import nearest
from extractor.disputes import doubtful
from extractor.families import family_of
from extractor.pipeline import Outline, Second, finish, outline
from extractor.twins import leaves
from extractor.types import CheckedDocument, CheckedForm, Document, Origin, Span

Reader = Literal["table", "model", "both", "both and looks"]
READERS: tuple[Reader, ...] = ("table", "model", "both", "both and looks")
_SIMULATED = Origin("simulated", "", "")


def damaged_specs(seed: int) -> Iterator[Spec]:
    """Pages of every damage, layout and column set without end, the grades in turn."""
    shapes = list(product(DAMAGES, TABULAR, COLUMN_SETS))
    Random(seed).shuffle(shapes)
    for number, (damage, layout, columns) in enumerate(cycle(shapes)):
        grade = GRADES[number % len(GRADES)]
        yield Spec(seed * 1_000_000 + number, columns, layout, damage, grade)


def damaged(made: Page) -> set[str]:
    """The leaves that the damaged page does not print as the sound one does."""
    sound = page(made.spec._replace(damage=None, grade=0))
    return {
        path
        for path, value in made.truth.items()
        if value is not None and _printed(made, path) != _printed(sound, path)
    }


def _printed(made: Page, path: str) -> list[str]:
    return [made.text[start:end] for start, end in made.places.get(path, ())]


@dataclass(frozen=True)
class Trial:
    """One page, taken apart once, to be read by several readers."""

    made: Page

    @cached_property
    def document(self) -> Document:
        name = self.made.spec.name
        return Document("generated", f"{name}.md", self.made.text, name)

    @cached_property
    def plan(self) -> Outline:
        return outline(self.document)

    @cached_property
    def truth(self) -> Truth:
        return Truth(record_of(self.made), damaged(self.made) if self.made.spec.damage else ())

    def said(self, errors: Errors) -> Misread:
        """What the model reads on the page, and where it is wrong."""
        return misread(self.truth.record, errors, self.made.text, self.truth.damaged)

    def read(self, reader: Reader, errors: Errors) -> CheckedForm | None:
        """The form as a reader has it; ``None`` where it found none."""
        return self.form(self.checked(reader, errors))

    def checked(self, reader: Reader, errors: Errors) -> CheckedDocument:
        """All that a reader finds on the page; the table reader makes no errors of its own."""
        seconds = {} if reader == "table" else self._seconds(errors, reader == "model")
        checked = finish(self.plan, seconds)
        form = self.form(checked)
        if reader == "both and looks" and form is not None and (cells := doubtful(form)):
            model = Simulated({self.made.text: self.truth}.get, errors=errors)
            seen = looked_at(model, self.made.text, [cell.id for cell in cells])
            looks = {str(cell["id"]): cell["text"] for cell in seen}
            seconds = {number: one._replace(looks=looks) for number, one in seconds.items()}
            checked = finish(self.plan, seconds)
        return checked

    def form(self, checked: CheckedDocument) -> CheckedForm | None:
        """The form that was read where the page has its own."""
        return nearest(checked, Span(0, len(self.made.text)), self.made.family)

    def judged(self, form: CheckedForm | None) -> FormResult:
        """What became of every leaf of the page."""
        made = self.made
        family = family_of(made.family)
        case = Case(made.spec.name, family, f"drawn-{made.spec.seed}", made.truth, made.places, {})
        return judge(case, self.document, form, 0.0, "silent")

    def _seconds(self, errors: Errors, alone: bool) -> dict[int, Second]:
        """What the model says of every piece that is worth asking about."""
        claims = {path: _text(value) for path, value in leaves(self.said(errors).record).items()}
        second = Second(claims, _SIMULATED, alone)
        pieces = enumerate(self.plan.pieces)
        return {number: second for number, piece in pieces if piece.is_worth_asking}


def _text(value: object) -> str | None:
    return None if value is None else str(value)

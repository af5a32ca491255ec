"""Generated pages written out as a set of their own, in the shape of a gold set."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from itertools import cycle, islice, product
from pathlib import Path

from eval.columns import COLUMN_SETS
from eval.generate import prints
from eval.goldset import DOCUMENTS, GoldItem, GoldLeaf, PrintedAs, item_id, write
from eval.layouts import TABULAR
from eval.pages import GRADES, Page, Spec, page
from extractor.errors import CrossfootError
from extractor.types import Span


class NotEmpty(CrossfootError):
    """The folder for a generated set holds something already."""

    code = "not_empty"


def write_set(
    folder: Path,
    count: int,
    seed: int,
    columns: str | None = None,
    layout: str | None = None,
    damage: str | None = None,
    grade: int | None = None,
) -> None:
    """Writes so many pages under ``documents/`` and the truth about each under ``forms/``.

    What is not named varies from page to page: column sets, layouts that are tables, and, where
    there is damage, its grade. The truth is that of the page before it was damaged.

    Raises :class:`NotEmpty` where the folder holds anything.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(f"{folder}: is not empty; name a new folder")
    (folder / DOCUMENTS).mkdir(parents=True)
    for spec in islice(_specs(seed, columns, layout, damage, grade), count):
        made = page(spec)
        path = f"{spec.name}.md"
        (folder / DOCUMENTS / path).write_bytes(made.text.encode())
        write(folder, _item(path, made))


def _specs(
    seed: int, columns: str | None, layout: str | None, damage: str | None, grade: int | None
) -> Iterator[Spec]:
    grades = ([grade] if grade else GRADES) if damage else (0,)
    shapes, names = [layout] if layout else TABULAR, [columns] if columns else COLUMN_SETS
    kinds = list(product(shapes, names, grades))
    random.Random(seed).shuffle(kinds)  # or few pages would all be of one layout
    for number, (shape, name, much) in enumerate(cycle(kinds)):
        yield Spec(seed * 1_000_000 + number, name, shape, damage, much)


def _item(path: str, made: Page) -> GoldItem:
    told = hashlib.sha256(made.text.encode()).hexdigest()
    spec = made.spec
    about: dict[PrintedAs, str | int | None] = {
        "layout": spec.layout,
        "columns": spec.columns,
        "damage": spec.damage,
        "grade": spec.grade,
    }
    return GoldItem(
        id=item_id(path, 0),
        document=path,
        sha256=told,
        text_sha256=told,
        form=0,
        span=Span(0, len(made.text.rstrip())),
        family=made.family,
        document_family=f"drawn-{spec.seed}",
        made_from="generated",
        agreement=None,
        breaks=(),
        printed_as=about,
        leaves={leaf: _leaf(made, leaf, value) for leaf, value in made.truth.items()},
    )


def _leaf(made: Page, path: str, value: str | None) -> GoldLeaf:
    """What was meant to be printed; damage may have left it no place on the page.

    A cell that is there and empty is blank, though nothing in it has a place.
    """
    spans = made.places.get(path, ())
    if value is not None:
        return GoldLeaf(state="value", value=value, spans=spans)
    is_there = bool(spans) or prints(COLUMN_SETS[made.spec.columns], path)
    return GoldLeaf(state="blank" if is_there else "absent", spans=spans)

"""A folder of generated one-form documents, and a simulated endpoint that knows them."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice, product
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from eval.columns import COLUMN_SETS
from eval.layouts import TABULAR
from eval.loopback.errors_of_reading import Errors
from eval.loopback.faults import Faults
from eval.loopback.leaves import Leaves, replaced
from eval.loopback.ledger import Ledger
from eval.loopback.library import Library
from eval.loopback.server import serving
from eval.loopback.simulated import Simulated, Truth
from eval.pages import Page, Spec, page
from eval.rivals import nested
from extractor.pipeline import outline
from extractor.types import Document

MODEL = "simulated"


class Corpus(NamedTuple):
    """Documents in a folder, and what each of their forms says."""

    folder: Path
    truths: tuple[tuple[str, Truth], ...]


def written(folder: Path, count: int, seed: int, layouts: Sequence[str] = tuple(TABULAR)) -> Corpus:
    """Writes so many documents of one clean form each, all different."""
    folder.mkdir(parents=True)
    truths: list[tuple[str, Truth]] = []
    shapes = cycle(product(COLUMN_SETS, layouts))
    for number, (columns, layout) in enumerate(islice(shapes, count)):
        made = page(Spec(seed * 1_000_000 + number, columns, layout))
        (folder / f"{number:05}.md").write_bytes(made.text.encode())
        truths += [(text, Truth(record_of(made))) for text in texts_of(made.text)]
    return Corpus(folder, tuple(truths))


def texts_of(text: str) -> list[str]:
    """The texts of the forms of a document, as a model is given them."""
    return [piece.text for piece in outline(Document("", "", text, "")).pieces]


def record_of(made: Page) -> dict[str, Any]:
    """The truth about a page as a record, with the leaves of which nothing is printed."""
    empty: Leaves = {path: None for path, value in made.truth.items() if value is None}
    filled = nested({path: value or "" for path, value in made.truth.items()})
    return replaced(filled, empty, frozenset())


class Served(NamedTuple):
    """An endpoint in this process, with its books."""

    url: str
    ledger: Ledger


@contextmanager
def endpoint(
    corpus: Corpus, faults: Faults | None = None, errors: Errors | None = None
) -> Generator[Served]:
    """The simulated model, serving what it knows of a corpus."""
    model = Simulated(Library(corpus.truths), MODEL, errors or Errors())
    ledger = Ledger()
    with serving(model, faults, ledger) as url:
        yield Served(url, ledger)


@contextmanager
def endpoint_apart(corpus: Corpus, latency: float) -> Generator[str]:
    """The same in a process of its own, so that its work is not counted as a client's."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, corpus, latency), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("end")
        process.join(timeout=30)


def _serve(connection: Connection, corpus: Corpus, latency: float) -> None:
    with endpoint(corpus, Faults(latency=latency)) as served:
        connection.send(served.url)
        connection.recv()


def environment(url: str, base: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command that asks the simulated model."""
    hidden = ("OPENAI_", "CROSSFOOT_")
    kept = {name: value for name, value in base.items() if not name.startswith(hidden)}
    return {**kept, "OPENAI_BASE_URL": url, "CROSSFOOT_MODEL": MODEL, "PYTHONUTF8": "1"}


COMMAND = [sys.executable, "-c", "from extractor.cli import main; main()"]
"""The command line, whether installed or not."""

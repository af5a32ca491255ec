"""Readings of a frozen set, held against the version that calibrations are made for.

Where the readings change, a calibration would speak of other values than it was made from: then
``extractor.readers.VERSION`` gets another number, and ``python -m tests.test_reader_version``
writes the fixture anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from eval.goldset import DOCUMENTS, SHIPPED
from eval.pages import page, plan
from extractor import load
from extractor.pipeline import Second, finish, outline
from extractor.readers import VERSION
from extractor.types import CheckedForm, Document, Origin
from tests.shapes import FIXTURES

FIXTURE = FIXTURES / "reader_version.json"


def readings() -> str:
    """A hash of every entry of the frozen set: the sample, and generated pages read once and twice
    (by a second reader that reads every third field otherwise)."""
    digest = hashlib.sha256()
    for form in _forms():
        for path, entry in form.entries.items():
            told = [path, entry.value, entry.raw, entry.standing, entry.stratum, entry.reasons]
            digest.update(json.dumps([*told, entry.agreed, entry.address]).encode())
    return digest.hexdigest()[:16]


def _forms() -> Iterator[CheckedForm]:
    for file in sorted((SHIPPED / DOCUMENTS).iterdir()):
        yield from finish(outline(load(file))).forms
    for spec in plan(60, 7):
        text = page(spec).text
        plain = outline(Document("frozen", f"{spec.name}.md", text, spec.name))
        once = finish(plain).forms
        yield from once
        for number, form in enumerate(once):
            says = {
                path: None if index % 3 == 0 else entry.value
                for index, (path, entry) in enumerate(form.entries.items())
            }
            yield from finish(plain, {number: Second(says, Origin("m", "p", "s"))}).forms


def test_other_readings_have_another_version() -> None:
    told = json.loads(FIXTURE.read_text("utf-8"))
    assert told == {"version": VERSION, "readings": readings()}, (
        "pages come out otherwise than under this version of the reader: raise "
        "extractor.readers.VERSION and run python -m tests.test_reader_version"
    )


if __name__ == "__main__":
    FIXTURE.write_text(json.dumps({"version": VERSION, "readings": readings()}) + "\n", "utf-8")

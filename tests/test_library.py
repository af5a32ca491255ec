"""What the simulated model knows of pages, of blocks of them, and of single cells."""

from __future__ import annotations

from typing import Any

import pytest

from eval.loopback.errors_of_reading import Errors
from eval.loopback.library import Library
from eval.loopback.simulated import Simulated, Truth, looked_at
from extractor.families import family_of
from extractor.pipeline import finish, outline
from extractor.readers.model.blocks import blocks, joined
from extractor.twins import leaves
from tests.shapes import PAGE, document
from tests.test_blocks import LONG, rows_of

PROJECT = family_of("project")


def record(page: str) -> dict[str, Any]:
    return finish(outline(document(page))).forms[0].record


def text_of(page: str) -> str:
    return outline(document(page)).pieces[0].text


LIBRARY = Library([(text_of(page), Truth(record(page))) for page in (PAGE, LONG)])


def test_a_page_is_known_by_its_text_and_no_other() -> None:
    assert LIBRARY(text_of(PAGE)) == Truth(record(PAGE))
    assert LIBRARY(text_of(PAGE).replace("图书", "电影")) is None
    assert len(LIBRARY) == 2


def test_blocks_of_a_page_say_together_what_the_page_says() -> None:
    whole = text_of(LONG)
    found = [LIBRARY(block) for block in blocks(whole, PROJECT, rows_of(whole), 900)]
    assert len(found) > 2
    said = [leaves(one.record) for one in found if one is not None]
    page, together = leaves(record(LONG)), joined(said)
    assert together == page | {path: None for path in together if path not in page}


def test_a_block_says_nothing_of_what_it_does_not_show() -> None:
    whole = text_of(LONG)
    first, *_ = blocks(whole, PROJECT, rows_of(whole), 900)
    told = LIBRARY(first)
    assert told is not None
    assert told.record["total_score"] is None
    assert 0 < len(told.record["indicators"]) < len(record(LONG)["indicators"])


@pytest.mark.parametrize(("rate", "right"), [(0.0, True), (1.0, False)])
def test_a_second_look_is_an_error_model_of_its_own(rate: float, right: bool) -> None:
    model = Simulated(LIBRARY, errors=Errors(rate))
    page, path = text_of(PAGE), "funds.total.executed"
    (one,) = looked_at(model, page, [path])
    assert (one["text"] == "90.00") is right
    assert looked_at(model, page, [path, "nowhere"])[1] == {"id": "nowhere", "text": None}


def test_a_second_look_at_damage_errs_there_alone_with_rho() -> None:
    paths = [path for path, value in leaves(record(PAGE)).items() if value and "." in path]
    truth = Truth(record(PAGE), {"funds.total.executed"})
    model = Simulated({PAGE: truth}.get, errors=Errors(1.0, rho=1.0))
    wrong = [
        cell["id"]
        for cell in looked_at(model, PAGE, paths)
        if cell["text"] != leaves(record(PAGE))[str(cell["id"])]
    ]
    assert wrong == ["funds.total.executed"]

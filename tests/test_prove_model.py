"""The proofs of the model path would notice what they are there to notice."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from eval.corpus import endpoint, record_of, written
from eval.double_entry import damaged
from eval.figures import Figures
from eval.pages import Spec, page
from eval.prove_bulk import _paid_twice, prove_storm  # pyright: ignore[reportPrivateUsage]
from eval.prove_escapes import prove_escapes, prove_escapes_untabled
from eval.prove_path import lint, prove_schemas, prove_untabled
from extractor.books import NONE, About, Question
from extractor.families import family_of
from extractor.readers.model import strict_schema
from extractor.replies import reply_model
from extractor.store import Store
from extractor.twins import leaves

SCHEMA = strict_schema(reply_model(family_of("project")))


@pytest.mark.parametrize(
    ("where", "keyword", "value", "said"),
    [
        ((), "additionalProperties", True, "additionalProperties"),
        ((), "required", ["year"], "required"),
        (("properties", "year"), "default", None, "default"),
        (("properties", "year"), "pattern", "x", "pattern"),
        (("properties", "funds"), "title", "beside", "$ref"),
    ],
)
def test_the_lint_sees_what_strict_mode_refuses(
    where: tuple[str, ...], keyword: str, value: Any, said: str
) -> None:
    schema = copy.deepcopy(SCHEMA)
    assert list(lint(schema)) == []
    here: Any = schema
    for step in where:
        here = here[step]
    here[keyword] = value
    assert any(said in breach for breach in lint(schema))


def test_every_schema_compiles_and_binds_the_engine() -> None:
    figures = Figures()
    prove_schemas(figures)
    assert figures.missed == []


@pytest.mark.parametrize(
    ("damage", "hurts"), [("look_alikes", True), ("dropped_digit", True), ("extra_columns", False)]
)
def test_damage_is_where_the_page_prints_otherwise(damage: str, hurts: bool) -> None:
    """What only moves cells leaves the print of every leaf as it was."""
    sound = page(Spec(1, "shanghai", "pipes"))
    found = damaged(page(Spec(1, "shanghai", "pipes", damage, 3)))
    assert damaged(sound) == set()
    assert bool(found) is hurts
    assert found <= set(sound.truth)


def test_a_record_of_a_page_has_every_leaf_of_its_truth() -> None:
    for columns in ("shanghai", "shanghai_department", "sichuan"):
        made = page(Spec(3, columns, "tabs"))
        assert leaves(record_of(made)) == made.truth


def test_escapes_are_counted_and_double_entry_lets_fewer_through() -> None:
    figures = Figures()
    prove_escapes(figures, 12, 5, 1)
    told = figures.values["escapes"]
    table = told["table, rho 0, damage of all levels"]
    both = told["both, rho 0, damage of all levels"]
    assert table["values"] > 2_000
    assert 0 < table["escaped"] > both["escaped"]
    assert both["flagged_percent"] > table["flagged_percent"] > 0
    prove_escapes_untabled(figures, 9, 5, 1)
    assert figures.values["escapes_untabled"]["flagged_percent"] > 5


def test_pages_without_rows_are_read_by_the_model_alone() -> None:
    figures = Figures()
    prove_untabled(figures, 4, 11)
    assert figures.missed == []


def test_a_storm_is_told_with_its_reasons_and_its_bill() -> None:
    figures = Figures()
    prove_storm(figures, 16, 7)
    assert figures.missed == []
    assert figures.values["storm_ends"] == 16


def test_a_reply_that_was_paid_for_twice_is_noticed(tmp_path: Path) -> None:
    corpus = written(tmp_path / "in", 1, 1)
    question = Question("m", "p", "s", "t", "{}")
    with endpoint(corpus) as served, Store.open(tmp_path / "a.db") as store:
        books = store.books(store.start_batch("both", ""))
        for expected in (0, 1, 2):
            number = books.sent(About(), question, NONE)
            books.landed(number, "ok", NONE, (question, "{}"))
            assert _paid_twice(tmp_path / "a.db", served) == expected
        books.sent(About(), question, NONE)  # killed before it landed: nobody's fault
        assert _paid_twice(tmp_path / "a.db", served) == 2

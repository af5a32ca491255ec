"""A form as the page of one form tells it: its fields, what is found, everything done to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from extractor.acting import act
from extractor.bulk import ingest
from extractor.confidence import STRATA
from extractor.operations import FAMILY, Operation
from extractor.reviewing import places_of
from extractor.sources import walk
from extractor.store import Store
from extractor.types import CheckedForm
from tests.shapes import PAGE
from ui.form_view import FormView, form_view

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
"""The second indicator has 20.00 points where the total says 30.00."""
OTHER = PAGE.replace("图书经费", "设备经费").replace("乙中心", "丙中心")
SCORE = "indicators[1].score"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive with one document of two forms, the first with a wrong digit."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tsv").write_text(f"{WRONG}\n{OTHER}", "utf-8")
    with Store.open(tmp_path / "a.db") as store:
        ingest(list(walk([tmp_path / "in"])), store)
        yield store


def forms(store: Store) -> list[CheckedForm]:
    return [form for _, form in store.forms()]


def op(store: Store, n: int, act_: str, path: str | None = SCORE, **more: object) -> Operation:
    """An operation on a field of the first form, as the archive has it now."""
    about, form = next(iter(store.forms()))
    told: dict[str, object] = {"at": f"2026-01-02T03:04:0{n}.678Z"}
    if path is not None:
        told |= {**places_of(form)[path]._asdict(), "against": form.entries[path].raw}
    made = {"id": f"op-{n}-of-many", "document": about.sha256, "act": act_, "person": "p"}
    return Operation(**{**made, "clock": n, **told, **more})  # type: ignore[arg-type]


def view(store: Store, number: int = 0, lang: str = "en") -> FormView:
    about, _ = next(iter(store.forms()))
    return form_view(forms(store)[number], store.operations(about.sha256), lang)


def line(told: FormView, value: str) -> list[str | None]:
    """The one field with a value."""
    (found,) = [row for row in told.fields if row[1] == value]
    return list(found)


def test_a_field_says_its_value_as_printed_and_whether_it_is_settled(store: Store) -> None:
    before = line(view(store), "20.00")
    assert (before[2], before[4]) == ("20.00", "to settle")
    act(store, [op(store, 1, "set", value="31.00")])
    after = line(view(store), "31.00")
    assert after[0] == before[0]
    assert (after[2], after[4]) == ("20.00", "settled")
    assert line(view(store), "优")[4] == ""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_is_told_in_one_language(store: Store, lang: str) -> None:
    act(store, [op(store, 1, "accept")])
    told = view(store, lang=lang)
    words = {"zh": ("已核", "错误", "原文如此"), "en": ("settled", "error", "as it is printed")}
    states = {row[4] for row in told.fields}
    believed = {getattr(STRATA[one.stratum], lang) for one in forms(store)[0].entries.values()}
    assert {row[3] for row in told.fields} <= believed
    assert words[lang][0] in states
    assert told.findings[0][0] == words[lang][1]
    assert told.history[0][3] == words[lang][2]


def test_a_row_is_named_in_its_fields_and_in_what_was_done(store: Store) -> None:
    act(store, [op(store, 1, "set", value="30.00")])
    told = view(store)
    (settled,) = [row for row in told.fields if row[4] == "settled"]
    assert told.history[0][2] == settled[0]
    assert "读者增长" in (settled[0] or "")


def test_parts_of_a_rejoined_cell_are_told_apart(store: Store) -> None:
    form = forms(store)[0]
    entry = form.entries["grade"]
    form.entries["grade"] = entry._replace(raw=("优", "良"))
    told = form_view(form, [], "en")
    assert line(told, "优")[2] == "优 ¦ 良"


def test_what_no_page_prints_is_left_out_unless_somebody_must_look(store: Store) -> None:
    form = forms(store)[0]
    absent = [path for path, one in form.entries.items() if one.standing == "absent"]
    assert absent
    shown = len(form_view(form, [], "en").fields)
    assert shown == len(form.entries) - len(absent)
    path = absent[0]
    form.entries[path] = form.entries[path]._replace(needs_review=True)
    told = form_view(form, [], "en").fields
    assert len(told) == shown + 1
    assert sum(row[1] is None and row[4] == "to settle" for row in told) == 1


def test_an_error_that_somebody_confirmed_is_the_forms_own(store: Store) -> None:
    (finding,) = [row for row in view(store).findings if row[0] == "error"]
    act(store, [op(store, 1, "defect", "total_score")])
    kinds = [row[0] for row in view(store).findings]
    assert "error" not in kinds
    assert kinds.count("the form itself is wrong") == 1
    assert view(store, 1).findings == []
    assert finding[1]


def test_what_was_done_is_told_in_the_order_of_arrival_with_time_person_and_id(
    store: Store,
) -> None:
    act(store, [op(store, 2, "set", value="30.00"), op(store, 1, "accept", "grade", person="q")])
    first, second = view(store).history
    assert list(first)[:2] == ["2026-01-02 03:04:02", "p"]
    assert list(first)[3:] == ["it reads 30.00", "op-2-of-"]
    assert list(second)[:2] == ["2026-01-02 03:04:01", "q"]


def test_what_was_undone_says_so_and_what_undid_it_stands_beside_it(store: Store) -> None:
    act(store, [op(store, 1, "set", value="30.00")])
    act(store, [op(store, 2, "undo", None, target="op-1-of-many")])
    said = [row[3] for row in view(store).history]
    assert said == ["it reads 30.00 (undone)", "undone"]
    act(store, [op(store, 3, "undo", None, target="op-2-of-many")])
    said = [row[3] for row in view(store).history]
    assert said == ["it reads 30.00", "undone (undone)", "undone"]


def test_each_form_tells_of_itself_and_of_what_is_of_the_whole_document(store: Store) -> None:
    act(
        store,
        [
            op(store, 1, "accept"),
            op(store, 2, "undo", None, target="op-1-of-many"),
            op(store, 3, "submit", None),
        ],
    )
    assert [row[3] for row in view(store).history] == [
        "as it is printed (undone)",
        "undone",
        "submitted",
    ]
    assert [row[3] for row in view(store, 1).history] == ["submitted"]


def test_what_fits_no_field_by_now_is_still_told(store: Store) -> None:
    family = forms(store)[0].form.family
    act(
        store,
        [
            op(store, 1, "accept", row="nowhere"),
            op(store, 2, "family", "grade", field=FAMILY, against=(), value=family),
        ],
    )
    told = [(row[2], row[3]) for row in view(store).history]
    assert told[0] == ("indicators[].score", "as it is printed")
    assert told[1][1] is not None
    assert family in told[1][1]


def test_what_a_person_wrote_is_text_and_no_pattern(store: Store) -> None:
    act(store, [op(store, 1, "set", "project_name", value="{value} <b>{0}</b>")])
    told = view(store)
    assert told.history[0][3] == "it reads {value} <b>{0}</b>"
    assert line(told, "{value}{0}")[2] == "图书经费"  # what a cell with this text would be read as

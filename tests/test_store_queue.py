"""The queue over an archive: its order, its filters, what it leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eval import review_archive
from extractor.acting import act
from extractor.bulk import ingest
from extractor.operations import Operation
from extractor.reviewing import places_of
from extractor.sources import walk
from extractor.store import Store
from extractor.store_filters import ALL, Filters
from tests.shapes import PAGE

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
"""A sum fails."""
DOUBTFUL = PAGE.replace("购书数量", "", 1)
"""The name of an indicator is missing; no sum fails."""

Read = Callable[..., Store]


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """Puts documents, by their paths, into an archive, in the order given."""
    stores: list[Store] = []
    runs = iter(range(1000))

    def put(**pages: str) -> Store:
        store = stores[0] if stores else Store.open(tmp_path / "a.db")
        stores[:] = [store]
        folder = tmp_path / f"in{next(runs)}"
        folder.mkdir()
        for name, text in pages.items():
            (folder / f"{name}.tsv").write_text(text, "utf-8")
        ingest(list(walk([folder], "in")), store)
        return store

    yield put
    for store in stores:
        store.close()


def page(text: str = WRONG, unit: str = "甲处", project: str = "甲项目", year: int = 2023) -> str:
    """A page of another unit, project and year; a form that no other is a twin of."""
    found = text.replace(UNIT, unit).replace(PROJECT, project).replace("2023", str(year))
    assert unit in found
    assert project in found
    return found


UNIT, PROJECT = "乙中心", "图书经费"


def paths(store: Store, filters: Filters = ALL, **more: int) -> list[str]:
    return [one.path.removesuffix(".tsv") for one in store.queue(filters, **more).rows]


class TestOrder:
    def test_settled_forms_are_not_in_it(self, read: Read) -> None:
        store = read(a=page(PAGE), b=page(project="乙项目"))
        assert paths(store) == ["b"]

    def test_forms_with_errors_come_before_doubtful_ones(self, read: Read) -> None:
        store = read(a=page(DOUBTFUL, "甲处"), b=page(WRONG, "乙处"))
        assert paths(store) == ["b", "a"]

    def test_the_documents_of_a_unit_stay_together(self, read: Read) -> None:
        store = read(
            a=page(DOUBTFUL, "甲处", "一"),
            b=page(DOUBTFUL, "乙处", "二"),
            c=page(WRONG, "甲处", "三"),
        )
        assert paths(store) == ["c", "a", "b"]

    def test_the_forms_of_a_document_stay_together_by_number(self, read: Read) -> None:
        two = page(DOUBTFUL, "甲处", "一") + page(WRONG, "乙处", "二")
        store = read(a=page(WRONG, "丙处", "三"), b=two)
        rows = [(one.path[0], one.number) for one in store.queue().rows]
        assert rows in ([("a", 0), ("b", 0), ("b", 1)], [("b", 0), ("b", 1), ("a", 0)])

    def test_documents_of_unknown_issuers_are_no_unit(self, read: Read) -> None:
        store = read(
            a=page(DOUBTFUL, "甲处", "一"), b=page(DOUBTFUL, "乙处", "二"), c=page(WRONG, "丙处")
        )
        store.db.conn.execute("UPDATE forms SET issuer = NULL WHERE errors > 0 OR issuer = '乙处'")
        store.db.conn.execute("UPDATE forms SET cost = cost + 1 WHERE issuer = '甲处'")
        assert paths(store) == ["c", "a", "b"]

    def test_what_a_person_settled_leaves_it(self, read: Read) -> None:
        store = read(a=page())
        ((about, form),) = store.forms()
        path = "indicators[1].score"
        place = places_of(form)[path]._asdict()
        made = {"id": "op-1", "document": about.sha256, "act": "set", "person": "p", "clock": 1}
        against = {"against": form.entries[path].raw, "value": "30.00"}
        act(store, [Operation(**made, **place, **against)])  # type: ignore[arg-type]
        assert store.queue() == ([], 0, 0, 0)


class TestPages:
    def test_pages_are_parts_of_one_list(self, read: Read) -> None:
        store = read(
            **{f"p{n}": page(project=f"{n}") + page(DOUBTFUL, project=f"{n}x") for n in range(4)}
        )
        everything = store.queue().rows
        assert len(everything) == 8
        for limit in (1, 3, 5):
            parts = [store.queue(offset=n, limit=limit).rows for n in range(0, 8, limit)]
            assert [one for part in parts for one in part] == everything
        assert store.queue(offset=8).rows == []

    def test_the_totals_are_those_of_all_pages(self, read: Read) -> None:
        store = read(a=page(), b=page(DOUBTFUL, project="乙"))
        found = store.queue(limit=1)
        everything = store.queue().rows
        assert (found.forms, found.documents) == (2, 2)
        assert found.fields == sum(one.flagged + one.unread for one in everything) > 0


class TestTwins:
    def test_a_form_that_stands_alike_in_two_documents_is_asked_about_once(
        self, read: Read
    ) -> None:
        store = read(b=page() + "\n", a=page())
        assert paths(store) == ["a"]
        assert store.queue().forms == 1

    def test_a_printing_that_differs_is_asked_about_too(self, read: Read) -> None:
        store = read(a=page(), b=page().replace("20.00", "21.00"))
        assert sorted(paths(store)) == ["a", "b"]

    def test_a_printing_with_a_cell_that_nobody_has_read_is_asked_about_too(
        self, read: Read
    ) -> None:
        store = read(a=page(), b=page() + "不明\t17\n")
        assert store.db.conn.execute("SELECT sum(unread) FROM forms").fetchone() == (2,)
        assert sorted(paths(store)) == ["a", "b"]

    def test_a_twin_stays_settled_with_the_first(self, read: Read) -> None:
        store = read(a=page(), b=page() + "\n")
        (document,) = [about for about, _ in store.forms() if about.path == "a.tsv"]
        form = next(form for _, form in store.forms())
        path = "indicators[1].score"
        place = places_of(form)[path]._asdict()
        made = {"id": "op-1", "document": document.sha256, "act": "set", "person": "p", "clock": 1}
        against = {"against": form.entries[path].raw, "value": "30.00"}
        act(store, [Operation(**made, **place, **against)])  # type: ignore[arg-type]
        assert store.queue().forms == 0

    def test_a_printing_that_is_doubted_otherwise_is_asked_about_too(self, read: Read) -> None:
        store = read(a=page(), b=page() + "\n")
        store.db.conn.execute(
            "UPDATE readings SET evidence = json_set(evidence, '$.judgements[0][1]', 'disputed') "
            "WHERE document = (SELECT id FROM documents WHERE path = 'b.tsv')"
        )
        assert sorted(paths(store)) == ["a", "b"]

    def test_a_printing_stays_where_nobody_is_asked_about_the_earlier_one(self, read: Read) -> None:
        store = read(a=page(), b=page() + "\n")
        store.db.conn.execute(
            "UPDATE forms SET state = 'clear' "
            "WHERE document = (SELECT id FROM documents WHERE path = 'a.tsv')"
        )
        assert paths(store) == ["b"]


class TestFilters:
    @pytest.fixture
    def store(self, read: Read) -> Store:
        read(a=page(WRONG, "甲处", "一", 2022), b=page(DOUBTFUL, "乙处", "二"))
        return read(c=page(WRONG, "丙处", "100%的三"))

    @pytest.mark.parametrize(
        ("filters", "wanted"),
        [
            (Filters(family="project"), "abc"),
            (Filters(family="department"), ""),
            (Filters(year=2022), "a"),
            (Filters(unit="乙处"), "b"),
            (Filters(check="sum:indicators[].score"), "ac"),
            (Filters(check="sum:indicators[*].score"), ""),
            (Filters(batch=2), "c"),
            (Filters(words="丙处 100%"), "c"),
            (Filters(words="丙处 100_"), ""),
            (Filters(check="sum:indicators[].score", batch=1, year=2022, words="甲"), "a"),
        ],
    )
    def test_filters_leave_what_they_say(self, store: Store, filters: Filters, wanted: str) -> None:
        assert sorted(paths(store, filters)) == list(wanted)
        assert store.queue(filters).forms == len(wanted)

    def test_the_choices_are_what_is_there_with_its_forms(self, store: Store) -> None:
        found = store.queue_choices()
        assert found.family == [("project", 3)]
        assert found.year == [(2023, 2), (2022, 1)]
        assert sorted(found.unit) == [("丙处", 1), ("乙处", 1), ("甲处", 1)]
        assert found.units == 3
        assert found.batch == [(1, 2), (2, 1)]
        for check, forms in found.check:
            assert store.queue(Filters(check=check)).forms == forms
        assert ("sum:indicators[].score", 2) in found.check

    def test_the_same_check_of_all_rows_is_one_choice(self, store: Store) -> None:
        store.db.conn.execute(
            "UPDATE findings SET check_id = 'band:indicators[' || form || '].score' "
            "WHERE check_id = 'sum:indicators[].score'"
        )
        assert ("band:indicators[*].score", 2) in store.queue_choices().check
        assert sorted(paths(store, Filters(check="band:indicators[*].score"))) == ["a", "c"]

    def test_units_are_found_by_a_part_of_their_names(self, store: Store) -> None:
        assert store.queue_units("乙") == [("乙处", 1)]
        assert store.queue_units("%") == []


class TestPeople:
    def test_a_lease_in_force_is_told(self, read: Read) -> None:
        store = read(a=page(), b=page(project="乙项目"))
        first = store.queue().rows[0]
        store.lease(first.document, "bench", "someone")
        assert [one.leased_by for one in store.queue().rows] == ["someone", None]
        store.db.conn.execute("UPDATE leases SET until = 1")
        assert [one.leased_by for one in store.queue().rows] == [None, None]

    def test_next_is_a_document_that_nobody_else_holds(self, read: Read) -> None:
        store = read(**{name: page(project=name) for name in "abc"})
        a, b, c = (one.document for one in store.queue().rows)
        store.lease(b, "other", "someone")
        assert store.next_in_queue() == a
        assert store.next_in_queue(a) == c
        assert store.next_in_queue(a, bench="other") == b
        assert store.next_in_queue(c) == a
        store.lease(a, "other", "someone")
        assert store.next_in_queue(c) is None

    def test_after_a_settled_document_its_unit_goes_on(self, read: Read) -> None:
        store = read(
            a=page(WRONG, "甲处", "一"), b=page(WRONG, "乙处", "二"), c=page(PAGE, "乙处", "三")
        )
        ((settled,),) = store.db.conn.execute("SELECT sha256 FROM documents WHERE path = 'c.tsv'")
        for unit in ("甲处", "乙处"):
            store.db.conn.execute("UPDATE forms SET cost = cost + 5 WHERE issuer = ?", (unit,))
            ((b,),) = store.db.conn.execute("SELECT sha256 FROM documents WHERE path = 'b.tsv'")
            assert store.next_in_queue(settled) == b

    def test_conflicts_and_submissions_are_told(self, read: Read) -> None:
        store = read(a=page())
        (row,) = store.queue().rows
        assert (row.conflicts, row.submitted) == (False, False)
        ((about, form),) = store.forms()
        place = places_of(form)["indicators[1].score"]._asdict()
        made = {"document": about.sha256, "person": "p", "clock": 1}
        stale = {"id": "op-1", "act": "set", "value": "1.00", "against": ("not this",)}
        act(store, [Operation(**made, **place, **stale)])  # type: ignore[arg-type]
        act(store, [Operation(**made, id="op-2", act="submit")])  # type: ignore[arg-type]
        (row,) = store.queue().rows
        assert (row.conflicts, row.submitted) == (True, True)

    def test_an_error_that_somebody_confirmed_is_no_doubt(self, read: Read) -> None:
        store = read(a=page())
        (row,) = store.queue().rows
        assert len(store.doubts([row.form])[row.form].errors) == 1
        ((about, form),) = store.forms()
        place = places_of(form)["total_score"]._asdict()
        made = {"id": "op-1", "document": about.sha256, "person": "p", "clock": 1}
        against = {"act": "defect", "against": form.entries["total_score"].raw}
        act(store, [Operation(**made, **place, **against)])  # type: ignore[arg-type]
        assert store.doubts([row.form])[row.form].errors == []


class TestWeighing:
    def test_forms_that_were_stored_without_a_cost_get_it_once(self, read: Read) -> None:
        store = read(a=page(), b=page(PAGE, project="乙项目"))
        wanted = [one.cost for one in store.queue().rows]
        store.db.conn.execute("UPDATE forms SET cost = 0")
        assert store.weigh_queue() == 1
        assert [one.cost for one in store.queue().rows] == wanted
        assert store.weigh_queue() == 0


class TestBigArchive:
    """The archive that the queue is measured on."""

    def test_copies_are_documents_of_their_own(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(review_archive, "BASE", 20)
        with Store.open(review_archive.big(tmp_path, 60, seed=1)) as store:
            forms = list(store.forms())
            assert len(forms) == 60
            assert len({about.sha256 for about, _ in forms}) == 15
            assert len({about.path for about, _ in forms}) == 15
            assert store.stats()["forms"] == 60
            assert not store.db.conn.execute("PRAGMA foreign_key_check").fetchall()
            found = store.queue()
            assert 0 < found.forms == len(found.rows) < 60
            assert found.rows[0].errors
            assert len({one.document for one in found.rows}) == found.documents
            errors = [one.check for _, form in forms for one in form.findings if one.is_error]
            stored = "SELECT count(*) FROM findings WHERE verdict = 'fails' AND severity = 'error'"
            assert store.db.conn.execute(stored).fetchone() == (len(errors),)

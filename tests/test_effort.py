"""What reviewing took and came to: time, counts, and the share that needed nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extractor.acting import act
from extractor.bulk import ingest
from extractor.effort import (
    FEWEST,
    Archive,
    Effort,
    Received,
    Spread,
    Through,
    Touched,
    changes,
    effort,
    kind_of,
    minutes_saved,
    spread,
    straight_through,
)
from extractor.operations import Operation
from extractor.sources import walk
from extractor.store import Store
from extractor.store_effort import archive_of, batches_of, failures, quality, received
from extractor.store_labels import Draw
from tests.shapes import PAGE
from tests.test_reviewing import WRONG, again, first, op, store

__all__ = ["store"]

DAY = "2026-03-01T08:00:00.000+00:00"


def done(n: int, act: str, seconds: float, field: str | None = "grade", **more: object) -> Received:
    """An act on a form of a document, received on one day."""
    at = str(more.pop("received", DAY))
    made: dict[str, object] = {
        "id": f"op-{n}", "document": "d", "act": act, "person": "p", "clock": n, "form": 0,
        "field": field, "spent": int(seconds * 1000), "against": ("20.00",),
    }  # fmt: skip
    return Received(Operation(**{**made, **more}), at)  # type: ignore[arg-type]


def undo(n: int, target: int, seconds: float, **more: object) -> Received:
    told = {"form": None, "target": f"op-{target}", **more}
    return done(n, "undo", seconds, None, **told)


WORKED = [
    done(1, "accept", 4),
    done(2, "set", 20, "total_score", value="30.00"),
    undo(3, 2, 1),
    done(4, "set", 5, "total_score", value="31.00"),
    done(5, "submit", 2, None, form=None),
]
"""The example in the module."""


def one(*received: Received) -> Effort:
    return effort([received])


class TestEffort:
    def test_the_worked_example(self) -> None:
        told = one(*WORKED)
        assert told.fields == Spread(2, 15.0, 26.0, 15.0)
        assert (told.forms, told.documents) == (spread([30.0]), spread([32.0]))
        assert told.tallies == {
            ("p", "2026-03-01"): {"accept": 1, "correct": 1, "undo": 1, "submit": 1}
        }
        assert told.accepted == 0.5
        assert (told.seconds, told.pauses) == (32.0, 0)
        assert told.settled == {("d", 0): 2}

    def test_order_and_repetition_change_nothing(self) -> None:
        assert one(*reversed(WORKED), *WORKED) == one(*WORKED)

    def test_a_pause_counts_as_five_minutes_and_is_told(self) -> None:
        told = one(done(1, "accept", 3600), done(2, "accept", 300, "year"))
        assert (told.seconds, told.pauses) == (600.0, 1)
        assert told.fields == spread([300.0, 300.0])

    def test_what_was_undone_is_time_and_no_decision(self) -> None:
        told = one(done(1, "accept", 4), undo(2, 1, 1))
        assert told.counts == {"undo": 1}
        assert (told.fields, told.accepted, told.seconds) == (None, None, 5.0)
        assert told.settled == {}

    def test_a_redone_act_is_a_decision_again_and_has_the_time_of_its_undoes(self) -> None:
        told = one(done(1, "accept", 4), undo(2, 1, 1), undo(3, 2, 2))
        assert told.counts == {"accept": 1, "undo": 1}
        assert told.fields == spread([7.0])

    def test_a_deferred_field_is_not_settled_and_its_form_was_touched(self) -> None:
        told = one(done(1, "defer", 9))
        assert (told.fields, told.forms) == (None, spread([9.0]))
        assert told.settled == {("d", 0): 0}
        assert told.accepted == 0.0

    def test_a_field_about_which_two_say_different_things_is_not_settled(self) -> None:
        told = one(done(1, "set", 4, value="1"), done(2, "set", 4, value="2", clock=1))
        assert (told.fields, told.settled) == (None, {("d", 0): 0})

    def test_acts_without_a_time_are_counted_and_not_timed(self) -> None:
        told = one(done(1, "accept", 0), done(2, "accept", 6, "year"))
        assert told.fields == Spread(1, 6.0, 6.0, 6.0)
        assert (told.counts, told.pace) == ({"accept": 2}, {"2026-03-01": 6.0})

    def test_a_clock_that_was_set_back_takes_no_time_away(self) -> None:
        assert one(done(1, "accept", -50), done(2, "accept", 6, "year")).seconds == 6.0

    def test_days_and_people_are_kept_apart(self) -> None:
        late = "2026-03-02T00:00:00.000+00:00"
        told = one(
            done(1, "accept", 4, at="1999-01-01"),
            done(2, "nothing", 8, "year", received=late),
            done(3, "defect", 2, "title", person="q", received=late),
        )
        assert told.tallies == {
            ("p", "2026-03-01"): {"accept": 1},
            ("p", "2026-03-02"): {"nothing": 1},
            ("q", "2026-03-02"): {"defect": 1},
        }
        assert told.pace == {"2026-03-01": 4.0, "2026-03-02": 5.0}

    def test_an_undo_of_what_is_not_there_breaks_nothing(self) -> None:
        assert one(undo(1, 9, 2), undo(2, 2, 1), undo(3, 3, 1)).seconds == 4.0

    @pytest.mark.parametrize(
        ("value", "printed", "changed"),
        [
            ("20", ("20.00",), False),
            ("20.10", ("20.00",), True),
            ("1090.00", ("1,090.00",), False),
            ("读者 增长", ("读者", "增长"), False),
            ("读者减少", ("读者增长",), True),
            ("20.00", (), True),
        ],
    )
    def test_setting_what_is_printed_corrects_nothing(
        self, value: str, printed: tuple[str, ...], changed: bool
    ) -> None:
        operation = done(1, "set", 1, value=value, against=printed).operation
        assert changes(operation) is changed
        assert kind_of(operation) == ("correct" if changed else "accept")

    def test_an_act_on_rows_is_one_of_structure(self) -> None:
        assert kind_of(replace(WORKED[0].operation, act="insert")) == "structure"  # type: ignore[arg-type]

    def test_nine_of_ten(self) -> None:
        told = spread([float(n) for n in range(1, 21)])
        assert told == Spread(20, 10.5, 18.0, 10.5)
        assert spread([]) is spread([0.0]) is None

    def test_nothing_at_all(self) -> None:
        told = effort([])
        assert (told.fields, told.accepted, told.seconds, told.tallies) == (None, None, 0, {})


class TestShares:
    def test_the_worked_example(self) -> None:
        archive = Archive(10, 8, 1000, 10, [Touched("d", 0, 1, True, 100, 0)])
        acts = [done(n, "accept", 1, name) for n, name in enumerate(("a", "b", "c"), 1)]
        assert straight_through(archive, one(*acts)) == (Through(7, 10), Through(987, 1000))

    def test_a_form_whose_acts_were_all_undone_went_through(self) -> None:
        archive = Archive(1, 1, 100, 0, [Touched("d", 0, 1, True, 100, 0)])
        told = one(done(1, "accept", 4), undo(2, 1, 1))
        assert straight_through(archive, told) == (Through(1, 1), Through(100, 100))

    def test_no_share_of_nothing(self) -> None:
        forms, fields = straight_through(Archive(0, 0, 0, 0, []), effort([]))
        assert (forms.share, fields.share) == (None, None)

    def test_minutes_saved(self) -> None:
        acts = [done(n, "accept", 6, f"leaf{n}") for n in range(FEWEST)]
        told = one(*acts)
        assert minutes_saved(1000, told) == (1000 * 6 - FEWEST * 6) / 60
        assert minutes_saved(0, told) == -2.0
        assert minutes_saved(1000, one(*acts[1:])) is None
        assert minutes_saved(1000, effort([])) is None


class TestArchive:
    def test_a_settled_form_did_not_go_through(self, store: Store) -> None:
        fields = store.stats()["fields"]
        flagged = store.stats()["flagged"]
        assert straight_through(archive_of(store), effort(received(store))) == (
            Through(0, 1),
            Through(fields - flagged, fields),
        )
        act(store, [op(store, "set", value="30.00", spent=4000)])
        assert store.stats()["clear"] == 1
        told = effort(received(store))
        assert told.fields == Spread(1, 4.0, 4.0, 4.0)
        assert straight_through(archive_of(store), told) == (
            Through(0, 1),
            Through(fields - 1, fields),
        )
        act(store, [op(store, "undo", None, 2, target="op-1")])
        assert straight_through(archive_of(store), effort(received(store)))[1] == Through(
            fields - flagged, fields
        )

    def test_a_form_goes_by_where_it_starts(self, store: Store) -> None:
        again(store, "前言\n" + WRONG)
        _, form = first(store)
        assert form.form.span.start > 0
        act(store, [op(store, "set", value="30.00", spent=4000)])
        assert straight_through(archive_of(store), effort(received(store)))[0] == Through(0, 1)

    def test_a_form_whose_twin_was_settled_did_not_go_through(self, store: Store) -> None:
        folder = store.path.parent / "in"
        (folder / "0-twin.tsv").write_text(PAGE, "utf-8")  # as it is printed elsewhere, and right
        act(store, [op(store, "set", value="30.00", spent=4000)])
        ingest(list(walk([folder])), store)
        assert store.stats()["forms"] == 1
        assert straight_through(archive_of(store), effort(received(store)))[0] == Through(0, 1)

    def test_a_form_and_its_twins_count_once_as_in_the_counts_of_the_archive(
        self, store: Store
    ) -> None:
        folder = store.path.parent / "in"
        for name in ("b", "c"):
            (folder / f"{name}.tsv").write_text(f"{PAGE}\n附 {name}\n", "utf-8")
        (folder / "d.tsv").write_text(f"{WRONG}\n附 d\n", "utf-8")
        ingest(list(walk([folder])), store)
        counts = store.stats()
        assert counts["forms"] < counts["read"]
        told = archive_of(store)
        assert told[:4] == tuple(counts[name] for name in ("forms", "clear", "fields", "flagged"))

    def test_operations_come_by_document_with_the_day_of_their_receipt(self, store: Store) -> None:
        old = [op(store, "accept"), op(store, "accept", "grade", 2)]
        act(store, old[:1])
        again(store, PAGE)
        act(store, [op(store, "accept", "grade", 3, at="1999-01-01T00:00:00Z")])
        act(store, old[1:])
        told = list(received(store))
        assert sorted([one.operation.id for one in mine] for mine in told) == [
            ["op-1", "op-2"],
            ["op-3"],
        ]
        (today,) = {one.day for mine in told for one in mine}
        assert today == store.db.conn.execute("SELECT date('now')").fetchone()[0]

    def test_answers_of_the_sample_by_stratum_and_class(self, store: Store) -> None:
        (number,) = (form for form, _ in store.form_sizes())
        drawn = [Draw(number, path, "names", "grounded", "x") for path in ("a", "b", "c")]
        ids = store.draw("sample", [*drawn, Draw(number, "d", "money", "closed", "1")])
        store.draw("correction", [Draw(number, "e", "money", "closed", "1")])
        assert ids[0] is not None
        assert ids[1] is not None
        store.answer(ids[0], "p", "x", False)
        store.answer(ids[1], "p", "y", True)
        assert {(one.stratum, one.class_): one[2:] for one in quality(store)} == {
            ("grounded", "names"): (3, 2, 1),
            ("closed", "money"): (1, 0, 0),
        }

    def test_batches_the_newest_first_with_what_the_archive_has_of_them(self, store: Store) -> None:
        killed = store.start_batch("both", "set-1", "gpt-x")
        store.fail(killed, "in", "<img>.pdf", "no_text", "nothing to read")
        store.fail(killed, "in", "a.tsv", "no_text", "nothing to read")
        new, old = batches_of(store, 10)
        assert (new.number, new.finished, new.summary, new.model) == (killed, None, None, "gpt-x")
        assert (new.documents, new.forms, new.failed) == (0, 0, 2)
        assert (old.documents, old.forms, old.open, old.failed) == (1, 1, 1, 0)
        assert old.errors == store.stats()["errors"] > 0
        assert old.summary is not None
        assert batches_of(store, 1) == [new]
        assert [one.path for one in failures(store, killed, 10)] == ["<img>.pdf", "a.tsv"]
        assert len(failures(store, killed, 1)) == 1

    def test_a_failure_is_over_once_the_file_was_read(self, store: Store) -> None:
        batch = store.start_batch("table", "set-1")
        root, path = store.db.conn.execute("SELECT root, path FROM places").fetchone()
        store.fail(batch, root, path, "no_text", "nothing to read")
        assert [one.open for one in failures(store, batch, 10)] == [True]
        again(store, PAGE)
        assert [one.open for one in failures(store, batch, 10)] == [False]

"""What reviewers say of a form: kept, chained, applied, and never moved to another field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from extractor.acting import act, catch_up
from extractor.bulk import ingest
from extractor.cli import app
from extractor.operations import UNREAD, Operation, fold, unclaimed
from extractor.pipeline import read_document
from extractor.reviewing import places_of, reviewed
from extractor.sources import walk
from extractor.store import Store
from extractor.store_leases import SECONDS
from extractor.types import CheckedForm
from tests.shapes import PAGE, document, only
from tests.test_calibration import promised

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
"""The second indicator has 20.00 points where the total says 30.00."""
SCORE = "indicators[1].score"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive with the page of which one digit is wrong."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tsv").write_text(WRONG, "utf-8")
    with Store.open(tmp_path / "a.db") as store:
        ingest(list(walk([tmp_path / "in"])), store)
        yield store


def again(store: Store, text: str) -> None:
    """The same place holds another text now, or the same text is read anew."""
    folder = store.path.parent / "in"
    (folder / "a.tsv").write_text(text, "utf-8")
    ingest(list(walk([folder])), store)


def first(store: Store) -> tuple[str, CheckedForm]:
    ((about, form),) = store.forms()
    return about.sha256, form


def op(store: Store, act: str, path: str | None = SCORE, n: int = 1, **more: object) -> Operation:
    """An operation on a field as the archive has it now."""
    sha256, form = first(store)
    told: dict[str, object] = {"form": first(store)[1].form.span.start}
    if path is not None:
        place = places_of(form)[path]
        told = {**place._asdict(), "against": form.entries[path].raw}
    made = {"id": f"op-{n}", "document": sha256, "act": act, "person": "p", "clock": n}
    return Operation(**{**made, **told, **more})  # type: ignore[arg-type]


def flagged(form: CheckedForm) -> set[str]:
    return {path for path, entry in form.entries.items() if entry.needs_review}


class TestOperations:
    def test_a_correction_makes_the_sums_come_out_and_empties_the_queue(self, store: Store) -> None:
        assert SCORE in flagged(first(store)[1])
        assert store.stats()["open"] == 1
        told = act(store, [op(store, "set", value="30.00")])
        assert (told.kept, told.refused) == (("op-1",), {})
        _, form = first(store)
        entry = form.entries[SCORE]
        assert (entry.value, entry.standing, entry.stratum) == ("30.00", "reviewed", "reviewed")
        assert entry.raw == ("20.00",)  # what is printed stays beside it
        assert form.record["indicators"][1]["score"] == "30.00"
        assert flagged(form) == set()
        assert (form.state, store.stats()["open"], store.stats()["flagged"]) == ("clear", 0, 0)
        queue = store.db.conn.execute("SELECT count(*) FROM review_queue").fetchone()
        assert queue == (0,)

    def test_a_form_that_is_itself_wrong_is_confirmed_and_asks_nobody_more(
        self, store: Store
    ) -> None:
        act(store, [op(store, "defect", "total_score", reason="the page says so")])
        _, form = first(store)
        (finding,) = [one for one in form.findings if one.is_error]
        assert (finding.cause, finding.confirmed) == ("source_defect", True)
        assert flagged(form) == set()
        assert form.state == "clear"
        assert form.entries[SCORE].value == "20.00"

    def test_accepting_one_cell_of_a_failing_sum_leaves_the_others(self, store: Store) -> None:
        act(store, [op(store, "accept")])
        _, form = first(store)
        assert SCORE not in flagged(form)
        assert "total_score" in flagged(form)
        assert form.state == "open"

    def test_a_sum_of_which_people_looked_at_every_field_is_the_pages_own_error(
        self, store: Store
    ) -> None:
        _, form = first(store)
        (finding,) = [one for one in form.findings if one.is_error]
        *most, last = finding.fields
        act(store, [op(store, "accept", path, n) for n, path in enumerate(most, start=1)])
        assert first(store)[1].state == "open"
        act(store, [op(store, "accept", last, 99)])
        _, form = first(store)
        (finding,) = [one for one in form.findings if one.is_error]
        assert (finding.confirmed, finding.cause, form.state) == (True, "source_defect", "clear")

    def test_what_a_person_mistypes_is_no_error_of_the_page(self, store: Store) -> None:
        _, form = first(store)
        (finding,) = [one for one in form.findings if one.is_error]
        others = [path for path in finding.fields if path != SCORE]
        act(store, [op(store, "accept", path, n) for n, path in enumerate(others, start=1)])
        act(store, [op(store, "set", SCORE, 99, value="3.00")])  # for 30.00
        _, form = first(store)
        (finding,) = [one for one in form.findings if one.is_error]
        assert (finding.confirmed, form.state, flagged(form)) == (False, "open", {SCORE})

    def test_deferring_a_field_that_nobody_doubted_wants_a_person(self, store: Store) -> None:
        act(store, [op(store, "set", value="30.00")])
        assert first(store)[1].state == "clear"
        act(store, [op(store, "defer", "project_name", 2)])
        _, form = first(store)
        assert (form.state, flagged(form)) == ("open", {"project_name"})
        act(store, [op(store, "defer", SCORE, 3, seen=("op-1",))])  # the correction is out of force
        assert SCORE in flagged(first(store)[1])

    def test_nothing_printed_there(self, store: Store) -> None:
        act(store, [op(store, "nothing", "grade")])
        entry = first(store)[1].entries["grade"]
        assert (entry.value, entry.standing, entry.needs_review) == (None, "reviewed", False)

    def test_a_deferred_field_still_wants_a_person(self, store: Store) -> None:
        act(store, [op(store, "defer")])
        assert SCORE in flagged(first(store)[1])

    def test_undo_brings_the_reading_back(self, store: Store) -> None:
        before = first(store)[1]
        act(store, [op(store, "set", value="30.00")])
        act(store, [op(store, "undo", None, 2, target="op-1")])
        assert first(store)[1] == before

    def test_a_person_writes_as_people_write(self, store: Store) -> None:
        act(store, [op(store, "set", "funds.total.executed", value=" 1,090.00 ")])
        assert first(store)[1].entries["funds.total.executed"].value == "1090.00"

    def test_sending_again_changes_nothing(self, store: Store) -> None:
        one = op(store, "set", value="30.00")
        for _ in range(3):
            assert act(store, [one]).kept == ("op-1",)
        assert len(store.operations(one.document)) == 1

    def test_what_cannot_be_taken_is_given_back_and_the_rest_kept(self, store: Store) -> None:
        good = op(store, "set", value="30.00")
        bad = [
            op(store, "set", n=2, value="thirty"),
            op(store, "set", n=3, value=""),
            op(store, "set", n=4, value="30.00", document="0" * 64),
            op(store, "accept", n=5, person=" "),
            op(store, "accept", n=6, clock=0),
            op(store, "accept", n=7, clock=10**9),
            op(store, "accept", n=8, field="no.such.leaf"),
            op(store, "undo", None, 9),
            op(store, "accept", n=10, reason="x" * 30_000),
            op(store, "accept", n=11, form=-1),
            op(store, "accept", n=12, form=2**70),
            op(store, "accept", n=13, label=2**70),
            op(store, "accept", n=14, row="x" * 30_000),
            replace(good, value="31.00"),
        ]
        told = act(store, [good, *bad])
        assert told.kept == ("op-1",)
        assert set(told.refused) == {one.id for one in bad}
        assert "thirty" in told.refused["op-2"]["en"]
        assert first(store)[1].entries[SCORE].value == "30.00"

    def test_two_who_do_not_know_of_each_other(self, store: Store) -> None:
        one, two = op(store, "set", value="30.00"), op(store, "set", n=2, value="25.00", clock=1)
        act(store, [one])
        act(store, [two])
        sha256, form = first(store)
        assert SCORE in flagged(form)  # nobody's word is taken until somebody decides
        assert {(name, why) for _, name, why in store.conflicts(sha256)} == {
            ("op-1", "concurrent"),
            ("op-2", "concurrent"),
        }
        act(store, [op(store, "set", n=3, value="30.00", seen=("op-1", "op-2"))])
        assert first(store)[1].entries[SCORE].value == "30.00"
        assert store.conflicts(sha256) == []

    def test_what_is_settled_leaves_the_promise_of_other_fields_alone(self, store: Store) -> None:
        one = promised(accepted=["closed"])
        store.put_calibration(one.model_dump_json(), one.made_for, uses_answers=False)
        act(store, [op(store, "set", value="30.00")])
        _, form = first(store)
        money = form.entries["funds.total.executed"].confidence
        assert money is not None
        assert money.bound == 0.0012
        assert (form.entries[SCORE].needs_review, form.state) == (False, "clear")

    def test_a_conflict_in_a_field_that_nobody_doubted_wants_a_person(self, store: Store) -> None:
        act(store, [op(store, "set", "grade", value="优")])
        act(store, [op(store, "set", "grade", 2, value="良", clock=1)])
        act(store, [op(store, "set", n=3, value="30.00")])
        _, form = first(store)
        assert flagged(form) == {"grade"}
        assert form.state == "open"
        queue = store.db.conn.execute("SELECT field FROM review_queue").fetchall()
        assert queue == [("grade",)]


class TestUnclaimedCells:
    """A printed cell that no field claims wants a person, who says that it is nothing of ours."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        (tmp_path / "in").mkdir()
        page = PAGE.replace("图书经费", "图书经费\t777", 1)
        (tmp_path / "in" / "a.tsv").write_text(page, "utf-8")
        with Store.open(tmp_path / "a.db") as store:
            ingest(list(walk([tmp_path / "in"])), store)
            yield store

    def on_the_cell(self, store: Store, act: str, n: int = 1, **more: object) -> Operation:
        _, form = first(store)
        (span,) = form.unread
        told = {"field": UNREAD, "row": unclaimed(*span), "against": ("777",)}
        return op(store, act, None, n, **{**told, **more})

    def test_it_leaves_the_queue_once_somebody_has_looked(self, store: Store) -> None:
        assert first(store)[1].state == "open"
        one = self.on_the_cell(store, "accept")
        # The name beside it is doubted for the cell's sake.
        assert act(store, [one, op(store, "accept", "project_name", 3)]).kept == ("op-1", "op-3")
        _, form = first(store)
        assert (form.state, form.unread) == ("clear", ())
        act(store, [op(store, "undo", None, 4, target="op-1", form=None)])
        _, form = first(store)
        assert (form.state, len(form.unread)) == ("open", 1)

    def test_only_what_was_seen_is_settled(self, store: Store) -> None:
        act(store, [self.on_the_cell(store, "accept", against=("778",))])
        sha256, form = first(store)
        assert (form.state, len(form.unread)) == ("open", 1)
        assert store.conflicts(sha256) == [(0, "op-1", "reread")]

    def test_a_value_cannot_be_set_there(self, store: Store) -> None:
        assert act(store, [self.on_the_cell(store, "set", value="777")]).kept == ()
        assert act(store, [self.on_the_cell(store, "accept", 2, row="x")]).kept == ()


class TestRereading:
    def test_the_same_text_read_anew_keeps_what_was_settled(self, store: Store) -> None:
        act(store, [op(store, "set", value="30.00")])
        store.db.conn.execute("UPDATE documents SET check_set = 'older'")
        again(store, WRONG)
        catch_up(store)
        assert first(store)[1].entries[SCORE].value == "30.00"

    def test_no_correction_moves_to_another_row(self, store: Store) -> None:
        """A row above is lost by the reading: what was said of the second row stays with it."""
        act(store, [op(store, "set", value="30.00"), op(store, "accept", "indicators[0].score", 2)])
        sha256, _ = first(store)
        machine = read_document(document(WRONG.replace(WRONG.splitlines()[12] + "\n", "", 1)))
        (less,) = machine.forms
        assert [row["name"] for row in less.record["indicators"]] == ["读者增长", "读者满意度"]
        told = reviewed(machine.document, less, fold(store.operations(sha256)))
        assert told.form.entries["indicators[0].score"].value == "30.00"
        assert told.form.entries["indicators[1].score"].standing == "read"
        assert [(one.operation.id, one.why) for one in told.conflicts] == [("op-2", "gone")]

    def test_a_field_that_prints_something_else_now_is_a_conflict(self, store: Store) -> None:
        act(store, [op(store, "accept", "total_score")])
        sha256, _ = first(store)
        other = only(WRONG.replace("99.00", "89.00"))
        told = reviewed(document(WRONG), other, fold(store.operations(sha256)))
        assert told.form.entries["total_score"].needs_review
        assert told.form.record == other.record
        assert [(one.operation.id, one.why) for one in told.conflicts] == [("op-1", "reread")]

    def test_a_new_version_of_a_file_is_another_document(self, store: Store) -> None:
        act(store, [op(store, "set", value="30.00")])
        again(store, PAGE)
        assert first(store)[1].entries[SCORE].standing == "read"
        again(store, WRONG)
        catch_up(store)
        assert first(store)[1].entries[SCORE].value == "30.00"

    def test_an_archive_that_is_behind_knows_it(self, store: Store) -> None:
        one = op(store, "set", value="30.00")
        store.append([one])  # killed before the form was drawn
        assert store.behind() == [one.document]
        assert first(store)[1].entries[SCORE].value == "20.00"
        assert catch_up(store) == 1
        assert (store.behind(), first(store)[1].entries[SCORE].value) == ([], "30.00")


class TestChain:
    def acts(self, store: Store) -> str:
        act(store, [op(store, "set", value="30.00"), op(store, "accept", "grade", 2)])
        act(store, [op(store, "submit", None, 3)])
        return first(store)[0]

    def test_a_sound_chain_holds(self, store: Store) -> None:
        document = self.acts(store)
        assert store.broken_chains() == []
        assert list(store.heads()) == [document]

    @pytest.mark.parametrize(
        ("tamper", "row"),
        [
            ("UPDATE operations SET content = replace(content, '30.00', '31.00') WHERE seq = 1", 1),
            ("DELETE FROM operations WHERE seq = 2", 2),
            ("DELETE FROM operations WHERE seq = 3", 3),
            ("DELETE FROM operations", 1),
            ("UPDATE operations SET id = 'x' WHERE seq = 2", 2),
            ("UPDATE operations SET hash = 'x' WHERE seq = 3", 3),
            ("UPDATE operations SET before = '' WHERE seq = 2", 2),
        ],
    )
    def test_the_row_that_was_tampered_with_is_named(
        self, store: Store, tamper: str, row: int
    ) -> None:
        self.acts(store)
        store.db.conn.execute(tamper)
        assert store.broken_chains()[0].seq == row

    def test_whoever_writes_the_whole_chain_anew_has_another_head(self, store: Store) -> None:
        document = self.acts(store)
        head = store.heads()[document]
        kept = store.operations(document)
        store.db.conn.execute("DELETE FROM operations")
        store.db.conn.execute("DELETE FROM sqlite_sequence WHERE name = 'operations'")
        store.append([replace(kept[0], value="31.00"), *kept[1:]])
        assert store.broken_chains() == []
        assert store.heads()[document] != head

    def test_the_content_says_all_there_is(self, store: Store) -> None:
        document = self.acts(store)
        ((content,),) = store.db.conn.execute("SELECT content FROM operations WHERE seq = 1")
        told = json.loads(content)
        assert (told["person"], told["act"], told["value"]) == ("p", "set", "30.00")
        assert told["against"] == ["20.00"]
        assert store.operations(document)[0] == op(store, "set", value="30.00")

    def test_audit_names_the_row_and_asks_for_heads(self, store: Store) -> None:
        document = self.acts(store)
        head, db = store.heads()[document], str(store.path)

        def audit(*more: str) -> tuple[int, str]:
            found = CliRunner().invoke(app, ["audit", "--db", db, "--lang", "en", *more])
            return found.exit_code, found.output

        assert audit() == (0, f"{head}  a.tsv\n")
        assert audit("--expect", head)[0] == audit("--expect", head[:12])[0] == 0
        code, told = audit("--expect", "0" * 64)
        assert code == 1
        assert f"{'0' * 64}: no operation has this hash" in told
        assert audit("--expect", head[:3])[0] == 1
        store.db.conn.execute("UPDATE operations SET content = '{}' WHERE seq = 2")
        code, told = audit()
        assert code == 1
        assert "operation 2 (a.tsv): its content is not what was written" in told
        store.db.conn.execute("DELETE FROM operations WHERE seq = 3")
        assert "operation 3: it is gone" in audit()[1]

    def test_two_reviewers_at_once_lose_nothing(self, store: Store) -> None:
        """Each with an archive of their own open, one operation at a time."""
        sha256, form = first(store)
        place = places_of(form)["grade"]
        raw = form.entries["grade"].raw

        def work(person: str) -> None:
            with Store.open(store.path) as mine:
                for n in range(1, 16):
                    told = Operation(
                        f"{person}-{n}", sha256, "accept", person, n, **place._asdict(), against=raw
                    )
                    act(mine, [told])

        threads = [Thread(target=work, args=(name,)) for name in ("p", "q")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(store.operations(sha256)) == 30
        assert store.broken_chains() == []
        assert store.behind() == []


class TestLeases:
    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The time of the archive's machine, to be set."""
        now = [1000.0]
        monkeypatch.setattr("extractor.store_people.time.time", lambda: now[0])
        return now

    def test_one_bench_has_a_document_as_long_as_it_lives(
        self, store: Store, clock: list[float]
    ) -> None:
        assert store.lease("d", "bench-1", "p").person == "p"
        assert store.lease("d", "bench-2", "q").bench == "bench-1"
        for _ in range(5):
            clock[0] += SECONDS * 0.9
            assert store.lease("d", "bench-1", "p").since == 1000.0
        assert [one.bench for one in store.leases()] == ["bench-1"]
        clock[0] += SECONDS + 1
        assert store.leases() == []
        assert store.lease("d", "bench-2", "q").bench == "bench-2"

    def test_a_lease_can_be_taken_over_and_its_holder_hears_of_it(
        self, store: Store, clock: list[float]
    ) -> None:
        store.lease("d", "bench-1", "p")
        assert store.lease("d", "bench-2", "q", take_over=True).bench == "bench-2"
        assert store.lease("d", "bench-1", "p").bench == "bench-2"

    def test_only_the_holder_gives_it_back(self, store: Store, clock: list[float]) -> None:
        store.lease("d", "bench-1", "p")
        store.give_back("d", "bench-2")
        assert len(store.leases()) == 1
        store.give_back("d", "bench-1")
        assert store.leases() == []

    def test_two_who_ask_at_once_get_one_lease(self, store: Store) -> None:
        told: list[str] = []

        def ask(bench: str) -> None:
            with Store.open(store.path) as mine:
                told.append(mine.lease("d", bench, "p").bench)

        threads = [Thread(target=ask, args=(f"bench-{n}",)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(told)) == 1
        assert len(told) == 6

    def test_operations_of_a_bench_without_a_lease_are_kept(self, store: Store) -> None:
        one = op(store, "set", value="30.00")
        store.lease(one.document, "bench-2", "q")
        assert act(store, [one]).kept == ("op-1",)

"""Rows and forms as reviewers say they are: put in, taken out, joined, split, read as another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.acting import act, catch_up
from extractor.answering import siblings
from extractor.bulk import ingest
from extractor.families import family_of
from extractor.operations import Operation, Place, fold
from extractor.pipeline import CHECK_SET, read_document
from extractor.reviewing import places_of, reviewed
from extractor.sources import walk
from extractor.store import Store
from extractor.store_labels import Draw
from extractor.types import CheckedDocument, CheckedForm, Document, Finding, Suspect
from tests.shapes import PAGE, read, use_profile

use_profile()

LINES = PAGE.splitlines()
ROW = next(i for i, line in enumerate(LINES) if "读者增长" in line)
"""The line of the second indicator."""
LOST = "\n".join(line for i, line in enumerate(LINES) if i != ROW) + "\n"
"""Its line is not there; without it the points do not come to 100."""
CUT = PAGE.replace("\t读者增长\t", "\t读者增\t").replace(
    LINES[ROW + 1], "\t".join(["", "", "长", "", "", "", "", ""]) + "\n" + LINES[ROW + 1]
)

Make = Callable[[str], Store]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes the archive of one text."""
    with Store.open(tmp_path / "a.db") as store:

        def made(text: str) -> Store:
            (tmp_path / "in").mkdir()
            (tmp_path / "in" / "a.tsv").write_text(text, "utf-8")
            ingest(list(walk([tmp_path / "in"])), store)
            return store

        yield made
        assert store.db.conn.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.behind() == []
        assert store.broken_chains() == []


def told(store: Store) -> tuple[Document, list[CheckedForm]]:
    found = list(store.forms())
    return found[0][0], [form for _, form in found]


def only(store: Store) -> CheckedForm:
    (form,) = told(store)[1]
    return form


def sha(store: Store) -> str:
    ((name,),) = store.db.conn.execute("SELECT sha256 FROM documents").fetchall()
    return name


def op(store: Store, n: int, act_: str, field: str | None, **more: object) -> Operation:
    made: dict[str, object] = {
        "id": f"op-{n}", "document": sha(store), "act": act_, "person": "p", "clock": n,
        "form": 0, "field": field,
    }  # fmt: skip
    return Operation(**{**made, **more})  # type: ignore[arg-type]


def on(store: Store, n: int, act_: str, path: str, **more: object) -> Operation:
    """An operation on a field as it stands."""
    place = form = None
    for form in told(store)[1]:
        place = places_of(form).get(path)
        if place and more.get("form", place.form) == place.form:
            break
    assert place
    assert form
    return op(store, n, act_, **{**place._asdict(), "against": form.entries[path].raw, **more})


def rows(store: Store, n: int, act_: str, row: str, **more: object) -> Operation:
    """An operation on a row as it stands."""
    form = only(store)
    ids = ids_of(form)
    raw = form.entries[f"indicators[{ids.index(row)}].name"].raw if row in ids else ()
    return op(store, n, act_, "indicators[]", row=row, **{"against": raw, **more})


def undo(store: Store, n: int, target: str) -> Operation:
    return op(store, n, "undo", None, form=None, target=target)


def do(store: Store, *operations: Operation) -> None:
    """Takes operations in, none of which may be refused."""
    taken = act(store, operations)
    assert (taken.kept, dict(taken.refused)) == (tuple(one.id for one in operations), {})


def ids_of(form: CheckedForm) -> list[str]:
    return [row["row"] for row in form.record["indicators"]]


def names(form: CheckedForm) -> list[str | None]:
    return [row["name"] for row in form.record["indicators"]]


def flagged(form: CheckedForm) -> set[str]:
    return {path for path, entry in form.entries.items() if entry.needs_review}


def conflicts(store: Store) -> list[tuple[int | None, str, str]]:
    return store.conflicts(sha(store))


class TestInsert:
    def test_a_row_that_was_lost_makes_the_sums_come_out(self, make: Make) -> None:
        store = make(LOST)
        before = only(store)
        first = ids_of(before)[0]
        do(store, op(store, 1, "insert", "indicators[]", row="n1", value=first))
        form = only(store)
        assert names(form) == ["购书数量", None, "读者满意度"]
        assert ids_of(form)[1] == "n1"
        row = {path.partition(".")[2] for path in flagged(form) if path.startswith("indicators[1]")}
        assert row == {"name", "weight", "score"}
        assert form.record["indicators"][1]["level1"] == "产出指标"  # as the row above has it
        do(
            store,
            *(
                on(store, n, "set", f"indicators[1].{leaf}", value=value)
                for n, leaf, value in (
                    (2, "name", "读者增长"), (3, "weight", "30"), (4, "score", "30.00"),
                )
            ),
        )  # fmt: skip
        form = only(store)
        assert [one.check for one in form.findings if one.is_error] == []
        assert form.state == "clear"
        assert form.record["indicators"][1]["score"] == "30.00"
        shown = store.db.conn.execute("SELECT name, score FROM indicators ORDER BY position")
        assert shown.fetchall()[1] == ("读者增长", "30.00")
        do(store, undo(store, 5, "op-1"))
        assert names(only(store)) == names(before)
        assert {(name, why) for _, name, why in conflicts(store)} == {
            ("op-2", "gone"), ("op-3", "gone"), ("op-4", "gone"),
        }  # fmt: skip

    def test_at_the_top_and_below_another_new_row(self, make: Make) -> None:
        store = make(PAGE)
        do(store, op(store, 1, "insert", "indicators[]", row="n1", value=""))
        do(store, op(store, 2, "insert", "indicators[]", row="n2", value="n1"))
        assert ids_of(only(store))[:2] == ["n1", "n2"]
        assert names(only(store))[2] == "购书数量"

    def test_fields_go_with_their_row(self, make: Make) -> None:
        store = make(PAGE)
        do(store, on(store, 1, "set", "indicators[1].score", value="29.00"))
        do(store, op(store, 2, "insert", "indicators[]", row="n1", value=""))
        assert only(store).entries["indicators[2].score"].value == "29.00"
        assert conflicts(store) == []

    def test_below_a_row_that_is_not_there_it_is_a_conflict(self, make: Make) -> None:
        store = make(PAGE)
        do(store, op(store, 1, "insert", "indicators[]", row="n1", value="r-none"))
        assert conflicts(store) == [(0, "op-1", "gone")]
        assert only(store).state == "open"
        assert len(ids_of(only(store))) == 3

    @pytest.mark.parametrize("name", ["", "x" * 65, "a b", "行", "a\n"])
    def test_a_row_has_a_plain_name(self, make: Make, name: str) -> None:
        store = make(PAGE)
        made = op(store, 1, "insert", "indicators[]", row=name, value="")
        parted = rows(store, 2, "split", ids_of(only(store))[0], value=name)
        assert set(act(store, [made, parted]).refused) == {"op-1", "op-2"}

    def test_the_name_of_a_row_is_given_once(self, make: Make) -> None:
        store = make(PAGE)
        there = ids_of(only(store))[1]
        do(store, op(store, 1, "insert", "indicators[]", row="n1", value=""))
        again = op(store, 2, "insert", "indicators[]", row=there, value="")
        third = rows(store, 3, "split", there, value="n1")
        assert set(act(store, [again, third]).refused) == {"op-2", "op-3"}
        do(store, op(store, 1, "insert", "indicators[]", row="n1", value=""))  # sent again


class TestRemove:
    def test_a_row_leaves_with_what_was_said_of_it(self, make: Make) -> None:
        store = make(PAGE)
        before = only(store)
        row = ids_of(before)[1]
        do(store, on(store, 1, "accept", "indicators[1].score"))
        accepted = only(store)
        do(store, rows(store, 2, "remove", row, seen=("op-1",)))
        assert names(only(store)) == ["购书数量", "读者满意度"]
        assert conflicts(store) == []
        assert "30.00" not in {entry.value for entry in only(store).entries.values()}
        do(store, undo(store, 3, "op-2"))
        assert only(store) == accepted
        do(store, undo(store, 4, "op-1"))
        assert only(store) == before

    def test_who_speaks_of_it_later_is_heard(self, make: Make) -> None:
        store = make(PAGE)
        late = on(store, 5, "set", "indicators[1].score", value="20.00")
        do(store, rows(store, 2, "remove", ids_of(only(store))[1]))
        do(store, late)
        assert conflicts(store) == [(0, "op-5", "gone")]
        assert only(store).state == "open"

    def test_a_row_that_a_person_put_in(self, make: Make) -> None:
        store = make(PAGE)
        before = only(store)
        do(store, op(store, 1, "insert", "indicators[]", row="n1", value=""))
        do(store, rows(store, 2, "remove", "n1", seen=("op-1",)))
        assert names(only(store)) == names(before)
        assert conflicts(store) == []
        assert only(store).state == before.state

    def test_what_hangs_on_a_row_that_was_put_in_and_taken_out_stays(self, make: Make) -> None:
        store = make(PAGE)
        do(store, op(store, 1, "insert", "indicators[]", row="n1", value=""))
        do(store, op(store, 2, "insert", "indicators[]", row="n2", value="n1"))
        do(store, on(store, 3, "set", "indicators[0].name", value="甲"))
        do(store, rows(store, 4, "remove", "n1", seen=("op-1", "op-3")))
        assert ids_of(only(store))[0] == "n2"
        assert conflicts(store) == []
        do(store, undo(store, 5, "op-1"))
        assert {one[1:] for one in conflicts(store)} == {("op-2", "gone")}

    def test_a_row_is_put_in_before_the_one_above_it_leaves(self, make: Make) -> None:
        """Whoever is quicker: the new row stands where the other was."""
        store = make(PAGE)
        row = ids_of(only(store))[1]
        do(store, rows(store, 1, "remove", row))
        do(store, op(store, 2, "insert", "indicators[]", row="n1", value=row))
        assert ids_of(only(store))[1] == "n1"
        assert names(only(store)) == ["购书数量", None, "读者满意度"]
        assert conflicts(store) == []

    def test_two_who_differ_change_nothing(self, make: Make) -> None:
        store = make(PAGE)
        first, row = ids_of(only(store))[:2]
        do(store, rows(store, 1, "remove", row), rows(store, 2, "join", row, value=first, clock=1))
        assert len(ids_of(only(store))) == 3
        assert {one[1:] for one in conflicts(store)} == {
            ("op-1", "concurrent"), ("op-2", "concurrent"),
        }  # fmt: skip
        assert only(store).state == "open"
        do(store, rows(store, 3, "remove", row, seen=("op-1", "op-2")))
        assert len(ids_of(only(store))) == 2
        assert conflicts(store) == []

    def test_made_against_another_print_it_changes_nothing(self, make: Make) -> None:
        store = make(PAGE)
        do(store, rows(store, 1, "remove", ids_of(only(store))[1], against=("读者",)))
        assert len(ids_of(only(store))) == 3
        assert conflicts(store) == [(0, "op-1", "reread")]


class TestJoinAndSplit:
    def test_a_row_that_goes_on_with_the_one_above(self, make: Make) -> None:
        """A score without a name, and a name without a score."""
        store = make(PAGE)
        before = only(store)
        one, two, _ = ids_of(before)
        do(store, rows(store, 1, "join", two, value=one))
        form = only(store)
        assert names(form) == ["购书数量读者增长", "读者满意度"]
        name = form.entries["indicators[0].name"]
        assert name.raw == ("购书数量", "读者增长")
        assert [told(store)[0].text[a:b] for a, b in name.spans] == [*name.raw]
        assert "joined_across_page" in name.reasons
        assert ids_of(form)[0] == one
        assert form.entries["indicators[0].level1"].value == "产出指标效益指标"
        do(store, undo(store, 2, "op-1"))
        assert only(store) == before

    def test_what_is_blank_above_is_taken_from_below(self, make: Make) -> None:
        store = make(PAGE)
        do(store, op(store, 1, "insert", "indicators[]", row="n1", value=""))
        row = ids_of(only(store))[1]
        whole = only(store).entries["indicators[1].actual"]
        do(store, rows(store, 2, "join", row, value="n1"))
        form = only(store)
        assert ids_of(form)[0] == "n1"
        assert form.entries["indicators[0].actual"].value == whole.value
        assert form.entries["indicators[0].actual"].spans == whole.spans

    def test_only_with_a_row_above(self, make: Make) -> None:
        store = make(PAGE)
        one, two, _ = ids_of(only(store))
        do(store, rows(store, 1, "join", one, value=two))
        assert conflicts(store) == [(0, "op-1", "gone")]
        assert len(ids_of(only(store))) == 3

    def test_a_row_that_was_two(self, make: Make) -> None:
        """The reader joined a name over a page break; a person says that it is another row."""
        store = make(CUT)
        before = only(store)
        assert names(before)[1] == "读者增长"
        row = ids_of(before)[1]
        do(store, rows(store, 1, "split", row, value="n1"))
        form = only(store)
        assert names(form) == ["购书数量", "读者增", "长", "读者满意度"]
        assert form.entries["indicators[2].name"].raw == ("长",)
        assert form.entries["indicators[1].score"].value == "30.00"
        assert form.entries["indicators[2].score"].standing == "absent"
        assert form.entries["indicators[2].level1"].value == "效益指标"
        do(store, on(store, 2, "set", "indicators[2].score", value="5"))
        assert only(store).record["indicators"][2]["score"] == "5"
        do(store, undo(store, 3, "op-2"), undo(store, 4, "op-1"))
        assert only(store) == before

    def test_a_row_that_was_split_can_go_on_with_the_one_above(self, make: Make) -> None:
        """Its first part is the end of the row above, the rest a row of its own."""
        store = make(CUT)
        one, two = ids_of(only(store))[:2]
        do(store, rows(store, 1, "split", two, value="n1"))
        split = only(store)
        do(store, rows(store, 2, "join", two, value=one, seen=("op-1",)))
        assert names(only(store)) == ["购书数量读者增", "长", "读者满意度"]
        assert conflicts(store) == []
        do(store, undo(store, 3, "op-2"))
        assert only(store) == split
        do(store, rows(store, 4, "remove", two, seen=("op-1",)))
        assert names(only(store)) == ["购书数量", "长", "读者满意度"]

    def test_a_level_that_is_none_says_so(self, make: Make) -> None:
        store = make(PAGE)
        one, two, _ = ids_of(only(store))
        do(store, rows(store, 1, "join", two, value=one))
        level = only(store).entries["indicators[0].level1"]
        assert "unknown_level" in level.reasons
        assert level.needs_review

    def test_two_who_split_a_row_are_a_conflict(self, make: Make) -> None:
        store = make(CUT)
        row = ids_of(only(store))[1]
        do(store, rows(store, 1, "split", row, value="n1"))
        do(store, rows(store, 2, "split", row, value="n2", clock=1, against=("读者增", "长")))
        assert len(ids_of(only(store))) == 3
        assert {one[1:] for one in conflicts(store)} == {
            ("op-1", "concurrent"),
            ("op-2", "concurrent"),
        }

    def test_a_new_row_is_taken_out_again(self, make: Make) -> None:
        store = make(CUT)
        do(store, rows(store, 1, "split", ids_of(only(store))[1], value="n1"))
        do(store, rows(store, 2, "remove", "n1"))
        assert names(only(store)) == ["购书数量", "读者增", "读者满意度"]
        assert conflicts(store) == []


class TestTwoReaders:
    """What two readers disagree about goes with its field."""

    def disputed(self) -> tuple[Document, CheckedForm]:
        checked = read(PAGE)
        (form,) = checked.forms
        said = {"zh": "不一致", "en": "they differ"}
        one = Finding(
            "readers:indicators[1].score", None, "cannot_tell", "error",
            ("indicators[1].score", "indicators[1].weight"), None, said,
            suspects=(Suspect(1, (("indicators[1].score", "20.00"),), ()),),
        )  # fmt: skip
        entries = {
            path: entry._replace(agreed=path != "indicators[1].score")
            for path, entry in form.entries.items()
        }
        return checked.document, replace(form, findings=(one,), entries=entries)

    def test_it_moves_with_its_row(self) -> None:
        about, form = self.disputed()
        made = Operation(
            "a", about.sha256, "insert", "p", 1, form=0, field="indicators[]", row="n1", value=""
        )
        told = reviewed(about, form, fold([made])).form
        (finding,) = [one for one in told.findings if one.check.startswith("readers")]
        assert finding.check == "readers:indicators[2].score"
        assert finding.fields == ("indicators[2].score", "indicators[2].weight")
        assert finding.suspects[0].changes == (("indicators[2].score", "20.00"),)
        assert told.entries["indicators[2].score"].stratum == "disputed"
        assert told.entries["indicators[2].score"].agreed is False
        assert told.entries["indicators[1].score"].stratum != "disputed"
        assert told.entries["indicators[0].score"].agreed is None

    def test_it_leaves_with_its_row(self) -> None:
        about, form = self.disputed()
        made = Operation(
            "a", about.sha256, "remove", "p", 1, form=0, field="indicators[]",
            row=ids_of(form)[1], against=("读者增长",),
        )  # fmt: skip
        told = reviewed(about, form, fold([made])).form
        assert [one.check for one in told.findings if one.check.startswith("readers")] == []


WHOLE = read(CUT)


@st.composite
def histories(draw: st.DrawFn) -> list[Operation]:
    """Acts of any kind on rows that are there, were made, or are not."""
    (form,) = WHOLE.forms
    there = ids_of(form)
    some = st.sampled_from([*there, "n1", "n2", "none"])
    found: list[Operation] = []
    for n in range(draw(st.integers(1, 8))):
        act_ = draw(st.sampled_from(["insert", "split", "join", "remove", "set", "reopen"]))
        row = draw(st.sampled_from(["n1", "n2"]) if act_ == "insert" else some)
        new = st.sampled_from(["n1", "n2"])
        field = "indicators[].name" if act_ in ("set", "reopen") else "indicators[]"
        raw = ()
        if row in there:
            raw = form.entries[f"indicators[{there.index(row)}].name"].raw
        found.append(
            Operation(
                f"o{n}", WHOLE.document.sha256, act_, "p", draw(st.integers(1, 4)), form=0,
                field=field, row=row, value=draw(new if act_ == "split" else some), against=raw,
                seen=draw(st.lists(st.sampled_from([f"o{i}" for i in range(n)]), max_size=2)
                          .map(tuple)) if n else (),
            )
        )  # fmt: skip
    return found


@given(histories(), st.randoms())
def test_whatever_is_done_to_rows_the_form_is_whole(
    history: list[Operation], chance: Random
) -> None:
    """Every row has all of its leaves, ids are unique, what is printed stands where it is said to
    stand, nothing printed is in two rows; and the order of delivery changes nothing."""
    (form,) = WHOLE.forms
    told = reviewed(WHOLE.document, form, fold(history))
    names_ = ids_of(told.form)
    assert len(set(names_)) == len(names_)
    groups = len(told.form.record["groups"])
    expected = [path for path, _ in family_of("project").paths(len(names_), groups)]
    assert list(told.form.entries) == expected
    assert len(set(places_of(told.form).values())) == len(expected)
    text = WHOLE.document.text
    stands: list[tuple[int, int]] = []
    for path, entry in told.form.entries.items():
        assert [text[a:b] for a, b in entry.spans] == [*entry.raw]
        if path.endswith((".name", ".score", ".weight")) and path.startswith("indicators["):
            stands += entry.spans
    assert len(set(stands)) == len(stands)
    assert not told.conflicts or told.form.state == "open"
    counted = {one.operation.id for one in told.conflicts}
    assert counted <= {one.id for one in history}
    shuffled = [*history, *history[:2]]
    chance.shuffle(shuffled)
    assert reviewed(WHOLE.document, form, fold(shuffled)).form == told.form


class TestReopen:
    def test_a_field_that_nobody_doubted_is_looked_at(self, make: Make) -> None:
        store = make(PAGE)
        before = only(store)
        assert before.state == "clear"
        do(store, on(store, 1, "reopen", "grade"))
        form = only(store)
        assert (flagged(form), form.state) == ({"grade"}, "open")
        assert form.entries["grade"].value == "优"
        do(store, on(store, 2, "accept", "grade", seen=("op-1",)))
        assert (flagged(only(store)), only(store).state) == (set(), "clear")
        do(store, undo(store, 3, "op-2"))
        assert flagged(only(store)) == {"grade"}
        do(store, undo(store, 4, "op-1"))
        assert only(store) == before


FIRST = PAGE
SECOND = PAGE.replace("图书经费", "设备经费").replace("乙中心", "丙中心")
TITLE = SECOND.splitlines()[0]
BROKEN = (
    FIRST
    + "\n"
    + SECOND.replace(TITLE, "xx", 1).replace("项目名称", "名", 1).replace("(2023年度)\n", "", 1)
)
"""Two forms, of which the second has lost what a reader knows a start by."""


class TestFamily:
    def test_a_form_is_read_as_another_family(self, make: Make) -> None:
        store = make(PAGE)
        before = only(store)
        do(store, op(store, 1, "family", "form_type", value="department"))
        form = only(store)
        assert form.form.family == "department"
        assert form.record["form_type"] == "department_self_evaluation"
        assert (form.form.span, form.form.index) == (before.form.span, 0)
        do(store, on(store, 2, "set", "total_score", value="98.00"))
        assert only(store).record["total_score"] == "98.00"
        do(store, undo(store, 3, "op-2"), undo(store, 4, "op-1"))
        assert only(store) == before

    def test_a_form_that_was_missed(self, make: Make) -> None:
        store = make(BROKEN)
        machine = only(store)
        start = BROKEN.index("xx\n")
        assert machine.form.span.end > start
        do(store, op(store, 1, "family", "form_type", form=start, value="project"))
        first, second = told(store)[1]
        assert first.form.span.end == len(FIRST.rstrip())
        assert (second.form.span.start, second.form.index, second.form.family) == (
            start, 1, "project",
        )  # fmt: skip
        assert names(first) == names(second) == ["购书数量", "读者增长", "读者满意度"]
        assert first.state == "clear"
        do(store, on(store, 2, "set", "project_name", value="设备经费", form=start))
        assert told(store)[1][1].record["project_name"] == "设备经费"
        assert store.db.conn.execute("SELECT number, marked FROM readings").fetchall() == [
            (0, 0), (1, 1),
        ]  # fmt: skip
        assert store.behind() == []
        do(store, undo(store, 3, "op-1"))
        assert only(store) == machine
        assert conflicts(store) == [(None, "op-2", "gone")]
        assert store.db.conn.execute("SELECT count(*) FROM readings").fetchone() == (1,)
        do(store, undo(store, 4, "op-3"))
        assert told(store)[1][1].record["project_name"] == "设备经费"
        assert conflicts(store) == []

    def test_it_is_there_after_a_re_reading_too(self, make: Make) -> None:
        store = make(BROKEN)
        start = BROKEN.index("xx\n")
        do(store, op(store, 1, "family", "form_type", form=start, value="project"))
        before = told(store)[1]
        save(store, read_document(told(store)[0]))
        assert store.behind() == [sha(store)]
        catch_up(store)
        assert told(store)[1] == before

    def test_a_reader_that_finds_it_now_has_it(self, make: Make) -> None:
        """The same bytes, read by code that sees two forms; what was said stays where it was."""
        store = make(BROKEN)
        start = BROKEN.index("xx\n")
        do(store, op(store, 1, "family", "form_type", form=start, value="project"))
        do(store, on(store, 2, "set", "total_score", value="90.00", form=start))
        about, forms = told(store)
        seen = CheckedDocument(about, tuple(store.forms_as_read(sha(store))[1]))  # type: ignore[index]
        save(store, replace(seen, titles=2))
        catch_up(store)
        assert [one.record["total_score"] for one in told(store)[1]] == ["99.00", "90.00"]
        assert store.db.conn.execute("SELECT number, marked FROM readings").fetchall() == [
            (0, 0), (1, 0),
        ]  # fmt: skip
        assert len(forms) == 2

    def test_marks_are_numbered_by_their_start_and_keep_their_ids(self, make: Make) -> None:
        text = (
            BROKEN
            + "\n"
            + BROKEN[BROKEN.index("xx\n") :].replace("xx", "yy").replace("设备经费", "车辆经费")
        )
        store = make(text)
        x, y = text.index("xx\n"), text.index("yy\n")
        do(store, op(store, 1, "family", "form_type", form=y, value="project"))
        (kept,) = store.db.conn.execute(
            "SELECT id FROM forms WHERE span_start = ?", (y,)
        ).fetchone()
        do(store, op(store, 2, "family", "form_type", form=x, value="project"))
        shown = store.db.conn.execute("SELECT number, span_start FROM forms ORDER BY number")
        assert shown.fetchall() == [(0, 0), (1, x), (2, y)]
        again = store.db.conn.execute("SELECT id FROM forms WHERE span_start = ?", (y,)).fetchone()
        assert again == (kept,)

    def test_what_can_be_no_form_is_refused(self, make: Make) -> None:
        store = make(BROKEN + "\n只有一行字\n")
        start = BROKEN.index("xx\n")
        bad = [
            op(store, 1, "family", "form_type", form=start, value="nothing"),
            op(store, 2, "family", "form_type", form=start + 1, value="project"),
            op(store, 3, "family", "form_type", form=len(BROKEN) * 2, value="project"),
            op(store, 4, "family", "form_type", form=len(BROKEN) + 1, value="project"),
            op(store, 5, "family", "total_score", form=start, value="project"),
            op(store, 6, "remove", "form_type", form=start, row="r"),
            op(store, 7, "accept", "form_type", form=start),
        ]  # fmt: skip
        refused = act(store, bad).refused
        assert set(refused) == {one.id for one in bad}
        assert refused["op-4"]["en"] == "no form of this family can be read there"
        assert refused["op-2"]["en"] == "a form starts where a line starts"


def save(store: Store, checked: CheckedDocument) -> None:
    """The same bytes, read anew."""
    store.save(store.start_batch("table", CHECK_SET), checked)


class TestStarts:
    def test_what_fits_no_form_of_a_re_reading_is_shown(self, make: Make) -> None:
        text = FIRST + "\n" + SECOND
        store = make(text)
        start = text.index(TITLE, 5)
        do(store, on(store, 1, "set", "total_score", value="98.00", form=start))
        machine = read_document(told(store)[0])
        do(store, on(store, 2, "accept", "grade", form=start, against=("良",)))
        assert conflicts(store) == [(1, "op-2", "reread")]
        save(store, replace(machine, forms=machine.forms[:1]))
        catch_up(store)
        assert conflicts(store) == [(None, "op-1", "gone"), (None, "op-2", "gone")]
        assert store.behind() == []
        save(store, machine)
        catch_up(store)
        assert conflicts(store) == [(1, "op-2", "reread")]
        assert told(store)[1][1].record["total_score"] == "98.00"

    def test_nothing_moves_where_a_form_less_is_found(self, make: Make) -> None:
        """The first form is not found any more, so that the second has its number."""
        text = FIRST + "\n" + SECOND
        store = make(text)
        do(store, on(store, 1, "set", "total_score", value="98.00", form=0))
        machine = read_document(told(store)[0])
        moved = replace(machine.forms[1], form=replace(machine.forms[1].form, index=0))
        save(store, replace(machine, forms=(moved,)))
        catch_up(store)
        assert only(store).record["total_score"] == "99.00"
        assert conflicts(store) == [(None, "op-1", "gone")]

    def test_only_what_changed_is_drawn_and_what_was_lost_is_drawn_again(self, make: Make) -> None:
        """Weighing anew takes single forms out of what was drawn."""
        text = FIRST + "\n" + SECOND
        store = make(text)
        start = text.index(TITLE, 5)
        do(store, on(store, 1, "set", "total_score", value="98.00", form=0))
        store.db.conn.execute("UPDATE reviews SET evidence = json_set(evidence, '$.title', 'kept')")
        do(store, on(store, 2, "set", "total_score", value="97.00", form=start))
        first, second = (json.loads(row) for (row,) in store.db.conn.execute(
            "SELECT v.evidence FROM reviews AS v JOIN readings AS r ON r.id = v.reading "
            "ORDER BY r.number"
        ))  # fmt: skip
        assert (first["title"], second["title"]) == ("kept", TITLE)
        store.db.conn.execute(
            "DELETE FROM reviews WHERE reading = (SELECT min(reading) FROM reviews)"
        )
        assert store.behind() == [sha(store)]
        catch_up(store)
        assert [one.form.title for one in told(store)[1]] == [TITLE, TITLE]
        assert [one.record["total_score"] for one in told(store)[1]] == ["98.00", "97.00"]

    def test_a_document_whose_forms_all_went(self, make: Make) -> None:
        store = make(PAGE)
        do(store, on(store, 1, "set", "total_score", value="98.00"))
        about = told(store)[0]
        save(store, CheckedDocument(about))
        assert store.behind() == [about.sha256]
        catch_up(store)
        assert store.behind() == []
        assert conflicts(store) == [(None, "op-1", "gone")]


class TestAnswers:
    def ask(self, store: Store, path: str = "grade") -> int:
        form = only(store)
        ((number,),) = store.db.conn.execute("SELECT id FROM forms").fetchall()
        entry = form.entries[path]
        (found,) = store.draw(
            "sample", [Draw(number, path, "categories", entry.stratum, entry.value)]
        )
        assert found is not None
        return found

    @pytest.mark.parametrize(
        ("act_", "value", "wrong", "truth"),
        [
            ("accept", None, False, "优"),
            ("defect", None, False, "优"),
            ("set", "良", True, "良"),
            ("set", "优", False, "优"),
            ("nothing", None, True, None),
        ],
    )
    def test_what_a_person_does_answers_the_question(
        self, make: Make, act_: str, value: str | None, wrong: bool, truth: str | None
    ) -> None:
        store = make(PAGE)
        number = self.ask(store)
        do(store, on(store, 1, act_, "grade", value=value, label=number))
        (label,) = store.labels(answered=True)
        assert (label.id, label.wrong, label.truth) == (number, wrong, truth)
        do(store, undo(store, 2, "op-1"))
        assert store.labels(answered=True) == []
        assert [one.id for one in store.labels(answered=False)] == [number]
        do(store, undo(store, 3, "op-2"))
        assert [one.truth for one in store.labels(answered=True)] == [truth]

    def test_an_answer_is_replaced_by_another_only(self, make: Make) -> None:
        store = make(PAGE)
        number = self.ask(store)
        do(store, on(store, 1, "accept", "grade", label=number))
        (one,) = store.labels(answered=True)
        do(store, on(store, 2, "defect", "grade", label=number, seen=("op-1",)))
        assert store.labels(answered=True) == [one]
        do(store, on(store, 3, "set", "grade", value="良", label=number, seen=("op-2",)))
        (other,) = store.labels(answered=True)
        assert (other.wrong, other.answered) == (True, 2)
        do(store, on(store, 4, "defer", "grade", label=number, seen=("op-3",)))
        assert store.labels(answered=True) == []

    def test_two_who_differ_answer_nothing(self, make: Make) -> None:
        store = make(PAGE)
        number = self.ask(store)
        do(store, on(store, 1, "accept", "grade", label=number))
        do(store, on(store, 2, "set", "grade", value="良", label=number, clock=1))
        assert store.labels(answered=True) == []

    def test_a_question_about_another_field_is_not_answered(self, make: Make) -> None:
        store = make(PAGE)
        number = self.ask(store)
        bad = [
            on(store, 1, "accept", "total_score", label=number),
            on(store, 2, "accept", "grade", label=number + 1),
        ]
        assert set(act(store, bad).refused) == {"op-1", "op-2"}

    def test_a_question_stays_with_its_row(self, make: Make) -> None:
        store = make(PAGE)
        form = only(store)
        row = form.record["indicators"][1]["row"]
        drawn = Draw(1, "indicators[1].score", "points", "closed", "30.00", row)
        (number,) = store.draw("sample", [drawn])
        do(store, rows(store, 1, "remove", ids_of(only(store))[0]))
        (asked,) = store.questions()
        assert asked.place == Place(0, "indicators[].score", row)
        moved = on(store, 2, "accept", "indicators[1].score", label=number)
        assert set(act(store, [moved]).refused) == {"op-2"}  # that is another row by now
        do(store, on(store, 3, "accept", "indicators[0].score", label=number))
        assert [one.wrong for one in store.labels(answered=True)] == [False]

    def test_siblings_are_what_was_accepted_for_the_same_reasons(self, make: Make) -> None:
        store = make(PAGE)
        form = only(store)
        places = places_of(form)
        wrong = places["indicators[0].score"]
        found = siblings(store, sha(store), wrong)
        assert places["indicators[1].score"] in found
        assert places["indicators[0].score"] not in found
        assert not {places["grade"], places["project_name"]} & set(found)
        do(store, on(store, 1, "set", "indicators[0].score", value="49.00"))
        do(store, on(store, 2, "accept", "indicators[2].score"))
        again = siblings(store, sha(store), wrong)
        assert places["indicators[2].score"] not in again
        assert siblings(store, sha(store), Place(0, "no.such", None)) == []

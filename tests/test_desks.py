"""The server's side of a bench: what is taken from it, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from extractor.acting import act
from extractor.bulk import ingest
from extractor.operations import FAMILY, ROWS, Operation
from extractor.reviewing import places_of
from extractor.sources import walk
from extractor.store import Store
from extractor.store_labels import Draw
from extractor.store_leases import Lease
from extractor.types import CheckedForm
from tests.shapes import PAGE
from ui import desks
from ui.desks import Sent, Taken, Told, operation_from, take
from ui.words import BENCH

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
"""The second indicator has 20.00 points where the total says 30.00."""
OTHER = PAGE.replace("图书经费", "设备经费").replace("乙中心", "丙中心")
TITLE = OTHER.splitlines()[0]
MISSED = OTHER.replace(TITLE, "xx", 1).replace("项目名称", "名", 1).replace("(2023年度)\n", "", 1)
"""A form that has lost what a reader knows a start by."""
SCORE = "indicators[1].score"
NOTHING = Taken((), {})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive with one document of two forms, the first with a wrong digit, and with what is
    left of a third one."""
    with Store.open(tmp_path / "a.db") as store:
        put(store, "\n".join((WRONG, OTHER, MISSED)))
        yield store


def put(store: Store, text: str) -> None:
    """Lets the document hold a text."""
    folder = store.path.parent / "in"
    folder.mkdir(exist_ok=True)
    (folder / "a.tsv").write_text(text, "utf-8")
    ingest(list(walk([folder])), store)


def forms(store: Store) -> list[CheckedForm]:
    return [form for _, form in store.forms()]


def sha(store: Store) -> str:
    return next(iter(store.forms()))[0].sha256


def op(store: Store, n: int, act_: str, path: str | None = SCORE, **more: object) -> Operation:
    """An operation on a field of the first form, as the archive has it now."""
    told: dict[str, object] = {}
    if path is not None:
        form = forms(store)[0]
        told = {**places_of(form)[path]._asdict(), "against": form.entries[path].raw}
    made = {"id": f"op-{n}", "document": sha(store), "act": act_, "person": "p", "clock": n}
    return Operation(**{**made, **told, **more})  # type: ignore[arg-type]


def on_row(store: Store, n: int, act_: str, index: int, **more: object) -> Operation:
    """An operation on a row of the first form."""
    return op(store, n, act_, f"indicators[{index}].name", **{"field": ROWS, **more})


def said(*operations: Operation, **more: Any) -> Told:
    """A message with operations, as a browser sends it."""
    sent = orjson.loads(orjson.dumps([asdict(one) for one in operations]))
    return Told.of({"bench": "b", "number": 1, "operations": sent, **more})


# --- what a bench may say ------------------------------------------------------------------------


@pytest.mark.parametrize("told", [None, 7, "x", [], {"operations": {}, "have": [], "known": -3}])
def test_whatever_a_browser_sends_is_a_message(told: object) -> None:
    assert Told.of(told) == Told()


def test_an_operation_is_kept_once_however_often_it_is_sent(store: Store) -> None:
    told = said(op(store, 1, "set", value="30.00"))
    for _ in range(2):
        assert take(store, told, "p", trusts_names=True) == Taken(("op-1",), {})
    assert [one.id for one in store.operations(sha(store))] == ["op-1"]
    assert forms(store)[0].entries[SCORE].value == "30.00"


def test_where_people_log_in_everybody_sends_their_own(store: Store) -> None:
    mine, theirs = op(store, 1, "accept"), op(store, 2, "accept", "grade", person="q")
    told = said(mine, theirs)
    # Theirs is neither kept nor refused: it waits until they are here again.
    assert take(store, told, "p", trusts_names=False) == Taken(("op-1",), {})
    assert [one.person for one in store.operations(sha(store))] == ["p"]
    assert take(store, told, "q", trusts_names=False) == Taken(("op-2",), {})


def test_at_a_machine_of_ones_own_the_names_are_believed(store: Store) -> None:
    told = said(op(store, 1, "accept", person="q"))
    assert take(store, told, "p", trusts_names=True).acked == ("op-1",)


def test_nobody_decides_nothing(store: Store) -> None:
    told = said(op(store, 1, "accept", person=""))
    for trusts_names in (False, True):
        assert take(store, told, None, trusts_names=trusts_names) == NOTHING
    assert store.operations(sha(store)) == []


def test_what_is_of_another_archive_waits(store: Store) -> None:
    other = op(store, 1, "accept", document="0" * 64)
    told = said(other, op(store, 2, "accept"))
    assert take(store, told, "p", trusts_names=True) == Taken(("op-2",), {})


@pytest.mark.parametrize(
    "change",
    [
        {"act": "burn"},
        {"clock": "1"},
        {"clock": 1.5},
        {"form": True},
        {"seen": "op-0"},
        {"seen": [1]},
        {"person": None},
        {"id": "x" * 65},
    ],
)
def test_what_is_no_operation_is_refused_and_the_others_are_kept(
    store: Store, change: dict[str, Any]
) -> None:
    bad: dict[str, Any] = orjson.loads(orjson.dumps(asdict(op(store, 1, "accept")))) | change
    good = asdict(op(store, 2, "accept", "grade"))
    told = Told.of({"operations": [bad, orjson.loads(orjson.dumps(good)), 7]})
    taken = take(store, told, "p", trusts_names=True)
    assert taken.acked == ("op-2",)
    assert set(taken.refused) == {bad["id"], ""}
    assert {name for why in taken.refused.values() for name in why} == {"zh", "en"}


def test_what_the_archive_cannot_take_is_refused_by_its_name(store: Store) -> None:
    taken = take(store, said(op(store, 1, "set", value="viele")), "p", trusts_names=True)
    assert taken.acked == ()
    assert "viele" in taken.refused["op-1"]["en"]


def test_an_operation_comes_as_it_went(store: Store) -> None:
    one = op(store, 1, "set", value="30.00", seen=("a", "b"), spent=12, at="then", label=3)
    assert operation_from(orjson.loads(orjson.dumps(asdict(one)))) == one
    assert operation_from({**asdict(one), "id": ""}) is None
    assert operation_from(object()) is None


def test_an_answer_that_a_field_was_wrong_opens_its_siblings_once(store: Store) -> None:
    name = "indicators[0].name"
    form = forms(store)[0]
    entry = form.entries[name]
    number, _ = store.form_sizes()[0]
    drawn = Draw(number, name, "names", entry.stratum, entry.value, places_of(form)[name].row)
    (label,) = store.draw("sample", [drawn])
    told = said(op(store, 1, "set", name, value="购买图书", label=label))
    for _ in range(2):
        take(store, told, "p", trusts_names=True)
    acts = [one.act for one in store.operations(sha(store))]
    assert acts == ["set"] + ["reopen"] * (len(acts) - 1)
    assert forms(store)[0].entries["indicators[2].name"].needs_review
    assert not forms(store)[0].entries[name].needs_review
    assert store.conflicts(sha(store)) == []  # nobody contradicts anybody


# --- what a bench is told ------------------------------------------------------------------------


@dataclass
class Browser:
    """What ``bench.js`` keeps of the answers, and how it puts them together."""

    sent: dict[int, Sent] = field(default_factory=dict[int, Sent])
    sheets: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    digests: dict[int, str] = field(default_factory=dict[int, str])
    operations: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    number: int = 0

    def ask(self, store: Store, taken: Taken = NOTHING) -> dict[str, Any]:
        """The answer to one message, as it arrives."""
        self.number += 1
        have = {str(start): digest for start, digest in self.digests.items()}
        told = Told("b", self.number, sha(store), len(self.operations), have)
        found = desks.answer(store, sha(store), told, taken, "p", None, self.sent)
        return orjson.loads(orjson.dumps(found))

    def hear(self, answer: Mapping[str, Any]) -> None:
        """Puts an answer to what is here."""
        assert answer["base"] <= len(self.operations)
        self.operations = [*self.operations[: answer["base"]], *answer["operations"]]
        for one in answer["forms"]:
            start, sheet = one["start"], one["sheet"]
            if sheet is None:
                assert self.digests[start] == one["digest"]
                continue
            if one["base"] is not None:
                assert self.digests[start] == one["base"]
                former = self.sheets[start]
                fields = list(former["fields"])
                for index, new in sheet["fields"].items():
                    fields[int(index)] = new
                sheet = {"rows": former["rows"], "text": former["text"]} | sheet
                sheet["fields"] = fields
            self.sheets[start], self.digests[start] = sheet, one["digest"]
        there = [one["start"] for one in answer["forms"]]
        self.sheets = {start: self.sheets[start] for start in there}
        self.digests = {start: self.digests[start] for start in there}

    def shows(self) -> object:
        return self.sheets, self.digests, self.operations


def whole(store: Store) -> object:
    """What a bench shows that was told everything just now."""
    fresh = Browser()
    fresh.hear(fresh.ask(store))
    return fresh.shows()


Make = Callable[[Store, int], Operation]


def _missed(store: Store, n: int) -> Operation:
    start = len("\n".join((WRONG, OTHER))) + 1
    value = forms(store)[0].form.family
    return op(store, n, "family", None, form=start, field=FAMILY, value=value)


def _filled(store: Store, n: int) -> Operation:
    return op(store, n, "set", "indicators[2].name", value="读者来访")


STEPS: Mapping[str, Sequence[Make]] = {
    "fields": [
        lambda store, n: op(store, n, "set", value="30.00"),
        lambda store, n: op(store, n, "defer", "grade"),
        lambda store, n: op(store, n, "accept", "grade", seen=("op-2",)),
        lambda store, n: op(store, n, "undo", None, target="op-1"),
        lambda store, n: op(store, n, "defect", "total_score"),
    ],
    "contradicted": [
        lambda store, n: op(store, n, "set", value="30.00"),
        lambda store, n: op(store, n, "nothing", person="q"),
        lambda store, n: op(store, n, "accept", seen=("op-1", "op-2")),
    ],
    "rows": [
        lambda store, n: on_row(store, n, "insert", 1, row="new", value=row(store, 1), against=()),
        _filled,
        lambda store, n: on_row(store, n, "remove", 0),
        lambda store, n: op(store, n, "undo", None, target="op-3"),
        lambda store, n: on_row(store, n, "join", 3, value=row(store, 1)),
        lambda store, n: op(store, n, "undo", None, target="op-1"),
    ],
    "one row for another": [
        lambda store, n: on_row(store, n, "remove", 1),
        lambda store, n: on_row(store, n, "insert", 0, row="new", value=row(store, 0), against=()),
    ],
    "a form that was missed": [
        _missed,
        lambda store, n: op(store, n, "set", value="30.00"),
        lambda store, n: op(store, n, "undo", None, target="op-1"),
    ],
}


def row(store: Store, index: int) -> str:
    return forms(store)[0].record["indicators"][index]["row"]


@pytest.mark.parametrize("name", STEPS)
def test_what_a_bench_puts_together_is_what_stands(store: Store, name: str) -> None:
    browser = Browser()
    browser.hear(browser.ask(store))
    for n, make in enumerate(STEPS[name], start=1):
        before = whole(store)
        taken = take(store, said(make(store, n)), "p", trusts_names=True)
        assert taken == Taken((f"op-{n}",), {})
        browser.hear(browser.ask(store))
        assert browser.shows() == whole(store) != before


@pytest.mark.parametrize("name", STEPS)
def test_an_answer_that_was_lost_is_made_good_by_the_next(store: Store, name: str) -> None:
    browser = Browser()
    browser.hear(browser.ask(store))
    for n, make in enumerate(STEPS[name], start=1):
        act(store, [make(store, n)])
        browser.ask(store)
        if n % 2 == 0:
            browser.hear(browser.ask(store))
            assert browser.shows() == whole(store)
    browser.hear(browser.ask(store))
    assert browser.shows() == whole(store)


def test_two_decisions_in_one_message_come_together(store: Store) -> None:
    browser = Browser()
    browser.hear(browser.ask(store))
    act(store, [op(store, 1, "set", value="30.00"), op(store, 2, "accept", "grade")])
    answer = browser.ask(store)
    browser.hear(answer)
    assert [one["id"] for one in answer["operations"]] == ["op-1", "op-2"]
    assert browser.shows() == whole(store)


def test_a_page_with_other_rows_and_as_many_fields_is_told(store: Store) -> None:
    browser = Browser()
    browser.hear(browser.ask(store))
    insert = on_row(store, 1, "insert", 0, row="new", value=row(store, 0), against=())
    act(store, [insert, on_row(store, 2, "remove", 1)])
    answer = browser.ask(store)
    assert answer["forms"][0]["base"] is not None
    assert "rows" in answer["forms"][0]["sheet"]
    browser.hear(answer)
    assert browser.shows() == whole(store)


def test_of_a_decision_only_what_differs_is_told(store: Store) -> None:
    browser = Browser()
    first = browser.ask(store)
    assert [one["base"] for one in first["forms"]] == [None, None]
    browser.hear(first)
    quiet = browser.ask(store)
    assert [one["sheet"] for one in quiet["forms"]] == [None, None]
    assert (quiet["operations"], quiet["lines"]) == ([], None)
    act(store, [op(store, 1, "accept", "grade")])
    wrong, other = browser.ask(store)["forms"]
    assert other["sheet"] is None
    assert wrong["base"] == first["forms"][0]["digest"]
    assert {"rows", "text"}.isdisjoint(wrong["sheet"])
    (changed,) = wrong["sheet"]["fields"].values()
    assert (changed["path"], changed["act"], changed["person"]) == ("grade", "accept", "p")


def test_a_page_of_another_server_is_told_everything(store: Store) -> None:
    browser = Browser()
    browser.hear(browser.ask(store))
    act(store, [op(store, 1, "accept", "grade")])
    browser.sent.clear()
    answer = browser.ask(store)
    assert [one["base"] for one in answer["forms"]] == [None, None]
    browser.hear(answer)
    assert browser.shows() == whole(store)


def test_a_bench_that_shows_another_document_knows_nothing_of_this_one(store: Store) -> None:
    act(store, [op(store, 1, "accept")])
    browser = Browser()
    digests = {str(one["start"]): one["digest"] for one in browser.ask(store)["forms"]}
    told = Told("b", 2, "0" * 64, 1, digests)
    answer = desks.answer(store, sha(store), told, NOTHING, "p", None, browser.sent)
    assert answer is not None
    assert answer["base"] == 0
    assert [one["id"] for one in answer["operations"]] == ["op-1"]
    assert all(one["sheet"] for one in answer["forms"])


def test_a_bench_that_knows_more_than_there_is_begins_where_the_archive_ends(store: Store) -> None:
    act(store, [op(store, 1, "accept")])
    told = Told("b", 1, sha(store), 9)
    answer = desks.answer(store, sha(store), told, NOTHING, "p", None, {})
    assert answer is not None
    assert (answer["base"], answer["operations"]) == (1, [])


def test_of_no_document_nothing_is_told(store: Store) -> None:
    assert desks.answer(store, "0" * 64, Told(), NOTHING, "p", None, {}) is None


def test_the_message_and_what_came_of_it_are_told(store: Store) -> None:
    refused = {"op-2": BENCH["nobody"]}
    act(store, [op(store, 1, "accept")])
    told = Told("b", 7, sha(store))
    taken = Taken(("op-1",), refused)
    answer = desks.answer(store, sha(store), told, taken, "p", None, {})
    assert answer is not None
    assert (answer["bench"], answer["answered"], answer["person"]) == ("b", 7, "p")
    assert (answer["acked"], answer["refused"]) == (["op-1"], {"op-2": dict(BENCH["nobody"])})
    assert answer["head"] == store.heads()[sha(store)]
    assert answer["lease"] is None


# --- conflicts -----------------------------------------------------------------------------------


def test_a_conflict_is_told_beside_its_field_and_nowhere_else(store: Store) -> None:
    act(store, [op(store, 1, "set", value="30.00"), op(store, 2, "nothing", person="q")])
    answer = Browser().ask(store)
    (score,) = [one for one in answer["forms"][0]["sheet"]["fields"] if one["path"] == SCORE]
    told = {(one["id"], one["why"], one["person"]) for one in score["conflicts"]}
    assert told == {("op-1", "concurrent", "p"), ("op-2", "concurrent", "q")}
    assert answer["conflicts"] == []


def test_conflicts_of_no_field_are_told_of_the_document(store: Store) -> None:
    operations = [
        op(store, 1, "accept", row="nowhere"),
        on_row(store, 2, "remove", 0, against=("something else",)),
        op(store, 3, "accept", form=7),
    ]
    act(store, operations)
    answer = Browser().ask(store)
    told = {(one["id"], one["why"]) for one in answer["conflicts"]}
    assert told == {("op-1", "gone"), ("op-2", "reread"), ("op-3", "gone")}
    fields = [one for form in answer["forms"] for one in form["sheet"]["fields"]]
    assert [one["conflicts"] for one in fields if one["conflicts"]] == []


def test_of_a_page_that_prints_something_else_by_now_the_field_says_so(store: Store) -> None:
    act(store, [op(store, 1, "accept", against=("21.00",))])
    answer = Browser().ask(store)
    (score,) = [one for one in answer["forms"][0]["sheet"]["fields"] if one["conflicts"]]
    assert (score["path"], score["conflicts"][0]["why"]) == (SCORE, "reread")
    assert answer["conflicts"] == []


# --- leases and words ----------------------------------------------------------------------------


def test_who_has_the_document_and_since_when_is_told(store: Store) -> None:
    document = sha(store)
    lease = store.lease(document, "b", "p")
    told = Told("b", 1, document)
    answer = desks.answer(store, document, told, NOTHING, "p", lease, {})
    assert answer is not None
    assert (answer["lease"]["person"], answer["lease"]["mine"]) == ("p", True)
    hours, minutes = answer["lease"]["since"].split(":")
    assert int(hours) < 24
    assert int(minutes) < 60
    other = desks.answer(store, document, told._replace(bench="c"), NOTHING, "q", lease, {})
    assert other is not None
    assert other["lease"] == answer["lease"] | {"mine": False}


def test_the_same_person_at_two_benches_has_it_at_one(store: Store) -> None:
    document = sha(store)
    held = store.lease(document, "b", "p")
    again: Lease = store.lease(document, "c", "p")
    assert again == held
    taken = store.lease(document, "c", "p", take_over=True)
    answer = desks.answer(store, document, Told("c"), NOTHING, "p", taken, {})
    assert answer is not None
    assert answer["lease"]["mine"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_words_of_a_lease_name_its_holder(lang: str) -> None:
    told = desks.words(lang)["lease"].format(person="王", since="09:30")
    assert "王" in told
    assert "09:30" in told


def test_archives_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    tokens = {desks.archive_token(tmp_path / name) for name in ("a.db", "b.db")}
    assert len(tokens) == 2
    assert desks.archive_token(tmp_path / "a.db") in tokens

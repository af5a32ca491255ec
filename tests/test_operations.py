"""Operations of reviewers: in whatever order they arrive, and however often, the state is one."""

from __future__ import annotations

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from extractor.operations import FAMILY, ROWS, STRUCTURAL, Act, Operation, Place, fold
from extractor.store_operations import content_of, operation_of
from tests.shapes import use_profile

use_profile()

SCORE = Place(0, "indicators[].score", "r1")


def op(id: str, clock: int, act: str = "set", **more: object) -> Operation:
    told: dict[str, object] = {"form": 0, "field": SCORE.field, "row": SCORE.row, "value": "5.00"}
    if act in ("undo", "submit"):
        told = {}
    return Operation(id, "d", act, "p", clock, **{**told, **more})  # type: ignore[arg-type]


def standing(*operations: Operation) -> tuple[str | None, list[str]]:
    """What stands in the one field, and the conflicts beside it."""
    field = fold(operations).fields.get(SCORE)
    if field is None:
        return None, []
    return field.operation.id, [one.id for one in field.conflicts]


def test_the_last_word_of_somebody_who_saw_the_first_stands() -> None:
    assert standing(op("a", 1), op("b", 2, value="6.00", seen=("a",))) == ("b", [])


def test_two_who_did_not_know_of_each_other_are_a_conflict() -> None:
    assert standing(op("a", 1), op("b", 1, value="6.00")) == ("a", ["b"])
    assert standing(op("b", 3, value="6.00"), op("a", 7)) == ("b", ["a"])


def test_two_who_say_the_same_are_none() -> None:
    assert standing(op("a", 1), op("b", 1)) == ("a", [])
    assert standing(op("a", 1, "accept", value=None), op("b", 1, "defer", value=None)) == (
        "a",
        ["b"],
    )


def test_who_has_seen_the_conflict_ends_it() -> None:
    both = op("a", 1), op("b", 1, value="6.00")
    assert standing(*both, op("c", 2, value="7.00", seen=("a", "b"))) == ("c", [])
    assert standing(*both, op("c", 2, value="7.00", seen=("a",))) == ("b", ["c"])


def test_an_operation_can_be_undone_and_the_undoing_too() -> None:
    first, second = op("a", 1), op("b", 2, value="6.00", seen=("a",))
    undo = op("u", 3, "undo", target="b")
    assert standing(first, second, undo) == ("a", [])
    assert standing(first, second, undo, op("v", 4, "undo", target="u")) == ("b", [])
    assert standing(first, op("u", 2, "undo", target="a")) == (None, [])


def test_what_came_after_an_operation_that_was_undone_still_stands_alone() -> None:
    """``c`` saw ``b``, which had seen ``a``: without ``b`` it still speaks after ``a``."""
    first, second = op("a", 1), op("b", 2, value="6.00", seen=("a",))
    third = op("c", 3, value="7.00", seen=("b",))
    assert standing(first, second, third, op("u", 4, "undo", target="b")) == ("c", [])


def test_nobody_undoes_what_comes_later() -> None:
    assert standing(op("a", 5), op("u", 2, "undo", target="a")) == ("a", [])
    assert standing(op("a", 1), op("u", 2, "undo", target="u")) == ("a", [])


def test_operations_that_claim_to_have_seen_each_other_do_not_hide_the_field() -> None:
    assert standing(op("a", 1, seen=("b",)), op("b", 2, value="6.00", seen=("a",)))[0] == "b"


def test_fields_of_other_rows_and_forms_are_apart() -> None:
    state = fold([op("a", 1), op("b", 1, row="r2"), op("c", 1, form=1), op("s", 2, "submit")])
    assert len(state.fields) == 3
    assert [one.id for one in state.submitted] == ["s"]
    assert state.clock == 2


ACTS = get_args(Act)
STRANGE = ("undo", "submit")
"""Acts that are on no field."""


@st.composite
def histories(draw: st.DrawFn) -> list[Operation]:
    """What several benches may send: any acts, seen sets, clocks and targets, sane or not."""
    names = [f"o{i}" for i in range(draw(st.integers(1, 9)))]
    some = st.lists(st.sampled_from(names), max_size=3).map(tuple)
    found: list[Operation] = []
    for name in names:
        act = draw(st.sampled_from(ACTS))
        place: dict[str, object] = {}
        if act == "family":
            place = {"field": FAMILY, "row": None, "form": draw(st.sampled_from([0, 90]))}
        elif act not in STRANGE:
            field = ROWS if act in STRUCTURAL else SCORE.field
            place = {"field": field, "row": draw(st.sampled_from("xy"))}
        found.append(
            op(
                name,
                draw(st.integers(1, 6)),
                act,
                **place,
                value=draw(st.sampled_from(["1", "2"])),
                seen=draw(some),
                target=draw(st.sampled_from(names)) if act == "undo" else None,
                label=draw(st.sampled_from([None, 1])),
            )
        )
    return found


@given(histories(), st.randoms())
def test_any_order_and_any_repetition_fold_to_the_same_state(
    history: list[Operation], chance: object
) -> None:
    again = [*history, *(one for one in history if chance.random() < 0.5)]  # type: ignore[attr-defined]
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert fold(again) == fold(history)


@given(histories())
def test_nothing_that_is_in_force_is_ever_hidden(history: list[Operation]) -> None:
    """Every field that somebody settled and nobody undid stands, and stands by an operation."""
    state = fold(history)
    for one in history:
        if one.place and one.id not in state.undone and one.act != "undo":
            assert one.place in state.fields


@given(histories(), st.integers(1, 9))
def test_what_arrives_later_is_what_arrived_at_once(history: list[Operation], cut: int) -> None:
    """A bench that was offline sends the rest later."""
    part = fold(history[:cut])
    assert part.clock <= fold(history).clock
    assert fold([*history[:cut], *history]) == fold(history)


def test_structure_is_a_register_of_its_row_like_any_other() -> None:
    state = fold(
        [
            op("a", 1, "remove", field=ROWS, value=None),
            op("b", 2, "join", field=ROWS, value="r0", seen=("a",)),
            op("c", 2, "set"),
            op("f", 3, "family", field=FAMILY, row=None, value="project"),
        ]
    )
    rows = state.fields[Place(0, ROWS, "r1")]
    assert (rows.operation.id, rows.conflicts) == ("b", ())
    assert state.fields[Place(0, FAMILY, None)].operation.id == "f"
    assert state.fields[SCORE].operation.id == "c"


@given(histories())
def test_what_is_kept_is_the_operation(history: list[Operation]) -> None:
    for one in history:
        assert operation_of(content_of(one)) == one


def test_what_was_kept_before_there_were_labels_is_kept_alike_now() -> None:
    """Sent again, it is the same text; and an older one without later names still loads."""
    one = op("a", 1)
    assert '"label"' not in content_of(one)
    told = '{"act":"accept","clock":1,"document":"d","id":"a","person":"p"}'
    assert operation_of(told) == Operation("a", "d", "accept", "p", 1)

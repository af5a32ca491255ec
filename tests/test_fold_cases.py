"""Python's rules for operations and the browser's come to the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from extractor.operations import Operation, fold

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BENCH = Path(__file__).parents[1] / "ui" / "bench"
TABLE = json.loads(Path(__file__).with_name("fold_cases.json").read_text("utf-8"))
ACTS = ("accept", "set", "nothing", "defect", "defer", "undo", "undo", "submit", "reopen", "remove")
PEOPLE = ("p", "q")


def operation(short: dict[str, Any]) -> Operation:
    told = TABLE["defaults"] | short
    return Operation(**told | {"against": tuple(told["against"]), "seen": tuple(told["seen"])})


def in_python(operations: list[Operation]) -> dict[str, Any]:
    state = fold(operations)
    return {
        "fields": sorted(
            [[*place], one.operation.id, [other.id for other in one.conflicts]]
            for place, one in state.fields.items()
        ),
        "undone": sorted(state.undone),
        "submitted": [one.id for one in state.submitted],
        "clock": state.clock,
    }


IN_BROWSER = """
(lists) => lists.map((operations) => {
  const told = fold(operations);
  return {
    fields: [...told.fields].map(([key, one]) =>
      [JSON.parse(key), one.operation.id, one.conflicts.map((other) => other.id)]),
    undone: [...told.undone].sort(),
    submitted: told.submitted.map((one) => one.id),
    clock: told.clock,
  };
})
"""


def in_browser(page: Page, lists: list[list[Operation]]) -> list[dict[str, Any]]:
    told = page.evaluate(IN_BROWSER, [[asdict(one) for one in each] for each in lists])
    return [one | {"fields": sorted(one["fields"], key=repr)} for one in told]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.add_script_tag(content=(BENCH / "fold.js").read_text("utf-8"))
    yield opened
    opened.close()


def expected(case: dict[str, Any]) -> dict[str, Any]:
    told = {name: case[name] for name in ("fields", "undone", "submitted", "clock")}
    return told | {"fields": sorted(told["fields"])}


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_python_keeps_the_table(case: dict[str, Any]) -> None:
    assert in_python([operation(one) for one in case["operations"]]) == expected(case)


@pytest.mark.browser
def test_the_browser_keeps_the_table(page: Page) -> None:
    told = in_browser(page, [[operation(o) for o in case["operations"]] for case in TABLE["cases"]])
    for case, one in zip(TABLE["cases"], told, strict=True):
        want = expected(case)
        assert one == want | {"fields": sorted(want["fields"], key=repr)}, case["name"]


def drawn(random: Random) -> list[Operation]:
    """Some operations on three places, that saw and undo each other at random."""
    made: list[Operation] = []
    for number in range(random.randrange(1, 14)):
        act = random.choice(ACTS)
        names = [one.id for one in made]
        of_document = act in ("undo", "submit")
        made.append(
            operation(
                {
                    "id": f"{random.randrange(16):x}{number:x}",
                    "act": act,
                    "person": random.choice(PEOPLE),
                    "clock": random.randrange(1, 8),
                    "form": None if of_document else random.randrange(2),
                    "field": None if of_document else "total_score",
                    "value": random.choice(["1", "2"]) if act == "set" else None,
                    "seen": random.sample(names, random.randrange(len(names) + 1)),
                    "target": random.choice([*names, "x"]) if act == "undo" else None,
                }
            )
        )
    return made


@pytest.mark.browser
def test_both_come_to_the_same_in_any_order_and_repetition(page: Page) -> None:
    random = Random(7)
    lists = [drawn(random) for _ in range(1500)]
    told = in_browser(page, lists)
    shuffled = [random.sample(one, len(one)) + random.choices(one, k=2) for one in lists]
    again = in_browser(page, shuffled)
    for operations, one, other in zip(lists, told, again, strict=True):
        want = in_python(operations)
        assert one == want | {"fields": sorted(want["fields"], key=repr)}
        assert one == other
    assert sum(bool(one["undone"]) for one in told) > 300
    assert sum(any(field[2] for field in one["fields"]) for one in told) > 300


@pytest.mark.browser
@pytest.mark.parametrize(
    ("acts", "undo", "redo"),
    [
        ("a b", ["a", "b"], []),
        ("a b -b", ["a"], ["-b"]),
        ("a b -b -a", [], ["-b", "-a"]),
        ("a b -b -a --a", ["a"], ["-b"]),
        ("a b -b -a --a --b", ["a", "b"], []),
        ("a b -b c", ["a", "c"], []),
    ],
)
def test_what_can_be_taken_back_and_brought_back(
    page: Page, acts: str, undo: list[str], redo: list[str]
) -> None:
    made = [
        operation(
            {"id": name, "clock": number, "act": "undo", "target": name[1:], "field": None}
            if name.startswith("-")
            else {"id": name, "clock": number, "field": name}
        )
        for number, name in enumerate(acts.split(), start=1)
    ]
    script = "(operations) => historyOf(fold(operations), 'p')"
    assert page.evaluate(script, [asdict(one) for one in made]) == {"undo": undo, "redo": redo}


@pytest.mark.browser
def test_sums_of_printed_decimals_are_exact(page: Page) -> None:
    script = "(terms) => addPrinted(terms.map(([text, sign]) => [text, BigInt(sign)]))"
    assert page.evaluate(script, [["0.1", 1], ["0.2", 1]]) == "0.3"
    assert page.evaluate(script, [["1,234.50", 1], ["0.5", -1]]) == "1,234.00"
    assert page.evaluate(script, [["5", 1], ["7.25", -1]]) == "−2.25"
    assert page.evaluate(script, [["5", 1], ["n", 1]]) is None

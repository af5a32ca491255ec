"""Damage is reproducible, touches what it says, and its proof sees what went wrong."""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from eval.guard import Limits, guarded
from eval.hostile import OPERATORS, digit_places, planned, variant
from eval.prove_hostile import Told, try_variant
from eval.truth import documents

QUICK = [name for name in OPERATORS if name not in ("huge_line", "giant_cell")]


def test_ten_thousand_are_planned_and_every_digit_cell_once():
    assert len(planned()) == 10_000
    assert OPERATORS["delete_cell"][1] >= len(digit_places())
    assert {name for name, _ in planned(0.001)} == set(OPERATORS)


@pytest.mark.parametrize("name", QUICK)
def test_a_variant_is_the_same_for_the_same_seed(name: str):
    texts = {document.text.encode() for document in documents()}
    made = [variant(name, number, 7) for number in range(5)]
    assert made == [variant(name, number, 7) for number in range(5)]
    assert any(one.data not in texts for one in made)


def test_a_deleted_cell_is_gone_with_its_separator():
    made = variant("delete_cell", 40, 7)
    assert made.change is not None
    document = documents()[made.change.document]
    text = made.data.decode()
    separator = "|" if document.path.endswith(".md") else "\t"
    assert text.count(separator) == document.text.count(separator) - 1
    assert text.count(made.change.text) == document.text.count(made.change.text) - 1


@pytest.mark.parametrize("name", QUICK)
def test_reading_a_variant_keeps_its_promises(name: str):
    told = try_variant((name, 0, 7))
    assert told.broken == []
    assert told.characters > 0


def test_the_other_forms_of_a_document_stay_untouched():
    told = try_variant(("delete_cell", 100, 7))
    assert told.untouched == told.forms - 1
    assert told.other == []
    assert told.signs


def _work(job: str) -> Told | int:
    if job == "die":
        os._exit(3)
    if job == "sleep":
        time.sleep(60)
    if job == "eat":
        return len(bytearray(2**33))
    if job == "raise":
        raise ValueError("broken on purpose")
    return os.getpid()


def test_a_guarded_job_costs_only_itself():
    jobs = ["live", "die", "live", "raise", "live", "eat", "live", "sleep", "live"]
    outcomes = guarded(_work, jobs, Limits(seconds=4, mib=1024), 2)
    fates = [outcome.fate for outcome in outcomes]
    assert fates == ["done", "crash", "done", "crash", "done", "memory", "done", "hang", "done"]
    assert "broken on purpose" in outcomes[3].told
    assert "exit code 3" in outcomes[1].told
    assert Counter(bool(outcome.rss) for outcome in outcomes)[True] >= 7

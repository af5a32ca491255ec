"""Faults are what their kinds say, and what came of one is told rightly."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from eval.faults import KINDS, faults, lenient
from eval.prove_faults import Planted, planted, try_faults
from eval.truth import DistinctForm, alone, distinct_forms


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,7650.5", "17650.5"),
        (".500", "0.5"),
        ("5.", "5"),
        ("１２．５", "12.5"),
        ("372.29万元", "372.29"),
        ("-", None),
        ("", None),
        (".", None),
    ],
)
def test_a_lenient_reader_sees(text: str, value: str | None):
    assert lenient(text) == (None if value is None else Decimal(value))


def test_each_kind_at_each_place():
    """1,765.05: six digits by nine others, six dropped, four pairs side by side (76, 65, 05) …"""
    kinds = Counter(fault.kind for fault in faults("1,765.05"))
    assert kinds == {"digit": 54, "drop": 6, "transpose": 3, "across": 2, "point": 2}
    assert set(kinds) == set(KINDS)
    texts = {fault.kind: [f.text for f in faults("1,765.05") if f.kind == fault.kind]
             for fault in faults("1,765.05")}  # fmt: skip
    assert texts["across"] == ["7,165.05", "1,760.55"]
    assert texts["transpose"] == ["1,675.05", "1,756.05", "1,765.50"]
    assert texts["point"] == ["1,7650.5", "1,76.505"]


def test_what_keeps_the_number_is_no_fault():
    """0.00 can lose a zero or its point can move: it stays nothing."""
    assert {fault.kind for fault in faults("0.00")} == {"digit"}
    assert "5.0" not in {fault.text for fault in faults("5.00")}
    assert all(lenient(fault.text) != 5 for fault in faults("5.00"))


def test_a_broken_total_is_noticed_and_names_its_field():
    form = distinct_forms("project")[0]
    these = [one for one in planted([form]) if one.field == "total_score"]
    fates = try_faults(form, these)
    assert len(fates) == len(these) > 30
    assert all(fate.noticed and fate.flagged and not fate.silent for fate in fates)


def test_a_fault_that_nothing_names_is_silent():
    """A changed target takes part in no sum: planted here, it must not count as noticed."""
    form = distinct_forms("project")[0]
    entry = alone(form.text).forms[0].entries["indicators[1].target"]
    fault = next(iter(faults("56.00")))
    one = Planted(0, "indicators[1].target", entry.spans[0], entry.raw[0], fault)
    (fate,) = try_faults(DistinctForm(form.name, form.family, form.text), [one])
    assert not fate.noticed
    assert fate.silent

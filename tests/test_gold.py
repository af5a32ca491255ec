"""The reader against the truth: every leaf of the 21 forms of the sample, as printed.

The truth was made from the pages alone. What is compared is what the benchmark compares: in prose,
spaces and width are ignored; everything else must be equal character for character.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import pytest

from extractor.families import family_of
from extractor.pipeline import read_document
from extractor.text import compare_key
from extractor.types import CheckedDocument
from tests.shapes import GOLD, document, errors, flat, misplaced_spans

DOCUMENTS = (
    "jiangchuan-2023.md",
    "jiangchuan-2023.tsv",
    "jiangqiao-2024.tsv",
    "pujin-2023-department.tsv",
)
PROJECTS = DOCUMENTS[:3]


@lru_cache
def read_gold(name: str) -> CheckedDocument:
    data = (GOLD / "documents" / name).read_bytes()
    return read_document(document(data.decode("utf-8-sig"), name))


@lru_cache
def truth(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((GOLD / "truth" / f"{name}.json").read_text("utf-8"))["forms"])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_leaf_is_read_as_printed(name: str) -> None:
    forms = read_gold(name).forms
    assert len(forms) == len(truth(name))
    for form, expected in zip(forms, truth(name), strict=True):
        family = family_of(form.form.family)
        wanted, got = flat(expected), flat(form.record)
        assert wanted.keys() == got.keys()
        wrong = {
            path: (wanted[path], got[path])
            for path in wanted
            if wanted[path] != got[path]
            and (
                path not in form.entries
                or compare_key(family.kind(path), wanted[path])
                != compare_key(family.kind(path), got[path])
            )
        }
        assert wrong == {}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_value_has_its_characters(name: str) -> None:
    """``text[a:b] == raw``, and no number without a span."""
    found = read_gold(name)
    for form in found.forms:
        assert misplaced_spans(found.document.text, form) == {}
        assert all(entry.spans for entry in form.entries.values() if entry.value is not None)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_repeated_refused_or_left_over(name: str) -> None:
    found = read_gold(name)
    assert (found.repeats, len(found.refused), found.tail) == (0, 0, None)
    assert found.titles + found.untitled == len(found.forms)


@pytest.mark.parametrize("name", PROJECTS)
def test_no_cell_of_a_project_form_is_unread(name: str) -> None:
    found = read_gold(name)
    assert [found.document.text[a:b] for form in found.forms for a, b in form.unread] == []


@pytest.mark.parametrize("name", PROJECTS)
def test_no_identity_fails_on_a_project_form(name: str) -> None:
    assert [errors(form) for form in read_gold(name).forms] == [[]] * len(truth(name))


def test_hardly_any_entry_of_a_project_form_is_flagged() -> None:
    entries = [
        entry
        for name in PROJECTS
        for form in read_gold(name).forms
        for entry in form.entries.values()
    ]
    flagged = [entry.path for entry in entries if entry.needs_review]
    assert len(flagged) / len(entries) <= 0.02


def test_the_department_form_fails_exactly_where_it_does_not_add_up() -> None:
    """21 ≠ 30, 30 ≠ 25, Σ weights 96 ≠ 100, Σ scores 96 ≠ 97.8."""
    (form,) = read_gold("pujin-2023-department.tsv").forms
    found = {
        finding.check: (finding.rule, finding.residual)
        for finding in form.findings
        if finding.is_error
    }
    assert found == {
        "sum:groups[0].weight": ("R11", "9.00"),
        "sum:groups[1].weight": ("R11", "-5.00"),
        "sum:indicators[].weight": ("R9", "4.00"),
        "sum:indicators[].score": ("R10", "1.80"),
    }
    told = " ".join(f.message["zh"] for f in form.findings if f.is_error)
    for number in ("21.00", "30.00", "25", "96.00", "97.8", "100"):
        assert number in told


def test_the_department_form_is_open_and_its_shifted_rows_are_marked() -> None:
    (form,) = read_gold("pujin-2023-department.tsv").forms
    assert form.state == "open"
    assert all(
        "shifted" in form.entries[f"indicators[{index}].score"].reasons for index in range(7)
    )
    rows = [0, 0, 0, 0]
    names = [group["level1"] for group in form.record["groups"]]
    for row in form.record["indicators"]:
        rows[names.index(row["level1"])] += 1
    assert rows == [7, 6, 7, 3]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_slice_of_a_form_reads_the_same(name: str) -> None:
    """``text[a:b]`` alone gives the same record, entries and findings, spans less ``a``."""
    found = read_gold(name)
    for form in found.forms:
        start, end = form.form.span
        (alone,) = read_document(document(found.document.text[start:end])).forms
        assert alone.record == form.record
        assert alone.findings == form.findings
        assert alone.state == form.state
        assert [(s.start + start, s.end + start) for s in alone.unread] == list(form.unread)
        for path, entry in form.entries.items():
            other = alone.entries[path]
            assert tuple(span.moved(start) for span in other.spans) == entry.spans
            assert (other.raw, other.standing, other.stratum, other.reasons, other.address) == (
                entry.raw, entry.standing, entry.stratum, entry.reasons, entry.address,
            )  # fmt: skip


def test_two_prints_of_the_same_forms_differ_only_where_the_pages_do() -> None:
    """The md and the tsv of Jiangchuan: a stray ``and`` and the width of a bracket, spaces."""
    md, tsv = (read_gold(f"jiangchuan-2023.{kind}").forms for kind in ("md", "tsv"))
    unlike = {
        path
        for one, two in zip(md, tsv, strict=True)
        for path in one.entries
        if compare_key(family_of("project").kind(path), one.entries[path].value)
        != compare_key(family_of("project").kind(path), two.entries[path].value)
    }
    assert unlike <= {"expected_goal", "actual_completion"}

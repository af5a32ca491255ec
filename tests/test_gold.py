"""The reader against the gold set: every leaf of the 21 forms of the sample, as printed.

The set was made from the pages alone. Values must be equal character for character, but for spaces
and width in prose; states and places must be equal as they are.
"""

from __future__ import annotations

from functools import lru_cache

import pytest

from eval.goldset import GoldItem, load
from extractor.families import family_of
from extractor.pipeline import read_document
from extractor.text import compare_key
from extractor.types import CheckedDocument
from tests.shapes import GOLD, document, errors, misplaced_spans

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
def truth(name: str) -> tuple[GoldItem, ...]:
    return tuple(item for item in load() if item.document == name)


STATES = {"read": {"value", "source_error"}, "blank": {"blank"}, "absent": {"absent"}}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_leaf_is_read_as_printed(name: str) -> None:
    forms = read_gold(name).forms
    assert len(forms) == len(truth(name))
    for form, item in zip(forms, truth(name), strict=True):
        family = family_of(item.family)
        assert (form.form.family, form.form.span) == (item.family, item.span)
        assert list(form.entries) == list(item.leaves)
        wrong = {
            path: (value, form.entries[path].value)
            for path, value in item.values().items()
            if compare_key(family.kind(path), value)
            != compare_key(family.kind(path), form.entries[path].value)
        }
        assert wrong == {}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_leaf_stands_where_and_as_it_is_printed(name: str) -> None:
    """``blank`` and ``absent`` are told apart, and every span is that of the page."""
    for form, item in zip(read_gold(name).forms, truth(name), strict=True):
        wrong = {
            path: (leaf.state, leaf.spans, form.entries[path].standing, form.entries[path].spans)
            for path, leaf in item.leaves.items()
            if leaf.state not in STATES[form.entries[path].standing]
            or leaf.spans != form.entries[path].spans
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


@pytest.mark.parametrize("name", DOCUMENTS)
def test_exactly_the_identities_that_the_page_breaks_fail(name: str) -> None:
    """None of a project form, four of the department form."""
    assert [errors(form) for form in read_gold(name).forms] == [
        list(item.breaks) for item in truth(name)
    ]


@pytest.mark.parametrize("name", PROJECTS)
def test_no_project_form_breaks_an_identity(name: str) -> None:
    assert [item.breaks for item in truth(name)] == [()] * len(read_gold(name).forms)


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
    """21 ≠ 30, 30 ≠ 25, Σ weights 96 ≠ 100, Σ scores 96 ≠ 97.8; a block is there twice."""
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
        "repeat:indicators[]": ("R28", None),
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

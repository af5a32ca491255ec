"""Evidence: what is known of a field, the strata and signals that follow from it."""

from __future__ import annotations

import json

import pytest

from extractor.calibration import PROMISED
from extractor.confidence import STRATA, SUPPORTED, stratum_of
from extractor.evidence import Evidence
from extractor.families import family_of
from extractor.pipeline import Second, evidence_for, finish, outline
from extractor.signals import CLASSES, SIGNALS, SOURCES, class_of, signals_of
from extractor.store_evidence import pack, unpack
from extractor.types import CheckedForm, Origin
from tests.shapes import PAGE, document, only

SOUND = Evidence("score", "read", filled=True, exact=1)
TEXT = Evidence("name", "read", filled=True)
SHORT = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
NOTHING = Evidence("score", "blank", filled=False, parts=0)


def form(page: str = PAGE) -> CheckedForm:
    return only(page)


def both(**other: str | None) -> CheckedForm:
    """The page read by both readers, the model reading some fields otherwise."""
    says = {path: entry.value for path, entry in form().entries.items()}
    says |= {path.replace("__", "."): value for path, value in other.items()}
    second = Second(says, Origin("m", "p", "s"))
    (read,) = finish(outline(document(PAGE)), {0: second}).forms
    return read


def signals(evidence: Evidence) -> set[str]:
    return {name for name, on in zip(SIGNALS, signals_of(evidence), strict=True) if on}


@pytest.mark.parametrize(
    ("evidence", "stratum"),
    [
        (SOUND._replace(agreed=True), "agreed"),
        (SOUND, "closed"),
        (SOUND._replace(exact=0, rounded=1), "closed"),
        (TEXT, "grounded"),
        (TEXT._replace(agreed=True), "agreed"),
        (SOUND._replace(agreed=True, reasons=("by_order",)), "moved"),
        (NOTHING, "empty"),
        (NOTHING._replace(agreed=True), "empty"),
        (SOUND._replace(exact=0, agreed=True), "unproven"),
        (TEXT._replace(agreed=True, reasons=("row_length",)), "unproven"),
        (NOTHING._replace(wanted=True), "missing"),
        (NOTHING._replace(reasons=("row_ends",)), "missing"),
        (SOUND._replace(agreed=False, disputed=True), "disputed"),
        (SOUND._replace(agreed=False), "closed"),
        (SOUND._replace(broken=1, disputed=True), "contradicted"),
        (NOTHING._replace(standing="unread", broken=1), "unread"),
    ],
)
def test_the_stratum_follows_from_the_evidence(evidence: Evidence, stratum: str) -> None:
    assert stratum_of(evidence) == stratum


def test_only_what_something_supports_can_be_promised() -> None:
    unseen = {name for name in STRATA if not STRATA[name].review}
    assert unseen - {"reviewed"} == PROMISED
    names = [name for rung in SUPPORTED for name in rung]
    assert names == [name for name in STRATA if name in names]  # the safest first


def test_agreement_is_the_safest_stratum_and_a_difference_is_none() -> None:
    read = both(funds__total__executed="9.99")
    strata = {path: entry.stratum for path, entry in read.entries.items()}
    assert strata["funds.total.executed"] == "disputed"
    assert strata["funds.total.annual_budget"] == "agreed"
    assert strata["project_name"] == "agreed"
    assert "agreed" not in {entry.stratum for entry in form().entries.values()}


def test_evidence_tells_exact_from_rounded_identities() -> None:
    evidence = evidence_for(form())
    rate = evidence["funds.total.execution_rate"]  # a quotient, and that of its only source
    assert (rate.exact, rate.rounded) == (1, 1)
    assert (evidence["total_score"].exact, evidence["total_score"].rounded) == (1, 0)


def test_a_failing_sum_and_its_suspect() -> None:
    read = form(SHORT)
    evidence = evidence_for(read)
    named = {path for path, one in evidence.items() if one.suspected}
    broken = {path for path, one in evidence.items() if one.broken}
    assert named
    assert named <= broken
    assert len(broken) > len(named)
    assert all("broken" in signals(evidence[path]) for path in broken)


def test_the_archive_gives_the_evidence_back() -> None:
    for read in (both(funds__total__executed="9.99"), form()):
        again = unpack(pack(read, PAGE), PAGE, 0)
        assert evidence_for(again) == evidence_for(read)
        assert again.reader_version == read.reader_version != ""


def test_a_form_that_was_stored_before_there_were_calibrations_can_be_read() -> None:
    read = form()
    packed = pack(read, PAGE)
    evidence = json.loads(packed.evidence)
    evidence["judgements"] = [one[:7] for one in evidence["judgements"]]
    del evidence["reader_version"]
    old = unpack(packed._replace(evidence=json.dumps(evidence)), PAGE, 0)
    assert old.entries == read.entries
    assert old.reader_version == ""


def test_signals_are_doubts() -> None:
    assert signals(SOUND._replace(exact=2, agreed=True)) == set()
    assert signals(SOUND) == {"closed_once", "unconfirmed"}
    assert signals(SOUND._replace(exact=0)) == {"unclosed", "unconfirmed"}
    assert signals(SOUND._replace(exact=0, rounded=2)) == {"within_rounding", "unconfirmed"}
    assert signals(TEXT) == {"unconfirmed"}
    torn = TEXT._replace(agreed=False, disputed=True, torn=5, beside=True, unusual=True, parts=2)
    assert signals(torn) == {
        "unconfirmed", "differed", "disputed", "torn", "badly_torn", "beside", "unusual", "joined",
    }  # fmt: skip
    assert signals(NOTHING._replace(standing="unread")) == {"unread", "unconfirmed"}
    assert {signal.source for signal in SIGNALS.values()} == set(SOURCES)


def test_the_class_of_a_field_without_a_value_is_blanks() -> None:
    assert (class_of(SOUND), class_of(TEXT), class_of(NOTHING)) == ("points", "names", "blanks")
    assert {class_of(one) for one in evidence_for(form()).values()} <= set(CLASSES)


def test_a_print_that_is_not_like_its_column_is_unusual() -> None:
    evidence = evidence_for(form(PAGE.replace("30.00\t30.00", "30.00\t30.0", 1)))
    assert [path for path, one in evidence.items() if one.unusual] == ["indicators[1].score"]
    assert not any(one.unusual for one in evidence_for(form()).values())
    odd = evidence_for(form(PAGE.replace("购书数量", "购\ufffd数量", 1)))
    assert any(one.unusual for path, one in odd.items() if not family_of("project").is_number(path))


def test_a_cell_beside_a_doubtful_one_is_told_apart() -> None:
    cut = PAGE.splitlines()
    row = next(i for i, line in enumerate(cut) if "产出指标" in line)
    cut[row] = cut[row].rsplit("\t", 2)[0]
    evidence = evidence_for(form("\n".join(cut) + "\n"))
    assert any(one.beside for one in evidence.values())
    assert not any(one.beside for one in evidence_for(form()).values())

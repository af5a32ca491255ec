"""A kind of check that was defined by following docs/adding-a-check.md, with all that it gains."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from eval.family_docs import markdown
from extractor import coverage, declared, families
from extractor.checks.explain import draw
from extractor.checks.imply import imply
from extractor.checks.judge import judge
from extractor.checks.locate import locate
from extractor.families import family_of
from extractor.families.base import Family
from extractor.numbers import number_of
from extractor.page import page
from extractor.pipeline import read_document
from extractor.report import document_text
from tests.shapes import document
from tests.test_locate import library

GUIDE = Path(__file__).parents[1] / "docs" / "adding-a-check.md"
WHOLE, USED, LEFT = (
    f"funds.{row}.initial_budget" for row in ("total", "current_year_appropriation", "carried_over")
)


@pytest.fixture
def kind() -> Iterator[Any]:
    """The class of the guide, from its own text."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    module = ModuleType("kind_of_the_guide")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    exec(compile(code, str(GUIDE), "exec"), module.__dict__)
    yield module.__dict__["LeftOver"]
    del sys.modules[module.__name__]


@pytest.fixture
def family(kind: Any) -> Family:
    """The project form with no check but the new one: carried over = total − appropriation."""
    check = kind(left=LEFT, whole=WHOLE, used=USED, rule="R99")
    return replace(family_of("project"), checks=(check,), unprotected={})


def values(left: str, whole: str = "12.40", used: str = "9.15") -> dict[str, Any]:
    return {LEFT: number_of(left), WHOLE: number_of(whole), USED: number_of(used)}


def test_it_judges(family: Family) -> None:
    known = family.known((0, ()))
    assert judge(known, values("3.25"), family.labels).findings == []
    (finding,) = judge(known, values("3.52"), family.labels).findings
    assert (finding.check, finding.verdict, finding.residual) == (
        f"left_over:{LEFT}",
        "fails",
        "0.27",
    )
    unknown = judge(known, {**values("3.25"), USED: None}, family.labels)
    assert [finding.verdict for finding in unknown.findings] == ["cannot_tell"]


def test_it_locates_the_wrong_cell_with_its_value_and_the_slip(family: Family) -> None:
    """9.15 read as 8.15: one digit of it, of 12.40 or of 3.25 clears the sum, each a tie."""
    found = locate(family.known((0, ())), values("3.25", used="8.15"))
    (suspects,) = found.values()
    assert ((USED, "9.15"),) in [one.changes for one in suspects if one.rank == 1]
    assert {one.edit for one in suspects} == {"digit"}


def test_it_implies_what_is_missing(family: Family) -> None:
    told = imply(family.known((0, ())), {**values("3.25"), USED: None}, [USED], {})
    assert told[USED].value == "9.15"
    assert told[USED].checks == (f"left_over:{LEFT}",)


def test_it_explains_itself_as_a_sum(family: Family) -> None:
    (check,) = family.bound((0, ()))
    drawing = draw(check, values("3.52"), family.labels)
    assert drawing is not None
    assert [(term.sign, term.text) for term in drawing.terms] == [("", "12.40"), ("−", "9.15")]
    assert (drawing.implied, drawing.residual) == ("3.25", "0.27")
    assert drawing.printed is not None
    assert drawing.printed.text == "3.52"


def test_it_documents_itself(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    _use(family, monkeypatch)
    assert any(
        line.lstrip().startswith("R99") and " − " in line for line in declared.families_lines("zh")
    )
    cover = {one.path: one.rules for one in coverage.covers(family)}
    assert {path for path, rules in cover.items() if rules} == {LEFT, WHOLE, USED}
    assert "R99" in markdown(coverage.artefact())


def test_a_misread_page_is_told_of_in_report_and_page(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the first sample form 1,765.05 of appropriation leaves 0.00; it is read as 1,785.05."""
    _use(family, monkeypatch)
    text = library()
    clean = read_document(document(text))
    assert not [f for f in clean.forms[0].findings if f.rule == "R99"]
    at = text.index("1,765.05", text.index("1,765.05") + 1)
    wrong = read_document(document(text[:at] + text[at:].replace("1,765.05", "1,785.05", 1)))
    (finding,) = [f for f in wrong.forms[0].findings if f.rule == "R99"]
    assert ((USED, "1765.05"),) in [suspect.changes for suspect in finding.suspects]
    told = document_text(wrong, "en", color=False, width=100)
    assert "R99" in told
    assert "1,785.05 → 1,765.05" in told
    (slip,) = re.findall(r'<figure class="slip fails">.*?</figure>', page([wrong]), re.DOTALL)
    assert "R99" in slip
    assert "−20.00" in slip
    assert re.search(r'class="then">.*?1,765\.05', slip)


def _use(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the family in the place of the one that it is made from, everywhere."""
    old = family_of(family.name)
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith(("extractor", "eval")):
            for name, value in list(vars(module).items()):
                if value is old:
                    monkeypatch.setattr(module, name, family)
                elif isinstance(value, tuple) and any(one is old for one in value):
                    monkeypatch.setattr(
                        module, name, tuple(family if one is old else one for one in value)
                    )
    assert family in families.FAMILIES

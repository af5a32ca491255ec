"""The page of the checks: every figure and field is on it, it fits, and it can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest

pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST WAS RUN: playwright is not installed"
)
from playwright.sync_api import Browser

from eval.kill_page import Proof, page
from eval.prove_located import Share
from extractor.coverage import Artefact, Kills, Measured, Tie
from tests.test_eval_report_browser import UNREADABLE

TOTAL, SOURCE = "funds.total.initial_budget", "funds.current_year_appropriation.initial_budget"
PROJECT = Measured(
    "sample",
    2,
    {
        TOTAL: {"digit": Kills(400, 400, 8, 392, 4), "drop": Kills(10, 4, 4, 0, 4)},
        "indicators[].score": {"digit": Kills(1000, 999, 990, 9, 980)},
    },
    [Tie(TOTAL, SOURCE, 392)],
)
DEPARTMENT = Measured("generated", 3, {"total_score": {"point": Kills(5, 5, 5, 0, 5)}}, [])
SHARES = {
    "sample_one": [
        Share("sample_one_noticed", 1403, 1410, 0.98, 1.0, 99.4),
        Share("sample_one_alone", 1002, 1011, None, None, 99.9),
    ],
    "sample_two": [
        Share("sample_two_noticed", 100, 100, 1.0, 1.0, 99.9),
        Share("sample_two_both", 0, 0, None, None),
        Share("sample_two_wrong_single", 1, 100, 0.0, 0.03, 0.7, is_error=True),
    ],
}
PROOF = Proof(
    Artefact("0123456789ab", {"project": PROJECT, "department": DEPARTMENT}),
    SHARES,
    {"funds executed": (14, 14), "indicators score": (29, 46)},
    True,
    2023,
)


def words_of(markup: str) -> str:
    """The page as it is read out in English."""
    markup = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", markup, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", re.sub(r'<span lang="zh">.*?</span>', "", markup))


def test_it_says_what_was_measured():
    told = re.sub(r"\s+", " ", words_of(page(PROOF)))
    assert "1,410 faults, one at a time: 99.5 % noticed," in told
    assert "Only a seeded part was measured" in told
    assert "0123456789ab" in told
    assert "noticed (asked: ≥ 99.4) 99.50 98.00 – 100 1,403 / 1,410" in told
    assert "(asked: ≥ 99.9) missed 99.10" in told
    assert "a cell that is right is named as the one (asked: ≤ 0.7) missed 1.00 0 – 3.00" in told
    assert "executed (funds) 14 / 14" in told


def test_the_matrix_is_a_table_that_can_be_read_out():
    told = re.sub(r"\s+", " ", words_of(page(PROOF)))
    assert "Kill matrix: project self-evaluation" in told
    assert "initial budget = R6" in told
    assert "Kill matrix: department self-evaluation generated forms" in told
    shades = re.findall(r'<td class="n h h(\d)" title="([\d, /]+)">', page(PROOF))
    assert ("0", "400 / 400") in shades
    assert ("5", "8 / 400") in shades
    assert ("4", "4 / 10") not in shades
    assert ("1", "999 / 1,000") in shades
    assert "Structural ties (1)" in told


def test_nothing_leaves_it_and_nothing_runs():
    made = page(PROOF)
    assert "script-src &#x27;none&#x27;" in made or "script-src 'none'" in made
    assert "<script" not in made
    assert not re.search(r"(src|href)=\"(?!#|data:)", made)


@pytest.mark.browser
class TestInABrowser:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_it_fits_and_every_word_can_be_read(
        self, browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"]
    ):
        file = tmp_path / "page.html"
        file.write_text(page(PROOF, "en"), encoding="utf-8")
        asked: list[str] = []
        opened = browser.new_page(color_scheme=scheme)
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(file.as_uri())
        opened.evaluate("for (const f of document.querySelectorAll('details')) f.open = true")
        for width in (360, 1280):
            opened.set_viewport_size({"width": width, "height": 900})
            for lang in ("zh", "en"):
                opened.locator(f"label[for=lang-{lang}]").click()
                assert opened.evaluate("document.documentElement.scrollWidth") <= width
                assert opened.evaluate(UNREADABLE) == []
        opened.close()
        assert [url for url in asked if url != file.as_uri() and url[:5] != "data:"] == []

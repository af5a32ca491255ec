"""The pages around the bench in a real browser: queue, form, batches; addresses of every kind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from eval.review_driver import CARD, Screen, ready
from extractor.bulk import ingest
from extractor.sources import walk
from extractor.store import Store
from tests.shapes import PAGE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
EVIL = "<img src=x onerror='hacked=1'> [x](javascript:hacked=1) :red[x] $x$ **b**"
PATIENCE = 20_000
EXCEPTION = "[data-testid=stException]"
UNKNOWN = """(archive) => {
  const one = { id: 'waits', document: 'f'.repeat(64), act: 'submit', person: 'reviewer', clock: 1,
    form: null, field: null, row: null, value: null, against: [], seen: [], target: null,
    reason: null, label: null, spent: 0, at: '' };
  for (const owner of ['', 'reviewer']) {
    localStorage.setItem(`crossfoot:${archive}:${owner}:waits`, JSON.stringify(one));
  }
}"""
"""An operation on a document that this archive does not have, in the outbox of this browser."""
WAITING = "() => Object.keys(localStorage).filter((one) => one.endsWith(':waits')).length"


class Site:
    def __init__(self, folder: Path) -> None:
        inside = folder / "in"
        inside.mkdir()
        self.db = folder / "a.db"
        texts = {
            "a.tsv": WRONG.replace("2023", "2022") + WRONG,
            f"{EVIL.replace('/', '')}.tsv": WRONG.replace("图书经费", EVIL),
        }
        for name, text in texts.items():
            (inside / name).write_text(text, "utf-8")
        self.both, self.evil = (hashlib.sha256(one.encode()).hexdigest() for one in texts.values())
        with Store.open(self.db) as store:
            ingest(list(walk([inside])), store)
        self.screen = Screen(self.db)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("screens"))
    yield site
    site.screen.kill()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def at(context: BrowserContext, site: Site, address: str, wait: str) -> Page:
    page = context.new_page()
    page.goto(f"{site.screen.address}/{address}")
    page.wait_for_selector(wait)
    return page


class TestQueue:
    def test_its_rows_are_gone_through_and_opened_by_keyboard(
        self, site: Site, context: BrowserContext
    ) -> None:
        page = at(context, site, "", ".entry")
        assert page.locator(".entry").count() == 3
        assert page.locator(".reason", has_text="99.00 ≠ 50.00").count() == 3
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        current = page.locator(".entry[aria-current]")
        assert current.count() == 1
        where = current.text_content() or ""
        page.keyboard.press("Enter")
        ready(page)
        assert ("a.tsv" in where) == (site.both in page.url)
        assert f"form {1 + ('a.tsv · 2 ·' in where)} /" in (
            page.locator(".head").text_content() or ""
        )

    def test_letters_written_into_its_filter_move_nothing_and_filter(
        self, site: Site, context: BrowserContext
    ) -> None:
        page = at(context, site, "", ".entry")
        box = page.get_by_role("textbox", name="Words")
        box.fill("onerror")
        box.press("j")
        assert page.locator(".entry[aria-current]").count() == 1
        box.fill("onerror")
        box.press("Enter")
        page.locator(".entry").nth(1).wait_for(state="detached")
        assert EVIL in (page.locator(".entry").text_content() or "")

    def test_what_waits_for_a_document_that_the_archive_does_not_have_goes_on_waiting(
        self, site: Site, context: BrowserContext
    ) -> None:
        page = at(context, site, "", ".entry")
        archive = hashlib.sha256(str(site.db).encode()).hexdigest()[:12]
        page.evaluate(UNKNOWN, archive)
        before = page.evaluate(WAITING)
        page.reload()
        page.wait_for_selector(".entry")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1000)
        assert page.evaluate(WAITING) == before > 0


class TestForm:
    def test_it_tells_its_record_and_findings_as_text_and_leads_to_the_bench(
        self, site: Site, context: BrowserContext
    ) -> None:
        page = at(context, site, f"form?document={site.evil}", ".cf-table")
        told = page.locator(".stMainBlockContainer").inner_text()
        assert "99.00 ≠ 50.00 + 20.00" in told
        assert EVIL in told
        assert EVIL.replace("/", "") + ".tsv" in told
        assert page.locator("img[src=x], .stMainBlockContainer a[href^=javascript]").count() == 0
        assert page.evaluate("() => globalThis.hacked") is None
        page.get_by_role("button", name="Open on the bench").click()
        ready(page)
        assert site.evil in page.url

    def test_one_of_several_forms_is_chosen_by_the_address(
        self, site: Site, context: BrowserContext
    ) -> None:
        start = len((WRONG).replace("2023", "2022"))
        page = at(context, site, f"form?document={site.both}&form={start}", ".cf-table")
        assert page.locator(".cf-table tr", has_text="year").get_by_text("2023").count() > 0


class TestAddresses:
    def test_a_document_that_nobody_has_is_not_in_the_address_of_what_is_shown_instead(
        self, site: Site, context: BrowserContext
    ) -> None:
        for name, shown in (("bench", CARD), ("form", ".cf-table")):
            page = at(context, site, f"{name}?document={quote('<img src=x>')}", shown)
            page.wait_for_function("() => /document=[0-9a-f]{64}/.test(location.search)")
            assert page.locator(EXCEPTION).count() == 0
            page.close()

    def test_numbers_and_languages_that_are_none_are_passed_over(
        self, site: Site, context: BrowserContext
    ) -> None:
        for more in (f"form={'9' * 5000}", "form=-1", "form=%C2%B2", f"lang={'z' * 500}"):
            page = at(context, site, f"bench?document={site.both}&{more}", CARD)
            assert page.locator(EXCEPTION).count() == 0, more[:20]
            page.close()
        page = at(context, site, "?family=zz&batch=99999999999999999999&year=x", ".entry")
        assert page.locator(EXCEPTION).count() == 0

    def test_chinese_is_spoken_to_chinese_browsers(self, site: Site, browser: Browser) -> None:
        with browser.new_context(locale="zh-CN") as context:
            page = at(context, site, f"bench?document={site.both}", CARD)
            assert page.locator(".bench").get_attribute("lang") == "zh"
            assert "原文" in (page.locator(".bench").text_content() or "")


class TestByLink:
    """Last here: it leaves a document leased."""

    def test_its_keys_work_for_who_came_by_a_link(
        self, context: BrowserContext, site: Site
    ) -> None:
        """A link that was clicked keeps the focus, and Enter would follow it again."""
        page = context.new_page()
        page.goto(f"{site.screen.address}/batches")
        page.get_by_role("link", name="Queue").click()
        page.wait_for_selector(".listing .entry")
        page.wait_for_function("() => !document.activeElement?.matches('a')")
        page.keyboard.press("Enter")
        page.wait_for_selector(CARD)

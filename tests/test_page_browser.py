"""The page in a real browser: it stays quiet, fits the window, and answers mouse and keyboard."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST WAS RUN: playwright is not installed"
)
from playwright.sync_api import Browser, Locator, Page, expect

from extractor.page import page as page_of
from extractor.pipeline import read_document
from extractor.twins import same_as
from extractor.types import Document

pytestmark = pytest.mark.browser

SAMPLE = Path(__file__).parents[1] / "eval" / "gold" / "documents"
DEPARTMENT = "#form-21"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the sample documents as a file."""
    documents = [
        read_document(
            Document(
                "sample",
                path.name,
                path.read_text("utf-8"),
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )
        )
        for path in sorted(SAMPLE.iterdir())
    ]
    twins = same_as([(one.document, form) for one in documents for form in one.forms])
    file = tmp_path_factory.mktemp("page") / "page.html"
    file.write_text(page_of(documents, twins), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of one form with a score that is misread, a tie, an unread number and a lost one."""
    text = (SAMPLE / "jiangchuan-2023.md").read_text("utf-8")
    text = text[: text.index("财政项目支出绩效自评表", text.index("评分等级"))]
    forms: list[str] = []
    for put in ("5.00 | 8.00 |", "5.00 | 5.O0 |", "5.00 | |"):
        forms.append(text.replace("50.00(人) | 5.00 | 5.00 |", f"50.00(人) | {put}"))
    forms[0] = forms[0].replace("年度资金总额: | 1,765.05", "年度资金总额: | 1,756.05")
    forms.append(text.replace("1,596.51 | 10.00 | 91.51", "1,596.51 | 10.00 | 19.51"))
    documents = [
        read_document(Document("faulty", f"{at}.md", one, hashlib.sha256(one.encode()).hexdigest()))
        for at, one in enumerate(forms)
    ]
    file = tmp_path_factory.mktemp("faulty") / "page.html"
    file.write_text(page_of(documents), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def opened(browser: Browser, address: str, faulty: str) -> Iterator[Open]:
    """Opens the page; at the end no network was asked and nothing stands in the console."""
    asked: list[str] = []
    said: list[str] = []
    contexts: list[Any] = []

    def open_page(
        width: int = 1280,
        height: int = 900,
        anchor: str = "",
        at: str = address,
        **options: Any,
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(at + anchor)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    own = (address, faulty)
    beyond = [u for u in asked if u.partition("#")[0] not in own and not u.startswith("data:")]
    assert beyond == []


def score(page: Page, form: str, row: int) -> Locator:
    """The score of an indicator row in the record (rows that hold a name, counted from 0)."""
    rows = page.locator(f"{form} .indicators tbody tr:has(> th.v)")
    return rows.nth(row).locator("td").last


def colour(locator: Locator, name: str) -> str:
    return locator.evaluate(f"element => getComputedStyle(element)['{name}']")


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_the_window(opened: Open, width: int, scheme: str) -> None:
    page = opened(width, color_scheme=scheme)
    page.evaluate(
        """() => {
            for (const form of document.querySelectorAll(".form")) {
                form.style.contentVisibility = "visible";
            }
            for (const fold of document.querySelectorAll("details")) fold.open = true;
        }"""
    )
    for lang in ("zh", "en"):
        page.locator(f"label[for=lang-{lang}]").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, lang


def test_pointing_at_a_value_lights_its_cell_and_its_sum(opened: Open) -> None:
    """得分 of the second row of form 1: one cell of the source, and its column mates in the sum."""
    page = opened()
    value = score(page, "#form-1", 1)
    value.scroll_into_view_if_needed()
    value.hover()
    source = page.locator("#form-1 .source td.hit")
    expect(source).to_have_count(1)
    expect(source).to_have_text("10.00")
    expect(source).to_be_in_viewport()
    assert (
        source.locator("xpath=..").inner_text().split("\t")[3].strip() == "公共文化活动策划举办场次"
    )
    expect(page.locator("#form-1 .slip .hit")).not_to_have_count(0)
    expect(page.locator("#form-1 .source td.mate")).not_to_have_count(0)
    glass = page.locator("#glass")
    expect(glass).to_contain_text("得分 · 公共文化活动策划举办场次")
    expect(glass).to_contain_text("原文第 21 行")
    page.locator("h1").hover()
    expect(page.locator(".hit")).to_have_count(0)
    expect(glass).to_be_hidden()


def test_pointing_at_a_source_cell_lights_the_record(opened: Open) -> None:
    page = opened()
    cell = page.locator("#form-1 .source td", has_text="1,596.51").first
    cell.scroll_into_view_if_needed()
    cell.hover()
    expect(page.locator("#form-1 .funds td.hit")).to_have_text("1,596.51")


def test_a_click_holds_a_value_and_escape_lets_go(opened: Open) -> None:
    page = opened()
    value = score(page, "#form-1", 1)
    value.click()
    page.mouse.move(2, 2)
    expect(value).to_have_class(re.compile(r"\bhit\b"))
    page.keyboard.press("Escape")
    expect(page.locator(".hit")).to_have_count(0)


def test_arrow_keys_walk_through_the_record(opened: Open) -> None:
    """One stop of the tab key for each record; arrows move on, the source follows."""
    page = opened()
    first = page.locator("#form-1 .record .v").first
    assert page.locator("#form-1 .record .v[tabindex]").count() == 1
    first.focus()
    expect(first).to_have_class(re.compile(r"\bhit\b"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#form-1 .record .v:focus")).to_have_text("图书综合经费")
    expect(page.locator("#form-1 .source td.hit")).to_have_text("图书综合经费")
    score(page, "#form-1", 0).click()
    page.keyboard.press("ArrowDown")
    expect(score(page, "#form-1", 1)).to_be_focused()
    assert page.locator("#form-1 .record .v[tabindex]").count() == 1


def test_the_language_is_switched_without_a_reload(opened: Open) -> None:
    page = opened()
    page.evaluate("window.stays = true")
    headline = page.locator("h1")
    expect(headline).to_contain_text("份文件")
    assert "documents" not in headline.inner_text()
    page.locator("label[for=lang-en]").click()
    assert "documents" in headline.inner_text()
    assert "份文件" not in headline.inner_text()
    value = score(page, "#form-1", 1)
    value.hover()
    expect(page.locator("#glass")).to_contain_text("line 21")
    assert page.evaluate("window.stays")
    page.locator("#lang-en").press("ArrowLeft")
    assert "份文件" in headline.inner_text()


def test_the_department_form_shows_its_failing_sums(opened: Open) -> None:
    page = opened(anchor=DEPARTMENT)
    broken = page.locator(f"{DEPARTMENT} .broken .slip.fails")
    expect(broken).to_have_count(5)
    expect(broken.first).to_be_in_viewport()
    differences = page.locator(f"{DEPARTMENT} .slip .off td.n").all_inner_texts()
    assert sorted(differences) == ["+1.80", "+4.00", "+9.00", "−5.00"]
    total = broken.locator(".total > *").first
    assert colour(total, "border-top-style") == "solid"
    assert colour(total, "border-bottom-style") == "double"


def test_decimal_points_stand_below_each_other(opened: Open) -> None:
    """The printed 97.8 under its sum of 96.00: the points share a column of the screen."""
    page = opened(anchor=DEPARTMENT)
    slip = page.locator(f"{DEPARTMENT} .slip.fails", has_text="97.8")
    points = slip.locator("tfoot td.n").evaluate_all(
        """cells => cells.map(cell => {
            const text = cell.firstChild, at = text.data.indexOf(".");
            const range = document.createRange();
            range.setStart(text, at); range.setEnd(text, at + 1);
            return range.getBoundingClientRect().left;
        })"""
    )
    assert len(points) == 3
    assert max(points) - min(points) < 1.5


def test_a_folded_twin_opens_when_it_is_gone_to(opened: Open) -> None:
    page = opened(anchor="#form-8")
    expect(page.locator("#form-8 .source")).to_be_visible()
    expect(page.locator("#form-9 .source")).to_be_hidden()


def test_dark_and_light_differ_and_both_can_be_read(opened: Open) -> None:
    papers = {
        scheme: colour(opened(color_scheme=scheme).locator("body"), "background-color")
        for scheme in ("light", "dark")
    }
    assert papers["light"] != papers["dark"]


def test_the_page_can_be_read_without_its_script(opened: Open) -> None:
    page = opened(java_script_enabled=False)
    page.locator("label[for=lang-en]").click()
    expect(page.locator("h1 .phrase [lang=en]").first).to_be_visible()
    expect(page.locator("h1 .phrase [lang=zh]").first).to_be_hidden()
    expect(page.locator(f"{DEPARTMENT} .slip.fails")).to_have_count(5)


def test_all_forms_are_printed_with_their_prose_whole(opened: Open) -> None:
    page = opened(1000)
    page.emulate_media(media="print")
    expect(page.locator(".mast fieldset")).to_be_hidden()
    long = page.locator("#form-1 .goals .long").last
    assert long.evaluate("element => element.scrollHeight <= element.clientHeight + 1")


# What is suspected


def test_a_suspect_is_solid_its_partners_are_dotted_and_ties_dashed(
    opened: Open, faulty: str
) -> None:
    page = opened(anchor="#form-1", at=faulty)
    suspect = page.locator("#form-1 .source td.bad")
    expect(suspect).to_have_count(1)
    expect(suspect).to_contain_text("8.00")
    expect(suspect).to_contain_text("应为 5.00")
    assert colour(suspect, "outline-style") == "solid"
    tied = page.locator("#form-1 .source td.either")
    expect(tied).to_have_count(2)
    assert colour(tied.first, "outline-style") == "dashed"
    assert colour(page.locator("#form-1 .source td.partner").first, "outline-style") == "dotted"


def test_pointing_at_a_suspect_shows_its_cell_and_what_it_should_be(
    opened: Open, faulty: str
) -> None:
    page = opened(anchor="#form-1", at=faulty)
    change = page.locator("#form-1 .case.alone .change")
    change.hover()
    expect(page.locator("#form-1 .source td.hit")).to_contain_text("8.00")
    expect(page.locator("#form-1 .source td.hit")).to_be_in_viewport()
    expect(page.locator("#glass .should")).to_have_text("应为 5.00")
    page.locator("label[for=lang-en]").click()
    change.hover()
    expect(page.locator("#glass .should")).to_have_text("should be 5.00")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_said_of_suspects_has_contrast_enough(
    opened: Open, faulty: str, scheme: str
) -> None:
    """4.5 : 1 for every text of the cases and of the marked cells (AA)."""
    page = opened(at=faulty, color_scheme=scheme)
    poor = page.evaluate(
        """() => {
            const light = (text) => {
                const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map((x) => x / 255)
                    .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ground = (element) => {
                const own = getComputedStyle(element).backgroundColor;
                return own === "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : own;
            };
            const cells = [...document.querySelectorAll(
                ".case, .case *, .source td.bad *, .source td.either *, .source td.partner *, " +
                ".source td.bad, .source td.either, .source td.partner")];
            return cells
                .filter((one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
                .map((one) => {
                    const pair = [light(getComputedStyle(one).color), light(ground(one))];
                    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
                    return [ratio, one.className + ": " + one.textContent.slice(0, 20)];
                })
                .filter(([ratio]) => ratio < 4.5);
        }"""
    )
    assert poor == []


@pytest.mark.parametrize("width", [390, 1280])
def test_cases_fit_the_window(opened: Open, faulty: str, width: int) -> None:
    page = opened(width, at=faulty)
    page.evaluate(
        """() => {
            for (const form of document.querySelectorAll(".form")) {
                form.style.contentVisibility = "visible";
            }
            for (const fold of document.querySelectorAll("details")) fold.open = true;
        }"""
    )
    for lang in ("zh", "en"):
        page.locator(f"label[for=lang-{lang}]").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, lang


def test_a_fraction_keeps_its_rule_where_a_number_in_it_is_suspected(
    opened: Open, faulty: str
) -> None:
    page = opened(anchor="#form-4", at=faulty)
    slip = page.locator("#form-4 .broken .slip", has=page.locator(".frac"))
    assert colour(slip.locator(".frac > *").last, "border-top-style") == "solid"
    expect(slip.locator(".line.named")).to_contain_text("91.51")

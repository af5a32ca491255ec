"""The report in a real browser: it fits the window, can be read in both themes, and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip(
    "playwright.sync_api", reason="NO BROWSER TEST WAS RUN: playwright is not installed"
)
from playwright.sync_api import Browser, Page, expect

from eval.report import page as page_of
from eval.report.cards import MOST
from tests.test_eval_report import DAMAGES, HOSTILE, generated_run, gold_run, hostile_run

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
Pages = dict[str, str]


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """The reports of three runs as files."""
    folder = tmp_path_factory.mktemp("report")
    runs = {"gold": gold_run(), "generated": generated_run(), "hostile": hostile_run(HOSTILE * 40)}
    found: Pages = {}
    for name, run in runs.items():
        file = folder / f"{name}.html"
        file.write_text(page_of(run, "en"), encoding="utf-8")
        found[name] = file.as_uri()
    return found


@pytest.fixture
def opened(browser: Browser, addresses: Pages) -> Iterator[Open]:
    """Opens a report; at the end no network was asked and nothing stands in the console."""
    asked: list[str] = []
    said: list[str] = []
    contexts: list[Any] = []

    def open_page(name: str, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(addresses[name])
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    known = tuple(addresses.values())
    assert [u for u in asked if u.partition("#")[0] not in known and u[:5] != "data:"] == []


def shown(page: Page) -> int:
    return page.locator(".cards > li:visible").count()


@pytest.mark.parametrize("name", ["gold", "generated", "hostile"])
@pytest.mark.parametrize("width", [360, 1280, 1920])
def test_nothing_overflows_the_window(opened: Open, name: str, width: int) -> None:
    page = opened(name, width)
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    for lang in ("zh", "en"):
        page.locator(f"label[for=lang-{lang}]").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, lang


UNREADABLE = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (colour) => {
        const [r, g, b] = rgba(colour).slice(0, 3).map((part) => {
            const p = part / 255;
            return p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        for (let one = element; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor;
            if (rgba(colour)[3] > 250) return colour;
        }
        return "white";
    };
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
        const words = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!words || !element.getClientRects().length) continue;
        if (element.closest("option, script")) continue;
        const style = getComputedStyle(element);
        const ink = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
        const [a, b] = [light(ink), light(ground(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) found.push(`${element.className} ${element.textContent} ${contrast}`);
    }
    return [...new Set(found)].slice(0, 20);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["gold", "generated"])
def test_every_word_can_be_read_in_both_themes(opened: Open, name: str, scheme: str) -> None:
    """Contrast of at least 4.5 (WCAG AA) between each text and what is behind it."""
    page = opened(name, color_scheme=scheme)
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert page.evaluate(UNREADABLE) == []


def test_the_theme_follows_the_system_until_it_is_switched(opened: Open) -> None:
    page = opened("gold", color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.locator("label[for=theme-light]").click()
    light = page.evaluate(paper)
    assert light != dark
    page.locator("#theme-light").press("ArrowRight")
    assert page.evaluate(paper) == dark
    page.locator("label[for=theme-auto]").click()
    assert page.evaluate(paper) == dark
    page.emulate_media(color_scheme="light")
    assert page.evaluate(paper) == light


def test_the_language_is_switched_without_a_reload(opened: Open) -> None:
    page = opened("generated")
    page.evaluate("window.stays = true")
    expect(page.locator("h1")).to_contain_text("generated forms")
    expect(page.locator("#filters output")).to_have_text(f"{MOST} of {MOST} cards")
    page.locator("label[for=lang-zh]").click()
    assert "generated forms" not in page.locator("h1").inner_text()
    expect(page.locator("#filters output")).to_have_text(f"{MOST} 张中的 {MOST} 张")
    first = page.locator("#filters select[name=told] option")
    assert [one.split(" ")[0] for one in first.all_inner_texts()] == ["全部", "静默", "已送人核"]
    assert page.evaluate("window.stays")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("told", "silent"), ("outcome", "misattached"), ("field", "money"),
        ("layout", "tabs"), ("damage", DAMAGES[0]), ("damage", ""),
    ],
)  # fmt: skip
def test_a_filter_leaves_the_cards_that_fit_it(opened: Open, name: str, value: str) -> None:
    page = opened("generated")
    marks = page.locator(".cards > li").evaluate_all(
        f"cards => cards.map(card => card.dataset.{name} ?? '')"
    )
    assert shown(page) == len(marks) == MOST
    page.locator(f"#filters select[name={name}]").select_option(value)
    assert shown(page) == marks.count(value)
    assert 0 < marks.count(value) < MOST
    expect(page.locator("#filters output")).to_have_text(f"{marks.count(value)} of {MOST} cards")
    option = page.locator(f"#filters select[name={name}] option[value='{value}']")
    assert option.inner_text().endswith(f"({marks.count(value)})")
    page.locator("#filters button").click()
    expect(page.locator("#filters output")).to_have_text(f"{MOST} of {MOST} cards")


def test_filters_add_up(opened: Open) -> None:
    page = opened("generated")
    fits = page.locator(".cards > li[data-told=silent][data-layout=tabs]").count()
    page.locator("#filters select[name=told]").select_option("silent")
    page.locator("#filters select[name=layout]").select_option("tabs")
    assert shown(page) == fits > 0


def test_the_keyboard_reaches_switches_filters_and_folds(opened: Open) -> None:
    page = opened("generated")
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.name || document.activeElement.localName")
        )
        if "damage" in reached:
            break
    assert {"theme", "lang", "summary", "told", "outcome", "layout", "damage"} <= set(reached)


def test_the_page_can_be_read_without_its_script(opened: Open) -> None:
    page = opened("generated", java_script_enabled=False)
    expect(page.locator("#filters")).to_be_hidden()
    assert shown(page) == MOST
    page.locator("label[for=lang-zh]").click()
    expect(page.locator("h2").first).to_contain_text("各项数字")


def test_names_of_curves_do_not_touch_their_plots(opened: Open) -> None:
    for width in (390, 1280):
        page = opened("generated", width)
        page.locator("label[for=lang-zh]").click()
        touching = page.locator(".multiple").evaluate_all(
            """rows => rows.filter(row => {
                const name = row.querySelector(".name").getBoundingClientRect();
                return [...row.querySelectorAll("svg")].some(svg => {
                    const box = svg.getBoundingClientRect();
                    return box.left < name.right && box.right > name.left
                        && box.top < name.bottom && box.bottom > name.top;
                });
            }).length"""
        )
        assert touching == 0


def test_curves_are_drawn_where_the_figures_say(opened: Open) -> None:
    """The faint curves behind each panel are there, and the last dot is the farthest right."""
    page = opened("generated")
    panel = page.locator(".multiple .exact svg").first
    places = panel.locator("circle").evaluate_all(
        "dots => dots.map(d => d.getBoundingClientRect().x)"
    )
    assert places == sorted(places)
    behind = panel.locator("use").evaluate("use => use.getBoundingClientRect().width")
    assert behind > (places[-1] - places[0]) * 0.9

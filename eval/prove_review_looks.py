"""How the pages look and whether everybody can use them: axe's rules, and pictures to look at."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.figures import Figures
from eval.prove_review_work import PLANTED, SAMPLE, WHOLE, archive, planted
from eval.review_driver import delivered, open_bench, serving, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = ("queue", "bench", "form", "quality", "statistics", "batches")
WIDTHS = {1280: 800, 1920: 1080}
SCHEMES = ("light", "dark")
_GRAVE = ("serious", "critical")


def prove(figures: Figures, browser: Browser, folder: Path, pictures: Path) -> None:
    """Every page in two sizes, light and dark: a picture of each, and axe's word on it."""
    figures.title("Every page at two widths, light and dark: axe's rules")
    text, _, _ = planted(SAMPLE / PLANTED)
    db = archive(folder / "looks", {WHOLE: (SAMPLE / WHOLE).read_text("utf-8"), PLANTED: text})
    pictures.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[str]] = {}
    with serving(db) as screen:
        for width, scheme in product(WIDTHS, SCHEMES):
            size = {"width": width, "height": WIDTHS[width]}
            with visitor(browser, viewport=size, color_scheme=scheme) as context:
                page = context.new_page()
                for name in PAGES:
                    _show(page, screen.address, name)
                    page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png")
                    for rule in grave(page):
                        found.setdefault(rule, []).append(f"{name}-{width}-{scheme}")
    figures.say(f"pictures in {pictures}")
    figures.bound(
        "axe_serious",
        len(found),
        f"{len(found)} serious findings on {len(PAGES)} pages in {len(WIDTHS) * 2} looks",
        not found,
    )
    figures.examples(f"{rule}: {', '.join(where)}" for rule, where in found.items())


def _show(page: Page, address: str, name: str) -> None:
    if name == "bench":
        open_bench(page, address)
        page.keyboard.press("d")
        page.keyboard.press("u")
        delivered(page)
    else:
        page.goto(address if name == "queue" else f"{address}/{name}")
    page.wait_for_selector(".bench, h2, .cf-table")
    # Streamlit takes a picture's worth of time to lay out and to fade.
    page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
    page.wait_for_timeout(700)


def grave(page: Page) -> list[str]:
    """The serious and critical findings of axe on a page, shadow trees included: rule and where."""
    page.evaluate(rules())
    told: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} {node['target']}"
        for one in told["violations"]
        if one["impact"] in _GRAVE
        for node in one["nodes"]
    ]


def rules() -> str:
    """axe-core, as a package of the registry brings it along."""
    found = find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        raise SystemExit("axe-core is not there: pip install 'crossfoot[dev]'")
    return Path(found.origin).with_name("axe.min.js").read_text("utf-8")

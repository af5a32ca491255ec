"""The pictures of docs/reviewing.md, taken from the screen as it is.

``CROSSFOOT_PICTURES=1`` puts them into docs/images; without it they are only taken, so that the
page never tells of a screen that cannot be reached.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eval.prove_review_work import PLANTED, SAMPLE, WHOLE, archive, planted
from eval.review_driver import Screen, delivered, open_bench, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DOCS = Path(__file__).parents[1] / "docs"
IMAGES = DOCS / "images"
PAGE = (DOCS / "reviewing.md").read_text("utf-8")
SIZE = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def taken(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every picture that the page shows."""
    folder = tmp_path_factory.mktemp("pictures")
    where = IMAGES if os.environ.get("CROSSFOOT_PICTURES") else folder / "images"
    where.mkdir(exist_ok=True)
    text, _, _ = planted(SAMPLE / PLANTED)
    db = archive(folder, {PLANTED: text, WHOLE: (SAMPLE / WHOLE).read_text("utf-8")})
    screen = Screen(db)
    try:
        with visitor(browser, locale="en-GB", viewport=SIZE) as context:
            _walk(context.new_page(), screen.address, where)
        with visitor(browser, locale="zh-CN", viewport=SIZE) as context:
            page = context.new_page()
            open_bench(page, screen.address)
            _picture(page, where, "bench-zh")
    finally:
        screen.kill()
    return where


def _walk(page: Page, address: str, where: Path) -> None:
    """The tour of the page, in its order."""
    page.goto(address)
    page.wait_for_selector(".listing .entry")
    _picture(page, where, "queue")
    page.locator(".listing .entry", has_text=PLANTED).click()
    page.wait_for_selector(".bench[data-ready]")
    _picture(page, where, "bench")
    page.keyboard.press("t")
    page.wait_for_selector("dialog[open]")
    _picture(page, where, "structure")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    delivered(page)
    page.wait_for_selector(".bench[data-open='0']")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".bench[data-head]")
    _picture(page, where, "submitted")
    page.goto(f"{address}/statistics")
    page.wait_for_selector(".cf-table")
    _picture(page, where, "statistics")


def _picture(page: Page, where: Path, name: str) -> None:
    page.wait_for_timeout(800)  # Streamlit fades what it draws
    page.screenshot(path=where / f"{name}.png")


def test_every_picture_of_the_page_is_there_and_can_be_taken(taken: Path) -> None:
    shown = re.findall(r"!\[[^\]]+\]\(images/([a-z-]+)\.png\)", PAGE)
    assert sorted(shown) == sorted(path.stem for path in taken.glob("*.png"))
    assert sorted(shown) == sorted(path.stem for path in IMAGES.glob("*.png"))
    for path in (*taken.glob("*.png"), *IMAGES.glob("*.png")):
        head = path.read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        size = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
        assert size == (SIZE["width"], SIZE["height"]), path.name
        assert path.stat().st_size > 20_000, path.name  # a blank page packs to much less


def test_the_page_names_every_key_of_the_bench() -> None:
    script = (DOCS.parent / "ui" / "bench" / "keys.js").read_text("utf-8")
    keys = re.findall(r'^  \["[^"]+", "([^"]+)", "', script, re.MULTILINE)
    assert len(keys) > 12
    for key in keys:
        assert f"| `{key}`" in PAGE or f"`{key}` |" in PAGE or f"`{key}`, " in PAGE, key

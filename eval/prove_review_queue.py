"""The queue over a large archive, beside an empty page of Streamlit in the same run.

A page is there when what it shows is: the queue its first form, the empty page its one word.
"""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from eval.figures import Figures
from eval.review_archive import big
from eval.review_driver import serving, visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUNDS = 9
PAGES_ON = 8
_FACTOR = 1.3
_SLACK = 300.0
_A_PAGE = 300.0
_EMPTY = 'import streamlit as st\n\nst.set_page_config(layout="wide")\nst.text("empty")\n'


def prove(figures: Figures, browser: Browser, folder: Path, forms: int, seed: int) -> None:
    """First pages, in turn with an empty one; then one page after the other."""
    figures.title(f"The queue over {forms:,} generated forms")
    started = time.monotonic()
    db = big(folder / "big", forms, seed)
    figures.say(f"archive made in {time.monotonic() - started:.0f} s, most of it multiplied rows")
    figures.put("queue_forms", forms)
    with serving(db) as screen, _empty(folder) as empty, visitor(browser) as context:
        page = context.new_page()
        for address in (empty, screen.address):  # the first visit of a server loads its scripts
            page.goto(address)
            page.wait_for_selector(".listing .entry, [data-testid=stText]")
        bare: list[float] = []
        queue: list[float] = []
        for _ in range(ROUNDS):
            bare.append(_until(page, lambda: page.goto(empty), "[data-testid=stText]"))
            queue.append(_until(page, lambda: page.goto(screen.address), ".listing .entry"))
        on = _pages_on(page)
    _tell(figures, bare, queue, on)


def _tell(figures: Figures, bare: list[float], queue: list[float], on: list[float]) -> None:
    limit = _FACTOR * median(bare) + _SLACK
    figures.put("empty_page_ms", round(median(bare)))
    figures.bound(
        "queue_page_ms",
        round(median(queue)),
        f"first page {median(queue):.0f} ms, an empty page {median(bare):.0f} ms, "
        f"medians of {len(queue)} (bound 1.3 × + 300 = {limit:.0f} ms)",
        median(queue) <= limit,
    )
    figures.bound(
        "further_page_ms",
        round(median(on)),
        f"a page on: {median(on):.0f} ms, at most {max(on):.0f} ms of {len(on)} "
        f"(bound {_A_PAGE:.0f} ms)",
        median(on) <= _A_PAGE,
    )


def _until(page: Page, go: Callable[[], object], shown: str) -> float:
    """Milliseconds until something is shown that was not before."""
    page.goto("about:blank")
    started = time.perf_counter()
    go()
    page.wait_for_selector(shown)
    return 1000 * (time.perf_counter() - started)


def _pages_on(page: Page) -> list[float]:
    """Milliseconds from the press of the button to the first form of the next page."""
    took: list[float] = []
    entry = page.locator(".listing .entry").first
    button = page.get_by_role("button", name="下一页")
    for _ in range(PAGES_ON):
        if not button.is_enabled():
            break
        before = entry.text_content()
        started = time.perf_counter()
        button.click()
        while entry.text_content() == before:
            time.sleep(0.005)
        took.append(1000 * (time.perf_counter() - started))
    return took


@contextmanager
def _empty(folder: Path) -> Generator[str]:
    """A server whose only page has one word."""
    script = folder / "empty.py"
    script.write_text(_EMPTY, "utf-8")
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += ["--server.address=127.0.0.1", "--server.port=8699", "--server.fileWatcherType=none"]
    command += ["--browser.gatherUsageStats=false"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(400):
            with suppress(OSError):
                urllib.request.urlopen("http://127.0.0.1:8699/_stcore/health", timeout=1).close()
                break
            time.sleep(0.1)
        yield "http://127.0.0.1:8699"
    finally:
        process.kill()
        process.wait()

"""Fixtures that several test modules share: a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """``CROSSFOOT_CHROMIUM``, else a Chromium on the path, else the one playwright installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip("NO BROWSER TEST WAS RUN: playwright is not installed (pip install .[dev])")
    named = os.environ.get("CROSSFOOT_CHROMIUM")
    if named:
        assert os.path.exists(named), f"CROSSFOOT_CHROMIUM names {named!r}, which does not exist"
        return named
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        with sync_playwright() as playwright:
            found = playwright.chromium.executable_path
    if not os.path.exists(found):
        pytest.skip("NO BROWSER TEST WAS RUN: no Chromium; set CROSSFOOT_CHROMIUM to one")
    return found


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One headless Chromium for a module; each test opens a context of its own.

    Not for the session: while the synchronous driver runs, ``asyncio.run`` fails in other tests.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium_path, args=list(CHROMIUM_FLAGS)
        )
        yield launched
        launched.close()

"""Drives the review screen as a reviewer does: the real command, a real browser.

It knows the screen from outside alone: its addresses, its keys, the words and classes of its page.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.corpus import COMMAND

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_PATIENCE = 60.0
CARD = ".bench .card h2"


class Screen:
    """``crossfoot review`` on an archive, at an address of its own."""

    def __init__(self, db: Path, port: int = 0, **env: str) -> None:
        self.db = db
        self._env = env
        self._port = port
        self.address = ""
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        """Starts the server, again at the same address, and waits until it answers."""
        command = [*COMMAND, "review", "--db", str(self.db)]
        command += ["--port", str(self._port), "--person", "reviewer"]
        env = {**os.environ, "PYTHONUNBUFFERED": "1", "LANG": "C.UTF-8", **self._env}
        self._process = subprocess.Popen(
            command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if "http" not in line:
            raise RuntimeError(f"the review screen did not start: {line}")
        self.address = line[line.index("http") :].split()[0]
        self._port = int(self.address.rpartition(":")[2])
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            with suppress(OSError):
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1).close()
                return
            time.sleep(0.05)
        raise RuntimeError("the review screen does not answer")

    def kill(self) -> None:
        """Ends the server as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE)
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None


@contextmanager
def serving(db: Path, **env: str) -> Generator[Screen]:
    """A review screen while the block runs."""
    screen = Screen(db, 0, **env)
    try:
        yield screen
    finally:
        screen.kill()


def chromium() -> str | None:
    """``CROSSFOOT_CHROMIUM``, else a Chromium on the path, else the one playwright installed."""
    named = os.environ.get("CROSSFOOT_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            found = playwright.chromium.executable_path
    return found if os.path.exists(found) else None


@contextmanager
def browsing() -> Generator[Browser]:
    """A headless Chromium while the block runs."""
    from playwright.sync_api import sync_playwright

    found = chromium()
    if found is None:
        raise SystemExit("no Chromium was found; CROSSFOOT_CHROMIUM names one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


def visitor(browser: Browser, locale: str = "zh-CN", **more: Any) -> BrowserContext:
    """A browser of one person: its own storage, its own clock."""
    more.setdefault("viewport", {"width": 1440, "height": 900})
    context = browser.new_context(locale=locale, **more)
    context.set_default_timeout(_PATIENCE * 1000)
    return context


def skewed(context: BrowserContext, seconds: int) -> None:
    """Lets the clock of a visitor go wrong."""
    context.add_init_script(
        f"""
        const Real = Date;
        const off = {seconds * 1000};
        globalThis.Date = class extends Real {{
          constructor(...told) {{ super(...(told.length ? told : [Real.now() + off])); }}
          static now() {{ return Real.now() + off; }}
        }};
        """
    )


def open_bench(page: Page, address: str, document: str | None = None, form: int = 0) -> None:
    """Goes to a document, or to the first of the queue, and waits until it can be worked on."""
    asked = f"?document={document}&form={form}" if document else ""
    page.goto(f"{address}/bench{asked}")
    ready(page)


def ready(page: Page) -> None:
    """Waits until a bench shows its field and its reviewer may decide."""
    page.wait_for_selector(CARD)
    page.wait_for_selector(".bench[data-ready]")


def name_yourself(page: Page, name: str) -> None:
    """Says who is at the page."""
    page.locator(".st-key-who button").first.click()
    box = page.get_by_role("textbox").first
    box.fill(name)
    box.press("Enter")
    page.keyboard.press("Escape")
    page.locator(".st-key-who button", has_text=name[:24]).first.wait_for()


def delivered(page: Page) -> None:
    """Waits until the server has everything that was decided."""
    page.wait_for_selector(".bench[data-unsent='0']")


def left(page: Page) -> int:
    """How many fields the bench says are to be settled."""
    return int(page.locator(".bench").get_attribute("data-open") or "-1")


def told(page: Page) -> Mapping[str, str]:
    """What the bench shows: its head, its card and its banner as text."""
    names = (".head", ".card", ".banner")
    return {name: page.locator(name).first.text_content() or "" for name in names}

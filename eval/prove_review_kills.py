"""What happens to decisions when servers die, people collide, clocks are wrong and pages change.

Every page notes for itself which operations it made; in the end each must be in the archive once.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from eval.figures import Figures
from eval.prove_review_work import SAMPLE, WHOLE, archive, exported, planted, run
from eval.review_driver import (
    Screen,
    delivered,
    name_yourself,
    open_bench,
    ready,
    serving,
    skewed,
    visitor,
)
from extractor.store import Store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_MINE = """
() => {
  globalThis.made = [];
  const put = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, value) {
    if (key.startsWith('crossfoot:') && key !== 'crossfoot:bench') made.push(JSON.parse(value).id);
    return put.call(this, key, value);
  };
}
"""
"""Notes the id of every operation that goes into the browser's outbox."""
_YEAR = 365 * 24 * 3600


def prove(figures: Figures, browser: Browser, folder: Path, seed: int, kills: int) -> None:
    """Kills, then two at once, then a re-ingested page."""
    figures.title(f"The server killed {kills} times in mid-review, pages loaded again at once")
    _killed(figures, browser, folder / "kills", random.Random(seed), kills)
    figures.title("Two reviewers on one document, one with a clock that is a year off")
    _two(figures, browser, folder / "two")
    figures.title("A row dropped and the document ingested again")
    _dropped(figures, browser, folder / "dropped")


def _killed(
    figures: Figures, browser: Browser, folder: Path, random: random.Random, kills: int
) -> None:
    db = archive(folder, {WHOLE: (SAMPLE / WHOLE).read_text("utf-8")})
    made: list[str] = []
    with serving(db) as screen, visitor(browser) as context:
        page = context.new_page()
        open_bench(page, screen.address)
        for _ in range(kills):
            page.evaluate(_MINE)
            for key in random.choices("asndu", k=8):
                page.keyboard.press(key)
                time.sleep(random.uniform(0, 0.03))
            screen.kill()
            for key in random.choices("asnd", k=4):
                page.keyboard.press(key)
            made += page.evaluate("() => made")
            screen.start()
            page.reload()
            ready(page)
            delivered(page)
    _kept(figures, "killed", db, made)


def _kept(figures: Figures, name: str, db: Path, made: list[str]) -> None:
    """Whether what pages made is in the archive, each once, and the chain holds."""
    there = Counter(_ids(db))
    lost = [one for one in made if one not in there]
    doubled = [one for one, n in there.items() if n > 1]
    strange = [one for one in there if one not in set(made)]
    figures.put(f"{name}_operations", len(made))
    figures.bound(
        f"{name}_lost", len(lost), f"{len(made)} operations made, {len(lost)} lost", not lost
    )
    figures.bound(
        f"{name}_doubled",
        len(doubled) + len(strange),
        f"{len(doubled)} doubled, {len(strange)} that nobody made",
        not doubled and not strange and len(made) > 0,
    )
    whole = run("audit", "--db", str(db)).returncode == 0
    figures.bound(f"{name}_chain", whole, "the chain holds", whole)


def _ids(db: Path) -> list[str]:
    with Store.open(db, create=False) as store:
        documents = [about.sha256 for about, _ in store.forms()]
        return [one.id for sha256 in dict.fromkeys(documents) for one in store.operations(sha256)]


def _two(figures: Figures, browser: Browser, folder: Path) -> None:
    db = archive(folder, {WHOLE: (SAMPLE / WHOLE).read_text("utf-8")})
    with (
        serving(db) as screen,
        visitor(browser) as one,
        visitor(browser, locale="en-GB") as other,
    ):
        skewed(other, -_YEAR)
        first, second = one.new_page(), other.new_page()
        open_bench(first, screen.address)
        first.evaluate(_MINE)
        document = _document(db)
        second.goto(f"{screen.address}/bench?document={document}")
        name_yourself(second, "second")
        second.wait_for_selector(".banner .key")
        held = second.locator(".bench[data-ready]").count() == 0
        figures.bound("lease_shown", held, "the second one is told who is at it", held)
        second.evaluate(_MINE)
        _both_decide(screen, first, second)
        delivered(second)
        second.wait_for_selector(".card .state.conflict")
        shown = second.locator(".card .bad").count()
        made = first.evaluate("() => made") + second.evaluate("() => made")
        _kept(figures, "two", db, made)
        open_forms = [form["state"] for form in exported(db)]
        figures.bound(
            "conflict_shown",
            shown,
            "both decisions are shown as a conflict, neither counts",
            shown >= 2 and open_forms == ["open"],
        )
        second.keyboard.press("a")
        delivered(second)
        second.wait_for_function(_GONE)
        figures.bound("conflict_settled", True, "one decision that saw both settles it", True)


_GONE = """
() => {
  const roots = [...document.querySelectorAll('*')].map((one) => one.shadowRoot).filter(Boolean);
  return roots.every((one) => one.querySelectorAll('.item.conflict').length === 0);
}
"""


def _both_decide(screen: Screen, first: Page, second: Page) -> None:
    """The first one decides while the server is dead; the second one takes over and decides
    otherwise; then what the first one said arrives."""
    for key in "j" * 3:
        first.keyboard.press(key)
        second.keyboard.press(key)
    label = first.locator(".card .where").text_content()
    screen.kill()
    first.keyboard.press("n")
    first.context.set_offline(True)
    screen.start()
    second.reload()
    second.wait_for_selector(".banner .key, .bench[data-ready]")
    second.keyboard.press("o")
    ready(second)
    second.evaluate(_MINE)
    item = second.locator(".list .item", has_text=(label or "").split(" · ")[-1])
    item.first.wait_for()
    second.locator(".list .item").nth(3).click()
    second.keyboard.press("a")
    delivered(second)
    second.locator(".list .item").nth(3).click()
    first.context.set_offline(False)
    delivered(first)


def _document(db: Path) -> str:
    with Store.open(db, create=False) as store:
        return next(about.sha256 for about, _ in store.forms())


def _dropped(figures: Figures, browser: Browser, folder: Path) -> None:
    text, _, _ = planted(SAMPLE / "jiangchuan-2023.tsv")
    db = archive(folder, {"a.tsv": text})
    with serving(db) as screen, visitor(browser) as context:
        page = context.new_page()
        open_bench(page, screen.address)
        page.keyboard.press("1")
        delivered(page)
        lines = text.splitlines(keepends=True)
        row = next(n for n, line in enumerate(lines) if "\t5.00" in line and "(" in line)
        archive(folder, {"a.tsv": "".join(lines[:row] + lines[row + 1 :])})
        moved = [
            path
            for form in exported(db)
            for path, entry in form["entries"].items()
            if entry["standing"] == "reviewed"
        ]
    figures.bound(
        "corrections_moved", len(moved), f"{len(moved)} corrections moved to another row", not moved
    )

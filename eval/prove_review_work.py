"""Whole jobs on the review screen: a document settled by keyboard, a digit mended with one key."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.corpus import COMMAND
from eval.figures import Figures
from eval.review_driver import delivered, left, open_bench, serving, visitor
from extractor.sources import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SAMPLE = Path(__file__).parent / "gold" / "documents"
WHOLE = "pujin-2023-department.tsv"
"""The one document of the sample whose sums fail: its form is itself wrong."""
PLANTED = "jiangchuan-2023.tsv"
CELL = "indicators[3].score"
_MOST_KEYS = 400


def prove(figures: Figures, browser: Browser, folder: Path) -> None:
    """Both jobs, each from ``ingest`` to the export."""
    figures.title("A whole document of the sample, by keyboard alone")
    _whole(figures, browser, folder / "whole")
    figures.title("A wrong digit in a copy of a sample document")
    _digit(figures, browser, folder / "digit")


def _whole(figures: Figures, browser: Browser, folder: Path) -> None:
    db = archive(folder, {WHOLE: (SAMPLE / WHOLE).read_text("utf-8")})
    with serving(db) as screen, visitor(browser) as context:
        page = context.new_page()
        open_bench(page, screen.address)
        fields = left(page)
        keys = 0
        while left(page) and keys < _MOST_KEYS:
            # The printed total of a sum that fails is where this form is wrong; all else is read
            # as it is printed, as the gold set says.
            wrong = page.locator(".card .sum .printed.mine").count() > 0
            page.keyboard.press("s" if wrong else "a")
            delivered(page)
            keys += 1
        page.keyboard.press("Control+Enter")
        delivered(page)
        page.wait_for_selector(".bench[data-head]")
        head = page.locator(".bench").get_attribute("data-head") or ""
    states = [form["state"] for form in exported(db)]
    figures.say(f"{fields} fields to settle, {keys} keys, then Ctrl+Enter")
    figures.put("whole_document_fields", fields)
    figures.put("whole_document_keys", keys + 1)
    figures.bound("whole_document_settled", states, "its form is settled", states == ["clear"])
    ok = run("audit", "--db", str(db), "--expect", head).returncode == 0 and len(head) == 64
    figures.bound("chain_verified", ok, "crossfoot audit finds the head shown at submit", ok)


def _digit(figures: Figures, browser: Browser, folder: Path) -> None:
    original = SAMPLE / PLANTED
    right = archive(folder / "right", {PLANTED: original.read_text("utf-8")})
    text, was, now = planted(original)
    db = archive(folder, {PLANTED: text})
    with serving(db) as screen, visitor(browser) as context:
        page = context.new_page()
        open_bench(page, screen.address)
        page.keyboard.press("1")
        delivered(page)
        page.wait_for_selector(".bench[data-open='0']")
    same = _records(db) == _records(right)
    figures.say(f"{CELL} of the first form printed {now} instead of {was}; key 1 takes what is due")
    figures.bound(
        "one_key_mends_a_digit",
        same,
        "after one key the export is that of the untouched document",
        same and was != now,
    )


def planted(original: Path) -> tuple[str, str, str]:
    """A document with one digit of a score changed, what was printed and what is now."""
    from extractor.pipeline import read_document

    document = load(original)
    entry = read_document(document).forms[0].entries[CELL]
    ((start, end),) = entry.spans
    was = document.text[start:end]
    now = ("2" if was[0] != "2" else "3") + was[1:]
    return document.text[:start] + now + document.text[end:], was, now


def archive(folder: Path, files: dict[str, str]) -> Path:
    """An archive of some files."""
    inside = folder / "in"
    inside.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (inside / name).write_text(text, "utf-8")
    db = folder / "archive.db"
    run("ingest", str(inside), "--root", "proof", "--db", str(db))
    return db


def exported(db: Path) -> list[dict[str, Any]]:
    """The forms of an archive as ``export`` writes them."""
    lines = run("export", "--db", str(db)).stdout.splitlines()
    return [json.loads(line) for line in lines]


def _records(db: Path) -> list[Any]:
    return [form["record"] for form in exported(db)]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of Crossfoot."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)

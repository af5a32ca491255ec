"""The bench in a real browser on a real server: keys, edits, rows, outbox, leases, hostile text."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from eval.review_driver import CARD, Screen, delivered, left, name_yourself, ready
from extractor.acting import act
from extractor.bulk import ingest
from extractor.operations import ROWS, Operation
from extractor.sources import walk
from extractor.store import Store
from tests.shapes import PAGE

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Locator,
        Page,
        Request,
    )

pytestmark = pytest.mark.browser

WRONG = PAGE.replace("30.00\t30.00", "30.00\t20.00", 1)
"""The second indicator has 20.00 points where the total says 30.00."""
MISSED = (
    PAGE.replace("财政项目支出绩效自评表", "xx")
    .replace("项目名称", "名")
    .replace("(2023年度)\n", "")
)
"""A form that has lost what a reader knows a start by."""
PATIENCE = 20_000


class Site:
    """One server for all tests of this module, and an archive that grows by their documents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "a.db"
        Store.open(self.db).close()
        self.screen = Screen(self.db)

    def add(self, name: str, text: str = WRONG) -> str:
        """Ingests a document of its own; its hash. The name makes its bytes unlike all others."""
        inside = self.folder / f"in-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        inside.mkdir(exist_ok=True)
        data = text.replace("图书经费", f"图书经费{name}").encode()
        (inside / f"{name}.tsv").write_bytes(data)
        with self.store() as store:
            ingest(list(walk([inside])), store)
        return hashlib.sha256(data).hexdigest()

    def store(self) -> Store:
        return Store.open(self.db)

    def operations(self, sha256: str) -> list[Operation]:
        with self.store() as store:
            return store.operations(sha256)

    def said(self, sha256: str) -> list[tuple[str, str | None, str | None]]:
        return [(one.act, one.field, one.value) for one in self.operations(sha256)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("bench"))
    yield site
    site.screen.kill()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def visit(context: BrowserContext, site: Site, sha256: str, form: int = 0) -> Page:
    """A bench with a document, its reviewer able to decide."""
    page = context.new_page()
    page.goto(f"{site.screen.address}/bench?document={sha256}&form={form}")
    ready(page)
    return page


def label(page: Page) -> str:
    return page.locator(CARD).text_content() or ""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    delivered(page)


EVIL = "<img src=x onerror='hacked=1'><script>hacked=2</script>$&"
ONE_KEY = """(key) => document.body.dispatchEvent(
  new KeyboardEvent('keydown', {key, bubbles: true}))"""
DEAD_KEY = """() => window.dispatchEvent(new KeyboardEvent('keydown',
  {key: 'Dead', code: 'KeyA', bubbles: true}))"""
COMPOSING_ENTER = """(input) => {
  const press = (more) => new KeyboardEvent('keydown',
    {key: 'Enter', bubbles: true, composed: true, cancelable: true, ...more});
  input.dispatchEvent(press({isComposing: true}));
  // Safari says that it has ended before the key that ended it.
  const late = press({});
  Object.defineProperty(late, 'keyCode', {get: () => 229});
  input.dispatchEvent(late);
}"""
PLACE_IN_PAGE = "(one) => [one.closest('tr').innerText, one.closest('td').cellIndex]"
NAMELESS = "(all) => all.filter((one) => !one.textContent.trim()).map((one) => one.outerHTML)"
EARLY = """const timer = setInterval(() => {
  const roots = [document, ...[...document.querySelectorAll('*')].map((one) => one.shadowRoot)];
  if (!roots.some((one) => one?.querySelector('.bench .card h2'))) return;
  clearInterval(timer);
  for (const key of ['e', '1']) {
    document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  }
}, 5)"""
"""Types "1" into the edit of the first field as soon as there is one."""
DEFER_AND_EDIT = """(bench, name) => {
  const press = (key) => bench.dispatchEvent(
    new KeyboardEvent('keydown', {key, bubbles: true, composed: true}));
  press('d');
  [...bench.querySelectorAll('.item')].find((one) => one.textContent.includes(name)).click();
  press('e');
}"""
"""Opens an edit before the answer to what was decided last can have come."""
NO_STORAGE = """for (const name of ['localStorage', 'sessionStorage']) {
  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });
}"""
CORRUPT = """(document) => {
  const key = Object.keys(localStorage).find((one) => one.startsWith('crossfoot:'));
  const prefix = key ? key.slice(0, key.lastIndexOf(':') + 1) : 'crossfoot:';
  const bad = { id: 'x', document, act: 'set', form: 0, field: 'a' };
  for (const [name, text] of [['x', JSON.stringify(bad)], ['5', '{"id":5}'], ['y', '{'],
    ['z', 'null'], ['w', '[]']]) localStorage.setItem(prefix + name, text);
}"""


def type_key(page: Page, key: str) -> None:
    """A key, also one that only an input method makes (a letter of full width)."""
    if key.isascii():
        page.keyboard.press(key)
    else:
        page.evaluate(ONE_KEY, key)


def button(page: Page, name: str) -> Locator:
    """A control of the bench by the words after its key."""
    return page.locator(".bench button.key", has_text=re.compile(rf"{re.escape(name)}$")).first


def is_error(one: ConsoleMessage) -> bool:
    """Whether the page complains, but for what Streamlit asks of servers of other kinds."""
    return one.type == "error" and "404" not in one.text


def is_foreign(one: Request, site: Site) -> bool:
    return not one.url.startswith((site.screen.address, f"blob:{site.screen.address}", "data:"))


def rows_of(site: Site, sha256: str) -> list[str]:
    """The ids of the indicator rows, as the archive has them."""
    with site.store() as store:
        found = store.forms_as_left(sha256)
    assert found is not None
    return [one["row"] for one in found[1][0].record["indicators"]]


def withdraw(site: Site, operation: Operation) -> None:
    """Somebody else undoes what was done."""
    with site.store() as store:
        made = Operation(
            id=f"undo-{operation.id}"[:64], document=operation.document, act="undo",
            person="other", clock=99, target=operation.id,
        )  # fmt: skip
        assert act(store, [made]).refused == {}


def remove(site: Site, sha256: str, row: str) -> None:
    """Somebody else takes a row out."""
    with site.store() as store:
        found = store.forms_as_left(sha256)
        assert found is not None
        form = found[1][0]
        name = form.entries["indicators[0].name"].raw
        made = Operation(
            id=f"other-{row}", document=sha256, act="remove", person="other", clock=1,
            form=form.form.span.start, field=ROWS, row=row, against=name,
        )  # fmt: skip
        assert act(store, [made]).refused == {}


class TestKeys:
    def test_j_and_k_go_through_what_wants_a_person_and_round(
        self, site: Site, context: BrowserContext
    ) -> None:
        page = visit(context, site, site.add("jk"))
        n, start = left(page), label(page)
        seen = [start]
        for _ in range(n - 1):
            page.keyboard.press("j")
            seen.append(label(page))
        assert len(set(seen)) == n > 1
        page.keyboard.press("j")
        assert label(page) == start
        page.keyboard.press("k")
        assert label(page) == seen[-1]

    def test_a_deciding_key_does_what_its_control_says(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("decide")
        page = visit(context, site, sha256)
        for key, kind in (("a", "accept"), ("N", "nothing"), ("ｓ", "defect"), ("d", "defer")):
            where = label(page)
            type_key(page, key)
            delivered(page)
            assert label(page) != where
            assert site.operations(sha256)[-1].act == kind
        assert {one.person for one in site.operations(sha256)} == {"reviewer"}
        assert len({one.place for one in site.operations(sha256)}) == 4

    def test_the_same_by_mouse(self, site: Site, context: BrowserContext) -> None:
        sha256 = site.add("mouse")
        page = visit(context, site, sha256)
        acts = ["accept", "not on the page", "the form is wrong", "defer"]
        for name in acts:
            button(page, name).click()
        delivered(page)
        assert [act for act, *_ in site.said(sha256)] == ["accept", "nothing", "defect", "defer"]
        button(page, "undo").click()
        button(page, "redo").click()
        delivered(page)
        assert [act for act, *_ in site.said(sha256)][4:] == ["undo", "undo"]

    def test_a_number_takes_the_candidate_that_bears_it(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("candidates")
        page = visit(context, site, sha256)
        first = page.locator(".candidate").first
        assert "suggestion" in (first.get_attribute("class") or "")
        assert first.locator("b").text_content() == "30.00"
        press(page, "1")
        (one,) = site.operations(sha256)
        assert (one.act, one.field, one.value) == ("set", "indicators[].score", "30.00")
        assert one.against == ("20.00",)
        page.wait_for_selector(".bench[data-open='0']")
        press(page, "9", "4")
        assert len(site.operations(sha256)) == 1

    def test_a_key_held_down_decides_once_and_keys_of_streamlit_or_of_nobody_do_nothing(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("held")
        page = visit(context, site, sha256)
        where = label(page)
        for key in ("c", "r", "Escape", "q", "z", "5", "0", "Control+a", "Alt+a", "!"):
            page.keyboard.press(key)
        page.evaluate(DEAD_KEY)
        assert page.locator("[role=dialog]:visible").count() == 0
        assert label(page) == where
        for _ in range(5):
            page.keyboard.down("a")
        page.keyboard.up("a")
        button(page, "defer").click()
        for _ in range(5):
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
        delivered(page)
        assert [act for act, *_ in site.said(sha256)] == ["accept", "defer", "defer"]
        seen: list[str] = []
        for _ in range(2):
            page.keyboard.down("j")
            seen.append(label(page))
        assert len(set(seen)) == 2

    def test_undo_and_redo_go_on_after_the_page_was_loaded_again(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("undo")
        page = visit(context, site, sha256)
        first = label(page)
        press(page, "a", "a")
        page.reload()
        ready(page)
        press(page, "u", "Control+z")
        assert label(page) == first
        press(page, "y", "Control+y", "u", "u", "u")
        acts = site.operations(sha256)
        assert [one.act for one in acts] == ["accept"] * 2 + ["undo"] * 6
        assert page.locator(".item.settled").count() == 0

    def test_submit_asks_once_more_where_fields_are_open_and_tells_the_head(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("submit")
        page = visit(context, site, sha256)
        press(page, "Control+Enter")
        assert "not settled" in (page.locator(".banner").text_content() or "")
        assert site.operations(sha256) == []
        press(page, "Control+Enter")
        page.wait_for_selector(".bench[data-head]")
        assert [one.act for one in site.operations(sha256)] == ["submit"]
        with site.store() as store:
            assert page.locator(".bench").get_attribute("data-head") == store.heads()[sha256]

    def test_the_other_keys(self, site: Site, context: BrowserContext) -> None:
        """V changes the view, F finds, H and ? help, ] and [ turn forms, . opens the next."""
        both = PAGE.replace("2023", "2022") + WRONG
        sha256, after = site.add("others", both), site.add("after")
        page = visit(context, site, sha256)
        page.keyboard.press("v")
        assert page.locator(".page pre.raw").count() == 1
        page.keyboard.press("V")
        assert page.locator(".page table.grid").count() > 0
        for key in ("h", "?"):
            page.keyboard.press(key)
            assert page.locator("dialog[open]").count() == 1
            page.keyboard.press("a")
            page.keyboard.press("Escape")
            assert page.locator("dialog[open]").count() == 0
        page.keyboard.press("[")
        assert "form 1 / 2" in (page.locator(".head").text_content() or "")
        page.keyboard.press("]")
        assert "form 2 / 2" in (page.locator(".head").text_content() or "")
        page.keyboard.press("f")
        page.locator(".search").fill("读者满意度")
        assert page.locator(".page .match").count() == 1
        for letter in "ands1":
            page.keyboard.press(letter)
        page.keyboard.press("Escape")
        assert site.operations(sha256) == []
        page.keyboard.press(".")
        page.wait_for_function("(was) => !location.search.includes(was)", arg=sha256)
        ready(page)
        assert after in page.url or sha256 not in page.url


class TestEditing:
    def test_what_is_written_is_kept_as_written_and_the_next_field_comes(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("edit")
        page = visit(context, site, sha256)
        where = label(page)
        page.keyboard.press("e")
        page.keyboard.type("3x")
        page.keyboard.press("Escape")
        assert label(page) == where
        page.keyboard.press("e")
        page.keyboard.type("an")
        page.keyboard.press("Enter")
        assert page.locator(".editor .bad").text_content() == "a number belongs here"
        page.locator(".edit").fill("3 or 4")
        n = left(page)
        press(page, "Enter")
        # The archive says no: that is told, and the field is open again.
        assert "Not accepted" in (page.locator(".banner").text_content() or "")
        assert (left(page), site.operations(sha256)) == (n, [])
        page.locator(".item", has_text="读者增长").first.click()
        page.keyboard.press("e")
        page.locator(".edit").fill("30.00")
        press(page, "Enter")
        (one,) = site.operations(sha256)
        assert (one.act, one.value) == ("set", "30.00")

    def test_enter_that_picks_a_word_of_an_input_method_commits_nothing(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("ime")
        page = visit(context, site, sha256)
        page.locator(".item", has_text="implementing unit").click()
        page.keyboard.press("e")
        client: Any = context.new_cdp_session(page)
        page.locator(".edit").fill("")
        client.send(
            "Input.imeSetComposition", {"text": "zhong", "selectionStart": 5, "selectionEnd": 5}
        )
        # What Chromium sends for a key that an input method takes.
        client.send(
            "Input.dispatchKeyEvent",
            {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229},
        )
        page.locator(".edit").evaluate(COMPOSING_ENTER)
        assert page.locator(".edit").count() == 1
        client.send("Input.insertText", {"text": "中心乙"})
        assert page.locator(".edit").input_value() == "中心乙"
        press(page, "Enter")
        assert site.said(sha256) == [("set", "implementing_unit", "中心乙")]

    def test_rows_that_shift_under_an_open_edit_do_not_take_it_along(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("shift")
        page = visit(context, site, sha256)
        rows = rows_of(site, sha256)
        remove(site, sha256, rows[0])
        page.locator(".bench").evaluate(DEFER_AND_EDIT, "读者满意度")
        delivered(page)
        page.locator(".item", has_text="购书数量").first.wait_for(state="detached")
        page.locator(".edit").fill("9.50")
        press(page, "Enter")
        (one,) = [one for one in site.operations(sha256) if one.act == "set"]
        assert (one.row, one.value) == (rows[2], "9.50")


class TestSource:
    def test_a_failing_sum_is_drawn_with_its_difference_and_marked_in_the_page(
        self, site: Site, context: BrowserContext
    ) -> None:
        page = visit(context, site, site.add("sum"))
        sum_ = page.locator(".card .sum")
        assert sum_.locator(".difference").text_content() == "difference10.00"
        assert sum_.locator(".mine, .suspected").count() >= 1
        assert sum_.locator(".printed td.num").text_content() == "99.00"
        for view in ("grid", "raw"):
            shown = page.locator(".page .value")
            assert (shown.count(), shown.text_content()) == (1, "20.00"), view
            assert page.locator(".page .label").text_content() == "读者增长"
            assert page.locator(".page .header").text_content() == "得分"
            partners = page.locator(".page .partner").all_text_contents()
            assert sorted(partners) == ["10.00", "50.00", "9.00", "99.00"]
            page.keyboard.press("v")

    def test_what_a_document_says_is_text_and_marks_stand_on_the_right_cell(
        self, site: Site, context: BrowserContext
    ) -> None:
        text = (
            WRONG.replace("甲街道", "𠀀𠮷😀constructor__proto__")
            .replace("购书数量", EVIL)
            .replace("读者增长", "\u202e读者\u200b增长\u202c{n}")
            .replace("已经完成。", "长" * 100_000)
        )
        sha256 = site.add("[x](javascript:alert(1)) :red[x] $x$ <b>b", text)
        heard: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("console", lambda one: heard.append(one.text) if is_error(one) else None)
        page.on("dialog", lambda one: heard.append(one.message))
        page.on("request", lambda one: heard.append(one.url) if is_foreign(one, site) else None)
        page.goto(f"{site.screen.address}/bench?document={sha256}")
        ready(page)
        assert ":red[x] $x$ <b>b.tsv" in (page.locator(".head").text_content() or "")
        for view in ("grid", "raw"):
            assert page.locator(".page .value").text_content() == "20.00", view
            label_ = page.locator(".page .label").text_content()
            assert label_ == "‹202e›读者‹200b›增长‹202c›{n}", view
            page.keyboard.press("v")
        press(page, "1")
        name_yourself(page, "<img src=x onerror=hacked=1>")
        ready(page)
        for where in ("", f"form?document={sha256}", "batches"):
            page.goto(f"{site.screen.address}/{where}")
            page.wait_for_load_state("networkidle")
            assert page.locator("img[src=x]").count() == 0
            assert page.locator("[data-testid=stException]").count() == 0
        assert page.evaluate("() => globalThis.hacked") is None
        assert heard == []
        assert site.said(sha256) == [("set", "indicators[].score", "30.00")]


class TestRows:
    def test_rows_by_keyboard_and_undo_of_each(self, site: Site, context: BrowserContext) -> None:
        sha256 = site.add("rows")
        page = visit(context, site, sha256)
        before = rows_of(site, sha256)
        for key, kind in (("i", "insert"), ("x", "remove"), ("m", "join")):
            page.locator(".item", has_text="读者满意度").first.click()
            page.keyboard.press("t")
            press(page, key)
            last = site.operations(sha256)[-1]
            assert (last.act, last.field) == (kind, "indicators[]")
            assert rows_of(site, sha256) != before
            press(page, "u")
            assert rows_of(site, sha256) == before
            assert site.operations(sha256)[-1].target == last.id

        page.keyboard.press("t")
        button(page, "change the family of the form").click()
        delivered(page)
        one = site.operations(sha256)[-1]
        assert (one.act, one.field, one.form) == ("family", "form_type", 0)
        press(page, "u")
        assert rows_of(site, sha256) == before

    def test_a_row_whose_cells_have_parts_is_split(
        self, site: Site, context: BrowserContext
    ) -> None:
        """读者增长 is cut by a page break, and its rest stands in the next line."""
        rest = "\t".join(["", "", "长", "", "", "", "", ""])
        lines = WRONG.replace("\t读者增长\t", "\t读者增\t").splitlines()
        at = next(n for n, line in enumerate(lines) if "读者增" in line) + 1
        sha256 = site.add("parts", "\n".join([*lines[:at], rest, *lines[at:]]) + "\n")
        page = visit(context, site, sha256)
        before = rows_of(site, sha256)
        page.locator(".item", has_text="读者增长").first.click()
        page.keyboard.press("t")
        press(page, "p")
        assert site.operations(sha256)[-1].act == "split"
        assert len(rows_of(site, sha256)) == len(before) + 1
        press(page, "u")
        assert rows_of(site, sha256) == before

    def test_a_form_that_was_missed_is_marked_and_no_form_any_more_after_undo(
        self, site: Site, context: BrowserContext
    ) -> None:
        text = WRONG + "\n" + MISSED
        sha256 = site.add("missed", text)
        page = visit(context, site, sha256)
        page.locator(".head", has_text="form 1 / 1").wait_for()
        page.keyboard.press("t")
        line, family = page.locator("dialog[open] .choice").last.locator("select").all()
        chosen = line.locator("option", has_text=re.compile(r"^\d+ +xx$"))
        line.select_option(chosen.get_attribute("value"))
        family.select_option("project")
        page.locator("dialog[open] button[aria-keyshortcuts=B]").click()
        page.locator(".head", has_text=re.compile("form . / 2")).wait_for()
        (one,) = site.operations(sha256)
        start = text.replace("图书经费", "图书经费missed").index("xx\n")
        assert (one.act, one.form, one.value) == ("family", start, "project")
        press(page, "u")
        page.locator(".head", has_text="form 1 / 1").wait_for()


class TestConflicts:
    def test_what_was_said_of_a_row_that_is_gone_is_shown(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("gone")
        page = visit(context, site, sha256)
        page.locator(".item", has_text="读者增长").first.click()
        page.keyboard.press("t")
        press(page, "i")
        page.locator(".item", has_text="indicator · row").first.click()
        page.keyboard.press("e")
        page.keyboard.type("新行")
        press(page, "Enter")
        inserted, _ = site.operations(sha256)
        withdraw(site, inserted)
        page.reload()
        ready(page)
        page.locator(".bench .bad, .banner span", has_text="新行").first.wait_for()

    def test_two_who_say_different_things_are_told_and_a_new_decision_settles_it(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("two")
        page = visit(context, site, sha256)
        press(page, "n")
        first = site.operations(sha256)[0]
        with site.store() as store:
            other = replace(first, id="other-two", person="other", act="accept")
            assert act(store, [other]).kept == ("other-two",)
        page.reload()
        ready(page)
        page.locator(".item.conflict").click()
        assert "other: as it is printed" in (page.locator(".card").text_content() or "")
        press(page, "a")
        with site.store() as store:
            assert store.conflicts(sha256) == []


class TestDelivery:
    def test_keys_pressed_before_it_is_known_who_has_the_document_decide_nothing_unmeant(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("early")
        context.add_init_script(EARLY)
        page = visit(context, site, sha256)
        page.wait_for_timeout(500)
        delivered(page)
        assert site.operations(sha256) == []

    def test_what_was_decided_without_a_network_goes_out_once_when_there_is_one(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("offline")
        page = visit(context, site, sha256)
        context.set_offline(True)
        for key in ("a", "n", "d"):
            page.keyboard.press(key)
        context.set_offline(False)
        page.reload()
        ready(page)
        delivered(page)
        assert [act for act, *_ in site.said(sha256)] == ["accept", "nothing", "defer"]

    def test_a_browser_that_keeps_nothing_loses_nothing(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("nothing-kept")
        context.add_init_script(NO_STORAGE)
        page = visit(context, site, sha256)
        for key in ("a", "a", "a", "."):
            page.keyboard.press(key)
        assert page.locator(".banner", has_text="cannot keep").count() == 1
        page.wait_for_function("(was) => !location.search.includes(was)", arg=sha256)
        ready(page)
        delivered(page)
        assert [act for act, *_ in site.said(sha256)] == ["accept"] * 3

    def test_what_is_no_operation_in_the_outbox_stops_nothing(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("corrupt")
        page = visit(context, site, sha256)
        press(page, "a")
        page.evaluate(CORRUPT, sha256)
        page.reload()
        ready(page)
        delivered(page)
        press(page, "a")
        assert [act for act, *_ in site.said(sha256)] == ["accept"] * 2

    def test_a_second_tab_looks_on_until_it_takes_over(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("tabs")
        first = visit(context, site, sha256)
        second = context.new_page()
        second.goto(f"{site.screen.address}/bench?document={sha256}")
        second.wait_for_selector(".banner .key")
        second.keyboard.press("a")
        assert site.operations(sha256) == []
        second.keyboard.press("o")
        ready(second)
        press(second, "a")
        press(first, "a")
        first.wait_for_selector(".banner .key")
        first.keyboard.press("a")
        time.sleep(0.3)
        acts = site.operations(sha256)
        assert [one.act for one in acts] in (["accept"], ["accept"] * 2)

    def test_another_language_keeps_the_place_and_what_is_known(
        self, site: Site, context: BrowserContext
    ) -> None:
        sha256 = site.add("language")
        page = visit(context, site, sha256)
        press(page, "a", "a", "a", "j")
        where = page.locator(".page .value").evaluate(PLACE_IN_PAGE)
        page.locator(".st-key-who button").first.click()
        page.locator(".st-key-switch_lang button").click()
        page.wait_for_selector(".bench[lang=zh]")
        ready(page)
        page.keyboard.press("Escape")
        page.locator(".item.settled").nth(2).wait_for()
        assert page.locator(".page .value").evaluate(PLACE_IN_PAGE) == where
        press(page, "u", "u", "u")
        undone = {one.target for one in site.operations(sha256) if one.act == "undo"}
        assert len(undone) == 3


class TestReaders:
    def test_controls_have_names_and_what_is_current_is_told(
        self, site: Site, context: BrowserContext
    ) -> None:
        page = visit(context, site, site.add("aria"))
        assert page.locator(".bench button").evaluate_all(NAMELESS) == []
        live = page.locator(".bench [aria-live=polite]")
        first = page.locator(".item[aria-current]").text_content()
        assert label(page) in (live.first.text_content() or "")
        page.keyboard.press("j")
        current = page.locator(".item[aria-current]")
        assert current.count() == 1
        assert current.text_content() != first
        assert label(page) in (live.first.text_content() or "")


class TestWhatStands:
    """What a person put in place of what was read stays, whoever accepts it."""

    @pytest.mark.parametrize(
        ("keys", "last"),
        [
            (("a",), ("set", "30.00")),
            (("s",), ("defect", "30.00")),
            (("e", "Enter"), ("set", "30.00")),
            (("1",), ("set", "30.00")),
        ],
    )
    def test_accepting_a_correction_keeps_it(
        self, context: BrowserContext, site: Site, keys: tuple[str, ...], last: tuple[str, str]
    ) -> None:
        sha256 = site.add(f"stands-{'-'.join(keys)}.tsv".lower())
        page = visit(context, site, sha256)
        press(page, "1")  # 30.00, where 20.00 is printed
        page.locator(".list .item.settled").first.click()
        press(page, *keys)
        one = site.operations(sha256)[-1]
        assert (one.act, one.value) == last
        with site.store() as store:
            found = store.forms_as_left(sha256)
        assert found is not None
        assert found[1][0].entries["indicators[1].score"].value == "30.00"

    def test_the_bench_goes_on_to_what_is_still_to_settle(
        self, context: BrowserContext, site: Site
    ) -> None:
        """A sum that is confirmed settles its other cells; the next key must not fall on one."""
        from playwright.sync_api import expect

        wrong = WRONG.replace("90.00\t10.00\t90.00\t9.00", "90.00\t10.00\t91.00\t9.00", 1)
        page = visit(context, site, site.add("goes-on.tsv", wrong))
        page.keyboard.press("s")
        delivered(page)
        expect(page.locator(".list .item[aria-current]")).to_have_class(re.compile("doubt"))

    def test_no_suggestion_is_taken_before_the_sums_were_worked_out_again(
        self, context: BrowserContext, site: Site
    ) -> None:
        """The total beside it is suspected as well, until the cell is right."""
        sha256 = site.add("quick.tsv")
        page = visit(context, site, sha256)
        page.keyboard.press("1")
        page.keyboard.press("1")
        delivered(page)
        assert [(one.act, one.value) for one in site.operations(sha256)] == [("set", "30.00")]

    def test_a_row_without_parts_is_not_split(self, context: BrowserContext, site: Site) -> None:
        from playwright.sync_api import expect

        sha256 = site.add("whole-rows.tsv")
        page = visit(context, site, sha256)
        press(page, "t", "p")
        expect(page.locator(".banner")).to_contain_text("stand apart")
        assert site.operations(sha256) == []

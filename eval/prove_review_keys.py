"""How fast a key is answered on the bench, and whether fast keys are lost or doubled.

From the press to the paint: a page notes the time stamp of the key event and the time after the
next frame was drawn, which is what the person sees.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.figures import Figures
from eval.prove_review_work import archive
from eval.review_driver import delivered, open_bench, serving, visitor
from extractor.store import Store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROWS = 36
"""Indicator rows of the form that keys are timed on: with its head and funds over 300 fields."""
PRESSES = 500
_FEW = 120
_LIMIT = 50.0
_ACTS = {"s": "defect", "n": "nothing", "d": "defer"}
"""Keys that say the same on every field; A on a field where "nothing" stands says "nothing"."""
_WATCH = """
() => {
  globalThis.painted = [];
  window.addEventListener('keydown', (event) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => painted.push(performance.now() - event.timeStamp);
      channel.port2.postMessage(0);
    });
  }, true);
}
"""


def prove(figures: Figures, browser: Browser, folder: Path, seed: int, *, small: bool) -> None:
    """Times keys on a form of over 300 fields, then presses many with hardly a pause.

    A ``small`` proof tells its times and holds nobody to them: it runs beside other work.
    """
    presses = _FEW if small else PRESSES
    figures.title("Keys on a form of over 300 fields")
    db = archive(folder / "keys", {"long.tsv": long_form()})
    with serving(db) as screen, visitor(browser) as context:
        page = context.new_page()
        open_bench(page, screen.address)
        fields = page.locator(".bench .list .item").count()
        figures.put("fields", fields)
        _times(figures, page, fields, presses, bound=not small)
        _fast(figures, page, db, random.Random(seed), presses)


def _times(figures: Figures, page: Page, fields: int, presses: int, *, bound: bool) -> None:
    page.evaluate(_WATCH)
    for number in range(min(presses, 200)):
        page.keyboard.press("jakd"[number % 4])
        time.sleep(0.03)
    delivered(page)
    took = sorted(page.evaluate("() => painted"))
    p95, middle = took[int(len(took) * 0.95)], took[len(took) // 2]
    figures.put("key_to_paint_ms_median", round(middle, 1))
    figures.bound(
        "key_to_paint_ms_p95",
        round(p95, 1),
        f"from key to paint: median {middle:.1f} ms, p95 {p95:.1f} ms over {len(took)} keys, "
        f"{fields} fields (bound {_LIMIT:.0f} ms)",
        (p95 <= _LIMIT or not bound) and fields >= 300,
    )


def _fast(figures: Figures, page: Page, db: Path, random: random.Random, presses: int) -> None:
    before = len(_acts(db))
    keys = [random.choice("snd") for _ in range(presses)]
    for key in keys:
        page.keyboard.press(key)
        time.sleep(random.uniform(0, 0.04))
    delivered(page)
    found = _acts(db)[before:]
    wanted = [_ACTS[key] for key in keys]
    lost = max(0, len(wanted) - len(found))
    doubled = max(0, len(found) - len(wanted))
    figures.put("presses", presses)
    figures.put("presses_lost", lost)
    figures.put("presses_doubled", doubled)
    figures.bound(
        "presses_kept_in_order",
        found == wanted,
        f"{presses} presses at 0 to 40 ms: {lost} lost, {doubled} doubled, in the order pressed",
        found == wanted,
    )


def _acts(db: Path) -> list[Any]:
    """What was done in an archive, by the clock of the bench."""
    with Store.open(db, create=False) as store:
        ((document, _),) = {about.sha256: about for about, _ in store.forms()}.items()
        return [one.act for one in sorted(store.operations(document), key=lambda o: o.clock)]


def long_form() -> str:
    """A form with :data:`ROWS` indicators whose sums do not come out."""
    head = [
        ["项目支出绩效自评表"],
        ["(2023年度)"],
        ["项目名称", "长表项目"],
        ["主管部门", "某局", "", "实施单位", "某中心"],
        ["项目资金(万元)", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        ["", "年度资金总额", "100.00", "100.00", "100.00", "10.00", "100.00", "10.00"],
        ["", "其中：当年财政拨款", "60.00", "60.00", "60.00", "", "", ""],
        ["", "上年结转资金", "30.00", "30.00", "30.00", "", "", ""],
        ["", "其他资金", "9.00", "9.00", "9.00", "", "", ""],
        ["年度总体目标", "预期目标", "", "", "实际完成情况"],
        ["", "完成全部工作。", "", "", "已完成全部工作。"],
        [
            "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分",
            "偏差原因分析",
        ],
    ]  # fmt: skip
    rows = [
        [
            "产出指标" if n == 0 else "", "数量指标" if n == 0 else "", f"第{n + 1}项工作完成数",
            f"={n + 1}.00(项)", f"{n + 1}.00(项)", "2.50", "2.50", "",
        ]
        for n in range(ROWS)
    ]  # fmt: skip
    total = [["总分", "", "", "", "", "100.00", "99.00", ""]]
    return "\n".join("\t".join(row) for row in (*head, *rows, *total)) + "\n"

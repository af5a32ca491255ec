"""The checks of a form in a terminal: what holds in compact lines, what fails case by case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.checks.explain import Drawing
from extractor.report.cases import explained
from extractor.report.gathering import Gathered
from extractor.report.plain import Pen, safe
from extractor.types import Document


def holding(gathered: Gathered, pen: Pen) -> Iterator[str]:
    """``1,765.05 = 1,765.05 + 0.00 + 0.00`` for every sum, and a count for every row check."""
    count = gathered.holding
    if not count:
        return
    yield pen.dye(pen.say(f"相符 {count} 式", f"{count} checks hold"), "green")
    for text in _compact(gathered, pen):
        yield from pen.flow(safe(text), 2, "=", "green")


def _compact(gathered: Gathered, pen: Pen) -> Iterator[str]:
    for drawing in (*gathered.sums, *gathered.lines):
        said = drawing.message[pen.lang]
        told = said != drawing.title[pen.lang]
        yield said if told else pen.say(f"{said}：相符", f"{said}: as it should be")
    for each in gathered.rows.values():
        name, count = _relation(each[0], pen.lang), len(each)
        yield pen.say(f"{name}：{count} 行都成立", f"{name}: holds in all {count} rows")
    if gathered.zeros:
        names = pen.say("、", ", ").join(d.title[pen.lang] for d in gathered.zeros)
        yield pen.say(f"{names}：全为零", f"{names}: nothing but zeros")
    if gathered.followed:
        rules = " ".join(dict.fromkeys(drawing.rule for drawing in gathered.followed))
        count = len(gathered.followed)
        yield pen.say(f"规则 {count} 条，都符合：{rules}", f"{count} policies followed: {rules}")


def _relation(drawing: Drawing, lang: str) -> str:
    """得分 ≤ 分值, from the drawing of one row."""
    if drawing.printed is None or not drawing.terms:
        return drawing.title[lang].split(" · ")[0]
    sides = (drawing.printed.label[lang], drawing.terms[0].label[lang])
    return f" {drawing.terms[0].sign or '='} ".join(side.split(" · ")[0] for side in sides)


def failing(document: Document, gathered: Gathered, pen: Pen) -> Iterator[str]:
    """Every identity that fails, drawn as on paper under the case that explains it."""
    count = len(gathered.broken)
    if count:
        yield pen.dye(pen.say(f"不符 {count} 式", f"{count} do not hold"), "red")
    yield from explained(document, gathered, [c for c in gathered.cases if c.fails], pen)


def unsure(document: Document, gathered: Gathered, pen: Pen) -> Iterator[str]:
    """The identities that cannot be judged, and why; what would be missing where others tell it."""
    waiting = [case for case in gathered.cases if not case.fails]
    title = pen.say("无法核对", "cannot be judged")
    if waiting and not gathered.waiting:
        yield pen.dye(title, "yellow")
    yield from _told(gathered.waiting, title, "?", pen)
    yield from explained(document, gathered, waiting, pen)


def differing(gathered: Gathered, pen: Pen) -> Iterator[str]:
    """What two readers read differently."""
    title = pen.say("两次读取不一致", "the readers differ")
    return _told(gathered.differing, title, "?", pen)


def remarks(gathered: Gathered, pen: Pen) -> Iterator[str]:
    """The policies that are not followed: worth a remark, proof of nothing."""
    count = len(gathered.advice)
    title = pen.say(f"提示 {count} 条", "1 remark" if count == 1 else f"{count} remarks")
    return _told(gathered.advice, title, "·", pen)


def _told(found: Sequence[Drawing], title: str, mark: str, pen: Pen) -> Iterator[str]:
    if found:
        yield pen.dye(title, "yellow" if mark == "?" else "dim")
        for drawing in found:
            yield from pen.flow(safe(drawing.message[pen.lang]), 2, mark, "dim")

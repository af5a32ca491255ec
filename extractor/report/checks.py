"""The checks of a form in a terminal: what holds in compact lines, what fails as a column sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.checks.explain import Drawing
from extractor.report.gathering import Gathered, is_added, short_labels
from extractor.report.plain import Pen, aligned, left, safe, shortened, width_of

_LABEL = 44


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


def failing(gathered: Gathered, pen: Pen) -> Iterator[str]:
    """Every identity that fails, drawn as on paper."""
    count = len(gathered.broken)
    if count:
        yield pen.dye(pen.say(f"不符 {count} 式", f"{count} do not hold"), "red")
    for drawing in gathered.broken:
        yield from _drawn(drawing, pen)


def unsure(gathered: Gathered, pen: Pen) -> Iterator[str]:
    """The identities that cannot be judged, and why."""
    return _told(gathered.unsure, pen.say("无法核对", "cannot be judged"), "?", pen)


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


def _drawn(drawing: Drawing, pen: Pen) -> Iterator[str]:
    """A sum in a column: the addends, a rule, what they come to, a double rule, what is printed."""
    added = is_added(drawing) and all(term.sign != "÷" for term in drawing.terms)
    if not added or drawing.printed is None:
        yield from pen.flow(safe(drawing.message[pen.lang]), 2, "≠", "red")
        return
    labels, signs, numbers = _lines_of(drawing, pen)
    widest = max(map(width_of, labels))
    rows = [
        f"    {left(label, widest)}  {left(sign, 1)} {number}".rstrip()
        for label, sign, number in zip(labels, signs, numbers, strict=True)
    ]
    span = widest + 4 + len(numbers[0])
    *addends, implied, printed, off = rows
    yield from pen.flow(safe(f"{drawing.title[pen.lang]} ({drawing.rule})"), 2, "≠", "red")
    yield from [*addends, "    " + "─" * span, implied, "    " + "═" * span, printed]
    yield pen.dye(off, "red")


def _lines_of(drawing: Drawing, pen: Pen) -> tuple[list[str], list[str], list[str]]:
    """Labels, signs and aligned numbers: the addends, then what they come to, printed, off by."""
    stands = drawing.printed.text if drawing.printed else None
    off = drawing.residual or ""
    foot = [drawing.implied or "?", stands or "?", off if off.startswith("−") else f"+{off}"]
    labels = [shortened(safe(label), _LABEL) for label in short_labels(drawing, pen.lang)]
    labels += [pen.say("合计", "sum"), pen.say("表上", "printed"), pen.say("相差", "off by")]
    signs = [term.sign for term in drawing.terms]
    signs[0] = signs[0].replace("+", "")
    numbers = aligned([*(term.text or "?" for term in drawing.terms), *foot])
    longest = max(map(len, numbers))
    return labels, [*signs, "", "", ""], [number.rjust(longest) for number in numbers]

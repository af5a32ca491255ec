"""The cases of a form in a terminal: what is suspected, in words, then the sums, marked.

A named suspect is marked ``▸`` and followed by what it should be; cells that tie, and numbers that
are missing, are marked ``?``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from extractor.cases import Case, Change, Mark, Option, Told, value_of
from extractor.checks.explain import Drawing, Term
from extractor.report.gathering import Gathered, is_added, line_of, printed, short_labels
from extractor.report.plain import Pen, Style, aligned, left, safe, shortened, width_of
from extractor.types import Document

_LABEL, _LONGEST = 44, 24
_MOST, _MOST_LESS = 6, 2


class _Line(NamedTuple):
    """A line of a sum: a mark before it, and after it what should stand there."""

    label: str
    sign: str
    number: str
    mark: str = " "
    then: str = ""
    style: Style = "plain"


def explained(
    document: Document, gathered: Gathered, cases: Sequence[Case], pen: Pen
) -> Iterator[str]:
    """Each case once: its words, then its sums."""
    for case in cases:
        told = gathered.tell(case)
        number = f"{case.number} " if len(gathered.cases) > 1 else ""
        yield from _words(document, gathered, told, number, pen)
        marks = case.marks()
        for drawing in gathered.drawn(case):
            yield from _drawn(gathered, drawing, told.then.get(drawing.check), marks, pen)


def _words(
    document: Document, gathered: Gathered, told: Told, number: str, pen: Pen
) -> Iterator[str]:
    if not told.heading[pen.lang]:
        return
    yield from pen.flow(f"{number}{told.heading[pen.lang]}", 2, "▸", "bold")
    yield from _options(document, gathered, told.options, _MOST, pen)
    for note in told.notes:
        yield from pen.flow(safe(note[pen.lang]), 4)
    if told.less:
        count = len(told.less)
        text = pen.say(f"较不可能的解释还有 {count} 种：", f"{count} less likely explanations:")
        yield from (pen.dye(line, "dim") for line in pen.flow(text, 4))
        yield from _options(document, gathered, told.less, _MOST_LESS, pen)


def _options(
    document: Document, gathered: Gathered, options: Sequence[Option], most: int, pen: Pen
) -> Iterator[str]:
    for option in options[:most]:
        joint = pen.say("；并且 ", "; and ")
        text = joint.join(_change(document, gathered, change, pen) for change in option)
        yield from pen.flow(safe(text), 6, "·" if len(options) > 1 else "")
    if len(options) > most:
        rest = len(options) - most
        yield " " * 8 + pen.dye(pen.say(f"……另有 {rest} 种", f"… and {rest} more"), "dim")


def _change(document: Document, gathered: Gathered, change: Change, pen: Pen) -> str:
    said = change.sentence(pen.lang)
    spans = gathered.form.entries[change.field].spans
    if not spans:
        return said
    line = line_of(document, spans[0].start)
    return said + pen.say(f"，第 {line} 行", f", line {line}")


def _drawn(
    gathered: Gathered,
    drawing: Drawing,
    then: Drawing | None,
    marks: Mapping[str, Mark],
    pen: Pen,
) -> Iterator[str]:
    """A sum in a column: the addends, a rule, what they come to, a double rule, what is printed."""
    if not is_added(drawing) or drawing.printed is None:
        yield from pen.flow(safe(drawing.message[pen.lang]), 2, "≠", "red")
        return
    terms = _terms(gathered, drawing, marks, pen)
    foot = _foot(gathered, drawing, then, marks, pen)
    lines = [*terms, *foot]
    labels = [left(line.label, max(width_of(line.label) for line in lines)) for line in lines]
    numbers = aligned(line.number for line in lines)
    numbers = [number.rjust(max(map(len, numbers))) for number in numbers]
    rows = [
        f"  {line.mark} {label}  {left(line.sign, 1)} {number}{line.then}".rstrip()
        for line, label, number in zip(lines, labels, numbers, strict=True)
    ]
    rows = [pen.dye(row, line.style) for line, row in zip(lines, rows, strict=True)]
    span = width_of(labels[0]) + 4 + len(numbers[0])
    title = safe(f"{drawing.title[pen.lang]} ({drawing.rule})")
    fails = drawing.verdict == "fails"
    yield from pen.flow(title, 2, *("≠" if fails else "?", "red" if fails else "yellow"))
    yield from [*rows[: len(terms)], "    " + "─" * span, rows[len(terms)], "    " + "═" * span]
    yield from rows[len(terms) + 1 :]


def _terms(
    gathered: Gathered, drawing: Drawing, marks: Mapping[str, Mark], pen: Pen
) -> list[_Line]:
    labels = short_labels(drawing, pen.lang)
    return [
        _line(gathered, term, label, term.sign if index else term.sign.replace("+", ""), marks)
        for index, (term, label) in enumerate(zip(drawing.terms, labels, strict=True))
    ]


def _line(
    gathered: Gathered, term: Term, label: str, sign: str, marks: Mapping[str, Mark]
) -> _Line:
    mark = marks.get(term.path, Mark("partner"))
    number = term.text or shortened(safe(printed(gathered.form.entries.get(term.path))), _LONGEST)
    line = _Line(shortened(safe(label), _LABEL), sign, number or "?")
    then = f" → {value_of(mark.value)}" if mark.value else ""
    if mark.kind == "partner":
        return line
    if mark.kind == "named":
        return line._replace(mark="▸", then=then, style="red")
    return line._replace(mark="?", then=f"{then} ?", style="yellow")


def _foot(
    gathered: Gathered,
    drawing: Drawing,
    then: Drawing | None,
    marks: Mapping[str, Mark],
    pen: Pen,
) -> Iterator[_Line]:
    """What the terms come to, what is printed, and how far apart they are."""
    rate = any(term.sign == "÷" for term in drawing.terms)
    comes_to = pen.say("得数", "result") if rate else pen.say("合计", "sum")
    implied, after = drawing.implied, then.implied if then else None
    yield _Line(
        comes_to, "", implied or "?", then=f" → {after}" if after and after != implied else ""
    )
    assert drawing.printed is not None
    yield _line(gathered, drawing.printed, pen.say("表上", "printed"), "", marks)
    if drawing.residual is not None:
        off = drawing.residual
        off = off if off.startswith("−") else f"+{off}"
        yield _Line(pen.say("相差", "off by"), "", off, style="red")

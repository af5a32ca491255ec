"""Checked documents as a report for a terminal: what was read, what holds, what is doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.cases import suggested
from extractor.confidence import STRATA
from extractor.report.checks import differing, failing, holding, remarks, unsure
from extractor.report.gathering import Gathered, gather, line_of, printed
from extractor.report.plain import Column, Pen, left, safe, shortened, table, width_of
from extractor.types import CheckedDocument, CheckedForm, Document, Entry

__all__ = ["document_text", "form_text"]

_MANY = 12
_QUOTED = 60
_NAME = 36
_LONGEST_NUMBER = 24
_COLUMNS = ("name", "target", "actual", "weight", "score")
_TOTALS = ("total_weight", "total_score", "grade")


def document_text(checked: CheckedDocument, lang: str, color: bool, width: int) -> str:
    """The report of one document: its forms one after the other, then what is no form."""
    pen = Pen(lang, color, width)
    path = safe(checked.document.path)
    lines = [pen.dye(path, "bold") + "  " + pen.dye(_count(checked, pen), "dim")]
    lines += [form_text(checked.document, form, lang, color, width) for form in checked.forms]
    lines += _aside(checked, pen)
    return "\n".join(lines)


def form_text(document: Document, form: CheckedForm, lang: str, color: bool, width: int) -> str:
    """The report of one form; ``width`` are the columns of the terminal."""
    pen, gathered = Pen(lang, color, width), gather(form)
    blocks = [
        [pen.dye("─" * pen.room(0), "dim"), *_title(document, gathered, pen)],
        [*_head(gathered, pen)],
        [*_matrices(gathered, pen)],
        [*_indicators(gathered, pen)],
        [*holding(gathered, pen)],
        [*failing(document, gathered, pen)],
        [*unsure(document, gathered, pen)],
        [*differing(gathered, pen)],
        [*remarks(gathered, pen)],
        [*_doubtful(gathered, pen)],
        [*_unread(document, gathered, pen)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _count(checked: CheckedDocument, pen: Pen) -> str:
    """``titles + untitled = forms + repeats + refused``, in words."""
    starts = pen.say(f"标题 {checked.titles}", f"{checked.titles} titles")
    if checked.untitled:
        starts += pen.say(f" + 无题 {checked.untitled}", f" + {checked.untitled} untitled")
    ends = pen.say(f"表 {len(checked.forms)}", f"{len(checked.forms)} forms")
    if checked.repeats:
        ends += pen.say(f" + 重复 {checked.repeats}", f" + {checked.repeats} repeats")
    if checked.refused:
        ends += pen.say(f" + 不收 {len(checked.refused)}", f" + {len(checked.refused)} refused")
    return f"{starts} = {ends}"


def _aside(checked: CheckedDocument, pen: Pen) -> Iterator[str]:
    whole = checked.document.text
    for miss in checked.refused:
        where = line_of(checked.document, miss.span.start)
        title = shortened(safe(miss.title), _QUOTED)
        text = pen.say(f"不收：第 {where} 行“{title}”：", f"refused: line {where} “{title}”: ")
        yield from pen.flow(text + safe(miss.reason[pen.lang]), 0, "·", "yellow")
    if checked.tail is not None:
        quoted = shortened(safe(whole[checked.tail.start : checked.tail.end].strip()), _QUOTED)
        text = pen.say(f"首张表之前的残段：“{quoted}”", f"a tail before the first form: “{quoted}”")
        yield from pen.flow(text, 0, "·", "yellow")


def _title(document: Document, gathered: Gathered, pen: Pen) -> Iterator[str]:
    form = gathered.form
    first = line_of(document, form.form.span.start)
    last = line_of(document, form.form.span.end - 1)
    name = _first(gathered, "project_name", "department_name") or "?"
    name, year = shortened(safe(name), _QUOTED), _first(gathered, "year") or "?"
    score, grade = _number(form.entries.get("total_score")), safe(_first(gathered, "grade"))
    title = f"{form.form.index + 1}  {name} · {year} · {score} {grade}"
    yield from (pen.dye(line, "bold") for line in pen.flow(title, 0))
    lines = pen.say(f"第 {first}–{last} 行", f"lines {first}–{last}")
    yield pen.dye(f"{gathered.family.title[pen.lang]} · {lines}", "dim")
    for span in form.repeats:
        again = line_of(document, span.start)
        yield pen.say(f"同一张表在第 {again} 行又印了一次", f"printed again at line {again}")


def _first(gathered: Gathered, *paths: str) -> str:
    for path in paths:
        entry = gathered.form.entries.get(path)
        if entry is not None and entry.value is not None:
            return entry.value
    return ""


def _head(gathered: Gathered, pen: Pen) -> Iterator[str]:
    """The fields that stand alone; prose is not repeated here."""
    shown = [
        entry
        for path, entry in gathered.form.entries.items()
        if "." not in path and path not in _TOTALS and gathered.family.kind(path) != "prose"
    ]
    labels = [_leaf(gathered, entry.path, pen) for entry in shown]
    widest = max(map(width_of, labels), default=0)
    for label, entry in zip(labels, shown, strict=True):
        yield from pen.flow(safe(entry.value or "–"), 0, left(label, widest + 1), "dim")


def _leaf(gathered: Gathered, path: str, pen: Pen) -> str:
    """What a leaf is called, without its row."""
    leaf = gathered.family.leaf(path)
    return pen.say(leaf.zh, leaf.en)


def _matrices(gathered: Gathered, pen: Pen) -> Iterator[str]:
    """Every block of rows and columns, such as the funds, aligned on the decimal point."""
    blocks: dict[str, dict[str, dict[str, Entry]]] = {}
    for path, entry in gathered.form.entries.items():
        parts = path.split(".")
        if len(parts) == 3:
            blocks.setdefault(parts[0], {}).setdefault(parts[1], {})[parts[2]] = entry
    for name, block in blocks.items():
        rows = {
            row: cells
            for row, cells in block.items()
            if any(entry.standing != "absent" for entry in cells.values())
        }
        if rows:
            yield from _matrix(gathered, name, rows, pen)


def _matrix(
    gathered: Gathered, block: str, rows: dict[str, dict[str, Entry]], pen: Pen
) -> list[str]:
    parts = [gathered.family.parts[f"{block}.{row}"] for row in rows]
    unit = safe(_first(gathered, "amount_unit"))
    title = pen.say(f"资金（{unit}）", f"funds ({unit})") if unit else pen.say("资金", "funds")
    columns = [Column(title, [pen.say(part.zh, part.en) for part in parts])]
    for name, any_cell in next(iter(rows.values())).items():
        entries = [cells[name] for cells in rows.values()]
        if any(entry.standing != "absent" for entry in entries):
            shown = [_number(entry) for entry in entries]
            columns.append(Column(_leaf(gathered, any_cell.path, pen), shown, number=True))
    return _titled(table(columns, pen.room(0)), pen)


def _number(entry: Entry | None) -> str:
    """A number as printed, no longer than a number can be."""
    return shortened(safe(printed(entry)), _LONGEST_NUMBER) or "–"


def _titled(lines: Sequence[str], pen: Pen) -> list[str]:
    return [pen.dye(lines[0], "dim"), *lines[1:]]


def _indicators(gathered: Gathered, pen: Pen) -> list[str]:
    """Name, target, actual, weight and score of every row, the totals below."""
    paths = gathered.form.entries
    count = sum(path.startswith("indicators[") and path.endswith("].name") for path in paths)
    if not count:
        return []
    columns = [_indicator_column(gathered, name, count, pen) for name in _COLUMNS]
    lines = _titled(table(columns, pen.room(0)), pen)
    return [*lines[:-1], pen.dye(lines[-1], "bold")]


def _indicator_column(gathered: Gathered, name: str, count: int, pen: Pen) -> Column:
    entries = gathered.form.entries
    cells = [entries[f"indicators[{index}].{name}"] for index in range(count)]
    title = _leaf(gathered, f"indicators[0].{name}", pen)
    if gathered.family.is_number(f"indicators[0].{name}"):
        return Column(title, [*map(_number, cells), _number(entries.get(f"total_{name}"))], True)
    shown = [safe(entry.value or printed(entry)) or "–" for entry in cells]
    if name == "name":
        title = pen.say(f"指标 {count} 行", f"{count} indicators")
        return Column(title, [*shown, pen.say("总分", "total")])
    return Column(title, [*shown, ""])


def _doubtful(gathered: Gathered, pen: Pen) -> Iterator[str]:
    """The entries for a person, by stratum, each with its reasons in words."""
    doubts = gathered.doubtful
    if not doubts:
        return
    yield pen.dye(pen.say(f"待核 {len(doubts)} 项", f"{len(doubts)} fields to check"), "yellow")
    suspected = gathered.suspected
    for name, stratum in STRATA.items():
        found = [entry for entry in doubts if entry.stratum == name]
        found.sort(key=lambda entry: entry.path not in suspected)
        if not found:
            continue
        yield f"  {pen.say(stratum.zh, stratum.en)} ({len(found)})"
        for entry in found[:_MANY]:
            yield from _doubt(gathered, entry, pen)
        if len(found) > _MANY:
            rest = len(found) - _MANY
            yield "    " + pen.dye(pen.say(f"……另有 {rest} 项", f"… and {rest} more"), "dim")


def _doubt(gathered: Gathered, entry: Entry, pen: Pen) -> Iterator[str]:
    label = safe(gathered.family.label(entry.path, pen.lang, gathered.form.record))
    shown = shortened(safe(printed(entry)), _QUOTED) or "–"
    why = [said[pen.lang] for said in gathered.why(entry.path)]
    text = f"{left(label, _NAME)}  {shown}" + (f"  ({'; '.join(why)})" if why else "")
    should = suggested(entry)
    text += f"  [{should[pen.lang]}]" if should else ""
    mark = gathered.marks.get(entry.path)
    yield from pen.flow(text, 4, "▸" if mark and mark.kind == "named" else "?", "yellow")


def _unread(document: Document, gathered: Gathered, pen: Pen) -> Iterator[str]:
    spans = gathered.form.unread
    if not spans:
        return
    title = pen.say(f"未读的单元格 {len(spans)} 个", f"{len(spans)} cells not read")
    yield pen.dye(title, "yellow")
    for span in spans[:_MANY]:
        quoted = shortened(safe(document.text[span.start : span.end]), _QUOTED)
        line = line_of(document, span.start)
        where = pen.say(f"第 {line} 行", f"line {line}")
        yield from pen.flow(f"“{quoted}” {where}", 2, "?", "yellow")
    if len(spans) > _MANY:
        yield "  " + pen.say(f"……另有 {len(spans) - _MANY} 个", f"… and {len(spans) - _MANY} more")

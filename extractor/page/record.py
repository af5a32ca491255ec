"""The right side: the record, drawn from the family's labels, every value linked to its cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.page.markup import both, classes, tag, text, widest
from extractor.page.view import FormView
from extractor.report.gathering import printed
from extractor.types import Entry

_ROW = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
_TOTALS = ("total_weight", "total_score", "grade")
_HIDDEN_COLUMNS = {"level1", "level2", "name", "deviation"}


def record(view: FormView) -> str:
    """Head, funds, goals, groups, indicators and totals, in the order of the page."""
    parts = [_head(view), *_tables(view), _goals(view), _groups(view), _indicators(view)]
    return "".join(parts)


def _section(title: str, body: str, name: str) -> str:
    return tag("section", tag("h3", title) + body, class_=f"part {name}") if body else ""


def _column(view: FormView, path: str) -> str:
    """What a leaf is called, without its row."""
    leaf = view.gathered.family.leaf(path)
    return both(leaf.zh, leaf.en)


def _branch(view: FormView, path: str) -> str:
    """What the row of a block is called: ``funds.total`` → 年度资金总额."""
    part = view.gathered.family.parts[path]
    return both(part.zh, part.en)


def _head(view: FormView) -> str:
    rows = "".join(
        tag("div", tag("dt", _column(view, path)) + view.value(path, "dd"))
        for path in view.entries
        if "." not in path and path not in _TOTALS and not _is_prose(view, path)
    )
    return _section(both("概况", "Head"), tag("dl", rows), "about")


def _is_prose(view: FormView, path: str) -> bool:
    return view.gathered.family.kind(path) == "prose"


def _tables(view: FormView) -> Iterator[str]:
    """Every block of the form ``block.row.column``, as a table of amounts."""
    blocks: dict[str, list[tuple[str, str]]] = {}
    for path in view.entries:
        parts = path.split(".")
        if len(parts) == 3:
            blocks.setdefault(parts[0], []).append((parts[1], parts[2]))
    for block, places in blocks.items():
        yield _amounts(view, block, places)


def _amounts(view: FormView, block: str, places: Sequence[tuple[str, str]]) -> str:
    def there(row: str | None, column: str | None) -> bool:
        return any(
            view.entries[f"{block}.{r}.{c}"].standing != "absent"
            for r, c in places
            if row in (None, r) and column in (None, c)
        )

    rows = [row for row in dict.fromkeys(r for r, _ in places) if there(row, None)]
    columns = [column for column in dict.fromkeys(c for _, c in places) if there(None, column)]
    if not rows:
        return ""
    unit = view.first("amount_unit")
    title = both("资金", "Funds") + (tag("small", text(unit)) if unit else "")
    heads = "".join(
        tag("th", _column(view, f"{block}.{rows[0]}.{column}"), scope="col") for column in columns
    )
    decimals = {c: widest(printed(view.entries[f"{block}.{r}.{c}"]) for r in rows) for c in columns}
    body = "".join(
        tag(
            "tr",
            tag("th", _branch(view, f"{block}.{row}"), scope="row")
            + "".join(view.value(f"{block}.{row}.{c}", "td", decimals[c]) for c in columns),
        )
        for row in rows
    )
    head = tag("thead", tag("tr", tag("td") + heads))
    return _section(title, tag("table", head + tag("tbody", body), class_="amounts"), "funds")


def _goals(view: FormView) -> str:
    paths = [path for path in view.entries if "." not in path and _is_prose(view, path)]
    told = "".join(
        tag("div", tag("h4", _column(view, path)) + _prose(view, path))
        for path in paths
        if view.entries[path].standing != "absent"
    )
    goals = tag("div", told, class_="goals") if told else ""
    return _section(both("目标", "Goals"), goals, "prose")


def _prose(view: FormView, path: str) -> str:
    entry = view.entries[path]
    shown = entry.value or printed(entry) or "–"
    return tag("div", view.value(path, "p", shown=shown), class_="long", tabindex=0)


def _groups(view: FormView) -> str:
    found = _rows_of(view, "groups")
    if not found:
        return ""
    columns = [
        column
        for column in found[0]
        if any(view.entries[row[column]].standing != "absent" for row in found)
    ]
    return _section(both("分组权重", "Groups"), _list_table(view, found, columns), "groups")


def _rows_of(view: FormView, name: str) -> list[dict[str, str]]:
    """The paths of a list's rows, by column."""
    found: list[dict[str, str]] = []
    for path in view.entries:
        match = _ROW.fullmatch(path)
        if match and match[1] == name:
            while len(found) <= int(match[2]):
                found.append({})
            found[int(match[2])][match[3]] = path
    return found


def _list_table(view: FormView, rows: Sequence[dict[str, str]], columns: Sequence[str]) -> str:
    decimals = {c: widest(printed(view.entries[row[c]]) for row in rows) for c in columns}
    heads = "".join(tag("th", _column(view, rows[0][c]), scope="col") for c in columns)
    body = "".join(
        tag("tr", "".join(view.value(row[c], "td", decimals[c]) for c in columns)) for row in rows
    )
    return tag("table", tag("thead", tag("tr", heads)) + tag("tbody", body), class_="list")


def _indicators(view: FormView) -> str:
    rows = _rows_of(view, "indicators")
    columns = [c for c in (rows[0] if rows else ()) if c not in _HIDDEN_COLUMNS]
    if not rows:
        return ""
    decimals = {
        column: widest(
            [printed(view.entries[row[column]]) for row in rows]
            + [printed(view.entries.get(f"total_{column}"))]
        )
        for column in columns
    }
    heads = "".join(tag("th", _column(view, rows[0][c]), scope="col") for c in ("name", *columns))
    body = "".join(_indicator_rows(view, rows, columns, decimals))
    table = tag("thead", tag("tr", heads)) + tag("tbody", body) + _totals(view, columns, decimals)
    title = both(f"指标 {len(rows)} 行", f"{len(rows)} indicators")
    return _section(title, tag("table", table, class_="indicators"), "rows")


def _indicator_rows(
    view: FormView, rows: Sequence[dict[str, str]], columns: Sequence[str], decimals: dict[str, int]
) -> Iterator[str]:
    above: tuple[str, ...] = ()
    for row in rows:
        levels = tuple(view.first(row[key]) for key in ("level1", "level2") if key in row)
        if levels != above:
            yield _level_row(view, row, len(columns) + 1, above[:1] != levels[:1])
        above = levels
        cells = view.value(row["name"], "th") + "".join(
            view.value(row[c], "td", decimals[c]) for c in columns
        )
        yield tag("tr", cells)
        note = view.entries.get(row.get("deviation", ""))
        if note is not None and note.value is not None:
            inner = view.value(note.path, "span", shown=note.value)
            yield tag("tr", tag("td", inner, colspan=len(columns) + 1), class_="note")


def _level_row(view: FormView, row: dict[str, str], across: int, fresh: bool) -> str:
    """The heading above a group of rows; level 1 is said only where it changes."""
    first = view.value(row["level1"], "b") if fresh and "level1" in row else ""
    second = view.entries.get(row.get("level2", ""))
    if second is not None and second.value is not None:
        shown = view.value(row["level2"], "span", shown=second.value)
        first += " " + shown
    return tag("tr", tag("th", first, colspan=across, scope="rowgroup"), class_=classes("level"))


def _totals(view: FormView, columns: Sequence[str], decimals: dict[str, int]) -> str:
    """The total row under its double rule, and the grade."""
    cells = ""
    for column in columns:
        path = f"total_{column}"
        there = path in view.entries
        cells += view.value(path, "td", decimals[column]) if there else tag("td")
    grade = view.entries.get("grade")
    label = both("总分", "Total")
    if _shown(grade):
        label += " " + view.value("grade", "b")
    return tag("tfoot", tag("tr", tag("th", label, scope="row") + cells))


def _shown(entry: Entry | None) -> bool:
    return entry is not None and entry.standing != "absent" and entry.value is not None

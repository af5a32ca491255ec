"""A drawn form → its page, as clean as its office prints it.

Every column set is laid out from its declaration: as many columns as its widest table has, labels
and values merged over what is left of them, levels merged over the rows of their block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from eval.columns import ColumnSet
from eval.generate import Drawn
from eval.sheet import COVERED, EMPTY, Mark, Printed, Row, Section, Sheet
from eval.writing import Writer, marked

_SPREAD = ("nature", "target", "measure")
_POINTS = ("weight", "score")
_LABEL_COLUMNS = 2
"""The columns in front of a money table's values: what it is, and what its row is."""


def sheet(drawn: Drawn) -> Sheet:
    """The page of a drawn form: all its table rows have equally many cells.

    Every leaf of the form that the column set prints has a mark, a blank one with no characters.
    """
    pen = Writer(drawn)
    width = _width(pen.set)
    return Sheet(
        (
            *_titles(pen),
            *_head(pen, width),
            *_money(pen, width),
            *_goals(pen, width),
            *_breakdown(pen),
            *_indicators(pen, width),
            *_totals(pen, width),
        )
    )


def _width(columns: ColumnSet) -> int:
    """How many columns a page has."""
    shown = len(columns.indicators) + bool(columns.indicators_label)
    return max(shown, len(columns.money) + _LABEL_COLUMNS)


def _half(width: int) -> int:
    """The column in which the second of two things side by side begins."""
    return (width + 1) // 2


def _row(section: Section, cells: Iterable[Printed]) -> Row:
    """A table row of merged cells, the places beside each covered."""
    out: list[Printed] = []
    for cell in cells:
        out += [cell, *[COVERED] * (cell.across - 1)]
    return Row(tuple(out), section)


def _line(section: Section, cell: Printed) -> Row:
    return Row((cell,), section, is_line=True)


def _titles(pen: Writer) -> Iterator[Row]:
    for template in (pen.set.title, pen.set.year_line):
        if template:
            yield _line("title", pen.filled(template, {"year": "year"}))


def _head(pen: Writer, width: int) -> Iterator[Row]:
    """The labels with their values; the last two stand side by side."""
    across, half, labels = pen.set.head_across, _half(width), pen.set.head
    *alone, one, two = labels
    for path in alone:
        cells = pen.label(labels[path], across), pen.cell(path, across=width - across)
        yield _row("head", cells)
    first = pen.label(labels[one], across), pen.cell(one, across=half - across)
    second = pen.label(labels[two], across), pen.cell(two, across=width - half - across)
    yield _row("head", (*first, *second))


def _money(pen: Writer, width: int) -> Iterator[Row]:
    """The header with the unit in its first cell, the total, the sources.

    Columns that the indicators have more go to the values in equal parts, the rest of them to the
    label of the row.
    """
    columns, section = pen.set, pen.family.layout.matrix.name
    spare = width - _LABEL_COLUMNS - len(columns.money)
    across = 1 + spare // len(columns.money)
    lead = width - 1 - across * len(columns.money)
    rows = [("total", columns.money_total)] if columns.money_total else []
    rows += columns.sources
    paths = {"unit": "amount_unit", "weight": f"{section}.total.weight"}
    unit = pen.filled(columns.money_label, paths, only="unit")._replace(down=1 + len(rows))
    headers = [pen.filled(header, paths)._replace(across=across) for _, header in columns.money]
    yield _row("funds", (unit, EMPTY._replace(across=lead), *headers))
    for row, told in rows:
        at = f"{section}.{row}"
        values = [_amount(pen, at, role)._replace(across=across) for role, _ in columns.money]
        yield _row("funds", (COVERED, pen.label(told, lead), *values))


def _amount(pen: Writer, row: str, role: str) -> Printed:
    """A value of the money table; a dash where the row has amounts but nothing of this kind."""
    if role == "reason":
        return EMPTY
    path = f"{row}.{role}"
    is_points = role in _POINTS and not row.endswith(".total")
    has_no_rate = role == "execution_rate" and pen.leaves.get(f"{row}.executed") is not None
    if pen.leaves.get(path) is None and (is_points or has_no_rate):
        return marked(pen.office.dash, path)
    return pen.cell(path)


def _goals(pen: Writer, width: int) -> Iterator[Row]:
    half = _half(width)
    leaves = pen.family.leaves
    expected, actual = (p for p in leaves if leaves[p].kind == "prose" and "[" not in p)
    left, right, (one, two) = half - 1, width - half, pen.set.goals
    title = pen.label(pen.set.goals_label, down=2)
    yield _row("goals", (title, pen.label(one, left), pen.label(two, right)))
    yield _row("goals", (COVERED, pen.cell(expected, left), pen.cell(actual, right)))


def _breakdown(pen: Writer) -> Iterator[Row]:
    if pen.set.breakdown:
        yield _line("header", pen.label(pen.set.breakdown))


def _indicators(pen: Writer, width: int) -> Iterator[Row]:
    """The header and a row for each indicator, levels and group weights merged over their rows."""
    columns, count = pen.set, pen.indicators
    lead = (
        (pen.label(columns.indicators_label, down=1 + count),) if columns.indicators_label else ()
    )
    headers = [pen.label(header) for _, header in columns.indicators]
    yield _row("header", _padded((*lead, *headers), width))
    merged = _merged(pen)
    for i in range(count):
        cells = [
            merged[role].get(i, COVERED) if role in merged else _plain(pen, i, role)
            for role, _ in columns.indicators
        ]
        yield _row("indicators", _padded((*(COVERED for _ in lead), *cells), width))


def _padded(cells: Sequence[Printed], width: int) -> tuple[Printed, ...]:
    """A row with blank cells up to the width of its page."""
    return (*cells, *[EMPTY] * (width - sum(cell.across for cell in cells)))


def _plain(pen: Writer, index: int, role: str) -> Printed:
    """A cell of one row alone."""
    path = f"indicators[{index}].{role}"
    if role in _SPREAD and any(name == "nature" for name, _ in pen.set.indicators):
        return pen.quantity(f"indicators[{index}].target")[_SPREAD.index(role)]
    return pen.cell(path)


def _merged(pen: Writer) -> dict[str, dict[int, Printed]]:
    """The merged cells of the level columns and of the group weight, by role and first row."""
    firsts = [pen.leaves.get(f"indicators[{i}].level1") for i in range(pen.indicators)]
    blocks = _runs(firsts)
    groups = _groups(pen, [firsts[start] for start, _ in blocks])
    cells: dict[str, dict[int, Printed]] = {"level1": {}, "level2": {}, "group_weight": {}}
    for (start, stop), group in zip(blocks, groups, strict=True):
        down = stop - start
        cells["level1"][start] = _first_level(pen, start, stop, group)._replace(down=down)
        if group is not None:
            cells["group_weight"][start] = pen.cell(f"groups[{group}].weight", down=down)
        seconds = [pen.leaves.get(f"indicators[{i}].level2") for i in range(start, stop)]
        for one, end in _runs(seconds):
            rows = range(start + one, start + end)
            cell = _level(pen, [f"indicators[{i}].level2" for i in rows])
            listed = f"groups[{group}].level2_listed"
            if pen.leaves.get(listed) is not None and seconds[one] is None:
                cell = pen.cell(listed)
            cells["level2"][start + one] = cell._replace(down=end - one)
    return cells


def _runs(values: Sequence[str | None]) -> list[tuple[int, int]]:
    """Where equal values follow each other, as half-open ranges.

    >>> _runs(["产出", "产出", "效益"])
    [(0, 2), (2, 3)]
    """
    starts = [i for i in range(len(values)) if i == 0 or values[i] != values[i - 1]]
    return list(zip(starts, [*starts[1:], len(values)], strict=True))


def _groups(pen: Writer, levels: Sequence[str | None]) -> list[int | None]:
    """The group that each block of rows is, where the page prints weights of groups."""
    found: list[int | None] = []
    following = 0
    for level in levels:
        is_next = following < pen.groups and pen.leaves[f"groups[{following}].level1"] == level
        found.append(following if is_next else None)
        following += is_next
    return found


def _level(pen: Writer, paths: Sequence[str]) -> Printed:
    """One cell that prints the same level for many rows."""
    return marked(pen.text(paths[0]), *paths)


def _first_level(pen: Writer, start: int, stop: int, group: int | None) -> Printed:
    """A level-1 cell; ``产出指标（50分）`` prints the weight of its group too."""
    paths = [f"indicators[{i}].level1" for i in range(start, stop)]
    if group is not None:
        paths.append(f"groups[{group}].level1")
    cell = _level(pen, paths)
    if not pen.set.weights_in_levels or group is None:
        return cell
    path = f"groups[{group}].weight"
    name, weight = cell.text, pen.text(path)
    text = name + pen.bracketed(f"（{weight}分）")
    at = len(name) + 1
    whole = marked(text, *paths)
    return whole._replace(marks=(*whole.marks, Mark(path, at, at + len(weight))))


def _totals(pen: Writer, width: int) -> Iterator[Row]:
    """The total under the columns of points, then the grade where the set has one."""
    columns = pen.set
    offset = 1 if columns.indicators_label else 0
    lanes = {role: offset + i for i, (role, _) in enumerate(columns.indicators) if role in _POINTS}
    if not columns.has_total_weight:
        lanes.pop("weight", None)
    cells = [pen.label(columns.total_label, across=min(lanes.values()))]
    at = {column: pen.cell(f"total_{role}") for role, column in lanes.items()}
    cells += [at.get(column, EMPTY) for column in range(min(lanes.values()), width)]
    yield _row("totals", cells)
    if columns.grade_label:
        grade = pen.cell("grade", across=width - 1)
        yield _row("totals", (pen.label(columns.grade_label), grade))

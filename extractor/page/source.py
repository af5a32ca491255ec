"""The left side: the form's own text as the grid sees it, with what the reader did to it marked."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from extractor.cases import value_of
from extractor.confidence import REASONS
from extractor.grid import Row
from extractor.numbers import read_number
from extractor.page.markup import both, classes, tag, text, words
from extractor.page.view import SHOULD, FormView
from extractor.report.gathering import line_of
from extractor.types import Cell, Entry

_LONG = 120
_SHORT, _BROKEN, _WIDEST = 15, 8, 30
_BUDGET, _PADDING, _CROWDED = 92, 2, 1.15
_BELOW_INDICATORS = {"total_weight", "total_score", "grade", "groups"}
_LOUD = frozenset({"bad", "either", "partner", "maybe"})
_OPEN, _CLOSE = "<i>&lt;p&gt;</i>", "<i>&lt;/p&gt;</i>"
_SHORTLY = {
    "down": ("下接", "continued"),
    "up": ("上接", "from above"),
    "overlap_dropped": ("去重字", "overlap dropped"),
    "stamp_removed": ("去页码戳", "stamp removed"),
    "shifted": ("错位，已归位", "shifted, put back"),
    "by_order": ("按次序对应", "taken in order"),
    "row_length": ("格数不同", "odd length"),
    "row_ends": ("行已结束", "row ends"),
    "label_lost": ("行名缺失", "label lost"),
    "levels_centred": ("级别居中", "level centred"),
    "unknown_level": ("级别不识", "unknown level"),
    "not_grounded": ("与原文不符", "not on the page"),
    "unread": ("未读", "not read"),
}
"""What stands in a cell beside its text; the whole sentence is in ``confidence.REASONS``."""


class Claims:
    """Which entries stand in which cell; offsets counted from the start of the form."""

    def __init__(self, view: FormView) -> None:
        start = view.gathered.form.form.span.start
        self._spans = sorted(
            (span.start - start, path, part)
            for path, entry in view.entries.items()
            for part, span in enumerate(entry.spans)
        )
        self._unread = sorted(span.start - start for span in view.gathered.form.unread)

    def of(self, cell: Cell) -> list[tuple[str, int]]:
        """Path and part number of every entry that has a span inside the cell."""
        first = bisect_left(self._spans, (cell.start,))
        last = bisect_left(self._spans, (cell.end,))
        return [(path, part) for _, path, part in self._spans[first:last]]

    def is_unread(self, cell: Cell) -> bool:
        at = bisect_left(self._unread, cell.start)
        return at < len(self._unread) and self._unread[at] < cell.end


def source(view: FormView) -> str:
    """The panel: every row of the form's text with its line number."""
    claims = Claims(view)
    tables: list[str] = []
    before: list[Row] = []
    for block in _blocks(view.rows):
        if before:
            broken = _sections(before, claims) & _sections(block, claims)
            tables.append(_gap(bool(broken)))
        tables.append(_table(view, block, claims))
        before = block
    heading = tag("h3", both("原文", "Source") + " " + tag("small", _lines(view)))
    return tag("section", heading + "".join(tables), class_="source")


def _lines(view: FormView) -> str:
    span = view.gathered.form.form.span
    first, last = line_of(view.document, span.start), line_of(view.document, span.end - 1)
    return text(view.document.path) + " · " + both(f"第 {first}–{last} 行", f"lines {first}–{last}")


def _blocks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    block: list[Row] = []
    for row in rows:
        if block and row.block != block[-1].block:
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _sections(block: Sequence[Row], claims: Claims) -> set[str]:
    """Which parts of the record a block feeds; a part fed by two blocks was cut by a page break."""
    paths = [path for row in block for cell in row.cells for path, _ in claims.of(cell)]
    fed = {path.split(".")[0].split("[")[0] for path in paths}
    return {"indicators" if part in _BELOW_INDICATORS else part for part in fed}


def _gap(page_break: bool) -> str:
    if not page_break:
        return ""
    return tag("p", both("换页", "page break"), class_="break")


def _table(view: FormView, block: Sequence[Row], claims: Claims) -> str:
    width = max(len(row.cells) for row in block)
    shares, cramped = _widths(block, width)
    columns = "".join(f'<col class="w{share}">' for share in shares)
    body = "".join(_row(view, row, width, claims) for row in block)
    columns = tag("colgroup", '<col class="ln">' + columns)
    kind = "lines" if all(len(row.cells) == 1 for row in block) else "cramped" if cramped else None
    return tag("table", columns + tag("tbody", body), class_=kind)


def _widths(block: Sequence[Row], width: int) -> tuple[list[int], bool]:
    """Shares of a hundred for the columns, and whether the table wants more room than usual.

    Numbers and short quantities are not broken; words give way to them. Widths are counted in
    half-width characters, of which about ``_BUDGET`` fit beside each other.
    """
    least, most = [1] * width, [1] * width
    for row in block:
        for column, cell in row.filled:
            number = read_number(cell.text) is not None
            if _is_sparse(row) and not number:
                continue
            wide = display_width(cell.text)
            whole = number or (wide <= _SHORT and any(map(str.isdigit, cell.text)))
            least[column] = max(least[column], wide if whole else min(wide, _BROKEN))
            most[column] = max(most[column], min(wide, _WIDEST))
    room = _BUDGET - _PADDING * width
    wanted = sum(most) - sum(least)
    part = min(1.0, max(0.0, (room - sum(least)) / wanted)) if wanted else 0.0
    wide_as = [low + (high - low) * part + _PADDING for low, high in zip(least, most, strict=True)]
    return [max(1, round(100 * each / sum(wide_as))) for each in wide_as], sum(
        least
    ) > room * _CROWDED


def display_width(shown: str) -> int:
    """Half-width characters that a text takes in a Chinese font, where ≥ is a wide one."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in shown)


def _is_sparse(row: Row) -> bool:
    return len(row.filled) * 2 <= len(row.cells)


def _row(view: FormView, row: Row, width: int, claims: Claims) -> str:
    start = view.gathered.form.form.span.start + row.start
    number = tag("td", class_="ln", data_n=line_of(view.document, start), aria_hidden="true")
    said: set[str] = set()
    cells = "".join(_cell(view, cell, across, claims, said) for cell, across in _spread(row, width))
    return tag("tr", number + cells, class_="odd" if row.odd else None)


def _spread(row: Row, width: int) -> Iterator[tuple[Cell, int]]:
    """Cells and the columns they take: in a row that is mostly blank, text takes what follows."""
    sparse = _is_sparse(row) or len(row.cells) == 1
    column = 0
    while column < len(row.cells):
        cell, across = row.cells[column], 1
        if sparse and cell.text and not read_number(cell.text):
            following = next((i for i, _ in row.filled if i > column), width)
            across = following - column
        last = column + across >= len(row.cells)
        yield cell, max(across, width - column) if last else across
        column += across


def _cell(view: FormView, cell: Cell, across: int, claims: Claims, said: set[str]) -> str:
    claimed = claims.of(cell)
    entries = [view.entries[path] for path, _ in claimed]
    unread = claims.is_unread(cell)
    loudest = next((mark for e in entries if (mark := view.level(e)) in _LOUD), None)
    return tag(
        "td",
        _text(cell.text) + _should(view, entries) + _marks(claimed, entries, unread, said),
        class_=classes(
            "n" if any(view.gathered.family.is_number(path) for path, _ in claimed) else "",
            loudest if cell.text else "",
            "unread" if unread else "",
        ),
        colspan=across if across > 1 else None,
        data_e=" ".join(str(view.order[path]) for path, _ in claimed),
    )


def _should(view: FormView, entries: Sequence[Entry]) -> str:
    """What a suspect should be; and, where that number stands in print, a word beside it."""
    told: list[str] = []
    for entry in entries:
        mark = view.gathered.marks.get(entry.path)
        if mark is not None and mark.kind != "partner" and mark.value is not None:
            value = value_of(mark.value)
            said = [words.format(value) for words in SHOULD[mark.kind][0]]
            told.append(tag("small", both(*said), class_=f"mark should {mark.kind}"))
        if entry.path in view.gathered.stands:
            here = both("应有的数", "implied value")
            told.append(tag("small", here, class_="mark stands"))
    return "".join(dict.fromkeys(told))


def _text(shown: str) -> str:
    """The text of a cell. Printed tags stand small, each paragraph on its own line."""
    safe = text(shown)
    if "&lt;" in safe:
        safe = safe.replace("&lt;p&gt;", _OPEN).replace("&lt;/p&gt;", _CLOSE)
        safe = safe.replace(f"{_CLOSE} {_OPEN}", f"{_CLOSE}\n{_OPEN}")
    if len(shown) > _LONG:
        return f'<div class="long" tabindex="0">{safe}</div>'
    return safe


def _marks(
    claimed: Sequence[tuple[str, int]], entries: Sequence[Entry], unread: bool, said: set[str]
) -> str:
    """Small notes of what the reader did: joined, shifted, left unread; once a row."""
    notes = ["unread"] if unread else []
    for (_, part), entry in zip(claimed, entries, strict=True):
        if "filled_down" in entry.reasons:
            continue
        for reason in entry.reasons:
            if reason == "joined_across_page":
                notes += _ends(part, len(entry.spans))
            elif reason in _SHORTLY or reason in REASONS:
                notes.append(reason)
    fresh = [name for name in dict.fromkeys(notes) if name not in said]
    said.update(name for name in fresh if name not in ("up", "down"))
    return "".join(tag("small", _note(name), class_=f"mark {name}") for name in fresh)


def _note(name: str) -> str:
    return both(*_SHORTLY[name]) if name in _SHORTLY else words(REASONS[name])


def _ends(part: int, parts: int) -> Iterator[str]:
    if part > 0:
        yield "up"
    if part < parts - 1:
        yield "down"

"""A sheet → its text, in each of the shapes in which pages arrive, with the place of every leaf.

The characters of a cell stand in the text as they stand in the sheet: a ``<`` or ``&`` that
markup would take for its own is never printed on these forms but in ``<p>`` tags, which real
pages carry in their cells too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from eval.sheet import EMPTY, Printed, Rendered, Row, Sheet
from extractor.types import Span

Table = list[Row]


class _Text:
    """Text in the making, and where the marked characters came to stand in it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.places: dict[str, list[Span]] = {}

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def cell(self, cell: Printed) -> None:
        """The characters of a cell; what is marked is noted without its outer spaces."""
        for path, start, end in cell.marks:
            part = cell.text[start:end]
            begin = self.length + start + len(part) - len(part.lstrip())
            if part.strip():
                span = Span(begin, begin + len(part.strip()))
                self.places.setdefault(path, []).append(span)
        self.add(cell.text)

    def line(self, cell: Printed) -> None:
        self.cell(cell)
        self.add("\n")

    def rendered(self) -> Rendered:
        places = {path: tuple(sorted(spans)) for path, spans in self.places.items()}
        return Rendered("".join(self.parts), places)


Writing = Callable[[_Text, Table, bool], None]
"""Adds one table to the text; the flag says that it goes on from the page before."""


def _laid_out(sheet: Sheet, write: Writing) -> Rendered:
    """Lines as they are, tables each in the way of a layout."""
    text = _Text()
    for table, goes_on in _parts(sheet):
        if table[0].is_line:
            text.line(table[0].cells[0])
        else:
            write(text, table, goes_on)
    return text.rendered()


def _parts(sheet: Sheet) -> Iterator[tuple[Table, bool]]:
    """Tables in page order, a line of running text as a table of its own."""
    table: Table = []
    goes_on = False
    for index, row in enumerate(sheet.rows):
        is_break = index in sheet.breaks
        if table and (row.is_line or is_break):
            yield table, goes_on
            table = []
        if row.is_line:
            yield [row], False
            continue
        goes_on = goes_on if table else is_break
        table.append(row)
    if table:
        yield table, goes_on


def pipes(sheet: Sheet) -> Rendered:
    """Markdown tables: a rule after the first row, which is blank where a table goes on."""
    return _laid_out(sheet, _pipes)


def _pipes(text: _Text, table: Table, goes_on: bool) -> None:
    width = len(table[0].cells)
    text.add("\n")
    for index, row in enumerate([Row((EMPTY,) * width, table[0].section)] * goes_on + table):
        text.add("|")
        for cell in row.cells:
            text.add(" ")
            text.cell(cell)
            text.add(" |" if cell.text else "|")
        text.add("\n" + ("|" + "---|" * width + "\n") * (index == 0))
    text.add("\n")


def tabs(sheet: Sheet) -> Rendered:
    """Rows of cells with tabs between them, blank ones too."""
    return _laid_out(sheet, _tabs)


def _tabs(text: _Text, table: Table, goes_on: bool) -> None:
    text.add("\n" * goes_on)
    for row in table:
        for index, cell in enumerate(row.cells):
            text.add("\t" * (index > 0))
            text.cell(cell)
        text.add("\n")


def lines(sheet: Sheet) -> Rendered:
    """One cell a line, a blank line for each blank cell."""
    return _laid_out(sheet, _lines)


def _lines(text: _Text, table: Table, goes_on: bool) -> None:
    text.add("\n" * goes_on)
    for row in table:
        for cell in row.cells:
            text.line(cell)


def tight(sheet: Sheet) -> Rendered:
    """One cell a line, blank cells left out."""
    return _laid_out(sheet, _tight)


def _tight(text: _Text, table: Table, goes_on: bool) -> None:
    text.add("\n" * goes_on)
    for row in table:
        for cell in _filled(row.cells):
            text.line(cell)


def html(sheet: Sheet) -> Rendered:
    """HTML tables in which every cell is written out."""
    return _laid_out(sheet, _html)


def _html(text: _Text, table: Table, goes_on: bool) -> None:
    _tagged(text, [[(cell, "") for cell in row.cells] for row in table], goes_on)


def html_spans(sheet: Sheet) -> Rendered:
    """HTML tables with merged cells, as far as their covered places are still there."""
    return _laid_out(sheet, _html_spans)


def _html_spans(text: _Text, table: Table, goes_on: bool) -> None:
    gone: set[tuple[int, int]] = set()
    rows: list[list[tuple[Printed, str]]] = []
    for i, row in enumerate(table):
        tags: list[tuple[Printed, str]] = []
        for j, cell in enumerate(row.cells):
            if (i, j) in gone:
                continue
            across, down = _extent(table, i, j)
            gone |= {(i + below, j + right) for below in range(down) for right in range(across)}
            spans = (("colspan", across), ("rowspan", down))
            tags.append((cell, "".join(f' {name}="{n}"' for name, n in spans if n > 1)))
        rows.append(tags)
    _tagged(text, rows, goes_on)


def _tagged(text: _Text, rows: Sequence[Sequence[tuple[Printed, str]]], goes_on: bool) -> None:
    text.add("\n" * goes_on + "<table>\n")
    for row in rows:
        text.add("<tr>")
        for cell, attributes in row:
            text.add(f"<td{attributes}>")
            text.cell(cell)
            text.add("</td>")
        text.add("</tr>\n")
    text.add("</table>\n")


def _extent(table: Table, row: int, column: int) -> tuple[int, int]:
    """Over how many columns and rows a cell still reaches.

    Damage may have moved or cut off what it covered: then it ends there.
    """
    cell = table[row].cells[column]
    across = 1
    while across < cell.across and _is_covered(table, row, column + across, 1):
        across += 1
    down = 1
    while down < cell.down and _is_covered(table, row + down, column, across):
        down += 1
    return across, down


def _is_covered(table: Table, row: int, column: int, across: int) -> bool:
    if row >= len(table):
        return False
    cells = table[row].cells[column : column + across]
    return len(cells) == across and all(cell.covered for cell in cells)


def flat(sheet: Sheet) -> Rendered:
    """Each table as one line, its cells joined by single spaces, blank ones left out."""
    return _laid_out(sheet, _flat)


def _flat(text: _Text, table: Table, goes_on: bool) -> None:
    text.add("\n" * goes_on)
    _joined(text, [cell for row in table for cell in row.cells])


def _joined(text: _Text, cells: Sequence[Printed]) -> None:
    for index, cell in enumerate(_filled(cells)):
        text.add(" " * (index > 0))
        text.cell(cell)
    text.add("\n")


def columns(sheet: Sheet) -> Rendered:
    """Each table column by column, one cell a line, blank cells left out."""
    return _laid_out(sheet, _columns)


def _columns(text: _Text, table: Table, goes_on: bool) -> None:
    text.add("\n" * goes_on)
    for column in range(max(len(row.cells) for row in table)):
        for cell in _filled([c for row in table for c in row.cells[column : column + 1]]):
            text.line(cell)


def _filled(cells: Sequence[Printed]) -> list[Printed]:
    return [cell for cell in cells if cell.text.strip()]


TABULAR: Mapping[str, Callable[[Sheet], Rendered]] = {
    "pipes": pipes,
    "tabs": tabs,
    "lines": lines,
    "tight": tight,
    "html": html,
    "html_spans": html_spans,
}
"""The layouts in which rows and columns can still be told."""

LAYOUTS: Mapping[str, Callable[[Sheet], Rendered]] = {**TABULAR, "flat": flat, "columns": columns}
"""Every layout by name."""

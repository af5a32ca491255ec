"""The indicator table of one form: rows, groups and the total, from cells to readings."""

from __future__ import annotations

from extractor.families.levels import LEVEL1, LEVEL2, LEVELS
from extractor.grid import Row
from extractor.readers.align import cell_at, is_level, is_number, name_column, row_move, text_at
from extractor.readers.cells import read_cells
from extractor.readers.centred import settle_centred
from extractor.readers.indicator_readings import LEAVES, SPREAD, Draft, Group, Readings
from extractor.readers.levels import Level, continued, next_level
from extractor.readers.page import Page
from extractor.text import is_blank, label_key, squeeze, tidy
from extractor.types import Cell, Reading

_LEVELS = ("level1", "level2")
_LONGEST_LEVEL2 = 4


_JOINED = frozenset(LEAVES) - {"weight", "score"}


_GROUP_WEIGHT = label_key("权重")
"""The one header that names the weight of a group where 分值 stands beside it."""
_SHORTEST_NOTE = 5
_LONGEST_PART = 24


class IndicatorTable:
    """Takes the rows, the groups and the total of the table."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.family = page.family
        self.columns: dict[str, int] = {}
        self.headers: dict[str, str] = {}
        self.last_header = 0
        self.drafts: list[Draft] = []
        self.groups: list[Group] = []
        self.totals: dict[str, Reading] = {}
        self.level1: Level | None = None
        self.level2: Level | None = None

    def header(self, filled: list[tuple[int, Cell]]) -> None:
        """Takes the columns from a header row; a later header (after a page break) moves them."""
        found: dict[str, int] = {}
        weights: list[int] = []
        for index, cell in filled:
            key = label_key(cell.text)
            name = self.family.layout.columns.get(key)
            if name is None:
                continue
            self.page.claim(cell)
            if name == "weight":
                weights.append(index)
                if key == _GROUP_WEIGHT:
                    found["group_weight"] = index
            if name not in found or (name == "weight" and key != _GROUP_WEIGHT):
                found[name] = index
                self.headers[name] = squeeze(cell.text)
        if len(weights) < 2:
            found.pop("group_weight", None)
        self.columns = found
        self.last_header = filled[-1][0]

    # Rows

    def row(self, row: Row, last: bool, is_final: bool, joins: bool) -> None:
        """Takes one row below the header: an indicator, the rest of one, or a bare total.

        Only with ``joins`` may it be the rest of the row above.
        """
        if all(is_blank(cell.text) for _, cell in row.filled):
            self.page.claim(*(cell for _, cell in row.filled))
            return
        if is_final and not self.totals and self._is_bare_total(row):
            self.total(row, row.filled, last, None)
            return
        move = row_move(row, self.columns)
        name = name_column(row, self.columns, move)
        if move == 0 and self._is_rest(row, name):
            if joins:
                self._rest(row)
            return
        if not self._has_points(row, move) and name is None:
            return
        cells, lost = self._values(row, move, name, last)
        taken = {cell.start for parts in cells.values() for cell in parts}
        own = self._levels(row, move, cells["name"][0] if cells["name"] else None, taken)
        self.page.claim(*(cell for parts in cells.values() for cell in parts))
        reasons = ("shifted",) if move or self._displaced(cells["name"], row) else ()
        if row.odd or (move == 0 and row.filled[-1][0] > self.last_header):
            reasons = (*reasons, "row_length")
        group = len(self.groups) - 1 if self.groups else None
        unclear = set[str]()
        if row.odd and row.shape == "line":
            unclear = {leaf for leaf, is_own in zip(_LEVELS, own, strict=True) if not is_own}
        self.drafts.append(
            Draft(self.level1, self.level2, own, group, cells, lost, reasons, unclear)
        )

    def _displaced(self, name: list[Cell], row: Row) -> bool:
        own = cell_at(row, self.columns.get("name", -1))
        return bool(name) and (own is None or own.start != name[0].start)

    def _has_points(self, row: Row, move: int) -> bool:
        return any(
            not is_blank(text_at(row, self.columns[name] + move))
            for name in ("weight", "score")
            if name in self.columns
        )

    def _is_bare_total(self, row: Row) -> bool:
        lanes = {self.columns[n] for n in ("weight", "score") if n in self.columns}
        filled = row.filled
        return (
            len(lanes) == 2
            and {index for index, _ in filled} == lanes
            and all(is_number(cell.text) for _, cell in filled)
        )

    def _is_rest(self, row: Row, name: int | None) -> bool:
        """Whether a row holds only what a page break cut off the row above.

        No points, and no name unless the name itself is all there is.
        """
        if self._has_points(row, 0):
            return False
        own = self.columns.get("name")
        others = [self.columns[n] for n in ("target", "actual") if n in self.columns]
        if name is None or name != own:
            return True
        return not any(text_at(row, column) for column in others)

    def _rest(self, row: Row) -> None:
        """Gives the parts to the columns they stand under; a lone cell may complete level 1."""
        if len(row.cells) == 1:
            cell = row.cells[0]
            if self.level1 is not None and self.level1.goes_on(cell, tidy(cell.text)):
                self.page.claim(cell)
            return
        by_column = {index: leaf for leaf, index in self.columns.items()}
        for index, cell in row.filled:
            leaf = by_column.get(index)
            if is_blank(cell.text):
                continue
            if leaf == "level1":
                before = self.level1
                self.level1 = continued(before, cell) or before
                self.level2 = self.level2 if self.level1 is before else None
                self._claim_part(self.level1, cell)
            elif leaf == "level2":
                self.level2 = continued(self.level2, cell) or self.level2
                self._claim_part(self.level2, cell)
            elif self.drafts and leaf in _JOINED and not row.odd and _is_part(leaf, cell.text):
                self.drafts[-1].cells[leaf].append(cell)
                self.page.claim(cell)

    def _claim_part(self, level: Level | None, cell: Cell) -> None:
        if level is not None and any(cell.start <= part.start < cell.end for part in level.parts):
            self.page.claim(cell)

    def _values(
        self, row: Row, move: int, name: int | None, last: bool
    ) -> tuple[dict[str, list[Cell]], set[str]]:
        """The cells of each leaf, and the leaves whose cell the row does not have."""
        cells: dict[str, list[Cell]] = {leaf: [] for leaf in LEAVES}
        lost: set[str] = set()
        for leaf in LEAVES:
            column = self.columns.get(leaf)
            if column is None:
                continue
            cell = cell_at(row, column + move)
            if cell is None and not last:
                lost.add(leaf)
            elif cell is not None and cell.text:
                cells[leaf] = [cell]
        cells["name"] = [row.cells[name]] if name is not None else []
        for role in SPREAD:
            spread = role in self.columns and "target" in self.columns
            cell = cell_at(row, self.columns[role] + move) if spread else None
            cells[role] = [cell] if cell and cell.text else []
        if row.odd and move < 0 and name is not None:
            self._squeezed(row, move, name, cells, lost)
        return cells, lost

    def _squeezed(
        self, row: Row, move: int, name: int, cells: dict[str, list[Cell]], lost: set[str]
    ) -> None:
        """A row that lost a cell between its name and its points: which one cannot be told."""
        inner = [n for n in ("target", "actual") if n in self.columns]
        lanes = [self.columns[n] + move for n in inner]
        if name not in lanes:
            return
        for leaf in inner:
            cells[leaf] = []
            lost.add(leaf)

    # Levels

    def _levels(self, row: Row, move: int, name: Cell | None, taken: set[int]) -> tuple[bool, bool]:
        """Takes the level cells left of the name, and what stands beside them in a group's row.

        Whether the row prints a level 1 and a level 2 of its own.
        """
        left = [
            (index, cell)
            for index, cell in row.filled
            if cell.start not in taken
            and (name is None or cell.start < name.start)
            and not is_blank(cell.text)
        ]
        first, second = self._level_cells(left, move)
        if first is not None:
            before = self.level1
            self.level1 = next_level(before, first)
            self.page.claim(first)
            if self.level1 is not before:
                self.level2 = None
                self._open_group(left)
        if second is not None:
            self.page.claim(second)
            if self._lists(second):
                self.groups[-1].listed = [second]
                self.level2 = None
            else:
                self.level2 = next_level(self.level2, second)
        self._note(left)
        return first is not None, second is not None and self.level2 is not None

    def _level_cells(
        self, left: list[tuple[int, Cell]], move: int
    ) -> tuple[Cell | None, Cell | None]:
        """The cells of level 1 and level 2 in a row, by header, or by name in a moved row."""
        at = dict(left)
        one, two = self.columns.get("level1", -1), self.columns.get("level2", -1)
        if move < 0:
            known = [(i, c) for i, c in left if is_level(c.text)]
            second = next((c for i, c in known if i == two + move or _only_second(c)), None)
            first = next((c for _, c in known if c is not second and tidy(c.text) in LEVEL1), None)
            return first, second
        first, second = at.get(one), at.get(two)
        if first is not None and second is None and _only_second(first):
            return None, first
        return first, second or next(
            (c for _, c in left if c is not first and _only_second(c)), None
        )

    def _open_group(self, left: list[tuple[int, Cell]]) -> None:
        if self.level1 is None:
            return
        at = dict(left).get(self.columns.get("group_weight", -1))
        weight = at or self.level1.weight
        if "group_weight" in self.columns or weight is not None:
            self.groups.append(Group(self.level1, [weight] if weight else []))
            if at is not None:
                self.page.claim(at)

    def _lists(self, cell: Cell) -> bool:
        """Whether a level-2 cell lists several names (预算编审管理 预算执行管理 …)."""
        if not (self.groups and self.family.layout.group_notes) or tidy(cell.text) in LEVELS:
            return False
        names = cell.text.split()
        return len(names) > 1 and all(len(name) >= _LONGEST_LEVEL2 for name in names)

    def _note(self, left: list[tuple[int, Cell]]) -> None:
        if not (self.groups and self.family.layout.group_notes):
            return
        for _, cell in left:
            if cell.start not in self.page.claimed and _is_note(cell.text):
                self.groups[-1].note.append(cell)
                self.page.claim(cell)

    # Total

    def total(
        self, row: Row, values: list[tuple[int, Cell]], last: bool, label: Cell | None
    ) -> None:
        """The total's weight and score: under their headers, or two numbers in their order."""
        if self.totals:
            return
        lanes = [(self.columns[n], n) for n in ("weight", "score") if n in self.columns]
        at = dict(values)
        reasons: tuple[str, ...] = () if label else ("label_lost",)
        if not all(index in {lane for lane, _ in lanes} for index in at):
            numbers = [cell for _, cell in values if is_number(cell.text)]
            if len(numbers) == len(values) == len(lanes):
                at = {lane: cell for (lane, _), cell in zip(sorted(lanes), numbers, strict=True)}
                reasons = (*reasons, "by_order")
        if row.odd:
            reasons = (*reasons, "row_length")
        told = squeeze(label.text) if label else ""
        for lane, name in lanes:
            path = f"total_{name}"
            cell = at.get(lane)
            address = f"total › {told} › {self.headers[name]}"
            if cell is None and lane >= len(row.cells) and not last:
                gone = (*reasons, "row_ends")
                self.totals[path] = Reading(path, "absent", None, address=address, reasons=gone)
                continue
            cells = [cell] if cell else []
            self.totals[path] = read_cells(path, self.family.kind(path), cells, address, reasons)
            self.page.claim(*cells)

    def readings(self) -> dict[str, Reading]:
        """Every leaf of groups, indicators and totals that has a column on the page."""
        settle_centred(self.drafts)
        made = Readings(self.family, self.columns, self.headers, self.groups)
        return {**made.of_groups(), **made.of_rows(self.drafts), **self.totals}


def _only_second(cell: Cell) -> bool:
    text = tidy(cell.text)
    return text in LEVEL2 and text not in LEVEL1


def _is_note(text: str) -> bool:
    """Whether text beside a group can be its note: a sentence, not a name or a number."""
    return len(text) >= _SHORTEST_NOTE and not is_number(text) and not is_level(text)


def _is_part(leaf: str, text: str) -> bool:
    """Whether a cell can be the rest of a cell above: short, and no sentence, but in a note."""
    return leaf == "deviation" or (len(text) <= _LONGEST_PART and "。" not in text)

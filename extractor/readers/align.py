"""Where the cells of a damaged row belong.

Headers and labels decide first. Where a row contradicts them, it was usually moved as a whole by a
few columns; the move is accepted only where it is the one that gives every column its kind of cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from extractor.families.levels import LEVELS
from extractor.grid import Row
from extractor.numbers import read_number
from extractor.text import is_blank, numeric, tidy
from extractor.types import Cell

_POINTS = re.compile(r"[+-]?[\d.,\s]*\d[\d.,\s]*")
_LONGEST_POINTS = 24

MOVES = (1, -1, 2, -2, 3, -3)


def cell_at(row: Row, column: int) -> Cell | None:
    """The cell in a column, ``None`` where the row does not reach it."""
    return row.cells[column] if 0 <= column < len(row.cells) else None


def text_at(row: Row, column: int) -> str:
    return row.cells[column].text if 0 <= column < len(row.cells) else ""


def is_number(text: str) -> bool:
    return read_number(text) is not None


def is_points(text: str) -> bool:
    """Whether a cell holds digits without a unit, well-formed or not: it must be points."""
    return len(text) <= _LONGEST_POINTS and _is_points(text)


@lru_cache(maxsize=16384)
def _is_points(text: str) -> bool:
    return _POINTS.fullmatch(numeric(text)) is not None


def is_level(text: str) -> bool:
    return tidy(text) in LEVELS


def _can_be_name(text: str) -> bool:
    return not is_number(text) and not is_level(text) and text[0] not in "≥≤=><≧≦═＝＞＜"


def stands(right: Sequence[tuple[int, Cell]], columns: Mapping[int, str], move: int) -> bool:
    """Whether a move puts all values right of a row label under a header of their kind."""
    return all(_fits(cell.text, columns.get(index - move)) for index, cell in right)


def matrix_moves(right: Sequence[tuple[int, Cell]], columns: Mapping[int, str]) -> list[int]:
    """The moves off its headers that explain a row which does not stand under them."""
    return [move for move in MOVES if stands(right, columns, move)]


def misfits(right: Sequence[tuple[int, Cell]], columns: Mapping[int, str]) -> int:
    """How many values under a header are not of its kind."""
    return sum(index in columns and not _fits(cell.text, columns[index]) for index, cell in right)


def _fits(text: str, column: str | None) -> bool:
    """Whether a cell can stand in a column: a percentage is a rate, a reason is no number."""
    if column is None:
        return False
    if is_blank(text):
        return True
    if column == "reason":
        return not is_number(text)
    return is_number(text) and (text[-1] not in "%％" or column == "execution_rate")


def table_move(
    table: Sequence[Sequence[tuple[int, Cell]]], columns: Mapping[int, str]
) -> int | None:
    """The one move that the rows of a matrix share: none if none has to, ``None`` if no one fits.

    A row of dashes fits nearly anywhere; only together do the rows tell where their table stands.
    A row that alone refuses to stand under the headers, or that stands nowhere else either, is a
    damaged row and no witness of a moved table.
    """
    refusing = [right for right in table if not stands(right, columns, 0)]
    refusing = [right for right in refusing if matrix_moves(right, columns)]
    if len(refusing) <= (1 if len(table) > 2 else 0):
        return 0
    fitting = [moves for moves in (matrix_moves(right, columns) for right in table) if moves]
    shared = [move for move in MOVES if all(move in moves for moves in fitting)]
    return shared[0] if len(shared) == 1 else None


def row_move(row: Row, columns: Mapping[str, int]) -> int:
    """By how many columns an indicator row stands off its headers.

    A move counts when it puts a number under weight and score, nothing but text under the
    deviation, and leaves a name to the left (or in the row's own place, for a row that lost a
    cell). Two such moves are none.
    """
    lanes = [columns[name] for name in ("weight", "score") if name in columns]
    if not lanes or _numbers(row, lanes, columns, 0) == len(lanes):
        return 0
    moves = [
        move
        for move in MOVES
        if _numbers(row, lanes, columns, move) == len(lanes)
        and (row.odd or name_column(row, columns, move) is not None)
    ]
    return moves[0] if len(moves) == 1 else 0


def _numbers(row: Row, lanes: Sequence[int], columns: Mapping[str, int], move: int) -> int:
    """How many of the number columns hold a number; -1 where the move is impossible."""
    note = columns.get("deviation")
    if note is not None and is_points(text_at(row, note + move)):
        return -1
    count = 0
    for lane in lanes:
        text = text_at(row, lane + move)
        if is_points(text) or (move == 0 and is_number(text)):
            count += 1
        elif not is_blank(text):
            return -1
    return count


def name_column(row: Row, columns: Mapping[str, int], move: int) -> int | None:
    """The column of the indicator's name: its own, else the nearest to the left that can be one.

    A level name is no indicator's name unless it stands under the header itself, or one that is a
    name as well (服务对象满意度) in the place of a name.
    """
    own = columns.get("name")
    if own is None:
        return None
    text = text_at(row, own + move)
    is_both = is_level(text) and not tidy(text).endswith("指标")
    if not is_blank(text) and (move == 0 or is_both or _can_be_name(text)):
        return own + move
    for column in range(min(own + move, len(row.cells)) - 1, -1, -1):
        text = text_at(row, column)
        if not is_blank(text) and _can_be_name(text):
            return column
    return None

"""A page without rows: a model's values are found where the order of the page puts them.

Nine in ten numbers of a form stand in it more than once, so a value is never searched for alone.
Each stretch of words between two known ones (:mod:`extractor.readers.page_orders`) must be as long
as the list of values that belongs there; then each word is compared with the value in its turn. A
stretch of another length says that a value was left out, doubled or made up, and nothing of it can
be told apart: its values are unread.

Worked: behind ``环境满意度`` stand ``≥95% 96% 10.00 8.00``. A reply of ``≥95%, 96%, 8.00, 10.00``
has its first two there and no others; one without the 8.00 has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from extractor.families.base import NUMBER_KINDS, Family
from extractor.families.levels import LEVELS
from extractor.readers.claims import Claims, same_number
from extractor.readers.indicator_readings import SPREAD
from extractor.readers.page_orders import Orders
from extractor.readers.printed import Printed, fold
from extractor.readers.wanted import ANY, UNTOLD, Wanted
from extractor.text import DASHES, is_blank, squeeze
from extractor.types import Cell, Span

_IN_BRACKETS = re.compile(r"(.+?)[(（](\d+(?:\.\d+)?)\s*分?[)）]")
_UNIT = r"[（(]\s*({0})\s*[)）]|单位\s*[:：]\s*({0})"
_YEAR = r"(?<!\d)({0})(?=\s*年)"
_HEADER_WEIGHT = r"(?<![\d.])({0})\s*分"
_NUMBER = re.compile(r"\d[\d,.]*")

_SHORT = ("count", "grade")
_SHORTEST_ROW = 4

Found = dict[str, dict[str, Cell]]
"""Leaf → the cells it is printed in, by part (a whole one has the part ``""``); a leaf of which
the page prints a dash has that."""


class Ordered(NamedTuple):
    """The cells of all values that have a place, the numbers of the page that nothing takes, and
    the folded labels that it prints.

    ``apart`` are leaves that stand away from anything that says what they are; ``levels`` tells
    that the page prints the name of a level that nothing takes.
    """

    found: Found
    unread: tuple[Span, ...]
    labels: frozenset[str]
    apart: frozenset[str]
    levels: bool


def found_by_order(text: str, family: Family, claims: Claims) -> Ordered:
    """What the order of a page says of the claims of a reply."""
    single = {*NUMBER_KINDS, *(("target",) if _spreads_targets(text, family) else ())}
    page = Printed(
        text, family, (v for path, v in claims.items() if v and family.kind(path) not in single)
    )
    found, apart = _alone(page, family, claims)
    orders = Orders(page, family, claims)
    for words, wanted in orders.stretches():
        _take(page, family, words, wanted, found)
    _weight_in_header(page, family, claims, found)
    if not orders.across:
        apart |= _sparse(claims)
    taken = {cell.start for cells in found.values() for cell in cells.values()}
    levels = any(
        folded in LEVELS and word.start not in taken
        for folded, word in zip(page.folds, page.words, strict=True)
    )
    labels = frozenset(filter(None, page.keys))
    return Ordered(found, _unclaimed(page, found), labels, frozenset(apart), levels)


def _sparse(claims: Claims) -> set[str]:
    """The notes of a page that was read column by column, where some rows have none: which row
    each belongs to is not on the page."""
    notes = {path: claim for path, claim in claims.items() if path.endswith("].deviation")}
    return set(notes) if None in notes.values() else set()


def _spreads_targets(text: str, family: Family) -> bool:
    """Whether the parts of a target stand in columns of their own, so that they are no one word."""
    bare = squeeze(text)
    return any(role in SPREAD and label in bare for label, role in family.layout.columns.items())


def _alone(page: Printed, family: Family, claims: Claims) -> tuple[Found, set[str]]:
    """The leaves of no table: each stands once, behind its label or away from all others; and which
    of them do not stand behind their label."""
    found: Found = {}
    apart: set[str] = set()
    for path, pattern in (("year", _YEAR), ("amount_unit", _UNIT)):
        value = claims.get(path)
        if value and (cell := page.within_labels(pattern.format(re.escape(value)))):
            found[path] = {"": cell}
    layout = family.layout
    labels = {**layout.head, **dict.fromkeys(layout.grades, "grade")}
    paths = [*dict.fromkeys((*layout.head.values(), *layout.goals.values())), "grade"]
    # A short one is known by what stands around it, so the others go first.
    paths.sort(key=lambda path: path in claims and family.kind(path) in _SHORT)
    said = {path: value for path in paths if (value := claims.get(path)) is not None}
    if not any(map(str.isalpha, said.get("grade", ""))):
        said.pop("grade", None)
    for path in said:
        is_short = family.kind(path) in _SHORT
        at = _place_alone(page, labels, said, path, is_short)
        if at is not None:
            found[path] = {"": page.words[at]}
            page.pinned.add(at)
            apart |= set() if labels.get(_label_of(page, at)) == path else {path}
    return found, apart


def _place_alone(
    page: Printed, labels: Mapping[str, str], said: Mapping[str, str], path: str, is_short: bool
) -> int | None:
    """The place of one of these; one that stands behind the label of another is that one's.

    Away from its label it must be the only one that could be meant, or one of as many as are said;
    a short one must end its column.
    """
    before = {at: labels.get(_label_of(page, at)) for at in page.standing(said[path])}
    own = [at for at, label in before.items() if label == path]
    if own:
        return own[0]
    free = [at for at, label in before.items() if label is None]
    if is_short:
        free = [at for at in free if at + 1 == len(page.words) or at + 1 in page.pinned]
    left = [*said.values()].count(said[path])
    return free[0] if free and len(free) <= left else None


def _label_of(page: Printed, at: int) -> str:
    """The label that a word stands behind; the last of a column of labels is none."""
    return page.keys[at - 1] if at and not (at > 1 and page.keys[at - 2]) else ""


def _take(
    page: Printed, family: Family, words: Sequence[int], wanted: Sequence[Wanted], found: Found
) -> None:
    """Values that are the words of a stretch, one for one.

    A page may print a dash where nothing stands or leave the cell out, and so it may a cell that
    is of no leaf.
    """
    filled = [at for at in words if page.words[at].text not in DASHES]
    leaves = [one for one in wanted if one is not ANY]
    known = [one for one in wanted if one.value is not None or one is ANY]
    told = [one for one in leaves if one.value is not None]
    for cells, values in ((words, wanted), (words, leaves), (filled, told), (filled, known)):
        if len(cells) == len(values):
            right = list(_right(page, family, cells, values))
            break
    else:
        right = _both_ends(page, family, filled, told)
    if _is_likely([one for _, one in right], told):
        for at, one in right:
            _keep(page.words[at], one, found)


def _right(
    page: Printed, family: Family, words: Sequence[int], wanted: Sequence[Wanted]
) -> Iterator[tuple[int, Wanted]]:
    """The words that are what is wanted in their turn."""
    for at, one in zip(words, wanted, strict=True):
        if _says(family, page.words[at], one):
            yield at, one


def _both_ends(
    page: Printed, family: Family, words: Sequence[int], told: Sequence[Wanted]
) -> list[tuple[int, Wanted]]:
    """A row of an indicator with words too many or too few: a note made up, a row left out.

    What stands behind the name in its turn, up to the points, is the row all the same if nothing of
    it differs, and so are the levels of the next row at the other end.
    """
    if not told or not told[0].path.endswith("].name"):
        return []
    row = told[0].path.rpartition(".")[0] + "."
    own = [one for one in told if one.path.startswith(row) and not one.path.endswith("deviation")]
    next_row = [one for one in told if not one.path.startswith(row)]
    if len(words) < len(own) + len(next_row) or len(own) < _SHORTEST_ROW:
        return []
    front = list(_right(page, family, words[: len(own)], own))
    if len(front) < len(own):
        return []
    back = list(_right(page, family, words[len(words) - len(next_row) :], next_row))
    return front + (back if len(back) == len(next_row) else [])


def _is_likely(right: Sequence[Wanted], told: Sequence[Wanted]) -> bool:
    """Whether enough of a stretch is right for the rest of it to be no chance.

    Behind a name all but one cell must be its row's, or all but weight and score, which a model may
    exchange: points and wordings are the same in many rows, and names may be slipped in too.
    """
    if sum(one.value is not None for one in right) * 2 < len(told):
        return False
    if not told or not told[0].path.endswith("].name"):
        return True
    row = told[0].path.removesuffix("name")
    lacking = {one.path for one in told if one.path.startswith(row) and one not in right}
    return len(lacking) < 2 or lacking == {f"{row}weight", f"{row}score"}


def _says(family: Family, word: Cell, wanted: Wanted) -> bool:
    """Whether a word is the cell that is wanted."""
    value, text = wanted.value, word.text
    if value is None or wanted is ANY:
        return not wanted.path or is_blank(text)
    if family.is_number(wanted.path):
        return same_number(value, text)
    if wanted.part == "nature" and value in UNTOLD:
        return text in UNTOLD
    return fold(text) == fold(value) or (
        family.kind(wanted.path) == "level" and fold(without_weight(text)) == fold(value)
    )


def without_weight(text: str) -> str:
    """A level without the weight of its group: ``产出指标（40分）`` → ``产出指标``."""
    bracketed = _IN_BRACKETS.fullmatch(text)
    return bracketed[1] if bracketed else text


def _keep(word: Cell, wanted: Wanted, found: Found) -> None:
    """Notes a word for all leaves that it prints."""
    if not wanted.path:
        return
    for path in (wanted.path, *wanted.also):
        found.setdefault(path, {})[wanted.part] = word
    bracketed = _IN_BRACKETS.fullmatch(word.text) if wanted.inside else None
    if wanted.inside and bracketed and bracketed[2] == wanted.inside[1]:
        start = word.start + bracketed.start(2)
        found[wanted.inside[0]] = {"": Cell(bracketed[2], start, start + len(bracketed[2]))}


def _weight_in_header(page: Printed, family: Family, claims: Claims, found: Found) -> None:
    """``得分（20分×执行率）`` prints the weight of the budget in the header of its score."""
    matrix = family.layout.matrix
    path = f"{matrix.name}.{matrix.main_row}.weight"
    value = claims.get(path)
    if value is None or path in found:
        return
    for at, key in enumerate(page.keys):
        word = page.words[at]
        match = re.search(_HEADER_WEIGHT.format(re.escape(value)), word.text)
        if match and matrix.columns.get(key) == "score":
            start = word.start + match.start(1)
            found[path] = {"": Cell(match[1], start, start + len(match[1]))}
            return


def _unclaimed(page: Printed, found: Found) -> tuple[Span, ...]:
    """Words with a number that are neither a value nor a label."""
    taken = {cell.start for cells in found.values() for cell in cells.values()}
    taken |= {page.words[at].start for at in page.pinned}
    return tuple(_numbers(word for word in page.words if word.start not in taken))


def _numbers(words: Iterable[Cell]) -> Iterable[Span]:
    for word in words:
        for match in _NUMBER.finditer(word.text):
            yield Span(word.start + match.start(), word.start + match.end())

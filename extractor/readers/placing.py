"""Where a model's values stand: each is found in the cell that bears its label, or set aside.

A model returns values without places, and nine in ten numbers of a form stand in it more than
once: that a value is somewhere on the page proves nothing. The table reader knows the cell under
each row label and column header, so a value of the model's is taken only if that cell prints it.
Where there is no such cell, because the page has no rows or the table reader missed one, the order
of the page decides (:mod:`extractor.readers.by_order`).

Worked: the page prints ``环境满意度 ≥95% 96% 10.00 8.00``, the reply has a weight of 8.00 and a
score of 8.00 there. The score has its place; the weight is ``unread``, reason ``misplaced``: 8.00
stands in the row, but under another header.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from extractor.families.base import NUMBER_KINDS, Family, template
from extractor.numbers import read_number
from extractor.readers.by_order import Found, found_by_order, without_weight
from extractor.readers.cells import read_cells
from extractor.readers.indicator_readings import ID_LEAVES, ids_of, spread_value
from extractor.readers.page_orders import Claims, spread
from extractor.readers.row_pairs import paired
from extractor.readers.strays import found_in_rest
from extractor.text import compare_key, tidy
from extractor.types import Cell, FormReading, Reading, Span

_LISTED = re.compile(r"(\w+)\[(\d+)\](.*)")
_NUMBER = re.compile(r"[+-]?\d[\d,.]*")
_BRACKETS = str.maketrans("", "", "()")
_LEAST_AGREEMENT = 3
"""One in so many values of the table reader's that a model must share."""
_BY_ORDER = ("by_order",)

Pairs = Mapping[str, Mapping[int, int]]
"""``{section: {row of the model: row of the table reader}}``."""


def placed(
    text: str, family: Family, leaves: Mapping[str, str | None], table: FormReading
) -> FormReading:
    """The leaves of a reply as readings of the page, in the model's own numbering of rows.

    ``text`` is the form's own text, from which spans count; ``table`` is what the table reader
    says of it.
    """
    claims = _claims(family, leaves)
    pairs = _pairs(claims, table)
    if _agrees(family, claims, table, pairs):
        return _by_label(text, family, claims, table, pairs)
    return _by_order(text, family, claims)


def is_anchored(family: Family, leaves: Mapping[str, str | None], table: FormReading) -> bool:
    """Whether the cells of the table reader say where the values of a reply must stand."""
    claims = _claims(family, leaves)
    return _agrees(family, claims, table, _pairs(claims, table))


def _claims(family: Family, leaves: Mapping[str, str | None]) -> dict[str, str | None]:
    """The leaves of a reply, each normalised as a cell that prints it would be."""
    return {path: _claim(family, path, value) for path, value in leaves.items()}


def _claim(family: Family, path: str, value: str | None) -> str | None:
    text = (value or "").strip()
    if not text:
        return None
    reading = read_cells(path, family.kind(path), [Cell(text, 0, len(text))], None)
    return text if reading.standing == "unread" else reading.value


def _pairs(claims: Claims, table: FormReading) -> Pairs:
    """The rows of both readers, none where the table reader has none."""
    printed = {"indicators": len(table.row_ids), "groups": table.groups}
    return {
        name: paired(name, claims, table.readings, count) if count else {}
        for name, count in printed.items()
    }


def _agrees(family: Family, claims: Claims, table: FormReading, pairs: Pairs) -> bool:
    """Whether the table reader found the table, so that its cells are worth holding on to.

    On generated pages it shares 100 % of the values with the truth wherever rows can be told, and
    at most 6 % on pages in one line or column by column, where it takes a whole line for a value
    and finds no indicators at all. Anything between is a page of which it read a part; below a
    third it is as likely to be wrong as the model is.
    """
    if not table.row_ids:
        return False
    there = {_there(path, pairs): (path, value) for path, value in claims.items()}
    shared = total = 0
    for path, cell in table.readings.items():
        if cell.value is not None:
            total += 1
            claim = there.get(path)
            shared += claim is not None and _same(family, claim[0], claim[1], cell.value)
    return shared * _LEAST_AGREEMENT >= total


def _there(path: str, pairs: Pairs) -> str | None:
    """A path of the model's as the table reader numbers its rows; none where it has no such row."""
    listed = _LISTED.fullmatch(path) if "[" in path else None
    if listed is None:
        return path
    section, index, rest = listed.groups()
    row = pairs[section].get(int(index))
    return None if row is None else f"{section}[{row}]{rest}"


def _same(family: Family, path: str, claim: str | None, printed: str) -> bool:
    """Whether a claim is what a cell says: as a number, or as text without spaces and brackets."""
    if claim is None or claim == printed:
        return claim == printed
    kind = family.kind(path)
    if kind in NUMBER_KINDS:
        one, two = read_number(claim), read_number(printed)
        return one is not None and two is not None and one[0].value == two[0].value
    if kind in ("target", "actual"):
        return claim.translate(_BRACKETS) == printed.translate(_BRACKETS)
    if path.endswith("level2_listed"):
        return "".join(claim.split()) == "".join(printed.split())
    return compare_key(kind, claim) == compare_key(kind, printed)


# Under the labels of the table reader


def _by_label(
    text: str, family: Family, claims: Claims, table: FormReading, pairs: Pairs
) -> FormReading:
    cells = {path: table.readings.get(there) if (there := _there(path, pairs)) else None
             for path in claims}  # fmt: skip
    missing = {
        path: claim
        for path, claim in claims.items()
        if claim is not None and ((cell := cells[path]) is None or cell.standing == "absent")
    }
    found = found_in_rest(text, family, claims, missing, cells, table.unread) if missing else {}
    readings: dict[str, Reading] = {}
    for path, claim in claims.items():
        cell = cells[path]
        if path in missing:
            readings[path] = _ordered(family, path, claims, found)
        elif cell is None:
            readings[path] = Reading(path, "absent")
        else:
            readings[path] = _under_label(family, path, claim, cell)
    ids = _ids(claims, readings, found, pairs["indicators"], table.row_ids)
    unread = _without(table.unread, found)
    return FormReading("model", readings, ids, _count(claims, "groups"), unread)


def _under_label(family: Family, path: str, claim: str | None, cell: Reading) -> Reading:
    """What a claim comes to, given the cell that bears its label."""
    if claim is None:
        if cell.standing in ("blank", "absent"):
            return cell if cell.path == path else cell._replace(path=path)
        return Reading(path, "blank", address=cell.address)
    if cell.value is not None:
        if _same(family, path, claim, cell.value):
            return cell if cell.path == path else cell._replace(path=path)
    elif cell.standing == "unread" and cell.raw:
        return _part_of(family, path, claim, cell)
    return Reading(path, "unread", address=cell.address, reasons=("misplaced",))


def _part_of(family: Family, path: str, claim: str, cell: Reading) -> Reading:
    """A cell that holds more than its value: the part that is the claim, if one is."""
    kind = family.kind(path)
    for text, span in zip(cell.raw, cell.spans, strict=True):
        for pattern in (r"\S+", _NUMBER):
            for match in re.finditer(pattern, text):
                part = Cell(match[0], span.start + match.start(), span.start + match.end())
                read = read_cells(path, kind, [part], cell.address, cell.reasons)
                if read.value is not None and _same(family, path, claim, read.value):
                    return read
    return Reading(path, "unread", address=cell.address, reasons=("not_grounded",))


# In the order of the page


def _by_order(text: str, family: Family, claims: Claims) -> FormReading:
    found, unread, labels = found_by_order(text, family, claims)
    readings = {
        path: _ordered(family, path, claims, found)
        if claim is not None or path in found
        else Reading(path, "blank" if _has_place(family, path, labels) else "absent")
        for path, claim in claims.items()
    }
    ids = _ids(claims, readings, found, {}, ())
    return FormReading("model", readings, ids, _count(claims, "groups"), unread)


def _ordered(family: Family, path: str, claims: Claims, found: Found) -> Reading:
    """The reading of a leaf from the cells that the order of the page gives it."""
    address, cells, claim = _address(family, path, claims), found.get(path, {}), claims[path]
    if set(cells) <= {""}:
        if not cells:
            return Reading(path, "unread", address=address, reasons=("not_grounded",))
        read = read_cells(path, family.kind(path), [cells[""]], address, _BY_ORDER)
        if family.kind(path) == "level" and read.value is not None:
            read = read._replace(value=tidy(without_weight(cells[""].text)))
        if path.endswith("level2_listed") and read.value is not None:
            return read._replace(value=" ".join(cells[""].text.split()))
        return read
    parts = {name: cell.text for name, cell in cells.items()}
    wanted = {name for name, part in spread(claim or "").items() if part is not None}
    value = spread_value(*(parts.get(name, "") for name in ("nature", "target", "measure")))
    if wanted - set(parts) or not _same(family, path, claim, value):
        return Reading(path, "unread", address=address, reasons=("not_grounded",))
    in_order = sorted(cells.values(), key=lambda cell: cell.start)
    raw, spans = tuple(c.text for c in in_order), tuple(c.span for c in in_order)
    return Reading(path, "read", value, raw, spans, address, None, _BY_ORDER)


def _has_place(family: Family, path: str, labels: Collection[str]) -> bool:
    """Whether the page prints the row and the column of a leaf that holds nothing.

    ``labels`` are the folded ones of the page.
    """
    layout, (branch, _, name) = family.layout, path.rpartition(".")

    def has(printed: Mapping[str, str], wanted: str) -> bool:
        return any(printed.get(label) == wanted for label in labels)

    if branch.startswith(f"{layout.matrix.name}."):
        return has(layout.matrix.rows, branch.partition(".")[2]) and has(
            layout.matrix.columns, name
        )
    if branch.startswith("indicators["):
        return has(layout.columns, name)
    if name == "grade":
        return not layout.grades.isdisjoint(labels)
    return not branch and (has(layout.head, name) or has(layout.goals, name))


def _address(family: Family, path: str, claims: Claims) -> str:
    """``indicators › 环境满意度 › 得分``: as the table reader words it, with declared labels."""
    leaf = family.leaves[template(path)]
    branch = path.rpartition(".")[0]
    if not branch:
        return leaf.zh
    part = family.parts.get(branch)
    row = claims.get(f"{branch}.name") or claims.get(f"{branch}.level1")
    section = re.split(r"[.\[]", branch)[0]
    return f"{section} › {part.zh if part else row or branch} › {leaf.zh}"


# Rows


def _ids(
    claims: Claims,
    readings: Mapping[str, Reading],
    found: Found,
    pairs: Mapping[int, int],
    ids: Sequence[str],
) -> tuple[str, ...]:
    """The id of each row: the table reader's own, else one made in the same way.

    A row that is nowhere on the page is made of what the model says.
    """
    count = _count(claims, "indicators")
    made = ids_of(list(_texts(i, claims, readings, found)) for i in range(count))
    taken = [ids[pairs[index]] if index in pairs else "" for index in range(count)]
    result: list[str] = []
    for own, one in zip(taken, made, strict=True):
        new, again = own or one, 2
        while not own and (new in taken or new in result):
            new, again = f"{one.partition('-')[0]}-{again}", again + 1
        result.append(new)
    return tuple(result)


def _texts(
    index: int, claims: Claims, readings: Mapping[str, Reading], found: Found
) -> Iterator[str]:
    """The texts of a row that its id is made of, as they are printed."""
    for leaf in ID_LEAVES:
        path = f"indicators[{index}].{leaf}"
        cells = found.get(path, {})
        cell = cells.get("") or cells.get("target")
        if cell is not None and readings[path].value is not None:
            yield cell.text
        elif claim := claims.get(path):
            yield claim


def _count(claims: Claims, section: str) -> int:
    return len({path.partition(".")[0] for path in claims if path.startswith(f"{section}[")})


def _without(unread: Sequence[Span], found: Found) -> tuple[Span, ...]:
    """The cells that are still nobody's."""
    taken = {cell.start for cells in found.values() for cell in cells.values()}
    return tuple(span for span in unread if span.start not in taken)

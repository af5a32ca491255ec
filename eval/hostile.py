"""Hostile variants of the gold documents: named operators, each reproducible from its seed.

An operator takes a source of chance and the documents, and gives the bytes of a file. Those of the
cells also say which cell they touched, so that what came of it can be looked up:

``delete_cell``  a cell that holds a digit goes, with its separator: the row is one cell shorter
``add_cell``     a number comes in as a cell of its own, often the same as its neighbour's
``blank_cell``   a cell that holds a digit loses its text; its separators stay
``fill_cell``    a number comes into an empty cell
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from eval.truth import checked_documents, documents

Chance = random.Random


class Place(NamedTuple):
    """A cell of a table row: its document, its form there, its row and its number in the row.

    ``start`` and ``end`` are the offsets of the row in the document's text.
    """

    document: int
    form: int
    start: int
    end: int
    number: int


class Change(NamedTuple):
    """The cell an operator touched: the form it is in and the text that went or came."""

    document: int
    form: int
    text: str


class Variant(NamedTuple):
    """The bytes of a damaged file, the suffix of its name, and the cell touched, if one was."""

    suffix: str
    data: bytes
    change: Change | None = None


Operator = Callable[[Chance, int], Variant]
"""``operator(chance, number)``; ``number`` counts the variants of this operator from 0."""

_NOISE = (
    *"0123456789.,%-|\t\n #<>&;/()（）《》指标得分年度总体目标项目名称",
    *("\x0b", "\u2028", "\u200b", "\ufeff", "\u202e", "\u0301", "\U0001f4a5", "\r\n"),
    *("<td>", "</td>", "<tr>", "<table>", "</table>", "<p>", "</p>", "&nbsp;", "评分等级", "总分"),
)
_FILLERS = ("9", "绩", " ", "1,", "(", "<p>", "-", "&amp;", "5.00 ", "1/100 ", "\u3000", "。")
_GIANT = (100_000, 2_000_000)
_HUGE = 50 * 2**20
_TAGS = ("div", "p", "td", "table", "span", "li", "b")


def _source(chance: Chance) -> tuple[str, str]:
    document = chance.choice(documents())
    return _suffix(document.path), document.text


def _suffix(path: str) -> str:
    return path[path.rindex(".") :]


def _made(suffix: str, text: str) -> Variant:
    return Variant(suffix, text.encode())


# Whole texts


def cut(chance: Chance, number: int) -> Variant:
    """A piece of a document: its head, its tail or its middle, cut anywhere."""
    suffix, text = _source(chance)
    a, b = sorted((chance.randrange(len(text)), chance.randrange(len(text))))
    return _made(suffix, chance.choice((text[:a], text[a:], text[a:b], text[:a] + text[b:])))


def splice(chance: Chance, number: int) -> Variant:
    """The head of one document, then the tail of another, cut anywhere or between two lines."""
    suffix, one = _source(chance)
    _, other = _source(chance)
    a, b = chance.randrange(len(one)), chance.randrange(len(other))
    if chance.random() < 0.5:
        a, b = one.rfind("\n", 0, a) + 1, other.rfind("\n", 0, b) + 1
    return _made(suffix, one[:a] + other[b:])


def shuffle(chance: Chance, number: int) -> Variant:
    """The lines of a document, or of a stretch of it, in another order."""
    suffix, text = _source(chance)
    lines = text.splitlines(keepends=True)
    a, b = sorted((chance.randrange(len(lines)), chance.randrange(len(lines) + 1)))
    if chance.random() < 0.3:
        a, b = 0, len(lines)
    stretch = lines[a:b]
    chance.shuffle(stretch)
    return _made(suffix, "".join(lines[:a] + stretch + lines[b:]))


def double(chance: Chance, number: int) -> Variant:
    """A stretch of lines printed twice."""
    suffix, text = _source(chance)
    lines = text.splitlines(keepends=True)
    a = chance.randrange(len(lines))
    b = a + chance.randint(1, 12)
    return _made(suffix, "".join(lines[:b] + lines[a:b] + lines[b:]))


def characters(chance: Chance, number: int) -> Variant:
    """A few characters put in, taken out or replaced anywhere."""
    suffix, text = _source(chance)
    return _made(suffix, noisy(chance, text, chance.choice((1, 3, 10, 100))))


def noisy(chance: Chance, text: str, changes: int) -> str:
    """A text with so many random changes."""
    pieces = list(text)
    for _ in range(changes):
        at = chance.randrange(len(pieces)) if pieces else 0
        kind = chance.random()
        noise = chance.choice(_NOISE)
        pieces[at : at + (kind < 0.66)] = "" if kind < 0.33 else noise
    return "".join(pieces)


def raw_bytes(chance: Chance, number: int) -> Variant:
    """A few bytes of the file put in, taken out or replaced anywhere."""
    suffix, text = _source(chance)
    data = bytearray(text.encode(chance.choice(("utf-8", "gb18030", "utf-16"))))
    most = chance.choice((128, 256))
    for _ in range(chance.choice((1, 2, 5, 50))):
        at = chance.randrange(len(data))
        kind = chance.random()
        data[at : at + (kind < 0.66)] = b"" if kind < 0.33 else bytes([chance.randrange(most)])
    return Variant(suffix, bytes(data))


def mixed(chance: Chance, number: int) -> Variant:
    """Two to four kinds of damage, one after the other."""
    suffix, text = _source(chance)
    for _ in range(chance.randint(2, 4)):
        lines = text.splitlines(keepends=True) or [""]
        at = chance.randrange(len(lines))
        kind = chance.randrange(4)
        if kind == 0:
            text = noisy(chance, text, chance.randint(1, 20))
        elif kind == 1:
            text = "".join(lines[:at] + lines[at + chance.randint(1, 5) :])
        elif kind == 2:
            window = lines[at : at + 8]
            chance.shuffle(window)
            text = "".join(lines[:at] + window + lines[at + 8 :])
        else:
            _, other = _source(chance)
            text = "".join(lines[:at]) + other[chance.randrange(len(other)) :]
    return _made(suffix, text)


# Huge things


def giant_cell(chance: Chance, number: int) -> Variant:
    """One cell, or one place anywhere, swells to a hundred thousand characters or more."""
    suffix, text = _source(chance)
    filler = _FILLERS[number % len(_FILLERS)]
    swollen = filler * (chance.randint(*_GIANT) // len(filler))
    place = chance.choice(places())
    if chance.random() < 0.5:
        suffix, text = _suffix(documents()[place.document].path), documents()[place.document].text
        return _made(suffix, _with_row(place, text, lambda cells: _put(cells, place, swollen)))
    at = chance.randrange(len(text))
    return _made(suffix, text[:at] + swollen + text[at:])


def huge_line(chance: Chance, number: int) -> Variant:
    """A line of 50 MB in front of a document, behind it, or in a cell of it."""
    suffix, text = _source(chance)
    filler = ("9", "绩", "5.00\t", "| 1 ", "<p>", "a b ", "<td>", "\t")[number % 8]
    line = filler * (_HUGE // len(filler.encode()))
    row = text.rfind("\n", 0, chance.randrange(2, len(text)))
    at = (0, len(text), row)[number // 8 % 3]
    broken = "\n" if at != row else ""
    return _made(suffix, text[:at] + broken + line + broken + text[at:])


def deep_html(chance: Chance, number: int) -> Variant:
    """Tags nested a thousand to a hundred thousand deep, in a page or inside a text."""
    _, text = _source(chance)
    tag = _TAGS[number % len(_TAGS)]
    depth = (1_000, 10_000, 100_000)[number // len(_TAGS) % 3]
    if chance.random() < 0.5:
        rows = "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in line.split("\t")) + "</tr>"
            for line in text.splitlines()
        )
        page = f"<html><body>{f'<{tag}>' * depth}<table>{rows}</table></body></html>"
        return _made(".html", page)
    at = text.rfind("\n", 0, chance.randrange(len(text))) + 1
    closed = f"</{tag}>" * depth if chance.random() < 0.5 else ""
    return _made(".md", f"{text[:at]}{f'<{tag}>' * depth}{closed}\n{text[at:]}")


# Cells


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Every cell of every table row of every gold form, in page order."""
    found: list[Place] = []
    for index, checked in enumerate(checked_documents()):
        for form in checked.forms:
            start, end = form.form.span
            while start < end:
                stop = checked.document.text.find("\n", start)
                stop = end if stop < 0 or stop > end else stop
                cells = _cells(checked.document.text[start:stop])[1]
                if len(cells) > 1 and not all(set(cell) <= set(" :-") and cell for cell in cells):
                    spot = (index, form.form.index, start, stop)
                    found += [Place(*spot, number) for number in range(len(cells))]
                start = stop + 1
    return tuple(found)


@lru_cache(maxsize=1)
def digit_places() -> tuple[Place, ...]:
    """The cells that hold a digit."""
    return tuple(p for p in places() if any(c.isdigit() for c in _cell_text(p)))


@lru_cache(maxsize=1)
def empty_places() -> tuple[Place, ...]:
    return tuple(place for place in places() if not _cell_text(place))


def _cell_text(place: Place) -> str:
    row = documents()[place.document].text[place.start : place.end]
    return _cells(row)[1][place.number].strip()


def _cells(row: str) -> tuple[str, list[str]]:
    """The separator of a row and its cells as they stand between separators."""
    if "\t" in row:
        return "\t", row.split("\t")
    if row.startswith("|") and row.rstrip().endswith("|") and len(row) > 1:
        return "|", row.rstrip()[1:-1].split("|")
    return "", [row]


def _with_row(place: Place, text: str, changed: Callable[[list[str]], list[str]]) -> str:
    row = text[place.start : place.end]
    separator, cells = _cells(row)
    new = separator.join(changed(cells))
    if separator == "|":
        new = f"|{new}|"
    return text[: place.start] + new + text[place.end :]


def _put(cells: list[str], place: Place, text: str) -> list[str]:
    return [*cells[: place.number], text, *cells[place.number + 1 :]]


def _changed(place: Place, text: str, changed: Callable[[list[str]], list[str]]) -> Variant:
    document = documents()[place.document]
    data = _with_row(place, document.text, changed).encode()
    return Variant(_suffix(document.path), data, Change(place.document, place.form, text))


def delete_cell(chance: Chance, number: int) -> Variant:
    """Every cell that holds a digit in turn, then from the first again."""
    place = digit_places()[number % len(digit_places())]
    gone = _cell_text(place)
    return _changed(place, gone, lambda cells: [*cells[: place.number], *cells[place.number + 1 :]])


def blank_cell(chance: Chance, number: int) -> Variant:
    place = chance.choice(digit_places())
    return _changed(place, _cell_text(place), lambda cells: _put(cells, place, " "))


def add_cell(chance: Chance, number: int) -> Variant:
    place = chance.choice(places())
    new = _number_for(chance, place)
    after = chance.random() < 0.5
    at = place.number + after
    return _changed(place, new, lambda cells: [*cells[:at], new, *cells[at:]])


def fill_cell(chance: Chance, number: int) -> Variant:
    place = chance.choice(empty_places())
    new = _number_for(chance, place)
    return _changed(place, new, lambda cells: _put(cells, place, new))


def _number_for(chance: Chance, place: Place) -> str:
    """A number for a row: one that stands in it already, or any other."""
    row = documents()[place.document].text[place.start : place.end]
    own = [cell.strip() for cell in _cells(row)[1] if _is_short_number(cell)]
    if own and chance.random() < 0.5:
        return chance.choice(own)
    whole = chance.choice((0, chance.randint(1, 10), chance.randint(10, 99_999)))
    return chance.choice((f"{whole}.00", f"{whole:,}.{chance.randint(0, 99):02}", str(whole)))


def _is_short_number(cell: str) -> bool:
    return len(cell) < 24 and any(character.isdigit() for character in cell)


OPERATORS: dict[str, tuple[Operator, int]] = {
    "cut": (cut, 1100),
    "splice": (splice, 1100),
    "shuffle": (shuffle, 700),
    "double": (double, 400),
    "characters": (characters, 1200),
    "raw_bytes": (raw_bytes, 900),
    "mixed": (mixed, 800),
    "giant_cell": (giant_cell, 120),
    "huge_line": (huge_line, 24),
    "deep_html": (deep_html, 84),
    "delete_cell": (delete_cell, 1152),
    "add_cell": (add_cell, 1600),
    "blank_cell": (blank_cell, 420),
    "fill_cell": (fill_cell, 400),
}
"""Each operator with the number of its variants: ten thousand together."""


def variant(name: str, number: int, seed: int) -> Variant:
    """The variant of an operator with this number: the same for the same seed, on any machine."""
    operator, _ = OPERATORS[name]
    return operator(random.Random(f"{seed} {name} {number}"), number)


def planned(share: float = 1.0, seed: int = 0) -> Sequence[tuple[str, int]]:
    """The variants to try: all of them, or a seeded share of each operator's, at least one."""
    chance = random.Random(f"{seed} planned")
    return [
        (name, number)
        for name, (_, count) in OPERATORS.items()
        for number in sorted(chance.sample(range(count), max(1, round(count * share))))
    ]

"""Named ways to damage the leaves of a form, each knowing what it damaged.

What an edit damaged is told by how it was made, with :func:`eval.edits.differ` where values change
places, and never by the score that it is to prove. Edits that damage nothing (two equal numbers
swapped) are not yielded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from random import Random

from eval.edits import Edit, Form, Leaves, Operator, changed, each, rows, with_rows
from extractor.families.base import NUMBER_KINDS

Row = Mapping[str, str]
"""The paths of one row of a table by its columns."""

_SENTENCE = re.compile(r"[^。！？；]+[。！？；]?")
_LEAST_SENTENCE = 0.02
"""Share of its prose that a dropped sentence has: a shorter one may pass as misread characters."""
_STRANGE = "囧"
_TEXTS = frozenset({"name", "level", "target", "actual", "prose", "grade", "unit"})


def _tables(form: Form) -> Iterator[list[Row]]:
    """The money table (rows of which something is printed) and the indicators, as paths."""
    for section in (f"{form.family.layout.matrix.name}.", "indicators["):
        table: dict[str, dict[str, str]] = {}
        for path in form.leaves:
            if path.startswith(section):
                branch, _, column = path.rpartition(".")
                table.setdefault(branch, {})[column] = path
        yield [row for row in table.values() if any(form.leaves[p] for p in row.values())]


def _moved(form: Form, pairs: Iterator[tuple[str, str]]) -> Iterator[Edit]:
    """Every first path with the value of the second."""
    return changed(form, {to: form.leaves[source] for to, source in pairs})


def _digit_changed(rng: Random, text: str) -> str | None:
    places = [i for i, c in enumerate(text) if c.isdecimal()]
    if not places:
        return None
    at = rng.choice(places)
    other = rng.choice([c for c in "0123456789" if c != text[at]])
    return text[:at] + other + text[at + 1 :]


def _point_moved(rng: Random, text: str) -> str:
    return f"{Decimal(text).scaleb(rng.choice((-1, 1))):f}"


def _transposed(rng: Random, text: str) -> str | None:
    pairs = [
        i for i, (a, b) in enumerate(pairwise(text)) if a != b and a.isdecimal() and b.isdecimal()
    ]
    if not pairs:
        return None
    at = rng.choice(pairs)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _misspelt(rng: Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + _STRANGE + text[at + 1 :]


def _other_operator(rng: Random, text: str) -> str | None:
    if text[0] not in "≥≤=><":
        return None
    return rng.choice([o for o in "≥≤=><" if o != text[0]]) + text[1:]


def _other_unit(rng: Random, text: str) -> str | None:
    found = re.fullmatch(r"([≥≤=><]?[\d.]+\()([^()]+)\)", text)
    if found is None:
        return None
    return f"{found[1]}{rng.choice([u for u in ('个', '人', '户', '项') if u != found[2]])})"


def _sentence_dropped(rng: Random, text: str) -> str | None:
    sentences = _SENTENCE.findall(text)
    long = [i for i, s in enumerate(sentences) if len(s.strip()) >= _LEAST_SENTENCE * len(text)]
    if len(sentences) < 2 or not long:
        return None
    at = rng.choice(long)
    return "".join(sentences[:at] + sentences[at + 1 :])


def _cut(pattern: str) -> Callable[[Random, str], str | None]:
    """Drops the first group of one match."""

    def change(rng: Random, text: str) -> str | None:
        places = [match.span(1) for match in re.finditer(pattern, text)]
        if not places:
            return None
        start, end = rng.choice(places)
        return text[:start] + text[end:]

    return change


def _blanked(rng: Random, form: Form) -> Iterator[Edit]:
    for path, value in form.leaves.items():
        if value is not None:
            yield from changed(form, {path: None})


def _invented(rng: Random, form: Form) -> Iterator[Edit]:
    for path, value in form.leaves.items():
        if value is None:
            is_text = form.family.kind(path) in _TEXTS
            yield from changed(form, {path: "达成指标" if is_text else "10.00"})


def _numbers_swapped(rng: Random, form: Form) -> Iterator[Edit]:
    for table in _tables(form):
        for row in table:
            numbers = [p for p in row.values() if form.leaves[p] and form.family.is_number(p)]
            for a, b in combinations(numbers, 2):
                yield from _moved(form, iter(((a, b), (b, a))))


def _columns_swapped(rng: Random, form: Form) -> Iterator[Edit]:
    """Any two columns but the names: without its name, a row is another row."""
    for table in _tables(form):
        for a, b in combinations([column for column in table[0] if column != "name"], 2):
            pairs = ((row[x], row[y]) for row in table for x, y in ((a, b), (b, a)))
            yield from _moved(form, pairs)


def rotated(form: Form, by: int) -> Iterator[Edit]:
    """The numbers of the money table so many rows too low, in all columns that every row fills."""
    table = next(_tables(form))
    full = [c for c in table[0] if all(form.leaves[row[c]] is not None for row in table)]
    count = len(table)
    pairs = ((table[i][c], table[(i + by) % count][c]) for i in range(count) for c in full)
    return _moved(form, pairs)


def _all_rotated(rng: Random, form: Form) -> Iterator[Edit]:
    for by in range(1, len(next(_tables(form)))):
        yield from rotated(form, by)


def total_replaced(rng: Random, form: Form) -> Iterator[Edit]:
    """Another score of two digits and two decimals as the form's total."""
    if form.leaves["total_score"] is not None:
        yield from changed(
            form, {"total_score": f"{rng.randrange(10, 60)}.{rng.randrange(100):02}"}
        )


def _row_dropped(section: str) -> Operator:
    def operator(rng: Random, form: Form) -> Iterator[Edit]:
        table = rows(form.leaves, section)
        for index in range(len(table)):
            yield _without(form, section, {index})

    return operator


def _without(form: Form, section: str, gone: set[int]) -> Edit:
    table = rows(form.leaves, section)
    left = [row for index, row in enumerate(table) if index not in gone]
    damaged = frozenset(
        f"{section}[{index}].{column}"
        for index in gone
        for column, value in table[index].items()
        if value is not None
    )
    return Edit(with_rows(form.leaves, section, left), damaged)


def _block_dropped(rng: Random, form: Form) -> Iterator[Edit]:
    levels = [row["level1"] for row in rows(form.leaves, "indicators")]
    for level in dict.fromkeys(levels):
        yield _without(form, "indicators", {i for i, one in enumerate(levels) if one == level})


def _row_added(rng: Random, form: Form) -> Iterator[Edit]:
    """A row of a name that the form does not have, otherwise like one of its rows."""
    table = rows(form.leaves, "indicators")
    for index, row in enumerate(table):
        yield _with_row(form, table, rng.randrange(len(table) + 1), {**row, "name": "另加一项工作"})
        yield _with_row(form, table, index + 1, {**row, "name": f"{row['name']}{_STRANGE}"})


def _row_doubled(rng: Random, form: Form) -> Iterator[Edit]:
    table = rows(form.leaves, "indicators")
    for index, row in enumerate(table):
        yield _with_row(form, table, index + 1, row)


def _with_row(form: Form, table: Sequence[Leaves], at: int, row: Leaves) -> Edit:
    longer = [*table[:at], row, *table[at:]]
    filled = sum(value is not None for value in row.values())
    return Edit(with_rows(form.leaves, "indicators", longer), spurious=filled)


def _values_exchanged(rng: Random, form: Form) -> Iterator[Edit]:
    *_, table = _tables(form)
    for one, other in combinations(table, 2):
        columns = [column for column in one if column not in ("level1", "level2", "name")]
        pairs = ((x[c], y[c]) for c in columns for x, y in ((one, other), (other, one)))
        yield from _moved(form, pairs)


def _level_shifted(rng: Random, form: Form) -> Iterator[Edit]:
    """One level, or both, of every row from the row above.

    Rows whose name comes twice keep theirs: nothing else would tell which of the two is which.
    """
    *_, table = _tables(form)
    names = Counter(form.leaves[row["name"]] for row in table)
    lower = [(a, b) for a, b in pairwise(table) if names[form.leaves[b["name"]]] == 1]
    for columns in (("level1",), ("level2",), ("level1", "level2")):
        yield from _moved(form, ((b[c], a[c]) for a, b in lower for c in columns))


_OTHER_GRADE = {"优": "良", "良": "优", "中": "良", "差": "中"}
_OTHER_UNIT = {"万元": "元", "元": "万元"}
_PROSE = frozenset({"prose"})

DAMAGING: Mapping[str, Operator] = {
    "digit changed": each(NUMBER_KINDS, _digit_changed),
    "decimal point moved": each(NUMBER_KINDS, _point_moved),
    "digits transposed": each(NUMBER_KINDS, _transposed),
    "sign added": each(NUMBER_KINDS, lambda rng, text: f"-{text}" if Decimal(text) else None),
    "value blanked": _blanked,
    "value invented": _invented,
    "grand total replaced": total_replaced,
    "two numbers of a row swapped": _numbers_swapped,
    "two columns swapped": _columns_swapped,
    "money table on the wrong rows": _all_rotated,
    "values of two rows exchanged": _values_exchanged,
    "levels one row too low": _level_shifted,
    "row dropped": _row_dropped("indicators"),
    "block of rows dropped": _block_dropped,
    "group weight dropped": _row_dropped("groups"),
    "row added": _row_added,
    "row doubled": _row_doubled,
    "operator changed": each(frozenset({"target"}), _other_operator),
    "unit changed": each(frozenset({"target", "actual"}), _other_unit),
    "target or actual: digit changed": each(frozenset({"target", "actual"}), _digit_changed),
    "character of a name changed": each(frozenset({"name", "level"}), _misspelt),
    "prose: sentence dropped": each(_PROSE, _sentence_dropped),
    "prose: digit changed": each(_PROSE, _digit_changed),
    "prose: decimal point lost": each(_PROSE, _cut(r"\d(\.)\d")),
    "prose: magnitude lost": each(_PROSE, _cut(r"\d([万亿%％])")),
    "grade changed": each(frozenset({"grade"}), lambda rng, text: _OTHER_GRADE.get(text)),
    "year changed": each(frozenset({"year"}), lambda rng, text: str(int(text) + 1)),
    "amount unit changed": each(frozenset({"unit"}), lambda rng, text: _OTHER_UNIT.get(text)),
}

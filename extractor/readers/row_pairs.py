"""Which row of a model's is which row of the table reader's.

Rows keep their order, but a model may drop one, double one or misread some of its cells. So the
two lists are aligned as two spellings of a word are: the pairing that shares most wins, a row that
shares nothing stands beside the one in its place, and what is left over has no partner.

Worked: the model's ``a c c d`` against the printed ``a b c d`` pairs ``a a``, ``c c``, ``d d``;
its first ``c`` and the printed ``b`` stand in the same place and are paired too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extractor.types import Reading

_SHARED = {"name": 6, "target": 3, "actual": 3, "level1": 1}
"""What it is worth that two rows print the same; any other cell is worth :data:`_OTHER`. A name
tells more than any other cell, but less than all of them: a model may slip in the names."""
_OTHER = 2
_BESIDE = 1
"""What it is worth to stand in the same place and share nothing."""

Row = Mapping[str, str]
"""The values of a row by the last name of their leaf."""


def paired(
    section: str,
    claims: Mapping[str, str | None],
    readings: Mapping[str, Reading],
    printed: int,
) -> dict[int, int]:
    """``{row of the model: row of the table reader}`` for a list (indicators or groups)."""
    said = rows_of(section, claims)
    read = rows_of(section, {path: one.value for path, one in readings.items()})
    read += [{}] * (printed - len(read))
    del read[printed:]
    if len(said) == len(read) and _name_the_same(said, read):
        return {index: index for index in range(len(said))}
    return _aligned(said, read)


def rows_of(section: str, values: Mapping[str, str | None]) -> list[Row]:
    """``indicators[0].name`` … → the values of each row; a leaf without one is left out."""
    rows: dict[int, dict[str, str]] = {}
    for path, value in values.items():
        if path.startswith(f"{section}["):
            index, _, name = path[len(section) + 1 :].partition("].")
            row = rows.setdefault(int(index), {})
            if value is not None:
                row[name] = value
    return [rows.get(index, {}) for index in range(max(rows, default=-1) + 1)]


def _name_the_same(said: Sequence[Row], read: Sequence[Row]) -> bool:
    """Whether row by row the names are the same ones, so that nothing needs to be weighed."""
    names = [row.get("name") for row in read]
    return all(names) and names == [row.get("name") for row in said]


def _aligned(said: Sequence[Row], read: Sequence[Row]) -> dict[int, int]:
    """The pairing of two lists, order kept, that shares most."""
    width = len(read) + 1
    best = [0] * width
    steps: list[list[int]] = []
    for row in said:
        new, step = [0] * width, [1] * width
        for at in range(1, width):
            options = (best[at - 1] + _likeness(row, read[at - 1]), best[at], new[at - 1])
            new[at] = max(options)
            step[at] = options.index(new[at])
        steps.append(step)
        best = new
    pairs: dict[int, int] = {}
    one, two = len(said), len(read)
    while one and two:
        step = steps[one - 1][two]
        if step == 0:
            pairs[one - 1] = two - 1
        one, two = one - (step != 2), two - (step != 1)
    return dict(sorted(pairs.items()))


def _likeness(said: Row, read: Row) -> int:
    return _BESIDE + sum(
        _SHARED.get(name, _OTHER) for name, value in said.items() if read.get(name) == value
    )

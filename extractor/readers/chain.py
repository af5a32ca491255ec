"""The longest chain of things that stand in one order in two places."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def chain(places: Sequence[Sequence[int]]) -> dict[int, int]:
    """As many things as can stand one after the other, each at one of its places.

    Things without a place, and those that would break the order of the others, are left out.

    >>> chain([[3], [1, 7], [5], [], [9]])
    {1: 1, 2: 5, 4: 9}
    """
    ends: list[int] = []
    steps: list[tuple[int, int, int]] = []
    last: list[int] = []
    for thing, options in enumerate(places):
        # From the highest, so that no place of a thing builds on another of the same thing.
        for place in sorted(options, reverse=True):
            length = bisect_left(ends, place)
            steps.append((thing, place, last[length - 1] if length else -1))
            ends[length:], last[length:] = (
                [place, *ends[length + 1 :]],
                [len(steps) - 1, *last[length + 1 :]],
            )
    found: dict[int, int] = {}
    step = last[-1] if last else -1
    while step >= 0:
        thing, place, step = steps[step]
        found[thing] = place
    return dict(reversed(found.items()))

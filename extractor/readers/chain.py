"""The longest chain of things that stand in one order in two places."""

from __future__ import annotations

from collections.abc import Sequence


def chain(places: Sequence[Sequence[int]]) -> dict[int, int]:
    """As many things as can stand one after the other, each at one of its places.

    Things without a place, and those that would break the order of the others, are left out.

    >>> chain([[3], [1, 7], [5], [], [9]])
    {0: 3, 2: 5, 4: 9}
    """
    steps: list[tuple[int, int, int, int]] = []
    for thing, options in enumerate(places):
        before = list(steps)
        for place in options:
            length, link = 0, -1
            for at, (reached, other, _, _) in enumerate(before):
                if other < place and reached > length:
                    length, link = reached, at
            steps.append((length + 1, place, thing, link))
    last = max(range(len(steps)), key=lambda at: steps[at][0], default=-1)
    found: dict[int, int] = {}
    while last >= 0:
        _, place, thing, last = steps[last]
        found[thing] = place
    return dict(reversed(found.items()))

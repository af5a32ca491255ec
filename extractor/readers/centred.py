"""Level names that stand in the middle of their merged cell instead of on its first row.

Filling down would then give the rows above the name to the block before. The first row of such a
table has no level 1 although later rows do; that is how it is known. A row's level 1 is then the
one that its level 2 belongs under, and where that says nothing the level is left unread.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.families.levels import parent
from extractor.readers.indicator_readings import Draft
from extractor.readers.levels import Level


def settle_centred(drafts: Sequence[Draft]) -> None:
    """Gives the rows of a table with centred level names their level, in place."""
    if not drafts or drafts[0].level1 is not None:
        return
    printed = {d.level1.value: d.level1 for d in drafts if d.level1 is not None and d.own_level[0]}
    if not printed:
        return
    second_is_centred = drafts[0].level2 is None
    for draft in drafts:
        if second_is_centred and not draft.own_level[1]:
            draft.level2 = None
            draft.unclear.add("level2")
        if not draft.own_level[0]:
            draft.level1 = _by_level2(draft.level2, printed)
            if draft.level1 is None:
                draft.unclear.add("level1")


def _by_level2(level2: Level | None, printed: dict[str, Level]) -> Level | None:
    name = parent(level2.value) if level2 is not None else None
    return printed.get(name) if name else None

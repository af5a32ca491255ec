"""How pages arrive damaged: a named, graded noise model over sheets that knows the truth.

Each damage models one item of the damage list of the domain notes (item 8, layouts, is
:mod:`eval.layouts`) and names it in its docstring, with the answer a reader owes it. A grade says
how much: one place, three, a tenth of all places, unless the docstring says otherwise. Damage
changes text and places, never the truth: a leaf whose characters are lost has no mark any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from eval import damage_characters as characters
from eval import damage_levels as levels
from eval import damage_pages as pages
from eval import damage_tables as tables
from eval import damage_words as words
from eval.damage_tools import Damage
from eval.sheet import Sheet

GRADES = (1, 2, 3)
"""How much is damaged, from a single place upwards."""

_SINGLE: tuple[Damage, ...] = (
    levels.split_labels,
    pages.page_break,
    tables.lost_leading_cells,
    tables.extra_columns,
    tables.missing_columns,
    tables.moved_funds_row,
    tables.crowded_values,
    levels.centred_levels,
    levels.dropped_levels,
    levels.replaced_block,
    tables.off_header,
    tables.late_header,
    words.trailing_pipes,
    words.paragraphs,
    words.foreign_tail,
    characters.stamps,
    characters.stamped_numbers,
    characters.dropped_digit,
    tables.run_together,
    characters.separators,
    characters.percent_signs,
    characters.operators,
    characters.look_alikes,
    characters.traditional,
    characters.widths,
    characters.stray_and,
    pages.wrapped_units,
    pages.doubled_words,
    words.template_text,
    words.filled_rows,
)


def mixed(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Items 1 to 15: one damage more than the grade says, drawn, each of this grade at most.

    As many as make sense on the sheet, one after the other. To be doubted as a whole; what each of
    them owes is said there.
    """
    left = grade + 1
    for damage in rng.sample(_SINGLE, len(_SINGLE)):
        if left == 0:
            break
        after = damage(rng, sheet, rng.randint(1, grade))
        left -= after != sheet
        sheet = after
    return sheet


DAMAGES: Mapping[str, Damage] = {damage.__name__: damage for damage in (*_SINGLE, mixed)}
"""Every damage by name, in the order of the list; ``mixed`` comes last."""


def damaged(rng: Random, sheet: Sheet, name: str, grade: int) -> Sheet:
    """The sheet after the named damage.

    Raises ``KeyError`` for an unknown name and ``ValueError`` for another grade than 1, 2 or 3.
    """
    if grade not in GRADES:
        raise ValueError(f"a grade of damage is 1, 2 or 3, not {grade}")
    return DAMAGES[name](rng, sheet, grade)

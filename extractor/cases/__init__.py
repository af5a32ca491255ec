"""Cases: failing checks that one explanation covers, and what there is to say of them.

Findings that share their suspects are one case, told once: in the terminal, on the page and in the
tables, with the same words.
"""

from __future__ import annotations

from extractor.cases.grouping import Case, Kind, Mark, cases
from extractor.cases.phrases import value_of
from extractor.cases.suggestions import suggested
from extractor.cases.words import CAUSES, Change, Option, Told, in_one_line, standing, tell

__all__ = [
    "CAUSES",
    "Case",
    "Change",
    "Kind",
    "Mark",
    "Option",
    "Told",
    "cases",
    "in_one_line",
    "standing",
    "suggested",
    "tell",
    "value_of",
]

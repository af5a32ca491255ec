"""The kinds of check: declared relations between the numbers of a form."""

from extractor.checks.kinds.base import (
    ALL_WELL,
    CANNOT_TELL,
    HOLDS,
    HUNDRED,
    ONE,
    ZERO,
    Check,
    Headed,
    Label,
    OverRows,
    Residual,
    Says,
    SumOf,
    Value,
    Values,
    Worded,
    number_at,
    printed,
    shown,
    unknown,
    usual_places,
)
from extractor.checks.kinds.bounds import Band, Constant, Same
from extractor.checks.kinds.ratio import Ratio
from extractor.checks.kinds.readable import Readable
from extractor.checks.kinds.repeats import Repeats
from extractor.checks.kinds.rows import FixedRows, RowSet
from extractor.checks.kinds.sums import Sum

__all__ = [
    "ALL_WELL",
    "CANNOT_TELL",
    "HOLDS",
    "HUNDRED",
    "ONE",
    "ZERO",
    "Band",
    "Check",
    "Constant",
    "FixedRows",
    "Headed",
    "Label",
    "OverRows",
    "Ratio",
    "Readable",
    "Repeats",
    "Residual",
    "RowSet",
    "Same",
    "Says",
    "Sum",
    "SumOf",
    "Value",
    "Values",
    "Worded",
    "number_at",
    "printed",
    "shown",
    "unknown",
    "usual_places",
]

"""The kinds of check: declared relations between the numbers of a form."""

from extractor.checks.kinds.base import (
    CANNOT_TELL,
    HOLDS,
    HUNDRED,
    ONE,
    ZERO,
    Check,
    Label,
    Residual,
    Says,
    SumOf,
    Value,
    Values,
    number_at,
    printed,
    shown,
    unknown,
)
from extractor.checks.kinds.bounds import Band, Constant, Same
from extractor.checks.kinds.ratio import Ratio
from extractor.checks.kinds.readable import Readable
from extractor.checks.kinds.sums import Sum

__all__ = [
    "CANNOT_TELL",
    "HOLDS",
    "HUNDRED",
    "ONE",
    "ZERO",
    "Band",
    "Check",
    "Constant",
    "Label",
    "Ratio",
    "Readable",
    "Residual",
    "Same",
    "Says",
    "Sum",
    "SumOf",
    "Value",
    "Values",
    "number_at",
    "printed",
    "shown",
    "unknown",
]

"""What the regulation asks of a form: worth a remark, never proof of a misreading.

The same verbs as the kinds; a policy lives beside them because it reads targets, wordings and
grades rather than sums. The rule numbers are those of the domain notes.
"""

from extractor.checks.policies.base import Quantity, met, quantity
from extractor.checks.policies.cost import CostAgainstFunds
from extractor.checks.policies.form import AmountUnit, Grade, Graded, WeightScheme
from extractor.checks.policies.prose import ToldAmounts, ToldSums
from extractor.checks.policies.rows import (
    FarOverTarget,
    MeetsTarget,
    NoteRequired,
    UnitsAgree,
    Wording,
)

__all__ = [
    "AmountUnit",
    "CostAgainstFunds",
    "FarOverTarget",
    "Grade",
    "Graded",
    "MeetsTarget",
    "NoteRequired",
    "Quantity",
    "ToldAmounts",
    "ToldSums",
    "UnitsAgree",
    "WeightScheme",
    "Wording",
    "met",
    "quantity",
]

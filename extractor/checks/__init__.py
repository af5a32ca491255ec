"""Checks as data: declared once beside the schema, used by everyone who asks about numbers."""

from extractor.checks.bind import EachGroup, EachRow, bind
from extractor.checks.judge import Judgement, judge
from extractor.checks.kinds import Band, Check, Constant, Ratio, Readable, Same, Sum

__all__ = [
    "Band",
    "Check",
    "Constant",
    "EachGroup",
    "EachRow",
    "Judgement",
    "Ratio",
    "Readable",
    "Same",
    "Sum",
    "bind",
    "judge",
]

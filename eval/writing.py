"""A value as an office prints it: the way from the normalised leaf back to the cell.

The contract folds what is printed into one value; here the same value gets its separators, signs,
brackets and paragraphs again, by the habits of the office that fills in the form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter

from eval.columns import COLUMN_SETS
from eval.generate import Drawn
from eval.sheet import EMPTY, Mark, Printed
from extractor.families import family_of

_HALF_WIDTH = str.maketrans("（）", "()")
_FULL_WIDTH = str.maketrans("()", "（）")
_FOLDED_KINDS = frozenset({"name", "level", "target", "actual"})
"""Kinds whose values lose the width of their brackets when read, so that it may be either."""

_MEASURED = re.compile(r"([≥≤=><]?)(\d+(?:\.\d+)?)\(([^()]+)\)")
_COMPARED = re.compile(r"([≥≤=><])(.+)")


class Writer:
    """Writes the leaves of one form into cells, each with its mark."""

    def __init__(self, drawn: Drawn) -> None:
        self.set = COLUMN_SETS[drawn.columns]
        self.family = family_of(drawn.family)
        self.leaves = drawn.leaves
        self.office = drawn.office
        self.indicators = drawn.indicators
        self.groups = drawn.groups

    def bracketed(self, text: str) -> str:
        """A text with its brackets in the width of the office."""
        return text.translate(_HALF_WIDTH if self.office.brackets == "half" else _FULL_WIDTH)

    def label(self, text: str, across: int = 1, down: int = 1) -> Printed:
        """A cell that prints no value."""
        return Printed(self.bracketed(text), (), across, down)

    def cell(self, path: str, across: int = 1, down: int = 1) -> Printed:
        """The cell of a leaf; a blank one is marked too, with no characters."""
        return marked(self.text(path), path)._replace(across=across, down=down)

    def text(self, path: str) -> str:
        """A leaf as it is printed, empty where it is ``None``.

        >>> from types import SimpleNamespace as Any
        >>> office = Any(separators=True, rate="percent2", rate_sign=True, brackets="full")
        >>> leaves = {"funds.total.executed": "1596.51", "funds.total.execution_rate": "91.51"}
        >>> pen = Writer(Any(columns="shanghai", family="project", leaves=leaves, office=office,
        ...     indicators=0, groups=0))
        >>> [pen.text(path) for path in leaves]
        ['1,596.51', '91.51%']
        """
        value = self.leaves.get(path)
        if value is None:
            return ""
        kind = self.family.kind(path)
        if kind == "amount" and self.office.separators:
            return separated(value)
        if kind == "rate" and self.office.rate_sign and self.office.rate != "fraction":
            return f"{value}%"
        if kind == "prose":
            return paragraphs(value)
        return self.bracketed(value) if kind in _FOLDED_KINDS else value

    def filled(self, template: str, paths: Mapping[str, str], only: str = "") -> Printed:
        """A label with values in it, ``{unit}`` for the leaf that ``unit`` names, each marked.

        With ``only`` no other name is marked: its value is read elsewhere and only repeated here.
        """
        text, marks = "", list[Mark]()
        for literal, name, _, _ in Formatter().parse(template):
            text += self.bracketed(literal)
            if name:
                start, text = len(text), text + self.text(paths[name])
                if name == (only or name):
                    marks.append(Mark(paths[name], start, len(text)))
        return Printed(text, tuple(marks))

    def quantity(self, path: str) -> tuple[Printed, Printed, Printed]:
        """A target over three cells: its nature, its value, its unit of measure."""
        parts = spread(self.leaves.get(path))
        nature, target, measure = (marked(self.bracketed(part), path) for part in parts)
        return nature, target, measure


def marked(text: str, *paths: str) -> Printed:
    """A cell whose whole text prints these leaves."""
    return EMPTY._replace(text=text, marks=tuple(Mark(path, 0, len(text)) for path in paths))


def separated(number: str) -> str:
    """A decimal string with its separators.

    >>> separated("12500000.50"), separated("860")
    ('12,500,000.50', '860')
    """
    whole, point, fraction = number.partition(".")
    return f"{int(whole):,}{point}{fraction}"


def paragraphs(text: str) -> str:
    """Prose as cells hold it: several paragraphs as tags, one as it is.

    >>> paragraphs("开设课程120门。"), paragraphs("1、培训。\\n2、演练。")
    ('开设课程120门。', '<p>1、培训。</p><p>2、演练。</p>')
    """
    parts = text.split("\n")
    return text if len(parts) == 1 else "".join(f"<p>{part}</p>" for part in parts)


def spread(target: str | None) -> tuple[str, str, str]:
    """A target over the cells of its nature, its value and its unit of measure.

    >>> spread("≥95(%)"), spread("≤预算金额"), spread("健全"), spread("12(次)")
    (('≥', '95', '%'), ('≤', '预算金额', ''), ('定性', '健全', ''), ('定量', '12', '次'))
    """
    if target is None:
        return "", "", ""
    if whole := _MEASURED.fullmatch(target):
        return whole[1] or "定量", whole[2], whole[3]
    if part := _COMPARED.fullmatch(target):
        return part[1], part[2], ""
    return "定性", target, ""

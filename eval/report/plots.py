"""The marks of the plots as inline SVG.

No plotting library: marks that are elements of the page take their colours from its stylesheet,
so that they follow the theme, stay crisp at any size and are read by screen readers. Places along
the x-axis are percentages, so that a plot is as wide as its column while its text keeps its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from extractor.page.markup import tag, text

_LOWS = ("99.99", "99.95", "99.9", "99.8", "99.5", "99", "98", "96", "90", "80", "60", "40", "0")
_HIGHS = ("0.01", "0.05", "0.1", "0.2", "0.5", "1", "2", "3", "5", "10", "20", "40", "100")
_ALL = Decimal(100)
_ROOM = Decimal("1.08")
"""How much further than the outermost mark an axis reaches."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of 0 to 100 %, in percent."""

    low: Decimal
    high: Decimal

    @property
    def ticks(self) -> tuple[Decimal, Decimal, Decimal]:
        return self.low, (self.low + self.high) / 2, self.high

    @property
    def is_zoomed(self) -> bool:
        return self.high - self.low < 100

    def at(self, share: float) -> float:
        """Where a share between 0 and 1 stands, as a fraction of the axis; its ends hold what is
        beyond them."""
        place = (Decimal(repr(share)) * 100 - self.low) / (self.high - self.low)
        return float(min(max(place, Decimal(0)), Decimal(1)))

    def holds(self, share: float) -> bool:
        return self.low <= Decimal(repr(share)) * 100 <= self.high

    def name(self, tick: Decimal) -> str:
        return f"{tick.normalize():f}"


def zoom(shares: Iterable[float | None], low_end: bool = False) -> Axis:
    """The narrowest axis with all shares on it that ends at 100 %, or, ``low_end``, at 0.

    Where all of them stand at that end there is nothing to zoom in on: the whole axis.

    >>> zoom([0.997, 0.991]).low, zoom([0.003], low_end=True).high
    (Decimal('99'), Decimal('0.5'))
    """
    given = [Decimal(repr(share)) * 100 for share in shares if share is not None]
    end = Decimal(0) if low_end else _ALL
    if all(share == end for share in given):
        return Axis(Decimal(0), _ALL)
    if low_end:
        most = max(given, default=Decimal(0)) * _ROOM
        return Axis(Decimal(0), next((Decimal(h) for h in _HIGHS if Decimal(h) >= most), _ALL))
    least = 100 - (100 - min(given, default=_ALL)) * _ROOM
    return Axis(next((Decimal(low) for low in _LOWS if Decimal(low) <= least), Decimal(0)), _ALL)


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.3f}".rstrip("0").rstrip(".") + "%"


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> str:
    """A line between two places: fractions of the width, pixels of the height."""
    return tag("line", x1=_percent(x1), y1=f"{y1:g}", x2=_percent(x2), y2=f"{y2:g}", class_=name)


def dot(x: float, y: float, name: str, radius: float = 4) -> str:
    return tag("circle", cx=_percent(x), cy=f"{y:g}", r=f"{radius:g}", class_=name)


def words(x: float, y: float, said: str, name: str, anchor: str = "start", dx: float = 0) -> str:
    """A short text; ``dx`` moves it by so many pixels."""
    return tag(
        "text",
        text(said),
        x=_percent(x),
        y=f"{y:g}",
        dx=f"{dx:g}" if dx else None,
        text_anchor=anchor,
        class_=name,
    )


def drawing(inner: str, height: int, name: str, spoken: str | None = None) -> str:
    """An SVG as wide as its place. What is ``spoken`` is its text; without it, it is decoration
    beside a text that says the same."""
    return tag(
        "svg",
        inner,
        class_=name,
        height=height,
        role="img" if spoken else None,
        aria_label=spoken,
        aria_hidden=None if spoken else "true",
        focusable="false",
    )


_INSET = 0.012
"""What keeps a mark at the end of an axis inside its drawing."""


def _on(axis: Axis, share: float) -> float:
    return _INSET + (1 - 2 * _INSET) * axis.at(share)


def whisker(
    axis: Axis, value: float, low: float | None, high: float | None, bound: float | None = None
) -> str:
    """A dot with its interval; ``bound`` as a gate that the true value does not pass."""
    middle = 13
    marks = "".join(
        line(_on(axis, float(tick) / 100), 0, _on(axis, float(tick) / 100), 26, "grid")
        for tick in axis.ticks
    )
    if bound is not None:
        at = _on(axis, bound)
        marks += line(_on(axis, value), middle, at, middle, "reach")
        marks += line(at, middle - 7, at, middle + 7, "gate")
    if low is not None and high is not None:
        marks += line(_on(axis, low), middle, _on(axis, high), middle, "span")
        for end in (low, high):
            marks += line(_on(axis, end), middle - 4, _on(axis, end), middle + 4, "span")
    return drawing(marks + dot(_on(axis, value), middle, "value", 4.5), 26, "whisker")


def scale(axis: Axis, inset: float = _INSET) -> str:
    """The ticks below a column of whiskers (or, without ``inset``, of bars), in percent."""
    shift = 4 if inset else 0
    ends = ((inset, "start", -shift), (0.5, "middle", 0), (1 - inset, "end", shift))
    marks = "".join(
        words(place, 11, axis.name(tick), "tick", anchor, dx)
        for tick, (place, anchor, dx) in zip(axis.ticks, ends, strict=True)
    )
    return drawing(marks, 16, "scale")


def stack(axis: Axis, parts: Sequence[tuple[str, float]]) -> str:
    """A bar of ``(class, share)`` from the left to the right; the axis may cut off its start.

    A part too thin to be seen is drawn a pixel and a half wide.
    """
    marks = ""
    begin = 0.0
    for name, share in parts:
        a, b = axis.at(min(begin, 1)), axis.at(min(begin + share, 1))
        if share:
            width = _percent(max(b - a, 0.0035))
            marks += tag("rect", x=_percent(min(a, 0.9965)), width=width, height=18, class_=name)
        begin += share
    return drawing(marks, 18, "stack")


_LEFT, _STEP, _AFTER = 0.05, 0.215, 0.03
HEIGHT, _TOP, _BOTTOM = 46, 8, 38


def _place(grade: int) -> float:
    return _LEFT + _STEP * grade


def _level(axis: Axis, share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * axis.at(share)


def trace(axis: Axis, points: Sequence[tuple[int, float]], name: str) -> str:
    """The line through the points ``(grade, share)``."""
    return "".join(
        line(_place(a[0]), _level(axis, a[1]), _place(b[0]), _level(axis, b[1]), name)
        for a, b in pairwise(points)
    )


def panel(
    axis: Axis,
    points: Sequence[tuple[int, float]],
    named: Callable[[float], str],
    behind: str,
    spoken: str,
    worst_is_low: bool,
) -> str:
    """One curve over the grades before all others of its column (``behind``, an element's id).

    The last value is written beside its dot, and the worst one too where it is another; a point
    beyond the axis is a hollow one at its end.
    """
    right = _place(3)
    marks = line(_LEFT, _TOP, right, _TOP, "grid") + line(_LEFT, _BOTTOM, right, _BOTTOM, "grid")
    marks += tag("use", href=f"#{behind}") + trace(axis, points, "curve")
    for grade, share in points:
        name = "value" if axis.holds(share) else "value beyond"
        marks += dot(_place(grade), _level(axis, share), name, 3.2)
    if points:
        last = points[-1]
        at = min(max(_level(axis, last[1]) + 4, _TOP + 6), _BOTTOM + 4)
        marks += words(_place(last[0]) + _AFTER, at, named(last[1]), "end")
        worst = (min if worst_is_low else max)(points, key=lambda point: point[1])
        if abs(axis.at(worst[1]) - axis.at(last[1])) > _TELLING:
            at = _level(axis, worst[1])
            at += 15 if at < (_TOP + _BOTTOM) / 2 else -7
            marks += words(_place(worst[0]), at, named(worst[1]), "end small", "middle")
    return drawing(marks, HEIGHT, "panel", spoken)


_TELLING = 0.12
"""How far, as a fraction of the axis, the worst value is from the last one to be written too."""

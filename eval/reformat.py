"""Ways to write the same form otherwise: edits that damage nothing and must cost nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from random import Random

from eval.edits import Edit, Form, Leaves, Operator, printed, rows, with_rows
from extractor.families.base import NUMBER_KINDS

_QUANTITIES = frozenset({"target", "actual"})
_NAMES = frozenset({"name", "level", "grade", "unit", *_QUANTITIES})
_PROSE = frozenset({"prose"})
_POINTS = frozenset({"weight", "score", "total_weight", "total_score"})

_WIDE = str.maketrans("0123456789()", "０１２３４５６７８９（）")
_WIDE_NUMBER = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
_WIDE_PROSE = str.maketrans("0123456789(),;:%", "０１２３４５６７８９（），；：％")
_VARIANTS = {"≥": ("≧", ">=", "＞="), "≤": ("≦", "<=", "＜="), "=": ("═", "＝"), ">": ("＞",),
             "<": ("＜",)}  # fmt: skip


def _each(kinds: AbstractSet[str], change: Callable[[Random, str], str]) -> Operator:
    """The operator that writes printed leaves of some kinds otherwise."""

    def operator(rng: Random, form: Form) -> Iterator[Edit]:
        return _rewritten(form, {path: change(rng, v) for path, v in printed(form, kinds)})

    return operator


def _rewritten(form: Form, new: Leaves) -> Iterator[Edit]:
    """One leaf after the other with its new text, and last all of them at once."""
    new = {path: value for path, value in new.items() if value != form.leaves[path]}
    for path, value in new.items():
        yield Edit({**form.leaves, path: value})
    if new:
        yield Edit({**form.leaves, **new})


def _separated(rng: Random, text: str) -> str:
    whole, point, fraction = text.partition(".")
    return f"{int(whole):,}{point}{fraction}"


def _longer(rng: Random, text: str) -> str:
    """``9.15`` → ``9.150``, ``100`` → ``100.0``, in a number or a quantity."""
    return re.sub(
        r"^([≥≤=><]?\d+)(\.\d+)?(?=$|\(|%)", lambda m: f"{m[1]}{m[2] or '.'}0", text, count=1
    )


def _spaced(rng: Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice((" ", "  ", "\u3000", "\n")) + text[at:]


def _other_sign(rng: Random, text: str) -> str:
    return rng.choice(_VARIANTS[text[0]]) + text[1:] if text[0] in _VARIANTS else text


def _percent_spelt(rng: Random, text: str) -> str:
    """``≥90(%)`` ↔ ``≥90(百分比)``."""
    if re.fullmatch(r"[≥≤=><]?[\d.]+\(?(?:%|百分比)\)?", text) is None:
        return text
    return text.replace("百分比", "%") if "百分比" in text else text.replace("%", "百分比")


def _scattered(rng: Random, text: str) -> str:
    for _ in range(3):
        text = _spaced(rng, text)
    return text


def _with_unit(rng: Random, form: Form) -> Iterator[Edit]:
    """``372.29万元`` for ``372.29``: amounts with the form's own unit, rates with %, points."""
    units = {"rate": "%", **dict.fromkeys(_POINTS, "分"), "amount": form.leaves["amount_unit"]}
    return _rewritten(
        form,
        {
            path: f"{value}{units[form.family.kind(path)] or ''}"
            for path, value in printed(form, units.keys())
        },
    )


def _reordered(section: str) -> Operator:
    """The rows of a section backwards, turned by one, and in ten other orders."""

    def operator(rng: Random, form: Form) -> Iterator[Edit]:
        table = rows(form.leaves, section)
        if len(table) < 2:
            return
        orders = [table[::-1], table[1:] + table[:1]]
        orders += [rng.sample(table, len(table)) for _ in range(10)]
        yield from (Edit(with_rows(form.leaves, section, order)) for order in orders)

    return operator


NEUTRAL: Mapping[str, Operator] = {
    "thousands separators": _each(frozenset({"amount"}), _separated),
    "trailing zero": _each(NUMBER_KINDS | _QUANTITIES, _longer),
    "full-width digits": _each(
        NUMBER_KINDS | {"year", "count"}, lambda rng, text: text.translate(_WIDE_NUMBER)
    ),
    "full-width names and quantities": _each(_NAMES, lambda rng, text: text.translate(_WIDE)),
    "spaces in names and quantities": _each(_NAMES, _spaced),
    "operator in another character": _each(_QUANTITIES, _other_sign),
    "percent spelt out": _each(_QUANTITIES, _percent_spelt),
    "unit printed with the number": _with_unit,
    "prose: spaces and lines": _each(_PROSE, _scattered),
    "prose: width": _each(_PROSE, lambda rng, text: text.translate(_WIDE_PROSE)),
    "rows in another order": _reordered("indicators"),
    "groups in another order": _reordered("groups"),
}

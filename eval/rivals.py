"""What others measure, beside our own score: anchors for readers who know them, no guides.

Neither steers this project, and ``docs/metric.md`` shows the figures: ANLS* gives partial credit,
so that a number with one wrong digit is mostly right; Donut's F1 forgets in which row of a list a
value stands; and both take ``1,765.05`` and ``1765.05`` for two values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from anls_star import anls_score  # pyright: ignore[reportUnknownVariableType]

Leaves = Mapping[str, str | None]


def anls_star(truth: Leaves, read: Leaves) -> float:
    """Average normalised Levenshtein similarity over a tree: 1 is best.

    A leaf that is less than half alike counts 0, else by its likeness; lists are paired as suits
    the reading best; what either side lacks counts 0. Blank leaves are left out of both sides:
    as ``None`` they would count as so many right answers.

    Source: Peer et al., ANLS* – A Universal Document Processing Metric for Generative Large
    Language Models, arXiv:2402.03848, by the authors' own package ``anls_star``.

    >>> anls_star({"total": "100.00", "grade": "优"}, {"total": "108.00", "grade": "优"})
    0.9166666666666667
    """
    return anls_score(nested(truth), nested(read), return_gt=False, return_key_scores=False)


def donut_f1(truth: Leaves, read: Leaves) -> float:
    """Micro F1 over fields, as published for the receipts of CORD: 1 is best.

    A field is a value under the path of its keys, without the place in a list; both sides are
    compared as multisets of fields, and values as strings. Blank leaves are no fields.

    Source: Kim et al., OCR-free Document Understanding Transformer, arXiv:2111.15664;
    ``JSONParseEvaluator.cal_f1`` of github.com/clovaai/donut, ``donut/util.py``.

    >>> donut_f1({"menu[0].price": "5", "menu[1].price": "9"},
    ...          {"menu[0].price": "9", "menu[1].price": "5"})
    1.0
    """
    ours, theirs = _fields(truth), _fields(read)
    hits = (ours & theirs).total()
    both = ours.total() + theirs.total()
    return 2 * hits / both if both else 1.0


def _fields(leaves: Leaves) -> Counter[tuple[str, str]]:
    return Counter(
        (".".join(step.partition("[")[0] for step in path.split(".")), value.strip())
        for path, value in leaves.items()
        if value
    )


def nested(leaves: Leaves) -> dict[str, Any]:
    """The printed leaves as objects and lists; rows of which nothing is printed are left out.

    >>> nested({"year": "2023", "rows[0].score": None, "rows[1].score": "5", "funds.own": "3"})
    {'year': '2023', 'rows': [{'score': '5'}], 'funds': {'own': '3'}}
    """
    tree: dict[str, Any] = {}
    for path, value in leaves.items():
        if value is None:
            continue
        *branches, last = path.split(".")
        here = tree
        for step in branches:
            here = here.setdefault(step, {})
        here[last] = value
    return _with_lists(tree)


def _with_lists(tree: dict[str, Any]) -> dict[str, Any]:
    """``{"rows[1]": …, "rows[0]": …}`` → ``{"rows": [row 0, row 1]}``."""
    found: dict[str, Any] = {}
    for step, branch in sorted(tree.items(), key=lambda item: _index(item[0])):
        name, bracket, _ = step.partition("[")
        inner = branch if isinstance(branch, str) else _with_lists(branch)
        if bracket:
            found.setdefault(name, []).append(inner)
        else:
            found[name] = inner
    return {name: found[name] for name in dict.fromkeys(s.partition("[")[0] for s in tree)}


def _index(step: str) -> int:
    return int(step.partition("[")[2][:-1] or 0)

"""What the queue page shows, as plain data: the rows of a page, why each is there, and the values
that its filters offer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from extractor.families import FAMILIES, Family, family_of
from extractor.store import Store
from extractor.store_doubts import Doubts
from extractor.store_filters import ALL, Filters
from extractor.store_queue import Queued

Lang = Literal["zh", "en"]
Words = Mapping[str, str]
"""A sentence in ``zh`` and ``en``."""

MOST_REASONS = 3
_OF_STRATUM: Mapping[str, Words] = {
    "unread": {"zh": "未读出", "en": "could not be read"},
    "disputed": {"zh": "两种读法不同", "en": "two readings differ"},
    "missing": {"zh": "应有而没有", "en": "should be there and is not"},
    "contradicted": {"zh": "与等式矛盾", "en": "does not fit a sum"},
    "unproven": {"zh": "没有依据", "en": "nothing supports it"},
}
"""What is wrong with a field, the gravest first."""
_DOUBTED: Words = {"zh": "把握不足", "en": "not sure enough"}
_ONE: Words = {"zh": "{label}：{said}", "en": "{label}: {said}"}
_MANY: Words = {"zh": "{n} 个字段：{said}", "en": "{n} fields: {said}"}
_KINDS: Mapping[str, Words] = {
    "sum": {"zh": "合计", "en": "sum"},
    "ratio": {"zh": "比率", "en": "rate"},
    "band": {"zh": "不超过上限", "en": "within its bounds"},
    "constant": {"zh": "定值", "en": "fixed value"},
    "same": {"zh": "相同", "en": "the same"},
    "readable": {"zh": "可读", "en": "readable"},
    "grade": {"zh": "等级", "en": "grade"},
    "grade_band": {"zh": "等级区间", "en": "grade and its range"},
}
"""Kinds of checks, as the filter has them."""
_EACH: Words = {"zh": "（各行）", "en": " (each row)"}
_STRAY: Words = {
    "zh": "{n} 处内容不属于任何字段",
    "en": "printed content that no field has: {n}",
}
_CONFLICT: Words = {
    "zh": "有操作互相矛盾或已不适用",
    "en": "operations contradict each other or no longer fit",
}


def page(
    store: Store, filters: Filters = ALL, offset: int = 0, limit: int = 50, lang: Lang = "zh"
) -> dict[str, Any]:
    """Some rows of the queue for a browser's list.

    Each row has what :class:`Queued` has (without ``cost``, which orders and says nothing to
    people), the title of its family, at most :data:`MOST_REASONS` ``reasons``, and in ``more`` how
    many there are beside them; ``starts`` says that its document begins there. ``forms``,
    ``documents`` and ``fields`` count all of the queue under these filters.
    """
    with store.snapshot():
        found = store.queue(filters, offset, limit)
        doubts = store.doubts([one.form for one in found.rows])
    rows: list[dict[str, Any]] = []
    for one in found.rows:
        starts = not rows or rows[-1]["document"] != one.document
        rows.append(_row(one, doubts[one.form], lang) | {"starts": starts})
    return {
        "rows": rows,
        "forms": found.forms,
        "documents": found.documents,
        "fields": found.fields,
        "offset": offset,
        "limit": limit,
    }


def reasons(doubts: Doubts, conflicts: bool, lang: Lang) -> list[str]:
    """Why a form is in the queue, the gravest first."""
    return list(_reasons(doubts, conflicts, lang))


def choices(store: Store, lang: Lang = "zh") -> dict[str, Any]:
    """What each filter offers: ``[{"value", "label", "forms"}]``, the most frequent first.

    ``units`` counts the units, of which only some are offered; :func:`units` finds the others.
    """
    found = store.queue_choices()
    return {
        "family": [_choice(one, family_of(one).title[lang], n) for one, n in found.family],
        "year": [_choice(one, str(one), n) for one, n in found.year],
        "unit": [_choice(one, one, n) for one, n in found.unit],
        "check": [_choice(one, check_label(one, lang), n) for one, n in found.check],
        "batch": [_choice(one, str(one), n) for one, n in found.batch],
        "units": found.units,
    }


def units(store: Store, part: str) -> list[dict[str, Any]]:
    """The units whose names hold ``part``, as :func:`choices` gives them."""
    return [_choice(one, one, n) for one, n in store.queue_units(part)]


def check_label(check: str, lang: Lang) -> str:
    """A check in words: its kind and the field that it is about; what is unknown stays as it is.

    >>> check_label("band:indicators[*].score", "zh"), check_label("sum:funds.total.executed", "zh")
    ('不超过上限：得分（各行）', '合计：全年执行数 · 年度资金总额')
    >>> check_label("sum:expenditure.executed", "en"), check_label("new:what", "en")
    ('sum: executed', 'new:what')
    """
    kind, _, rest = check.partition(":")
    path, _, basis = rest.partition("/")
    for family in FAMILIES:
        said = _field_label(family, path, lang)
        if said is None or kind not in _KINDS:
            continue
        if basis and (of := _field_label(family, f"{path.rpartition('.')[0]}.{basis}", lang)):
            said = f"{said} / {of}"
        return _ONE[lang].format(label=_KINDS[kind][lang], said=said)
    return check


def _field_label(family: Family, path: str, lang: Lang) -> str | None:
    """The label of a leaf, of a column in every row, or of one in all rows of a matrix."""
    every = path.replace("[*]", "[]")
    if every in family.leaves:
        if "[" not in every:
            return family.label(every, lang)
        label = getattr(family.leaf(every), lang)
        return label + _EACH[lang] if every != path else label
    section, _, role = path.partition(".")
    columns = [
        leaf
        for name, leaf in family.leaves.items()
        if name.startswith(f"{section}.") and name.endswith(f".{role}")
    ]
    return getattr(columns[0], lang) if columns else None


def _choice(value: Any, label: str, forms: int) -> dict[str, Any]:
    return {"value": value, "label": label, "forms": forms}


def _row(one: Queued, doubts: Doubts, lang: Lang) -> dict[str, Any]:
    told = {name: value for name, value in one._asdict().items() if name != "cost"}
    why = reasons(doubts, one.conflicts, lang)
    return told | {
        "kind": family_of(one.family).title[lang],
        "reasons": why[:MOST_REASONS],
        "more": max(len(why) - MOST_REASONS, 0),
    }


def _reasons(doubts: Doubts, conflicts: bool, lang: Lang) -> Iterator[str]:
    if conflicts:
        yield _CONFLICT[lang]
    yield from (message[lang] for message in doubts.errors)
    family = family_of(doubts.family)
    for stratum, paths in _by_stratum(doubts.fields):
        # The errors have said it.
        if stratum == "contradicted" and doubts.errors:
            continue
        said = _OF_STRATUM.get(stratum, _DOUBTED)[lang]
        if len(paths) == 1:
            yield _ONE[lang].format(label=family.label(paths[0], lang, doubts.record), said=said)
        else:
            yield _MANY[lang].format(n=len(paths), said=said)
    if doubts.unread:
        yield _STRAY[lang].format(n=doubts.unread)


def _by_stratum(fields: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """The fields of each stratum, the gravest stratum first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, stratum in fields:
        found[stratum].append(path)
    order = list(_OF_STRATUM)
    return sorted(
        found.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order)
    )

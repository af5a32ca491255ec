"""The coverage map and the kill matrix for a terminal, at most 100 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from extractor.coverage import (
    Artefact,
    Cover,
    Kills,
    Measured,
    artefact,
    covers,
    why_unprotected,
)
from extractor.families import FAMILIES, Family
from extractor.pipeline import CHECK_SET
from extractor.report.plain import shortened, width_of

SIGNS = {"equality": "=", "bound": "≤", "table": "#", "policy": ""}
_LABEL, _RULES, _POLICIES = 26, 24, 16
_COUNTS = (7, 8, 6, 6, 6)
_MATRIX, _CELL = 34, 13

_WORDS: Mapping[str, Mapping[str, str]] = {
    "legend": {
        "zh": "= 等式  ≤ 界限  # 整表核对  规范：只作提示。规则的内容见 crossfoot families",
        "en": "= an equality  ≤ a bound  # a check of the whole table. "
        "Rules in words: crossfoot families",
    },
    "stale": {
        "zh": "以下份额用另一套核对规则测得（{was}，现为 {now}）",
        "en": "The shares are measured with another check set ({was}; this is {now})",
    },
    "sample": {
        "zh": "在样本的 {forms} 张不同的项目表上测得：{faults} 处错误，每次一处",
        "en": "Measured on the sample's {forms} distinct forms: {faults} faults, one at a time",
    },
    "generated": {
        "zh": "在程序生成的 {forms} 张表上测得：{faults} 处错误，每次一处",
        "en": "Measured on {forms} generated forms: {faults} faults, one at a time",
    },
    "none": {"zh": "尚未测量", "en": "Not measured"},
    "shares": {
        "zh": "占全部错误的 %：察觉；独指真格；真格在并列之中；独指且给出原值",
        "en": "In % of all faults: noticed; the true cell named alone; among a tie; alone, with "
        "the value printed",
    },
    "matrix": {
        "zh": "按错误种类，%：察觉 / 独指真格",
        "en": "By kind of fault, in %: noticed / the true cell named alone",
    },
    "ties": {
        "zh": "结构性并列：由同样的等式核对，表上无从分辨（与之并列的错误数）",
        "en": "Structural ties: judged by the same equalities, nothing on the page tells them "
        "apart (faults)",
    },
    "unprotected": {"zh": "没有恒等关系核对其值", "en": "No identity judges their value"},
    "policies": {"zh": "规范 {rules}", "en": "policies {rules}"},
}
_HEADS: Mapping[str, Sequence[str]] = {
    "zh": ("字段", "恒等关系", "规范", "错误", "察觉", "独指", "并列", "原值"),
    "en": ("Field", "identities", "policies", "faults", "noticed", "alone", "tie", "exact"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "digit": {"zh": "误读一位", "en": "digit"},
    "drop": {"zh": "漏读一位", "en": "drop"},
    "transpose": {"zh": "邻位互换", "en": "transpose"},
    "across": {"zh": "隔点互换", "en": "across"},
    "point": {"zh": "移小数点", "en": "point"},
}
"""What the kinds of fault of :mod:`eval.faults` are called."""
_ALL = {"zh": "全部", "en": "all"}


def percent(part: int, whole: int) -> str:
    """A share in percent, rounded to the worse side: 100 is all of them; ``–`` of nothing.

    >>> percent(1999, 2000), percent(2000, 2000), percent(0, 3), percent(0, 0)
    ('99.9', '100', '0', '–')
    """
    if not whole:
        return "–"
    tenths = 1000 * part // whole
    return f"{tenths // 10}" if tenths in (0, 1000) else f"{tenths // 10}.{tenths % 10}"


def rules_of(cover: Cover) -> str:
    """The identities of a field: ``= R6 R1  ≤ R4``."""
    return "  ".join(
        f"{SIGNS[way]} {' '.join(rules)}" for way, rules in cover.rules.items() if way != "policy"
    )


def coverage_lines(lang: str, found: Artefact | None = None) -> Iterator[str]:
    """All families: what protects each field, what was measured, ties, what nothing protects."""
    found = artefact() if found is None else found
    yield _WORDS["legend"][lang]
    if found.is_stale:
        yield _WORDS["stale"][lang].format(was=found.check_set, now=CHECK_SET)
    for family in FAMILIES:
        yield ""
        yield f"{family.name} · {family.title['zh']} · {family.title['en']}"
        yield from _family(family, found.families.get(family.name), lang)


def _family(family: Family, measured: Measured | None, lang: str) -> Iterator[str]:
    every = list(covers(family))
    yield f" {told_of(measured, lang)}"
    if measured is not None:
        yield f" {_WORDS['shares'][lang]}"
    field, identities, policies, *counts = _HEADS[lang]
    yield _map_line(field, identities, policies, counts)
    shown = [cover for cover in every if cover.is_protected or family.is_number(cover.path)]
    for label, cover in _by_part(family, shown, lang):
        if cover is None:
            yield f"  {label}"
        else:
            kills = measured.of(cover.path) if measured else Kills()
            policies = " ".join(cover.rules.get("policy", ()))
            yield _map_line(label, rules_of(cover), policies, _shares(kills))
    if measured is not None:
        yield _map_line(_ALL[lang], "", "", _shares(measured.all()))
        yield from _matrix(family, measured, [c for c in shown if measured.of(c.path).n], lang)
        yield from _ties(family, measured, lang)
    yield from _unprotected(family, every, lang)


def told_of(measured: Measured | None, lang: str) -> str:
    """On what the shares of a family were measured."""
    if measured is None:
        return _WORDS["none"][lang]
    faults = f"{measured.all().n:,}"
    return _WORDS[measured.basis][lang].format(forms=measured.forms, faults=faults)


def _shares(kills: Kills) -> Sequence[str]:
    return (f"{kills.n:,}" if kills.n else "–", *(percent(one, kills.n) for one in kills[1:]))


def _map_line(label: str, rules: str, policies: str, numbers: Sequence[str]) -> str:
    told = "".join(_right(one, width) for one, width in zip(numbers, _COUNTS, strict=True))
    return f"{_left(label, _LABEL)}{_left(rules, _RULES)}{_left(policies, _POLICIES)}{told}"


def _by_part(
    family: Family, shown: Sequence[Cover], lang: str
) -> Iterator[tuple[str, Cover | None]]:
    """Each field's label, indented below the label of its row or table where it has one."""
    before = ""
    for cover in shown:
        branch, _, _ = cover.path.rpartition(".")
        if branch and branch != before:
            yield branch_label(family, branch, lang), None
        before = branch
        yield f"{'    ' if branch else '  '}{field_label(family, cover.path, lang)}", cover


def field_label(family: Family, path: str, lang: str) -> str:
    leaf = family.leaves[path]
    return leaf.zh if lang == "zh" else leaf.en


def branch_label(family: Family, branch: str, lang: str) -> str:
    """What the row or the table of a field is called: the label of its row, else its own name."""
    part = family.parts.get(branch)
    if part is None:
        return branch
    return f"{branch} · {part.zh if lang == 'zh' else part.en}"


def full_label(family: Family, path: str, lang: str) -> str:
    """``initial budget · all funds of the year``, or ``score · indicators[]``."""
    branch = path.rpartition(".")[0]
    part, own = family.parts.get(branch), field_label(family, path, lang)
    row = branch if part is None else part.zh if lang == "zh" else part.en
    return f"{own} · {row}" if row else own


def _matrix(family: Family, measured: Measured, shown: Sequence[Cover], lang: str) -> Iterator[str]:
    kinds = measured.kinds
    yield f" {_WORDS['matrix'][lang]}"
    heads = "".join(_right(KINDS[kind][lang] if kind in KINDS else kind, _CELL) for kind in kinds)
    yield _left("", _MATRIX) + heads
    for label, cover in _by_part(family, shown, lang):
        cells = [measured.of(cover.path, kind) for kind in kinds] if cover else []
        told = "".join(_right(_pair(kills), _CELL) for kills in cells)
        yield f"{_left(label, _MATRIX)}{told}".rstrip() if cover else f"  {label}"
    told = "".join(_right(_pair(measured.all(kind)), _CELL) for kind in kinds)
    yield f"{_left(_ALL[lang], _MATRIX)}{told}"


def _pair(kills: Kills) -> str:
    if not kills.n:
        return "–"
    return f"{percent(kills.noticed, kills.n)} / {percent(kills.alone, kills.n)}"


def _ties(family: Family, measured: Measured, lang: str) -> Iterator[str]:
    if measured.ties:
        yield f" {_WORDS['ties'][lang]}"
    for tie in measured.ties:
        one, other = (full_label(family, path, lang) for path in tie[:2])
        yield f"  {one} — {other}  {tie.faults:,}"


def _unprotected(family: Family, every: Sequence[Cover], lang: str) -> Iterator[str]:
    """By reason, then by the policies that look at them all the same."""
    found: dict[tuple[str, str], list[str]] = {}
    for cover in every:
        if not cover.is_protected:
            key = why_unprotected(family, cover.path)[lang], " ".join(cover.rules.get("policy", ()))
            found.setdefault(key, []).append(cover.path)
    if found:
        yield f" {_WORDS['unprotected'][lang]}"
    for (reason, rules), paths in found.items():
        beside = f" ({_WORDS['policies'][lang].format(rules=rules)})" if rules else ""
        yield f"  {reason}{beside}"
        yield from _wrapped(paths, 4)


def _wrapped(names: Sequence[str], indent: int, width: int = 100) -> Iterator[str]:
    line = " " * indent
    for index, name in enumerate(names):
        piece = name + ("," if index + 1 < len(names) else "")
        if len(line) + len(piece) + 1 > width and line.strip():
            yield line.rstrip()
            line = " " * indent
        line += piece + " "
    yield line.rstrip()


def _left(text: str, width: int) -> str:
    """The text and a gap behind it, cut where it is too long."""
    fitting = shortened(text, width - 1)
    return fitting + " " * (width - width_of(fitting))


def _right(text: str, width: int) -> str:
    return " " * max(width - width_of(text), 0) + text

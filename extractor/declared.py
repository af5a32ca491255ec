"""The families of forms in words: fields, checks, what no check covers, the strata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from extractor.checks.bind import Declared, EachGroup, EachRow
from extractor.checks.kinds import Check, FixedRows, Ratio, Same, Worded
from extractor.checks.policies import CostAgainstFunds
from extractor.confidence import REASONS, STRATA
from extractor.families import FAMILIES, Family
from extractor.families.base import NUMBER_KINDS

_POLICIES: Mapping[str, Mapping[str, str]] = {
    "target": {
        "zh": "达到指标值得满分；未达到按比例得分（或八成）",
        "en": "a target that is met earns the full weight, one that is missed its share (or 80 %)",
    },
    "far_over": {
        "zh": "超过指标值 30% 及以上的，应说明原因",
        "en": "130 % of the target or more wants a note on why it was set low",
    },
    "wording": {
        "zh": "定性结果与得分相称：达成 100–80%，部分达成 80–60%，未达成 60–0%",
        "en": "a result in words fits its score: 达成 100–80 %, 部分达成 80–60 %, 未达成 60–0 %",
    },
    "note": {
        "zh": "失分或未达指标的行应说明偏差原因",
        "en": "a row that loses points or misses its target says why",
    },
    "units": {
        "zh": "指标值与完成值的单位一致",
        "en": "target and actual carry the same unit",
    },
    "cost": {
        "zh": "以金额计的成本不超过执行数",
        "en": "a cost in money is within the executed amount",
    },
    "told_sums": {
        "zh": "文字中列明的分项之和等于其总数",
        "en": "a total told in prose is the sum of the parts that it names",
    },
    "told_amounts": {
        "zh": "文字中的预算、执行总额与资金表一致",
        "en": "the whole budget or executed amount told in prose is that of the money table",
    },
    "repeat": {
        "zh": "没有重复的行，没有整段重复的指标",
        "en": "no indicator row, and no block of them, is there twice",
    },
    "scheme": {
        "zh": "分值按通常的比例分配到各一级指标",
        "en": "the weights are split over level 1 in one of the usual ways",
    },
    "grade": {
        "zh": "90 分及以上为优，60 分以下为差",
        "en": "90 and more is 优, less than 60 is 差",
    },
    "grade_band": {
        "zh": "80 分及以上为良，60 分及以上为中",
        "en": "80 and more is 良, 60 and more 中",
    },
    "graded": {"zh": "有总分即应有等级", "en": "a total comes with a grade"},
    "unit": {
        "zh": "金额的大小与金额单位相称",
        "en": "the amounts are of a size that fits their unit",
    },
}
_WHOLE_COST = {
    "zh": "，项目总成本、支付金额与其一致",
    "en": ", that of the whole project equals it",
}
_HEADS: Mapping[str, Mapping[str, str]] = {
    "fields": {"zh": "字段", "en": "Fields"},
    "error": {
        "zh": "恒等关系（不成立即为错误）",
        "en": "Identities (one that fails is an error of the form or of its reading)",
    },
    "advice": {
        "zh": "规范要求（不符只作提示）",
        "en": "Policies (one that is not followed is worth a remark)",
    },
    "uncovered": {
        "zh": "没有等式能核对的数",
        "en": "Numbers that no identity reaches",
    },
    "strata": {"zh": "证据层级，由最可靠到最可疑", "en": "Strata, from the safest to the worst"},
    "reasons": {"zh": "缘由", "en": "Reasons"},
}
_REVIEW = {"zh": "（待人核）", "en": " (for a person)"}
_EACH: Mapping[type, Mapping[str, str]] = {
    EachRow: {"zh": "每行", "en": "each row"},
    EachGroup: {"zh": "每组", "en": "each group"},
}


def families_lines(lang: str) -> Iterator[str]:
    """All families, then the strata and reasons that entries carry."""
    for family in FAMILIES:
        yield f"{family.name} · {family.title['zh']} · {family.title['en']}"
        yield from _fields(family, lang)
        for severity in ("error", "advice"):
            yield from _checks(family, severity, lang)
        yield from _uncovered(family, lang)
        yield ""
    yield _HEADS["strata"][lang]
    for name, stratum in STRATA.items():
        meaning = stratum.zh if lang == "zh" else stratum.en
        yield f"  {name:<14}{meaning}{_REVIEW[lang] if stratum.review else ''}"
    yield _HEADS["reasons"][lang]
    for name, meanings in REASONS.items():
        yield f"  {name:<20}{meanings[lang]}"


def _fields(family: Family, lang: str) -> Iterator[str]:
    yield f" {_HEADS['fields'][lang]}"
    told: set[str] = set()
    for path, leaf in family.leaves.items():
        section, _, rest = path.partition(".")
        if "." not in rest:
            help_ = f" — {leaf.help}" if leaf.help and lang == "en" else ""
            yield f"  {path:<26}{_column(family, path, lang)}{help_}"
        elif section not in told:
            told.add(section)
            yield from _table(family, section, lang)


def _table(family: Family, section: str, lang: str) -> Iterator[str]:
    """A table with fixed rows and columns in three lines, instead of a line for each cell."""
    paths = [path for path in family.leaves if path.startswith(f"{section}.")]
    rows = {path.split(".")[1]: _row(family, path, lang) for path in paths}
    columns = {path.split(".")[2]: _column(family, path, lang) for path in paths}
    yield f"  {section}.ROW.COLUMN"
    for name, labels in (("ROW", rows), ("COLUMN", columns)):
        yield f"    {name:<8}" + ", ".join(f"{key} ({label})" for key, label in labels.items())


def _checks(family: Family, severity: str, lang: str) -> Iterator[str]:
    """The checks of one severity; rows of a table that share a check are named in front of it."""
    yield f" {_HEADS[severity][lang]}"
    lines: dict[tuple[str, str], list[str]] = {}
    for declared in family.checks:
        check = declared.check if isinstance(declared, EachRow | EachGroup) else declared
        if check.severity == severity:
            where, text = in_words(declared, family, lang)
            lines.setdefault((check.rule, text), []).append(where)
    colon, comma = ("：", "、") if lang == "zh" else (": ", ", ")
    for (rule, text), places in lines.items():
        where = comma.join(dict.fromkeys(filter(None, places)))
        yield f"  {rule:<5}{where}{colon if where else ''}{text}"


def in_words(declared: Declared, family: Family, lang: str) -> tuple[str, str]:
    """One declared check: where it holds, and the relation: ``("每行", "0 ≤ 得分 ≤ 分值")``."""
    each = _EACH.get(type(declared), {}).get(lang, "")
    check = declared.check if isinstance(declared, EachRow | EachGroup) else declared
    policy = _POLICIES.get(check.id.partition(":")[0])
    if policy is not None:
        whole = isinstance(check, CostAgainstFunds) and check.whole
        return each, policy[lang] + (_WHOLE_COST[lang] if whole else "")
    if isinstance(check, FixedRows):
        return "", _fixed_rows(check, family, lang)
    if isinstance(check, Same):
        return _row(family, check.field, lang), _same(check, family, lang)
    where, names = _named(family, check.fields(), lang)
    return each or where, _relation(check, names) + _without(check, family, lang)


def _relation(check: Check, names: Mapping[str, str]) -> str:
    if isinstance(check, Worded):
        return check.relation(names)
    laid = check.sum_of(dict.fromkeys(check.fields()))
    text = "".join(f" {sign} {names[path]}" if sign else names[path] for path, sign in laid.terms)
    text = text.removeprefix(" + ")
    if isinstance(check, Ratio):
        factor = "" if isinstance(check.times, str) else f" × {check.times}"
        return f"{names[check.quotient]} ≈ {text}{factor}"
    return f"{names[laid.printed or check.fields()[0]]} = {text}"


def _without(check: Check, family: Family, lang: str) -> str:
    """The column whose absence a check is for, if it is for one."""
    if not isinstance(check, Ratio) or check.unless is None:
        return ""
    column = _column(family, check.unless, lang)
    return f"（表上没有{column}时）" if lang == "zh" else f" (where no {column} is printed)"


def _fixed_rows(check: FixedRows, family: Family, lang: str) -> str:
    sets: list[str] = []
    for one in check.sets:
        at = [f"{check.table}.{row}.{check.columns[0]}" for row in one.rows]
        rows = ("、" if lang == "zh" else ", ").join(_row(family, path, lang) for path in at)
        if one.without:
            column = _column(family, f"{check.table}.{one.rows[0]}.{one.without}", lang)
            rows += (
                f"（表上没有{column}时）" if lang == "zh" else f" (where no {column} is printed)"
            )
        sets.append(rows)
    head, between = ("固定的行：", "；或") if lang == "zh" else ("the rows are ", "; or ")
    return head + between.join(sets)


def _same(check: Same, family: Family, lang: str) -> str:
    column, other = _column(family, check.field, lang), _row(family, check.other, lang)
    pairs = [_column(family, one, lang) for one, _ in check.when]
    if lang == "zh":
        return f"{'、'.join(pairs)}与{other}相同时，{column}也相同"
    return f"same {column} as {other} wherever {' and '.join(pairs)} are the same"


def _named(family: Family, paths: Sequence[str], lang: str) -> tuple[str, dict[str, str]]:
    """What all paths share, row or column, and what each is called beside that.

    A path over all rows (``indicators[].score``) is a sum of its own: ``Σ score``, unless every
    path is, and the check is one of a single row.
    """
    columns = {path: _column(family, path, lang) for path in paths}
    rows = {path: _row(family, path, lang) for path in paths}
    listed = {path: "[]" in path for path in paths}
    shared_row, shared_column = set(rows.values()), set(columns.values())
    if any(rows.values()) and len(shared_row) == 1:
        return shared_row.pop(), columns
    if all(rows.values()) and len(shared_column) == 1:
        return shared_column.pop(), rows
    full = {p: f"{columns[p]} · {rows[p]}" if rows[p] else columns[p] for p in paths}
    if not all(listed.values()):
        full = {p: f"Σ {name}" if listed[p] else name for p, name in full.items()}
    elif any(p.startswith("groups") for p in paths):
        full = {p: name if p.startswith("groups") else f"Σ {name}" for p, name in full.items()}
    return "", full


def _uncovered(family: Family, lang: str) -> Iterator[str]:
    """Numbers that take part in no identity that pins them down, with the reason given for it."""
    checks = [d.check if isinstance(d, EachRow | EachGroup) else d for d in family.checks]
    reached = {path for c in checks if c.severity == "error" and c.proves for path in c.fields()}
    lines: dict[tuple[str, str], list[str]] = {}
    for path, leaf in family.leaves.items():
        if leaf.kind in NUMBER_KINDS and path not in reached:
            key = _column(family, path, lang), _excuse(family, path, lang)
            lines.setdefault(key, []).append(_row(family, path, lang))
    if lines:
        yield f" {_HEADS['uncovered'][lang]}"
    for (column, excuse), rows in lines.items():
        where = ", ".join(filter(None, rows))
        yield f"  {column}{f' ({where})' if where else ''}{excuse}"


def _excuse(family: Family, path: str, lang: str) -> str:
    for pattern, reason in family.unprotected.items():
        if fnmatchcase(path, pattern):
            return f" — {reason[lang]}"
    return ""


def _column(family: Family, path: str, lang: str) -> str:
    leaf = family.leaves[path]
    return leaf.zh if lang == "zh" else leaf.en


def _row(family: Family, path: str, lang: str) -> str:
    """The label of a row that every form has; empty for rows that a form brings along."""
    part = family.parts.get(path.rpartition(".")[0])
    if part is None:
        return ""
    return part.zh if lang == "zh" else part.en

"""The names of indicator levels, and how a broken one is put together again."""

from __future__ import annotations

_FIRST = ("产出", "效益", "满意度", "成本", "投入管理", "管理", "效果")
_SECOND = (
    "数量", "质量", "时效", "成本",
    "经济效益", "社会效益", "生态效益", "可持续影响",
    "服务对象满意度", "满意度",
    "经济成本", "社会成本", "生态环境成本",
)  # fmt: skip

_PARENTS = {
    **dict.fromkeys(("数量", "质量", "时效"), "产出"),
    **dict.fromkeys(("经济效益", "社会效益", "生态效益", "可持续影响"), "效益"),
    **dict.fromkeys(("服务对象满意度", "满意度"), "满意度"),
    **dict.fromkeys(("经济成本", "社会成本", "生态环境成本"), "成本"),
}


def _names(bases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(bases) | {f"{base}指标" for base in bases}


LEVEL1 = _names(_FIRST)
LEVEL2 = _names(_SECOND)
LEVELS = LEVEL1 | LEVEL2


def complete(text: str) -> bool:
    """Whether a level name needs no rest: it is known and ends in 指标."""
    return text in LEVELS and text.endswith("指标")


def parent(level2: str) -> str | None:
    """The level-1 name that a level-2 name belongs under, ``None`` where there are several.

    >>> parent("社会效益指标"), parent("成本指标")
    ('效益指标', None)
    """
    base = _PARENTS.get(level2.removesuffix("指标"))
    return f"{base}指标" if base else None


def joined(first: str, rest: str) -> tuple[str, bool] | None:
    """Two parts of a broken level name, and whether an overlap was dropped.

    ``None`` where they do not make a level name together.

    >>> joined("可持续影响", "响指标"), joined("满意", "度指标")
    (('可持续影响指标', True), ('满意度指标', False))
    """
    for overlap in range(min(len(first), len(rest)), -1, -1):
        if first.endswith(rest[:overlap]) and first + rest[overlap:] in LEVELS:
            return first + rest[overlap:], overlap > 0
    return None


_LONGEST = 2 * max(map(len, LEVELS))


def cut(first: str, text: str) -> int | None:
    """Where ``text`` holds the rest of ``first`` in front of a level name of its own.

    >>> cut("社会效益", "指标可持续影响指标")
    2
    """
    for at in range(1, min(len(text), _LONGEST) - 1):
        if text[at:] in LEVELS and joined(first, text[:at]):
            return at
    return None

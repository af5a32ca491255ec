"""``crossfoot eval gate``: the frozen set measured, and held against a baseline."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.extra import language
from extractor.console import complain, output, usage
from extractor.options import Lang

if TYPE_CHECKING:
    from eval.gate import Baseline, Comparison, Moved

_WORDS: Mapping[str, Mapping[str, str]] = {
    "no_file": {
        "en": "{file}: there is no baseline; `{command}` makes one",
        "zh": "{file}：没有基线文件；运行 {command} 可生成",
    },
    "broken": {
        "en": "{file}: is no baseline of this gate ({why}); put the file back as it was, or "
        "`{command}` makes a new one",
        "zh": "{file}：不是可用的基线（{why}）；请恢复原文件，或运行 {command} 重新生成",
    },
    "not_compared": {
        "en": "{file}: was no baseline of this gate ({why}), so nothing is compared",
        "zh": "{file}：原文件不是可用的基线（{why}），无从比较",
    },
    "no_folder": {
        "en": "--baseline {file}: there is no folder {folder}",
        "zh": "--baseline {file}：没有文件夹 {folder}",
    },
    "since": {
        "en": "baseline of {date}: {what} {before}, now {after}",
        "zh": "{date} 的基线：{what} {before}，现为 {after}",
    },
    "check_set": {"en": "checks", "zh": "核对规则"},
    "reader_version": {"en": "reader version", "zh": "读取程序版本"},
    "set": {
        "en": "the frozen set is another one ({part}): its figures cannot be compared",
        "zh": "固定测试集已变（{part}）：其数字无从比较",
    },
    "worse": {"en": "red", "zh": "变差"},
    "better": {"en": "better", "zh": "变好"},
    "told": {"en": "moved", "zh": "有变动"},
    "margin": {"en": " (within the margin)", "zh": "（在允许范围内）"},
    "kept": {
        "en": "better: {count}; `{command}` makes them the baseline",
        "zh": "变好：{count} 项；运行 {command} 可作为新基线",
    },
    "meant": {
        "en": "if this is meant, `{command}` makes it the baseline",
        "zh": "如果是有意的改动，运行 {command} 可作为新基线",
    },
    "green": {"en": "green", "zh": "通过"},
    "red": {"en": "red: {count} figures are worse", "zh": "未通过：{count} 项变差"},
    "red_one": {"en": "red: 1 figure is worse", "zh": "未通过：1 项变差"},
    "red_set": {"en": "red: the frozen set is another one", "zh": "未通过：固定测试集已变"},
    "unchanged": {"en": "no figure moved", "zh": "各项数字均无变动"},
    "written": {"en": "the baseline is written: {file}", "zh": "基线已写入：{file}"},
}
_PARTS: Mapping[str, Mapping[str, str]] = {
    "gold": {"en": "gold set", "zh": "金标准"},
    "pages": {"en": "generated pages (simulation)", "zh": "生成的表（模拟）"},
    "double": {"en": "damaged pages, two readers (simulation)", "zh": "受损的表，双读（模拟）"},
}
_FIGURES: Mapping[str, Mapping[str, str]] = {
    "forms": {"en": "forms", "zh": "表"},
    "not_found": {"en": "forms not found", "zh": "未找到的表"},
    "failed": {"en": "forms at which the reader gave up", "zh": "读取失败的表"},
    "surplus": {"en": "forms that are not on the page", "zh": "多出的表"},
    "exact": {"en": "forms right in every field", "zh": "全部字段正确的表"},
    "rows_right": {"en": "indicator rows right", "zh": "全部正确的指标行"},
    "judged": {"en": "fields judged", "zh": "评判的字段"},
    "wrong": {"en": "wrong", "zh": "错误"},
    "silent": {"en": "silently wrong", "zh": "未提示的错误"},
    "noticed": {"en": "wrong numbers that a check names", "zh": "核对发现的错数"},
    "unnoticed": {"en": "wrong numbers that no check names", "zh": "核对未发现的错数"},
    "entries": {"en": "fields read", "zh": "读出的字段"},
    "flagged": {"en": "fields for a person to look at", "zh": "须人工核对的字段"},
    "auroc": {"en": "AUROC, all fields", "zh": "AUROC，全部字段"},
    "auroc_with_value": {"en": "AUROC, fields with a value", "zh": "AUROC，有值的字段"},
    "brier": {"en": "Brier score", "zh": "Brier 分数"},
}


def gate(
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", help="Another baseline than the one that comes along."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Make what is measured the baseline.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes. [default: one a processor]")
    ] = None,
    lang: Lang = None,
) -> None:
    """Measure a frozen set and hold it against a baseline. 固定测试集的质量门。

    Exit code 0: nothing is worse. 1: something is, and is named. 2: wrong usage.
    """
    spoken = language(lang)
    from eval.gate import SHIPPED, compare, now

    file = baseline or SHIPPED
    command = "crossfoot eval gate --write"
    command += "" if baseline is None else f" --baseline {shlex.quote(str(baseline))}"
    if write and not file.parent.is_dir():
        raise usage(_say("no_folder", spoken, file=file, folder=file.parent))
    before = _read(file, None if write else command, spoken)
    after = now(jobs or os.cpu_count() or 1)
    found = None if before is None else compare(before, after)
    if before is not None and found is not None:
        for line in (*_versions(before, after, spoken), *_table(found, spoken)):
            print(line)
    if write:
        _write(file, after, spoken)
    elif found is not None:
        for line in _verdict(found, command, spoken):
            print(line)
        if found.is_red:
            raise typer.Exit(1)


def _read(file: Path, command: str | None, lang: str) -> Baseline | None:
    """The baseline of a file. One that cannot be had ends the command and names the ``command``
    that mends it; without such a one it is ``None``, because it is about to be written."""
    from eval.gate import BaselineError, load

    try:
        return load(file)
    except FileNotFoundError:
        if command is None:
            return None
        raise usage(_say("no_file", lang, file=file, command=command)) from None
    except BaselineError as error:
        if command is None:
            complain(_say("not_compared", lang, file=file, why=error))
            return None
        raise usage(_say("broken", lang, file=file, why=error, command=command)) from None


def _write(file: Path, measured: Baseline, lang: str) -> None:
    from eval.gate import dumped

    with output(file) as stream:
        stream.write(dumped(measured))
    print(_say("written", lang, file=file))


def _versions(before: Baseline, after: Baseline, lang: str) -> Iterator[str]:
    """Checks and reader where they are others than those of the baseline."""
    for name in ("check_set", "reader_version"):
        was, is_ = getattr(before, name), getattr(after, name)
        if was != is_:
            told = {"what": _say(name, lang), "before": was, "after": is_}
            yield _say("since", lang, date=before.date, **told)


def _table(found: Comparison, lang: str) -> Iterator[str]:
    """A line a figure that moved, the worse ones first."""
    for part in found.other:
        yield _say("set", lang, part=_PARTS[part][lang])
    for one in (*found.by("worse"), *found.by("better"), *found.by("told")):
        yield _row(one, lang)
    if not found.moved and not found.other:
        yield _say("unchanged", lang)


def _row(one: Moved, lang: str) -> str:
    from extractor.report.plain import width_of

    mark = _say(one.verdict, lang)
    pad = " " * (8 - width_of(mark))
    within = _say("margin", lang) if one.is_within else ""
    change = f"{_number(one.before):>9} → {_number(one.after):<9}"
    return f"{mark}{pad}{change} {_PARTS[one.part][lang]} · {_figure(one.figure, lang)}{within}"


def _figure(figure: str, lang: str) -> str:
    """What a figure is called, with the class of fields where it is of one."""
    from extractor.weighing import CLASS_WORDS

    name, _, class_ = figure.partition(".")
    words = {name: told[lang] for name, told in CLASS_WORDS.items()}
    said = _FIGURES[name][lang]
    return f"{said}{': ' if lang == 'en' else '：'}{words[class_]}" if class_ else said


def _number(value: int | float | None) -> str:
    return "—" if value is None else f"{value:,}"


def _verdict(found: Comparison, command: str, lang: str) -> Iterator[str]:
    """What to do about it, and the last line: green or red."""
    worse, better = len(found.by("worse")), len(found.by("better"))
    if found.is_red:
        yield _say("meant", lang, command=command)
    elif better:
        yield _say("kept", lang, count=better, command=command)
    if worse:
        yield _say("red" if worse > 1 else "red_one", lang, count=worse)
    else:
        yield _say("red_set" if found.other else "green", lang)


def _say(key: str, lang: str, **told: object) -> str:
    return _WORDS[key][lang].format(**told)

"""What the commands say in Chinese and English: summaries, notes, what is in an archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from extractor.sources import shown

if TYPE_CHECKING:
    from extractor.bulk import Outcome, Summary
    from extractor.types import CheckedDocument

_WORDS: Mapping[str, Mapping[str, str]] = {
    "skipped": {"en": "skipped: {what}", "zh": "跳过：{what}"},
    "failed": {"en": "failed: {what}", "zh": "失败：{what}"},
    "refused": {
        "en": "refused: {path}: {title}: {what}",
        "zh": "不予读取：{path}：{title}：{what}",
    },
    "formless": {"en": "no form found: {path}", "zh": "未发现表格：{path}"},
    "place": {
        "en": "same text as another file, counted once: {path}",
        "zh": "与另一文件内容相同，只计一次：{path}",
    },
    "tail": {
        "en": "in front of the first form: {path}: {count} characters belong to no form",
        "zh": "首张表之前：{path}：有 {count} 个字符不属于任何表",
    },
    "stopping": {
        "en": "Stopping after the document in flight; Ctrl-C again stops at once.",
        "zh": "读完当前文件后停止；再按一次 Ctrl-C 立即停止。",
    },
    "stopped": {
        "en": "Stopped after {path}: {left} of {total} files left. "
        "The same command goes on from there.",
        "zh": "已在 {path} 之后停止：{total} 个文件中还有 {left} 个未读，"
        "重新运行同一命令即可继续。",
    },
    "stopped_early": {
        "en": "Stopped before the first file was read.",
        "zh": "尚未读取任何文件即已停止。",
    },
    "written": {"en": "written: {path}", "zh": "已写入：{path}"},
    "nothing": {"en": "nothing found for {what}", "zh": "没有找到 {what}"},
    "only_table": {
        "en": "{flag}: this version reads with the table reader only, offline; leave it out.",
        "zh": "{flag}：本版本只有离线的表格读取方式，请去掉该选项。",
    },
    "needs_file": {
        "en": "--format {what} is not for a terminal: name a file with -o",
        "zh": "--format {what} 不能输出到终端，请用 -o 指定文件",
    },
    "unknown_format": {
        "en": "--format {what}: is none of {known}",
        "zh": "--format {what}：应为 {known} 之一",
    },
}
_SUMMARY: Mapping[str, tuple[str, ...]] = {
    "en": (
        "documents  {documents} read · {unchanged} known already · {places} further places · "
        "{skipped} skipped · {failed} failed",
        "titles     {titles} seen + {untitled} untitled starts = "
        "{forms} forms + {repeats} repeats + {refused} refused · {tails} tails apart",
        "fields     {fields} · {flagged} flagged ({share} %)",
        "time       {seconds} s · cost {cost} (no model was asked)",
    ),
    "zh": (
        "文件  读取 {documents} · 已有 {unchanged} · 另处同文 {places} · 跳过 {skipped} · "
        "失败 {failed}",
        "标题  见到 {titles} + 失题起点 {untitled} = "
        "表 {forms} + 重复 {repeats} + 不予读取 {refused} · 另有残尾 {tails}",
        "字段  {fields} · 待人核 {flagged}（{share} %）",
        "用时  {seconds} 秒 · 费用 {cost}（未调用模型）",
    ),
}
_STATS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "documents  {documents} in {places} places · {superseded} older versions kept",
        "titles     {titles} seen + {untitled} untitled starts = "
        "{read} forms + {repeats} repeats + {refused} refused · {tails} tails apart",
        "forms      {forms}, a form and its twins counted once · {clear} clear · "
        "{open} open for review",
        "fields     {fields} · {flagged} flagged ({share} %) · {unread} printed cells unclaimed",
        "findings   {errors} identities fail",
        "runs       {batches} · {unfinished} broken off · {failed} files set aside",
    ),
    "zh": (
        "文件  {documents}，见于 {places} 处 · 保留旧版 {superseded}",
        "标题  见到 {titles} + 失题起点 {untitled} = "
        "表 {read} + 重复 {repeats} + 不予读取 {refused} · 另有残尾 {tails}",
        "表    {forms}（同一张表只计一次）· 无疑 {clear} · 待人核 {open}",
        "字段  {fields} · 待人核 {flagged}（{share} %）· 未认领的单元格 {unread}",
        "问题  不成立的等式 {errors}",
        "批次  {batches} · 中断 {unfinished} · 搁置的文件 {failed}",
    ),
}


def words(key: str, lang: str, **values: object) -> str:
    """One sentence; names in it cannot steer the terminal."""
    return _WORDS[key][lang].format(**{name: shown(str(value)) for name, value in values.items()})


def summary_lines(summary: Summary, lang: str) -> list[str]:
    """The figures that end a run: a form counted in each of ``titles`` and ``forms``."""
    values = {name: getattr(summary, name) for name in summary.__slots__}
    return _filled(_SUMMARY[lang], values)


def stats_lines(stats: Mapping[str, Any], lang: str) -> Iterator[str]:
    """What an archive holds, then its forms by family and by year."""
    yield from _filled(_STATS[lang], dict(stats))
    for name in ("by_family", "by_year"):
        for key, count in stats[name].items():
            yield f"  {'—' if key is None else key}  {count:,}"


def found_line(found: Mapping[str, Any]) -> str:
    """One form that a search found: document, number, year, issuer, project."""
    names = ("document", "number", "year", "issuer", "project_name")
    return "\t".join(shown(str(found[name])) for name in names if found[name] is not None)


def notes(outcome: Outcome, lang: str) -> Iterator[str]:
    """What a person should hear of one file beside its forms, a line each."""
    if outcome.failure is not None:
        yield words(outcome.fate, lang, what=outcome.failure.message[lang])
    elif outcome.fate == "place":
        yield words("place", lang, path=outcome.found.path)
    elif outcome.checked is not None:
        yield from _document_notes(outcome.checked, lang)


def _document_notes(checked: CheckedDocument, lang: str) -> Iterator[str]:
    path = checked.document.path
    if checked.tail is not None and (checked.forms or checked.refused):
        yield words("tail", lang, path=path, count=checked.tail.end - checked.tail.start)
    for refused in checked.refused:
        yield words("refused", lang, path=path, title=refused.title, what=refused.reason[lang])
    if not checked.forms and not checked.refused:
        yield words("formless", lang, path=path)


def _filled(lines: tuple[str, ...], values: dict[str, Any]) -> list[str]:
    fields = values["fields"]
    share = f"{100 * values['flagged'] / fields:.1f}" if fields else "0"
    told = {key: f"{n:,}" if isinstance(n, int) else n for key, n in values.items()}
    if "seconds" in values:
        told["seconds"] = f"{values['seconds']:.2f}"
    return [line.format(**told, share=share) for line in lines]

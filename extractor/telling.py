"""What the commands say in Chinese and English: summaries, notes, what is in an archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from extractor.books import Tokens
from extractor.prices import Price, money
from extractor.sources import shown

if TYPE_CHECKING:
    from extractor.books import Usage
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
    "because": {"en": "Stopped because: {what}", "zh": "停止的原因：{what}"},
    "stopped_early": {
        "en": "Stopped before the first file was read.",
        "zh": "尚未读取任何文件即已停止。",
    },
    "chain_broken": {
        "en": "operation {seq}{where}: {why}",
        "zh": "第 {seq} 条操作{where}：{why}",
    },
    "chain_before": {
        "en": "the one before it is not the one that it was made after: a row was removed, "
        "inserted or changed here",
        "zh": "其前一条并非当时的前一条：此处有记录被删除、插入或改动",
    },
    "chain_gone": {"en": "it is gone", "zh": "已不存在"},
    "chain_content": {
        "en": "its content is not what was written: it was changed afterwards",
        "zh": "内容与写入时不符：事后被改动",
    },
    "chain_name": {
        "en": "it stands under another number or document than it says itself",
        "zh": "编号或所属文件与其自身所载不符",
    },
    "no_head": {
        "en": "{head}: no operation has this hash; it was removed, or one before it was changed",
        "zh": "{head}：没有操作带有此哈希；它已被删除，或其前有操作被改动",
    },
    "no_operations": {"en": "nobody has reviewed anything yet", "zh": "尚无审核操作"},
    "unweighed": {
        "en": "{count} documents were not weighed yet by the newest calibration; "
        "`crossfoot eval drift` goes on with it",
        "zh": "还有 {count} 份文件未按最新校准重新判定；crossfoot eval drift 会继续完成",
    },
    "promises": {
        "en": "promises for {family} forms read by {reader}:",
        "zh": "{family} 表（读取方式 {reader}）的承诺：",
    },
    "written": {"en": "written: {path}", "zh": "已写入：{path}"},
    "nothing": {"en": "nothing found for {what}", "zh": "没有找到 {what}"},
    "needs_model": {
        "en": "{flag}: no model is set; name one with --model, CROSSFOOT_MODEL or in "
        "crossfoot.toml, or leave {flag} out to read offline.",
        "zh": "{flag}：未设定模型；请用 --model、CROSSFOOT_MODEL 或 crossfoot.toml 指定，"
        "或去掉 {flag} 离线读取。",
    },
    "needs_price": {
        "en": '--budget: crossfoot.toml has no price for {model}; add [prices."{model}"] with '
        "input and output per million tokens.",
        "zh": '--budget：crossfoot.toml 中没有 {model} 的价格；请添加 [prices."{model}"]，'
        "写明每百万词元的 input 和 output。",
    },
    "no_address": {
        "en": "OPENAI_BASE_URL: is no address; one looks like https://models.example.org/v1",
        "zh": "OPENAI_BASE_URL：不是地址，应如 https://models.example.org/v1",
    },
    "no_key": {
        "en": "OPENAI_API_KEY: holds signs that no key has; was it copied whole?",
        "zh": "OPENAI_API_KEY：含有密钥不应有的字符，是否复制完整？",
    },
    "sending": {
        "en": "Pages of {documents} documents would be sent to {endpoint} (model {model}); "
        "estimate: {cost}.",
        "zh": "{documents} 个文件的内容将发送到 {endpoint}（模型 {model}）；估计：{cost}。",
    },
    "estimate": {
        "en": "{input} tokens in, {output} out, {cost}",
        "zh": "输入 {input}、输出 {output} 词元，{cost}",
    },
    "no_price": {
        "en": "cost unknown: crossfoot.toml has no price for this model",
        "zh": "费用未知：crossfoot.toml 中没有此模型的价格",
    },
    "unpriced": {
        "en": "unknown (no price for this model in crossfoot.toml)",
        "zh": "未知（crossfoot.toml 中没有此模型的价格）",
    },
    "tokens": {"en": "{input} tokens in, {output} out", "zh": "输入 {input}、输出 {output} 词元"},
    "no_calls": {"en": "no model was asked yet", "zh": "尚未调用过模型"},
    "agree": {"en": "Send them?", "zh": "是否发送？"},
    "needs_consent": {
        "en": "Nothing was sent: agree with --send, or with send = true in crossfoot.toml.",
        "zh": "未发送任何内容：请用 --send 或在 crossfoot.toml 中写 send = true 表示同意。",
    },
    "needs_file": {
        "en": "--format {what} is not for a terminal: name a file with -o",
        "zh": "--format {what} 不能输出到终端，请用 -o 指定文件",
    },
    "unknown_sum": {
        "en": "--costs {what}: is none of {known}",
        "zh": "--costs {what}：应为 {known} 之一",
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
    ),
    "zh": (
        "文件  读取 {documents} · 已有 {unchanged} · 另处同文 {places} · 跳过 {skipped} · "
        "失败 {failed}",
        "标题  见到 {titles} + 失题起点 {untitled} = "
        "表 {forms} + 重复 {repeats} + 不予读取 {refused} · 另有残尾 {tails}",
        "字段  {fields} · 待人核 {flagged}（{share} %）",
    ),
}
_SPENT: Mapping[str, Mapping[str, str]] = {
    "en": {
        "model": "model      {calls}",
        "offline": "time       {seconds} s · cost 0 (no model was asked)",
        "time": "time       {seconds} s · cost {cost}",
        "calls": "{calls} calls · {input} tokens in ({cached} cached) · {output} out",
        "left": "left       {left} documents wait for another run",
        "unknown": "unknown: {count} calls without a bill, at most {most}",
    },
    "zh": {
        "model": "模型  {calls}",
        "offline": "用时  {seconds} 秒 · 费用 0（未调用模型）",
        "time": "用时  {seconds} 秒 · 费用 {cost}",
        "calls": "调用 {calls} 次 · 输入 {input} 词元（缓存 {cached}）· 输出 {output}",
        "left": "未完  {left} 个文件待下次运行",
        "unknown": "未知：{count} 次调用没有账单，至多 {most}",
    },
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
    lines = _filled(_SUMMARY[lang], values)
    said = _SPENT[lang]
    numbers = {key: f"{n:,}" if isinstance(n, int) else n for key, n in values.items()}
    if summary.left:
        lines.append(said["left"].format_map(numbers))
    numbers["seconds"] = f"{summary.seconds:.2f}"
    if summary.reader == "table":
        return [*lines, said["offline"].format_map(numbers)]
    cost = _cost(summary, lang)
    calls = said["calls"].format_map(numbers)
    return [
        *lines,
        said["model"].format(calls=calls),
        said["time"].format(seconds=numbers["seconds"], cost=cost),
    ]


def _cost(summary: Summary, lang: str) -> str:
    """What a run cost, and what of it nobody here knows."""
    if summary.cost is None or summary.most_cost is None:
        known = words("unpriced", lang)
        most = words("tokens", lang, input=summary.most_input, output=summary.most_output)
    else:
        unit = f" {summary.currency}" if summary.currency else ""
        known = f"{money(Decimal(summary.cost))}{unit}"
        most = f"{money(Decimal(summary.most_cost))}{unit}"
    if not summary.unknown:
        return known
    return f"{known} · {_SPENT[lang]['unknown'].format(count=summary.unknown, most=most)}"


def cost_lines(
    rows: Sequence[Mapping[str, Any]], prices: Mapping[str, Price], lang: str
) -> Iterator[str]:
    """What calls to models took and cost, a line for each batch, document or form."""
    for row in rows:
        price = prices.get(row["model"])
        tokens = Tokens(row["input"], row["cached"], row["output"])
        most = Tokens(row["most_input"], 0, row["most_output"])
        name = "\t".join(shown(str(row[key])) for key in ("batch", "path", "form") if key in row)
        known = words("unpriced", lang) if price is None else price.told(tokens)
        line = (
            f"{name}\t{shown(row['model'])}\t"
            f"{_SPENT[lang]['calls'].format(**{key: f'{row[key]:,}' for key in _BILLED})}\t{known}"
        )
        if row["unknown"]:
            told = words("tokens", lang, input=most.input, output=most.output)
            told = told if price is None else price.told(most)
            line += f" · {_SPENT[lang]['unknown'].format(count=row['unknown'], most=told)}"
        yield line


_BILLED = ("calls", "input", "cached", "output")


def progress_text(rate: float, usage: Usage, price: Price | None, lang: str) -> str:
    """What stands beside the count of files: how many a second, and what was spent."""
    told = f"{rate:.1f}/s"
    if not usage.calls:
        return told
    if price is None:
        return f"{told} · {usage.tokens.input + usage.tokens.output:,} tokens"
    return f"{told} · {price.told(usage.tokens)}"


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

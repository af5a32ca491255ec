"""What the commands of promises have in common: what they say, in Chinese and English, and how they
take classes and archives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.console import progress, usage
from extractor.signals import CLASSES, Class

if TYPE_CHECKING:
    from extractor.store import Store

_WORDS: Mapping[str, Mapping[str, str]] = {
    "class": {
        "en": "--{flag} {what}: write CLASS={unit}, with a class of {known}",
        "zh": "--{flag} {what}：应写作 类别={unit}，类别为 {known} 之一",
    },
    "needs_db": {
        "en": "--adopt stores calibrations in an archive: name it with --db",
        "zh": "--adopt 将校准存入档案：请用 --db 指明档案",
    },
    "adopt_alone": {
        "en": "--adopt takes calibrations as they are; nothing else can be given with it",
        "zh": "--adopt 原样采用校准，不能与其他选项同用",
    },
    "no_labels": {
        "en": "{db}: nobody has answered a question yet; `crossfoot eval sample` draws some",
        "zh": "{db}：还没有任何标注；请先用 crossfoot eval sample 抽样",
    },
    "labels": {
        "en": "{name}: {forms} forms, {fields} fields, {wrong} wrong{made}",
        "zh": "{name}：{forms} 张表，{fields} 个字段，{wrong} 个错误{made}",
    },
    "made": {"en": " (generated: never certify)", "zh": "（生成的表：不能用于证明）"},
    "family": {
        "en": "{family} forms read by {reader} (checks {checks}, reader version {version}):",
        "zh": "{family} 表（读取方式 {reader}，核对规则 {checks}，读取程序第 {version} 版）：",
    },
    "probability": {
        "en": "probability   from {n} fields of {families} families, {errors} wrong ({basis}); "
        "out of fold AUROC {auroc}, Brier {brier}",
        "zh": "概率：依据 {families} 族 {n} 个字段、{errors} 个错误（{basis}）；"
        "折外 AUROC {auroc}，Brier {brier}",
    },
    "no_probability": {
        "en": "probability   none: too few wrong values to learn from",
        "zh": "概率：无，错误太少，无从学习",
    },
    "whole": {
        "en": "Of whole forms a document family is one label: what is wrong in it hangs together; "
        "fields that `crossfoot eval sample` draws are one label each.",
        "zh": "整表标注时，同一文件族只算一个标注，因其错误往往相连；"
        "crossfoot eval sample 抽取的字段各算一个标注。",
    },
    "feasible": {
        "en": "fewest labels that can show a limit, none of them wrong: {told}",
        "zh": "证明各限值所需的最少标注数（无一错误）：{told}",
    },
    "written": {"en": "written: {path}", "zh": "已写入：{path}"},
    "weighed": {
        "en": "{count} forms of the archive were weighed otherwise than before",
        "zh": "档案中有 {count} 张表的判定有变化",
    },
    "nothing_left": {
        "en": "nothing to draw: the archive has no field of these classes that nobody was asked "
        "about",
        "zh": "没有可抽的字段：档案中这些类别没有尚未抽过的字段",
    },
    "few": {
        "en": "{name}: {found} of {wanted} drawn, the archive has no more",
        "zh": "{name}：要求 {wanted} 个，抽到 {found} 个，档案中没有更多",
    },
    "revoked_here": {
        "en": "{file}: this archive revoked its promise of {classes}; only its own labels bring "
        "it back",
        "zh": "{file}：本档案已撤销对 {classes} 的承诺，只有本档案自己的标注才能恢复",
    },
    "open": {
        "en": "{count} questions that were drawn are not answered yet: a sample shows what it "
        "promises only once all of it is",
        "zh": "还有 {count} 道已抽的题未答：抽样须全部作答，所证方为可信",
    },
    "old_reading": {
        "en": "some labels are of documents that an older version read; read them again with "
        "`crossfoot ingest`",
        "zh": "部分标注所涉文件由旧版读取，请用 crossfoot ingest 重新读取",
    },
    "there": {
        "en": "{path}: is there already, and may hold answers; name another file",
        "zh": "{path}：文件已存在，可能已有答案，请另选文件名",
    },
    "other_row": {
        "en": "is not the row of question {what}: document, form, field or value are others",
        "zh": "与第 {what} 题不符：文件、表、字段或值不同",
    },
    "short_row": {"en": "has too few cells", "zh": "单元格不足"},
    "unreadable": {
        "en": "“{what}” is no value of this field; write ok, what the page prints, or -",
        "zh": "“{what}”不是此栏的值；请填 ok、表上所印的值或 -",
    },
    "not_a_sheet": {
        "en": "{path}: is no sheet of questions ({why}): it should have the columns {columns}, "
        "each once; `crossfoot eval sample -o` writes one",
        "zh": "{path}：不是抽样表（{why}），应有列 {columns} 各一；crossfoot eval sample -o 可生成",
    },
    "bad_row": {"en": "{path}, line {line}: {why}", "zh": "{path} 第 {line} 行：{why}"},
    "not_open": {
        "en": "this archive has no question {what}",
        "zh": "档案中没有第 {what} 题",
    },
    "other_answer": {
        "en": "question {what} was answered otherwise before; the first answer stands, unless you "
        "say --correct",
        "zh": "第 {what} 题此前已有不同的回答，以先答为准；如须更正请加 --correct",
    },
    "more": {"en": "… and {count} more", "zh": "……另有 {count} 行"},
    "gone": {
        "en": "the field of question {what} is gone from the archive",
        "zh": "第 {what} 题所问的字段已不在档案中",
    },
    "kept": {
        "en": "{kept} answers kept, {wrong} of them say that the value is wrong; "
        "{blank} left blank, {before} known already",
        "zh": "存入 {kept} 个标注，其中 {wrong} 个为错误；{blank} 行未填，{before} 个此前已存",
    },
    "no_promise": {
        "en": "this archive promises nothing yet; `crossfoot eval calibrate --db` says what is "
        "missing",
        "zh": "档案尚未作出承诺；crossfoot eval calibrate --db 会说明还缺什么",
    },
    "watched": {
        "en": "{name}: {n} labels since, {errors} wrong; evidence against {limit} %: {evidence} "
        "of {broken}",
        "zh": "{name}：此后 {n} 个标注，{errors} 个错误；反对 {limit}% 的证据：{evidence}"
        "（达到 {broken} 即撤销）",
    },
    "broken": {
        "en": "{name}: the promise of {limit} % is broken and was revoked; what it accepted "
        "goes to a person",
        "zh": "{name}：{limit}% 的承诺已被打破并撤销，原免核的字段改由人核",
    },
}


def say(key: str, lang: str, **told: object) -> str:
    """A sentence with what it tells of."""
    return _WORDS[key][lang].format(**told)


def archive(db: Path) -> Store:
    """The archive of a file that is there; errors name it."""
    from extractor.store import Store

    return Store.open(db, create=False)


def pairs(flag: str, unit: str, given: Sequence[str] | None, lang: str) -> dict[Class, float]:
    """``CLASS=NUMBER`` as numbers above zero; raises the exit of a wrong usage."""
    found: dict[Class, float] = {}
    for text in given or []:
        name, _, number = text.partition("=")
        class_: Class | None = next((one for one in CLASSES if one == name), None)
        try:
            value = float(number) if float(number) < 1e9 else 0.0
        except ValueError:
            value = 0.0
        fits = 0.001 <= value <= 50 if flag == "limit" else value == int(value) > 0
        if class_ is None or not fits:
            told = ", ".join(CLASSES)
            raise usage(say("class", lang, flag=flag, what=text, known=told, unit=unit))
        found[class_] = value
    return found


def weighed(store: Store, lang: str) -> str:
    """Weighs what is left of the archive, shown on a terminal; what came of it."""
    from extractor.weighing import weigh

    with progress(store.unweighed()) as advance:
        changed = weigh(store, lambda: advance(""))
    return say("weighed", lang, count=f"{changed:,}")

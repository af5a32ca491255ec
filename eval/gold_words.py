"""What the commands on gold sets say, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from extractor.sources import shown

_WORDS: Mapping[str, Mapping[str, str]] = {
    "unusable": {
        "en": "cannot be read as a gold item: {what}",
        "zh": "不能作为金标准条目读取：{what}",
    },
    "no_document": {
        "en": "its document cannot be read ({what}); put it back under documents/",
        "zh": "读不到对应文件（{what}），请放回 documents/ 中",
    },
    "other_text": {
        "en": "the text of {document} is not the one that the spans count in (text_sha256); "
        "put that text back, or make the item anew",
        "zh": "{document} 的文字不是位置所指的文字（text_sha256），请放回原文或重做该条目",
    },
    "other_bytes": {
        "en": "{document} has other bytes than were read (sha256); put the file back",
        "zh": "{document} 的内容与当初所读不同（sha256），请放回原文件",
    },
    "form_span": {
        "en": "must run from the title's first character to the form's last that is no space",
        "zh": "应从标题的首字起，到该表最后一个非空白字符止",
    },
    "outside": {
        "en": "a span lies outside the form ({a} to {b}); point it at the printed characters",
        "zh": "位置超出该表范围（{a} 至 {b}），请指向所印的字符",
    },
    "disorder": {
        "en": "the spans overlap or are not in reading order; sort them",
        "zh": "各位置重叠或不按阅读顺序，请重新排列",
    },
    "not_blank": {
        "en": "is said to be blank, but {what} is printed there; give the value or mend the span",
        "zh": "记为空白，但该处印有 {what}，请填写其值或改正位置",
    },
    "no_cell": {
        "en": "the span ({what}) is not printed text within one cell, without outer spaces; "
        "mend the span",
        "zh": "该位置（{what}）不是单个单元格内、不含首尾空格的文字，请改正位置",
    },
    "cut": {
        "en": "the span takes only {what} of {cell}; take all of it",
        "zh": "该位置只取了 {cell} 中的 {what}，请取全",
    },
    "other_value": {
        "en": "the value is {value}, but the page prints {raw}, which gives {given}; "
        "mend the value or the spans",
        "zh": "值为 {value}，而原文印作 {raw}，应得 {given}，请改正值或位置",
    },
    "shared": {
        "en": "stands in the same characters as {other}; one of the two is elsewhere",
        "zh": "与 {other} 指向同一处文字，其中之一应在别处",
    },
    "uneven": {
        "en": "starts in the same cell as {other} but differs; give both the same value and spans",
        "zh": "与 {other} 始于同一单元格却不相同，请使二者的值和位置一致",
    },
    "unclaimed": {
        "en": "no leaf holds {what}, printed at {at}; give it to its leaf",
        "zh": "位置 {at} 所印的 {what} 不属于任何字段，请归入相应字段",
    },
    "undeclared": {
        "en": "{check} fails on these values and is not declared; mend a value, "
        "or declare it if the page is wrong",
        "zh": "{check} 在这些值上不成立而未列出，请改正数值；若原表有误则列入",
    },
    "holds": {
        "en": "{check} is declared to fail but does not; remove it, or mend a value",
        "zh": "{check} 列为不成立，其实成立，请删去或改正数值",
    },
    "one_reading": {
        "en": "must be given for two readings, and be null otherwise (here: {made_from})",
        "zh": "两次阅读须写明一致情况，其他来源则为 null（此处：{made_from}）",
    },
    "settled_unknown": {
        "en": "{leaf} was settled, but is no leaf of this form; mend the name",
        "zh": "列为已裁定的 {leaf} 不是本表的字段，请改正名称",
    },
    "miscounted": {
        "en": "agreed and settled leaves do not add up to the {leaves} leaves; count again",
        "zh": "一致与已裁定的字段数之和不等于字段总数 {leaves}，请重新计数",
    },
    "twice": {
        "en": "is the same form of the same file as {other}; remove one",
        "zh": "与 {other} 是同一文件的同一张表，请删去其一",
    },
    "torn": {
        "en": "comes from the same file as {other}, which is of the family {family}; "
        "give both the same",
        "zh": "与 {other}（属 {family}）来自同一文件，请归入同一族",
    },
    "near": {
        "en": "is all but the same form as {other}, which is of the family {family}; "
        "give both the same",
        "zh": "与 {other}（属 {family}）几乎是同一张表，请归入同一族",
    },
    "summary": {
        "en": "{forms} forms, {leaves} leaves, {families} document families",
        "zh": "表 {forms} · 字段 {leaves} · 文件族 {families}",
    },
    "agreement": {
        "en": "two readings agree on {agreed} of {compared} leaves ({share} %), {settled} settled",
        "zh": "两次阅读在 {compared} 个字段中有 {agreed} 个一致（{share} %），裁定 {settled} 个",
    },
    "reviewed": {"en": "{count} forms from review", "zh": "人工核对的表 {count}"},
    "generated": {"en": "{count} generated forms", "zh": "生成的表 {count}"},
    "faults": {"en": "{count} faults", "zh": "问题 {count}"},
    "sound": {"en": "no faults", "zh": "没有问题"},
    "added": {
        "en": "added {id}, document family {family}: {file}",
        "zh": "已加入 {id}，文件族 {family}：{file}",
    },
    "looked_at": {
        "en": "{reviewed} of {leaves} fields were set by a person; the others are the reader's own",
        "zh": "{leaves} 个字段中有 {reviewed} 个由人填定，其余均为机读结果",
    },
    "refused": {
        "en": "not added: {document}, form {form}",
        "zh": "未加入：{document} 第 {form} 张表",
    },
    "open": {
        "en": "{leaf}: still wants a person ({why}); review it first",
        "zh": "{leaf}：仍待人核（{why}），请先核对",
    },
    "unread": {
        "en": "the printed {what} at {at} is not read; review it first",
        "zh": "位置 {at} 所印的 {what} 尚未读取，请先核对",
    },
    "known": {
        "en": "this form is in the set already; remove {file} to add it anew",
        "zh": "该表已在集中，如需重新加入请先删去 {file}",
    },
    "contradicts": {
        "en": "it is all but a form of the document family {found}, not of {asked}; "
        "leave --family out",
        "zh": "它与文件族 {found} 中的表几乎相同，不属于 {asked}，请去掉 --family",
    },
    "several": {
        "en": "it is near to forms of several document families ({found}); "
        "make these one family first",
        "zh": "它与多个文件族（{found}）的表相近，请先将这些文件族合并",
    },
    "unstorable": {
        "en": "its path or text holds characters that UTF-8 cannot keep",
        "zh": "其路径或文字含有 UTF-8 无法保存的字符",
    },
    "no_such_document": {
        "en": "{document}: the archive has no such document (a path, or the start of a hash)",
        "zh": "{document}：档案中没有这个文件（可用路径或哈希值开头）",
    },
    "no_such_form": {
        "en": "{document} has no form {form}; it has {count}, counted from 0",
        "zh": "{document} 没有第 {form} 张表；共 {count} 张，从 0 数起",
    },
    "ambiguous": {
        "en": "{document} names several documents; name one by its hash: {hashes}",
        "zh": "{document} 对应多个文件，请用哈希值指定：{hashes}",
    },
}


def sentence(code: str, lang: str, **details: object) -> str:
    """One sentence; names in it cannot steer the terminal."""
    told = {name: shown(str(value)) for name, value in details.items()}
    return _WORDS[code][lang].format(**told)

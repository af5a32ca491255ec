"""What the screens say around the documents, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
"""A sentence in ``zh`` and ``en``."""

WORDS: Mapping[str, Words] = {
    "queue": {"zh": "待核", "en": "Queue"},
    "bench": {"zh": "审核", "en": "Bench"},
    "form": {"zh": "表单", "en": "Form"},
    "quality": {"zh": "抽查", "en": "Quality"},
    "statistics": {"zh": "统计", "en": "Statistics"},
    "batches": {"zh": "批次", "en": "Batches"},
    "person": {"zh": "审核人", "en": "Reviewer"},
    "person_help": {
        "zh": "每一步操作都记在此名下",
        "en": "every act is kept under this name",
    },
    "no_archive": {
        "zh": "档案打不开；请在启动审核的终端检查路径后重新启动",
        "en": "the archive cannot be opened; check its path where the review was started",
    },
    "no_person": {
        "zh": "不知道您是谁：请先写明审核人（或登录），然后才能审核",
        "en": "it is not known who you are: name yourself (or log in) before you review",
    },
    "login": {"zh": "登录", "en": "Log in"},
    "logout": {"zh": "退出", "en": "Log out"},
    "no_header": {
        "zh": "此请求未经可信代理，没有用户名；请从贵单位的入口进入",
        "en": "this request did not come through the trusted proxy; use your office's entrance",
    },
    "nothing_to_review": {
        "zh": "没有待核的表单。",
        "en": "Nothing is left to review.",
    },
    "queue_counts": {
        "zh": "待核 {forms} 张表，{documents} 份文件，{fields} 个字段",
        "en": "{forms} forms in {documents} documents, {fields} fields to settle",
    },
    "filter_family": {"zh": "表类", "en": "Family"},
    "filter_year": {"zh": "年度", "en": "Year"},
    "filter_unit": {"zh": "单位", "en": "Unit"},
    "filter_check": {"zh": "勾稽关系", "en": "Failed check"},
    "filter_batch": {"zh": "批次", "en": "Batch"},
    "words": {"zh": "包含文字", "en": "Words"},
    "all": {"zh": "全部", "en": "all"},
    "page_back": {"zh": "上一页", "en": "Back"},
    "page_on": {"zh": "下一页", "en": "On"},
    "page_of": {"zh": "第 {a}–{b} 张，共 {n} 张", "en": "{a}–{b} of {n}"},
    "quality_about": {
        "zh": "从无须人看的字段中随机抽取，由人对照原文判断；答案用于检验承诺的错误率。"
        "查出的错误会更正记录，并重开同类字段。",
        "en": "Fields that need nobody, drawn at random for a person to hold against the page. The "
        "answers test the promised error rate; an error corrects the record and reopens the fields "
        "that were accepted for the same reasons.",
    },
    "questions_open": {"zh": "{n} 个问题尚待回答", "en": "{n} questions are open"},
    "questions_begin": {"zh": "开始抽查", "en": "Begin"},
    "quality_table": {"zh": "抽查结果", "en": "What came of it"},
    "stratum": {"zh": "层级", "en": "Stratum"},
    "class": {"zh": "类别", "en": "Class"},
    "drawn": {"zh": "已抽", "en": "Drawn"},
    "answered": {"zh": "已答", "en": "Answered"},
    "wrong": {"zh": "有误", "en": "Wrong"},
    "draw_classes": {"zh": "抽取的类别", "en": "Classes of fields"},
    "draw_number": {"zh": "每类个数", "en": "Of each class"},
    "draw": {"zh": "抽取", "en": "Draw"},
    "drawn_now": {"zh": "已抽取 {n} 个字段", "en": "{n} fields were drawn"},
    "no_forms": {"zh": "这份文件中没有表单。", "en": "This document has no forms."},
    "to_bench": {"zh": "去审核", "en": "Open on the bench"},
    "findings": {"zh": "核对结果", "en": "Findings"},
    "record": {"zh": "记录", "en": "Record"},
    "history": {"zh": "操作记录", "en": "What was done"},
    "head": {"zh": "操作链头 {head}", "en": "Head of the chain {head}"},
    "kind": {"zh": "类别", "en": "Kind"},
    "finding": {"zh": "说明", "en": "Finding"},
    "field": {"zh": "字段", "en": "Field"},
    "value": {"zh": "值", "en": "Value"},
    "as_printed": {"zh": "原文", "en": "As printed"},
    "believed": {"zh": "依据", "en": "Why it is believed"},
    "state": {"zh": "状态", "en": "State"},
    "when": {"zh": "时间", "en": "When"},
    "who": {"zh": "何人", "en": "Who"},
    "act": {"zh": "操作", "en": "Act"},
    "id": {"zh": "编号", "en": "Id"},
    "no_document": {
        "zh": "档案中没有这份文件；从待核列表中选一份",
        "en": "the archive has no such document; pick one from the queue",
    },
}

BENCH: Mapping[str, Words] = {
    "source": {"zh": "原文", "en": "Source"},
    "lines": {"zh": "第 {a}–{b} 行", "en": "lines {a}–{b}"},
    "rejoined": {"zh": "接合", "en": "rejoined"},
    "grid": {"zh": "表格", "en": "grid"},
    "raw": {"zh": "原始文本", "en": "raw text"},
    "fields": {"zh": "本表字段", "en": "Fields of this form"},
    "left": {"zh": "待核 {n}", "en": "{n} to settle"},
    "of_all": {"zh": "（共 {of} 个字段）", "en": "of {of} fields"},
    "pace": {"zh": "每项约 {s} 秒", "en": "{s} s a field"},
    "unsent": {"zh": "{n} 项未送达", "en": "{n} not sent yet"},
    "offline": {
        "zh": "服务器没有回应。{n} 项已存在本机浏览器中，连上后自动送出；可以继续审核。",
        "en": "The server does not answer. {n} are kept in this browser and go out when it does; "
        "you can go on.",
    },
    "unstored": {
        "zh": "浏览器不能保存（空间已满或被禁用）：送达之前请勿关闭此页。",
        "en": "This browser cannot keep anything (full, or forbidden): do not close this page "
        "before all is sent.",
    },
    "lease": {
        "zh": "{person} 正在审核这份文件（自 {since}）。您可以看，不能改；接管后可改。",
        "en": "{person} has been working on this document since {since}. You can look; take it "
        "over to decide.",
    },
    "moment": {"zh": "请稍候，正在打开……", "en": "One moment: the document is being opened …"},
    "lease_own": {
        "zh": "您在另一页上打开了这份文件（自 {since}）。此处只能看；接管后可改。",
        "en": "You have this document open in another tab since {since}. Here you can look; take "
        "it over to decide.",
    },
    "take": {"zh": "接管", "en": "Take over"},
    "conflict": {
        "zh": "{n} 项操作不相容，须重新决定",
        "en": "{n} operations do not fit and want a decision",
    },
    "why_concurrent": {
        "zh": "{person}：{said}。同时另有一种说法，两者都未采用",
        "en": "{person}: {said}. Somebody else says otherwise; neither counts",
    },
    "why_reread": {
        "zh": "{person}：{said}。此处原文已与当时不同，未采用",
        "en": "{person}: {said}. The field prints something else than it did; not applied",
    },
    "why_gone": {
        "zh": "{person}：{said}。表中已没有此处，未采用",
        "en": "{person}: {said}. The form has no such field any more; not applied",
    },
    "no_support": {
        "zh": "原文中没有任何文字支持此值。",
        "en": "Nothing in the source supports this value.",
    },
    "nothing": {"zh": "空", "en": "nothing"},
    "printed": {"zh": "表列", "en": "printed"},
    "implied": {"zh": "各项合计", "en": "comes to"},
    "difference": {"zh": "相差", "en": "difference"},
    "others": {"zh": "其余 {n} 项", "en": "{n} others"},
    "terms": {"zh": "共 {n} 项", "en": "{n} terms"},
    "confirmed": {"zh": "已确认为表格本身之误", "en": "confirmed: the form itself is wrong"},
    "suggestion": {"zh": "建议", "en": "suggestion"},
    "line": {"zh": "原文第 {n} 行", "en": "line {n} of the source"},
    "next": {"zh": "下一处", "en": "next"},
    "previous": {"zh": "上一处", "en": "previous"},
    "accept": {"zh": "原文如此，无误", "en": "accept"},
    "candidate": {"zh": "采用", "en": "take"},
    "edit": {"zh": "修改", "en": "edit"},
    "absent": {"zh": "页面未填", "en": "not on the page"},
    "defect": {"zh": "表格本身有误", "en": "the form is wrong"},
    "defer": {"zh": "稍后处理", "en": "defer"},
    "undo": {"zh": "撤销", "en": "undo"},
    "redo": {"zh": "重做", "en": "redo"},
    "find": {"zh": "在原文中找", "en": "find in source"},
    "view": {"zh": "表格／原始文本", "en": "grid or raw"},
    "structure": {"zh": "行与表的调整", "en": "rows and form"},
    "help": {"zh": "帮助", "en": "help"},
    "submit": {"zh": "提交", "en": "submit"},
    "open_next": {"zh": "下一份文件", "en": "next document"},
    "keep": {"zh": "保存", "en": "keep it"},
    "take_out": {"zh": "撤下这一步", "en": "take it out"},
    "take_help": {"zh": "接管他人正在审核的文件", "en": "take over a document that another has"},
    "candidate_help": {"zh": "采用该候选值", "en": "take that value"},
    "accept_help": {"zh": "原文所印即此值", "en": "the page prints this value"},
    "edit_help": {
        "zh": "修改：写下原文所印的值，Enter 保存，Esc 放弃",
        "en": "type what the page prints; Enter keeps it, Esc leaves it",
    },
    "absent_help": {"zh": "原文此处没有内容", "en": "the page prints nothing here"},
    "defect_help": {
        "zh": "读得没错，是表格本身的算式有误",
        "en": "it is read right; the form's own sum is wrong",
    },
    "defer_help": {"zh": "稍后处理：其余核完后再来", "en": "it comes again after all others"},
    "empty_help": {
        "zh": "此处没有读到内容：E 写下原文所印的值，N 表示原文也没有。",
        "en": "Nothing was read here: E to type what the page prints, N if it prints nothing.",
    },
    "no_parts": {
        "zh": "此行各格都没有分开的部分，无从拆分；可插入一行",
        "en": "no cell of this row has parts that stand apart; insert a row instead",
    },
    "this_row": {"zh": "此行：{name}", "en": "This row: {name}"},
    "this_form": {"zh": "此表现为：{family}", "en": "This form is read as: {family}"},
    "missed_help": {
        "zh": "漏掉的表从哪一行开始：",
        "en": "Where a form that was missed begins:",
    },
    "edit_label": {"zh": "原文所印的值", "en": "what the page prints"},
    "edit_hint": {
        "zh": "Enter 确认并跳到下一处，Esc 取消",
        "en": "Enter keeps it and goes on, Esc leaves it",
    },
    "no_number": {"zh": "这里应是数字", "en": "a number belongs here"},
    "search_label": {"zh": "在原文中查找", "en": "find in the source"},
    "found": {"zh": "{n} / {of}", "en": "{n} of {of}"},
    "not_found": {"zh": "没有", "en": "none"},
    "settled_by": {"zh": "{person}：{said}", "en": "{person}: {said}"},
    "said_accept": {"zh": "原文如此", "en": "as it is printed"},
    "said_set": {"zh": "应读作 {value}", "en": "it reads {value}"},
    "said_nothing": {"zh": "页上没有", "en": "not on the page"},
    "said_defect": {"zh": "表格本身有误", "en": "the form itself is wrong"},
    "said_defer": {"zh": "留待稍后", "en": "deferred"},
    "said_reopen": {"zh": "因旁边查出错误而重开", "en": "reopened: an error was found beside it"},
    "said_insert": {"zh": "插入一行", "en": "a row inserted"},
    "said_remove": {"zh": "删除此行", "en": "the row removed"},
    "said_join": {"zh": "并入上一行", "en": "joined with the row above"},
    "said_split": {"zh": "拆成两行", "en": "split in two"},
    "said_family": {"zh": "改为 {value}", "en": "of the family {value}"},
    "said_submit": {"zh": "提交", "en": "submitted"},
    "said_undo": {"zh": "撤销", "en": "undone"},
    "all_settled": {
        "zh": "本文件已全部核完。按 Ctrl+Enter 提交。",
        "en": "All of this document is settled. Ctrl+Enter submits it.",
    },
    "submit_open": {
        "zh": "还有 {n} 项未核。再按一次 Ctrl+Enter 仍可提交。",
        "en": "{n} are not settled. Ctrl+Enter once more submits all the same.",
    },
    "submitted": {
        "zh": "已提交。操作链头 {head}",
        "en": "Submitted. Head of the chain: {head}",
    },
    "refused": {"zh": "未被接受：{why}", "en": "Not accepted: {why}"},
    "insert": {"zh": "在此行下插入一行", "en": "insert a row below this one"},
    "remove": {"zh": "删除此行", "en": "delete this row"},
    "split": {"zh": "把此行拆成两行", "en": "split this row in two"},
    "join": {"zh": "与上一行合并", "en": "join with the row above"},
    "family": {"zh": "改变表的种类", "en": "change the family of the form"},
    "missed": {"zh": "从这一行起另有一张表", "en": "a form begins at this line"},
    "no_row": {"zh": "先选指标表中的一个字段", "en": "select a field of an indicator row first"},
    "first_row": {
        "zh": "这是第一行，上面没有可以合并的行",
        "en": "this is the first row: there is none above to join it with",
    },
    "close": {"zh": "关闭", "en": "close"},
    "keys_title": {"zh": "按键", "en": "Keys"},
    "structure_title": {"zh": "行与表的更正", "en": "Rows and forms"},
    "unread_help": {
        "zh": "这一格没有归入任何字段。A：它不属于记录；T：行或表有误。",
        "en": "This cell is in no field. A: nothing of the record; T: rows or form are wrong.",
    },
    "previous_form": {"zh": "上一张表", "en": "previous form"},
    "next_form": {"zh": "下一张表", "en": "next form"},
    "state_doubt": {"zh": "待核", "en": "to settle"},
    "state_settled": {"zh": "已核", "en": "settled"},
    "state_conflict": {"zh": "冲突", "en": "conflict"},
    "state_sure": {"zh": "无需人工核对", "en": "needs nobody"},
    "state_defer": {"zh": "已搁置", "en": "deferred"},
    "form_of": {"zh": "表 {n} / {of}", "en": "form {n} / {of}"},
    "right": {"zh": "此值正确", "en": "it is right"},
    "asked": {
        "zh": "抽查：此值无须人看即被接受。请只对照原文判断：A 正确，E 修改，N 页上没有。",
        "en": "A question: this value was accepted unseen. Judge it by the page alone: A it is "
        "right, E it is another, N there is nothing.",
    },
    "nobody": {
        "zh": "不知道您是谁，不能审核：请先写明审核人或登录。",
        "en": "It is not known who you are: name yourself or log in before you decide.",
    },
}
"""What the bench says; it gets those of one language."""

QUEUE: Mapping[str, Words] = {
    "no_unit": {"zh": "（未印单位）", "en": "(no unit printed)"},
    "none": {"zh": "没有待核的表单。", "en": "Nothing is left to review."},
    "move": {"zh": "上下移动", "en": "move"},
    "open": {"zh": "打开", "en": "open"},
    "errors": {"zh": "{n} 处错误", "en": "errors: {n}"},
    "fields": {"zh": "{n} 个字段", "en": "fields: {n}"},
    "held": {"zh": "{person} 正在审核", "en": "{person} is at it"},
    "submitted": {"zh": "已提交过", "en": "submitted before"},
    "more": {"zh": "另有 {n} 条", "en": "+{n} more"},
    "refused": {"zh": "一步操作未被接受：{why}", "en": "An operation was not accepted: {why}"},
    "waiting": {
        "zh": "{n} 项操作还在此浏览器中等待送出",
        "en": "{n} operations wait in this browser to be sent",
    },
}
"""What the list of the queue says."""

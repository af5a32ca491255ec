"""The words of generated forms: bodies, projects, indicators, wordings, goals and notes.

Plain office language, made up for this purpose: the places and bodies do not exist, and no
sentence is taken from a real form. Every text is normalised as the contract asks of values, so
that it can stand in a record as it is.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

from eval.columns import ColumnSet

Measure = Literal["count", "rate", "limit", "cost", "zero", "word"]


class Item(NamedTuple):
    """An indicator: its name and how it is measured.

    A quantity lies between ``low`` and ``high`` of its ``unit``; a ``word`` has its targets in
    ``words``.
    """

    name: str
    measure: Measure
    unit: str = ""
    low: int = 0
    high: int = 0
    words: tuple[str, ...] = ()


class Subject(NamedTuple):
    """Something that a project is about; its units are counted by the hundred or the thousand."""

    name: str
    verb: str
    unit: str
    low: int
    high: int


SUBJECTS = (
    Subject("公益讲座", "举办", "场", 4, 120),
    Subject("馆藏图书", "购置", "册", 500, 60000),
    Subject("便民服务", "开展", "人次", 300, 90000),
    Subject("路灯", "维护", "盏", 200, 30000),
    Subject("排水管道", "疏通", "公里", 3, 180),
    Subject("志愿活动", "组织", "次", 6, 240),
    Subject("助餐点", "建设", "个", 2, 48),
    Subject("健身器材", "更新", "件", 20, 1500),
    Subject("宣传手册", "发放", "份", 500, 40000),
    Subject("安全隐患", "排查", "处", 30, 2600),
    Subject("技能培训", "开办", "期", 2, 40),
    Subject("困难家庭", "走访", "户", 20, 3000),
    Subject("绿地", "养护", "平方米", 800, 90000),
    Subject("网络设备", "运维", "台", 10, 900),
    Subject("水质样品", "检测", "批次", 12, 5200),
    Subject("村级道路", "修缮", "公里", 2, 96),
    Subject("电子档案", "整理", "卷", 200, 26000),
    Subject("驻点人员", "聘用", "人", 2, 180),
)

PLACES = ("砚泉", "苇湾", "霁川", "榆岗", "澄岚", "桑屿", "浔岭", "稷台", "鹭汀", "棠溪")
_RANKS = ("区", "县", "市")
_BODIES = (
    "文化和旅游局", "水务局", "城市管理局", "民政局", "交通运输局", "教育局", "卫生健康委员会",
    "农业农村局", "生态环境局", "档案局",
)  # fmt: skip
_UNITS = (
    "公共服务中心", "综合事务中心", "市政养护所", "社区服务中心(汇总)", "图书馆", "水质监测站",
    "信息中心", "镇人民政府", "街道办事处",
)  # fmt: skip
_PROJECT_TAILS = ("经费", "项目", "专项经费", "工作经费", "服务采购", "(二期)项目")

LEVEL2 = {
    "产出指标": ("数量指标", "质量指标", "时效指标", "成本指标"),
    "效益指标": ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标"),
    "满意度指标": ("服务对象满意度指标",),
    "成本指标": ("经济成本指标", "社会成本指标", "生态环境成本指标"),
    "投入管理指标": (
        "预算编审管理", "预算执行管理", "预算绩效管理", "资产管理", "预算透明度", "内部控制管理",
        "预算信息化",
    ),
}  # fmt: skip
"""The level-2 names of each level 1, in page order; cost stands under 产出 unless it is level 1."""

_UP = ("提升", "逐年提升", "有效提升", "明显提高", "有所改善")
_GOOD = ("达标", "合格", "符合规范", "良好", "规范")
_SOUND = ("健全", "健全有效", "完善", "健全且执行有效", "长期")
_DATES = ("12月底前", "8月前", "6月底前完成", "10月中旬", "每季末完成", "当天办结", "按计划完成")
_PEOPLE = ("受益群众", "服务对象", "参与居民", "参训学员", "基层单位", "办事企业", "社区居民")


def _rate(name: str, low: int = 80, high: int = 100) -> Item:
    return Item(name, "rate", "%", low, high)


def _word(name: str, *words: str) -> Item:
    return Item(name, "word", words=words)


_ITEMS = {
    "质量指标": (
        _rate("{0}质量达标率"), _rate("{0}验收合格率", 90), _rate("{0}资料完整率", 90),
        _word("{0}质量达标情况", *_GOOD), Item("{0}安全责任事故", "zero", "起"),
        _word("{0}管理制度执行情况", *_GOOD), _rate("{0}{1}准确率", 95),
    ),
    "时效指标": (
        _rate("{0}按时完成率", 90), _rate("{0}响应及时率", 90), _word("{0}完成时间", *_DATES),
        _word("{0}{1}及时性", "及时", "按时"), Item("{0}问题处置时限", "limit", "小时", 4, 72),
        Item("{0}平均办理时长", "limit", "天", 2, 30), _word("{0}开放时间", "延迟服务时间至20:00"),
    ),
    "成本指标": (
        Item("支付金额", "cost"), Item("项目总成本", "cost"), _word("成本控制情况", "≤预算金额"),
        _rate("{0}成本控制率", 100), Item("{0}单位成本", "limit", "元", 20, 9000),
        _word("{0}采购成本", "≤预算金额", "不超预算"),
    ),
    "社会成本指标": (
        _word("对周边居民生活的影响", "无明显影响", "影响较小"),
        Item("因{0}引起的投诉", "zero", "件"),
        _word("对交通秩序的影响", "无明显影响"),
    ),
    "生态环境成本指标": (
        _word("噪声控制情况", *_GOOD), _word("{0}废弃物处置情况", *_GOOD),
        Item("环境违规事件", "zero", "件"),
    ),
    "经济效益指标": (
        _rate("{0}资金使用效率", 85), _word("资金使用效益", *_UP),
        Item("带动相关收入增加", "count", "万元", 2, 900), _word("{0}集约利用水平", *_UP),
    ),
    "社会效益指标": (
        _rate("{0}知晓率", 75), _word("{0}服务水平提升情况", *_UP), _word("公共服务能力", *_UP),
        Item("{0}受益人数", "count", "人", 300, 60000), _rate("{0}覆盖率", 80),
        _word("群众参与{0}的积极性", *_UP), Item("有效投诉数量", "limit", "件", 2, 12),
    ),
    "生态效益指标": (
        _word("周边环境改善情况", *_UP), _rate("垃圾分类投放准确率", 80),
        _word("绿色办公水平", *_UP),
        _word("{0}节能降耗情况", "有所下降", "有效节约"),
    ),
    "可持续影响指标": (
        _word("{0}长效管理机制", *_SOUND), _word("人员队伍建设情况", *_SOUND),
        _word("共建共享机制", *_SOUND),
        Item("{0}成果使用年限", "count", "年", 2, 15), _word("{0}制度完善程度", *_SOUND),
    ),
    "预算编审管理": (_word("预算编制规范性", *_GOOD), _rate("项目预算编制完整率", 95)),
    "预算执行管理": (_rate("预算执行进度达标率", 85), Item("结转结余率", "limit", "%", 3, 20)),
    "预算绩效管理": (_rate("绩效目标覆盖率", 100), _word("绩效自评质量", *_GOOD)),
    "资产管理": (_rate("固定资产在用率", 90), _word("资产管理规范性", *_GOOD)),
    "预算透明度": (_word("预决算公开及时性", "及时", "按时"), _rate("预决算公开完整率", 100)),
    "内部控制管理": (_word("内控制度健全性", *_SOUND), Item("审计整改问题", "zero", "个")),
    "预算信息化": (_rate("系统数据完整率", 95), _word("系统使用规范性", *_GOOD)),
}  # fmt: skip

MET = {
    "指标": ("达成指标",),
    "预期": ("达成预期指标",),
    "年度": ("达成年度指标",),
    "free": ("有效", "已完成", "全部达成", "全部完成"),
}
PARTLY = {
    "指标": ("部分达成指标并具有一定效果",),
    "预期": ("部分达成预期指标并具有一定效果",),
    "年度": ("部分达成年度指标并具有一定效果",),
    "free": ("部分达成", "基本完成"),
}
UNMET = {
    "指标": ("未达成指标且效果较差",),
    "预期": ("未达成预期指标且效果较差",),
    "年度": ("未达成年度指标且效果较差",),
    "free": ("未达成",),
}
"""Qualitative results by the office's way of putting them: met, met in part, missed."""

_CAUSES = (
    "受采购周期影响，{0}进度晚于计划", "年中任务调整，{0}相应减少", "{0}需要长期投入，短期成效有限",
    "部分点位不具备实施条件，{0}未能全部完成", "{0}宣传力度不够，群众知晓面有限",
)  # fmt: skip
_REMEDIES = (
    "下一年度将提前启动，倒排工期。", "今后将细化目标，按季度跟踪。", "后续将增加2次专题推进会。",
    "将在2个月内完成整改，并纳入日常管理。", "已与相关单位对接，余下部分顺延实施",
)  # fmt: skip
_TOO_LOW = ("年初目标设定偏低，", "实际需求高于预期，", "上级临时增加任务，")

_AIMS = (
    "为保障{0}顺利实施，满足辖区群众的实际需要，按照年度工作安排推进各项任务。",
    "围绕年度重点工作，进一步规范{0}的管理，提高资金使用效益。",
    "通过实施{0}，补齐短板，完善设施，逐步形成“有人管、管得好”的工作格局。",
)
_PLANS = (
    "计划于{year}年{month}月底前完成{name}，目标为{told}。",
    "{name}达到{told}，由专人负责按月统计。",
    "年内确保{name}不低于年初确定的{told}。",
)
_REPORTS = (
    "截至{year}年{month}月，{name}为{told}。",
    "全年{name}实际为{told}，台账齐全。",
    "经统计，{name}达到{told}，相关数据已于{month}月汇总。",
)
_CLOSINGS = (
    "全年各项工作平稳有序，未发生安全责任事故。", "总体上完成了年初确定的任务。",
    "项目运行正常，群众反映良好", "资金管理规范，做到专款专用。",
)  # fmt: skip
_LONG = ("按照年度实施方案开展的", "面向辖区全体居民和驻区单位的", "纳入年度重点工作清单的")
_AGAIN = ("(二)", "(续)", "(其他)", "(补充)")


class Fact(NamedTuple):
    """A number that the goals tell: the indicator, and its quantity in words."""

    name: str
    told: str


def project(rng: random.Random, subject: Subject) -> str:
    """The name of a project."""
    lead = rng.choice(("", "", f"{rng.choice(PLACES)}片区", "年度"))
    return f"{lead}{subject.name}{subject.verb}{rng.choice(_PROJECT_TAILS)}"


def bodies(rng: random.Random) -> tuple[str, str]:
    """A body in charge and one that does the work, in the same made-up place."""
    place = rng.choice(PLACES) + rng.choice(_RANKS)
    town = rng.choice(PLACES)
    return f"{place}{rng.choice(_BODIES)}", f"{place}{town}{rng.choice(_UNITS)}"


def level2_names(rng: random.Random, level1: str, columns: ColumnSet, cost: bool) -> list[str]:
    """The level-2 names that may stand under a level 1; ``cost`` where cost is level 1 itself."""
    names = [name for name in LEVEL2[level1] if not (cost and name == "成本指标")]
    if level1 == "满意度指标" and columns.family == "project" and rng.random() < 0.2:
        return ["满意度指标"]
    return names


def item(rng: random.Random, level2: str, subject: Subject, used: set[str]) -> Item:
    """An indicator for a level 2 whose name is not used yet; the name goes into ``used``."""
    for about in (subject, subject, *rng.sample(SUBJECTS, 8)):
        drawn = _drawn(rng, level2, about)
        name = drawn.name.format(about.name, about.verb)
        if rng.random() < 0.04:
            name = rng.choice(_LONG) + name
        if name not in used:
            used.add(name)
            return drawn._replace(name=name)
    drawn = _drawn(rng, level2, subject)
    name = drawn.name.format(subject.name, subject.verb) + rng.choice(_AGAIN)
    used.add(name)
    return drawn._replace(name=name)


def _drawn(rng: random.Random, level2: str, about: Subject) -> Item:
    if level2 == "数量指标":
        form = rng.choice(("{1}{0}数量", "{0}{1}完成量", "{1}{0}", "{0}数量"))
        return Item(form, "count", about.unit, about.low, about.high)
    if level2.endswith("满意度指标"):
        people, tail = rng.choice(_PEOPLE), rng.choice(("满意度", "满意率"))
        if rng.random() < 0.06:
            return _word(f"{people}对{{0}}的满意程度", "满意", "较为满意")
        return _rate(
            f"{people}{tail}" if rng.random() < 0.6 else f"{people}对{{0}}的{tail}", 80, 98
        )
    return rng.choice(_ITEMS["成本指标" if level2 == "经济成本指标" else level2])


def note(rng: random.Random, name: str, *, too_low: bool) -> str:
    """Why an indicator missed its target, or went far beyond it, and what follows."""
    if too_low:
        return f"{rng.choice(_TOO_LOW)}{rng.choice(_REMEDIES)}"
    cause = rng.choice(_CAUSES).format(name)
    return cause if rng.random() < 0.3 else f"{cause}。{rng.choice(_REMEDIES)}"


def goal(rng: random.Random, year: int, about: str, facts: Sequence[Fact]) -> str:
    """The expected goal: paragraphs joined by a newline, with the targets as numbers."""
    first = rng.choice(_AIMS).format(about)
    return _paragraphs(rng, first, _told(rng, _PLANS, year, facts))


def completion(rng: random.Random, year: int, facts: Sequence[Fact]) -> str:
    """What was reached: paragraphs joined by a newline, with the actuals as numbers."""
    first, *rest = (*_told(rng, _REPORTS, year, facts), rng.choice(_CLOSINGS))
    return _paragraphs(rng, first, rest)


def _told(rng: random.Random, forms: Sequence[str], year: int, facts: Sequence[Fact]) -> list[str]:
    return [
        rng.choice(forms).format(year=year, month=rng.randint(3, 12), name=f.name, told=f.told)
        for f in facts
    ]


def _paragraphs(rng: random.Random, first: str, rest: Sequence[str]) -> str:
    """Sentences as one paragraph, or one paragraph each, numbered or not."""
    style = rng.choice(("one", "one", "each", "numbered"))
    if style == "one":
        return first + "".join(rest)
    if style == "numbered":
        return "\n".join((first, *(f"{n}、{text}" for n, text in enumerate(rest, 1))))
    return "\n".join((first, *rest))

"""What is said of a case, in Chinese and English.

A suspect is accused only where it stands alone; what ties is listed as a tie, and what follows from
the other numbers is called a suggestion, because nobody read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from extractor.cases.grouping import Case
from extractor.cases.phrases import label_of, named, print_of, value_of
from extractor.cases.suggestions import suggestions, wanting
from extractor.checks.explain import Drawing
from extractor.checks.kinds import Says
from extractor.drawings import drawings
from extractor.numbers import number_of, read_number
from extractor.types import CheckedForm, Suspect

CAUSES: Mapping[str, Says] = {
    "misread": {"zh": "识读有误", "en": "misread"},
    "source_defect": {"zh": "原表有误", "en": "the form itself is wrong"},
    "undetermined": {
        "zh": "未定：识读有误或原表有误",
        "en": "undetermined: misread, or printed so",
    },
}
_SLIPS: Mapping[str, Says] = {
    "digit": {"zh": "一位数字之差", "en": "one digit off"},
    "transposition": {"zh": "两位数字互换", "en": "two digits exchanged"},
    "dropped_digit": {"zh": "漏了一位数字", "en": "one digit lost"},
    "added_digit": {"zh": "多了一位数字", "en": "one digit too many"},
    "separator": {"zh": "小数点错位", "en": "the point misplaced"},
}
_MISREAD: Says = {"zh": "一位数字读错", "en": "one digit misread"}
_OTHERWISE: Says = {"zh": "不止一位数字之差", "en": "more than one slip away"}
_MOST_TOLD = 6


class Change(NamedTuple):
    """One cell that should hold another number: ``printed`` → ``value``, by a slip in words."""

    field: str
    label: Says
    printed: str
    value: str
    slip: Says | None

    def sentence(self, lang: str) -> str:
        """``得分 · 书籍购置完成量：8.00 → 5.00（一位数字读错）``."""
        colon, opening, closing = ("：", "（", "）") if lang == "zh" else (": ", " (", ")")
        slip = f"{opening}{self.slip[lang]}{closing}" if self.slip else ""
        return f"{self.label[lang]}{colon}{self.printed or '?'} → {self.value}{slip}"


Option = tuple[Change, ...]
"""One explanation: the cells that it changes together."""


class Told(NamedTuple):
    """A case in words: what kind of answer it is, its options, and what else there is to know.

    ``heading`` ends in a colon where options follow. ``less`` are explanations that ask for more
    to be believed. ``then`` are the checks as they would be drawn with what should stand.
    """

    heading: Says
    options: tuple[Option, ...]
    notes: tuple[Says, ...]
    less: tuple[Option, ...] = ()
    then: Mapping[str, Drawing] = MappingProxyType({})


def tell(form: CheckedForm, case: Case) -> Told:
    """The words of a case."""
    then = _then(form, case)
    if case.kind == "missing":
        notes = tuple(suggestions(form, case, then))
        return Told(wanting(form, case), (), notes, (), then)
    options = tuple(_option(form, case, suspect) for suspect in case.first)
    less = tuple(_option(form, case, suspect) for suspect in case.rest)
    cleared = [drawing for check, drawing in then.items() if check in case.checks]
    return Told(_heading(case, options), options, tuple(_notes(form, case, cleared)), less, then)


def _then(form: CheckedForm, case: Case) -> Mapping[str, Drawing]:
    """The checks of a case, and those that imply its numbers, with what should stand."""
    if case.kind in ("tie", "nothing", "told"):
        return {}
    asked = {*case.checks, *(check for suspect in case.first for check in suspect.clears)}
    for field in case.fields:
        asked.update((form.entries[field].suggestion or {}).get("checks", ()))
    return {drawing.check: drawing for drawing in drawings(form, case.changes, asked)}


def _option(form: CheckedForm, case: Case, suspect: Suspect) -> Option:
    edits = (suspect.edit or "").split(", ")
    alike = len(edits) == len(suspect.changes)
    return tuple(
        Change(
            field,
            label_of(form, field),
            print_of(form.entries[field]),
            value_of(value),
            _slip(case, edits[at] if alike else ""),
        )
        for at, (field, value) in enumerate(suspect.changes)
    )


def _slip(case: Case, edit: str) -> Says:
    if edit == "digit" and case.cause == "misread" and case.kind != "tie":
        return _MISREAD
    return _SLIPS.get(edit, _OTHERWISE)


def _heading(case: Case, options: Sequence[Option]) -> Says:
    count = len(options)
    if case.kind == "alone":
        return {"zh": "疑此一格：", "en": "One cell is suspected:"}
    if case.kind == "pair":
        count = len(options[0])
        return {
            "zh": f"没有哪一格能单独解释；疑此 {count} 格都有误：",
            "en": f"No single cell explains this; these {count} together would, both wrong:"
            if count == 2
            else f"No single cell explains this; these {count} together would, all wrong:",
        }
    if case.kind == "tie" and all(len(option) == 1 for option in options):
        return {
            "zh": f"以下 {count} 格之一有误，算式分辨不出是哪一格：",
            "en": f"One of these {count} cells is wrong, the sums cannot tell which:",
        }
    if case.kind == "tie":
        # Of pairs the likeliest are told, not all there are.
        return {
            "zh": f"没有哪一格能单独解释；至少 {count} 种解释同样可能，算式分辨不出：",
            "en": f"No single cell explains this; at least {count} explanations do equally well:",
        }
    if case.kind == "told":
        return {"zh": "", "en": ""}
    return _unexplained(case)


def _unexplained(case: Case) -> Says:
    count = len(case.findings)
    zh = "这一式" if count == 1 else f"这 {count} 式"
    en = "this" if count == 1 else f"these {count}"
    return {
        "zh": f"没有哪一格的一处误读能解释{zh}：可能不止一处有误，也可能原表就是这样印的。",
        "en": f"No single misread cell explains {en}: more than one number may be wrong, "
        "or the form itself is printed so.",
    }


def _notes(form: CheckedForm, case: Case, then: Sequence[Drawing]) -> Iterator[Says]:
    if case.kind in ("nothing", "told"):
        return
    if case.kind != "tie":
        yield _cleared(case, then)
        yield from _standing(form, case)
        cause = CAUSES[case.cause]
        if case.cause == "undetermined":
            yield {"zh": f"原因{cause['zh']}。", "en": f"Cause {cause['en']}."}
        else:
            yield {"zh": f"推断：{cause['zh']}。", "en": f"Likely cause: {cause['en']}."}
    else:
        yield {
            "zh": "请对照原文；原因" + CAUSES[case.cause]["zh"] + "。",
            "en": f"Look at the page. Cause {CAUSES[case.cause]['en']}.",
        }


def _cleared(case: Case, then: Sequence[Drawing]) -> Says:
    """What a case comes to once its cells hold what they should."""
    zh = "、".join(named(drawing)["zh"] for drawing in then)
    en = ", ".join(named(drawing)["en"] for drawing in then)
    worked = _worked(then[0]) if len(then) == 1 else ""
    if worked:
        return {"zh": f"改后 {worked}：{zh} 相符。", "en": f"Then {worked}: {en} holds."}
    if len(then) == 1:
        return {"zh": f"改后 {zh} 相符。", "en": f"Then {en} holds."}
    return {
        "zh": f"改后这 {len(then)} 式都相符：{zh}。",
        "en": f"Then all {len(then)} hold: {en}.",
    }


def _worked(drawing: Drawing) -> str:
    """``97.55 = 97.55``: what the terms come to, and what is printed."""
    printed = drawing.printed.text if drawing.printed else None
    if not printed or not drawing.implied or any(term.sign == "≤" for term in drawing.terms):
        return ""
    number = drawing.implied.removesuffix(" %")
    same = Decimal(number.replace(",", "").replace("−", "-")) == Decimal(
        printed.replace(",", "").replace("−", "-")
    )
    return f"{drawing.implied} {'=' if same else '≈'} {printed}"


def _standing(form: CheckedForm, case: Case) -> Iterator[Says]:
    """Where else in its row or column the value of a suspect is printed."""
    for value in case.changes.values():
        labels = [
            label_of(form, path) for path in standing(form, case) if _holds(form, path, value)
        ]
        if labels:
            zh = "、".join(dict.fromkeys(label["zh"] for label in labels))
            en = ", ".join(dict.fromkeys(label["en"] for label in labels))
            value_text = value_of(value)
            yield {
                "zh": f"{value_text} 也印在 {zh}。",
                "en": f"{value_text} is also printed at {en}.",
            }


def standing(form: CheckedForm, case: Case) -> tuple[str, ...]:
    """The fields where the values that a named suspect should have stand printed."""
    if case.kind not in ("alone", "pair"):
        return ()
    spans = {span for suspect in case.first for span in suspect.stands}
    return tuple(path for path, e in form.entries.items() if not spans.isdisjoint(e.spans))


def _holds(form: CheckedForm, path: str, value: str) -> bool:
    found = read_number("".join(form.entries[path].raw))
    return found is not None and found[0].value == number_of(value).value


def in_one_line(told: Told, lang: str) -> str:
    """What a case suspects, for a cell of a table; of a long list the first.

    What is suspected alone says so by standing alone, everything else by its heading.
    """
    joint, other = ("；并且 ", "；或 ") if lang == "zh" else ("; and ", "; or ")
    options = [joint.join(c.sentence(lang) for c in option) for option in told.options]
    left = len(options) - _MOST_TOLD
    if left > 0:
        more = f"另有 {left} 种" if lang == "zh" else f"{left} more"
        options[_MOST_TOLD:] = [more]
    if len(told.options) == 1 and len(told.options[0]) == 1:
        return options[0]
    notes = "" if options else (" " if lang == "en" else "").join(n[lang] for n in told.notes)
    gap = " " if lang == "en" and told.heading[lang] else ""
    return told.heading[lang] + gap + (other.join(options) or notes)

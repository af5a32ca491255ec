"""The checks of a form, each written out as on paper.

A sum stands in a column under a single rule, its printed total over a double one; a rate stands as
a fraction. Where the printed number is another one, the difference is written below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from extractor.cases import Mark, value_of
from extractor.checks.explain import Drawing, Term
from extractor.page.markup import both, classes, padding, tag, text, widest, words
from extractor.page.view import FormView
from extractor.report.gathering import is_added, printed, short_labels


def holding(view: FormView) -> str:
    """The identities that hold, then what holds row by row."""
    gathered = view.gathered
    slips = "".join(slip(view, drawing) for drawing in gathered.sums)
    lines = "".join(_line(view, drawing) for drawing in gathered.lines)
    lines += "".join(_row_line(view, each) for each in gathered.rows.values())
    lines += _zeros(gathered.zeros) + _followed(gathered.followed)
    body = tag("div", slips, class_="slips") if slips else ""
    body += tag("ul", lines, class_="each") if lines else ""
    title = tag("h3", both(f"相符 {gathered.holding} 式", f"{gathered.holding} checks hold"))
    return tag("section", title + body, class_="part holding") if body else ""


def advice(view: FormView) -> str:
    """Policies that are not followed: remarks, no proof of anything."""
    found = view.gathered.advice
    count = len(found)
    title = both(f"提示 {count} 条", "1 remark" if count == 1 else f"{count} remarks")
    return list_of("advice", title, found, folded=True)


def list_of(name: str, title: str, found: Sequence[Drawing], folded: bool = False) -> str:
    """Checks that are only said, each by its sentence."""
    if not found:
        return ""
    told = tag("ul", "".join(tag("li", words(drawing.message)) for drawing in found))
    if folded:
        inner = tag("details", tag("summary", tag("h3", title)) + told)
    else:
        inner = tag("h3", title) + told
    return tag("section", inner, class_=f"part told {name}")


class Should(NamedTuple):
    """What is suspected in a check: cells with their marks, and the check drawn without fault."""

    marks: Mapping[str, Mark] = MappingProxyType({})
    then: Drawing | None = None

    def mark(self, term: Term) -> Mark | None:
        """The mark of a term that may have to change."""
        mark = self.marks.get(term.path)
        return mark if mark is not None and mark.kind != "partner" else None

    def comes_to(self, drawing: Drawing) -> str | None:
        """What the terms come to then, where that is another number."""
        after = self.then.implied if self.then else None
        return after if after != drawing.implied else None


_NOTHING = Should()


def slip(view: FormView, drawing: Drawing, should: Should = _NOTHING) -> str:
    """One check on a slip of its own."""
    title = tag("figcaption", tag("b", words(drawing.title)) + _rule(drawing))
    laid = is_added(drawing)
    if not laid:
        body = tag("p", words(drawing.message))
    elif any(term.sign == "÷" for term in drawing.terms):
        body = _fraction(view, drawing, should)
    else:
        body = _column(view, drawing, should)
    name = {"fails": "fails", "cannot_tell": "waits"}.get(drawing.verdict, "holds")
    return tag("figure", title + body, class_=classes("slip", name, "" if laid else "said"))


def _rule(drawing: Drawing) -> str:
    return tag("small", text(drawing.rule), class_="rule-id") if drawing.rule else ""


def _number(view: FormView, term: Term, decimals: int = 0, element: str = "td") -> str:
    """A term as the page prints it, linked to its place."""
    stands = printed(view.entries.get(term.path)) or term.text or "?"
    return tag(
        element,
        text(stands),
        class_="n",
        data_e=view.order.get(term.path),
        data_pad=padding(stands, decimals),
    )


def _plain(number: str | None, decimals: int, element: str = "td") -> str:
    stands = (number or "?").replace("-", "−")
    return tag(element, text(stands), class_="n", data_pad=padding(number, decimals))


def arrow(value: str, sure: bool = True, decimals: int = 0, element: str = "td") -> str:
    """``→ 5.00``: what should stand; where nothing decides it a question mark follows."""
    sign = tag("span", "→", class_="sign", aria_hidden="true")
    said = both("应为", " should be ") if sure else both("或应为", " perhaps should be ")
    unsure = "" if sure else tag("span", "?", class_="sign")
    number = tag("span", text(value), class_="n", data_pad=padding(value, decimals))
    return tag(element, sign + tag("span", said, class_="sr") + number + unsure, class_="then")


def _then(mark: Mark | None, decimals: int, element: str = "td") -> str:
    if mark is None:
        return ""
    if mark.value is None:
        return tag(element, tag("span", "?", class_="sign"), class_="then")
    return arrow(value_of(mark.value), mark.kind == "named", decimals, element)


def _column(view: FormView, drawing: Drawing, should: Should) -> str:
    stands = drawing.printed
    assert stands is not None
    holds = drawing.verdict == "holds"
    texts = [term.text for term in (*drawing.terms, stands)]
    decimals = widest([*texts, None if holds else drawing.implied])
    labels = list(zip(short_labels(drawing, "zh"), short_labels(drawing, "en"), strict=True))
    lines = "".join(
        tag(
            "tr",
            tag("th", both(*label), scope="row")
            + tag("td", _sign(term, index), class_="sign")
            + _number(view, term, decimals)
            + _then(should.mark(term), decimals),
            class_=_class(should.mark(term)),
        )
        for index, (label, term) in enumerate(zip(labels, drawing.terms, strict=True))
    )
    number = _number(view, stands, decimals)
    foot = (
        _holding_foot(stands, number)
        if holds
        else _failing_foot(drawing, stands, number, decimals, should)
    )
    return tag("table", tag("tbody", lines) + tag("tfoot", foot), class_="sum")


def _holding_foot(stands: Term, number: str) -> str:
    label = both(*(stands.label[lang].split(" · ")[-1] for lang in ("zh", "en")))
    cells = tag("th", label, scope="row") + tag("td", "=", class_="sign") + number
    return tag("tr", cells, class_="total")


def _class(mark: Mark | None) -> str | None:
    return mark.kind if mark else None


def _failing_foot(
    drawing: Drawing, printed_: Term, number: str, decimals: int, should: Should
) -> str:
    implied = tag("th", both("合计", "sum"), scope="row") + tag("td")
    implied += _plain(drawing.implied, decimals)
    after, mark = should.comes_to(drawing), should.mark(printed_)
    implied += arrow(after, True, decimals) if after else ""
    stands = tag("th", both("表上", "printed"), scope="row") + tag("td") + number
    stands += _then(mark, decimals)
    foot = tag("tr", implied, class_="total")
    foot += tag("tr", stands, class_=classes("stands", _class(mark)))
    return foot + _difference(drawing, decimals)


def _sign(term: Term, index: int) -> str:
    return text(term.sign if index or term.sign not in ("+", "") else "")


def _difference(drawing: Drawing, decimals: int) -> str:
    if drawing.residual is None:
        return ""
    off = drawing.residual.replace("-", "−")
    off = off if off.startswith("−") else f"+{off}"
    cells = tag("th", both("相差", "off by"), scope="row") + tag("td") + _plain(off, decimals)
    return tag("tr", cells, class_="off")


def _fraction(view: FormView, drawing: Drawing, should: Should) -> str:
    """``1,596.51 / 1,744.68 × 100 = 91.5073``, and what is printed."""
    top = next(term for term in drawing.terms if term.sign == "")
    bottom = next(term for term in drawing.terms if term.sign == "÷")
    factors = [term for term in drawing.terms if term.sign == "×"]
    over = _part(view, top, should) + tag("span", "÷", class_="sr")
    under = _part(view, bottom, should)
    times = "".join(tag("span", "×", class_="sign") + _part(view, t, should) for t in factors)
    times = times or tag("span", "× 100", class_="sign")
    assert drawing.printed is not None
    worked = (
        tag("span", over + under, class_="frac")
        + times
        + tag(
            "span", f'<span class="sign">=</span>{text(drawing.implied or "?")}', class_="equals n"
        )
    )
    after = should.comes_to(drawing)
    worked += arrow(after, True, 0, "span") if after else ""
    stands = both("表上", "printed") + " " + _part(view, drawing.printed, should, "b")
    if drawing.residual is not None:
        off = drawing.residual.replace("-", "−")
        stands += tag("span", both(f"相差 {off}", f"off by {off}"), class_="off")
    return tag("p", worked, class_="ratio") + tag("p", stands, class_="stands")


def _part(view: FormView, term: Term, should: Should, element: str = "span") -> str:
    """A number of a fraction, with what it should be beside it."""
    mark = should.mark(term)
    number = _number(view, term, 0, element)
    if mark is None:
        return number
    return tag("span", number + _then(mark, 0, "span"), class_=classes("line", mark.kind))


def _relation(view: FormView, drawing: Drawing) -> tuple[str, str]:
    """``9.15 ≤ 10.00`` and what the two are called; nothing where no two numbers are compared."""
    if drawing.printed is None or len(drawing.terms) != 1:
        return "", ""
    first, other = drawing.printed, drawing.terms[0]
    sign = other.sign or "="
    worked = _number(view, first, element="span") + tag("span", text(sign), class_="sign")
    worked += _number(view, other, element="span")
    leaf = [[term.label[lang].split(" · ")[0] for term in (first, other)] for lang in ("zh", "en")]
    rows = [[term.label[lang].split(" · ")[-1] for term in (first, other)] for lang in ("zh", "en")]
    named = [a if a[0] != a[1] else b for a, b in zip(leaf, rows, strict=True)]
    return worked, both(*(f" {sign} ".join(pair) for pair in named))


def _line(view: FormView, drawing: Drawing) -> str:
    worked, named = _relation(view, drawing)
    if not worked:
        holds = tag("small", both("相符", "as it should be"))
        return tag("li", f"{words(drawing.title)} {holds}" + _rule(drawing))
    name = words(drawing.title) if drawing.terms[0].sign else named
    return tag("li", name + tag("span", worked, class_="worked") + _rule(drawing))


def _row_line(view: FormView, each: Sequence[Drawing]) -> str:
    """What holds for all rows, in one line; the rows themselves fold out."""
    _, named = _relation(view, each[0])
    count = tag("small", both(f"{len(each)} 行都成立", f"holds in all {len(each)} rows"))
    title = f"{named or words(each[0].title)} {count}" + _rule(each[0])
    rows = "".join(_row(view, drawing) for drawing in each)
    table = tag("table", tag("tbody", rows), class_="relations")
    return tag("li", tag("details", tag("summary", title) + table))


def _row(view: FormView, drawing: Drawing) -> str:
    name = both(*(drawing.title[lang].split(" · ")[-1] for lang in ("zh", "en")))
    worked, _ = _relation(view, drawing)
    return tag("tr", tag("th", name, scope="row") + tag("td", worked))


def _zeros(found: Sequence[Drawing]) -> str:
    if not found:
        return ""
    names = both(*("、".join(drawing.title[lang] for drawing in found) for lang in ("zh", "en")))
    return tag("li", names + " " + tag("small", both("全为零，相符", "nothing but zeros")))


def _followed(found: Sequence[Drawing]) -> str:
    """Policies that are followed, in one line by rule."""
    rules = " ".join(dict.fromkeys(drawing.rule for drawing in found))
    told = both(f"规则 {len(found)} 条，都符合", f"{len(found)} policies followed")
    return tag("li", told + tag("small", text(rules), class_="rule-id")) if found else ""

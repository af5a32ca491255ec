"""The checks of a form, each written out as on paper.

A sum stands in a column under a single rule, its printed total over a double one; a rate stands as
a fraction. Where the printed number is another one, the difference is written below it.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractor.checks.explain import Drawing, Term
from extractor.page.markup import both, classes, padding, tag, text, widest, words
from extractor.page.view import FormView
from extractor.report.gathering import is_added, printed, short_labels


def broken(view: FormView) -> str:
    """The identities that fail, first of all."""
    found = view.gathered.broken
    if not found:
        return ""
    title = tag("h3", both(f"不相符 {len(found)} 处", f"{len(found)} checks that fail"))
    slips = "".join(slip(view, drawing) for drawing in found)
    return tag("section", title + tag("div", slips, class_="slips"), class_="part broken")


def holding(view: FormView) -> str:
    """The identities that hold, then what holds row by row, then what cannot be judged."""
    gathered = view.gathered
    slips = "".join(slip(view, drawing) for drawing in gathered.sums)
    lines = "".join(_line(view, drawing) for drawing in gathered.lines)
    lines += "".join(_row_line(view, each) for each in gathered.rows.values())
    lines += _zeros(gathered.zeros) + _followed(gathered.followed)
    body = tag("div", slips, class_="slips") if slips else ""
    body += tag("ul", lines, class_="each") if lines else ""
    title = tag("h3", both(f"相符 {gathered.holding} 式", f"{gathered.holding} checks hold"))
    parts = tag("section", title + body, class_="part holding") if body else ""
    return parts + _told("unsure", both("无法核对", "Cannot be judged"), gathered.unsure)


def advice(view: FormView) -> str:
    """Policies that are not followed: remarks, no proof of anything."""
    found = view.gathered.advice
    count = len(found)
    title = both(f"提示 {count} 条", "1 remark" if count == 1 else f"{count} remarks")
    return _told("advice", title, found, folded=True)


def _told(name: str, title: str, found: Sequence[Drawing], folded: bool = False) -> str:
    if not found:
        return ""
    told = tag("ul", "".join(tag("li", words(drawing.message)) for drawing in found))
    if folded:
        inner = tag("details", tag("summary", tag("h3", title)) + told)
    else:
        inner = tag("h3", title) + told
    return tag("section", inner, class_=f"part told {name}")


def slip(view: FormView, drawing: Drawing) -> str:
    """One check on a slip of its own."""
    fails = drawing.verdict == "fails"
    title = tag("figcaption", tag("b", words(drawing.title)) + _rule(drawing))
    if not is_added(drawing):
        body = tag("p", words(drawing.message))
    elif any(term.sign == "÷" for term in drawing.terms):
        body = _fraction(view, drawing)
    else:
        body = _column(view, drawing)
    return tag("figure", title + body, class_=classes("slip", "fails" if fails else "holds"))


def _rule(drawing: Drawing) -> str:
    return tag("small", text(drawing.rule), class_="rule-id") if drawing.rule else ""


def _number(view: FormView, term: Term, decimals: int = 0, element: str = "td") -> str:
    """A term as the page prints it, linked to its place."""
    entry = view.entries.get(term.path)
    shown = printed(entry) if entry is not None and entry.value is not None else term.text or "?"
    return tag(
        element,
        text(shown),
        class_="n",
        data_e=view.order.get(term.path),
        data_pad=padding(shown, decimals),
    )


def _plain(shown: str | None, decimals: int, element: str = "td") -> str:
    number = (shown or "?").replace("-", "−")
    return tag(element, text(number), class_="n", data_pad=padding(shown, decimals))


def _column(view: FormView, drawing: Drawing) -> str:
    stands = drawing.printed
    assert stands is not None
    fails = drawing.verdict == "fails"
    texts = [term.text for term in (*drawing.terms, stands)]
    decimals = widest([*texts, drawing.implied if fails else None])
    labels = list(zip(short_labels(drawing, "zh"), short_labels(drawing, "en"), strict=True))
    lines = "".join(
        tag(
            "tr",
            tag("th", both(*label), scope="row")
            + tag("td", _sign(term, index), class_="sign")
            + _number(view, term, decimals),
        )
        for index, (label, term) in enumerate(zip(labels, drawing.terms, strict=True))
    )
    number = _number(view, stands, decimals)
    foot = _failing_foot(drawing, number, decimals) if fails else _holding_foot(stands, number)
    return tag("table", tag("tbody", lines) + tag("tfoot", foot), class_="sum")


def _holding_foot(stands: Term, number: str) -> str:
    label = both(*(stands.label[lang].split(" · ")[-1] for lang in ("zh", "en")))
    cells = tag("th", label, scope="row") + tag("td", "=", class_="sign") + number
    return tag("tr", cells, class_="total")


def _failing_foot(drawing: Drawing, number: str, decimals: int) -> str:
    implied = tag("th", both("合计", "sum"), scope="row") + tag("td")
    stands = tag("th", both("表上", "printed"), scope="row") + tag("td")
    foot = tag("tr", implied + _plain(drawing.implied, decimals), class_="total")
    foot += tag("tr", stands + number, class_="stands")
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


def _fraction(view: FormView, drawing: Drawing) -> str:
    """``1,596.51 / 1,744.68 × 100 = 91.5073``, and what is printed."""
    top = next(term for term in drawing.terms if term.sign == "")
    bottom = next(term for term in drawing.terms if term.sign == "÷")
    factors = [term for term in drawing.terms if term.sign == "×"]
    over = _number(view, top, element="span") + tag("span", "÷", class_="sr")
    under = _number(view, bottom, element="span")
    times = "".join(tag("span", "×", class_="sign") + _number(view, t, 0, "span") for t in factors)
    times = times or tag("span", "× 100", class_="sign")
    assert drawing.printed is not None
    worked = (
        tag("span", over + under, class_="frac")
        + times
        + tag(
            "span", f'<span class="sign">=</span>{text(drawing.implied or "?")}', class_="equals n"
        )
    )
    stands = both("表上", "printed") + " " + _number(view, drawing.printed, 0, "b")
    if drawing.residual is not None:
        off = drawing.residual.replace("-", "−")
        stands += tag("span", both(f"相差 {off}", f"off by {off}"), class_="off")
    return tag("p", worked, class_="ratio") + tag("p", stands, class_="stands")


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

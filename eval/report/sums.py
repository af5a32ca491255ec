"""The sums in which a slip takes part, written out as on paper, as the page of a form does it.

What a long sum adds besides the slip is one line, ``18 other terms``, and can be unfolded in the
product's own page; here the slip and the difference are what counts.
"""

from __future__ import annotations

from decimal import Decimal

from eval.report.wording import cut
from eval.results import DrawnSum, Slip, Term
from extractor.checks.explain import Drawing
from extractor.checks.explain import Term as DrawnTerm
from extractor.numbers import read_number
from extractor.page.markup import Words, both, classes, padding, tag, text, widest
from extractor.report.gathering import is_added, places, short_labels

_MOST_TERMS = 6
_LONGEST, _LONGEST_LABEL = 30, 120
"""Characters of a number and of a label that are shown."""
_MOST_PLACES = 8
"""Decimals up to which numbers are set below each other."""


def drawn(each: DrawnSum, slip: Slip) -> str:
    """One sum on a slip of its own; the term that was read in the slip's place is marked."""
    drawing, path = _drawing(each), slip.read_path or ""
    fails = each.verdict == "fails"
    rule = tag("small", text(each.rule), class_="rule-id") if each.rule else ""
    title = tag("figcaption", tag("b", _label(each.title)) + rule)
    if each.printed is None or not is_added(drawing):
        body = _relation(each, path)
    elif any(term.sign == "÷" for term in each.terms):
        body = _fraction(each, path)
    else:
        body = _column(each, drawing, path)
    verdict = both("不符", "fails") if fails else both("相符", "holds")
    body += tag("span", verdict, class_="sr")
    return tag("figure", title + body, class_=classes("slip", "fails" if fails else "holds"))


def _drawing(each: DrawnSum) -> Drawing:
    """The same as the product knows it, without what only its own page says."""
    terms = tuple(_term(term) for term in each.terms)
    stands = _term(each.printed) if each.printed else None
    verdict = "fails" if each.verdict == "fails" else "holds"
    return Drawing(
        each.rule, each.rule, verdict, "error", each.title, terms, each.implied, stands,
        each.residual, {"zh": "", "en": ""},
    )  # fmt: skip


def _label(said: Words) -> str:
    return both(cut(said["zh"], _LONGEST_LABEL), cut(said["en"], _LONGEST_LABEL))


def _term(term: Term) -> DrawnTerm:
    return DrawnTerm(term.path, term.label, term.value, term.sign)


def _number(term: Term, path: str, decimals: int = 0, element: str = "td") -> str:
    here = term.path == path
    return tag(
        element,
        text(cut(term.value or "?", _LONGEST)),
        class_=classes("n", "here" if here else ""),
        data_pad=padding(term.value, decimals),
    )


def _plain(value: str | None, decimals: int) -> str:
    return tag(
        "td",
        text(cut(_minus(value or "?"), _LONGEST)),
        class_="n",
        data_pad=padding(value, decimals),
    )


def _minus(number: str) -> str:
    return number.replace("-", "−")


def _column(each: DrawnSum, drawing: Drawing, path: str) -> str:
    assert each.printed is not None
    fails = each.verdict == "fails"
    texts = [term.value for term in (*each.terms, each.printed)]
    decimals = min(widest([*texts, each.implied if fails else None]), _MOST_PLACES)
    pairs = zip(short_labels(drawing, "zh"), short_labels(drawing, "en"), strict=True)
    labels = [{"zh": zh, "en": en} for zh, en in pairs]
    near, rest = _near(each, path)
    lines = "".join(
        _line(_label(labels[index]), each.terms[index], path, decimals, first=index == near[0])
        for index in near
    )
    lines += _others(rest, decimals, bool(near))
    total = both("合计", "sum") if fails else _last(each.printed)
    foot = _row(total, "" if fails else "=", _plain(each.implied, decimals), "total")
    if fails:
        foot += _row(both("表上", "printed"), "", _number(each.printed, path, decimals), "stands")
        foot += _difference(each, decimals)
    else:
        stands = _number(each.printed, path, decimals)
        foot = _row(total, "=", stands, "total")
    return tag("table", tag("tbody", lines) + tag("tfoot", foot), class_="sum")


def _last(term: Term) -> str:
    return both(*(term.label[lang].split(" · ")[-1] for lang in ("zh", "en")))


def _row(label: str, sign: str, number: str, name: str | None = None) -> str:
    cells = tag("th", label, scope="row") + tag("td", text(sign), class_="sign") + number
    return tag("tr", cells, class_=name)


def _line(label: str, term: Term, path: str, decimals: int, first: bool) -> str:
    sign = "" if first and term.sign == "+" else term.sign
    name = "mine" if term.path == path else None
    return _row(label, sign, _number(term, path, decimals), name)


def _near(each: DrawnSum, path: str) -> tuple[list[int], list[Term]]:
    """The numbers of the terms that are told one by one, and the terms told together.

    Only plain additions of readable numbers are told together.
    """
    everything = list(range(len(each.terms)))
    if len(each.terms) <= _MOST_TERMS or any(t.sign not in ("", "+") for t in each.terms):
        return everything, []
    kept = [i for i in everything if each.terms[i].path == path]
    rest = [each.terms[i] for i in everything if i not in kept]
    return (kept, rest) if all(_amount(term) is not None for term in rest) else (everything, [])


def _amount(term: Term) -> Decimal | None:
    return _number_of(term.value)


def _number_of(value: str | None) -> Decimal | None:
    found = read_number(value.strip()) if value else None
    return found[0].value if found else None


def _others(rest: list[Term], decimals: int, besides: bool) -> str:
    if not rest:
        return ""
    total = sum((value for term in rest if (value := _amount(term)) is not None), Decimal(0))
    most = max(places(term.value or "") for term in rest)
    value = f"{total:.{most}f}"
    count = len(rest)
    label = both(f"其余 {count} 项", f"{count} other terms")
    label = label if besides else both(f"{count} 项", f"{count} terms")
    return _row(label, "+" if besides else "", _plain(value, decimals), "others")


def _difference(each: DrawnSum, decimals: int) -> str:
    if each.residual is None:
        return ""
    off = _minus(each.residual)
    return _row(
        both("相差", "off by"), "", _plain(off if off[:1] == "−" else f"+{off}", decimals), "off"
    )


def _fraction(each: DrawnSum, path: str) -> str:
    """``1,596.51 / 1,744.68 × 100 = 91.5073``, and what is printed."""
    assert each.printed is not None
    over = "".join(_number(t, path, element="span") for t in each.terms if t.sign == "")
    under = "".join(_number(t, path, element="span") for t in each.terms if t.sign == "÷")
    factors = [term for term in each.terms if term.sign == "×"]
    sign = tag("span", "×", class_="sign")
    times = "".join(sign + _number(term, path, element="span") for term in factors)
    times = times or tag("span", "× 100", class_="sign")
    worked = tag("span", over + tag("span", "÷", class_="sr") + under, class_="frac") + times
    worked += tag(
        "span",
        tag("span", "=", class_="sign") + text(cut(each.implied or "?", _LONGEST)),
        class_="n",
    )
    stands = both("表上", "printed") + " " + _number(each.printed, path, element="b")
    if each.residual is not None:
        off = _minus(each.residual)
        stands += " " + tag("span", both(f"相差 {off}", f"off by {off}"), class_="off")
    return tag("p", worked, class_="ratio") + tag("p", stands, class_="stands")


def _relation(each: DrawnSum, path: str) -> str:
    """``9.15 ≤ 10.00``: numbers compared, not added."""
    parts = [each.printed] if each.printed else []
    inner = "".join(_number(term, path, element="span") for term in parts)
    for term in each.terms:
        inner += tag("span", text(term.sign or "="), class_="sign")
        inner += _number(term, path, element="span")
    return tag("p", inner, class_="relation")

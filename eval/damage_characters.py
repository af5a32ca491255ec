"""Damage to characters: stamps, digits lost or misread, separators, widths, words of a template.

The items are those of the damage list of the domain notes; *recoverable* damage is what the
contract of values says how to read back, the rest is *to be doubted*: a flag is the right answer.
Mixed decimals (98.1 beside 98.34) are no damage: they change the printed value, so they are a
habit of offices. The same goes for rates printed as fractions.
"""

from __future__ import annotations

import re
from random import Random

from eval.damage_tools import (
    AMOUNTS,
    GOALS,
    PHRASES,
    Place,
    changed,
    chosen,
    inserted,
    is_digit,
    labels,
    leaf,
    numbers,
    printing,
    prose_cells,
    seams,
    table_rows,
    taken,
    with_cells,
)
from eval.sheet import EMPTY, Printed, Row, Sheet, label

_FULL_WIDTH = str.maketrans("0123456789().,%", "０１２３４５６７８９（）．，％")
_HALF_BRACKETS = str.maketrans("（）", "()")
_FULL_BRACKETS = str.maketrans("()", "（）")
_DRIFT = str.maketrans(
    "财项绩效评价单实际标准额执数预结转产质时务满总级权属机构对资门设开关当经济会态响续优"
    "划业监测报领导区县环图来况进体",
    "財項績效評價單實際標準額執數預結轉產質時務滿總級權屬機構對資門設開關當經濟會態響續優"
    "劃業監測報領導區縣環圖來況進體",
)


_UNITS = "元万亿千百个人次场册家件台套户项名只辆份组期天年月日时分米里亩吨条篇本张批起处度%％（("


# --- stamps --------------------------------------------------------------------------------------


def _stamp(rng: Random) -> str:
    page = rng.randint(1, 99)
    return rng.choice((f"{rng.randint(100, 999)}/1000", f"-{page}-", f"— {page} —"))


def stamps(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 10: page stamps between the words of prose, or alone in a line or row of their own.

    ``344/1000``, ``-1-``, ``— 1 —``. Recoverable: they are known by their form and removed.
    """
    spots: list[tuple[int, int]] = [
        (i, j) for i, j in prose_cells(sheet) if _between_words(sheet.rows[i].cells[j].text)
    ]
    rows = table_rows(sheet, "funds", "goals", "indicators", "totals")
    spots += [(i, -1) for i in rows]
    for i, j in sorted(chosen(rng, grade, spots), reverse=True):
        if j < 0:
            sheet = inserted(sheet, i, [_stamp_row(rng, len(sheet.rows[i].cells))])
        else:
            cell = sheet.rows[i].cells[j]
            at = rng.choice(_between_words(cell.text))
            sheet = with_cells(sheet, {(i, j): cell.put(at, at, f" {_stamp(rng)} ")})
    return sheet


def _between_words(text: str) -> list[int]:
    """Where a stamp may stand: not in front of a unit, which would make it a quantity."""
    return [at for at in seams(text) if text[at] not in _UNITS]


def _stamp_row(rng: Random, width: int) -> Row:
    if rng.random() < 0.5:
        return Row((label(_stamp(rng)),), "other", is_line=True)
    cells = [EMPTY] * width
    cells[rng.randrange(width)] = label(_stamp(rng))
    return Row(tuple(cells), "other")


def stamped_numbers(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 10: a stamp or the number of a list (``2、``) stands in the cell of a number.

    To be doubted: such a cell is unread.
    """
    for i, j in chosen(rng, grade, numbers(sheet)):
        cell = sheet.rows[i].cells[j]
        kind = rng.randrange(3)
        if kind == 0:
            cell = cell.put(0, 0, f"{rng.randint(1, 9)}、")
        else:
            at, stamp = ((0, f"{_stamp(rng)} "), (len(cell.text), f" {_stamp(rng)}"))[kind - 1]
            cell = cell.put(at, at, stamp)
        sheet = with_cells(sheet, {(i, j): cell})
    return sheet


# --- digits --------------------------------------------------------------------------------------


def dropped_digit(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 11: the leading digit of a number or of a date is lost: ``023年12月底前``.

    To be doubted: in numbers the sums tell; what was lost is not on the page.
    """
    found = [(i, j) for i, j in numbers(sheet) if _lead(sheet.rows[i].cells[j])]
    found += [(i, j) for i, j, cell in sheet.cells() if cell.marks and _date(cell)]

    def edit(cell: Printed) -> Printed:
        span = _lead(cell) or _date(cell)
        return taken(cell, *span) if span else cell

    return changed(rng, sheet, grade, sorted(set(found)), edit)


def _lead(cell: Printed) -> tuple[int, int] | None:
    """The first digit of a number of two or more, with the separator behind it."""
    found = re.match(r"\s*([0-9],?)[0-9]", cell.text) if leaf(cell) else None
    return found.span(1) if found and not _date(cell) else None


def _date(cell: Printed) -> tuple[int, int] | None:
    found = re.search(r"(2)0[0-9]{2}\s?年", cell.text)
    return found.span(1) if found else None


def look_alikes(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 13: a zero of a number is read as ``O``, a one as ``l``.

    To be doubted: a number with a letter in it is no number.
    """
    letters = {"0": "Oo", "1": "lI"}
    places = [
        (i, j)
        for i, j in numbers(sheet)
        if any(char in letters for char in sheet.rows[i].cells[j].text)
    ]
    for i, j in chosen(rng, grade, places):
        cell = sheet.rows[i].cells[j]
        at = rng.choice([k for k, char in enumerate(cell.text) if char in letters])
        new = cell.put(at, at + 1, rng.choice(letters[cell.text[at]]))
        sheet = with_cells(sheet, {(i, j): new})
    return sheet


def operators(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 13: the ``≥`` of a target is read as ``2``, ``到``, ``第`` or ``z``.

    To be doubted: ``295.00(%)`` is kept as it is printed.
    """
    wrong = rng.choice("2到第z")

    def edit(cell: Printed) -> Printed:
        at = cell.text.find("≥")
        return cell if at < 0 else cell.put(at, at + 1, wrong)

    return changed(rng, sheet, grade, printing(sheet, ("target",)), edit)


# --- the same value in other characters ----------------------------------------------------------


def separators(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 12: some amounts have separators of thousands, others not: taken out or put in.

    Recoverable: separators are no part of a value.
    """

    def edit(cell: Printed) -> Printed:
        text = cell.text
        commas = [at for at, char in enumerate(text) if char == ","]
        if commas:
            for at in reversed(commas):
                cell = taken(cell, at, at + 1)
            return cell
        whole = re.match(r"\s*([0-9]{4,})", text)
        for at in range(whole.end(1) - 3, whole.start(1), -3) if whole else ():
            cell = cell.put(at, at, ",")
        return cell

    return changed(rng, sheet, grade, printing(sheet, AMOUNTS), edit)


def percent_signs(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 12: some rates have a ``%`` behind them, others not: taken away or put on.

    Only where some rate is above 1, so that all are percent. Recoverable: the sign is no part of
    a rate.
    """
    places = [(i, j) for i, j in printing(sheet, ("execution_rate",)) if (i, j) in numbers(sheet)]
    whole = [re.match(r"[0-9]+", sheet.rows[i].cells[j].text) for i, j in places]
    if not any(found and int(found[0]) > 1 for found in whole):
        return sheet

    def edit(cell: Printed) -> Printed:
        end = len(cell.text.rstrip())
        return taken(cell, end - 1, end) if cell.text[end - 1] == "%" else cell.put(end, end, "%")

    return changed(rng, sheet, grade, places, edit)


def widths(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 13: some digits and brackets are full-width, in numbers points and signs too.

    The brackets of labels change to the other width. Recoverable: width is folded.
    """
    kinds = frozenset(numbers(sheet))
    phrases = frozenset(printing(sheet, PHRASES))
    places = sorted({*kinds, *phrases, *labels(sheet)})
    able = [(i, j) for i, j in places if _widened(sheet, (i, j), kinds, phrases)]
    changes: dict[Place, Printed] = {}
    for i, j in chosen(rng, grade, able):
        cell = sheet.rows[i].cells[j]
        wide = _widened(sheet, (i, j), kinds, phrases)
        whole = rng.random() < 0.5
        kept = [old if not whole and rng.random() < 0.5 else new for old, new in wide]
        changes[i, j] = cell.put(0, len(cell.text), "".join(kept))
    return with_cells(sheet, changes)


def _widened(
    sheet: Sheet, place: Place, numbers_at: frozenset[Place], phrases: frozenset[Place]
) -> list[tuple[str, str]]:
    """The characters of a cell with those of the other width, empty if none has one."""
    text = sheet.rows[place[0]].cells[place[1]].text
    if place in numbers_at:
        wide = text.translate(_FULL_WIDTH)
    elif place in phrases:
        wide = "".join(c.translate(_FULL_WIDTH) if is_digit(c) or c in "()" else c for c in text)
    else:
        wide = text.translate(_HALF_BRACKETS if "（" in text else _FULL_BRACKETS)
    return list(zip(text, wide, strict=True)) if wide != text else []


def traditional(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 13: labels and goals drift to traditional characters: ``執行數``.

    Recoverable in labels; prose is kept as it is printed, which costs it some characters.
    """

    def edit(cell: Printed) -> Printed:
        return cell.put(0, len(cell.text), cell.text.translate(_DRIFT))

    return changed(rng, sheet, grade, sorted([*labels(sheet), *printing(sheet, GOALS)]), edit)


def stray_and(rng: Random, sheet: Sheet, grade: int) -> Sheet:
    """Item 13: a word of prose is read as an English one: ``平台品牌 and 运营企业``.

    Neither: prose is kept as it is printed, which costs it some characters and no digit.
    """

    def edit(cell: Printed) -> Printed:
        found = list(re.finditer(r"(?<=[\u4e00-\u9fff])[和与及、](?=[\u4e00-\u9fff])", cell.text))
        return cell.put(*rng.choice(found).span(), " and ") if found else cell

    return changed(rng, sheet, grade, prose_cells(sheet), edit)

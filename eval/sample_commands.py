"""``crossfoot eval sample``, ``label`` and ``drift``: what people say of accepted values, and what
follows for the promises made of them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.extra import language
from eval.promise_words import archive, kept, pairs, say
from extractor.console import complain, output, remark, usage
from extractor.options import Db, Lang
from extractor.settings import settings
from extractor.signals import CLASSES, Class

if TYPE_CHECKING:
    from eval.sampling import Question

_MANY = 20
_USUAL = 100
COLUMNS = (
    "number", "document", "form", "class", "stratum", "field", "label", "cell", "printed", "value",
    "truth",
)  # fmt: skip
"""The columns of a sheet of questions; a person fills the last."""


def sample(
    out: Annotated[Path, typer.Option("-o", "--output", help="The sheet to write, .csv.")],
    db: Db = None,
    counts: Annotated[
        list[str] | None,
        typer.Option(
            "--count",
            metavar="CLASS=N",
            help="How many fields of a class. [default: 100 of each]",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="The same seed draws the same fields.")
    ] = 2023,
    lang: Lang = None,
) -> None:
    """Draw accepted fields at random for a person to look at. 从免核字段中随机抽样。

    In the column `truth` they write ok, what the page prints instead, or - where it prints
    nothing; `crossfoot eval label` takes the sheet back.
    """
    set_ = settings({"lang": language(lang), "db": db})
    from eval.sampling import draw
    from extractor.weighing import CLASS_WORDS

    asked = pairs("count", "100", counts, set_.lang)
    wanted: dict[Class, int] = {name: int(n) for name, n in asked.items()}
    wanted = wanted or dict.fromkeys(CLASSES, _USUAL)
    with archive(set_.db) as store:
        questions = draw(store, wanted, seed)
        if not questions:
            raise usage(say("nothing_left", set_.lang))
        with output(out) as stream:
            numbers = store.draw("sample", [question.draw for question in questions])
            stream.write(_sheet(zip(numbers, questions, strict=True), set_.lang))
    for name, n in wanted.items():
        mine = sum(question.draw.class_ == name for question in questions)
        if mine < n:
            about = CLASS_WORDS[name][set_.lang]
            complain(say("few", set_.lang, name=about, found=mine, wanted=n))
    remark(say("written", set_.lang, path=out))


def _sheet(rows: Iterator[tuple[int, Question]], lang: str) -> bytes:
    """The sheet as spreadsheet programs open it: UTF-8 with a mark, no cell taken for a formula."""
    from extractor.export_csv import safe
    from extractor.families import family_of

    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(COLUMNS)
    for number, (asked, document, form) in rows:
        entry = form.entries[asked.field]
        label = family_of(form.form.family).label(asked.field, lang, form.record)
        cells = (
            number, document.path, form.form.index, asked.class_, asked.stratum, asked.field, label,
            entry.address or "", " ¦ ".join(entry.raw), asked.value or "", "",
        )  # fmt: skip
        sheet.writerow([safe(str(cell)) for cell in cells])
    return text.getvalue().encode("utf-8-sig", "replace")


def label(
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", help="A sheet that was filled in.")],
    db: Db = None,
    person: Annotated[str, typer.Option("--person", help="Who answered.")] = "",
    lang: Lang = None,
) -> None:
    """Take a filled sheet of questions back. 收回已填的抽样表。

    Exit code 1 says that some lines could not be kept; each is named on stderr.
    """
    set_ = settings({"lang": language(lang), "db": db})
    from eval.sampling import RIGHT, answered, is_wrong
    from extractor.export_csv import unsafe

    rows = _rows(sheet, set_.lang)
    tally: Counter[str] = Counter()
    failed: list[str] = []
    with archive(set_.db) as store:
        questions = {one.id: one for one in store.labels(answered=False)}
        before = {one.id: one for one in store.labels(answered=True)}
        for line, row in enumerate(rows, 2):
            told = unsafe((row["truth"] or "").strip())
            number = (row["number"] or "").strip()
            known = int(number) if number.isdecimal() else -1
            question = questions.get(known) or before.get(known)
            if not told:
                tally["blank"] += 1
                continue
            if question is None or question.form is None:
                why = say("gone" if question else "not_open", set_.lang, what=number)
                failed.append(say("bad_row", set_.lang, path=sheet, line=line, why=why))
                continue
            truth = question.value if told.lower() in RIGHT else answered(told)
            form = store.form(question.form)[1]
            off = is_wrong(form, question.field, question.value, truth)
            if store.answer(question.id, person, truth, off):
                tally.update(["kept", *(["wrong"] if off else [])])
            elif before[known].truth == truth:
                tally["before"] += 1
            else:
                why = say("other_answer", set_.lang, what=number)
                failed.append(say("bad_row", set_.lang, path=sheet, line=line, why=why))
    for complaint in failed[:_MANY]:
        complain(complaint)
    if len(failed) > _MANY:
        complain(say("more", set_.lang, count=len(failed) - _MANY))
    told = {name: tally[name] for name in ("kept", "wrong", "blank", "before")}
    print(say("kept", set_.lang, **told))
    if failed:
        raise typer.Exit(1)


def _rows(sheet: Path, lang: str) -> list[dict[str, str | None]]:
    try:
        with sheet.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = reader.fieldnames or ()
            rows: list[dict[str, str | None]] = list(reader)
    except (UnicodeDecodeError, csv.Error):
        columns, rows = (), []
    if not {"number", "truth"} <= set(columns):
        raise usage(say("not_a_sheet", lang, path=sheet, columns=", ".join(COLUMNS)))
    return rows


def drift(db: Db = None, lang: Lang = None) -> None:
    """Hold an archive's promises against the samples that came later. 检查承诺是否仍然成立。

    May be run every day, however often: a promise that holds is revoked with a chance of at most
    5 % ever. Exit code 1 says that one was revoked.
    """
    set_ = settings({"lang": language(lang), "db": db})
    from eval.calibrating import BROKEN, revoked, watch
    from extractor.weighing import CLASS_WORDS

    with archive(set_.db) as store:
        watched = watch(store)
        for one in watched:
            about = {
                "name": f"{one.calibration.family}, {CLASS_WORDS[one.class_][set_.lang]}",
                "limit": f"{100 * one.promise.limit:g}",
            }
            seen = {"n": f"{one.n:,}", "errors": one.errors, "evidence": f"{one.evidence:.2f}"}
            print(say("watched", set_.lang, **about, **seen, broken=f"{BROKEN:g}"))
            if one.is_broken:
                print(say("broken", set_.lang, **about))
        gone = revoked(watched)
        if gone:
            print(kept(store, gone, set_.lang, revoked=True))
            raise typer.Exit(1)
    if not watched:
        print(say("no_promise", set_.lang))

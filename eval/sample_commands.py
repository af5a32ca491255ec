"""``crossfoot eval sample``, ``label`` and ``drift``: what people say of accepted values, and what
follows for the promises made of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.extra import language
from eval.promise_words import archive, pairs, say, weighed
from extractor.console import complain, output, remark, usage
from extractor.options import Db, Lang
from extractor.settings import settings
from extractor.signals import CLASSES, Class

if TYPE_CHECKING:
    from eval.answer_sheet import Row
    from extractor.store import Store
    from extractor.store_labels import Label

_MANY = 20
_USUAL = 100


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
    again: Annotated[
        bool,
        typer.Option("--again", help="Write the questions that are still open once more instead."),
    ] = False,
    lang: Lang = None,
) -> None:
    """Draw fields that may be accepted, at random, for a person to look at. 随机抽样。

    In the column `truth` they write ok, what the page prints instead, or - where it prints
    nothing; `crossfoot eval label` takes the sheet back.
    """
    set_ = settings({"lang": language(lang), "db": db})
    from eval.answer_sheet import written
    from extractor.sampling import draw, open_questions
    from extractor.weighing import CLASS_WORDS

    if out.exists():
        raise usage(say("there", set_.lang, path=out))
    asked = pairs("count", "100", counts, set_.lang)
    wanted: dict[Class, int] = {name: int(n) for name, n in asked.items()}
    wanted = wanted or dict.fromkeys(CLASSES, _USUAL)
    with archive(set_.db) as store:
        if again:
            rows = open_questions(store)
        else:
            drawn = draw(store, wanted, seed)
            numbers = store.draw("sample", [question.draw for question in drawn])
            pairs_ = zip(numbers, drawn, strict=True)
            rows = [(number, question) for number, question in pairs_ if number is not None]
        if not rows:
            raise usage(say("nothing_left", set_.lang))
        with output(out) as stream:
            stream.write(written(rows, set_.lang))
    for name, n in () if again else wanted.items():
        mine = sum(question.draw.class_ == name for _, question in rows)
        if mine < n:
            about = CLASS_WORDS[name][set_.lang]
            complain(say("few", set_.lang, name=about, found=mine, wanted=n))
    remark(say("written", set_.lang, path=out))


def label(
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", help="A sheet that was filled in.")],
    db: Db = None,
    person: Annotated[str, typer.Option("--person", help="Who answered.")] = "",
    correct: Annotated[
        bool, typer.Option("--correct", help="Let an answer take the place of an earlier one.")
    ] = False,
    lang: Lang = None,
) -> None:
    """Take a filled sheet of questions back. 收回已填的抽样表。

    Exit code 1 says that some lines could not be kept; each is named on stderr.
    """
    set_ = settings({"lang": language(lang), "db": db})
    from eval.answer_sheet import COLUMNS, NoSheet, rows_of

    try:
        rows = rows_of(sheet)
    except NoSheet as error:
        told = ", ".join(COLUMNS)
        raise usage(say("not_a_sheet", set_.lang, path=sheet, columns=told, why=error)) from None
    tally: Counter[str] = Counter()
    failed: list[str] = []
    with archive(set_.db) as store:
        questions = {one.id: one for done in (True, False) for one in store.labels(answered=done)}
        for row in rows:
            said = _taken(store, questions.get(row.number), row, person, correct, set_.lang)
            if said in _KEPT:
                tally.update(_KEPT[said])
            else:
                failed.append(say("bad_row", set_.lang, path=sheet, line=row.line, why=said))
    for complaint in failed[:_MANY]:
        complain(complaint)
    if len(failed) > _MANY:
        complain(say("more", set_.lang, count=len(failed) - _MANY))
    told = {name: tally[name] for name in ("kept", "wrong", "blank", "before")}
    print(say("kept", set_.lang, **told))
    if failed:
        raise typer.Exit(1)


_KEPT = {"blank": ["blank"], "before": ["before"], "right": ["kept"], "wrong": ["kept", "wrong"]}
"""What a row can come to, and what it counts as; anything else is why it could not be kept."""


def _taken(
    store: Store, question: Label | None, row: Row, person: str, correct: bool, lang: str
) -> str:
    """One row of a sheet taken in: how it counts, or why it could not be."""
    from eval.answer_sheet import is_row_of
    from eval.sampling import is_wrong
    from extractor.sampling import Unreadable, answered

    if row.cells is None:
        return say("short_row", lang)
    if not row.answer:
        return "blank"
    number = row.cells["number"].strip()[:40]
    if question is None or question.form is None:
        return say("gone" if question else "not_open", lang, what=number)
    document, form = store.form(question.form)
    if not is_row_of(row, question, document, form):
        return say("other_row", lang, what=number)
    try:
        truth = answered(form, question.field, question.value, row.answer)
    except Unreadable:
        return say("unreadable", lang, what=row.answer[:40])
    off = is_wrong(form, question.field, question.value, truth)
    if question.answered is not None and question.truth == truth:
        return "before"
    if store.answer(question.id, person, truth, off, again=correct):
        return "wrong" if off else "right"
    now = next((one for one in store.labels(answered=True) if one.id == question.id), None)
    return "before" if now and now.truth == truth else say("other_answer", lang, what=number)


def drift(db: Db = None, lang: Lang = None) -> None:
    """Hold an archive's promises against the samples that came later. 检查承诺是否仍然成立。

    May be run every day, however often: a promise that holds is revoked with a chance of at most
    5 % ever. Exit code 1 says that one was revoked.
    """
    set_ = settings({"lang": language(lang), "db": db})
    from eval.calibrating import BROKEN, revoked, watch
    from extractor.weighing import CLASS_WORDS

    with archive(set_.db) as store:
        if store.unweighed():  # a run before was ended in the middle of it
            print(weighed(store, set_.lang))
        watched = watch(store)
        for one in watched:
            about = {
                "name": f"{one.calibration.family}, {CLASS_WORDS[one.class_][set_.lang]}",
                "limit": f"{100 * one.promise.limit:g}",
            }
            evidence = f"{one.evidence:.2f}" if one.evidence < 1000 else "> 1000"
            seen = {"n": f"{one.n:,}", "errors": one.errors, "evidence": evidence}
            print(say("watched", set_.lang, **about, **seen, broken=f"{BROKEN:g}"))
            if one.is_broken:
                print(say("broken", set_.lang, **about))
        gone = revoked(watched)
        for one, classes in gone:
            text = one.model_dump_json()
            store.put_calibration(text, one.made_for, uses_answers=True, revoked=classes)
        if gone:
            print(weighed(store, set_.lang))
            raise typer.Exit(1)
    if not watched:
        print(say("no_promise", set_.lang))

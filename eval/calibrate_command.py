"""``crossfoot eval calibrate``: labels → what evidence is worth, and what can be promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.extra import language
from eval.promise_words import archive, pairs, say, weighed
from extractor.calibration import Artefact, Calibration, load
from extractor.console import complain, output, remark, usage
from extractor.errors import CrossfootError, ReadingError
from extractor.options import Lang, Model, Reader, Send
from extractor.settings import Settings, settings
from extractor.signals import Class
from extractor.weighing import CLASS_WORDS, for_now, promise_lines

if TYPE_CHECKING:
    from eval.calibrating import Source
    from extractor.bulk import Way
    from extractor.store import Store

Limits = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="CLASS=PERCENT",
        help="How many percent of the accepted values of a class may be wrong; also [promise] in "
        "crossfoot.toml.",
    ),
]


def calibrate(
    gold: Annotated[
        list[Path] | None,
        typer.Argument(metavar="GOLD", help="Gold sets. [default: the one that comes along]"),
    ] = None,
    db: Annotated[
        Path | None,
        typer.Option("--db", help="Use the answers of this archive, and weigh it anew."),
    ] = None,
    generated: Annotated[
        int | None,
        typer.Option(
            "--generated", min=1, help="Also learn probabilities from so many generated forms."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the generated forms.")] = 2023,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes for generated forms.")] = 1,
    limit: Limits = None,
    reader: Reader = None,
    model: Model = None,
    send: Send = None,
    adopt: Annotated[
        Path | None,
        typer.Option("--adopt", help="Store the calibrations of this file in the archive instead."),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    lang: Lang = None,
) -> None:
    """Learn what evidence is worth, and promise what can be promised. 校准：概率与承诺。

    With --db the answers of an archive's own reviewers are the labels, and all its forms are
    weighed by what comes out.
    """
    spoken = language(lang)
    set_ = settings({"lang": lang, "reader": reader, "model": model, "send": send})
    if adopt is not None:
        if gold or generated or out or limit:
            raise usage(say("adopt_alone", spoken))
        _adopt(adopt, db, spoken)
        return
    from eval.calibrating import calibrations
    from eval.promises import LIMITS

    limits: dict[Class, float] = {**LIMITS, **_shares(set_, limit)}
    asks = reader is not None or model is not None
    with ExitStack() as stack:
        store = None if db is None else stack.enter_context(archive(db))
        try:
            sources = _sources(gold, store, generated, seed, jobs, set_, asks, send)
        except ReadingError as error:
            raise CrossfootError(error.sentences[spoken]) from None
        if not sources:
            raise CrossfootError(say("no_labels", spoken, db=db))
        found = calibrations([source for _, source in sources], limits, store)
        if not found:
            raise CrossfootError(say("no_labels", spoken, db=db))
        if out is not None:
            with output(out) as stream:
                text = Artefact(calibrations=found).model_dump_json(indent=1)
                stream.write(text.encode() + b"\n")
        # Done before anything is said: whoever hears only the first lines has it nevertheless.
        done = [] if store is None else _kept(store, found, spoken, uses_answers=True)
        for name, source in sources:
            print(_told(name, source, spoken))
        _tell(found, spoken, done)
    if out is not None:
        remark(say("written", spoken, path=out))


def _adopt(file: Path, db: Path | None, lang: str) -> None:
    """Stores the calibrations of a file in an archive, as they are."""
    if db is None:
        raise usage(say("needs_db", lang))
    found = load(file)
    for one in found:
        for_now(one, file, lang)
    with archive(db) as store:
        _not_revoked(store, found, file, lang)
        done = _kept(store, found, lang, uses_answers=False)
        _tell(found, lang, done)


def _kept(
    store: Store, found: Sequence[Calibration], lang: str, *, uses_answers: bool
) -> list[str]:
    """Stores calibrations and weighs the archive by them; what came of it."""
    for one in found:
        text = one.model_dump_json()
        store.put_calibration(text, one.made_for, uses_answers=uses_answers)
    left = len(store.labels(answered=False))
    open_ = [say("open", lang, count=f"{left:,}")] if left else []
    return [*open_, weighed(store, lang)]


def _not_revoked(store: Store, found: Sequence[Calibration], file: Path, lang: str) -> None:
    """Raises where a file would bring back what an archive has revoked."""
    broken = [
        CLASS_WORDS[class_][lang]
        for one in found
        for class_, promise in one.promises.items()
        if promise.accepted and (one.made_for, class_) in store.revocations()
    ]
    if broken:
        raise CrossfootError(say("revoked_here", lang, file=file, classes=", ".join(broken)))


def _tell(found: Sequence[Calibration], lang: str, done: Sequence[str]) -> None:
    """Prints what was found; ``done`` is what came of it in an archive, nothing where there is
    none."""
    from eval.bounds import CONFIDENCE
    from eval.promises import confidence_of

    for line in _report(found, lang, confidence_of(1) if done else CONFIDENCE):
        print(line)
    for line in done:
        print(line)


def _shares(set_: Settings, given: Sequence[str] | None) -> dict[Class, float]:
    """The limits of toml and flags, as shares."""
    percents: dict[Class, float] = {**set_.promise, **pairs("limit", "0.14", given, set_.lang)}
    return {class_: percent / 100 for class_, percent in percents.items()}


def _sources(
    gold: list[Path] | None,
    store: Store | None,
    generated: int | None,
    seed: int,
    jobs: int,
    set_: Settings,
    asks: bool,
    send: bool | None,
) -> list[tuple[str, Source]]:
    """Labels, each with the name of what they come from."""
    from eval import running
    from eval.calibrating import Source, of_archive

    found: list[tuple[str, Source]] = []
    if store is not None:
        for source in of_archive(store):
            what = "samples" if source.is_sample else "corrections"
            if any(not who[2] for who in source.labels.made_for()):
                complain(say("old_reading", set_.lang))
            if source.labels.fields:
                found.append((f"{store.path} ({what})", source))
    sets: list[Path | None] = list(gold) if gold else [] if store is not None else [None]
    for folder in sets:
        run, labels = running.read_set(folder, None, _way(folder, set_, send) if asks else None)
        basis = "generated" if run.generated else "gold"
        found.append((str(folder or run.name), Source(labels, basis)))
    if generated is not None:
        run, labels = running.read_generated(generated, seed, jobs)
        found.append((run.name, Source(labels, "generated")))
    return found


def _way(folder: Path | None, set_: Settings, send: bool | None) -> Way:
    from eval.goldset import DOCUMENTS, SHIPPED
    from extractor.sending import way_of
    from extractor.sources import walk

    return way_of(set_, list(walk([(folder or SHIPPED) / DOCUMENTS])), send)


def _told(name: str, source: Source, lang: str) -> str:
    made = say("made", lang) if source.basis == "generated" else ""
    return say(
        "labels", lang, name=name, forms=f"{source.labels.forms:,}", made=made,
        fields=f"{source.labels.fields.total():,}", wrong=f"{source.labels.wrong.total():,}",
    )  # fmt: skip


def _report(found: Sequence[Calibration], lang: str, confidence: float) -> Iterator[str]:
    """What came out: probability and promises of each calibration, and the feasibility numbers."""
    from eval.bounds import labels_wanted

    for one in found:
        yield ""
        yield say(
            "family", lang, family=one.family, reader=one.reader, checks=one.check_set,
            version=one.reader_version,
        )  # fmt: skip
        learned = one.probability
        if learned is None:
            yield "  " + say("no_probability", lang)
        else:
            told = {"n": f"{learned.n:,}", "errors": f"{learned.errors:,}"}
            yield "  " + say("probability", lang, **(learned.model_dump() | told))
        yield from (f"  {line}" for line in promise_lines(one, lang))
    limits: dict[Class, float] = {
        name: one.limit for one in found for name, one in one.promises.items()
    }
    told = " · ".join(
        f"{CLASS_WORDS[name][lang]} {100 * limit:g} %: {labels_wanted(limit, 0, confidence):,}"
        for name, limit in limits.items()
    )
    yield ""
    yield say("feasible", lang, told=told)
    if any(one.basis == "gold" for one in found):
        yield say("whole", lang)

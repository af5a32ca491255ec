"""The command ``crossfoot``: parses, calls, prints. What needs time to import is imported late."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractor.console import Commands, complain, output, remark, usage
from extractor.options import (
    Budget,
    CalibrationFile,
    Db,
    Debug,
    Failures,
    InFlight,
    Jobs,
    Lang,
    Looks,
    Model,
    Out,
    Paths,
    Reader,
    RetryFailed,
    Root,
    Send,
    example,
)
from extractor.running import Run
from extractor.telling import cost_lines, found_line, stats_lines, summary_lines, words

if TYPE_CHECKING:
    from extractor.calibration import Calibration
    from extractor.settings import Settings
    from extractor.sources import Found
    from extractor.store import Store
    from extractor.types import CheckedDocument

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Reads messy performance forms into typed records and proves what it can of every number.",
)


def _version(asked: bool) -> None:
    if asked:
        print("crossfoot", version("crossfoot"))
        raise typer.Exit


@app.callback()
def crossfoot(
    asked: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command(epilog=example("crossfoot ingest forms/ --db archive.db --jobs 4"))
def ingest(
    paths: Paths,
    db: Db = None,
    root: Root = None,
    jobs: Jobs = None,
    failures: Failures = None,
    reader: Reader = None,
    model: Model = None,
    send: Send = None,
    budget: Budget = None,
    in_flight: InFlight = None,
    looks: Looks = None,
    retry_failed: RetryFailed = False,
    lang: Lang = None,
    debug: Debug = False,
) -> None:
    """Read files and folders into the archive. 读入文件和文件夹，存入档案。

    What the archive holds already is not read again. Ends with a summary. Exit code 1 says that
    some documents failed; each is named on stderr.
    """
    set_ = _settings(
        db=db, jobs=jobs, lang=lang, reader=reader, model=model, send=send, budget=budget,
        in_flight=in_flight, looks=looks,
    )  # fmt: skip
    files = _walk(paths, root, set_.lang)
    from extractor.bulk import ingest as ingest_files
    from extractor.sending import way_of
    from extractor.store import Store
    from extractor.weighing import of_archive, weigh

    way = way_of(set_, files, send)
    with ExitStack() as stack:
        run = Run(stack, files, set_, failures, debug)
        store = stack.enter_context(Store.open(set_.db))
        number = store.newest_calibration()
        summary = ingest_files(
            files, store, way=way, calibrations=of_archive(store, set_.lang), weighed=number,
            retry_failed=retry_failed, lang=set_.lang, told=run.told, stop=run.stop,
        )  # fmt: skip
        weigh(store)
    print(*summary_lines(summary, set_.lang), sep="\n")
    run.end(summary)


@app.command(
    epilog=example(
        "crossfoot check form.md", "crossfoot check forms/ --format jsonl -o forms.jsonl"
    )
)
def check(
    paths: Paths,
    format_: Annotated[str, typer.Option("--format", help="report, jsonl or html.")] = "report",
    out: Out = None,
    root: Root = None,
    jobs: Jobs = None,
    failures: Failures = None,
    reader: Reader = None,
    model: Model = None,
    send: Send = None,
    budget: Budget = None,
    in_flight: InFlight = None,
    looks: Looks = None,
    calibration: CalibrationFile = None,
    lang: Lang = None,
    debug: Debug = False,
) -> None:
    """Read and check files without an archive. 读取并核对文件，不存档。

    Gives a readable report, one JSON object a form, or one HTML page.
    """
    set_ = _settings(
        jobs=jobs, lang=lang, reader=reader, model=model, send=send, budget=budget,
        in_flight=in_flight, looks=looks,
    )  # fmt: skip
    _one_of(format_, ("report", "jsonl", "html"), set_.lang)
    _fit_for_terminal(format_, ("html",), out, set_.lang)
    files = _walk(paths, root, set_.lang)
    from extractor.bulk import check as check_files
    from extractor.sending import way_of

    way = way_of(set_, files, send)
    calibrations: Sequence[Calibration] = ()
    if calibration is not None:
        from extractor.weighing import of_file

        calibrations = of_file(calibration, way, set_.lang)
    with ExitStack() as stack:
        run = Run(stack, files, set_, failures, debug)
        documents, summary = check_files(
            files, way=way, calibrations=calibrations, told=run.told, stop=run.stop
        )
    with output(out) as stream:
        stream.writelines(_pieces(documents, format_, set_.lang, out))
        if format_ == "report":
            stream.writelines(f"{line}\n".encode() for line in summary_lines(summary, set_.lang))
    run.end(summary)


@app.command(epilog=example("crossfoot text form.html"))
def text(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to show.")],
    lang: Lang = None,
) -> None:
    """Print the text that spans refer to. 输出记录中位置所指的文字。

    Spans count its characters from 0.
    """
    set_ = _settings(lang=lang)
    from extractor.sources import Problem, load

    try:
        document = load(file)
    except Problem as problem:
        complain(words("failed", set_.lang, what=problem.sentences[set_.lang]))
        raise typer.Exit(1) from None
    with output(None) as stream:
        stream.write(document.text.encode("utf-8", "replace"))


@app.command(
    epilog=example(
        "crossfoot export --format xlsx -o forms.xlsx",
        "crossfoot export --format defects -o defects.xlsx",
    )
)
def export(
    format_: Annotated[
        str, typer.Option("--format", help="jsonl, csv, xlsx or defects.")
    ] = "jsonl",
    out: Out = None,
    settled: Annotated[
        bool, typer.Option("--settled", help="Only forms that leave nothing to review.")
    ] = False,
    excel_safe: Annotated[
        bool,
        typer.Option(
            "--excel-safe", help="csv: keep Excel from taking a cell such as =100(%) for a formula."
        ),
    ] = False,
    db: Db = None,
    lang: Lang = None,
) -> None:
    """Write out what the archive holds. 导出档案内容。

    Records as JSON lines, tables (csv, xlsx), or the workpaper of defects: the forms that are
    themselves wrong, by issuer.
    """
    set_ = _settings(db=db, lang=lang)
    from extractor import export as exports
    from extractor.store import Store

    _one_of(format_, exports.FORMATS, set_.lang)
    _fit_for_terminal(format_, exports.BINARY, out, set_.lang)
    with Store.open(set_.db, create=False) as store, output(out) as stream:
        exports.write(
            store,
            stream,
            format_,
            settled=settled,
            excel_safe=excel_safe,
            lang=set_.lang,
            name=None if out is None else out.name,
        )
    if out is not None:
        remark(words("written", set_.lang, path=out))


@app.command(
    epilog=example(
        "crossfoot stats", "crossfoot stats --search 绩效", "crossfoot stats --costs document"
    )
)
def stats(
    search: Annotated[
        str | None,
        typer.Option("--search", help="List the forms whose names or goals hold these words."),
    ] = None,
    costs: Annotated[
        str | None,
        typer.Option("--costs", help="What models cost, by batch, document or form."),
    ] = None,
    db: Db = None,
    lang: Lang = None,
) -> None:
    """Print figures of the archive. 显示档案统计，或按词查找。"""
    set_ = _settings(db=db, lang=lang)
    from extractor.store import COSTS_BY, Store

    if costs is not None and costs not in COSTS_BY:
        known = ", ".join(COSTS_BY)
        raise usage(words("unknown_sum", set_.lang, what=costs, known=known))
    with Store.open(set_.db, create=False) as store:
        if costs is not None:
            rows = store.costs(costs)
            if not rows:
                complain(words("no_calls", set_.lang))
            for line in cost_lines(rows, set_.prices, set_.lang):
                print(line)
            return
        if search is None:
            print(*stats_lines(store.stats(), set_.lang), sep="\n")
            _print_promises(store, set_.lang)
            return
        found = store.search(search)
    for one in found:
        print(found_line(one))
    if not found:
        complain(words("nothing", set_.lang, what=search))


@app.command(
    epilog=example(
        "crossfoot families", "crossfoot families --lang zh", "crossfoot families --coverage"
    )
)
def families(
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage",
            help="Which checks protect which field, and the measured share of faults they notice.",
        ),
    ] = False,
    lang: Lang = None,
) -> None:
    """Print the families of forms. 列出各类表的字段、核对关系和证据层级。

    Their fields, their checks in words, what no check covers, and the strata of evidence.
    """
    set_ = _settings(lang=lang)
    if coverage:
        from extractor.coverage_lines import coverage_lines

        print(*coverage_lines(set_.lang), sep="\n")
        return
    from extractor.declared import families_lines

    print(*families_lines(set_.lang), sep="\n")


@app.command(epilog=example("crossfoot audit --db archive.db", "crossfoot audit --expect 3f1c…"))
def audit(
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect", help="A head that must be in the chain; may come several times."),
    ] = None,
    db: Db = None,
    lang: Lang = None,
) -> None:
    """Verify the chain of what reviewers did. 核验审核操作链。

    Prints the head of every document that was reviewed. Exit code 1 says that a chain is broken,
    and names the row that was tampered with, or that an expected head is not there.
    """
    set_ = _settings(db=db, lang=lang)
    from extractor.store import Store

    with Store.open(set_.db, create=False) as store:
        broken, heads = store.broken_chains(), store.heads()
        names = store.paths({*heads, *(one.document for one in broken)})
        absent = [head for head in expect or [] if len(head) < 8 or not store.is_kept(head)]
    for one in broken:
        why = words(f"chain_{one.why}", set_.lang)
        where = f" ({names[one.document]})" if one.document else ""
        complain(words("chain_broken", set_.lang, seq=one.seq, where=where, why=why))
    for document, head in heads.items():
        print(f"{head}  {names[document]}")
    if not heads:
        remark(words("no_operations", set_.lang))
    for head in absent:
        complain(words("no_head", set_.lang, head=head))
    if broken or absent:
        raise typer.Exit(1)


@app.command(epilog=example("crossfoot backup archive-copy.db --db archive.db"))
def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The copy to write.")],
    db: Db = None,
    lang: Lang = None,
) -> None:
    """Write a consistent copy of the archive. 备份档案。

    Also while another process writes to it.
    """
    set_ = _settings(db=db, lang=lang)
    from extractor.store import Store

    with Store.open(set_.db, create=False) as store:
        store.backup(target)
    remark(words("written", set_.lang, path=target))


def main() -> None:
    """The entry point of the installed command."""
    app(prog_name="crossfoot")


def _settings(**flags: Any) -> Settings:
    from extractor.settings import settings

    return settings(flags)


def _walk(paths: list[Path], root: str | None, lang: str) -> list[Found]:
    """All files at once: a path that does not exist is wrong usage, said before work begins."""
    from extractor.sources import Problem, walk

    try:
        return list(walk(paths, root))
    except Problem as problem:
        raise usage(problem.sentences[lang]) from None


def _print_promises(store: Store, lang: str) -> None:
    from extractor.weighing import of_archive, promise_lines

    if left := store.unweighed():
        complain(words("unweighed", lang, count=f"{left:,}"))
    for one in of_archive(store, lang):
        print(words("promises", lang, family=one.family, reader=one.reader))
        print(*(f"  {line}" for line in promise_lines(one, lang)), sep="\n")


def _one_of(format_: str, known: Sequence[str], lang: str) -> None:
    if format_ not in known:
        raise usage(words("unknown_format", lang, what=format_, known=", ".join(known)))


def _fit_for_terminal(format_: str, bulky: Sequence[str], out: Path | None, lang: str) -> None:
    if format_ in bulky and out is None and sys.stdout.isatty():
        raise usage(words("needs_file", lang, what=format_))


def _pieces(
    documents: list[CheckedDocument], format_: str, lang: str, out: Path | None
) -> Iterator[bytes]:
    """Checked documents in the format asked for."""
    from extractor.twins import same_as

    forms = [(checked.document, form) for checked in documents for form in checked.forms]
    twins = same_as(forms)
    if format_ == "html":
        from extractor.page import page

        yield page(documents, twins, lang).encode("utf-8", "replace")
    elif format_ == "jsonl":
        from extractor.export import json_line

        for (document, form), same in zip(forms, twins, strict=True):
            yield json_line(document, form, same)
    else:
        from extractor.report import document_text

        color = out is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        width = shutil.get_terminal_size((100, 24)).columns
        for checked in documents:
            told = document_text(checked, lang, color=color, width=width)
            yield f"{told}\n".encode("utf-8", "replace")

"""The command ``crossfoot eval``: parses, calls, prints. What needs time to import comes late."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.calibrate_command import calibrate
from eval.extra import language
from eval.gate_command import gate
from eval.gold_commands import app as gold
from eval.sample_commands import drift, label, sample
from eval.serve_command import serve
from extractor.console import output, remark, usage
from extractor.errors import CrossfootError, ReadingError
from extractor.options import Lang, Model, Reader, Send, example
from extractor.settings import settings

if TYPE_CHECKING:
    from eval.results import Run
    from extractor.settings import Settings

app = typer.Typer(
    name="eval",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Measure what a reader gets right, and what it gets wrong without saying so.",
)
app.add_typer(gold, name="gold")
app.command(
    epilog=example(
        "crossfoot eval serve", "crossfoot eval serve --rate 0.05 --faults rate_limit=0.1"
    )
)(serve)
app.command(
    epilog=example(
        "crossfoot eval calibrate --generated 1000 -o calibration.json",
        "crossfoot eval calibrate --db archive.db --limit money=0.14",
    )
)(calibrate)
app.command(epilog=example("crossfoot eval sample --db archive.db --count money=300 -o sheet.csv"))(
    sample
)
app.command(epilog=example("crossfoot eval label sheet.csv --db archive.db --person reviewer-1"))(
    label
)
app.command(epilog=example("crossfoot eval drift --db archive.db"))(drift)
app.command(epilog=example("crossfoot eval gate", "crossfoot eval gate --write"))(gate)

_WORDS: Mapping[str, Mapping[str, str]] = {
    "suffix": {
        "en": "{path}: write to a file that ends in .json, .md or .html",
        "zh": "{path}：请写入以 .json、.md 或 .html 结尾的文件",
    },
    "not_a_run": {
        "en": "{path}: is no result of crossfoot eval run -o FILE.json ({why})",
        "zh": "{path}：不是 crossfoot eval run -o FILE.json 的结果（{why}）",
    },
    "one_of": {
        "en": "{flag} {what}: is none of {known}",
        "zh": "{flag} {what}：应为 {known} 之一",
    },
    "either": {
        "en": "name a gold set or ask for generated forms, not both",
        "zh": "金标准和生成的表只能选一个",
    },
    "not_generated": {
        "en": "--generated forms are read with the table reader alone; for a model write them with "
        "crossfoot eval generate DIR, then run DIR as a set",
        "zh": "--generated 的表只用表格读取器读；要用模型，请先用 crossfoot eval generate DIR "
        "写出，再把 DIR 当作金标准运行",
    },
    "apart": {
        "en": "{before} and {after} have no form in common",
        "zh": "{before} 与 {after} 没有相同的表",
    },
    "no_folder": {
        "en": "{path}: there is no folder {folder}",
        "zh": "{path}：没有文件夹 {folder}",
    },
    "not_empty": {
        "en": "{path}: is not empty; name a new folder",
        "zh": "{path}：文件夹不是空的，请另选一个",
    },
    "no_damage": {
        "en": "--grade {grade} says how much of which --damage? One of {known}",
        "zh": "--grade {grade} 须与 --damage 同用，可选 {known}",
    },
    "written": {"en": "written: {path}", "zh": "已写入：{path}"},
}

Seed = Annotated[int, typer.Option("--seed", help="The same seed makes the same forms.")]
Out = Annotated[
    list[Path] | None,
    typer.Option("-o", "--output", help="A file .json, .md or .html; can be given several times."),
]


def _say(key: str, lang: str, **told: object) -> str:
    return _WORDS[key][lang].format(**told)


@app.command(
    epilog=example(
        "crossfoot eval run -o report.html -o run.json",
        "crossfoot eval run my-gold/",
        "crossfoot eval run --generated 1000 --seed 7",
        "crossfoot eval run my-gold/ --model NAME -o both.json",
    )
)
def run(
    gold_set: Annotated[
        Path | None,
        typer.Argument(metavar="GOLD", help="A gold set. [default: the one that comes along]"),
    ] = None,
    generated: Annotated[
        int | None, typer.Option("--generated", min=1, help="So many generated forms instead.")
    ] = None,
    seed: Seed = 2023,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes for generated forms.")] = 1,
    reader: Reader = None,
    model: Model = None,
    send: Send = None,
    name: Annotated[str | None, typer.Option("--name", help="What the run is called.")] = None,
    out: Out = None,
    lang: Lang = None,
) -> None:
    """Read a gold set, or generated forms, and score every leaf. 评测读取结果。

    Prints a summary; -o writes the whole run (.json), the summary (.md) or a page (.html). A model
    is asked only where --model or --reader says so here, whatever else is set.
    """
    spoken = language(lang)
    asks = reader is not None or model is not None
    set_ = settings({"lang": lang, "reader": reader, "model": model, "send": send})
    for path in out or []:
        if path.suffix not in (".json", ".md", ".html"):
            raise usage(_say("suffix", spoken, path=path))
        if not path.parent.is_dir():
            raise usage(_say("no_folder", spoken, path=path, folder=path.parent))
    if gold_set is not None and generated is not None:
        raise usage(_say("either", spoken))
    if generated is not None and asks and set_.way != "table":
        raise usage(_say("not_generated", spoken))
    from eval import running
    from eval.report import markdown

    if generated is not None:
        found = running.run_generated(generated, seed, jobs, name or running.GENERATED)
    else:
        found = _read(gold_set, name, set_ if asks else None, send, spoken)
    for path in out or []:
        _write(found, path, spoken)
    if not out:
        with output(None) as stream:
            stream.write(markdown(found).encode("utf-8", "replace"))


def _read(
    folder: Path | None, name: str | None, asked: Settings | None, send: bool | None, lang: str
) -> Run:
    """A set as read in the way that was asked for, else with the table reader."""
    from eval import running
    from extractor.sending import way_of

    if asked is None:
        return running.run_set(folder, name)
    way = way_of(asked, running.documents_of(folder), send)
    try:
        return running.read_set(folder, name, way)[0]
    except ReadingError as error:
        raise CrossfootError(error.sentences[lang]) from None


def _write(run: Run, path: Path, lang: str) -> None:
    from eval.report import markdown, page

    if path.suffix == ".json":
        text = run.model_dump_json(indent=1) + "\n"
    else:
        text = markdown(run) if path.suffix == ".md" else page(run, lang)
    with output(path) as stream:
        stream.write(text.encode("utf-8", "replace"))
    remark(_say("written", lang, path=path))


@app.command(epilog=example("crossfoot eval compare before.json after.json -o change.md"))
def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A run, as .json.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="A run over the same set.")],
    out: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    lang: Lang = None,
) -> None:
    """Compare two runs, form by form: what came right, what went wrong. 比较两次评测。"""
    spoken = language(lang)
    from eval.compare import comparison_markdown

    runs = _run_of(before, spoken), _run_of(after, spoken)
    try:
        told = comparison_markdown(*runs)
    except ValueError:
        raise usage(_say("apart", spoken, before=before, after=after)) from None
    with output(out) as stream:
        stream.write(told.encode("utf-8", "replace"))


def _run_of(path: Path, lang: str) -> Run:
    from pydantic import ValidationError

    from eval.results import Run

    try:
        return Run.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        why = ": ".join([*map(str, first["loc"]), first["msg"]])
        raise CrossfootError(_say("not_a_run", lang, path=path, why=why)) from None


@app.command(
    epilog=example(
        "crossfoot eval generate forms/ --count 200",
        "crossfoot eval generate forms/ --columns hubei --layout html --damage stamps --grade 2",
    )
)
def generate(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    count: Annotated[int, typer.Option("--count", min=1, help="How many forms.")] = 100,
    seed: Seed = 2023,
    columns: Annotated[str | None, typer.Option("--columns", help="Only this column set.")] = None,
    layout: Annotated[str | None, typer.Option("--layout", help="Only this layout.")] = None,
    damage: Annotated[str | None, typer.Option("--damage", help="Only this damage.")] = None,
    grade: Annotated[int | None, typer.Option("--grade", min=1, max=3, help="How much.")] = None,
    lang: Lang = None,
) -> None:
    """Write generated forms and the truth about them. 生成表格及其真值。

    The folder is a gold set of its own: crossfoot eval run DIR scores a reader on it.
    """
    spoken = language(lang)
    from eval.columns import COLUMN_SETS
    from eval.damage import DAMAGES
    from eval.generated_set import NotEmpty, write_set
    from eval.layouts import LAYOUTS

    for flag, what, known in (
        ("--columns", columns, COLUMN_SETS),
        ("--layout", layout, LAYOUTS),
        ("--damage", damage, DAMAGES),
    ):
        if what is not None and what not in known:
            told = {"flag": flag, "what": what, "known": ", ".join(known)}
            raise usage(_say("one_of", spoken, **told))
    if grade is not None and damage is None:
        raise usage(_say("no_damage", spoken, grade=grade, known=", ".join(DAMAGES)))
    try:
        write_set(target, count, seed, columns, layout, damage, grade)
    except NotEmpty:
        raise usage(_say("not_empty", spoken, path=target)) from None
    remark(_say("written", spoken, path=target))

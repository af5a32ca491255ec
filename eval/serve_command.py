"""The command ``crossfoot eval serve``: a simulated model to try the whole model path with."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from extractor.console import usage
from extractor.options import Lang
from extractor.settings import settings

if TYPE_CHECKING:
    from eval.loopback.faults import Fault
    from eval.loopback.library import Library
    from eval.loopback.request import Mode

_WORDS: Mapping[str, Mapping[str, str]] = {
    "serving": {
        "en": "A SIMULATED model is served at {url}: it knows {forms} forms and misreads "
        "{rate} of their leaves. No real model is behind it. Ctrl-C stops it.",
        "zh": "模拟的模型已在 {url} 启动：它知道 {forms} 张表，误读其中 {rate} 的栏目。"
        "背后没有真实的模型。按 Ctrl-C 停止。",
    },
    "try": {"en": "In another terminal:", "zh": "在另一个终端运行："},
    "totals": {
        "en": "simulation ended: {requests} requests, {delivered} replies delivered, faults "
        "{faults}, {input} tokens in ({cached} cached), {output} out",
        "zh": "模拟结束：请求 {requests} 次，送达答复 {delivered} 次，故障 {faults}，"
        "输入 {input} 词元（缓存 {cached}），输出 {output}",
    },
    "taken": {
        "en": "--port {port}: is taken by another program; name another port",
        "zh": "--port {port}：已被其他程序占用，请换一个端口",
    },
    "faults": {
        "en": "--faults {what}: write shares as {example} ({why})",
        "zh": "--faults {what}：请写成 {example}（{why}）",
    },
    "rungs": {
        "en": "--rungs {what}: name some of strict, tools, json",
        "zh": "--rungs {what}：从 strict、tools、json 中选择",
    },
    "errors": {
        "en": "--rate and --rho are between 0 and 1",
        "zh": "--rate 和 --rho 应在 0 与 1 之间",
    },
}
_RUNGS: Mapping[str, Mode] = {"strict": "json_schema", "tools": "tools", "json": "json_object"}


def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[SET]", help="The gold or generated set that the model knows."),
    ] = None,
    port: Annotated[int, typer.Option("--port", help="Of this machine; nobody else can ask.")] = (
        8377
    ),
    rate: Annotated[float, typer.Option("--rate", help="The share of leaves it misreads.")] = 0.02,
    rho: Annotated[
        float, typer.Option("--rho", help="How far its errors keep to damaged leaves, 0 to 1.")
    ] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same errors.")] = 0,
    latency: Annotated[float, typer.Option("--latency", help="Seconds before an answer.")] = 0.2,
    faults: Annotated[
        str, typer.Option("--faults", help="Shares of calls that fail: rate_limit=0.1,timeout=0.02")
    ] = "",
    rungs: Annotated[
        str, typer.Option("--rungs", help="The ways of asking for a shape that it takes.")
    ] = "strict,tools,json",
    ledger: Annotated[
        Path | None, typer.Option("--ledger", help="Write what it delivered and billed here.")
    ] = None,
    lang: Lang = None,
) -> None:
    """Serve a simulated model on this machine. 在本机启动模拟的模型。

    With it the whole model path can be tried without a key. It knows the pages of a set and
    misreads them as told; every figure that is drawn from it is a simulation.
    """
    language = settings({"lang": lang}).lang
    from eval.goldset import SHIPPED
    from eval.loopback.errors_of_reading import Errors
    from eval.loopback.faults import Faults
    from eval.loopback.ledger import Ledger
    from eval.loopback.server import serving
    from eval.loopback.simulated import Simulated

    where = folder or SHIPPED
    known = library(where)
    try:
        errors = Errors(rate, rho, seed)
    except ValueError:
        raise usage(_WORDS["errors"][language]) from None
    try:
        failing = Faults(_shares(faults), seed, latency=latency)
    except ValueError as error:
        said = _WORDS["faults"][language]
        raise usage(said.format(what=faults, example="rate_limit=0.1", why=error)) from None
    names = [name.strip() for name in rungs.split(",")]
    if not set(names) <= set(_RUNGS):
        raise usage(_WORDS["rungs"][language].format(what=rungs))
    taken: frozenset[Mode] = frozenset(_RUNGS[name] for name in names)
    model = Simulated(known, errors=errors, modes=taken)
    books = Ledger()
    try:
        with serving(model, failing, books, port) as url:
            _tell(url, len(known), rate, where, language)
            _wait()
    except OSError:
        raise usage(_WORDS["taken"][language].format(port=port)) from None
    told = books.snapshot()
    print(_WORDS["totals"][language].format_map(told["totals"]))
    if ledger is not None:
        ledger.write_text(json.dumps(told), encoding="utf-8")


def library(folder: Path) -> Library:
    """What a set knows of its forms, by the text that a model is given of each."""
    from eval.goldset import document_of, load, record
    from eval.loopback.library import Library
    from eval.loopback.simulated import Truth

    pages: list[tuple[str, Truth]] = []
    for item in load(folder):
        start, end = item.span
        pages.append((document_of(folder, item).text[start:end], Truth(record(item))))
    return Library(pages)


def _shares(told: str) -> dict[Fault, float]:
    """``rate_limit=0.1,timeout=0.02`` as shares; what they are called is looked at later."""
    parts = [part.strip().partition("=") for part in told.split(",") if part.strip()]
    return {cast("Fault", name): float(share) for name, _, share in parts}


def _tell(url: str, forms: int, rate: float, folder: Path, lang: str) -> None:
    said = _WORDS["serving"][lang].format(url=url, forms=forms, rate=f"{100 * rate:g} %")
    command = f"OPENAI_BASE_URL={url} crossfoot ingest {folder / 'documents'} --model simulated"
    print(said, "", _WORDS["try"][lang], f"  {command}", sep="\n", flush=True)


def _wait() -> None:
    """Until Ctrl-C, or until the process is told to end."""
    ended = threading.Event()

    def end(number: int, frame: object) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    while not ended.wait(1.0):
        pass
    print()

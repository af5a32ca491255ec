"""The command ``crossfoot eval serve``: a simulated model to try the whole model path with."""

from __future__ import annotations

import errno
import json
import math
import shlex
import signal
import time
import unicodedata
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from extractor.console import output, usage
from extractor.options import Lang
from extractor.settings import settings

if TYPE_CHECKING:
    from eval.goldset import GoldItem, GoldLeaf
    from eval.loopback.errors_of_reading import Errors
    from eval.loopback.faults import Fault, Faults
    from eval.loopback.ledger import Ledger
    from eval.loopback.library import Library
    from eval.loopback.request import Mode
    from eval.loopback.simulated import Simulated

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
    "closed": {
        "en": "--port {port}: cannot be opened ({why}); name another port, 1024 or more",
        "zh": "--port {port}：无法打开（{why}），请换一个 1024 以上的端口",
    },
    "none": {"en": "none", "zh": "无"},
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
    "latency": {
        "en": "--latency {what}: seconds, 0 or more",
        "zh": "--latency {what}：应为不小于 0 的秒数",
    },
    "no_folder": {
        "en": "--ledger {path}: there is no folder {folder}",
        "zh": "--ledger {path}：没有文件夹 {folder}",
    },
}
_RUNGS: Mapping[str, Mode] = {"strict": "json_schema", "tools": "tools", "json": "json_object"}


def serve(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="SET", help="The gold or generated set that the model knows."),
    ] = None,
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65535, help="Of this machine; nobody else can ask."),
    ] = 8377,
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
    misreads them as told; every figure that is drawn from it is a simulation. A leaf is damaged
    where the set says so, or where the page does not print all of it.
    """
    language = settings({"lang": lang}).lang
    from eval.goldset import SHIPPED
    from eval.loopback.ledger import Ledger
    from eval.loopback.simulated import Simulated

    if ledger is not None and not ledger.parent.is_dir():
        raise usage(_say("no_folder", language, path=ledger, folder=ledger.parent))
    errors = _errors(rate, rho, seed, language)
    failing = _failing(faults, seed, latency, language)
    modes = _modes(rungs, language)
    where = folder or SHIPPED
    known = library(where)
    model, books = Simulated(known, errors=errors, modes=modes), Ledger()
    with _served(model, failing, books, port, language) as url, suppress(KeyboardInterrupt):
        _end_softly()
        _tell(url, len(known), rate, where, language)
        while True:
            time.sleep(3600)
    _sum_up(books, ledger, language)


def library(folder: Path) -> Library:
    """What a set knows of its forms, by the text that a model is given of each."""
    from eval.goldset import document_of, load, record
    from eval.loopback.library import Library
    from eval.loopback.simulated import Truth

    pages: list[tuple[str, Truth]] = []
    for item in load(folder):
        text = document_of(folder, item).text
        start, end = item.span
        pages.append((text[start:end], Truth(record(item), frozenset(_damaged(item, text)))))
    return Library(pages)


def _damaged(item: GoldItem, text: str) -> Iterator[str]:
    """The leaves of an item that cannot be read off the page as they are."""
    for path, leaf in item.leaves.items():
        if leaf.state in ("illegible", "source_error") or _lacks(leaf, text):
            yield path


def _lacks(leaf: GoldLeaf, text: str) -> bool:
    """Whether some letter or digit of a value is not printed where the value stands."""
    printed = "".join(text[start:end] for start, end in leaf.spans)
    return bool(_signs(leaf.value or "") - _signs(printed))


def _signs(text: str) -> Counter[str]:
    return Counter(filter(str.isalnum, unicodedata.normalize("NFKC", text)))


def _errors(rate: float, rho: float, seed: int, lang: str) -> Errors:
    from eval.loopback.errors_of_reading import Errors

    try:
        return Errors(rate, rho, seed)
    except ValueError:
        raise usage(_say("errors", lang)) from None


def _failing(told: str, seed: int, latency: float, lang: str) -> Faults:
    from eval.loopback.faults import Faults

    if not 0 <= latency < math.inf:
        raise usage(_say("latency", lang, what=latency))
    try:
        return Faults(_shares(told), seed, latency=latency)
    except ValueError as error:
        raise usage(_say("faults", lang, what=told, example="rate_limit=0.1", why=error)) from None


def _shares(told: str) -> dict[Fault, float]:
    """``rate_limit=0.1,timeout=0.02`` as shares; what they are called is looked at later."""
    parts = [part.strip().partition("=") for part in told.split(",") if part.strip()]
    return {cast("Fault", name.strip()): float(share) for name, _, share in parts}


def _modes(told: str, lang: str) -> frozenset[Mode]:
    names = [name.strip() for name in told.split(",")]
    if not set(names) <= set(_RUNGS):
        raise usage(_say("rungs", lang, what=told))
    return frozenset(_RUNGS[name] for name in names)


@contextmanager
def _served(
    model: Simulated, faults: Faults, books: Ledger, port: int, lang: str
) -> Generator[str]:
    """The model served; a port that cannot be had ends the command."""
    from eval.loopback.server import serving

    with ExitStack() as stack:
        try:
            url = stack.enter_context(serving(model, faults, books, port))
        except OSError as error:
            key = "taken" if error.errno == errno.EADDRINUSE else "closed"
            raise usage(_say(key, lang, port=port, why=error.strerror)) from None
        yield url


def _end_softly() -> None:
    """From now on SIGTERM ends like Ctrl-C, also where a shell had it ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _tell(url: str, forms: int, rate: float, folder: Path, lang: str) -> None:
    documents = shlex.quote(str(folder / "documents"))
    command = f"OPENAI_BASE_URL={url} crossfoot ingest {documents} --model simulated"
    said = _say("serving", lang, url=url, forms=forms, rate=f"{100 * rate:g} %")
    print(said, "", _say("try", lang), f"  {command}", sep="\n", flush=True)


def _sum_up(books: Ledger, file: Path | None, lang: str) -> None:
    """What was asked, delivered and billed, in a line and, where one was named, in a file."""
    told = books.snapshot()
    faults: dict[str, int] = told["totals"]["faults"]
    named = ", ".join(f"{name} {count}" for name, count in sorted(faults.items()))
    totals = {**told["totals"], "faults": named or _say("none", lang)}
    print("", _say("totals", lang, **totals), sep="\n", flush=True)
    if file is not None:
        with output(file) as stream:
            stream.write(json.dumps({"simulation": True, **told}).encode())


def _say(key: str, lang: str, **told: object) -> str:
    return _WORDS[key][lang].format(**told)

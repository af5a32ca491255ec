"""How fast pages go through a model, and what the client itself costs.

A simulation as far as the model goes: an endpoint of ours in a process of its own answers after a
fixed time. Throughput is told as a share of the ideal (so many calls side by side, each as long as
the endpoint takes), the client's work as a ratio to that of instructor over the same transport in
the same run.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import instructor
import openai

from eval.corpus import MODEL, Corpus, endpoint_apart, written
from eval.figures import Figures
from extractor.asking import Asking
from extractor.books import Books
from extractor.bulk import Source, Summary, Way, ingest
from extractor.families import family_of
from extractor.pipeline import Outline, Second, finish, outline
from extractor.prompting import messages, prompt_of
from extractor.readers.model import ModelReader, Pace, strict_schema
from extractor.readers.table import read_table
from extractor.replies import reply_model
from extractor.sources import walk
from extractor.store import Store
from extractor.types import Document, Origin

LATENCY, IN_FLIGHT = 1.0, 64
LEAST_SHARE, MOST_RATIO = 95.0, 1.25
_ROUNDS = 5


def prove_throughput(figures: Figures, count: int, seed: int) -> None:
    """One-form documents through both readers into an archive, everything on."""
    figures.title(
        f"Throughput, a simulation: {count} one-form documents, {LATENCY:g} s a call, "
        f"{IN_FLIGHT} in flight, both readers, archive and books"
    )
    with tempfile.TemporaryDirectory() as folder:
        corpus = written(Path(folder) / "in", count, seed)
        with endpoint_apart(corpus, LATENCY) as url:
            before = time.process_time()
            summary = _ingest(corpus, Path(folder) / "a.db", url)
            work = time.process_time() - before
    ideal = -(-summary.calls // IN_FLIGHT) * LATENCY
    share = round(100 * ideal / summary.seconds, 1)
    figures.put("throughput_seconds", summary.seconds)
    figures.put("client_ms_per_document", round(1000 * work / count, 2))
    figures.say(
        f"{summary.documents} documents in {summary.seconds:.1f} s, ideal {ideal:.1f} s; "
        f"{1000 * work / count:.1f} ms of this process's time a document"
    )
    text = f"{share} % of the ideal (bound: {LEAST_SHARE:g} %)"
    figures.bound("throughput_percent", share, text, share >= LEAST_SHARE)


def _ingest(corpus: Corpus, archive: Path, url: str) -> Summary:
    def source(books: Books) -> Source:
        reader = ModelReader(MODEL, url, direct=True, books=books, pace=Pace(IN_FLIGHT))
        return Asking(reader, window=2 * IN_FLIGHT).outcomes

    with Store.open(archive) as store:
        files = list(walk([corpus.folder], "in"))
        return ingest(files, store, way=Way(source, "both", "both", MODEL, url))


def prove_cost_of_a_call(figures: Figures, calls: int, seed: int) -> None:
    """The client's work for one call, beside instructor with its model wrapped beforehand."""
    figures.title(f"The client's own work: {calls} calls a round, {_ROUNDS} rounds, no latency")
    with tempfile.TemporaryDirectory() as folder:
        corpus = written(Path(folder) / "in", calls, seed)
        pages = [text for text, _ in corpus.truths]
        with endpoint_apart(corpus, 0.0) as url:
            ours, theirs = asyncio.run(_measured(url, pages))
    ratio = round(median(ours) / median(theirs), 3)
    figures.put("call_ms", round(median(ours), 3))
    figures.put("instructor_call_ms", round(median(theirs), 3))
    text = (
        f"{median(ours):.2f} ms a call, instructor pre-wrapped {median(theirs):.2f} ms: "
        f"ratio {ratio} (bound: {MOST_RATIO:g})"
    )
    figures.bound("call_ratio", ratio, text, ratio <= MOST_RATIO)


async def _measured(url: str, pages: list[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of processor time a call, ours and instructor's, round by round in turn."""
    family = family_of("project")
    shape = reply_model(family)
    prompt = prompt_of(family)
    http = openai.DefaultAsyncHttpxClient(trust_env=False)
    client = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0, http_client=http)
    format_ = {
        "type": "json_schema",
        "json_schema": {"name": shape.__name__, "strict": True, "schema": strict_schema(shape)},
    }

    async def create(*args: Any, **kwargs: Any) -> Any:
        return await client.chat.completions.create(*args, **{**kwargs, "response_format": format_})

    patched: Any = instructor.patch(create=create, mode=instructor.Mode.JSON_SCHEMA)
    wrapped: Any = instructor.openai_schema(shape)

    async def theirs(page: str) -> None:
        await patched(
            model=MODEL, messages=messages(prompt, page), response_model=wrapped, max_retries=1,
            temperature=0,
        )  # fmt: skip

    ours, others = list[float](), list[float]()
    async with client:
        for number in range(_ROUNDS + 1):
            async with ModelReader(MODEL, url, direct=True) as reader:

                async def asked(page: str, reader: ModelReader = reader) -> None:
                    await reader.ask(family, page)

                one, two = await _work(asked, pages), await _work(theirs, pages)
            if number:  # the first round pays for imports and schemas
                ours.append(one)
                others.append(two)
    return ours, others


async def _work(ask: Callable[[str], Awaitable[None]], pages: list[str]) -> float:
    gc.collect()
    before = time.process_time()
    for start in range(0, len(pages), 8):
        await asyncio.gather(*(ask(page) for page in pages[start : start + 8]))
    return 1000 * (time.process_time() - before) / len(pages)


def prove_stages(figures: Figures, count: int, seed: int) -> None:
    """What the rest costs: milliseconds a form of each stage, without any call."""
    figures.title(f"The rest, by stage: {count} forms")
    names = ("table reader", "placing, settling, checks", "archive")
    stages: dict[str, float] = dict.fromkeys(names, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        corpus = written(Path(folder) / "in", count, seed)
        texts = [file.read_text(encoding="utf-8") for file in sorted(corpus.folder.iterdir())]
        plans = [outline(Document("in", f"{n}.md", text, f"{n}")) for n, text in enumerate(texts)]
        claims = [_claims(plan) for plan in plans]
        with Store.open(Path(folder) / "a.db") as store:
            batch = store.start_batch("both", "")
            for plan, said in zip(plans, claims, strict=True):
                started = time.perf_counter()
                _claims(plan)
                read = time.perf_counter()
                checked = finish(plan, said)
                settled = time.perf_counter()
                store.save(batch, checked, "both")
                stages[names[0]] += read - started
                stages[names[1]] += settled - read - (read - started)
                stages[names[2]] += time.perf_counter() - settled
    told = {name: round(1000 * seconds / count, 3) for name, seconds in stages.items()}
    figures.put("stages_ms", told)
    for name, milliseconds in told.items():
        figures.say(f"{name:26} {milliseconds:6.2f} ms a form")


def _claims(plan: Outline) -> dict[int, Second]:
    """What a model without errors would say of each form, which the table reader reads well."""
    origin = Origin(MODEL, "", "")
    found: dict[int, Second] = {}
    for number, piece in enumerate(plan.pieces):
        if piece.family is not None:
            readings = read_table(piece.text, piece.family).readings
            found[number] = Second({path: one.value for path, one in readings.items()}, origin)
    return found

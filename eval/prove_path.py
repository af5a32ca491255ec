"""The whole path of a page through a model and back: every rung, every layout, every schema.

A simulation: the model is one of ours on loopback and makes no errors here, so that whatever is not
as the truth is the client's doing.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import llguidance

from eval.corpus import MODEL, Corpus, endpoint, written
from eval.figures import Figures
from eval.goldset import SHIPPED, GoldItem, document_of, load, record
from eval.loopback.simulated import Truth
from eval.prove_escapes import UNTABLED
from eval.score import score
from extractor.asking import Asking
from extractor.books import Books
from extractor.bulk import Source, Way, check
from extractor.families import FAMILIES, family_of
from extractor.families.base import template
from extractor.prompting import example_of
from extractor.readers.model import LADDER, ModelReader, Pace, Rung, strict_schema
from extractor.replies import Look, reply_model
from extractor.sources import walk
from extractor.twins import leaves
from extractor.types import CheckedForm

KEYWORDS = frozenset(
    ("type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "const",
     "$ref", "$defs", "title", "description")
)  # fmt: skip
"""What the documented strict mode takes, as far as our schemas need it."""


def prove_sample(figures: Figures) -> None:
    """The sample archive down every rung, by the model alone and by both readers."""
    figures.title("The sample archive down every rung, a simulation: a model without errors")
    items = load()
    corpus = Corpus(SHIPPED / "documents", tuple(_truths(items)))
    wanted = {(item.document, item.form): item for item in items}
    with endpoint(corpus) as served:
        for rung in LADDER:
            for reader in ("model", "both"):
                forms = _read(corpus, served.url, reader, rung)
                same = sum(_is_exact(wanted[key], form) for key, form in forms.items())
                text = f"{rung}, {reader}: {same} of {len(items)} records as the truth"
                holds = same == len(items) == len(forms)
                figures.bound(f"sample_{rung}_{reader}", same, text, holds)


def _truths(items: tuple[GoldItem, ...]) -> Iterator[tuple[str, Truth]]:
    for item in items:
        start, end = item.span
        yield document_of(SHIPPED, item).text[start:end], Truth(record(item))


def _is_exact(item: GoldItem, form: CheckedForm) -> bool:
    truth = {path: leaf.value for path, leaf in item.leaves.items()}
    read = {path: entry.value for path, entry in form.entries.items()}
    return not list(score(item.declared, truth, read).wrong)


def _read(
    corpus: Corpus, url: str, reader: str, rung: Rung | None = None
) -> dict[tuple[str, int], CheckedForm]:
    """The forms of a corpus by document and number."""

    def source(books: Books) -> Source:
        model = ModelReader(
            MODEL, url, rung=rung or "auto", direct=True, books=books, pace=Pace(16)
        )
        return Asking(model, reader == "model").outcomes

    files = list(walk([corpus.folder], "in"))
    documents, summary = check(files, way=Way(source, reader, reader, MODEL, url))
    assert not summary.failed, summary
    return {(one.document.path, form.form.index): form for one in documents for form in one.forms}


def prove_untabled(figures: Figures, count: int, seed: int) -> None:
    """Pages without rows: in one line, or column by column."""
    figures.title(
        f"Pages without rows, a simulation: {count} generated forms each, a model without errors"
    )
    for layout in UNTABLED:
        with tempfile.TemporaryDirectory() as folder:
            corpus = written(Path(folder) / "in", count, seed, (layout,))
            with endpoint(corpus) as served:
                for reader in ("model", "both"):
                    forms = _read(corpus, served.url, reader)
                    _tell_untabled(figures, f"{layout}_{reader}", corpus, list(forms.values()))


def _tell_untabled(figures: Figures, name: str, corpus: Corpus, forms: list[CheckedForm]) -> None:
    exact, kinds = 0, Counter[str]()
    for (_, truth), form in zip(corpus.truths, forms, strict=True):
        wrong = list(_wrong(truth.record, form))
        exact += not wrong
        kinds.update(wrong)
    text = f"{name.replace('_', ', ')}: {exact} of {len(forms)} records as the truth"
    figures.bound(name, exact, text, exact == len(forms))
    figures.examples([f"{n:4} × {kind}" for kind, n in kinds.most_common()])
    flagged = sum(entry.needs_review for form in forms for entry in form.entries.values())
    entries = sum(len(form.entries) for form in forms)
    figures.put(f"{name}_flagged_percent", round(100 * flagged / entries, 2))
    figures.say(f"       {100 * flagged / entries:.2f} % of {entries:,} entries flagged")


def _wrong(truth: Mapping[str, Any], form: CheckedForm) -> Iterator[str]:
    """The leaves that are not as the truth, by field and what became of them."""
    printed = {p: None if v is None else str(v) for p, v in leaves(truth).items()}
    read = {path: entry.value for path, entry in form.entries.items()}
    for leaf in score(family_of(form.form.family), printed, read).wrong:
        entry = form.entries.get(leaf.read_path or "")
        why = f" ({', '.join(entry.reasons)})" if entry and entry.reasons else ""
        yield f"{template(leaf.path)}: {leaf.outcome}{why}"


def prove_schemas(figures: Figures) -> None:
    """Every schema under the rules of strict mode, and in a constrained-decoding engine."""
    figures.title(f"Schemas: strict mode, and llguidance {_version()}")
    shapes = [*map(reply_model, FAMILIES), Look]
    breaches = [f"{s.__name__}: {b}" for s in shapes for b in lint(strict_schema(s))]
    text = f"{len(breaches)} breaches of the rules of strict mode (bound: 0)"
    figures.bound("schema_breaches", len(breaches), text, not breaches)
    figures.examples(breaches)
    refused = [s.__name__ for s in shapes if not _compiles(strict_schema(s))]
    text = f"{len(shapes) - len(refused)} of {len(shapes)} schemas compile"
    figures.bound("schemas_compiled", len(shapes) - len(refused), text, not refused)
    for family in FAMILIES:
        schema = strict_schema(reply_model(family))
        reply = json.dumps(example_of(family, "v1")[1], ensure_ascii=False)
        bare = reply.replace('"year": "', '"year": ', 1).replace('", ', ", ", 1)
        holds = _takes(schema, reply) and not _takes(schema, bare)
        text = f"{family.name}: the example's reply is taken, a number in place of text refused"
        figures.bound(f"schema_decodes_{family.name}", holds, text, holds)


def lint(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """What of a schema the documented rules of strict mode do not allow."""
    yield from (f"{path or '/'}: {key}" for key in schema if key not in KEYWORDS)
    if "$ref" in schema and len(schema) > 1:
        yield f"{path}: $ref with other keywords beside it"
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            yield f"{path}: additionalProperties is not false"
        if list(schema.get("properties", {})) != schema.get("required"):
            yield f"{path}: not every property is required"
    inner: list[tuple[str, dict[str, Any]]] = [
        *schema.get("properties", {}).items(),
        *schema.get("$defs", {}).items(),
        *([("items", schema["items"])] if "items" in schema else []),
        *(("anyOf", one) for one in schema.get("anyOf", ())),
    ]
    for key, one in inner:
        yield from lint(one, f"{path}/{key}")


def _compiles(schema: dict[str, Any]) -> bool:
    grammar = llguidance.LLMatcher.grammar_from_json_schema(json.dumps(schema))
    return not llguidance.LLMatcher.validate_grammar(grammar)


def _takes(schema: dict[str, Any], reply: str) -> bool:
    """Whether the engine lets a model say this reply, byte by byte, and end there."""
    tokenizer = llguidance.LLTokenizer("byte")
    grammar = llguidance.LLMatcher.grammar_from_json_schema(json.dumps(schema))
    matcher = llguidance.LLMatcher(tokenizer, grammar)
    taken = matcher.try_consume_tokens(tokenizer.tokenize_str(reply))
    return taken == len(tokenizer.tokenize_str(reply)) and matcher.is_accepting()


def _version() -> str:
    from importlib.metadata import version

    return version("llguidance")

"""The commands ``crossfoot eval gold add`` and ``crossfoot eval gold check``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.gold_words import sentence
from extractor.console import complain, usage
from extractor.options import Db, Lang, example
from extractor.settings import settings

if TYPE_CHECKING:
    from eval.goldset import GoldItem

HERE = Path("gold")
"""The set that commands write to and look for: a folder where they are run."""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Make and vet gold sets: what is printed on real pages. 制作和核查金标准。",
)


@app.command(
    epilog=example(
        "crossfoot eval gold add 2023/forms.md 0",
        "crossfoot eval gold add 2023/forms.md 0 --gold sets/2023 --family north-2023",
    )
)
def add(
    document: Annotated[
        str,
        typer.Argument(
            metavar="DOCUMENT", help="Its path in the archive, or the start of its hash."
        ),
    ],
    form: Annotated[int, typer.Argument(metavar="FORM", help="Its number, counted from 0.")],
    db: Db = None,
    gold: Annotated[
        Path, typer.Option("--gold", help="The folder of the set; made where there is none.")
    ] = HERE,
    family: Annotated[
        str | None,
        typer.Option(
            "--family",
            help="The document family: forms so alike that no split may part them. "
            "[default: that of its near-duplicates, else the document's name]",
        ),
    ] = None,
    lang: Lang = None,
) -> None:
    """Make a reviewed form of the archive a gold item. 将已核对的表加入金标准。

    A form in which any field still wants a person is refused, and nothing is written. Fields that
    nobody doubted are taken as the reader has them: compare these with the page first. Exit code 1
    says that the form was not added.
    """
    set_ = settings({"db": db, "lang": lang})
    from eval.gold_adding import Missing, find
    from eval.gold_adding import add as add_form
    from extractor.store import Store

    with Store.open(set_.db, create=False) as store:
        found = find(store, document, form)
    if isinstance(found, Missing):
        raise usage(sentence(found.code, set_.lang, **found.details))
    told = add_form(gold, *found, family, set_.lang)
    if isinstance(told, list):
        complain(sentence("refused", set_.lang, document=document, form=form))
        for line in told:
            complain(f"  {line}")
        raise typer.Exit(1)
    item = told.item
    print(sentence("added", set_.lang, id=item.id, family=item.document_family, file=told.file))
    leaves = len(item.leaves)
    complain(sentence("looked_at", set_.lang, reviewed=told.reviewed, leaves=leaves))


@app.command(epilog=example("crossfoot eval gold check", "crossfoot eval gold check sets/2023"))
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help="The folder of the set. [default: gold, else the set that comes with Crossfoot]",
        ),
    ] = None,
    lang: Lang = None,
) -> None:
    """Vet a gold set: places, values, sums, duplicates. 核查金标准。

    Prints a line for each fault, then what the set holds. Exit code 1 says that there are faults.
    """
    set_ = settings({"lang": lang})
    from eval.goldset import SHIPPED
    from eval.vetting import vet

    folder = folder or (HERE if HERE.is_dir() else SHIPPED)
    vetted = vet(folder)
    for fault in vetted.faults:
        print(fault.told(set_.lang))
    told = [*_summary(vetted.items, set_.lang), _verdict(len(vetted.faults), set_.lang)]
    print(f"{folder}: {' · '.join(told)}")
    if vetted.faults:
        raise typer.Exit(1)


def _summary(items: Sequence[GoldItem], lang: str) -> Iterator[str]:
    """What a set holds and how its readings agreed, in parts of one line."""
    leaves = sum(len(item.leaves) for item in items)
    families = len({item.document_family for item in items})
    yield sentence("summary", lang, forms=len(items), leaves=f"{leaves:,}", families=families)
    agreements = [item.agreement for item in items if item.agreement is not None]
    if agreements:
        compared, agreed = sum(a.leaves for a in agreements), sum(a.agreed for a in agreements)
        yield sentence(
            "agreement",
            lang,
            agreed=f"{agreed:,}",
            compared=f"{compared:,}",
            share=f"{100 * agreed / compared:.2f}",
            settled=sum(len(a.settled) for a in agreements),
        )
    for key, origin in (("reviewed", "review"), ("generated", "generated")):
        if count := sum(item.made_from == origin for item in items):
            yield sentence(key, lang, count=count)


def _verdict(faults: int, lang: str) -> str:
    return sentence("faults", lang, count=faults) if faults else sentence("sound", lang)

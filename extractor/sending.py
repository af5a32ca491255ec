"""How a run reads, from what a person has set; nothing leaves this machine without their consent.

A key alone sends nothing anywhere: a model must be named. Before the first call beyond this machine
a person is shown where pages would go, how many, and about what that costs, and agrees on the
terminal, by ``--send``, or by ``send = true`` in ``crossfoot.toml``. What was agreed is stored with
the batch.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import typer

from extractor.books import Books, Tokens
from extractor.bulk import Source, Way, table_way
from extractor.console import complain, usage
from extractor.families import FAMILIES
from extractor.prompting import prompt_of
from extractor.settings import Settings
from extractor.sources import Found
from extractor.telling import words

_FORM = 3_000
"""Bytes of a form in the archives we know; for estimates only."""
_BYTES_A_TOKEN, _REPLY_A_PAGE = 3, 2.0


def way_of(set_: Settings, files: list[Found], send_flag: bool | None) -> Way:
    """The way of a run. Raises the exit of a wrong usage, or of a person who says no."""
    if set_.way == "table":
        return table_way(set_.jobs, method=set_.reader)
    if set_.model is None:
        raise usage(words("needs_model", set_.lang, flag=f"--reader {set_.reader}"))
    if not _is_address(set_.endpoint):
        raise usage(words("no_address", set_.lang))
    if set_.key is not None and not _is_key(set_.key.get_secret_value()):
        raise usage(words("no_key", set_.lang))
    if set_.budget is not None and set_.model not in set_.prices:
        raise usage(words("needs_price", set_.lang, model=set_.model))
    return Way(
        source=lambda books: _source(set_, books),
        reader=set_.way,
        method=_method(set_),
        model=set_.model,
        endpoint=public(set_.endpoint),
        consent=_consent(set_, files, send_flag),
        price=set_.prices.get(set_.model),
    )


def _source(set_: Settings, books: Books) -> Source:
    from extractor.asking import Asking
    from extractor.prices import Purse
    from extractor.readers.model import ModelReader, Pace

    assert set_.model is not None
    reader = ModelReader(
        set_.model,
        set_.endpoint,
        set_.key.get_secret_value() if set_.key else None,
        rung=set_.rung,
        timeout=set_.timeout,
        longest=set_.longest_reply,
        direct=is_loopback(set_.endpoint),
        books=books,
        pace=Pace(set_.in_flight, set_.tokens_per_minute),
        purse=Purse(set_.prices.get(set_.model), set_.budget),
    )
    alone = set_.way == "model"
    return Asking(reader, alone, 2 * set_.in_flight, set_.looks, set_.jobs).outcomes


def _method(set_: Settings) -> str:
    """Names reader, model and prompts, so that a change of one of them reads again."""
    prompts = "".join(prompt_of(family).sha256 for family in FAMILIES)
    return f"{set_.way}:{set_.model}:{hashlib.sha256(prompts.encode()).hexdigest()[:12]}"


def _consent(set_: Settings, files: list[Found], send_flag: bool | None) -> Mapping[str, Any]:
    """What was agreed, and how; raises the exit where nobody agrees."""
    if is_loopback(set_.endpoint):
        return {"how": "loopback", "endpoint": public(set_.endpoint)}
    about = _estimate(set_, files)
    told = words(
        "sending", set_.lang, endpoint=public(set_.endpoint), model=set_.model,
        documents=len(files), cost=about,
    )  # fmt: skip
    complain(told)
    if set_.send:
        how = "--send" if send_flag else "crossfoot.toml"
    elif sys.stdin.isatty() and sys.stderr.isatty():
        if not typer.confirm(words("agree", set_.lang), err=True):
            raise typer.Exit(1)
        how = "terminal"
    else:
        raise usage(words("needs_consent", set_.lang))
    return {
        "how": how, "endpoint": public(set_.endpoint), "model": set_.model,
        "documents": len(files), "estimate": about,
    }  # fmt: skip


def _estimate(set_: Settings, files: Iterable[Found]) -> str:
    """About what reading the files takes, from their sizes alone; rather too much than too little.

    Every form is asked for with instructions and schema, and half of them a second time in part.
    """
    from extractor.readers.model import strict_schema
    from extractor.replies import reply_model

    size = sum(_size(found) for found in files)
    forms = -(-size // _FORM)
    page, family = size // _BYTES_A_TOKEN, FAMILIES[0]
    head = len(prompt_of(family).system) + len(str(strict_schema(reply_model(family))))
    looks = page // 2 if set_.looks else 0
    tokens = Tokens(page + looks + forms * head // _BYTES_A_TOKEN, 0, int(page * _REPLY_A_PAGE))
    price = set_.prices.get(set_.model or "")
    money = words("no_price", set_.lang) if price is None else price.told(tokens)
    return words(
        "estimate", set_.lang, input=f"{tokens.input:,}", output=f"{tokens.output:,}", cost=money
    )


def _size(found: Found) -> int:
    try:
        return found.file.stat().st_size
    except OSError:
        return 0


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and has_place and not re.search(r"\s", url)


def _is_key(key: str) -> bool:
    """Whether a key can be sent at all."""
    return key.isascii() and key.isprintable() and " " not in key


def is_loopback(url: str) -> bool:
    """Whether an address is one of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def public(url: str) -> str:
    """An address without what may be secret in it: user, password, query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    place = f"{host}:{parts.port}" if parts.port else host
    return urlunsplit((parts.scheme, place, parts.path, "", ""))

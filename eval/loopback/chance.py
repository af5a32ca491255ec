"""Chance that anyone can draw again."""

from __future__ import annotations

import hashlib
from random import Random


def chance(*parts: str | int) -> Random:
    """A source of chance that depends on nothing but its parts and their order."""
    named = "\x00".join(map(str, parts))
    # A page may hold half a surrogate pair, which Random itself would not take.
    digest = hashlib.sha256(named.encode("utf-8", "surrogatepass")).digest()
    return Random(int.from_bytes(digest, "big"))

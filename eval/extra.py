"""What the extra ``eval`` brings; a command that needs it says so before it begins."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from extractor.console import usage
from extractor.settings import settings

EXTRA = ("anls_star", "numpy", "rapidfuzz", "sklearn", "scipy")
"""Under the names by which they are imported."""
_MISSING: Mapping[str, str] = {
    "en": "crossfoot eval needs {what}: pip install 'crossfoot[eval]'",
    "zh": "crossfoot eval 需要 {what}：pip install 'crossfoot[eval]'",
}


def language(lang: str | None) -> str:
    """The language to speak; ends the command where the extra is not installed."""
    spoken = settings({"lang": lang}).lang
    for name in EXTRA:
        try:
            importlib.import_module(name)
        except ImportError:
            raise usage(_MISSING[spoken].format(what=name)) from None
    return spoken

"""The smallest pieces of the page: escaped text, words in both languages, aligned numbers.

Whatever comes from a document passes through :func:`text`. The page holds both languages; a
stylesheet shows one of them, so switching needs neither a reload nor a script.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Mapping

from extractor.report.gathering import places

Words = Mapping[str, str]
"""The same words in ``zh`` and ``en``."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(value: object) -> str:
    r"""Text with its control, bidirectional and other invisible characters written out.

    A document can then neither hide nor reorder what the page shows. Line breaks stay.

    >>> visible("1\u202e00.1")
    '1⟨U+202E⟩00.1'
    """
    return "".join(
        f"⟨U+{ord(char):04X}⟩"
        if unicodedata.category(char) in _INVISIBLE and char not in "\n\t"
        else char
        for char in str(value)
    )


def text(value: object) -> str:
    """Text of a document, safe inside an element or a quoted attribute."""
    return html.escape(visible(value), quote=True)


def both(zh: str, en: str) -> str:
    """Words in both languages; said once where they are the same."""
    if zh == en:
        return text(zh)
    return f'<span lang="zh">{text(zh)}</span><span lang="en">{text(en)}</span>'


def words(pair: Words) -> str:
    """The words of a declared label or sentence in both languages."""
    return both(pair["zh"], pair["en"])


def tag(name: str, inner: str = "", **attributes: object) -> str:
    """One element. ``class_`` and ``data_e`` become ``class`` and ``data-e``; None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{given}>{inner}</{name}>"


def classes(*names: str | bool | None) -> str | None:
    """The names that are given, as one attribute value."""
    return " ".join(name for name in names if isinstance(name, str) and name) or None


def widest(values: Iterable[str | None]) -> int:
    """The most decimals among printed numbers: what a column is aligned to."""
    return max((places(value) for value in values if value), default=0)


def padding(printed: str | None, decimals: int) -> str | None:
    """What an aligned number lacks on its right, for a stylesheet to leave blank.

    >>> padding("97.8", 2), padding("100", 2), padding("9.15", 2)
    ('0', '.00', None)
    """
    if not printed or decimals == 0:
        return None
    own = places(printed)
    missing = decimals - own
    if missing <= 0:
        return None
    return ("." if own == 0 else "") + "0" * missing

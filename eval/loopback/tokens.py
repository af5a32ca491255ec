"""How long a text is to the simulated model.

One token for a Chinese, Japanese or Korean character, punctuation and full-width forms included;
one for four other characters, rounded up. Real tokenizers count otherwise: this is a rule to check
bookkeeping with, not an estimate of a bill.
"""

from __future__ import annotations

import re

_CJK = re.compile(
    "[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)


def tokens(text: str) -> int:
    """The tokens of a text."""
    wide = len(_CJK.findall(text))
    return wide + (len(text) - wide + 3) // 4


def first_tokens(text: str, most: int) -> str:
    """The longest beginning of a text that has no more tokens than ``most``."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if tokens(text[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    return text[:low]

"""Text, Markdown and tab-separated files: the text is what the file's characters are."""

from __future__ import annotations

from extractor.sources.decoding import decode


def text_of(data: bytes, file: object) -> tuple[str, str]:
    """The text of a file and the name of its encoding; newlines are untouched."""
    return decode(data, file)

"""A file → a :class:`Document`: its bytes, their hash, and the text that its kind writes."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from extractor.sources import csvfile, htmlfile, textfile
from extractor.sources.problems import Problem, problem_of
from extractor.sources.walking import KINDS, Found, found_at
from extractor.types import Document

LARGEST = 64 * 2**20
"""Bytes of the largest file that is read: some 15,000 forms."""

TextOf = Callable[[bytes, object], tuple[str, str]]

SOURCES: Mapping[str, TextOf] = {
    ".txt": textfile.text_of,
    ".md": textfile.text_of,
    ".tsv": textfile.text_of,
    ".csv": csvfile.text_of,
    ".html": htmlfile.text_of,
    ".htm": htmlfile.text_of,
}


def load(file: Path | str, root: Path | str | None = None) -> Document:
    """The document of one file; its path is relative to the folder ``root``, else its parent.

    Raises :class:`Problem` (a ``SourceError``) that names the file and says how to mend it.
    """
    found = found_at(file, root)
    return document_of(found, bytes_of(found))


def bytes_of(found: Found) -> bytes:
    """The content of a file. Pipes and devices are refused without waiting for them."""
    if found.problem is not None:
        raise found.problem
    try:
        with open(found.file, "rb", opener=_opened_at_once) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise Problem("not_a_file", found.file)
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise problem_of(error, found.file) from None
    if len(data) > LARGEST:
        raise Problem("too_large", found.file, limit=LARGEST // 2**20)
    return data


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def document_of(found: Found, data: bytes) -> Document:
    """The document that ``data``, the content of the file ``found``, is."""
    source = SOURCES.get(found.file.suffix.lower())
    if source is None:
        raise Problem("kind", found.file, kinds=" ".join(KINDS))
    text, encoding = source(data, found.file)
    if not text or text.isspace():
        raise Problem("empty", found.file)
    return Document(found.root, found.path, text, hash_of(data), encoding)


def _opened_at_once(path: str, flags: int) -> int:
    # Opening a pipe would wait for someone to write into it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))

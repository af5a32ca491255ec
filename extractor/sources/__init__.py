"""Files → documents. Each kind of file is a small module with one verb, ``text_of``."""

from extractor.sources.problems import Problem, shown
from extractor.sources.reading import LARGEST, bytes_of, document_of, hash_of, load
from extractor.sources.walking import KINDS, Found, walk

__all__ = [
    "KINDS",
    "LARGEST",
    "Found",
    "Problem",
    "bytes_of",
    "document_of",
    "hash_of",
    "load",
    "shown",
    "walk",
]

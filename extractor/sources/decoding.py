"""Bytes → characters: UTF-8, UTF-16 and GB18030, each proven by a strict decoding.

What a byte-order mark or a strict UTF-8 decoding proves needs no guess. Only then is the library
asked, among the encodings that Chinese offices use, and its word is taken for GB18030 alone: any
other answer would be letters nobody wrote.
"""

from __future__ import annotations

import codecs

from extractor.sources.problems import Problem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the first half of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP / Office (docx, xlsx)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office (doc, xls)"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG\r\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x1f\x8b\x08", "gzip"),
)
_SAMPLE = 1 << 16
_COMMON = 0.95


def decode(data: bytes, file: object, declared: str | None = None) -> tuple[str, str]:
    """The characters of ``data`` without a byte-order mark, and the codec that gave them.

    ``declared`` is what the file says of itself (the ``charset`` of a page); it is believed only
    where it names a GB encoding and the strict decoding succeeds. Newlines stay as they are.
    Raises :class:`Problem` ``binary`` or ``encoding``.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _strict(data, codec, file), codec.removesuffix("-sig")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise Problem("binary", file, kind=kind)
    if b"\x00" in data:
        return _without_mark(data, file)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        return _chinese(data, file, declared, error), "gb18030"


def _strict(data: bytes, codec: str, file: object) -> str:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise Problem("encoding", file, guess=f"{codec}, byte {error.start}") from None
    if "\x00" in text:
        raise Problem("binary", file, kind="NUL")
    return text


def _without_mark(data: bytes, file: object) -> tuple[str, str]:
    """UTF-16 without its mark: the byte order that gives letters, marks and line ends."""
    best = max(("utf-16-le", "utf-16-be"), key=lambda codec: _letters(data, codec))
    if _letters(data, best) < _COMMON:
        raise Problem("binary", file, kind="NUL")
    return _strict(data, best, file), best


def _letters(data: bytes, codec: str) -> float:
    """The share of characters that a Chinese page is made of; 0 where decoding fails."""
    try:
        text = data[:_SAMPLE].decode(codec)
    except UnicodeDecodeError:
        return 0.0
    return sum(_is_letter(char) for char in text) / len(text)


def _is_letter(char: str) -> bool:
    """ASCII as printed, general punctuation and signs, CJK letters and full-width forms."""
    return (
        char in "\t\n\r"
        or " " <= char <= "~"
        or "\u2000" <= char <= "\u26ff"
        or "\u3000" <= char <= "\u303f"
        or "\u4e00" <= char <= "\u9fff"
        or "\uff00" <= char <= "\uffee"
    )


def _chinese(data: bytes, file: object, declared: str | None, error: UnicodeDecodeError) -> str:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = None
    if text is not None and (_says_gb(declared) or _is_simplified(text)):
        return text
    guess = _told_by_library(data)
    if text is not None and guess == "gb18030":
        return text
    if guess is None or guess == "gb18030":
        raise Problem("encoding", file, guess=f"UTF-8: byte {error.start}") from None
    raise Problem("encoding", file, guess=guess) from None


def _says_gb(declared: str | None) -> bool:
    return declared is not None and declared.lower().startswith(("gb", "cp936", "x-gbk"))


def _is_simplified(text: str) -> bool:
    """Whether nearly all letters are among the 7,445 of GB 2312.

    Texts of other encodings, read as GB18030, scatter over all 70,000; a real page stays within
    these. This decides fragments of a line or two, on which the library is often wrong.
    """
    foreign = [char for char in text[:_SAMPLE] if char > "\x7f"]
    known = sum(len(char.encode("gb2312", "ignore")) == 2 for char in foreign)
    return known >= _COMMON * len(foreign)


def _told_by_library(data: bytes) -> str | None:
    # The library takes as long to import as a hundred documents to read, and few files need it.
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE], cp_isolation=["gb18030", "big5", "cp932", "cp949"]).best()
    return None if best is None else best.encoding

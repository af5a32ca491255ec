"""What can be wrong with a file, in words that name the file and say how to mend it."""

from __future__ import annotations

from collections.abc import Mapping

from extractor.errors import SourceError

SKIPPED = frozenset({"kind", "link"})
"""Codes of files that are left aside without being failures: they are listed, nothing more."""

_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "missing": {
        "en": "{file}: no such file or folder",
        "zh": "{file}：没有这个文件或文件夹",
    },
    "kind": {
        "en": "{file}: not a kind of file that is read here ({kinds})",
        "zh": "{file}：不是可读取的文件类型（{kinds}）",
    },
    "link": {
        "en": "{file}: a link to a folder is not followed; name the folder itself to read it",
        "zh": "{file}：不跟随指向文件夹的链接，如需读取请直接指定该文件夹",
    },
    "ambiguous": {
        "en": "{file}: another file is already “{path}” under the root “{root}”; "
        "read their common folder, or give each its own --root",
        "zh": "{file}：根“{root}”下已有另一个文件名为“{path}”，请读取二者共同的上级文件夹，"
        "或分别指定 --root",
    },
    "empty": {
        "en": "{file}: holds no text; export or copy it again",
        "zh": "{file}：没有文字，请重新导出或复制",
    },
    "binary": {
        "en": "{file}: is not text but {kind}; export the text of it first",
        "zh": "{file}：不是文本，而是{kind}，请先导出其中的文字",
    },
    "encoding": {
        "en": "{file}: the characters are neither UTF-8, UTF-16 nor GB18030 "
        "({guess}); save it again as UTF-8",
        "zh": "{file}：字符编码不是 UTF-8、UTF-16 或 GB18030（{guess}），请另存为 UTF-8",
    },
    "too_large": {
        "en": "{file}: larger than {limit} MB; split it into smaller files",
        "zh": "{file}：超过 {limit} MB，请拆分成较小的文件",
    },
    "too_deep": {
        "en": "{file}: its markup is nested too deeply; save the page again from a browser",
        "zh": "{file}：标记嵌套过深，请用浏览器重新另存网页",
    },
    "not_a_file": {
        "en": "{file}: not a regular file but a pipe, device or folder; copy its text to a file",
        "zh": "{file}：不是普通文件，而是管道、设备或文件夹，请把文字复制到文件中",
    },
    "permission": {
        "en": "{file}: may not be read; ask for the right to read it",
        "zh": "{file}：没有读取权限，请先取得权限",
    },
    "vanished": {
        "en": "{file}: is no longer there; read it again if it was moved",
        "zh": "{file}：文件已不存在，如已移动请重新读取",
    },
    "unreadable": {
        "en": "{file}: cannot be read ({reason})",
        "zh": "{file}：无法读取（{reason}）",
    },
}


class Problem(SourceError):
    """A :class:`SourceError` that can be said in each language: ``sentences["zh"]``."""

    def __init__(self, code: str, file: object, **details: object) -> None:
        words = {name: shown(str(value)) for name, value in details.items()}
        self.sentences = {
            lang: text.format(file=shown(str(file)), **words)
            for lang, text in _MESSAGES[code].items()
        }
        super().__init__(code, self.sentences["en"])

    @property
    def skipped(self) -> bool:
        return self.code in SKIPPED


def problem_of(error: OSError, file: object) -> Problem:
    """What an operating system's refusal means for the person who named the file."""
    if isinstance(error, PermissionError):
        return Problem("permission", file)
    if isinstance(error, FileNotFoundError):
        return Problem("vanished", file)
    if isinstance(error, IsADirectoryError):
        return Problem("not_a_file", file)
    return Problem("unreadable", file, reason=error.strerror or type(error).__name__)


def shown(name: str) -> str:
    """A name as it may be printed: control characters could otherwise steer the terminal."""
    return "".join(char if char.isprintable() else _escaped(char) for char in name)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")

"""Paths named by a person → the files to read, each with its place under a root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from extractor.sources.problems import Problem, problem_of

KINDS = (".txt", ".md", ".tsv", ".csv", ".html", ".htm")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was come upon.

    ``path`` is relative to ``root`` with ``/`` separators; ``problem`` says why it is not read,
    where that is known before it is opened.
    """

    file: Path
    root: str
    path: str
    problem: Problem | None = None


def walk(paths: Iterable[Path | str], root_name: str | None = None) -> Iterator[Found]:
    """All files of ``paths``: the paths as they are named, folders sorted by name at each level.

    The root of a folder's files is the folder; that of a named file is its parent. ``root_name``
    replaces both. Names that begin with a point are passed over inside folders; links to folders
    are not followed, so no loop can arise. A file named twice comes once.

    Raises :class:`Problem` ``missing`` at once where a path does not exist.
    """
    named = [Path(path) for path in paths]
    for path in named:
        if not os.path.lexists(path):
            raise Problem("missing", path)
    return _without_doubles(found for path in named for found in _named(path, root_name))


def found_at(file: Path | str, root: Path | str | None = None) -> Found:
    """One file, its path relative to the folder ``root`` (else to its parent)."""
    file = Path(file)
    folder = _absolute(file.parent) if root is None else _absolute(Path(root))
    path = Path(os.path.relpath(_absolute(file.parent) / file.name, folder)).as_posix()
    return Found(file, readable(str(folder)), readable(path))


def readable(name: str) -> str:
    """A file name as text. Archives packed elsewhere hold names in GB18030, not UTF-8."""
    data = os.fsencode(name)
    for codec in ("utf-8", "gb18030"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "backslashreplace")


def _absolute(folder: Path) -> Path:
    return Path(os.path.realpath(folder))


def _named(path: Path, root_name: str | None) -> Iterator[Found]:
    if path.is_dir():
        yield from _folder(path, root_name or readable(str(_absolute(path))))
    else:
        root = root_name or readable(str(_absolute(path.parent)))
        yield _file(path, root, readable(path.name))


def _folder(top: Path, root: str) -> Iterator[Found]:
    waiting: list[tuple[Path, str]] = [(top, "")]
    while waiting:
        path, name = waiting.pop()
        try:
            if path != top and not path.is_dir():
                yield _file(path, root, name)
            elif path != top and path.is_symlink():
                yield Found(path, root, name, Problem("link", path))
            else:
                inner = sorted(os.listdir(path), reverse=True)
                prefix = f"{name}/" if name else ""
                waiting += [
                    (path / n, prefix + readable(n)) for n in inner if not n.startswith(".")
                ]
        except OSError as error:
            yield Found(path, root, name, problem_of(error, path))


def _file(path: Path, root: str, name: str) -> Found:
    known = path.suffix.lower() in KINDS
    problem = None if known else Problem("kind", path, kinds=" ".join(KINDS))
    return Found(path, root, name, problem)


def _without_doubles(found: Iterable[Found]) -> Iterator[Found]:
    seen: dict[tuple[str, str], Path] = {}
    for one in found:
        first = seen.setdefault((one.root, one.path), one.file)
        if first is one.file:
            yield one
        elif not _is_same(first, one.file):
            problem = Problem("ambiguous", one.file, path=one.path, root=one.root)
            yield Found(one.file, one.root, one.path, problem)


def _is_same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)

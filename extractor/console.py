"""The terminal: streams, progress, a tidy end, and commands that other packages bring along."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, BinaryIO, cast

import typer
from typer.core import TyperGroup

from extractor.errors import CrossfootError

GROUP = "crossfoot.commands"
USAGE, INTERRUPTED = 2, 130


class Commands(TyperGroup):
    """Own commands, and those that installed packages offer as entry points ``crossfoot.commands``.

    A message of :class:`CrossfootError` ends a command with exit code 2; a reader that has seen
    enough (``| head``) ends it quietly.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        own = super().list_commands(ctx)
        return own + sorted(name for name in _offered() if name not in own)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        if own is None and cmd_name in _offered():
            return _loaded(_offered()[cmd_name])
        return own

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except CrossfootError as error:
            complain(str(error))
            raise typer.Exit(USAGE) from None
        except BrokenPipeError:
            _drop_stdout()
            raise typer.Exit(0) from None
        except OSError as error:
            _drop_stdout()
            complain(f"{error.filename or 'output'}: {error.strerror}")
            raise typer.Exit(USAGE) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


def _drop_stdout() -> None:
    """What is still buffered would raise once more when Python closes the stream."""
    with suppress(OSError):
        sys.stdout.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str) -> None:
    """One line on stderr; progress, if any, is drawn again below it."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    print(message, file=sys.stderr, flush=True)


def remark(message: str) -> None:
    """Something nice to know, for a person at a terminal; quiet in a pipe."""
    if sys.stderr.isatty():
        complain(message)


def usage(message: str) -> typer.Exit:
    """To be raised: wrong usage, said in words."""
    complain(message)
    return typer.Exit(USAGE)


@contextmanager
def progress(total: int) -> Generator[Callable[[str], None]]:
    """Calls of what is yielded count one file each; drawn on a terminal, silent elsewhere.

    They take what is shown beside the count: the rate, what was spent.
    """
    if not sys.stderr.isatty() or total < 2:
        yield _unseen
        return
    drawn: Any = cast(Any, typer.progressbar)(
        length=total, file=sys.stderr, show_pos=True, item_show_func=_as_told
    )
    with drawn as bar:

        def advance(shown: str) -> None:
            bar.current_item = shown
            bar.update(1)

        yield advance


def _unseen(shown: str) -> None:
    """Progress where nobody looks on."""


def _as_told(shown: Any) -> str | None:
    return shown


@contextmanager
def output(target: Path | None) -> Generator[BinaryIO]:
    """The stream for results: stdout, or a file that appears only when it is complete."""
    if target is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if _is_sqlite(target):
        raise CrossfootError(f"{target}: is a database, which would be lost; name another file")
    part = target.with_name(f"{target.name}.part")
    try:
        with open(part, "wb") as stream:
            yield stream
        os.replace(part, target)
    except OSError as error:
        raise CrossfootError(f"{target}: cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)


def _is_sqlite(file: Path) -> bool:
    """Whether a file is an archive, or another SQLite database."""
    try:
        with file.open("rb") as stream:
            return stream.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def _offered() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _loaded(entry: EntryPoint) -> Any:
    """The command behind an entry point, or one that says why there is none."""
    try:
        command = typer.main.get_command(entry.load())
    except Exception as error:
        return _broken(entry, error)
    command.name = entry.name
    return command


def _broken(entry: EntryPoint, error: Exception) -> Any:
    reason = f"{entry.name}: cannot be loaded from {entry.value} ({type(error).__name__}: {error})"
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command(
        entry.name,
        help=reason,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def broken() -> None:  # pyright: ignore[reportUnusedFunction]
        raise usage(reason)

    return typer.main.get_command(app)

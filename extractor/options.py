"""The options that several commands share, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Paths = Annotated[list[Path], typer.Argument(metavar="PATH", help="Files and folders to read.")]
Db = Annotated[
    Path | None, typer.Option("--db", help="The archive, one SQLite file. [default: archive.db]")
]
Root = Annotated[
    str | None,
    typer.Option(
        "--root",
        help="Name that documents are kept under, so that an archive can move. "
        "[default: the folder's full path]",
    ),
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", help="Processes that read at the same time. [default: 1]")
]
Lang = Annotated[str | None, typer.Option("--lang", help="zh or en. [default: that of the locale]")]
Failures = Annotated[
    Path | None,
    typer.Option("--failures", help="Write each failed document here, a JSON object a line."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of internal errors.")]
Out = Annotated[
    Path | None, typer.Option("-o", "--output", help="Write to this file instead of the terminal.")
]
Reader = Annotated[str, typer.Option("--reader", help="table: offline, free, the only one yet.")]
Model = Annotated[str | None, typer.Option("--model", hidden=True)]


def example(*lines: str) -> str:
    """The end of a command's help: lines that can be copied."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)

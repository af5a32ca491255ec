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
Reader = Annotated[
    str | None,
    typer.Option(
        "--reader",
        help="table: offline and free. model: a language model. both: each reads blindly, and they "
        "are settled field by field. [default: both once a model is set, else table]",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="The model to ask at OPENAI_BASE_URL, with OPENAI_API_KEY. Without one, nothing is "
        "sent anywhere.",
    ),
]
Send = Annotated[
    bool | None,
    typer.Option(
        "--send/--no-send", help="Agree that pages are sent to an endpoint beyond this machine."
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--budget",
        help="What this run may cost, by the prices in crossfoot.toml; it stops before that.",
    ),
]
InFlight = Annotated[
    int | None,
    typer.Option("--in-flight", help="Calls to the model at the same time. [default: 16]"),
]
Looks = Annotated[
    int | None,
    typer.Option("--looks", help="Second looks at doubtful cells, at most. [default: 1000]"),
]
CalibrationFile = Annotated[
    Path | None,
    typer.Option(
        "--calibration",
        help="Confidence and promise from this file of `crossfoot eval calibrate -o`. An archive "
        "has its own.",
    ),
]
RetryFailed = Annotated[
    bool,
    typer.Option("--retry-failed", help="Also read files that were set aside for failing again."),
]


def example(*lines: str) -> str:
    """The end of a command's help: lines that can be copied."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)

"""What a person has set: flags first, then the environment, then ``crossfoot.toml``."""

from __future__ import annotations

import locale
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractor.errors import CrossfootError

Lang = Literal["zh", "en"]

FILE = Path("crossfoot.toml")
_VARIABLES = {"db": "CROSSFOOT_DB", "lang": "CROSSFOOT_LANG", "jobs": "CROSSFOOT_JOBS"}


class SettingsError(CrossfootError):
    """A setting that is unknown or out of range; the message says where it was set."""

    code = "settings"


class Settings(BaseModel):
    """``db`` is the archive, ``lang`` the language of what is printed, ``jobs`` how many
    processes read at the same time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    db: Path = Path("archive.db")
    lang: Lang = "en"
    jobs: int = Field(default=1, ge=1, le=256)


def settings(
    flags: Mapping[str, Any], env: Mapping[str, str] | None = None, file: Path = FILE
) -> Settings:
    """The settings that hold; a flag of ``None`` was not given.

    Raises :class:`SettingsError`. The file may be missing; a setting it does not know is refused,
    because a misspelt one would be silently without effect.
    """
    env = os.environ if env is None else env
    layers = (
        (str(file), _of_file(file)),
        ("", {name: env[key] for name, key in _VARIABLES.items() if env.get(key)}),
        ("--", {name: value for name, value in flags.items() if value is not None}),
    )
    values: dict[str, Any] = {"lang": language_of(env)}
    origins: dict[str, str] = {}
    for origin, layer in layers:
        values |= layer
        origins |= {name: _name(origin, name) for name in layer}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise SettingsError(f"{origins.get(name, name)}: {first['msg']}") from None


def language_of(env: Mapping[str, str]) -> Lang:
    """The language of the locale: Chinese where it says ``zh``, English everywhere else."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if env.get(variable):
            return "zh" if env[variable].lower().startswith("zh") else "en"
    return "zh" if (locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def _of_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None


def _name(origin: str, name: str) -> str:
    if origin == "--":
        return f"--{name}"
    return f"{origin}: {name}" if origin else _VARIABLES[name]

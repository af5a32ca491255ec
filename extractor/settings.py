"""What a person has set: flags first, then the environment, then ``crossfoot.toml``."""

from __future__ import annotations

import locale
import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from extractor.errors import CrossfootError
from extractor.prices import Price
from extractor.signals import Class

Lang = Literal["zh", "en"]
Percent = Annotated[float, Field(ge=0.001, le=50, strict=True)]

FILE = Path("crossfoot.toml")
OPENAI = "https://api.openai.com/v1"
_VARIABLES = {
    "db": "CROSSFOOT_DB",
    "lang": "CROSSFOOT_LANG",
    "jobs": "CROSSFOOT_JOBS",
    "model": "CROSSFOOT_MODEL",
    "endpoint": "OPENAI_BASE_URL",
    "key": "OPENAI_API_KEY",
}
_NEVER_IN_FILE = ("key",)


class SettingsError(CrossfootError):
    """A setting that is unknown or out of range; the message says where it was set."""

    code = "settings"


class Review(BaseModel):
    """Who may come to the review screen from other machines, and how they are known.

    ``login`` is that of Streamlit; ``header`` bears the person where a proxy has logged them in,
    and is believed from the addresses in ``proxies`` alone. ``address`` is what browsers are
    given, such as ``https://review.example.org``, where it is not the machine's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    login: Literal["oidc"] | None = None
    header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,100}$")
    proxies: tuple[IPvAnyAddress, ...] = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
    address: str | None = Field(default=None, pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?$")


class Settings(BaseModel):
    """``db`` is the archive, ``lang`` the language of what is printed, ``jobs`` how many
    processes read at the same time.

    A ``model`` is asked only where it is named; ``endpoint`` is the base of an OpenAI-compatible
    address, and ``key`` (from the environment alone) goes nowhere else. ``reader`` is that of
    table, model and both; ``rung`` how the shape of a reply is asked for. ``send`` agrees that
    pages leave this machine. ``in_flight`` calls go out side by side, ``tokens_per_minute`` bounds
    them; ``budget`` is the money a run may spend, by ``prices``; ``looks`` how many second looks it
    may ask for; ``timeout`` the seconds of one call; ``longest_reply`` is in tokens.
    ``promise`` holds the percent of accepted values that may be wrong, by class of fields;
    ``review`` is of the review screen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    db: Path = Path("archive.db")
    lang: Lang = "en"
    jobs: int = Field(default=1, ge=1, le=256)
    model: str | None = Field(default=None, min_length=1)
    endpoint: str = OPENAI
    key: SecretStr | None = None
    reader: Literal["table", "model", "both"] | None = None
    rung: Literal["auto", "strict", "tools", "json"] = "auto"
    send: bool = False
    in_flight: int = Field(default=16, ge=1, le=1024)
    tokens_per_minute: int | None = Field(default=None, ge=1000)
    budget: Decimal | None = Field(default=None, ge=0)
    looks: int = Field(default=1000, ge=0)
    timeout: float = Field(default=120.0, gt=0, le=86_400)
    longest_reply: int = Field(default=8_192, ge=256, le=1_000_000)
    prices: dict[str, Price] = Field(default_factory=dict[str, Price])
    promise: dict[Class, Percent] = Field(default_factory=dict[Class, Percent])
    review: Review = Review()

    @property
    def way(self) -> Literal["table", "model", "both"]:
        """The reader that holds: both once a model is set, unless one was named."""
        return self.reader or ("both" if self.model else "table")


def settings(
    flags: Mapping[str, Any], env: Mapping[str, str] | None = None, file: Path = FILE
) -> Settings:
    """The settings that hold; a flag of ``None`` was not given.

    Raises :class:`SettingsError`. The file may be missing; a setting it does not know is refused,
    because a misspelt one would be silently without effect.
    """
    env = os.environ if env is None else env
    stored = _of_file(file)
    if hidden := [name for name in _NEVER_IN_FILE if name in stored]:
        raise SettingsError(f"{file}: {hidden[0]}: set {_VARIABLES[hidden[0]]} instead")
    layers = (
        (str(file), stored),
        ("", {name: env[key].strip() for name, key in _VARIABLES.items() if env.get(key)}),
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
        inner = "".join(f".{part}" for part in first["loc"][1:])
        said = _told(first, str(values.get("lang", "en")))
        raise SettingsError(f"{origins.get(name, name)}{inner}: {said}") from None


_WRONG: Mapping[str, Mapping[str, str]] = {
    "extra_forbidden": {"en": "Crossfoot has no such setting", "zh": "没有此设置"},
    "missing": {"en": "is missing", "zh": "缺少"},
    "literal_error": {"en": "should be {expected}", "zh": "应为 {expected}"},
    "decimal_parsing": {"en": "is no amount, such as 20.00", "zh": "不是金额，应如 20.00"},
    "int_parsing": {"en": "is no whole number", "zh": "不是整数"},
    "float_parsing": {"en": "is no number", "zh": "不是数"},
    "greater_than_equal": {"en": "should be at least {ge}", "zh": "不应小于 {ge}"},
    "less_than_equal": {"en": "should be at most {le}", "zh": "不应大于 {le}"},
    "less_than": {"en": "should be less than {lt}", "zh": "应小于 {lt}"},
    "greater_than": {"en": "should be more than {gt}", "zh": "应大于 {gt}"},
    "ip_any_address": {"en": "is no address such as 10.0.0.5", "zh": "不是 10.0.0.5 这样的地址"},
    "string_pattern_mismatch": {"en": "is not written as it should be", "zh": "写法不对"},
    "string_too_short": {"en": "is empty", "zh": "为空"},
}


def _told(error: ErrorDetails, lang: str) -> str:
    """What is wrong with a setting, in words of the person who set it."""
    words = _WRONG.get(error["type"], {}).get("zh" if lang == "zh" else "en", error["msg"])
    told = {name: str(value).replace(" or ", " / ") for name, value in error.get("ctx", {}).items()}
    return words.format_map(told)


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
        return f"--{name.replace('_', '-')}"
    return f"{origin}: {name}" if origin else _VARIABLES[name]

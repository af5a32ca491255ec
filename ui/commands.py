"""The command ``crossfoot review``: parses, opens the archive once, serves."""

from __future__ import annotations

import errno
import getpass
import os
import socket
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from extractor.console import complain, usage
from extractor.options import Db, Lang, example
from extractor.settings import Review, settings
from ui import access

_WORDS: Mapping[str, Mapping[str, str]] = {
    "extra": {
        "en": "crossfoot review needs streamlit: pip install 'crossfoot[ui]'",
        "zh": "crossfoot review 需要 streamlit：pip install 'crossfoot[ui]'",
    },
    "serving": {
        "en": "The review screen is at {url} (process {pid}). Ctrl-C stops it.",
        "zh": "审核界面：{url}（进程 {pid}）。按 Ctrl-C 停止。",
    },
    "address": {"en": "Browsers come to it by {url}.", "zh": "浏览器通过 {url} 访问。"},
    "stopped": {"en": "stopped; every decision is in {db}", "zh": "已停止，所有决定都在 {db} 中"},
    "drawn": {
        "en": "{count} documents drawn again from what their reviewers decided",
        "zh": "已按审核人的决定重新整理 {count} 份文件",
    },
    "taken": {
        "en": "--port {port}: is taken by another program; --port {free} is free",
        "zh": "--port {port}：已被其他程序占用，可用 --port {free}",
    },
    "closed": {
        "en": "--host {host} --port {port}: cannot be opened ({why})",
        "zh": "--host {host} --port {port}：无法打开（{why}）",
    },
    "open": {
        "en": "--host {host}: others could come without saying who they are; in crossfoot.toml "
        'set [review] login = "oidc", or header = "X-Forwarded-User" behind a proxy, or leave '
        "--host away",
        "zh": "--host {host}：他人无须表明身份即可进入；请在 crossfoot.toml 的 [review] 中设置 "
        'login = "oidc"，或在代理之后设置 header = "X-Forwarded-User"，或去掉 --host',
    },
    "both": {
        "en": "crossfoot.toml: [review] login or header, not both",
        "zh": "crossfoot.toml：[review] 的 login 与 header 只能选一个",
    },
    "person": {
        "en": "--person: who acts is said by the login of [review]; leave it away",
        "zh": "--person：身份由 [review] 的登录决定，请去掉此项",
    },
    "secrets": {
        "en": 'login = "oidc" needs {what} under [auth] in one of {files}',
        "zh": 'login = "oidc" 需要在 {files} 之一的 [auth] 中设置 {what}',
    },
    "callback": {
        "en": "redirect_uri = {uri}: write the address of the screen and /oauth2callback",
        "zh": "redirect_uri = {uri}：应为审核界面的地址加 /oauth2callback",
    },
    "unsafe": {
        "en": "{files}: must not set {what}",
        "zh": "{files}：不能设置 {what}",
    },
    "authlib": {
        "en": 'login = "oidc" needs Authlib 1.3.2 or later: pip install "streamlit[auth]"',
        "zh": 'login = "oidc" 需要 Authlib 1.3.2 或更新版本：pip install "streamlit[auth]"',
    },
}
_NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_AUTHLIB = (1, 3, 2)
_PREFIX = "CROSSFOOT_"

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _say(key: str, lang: str, **told: object) -> str:
    return _WORDS[key][lang].format(**told)


@app.command(
    epilog=example(
        "crossfoot review --db archive.db", "crossfoot review --port 8700 --person reviewer-1"
    )
)
def review(
    db: Db = None,
    host: Annotated[
        str, typer.Option("--host", help="Another than this machine needs a login, see [review].")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes one that is free.")
    ] = 8601,
    person: Annotated[
        str | None, typer.Option("--person", help="Who reviews. [default: who is logged in here]")
    ] = None,
    lang: Lang = None,
) -> None:
    """Review doubtful fields in a browser. 在浏览器中审核存疑的字段。

    Only this machine can reach the screen, unless crossfoot.toml says how people log in.
    """
    set_, host = settings({"lang": lang, "db": db}), access.bare(host)
    if find_spec("streamlit") is None:
        raise usage(_say("extra", set_.lang))
    secrets: list[str] = []
    redirect: str | None = None
    if set_.review.login and set_.review.header:
        raise usage(_say("both", set_.lang))
    if set_.review.login:
        secrets = _secret_files()
        redirect = _login(secrets, set_.lang)
    allowed = _access(host, set_.review, redirect, person, set_.lang)
    free = _port(host, port, set_.lang)
    _prepare(set_.db, set_.lang)
    who = (access.readable(person) or _user() or "") if allowed.way == "local" else ""
    os.environ |= {
        "CROSSFOOT_REVIEW_DB": str(set_.db.resolve()),
        "CROSSFOOT_REVIEW_PERSON": who,
        "CROSSFOOT_REVIEW_LANG": lang or "",
        access.VARIABLE: allowed.written(),
    }
    from ui.serving import serve

    print(_say("serving", set_.lang, url=_url(host, free), pid=os.getpid()), flush=True)
    if allowed.origin:
        print(_say("address", set_.lang, url=allowed.origin), flush=True)
    serve(allowed, host, free, secrets)
    print(_say("stopped", set_.lang, db=set_.db), flush=True)


def _access(
    host: str, review: Review, redirect: str | None, person: str | None, lang: str
) -> access.Access:
    """How people are known; ends the command where they would not be."""
    found = access.of(host, review, redirect)
    if found is None:
        raise usage(_say("open", lang, host=host))
    if person is not None and found.way != "local":
        raise usage(_say("person", lang))
    return found


def _prepare(db: Path, lang: str) -> None:
    """Brings the archive up to date, before anybody looks at it."""
    from extractor.acting import catch_up
    from extractor.store import Store

    with Store.open(db, create=False) as store:
        if count := catch_up(store):
            complain(_say("drawn", lang, count=count))
        store.weigh_queue()


def _port(host: str, port: int, lang: str) -> int:
    """A port that can be had; ends the command where it cannot, and names another."""
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            why = error.strerror or error
            raise usage(_say("closed", lang, host=host, port=port, why=why)) from None
    raise usage(_say("taken", lang, port=port, free=_bound(host, 0)))


def _bound(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as one:
        if os.name != "nt":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((host, port))
        return cast("int", one.getsockname()[1])


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "localhost", "::": "localhost", "": "localhost"}.get(host, host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def _user() -> str | None:
    with suppress(OSError, KeyError, ImportError):
        return access.readable(getpass.getuser())
    return None


def _secret_files() -> list[str]:
    """Where Streamlit looks for secrets; what stands later wins."""
    return [str(folder / ".streamlit" / "secrets.toml") for folder in (Path.home(), Path.cwd())]


def _login(files: Sequence[str], lang: str) -> str:
    """The address that a login leads back to; ends the command where something is missing."""
    told: dict[str, Any] = {}
    for file in files:
        with suppress(FileNotFoundError):
            told |= _toml(Path(file))
    shown = ", ".join(files)
    # Streamlit makes variables of the environment of them, from which the screen is told.
    if unsafe := [name for name in told if name.startswith(_PREFIX)]:
        raise usage(_say("unsafe", lang, files=shown, what=", ".join(unsafe)))
    auth = told.get("auth")
    values = cast("dict[str, Any]", auth) if isinstance(auth, dict) else {}
    if missing := [name for name in _NEEDED if not str(values.get(name) or "").strip()]:
        raise usage(_say("secrets", lang, files=shown, what=", ".join(missing)))
    uri = str(values["redirect_uri"])
    if not uri.startswith(("http://", "https://")) or not uri.endswith("/oauth2callback"):
        raise usage(_say("callback", lang, uri=uri))
    if not _has_authlib():
        raise usage(_say("authlib", lang))
    return uri


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise usage(f"{file}: {error}") from None


def _has_authlib() -> bool:
    try:
        told = version("authlib").split(".")[:3]
    except PackageNotFoundError:
        return False
    numbers = tuple(int("".join(filter(str.isdigit, part)) or 0) for part in told)
    return numbers >= _AUTHLIB and find_spec("httpx") is not None

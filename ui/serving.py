"""The review screen as a server: Streamlit behind a door of our own.

Streamlit compares the origin of a page with the addresses of the machine, for which it asks a
service outside, and lets every page of ``localhost`` in, whatever its port. The door is stricter
and asks nobody.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

from ui.access import USER_KEY, Access, Header

SCRIPT = Path(__file__).with_name("app.py")
_REFUSED: Mapping[str, str] = {
    "host": "不接受此主机名。 This host name is not served here.",
    "origin": "不接受其他网站的请求。 Requests of other sites are not served.",
    "proxy": "只接受代理的请求。 Only the proxy is served.",
    "person": "代理未说明访问者是谁。 The proxy does not say who you are.",
}
_LIGHT = {
    "primaryColor": "#1b4f8f",
    "backgroundColor": "#fbfaf7",
    "secondaryBackgroundColor": "#f2efe6",
    "textColor": "#1f2328",
}
_DARK = {
    "primaryColor": "#3a72bd",
    "backgroundColor": "#16181c",
    "secondaryBackgroundColor": "#24272e",
    "textColor": "#e6e4df",
    "linkColor": "#8db8f2",
}


class Door:
    """Refuses what :meth:`Access.refuses` refuses, before Streamlit sees it, and forbids browsers
    to load anything from elsewhere or to show the screen inside a foreign page."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = cast("list[Header]", scope["headers"])
        client = scope.get("client")
        why = self._access.refuses(scope["path"], headers, client[0] if client else None)
        if why is None:
            await self._app(scope, receive, _guarded(send, headers))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _refuse(send, _REFUSED[why])


async def _refuse(send: Send, words: str) -> None:
    kind = (b"content-type", b"text/plain; charset=utf-8")
    await send({"type": "http.response.start", "status": 403, "headers": [kind]})
    await send({"type": "http.response.body", "body": words.encode()})


def _guarded(send: Send, headers: list[Header]) -> Send:
    """The same answers, with what browsers are forbidden."""
    host = next(value for key, value in headers if key.lower() == b"host")
    policy = (
        b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
        b"connect-src 'self' data: blob: ws://%b wss://%b; "
        b"frame-ancestors 'self'; base-uri 'self'; object-src 'none'" % (host, host)
    )
    added = [
        (b"content-security-policy", policy),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
    ]

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return guarded


def options(access: Access, host: str, port: int, secrets: list[str]) -> dict[str, Any]:
    """The settings of Streamlit, which win over files and the environment: nothing goes out, no
    links to elsewhere, nothing that a person's own settings could open."""
    header = {access.header: USER_KEY} if access.header else {}
    own = {
        "server.address": host,
        "server.port": port,
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.enableAgentApi": False,
        "server.enableStaticServing": False,
        "server.allowedHosts": [] if access.any_address else list(access.hosts),
        "server.corsAllowedOrigins": [access.origin] if access.origin else [],
        "server.trustedUserHeaders": header,
        "server.unsafeMetricsUserAttributes": [],
        "server.baseUrlPath": "",
        "server.sslCertFile": None,
        "server.sslKeyFile": None,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "global.developmentMode": False,
        "logger.hideWelcomeMessage": True,
        "logger.level": "warning",
        "secrets.files": secrets,
        "theme.font": "sans-serif",
    }
    own |= {f"theme.light.{name}": value for name, value in _LIGHT.items()}
    return own | {f"theme.dark.{name}": value for name, value in _DARK.items()}


def serve(access: Access, host: str, port: int, secrets: list[str]) -> None:
    """Serves the screen until Ctrl-C or SIGTERM."""
    for name in [name for name in os.environ if name.startswith("STREAMLIT_")]:
        del os.environ[name]
    # The address of a client is that of the proxy, not what the proxy says of it.
    os.environ["FORWARDED_ALLOW_IPS"] = "none"
    app = App(SCRIPT, middleware=[Middleware(Door, access=access)])
    with suppress(KeyboardInterrupt):
        app.run(config=options(access, host, port, secrets))

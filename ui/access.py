"""Who may come to the review screen, and who acts there.

On this machine nobody logs in. From other machines people come only where a login, or a proxy that
has logged them in, says who they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Literal, NamedTuple
from unicodedata import category
from urllib.parse import urlsplit

from extractor.settings import Review

VARIABLE = "CROSSFOOT_REVIEW_ACCESS"
USER_KEY = "crossfoot_person"
"""Under which Streamlit gives the value of a proxy's header."""
OPEN_PATHS = ("/_stcore/health", "/_stcore/script-health-check")
"""What a watchman may ask without a name; it tells nothing of a document."""
_LONGEST = 200
_HOME = ("localhost", "127.0.0.1", "::1")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

Way = Literal["local", "oidc", "header"]
Header = tuple[bytes, bytes]


class Access(NamedTuple):
    """How people are known: by what they say (``local``), a login, or the ``header`` of a proxy.

    ``hosts`` are the names under which the screen may be asked for; ``any_address`` allows every
    numeric address besides. ``origin`` is where pages come from when a proxy stands before the
    server; ``proxies`` are the addresses from which the header is believed.
    """

    way: Way = "local"
    header: str | None = None
    hosts: tuple[str, ...] = _HOME
    any_address: bool = False
    origin: str | None = None
    proxies: tuple[str, ...] = ()

    def person(self, user: Mapping[str, object] | None, chosen: str | None) -> str | None:
        """Who acts, ``None`` for nobody: then nothing can be decided.

        ``user`` is what Streamlit says of the visitor, ``chosen`` the name on the screen, which
        counts on this machine alone.
        """
        told = user or {}
        if self.way == "local":
            return readable(chosen)
        if self.way == "header":
            return readable(_decoded(told.get(USER_KEY)))
        if told.get("is_logged_in") is not True:
            return None
        mail = told.get("email") if told.get("email_verified") is not False else None
        return readable(mail) or readable(told.get("sub"))

    def refuses(self, path: str, headers: list[Header], client: str | None) -> str | None:
        """Why a request is not answered; ``None`` where it is.

        A page of another site cannot ask in the name of a reviewer, also where its name was made
        to point here; and nobody can say who they are but the proxy.
        """
        hosts = _all(headers, b"host")
        if len(hosts) != 1 or not self._knows(hosts[0]):
            return "host"
        origins = _all(headers, b"origin")
        if len(origins) > 1 or (origins and not self._ours(origins[0], hosts[0])):
            return "origin"
        if self.header and path not in OPEN_PATHS:
            named = _all(headers, self.header.lower().encode())
            if client is None or _plain(client) not in self.proxies:
                return "proxy"
            if len(named) != 1 or readable(_decoded(named[0])) is None:
                return "person"
        return None

    def _knows(self, host: str) -> bool:
        name = _name(f"//{host}")
        return name is not None and (name in self.hosts or (self.any_address and is_address(name)))

    def _ours(self, origin: str, host: str) -> bool:
        return origin in (f"http://{host}", f"https://{host}", self.origin)

    def written(self) -> str:
        """For the environment of the server; :func:`read` reads it."""
        return json.dumps(self._asdict())


def read(env: Mapping[str, str]) -> Access:
    """How people are known in this server; without a word of it, as on this machine."""
    if VARIABLE not in env:
        return Access()
    told: dict[str, Any] = json.loads(env[VARIABLE])
    told |= {name: tuple(told[name]) for name in ("hosts", "proxies")}
    return Access(**told)


def of(host: str, review: Review, redirect: str | None = None) -> Access | None:
    """The access that settings give on a host; ``None`` where nobody would have to say who they
    are: on a host that others can reach, or at an address that is not this machine's. ``redirect``
    is the address to which a login leads back."""
    way: Way = "oidc" if review.login else "header" if review.header else "local"
    home = is_home(host)
    if way == "local" and (review.address or not home):
        return None
    address = redirect or review.address
    origin = _origin(address) if address else None
    named = _name(address) if address else None
    hosts = dict.fromkeys((*_HOME, *filter(None, (bare(host), named))))
    return Access(
        way, review.header, tuple(hosts), not home, origin, tuple(map(str, review.proxies))
    )


def is_home(host: str) -> bool:
    """Whether only this machine can reach a server on a host; names other than ``localhost`` may
    lead anywhere."""
    name = bare(host)
    return name == "localhost" or (is_address(name) and ip_address(name).is_loopback)


def is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def readable(name: object) -> str | None:
    """A name without signs that nobody sees, at most 200 characters; ``None`` for no name."""
    if not isinstance(name, str):
        return None
    shown = "".join(" " if c.isspace() else c for c in name)
    shown = "".join(c for c in shown if category(c) not in _UNSEEN)
    return " ".join(shown.split())[:_LONGEST].strip() or None


def _decoded(value: object) -> object:
    """A header's value: servers take its bytes for Latin-1, proxies mean UTF-8."""
    if not isinstance(value, str):
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def _all(headers: list[Header], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def bare(host: str) -> str:
    """A host in lower case, without the brackets of IPv6."""
    return host.strip().removeprefix("[").removesuffix("]").casefold()


def _plain(client: str) -> str:
    """An address without the prefix of IPv4 in IPv6."""
    return client.removeprefix("::ffff:")


def _name(address: str) -> str | None:
    """The host of an address, in lower case; ``None`` where it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return None if parts.username is not None or not parts.hostname else parts.hostname.rstrip(".")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".casefold()

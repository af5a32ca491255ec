"""``crossfoot review``: what it refuses to serve, and the real server behind its door."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

import pytest

from extractor.store import Store
from ui.access import Access

_CODE = """
from extractor.cli import app, main
from ui.commands import review
app.command()(review)
main()
"""
"""The command, also where it was not installed."""
_PATIENCE = 60.0
_SECRETS = {
    "redirect_uri": "https://review.example.org/oauth2callback",
    "cookie_secret": "c" * 40,
    "client_id": "crossfoot",
    "client_secret": "s",
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
}

pytestmark = pytest.mark.skipif(not find_spec("streamlit"), reason="needs streamlit")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder, also taken for the home of the person, with an empty archive."""
    with Store.open(tmp_path / "archive.db"):
        pass
    return tmp_path


def started(folder: Path, *arguments: str, code: str = _CODE) -> subprocess.Popen[str]:
    env = {**os.environ, "HOME": str(folder), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", code, "review", "--lang", "en", *arguments],
        cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def refused(folder: Path, *arguments: str, code: str = _CODE) -> str:
    """What is said by a command that starts no server."""
    process = started(folder, *arguments, code=code)
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 2, out + err
    assert out == ""
    assert "Traceback" not in err
    return err


class Served:
    """A server that runs: its process, and requests to it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=told)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def headers(self, path: str) -> dict[str, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return {name.lower(): value for name, value in connection.getresponse().getheaders()}
        finally:
            connection.close()

    def handshake(self, *headers: str, host: str | None = None) -> socket.socket:
        """A connection on which a websocket was asked for."""
        lines = (
            "GET /_stcore/stream HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}",
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: streamlit",
            *headers, "", "",
        )  # fmt: skip
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.sendall("\r\n".join(lines).encode())
        return connection

    def websocket(self, *headers: str, host: str | None = None) -> int:
        """The status that a websocket is answered with; 101 is one."""
        with self.handshake(*headers, host=host) as connection:
            return int(connection.recv(64).split()[1])

    def ended(self, by: signal.Signals) -> tuple[int, str, str]:
        self.process.send_signal(by)
        out, err = self.process.communicate(timeout=_PATIENCE)
        return self.process.returncode, out, err


@contextmanager
def serving(folder: Path, *arguments: str) -> Generator[Served]:
    process = started(folder, "--port", "0", *arguments)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r":(\d+) \(process (\d+)\)", line)
        assert found, line + process.communicate(timeout=_PATIENCE)[1]
        assert int(found[2]) == process.pid
        served = Served(process, int(found[1]))
        _wait(served)
        yield served
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=_PATIENCE)


def _wait(served: Served) -> None:
    end = monotonic() + _PATIENCE
    while monotonic() < end and served.process.poll() is None:
        try:
            assert served.get("/_stcore/health") == (200, "ok")
            return
        except OSError:
            sleep(0.05)
    raise AssertionError("no server")


def configured(folder: Path, **told: object) -> Path:
    lines = [f"{name} = {json.dumps(value)}" for name, value in told.items()]
    (folder / "crossfoot.toml").write_text("\n".join(["[review]", *lines, ""]), "utf-8")
    return folder


def secrets(folder: Path, lines: str = "", **auth: str) -> Path:
    file = folder / ".streamlit" / "secrets.toml"
    file.parent.mkdir(exist_ok=True)
    told = "\n".join(f"{name} = {json.dumps(value)}" for name, value in auth.items())
    file.write_text(f"{lines}\n[auth]\n{told}\n", "utf-8")
    return folder


class TestRefused:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "review.example.org", ""])
    def test_a_host_that_others_reach_is_not_served_without_a_login(
        self, folder: Path, host: str
    ) -> None:
        said = refused(folder, "--host", host)
        assert f"--host {host}: others could come" in said
        assert 'set [review] login = "oidc"' in said

    def test_an_archive_that_is_none_is_said_before_a_server_starts(self, folder: Path) -> None:
        assert "no archive here yet" in refused(folder, "--db", "other.db")
        (folder / "text.db").write_text("no archive, but long enough", "utf-8")
        assert "not a Crossfoot archive" in refused(folder, "--db", "text.db")
        with Store.open(folder / "archive.db") as store:
            store.db.conn.execute("PRAGMA user_version = 9999")
        assert "archive.db" in refused(folder)

    def test_without_streamlit_it_says_how_to_install_it(self, folder: Path) -> None:
        without = "import sys\nsys.modules['streamlit'] = None\n" + _CODE
        assert "pip install 'crossfoot[ui]'" in refused(folder, code=without)

    def test_a_port_in_use_is_said_with_one_that_is_free(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            said = refused(folder, "--port", str(port))
        free = re.search(rf"--port {port}: is taken by another program; --port (\d+) is free", said)
        assert free
        assert int(free[1]) != port

    def test_an_address_of_another_machine_cannot_be_opened(self, folder: Path) -> None:
        configured(folder, header="X-Forwarded-User")
        assert "cannot be opened" in refused(folder, "--host", "192.0.2.7")

    def test_a_login_and_a_header_are_too_many(self, folder: Path) -> None:
        configured(secrets(folder, **_SECRETS), login="oidc", header="X-Forwarded-User")
        assert "not both" in refused(folder)

    def test_who_acts_is_not_chosen_where_people_log_in(self, folder: Path) -> None:
        configured(folder, header="X-Forwarded-User")
        assert "--person: who acts is said by" in refused(folder, "--person", "reviewer-1")


class TestLogin:
    def test_missing_secrets_are_named(self, folder: Path) -> None:
        configured(folder, login="oidc")
        said = refused(folder, "--host", "0.0.0.0")
        assert all(name in said for name in _SECRETS)
        assert str(folder / ".streamlit" / "secrets.toml") in said
        secrets(folder, **{**_SECRETS, "client_secret": " "})
        assert "needs client_secret under [auth]" in refused(folder)

    def test_an_address_that_no_login_leads_back_to_is_refused(self, folder: Path) -> None:
        configured(folder, login="oidc")
        secrets(folder, **{**_SECRETS, "redirect_uri": "https://review.example.org/"})
        assert "redirect_uri = https://review.example.org/: write" in refused(folder)

    def test_secrets_cannot_say_who_is_let_in(self, folder: Path) -> None:
        configured(folder, login="oidc")
        secrets(folder, 'CROSSFOOT_REVIEW_ACCESS = "{}"', **_SECRETS)
        assert "must not set CROSSFOOT_REVIEW_ACCESS" in refused(folder)

    def test_broken_secrets_are_no_traceback(self, folder: Path) -> None:
        configured(folder, login="oidc")
        secrets(folder, "= 3", **_SECRETS)
        assert "secrets.toml" in refused(folder)

    @pytest.mark.skipif(bool(find_spec("authlib")), reason="Authlib is installed")
    def test_authlib_is_asked_for(self, folder: Path) -> None:
        configured(secrets(folder, **_SECRETS), login="oidc")
        assert "needs Authlib 1.3.2 or later" in refused(folder)


class TestServed:
    def test_ctrl_c_ends_it_softly_also_while_somebody_is_there(self, folder: Path) -> None:
        with serving(folder) as served, served.handshake() as connection:
            assert connection.recv(64).split()[1] == b"101"
            code, out, err = served.ended(signal.SIGINT)
        assert code == 0
        assert "stopped; every decision is in archive.db" in out
        assert err == ""

    def test_kill_of_the_process_ends_the_server(self, folder: Path) -> None:
        with serving(folder) as served:
            code, _, _ = served.ended(signal.SIGKILL)
            assert code == -signal.SIGKILL
            with pytest.raises(OSError, match="refused"):
                served.get("/_stcore/health")

    def test_other_addresses_of_the_machine_do_not_answer(self, folder: Path) -> None:
        with serving(folder) as served, pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", served.port), timeout=5)

    def test_foreign_pages_and_names_are_kept_out(self, folder: Path) -> None:
        with serving(folder) as served:
            own = f"127.0.0.1:{served.port}"
            assert served.websocket(f"Origin: http://{own}") == 101
            assert served.websocket() == 101
            for origin in ("http://evil.example", "http://localhost:3000", "null"):
                assert served.websocket(f"Origin: {origin}") == 403
            evil = f"evil.example:{served.port}"
            assert served.websocket(f"Origin: http://{evil}", host=evil) == 403
            assert served.get("/", Host=evil)[0] == 403
            assert "connect-src 'self'" in served.headers("/")["content-security-policy"]
            status, page = served.get("/")
            assert status == 200
            assert "<title>" in page

    def test_settings_of_a_person_open_nothing(self, folder: Path) -> None:
        secrets(folder, 'CROSSFOOT_REVIEW_ACCESS = "{}"')
        (folder / ".streamlit" / "config.toml").write_text(
            "[server]\nenableCORS = false\nenableXsrfProtection = false\nenableAgentApi = true\n"
            'address = "0.0.0.0"\nport = 1\nbaseUrlPath = "x"\nenableStaticServing = true\n'
            "[browser]\ngatherUsageStats = true\n",
            "utf-8",
        )
        with serving(folder) as served:
            assert served.websocket("Origin: http://evil.example") == 403
            told = served.headers("/_stcore/health")
            assert "access-control-allow-origin" not in told
            assert "_streamlit_xsrf" in told["set-cookie"]
            assert "switched off" in served.get("/_stcore/agent/openapi.json")[1]
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.2", served.port), timeout=5)
            code, _, err = served.ended(signal.SIGINT)
        assert (code, "Traceback" in err) == (0, False)

    def test_behind_a_proxy_nobody_is_served_without_a_name(self, folder: Path) -> None:
        configured(folder, header="X-Forwarded-User", address="https://review.example.org")
        with serving(folder) as served:
            name = "X-Forwarded-User: reviewer-1"
            assert served.get("/")[0] == 403
            assert served.get("/", X_Forwarded_User="reviewer-1")[0] == 200
            assert served.websocket() == 403
            assert served.websocket(name, name) == 403
            assert served.websocket("X-Forwarded-User: 王芳") == 101
            origin = "Origin: https://review.example.org"
            assert served.websocket(name, origin) == 101
            assert served.websocket(name, origin, host="review.example.org") == 101
            assert served.websocket(name, "Origin: http://evil.example") == 403

    def test_a_client_cannot_pass_for_the_proxy(self, folder: Path) -> None:
        configured(folder, header="X-Forwarded-User", proxies=["192.0.2.9"])
        with serving(folder, "--host", "0.0.0.0") as served:
            forged = {"X_Forwarded_User": "reviewer-1", "X_Forwarded_For": "192.0.2.9"}
            status, said = served.get("/", **forged)
            assert status == 403
            assert "Only the proxy is served" in said


def test_nobody_is_let_in_by_a_host_that_was_not_meant() -> None:
    assert Access().refuses("/", [], None) == "host"

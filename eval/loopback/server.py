"""The endpoint served: ``with serving(model) as url``, on this machine alone.

``GET {url}/models`` and ``POST {url}/chat/completions``; no key is needed, and that one came is
all that is kept of it.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from eval.loopback.answers import error, models
from eval.loopback.endpoint import Endpoint
from eval.loopback.faults import Faults
from eval.loopback.ledger import Ledger
from eval.loopback.request import Refused
from eval.loopback.simulated import Simulated

_LONGEST = 64 * 1024 * 1024
_NOTHING = Refused(404, "not_found", "there is nothing here")
_LENGTH = Refused(411, "length_required", "a body of a stated length, of 64 MiB at most, please")


@contextmanager
def serving(
    model: Simulated, faults: Faults | None = None, ledger: Ledger | None = None, port: int = 0
) -> Generator[str]:
    """Serves a model until the block ends; gives the base of the endpoint, ``http://…/v1``.

    Port 0 takes a free one. When the block ends, calls under way are broken off. Raises ``OSError``
    where the port is taken.
    """
    books = ledger or Ledger()
    server = _Server(port, Endpoint(model, faults or Faults(), books))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.stop()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, port: int, endpoint: Endpoint) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.endpoint, self.stopping = endpoint, Event()
        self._open: set[socket.socket] = set()

    def stop(self) -> None:
        """No more connections; those there are get closed, and their threads end."""
        self.stopping.set()
        self.shutdown()
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error here; anything else is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    # Headers and body go out together: else every call waits 40 ms for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            return self._send(200, models(self.server.endpoint.model.name))
        self._send(404, error(_NOTHING))

    def do_POST(self) -> None:
        told = self.headers.get("Content-Length", "")
        if not (told.isascii() and told.isdigit() and int(told) <= _LONGEST):
            self.close_connection = True
            return self._send(411, error(_LENGTH))
        body = self.rfile.read(int(told))
        if self.path != "/v1/chat/completions":
            return self._send(404, error(_NOTHING))
        endpoint, wait = self.server.endpoint, self.server.stopping.wait
        answer = endpoint.answer(body, "Authorization" in self.headers, wait, self._gone)
        if answer.status is None:
            wait(answer.hang)
            self.close_connection = True
            return
        try:
            self._send(answer.status, answer.body, answer.headers, answer.cut)
        except OSError:
            endpoint.ledger.lose(answer.ordinal)
            raise

    def _send(
        self, status: int, body: Any, headers: Mapping[str, str] | None = None, cut: bool = False
    ) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        sent = {"Content-Type": "application/json", **(headers or {})}
        for name, value in {**sent, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.wfile.flush()
        self.close_connection = self.close_connection or cut

    def _gone(self) -> bool:
        """Whether the client closed the connection while it waited."""
        try:
            return not self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: the ledger knows more, and pages stay out of it."""

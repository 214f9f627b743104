"""The side door: an HTTP server on loopback that shows the metrics and nothing else.

A web page that a user happens to visit can make a browser ask this port, under any name that it has pointed at
127.0.0.1 (DNS rebinding). So only requests that name the port's own address as ``Host`` are answered.
"""

from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_PATIENCE = 5.0
"""Seconds that a client has to say what it wants."""
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class SideDoor:
    """Serves what ``expose`` gives at ``/metrics``, from ``open`` to ``close``.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, port: int, expose: Callable[[], bytes]) -> None:
        self._server = _Server(("127.0.0.1", port), _handler(expose))
        self.port: int = self._server.server_address[1]

    def open(self) -> None:
        """Begins to serve, in threads of its own."""
        Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Stops serving."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False
    request_queue_size = 16

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def _handler(expose: Callable[[], bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE
        server_version, sys_version = "Sonique", ""

        def do_GET(self) -> None:
            if not self._is_addressed():
                self._answer(HTTPStatus.FORBIDDEN, b"Ask this port by its own address, as 127.0.0.1.\n")
            elif self.path != "/metrics":
                self._answer(HTTPStatus.NOT_FOUND, b"There is /metrics and nothing else.\n")
            else:
                self._answer(HTTPStatus.OK, expose())

        def log_message(self, *_: Any) -> None:
            return

        def _is_addressed(self) -> bool:
            port = self.connection.getsockname()[1]
            hosts = self.headers.get_all("Host") or []
            return len(hosts) == 1 and hosts[0] in {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}

        def _answer(self, status: HTTPStatus, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", _TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

    return Handler

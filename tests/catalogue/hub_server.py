"""A hub on loopback: real HTTP with the few endpoints that pulling asks, and the ways in which they go wrong."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_of_a_test"  # noqa: S105 - it opens nothing
LARGE = 1000
"""From so many bytes on, the hub states a file's SHA-256, and sends it from another host."""

_ASKED = re.compile(r"(?:/api/models)?/([^/]+/[^/?]+)/(revision|resolve)/([^/?]+)(?:/([^?]+))?(\?.*)?")


@dataclass
class Repository:
    """What is published: its files, its commit, and whether its terms have to be accepted."""

    files: dict[str, bytes]
    commit: str = "c" * 40
    gated: bool = False


@dataclass
class FakeHub:
    """The hub: its repositories, what goes wrong, and what it was asked.

    Attributes:
        repositories: by ``owner/name``.
        break_after: send so many bytes of a large file and hang up, as often as this list is long.
        damage: how many more times a large file comes with a wrong byte.
        ranges: whether it can send a file from a place on.
        busy: answers 503 to everything.
        listing: what it answers for every listing, or b"" for the truth.
        asked: path, range and whether the token came with it, of each request; from the other host with ``cdn:``.
    """

    repositories: dict[str, Repository]
    break_after: list[int] = field(default_factory=list)
    damage: int = 0
    ranges: bool = True
    busy: bool = False
    listing: bytes = b""
    address: str = ""
    cdn: str = ""
    asked: list[tuple[str, str, bool]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> FakeHub:
        hub: FakeHub = self.server.hub  # type: ignore[attr-defined]
        return hub

    @property
    def _is_cdn(self) -> bool:
        return bool(self.server.cdn)  # type: ignore[attr-defined]

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "") == f"Bearer {TOKEN}"
        self.hub.asked.append((("cdn:" if self._is_cdn else "") + self.path, self.headers.get("Range", ""), token))
        found = _ASKED.fullmatch(self.path)
        repository = self.hub.repositories.get(found[1]) if found else None
        if self.hub.busy:
            self._send(503, b"")
        elif found is None or repository is None or found[3] not in {"main", repository.commit}:
            self._send(404, b"")
        elif repository.gated and not token and not self._is_cdn:
            self._send(401, b"{}")
        elif found[2] == "revision":
            self._send(200, self.hub.listing or _listing(repository))
        else:
            self._file(repository.files.get(found[4] or ""))

    def _file(self, data: bytes | None) -> None:
        if data is None:
            self._send(404, b"")
        elif len(data) >= LARGE and not self._is_cdn:
            self.send_response(302)
            self.send_header("Location", self.hub.cdn + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._bytes(data)

    def _bytes(self, data: bytes) -> None:
        start = int(self.headers.get("Range", "bytes=0-")[6:-1]) if self.hub.ranges else 0
        body = data[start:]
        if len(data) >= LARGE and self.hub.damage > 0:
            self.hub.damage -= 1
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if len(data) >= LARGE and self.hub.break_after:
            self.wfile.write(body[: self.hub.break_after.pop(0)])
            self.close_connection = True
            return
        self.wfile.write(body)

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _listing(repository: Repository) -> bytes:
    told = [_told(path, data) for path, data in repository.files.items()]
    return json.dumps({"sha": repository.commit, "siblings": told}).encode()


def _told(path: str, data: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    told: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": blob}
    if len(data) >= LARGE:
        told["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return told


@contextmanager
def hub_running(hub: FakeHub) -> Iterator[FakeHub]:
    """Serves ``hub`` on two ports of loopback: one is the hub, the other the host that it redirects to."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _Handler) for _ in range(2)]
    for server, cdn in zip(servers, (False, True), strict=True):
        server.hub, server.cdn = hub, cdn  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hub.address, hub.cdn = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    try:
        yield hub
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()

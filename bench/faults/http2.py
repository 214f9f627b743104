"""HTTP/2 by hand: what a gRPC library would never send."""

import random
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST, SETTINGS, PING, GOAWAY, WINDOW, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS = 1, 4


def frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    """A frame with the length that it has."""
    return struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, stream) + body


def headers(**fields: str) -> bytes:
    """A header block, every field written out; "_" in a name is "-", and a leading one ":"."""
    return b"".join(_field(_name(name), value) for name, value in fields.items())


def _name(name: str) -> str:
    return name.replace("_", ":", 1).replace("_", "-") if name.startswith("_") else name.replace("_", "-")


def _field(name: str, value: str) -> bytes:
    text, more = name.encode(), value.encode("latin-1", "replace")
    return b"\x00" + _length(len(text)) + text + _length(len(more)) + more


def _length(size: int) -> bytes:
    if size < 127:
        return bytes([size])
    out, size = bytearray([127]), size - 127
    while size > 127:
        out.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*out, size])


def call(path: str, token: str, body: bytes, **more: str) -> bytes:
    """A whole unary call as a gRPC client sends it; ``more`` replaces or adds header fields."""
    fields = {
        "_method": "POST",
        "_scheme": "http",
        "_path": path,
        "_authority": "127.0.0.1",
        "te": "trailers",
        "content_type": "application/grpc",
        "authorization": f"Bearer {token}",
    }
    block = headers(**{**fields, **more})
    message = b"\x00" + struct.pack(">I", len(body)) + body
    return frame(HEADERS, END_HEADERS, 1, block) + frame(DATA, END_STREAM, 1, message)


def talks(path: str, token: str, body: bytes, dice: random.Random) -> Iterator[bytes]:
    """What a connection may say in place of a call, each once; all begin as HTTP/2 should or end before that."""
    hello = PREFACE + frame(SETTINGS, 0, 0, b"")
    whole = hello + call(path, token, body)
    yield dice.randbytes(200)
    yield b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    yield PREFACE[: dice.randrange(len(PREFACE))]
    yield whole[: dice.randrange(len(PREFACE), len(whole))]
    yield hello + frame(HEADERS, END_HEADERS, 1, dice.randbytes(120))
    yield hello + frame(CONTINUATION, END_HEADERS, 1, headers(x="y")) * 5
    yield hello + frame(DATA, END_STREAM, 7, body)
    yield hello + b"".join(
        call(path, token, body).replace(b"\x00\x00\x00\x01", struct.pack(">I", n), 2) for n in (2, 0, 1)
    )
    yield hello + b"".join(
        frame(HEADERS, END_HEADERS, n, headers(_path=path)) + frame(RST, 0, n, bytes(4)) for n in range(1, 199, 2)
    )
    yield hello + frame(PING, 0, 0, bytes(8)) * 300
    yield hello + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 2**31 - 1) * 50)
    yield hello + frame(WINDOW, 0, 0, struct.pack(">I", 2**31 - 1)) * 3
    yield hello + frame(GOAWAY, 0, 0, bytes(8))
    yield hello + b"\xff\xff\xff" + struct.pack(">BBI", DATA, 0, 1)
    for more in _oddities(dice):
        yield hello + call(path, token, body, **more)
    yield hello + call(path, token, body)[: -len(body) or None].replace(
        struct.pack(">I", len(body)), b"\xff\xff\xff\xff", 1
    )


def _oddities(dice: random.Random) -> Iterator[dict[str, str]]:
    """Header fields that are wrong."""
    yield {"content_type": "text/html"}
    yield {"_method": "GET"}
    yield {"te": "nothing"}
    yield {"grpc_encoding": "bzip9"}
    yield {"grpc_timeout": "99999999999999999S"}
    yield {"grpc_timeout": "0n"}
    yield {"grpc_accept_encoding": "x" * 5000}
    yield {"authorization": "Bearer " + "x" * 60_000}
    yield {"x" * 200 + "-bin": "!!!!"}
    yield {f"x-{number}": "y" * 100 for number in range(dice.randint(100, 400))}
    yield {"_path": "/" + "a" * 9000}
    yield {"_path": "no/slash//../%00"}


def say(address: str, words: bytes, seconds: float = 0.05) -> bytes:
    """Connects, says ``words``, and listens for at most ``seconds``; what came back."""
    host, _, port = address.rpartition(":")
    heard = b""
    with suppress(OSError), socket.create_connection((host, int(port)), 5) as connection:
        connection.settimeout(seconds)
        connection.sendall(words)
        while piece := connection.recv(65_536):
            heard += piece
    return heard

"""Blender's end of the line to its courier: a socket on the loopback interface that nobody ever waits for.

A pipe would do on POSIX, but Windows has none that is written without waiting; sockets behave alike on all three
systems, and the daemon is spoken to over loopback too. Whoever connects has to show a token that the courier alone was
told, over its standard input, and is shown another one in return.
"""

import secrets
import socket
import time
from contextlib import suppress
from hmac import compare_digest

from .frames import Frame, Reader

TOKEN_BYTES = 32
"""Of what either end shows to the other."""

_SLICE = 2**16
"""Bytes that are taken in at a time, at most: about a millisecond's worth of JSON."""
_MOST_SLICES = 4
"""How many of them go out at a time."""
_STRANGER_SECONDS = 1.0
"""How long one that connects may take to show its token."""


class Cut(Exception):
    """The other end is gone."""


class Line:
    """The end that listens, and then speaks with the one that has the token.

    Attributes:
        port: on 127.0.0.1.
        token: what the other end has to show.
        reply: what it is shown.
    """

    def __init__(self) -> None:
        """Listens.

        Raises:
            OSError: this machine has no loopback interface.
        """
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", 0), backlog=4)
        self._listener.settimeout(0.0)
        self.port = int(self._listener.getsockname()[1])
        self.token, self.reply = secrets.token_bytes(TOKEN_BYTES), secrets.token_bytes(TOKEN_BYTES)
        self._peer: socket.socket | None = None
        self._stranger: socket.socket | None = None
        self._said, self._since = b"", 0.0
        self._out, self._reader = bytearray(), Reader()

    @property
    def met(self) -> bool:
        """Whether the other end has shown its token."""
        return self._peer is not None

    def send(self, frame: Frame) -> None:
        """Has a frame go out with this and the next calls of ``exchange``."""
        self._out += frame.to_bytes()

    def exchange(self) -> list[Frame]:
        """Sends what can be sent now, and takes in what is there, a slice at most; waits for nothing.

        Raises:
            Cut: the other end is gone.
            BrokenFrame: it speaks no frames.
        """
        peer = self._peer or self._meet()
        if peer is None:
            return []
        try:
            with suppress(BlockingIOError):
                self._send(peer)
            data: bytes | None = peer.recv(_SLICE)
        except BlockingIOError:
            data = None
        except OSError as error:
            raise Cut from error
        if data == b"":
            raise Cut
        self._reader.feed(data or b"")
        frames = []
        while (frame := self._reader.next()) is not None:
            frames.append(frame)
        return frames

    def close(self, seconds: float) -> None:
        """Hangs up, once what is to go out is gone, or that time is over."""
        end = time.monotonic() + seconds
        with suppress(Exception):  # nobody is left to be told
            while self._out and time.monotonic() < end:
                self.exchange()
        for each in (self._peer, self._stranger, self._listener):
            if each is not None:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_WR)
                each.close()
        self._peer = self._stranger = self._listener = None

    def _send(self, peer: socket.socket) -> None:
        for _ in range(_MOST_SLICES):
            if not self._out:
                return
            sent = peer.send(self._out[:_SLICE])
            del self._out[:sent]

    def _meet(self) -> socket.socket | None:
        """The other end, where it has shown its token; strangers are sent away."""
        while self._peer is None and self._listener is not None:
            if self._stranger is None and not self._accept(self._listener):
                return None
            assert self._stranger is not None
            shown = self._shown(self._stranger)
            if shown is None:
                return None
            self._settle(self._stranger, self._listener, right=compare_digest(shown, self.token))
        return self._peer

    def _accept(self, listener: socket.socket) -> bool:
        try:
            self._stranger, _ = listener.accept()
        except OSError:
            return False
        self._stranger.settimeout(0.0)
        self._said, self._since = b"", time.monotonic()
        return True

    def _shown(self, stranger: socket.socket) -> bytes | None:
        """What one that connected shows; None as long as it is not whole, and "" where it never will be."""
        try:
            data = stranger.recv(TOKEN_BYTES - len(self._said))
        except BlockingIOError:
            return None if time.monotonic() - self._since < _STRANGER_SECONDS else b""
        except OSError:
            return b""
        self._said += data
        return self._said if len(self._said) == TOKEN_BYTES else None if data else b""

    def _settle(self, stranger: socket.socket, listener: socket.socket, *, right: bool) -> None:
        self._stranger = None
        if not right:
            stranger.close()
            return
        stranger.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._peer, self._listener = stranger, None
        listener.close()
        self._out[:0] = self.reply

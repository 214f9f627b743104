"""Requests and answers as lines of JSON over two pipes, with time limits that hold on every system."""

import contextlib
import json
import queue
import threading
import time
from typing import Any, BinaryIO

from sonique_resolve.bridge import wire
from sonique_resolve.bridge.interpreter import MOST_BYTES


class Lines:
    """Sends requests and receives their answers.

    A thread reads and another writes, so that neither a full pipe nor an empty one holds up the one who waits for both.

    Args:
        incoming: where answers come from.
        outgoing: where requests go to.
    """

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._read, self._write)]
        for thread in self._threads:
            thread.start()

    def send(self, message: dict[str, Any]) -> None:
        """Sends a message; does not wait until it is read.

        Raises:
            ResolveError: it is too long.
        """
        self._waiting.put(wire.written(message) + b"\n")

    def receive(self, identity: object, seconds: float) -> dict[str, Any]:
        """The answer with that identity; late ones of earlier requests are dropped.

        Raises:
            TimeoutError: it did not come in time.
            EOFError: there is nobody at the other end any more.
        """
        deadline = time.monotonic() + seconds
        while True:
            answer = _read_answer(self._next(deadline - time.monotonic()))
            if answer.get("id") == identity:
                return answer

    def close(self) -> None:
        """Closes both pipes, once what was sent is written; a reader that waits for a line is left to its end."""
        self._waiting.put(b"")
        self._threads[1].join(timeout=1)

    def _next(self, seconds: float) -> bytes:
        try:
            line = self._received.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise TimeoutError from None
        if not line:
            self._received.put(b"")
            raise EOFError
        return line

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := self._incoming.readline(2 * MOST_BYTES):
                self._received.put(line)
        self._received.put(b"")
        with contextlib.suppress(OSError):
            self._incoming.close()

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := self._waiting.get():
                self._outgoing.write(line)
                self._outgoing.flush()
        with contextlib.suppress(OSError, ValueError):
            self._outgoing.close()


def _read_answer(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}

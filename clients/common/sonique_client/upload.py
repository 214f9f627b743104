"""Uploading media to a daemon that cannot see this computer's disk: resumable, and told of by its SHA-256."""

import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sonique_client.connection import Connection, failure
from sonique_client.errors import ClientError, speaks_for_itself, status_of

if TYPE_CHECKING:
    import grpc
    from sonique.v1.media_pb2 import StatusResponse, UploadRequest

PIECE_BYTES = 2**20
"""Bytes of one message; the daemon takes no larger ones."""

HEAD_BYTES = 64 * 2**10
"""Bytes of a file's beginning by which a daemon tells whether it sees the same file."""

TARGET_URL = "sonique-upload:"
"""What stands before the SHA-256 in the target URL of an uploaded file."""

OnProgress = Callable[[int, int], None]
"""Is told the bytes that the daemon has, and all of them; always from the thread that called."""


def _unseen(done: int, size: int) -> None:
    """For those who want to know nothing of how far it is."""
    del done, size


_BROKEN = ("UNAVAILABLE", "INTERNAL", "UNKNOWN", "CANCELLED", "DEADLINE_EXCEEDED")
_ATTEMPTS = 8
"""Times in a row that the transfer may break without bringing anything."""
_REFUSALS = 2
"""The same where the daemon refuses: another client may have gone on with the file meanwhile."""
_PAUSE_SECONDS, _LONGEST_PAUSE = 0.1, 2.0
_TELL_SECONDS = 0.1
_STATUS_SECONDS = 10.0


def sees(connection: Connection, path: Path) -> bool:
    """Whether the daemon sees that very file under that path on its own disks.

    Raises:
        ClientError: the file cannot be read, or the daemon cannot be asked.
    """
    import grpc
    from sonique.v1.media_pb2 import FindRequest

    with _Source(path) as source:
        wanted = FindRequest(path=str(path), size=source.size, head_sha256=source.head_digest())
    try:
        return connection.media.Find(wanted, timeout=_STATUS_SECONDS).found
    except grpc.RpcError as error:
        raise failure(connection, error, f"it was asked for “{path.name}”") from None


def upload(connection: Connection, path: Path, on_progress: OnProgress = _unseen) -> str:
    """Sends the file at ``path``, and returns the target URL by which OTIO may name it: ``sonique-upload:SHA256``.

    What the daemon has already is not sent again, whoever sent it; a transfer that breaks goes on where it broke.

    Raises:
        ClientError: the file cannot be read, is empty, or changes while it is sent.
        CallFailed: the daemon does not take it; its disk may be full.
        DaemonGone: the daemon is gone.
    """
    with _Source(path) as source:
        digest = source.digest()
        _Transfer(connection, source, digest, on_progress).run()
    return f"{TARGET_URL}{digest}"


class _Source:
    """The file that is sent, held open, so that it is the same one throughout."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise _unreadable(path, error.strerror or str(error)) from None
        self._begun = os.fstat(self._descriptor)
        self.size = self._begun.st_size

    def __enter__(self) -> Self:
        try:
            if not stat.S_ISREG(self._begun.st_mode):
                raise _unreadable(self.path, "it is no regular file")
            if self.size == 0:
                raise _unreadable(self.path, "it is empty")
        except ClientError:
            os.close(self._descriptor)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def head_digest(self) -> str:
        """SHA-256 of the beginning."""
        return hashlib.sha256(self.read(0, HEAD_BYTES)).hexdigest()

    def digest(self) -> str:
        """SHA-256 of all of it."""
        found, place = hashlib.sha256(), 0
        while block := self.read(place, PIECE_BYTES):
            found.update(block)
            place += len(block)
        self.check_unchanged()
        return found.hexdigest()

    def read(self, place: int, count: int) -> bytes:
        """Up to ``count`` bytes from ``place`` on."""
        try:
            os.lseek(self._descriptor, place, os.SEEK_SET)
            return os.read(self._descriptor, count)
        except OSError as error:
            raise _unreadable(self.path, error.strerror or str(error)) from None

    def check_unchanged(self) -> None:
        """Sees that nobody wrote to it since it was opened."""
        now = os.fstat(self._descriptor)
        if (now.st_size, now.st_mtime_ns) != (self._begun.st_size, self._begun.st_mtime_ns):
            raise ClientError(
                f"“{self.path.name}” changed while it was sent; wait until whatever writes it is done, and try again.",
                "MEDIA_UNREADABLE",
                "FAILED_PRECONDITION",
            )


@dataclass(slots=True)
class _Transfer:
    """One file on its way, over as many calls as it takes."""

    connection: Connection
    source: _Source
    digest: str
    on_progress: OnProgress
    sent: int = 0

    def run(self) -> None:
        """Sends what the daemon lacks, until it has all of it."""
        import grpc

        reached, attempts = -1, 0
        while True:
            try:
                there = self._status()
                attempts = 0 if there.received > reached else attempts
                reached = max(reached, there.received)
                if there.complete and not self.sent:
                    return  # it was there already, so that there is nothing to tell
                self.on_progress(there.received, self.source.size)
                if there.complete:
                    return
                self._send(there.received)
            except grpc.RpcError as error:
                self.source.check_unchanged()
                attempts += 1
                if attempts > _patience(error):
                    raise failure(self.connection, error, f"“{self.source.path.name}” was being sent") from None
                time.sleep(min(_LONGEST_PAUSE, _PAUSE_SECONDS * 2 ** (attempts - 1)))
            else:
                return

    def _status(self) -> "StatusResponse":
        from sonique.v1.media_pb2 import StatusRequest

        return self.connection.media.Status(StatusRequest(sha256=self.digest), timeout=_STATUS_SECONDS)

    def _send(self, start: int) -> None:
        """Sends what follows ``start``; gRPC takes the pieces in a thread of its own, as fast as the daemon does."""
        self.sent = start
        stopped = threading.Event()
        call = self.connection.media.Upload.future(self._pieces(start, stopped))
        try:
            self._await(call)
        finally:
            stopped.set()
            call.cancel()
        self.source.check_unchanged()

    def _await(self, call: Any) -> None:
        import grpc

        while True:
            try:
                call.result(timeout=_TELL_SECONDS)
            except grpc.FutureTimeoutError:
                self.on_progress(self.sent, self.source.size)
            else:
                self.on_progress(self.source.size, self.source.size)
                return

    def _pieces(self, start: int, stopped: threading.Event) -> "Iterator[UploadRequest]":
        from sonique.v1.media_pb2 import UploadRequest

        place = start
        while place < self.source.size and not stopped.is_set():
            data = self.source.read(place, min(PIECE_BYTES, self.source.size - place))
            if not data:
                return
            yield UploadRequest(sha256=self.digest, size=self.source.size, offset=place, data=data)
            place += len(data)
            self.sent = place


def _patience(error: "grpc.RpcError") -> int:
    """How often in a row such a failure is worth another try."""
    if speaks_for_itself(error):
        return _REFUSALS if status_of(error) == "INVALID_ARGUMENT" else 0
    return _ATTEMPTS if status_of(error) in _BROKEN else 0


def _unreadable(path: Path, reason: str) -> ClientError:
    sentence = f"“{path.name}” cannot be sent: {reason[:1].lower()}{reason[1:].rstrip('.')}."
    return ClientError(sentence, "MEDIA_UNREADABLE", "FAILED_PRECONDITION")

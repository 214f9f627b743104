"""Fetching a take's file: whole, checked, and never over another file by accident."""

import hashlib
import os
import secrets
import stat
import time
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sonique_client.connection import Connection, calling, failure
from sonique_client.errors import CallFailed, ClientError, OutputExists, OutputUnwritable

if TYPE_CHECKING:
    from sonique.v1.take_pb2 import Take, TakeFile

_BLOCK = 2**20
_ATTEMPTS = 5
"""Times in a row that a transfer may break without bringing anything."""
_PAUSE_SECONDS = 0.1
"""Pause after the first break; it grows with each in a row."""


class Existing(Enum):
    """What becomes of a file that stands where one is to be written."""

    KEEP = "keep"
    """It stays, and ``OutputExists`` is raised."""
    REPLACE = "replace"
    """It is replaced at once by the finished new one."""


def fetch(connection: Connection, take: "Take", name: str, target: Path, existing: Existing = Existing.KEEP) -> Path:
    """Writes the take's file ``name`` ("mix", a stem, "score") to ``target``, and returns ``target``.

    On the daemon's own machine the file is copied from its store, else read over the connection: what a daemon
    elsewhere says of paths means nothing here. Its SHA-256 is checked; the file appears under its name only when it is
    whole and on the disk.

    Raises:
        CallFailed: the take has no such file, or it arrived damaged.
        OutputExists: ``target`` is there and ``existing`` says to keep it.
        OutputUnwritable: ``target`` cannot be written.
        DaemonGone: the daemon stopped.
    """
    file = _described(take, name)
    if existing is Existing.KEEP and os.path.lexists(target):
        raise _exists(target)
    part = target.with_name(f".sonique-{secrets.token_hex(6)}.part")  # short, for a name may be as long as a disk takes
    try:
        if not (connection.local and _copied(connection, take, file, part)):
            _read(connection, take, file, part)
        _place(part, target, existing)
    except OSError as error:
        raise OutputUnwritable(
            f"“{target}” cannot be written ({error.strerror or error}); choose another place."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def is_plain(name: str) -> bool:
    """Whether what a daemon calls a file leads nowhere when a path is made of it."""
    return name.isprintable() and not name.startswith(".") and not any(sign in name for sign in "/\\:")


def _described(take: "Take", name: str) -> "TakeFile":
    if not is_plain(name):  # whoever asks makes a file's name of it
        raise CallFailed(f"The daemon calls a file of the take “{name}”, which is no plain name.", "TAKE_NOT_FOUND")
    for file in take.files:
        if file.name == name:
            return file
    choices = ", ".join(file.name for file in take.files)
    raise CallFailed(f"The take has no file “{name}”; it has {choices}.", "TAKE_NOT_FOUND", "NOT_FOUND")


def _copied(connection: Connection, take: "Take", file: "TakeFile", part: Path) -> bool:
    """Copies from the store; False where this machine does not see it, or not as the take says it is."""
    from sonique.v1.takes_pb2 import LocateRequest

    wanted = LocateRequest(take_id=take.id, stem=file.name, format=file.format)
    with calling(connection, f"“{file.name}” was being fetched"):
        path = Path(connection.takes.Locate(wanted).path)
    try:
        source = _opened(path, file.size)
    except (OSError, ValueError):
        return False
    if source is None:
        return False
    with source:
        return _written(part, iter(lambda: source.read(_BLOCK), b"")) == file.sha256


def _opened(path: Path, size: int) -> BinaryIO | None:
    """The file at ``path``, open; None where it is no regular file of ``size`` bytes, and so not the take's."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size != size:
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")


def _read(connection: Connection, take: "Take", file: "TakeFile", part: Path) -> None:
    if _written(part, _chunks(connection, take, file)) != file.sha256:
        raise _damaged(file)


def _chunks(connection: Connection, take: "Take", file: "TakeFile") -> Iterator[bytes]:
    """The file's bytes over the connection; a broken transfer goes on where it broke."""
    import grpc
    from sonique.v1.takes_pb2 import ReadRequest

    place, attempts = 0, 0
    broken: ClientError
    while place < file.size:
        wanted = ReadRequest(take_id=take.id, stem=file.name, format=file.format, offset=place)
        try:
            for piece in connection.takes.Read(wanted):
                if piece.offset != place or place + len(piece.data) > file.size:
                    raise _damaged(file)
                place, attempts = place + len(piece.data), 0
                yield piece.data
        except grpc.RpcError as error:
            broken = failure(connection, error, f"“{file.name}” was being fetched")
            if broken.status != "UNAVAILABLE" or not connection.daemon_lives:
                raise broken from None
        else:
            broken = _damaged(file)
        attempts += 1
        if place < file.size:
            if attempts > _ATTEMPTS:
                raise broken
            time.sleep(_PAUSE_SECONDS * attempts)


def _damaged(file: "TakeFile") -> CallFailed:
    return CallFailed(f"“{file.name}” arrived damaged; fetch it again.", "DAMAGED", "DATA_LOSS")


def _written(part: Path, blocks: Iterator[bytes]) -> str:
    """Writes the blocks through to the disk, in place of what ``part`` may hold; returns their SHA-256."""
    digest = hashlib.sha256()
    with part.open("wb") as out:
        for block in blocks:
            out.write(block)
            digest.update(block)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _place(part: Path, target: Path, existing: Existing) -> None:
    """Gives the finished file its name; where another must be kept, in a way that cannot replace it."""
    if existing is Existing.REPLACE:
        part.replace(target)
        return
    try:
        os.link(part, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise _exists(target) from None
        part.rename(target)


def _exists(target: Path) -> OutputExists:
    return OutputExists(f"“{target}” exists already; choose another name, or ask to replace it.")

"""Uploads: media files that a client sends, each named by its SHA-256, kept in the store's folder ``uploads``.

Every byte that was taken in is in the file at once, so that a daemon that is killed loses nothing of an upload: the
next one goes on from the file's end. A file gets its final name only once its digest was right and it is on the disk.
"""

import asyncio
import errno
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sonique_daemon.errors import InvalidRequest, LimitExceeded, StoreFull

LARGEST = 64 * 2**30
"""Bytes of the largest file."""
PIECE_LIMIT = 2**20
"""Bytes of the largest piece."""
PAUSE_LIMIT = 60.0
"""Seconds that a client may send nothing before the upload is ended, so that another may go on with it."""
_BLOCK = 2**20

Result = TypeVar("Result")


class _Silence(Exception):
    """A client sent nothing for too long; its text says so, and what came is kept."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file, and where it begins."""

    offset: int
    data: bytes


class Uploads:
    """A folder of uploads: ``SHA256`` is a finished file, ``SHA256.part`` one that is still coming.

    Args:
        folder: where they lie; made where it is missing.
        pause_limit: seconds that a client may send nothing.
    """

    def __init__(self, folder: Path, pause_limit: float = PAUSE_LIMIT) -> None:
        self._folder = folder
        self._pause_limit = pause_limit
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def received(self, sha256: str) -> tuple[int, bool]:
        """How many bytes are there, and whether that is all of them and their digest was right.

        To ask after a file counts as its latest use (its time of access): whoever asks is about to name it in a
        timeline. Its time of change stays, by which a later run knows it for the same file.
        """
        for path, complete in ((self._folder / sha256, True), (self._part(sha256), False)):
            try:
                found = path.stat()
                os.utime(path, ns=(time.time_ns(), found.st_mtime_ns))
            except OSError:
                continue
            return found.st_size, complete
        return 0, False

    async def take(self, sha256: str, size: int, pieces: AsyncIterator[Piece]) -> None:
        """Takes in the file ``sha256`` of ``size`` bytes, from where it broke off.

        Where the pieces merely stop, what came is kept, and a later call goes on from there.

        Raises:
            InvalidRequest: a piece at a wrong offset, or beyond the size, or too few of them, or a wrong digest.
            LimitExceeded: the file or a piece is too large.
            StoreFull: the disk is full.
        """
        _check_size(size)
        async with self._alone(sha256):
            received, complete = await _on_disk(partial(self.received, sha256))
            if complete or received > size:
                _check_same(received, size)
                return
            await _on_disk(partial(self._make_room, size - received))
            await self._append(sha256, size, pieces)

    async def _append(self, sha256: str, size: int, pieces: AsyncIterator[Piece]) -> None:
        part = await _on_disk(partial(_Part, self._part(sha256)))
        with part:
            await _on_disk(part.weigh)
            start = part.size
            try:
                await self._receive(part, size, pieces)
            except _Silence as silence:
                raise InvalidRequest(str(silence)) from None
            except (InvalidRequest, LimitExceeded):
                await _on_disk(partial(part.cut, start))
                raise
            if part.size < size:
                raise InvalidRequest(f"The upload ended at byte {part.size} of {size}; go on from there.")
            await _on_disk(part.sync)
            if part.digest != sha256:
                part.path.unlink(missing_ok=True)
                raise InvalidRequest(
                    "The uploaded bytes do not have the digest that was announced; send the file again."
                )
        await _on_disk(partial(self._finish, sha256))

    async def _receive(self, part: "_Part", size: int, pieces: AsyncIterator[Piece]) -> None:
        """Takes in the pieces; each is written while the next one comes."""
        source, place = aiter(pieces), part.size
        writing = _begun(_nothing)
        try:
            while (piece := await self._next(source, place, size)) is not None:
                _check_piece(piece, place, size)
                place += len(piece.data)
                await _settled(writing)
                writing = _begun(partial(part.add, piece.data))
        finally:
            await _settled(writing)

    async def _next(self, pieces: AsyncIterator[Piece], place: int, size: int) -> Piece | None:
        """The next piece, or None after the last."""
        try:
            async with asyncio.timeout(self._pause_limit):
                return await anext(pieces, None)
        except TimeoutError:
            sentence = f"Nothing came for {self._pause_limit:g} s at byte {place} of {size}; go on from there."
            raise _Silence(sentence) from None

    def _finish(self, sha256: str) -> None:
        self._part(sha256).replace(self._folder / sha256)
        _sync_folder(self._folder)

    def _part(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"

    def _make_room(self, missing: int) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self._folder).free
        if missing > free:
            raise StoreFull(f"The upload needs {missing} bytes more, but the disk of the store has {free}; make room.")

    def _alone(self, sha256: str) -> "_Turn":
        return _Turn(self._locks, sha256)


class _Part:
    """A file that is still coming, open at its end; what is added is written through, and weighed as it comes."""

    def __init__(self, path: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self.path = path
        self.size = 0
        self._file = os.open(path, flags, 0o600)
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """SHA-256 of what is there."""
        return self._digest.hexdigest()

    def weigh(self) -> None:
        """Takes in what is there already."""
        while block := os.read(self._file, _BLOCK):
            self._digest.update(block)
            self.size += len(block)

    def add(self, data: bytes) -> None:
        """Writes ``data`` at the end."""
        rest = memoryview(data)
        while rest:
            written = os.write(self._file, rest)
            self._digest.update(rest[:written])
            self.size += written
            rest = rest[written:]

    def cut(self, size: int) -> None:
        """Takes back what came after ``size``; nothing can be added then."""
        os.ftruncate(self._file, size)

    def sync(self) -> None:
        """Brings it to the disk."""
        os.fsync(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


class _Turn:
    """One upload of a file at a time; the next waits, and finds what the one before it brought."""

    def __init__(self, locks: dict[str, tuple[asyncio.Lock, int]], key: str) -> None:
        self._locks, self._key = locks, key

    async def __aenter__(self) -> None:
        lock, users = self._locks.get(self._key, (asyncio.Lock(), 0))
        self._locks[self._key] = (lock, users + 1)
        try:
            await lock.acquire()
        except asyncio.CancelledError:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._locks[self._key][0].release()
        self._leave()

    def _leave(self) -> None:
        lock, users = self._locks.pop(self._key)
        if users > 1:
            self._locks[self._key] = (lock, users - 1)


async def _on_disk(action: Callable[[], Result]) -> Result:
    """What ``action`` returns, run beside the event loop; a full disk becomes ``StoreFull``."""
    return await _settled(_begun(action))


def _begun(action: Callable[[], Result]) -> "asyncio.Future[Result]":
    """``action`` on its way in a thread."""
    return asyncio.get_running_loop().run_in_executor(None, action)


async def _settled(work: "asyncio.Future[Result]") -> Result:
    """What ``work`` brings; may be asked for again.

    It is waited for even where the call is cancelled meanwhile, so that no file is closed under a thread that writes.
    """
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise StoreFull("The disk of the store is full or cannot be written; make room and go on.") from None
        raise


def _nothing() -> None:
    """For a beginning at which there is nothing to wait for."""


def _check_piece(piece: Piece, place: int, size: int) -> None:
    if len(piece.data) > PIECE_LIMIT:
        raise LimitExceeded(f"A piece has {len(piece.data)} bytes; at most {PIECE_LIMIT} (1 MiB) are taken.")
    if piece.offset != place:
        raise InvalidRequest(f"A piece begins at byte {piece.offset}, but the daemon has {place}; go on from there.")
    if place + len(piece.data) > size:
        raise InvalidRequest(f"The upload goes on past byte {size}, its announced size.")


def _sync_folder(folder: Path) -> None:
    """Brings the folder's names to the disk, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_size(size: int) -> None:
    if size <= 0:
        raise InvalidRequest(f"The size of the upload is {size}; it must be the file's size in bytes.")
    if size > LARGEST:
        raise LimitExceeded(f"The file has {size} bytes; at most {LARGEST} (64 GiB) are taken.")


def _check_same(received: int, size: int) -> None:
    if received != size:
        raise InvalidRequest(f"Of that file {received} bytes are there, and not {size} in all; check the size.")

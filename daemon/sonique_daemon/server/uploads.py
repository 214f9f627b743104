"""Uploads: media files that a client sends, each named by its SHA-256, kept in the store's folder ``uploads``."""

import asyncio
import errno
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from io import BufferedRandom
from pathlib import Path
from typing import TypeVar

from sonique_daemon.errors import InvalidRequest, LimitExceeded, StoreFull

LARGEST = 64 * 2**30
"""Bytes of the largest file."""
PIECE_LIMIT = 2**20
"""Bytes of the largest piece."""
_BLOCK = 2**20

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file, and where it begins."""

    offset: int
    data: bytes


class Uploads:
    """A folder of uploads: ``SHA256`` is a finished file, ``SHA256.part`` one that is still coming."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def received(self, sha256: str) -> tuple[int, bool]:
        """How many bytes are there, and whether that is all of them and their digest was right."""
        for path, complete in ((self._folder / sha256, True), (self._part(sha256), False)):
            try:
                return path.stat().st_size, complete
            except FileNotFoundError:
                continue
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
            received, complete = self.received(sha256)
            if complete:
                _check_same(received, size)
                return
            await _on_disk(lambda: self._make_room(size - received))
            await self._append(sha256, size, pieces)

    async def _append(self, sha256: str, size: int, pieces: AsyncIterator[Piece]) -> None:
        part = self._part(sha256)
        with await _on_disk(lambda: _open(part)) as file:
            digest = await _on_disk(lambda: _digest(file))
            start = file.tell()
            try:
                await _receive(file, size, pieces, digest.update)
            except (InvalidRequest, LimitExceeded):
                file.truncate(start)
                raise
            if file.tell() < size:
                raise InvalidRequest(f"The upload ended at byte {file.tell()} of {size}; go on from there.")
            await _on_disk(lambda: _sync(file))
        if digest.hexdigest() != sha256:
            part.unlink()
            raise InvalidRequest("The uploaded bytes do not have the digest that was announced; send the file again.")
        part.replace(self._folder / sha256)

    def _part(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"

    def _make_room(self, missing: int) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self._folder).free
        if missing > free:
            raise StoreFull(f"The upload needs {missing} bytes more, but the disk of the store has {free}; make room.")

    def _alone(self, sha256: str) -> "_Turn":
        return _Turn(self._locks, sha256)


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


async def _receive(
    file: BufferedRandom, size: int, pieces: AsyncIterator[Piece], note: Callable[[bytes], None]
) -> None:
    place = file.tell()
    async for piece in pieces:
        if len(piece.data) > PIECE_LIMIT:
            raise LimitExceeded(f"A piece has {len(piece.data)} bytes; at most {PIECE_LIMIT} (1 MiB) are taken.")
        if piece.offset != place:
            raise InvalidRequest(
                f"A piece begins at byte {piece.offset}, but the daemon has {place}; go on from there."
            )
        place += len(piece.data)
        if place > size:
            raise InvalidRequest(f"The upload goes on past byte {size}, its announced size.")
        await _on_disk(partial(file.write, piece.data))
        note(piece.data)


async def _on_disk(action: Callable[[], Result]) -> Result:
    """What ``action`` returns, run beside the event loop; a full disk becomes ``StoreFull``."""
    work: Awaitable[Result] = asyncio.to_thread(action)
    try:
        return await work
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise StoreFull("The disk of the store is full or cannot be written; make room and go on.") from None
        raise


def _open(part: Path) -> BufferedRandom:
    return os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600), "r+b")


def _digest(file: BufferedRandom) -> "hashlib._Hash":
    """The digest of what is there, with the file left at its end."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest


def _sync(file: BufferedRandom) -> None:
    file.flush()
    os.fsync(file.fileno())


def _check_size(size: int) -> None:
    if size <= 0:
        raise InvalidRequest(f"The size of the upload is {size}; it must be the file's size in bytes.")
    if size > LARGEST:
        raise LimitExceeded(f"The file has {size} bytes; at most {LARGEST} (64 GiB) are taken.")


def _check_same(received: int, size: int) -> None:
    if received != size:
        raise InvalidRequest(f"The file of that digest has {received} bytes and not {size}; check the size.")

"""The reserve: room kept back on the disk, so that a full one can still be told of and cleared."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from sonique_daemon.errors import StoreFull

Result = TypeVar("Result")

_BYTES = 512 * 1024
"""Room for the last events of many jobs, and for the pages that a large deletion touches."""

_BLOCK = 16 * 1024


class Reserve:
    """A file that is there only to be removed when nothing else can be written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._whole = file.exists() and file.stat().st_size == _BYTES

    def insist(self, work: Callable[[], Result]) -> Result:
        """What ``work`` returns; where the disk is full for it, it is tried once more with the reserve spent."""
        try:
            return work()
        except StoreFull:
            with self.spent():
                return work()

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Gives the room free for what the block writes, and takes it back where that is possible."""
        self._file.unlink(missing_ok=True)
        self._whole = False
        try:
            yield
        finally:
            self.restore()

    def restore(self) -> None:
        """Takes the room where it is not held; on a disk that has less, what there is."""
        if not self._whole:
            with suppress(OSError):
                self._write()

    def _write(self) -> None:
        """Writes what no file system can make smaller."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(self._file, flags, 0o600), "wb", buffering=0) as file:
            for _ in range(_BYTES // _BLOCK):
                file.write(os.urandom(_BLOCK))
        self._whole = self._file.stat().st_size == _BYTES

"""Files that appear whole or not at all: written under a temporary name, flushed to disk, then renamed.

While one file is flushed and hashed the next is made, for a disk makes a processor wait.
"""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sonique_daemon.errors import StoreFull

_HASH_BLOCK = 1 << 20


class Filing:
    """The files of one take on their way into its folder; see ``filing``."""

    def __init__(self, folder: Path, helpers: Executor) -> None:
        self._folder = folder
        self._helpers = helpers
        self._flushed: list[Future[None]] = []
        self._hashed: dict[str, Future[tuple[int, str]]] = {}
        self._begun: list[Path] = []
        self._placed: list[Path] = []

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """A new file that will stand in the folder as ``name`` once all are placed."""
        path = self._temporary(name)
        with path.open("xb") as file:
            self._begun.append(path)
            yield file
            file.flush()
        self._flushed.append(self._helpers.submit(_flush, path))
        self._hashed[name] = self._helpers.submit(hashed, path)

    def digest(self, name: str) -> tuple[int, str]:
        """Size in bytes and SHA-256 of the file ``name``, read back as it was written."""
        return self._hashed[name].result()

    def place(self) -> None:
        """Gives every file its name, once all are on the disk."""
        for flushed in self._flushed:
            flushed.result()
        for path in list(self._begun):
            target = self._folder / path.name.removesuffix(".part")
            if target.exists():
                raise FileExistsError(17, "a file of that name is there already", str(target))
            path.rename(target)
            self._begun.remove(path)
            self._placed.append(target)
        self._flush_folder()

    def discard(self) -> None:
        """Removes all that was written."""
        for path in (*self._begun, *self._placed):
            path.unlink(missing_ok=True)

    def _temporary(self, name: str) -> Path:
        return self._folder / f"{name}.part"

    def _flush_folder(self) -> None:
        """Makes the names durable, where the system lets a folder be flushed."""
        if os.name != "posix":
            return
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _flush(path: Path) -> None:
    """Waits until the file is on the disk; systems flush by file, and some only one that is open for writing."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def hashed(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 of the file at ``path``."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
        return file.tell(), digest.hexdigest()


@contextmanager
def filing(folder: Path) -> Iterator[Filing]:
    """Files for ``folder`` that are placed when the block ends well, and of which nothing is left where it does not.

    Raises:
        StoreFull: the folder cannot be written, or the disk is full.
    """
    helpers = ThreadPoolExecutor(2, "filing")
    files = Filing(folder, helpers)
    try:
        with helpers:
            yield files
            files.place()
    except OSError as error:
        files.discard()
        raise StoreFull(
            f"The music cannot be written to “{folder}”: {error.strerror or error}; "
            "free some space there, or give the store another folder, and ask again."
        ) from error
    except BaseException:
        files.discard()
        raise

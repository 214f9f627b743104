"""Proxies that were made before, kept in the user's cache folder; those that were used longest ago go first."""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sonique_sending.proxy import Part

LIMIT_BYTES = 2 * 10**9
"""What the folder may hold."""

_MAKING = 1
"""Number of the way in which proxies are made; another one makes them all anew."""
_UNFINISHED = ".part"
_ABANDONED_SECONDS = 86_400.0


def cache_folder() -> Path:
    """Where the user's proxies lie."""
    from platformdirs import user_cache_path

    return user_cache_path("sonique", appauthor=False) / "proxies"


def key_of(files: Sequence[Path], part: Part) -> str:
    """What tells a proxy: the files it comes from, as they are now, and the part of them.

    Raises:
        OSError: a file is gone.
    """
    whole = hashlib.sha256(f"{_MAKING}\0{part.start}\0{part.end}".encode())
    for path in files:
        found = path.stat()
        name = str(path.resolve()).encode("utf-8", "surrogateescape")
        whole.update(b"\0%b\0%d\0%d" % (name, found.st_size, found.st_mtime_ns))
    return whole.hexdigest()


class ProxyCache:
    """A folder of proxies.

    Args:
        folder: where they lie; made where it is missing.
        limit: bytes that it may hold.
    """

    def __init__(self, folder: Path, limit: int = LIMIT_BYTES) -> None:
        self._folder, self._limit = folder, limit
        self._used: set[str] = set()

    def get(self, key: str, make: Callable[[Path], None]) -> Path:
        """The proxy of that key; where there is none, ``make`` writes it, and it appears only when it is whole.

        Raises:
            OSError: the folder cannot be written.
        """
        path = self._folder / key
        self._used.add(key)
        try:
            os.utime(path)
        except OSError:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make(path, make)
            self.prune()
        return path

    def prune(self) -> None:
        """Removes what was used longest ago until the rest fits, but nothing that this run uses."""
        kept = 0
        for used, size, path in sorted(self._files(), reverse=True):
            if path.suffix == _UNFINISHED:
                if used < time.time() - _ABANDONED_SECONDS:
                    path.unlink(missing_ok=True)
                continue
            kept += size
            if kept > self._limit and path.name not in self._used:
                path.unlink(missing_ok=True)
                kept -= size

    def _make(self, path: Path, make: Callable[[Path], None]) -> None:
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_UNFINISHED}")
        try:
            make(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self._folder.iterdir():
            try:
                status = path.stat()
            except OSError:
                continue
            found.append((status.st_mtime, status.st_size, path))
        return found

"""The shelf: finished audio files, each standing under its SHA-256, whole or not at all."""

import os
import re
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock

from sonique_daemon.domain.take import FileKind
from sonique_daemon.jobs.store.folders import listed
from sonique_daemon.stages.cache import audio_name

_HELD_SECONDS = 3600.0
"""How long a file is held for a job that took it up and has not put its take into the log yet."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"([0-9a-f]{64})\.(?:wav|mid)")


class Shelf:
    """The audio folder. Safe to use from any thread.

    A file is *held* from when a job brought or found it until the job's take stands in the log; nothing removes it
    meanwhile, whatever else is deleted. A hold that a broken-off job left behind ends by itself.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
        self._holds: dict[str, list[float]] = {}
        self._lock = Lock()

    def path(self, sha256: str, kind: FileKind) -> Path:
        """Where the file of that digest and kind stands, if it does."""
        return self._folder / audio_name(checked(sha256), kind)

    def size(self, sha256: str, kind: FileKind) -> int | None:
        """Bytes of the file; None where it is not there."""
        try:
            found = self.path(sha256, kind).stat()
        except OSError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def has(self, sha256: str) -> bool:
        """Whether the file is there, of whichever kind."""
        return any(self.size(sha256, kind) is not None for kind in FileKind)

    def sizes(self) -> dict[str, int]:
        """Bytes of every file by its digest."""
        named = ((_NAME.fullmatch(name), found.st_size) for name, found in listed(self._folder).items())
        return {match[1]: size for match, size in named if match}

    def admit(self, file: Path, kind: FileKind, sha256: str) -> Path:
        """Moves a finished file here and holds it; where the same content is there already, ``file`` is dropped."""
        target = self.path(sha256, kind)
        _flush(file)
        size = file.stat().st_size
        with self._lock:
            if self.size(sha256, kind) == size:
                file.unlink()
            else:
                file.replace(target)
            self._hold(sha256)
        _flush(self._folder)
        return target

    def hold(self, digests: Iterable[str]) -> None:
        """Holds the files for a job that needs them."""
        with self._lock:
            for sha256 in digests:
                self._hold(sha256)

    def let_go(self, digests: Iterable[str]) -> None:
        """Ends one hold of each file."""
        with self._lock:
            for sha256 in digests:
                holds = self._holds.get(sha256, [])
                if holds:
                    holds.pop()
                if not holds:
                    self._holds.pop(sha256, None)

    def held(self) -> frozenset[str]:
        """The files that are held now."""
        with self._lock:
            return frozenset(sha256 for sha256 in list(self._holds) if self._is_held(sha256))

    def remove(self, digests: Iterable[str], needed: Callable[[str], bool]) -> None:
        """Removes those files that neither are held nor ``needed``, which is asked while none can be taken up."""
        for sha256 in digests:
            with self._lock:
                if not self._is_held(sha256) and not needed(sha256):
                    self._unlink(sha256)

    def _hold(self, sha256: str) -> None:
        self._holds.setdefault(sha256, []).append(self._clock() + _HELD_SECONDS)

    def _is_held(self, sha256: str) -> bool:
        now = self._clock()
        holds = [end for end in self._holds.get(sha256, ()) if end > now]
        if holds:
            self._holds[sha256] = holds
        else:
            self._holds.pop(sha256, None)
        return bool(holds)

    def _unlink(self, sha256: str) -> None:
        for kind in FileKind:
            with suppress(OSError):  # it is gone, or another program reads it on a system that then keeps it
                self.path(sha256, kind).unlink()


def checked(sha256: str) -> str:
    """The digest itself; raises ``ValueError`` where it is none and might lead elsewhere as a name."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"“{sha256[:80]}” is no SHA-256.")
    return sha256


def _flush(path: Path) -> None:
    """Sees ``path`` safely onto the disk; a folder only where the system lets it be flushed."""
    if os.name != "posix":
        return  # files were flushed by who wrote them
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

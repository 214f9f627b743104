"""Uploads as files: which are there, which are needed, and when each was last used."""

import os
import re
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sonique_daemon.jobs.store.folders import listed

PART = ".part"
"""Suffix of an upload that is not whole."""

_ARRIVING_SECONDS = 600.0
"""An upload that is not whole and grew within this time is still on its way."""

_NAMED = re.compile(rb"sonique-upload:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of the uploads folder: its name, bytes, and when it was last used in seconds since 1970."""

    name: str
    size: int
    used: float

    @property
    def arriving(self) -> bool:
        """Whether someone seems to be sending it now."""
        return self.name.endswith(PART) and time.time() - self.used < _ARRIVING_SECONDS


def uploads_in(folder: Path) -> tuple[Upload, ...]:
    """All files there, finished or not, in order of name."""
    files = sorted(listed(folder).items())
    return tuple(Upload(name, found.st_size, max(found.st_atime, found.st_mtime)) for name, found in files)


def named_in(request: bytes) -> frozenset[str]:
    """Digests of the uploads that an encoded request names."""
    return frozenset(digest.decode() for digest in _NAMED.findall(request))


def needed_uploads(connection: sqlite3.Connection) -> frozenset[str]:
    """Digests of the uploads that unfinished jobs name."""
    rows = connection.execute("SELECT request FROM requests")
    return frozenset(digest for (request,) in rows for digest in named_in(request))


def touch(folder: Path, request: bytes) -> None:
    """Notes that the uploads which ``request`` names were used now."""
    for digest in named_in(request):
        with suppress(OSError):
            path = folder / digest
            # The time of change stays: it is part of what tells one version of a medium from another.
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))

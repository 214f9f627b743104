"""Sight: whether a file that a client has is one that the daemon sees as well."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sonique_daemon.errors import MediaNotFound, PathRefused
from sonique_daemon.timeline.roots import Roots

HEAD_BYTES = 64 * 2**10
"""How much of a file's beginning tells it from others."""
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)  # the path is resolved: a link there was put in its place since
    | getattr(os, "O_NONBLOCK", 0)  # so was a pipe
    | getattr(os, "O_BINARY", 0)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file as a client knows it: its absolute path, its size in bytes, and SHA-256 of its first 64 KiB in hex."""

    path: str
    size: int
    head_sha256: str


def sees(roots: Roots, wanted: Wanted) -> bool:
    """Whether a file of that path, size and beginning may be opened under ``roots``; no tells nothing of why."""
    path = Path(wanted.path)
    if not path.is_absolute():
        return False
    try:
        resolved = roots.check(path)
        with os.fdopen(os.open(resolved, _FLAGS), "rb") as file:
            found = os.fstat(file.fileno())
            same_size = stat.S_ISREG(found.st_mode) and found.st_size == wanted.size
            return same_size and hashlib.sha256(file.read(HEAD_BYTES)).hexdigest() == wanted.head_sha256
    except (MediaNotFound, PathRefused, OSError, ValueError):
        return False

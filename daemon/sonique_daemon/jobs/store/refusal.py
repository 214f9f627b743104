"""What the disk refuses, told as one sentence."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sonique_daemon.errors import StoreFull

_DISK = frozenset(
    {errno.ENOSPC, errno.EROFS, errno.EFBIG, errno.EIO, errno.EACCES, errno.EPERM, getattr(errno, "EDQUOT", -1)}
)
_DATABASE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})


@contextmanager
def refusals(folder: Path) -> Iterator[None]:
    """Turns what a full or unwritable disk raises inside the block into ``StoreFull`` for the store ``folder``."""
    try:
        yield
    except OSError as error:
        if error.errno not in _DISK:
            raise
        raise _full(folder, error.strerror or str(error)) from error
    except sqlite3.OperationalError as error:
        if primary_code(error) not in _DATABASE:
            raise
        raise _full(folder, str(error)) from error


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code of ``error``; 0 where it carries none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _full(folder: Path, reason: str) -> StoreFull:
    return StoreFull(
        f"The store “{folder}” is full or cannot be written ({reason}); make room there, or clear some with "
        "`sonique prune`, and try again."
    )

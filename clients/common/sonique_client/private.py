"""Private files: read only where nobody but this user can have written or read them."""

import os
import stat
import sys
from pathlib import Path

OPEN = "is open to others"
"""What ``NotPrivate`` says of a file or folder whose mode lets others in."""

_LONGEST = 2**16


class NotPrivate(Exception):
    """A file or folder that is not this user's alone; its text says what is wrong, to follow the file's name."""


def read_private(path: Path) -> str:
    """The text of the file at ``path``, at most 64 KiB of it.

    Raises:
        NotPrivate: it is no regular file, another user's, or others can read it.
        OSError: it cannot be read.
        ValueError: it is no UTF-8 text.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise NotPrivate("is no regular file")
        _check(found)
        return file.read(_LONGEST).decode("utf-8")


def check_private_folder(folder: Path) -> None:
    """Sees that ``folder`` is a folder of this user's, and closed to others.

    Raises:
        NotPrivate: it is a link or no folder, another user's, or open to others.
        OSError: it is not there, or cannot be looked at.
    """
    found = folder.stat(follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        raise NotPrivate("is a symbolic link")
    if not stat.S_ISDIR(found.st_mode):
        raise NotPrivate("is no folder")
    _check(found)


def _check(found: os.stat_result) -> None:
    if sys.platform == "win32":  # its modes say nothing; the user's own folders are closed to others there
        return
    if found.st_uid != os.getuid():
        raise NotPrivate("belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise NotPrivate(OPEN)

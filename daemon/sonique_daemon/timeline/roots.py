"""Roots: the folders under which media may be opened, and the check that every path passes."""

import os
import stat
import string
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sonique_daemon.errors import MediaNotFound, PathRefused

_MOUNTS = ("/media", "/mnt", "/Volumes", "/run/media")
_SYSTEM = ("/proc", "/sys", "/dev")


@dataclass(frozen=True, slots=True)
class Roots:
    """Where media may be opened.

    A path is allowed only where it is, symbolic links resolved, a regular file under one of ``allowed``. ``/proc``,
    ``/sys``, ``/dev`` and network paths are refused whatever the roots say.

    Attributes:
        allowed: absolute folders.
    """

    allowed: tuple[Path, ...]

    @classmethod
    def default(cls) -> Self:
        """The user's home and the mounted volumes (on Windows every drive).

        A home that is the whole disk, as a user without one of his own has it in a container, is left out.
        """
        if sys.platform == "win32":
            drives = (Path(f"{letter}:\\") for letter in string.ascii_uppercase)
            return cls((Path.home(), *(drive for drive in drives if drive.exists())))
        homes = (home for home in (Path.home(),) if home != home.parent)
        return cls((*homes, *(Path(mount) for mount in _MOUNTS)))

    def including(self, folders: Iterable[str | Path]) -> Self:
        """These roots and the absolute ``folders`` besides; empty and relative names are left out."""
        more = (Path(folder) for folder in folders if str(folder) and Path(folder).is_absolute())
        return type(self)(tuple(dict.fromkeys((*self.allowed, *more))))

    def check(self, path: Path) -> Path:
        """``path`` resolved, where it may be opened.

        Raises:
            MediaNotFound: nothing is there.
            PathRefused: it lies outside the roots, or is no regular file.
        """
        if is_network(str(path)):
            raise PathRefused(f"“{path}” is a network path; copy the file to a local disk or mount the share.")
        try:
            resolved = path.resolve(strict=True)
            mode = resolved.stat().st_mode
        except PermissionError:
            raise PathRefused(f"“{path}” may not be read by this user; change its permissions.") from None
        except (OSError, ValueError, RuntimeError):
            raise MediaNotFound(f"“{_printable(path)}” is not there; relink it or pass --media-root.") from None
        if not self._hold(resolved):
            raise PathRefused(f"“{path}” lies outside the folders that may be read; pass its folder with --media-root.")
        if not stat.S_ISREG(mode):
            raise PathRefused(f"“{path}” is {_kind(mode)} and no file; name a media file.")
        return resolved

    def check_folder(self, path: Path) -> Path:
        """The folder at ``path`` resolved, where it may be read; raises ``PathRefused``."""
        resolved = None if is_network(str(path)) else _resolved(path)
        if resolved is None or not resolved.is_dir() or not self._hold(resolved):
            raise PathRefused(f"“{path}” lies outside the folders that may be read; pass one above with --media-root.")
        return resolved

    def _hold(self, resolved: Path) -> bool:
        if is_system(resolved):
            return False
        roots = (root for each in self.allowed if (root := _resolved(each)) is not None)
        return any(resolved.is_relative_to(root) for root in roots)


def is_network(path: str) -> bool:
    r"""Whether ``path`` names another computer (``\\server\share``, ``//server/share``) or a device of Windows."""
    return path.startswith(("\\\\", "//"))


def is_system(path: Path) -> bool:
    """Whether ``path``, symbolic links resolved, lies where the system shows its own state and devices."""
    if os.name != "posix":
        return False
    resolved = path.resolve()
    return any(resolved.is_relative_to(system) for system in _SYSTEM)


def _resolved(folder: Path) -> Path | None:
    """``folder``, symbolic links resolved; None where they lead round in a circle."""
    try:
        return folder.resolve()
    except (OSError, RuntimeError):
        return None


def _printable(path: Path) -> str:
    return str(path).replace("\x00", "\\0")


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a device or socket"

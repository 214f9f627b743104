"""The runtime folder of a daemon: the lock that keeps it alone, its runtime file and its socket."""

import os
import secrets
import stat
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from sonique.runtime_file import RuntimeFile, lock_path

_SOCKET_PATH_LIMIT = 100
"""Bytes; the systems' own limits begin at 104."""

_LOCK_SECONDS, _LOCK_LOOK = 0.3, 0.02
"""How long the lock is tried for, and how often: a client that asks whether a daemon lives holds it for a moment."""


class AlreadyRunning(Exception):
    """Another daemon holds the runtime folder."""


class FolderRefused(Exception):
    """The runtime folder is not this user's own."""


class RuntimeFolder:
    """A folder for this user alone, held by one daemon; a context manager that lets go and leaves it clean.

    Raises:
        AlreadyRunning: another daemon holds it.
        FolderRefused: it belongs to someone else, or is no folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = -1

    @property
    def socket(self) -> Path | None:
        """Where the Unix socket stands; None where the platform or the path's length does not allow one."""
        path = self._folder / "daemon.sock"
        fits = len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT
        return path if sys.platform != "win32" and fits else None

    def write(self, runtime: RuntimeFile) -> None:
        """Writes the runtime file, whole or not at all."""
        part = self._folder / f".daemon.{secrets.token_hex(6)}.json"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(part, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(runtime.to_json())
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._file)

    def keep(self, runtime: RuntimeFile) -> None:
        """Writes the runtime file again where something else stands there, or nothing.

        A cleaner of temporary files, or a hand that slips, would else leave a daemon that nobody finds, and that lets
        no other start. Where the lock file is gone too, another one may have started, and what stands there is left.
        """
        if self._holds() and self._text() != runtime.to_json():
            self.write(runtime)

    def clear(self) -> None:
        """Removes the runtime file and the socket, those of a daemon that was killed included."""
        self._file.unlink(missing_ok=True)
        if self.socket is not None:
            self.socket.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        _own(self._folder)
        self._lock = os.open(lock_path(self._folder), os.O_RDWR | os.O_CREAT, 0o600)
        if not _locked(self._lock):
            os.close(self._lock)
            raise AlreadyRunning(self._sentence())
        self.clear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
        os.close(self._lock)

    @property
    def _file(self) -> Path:
        return self._folder / "daemon.json"

    def _holds(self) -> bool:
        """Whether the lock that this daemon took is the one that others look at."""
        try:
            return os.path.samestat(os.fstat(self._lock), lock_path(self._folder).stat())
        except OSError:
            return False

    def _text(self) -> str:
        """What stands in the runtime file; empty where that cannot be read."""
        try:
            return self._file.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def _sentence(self) -> str:
        try:
            who = f"process {RuntimeFile.from_json(self._text()).pid}"
        except ValueError:
            who = "still starting"
        return f"A Sonique daemon runs already ({who}); use it, or stop it first."


def _own(folder: Path) -> None:
    """Makes the folder, and sees to it that it is this user's alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat(follow_symlinks=False)
    except OSError as error:
        raise FolderRefused(f"The runtime folder “{folder}” cannot be used: {error.strerror}.") from None
    if not stat.S_ISDIR(found.st_mode):
        raise FolderRefused(f"The runtime folder “{folder}” is no folder; name another with SONIQUE_RUNTIME_DIR.")
    if sys.platform == "win32":
        return
    if found.st_uid != os.getuid():
        raise FolderRefused(f"The runtime folder “{folder}” is another user's; name one with SONIQUE_RUNTIME_DIR.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def _locked(descriptor: int) -> bool:
    """Whether the lock could be taken; it is let go when the process ends, however that comes."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            _lock(descriptor)
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOCK_LOOK)
        else:
            return True


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        """Takes the lock, or raises ``OSError``."""
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:

    def _lock(descriptor: int) -> None:
        """Takes the lock, or raises ``OSError``."""
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

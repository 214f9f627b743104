"""The lock that keeps a store to one process; the system lets it go when the process ends, however that comes."""

import os
import sys
from pathlib import Path

from sonique_daemon.jobs.store.values import StoreLocked


class StoreLock:
    """Holds a lock file until ``release``.

    Raises:
        StoreLocked: another process, or another store of this one, holds it.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._descriptor)
        except OSError:
            self.release()
            raise StoreLocked(
                f"The store “{file.parent}” is in use by another Sonique daemon; stop that one, or name another folder."
            ) from None

    def release(self) -> None:
        """Lets go; does nothing the second time."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:

    def _lock(descriptor: int) -> None:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

"""The orphanage: processes that a killed daemon leaves come to this one, so that none is overlooked."""

import ctypes
import os
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_GRACE_SECONDS = 5.0


class Orphanage:
    """Takes in children of processes that were ended (Linux); a context manager."""

    def __init__(self) -> None:
        self._before: set[int] = set()

    def __enter__(self) -> Self:
        self._become(1)
        self._before = {process.pid for process in psutil.Process().children()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._present():
            with suppress(psutil.Error):
                process.kill()
        self.reap()
        self._become(0)

    def reap(self) -> None:
        """Lets those that have ended go."""
        for process in self._present():
            with suppress(psutil.Error, ChildProcessError):
                if process.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(process.pid, os.WNOHANG)

    def left(self) -> list[str]:
        """Sentences about processes that still run a while after their daemon ended; all daemons must have."""
        deadline = time.monotonic() + _GRACE_SECONDS
        while time.monotonic() < deadline and self._living():
            self.reap()
            time.sleep(0.05)
        return [f"process {process.pid} outlived its daemon" for process in self._living()]

    def _living(self) -> list[psutil.Process]:
        living = []
        for process in self._present():
            with suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE:
                    living.append(process)
        return living

    def _present(self) -> list[psutil.Process]:
        return [process for process in psutil.Process().children() if process.pid not in self._before]

    def _become(self, value: int) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, value, 0, 0, 0)

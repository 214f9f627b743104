"""The tether: a worker never outlives its daemon, however either of them ends."""

import ctypes
import faulthandler
import os
import signal
import sys
import time
from threading import Thread
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_HOLD_SECONDS = 300.0
"""How long a library may hold the interpreter's lock where only this process itself can end it."""


def tether(daemon: int) -> None:
    """Ties this process to the daemon of that process id, its parent.

    On Linux the kernel ends this process with the thread that started it. Elsewhere a thread looks whether the parent
    is there, and ends a process whose lock is held for five minutes, since then nothing else could. Everywhere the
    thread that reads calls ends the process where they stop coming.
    """
    if sys.platform == "linux":
        _tie_by_signal(daemon)
    else:
        tie_by_watch(daemon, _HOLD_SECONDS)


def _tie_by_signal(daemon: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != daemon:  # it ended before the signal was asked for
        os._exit(1)


def tie_by_watch(daemon: int, hold_seconds: float) -> None:
    """Starts the thread that ends this process where its parent is no longer ``daemon``.

    Args:
        daemon: process id of the daemon.
        hold_seconds: how long the thread may be kept from running before the process ends all the same. The clock that
            does so needs no lock of the interpreter.
    """
    Thread(target=_watch, args=(daemon, hold_seconds), name="tether", daemon=True).start()


def _watch(daemon: int, hold_seconds: float) -> NoReturn:
    while True:
        faulthandler.dump_traceback_later(hold_seconds, exit=True)
        if sys.platform != "win32" and os.getppid() != daemon:
            os._exit(1)
        time.sleep(min(1.0, hold_seconds / 4))

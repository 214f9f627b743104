"""The last crash: what broke the daemon, in a file of its own that later good runs leave alone."""

import faulthandler
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from sonique_daemon import __version__

CRASH = "soniqued.crash.log"
_BOUND = 256 * 1024
"""Bytes from which on the oldest half of the file goes at a start."""


class CrashLog:
    """A context manager: while it is open, faults of the interpreter and exceptions that nobody caught go to the file.

    A fault comes at a moment when nothing but a trace of all threads can be written; when that was, the file's own time
    of change tells.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / CRASH
        self._file: BinaryIO | None = None

    def tell(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """Adds an exception with its time."""
        if self._file is None:
            return
        said = "".join(traceback.format_exception(kind, error, trace))
        when = time.strftime("%Y-%m-%d %H:%M:%S %z")
        self._file.write(f"{when} Sonique {__version__}, process {os.getpid()}\n{said}\n".encode("utf-8", "replace"))
        self._file.flush()

    def __enter__(self) -> Self:
        _shorten(self._path)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "ab")
        faulthandler.enable(self._file, all_threads=True)
        sys.excepthook = self.tell
        threading.excepthook = self._thread_broke
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.tell(kind, error, trace)
        faulthandler.disable()
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
        assert self._file is not None
        self._file.close()
        self._file = None
        if self._path.stat().st_size == 0:
            self._path.unlink()

    def _thread_broke(self, told: "threading.ExceptHookArgs") -> None:
        self.tell(told.exc_type, told.exc_value, told.exc_traceback)


def _shorten(path: Path) -> None:
    try:
        if path.stat().st_size > _BOUND:
            path.write_bytes(path.read_bytes()[-_BOUND // 2 :])
    except FileNotFoundError:
        return

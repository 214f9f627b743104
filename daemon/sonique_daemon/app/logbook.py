"""The daemon's log: one for each run, turned over by size, with the one of the run before beside it."""

import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any

LOG, PREVIOUS = "soniqued.log", "soniqued.previous.log"
SIZE, PIECES = 5_000_000, 3
"""Bytes of one file of a log, and how many files it has at most; the oldest go first."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def open_log(folder: Path, level: str) -> Path:
    """Sends all logging to ``soniqued.log`` in ``folder``; the one that is there becomes ``soniqued.previous.log``."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _set_aside(folder)
    path = folder / LOG
    handlers: list[logging.Handler] = [_PrivateFile(path)]
    if sys.stderr is not None and sys.stderr.isatty():
        handlers.append(logging.StreamHandler())
    logging.basicConfig(level=level.upper(), format=_FORMAT, handlers=handlers, force=True)
    logging.captureWarnings(capture=True)
    return path


def _set_aside(folder: Path) -> None:
    """Renames the log of the run before, piece by piece; that of the run before it goes."""
    for ending in ("", *(f".{number}" for number in range(1, PIECES))):
        old, new = folder / f"{LOG}{ending}", folder / f"{PREVIOUS}{ending}"
        if old.exists():
            old.replace(new)
        else:
            new.unlink(missing_ok=True)


class _PrivateFile(RotatingFileHandler):
    """A log that only this user can read, and that a full disk does not stop."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=SIZE, backupCount=PIECES - 1, encoding="utf-8", errors="backslashreplace")

    def _open(self) -> IO[Any]:  # type: ignore[override]
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(self.baseFilename, flags, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding, errors=self.errors)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's own name
        """What cannot be written is left out; there is nowhere to say so."""
        return

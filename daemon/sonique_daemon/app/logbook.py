"""The daemon's log: one file for each run, and the one of the run before."""

import logging
import os
import sys
from pathlib import Path

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def open_log(folder: Path, level: str) -> Path:
    """Sends all logging to ``soniqued.log`` in ``folder``; the one that is there becomes ``soniqued.previous.log``."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "soniqued.log"
    if path.exists():
        path.replace(folder / "soniqued.previous.log")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    handler = logging.StreamHandler(os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace"))
    handlers: list[logging.Handler] = [handler]
    if sys.stderr is not None and sys.stderr.isatty():
        handlers.append(logging.StreamHandler())
    logging.basicConfig(level=level.upper(), format=_FORMAT, handlers=handlers, force=True)
    logging.captureWarnings(capture=True)
    return path

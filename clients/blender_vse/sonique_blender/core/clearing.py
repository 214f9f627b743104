"""Clearing away, in the courier, what this client made and does not want any more; never anything else."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from .child import ORDER

_MOST = 1000
"""So many files are remembered; of those before them, nobody waits for the fetch any more."""

_Mark = tuple[int, int, int, int]


class Written:
    """The files that fetches wrote, by where they were asked to go."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[Path, _Mark]] = {}

    def note(self, target: str, path: Path) -> None:
        """The fetch to ``target`` has written ``path``."""
        if len(self._files) >= _MOST:
            del self._files[next(iter(self._files))]
        with suppress(OSError):
            self._files[target] = (path, _mark(path))

    def take_back(self, target: str) -> None:
        """Removes what the last fetch to ``target`` wrote, where it is still that very file."""
        path, mark = self._files.pop(target, (None, None))
        with suppress(OSError):
            if path is not None and _mark(path) == mark:
                path.unlink()


def discard(folder: Path) -> None:
    """Removes the folder of a render and all in it; any other folder stays."""
    if (folder / ORDER).is_file() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)


def _mark(path: Path) -> _Mark:
    """What tells a file from another one of the same name."""
    seen = os.lstat(path)
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns

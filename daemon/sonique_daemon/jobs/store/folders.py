"""The store's folders: made for this user alone, measured and emptied."""

import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """Where things stand in a store.

    Attributes:
        home: the store's folder.
    """

    home: Path

    @property
    def audio(self) -> Path:
        """Finished audio, each file named by its SHA-256."""
        return self.home / "audio"

    @property
    def uploads(self) -> Path:
        """Media that clients sent, each file named by its SHA-256; ``.part`` while it is not whole."""
        return self.home / "uploads"

    @property
    def scratch(self) -> Path:
        """What running jobs have not finished."""
        return self.home / "scratch"

    @property
    def database(self) -> Path:
        """The database."""
        return self.home / "sonique.db"

    @property
    def lock(self) -> Path:
        """The lock file."""
        return self.home / "store.lock"

    @property
    def reserve(self) -> Path:
        """The room that is kept back."""
        return self.home / "store.reserve"

    def make(self) -> None:
        """Makes what is not there, and closes all of it to other users."""
        for folder in (self.home, self.audio, self.uploads, self.scratch):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) != 0o700:
                with suppress(PermissionError):  # a disk without modes
                    folder.chmod(0o700)


def empty(folder: Path) -> None:
    """Removes all that ``folder`` holds, and follows no link out of it."""
    with os.scandir(folder) as found:
        for entry in found:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                else:
                    os.unlink(entry.path)  # noqa: PTH108 - an entry's path is text


def measured(folder: Path) -> tuple[int, int]:
    """How many files lie anywhere below ``folder``, and their bytes."""
    count = total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(place, name).lstat().st_size
                count += 1
    return count, total


def listed(folder: Path) -> dict[str, os.stat_result]:
    """The regular files of ``folder`` by name; those that go in the meantime are left out."""
    files: dict[str, os.stat_result] = {}
    with os.scandir(folder) as found:
        for entry in found:
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False):
                    files[entry.name] = entry.stat(follow_symlinks=False)
    return files

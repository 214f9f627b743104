"""The folder index: every file name under the media roots, for relinking what is not where the timeline says."""

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sonique_daemon.timeline.media import no_check
from sonique_daemon.timeline.roots import is_system

MAX_ENTRIES = 200_000
"""How many files and folders are looked at before the search ends."""


class FolderIndex:
    """Files under some folders by name, gathered on first use.

    Names are compared without regard to case and Unicode form, since disks of other systems change both. Symbolic links
    to folders are followed, each real folder once.

    Args:
        folders: where to look, in order of preference.
        check: called before each folder is looked through; what it raises ends the search.
        below: whether the folders inside them are looked through too.
    """

    def __init__(self, folders: Iterable[Path], check: Callable[[], None] = no_check, *, below: bool = True) -> None:
        self._folders = tuple(folders)
        self._check = check
        self._below = below
        self._files: dict[str, list[str]] | None = None
        self._stems: dict[str, list[str]] = {}
        self.complete = True

    def named(self, name: str) -> list[Path]:
        """All files called ``name``, in a stable order; links that lead nowhere are none."""
        return _there(self._gathered().get(_fold(name), []))

    def stemmed(self, stem: str) -> list[Path]:
        """All files called ``stem`` with any extension, in a stable order; links that lead nowhere are none."""
        self._gathered()
        return _there(self._stems.get(_fold(stem), []))

    def best(self, parts: tuple[str, ...]) -> list[Path]:
        """The files of that name whose last folders agree best with ``parts`` (folders, then the name)."""
        found = self.named(parts[-1])
        scores = [_agreement(path.parts, parts) for path in found]
        return [path for path, score in zip(found, scores, strict=True) if score == max(scores)]

    def _gathered(self) -> dict[str, list[str]]:
        if self._files is None:
            self._files = {}
            for entry in self._walk():
                self._files.setdefault(_fold(entry.name), []).append(entry.path)
                self._stems.setdefault(_fold(os.path.splitext(entry.name)[0]), []).append(entry.path)  # noqa: PTH122 - of many
        return self._files

    def _walk(self) -> Iterator["os.DirEntry[str]"]:
        seen: set[tuple[int, int]] = set()
        count = 0
        waiting = list(reversed(self._folders))
        while waiting:
            self._check()
            folder = waiting.pop()
            folders = []
            for entry in _entries(folder, seen):
                count += 1
                if count > MAX_ENTRIES:
                    self.complete = False
                    return
                if _is_folder(entry):
                    folders.append(Path(entry.path))
                else:
                    yield entry
            waiting.extend(reversed(folders if self._below else ()))


def _entries(folder: Path, seen: set[tuple[int, int]]) -> list["os.DirEntry[str]"]:
    """What ``folder`` holds, by name; nothing where it cannot be read or was seen before."""
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen or is_system(folder):
            return []
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _there(paths: list[str]) -> list[Path]:
    return [Path(path) for path in paths if os.path.exists(path)]  # noqa: PTH110 - pathlib's raises where one may not look


def _agreement(path: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    count = 0
    for ours, theirs in zip(reversed(path), reversed(wanted), strict=False):
        if _fold(ours) != _fold(theirs):
            break
        count += 1
    return count


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()

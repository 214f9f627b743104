"""What the chain keeps between jobs: results of stages by a digest of all that they depend on, and finished audio.

Two seams, each with a stand-in: ``Cache`` with ``MemoryCache``, and ``Library`` with ``FolderLibrary``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.take import FileKind

_SUFFIXES = {FileKind.WAV: ".wav", FileKind.MIDI: ".mid"}


@dataclass(frozen=True, slots=True)
class Remembered:
    """A stage's result, to be found again.

    Attributes:
        key: 32 bytes; a digest of exactly what the result depends on.
        stage: whose result it is.
        value: the result as bytes.
        files: SHA-256 of every audio file of the store that ``value`` names; where one is gone, so is the result.
        seconds: how long it took to find out.
    """

    key: bytes
    stage: Stage
    value: bytes
    files: tuple[str, ...] = ()
    seconds: float = 0.0


class Cache(Protocol):
    """Results by key. Safe to call from any thread."""

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of ``keys`` that are known, with all their files."""

    def remember(self, results: Sequence[Remembered]) -> None:
        """Keeps ``results``; raises ``StoreFull`` where there is no room."""


class Library(Protocol):
    """Where finished audio stands. Safe to call from any thread."""

    @property
    def scratch(self) -> Path:
        """An existing folder for audio on its way, on the same disk; emptied when the daemon starts."""

    def admit(self, file: Path, kind: FileKind, sha256: str) -> Path:
        """Takes the finished file over, and returns where it stands now; ``file`` is gone afterwards.

        Args:
            file: whole, below ``scratch``.
            kind: what it holds.
            sha256: of its bytes, lower-case hexadecimal.

        Raises:
            StoreFull: there is no room.
        """


def audio_name(sha256: str, kind: FileKind) -> str:
    """The name of an audio file in a library: its digest, and a suffix that says its kind."""
    return sha256 + _SUFFIXES[kind]


@dataclass(slots=True)
class MemoryCache:
    """A cache that forgets all when it goes; stands in for the store."""

    results: dict[bytes, Remembered] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of ``keys`` that are known."""
        with self._lock:
            return {key: self.results[key].value for key in keys if key in self.results}

    def remember(self, results: Sequence[Remembered]) -> None:
        """Keeps ``results``."""
        with self._lock:
            self.results.update((result.key, result) for result in results)


@dataclass(frozen=True, slots=True)
class FolderLibrary:
    """A library that is a folder and keeps no books; stands in for the store."""

    folder: Path

    @property
    def scratch(self) -> Path:
        """A folder for audio on its way."""
        return self._made("scratch")

    def admit(self, file: Path, kind: FileKind, sha256: str) -> Path:
        """Moves ``file`` to where its digest says."""
        return file.replace(self._made("audio") / audio_name(sha256, kind))

    def _made(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

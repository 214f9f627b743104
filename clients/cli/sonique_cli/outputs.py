"""Where results go: names beside the input, and never over what is there."""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import TakeFiles


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files that one take becomes.

    Attributes:
        wav: the mix.
        midi: the score, or None.
        stems: the folder for the stems, or None.
        film: the picture with the music under its sound, or None.
    """

    wav: Path
    midi: Path | None = None
    stems: Path | None = None
    film: Path | None = None

    @classmethod
    def beside(cls, wav: Path, files: TakeFiles) -> Self:
        """Names for a take whose mix is ``wav``: ``cue.mid`` and the folder ``cue.stems`` beside ``cue.wav``.

        Raises:
            CommandError: the name is not a WAV file's.
        """
        if wav.suffix.lower() != ".wav":
            raise CommandError(f"“{wav}” does not end in .wav, which is what Sonique writes.", Exit.USAGE)
        score = wav.with_suffix(".mid") if files.midi else None
        return cls(wav, score, wav.with_name(f"{wav.stem}.stems") if files.stems else None)

    def all(self) -> tuple[Path, ...]:
        """Every path that will be written."""
        return tuple(path for path in (self.wav, self.midi, self.stems, self.film) if path is not None)

    def numbered(self, number: int) -> "Outputs":
        """The same for take ``number``: the first as named, the second with ``.take2`` before the suffix, and so on."""
        if number == 1:
            return self

        def name(path: Path) -> Path:
            return path.with_name(f"{path.stem}.take{number}{path.suffix}")

        return replace(
            self,
            wav=name(self.wav),
            midi=self.midi and name(self.midi),
            stems=self.stems and name(self.stems),
            film=self.film and name(self.film),
        )


def require_free(paths: Iterable[Path], *, force: bool) -> None:
    """Checks before any work that every output can be written.

    Raises:
        CommandError: one exists and ``force`` was not given, or its folder is not there or cannot be written.
    """
    for path in paths:
        if _exists(path) and not force:
            raise CommandError(f"“{path}” exists already; name another, or add --force.", Exit.OUTPUT)
        folder = path.parent
        if not folder.is_dir():
            raise CommandError(f"The folder “{folder}” is not there; make it, or name another.", Exit.OUTPUT)
        if not os.access(folder, os.W_OK):
            raise CommandError(f"The folder “{folder}” cannot be written; name another.", Exit.OUTPUT)


def can_be_written(paths: Iterable[Path], *, force: bool) -> bool:
    """Whether ``require_free`` lets the job begin."""
    try:
        require_free(paths, force=force)
    except CommandError:
        return False
    return True


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise CommandError(f"“{path}” cannot be written: {error.strerror}; name another.", Exit.OUTPUT) from error


def write_text(path: Path, text: str, *, force: bool) -> None:
    """Writes a document beside its final name, then renames it, so that no half file is ever there.

    Raises:
        CommandError: the file exists and ``force`` was not given, or it cannot be written.
    """
    require_free((path,), force=force)
    part = path.with_name(f".sonique-{secrets.token_hex(6)}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CommandError(f"“{path}” cannot be written: {error.strerror}.", Exit.OUTPUT) from error

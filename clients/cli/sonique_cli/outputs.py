"""Where results go: names beside the input, and never over what is there."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sonique_cli.exits import CommandError, Exit


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files that one take becomes.

    Attributes:
        wav: the mix.
        film: the picture with the music under its sound, or None.
        midi: the score, or None.
        stems: the folder for the stems, or None.
    """

    wav: Path
    film: Path | None = None
    midi: Path | None = None
    stems: Path | None = None

    def all(self) -> tuple[Path, ...]:
        """Every path that will be written."""
        return tuple(path for path in (self.wav, self.film, self.midi, self.stems) if path is not None)


def name_takes(first: Outputs, takes: int) -> tuple[Outputs, ...]:
    """Outputs for each take: the first as named, the others with ``.take2``, ``.take3`` before their suffix."""
    return (first, *(_renamed(first, f".take{number}") for number in range(2, takes + 1)))


def _renamed(outputs: Outputs, infix: str) -> Outputs:
    def name(path: Path) -> Path:
        return path.with_name(f"{path.stem}{infix}{path.suffix}")

    return Outputs(
        name(outputs.wav),
        outputs.film and name(outputs.film),
        outputs.midi and name(outputs.midi),
        outputs.stems and name(outputs.stems),
    )


def require_free(paths: Iterable[Path], *, force: bool) -> None:
    """Checks before any work that every output can be written.

    Raises:
        CommandError: one exists and ``force`` was not given, or its folder is not there or not writable.
    """
    for path in paths:
        if path.exists() and not force:
            raise CommandError(f"“{path}” exists already; name another with -o, or add --force.", Exit.OUTPUT)
        if path.exists() and path.is_dir() and path.suffix:
            raise CommandError(f"“{path}” is a folder; name a file with -o.", Exit.OUTPUT)
        _require_folder(path)


def _require_folder(path: Path) -> None:
    folder = path.parent
    if not folder.is_dir():
        raise CommandError(f"The folder “{folder}” is not there; make it, or name another with -o.", Exit.OUTPUT)
    if not os.access(folder, os.W_OK):
        raise CommandError(f"The folder “{folder}” cannot be written; name another with -o.", Exit.OUTPUT)


def write_text(path: Path, text: str, *, force: bool) -> None:
    """Writes a document beside its final name, then renames it, so that no half file is ever there.

    Raises:
        CommandError: the file exists and ``force`` was not given, or it cannot be written.
    """
    require_free((path,), force=force)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CommandError(f"“{path}” cannot be written: {error.strerror}.", Exit.OUTPUT) from error

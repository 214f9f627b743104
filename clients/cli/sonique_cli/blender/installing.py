"""Installing the zip into a Blender, without a window."""

import subprocess
from importlib.resources import as_file, files
from pathlib import Path

from sonique_cli.blender.finding import Blender
from sonique_cli.blender.platforms import PYTHONS, Platform, name_of, platform_named
from sonique_cli.exits import CommandError, Exit

_SECONDS = 300
_DONE = "SONIQUE installed"
_TROUBLE = ("SONIQUE:", "Error", "error")


def platform_of(blender: Blender) -> Platform:
    """The platform whose zip fits a Blender.

    Raises:
        CommandError: none does, for its machine or its Python.
    """
    if blender.python not in PYTHONS:
        raise CommandError(
            f"“{blender.path}” runs Python {blender.python}, for which the extension carries no gRPC; it does for "
            f"{' and '.join(PYTHONS)}, which the Blenders from blender.org have.",
            Exit.FAILED,
        )
    return platform_named(name_of(blender.system, blender.machine))


def install(blender: Blender, archive: Path) -> None:
    """Has Blender install and enable the zip, in place of an older one, and keep that in its preferences.

    Raises:
        CommandError: Blender could not; carries what it said.
    """
    with as_file(files("sonique_cli.blender").joinpath("inside.py")) as script:
        command = [str(blender.path), "--background", "--python", str(script), "--", str(archive.resolve())]
        try:
            told = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - the Blender that the user named or has
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CommandError(f"Blender did not install “{archive.name}” ({error}).", Exit.FAILED) from error
    if _DONE not in told.stdout:
        lines = [line for line in (told.stdout + told.stderr).splitlines() if any(word in line for word in _TROUBLE)]
        said = " ".join(lines[-2:]) or "it did not say why"
        raise CommandError(f"Blender did not install “{archive.name}”: {said}", Exit.FAILED)

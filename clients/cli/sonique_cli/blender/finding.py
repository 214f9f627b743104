"""Finding Blender on this machine, and asking it what it is."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sonique_cli.exits import CommandError, Exit

OLDEST = (4, 5)
"""The oldest Blender that the extension works in."""

_SECONDS = 120
_ASK = (
    "import bpy, platform, sys; "
    "print('SONIQUE', *bpy.app.version, *sys.version_info[:2], sys.platform, platform.machine())"
)


@dataclass(frozen=True, slots=True)
class Blender:
    """A Blender.

    Attributes:
        path: its program.
        version: of Blender.
        python: of the Python inside, “3.11”.
        system: ``sys.platform`` there.
        machine: ``platform.machine()`` there.
    """

    path: Path
    version: tuple[int, int, int]
    python: str
    system: str
    machine: str


def find(named: Path | None) -> Blender:
    """The Blender that is named, else the first that is found: on PATH, then where its own installers put it.

    Raises:
        CommandError: there is none, it does not run, or it is too old.
    """
    path = named if named is not None else next(iter(_places()), None)
    if path is None:
        raise CommandError("No Blender was found; name its program with --blender.", Exit.INPUT)
    found = ask(path)
    if found.version[:2] < OLDEST:
        version = ".".join(map(str, found.version))
        raise CommandError(f"“{path}” is Blender {version}; Sonique needs 4.5 or newer.", Exit.FAILED)
    return found


def ask(path: Path) -> Blender:
    """What the Blender at ``path`` says that it is; its settings are neither read nor changed.

    Raises:
        CommandError: it does not run, or is no Blender.
    """
    command = [str(path), "--background", "--factory-startup", "--python-expr", _ASK]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - the Blender that the user named or has
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(f"“{path}” does not run ({error}); name Blender with --blender.", Exit.INPUT) from error
    for line in told.stdout.splitlines():
        words = line.split()
        if words[:1] == ["SONIQUE"] and len(words) == 8:
            one, two, three = map(int, words[1:4])
            return Blender(path, (one, two, three), f"{words[4]}.{words[5]}", words[6], words[7])
    raise CommandError(f"“{path}” does not answer as Blender does; name Blender with --blender.", Exit.INPUT)


def _places() -> list[Path]:
    """Programs that may be Blender, the likeliest first."""
    on_path = shutil.which("blender")
    found = [Path(on_path)] if on_path else []
    if sys.platform == "darwin":
        found += [Path("/Applications/Blender.app/Contents/MacOS/Blender")]
    elif sys.platform == "win32":
        programs = Path(os.environ.get("PROGRAMFILES", "C:/Program Files")) / "Blender Foundation"
        found += sorted(programs.glob("Blender */blender.exe"), reverse=True)
    else:
        found += [Path("/snap/bin/blender"), *sorted(Path.home().glob("blender-*/blender"), reverse=True)]
    return [path for path in found if path.is_file()]

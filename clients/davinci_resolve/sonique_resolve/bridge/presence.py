"""Whether Resolve is on this machine, and whether it runs; as far as the system tells."""

import os
import subprocess
import sys
from pathlib import Path

from sonique_resolve.bridge import external

_NAMES = frozenset({"resolve", "resolve.exe"})


def is_installed() -> bool:
    """Whether its scripting library, or its scripting folder, is where it belongs."""
    places = (*external.script_libraries(), *external.script_folders())
    return any(Path(place).exists() for place in places)


def is_running() -> bool:
    """Whether a process of that name runs; False where the system does not tell."""
    return any(name in _NAMES for name in _process_names())


def _process_names() -> list[str]:
    if sys.platform == "win32":
        return [line.split('"')[1].lower() for line in _told("tasklist", "/FO", "CSV", "/NH") if line.startswith('"')]
    if sys.platform == "darwin":
        return [os.path.basename(line.strip()).lower() for line in _told("ps", "-axco", "command")]  # noqa: PTH119
    return [_name(folder) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def _name(folder: Path) -> str:
    try:
        return (folder / "comm").read_text(encoding="utf-8", errors="replace").strip().lower()
    except OSError:
        return ""


def _told(*command: str) -> list[str]:
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        told = subprocess.run(  # noqa: S603 a command of the system's own
            command, capture_output=True, timeout=10, check=False, creationflags=hidden
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return told.stdout.decode(errors="replace").splitlines()

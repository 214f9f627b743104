"""``sonique doctor``: looks at all that a score needs, and says what is wrong and what to do about it."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sonique_cli.exits import CommandError, Exit

_ROOM = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is well, and what was found."""

    well: bool
    text: str


def doctor() -> None:
    """Look at Python, codecs, disk, daemon and engines; exit code 1 where something is wrong."""
    from rich.console import Console

    console = Console(highlight=False)
    findings = [check() for check in (_python, _codecs, _runtime, _daemon)]
    for finding in findings:
        console.print(("[green]well [/] " if finding.well else "[red]wrong[/] ") + finding.text)
    if not all(finding.well for finding in findings):
        raise CommandError("Something is wrong; see above.", Exit.FAILED)


def _python() -> Finding:
    from importlib.metadata import version

    release = ".".join(map(str, sys.version_info[:3]))
    return Finding(sys.version_info >= (3, 11), f"Sonique {version('sonique')} on Python {release}, {sys.platform}")


def _codecs() -> Finding:
    import av

    missing = sorted({"h264", "hevc", "aac"} - av.codecs_available)
    text = f"PyAV {av.__version__} with H.264, HEVC and AAC"
    return Finding(
        not missing, text if not missing else f"PyAV {av.__version__} lacks {', '.join(missing)}; reinstall av"
    )


def _runtime() -> Finding:
    from sonique.runtime_file import runtime_folder

    folder = runtime_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    writable = os.access(existing, os.W_OK)
    return Finding(
        writable, f"runtime folder “{folder}”" + ("" if writable else " cannot be written; see to its owner")
    )


def _daemon() -> Finding:
    from sonique_cli.display import open_display
    from sonique_cli.session import open_session

    try:
        with open_display(json_lines=False, quiet=True) as display, open_session(display) as session:
            listed = session.engines()
            store = Path(session.connection.info.store)
    except CommandError as error:
        return Finding(well=False, text=f"daemon: {error.sentence}")
    free = shutil.disk_usage(store).free
    engines = ", ".join(f"{engine.name} {engine.version}" for engine in listed.engines)
    room = f"{free / 1024**3:.0f} GiB free in its store “{store}”"
    return Finding(free > _ROOM, f"daemon runs; engines {engines}; {room}" + ("" if free > _ROOM else ": make room"))

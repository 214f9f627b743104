"""Where DaVinci Resolve keeps things on the three systems, below a home that may be a pretended one."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class System(Enum):
    """An operating system that Resolve runs on."""

    LINUX = "Linux"
    MACOS = "macOS"
    WINDOWS = "Windows"


def this_system() -> System:
    """The system that this is."""
    return {"darwin": System.MACOS, "win32": System.WINDOWS}.get(sys.platform, System.LINUX)


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one user.

    Attributes:
        system: whose layout it is.
        home: the user's home.
        settings: where Resolve keeps the user's settings.
    """

    system: System
    home: Path
    settings: Path

    @property
    def scripts(self) -> Path:
        """The user's scripts; ``*.scriptlib`` in it runs at start, which Sonique leaves alone."""
        return self.settings / "Fusion" / "Scripts"

    @property
    def utility(self) -> Path:
        """The scripts that the menu shows on every page."""
        return self.scripts / "Utility"

    @property
    def sandboxed(self) -> tuple[Path, ...]:
        """What the App Store's build of Resolve keeps in its sandbox, from where it reads no such scripts."""
        containers = self.home / "Library" / "Containers"
        if self.system is not System.MACOS or not containers.is_dir():
            return ()
        return tuple(sorted(containers.glob("com.blackmagic-design.DaVinciResolve*")))


def folders_of(
    home: Path | None = None, system: System | None = None, environment: Mapping[str, str] | None = None
) -> Folders:
    """The folders of the user.

    Args:
        home: their home; the real one where None.
        system: whose layout; this system's where None.
        environment: where Windows says the place of settings; a pretended home has them where they usually are.
    """
    known = os.environ if environment is None else environment
    layout = system or this_system()
    base = home or Path.home()
    if layout is System.LINUX:
        return Folders(layout, base, base / ".local" / "share" / "DaVinciResolve")
    if layout is System.MACOS:
        support = base / "Library" / "Application Support"
        return Folders(layout, base, support / "Blackmagic Design" / "DaVinci Resolve")
    said = known.get("APPDATA", "") if home is None else ""
    roaming = Path(said) if said else base / "AppData" / "Roaming"
    return Folders(layout, base, roaming / "Blackmagic Design" / "DaVinci Resolve" / "Support")

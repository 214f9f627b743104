"""The platforms that Blender runs on, and what of them has wheels."""

from dataclasses import dataclass

from sonique_cli.exits import CommandError, Exit


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that a zip can be built for.

    Attributes:
        name: as Blender's manifests have it.
        tag: as the lock of wheels has it; the part of a wheel's name by which pip is asked for it.
    """

    name: str
    tag: str


PLATFORMS = (
    Platform("linux-x64", "manylinux2014_x86_64"),
    Platform("windows-x64", "win_amd64"),
    Platform("macos-arm64", "macosx_11_0_universal2"),
    Platform("macos-x64", "macosx_11_0_universal2"),
)
"""All that a zip can be built for."""

PYTHONS = ("3.11", "3.13")
"""The Pythons inside Blender: 3.11 up to 5.0, 3.13 from 5.1 on."""

_SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}
_MACHINES = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}


def platform_named(name: str) -> Platform:
    """The platform of that name.

    Raises:
        CommandError: there is none, or none that gRPC is built for.
    """
    for platform in PLATFORMS:
        if platform.name == name:
            return platform
    known = ", ".join(platform.name for platform in PLATFORMS)
    raise CommandError(
        f"No zip can be built for “{name}”: gRPC is not there for Blender's Python on it. There is one for {known}.",
        Exit.USAGE,
    )


def name_of(system: str, machine: str) -> str:
    """How Blender's manifests call a system and machine, as ``sys.platform`` and ``platform.machine()`` name them."""
    return f"{_SYSTEMS.get(system, system)}-{_MACHINES.get(machine.lower(), machine.lower())}"

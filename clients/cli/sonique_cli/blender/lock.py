"""The lock: which wheels the extension carries, each pinned by its digest."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from sonique_cli.blender.platforms import PYTHONS, Platform


@dataclass(frozen=True, slots=True)
class LockedWheel:
    """A wheel.

    Attributes:
        project: its name at a package index.
        version: its release.
        file: its file's name.
        sha256: of that file, lower-case hexadecimal.
        tag: the platform that pip is asked for; "" where it fits all.
        python: the Python that it is for; "" where it fits all of Blender's.
    """

    project: str
    version: str
    file: str
    sha256: str
    tag: str
    python: str


def read_lock() -> tuple[LockedWheel, ...]:
    """All wheels of the lock."""
    text = files("sonique_cli.blender").joinpath("wheels.lock.toml").read_text(encoding="utf-8")
    return tuple(LockedWheel(**entry) for entry in tomllib.loads(text)["wheels"])


def wheels_for(platform: Platform, lock: Iterable[LockedWheel]) -> tuple[LockedWheel, ...]:
    """The wheels that a zip for ``platform`` carries."""
    return tuple(wheel for wheel in lock if wheel.tag in {"", platform.tag})


def missing_for(platform: Platform, lock: Iterable[LockedWheel]) -> tuple[str, ...]:
    """What the lock lacks for a zip that works: “grpcio for Python 3.13”."""
    there = {(wheel.project, wheel.python) for wheel in wheels_for(platform, lock)}
    wanted = [("grpcio", python) for python in PYTHONS]
    wanted += [("protobuf", ""), ("typing-extensions", "")]
    return tuple(
        f"{project} for Python {python}" if python else project
        for project, python in wanted
        if (project, python) not in there
    )

"""A repository of extensions on any static file host: its index, by which Blender finds the zips and their updates."""

import json
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sonique_cli.blender.wheels import digest
from sonique_cli.exits import CommandError, Exit

NAME = "index.json"
"""Of the index; Blender is given its address."""

_KEPT = (
    "schema_version",
    "id",
    "name",
    "tagline",
    "version",
    "type",
    "maintainer",
    "license",
    "copyright",
    "blender_version_min",
    "platforms",
    "permissions",
    "tags",
)


def write_index(folder: Path) -> tuple[Path, int]:
    """Writes the index of the zips in ``folder`` there, in place of the one before; returns its path and their number.

    Raises:
        CommandError: there is no zip of an extension, one cannot be read, or the index cannot be written.
    """
    zips = sorted(folder.glob("*.zip"))
    if not zips:
        raise CommandError(f"“{folder}” holds no zip; “sonique blender build -o {folder}” makes some.", Exit.INPUT)
    data = {"version": "v1", "blocklist": [], "data": [_entry(path) for path in zips]}
    path = folder / NAME
    try:
        path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"“{path}” cannot be written ({error.strerror}).", Exit.OUTPUT) from error
    return path, len(zips)


def _entry(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = tomllib.loads(archive.read("blender_manifest.toml").decode("utf-8"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise CommandError(f"“{path}” is no zip of an extension; take it out of the folder.", Exit.INPUT) from error
    return {
        **{key: manifest[key] for key in _KEPT if key in manifest},
        "python_versions": sorted(_pythons(manifest.get("wheels", ()))),
        "archive_url": f"./{path.name}",
        "archive_size": path.stat().st_size,
        "archive_hash": f"sha256:{digest(path)}",
    }


def _pythons(wheels: Iterable[str]) -> set[str]:
    """The Pythons that wheels of one Python each are for: “cp311” is 3.11."""
    parts = (name.rsplit("/", 1)[-1].split("-") for name in wheels)
    tags = (tag[-3] for tag in parts if len(tag) >= 5 and tag[-2] == tag[-3])
    return {f"{tag[2]}.{tag[3:]}" for tag in tags if tag.startswith("cp3")}

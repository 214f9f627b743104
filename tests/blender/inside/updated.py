"""A build installed over another one, in the same session."""

import sys
from pathlib import Path
from typing import Any

import bpy


def main(_: Path, *archives: str) -> dict[str, Any]:
    found: dict[str, Any] = {"newer": [], "enabled": []}
    for archive in archives:
        bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
        import sonique_client.errors

        found["newer"].append(hasattr(sonique_client, "NEWER"))
        found["enabled"].append(sum(each.module.endswith(".sonique") for each in bpy.context.preferences.addons))
    doors = sys.modules["bl_ext.user_default.sonique.core.doors"]
    found["same"] = doors.ClientError is sonique_client.errors.ClientError
    return found

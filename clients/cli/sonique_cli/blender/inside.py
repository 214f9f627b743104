"""Runs inside Blender, started by ``sonique blender install``: installs the zip that follows “--”, and enables it."""

import sys

import bpy


def main(archive: str) -> None:
    """Installs, enables, and keeps the preferences; says how it went."""
    try:
        bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    except RuntimeError as error:
        print(f"SONIQUE: {error}")  # noqa: T201 - read by the command that started this
        return
    enabled = [addon.module for addon in bpy.context.preferences.addons]
    if not any(module.endswith(".sonique") for module in enabled):
        print("SONIQUE: it was installed, and could not be enabled")  # noqa: T201 - the same
        return
    bpy.ops.wm.save_userpref()
    print("SONIQUE installed", flush=True)  # noqa: T201 - the same


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("--") + 1])

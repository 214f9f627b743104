"""The built zip installed as an editor installs it, in a Blender that has nothing but what the zip brings."""

import sys
from pathlib import Path
from typing import Any

import bpy


def main(folder: Path, archive: str, film: str) -> dict[str, Any]:
    before = {name for name in ("grpc", "google.protobuf", "sonique_client") if _found(name)}
    done = bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    addons = [addon.module for addon in bpy.context.preferences.addons if addon.module.endswith("sonique")]
    loaded = "grpc" in sys.modules
    scene = bpy.context.scene
    editor = scene.sequence_editor_create()
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene
    editor.strips.new_movie(name="Film", filepath=film, channel=1, frame_start=1)
    scene.frame_end = 72
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "trip.blend"))
    bpy.context.preferences.addons[addons[0]].preferences.output_folder = str(folder / "chosen")
    scored = bpy.ops.sonique.score_range(prompt="calm", which="SCENE")
    import google.protobuf.internal.api_implementation as protobuf
    import grpc

    music = [strip.name for strip in editor.strips if strip.get("sonique_job")]
    bpy.ops.preferences.addon_disable(module=addons[0])
    return {
        "before": sorted(before),
        "done": sorted(done),
        "addons": addons,
        "grpc_loaded_at_start": loaded,
        "grpc": str(grpc.__file__),
        "protobuf": protobuf.Type(),
        "scored": sorted(scored),
        "music": music,
        "files": [path.suffix for path in (folder / "chosen").iterdir()],
        "disabled": not hasattr(bpy.types, "SONIQUE_OT_score_range"),
    }


def _found(name: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(name) is not None
    except ImportError:
        return False

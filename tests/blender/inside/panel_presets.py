"""Presets and menus: those that come along, and one of the editor's own; all gone once it is disabled."""

from pathlib import Path
from typing import Any

import bpy
import sonique_blender

from tests.blender.inside.operating import enabled, film_scene


def main(folder: Path, film: str) -> dict[str, Any]:
    del folder
    enabled()
    scene = film_scene(film)
    brought = {path.stem: path for each in bpy.utils.preset_paths("sonique/wishes") for path in Path(each).glob("*.py")}
    bpy.ops.script.execute_preset(filepath=str(brought["Action"]), menu_idname="SONIQUE_PT_presets")
    action = [scene.sonique.prompt, scene.sonique.hit_strength]
    scene.sonique.prompt, scene.sonique.hit_strength = "my own words", 0.25
    bpy.ops.sonique.preset_add(name="Mine")
    scene.sonique.prompt, scene.sonique.hit_strength = "", 1.0
    (mine,) = (path for each in bpy.utils.preset_paths("sonique/wishes") for path in Path(each).glob("Mine.py"))
    bpy.ops.script.execute_preset(filepath=str(mine), menu_idname="SONIQUE_PT_presets")
    kept = [scene.sonique.prompt, scene.sonique.hit_strength]
    for _ in range(2):  # disabled and enabled again, as often as one likes
        sonique_blender.unregister()
        gone = not hasattr(bpy.types, "SONIQUE_PT_main") and not hasattr(bpy.types.Scene, "sonique")
        sonique_blender.register()
    return {
        "brought": sorted(brought),
        "action": action,
        "kept": kept,
        "rows": len(bpy.context.window_manager.sonique_jobs),
        "menus": [gone, hasattr(bpy.types, "SONIQUE_PT_main")],
    }

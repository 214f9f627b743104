"""A file with music and wishes, saved for another release to open."""

from pathlib import Path

import bpy

from tests.blender.inside.operating import enabled, film_scene


def main(folder: Path, film: str) -> str:
    enabled()
    path = folder / "from.blend"
    scene = film_scene(film, path=path)
    scene.sonique.prompt = "kept"
    bpy.ops.sonique.score_range(which="SCENE")
    bpy.ops.wm.save_mainfile()
    return str(path)

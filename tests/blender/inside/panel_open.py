"""A file that another release of Blender saved, opened here: its music is known, and more can be made of it."""

from pathlib import Path
from typing import Any

import bpy

from tests.blender.inside.operating import active, enabled, music, opened


def main(folder: Path, path: str) -> dict[str, Any]:
    del folder
    enabled()
    scene = opened(Path(path))
    before = music(scene)
    active(scene)
    bpy.ops.sonique.vary(seed=5)
    return {"before": before, "after": music(scene), "prompt": scene.sonique.prompt}

"""A daemon that speaks another version of the contract."""

from pathlib import Path
from typing import Any

import bpy

from tests.blender.inside.operating import enabled, failure, film_scene


def main(folder: Path, film: str) -> dict[str, Any]:
    enabled()
    film_scene(film, path=folder / "trip.blend")
    return {"said": failure(bpy.ops.sonique.score_range, which="SCENE")}

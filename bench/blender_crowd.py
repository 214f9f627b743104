"""Runs inside Blender: a sequence of many strips, and how long it takes to read it. Prints JSON."""

import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, provenance, snapshot
from sonique_blender.core.ranges import Which, Wish
from sonique_blender.core.reading import read
from sonique_blender.core.strips import Span

FILES, RUNS, LENGTH = 50, 5, 20


def main(film: Path, folder: Path, count: int) -> dict[str, Any]:
    """Builds and reads."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    provenance.register()
    scene = bpy.context.scene
    scene.render.fps, scene.render.resolution_x, scene.render.resolution_y = 25, 160, 90
    _build(scene, film, folder, count)
    scene = bpy.context.scene
    times = [_timed(scene) for _ in range(RUNS + 1)]
    return {
        "version": bpy.app.version_string,
        "strips": len(scene.sequence_editor.strips),
        "first": times[0],
        "seconds": statistics.median(times[1:]),
    }


def _build(scene: Any, film: Path, folder: Path, count: int) -> None:
    films = [str(folder / f"film-{index}.mp4") for index in range(FILES)]
    for each in films:
        os.link(film, each)
    strips = scene.sequence_editor_create().strips
    for index in range(count // 2):
        start, path = 1 + index * LENGTH, films[index % FILES]
        movie = strips.new_movie(name=f"m{index}", filepath=path, channel=1 + index % 4, frame_start=start)
        compat.set_span(movie, Span(start, start + LENGTH))
        strips.new_sound(name=f"s{index}", filepath=path, channel=9 + index % 4, frame_start=start)
    scene.frame_end = count // 2 * LENGTH
    # Saved and opened, as an editor meets it: no strip has its file open then.
    blend = str(folder / "crowd.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    bpy.ops.wm.open_mainfile(filepath=blend)


def _timed(scene: Any) -> float:
    began = time.perf_counter()
    reading = read(snapshot.take(scene), Wish(Which.SCENE))
    seconds = time.perf_counter() - began
    assert not reading.needs_render
    return seconds


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
    sys.stdout.flush()
    os._exit(0)

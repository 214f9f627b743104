"""Strips in every way that an editor cuts them, each with the document that is read of it and frames rendered."""

from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, snapshot
from sonique_blender.core.ranges import Wish
from sonique_blender.core.reading import read
from sonique_blender.core.strips import Span

from tests.blender.inside.building import add_movie, new_scene, render

CASES = ("plain", "trimmed", "hard", "reversed")


def main(folder: Path, *films: str) -> list[dict[str, Any]]:
    scene = new_scene()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "frames.blend"))
    found = []
    for film in films:
        for adjusted in (True, False):
            for case in CASES:
                strip = _cut(scene, film, case, adjusted=adjusted)
                found.append(_looked_at(scene, strip, folder / f"{Path(film).stem}-{adjusted}-{case}"))
    return found


def _cut(scene: Any, film: str, case: str, *, adjusted: bool) -> Any:
    strips = scene.sequence_editor.strips
    while len(strips):
        strips.remove(strips[0])
    strip = add_movie(scene, film, 1, 11, adjusted=adjusted)
    if case == "trimmed":
        compat.set_span(strip, Span(40, 180))
    elif case == "hard":
        compat.set_span(strip, Span(30, compat.span(strip).end))
        strip = strip.split(frame=90, split_method="HARD")
    elif case == "reversed":
        strip.use_reverse_frames = True
        compat.set_span(strip, Span(40, compat.span(strip).end))
    return strip


def _looked_at(scene: Any, strip: Any, path: Path) -> dict[str, Any]:
    span = compat.span(strip)
    reading = read(snapshot.take(scene), Wish(span=span))
    frames = (span.start, span.start + 1, span.start + 17, span.end - 1)
    return {
        "case": path.name,
        "document": reading.document,
        "needs_render": [str(reason) for reason in reading.needs_render],
        "start": span.start,
        "frames": {frame: render(scene, frame, path.with_name(f"{path.name}-{frame}.png")) for frame in frames},
    }

"""From a script: score, save, open again, another take, other tags, the first take again, redo, undo."""

from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, placing, provenance, state
from sonique_blender.core.strips import Span

from tests.blender.inside.operating import active, enabled, film_scene, loaded, music, opened


def main(folder: Path, film: str) -> dict[str, Any]:
    enabled()
    found: dict[str, Any] = {"loaded": loaded()}
    path = folder / "trip.blend"
    scene = film_scene(film, path=path)
    bpy.ops.sonique.score_range(prompt="calm", seed=3, takes=2, which="SCENE")
    found["scored"] = music(scene)
    found["way"] = state.get().book.views[0].way
    bpy.ops.wm.save_mainfile()
    scene = opened(path)
    strip = active(scene)
    compat.set_span(strip, Span(11, 61))
    bpy.ops.sonique.vary(seed=77)
    found["varied"] = music(scene)
    bpy.ops.sonique.edit_tags(bpm=111.0, moods="calm, dark")
    found["edited"] = music(scene)
    bpy.ops.sonique.swap_take(take=2)
    found["swapped"] = music(scene)
    bpy.ops.sonique.redo()
    found["redone"] = music(scene)
    bpy.ops.sonique.take_wishes()
    found["prompt"] = scene.sonique.prompt
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.sonique.score_range(prompt="second", which="SCENE", stems=True)
    found["stems"] = music(bpy.data.scenes["Scene"])
    found["other stems"] = _varied_stems()
    bpy.ops.ed.undo()
    bpy.ops.ed.undo()
    scene = bpy.data.scenes["Scene"]
    found["undone"] = music(scene)
    for name, frame in (("cue: one", 1), ("cue: two", 61)):
        scene.timeline_markers.new(name, frame=frame)
    scene.frame_end = 120
    bpy.ops.sonique.score_range(prompt="cue", which="SCENE", each_cue=True)
    found["cues"] = [strip for strip in music(scene) if strip["name"].startswith("Sonique: cue")]
    return found


def _varied_stems() -> list[dict[str, Any]]:
    """New Take, on one of the stems."""
    scene = bpy.data.scenes["Scene"]
    scene.sequence_editor.active_strip = next(strip for strip in placing.placed(scene) if provenance.stem_of(strip))
    bpy.ops.sonique.vary(seed=21)
    return music(bpy.data.scenes["Scene"])

"""Music cut in two: another take of its second half, that redone, packed, without its sound; and the list of jobs."""

from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, placing, provenance, rows, state

from tests.blender.inside.building import in_sequencer, select_only
from tests.blender.inside.operating import enabled, failure, film_scene


def main(folder: Path, film: str) -> dict[str, Any]:
    enabled()
    scene = film_scene(film, path=folder / "trip.blend")
    bpy.ops.sonique.score_range(prompt="first", seed=5, which="SCENE")
    (left,) = placing.placed(scene)
    right = left.split(frame=41, split_method="SOFT")
    scene.sequence_editor.active_strip = right
    bpy.ops.sonique.vary(seed=9)
    halves = (left, right)
    found: dict[str, Any] = {"seeds": [[take.provenance.seed for take in provenance.takes_of(each)] for each in halves]}
    bpy.ops.sonique.redo()
    found["begins"] = [compat.file_start(each) for each in halves]
    found["redone"] = _told(right)
    found.update(_without_files(right))
    found["chosen"] = _chosen()
    select_only(scene, left)
    with in_sequencer():
        bpy.ops.sequencer.retiming_key_add(timeline_frame=20)
    found["retimed"] = failure(bpy.ops.sonique.redo)
    return found


def _told(strip: Any) -> dict[str, Any]:
    """Where it stands and its file begins; and where it began with each of its takes."""
    span, begins = compat.span(strip), compat.file_start(strip)
    kept = []
    for number in range(len(provenance.takes_of(strip))):
        bpy.ops.sonique.swap_take(take=number)
        kept.append(compat.file_start(strip))
    return {"span": [span.start, span.end], "begins": begins, "kept": kept}


def _without_files(strip: Any) -> dict[str, Any]:
    """The music packed and its files gone; then without even its sound."""
    strip.sound.pack()
    for path in Path(bpy.data.filepath).parent.joinpath("Sonique").iterdir():
        path.unlink()
    packed = sorted(bpy.ops.sonique.vary(seed=11))
    sound, strip.sound = strip.sound, None
    for path in Path(bpy.data.filepath).parent.joinpath("Sonique").iterdir():
        path.unlink()
    said = failure(bpy.ops.sonique.vary)
    again = sorted(bpy.ops.sonique.redo())
    return {"packed": packed, "soundless": said, "without a sound": [again, strip.sound not in {None, sound}]}


def _chosen() -> list[Any]:
    """Which job is chosen in the list as others are asked for: the newest, unless another one was."""
    manager = bpy.context.window_manager
    bpy.ops.sonique.clear()
    bpy.ops.sonique.score_range(prompt="second", which="SCENE")
    found: list[Any] = [manager.sonique_job]
    bpy.ops.sonique.score_range(prompt="third", which="SCENE")
    manager.sonique_job = 1
    found.append(rows.chosen(manager).title)
    bpy.ops.sonique.score_range(prompt="fourth", which="SCENE")
    found.append(rows.chosen(manager).title)
    bpy.ops.sonique.clear()
    state.get().tick()
    bpy.ops.sonique.score_range(prompt="third", which="SCENE")
    found.append(rows.chosen(manager).title)
    return found

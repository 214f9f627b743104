"""Music cut in two: another take of its second half, that redone, packed, without its sound; and the list of jobs."""

from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, placing, provenance, rows, scoring, state

from tests.blender.inside.building import in_sequencer, select_only
from tests.blender.inside.operating import enabled, failure, film_scene, pumped


def main(folder: Path, film: str) -> dict[str, Any]:
    enabled()
    scene = film_scene(film, path=folder / "trip.blend")
    bpy.ops.sonique.score_range(prompt="first", seed=5, which="SCENE")
    left, right = halves = _cut_and_varied(scene)
    found: dict[str, Any] = {"seeds": [[take.provenance.seed for take in provenance.takes_of(each)] for each in halves]}
    bpy.ops.sonique.redo()
    found["count"] = len(placing.placed(bpy.data.scenes["Scene"]))
    found["begins"] = [compat.file_start(each) for each in halves]
    found["redone"] = _told(right)
    found.update(_without_files(right))
    found["chosen"] = _chosen()
    select_only(left.id_data, left)
    with in_sequencer():
        bpy.ops.sequencer.retiming_key_add(timeline_frame=20)
    found["retimed"] = failure(bpy.ops.sonique.redo)
    return found


def _cut_and_varied(scene: Any) -> tuple[Any, Any]:
    """The halves, the second of which got another take while something else was done and taken back."""
    names = [strip.name for strip in placing.placed(scene)]
    names.append(placing.placed(scene)[0].split(frame=41, split_method="SOFT").name)
    bpy.ops.ed.undo_push(message="cut")
    job = scoring.vary(scene.sequence_editor.strips[names[1]], 9, 1)
    scene.timeline_markers.new("hit", frame=20)
    bpy.ops.ed.undo_push(message="marker")
    bpy.ops.ed.undo()
    pumped(lambda: job.ended)
    strips = bpy.data.scenes["Scene"].sequence_editor.strips
    strips.id_data.sequence_editor.active_strip = strips[names[1]]
    return strips[names[0]], strips[names[1]]


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

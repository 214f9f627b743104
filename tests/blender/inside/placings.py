"""Placing music, taking it back, and finding it again in a file that was closed."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
from sonique_blender import busy, compat, placing, provenance, swapping
from sonique_blender.core.errors import BlenderError
from sonique_blender.core.placement import Provenance, Take
from sonique_blender.core.strips import Span

from tests.blender.inside.building import new_scene
from tests.blender.inside.sounding import ducking, mixdown, placement, told

RATES = {"24": (24, 1.0), "23.976": (24, 1.001), "29.97": (30, 1.001), "60": (60, 1.0)}


def main(folder: Path, part: str, *words: str) -> Any:
    parts: dict[str, Callable[..., Any]] = {
        "exact": exact,
        "undo": undo,
        "reopen": reopen,
        "moved": moved,
        "levels": levels,
        "channels": channels,
        "stems": stems,
        "failures": failures,
        "bare": bare,
    }
    return parts[part](folder, *words)


def exact(folder: Path, *wavs: str) -> list[dict[str, Any]]:
    """Music of 120 frames at each rate."""
    found = []
    for (name, (fps, base)), wav in zip(RATES.items(), wavs, strict=True):
        scene = new_scene(fps, base)
        scene.frame_start, scene.frame_end = 1, 240
        strip = placing.place(scene, placement(wav, 120, name="Cue"))
        found.append({**told(strip), "rate": name, "mix": mixdown(scene, folder / f"{name}.wav")})
    return found


def undo(_: Path, wav: str) -> dict[str, Any]:
    scene = new_scene()
    bpy.ops.ed.undo_push(message="before")
    placing.place(scene, placement(wav, 120))
    counts = [len(bpy.context.scene.sequence_editor.strips)]
    bpy.ops.ed.undo()
    counts.append(len(bpy.context.scene.sequence_editor.strips))
    bpy.ops.ed.redo()
    (strip,) = bpy.context.scene.sequence_editor.strips
    return {"counts": counts, "job": provenance.job_of(strip)}


def reopen(folder: Path, wav: str, other: str) -> dict[str, Any]:
    """Placed, saved, opened again, and another take swapped in."""
    scene, blend = new_scene(), str(folder / "cue.blend")
    second = Take(Path(other), Provenance("job-1", "take-2", 8))
    strip = placing.place(scene, placement(wav, 120, others=(second,), fade_in=12))
    identity = provenance.id_of(strip)
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=blend)
    scene = bpy.context.scene
    strip = placing.strip_of(scene, identity)
    playing, kept = provenance.takes_of(strip)
    before = told(strip)
    bpy.ops.ed.undo_push(message="before")
    swapping.swap(strip, kept)
    strip = placing.strip_of(scene, identity)
    swapped, back = provenance.takes_of(strip)
    after = told(strip)
    bpy.ops.ed.undo()
    undone = told(placing.strip_of(bpy.context.scene, identity))
    return {
        "before": before,
        "after": after,
        "undone": undone,
        "seeds": [playing.provenance.seed, kept.provenance.seed, swapped.provenance.seed, back.provenance.seed],
        "tags": playing.provenance.tags,
        "engine": playing.provenance.engine,
        "selected": strip.select,
    }


def moved(folder: Path, wav: str, other: str) -> dict[str, Any]:
    """A project whose folder is moved with all that is in it, and another take swapped in there."""
    project, elsewhere = folder / "project", folder / "elsewhere"
    (project / "Sonique").mkdir(parents=True)
    files = [Path(shutil.copy(each, project / "Sonique")) for each in (wav, other)]
    scene = new_scene()
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "cue.blend"))
    second = Take(files[1], Provenance("job-1", "take-2", 8))
    strip = placing.place(scene, placement(str(files[0]), 120, others=(second,)))
    paths, identity = [strip.sound.filepath], provenance.id_of(strip)
    bpy.ops.wm.save_mainfile()
    project.rename(elsewhere)
    bpy.ops.wm.open_mainfile(filepath=str(elsewhere / "cue.blend"))
    strip = placing.strip_of(bpy.context.scene, identity)
    plays, frames = [told(strip)["file"]], [compat.content_frames(strip)]
    swapping.swap(strip, provenance.takes_of(strip)[1])
    strip = placing.strip_of(bpy.context.scene, identity)
    plays.append(told(strip)["file"])
    paths.append(strip.sound.filepath)
    bpy.context.preferences.filepaths.use_relative_paths = False
    third = shutil.copy(wav, elsewhere / "Sonique" / "c.wav")
    paths.append(placing.place(bpy.context.scene, placement(str(third), 120)).sound.filepath)
    there = [str(Path(each).relative_to(elsewhere)) for each in plays]
    return {"paths": paths, "plays": there, "frames": frames, "root": str(elsewhere)}


def levels(folder: Path, wav: str) -> dict[str, Any]:
    scene = new_scene()
    scene.frame_start, scene.frame_end = 1, 240
    curve = ducking((0, 0), (1.5, 0), (2.0, -12), (3.0, -12), (3.5, 0))
    placing.place(scene, placement(wav, 120, fade_in=12, fade_out=24, ducking=curve, volume=0.5))
    return {"mix": mixdown(scene, folder / "levels.wav")}


def channels(_: Path, wav: str, film: str) -> dict[str, Any]:
    scene = new_scene()
    editor = scene.sequence_editor
    movie = editor.strips.new_movie(name="m", filepath=film, channel=2, frame_start=1)
    compat.set_span(movie, Span(1, 200))
    editor.channels[3].lock, editor.channels[4].mute = True, True
    chosen = [placing.place(scene, placement(wav, 120)).channel]
    chosen += [placing.place(scene, placement(wav, 120)).channel]
    chosen += [placing.place(scene, placement(wav, 120, channel=1)).channel]
    for channel in editor.channels:
        channel.lock = True
    count = len(editor.strips)
    return {
        "channels": chosen,
        "refused": _refused(placing.place, scene, placement(wav, 120)),
        "kept": len(editor.strips) == count,
    }


def stems(_: Path, wav: str, *files: str) -> dict[str, Any]:
    scene = new_scene()
    names = ("drums", "bass")
    takes = [
        Take(Path(wav), Provenance("job-1", f"take-{seed}", seed), tuple(zip(names, map(Path, pair), strict=True)))
        for seed, pair in enumerate((files[:2], files[2:]))
    ]
    lowest = placing.place(scene, placement(wav, 120, name="Cue")).channel
    strip = placing.place(scene, _with_stems(wav, takes))
    swapping.swap(strip, takes[1])
    made = [told(each) for each in scene.sequence_editor.strips if provenance.stem_of(each)]
    return {"mix": lowest, "stems": sorted(made, key=lambda each: each["channel"])}


def _with_stems(wav: str, takes: list[Take]) -> Any:
    return replace(placement(wav, 120, name="Cue"), take=takes[0], others=tuple(takes[1:]))


def failures(folder: Path, wav: str, text: str) -> dict[str, Any]:
    """Files that are none, strips that are none of ours, and moments in which nothing may be placed."""
    scene = new_scene()
    busy.register()
    said: list[str] = []

    def during(*_: object) -> None:
        said.append(_refused(placing.place, scene, placement(wav, 120)))

    bpy.app.handlers.save_pre.append(during)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "saved.blend"))
    bpy.app.handlers.save_pre.remove(during)
    compat.new_effect(scene.sequence_editor.strips, "COLOR", Span(1, 49), name="colour", channel=1)
    scene.frame_start = scene.frame_end = 1
    scene.render.filepath = str(folder / "frame.png")
    bpy.app.handlers.render_pre.append(during)
    bpy.ops.render.render(scene=scene.name)
    bpy.app.handlers.render_pre.remove(during)
    found = _failing_film(scene)
    plain = scene.sequence_editor.strips.new_sound(name="own", filepath=wav, channel=9, frame_start=1)
    answers: dict[str, Any] = {
        "missing": _refused(placing.place, scene, placement(str(folder / "gone.wav"), 120)),
        "text": _refused(placing.place, scene, placement(text, 120)),
        "swap": _refused(swapping.swap, plain, placement(wav, 120).take),
        "scene": _refused(placing.scene_of, 0),
        "strip": _refused(placing.strip_of, scene, "none"),
        "busy": said,
        "after a film that failed": found,
        "dragging": [busy.dragging(_windows(*names)) for names in (("TRANSFORM_OT_seq_slide",), ("SONIQUE_OT_tell",))],
    }
    answers["strips"] = len(scene.sequence_editor.strips)
    placing.place(scene, placement(wav, 120))
    answers["later"] = len(scene.sequence_editor.strips)
    return answers


def _failing_film(scene: Any) -> str:
    """What Blender is said to be at after a render that could not open its film."""
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "VIDEO"
    settings.file_format, scene.render.filepath = "FFMPEG", "/proc/nowhere/film"
    with suppress(RuntimeError):
        bpy.ops.render.render(scene=scene.name, animation=True)
    return busy.doing()


def _windows(*names: str) -> list[Any]:
    """What Blender's windows say of operators that run; without a window, none can."""
    assert [len(window.modal_operators) for window in bpy.context.window_manager.windows] == [0]
    return [SimpleNamespace(modal_operators=[SimpleNamespace(bl_idname=name) for name in names])]


def bare(_: Path, wav: str) -> dict[str, Any]:
    """A scene without a sequencer."""
    new_scene()
    scene = bpy.data.scenes.new("Bare")
    return told(placing.place(scene, placement(wav, 120)))


def _refused(call: Callable[..., Any], *words: Any) -> str:
    try:
        call(*words)
    except BlenderError as error:
        return f"{error.code}: {error.sentence}"
    return ""

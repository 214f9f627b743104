"""Timelines that say more than their strips' files, or other things at other frames."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, snapshot
from sonique_blender.core.ranges import Wish
from sonique_blender.core.reading import Reading, read
from sonique_blender.core.strips import Span
from sonique_blender.rendering import Rendering

from tests.blender.inside.building import add_movie, new_scene
from tests.blender.inside.readings import asked, told

RATES = ((24, 1.0), (24, 1.001), (30, 1.001), (60, 1.001), (24_000, 1001), (2997, 100), (1, 0.08))
WISH = Wish(span=Span(1, 97))


def main(folder: Path, part: str, *words: str) -> Any:
    parts: dict[str, Callable[..., Any]] = {
        "rates": rates,
        "playhead": playhead,
        "output": output,
        "nested": nested,
        "paths": paths,
    }
    return parts[part](folder, *words)


def rates(_: Path) -> dict[str, str]:
    return {f"{fps} / {base}": str(compat.frame_rate(new_scene(fps, base))) for fps, base in RATES}


def playhead(_: Path, film: str, wav: str) -> dict[str, Any]:
    """A film that is muted at first, and a sound that fades in, read from the first frame and from a later one."""
    scene = new_scene()
    add_movie(scene, film, 1, 1)
    over = add_movie(scene, film, 2, 1)
    talk = scene.sequence_editor.strips.new_sound(name="talk", filepath=wav, channel=5, frame_start=1)
    for frame, muted, volume in ((1, True, 0.0), (60, False, 1.0)):
        over.mute, talk.volume = muted, volume
        over.keyframe_insert("mute", frame=frame)
        talk.keyframe_insert("volume", frame=frame)
    found: dict[str, Any] = {"muted": [], "volumes": [], "readings": []}
    for frame in (1, 80):
        scene.frame_set(frame)
        found["muted"].append(over.mute)
        found["volumes"].append(talk.volume)
        found["readings"].append(told(read(snapshot.take(scene), WISH)))
    return found


def output(folder: Path, film: str) -> dict[str, Any]:
    """A scene whose output is set to two views and to grey pictures, and which must be rendered."""
    scene = new_scene()
    add_movie(scene, film, 1, 1)
    colour = compat.new_effect(scene.sequence_editor.strips, "COLOR", WISH.span or Span(1, 2), name="red", channel=2)
    colour.color = (1, 0, 0)
    scene.render.use_multiview = True
    scene.render.image_settings.color_mode = "BW"
    return told(_rendered(scene, folder))


def nested(folder: Path, film: str, wav: str) -> dict[str, Any]:
    """A scene with talk and with music of our own, in a scene strip; its editor listens to nothing."""
    scene = new_scene()
    add_movie(scene, film, 1, 1)
    inner = bpy.data.scenes.new("Inner")
    inner.frame_end = 240
    strips = inner.sequence_editor_create().strips
    strips.new_sound(name="talk", filepath=wav, channel=1, frame_start=1)
    strips.new_sound(name="music", filepath=wav, channel=2, frame_start=1)["sonique_job"] = "job-0"
    strip = scene.sequence_editor.strips.new_scene(name="inner", scene=inner, channel=2, frame_start=1)
    strip.scene_input = "SEQUENCER"
    scene.use_audio, scene.audio_volume = False, 0.0
    return told(_rendered(scene, folder))


def paths(folder: Path, film: str, wav: str) -> dict[str, Any]:
    """Files that are relative, missing, and packed."""
    scene = new_scene()
    strip = add_movie(scene, film, 1, 1)
    talk = scene.sequence_editor.strips.new_sound(name="talk", filepath=wav, channel=3, frame_start=1)
    wish, answers = Wish(span=Span(1, 121)), {}
    strip.filepath = "//film.mp4"
    answers["unsaved"] = asked(scene, wish)
    strip.filepath = film
    talk.sound.filepath = "//talk.wav"
    answers["unsaved sound"] = asked(scene, wish)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "paths.blend"))
    strip.filepath = bpy.path.relpath(film)
    answers["relative"], answers["path"] = asked(scene, wish), strip.filepath
    talk.sound.filepath = wav
    lost = add_movie(scene, film, 2, 1)
    lost.filepath = "//gone.mp4"
    answers["missing"] = asked(scene, wish)
    scene.sequence_editor.strips.remove(strip)
    answers["all missing"] = asked(scene, wish)
    lost.filepath = film
    talk.sound.pack()
    answers["packed"] = asked(scene, wish)
    return answers


def _rendered(scene: Any, folder: Path) -> Reading:
    rendering = Rendering(read(snapshot.take(scene), WISH), folder / "renders")
    while (done := rendering.poll()) is None:
        time.sleep(0.02)
    return done

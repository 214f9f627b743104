"""Runs in a Blender of its own without a window: renders a range small, and mixes its sound down.

Started by ``rendering`` as a script, never imported; the path of its order stands after ``--``. It works on a copy of
the file, so that it may change whatever it likes.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import bpy

_SAMPLES = 8
"""Of Cycles, where a scene strip shows a scene in three dimensions."""


def main(order_path: Path) -> int:
    """Does what the order says; the exit status."""
    order = json.loads(order_path.read_text(encoding="utf-8"))
    answer = order_path.with_name("answer.json")
    try:
        _render(order, order_path.with_name("progress.json"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the editor is to read it
        answer.write_text(json.dumps({"failure": str(error)}), encoding="utf-8")
        return 1
    answer.write_text(json.dumps({"done": True}), encoding="utf-8")
    return 0


def _render(order: dict[str, Any], progress: Path) -> None:
    if hasattr(os, "nice"):
        os.nice(10)
    if Path(bpy.data.filepath) != Path(order["blend"]):
        bpy.ops.wm.open_mainfile(filepath=order["blend"], load_ui=False)
    scene = bpy.data.scenes[order["scene"]]
    _set_range(scene, order)
    if order["sound"]:
        _mix(scene, order)
    if order["film"]:
        _set_film(scene, order)
        _tell_progress(progress)
        bpy.ops.render.render(animation=True, scene=scene.name)


def _set_range(scene: Any, order: dict[str, Any]) -> None:
    scene.frame_start, scene.frame_end, scene.frame_step = order["start"], order["end"] - 1, 1
    scene.use_preview_range = False
    for each in bpy.data.scenes:
        _silence(each, order["silent"])


def _silence(scene: Any, mark: str) -> None:
    """Mutes the strips that carry the mark; other scenes may sound through a scene strip."""
    for strip in scene.sequence_editor.strips_all if scene.sequence_editor else ():
        if mark in strip:
            strip.mute = True


def _mix(scene: Any, order: dict[str, Any]) -> None:
    scene.use_audio, scene.audio_volume = True, 1.0  # however loud the editor listens
    with bpy.context.temp_override(scene=scene):
        bpy.ops.sound.mixdown(
            filepath=order["sound"], check_existing=False, container="WAV", codec="PCM", format="S16", mixrate=48_000
        )


def _set_film(scene: Any, order: dict[str, Any]) -> None:
    render = scene.render
    # A share leaves strips, text and effects where they are on the frame; another size would not.
    share = max(
        1, min(render.resolution_percentage, 100 * order["side"] // max(render.resolution_x, render.resolution_y))
    )
    render.resolution_percentage = share
    render.resolution_x, render.resolution_y = _even(render.resolution_x, share), _even(render.resolution_y, share)
    render.use_sequencer, render.use_stamp, render.use_file_extension = True, False, True
    render.use_overwrite, render.use_placeholder, render.use_border = True, False, False
    render.use_multiview = False  # of several views, each would be a film of its own
    if hasattr(render.image_settings, "media_type"):
        render.image_settings.media_type = "VIDEO"
    render.image_settings.file_format, render.image_settings.color_mode = "FFMPEG", "RGB"
    render.image_settings.color_management = "FOLLOW_SCENE"
    film = render.ffmpeg
    film.format, film.codec, film.audio_codec = "MPEG4", "H264", "NONE"
    film.constant_rate_factor, film.gopsize, film.ffmpeg_preset = "HIGH", 12, "REALTIME"
    film.use_max_b_frames, film.use_autosplit = False, False
    render.filepath = order["film"]
    for each in bpy.data.scenes:
        if each.render.engine == "CYCLES":
            each.cycles.samples = _SAMPLES


def _even(side: int, share: int) -> int:
    """The side next to ``side`` of which ``share`` per cent is an even number of pixels, as films need it."""
    return next(each for each in range(side, side + 400) if each * share // 100 % 2 == 0 and each * share >= 200)


def _tell_progress(path: Path) -> None:
    parent, done = os.getppid(), 0

    def written(*_: object) -> None:
        nonlocal done
        if os.getppid() != parent:
            os._exit(1)  # whoever wanted the film is gone
        done += 1
        path.write_text(json.dumps({"frames": done}), encoding="utf-8")

    bpy.app.handlers.render_write.append(written)


if __name__ == "__main__":
    status = main(Path(sys.argv[sys.argv.index("--") + 1]))
    sys.stdout.flush()
    os._exit(status)  # some releases hang on their way out

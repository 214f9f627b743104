"""Building scenes inside Blender, as an editor would by hand."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat, provenance


def new_scene(fps: int = 24, base: float = 1.0) -> Any:
    """An empty file with one scene of 320 × 180 and a sequencer."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if not hasattr(bpy.types.Strip, "sonique_provenance"):
        provenance.register()
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = fps, base
    scene.render.resolution_x, scene.render.resolution_y = 320, 180
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "PNG"
    scene.sequence_editor_create()
    compat.show_in_sequencer(bpy.context, scene)
    return scene


@contextmanager
def in_sequencer() -> Iterator[None]:
    """What operators of the sequencer need around them."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda each: each.width * each.height)
    area.type = "SEQUENCE_EDITOR"
    region = next(each for each in area.regions if each.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        yield


def add_movie(scene: Any, path: str, channel: int, frame: int, *, adjusted: bool = True) -> Any:
    """A movie as the operator adds it, with the file's own rate kept or not."""
    with in_sequencer():
        bpy.ops.sequencer.movie_strip_add(
            filepath=path,
            frame_start=frame,
            channel=channel,
            sound=False,
            use_framerate=False,
            set_view_transform=False,
            adjust_playback_rate=adjusted,
            **compat.no_mouse(),
        )
    return scene.sequence_editor.active_strip


def select_only(scene: Any, *strips: Any) -> None:
    """Selects ``strips``, the last of them active."""
    for strip in scene.sequence_editor.strips_all:
        strip.select = strip in strips
    scene.sequence_editor.active_strip = strips[-1] if strips else None


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps what Blender itself prints off the screen."""
    sys.stdout.flush()
    kept, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)


def render(scene: Any, frame: int, path: Path) -> str:
    """A picture of one frame as Blender shows it."""
    scene.frame_set(frame)
    scene.render.filepath = str(path)
    with quiet():
        bpy.ops.render.render(write_still=True, scene=scene.name)
    return str(path)

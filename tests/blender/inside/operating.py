"""Sonique enabled as Blender enables it, and scenes to score."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import sonique_blender
from sonique_blender import compat, placing, provenance, state
from sonique_blender.core.tick import Tick

from tests.blender.inside.building import new_scene


def enabled() -> None:
    """Registers the extension, as Blender does."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    sonique_blender.register()


def film_scene(film: str, frames: int = 96, path: Path | None = None) -> Any:
    """A scene with one film from frame 1 on; in a saved file where ``path`` names one."""
    scene = new_scene()
    scene.frame_end = frames
    strip = scene.sequence_editor.strips.new_movie(name="Film", filepath=film, channel=1, frame_start=1)
    strip.select = False
    if path is not None:
        bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return scene


def opened(path: Path) -> Any:
    """The scene of a file, opened anew."""
    bpy.ops.wm.open_mainfile(filepath=str(path))
    scene = bpy.data.scenes["Scene"]
    compat.show_in_sequencer(bpy.context, scene)
    return scene


def music(scene: Any) -> list[dict[str, Any]]:
    """Sonique's strips in a scene, as a test compares them."""
    return [
        {
            "name": strip.name,
            "start": compat.span(strip).start,
            "end": compat.span(strip).end,
            "file": bpy.path.abspath(strip.sound.filepath),
            "seeds": [take.provenance.seed for take in provenance.takes_of(strip)],
            "tags": [take.provenance.tags for take in provenance.takes_of(strip)],
            "stem": provenance.stem_of(strip),
        }
        for strip in placing.placed(scene)
    ]


def active(scene: Any) -> Any:
    """Makes the first of Sonique's strips active."""
    scene.sequence_editor.active_strip = placing.placed(scene)[0]
    return scene.sequence_editor.active_strip


def failure(call: Callable[..., Any], **given: Any) -> str:
    """What an operator reports as an error, which a script meets as an exception; "" where it works."""
    try:
        call(**given)
    except RuntimeError as error:
        return str(error).removeprefix("Error: ").strip()
    return ""


def without_waiting(scene: Any, count: int = 1, **given: Any) -> list[Any]:
    """Orders music as a window does: the jobs are on their way, and nothing waits for them."""
    from sonique_blender import scoring, wishing
    from sonique_blender.core.ranges import Which

    for name, value in given.items():
        setattr(scene.sonique, name, value)
    return [job for _ in range(count) for job in scoring.score(scene, wishing.wishes_of(scene.sonique), Which.SCENE)]


def pumped(until: Callable[[], bool], seconds: float = 240.0) -> None:
    """Ticks as the timer does, until that is so."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, [(view.title, view.text, view.sentence) for view in state.get().book.views]
        state.get().tick(Tick(seconds=0.1))
        time.sleep(0.02)


def loaded() -> list[str]:
    """What of gRPC is loaded."""
    return sorted(name for name in sys.modules if name in {"grpc", "google.protobuf"})

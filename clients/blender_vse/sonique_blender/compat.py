"""What Blender calls a thing in which release: 4.5 LTS, 5.0, 5.1 and 5.2 LTS.

The one module that asks for Blender's version. Since 5.1 a strip's edges and content have new names, and reading the
old ones warns; since 5.0 the sequencer may show another scene than the window, and effects are given a length.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import bpy

from .core.strips import Span

VERSION: tuple[int, int, int] = tuple(bpy.app.version)
"""Of the running Blender."""

OLDEST = (4, 5, 0)
"""The oldest Blender that this works in."""

_RENAMED = VERSION >= (5, 1, 0)
_HANDLES = ("left_handle", "right_handle") if _RENAMED else ("frame_final_start", "frame_final_end")
_BROADCAST = 1001


def sequencer_scene(context: Any) -> Any:
    """The scene whose sequence the editor shows; None where there is none."""
    return getattr(context, "sequencer_scene", None) or context.scene


def show_in_sequencer(context: Any, scene: Any) -> None:
    """Makes ``scene`` the one that the workspace's sequencer shows, where a release tells these apart."""
    workspace = context.workspace
    if workspace is not None and hasattr(workspace, "sequencer_scene"):
        workspace.sequencer_scene = scene


def frame_rate(scene: Any) -> Fraction:
    """Frames per second, exact: 24 with a base of 1.001 is 24000/1001."""
    return Fraction(scene.render.fps) / _as_written(scene.render.fps_base)


def _as_written(number: float) -> Fraction:
    """The simplest number that Blender, which keeps 24 bits of each, cannot tell from this one.

    Of 1.001 it keeps 1.0010000467, and there are fractions that are nearer to that than 1001/1000.
    """
    kept = Fraction(number)
    near = (kept.limit_denominator(10**digits) for digits in range(6))
    return next((each for each in near if abs(each - kept) <= kept / 2**24), kept)


def source_rate(strip: Any) -> Fraction | None:
    """Frames per second of a movie strip's file, exact; None where Blender does not say.

    What stands on the strip is enough: asking for its ``fps`` opens the file, and keeps it open, for each strip.
    """
    rate = next((float(element.orig_fps) for element in strip.elements), 0.0) or float(strip.fps)
    return Fraction(rate).limit_denominator(_BROADCAST) if rate > 0 else None


def span(strip: Any) -> Span:
    """What a strip shows, between its handles."""
    if _RENAMED:
        return Span(strip.left_handle, strip.right_handle)
    return Span(strip.frame_final_start, strip.frame_final_end)


def whereabouts(strips: Any) -> Iterator[tuple[int, int, int]]:
    """Channel, first frame and the frame after the last of each strip, quickly."""
    names = ("channel", *_HANDLES)
    told = [[0] * len(strips) for _ in names]
    for name, values in zip(names, told, strict=True):
        strips.foreach_get(name, values)
    return zip(*told, strict=True)


def set_span(strip: Any, wanted: Span) -> None:
    """Moves a strip's handles; its content stays where it is."""
    start, end = _HANDLES
    # The one that makes it longer goes first: no handle comes past the other.
    for handle in (start, end) if wanted.start < getattr(strip, end) else (end, start):
        setattr(strip, handle, wanted.start if handle == start else wanted.end)


def content_start(strip: Any) -> Fraction:
    """The frame at which a strip's content begins."""
    return Fraction(strip.content_start if _RENAMED else strip.frame_start)


def move_content(strip: Any, frame: int) -> None:
    """Moves a strip, handles and all, so that its content begins at ``frame``."""
    setattr(strip, "content_start" if _RENAMED else "frame_start", frame)


def slide_content(strip: Any, frames: int) -> None:
    """Moves a strip's content by so many frames; its handles and keyframes stay where they are."""
    kept, keys = span(strip), _keys(strip)
    move_content(strip, round(content_start(strip)) + frames)
    set_span(strip, kept)
    for key, points in keys:
        for point in ("co", "handle_left", "handle_right"):
            getattr(key, point)[:] = points[point]


def file_start(strip: Any) -> int:
    """The frame at which a sound's file begins, perhaps long before the left handle."""
    late = Fraction(strip.sound_offset) * frame_rate(strip.id_data)
    return round(content_start(strip) - hard_trim(strip)[0] + late)


def content_frames(strip: Any) -> int:
    """How long a strip's content is on the timeline, in frames."""
    return int(strip.content_duration if _RENAMED else strip.frame_duration)


def hard_trim(strip: Any) -> tuple[int, int]:
    """Frames cut off for good at the beginning and end of a strip's source; none for strips that have no source."""
    stem = "content_trim" if _RENAMED else "animation_offset"
    return int(getattr(strip, f"{stem}_start", 0)), int(getattr(strip, f"{stem}_end", 0))


def new_effect(strips: Any, kind: str, frames: Span, **more: Any) -> Any:
    """A new effect strip over ``frames``; ``more`` is what ``new_effect`` takes besides."""
    if VERSION >= (5, 0, 0):
        return strips.new_effect(type=kind, frame_start=frames.start, length=frames.frames, **more)
    return strips.new_effect(type=kind, frame_start=frames.start, frame_end=frames.end, **more)


def no_mouse() -> dict[str, bool]:
    """What operators that add strips need so that they do not wait for the mouse, without which some releases crash."""
    return {"move_strips": False} if VERSION >= (5, 0, 0) else {}


def animated_paths(scene: Any) -> Iterator[str]:
    """The data paths of everything in ``scene`` that is keyframed or driven."""
    data = scene.animation_data
    if data is None:
        return
    for curve in (*_curves(data), *data.drivers):
        yield curve.data_path


def straighten(scene: Any, path: str) -> None:
    """Puts straight lines between the keyframes of one data path of ``scene``."""
    data = scene.animation_data
    for curve in _curves(data) if data else ():
        if curve.data_path == path:
            for key in curve.keyframe_points:
                key.interpolation = "LINEAR"


def _keys(strip: Any) -> list[tuple[Any, dict[str, tuple[float, float]]]]:
    """The keyframes of a strip, and where each stands."""
    data, own = strip.id_data.animation_data, f"{strip.path_from_id()}."
    curves = [curve for curve in _curves(data) if curve.data_path.startswith(own)] if data else []
    points = ("co", "handle_left", "handle_right")
    return [
        (key, {point: tuple(getattr(key, point)) for point in points})
        for each in curves
        for key in each.keyframe_points
    ]


def _curves(data: Any) -> Iterator[Any]:
    for holder in _curve_holders(data):
        yield from holder


def _curve_holders(data: Any) -> Iterator[Any]:
    """The collections of curves that animate one data-block; an action may hold those of others too."""
    action = data.action
    if action is None:
        return
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(data.action_slot) if data.action_slot is not None else None
            if bag is not None:
                yield bag.fcurves

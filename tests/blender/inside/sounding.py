"""Music placed and mixed down, as sound that can be measured."""

from pathlib import Path
from typing import Any

import bpy
from sonique_blender import compat
from sonique_blender.core.placement import GainPoint, Placement, Provenance, Take
from sonique_blender.core.strips import Span

START = 49


def placement(wav: str, frames: int, **more: Any) -> Placement:
    """``frames`` frames of music from frame 49 on."""
    take = Take(Path(wav), Provenance("job-1", "take-1", 7, "composer", "{}", "{}", "calm"))
    return Placement(Span(START, START + frames), take, **more)


def ducking(*points: tuple[float, float]) -> tuple[GainPoint, ...]:
    return tuple(GainPoint(*point) for point in points)


def mixdown(scene: Any, path: Path) -> str:
    """The scene's sound from its first frame to its last, 48 kHz."""
    with bpy.context.temp_override(scene=scene):
        bpy.ops.sound.mixdown(
            filepath=str(path), check_existing=False, container="WAV", codec="PCM", format="S16", mixrate=48_000
        )
    return str(path)


def told(strip: Any) -> dict[str, Any]:
    """What a test wants to know of a strip."""
    span = compat.span(strip)
    return {
        "name": strip.name,
        "channel": strip.channel,
        "span": [span.start, span.end],
        "color": strip.color_tag,
        "waveform": strip.show_waveform,
        "file": bpy.path.abspath(strip.sound.filepath),
    }

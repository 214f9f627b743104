"""Blender as the book of jobs needs it: what lies open, whether it may be touched, and music placed in it."""

from collections.abc import Iterator, Sequence
from typing import Any

import bpy

from . import busy, placing, provenance, swapping
from .core.entry import Entry
from .core.errors import StripGone
from .core.job import ENDED, JobView, Phase
from .core.layback import Placing
from .core.link import LinkView, State
from .core.placement import Placement
from .core.targets import Desk


class BlenderPlacer:
    """Places music in the scenes that lie open.

    Attributes:
        opening: counts the blend files that were opened.
    """

    def __init__(self) -> None:
        self.opening = 1

    def desk(self) -> Desk:
        """What lies open now."""
        scenes = tuple((scene.name, scene.session_uid) for scene in bpy.data.scenes if scene.library is None)
        return Desk(self.opening, bpy.data.filepath, scenes)

    def free(self) -> bool:
        """Whether Blender neither renders, mixes down nor saves."""
        return not busy.doing()

    def begin(self, scene_uid: int, strip: str, placement: Placement) -> Placing:
        """Music to be placed as new strips, or swapped into the strip of that id while that is there."""
        if strip and _is_music(placing.scene_of(scene_uid), strip):
            return swapping.Swap(scene_uid, strip, placement.take, placement.others)
        return Entry(placing.SceneTimeline(scene_uid), placement)


def redraw() -> None:
    """Has every sequencer drawn anew."""
    for _, area in _sequencers():
        area.tag_redraw()


def tell_ended(before: Sequence[JobView], after: Sequence[JobView]) -> None:
    """Reports in the status bar what has ended since."""
    ended = {view.id for view in before if view.phase in ENDED}
    for view in after:
        if view.phase in ENDED and view.id not in ended and view.phase is not Phase.CANCELLED:
            tell(view.sentence or f"{view.phase.value}: {view.title}", bad=view.phase is not Phase.PLACED)


def tell_lost(before: LinkView, after: LinkView) -> None:
    """Reports in the status bar, once, that the daemon is gone, or the process that speaks to it."""
    if before.state is State.READY and after.state is not State.READY and after.sentence:
        tell(after.sentence, bad=True)


def tell(sentence: str, *, bad: bool) -> None:
    """Reports a sentence in the status bar of a window, from outside of any operator."""
    windows = (*(window for window, _ in _sequencers()), *bpy.context.window_manager.windows)
    window = next(iter(windows), None)
    if window is None:
        print(f"Sonique: {sentence}")  # noqa: T201 - without a window, the terminal is where a script's user looks
        return
    with bpy.context.temp_override(window=window):
        bpy.ops.sonique.tell("INVOKE_DEFAULT", sentence=sentence, bad=bad)


def _is_music(scene: Any, identity: str) -> bool:
    try:
        return bool(provenance.takes_of(placing.strip_of(scene, identity)))
    except StripGone:
        return False


def _sequencers() -> Iterator[tuple[Any, Any]]:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                yield window, area

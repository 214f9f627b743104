"""Unfinished strips: what was put onto a timeline while its music is still being placed.

They carry a mark, saved with the blend file and kept by undo steps. A file or an undo step that caught some of them is
rid of them as soon as it lies open.
"""

from collections.abc import Iterator
from typing import Any

import bpy

_KEY = "sonique_unfinished"


def mark(strip: Any) -> None:
    """Makes a new strip an unfinished one."""
    strip[_KEY] = True


def unmark(strip: Any) -> None:
    """Makes it a strip like any other."""
    del strip[_KEY]


def marked(strip: Any) -> bool:
    """Whether it is an unfinished one."""
    return _KEY in strip


def strips() -> Iterator[Any]:
    """All that there are, in all scenes of the open file and in their metas."""
    for scene in bpy.data.scenes:
        if scene.library is None and scene.sequence_editor is not None:
            yield from [strip for strip in scene.sequence_editor.strips_all if _KEY in strip]


def clear() -> None:
    """Removes them all, and their sounds where nothing else plays them."""
    for strip in strips():
        remove(strip)


def remove(strip: Any) -> None:
    """Removes a strip, and its sound where nothing else plays that."""
    sound, holder = strip.sound, strip.parent_meta() or strip.id_data.sequence_editor
    holder.strips.remove(strip)
    if sound is not None and sound.users == 0:
        bpy.data.sounds.remove(sound)

"""Entries in the sequencer's own menus."""

from typing import Any

import bpy

from . import strip_operators


def _add(self: Any, context: Any) -> None:
    del context
    self.layout.separator()
    self.layout.operator("sonique.score_range", text="Sonique Music for Range", icon="OUTLINER_OB_SPEAKER")


def _strip(self: Any, context: Any) -> None:
    if strip_operators.music_of(context) is None:
        return
    self.layout.separator()
    self.layout.operator("sonique.vary", text="Sonique: New Take", icon="ADD")
    self.layout.operator("sonique.edit_tags", text="Sonique: Edit Tags", icon="GREASEPENCIL")
    self.layout.operator("sonique.redo", text="Sonique: Redo", icon="FILE_REFRESH")


_ENTRIES = (("SEQUENCER_MT_add", _add), ("SEQUENCER_MT_strip", _strip), ("SEQUENCER_MT_context_menu", _strip))


def register() -> None:
    """Adds them."""
    for menu, draw in _ENTRIES:
        getattr(bpy.types, menu).append(draw)


def unregister() -> None:
    """Takes them away."""
    for menu, draw in _ENTRIES:
        getattr(bpy.types, menu).remove(draw)

"""The panel of a Blender in which Sonique cannot run: it says why, and nothing else of Sonique is loaded."""

from typing import Any

import bpy

from . import fitness


class SONIQUE_PT_unfit(bpy.types.Panel):
    """What is missing."""

    bl_label = "Sonique"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Sonique"

    def draw(self, context: Any) -> None:
        """Draws it."""
        del context
        column = self.layout.column(align=True)
        for part in fitness.why_not().split("; "):
            column.label(text=part, icon="ERROR")


CLASSES = (SONIQUE_PT_unfit,)

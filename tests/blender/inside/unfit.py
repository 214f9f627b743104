"""Sonique in a Blender that lacks what its zip brings."""

from pathlib import Path
from typing import Any

import bpy
import sonique_blender


def main(folder: Path) -> dict[str, Any]:
    del folder
    sonique_blender.register()
    panel, operators = hasattr(bpy.types, "SONIQUE_PT_unfit"), hasattr(bpy.types, "SONIQUE_OT_score_range")
    sonique_blender.unregister()
    return {"panel": panel, "operators": operators, "gone": not hasattr(bpy.types, "SONIQUE_PT_unfit")}

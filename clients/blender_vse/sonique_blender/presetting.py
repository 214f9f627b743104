"""Presets of wishes, as Blender keeps all presets: small files in the user's own folder, and some that come along."""

from pathlib import Path

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel

_SUBFOLDER = "sonique/wishes"
_VALUES = (
    *("prompt", "genres", "moods", "instruments", "negatives", "bpm", "key", "hit_strength"),
    *("loudness", "ducking", "stems", "fade_in", "fade_out"),
)


class SONIQUE_PT_presets(PresetPanel, bpy.types.Panel):
    """The list of presets."""

    bl_label = "Presets of Wishes"
    preset_subdir = _SUBFOLDER
    preset_operator = "script.execute_preset"
    preset_add_operator = "sonique.preset_add"


class SONIQUE_OT_preset_add(AddPresetBase, bpy.types.Operator):
    """Keeps the wishes of the panel as a preset, or takes one away"""

    bl_idname = "sonique.preset_add"
    bl_label = "Add Preset of Wishes"
    preset_menu = "SONIQUE_PT_presets"
    preset_subdir = _SUBFOLDER
    preset_defines = ["wishes = (getattr(bpy.context, 'sequencer_scene', None) or bpy.context.scene).sonique"]
    preset_values = [f"wishes.{name}" for name in _VALUES]


CLASSES = (SONIQUE_OT_preset_add,)


def register() -> None:
    """Adds the presets that come along to those of the user."""
    bpy.utils.register_preset_path(str(Path(__file__).parent))


def unregister() -> None:
    """Takes them off the list."""
    bpy.utils.unregister_preset_path(str(Path(__file__).parent))

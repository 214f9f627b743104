"""Registering everything with Blender, and taking it away again."""

import atexit
from types import ModuleType

import bpy

from . import (
    busy,
    menus,
    operators,
    panels,
    preferences,
    presetting,
    provenance,
    rows,
    state,
    strip_operators,
    wishing,
)

_MODULES: tuple[ModuleType, ...] = (preferences, provenance, busy, wishing, rows, presetting)
_CLASSES = (*operators.CLASSES, *strip_operators.CLASSES, *presetting.CLASSES, *panels.CLASSES)


def register() -> None:
    """Registers all; the timer comes last.

    Where Blender is a module of Python's, nobody disables its add-ons at the end, and one release (4.5) then never ends
    as long as a class, a handler or a timer of ours is there.
    """
    for module in _MODULES:
        module.register()
    for each in _CLASSES:
        bpy.utils.register_class(each)
    menus.register()
    state.register()
    if bpy.app.module:
        atexit.register(unregister)


def unregister() -> None:
    """Takes all away; the timer goes first."""
    atexit.unregister(unregister)
    state.unregister()
    menus.unregister()
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
    for module in reversed(_MODULES):
        module.unregister()

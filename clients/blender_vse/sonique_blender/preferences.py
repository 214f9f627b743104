"""The preferences: where music goes, and how the daemon is started."""

import shlex
import sys
from typing import Any

import bpy

from .core.gateway import Unusable
from .declaring import properties

_PACKAGE = str(__package__)


@properties(
    output_folder=bpy.props.StringProperty(
        name="Output Folder",
        description="Where the music's files go. Empty: the folder “Sonique” beside the blend file, or in your folder "
        "of music as long as the file was never saved",
        subtype="DIR_PATH",
    ),
    command=bpy.props.StringProperty(
        name="Daemon Command",
        description="Program that runs the daemon, with options if need be. Empty: “soniqued” on PATH",
    ),
    start_daemon=bpy.props.BoolProperty(
        name="Start It When Needed",
        description="Starts the daemon where none runs when a range is scored",
        default=True,
    ),
    runtime_folder=bpy.props.StringProperty(
        name="Daemon Address",
        description="Folder with the address and token of a daemon other than your usual one (SONIQUE_RUNTIME_DIR). "
        "Empty: the usual one",
        subtype="DIR_PATH",
    ),
    keep_alive=bpy.props.IntProperty(
        name="Keep Alive",
        description="Seconds for which a daemon that is started from here keeps idle models in memory",
        default=300,
        min=0,
        max=604_800,
    ),
)
class SONIQUE_AP_preferences(bpy.types.AddonPreferences):
    """Sonique's preferences."""

    bl_idname = _PACKAGE

    def draw(self, context: Any) -> None:
        """Draws them."""
        del context
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "output_folder")
        layout.separator()
        layout.prop(self, "command")
        layout.prop(self, "start_daemon")
        layout.prop(self, "keep_alive")
        layout.prop(self, "runtime_folder")
        row = layout.row()
        row.operator("sonique.start_daemon", icon="PLAY")
        row.operator("sonique.free_memory", icon="TRASH")


class _Usual:
    """The preferences as they are before anyone changed them: where the code runs without being an add-on."""

    output_folder = command = runtime_folder = ""
    start_daemon = True
    keep_alive = 300


def of(context: Any) -> Any:
    """The preferences; the usual ones where this is not enabled as an add-on."""
    addon = context.preferences.addons.get(_PACKAGE)
    return _Usual if addon is None or addon.preferences is None else addon.preferences


def daemon_command() -> tuple[str, ...]:
    """How the daemon is started: the program and its options; empty for the usual program.

    Raises:
        Unusable: a quote in it is not closed.
    """
    command = of(bpy.context).command
    try:
        named = shlex.split(command, posix=sys.platform != "win32")
    except ValueError:
        raise Unusable(f"A quote is not closed in the preferences' Daemon Command “{command}”; close it.") from None
    return tuple(part.strip('"') for part in named)


def daemon_options() -> tuple[str, ...]:
    """What a daemon that is started from here is told besides."""
    return ("--keep-alive", str(of(bpy.context).keep_alive))


def register() -> None:
    """Registers the class."""
    bpy.utils.register_class(SONIQUE_AP_preferences)


def unregister() -> None:
    """Takes it away."""
    bpy.utils.unregister_class(SONIQUE_AP_preferences)

"""Busy: whether Blender is at something in the middle of which its timeline must not be touched."""

from collections.abc import Callable, Iterable
from typing import Any

import bpy

from .core.errors import Busy

_JOBS = {"RENDER": "renders", "RENDER_PREVIEW": "renders a preview", "COMPOSITE": "composites", "OBJECT_BAKE": "bakes"}
"""Blender's own background jobs, and what it does then."""

_BEGINS = {"render_pre": "renders", "save_pre": "saves", "load_pre": "opens a file"}
_ENDS = {
    "render_complete": "renders",
    "render_cancel": "renders",
    "save_post": "saves",
    "save_post_fail": "saves",
    "load_post": "opens a file",
    "load_post_fail": "opens a file",
}
"""Blender's handlers, and what begins and ends with them. A render that cannot open its film tells of its
``render_init``, and never of an end."""

_HANDS_ON = ("TRANSFORM_OT_", "SEQUENCER_OT_")
"""Operators that hold on to strips as long as they last: one that is dragged must not be taken from under the hand."""

_doing: set[str] = set()


def _handler(change: Callable[[str], None], what: str) -> Any:
    @bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
    def handle(*_: object) -> None:
        change(what)

    return handle


_HANDLERS = {
    **{name: _handler(_doing.add, what) for name, what in _BEGINS.items()},
    **{name: _handler(_doing.discard, what) for name, what in _ENDS.items()},
}


def register() -> None:
    """Begins to watch."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Ends it."""
    for name, handler in _HANDLERS.items():
        held = getattr(bpy.app.handlers, name)
        if handler in held:
            held.remove(handler)
    _doing.clear()


def doing() -> str:
    """What Blender is at ("renders"), or "" where the timeline may be touched.

    Mixdowns need no watch: they run on the main thread from beginning to end, so that nothing of Sonique's can run
    meanwhile.
    """
    running = (what for job, what in _JOBS.items() if bpy.app.is_job_running(job))
    return next(running, "") or next(iter(_doing), "") or dragging(bpy.context.window_manager.windows)


def dragging(windows: Iterable[Any]) -> str:
    """What the editor's hand is at in one of the windows ("moves strips"), or ""."""
    hands = (operator.bl_idname for window in windows for operator in window.modal_operators)
    return "moves strips" if any(name.startswith(_HANDS_ON) for name in hands) else ""


def check() -> None:
    """Raises ``Busy`` where the timeline must not be touched now."""
    what = doing()
    if what:
        raise Busy(f"Blender {what} just now; the music is placed as soon as that is over.")

"""What can be done, as operators: from the panel, from menus, and from scripts by ``bpy.ops.sonique``."""

import time
from collections.abc import Callable
from typing import Any

import bpy

from . import compat, rows, scoring, state, wishing
from .core.errors import BlenderError
from .core.job import Job, Phase
from .core.link import State
from .core.ranges import Which
from .core.tick import Tick
from .declaring import properties

_PUMP_SECONDS = 0.02
Result = set[str]
_DONE: Result = {"FINISHED"}
_NOT: Result = {"CANCELLED"}


def scene_of(operator: Any, context: Any) -> Any:
    """The scene whose sequence is edited; None, with the reason as the button's tooltip, where there is none."""
    scene = compat.sequencer_scene(context)
    if scene is None:
        operator.poll_message_set("No scene is open in the sequencer; choose one in its header")
    elif scene.library is not None:
        operator.poll_message_set("This scene is linked from another file, in which its music belongs; open that one")
        return None
    elif scene.sequence_editor is None:
        operator.poll_message_set("This scene has no sequence yet; add a strip first")
        return None
    return scene


@properties(
    **wishing.wish_properties(),
    **wishing.range_properties(),
    wait=bpy.props.BoolProperty(
        name="Wait",
        description="Returns only when the music is placed; always so without a window",
        options={"SKIP_SAVE"},
    ),
)
class SONIQUE_OT_score_range(bpy.types.Operator):
    """Makes music for the range, exactly as long, and places it on a free channel"""

    bl_idname = "sonique.score_range"
    bl_label = "Score Range"
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a sequence."""
        return scene_of(cls, context) is not None

    def execute(self, context: Any) -> Result:
        """Orders the music; what is not given here is taken from the scene's own wishes."""
        scene = compat.sequencer_scene(context)
        asked = _Given(self, scene.sonique)
        try:
            jobs = scoring.score(scene, wishing.wishes_of(asked), Which(asked.which), each_cue=asked.each_cue)
        except BlenderError as error:
            self.report({"ERROR"}, error.sentence)
            return _NOT
        return followed(self, jobs)


class _Given:
    """What was given to an operator, and for all else the scene's own wishes."""

    def __init__(self, operator: Any, usual: Any) -> None:
        self._operator, self._usual = operator, usual

    def __getattr__(self, name: str) -> Any:
        given = self._operator.properties.is_property_set(name)
        return getattr(self._operator if given else self._usual, name)


@properties(job=bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"}))
class SONIQUE_OT_cancel(bpy.types.Operator):
    """Cancels the job; the timeline stays as it is"""

    bl_idname = "sonique.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    def execute(self, context: Any) -> Result:
        """Cancels the job that is named, else the one that is chosen in the list."""
        chosen = rows.chosen(context.window_manager)
        named = self.job or (chosen.job if chosen is not None else "")
        if not state.get().book.cancel(named):
            self.report({"ERROR"}, "There is no such job any more, or it has ended; nothing is cancelled.")
            return _NOT
        return _DONE


class SONIQUE_OT_clear(bpy.types.Operator):
    """Takes the jobs that have ended off the list; their music stays"""

    bl_idname = "sonique.clear"
    bl_label = "Clear Ended"
    bl_options = {"INTERNAL"}

    def execute(self, context: Any) -> Result:
        """Clears them."""
        del context
        state.get().book.clear_ended()
        return _DONE


@properties(job=bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"}))
class SONIQUE_OT_place_here(bpy.types.Operator):
    """Places finished music, whose own scene is gone, in this scene"""

    bl_idname = "sonique.place_here"
    bl_label = "Place Here"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where there is a sequence."""
        return scene_of(cls, context) is not None

    def execute(self, context: Any) -> Result:
        """Places it with the next ticks; without a window, at once."""
        here, name = state.get(), compat.sequencer_scene(context).name
        job = here.book.place_at(self.job, here.placer.desk(), name)
        if job is None:
            self.report({"ERROR"}, "There is no such music to be placed; choose a job that was not placed.")
            return _NOT
        return followed(self, [job]) if bpy.app.background else _DONE


class SONIQUE_OT_start_daemon(bpy.types.Operator):
    """Starts the Sonique daemon on this computer, where none runs, and connects to it"""

    bl_idname = "sonique.start_daemon"
    bl_label = "Start Daemon"

    def execute(self, context: Any) -> Result:
        """Starts it; the panel shows how that goes."""
        del context
        state.apply_preferences()
        link = state.get().book.link
        link.start()
        if link.view.state is State.REFUSED:
            self.report({"ERROR"}, link.view.sentence)
            return _NOT
        return _DONE


class SONIQUE_OT_free_memory(bpy.types.Operator):
    """Lets the daemon's idle models go, so that their memory is free for Blender; the next job loads them again"""

    bl_idname = "sonique.free_memory"
    bl_label = "Free the Daemon's Memory"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where a daemon is connected."""
        del context
        if state.get().book.link.gateway is None:
            cls.poll_message_set("No daemon is connected, so that none holds memory")
            return False
        return True

    def execute(self, context: Any) -> Result:
        """Frees it."""
        del context
        sentence = scoring.free_memory()
        self.report({"INFO"} if sentence.startswith("The daemon holds") else {"WARNING"}, sentence)
        return _DONE


@properties(sentence=bpy.props.StringProperty(), bad=bpy.props.BoolProperty())
class SONIQUE_OT_tell(bpy.types.Operator):
    """Reports a sentence in the status bar"""

    bl_idname = "sonique.tell"
    bl_label = "Tell"
    bl_options = {"INTERNAL"}

    _timer: Any = None

    def invoke(self, context: Any, event: Any) -> Result:
        """Waits for the next event: what a script's own operators report never reaches the status bar."""
        del event
        self._timer = context.window_manager.event_timer_add(0.01, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> Result:
        """Reports it."""
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        return self.execute(context)

    def execute(self, context: Any) -> Result:
        """Reports it at once."""
        del context
        self.report({"WARNING"} if self.bad else {"INFO"}, self.sentence)
        return _DONE


def finished(operator: Any, deed: Callable[[], object]) -> Result:
    """Does it, or reports why not."""
    try:
        deed()
    except BlenderError as error:
        operator.report({"ERROR"}, error.sentence)
        return _NOT
    return _DONE


def followed(operator: Any, jobs: list[Job]) -> Result:
    """Says that the jobs are on their way; without a window, or where asked to, waits until they have ended."""
    if not (bpy.app.background or getattr(operator, "wait", False)):
        operator.report({"INFO"}, jobs[0].way or "Sonique is at work.")
        return _DONE
    here = state.get()
    while any(not job.ended for job in jobs) and not _stuck(jobs):
        here.tick(Tick(seconds=1.0))
        time.sleep(_PUMP_SECONDS)
    bad = [job for job in jobs if job.phase is not Phase.PLACED]
    if bad:
        here.book.cancel(bad[0].id)
        operator.report({"ERROR"}, bad[0].sentence or bad[0].phase.value)
        return _NOT
    operator.report({"INFO"}, f"Placed: {jobs[0].wishes.prompt or jobs[0].target.scene}")
    return _DONE


def _stuck(jobs: list[Job]) -> bool:
    """Whether nobody is there who could bring the jobs on: then a script must not wait for ever."""
    view = state.get().book.link_view
    if view.state not in {State.ABSENT, State.REFUSED} or state.get().book.link.starting:
        return False
    waiting = [job for job in jobs if job.phase in {Phase.SENDING, Phase.RUNNING}]
    for job in waiting:
        job.end(Phase.FAILED, view.sentence or "No Sonique daemon runs; start it with “soniqued”.")
    return bool(waiting)


CLASSES = (
    SONIQUE_OT_score_range,
    SONIQUE_OT_cancel,
    SONIQUE_OT_clear,
    SONIQUE_OT_place_here,
    SONIQUE_OT_start_daemon,
    SONIQUE_OT_free_memory,
    SONIQUE_OT_tell,
)

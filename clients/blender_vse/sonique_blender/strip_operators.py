"""What can be done with music that stands on the timeline: redo, vary, edit its tags, swap its takes."""

import secrets
from pathlib import Path
from typing import Any

import bpy

from . import compat, provenance, scoring, swapping, unfinished, wishing
from .core.errors import BlenderError
from .core.tagging import TagText, edited, to_text
from .declaring import properties
from .operators import Result, finished, followed

_DONE: Result = {"FINISHED"}
_NOT: Result = {"CANCELLED"}
_WAIT = "Returns only when the music is placed; always so without a window"


def music_of(context: Any) -> Any:
    """The active strip where it is music of Sonique, else None."""
    scene = compat.sequencer_scene(context)
    editor = scene.sequence_editor if scene is not None else None
    strip = editor.active_strip if editor is not None else None
    music = strip is not None and provenance.job_of(strip) and not unfinished.marked(strip)
    return strip if music else None


class _OnMusic:
    """An operator on the active strip, which must be music of Sonique."""

    @classmethod
    def poll(cls: Any, context: Any) -> bool:
        """Where such a strip is active."""
        if music_of(context) is None:
            cls.poll_message_set("Select a strip that Sonique placed")
            return False
        return True


@properties(wait=bpy.props.BoolProperty(name="Wait", description=_WAIT, options={"SKIP_SAVE", "HIDDEN"}))
class SONIQUE_OT_redo(_OnMusic, bpy.types.Operator):
    """Looks at the picture under this music again, and makes it anew with the same wishes"""

    bl_idname = "sonique.redo"
    bl_label = "Redo"

    def execute(self, context: Any) -> Result:
        """Orders it."""
        try:
            jobs = scoring.again(music_of(context))
        except BlenderError as error:
            self.report({"ERROR"}, error.sentence)
            return _NOT
        return followed(self, jobs)


@properties(
    seed=bpy.props.IntProperty(name="Seed", description="0 takes one at random", min=0, options={"SKIP_SAVE"}),
    takes=bpy.props.IntProperty(name="Takes", description="How many are made", default=1, min=1, max=8),
    wait=bpy.props.BoolProperty(name="Wait", description=_WAIT, options={"SKIP_SAVE", "HIDDEN"}),
)
class SONIQUE_OT_vary(_OnMusic, bpy.types.Operator):
    """Makes another take of this music and swaps it in; the takes before are kept"""

    bl_idname = "sonique.vary"
    bl_label = "New Take"

    def execute(self, context: Any) -> Result:
        """Orders it."""
        seed = self.seed or secrets.randbelow(2**31 - 16) + 1
        try:
            job = scoring.vary(music_of(context), seed, self.takes)
        except BlenderError as error:
            self.report({"ERROR"}, error.sentence)
            return _NOT
        return followed(self, [job])


@properties(
    style=bpy.props.StringProperty(name="Style", description="The style's name"),
    bpm=bpy.props.FloatProperty(name="Tempo", description="Beats per minute", min=0, max=300, precision=1, step=100),
    key=bpy.props.StringProperty(name="Key", description="Like “D minor”"),
    genres=bpy.props.StringProperty(name="Genres", description="With commas between them"),
    moods=bpy.props.StringProperty(name="Moods", description="With commas between them"),
    instruments=bpy.props.StringProperty(name="Instruments", description="With commas between them"),
    negatives=bpy.props.StringProperty(name="Without", description="With commas between them"),
    wait=bpy.props.BoolProperty(name="Wait", description=_WAIT, options={"SKIP_SAVE", "HIDDEN"}),
)
class SONIQUE_OT_edit_tags(_OnMusic, bpy.types.Operator):
    """Changes what this music is (style, tempo, key, instruments), makes it anew and swaps it in"""

    bl_idname = "sonique.edit_tags"
    bl_label = "Edit Tags"

    def invoke(self, context: Any, event: Any) -> Result:
        """Shows the music's own tags to be changed."""
        del event
        told = to_text(_tags_of(music_of(context)))
        for name in TagText.__dataclass_fields__:
            setattr(self, name, getattr(told, name))
        found: Result = context.window_manager.invoke_props_dialog(self, width=420)
        return found

    def draw(self, context: Any) -> None:
        """One line for each."""
        del context
        self.layout.use_property_split = True
        for name in TagText.__dataclass_fields__:
            self.layout.prop(self, name)

    def execute(self, context: Any) -> Result:
        """Orders it; what is not given stays as it is."""
        strip = music_of(context)
        tags = _tags_of(strip)
        told = to_text(tags)
        given = {
            name: getattr(self if self.properties.is_property_set(name) else told, name)
            for name in TagText.__dataclass_fields__
        }
        given["bpm"] = told.bpm if abs(given["bpm"] - told.bpm) < 0.005 else round(given["bpm"], 3)
        try:
            changed = edited(tags, TagText(**given))
            job = scoring.vary(strip, _seed_of(strip), 1, changed)
        except BlenderError as error:
            self.report({"ERROR"}, error.sentence)
            return _NOT
        job.tags = changed
        return followed(self, [job])


@properties(take=bpy.props.IntProperty(name="Take", description="Its place in the list of takes, from 0", min=0))
class SONIQUE_OT_swap_take(_OnMusic, bpy.types.Operator):
    """Plays this take in the place of the other; handles, fades and channel stay"""

    bl_idname = "sonique.swap_take"
    bl_label = "Swap Take"

    def execute(self, context: Any) -> Result:
        """Swaps it in."""
        strip = music_of(context)
        takes = provenance.takes_of(strip)
        if self.take >= len(takes):
            self.report({"ERROR"}, f"There is no take {self.take}; “{strip.name}” has {len(takes)}.")
            return _NOT
        return finished(self, lambda: swapping.swap(strip, takes[self.take]))


class SONIQUE_OT_take_wishes(_OnMusic, bpy.types.Operator):
    """Puts what this music was asked for with back into the panel, to be changed there"""

    bl_idname = "sonique.take_wishes"
    bl_label = "Wishes to Panel"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: Any) -> Result:
        """Puts them there."""
        scene, strip = compat.sequencer_scene(context), music_of(context)
        return finished(self, lambda: wishing.show_wishes(scoring.wishes_of(strip), scene.sonique))


class SONIQUE_OT_show_file(_OnMusic, bpy.types.Operator):
    """Opens the folder in which the music's file lies"""

    bl_idname = "sonique.show_file"
    bl_label = "Show File"

    def execute(self, context: Any) -> Result:
        """Opens it."""
        folder = Path(bpy.path.abspath(music_of(context).sound.filepath)).parent
        opened: Result = bpy.ops.wm.path_open(filepath=str(folder))
        return opened


def _tags_of(strip: Any) -> str:
    """The tags that a strip carries; where it does not, those in its file."""
    from .core.requests import tags_of

    held = provenance.takes_of(strip)
    told = held[0].provenance.tags if held else ""
    try:
        return told or tags_of(scoring.recipe_of(strip))
    except BlenderError:
        return ""


def _seed_of(strip: Any) -> int:
    held = provenance.takes_of(strip)
    return held[0].provenance.seed if held else 0


CLASSES = (
    SONIQUE_OT_redo,
    SONIQUE_OT_vary,
    SONIQUE_OT_edit_tags,
    SONIQUE_OT_swap_take,
    SONIQUE_OT_take_wishes,
    SONIQUE_OT_show_file,
)

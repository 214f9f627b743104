"""The panel in the sequencer's side bar. It draws what is known and asks nobody."""

from typing import Any

import bpy

from . import compat, provenance, rows, state, strip_operators
from .core.job import Phase
from .core.link import LinkView, State
from .core.placement import Take
from .core.tagging import to_text
from .presetting import SONIQUE_PT_presets

_ICONS = {
    State.ABSENT: "UNLINKED",
    State.STARTING: "SORTTIME",
    State.GREETING: "SORTTIME",
    State.READY: "LINKED",
    State.REFUSED: "ERROR",
    State.SILENT: "ERROR",
}
_LINE = 46
"""Characters of a sentence that fit one line of the side bar."""


class _InSequencer:
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Sonique"


class SONIQUE_PT_main(_InSequencer, bpy.types.Panel):
    """The daemon, the prompt, and the button."""

    bl_label = "Sonique"

    def draw_header_preset(self, context: Any) -> None:
        """The presets, in the corner."""
        del context
        SONIQUE_PT_presets.draw_panel_header(self.layout)

    def draw(self, context: Any) -> None:
        """Draws it."""
        layout = self.layout
        _draw_link(layout, state.get().book.link_view)
        scene = compat.sequencer_scene(context)
        if scene is None:
            layout.label(text="No scene in the sequencer", icon="INFO")
            return
        wishes = scene.sonique
        layout.prop(wishes, "prompt", text="", icon="OUTLINER_OB_SPEAKER", placeholder="What should it sound like?")
        column = _split(layout)
        column.prop(wishes, "which")
        big = layout.row()
        big.scale_y = 1.5
        big.operator("sonique.score_range", icon="PLAY")


class SONIQUE_PT_wishes(_InSequencer, bpy.types.Panel):
    """What the music should be."""

    bl_label = "Music"
    bl_parent_id = "SONIQUE_PT_main"

    def draw(self, context: Any) -> None:
        """Draws it."""
        wishes = _wishes(context)
        if wishes is None:
            return
        column = _split(self.layout)
        for name in ("genres", "moods", "instruments", "negatives"):
            column.prop(wishes, name)
        column.separator()
        column.prop(wishes, "bpm", text="Tempo" if wishes.bpm else "Tempo (auto)")
        column.prop(wishes, "key", placeholder="auto")
        column.prop(wishes, "hit_strength")
        column.separator()
        for name in ("seed", "takes"):
            column.prop(wishes, name)


class SONIQUE_PT_delivery(_InSequencer, bpy.types.Panel):
    """How it is placed."""

    bl_label = "Placing"
    bl_parent_id = "SONIQUE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        """Draws it."""
        wishes = _wishes(context)
        if wishes is None:
            return
        column = _split(self.layout)
        column.prop(wishes, "loudness")
        column.prop(wishes, "ducking")
        column.prop(wishes, "stems")
        fades = column.column(align=True)
        fades.prop(wishes, "fade_in")
        fades.prop(wishes, "fade_out")
        column.prop(wishes, "channel")
        column.prop(wishes, "each_cue")


class SONIQUE_PT_jobs(_InSequencer, bpy.types.Panel):
    """The jobs."""

    bl_label = "Jobs"
    bl_parent_id = "SONIQUE_PT_main"

    def draw(self, context: Any) -> None:
        """The list, and more of the one that is chosen."""
        layout, manager = self.layout, context.window_manager
        if not manager.sonique_jobs:
            layout.label(text="Nothing was asked for yet")
            return
        layout.template_list("SONIQUE_UL_jobs", "", manager, "sonique_jobs", manager, "sonique_job", rows=3, maxrows=6)
        row = rows.chosen(manager)
        if row is not None:
            _draw_job(layout, row)
        layout.operator("sonique.clear", icon="TRASH")


class SONIQUE_PT_strip(_InSequencer, bpy.types.Panel):
    """The music that is selected."""

    bl_label = "Selected Music"
    bl_parent_id = "SONIQUE_PT_main"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Where such a strip is active."""
        return strip_operators.music_of(context) is not None

    def draw(self, context: Any) -> None:
        """Its takes, what it is, and what can be done with it."""
        layout, strip = self.layout, strip_operators.music_of(context)
        takes = provenance.takes_of(strip)
        if not takes:
            layout.label(text="What it was made from is damaged", icon="ERROR")
            return
        _draw_takes(layout, takes)
        _draw_tags(layout, takes[0])
        column = layout.column(align=True)
        column.operator("sonique.vary", icon="ADD")
        column.operator("sonique.edit_tags", icon="GREASEPENCIL")
        column.operator("sonique.redo", icon="FILE_REFRESH")
        row = layout.row(align=True)
        row.operator("sonique.take_wishes", icon="COPYDOWN")
        row.operator("sonique.show_file", icon="FILE_FOLDER", text="")


def _draw_link(layout: Any, view: LinkView) -> None:
    row = layout.row()
    release = f" (Sonique {view.release})" if view.release else ""
    row.label(text=f"{view.state.value}{release}", icon=_ICONS[view.state])
    if view.state in {State.ABSENT, State.REFUSED, State.SILENT}:
        row.operator("sonique.start_daemon", text="Start", icon="PLAY")
    elif view.state is State.READY:
        row.operator("sonique.free_memory", text="", icon="MEMORY")
    _draw_sentence(layout, view.sentence)


def _draw_job(layout: Any, row: Any) -> None:
    box = layout.box().column(align=True)
    box.label(text=row.text if not row.left else f"{row.text}, {row.left} left")
    _draw_sentence(box, row.way)
    _draw_sentence(box, row.sentence)
    if row.phase == Phase.KEPT.name:
        box.operator("sonique.place_here", icon="NLA_PUSHDOWN").job = row.job
    if row.can_cancel:
        box.operator("sonique.cancel", icon="X").job = row.job


def _draw_takes(layout: Any, takes: tuple[Take, ...]) -> None:
    column = layout.column(align=True)
    for index in sorted(range(len(takes)), key=lambda index: takes[index].number):
        text = f"Take {takes[index].number}, seed {takes[index].provenance.seed}"
        icon = "RADIOBUT_ON" if index == 0 else "RADIOBUT_OFF"
        column.operator("sonique.swap_take", text=text, icon=icon, depress=index == 0).take = index


def _draw_tags(layout: Any, take: Take) -> None:
    told = to_text(take.provenance.tags)
    words = (told.style, f"{told.bpm:g} bpm" if told.bpm else "", told.key, told.moods, told.instruments)
    _draw_sentence(layout, ", ".join(word for word in words if word))


def _draw_sentence(layout: Any, sentence: str) -> None:
    """A sentence in as many lines as it needs; Blender breaks none by itself."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    line = ""
    for word in sentence.split():
        if line and len(line) + len(word) >= _LINE:
            column.label(text=line)
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        column.label(text=line)


def _split(layout: Any) -> Any:
    column = layout.column()
    column.use_property_split, column.use_property_decorate = True, False
    return column


def _wishes(context: Any) -> Any:
    scene = compat.sequencer_scene(context)
    return None if scene is None else scene.sonique


CLASSES = (
    SONIQUE_PT_presets,
    SONIQUE_PT_main,
    SONIQUE_PT_jobs,
    SONIQUE_PT_strip,
    SONIQUE_PT_wishes,
    SONIQUE_PT_delivery,
)

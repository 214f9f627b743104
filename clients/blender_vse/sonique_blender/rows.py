"""The list of jobs as Blender draws it: rows on the window manager, filled from the book whenever it changes."""

from collections.abc import Sequence
from typing import Any

import bpy

from .core.job import JobView, Phase
from .declaring import properties

_ICONS = {
    Phase.PREPARING: "RENDER_ANIMATION",
    Phase.SENDING: "SORTTIME",
    Phase.RUNNING: "PLAY",
    Phase.FETCHING: "IMPORT",
    Phase.PLACING: "NLA_PUSHDOWN",
    Phase.PLACED: "CHECKMARK",
    Phase.KEPT: "FILE_SOUND",
    Phase.FAILED: "ERROR",
    Phase.CANCELLED: "X",
}


@properties(
    job=bpy.props.StringProperty(),
    title=bpy.props.StringProperty(),
    phase=bpy.props.StringProperty(),
    text=bpy.props.StringProperty(),
    share=bpy.props.FloatProperty(),
    left=bpy.props.StringProperty(),
    sentence=bpy.props.StringProperty(),
    way=bpy.props.StringProperty(),
    can_cancel=bpy.props.BoolProperty(),
)
class SONIQUE_PG_job(bpy.types.PropertyGroup):
    """A job in the list. A ``share`` below zero cannot be told."""


class SONIQUE_UL_jobs(bpy.types.UIList):
    """The jobs, the newest first."""

    def draw_item(  # noqa: PLR0917 - Blender's own signature
        self,
        context: Any,
        layout: Any,
        data: Any,
        item: Any,
        icon: Any,
        active_data: Any,
        active_property: Any,
        index: int = 0,
        flt_flag: int = 0,
    ) -> None:
        """A row: what it is about, how far it is, and a cross to cancel it."""
        del context, data, icon, active_data, active_property, index, flt_flag
        row = layout.split(factor=0.55, align=True)
        row.label(text=item.title, icon=_ICONS[Phase[item.phase]])
        told = row.row(align=True)
        if item.can_cancel and item.share >= 0:
            left = f"{item.share:.0%}, {item.left} left" if item.left else f"{item.share:.0%}"
            told.progress(factor=item.share, type="BAR", text=left)
        else:
            told.label(text=item.text)
        if item.can_cancel:
            told.operator("sonique.cancel", text="", icon="X", emboss=False).job = item.job


def fill(manager: Any, views: Sequence[JobView]) -> None:
    """Makes the rows say what the book says; a job that was chosen stays so, and the newest is where that was."""
    held, row = manager.sonique_jobs, chosen(manager)
    wanted = row.job if row is not None and manager.sonique_job > 0 else ""
    while len(held) > len(views):
        held.remove(len(held) - 1)
    while len(held) < len(views):
        held.add()
    for row, view in zip(held, views, strict=True):
        row.name = row.job = view.id
        row.title, row.phase, row.text, row.left = view.title, view.phase.name, view.text, view.left
        row.share = -1.0 if view.share is None else view.share
        row.sentence, row.way, row.can_cancel = view.sentence, view.way, view.can_cancel
    manager.sonique_job = next((number for number, view in enumerate(views) if view.id == wanted), 0)


def chosen(manager: Any) -> Any:
    """The row that is chosen in the list; None where there is none."""
    held = manager.sonique_jobs
    return held[manager.sonique_job] if 0 <= manager.sonique_job < len(held) else None


def register() -> None:
    """Gives the window manager its rows."""
    for each in (SONIQUE_PG_job, SONIQUE_UL_jobs):
        bpy.utils.register_class(each)
    bpy.types.WindowManager.sonique_jobs = bpy.props.CollectionProperty(type=SONIQUE_PG_job)
    bpy.types.WindowManager.sonique_job = bpy.props.IntProperty(name="Job", default=0)


def unregister() -> None:
    """Takes them away."""
    del bpy.types.WindowManager.sonique_job
    del bpy.types.WindowManager.sonique_jobs
    for each in (SONIQUE_UL_jobs, SONIQUE_PG_job):
        bpy.utils.unregister_class(each)

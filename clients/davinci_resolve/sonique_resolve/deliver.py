"""The Deliver page, which is the user's: what it is set to, kept before a render of ours and put back after it.

No script can read its settings. They are kept in the two ways that there are: as a preset of our own, which holds what
presets hold, and as a job of the queue, which tells what it would render and is taken out again at once. What a preset
does not bring back is set as the job told it; a second such job proves it.
"""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from sonique_resolve.batch import Answers, Batch, as_text, as_whole
from sonique_resolve.calls import Argument, Call, Desk, Handle, Ref, Value
from sonique_resolve.errors import NotRendered, ResolveError, ResolveGone
from sonique_resolve.timeline import TimelineRange

_T = TypeVar("_T")

_ATTEMPTS = 3
_PAUSE = 0.2

_SETTINGS = {
    "TargetDir": "TargetDir",
    "IsExportVideo": "ExportVideo",
    "IsExportAudio": "ExportAudio",
    "FormatWidth": "FormatWidth",
    "FormatHeight": "FormatHeight",
}
"""What a job of the queue tells, and what the same is called where it is set; the file's name is never touched."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the Deliver page was set to.

    Attributes:
        preset: the name of the preset of our own that holds it.
        format: the container.
        codec: the video codec.
        mode: 0 individual clips, 1 a single clip; None where it is not told.
        job: what a job of the queue told; empty where none can be added.
    """

    preset: str
    format: str
    codec: str
    mode: int | None
    job: dict[str, Value]


def keep(desk: Desk, project: Handle) -> Kept:
    """Keeps what the page is set to.

    Raises:
        NotRendered: something is being rendered, or the settings cannot be kept; nothing was changed.
    """
    name = f"Sonique {secrets.token_hex(4)}"
    batch = Batch()
    busy = batch.call(project, "IsRenderingInProgress")
    if batch.surely(desk).yes(busy):
        raise NotRendered("DaVinci Resolve is rendering; wait for its end, or score without a proxy render.")
    try:
        return _kept(desk, project, name)
    except BaseException:
        with suppress(ResolveError):
            desk.do([Call(project, "DeleteRenderPreset", (name,))])
        raise


def _kept(desk: Desk, project: Handle, name: str) -> Kept:
    batch = Batch()
    saved = batch.call(project, "SaveAsNewRenderPreset", name)
    chosen = batch.call(project, "GetCurrentRenderFormatAndCodec")
    mode = batch.call(project, "GetCurrentRenderMode")
    answers = batch.surely(desk)
    if not answers.yes(saved):
        raise NotRendered(
            "The settings of the Deliver page cannot be kept, so nothing was rendered; score without a proxy render."
        )
    told = answers.table(chosen)
    return Kept(
        name, as_text(told.get("format")), as_text(told.get("codec")), answers.whole(mode), told_job(desk, project)
    )


def told_job(desk: Desk, project: Handle) -> dict[str, Value]:
    """What a job with the page's settings would be; it is taken out of the queue again."""
    identity = add_job(desk, project)
    try:
        batch = Batch()
        listed = batch.call(project, "GetRenderJobList")
        return find_job(batch.surely(desk), listed, identity)
    finally:
        delete_job(desk, project, identity)


def add_job(desk: Desk, project: Handle) -> str:
    """Adds a job with the page's settings; its id, empty where none can be added.

    Alone in its batch: where a later call of one fails, the id of a job that stands in the queue would be lost. The
    first of a project is not always told, or not added, as users report; so the queue is looked at, and it is tried
    again.
    """
    before = _queued(desk, project)
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE)
        told = as_text(desk.do([Call(project, "AddRenderJob")])[0])
        fresh = [told] if told else [each for each in _queued(desk, project) if each not in before]
        if fresh:
            return fresh[0]
    return ""


def _queued(desk: Desk, project: Handle) -> list[str]:
    """The ids of the jobs in the queue."""
    listed = desk.do([Call(project, "GetRenderJobList")])[0]
    jobs = listed if isinstance(listed, list) else []
    return [as_text(job.get("JobId")) for job in jobs if isinstance(job, dict)]


def delete_job(desk: Desk, project: Handle, identity: str) -> None:
    """Takes a job out of the queue, and once more where the call broke; nothing where the id is empty."""
    if identity:
        steadily(lambda: desk.do([Call(project, "DeleteRenderJob", (identity,))]))


def steadily(act: Callable[[], _T]) -> _T:
    """Does ``act``, and once more where it failed and Resolve is still there.

    Raises:
        ResolveError: it failed again.
    """
    try:
        return act()
    except ResolveGone:
        raise
    except ResolveError:
        return act()


def find_job(answers: Answers, listed: Ref, identity: str) -> dict[str, Value]:
    """The job of that id in an answered list; empty where it is not there."""
    value = answers.value(listed)
    jobs = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    return next((job for job in jobs if identity and as_text(job.get("JobId")) == identity), {})


def put_back(desk: Desk, project: Handle, kept: Kept, whole: TimelineRange) -> list[str]:
    """Sets the page as it was; the sentences say what is not as it was.

    Args:
        desk: Resolve.
        project: whose page it is.
        kept: what it was set to.
        whole: all of the timeline, by which "all of it" and a range are told apart.
    """
    batch = Batch()
    batch.call(project, "LoadRenderPreset", kept.preset)
    batch.call(project, "SetCurrentRenderFormatAndCodec", kept.format, kept.codec)
    if kept.mode is not None:
        batch.call(project, "SetCurrentRenderMode", kept.mode)
    batch.call(project, "DeleteRenderPreset", kept.preset)
    batch.surely(desk)
    if not kept.job:
        return []
    wrong = _differences(kept.job, told_job(desk, project))
    settings = _as_settings(kept.job, wrong, whole)
    if settings:
        batch = Batch()
        batch.call(project, "SetRenderSettings", settings)
        batch.surely(desk)
        wrong = _differences(kept.job, told_job(desk, project))
    named = ", ".join(_SETTINGS.get(key, key) for key in wrong)
    return [f"Not all of the Deliver page was put back ({named}); look at it before you render."] if wrong else []


def _differences(before: dict[str, Value], now: dict[str, Value]) -> list[str]:
    keys = [*_SETTINGS, "OutputFilename", "MarkIn", "MarkOut"]
    return [key for key in keys if key in before and before[key] != now.get(key)]


def _as_settings(job: dict[str, Value], wrong: list[str], whole: TimelineRange) -> dict[str, Argument]:
    settings: dict[str, Argument] = {}
    for key in wrong:
        if key in _SETTINGS:
            settings[_SETTINGS[key]] = _plain(job[key])
    if {"MarkIn", "MarkOut"} & set(wrong):
        first, last = as_whole(job.get("MarkIn")), as_whole(job.get("MarkOut"))
        if (first, last) == (whole.start_frame, whole.end_frame - 1):
            settings["SelectAllFrames"] = True
        elif first is not None and last is not None:
            settings |= {"SelectAllFrames": False, "MarkIn": first, "MarkOut": last}
    return settings


def _plain(value: Value) -> bool | int | float | str | None:
    return value if isinstance(value, bool | int | float | str) else None

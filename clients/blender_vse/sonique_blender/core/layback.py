"""The layback: finished music goes onto the timeline it was made for, one job's after the other's."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from .errors import BlenderError, Busy
from .job import Job, Phase
from .placement import GainPoint, Placement, Provenance, Take
from .targets import Desk

MIX = "mix"
"""The name of the file that holds all of a take."""

_RETRY_SECONDS = 2.0


class Placer(Protocol):
    """The seam to Blender: what lies open there, and placing music in it."""

    def desk(self) -> Desk:
        """What lies open now."""

    def free(self) -> bool:
        """Whether the timeline may be touched: Blender neither renders, mixes down nor saves."""

    def begin(self, scene_uid: int, strip: str, placement: Placement) -> "Placing":
        """Music to be placed in that scene: swapped into the strip of that id, or as new strips. Nothing is done yet.

        Raises:
            BlenderError: it cannot be placed.
        """


class Placing(Protocol):
    """Music that is being placed, a little at each step and in one undo step."""

    def step(self) -> bool:
        """Goes on; True once the music stands there.

        Raises:
            Busy: not now.
            BlenderError: it cannot be placed; the timeline is as it was.
        """

    def stop(self) -> None:
        """Leaves the timeline as it was; to be called only where it may be touched."""


class Layback:
    """One placing at a time, so that each undo step holds the music of one job alone.

    Args:
        placer: to Blender.
        clock: seconds that only ever grow.
    """

    def __init__(self, placer: Placer, clock: Callable[[], float] = time.monotonic) -> None:
        self._placer, self._clock = placer, clock
        self._begun: tuple[Job, Placing] | None = None

    def keeps_waiting(self, job: Job) -> bool:
        """Whether another job is being placed, so that this one has nothing to do but wait."""
        return self._begun is not None and job.phase is Phase.PLACING and not (self._is_on(job) or job.cancelling)

    def step(self, job: Job) -> None:
        """Brings a job whose files are there on a little, until it is placed, kept or cancelled."""
        if not self._placer.free() and (self._is_on(job) or not job.cancelling):
            job.text = "Waiting for Blender to finish"
        elif job.cancelling:
            self._leave(job)
            job.end(Phase.CANCELLED, f"Cancelled; {_lies(job)}.")
        else:
            desk = self._placer.desk()
            uid = desk.where(job.target)
            if uid is None:
                self._leave(job)
                self._without_scene(job, desk)
            else:
                self._go_on(job, uid)

    def forget(self) -> None:
        """Another blend file lies open: what had been put there went with the one before."""
        self._begun = None

    def close(self) -> None:
        """Takes away what stands there unfinished, where the timeline may be touched."""
        if self._begun is not None and self._placer.free():
            self._leave(self._begun[0])

    def _go_on(self, job: Job, uid: int) -> None:
        try:
            if self._begun is None:
                self._begun = (job, self._placer.begin(uid, job.strip, placement_of(job)))
            done = self._begun[1].step()
        except Busy:
            job.text = "Waiting for Blender to finish"
        except Exception as error:  # noqa: BLE001 - Blender raises what it likes, and the next job is to have its turn
            self._begun = None
            said = error.sentence if isinstance(error, BlenderError) else f"Blender could not place it ({error})."
            job.move(Phase.KEPT, f"{said} Nothing is lost: {_lies(job)}.")
        else:
            if done:
                self._begun = None
                job.move(Phase.PLACED)

    def _is_on(self, job: Job) -> bool:
        return self._begun is not None and self._begun[0] is job

    def _leave(self, job: Job) -> None:
        """Leaves the timeline as it was before this job."""
        if self._begun is not None and self._begun[0] is job:
            with suppress(BlenderError):
                self._begun[1].stop()
            self._begun = None

    def _without_scene(self, job: Job, desk: Desk) -> None:
        elsewhere = job.target.opening != desk.opening and job.target.file and job.target.file != desk.file
        if elsewhere:
            job.not_before = self._clock() + _RETRY_SECONDS
            job.text = f"Waiting for “{Path(job.target.file).name}” to be opened again"
        else:
            scene = f"The scene “{job.target.scene}” is gone"
            job.move(Phase.KEPT, f"{scene}; {_lies(job)}. Place Here puts it into this scene.")


def _lies(job: Job) -> str:
    return f"the music lies in “{job.folder}”"


def placement_of(job: Job) -> Placement:
    """What is placed for a job whose files are there: its first take, with the others beside it."""
    takes = [_take(job, index) for index in range(len(job.takes))]
    wishes = job.wishes
    return Placement(
        span=job.target.span,
        take=takes[0],
        others=tuple(takes[1:]),
        name=f"Sonique: {wishes.prompt or job.target.scene}"[:60],
        channel=wishes.channel,
        fade_in=wishes.fade_in,
        fade_out=wishes.fade_out,
        ducking=tuple(GainPoint(at, gain) for at, gain in job.takes[0].ducking),
    )


def _take(job: Job, index: int) -> Take:
    made = job.takes[index]
    stems = [(name, path) for (take, name), path in job.files.items() if take == index and name != MIX]
    provenance = Provenance(job.id, made.id, made.seed, made.engine, job.tags, job.wishes.to_json(), job.wishes.prompt)
    return Take(job.files[index, MIX], provenance, tuple(stems), job.begins)

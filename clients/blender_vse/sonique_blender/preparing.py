"""A range that Blender renders first, on its way to an order."""

from pathlib import Path

import bpy

from . import rendering
from .core.job import Leftover
from .core.orders import Order, Score, Wishes
from .core.reading import Reading


class Rendered:
    """The render of a range, as the book of jobs waits for it.

    Args:
        reading: which needs it.
        wishes: what is ordered once it is there.

    Raises:
        RenderFailed: it could not be begun.
    """

    def __init__(self, reading: Reading, wishes: Wishes) -> None:
        self._wishes = wishes
        self._rendering = rendering.Rendering(reading, Path(bpy.app.tempdir))

    @property
    def share(self) -> float | None:
        """How much is rendered, 0 to 1."""
        return self._rendering.share

    def look(self) -> Order | None:
        """The order, once the film is there."""
        reading = self._rendering.poll()
        return None if reading is None else to_order(reading, self._wishes)

    def stop(self) -> Leftover:
        """Has it end; the film is left, which the daemon needs as long as the job runs."""
        return self._rendering.stop()


def to_order(reading: Reading, wishes: Wishes) -> Score:
    """What is asked of the daemon for a range that it can read."""
    return Score(
        reading.document, reading.rate, reading.record_start, reading.span.frames, tuple(reading.media_roots), wishes
    )

"""How music comes onto a timeline: a strip at each step, so that none takes long, and all of it in one undo step.

Between the steps the editor goes on working. What was put there is muted until all of it stands, and marked as
unfinished until the last step, so that it can be told from all else and taken away again, whatever befalls it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from .errors import Busy, NotPlaced
from .placement import Placement

_MOST_BEGINNINGS = 20
"""So often it is begun anew; an editor's hand does not come between more often within a second or two."""

Part = tuple[str, Path]
"""A stem's name, or "" for the mix; and its file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the strips of one placement stand: ``count`` adjoining channels from ``lowest`` up."""

    placement: Placement
    lowest: int
    count: int


class Timeline(Protocol):
    """The seam to one scene's timeline. Its methods may raise ``BlenderError``."""

    def check(self) -> None:
        """Raises ``Busy`` where it must not be touched now, and ``SceneGone`` where it is no longer there."""

    def lowest(self, placement: Placement, count: int) -> int:
        """The lowest of ``count`` adjoining channels that are free for it."""

    def put(self, place: Place, index: int, part: Part) -> str:
        """Puts a strip on the ``index``-th channel, unfinished and muted; its name.

        Raises:
            NotPlaced: the file is not there, or is no sound; nothing of the strip is left.
        """

    def furnish(self, place: Place, name: str, part: Part) -> None:
        """Gives the strip of that name all but its place: its look, where it is from, its fades and ducking."""

    def warm(self, part: Part) -> None:
        """Has Blender read a file, because the first one of a session takes longer; its faults are found by ``put``."""

    def settle(self) -> None:
        """Has Blender take in what was changed, which else the next step would have to."""

    def stands(self, place: Place, names: Sequence[str]) -> bool:
        """Whether the strips of those names stand there unfinished, one a channel from the lowest up, and alone."""

    def unfinished(self) -> int:
        """How many unfinished strips there are in all scenes."""

    def sound(self, names: Sequence[str]) -> None:
        """Unmutes them; from now on they are heard."""

    def finish(self, names: Sequence[str]) -> None:
        """Takes the mark off them, and pushes the undo step."""

    def clear(self) -> None:
        """Takes all unfinished strips away, in all scenes, and their sounds where nothing else plays them."""


class Entry:
    """Music on its way onto a timeline.

    Args:
        timeline: where it goes.
        placement: what goes there.

    Attributes:
        names: of the strips that stand there so far, the lowest first.
    """

    def __init__(self, timeline: Timeline, placement: Placement) -> None:
        self._timeline, self._placement = timeline, placement
        self._parts: Sequence[Part] = placement.take.stems or (("", placement.take.mix),)
        self._place: Place | None = None
        self._ahead: list[Callable[[], object]] = []
        self._beginnings = 0
        self.names: list[str] = []

    def step(self) -> bool:
        """Goes on a little; True once the music stands there.

        Raises:
            Busy: not now; what stands there so far stays, unheard.
            BlenderError: it cannot be placed; the timeline is as it was.
        """
        try:
            self._timeline.check()
            return self._go_on()
        except Busy:
            raise
        except Exception:
            self._timeline.clear()
            raise

    def stop(self) -> None:
        """Takes away what stands there unfinished; to be called only where the timeline may be touched."""
        if self.names:
            self._timeline.clear()

    def _go_on(self) -> bool:
        if self._place is None or not self._timeline.stands(self._place, self.names):
            self._begin()
            return False
        self._ahead.pop(0)()
        return not self._ahead

    def _begin(self) -> None:
        """For the first time, or because the editor came between: all that stands there unfinished goes."""
        self._beginnings += 1
        if self._beginnings > _MOST_BEGINNINGS:
            raise NotPlaced("The timeline was changed again and again while the music was placed; use Place Here.")
        self._timeline.clear()
        count = len(self._parts)
        self.names = []
        self._place = Place(self._placement, self._timeline.lowest(self._placement, count), count)
        self._ahead = list(self._plan(self._place))

    def _plan(self, place: Place) -> Iterator[Callable[[], object]]:
        """The steps, one after the other."""
        timeline = self._timeline
        yield partial(timeline.warm, self._parts[0])
        for index in range(place.count):
            yield partial(self._put, place, index)
            yield partial(self._furnish, place, index)
            yield timeline.settle
        yield self._count
        yield lambda: timeline.sound(self.names)
        yield timeline.settle
        yield lambda: timeline.finish(self.names)

    def _put(self, place: Place, index: int) -> None:
        self.names.append(self._timeline.put(place, index, self._parts[index]))

    def _furnish(self, place: Place, index: int) -> None:
        self._timeline.furnish(place, self.names[index], self._parts[index])

    def _count(self) -> None:
        """Copies that the editor made of unfinished strips are found only by looking at every strip."""
        if self._timeline.unfinished() != len(self.names):
            self._place = None

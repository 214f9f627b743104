"""A rehearsal: the book of jobs between stand-ins, and a clock that a test moves."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .book import Book
from .fakes import FakeBlender, FakeDaemon, FakeDoors
from .job import Job, Preparation
from .link import Link
from .orders import Score, Wishes
from .strips import Span
from .targets import Target
from .tick import Tick

_CALM = Wishes(prompt="calm")


@dataclass
class Clock:
    """A clock that a test moves."""

    now: float = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


class Rehearsal:
    """A book of jobs between a daemon and a Blender in memory.

    Args:
        folder: an empty folder, for the daemon's store and the music.
    """

    def __init__(self, folder: Path) -> None:
        store, self.folder = folder / "store", folder / "music"
        store.mkdir()
        self.folder.mkdir()
        self.clock, self.daemon, self.blender = Clock(), FakeDaemon(store), FakeBlender()
        self.doors = FakeDoors(self.daemon)
        self.book = Book(Link(self.doors, self.clock), self.blender, self.clock)
        self._count = 0

    def job(self, wishes: Wishes = _CALM, preparation: Preparation | None = None, strip: str = "") -> Job:
        """A new job for the first scene that lies open, in the book."""
        self._count += 1
        desk = self.blender.open_desk
        name, uid = desk.scenes[0]
        target = Target(desk.opening, desk.file, name, uid, Span(1, 49))
        order = None if preparation is not None else Score("{}", Fraction(24), 0, 48, (), wishes)
        job = Job(f"job-{self._count}", target, wishes, self.folder, order, preparation, strip)
        self.book.add(job)
        return job

    def run(self, until: Callable[[], bool] | None = None, most: int = 500) -> int:
        """Pumps, a fifth of a second apart, until all jobs have ended (or ``until`` says so); answers how often."""
        done = until or (lambda: self.book.live == 0)
        for count in range(most):
            if done():
                return count
            self.book.pump(Tick(seconds=1.0))
            self.clock.now += 0.2
        raise AssertionError([(view.title, view.text, view.sentence) for view in self.book.views])

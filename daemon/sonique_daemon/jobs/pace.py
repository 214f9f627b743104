"""Progress at a readable pace: thinned out, and with the time that is left."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from sonique_daemon.domain.events import Event, Progress, Stage, StageStarted

_INTERVAL = 0.125
"""Seconds between two progress events of a stage; with the last one, which is always sent, at most ten a second."""

_SETTLED = 0.3
"""Seconds after which the pace of a stage says something about its end."""


@dataclass(slots=True)
class _Course:
    """How one stage went so far."""

    began: float
    sent: float = float("-inf")
    waiting: Progress | None = None


class PacedEmitter:
    """Hands events on and thins progress: at most ten a second for each stage, the last one always.

    Where a stage does not say how long it will take, its pace so far does. Safe to call from any thread.
    """

    def __init__(self, send: Callable[[Event], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send, self._clock = send, clock
        self._courses: dict[Stage, _Course] = {}
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        """Hands ``event`` on, or keeps it back for a moment where it is progress that comes too fast."""
        with self._lock:
            if isinstance(event, Progress):
                self._offer(event)
                return
            if isinstance(event, StageStarted):
                self._flush()
                self._courses[event.stage] = _Course(self._clock())
            self._send(event)

    def tick(self) -> None:
        """Sends what was kept back and is due; call it now and then."""
        with self._lock:
            now = self._clock()
            for course in self._courses.values():
                if now - course.sent >= _INTERVAL:
                    self._release(course, now)

    def close(self) -> None:
        """Sends what was kept back."""
        with self._lock:
            self._flush()

    def _offer(self, event: Progress) -> None:
        now = self._clock()
        course = self._courses.setdefault(event.stage, _Course(now))
        course.waiting = event
        if now - course.sent >= _INTERVAL:
            self._release(course, now)

    def _flush(self) -> None:
        now = self._clock()
        for course in self._courses.values():
            self._release(course, now)

    def _release(self, course: _Course, now: float) -> None:
        if course.waiting is None:
            return
        event, course.waiting, course.sent = course.waiting, None, now
        self._send(_estimated(event, now - course.began))


def _estimated(event: Progress, elapsed: float) -> Progress:
    """``event`` with the seconds that are left at the pace so far, where it does not say them itself."""
    if event.seconds_left is not None or not 0 < event.done <= event.total or elapsed < _SETTLED:
        return event
    return replace(event, seconds_left=(event.total - event.done) * elapsed / event.done)

"""Progress at a readable pace: thinned out, and with the time that is left."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from sonique_daemon.domain.events import Event, Progress, ShotDescribed, Stage, StageStarted, Warned, Wording

_INTERVAL = 0.125
"""Seconds between two progress events of a stage; with the last one, which is always sent, at most ten a second."""

_SETTLED = 0.3
"""Seconds after which the pace of a stage says something about its end."""

Expect = Callable[[StageStarted], float | None]
"""Seconds that a stage which begins will take, learned from former runs; None where nothing is known."""


def nothing_known(_: StageStarted) -> None:
    """Expects nothing."""


@dataclass(slots=True)
class _Course:
    """How one stage went so far, and how long it was expected to take."""

    began: float
    expected: float | None = None
    sent: float = float("-inf")
    waiting: Progress | None = None


class PacedEmitter:
    """Hands events on and thins progress: at most ten a second for each stage, the last one always.

    Where a stage does not say how long it will take, what was learned from former runs and its pace so far do: the
    pace weighs the more the further the stage is. Safe to call from any thread.
    """

    def __init__(
        self,
        send: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
        expect: Expect = nothing_known,
    ) -> None:
        self._send, self._clock, self._expect = send, clock, expect
        self._courses: dict[Stage, _Course] = {}
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        """Hands ``event`` on, or keeps it back for a moment where it is progress that comes too fast."""
        with self._lock:
            if isinstance(event, Progress):
                self._offer(event)
                return
            if not isinstance(event, ShotDescribed | Warned | Wording):
                self._flush()  # what was kept back comes before a stage's result, and before the next stage
            if isinstance(event, StageStarted):
                self._courses[event.stage] = _Course(self._clock(), self._expect(event))
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
        if event.seconds_left is None:
            event = replace(event, seconds_left=_seconds_left(event, now - course.began, course.expected))
        self._send(event)


def _seconds_left(event: Progress, elapsed: float, expected: float | None) -> float | None:
    """Seconds until the stage ends, by what was expected and by the pace so far; None where neither tells."""
    if not 0 <= event.done <= event.total or event.total == 0:
        return None if expected is None else max(0.0, expected - elapsed)
    done = event.done / event.total
    learned = None if expected is None else expected * (1.0 - done)
    if done == 0.0 or elapsed < _SETTLED:
        return learned
    paced = (event.total - event.done) * elapsed / event.done
    return paced if learned is None else learned + done * (paced - learned)

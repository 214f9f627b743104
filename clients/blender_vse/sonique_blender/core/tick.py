"""The time that one tick may take: Blender stands still meanwhile, so it is short."""

import time
from collections.abc import Callable

TICK_SECONDS = 0.004
"""So much of one tick is planned with; what is left of the 5 ms that a tick may take is for its end."""

_STEP_SECONDS = 0.002
"""What a step of a job needs at the most, as a rule; one that has less time is left for the next tick."""


class Tick:
    """One tick, from its making on.

    Args:
        seconds: how long it may take.
        clock: seconds that only ever grow.
    """

    def __init__(self, seconds: float = TICK_SECONDS, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def spent(self) -> bool:
        """Whether nothing new may be begun."""
        return self._end - self._clock() < _STEP_SECONDS

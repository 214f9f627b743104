"""Activity: how many calls are being answered, and how long it is since the last one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Activity:
    """Counts calls that carried the token. Belongs to one event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls = 0
        self._last = clock()

    @property
    def calls(self) -> int:
        """Calls that are being answered now."""
        return self._calls

    @property
    def quiet_seconds(self) -> float:
        """Seconds since the last call ended, or since this began; 0 while one is being answered."""
        return 0.0 if self._calls else self._clock() - self._last

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around the answer to one call."""
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1
            self._last = self._clock()

"""Touches: when things were last used, kept in memory until something else is written anyway."""

import sqlite3
from collections.abc import Callable
from threading import Lock

from sonique_daemon.jobs.store.resultbook import touch_results, touch_takes

_COARSE_SECONDS = 60.0
"""A use is noted only where the one that is known is older than this."""


class Touches:
    """Uses of results and takes that the disk does not know yet. Safe to use from any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._lock = clock, Lock()
        self._results: set[int] = set()
        self._takes: set[str] = set()

    def result(self, number: int, used: float) -> None:
        """A result, last known to be used at ``used``, is used now."""
        if self._clock() - used > _COARSE_SECONDS:
            with self._lock:
                self._results.add(number)

    def take(self, take_id: str, used: float) -> None:
        """A take, last known to be used at ``used``, is used now."""
        if self._clock() - used > _COARSE_SECONDS:
            with self._lock:
                self._takes.add(take_id)

    @property
    def waiting(self) -> bool:
        """Whether any are to be written."""
        return bool(self._results or self._takes)

    def write(self, connection: sqlite3.Connection) -> None:
        """Writes them; where the transaction fails they are lost, which harms nothing."""
        with self._lock:
            results, self._results = self._results, set()
            takes, self._takes = self._takes, set()
        now = self._clock()
        touch_results(connection, sorted(results), now)
        touch_takes(connection, sorted(takes), now)

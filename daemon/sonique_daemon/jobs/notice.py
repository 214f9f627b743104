"""Notices: what jobs that wait are told about their place, at a pace that fills no log."""

import asyncio
from collections.abc import Callable, Sequence

from sonique_daemon.domain.events import Queued
from sonique_daemon.jobs.journal import Draft
from sonique_daemon.jobs.record import Record

NOTICE_SECONDS = 1.0
"""Seconds between two notices to one job; the first comes at once."""


class Notices:
    """Tells jobs that wait where they stand whenever that changes. Belongs to one event loop.

    Attributes:
        again: is called when a notice that came too soon is due.
    """

    def __init__(self, post: Callable[[Draft], None], again: Callable[[], None], seconds: float) -> None:
        self._post, self._seconds, self.again = post, seconds, again
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None

    def tell(self, waiting: Sequence[Record], running: Sequence[Record]) -> None:
        """Tells each of ``waiting``, which stand in the order in which they run, what it does not know yet."""
        now = self._loop.time()
        for position, record in enumerate(waiting):
            record.position = position
        late = [record for record in waiting if record.told_position != record.position]
        for record in late:
            if now - record.told_at >= self._seconds:
                self._notify(record, running, now)
        dues = [record.told_at + self._seconds for record in late if record.told_position != record.position]
        self._wake_at(min(dues, default=None))

    def close(self) -> None:
        """Tells nothing more."""
        self._wake_at(None)

    def _notify(self, record: Record, running: Sequence[Record], now: float) -> None:
        assert record.position is not None
        record.told_position, record.told_at = record.position, now
        self._post(Draft(record.line, Queued(record.position, _reason(record.position, running))))

    def _wake_at(self, moment: float | None) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = None if moment is None else self._loop.call_at(moment, self.again)


def _reason(position: int, running: Sequence[Record]) -> str:
    names = [record.name for record in running]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    what = " and ".join(names[:2]) if not more else ", ".join(names[:2]) + more
    verb = "runs" if len(names) == 1 else "run"
    ahead = ("this one is next", "one job is ahead of this one", f"{position} jobs are ahead of this one")[
        min(position, 2)
    ]
    sentence = f"{what} {verb}; {ahead}." if names else f"{ahead}."
    return sentence[0].upper() + sentence[1:]

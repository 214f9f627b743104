"""The log of one job: its events with sequence numbers and times, read by any number of watchers at their own pace."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import islice

from sonique_daemon.domain.events import Done, Event, Failed, JobCancelled

_TERMINAL = (Done, Failed, JobCancelled)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a job.

    Attributes:
        seq: 1, 2, 3 … without a gap.
        time_ns: the daemon's clock when it happened, in nanoseconds since 1970; never runs backwards within a job.
        event: what happened.
    """

    seq: int
    time_ns: int
    event: Event


class Log:
    """Grows at its end until a terminal event closes it. Belongs to one event loop; none of its methods block it."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._news = asyncio.Event()
        self._closed = False

    @property
    def last_seq(self) -> int:
        """Sequence number of the latest event; 0 before the first."""
        return len(self._entries)

    @property
    def closed(self) -> bool:
        """Whether the terminal event is there."""
        return self._closed

    def append(self, event: Event) -> None:
        """Adds ``event``; what comes after the terminal event is dropped, because nothing may follow it."""
        if self._closed:
            return
        now = max(time.time_ns(), self._entries[-1].time_ns if self._entries else 0)
        self._entries.append(Entry(len(self._entries) + 1, now, event))
        self._closed = isinstance(event, _TERMINAL)
        self._news.set()
        self._news = asyncio.Event()

    def since(self, after_seq: int, limit: int) -> tuple[Entry, ...]:
        """The entries after ``after_seq`` that are there now; at most ``limit``."""
        return tuple(islice(self._entries, after_seq, after_seq + limit))

    async def follow(self, after_seq: int) -> AsyncIterator[Entry]:
        """The entries after ``after_seq``: those that are there at once, then those to come, up to the terminal one."""
        place = after_seq
        while True:
            news = self._news
            while place < len(self._entries):
                yield self._entries[place]
                place += 1
                news = self._news
            if self._closed:
                return
            await news.wait()

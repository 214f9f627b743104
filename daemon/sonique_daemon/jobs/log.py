"""The log of one live job: its events with numbers and times, read by any number of watchers at their own pace."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from sonique_daemon.domain.events import Done, Event, Failed, JobCancelled
from sonique_daemon.errors import InvalidRequest, SoniqueError

TERMINAL = (Done, Failed, JobCancelled)
"""The events that end a job."""


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

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: list[Entry] = list(entries)
        self._news = asyncio.Event()
        self._closed = False
        self._left: SoniqueError | None = None

    @property
    def last_seq(self) -> int:
        """Sequence number of the latest event; 0 before the first."""
        return len(self._entries)

    @property
    def closed(self) -> bool:
        """Whether the terminal event is there."""
        return self._closed

    def append(self, entry: Entry) -> None:
        """Adds the next entry, whose number follows from the last one's; one that comes after the end is dropped."""
        if self._closed:
            return
        assert entry.seq == len(self._entries) + 1
        self._entries.append(entry)
        self._closed = isinstance(entry.event, TERMINAL)
        self._stir()

    def leave(self, reason: SoniqueError) -> None:
        """Ends all watching with ``reason``, because nothing more comes here though the job has not ended."""
        self._left = reason
        self._stir()

    def since(self, after_seq: int, limit: int) -> tuple[Entry, ...]:
        """The entries after ``after_seq`` that are there now; at most ``limit``."""
        return tuple(self._entries[after_seq : after_seq + limit])

    async def follow(self, after_seq: int) -> AsyncIterator[Entry]:
        """The entries after ``after_seq``: those that are there at once, then those to come, up to the terminal one.

        Raises:
            SoniqueError: what ``leave`` was told, after all that is there.
        """
        place = after_seq
        while True:
            news = self._news
            while place < len(self._entries):
                yield self._entries[place]
                place += 1
                news = self._news
            if self._closed:
                return
            if self._left is not None:
                raise self._left
            await news.wait()

    def _stir(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def sequence(after_seq: int) -> int:
    """``after_seq`` where it is a place in a log; raises ``InvalidRequest`` where it is negative."""
    if after_seq < 0:
        raise InvalidRequest(f"after_seq is {after_seq}; it counts from 0, which asks for all events.")
    return after_seq

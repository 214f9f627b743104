"""The journal: the one thread that writes what jobs say. An event is on the disk before anyone hears of it."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import islice
from threading import Condition, Thread
from typing import Protocol

from sonique_daemon.domain.events import Done, Event, Failed, JobCancelled, Progress, Queued, Wording
from sonique_daemon.errors import DaemonStopping, SoniqueError, StoreFull
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.log import TERMINAL, Entry
from sonique_daemon.jobs.store.values import Appended

_logger = logging.getLogger(__name__)

_ROOM = 1000
"""Drafts that may wait to be written; a job that says more waits until there is room."""

_BATCH = 256
"""Drafts written in one transaction."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
"""Seconds between two attempts to write where the disk is full; each pause is twice the one before."""

_PASSING = (Queued, Progress, Wording)
"""Events that nothing depends on; where the disk is full they are left out."""

_BROKEN = "What this job says cannot be written into the store; the daemon's log tells more."


class Shelf(Protocol):
    """What the journal needs of the store."""

    def append(self, entries: Sequence[Appended]) -> None:
        """Writes all of ``entries`` or none; raises ``StoreFull``."""


@dataclass(slots=True, eq=False)
class Line:
    """One job's line in the journal; the writer's own, but for ``fault``, which others read.

    Attributes:
        job_id: whose it is.
        last_seq: number of the latest event on the disk.
        last_ns: its time.
        closed: whether the terminal event is on the disk.
        stopped: whether it is on the disk that the job was told to stop; then it can only end as cancelled.
        fault: why the job has to fail, because something that it said could not be written; else None.
    """

    job_id: str
    last_seq: int = 0
    last_ns: int = 0
    closed: bool = False
    stopped: bool = False
    fault: SoniqueError | None = None


def _promise() -> "Future[None]":
    """A future that whoever waits for it cannot cancel."""
    future: Future[None] = Future()
    future.set_running_or_notify_cancel()
    return future


@dataclass(slots=True, eq=False)
class Draft:
    """Something to be written: an event, a new state, a title, or several of these.

    Attributes:
        line: whose.
        event: what happened, or None.
        state: the new state, or None.
        title: the new title, or "".
        time_ns: when, in nanoseconds since 1970.
        written: done as soon as it is on the disk; fails where it never gets there.
    """

    line: Line
    event: Event | None = None
    state: JobState | None = None
    title: str = ""
    time_ns: int = field(default_factory=time.time_ns)
    written: Future[None] = field(default_factory=_promise)


class Journal:
    """Numbers what jobs say, writes it in batches, and then hands it to ``publish``.

    Where the disk is full, a job whose results cannot be written gets a ``fault``, and is to end; an end that cannot be
    written is tried again until there is room. Nothing is published that is not on the disk, and nothing twice.

    Attributes:
        full: where the disk has no room for the end of some job, what was said; else None.
    """

    def __init__(self, shelf: Shelf, publish: Callable[[Sequence[Appended]], None], room: int = _ROOM) -> None:
        self._shelf, self._publish, self._room = shelf, publish, room
        self.full: StoreFull | None = None
        self._drafts: deque[Draft] = deque()
        self._held: list[Draft] = []
        self._closing = False
        self._news = Condition()
        self._thread = Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def put(self, draft: Draft) -> None:
        """Hands ``draft`` over; blocks while too much waits. For the threads of jobs."""
        with self._news:
            self._news.wait_for(lambda: len(self._drafts) < self._room or self._closing)
            self._add(draft)

    def post(self, draft: Draft) -> None:
        """Hands ``draft`` over and never blocks. For the event loop, which says little."""
        with self._news:
            self._add(draft)

    def close(self) -> None:
        """Writes what is there, and ends the thread; blocks. What cannot be written then is given up."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._thread.join()

    def _add(self, draft: Draft) -> None:
        if self._closing:
            draft.written.set_exception(_stopped())
            return
        self._drafts.append(draft)
        self._news.notify_all()

    def _work(self) -> None:
        pause = _FIRST_PAUSE
        while self._turn(pause):
            pause = min(2 * pause, _LONGEST_PAUSE) if self._held else _FIRST_PAUSE
        _give_up(self._held, _stopped())

    def _turn(self, pause: float) -> bool:
        """Writes what is there to be written; False where that was the last."""
        drafts = self._next(pause)
        self._held = self._write([*self._held, *drafts])
        return bool(drafts) or not self._closing

    def _next(self, pause: float) -> list[Draft]:
        """What is to be written now; waits for news, or for ``pause`` seconds where something is held back."""
        with self._news:
            self._news.wait_for(lambda: self._drafts or self._closing, pause if self._held else None)
            drafts = list(islice(self._drafts, _BATCH))
            for _ in drafts:
                self._drafts.popleft()
            self._news.notify_all()
            return drafts

    def _write(self, drafts: list[Draft]) -> list[Draft]:
        """Writes ``drafts``, if any; returns those that have to wait for room."""
        error = self._try(drafts)
        if error is None:
            self.full = None
            return []
        held = [draft for own in _by_line(drafts) for draft in self._write_alone(own)]
        self.full = error if held and isinstance(error, StoreFull) else None
        return held

    def _write_alone(self, own: list[Draft]) -> list[Draft]:
        """Writes one job's drafts without those of others; where that fails too, returns what is worth waiting for."""
        error = self._try(own)
        if error is None:
            return []
        lasting = [draft for draft in own if draft.event is not None and not isinstance(draft.event, _PASSING)]
        _give_up([draft for draft in own if draft not in lasting], error)
        if lasting and isinstance(lasting[-1].event, Done) and isinstance(error, StoreFull):
            return [] if self._try(lasting) is None else lasting
        results = [draft for draft in lasting if not isinstance(draft.event, TERMINAL)]
        if results:
            own[0].line.fault = error
            _give_up(results, error)
        end = lasting[len(results) :]
        return [] if self._try(end) is None else end

    def _try(self, drafts: list[Draft]) -> SoniqueError | None:
        """Writes all of ``drafts`` and publishes them, or none; returns why not."""
        wanted, entries = _numbered(drafts)
        try:
            if entries:
                self._shelf.append(entries)
        except StoreFull as error:
            return error
        except Exception as error:
            if not self._held:  # told once, and not at each new attempt
                _logger.exception("What jobs say cannot be written")
            return SoniqueError(_BROKEN) if not isinstance(error, SoniqueError) else error
        for draft, appended in zip(wanted, entries, strict=True):
            _settle(draft.line, appended)
        self._publish(entries)
        for draft in drafts:
            if not draft.written.done():
                draft.written.set_result(None)
        return None


def _by_line(drafts: list[Draft]) -> list[list[Draft]]:
    lines: dict[Line, list[Draft]] = {}
    for draft in drafts:
        lines.setdefault(draft.line, []).append(draft)
    return list(lines.values())


def _give_up(drafts: list[Draft], error: SoniqueError) -> None:
    for draft in drafts:
        draft.written.set_exception(error)


def _numbered(drafts: list[Draft]) -> tuple[list[Draft], list[Appended]]:
    """What is to be written of ``drafts``, with numbers and times that follow from the lines; changes no line."""
    wanted, entries = [], []
    lines = {draft.line: replace(draft.line) for draft in drafts}
    for draft in drafts:
        line = lines[draft.line]
        event = _event(draft.event, line)
        if line.closed or (draft.event is not None and event is None):
            continue
        entry = None if event is None else Entry(line.last_seq + 1, max(draft.time_ns, line.last_ns), event)
        wanted.append(draft)
        entries.append(Appended(line.job_id, entry, draft.state, draft.title))
        _settle(line, entries[-1])
    return wanted, entries


def _event(event: Event | None, line: Line) -> Event | None:
    """What is to be told: a job with a fault says nothing more but its end, and one that was stopped how it ended."""
    if line.stopped and isinstance(event, TERMINAL):
        return JobCancelled()
    if line.fault is None or isinstance(event, Failed | JobCancelled):
        return event
    return Failed(line.fault.code, line.fault.status, line.fault.sentence) if isinstance(event, Done) else None


def _stopped() -> DaemonStopping:
    return DaemonStopping("The Sonique daemon is stopping; the job goes on when it starts again.")


def _settle(line: Line, appended: Appended) -> None:
    line.stopped = line.stopped or appended.state is JobState.CANCELLING
    entry = appended.entry
    if entry is not None:
        line.last_seq, line.last_ns = entry.seq, entry.time_ns
        line.closed = isinstance(entry.event, TERMINAL)

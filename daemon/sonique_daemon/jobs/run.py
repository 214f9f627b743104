"""One run of one job, in a thread of its own."""

import logging
from threading import Thread
from typing import Protocol

from sonique_daemon.domain.events import Event, JobCancelled, Resumed
from sonique_daemon.errors import Cancelled
from sonique_daemon.jobs.failure import ending
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.journal import Draft, Journal
from sonique_daemon.jobs.pace import PacedEmitter
from sonique_daemon.jobs.record import Record, title_in
from sonique_daemon.jobs.runner import Runner
from sonique_daemon.jobs.store.values import MeasuredRun

_logger = logging.getLogger(__name__)


class Notebook(Protocol):
    """What a run needs of the store."""

    def begin_attempt(self, job_id: str) -> int:
        """Counts one more run of the job, and has it run; raises ``StoreFull``."""

    def note_run(self, run: MeasuredRun) -> None:
        """Keeps how long a stage took."""


class Run:
    """Runs one job to its end, or until it is told to stop; speaks through the journal alone."""

    def __init__(self, record: Record, runner: Runner, journal: Journal, notebook: Notebook) -> None:
        self._record, self._runner, self._journal, self._notebook = record, runner, journal, notebook
        self._title = record.title
        self._emit = PacedEmitter(self._tell, expect=record.course.expect)

    def start(self) -> Thread:
        """Starts the thread."""
        thread = Thread(target=self._run, name=f"job-{self._record.id}", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        record = self._record
        error: BaseException | None = None
        try:
            self._begin()
            self._runner.run(record.request, self._emit, self._check, finished=record.finished)
        except BaseException as raised:  # noqa: BLE001 - whatever breaks here ends one job and not the daemon
            error = raised
        if error is not None and record.suspended.is_set() and not record.cancelled.is_set():
            self._journal.put(Draft(record.line, state=JobState.QUEUED))  # the next daemon goes on with it
            return
        self._emit.close()
        end = ending(record.id, error)
        self._journal.put(Draft(record.line, JobCancelled() if record.cancelled.is_set() else end))

    def _begin(self) -> None:
        """Has the run counted before it begins, and tells where a job goes on that a former daemon had begun."""
        record = self._record
        self._notebook.begin_attempt(record.id)
        stage = record.finished.next_stage(record.request)
        if record.told is not None and record.told.begun and stage is not None:
            self._journal.put(Draft(record.line, Resumed(stage)))

    def _check(self) -> None:
        self._emit.tick()
        if self._record.cancelled.is_set() or self._record.suspended.is_set():
            raise Cancelled
        fault = self._record.line.fault
        if fault is not None:
            raise type(fault)(fault.sentence)

    def _tell(self, event: Event) -> None:
        measured = self._record.course.hear(event)
        if measured is not None:
            self._note(measured)
        told = self._record.told
        if told is not None and told.repeats(event):
            return
        if told is not None:
            told.note(event)
        title = "" if self._title else title_in(event)
        self._title = self._title or title
        self._journal.put(Draft(self._record.line, event, title=title))

    def _note(self, measured: MeasuredRun) -> None:
        """Keeps how long a stage took; where that cannot be written, the next run tells as much."""
        try:
            self._notebook.note_run(measured)
        except Exception as error:  # noqa: BLE001 - an estimate that is not learned harms no job
            _logger.debug("A measured run cannot be kept: %s", error)

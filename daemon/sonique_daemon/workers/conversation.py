"""A conversation: one call to a worker, from the request to its answer, whatever happens on the way."""

import logging
from dataclasses import dataclass
from time import monotonic

from sonique_daemon.engines.engine import Report
from sonique_daemon.errors import Cancelled, LimitExceeded, SoniqueError, error_of
from sonique_daemon.workers import mishap
from sonique_daemon.workers.process import WorkerProcess
from sonique_daemon.workers.wire import (
    MOST_BYTES,
    Advanced,
    Alive,
    Answer,
    Broke,
    CancelledHere,
    Ended,
    FrameTooLong,
    Noted,
    Returned,
    Shown,
    Telling,
    Warned,
    Worded,
)

_logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.01
"""How often the report is asked whether the job was cancelled."""
_DEATH_SECONDS = 5.0
"""How long an ended process may take to be gone, before it is no longer waited for."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a worker is asked to do: the task, the engine's full name or "", the encoded request, and how sparingly."""

    task: str
    engine: str
    request: bytes
    savings: int = 0

    @property
    def doer(self) -> str:
        """Who does it, to begin a sentence with."""
        return mishap.doer(self.task, self.engine)


class Untaken(Exception):
    """The worker ended by itself before it took the call, so that another may have it.

    Attributes:
        fate: what became of it.
    """

    def __init__(self, fate: SoniqueError) -> None:
        super().__init__(fate.sentence)
        self.fate = fate


def converse(process: WorkerProcess, errand: Errand, report: Report, cancel_seconds: float) -> bytes:
    """Has ``process`` run ``errand``; passes on to ``report`` what it says, and gives its encoded result.

    Raises:
        SoniqueError: whatever the work raises, or what became of the worker.
        Untaken: it ended by itself before it took the call.
        Cancelled: ``report`` said so; the worker has stopped, or was ended where it did not within ``cancel_seconds``.
    """
    talk = _Talk(process, errand, report)
    talk.begin()
    try:
        return talk.result()
    finally:
        talk.end(cancel_seconds)


class _Talk:
    """The state of one conversation."""

    def __init__(self, process: WorkerProcess, errand: Errand, report: Report) -> None:
        self._process, self._errand, self._report = process, errand, report
        self._number = 0
        self._over = self._taken = False

    def begin(self) -> None:
        """Sends the call."""
        try:
            errand = self._errand
            self._number = self._process.call(errand.task, errand.engine, errand.request, errand.savings)
        except FrameTooLong:
            size, most = len(self._errand.request) / 1e6, MOST_BYTES / 1e6
            sentence = (
                f"The request is too large for a worker ({size:.0f} MB; {most:.0f} MB fit); take a shorter range."
            )
            raise LimitExceeded(sentence) from None

    def result(self) -> bytes:
        """Listens to the end."""
        while True:
            message = self._process.hear(_LOOK_SECONDS)
            if message is None and self._process.lost:
                raise self._fate(self._process.code)
            if message is None:
                self._report.check()
            elif isinstance(message, Ended):
                self._over = True
                fate = self._fate(message.code)
                raise fate if self._taken or self._process.doom is not None else Untaken(fate)
            elif message.number != self._number:
                continue
            elif isinstance(message, Telling):
                self._taken = True
                self._pass_on(message)
            else:
                self._over = True
                return self._settle(message)

    def end(self, cancel_seconds: float) -> None:
        """Stops the worker where the conversation broke off before its answer."""
        if self._over:
            return
        self._process.cancel(self._number)
        if not self._stops(cancel_seconds):
            _logger.warning("%s", mishap.deaf(self._errand.doer).sentence)
            self._process.kill(mishap.deaf)
            self._process.ended.wait(_DEATH_SECONDS)

    def _stops(self, seconds: float) -> bool:
        deadline = monotonic() + seconds
        while (left := deadline - monotonic()) > 0:
            message = self._process.hear(left)
            if isinstance(message, Ended) or (isinstance(message, Answer) and message.number == self._number):
                return True
        return False

    def _pass_on(self, message: Telling) -> None:
        if isinstance(message, Advanced):
            self._report.progress(message.done, message.total, message.unit)
        elif isinstance(message, Shown):
            self._report.shot(message.index, message.shot)
        elif isinstance(message, Worded):
            self._report.wording(message.shot, message.text)
        elif isinstance(message, Noted):
            self._report.note(message.note)
        elif isinstance(message, Warned):
            self._report.warn(message.sentence)
        else:
            assert isinstance(message, Alive)
            self._report.check()

    def _settle(self, message: Answer) -> bytes:
        if isinstance(message, Returned):
            return message.result
        if isinstance(message, CancelledHere):
            raise Cancelled
        if isinstance(message, Broke):
            _logger.error("%s broke\n%s", self._errand.doer, message.trace)
        raise error_of(message.code)(message.sentence)

    def _fate(self, code: int) -> SoniqueError:
        doom = self._process.doom
        fate = self._own_end(code) if doom is None else doom(self._errand.doer)
        _logger.error("%s", fate.sentence)
        return fate

    def _own_end(self, code: int) -> SoniqueError:
        """What there is to say of a worker that ended by itself: it never came up, or before or during its work."""
        if not self._process.came_up:
            return mishap.ended_early(self._process.name, code)
        return (mishap.crashed if self._taken else mishap.ended_untaken)(self._errand.doer, code)

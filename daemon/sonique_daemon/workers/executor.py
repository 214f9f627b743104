"""The executor seam: where tasks run. Callers name a task and an engine; where the work happens is not their matter."""

import logging
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import Report
from sonique_daemon.errors import Cancelled, SoniqueError
from sonique_daemon.workers import mishap
from sonique_daemon.workers.task import Request, Result, Task
from sonique_daemon.workers.workbench import Workbench

_logger = logging.getLogger(__name__)


class Executor(Protocol):
    """Runs tasks; safe to call from several threads."""

    def run(self, task: Task[Request, Result], engine: str, request: Request, report: Report) -> Result:
        """Runs ``task`` to its end; blocks.

        Args:
            task: what kind of work.
            engine: name of the engine for a stage that has one; "" is the profile's.
            request: what is asked.
            report: is spoken to from the caller's thread alone.

        Raises:
            SoniqueError: whatever the work raises; ``EngineFailed`` and its kinds where a worker came to harm.
            Cancelled: ``report.check`` said so.
        """


@dataclass(slots=True)
class ThreadExecutor:
    """Runs tasks in the caller's thread of this process; one engine runs one request at a time.

    For tests of what stands above, and for use as a library: nothing limits or survives what a task does.
    """

    bench: Workbench
    _locks: dict[str, Lock] = field(default_factory=dict)

    def run(self, task: Task[Request, Result], engine: str, request: Request, report: Report) -> Result:
        """Runs ``task``; what nobody foresaw becomes ``EngineFailed``, and want of memory ``OutOfMemory``."""
        try:
            return self._run(task, engine, request, report)
        except (SoniqueError, Cancelled):
            raise
        except Exception as error:
            doer = mishap.doer(task.name, engine)
            _logger.exception("%s broke", doer)
            raise mishap.unforeseen(error, doer) from error

    def _run(self, task: Task[Request, Result], engine: str, request: Request, report: Report) -> Result:
        if task.stage in {None, Stage.TAG}:
            return self.bench.run(task, engine, request, report)
        with self._locks.setdefault(str(task.stage), Lock()):
            return self.bench.run(task, engine, request, report)

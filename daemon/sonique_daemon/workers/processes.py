"""The executor of a daemon: tasks run in worker processes."""

from dataclasses import dataclass

from sonique_daemon.domain.codec import Undecodable, decode, encode
from sonique_daemon.engines.engine import Report
from sonique_daemon.engines.registry import Registry
from sonique_daemon.workers import mishap
from sonique_daemon.workers.conversation import Errand
from sonique_daemon.workers.home import PLACES
from sonique_daemon.workers.ladder import run_sparingly
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.task import Request, Result, Task


@dataclass(frozen=True, slots=True)
class ProcessExecutor:
    """Runs each task in a worker of ``pool``; the same engine of ``registry`` always in the worker that it names.

    Safe to call from several threads; a call waits where its worker is busy.
    What a worker has taken is never tried again, but for a model that ran out of memory; see ``ladder``.
    """

    pool: Pool
    registry: Registry

    def run(self, task: Task[Request, Result], engine: str, request: Request, report: Report) -> Result:
        """Runs ``task``; see ``Executor.run``.

        Raises:
            WorkerCrashed: the worker ended in the middle of it, or none came up to take it.
            WorkerHung: it was silent for too long, and was ended.
            OutOfMemory: it needs more memory than there is, or than it may have.
            EngineFailed: it broke in a way that nobody foresaw.
            LimitExceeded: the request is too large to be passed on.
            DaemonStopping: the pool was closed.
        """
        if task.stage is None:
            errand = Errand(task.name, "", encode(request))
            result = self.pool.run(PLACES[task.name], errand, (task.name, ""), report)
        else:
            descriptor = self.registry.descriptor(task.stage, engine)
            errand = Errand(task.name, descriptor.name, encode(request))
            savings = 0 if task.divisible else len(descriptor.savings)
            result = run_sparingly(self.pool, descriptor, errand, report, savings=savings)
        try:
            return decode(task.result, result)
        except Undecodable:
            raise mishap.unreadable(errand.doer) from None

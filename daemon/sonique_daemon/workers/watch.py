"""What the watchdog looks at: how much a worker holds, and whether that or its silence is too much."""

import psutil

from sonique_daemon.workers import mishap
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.mishap import Doom
from sonique_daemon.workers.process import WorkerProcess
from sonique_daemon.workers.roster import Worker


def resident_bytes(pid: int) -> int:
    """Resident memory of that process; 0 where it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def verdict(worker: Worker, process: WorkerProcess, limits: PoolLimits, now: float) -> Doom | None:
    """Why a busy worker has to be ended, or None.

    Time in which the system had no processor for it says nothing against it: others may have wanted all of them, and a
    worker is polite.
    """
    held, ceiling = worker.memory_bytes, worker.home.ceiling_bytes
    if not process.ready.is_set():
        late = now - worker.started - process.waiting.since(worker.started) > limits.start_seconds
        return (lambda doer: mishap.late(doer, limits.start_seconds)) if late else None
    if held > ceiling:
        return lambda doer: mishap.overweight(doer, held, ceiling)
    patience = _patience(worker, process, limits)
    if now - process.heard - process.waiting.since(process.heard) > patience:
        return lambda doer: mishap.hung(doer, patience)
    return None


def _patience(worker: Worker, process: WorkerProcess, limits: PoolLimits) -> float:
    """Seconds of silence that are no hang; until a call went well, each may load a model."""
    if worker.home.heavy and not worker.made and not process.warm_items:
        return max(limits.stall_seconds, limits.start_seconds)
    return limits.stall_seconds

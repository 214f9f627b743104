"""The ladder: what is tried, step by step, where an engine of a model runs out of memory, each step told.

First the idle workers go that hold memory of the same kind; then the engine works with one more of its savings each
time, as its descriptor names them. Whatever remains after the last step is the error of that step. Several takes at
once take no savings: fewer of them at a time need less memory too, and cost less.
"""

from dataclasses import replace

from sonique_daemon.engines.engine import Descriptor, Report
from sonique_daemon.errors import OutOfMemory
from sonique_daemon.workers.conversation import Errand
from sonique_daemon.workers.home import item_of
from sonique_daemon.workers.pool import Pool


def run_sparingly(pool: Pool, engine: Descriptor, errand: Errand, report: Report, *, savings: int) -> bytes:
    """What ``pool.run`` gives for ``errand`` of ``engine``, by as few steps down the ladder as it takes.

    Args:
        pool: where the engine's worker is.
        engine: what it is.
        errand: what it is asked.
        report: told of each step.
        savings: how many of its savings it may take to.

    Raises:
        OutOfMemory: the memory does not do on the last step either.
        SoniqueError: whatever else ``pool.run`` raises, at once.
    """
    pool.require(engine.worker)
    try:
        return pool.run(engine.worker, errand, item_of(engine), report)
    except OutOfMemory as error:
        if not engine.model:
            raise
        short = error
    for count in range(savings + 1):
        gone = pool.evict_rivals(engine.worker) if count == 0 else 0
        if count == 0 and not gone:
            continue
        report.warn(_step(engine, count, gone))
        try:
            return pool.run(engine.worker, replace(errand, savings=count), item_of(engine), report)
        except OutOfMemory as error:
            short = error
    raise short


def _step(engine: Descriptor, count: int, gone: int) -> str:
    if count == 0:
        others = "another worker that was idle was" if gone == 1 else f"{gone} other workers that were idle were"
        return f"“{engine.name}” ran out of memory; {others} ended, and it tries again."
    return f"“{engine.name}” ran out of memory; it goes on with {engine.savings[count - 1]}."

"""One run of the daemon, from listening to an end in order."""

import asyncio
import logging
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sonique.runtime_file import CONTRACT, RuntimeFile

from sonique_daemon import __version__
from sonique_daemon.app.lastword import LastWord
from sonique_daemon.app.listening import listen
from sonique_daemon.app.metrics import Held, MeasuredRunner, Metrics
from sonique_daemon.app.runtime import RuntimeFolder
from sonique_daemon.app.settings import Settings
from sonique_daemon.catalogue.keeper import Keeper
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.engines.engine import RecordedReport
from sonique_daemon.engines.registry import Registry, registry_named
from sonique_daemon.jobs.estimate import resolving
from sonique_daemon.jobs.runner import Runner
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.server.activity import Activity
from sonique_daemon.server.daemon import Identity
from sonique_daemon.server.ending import Ending
from sonique_daemon.server.server import Front, Parts, build
from sonique_daemon.server.uploads import Uploads
from sonique_daemon.server.wire.requests import encode_recipe
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.stages.casting import Casting
from sonique_daemon.timeline.roots import Roots
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor
from sonique_daemon.workers.task import CONVERT, CONVERT_PIPELINE, ConvertRequest

_logger = logging.getLogger(__name__)

_THREADS = 32
"""Threads for what blocks: reading takes, looking for media, asking workers. Each waits most of the time."""
_STEP_SECONDS = 0.7
"""What a job has to stop in once the drain is over; then its worker is ended."""
_CALLS_SECONDS = 0.5
"""What calls have to end in once there are no jobs."""
LATEST_SECONDS = 2.8
"""After the drain, the process ends within this time whatever hangs."""
_FOUND_LOOK = 2.0
"""Seconds between two looks whether the runtime file still tells where the daemon is."""
_IDLE_LOOK = 30.0
"""Seconds between two looks whether anybody needs the daemon, at most."""


@dataclass(frozen=True, slots=True)
class House:
    """What a daemon was given to run with.

    Attributes:
        settings: how it is to run.
        folder: its runtime folder, which it holds.
        store: its store, which it holds.
        log: path of its log.
        pool: its workers.
    """

    settings: Settings
    folder: RuntimeFolder
    store: Store
    log: Path
    pool: Pool


@dataclass(frozen=True, slots=True)
class Crew:
    """What runs the jobs."""

    registry: Registry
    pool: Pool
    jobs: JobService
    metrics: Metrics | None
    casting: Casting
    keeper: Keeper


async def serve(house: House) -> None:
    """Listens, tells so in the runtime file, serves until it is told to stop, and ends in order.

    Raises:
        OSError: nothing can be listened on, or the runtime file cannot be written.
        MetricsMissing: metrics are asked for, and their library is not installed.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "aside"))
    ending, activity = Ending(house.settings.drain_seconds), Activity()
    crew = _crew(house)
    last_word = LastWord(house.folder.clear)
    try:
        _heed_signals(ending)
        front, runtime = await _open(house, crew, ending, activity)
        async with _beside(house.settings, crew, ending, activity):
            house.folder.write(runtime)
            _logger.info("Sonique %s listens on %s", __version__, runtime.remote or runtime.address)
            await _stay_found(house.folder, runtime, ending)
            await _end(front, crew, ending, last_word)
    finally:
        await _let_go(crew)
        last_word.never()
    house.folder.clear()
    _logger.info("Stopped")


def _crew(house: House) -> Crew:
    settings, store, pool = house.settings, house.store, house.pool
    registry = registry_named(settings.registry)
    metrics = None if settings.metrics_port is None else Metrics()
    executor = ProcessExecutor(pool, registry)
    casting = Casting(registry, registry.profiles, settings.profile, pool.limits.room, pool.unload)
    chain = assemble(executor, registry, store, store, store.uploads, settings.media_roots, encode_recipe, casting)
    runner: Runner = chain if metrics is None else MeasuredRunner(chain, metrics)
    jobs = JobService(
        runner,
        store,
        at_once=settings.at_once,
        waiting_limit=settings.waiting_limit,
        client_limit=max(1, settings.waiting_limit * 3 // 4),  # one client leaves room for others
        budget_bytes=settings.store_budget_bytes,
        resolve=resolving(registry.descriptor),
    )
    if metrics is not None:
        metrics.watch(Held(jobs, pool.workers))
    return Crew(registry, pool, jobs, metrics, casting, _keeper(registry, executor))


def _keeper(registry: Registry, executor: ProcessExecutor) -> Keeper:
    def convert(source: Path, target: Path) -> None:
        task = CONVERT_PIPELINE if source.is_dir() else CONVERT
        executor.run(task, "", ConvertRequest(source, target), RecordedReport())

    return Keeper(registry.catalogue, Weights.here(), convert)


async def _open(house: House, crew: Crew, ending: Ending, activity: Activity) -> tuple[Front, RuntimeFile]:
    """A server that serves, and what the runtime file has to say of it."""
    settings, token = house.settings, secrets.token_urlsafe(32)
    roots = Roots.default().including(settings.media_roots)
    parts = Parts(
        tokens=(token,) if settings.tls is None else (token, settings.tls.token),
        identity=Identity(
            version=__version__,
            store=settings.store,
            media_roots=roots.allowed,
            log=house.log,
            memory_budget_bytes=crew.pool.limits.memory_budget_bytes,
            store_budget_bytes=settings.store_budget_bytes,
        ),
        jobs=crew.jobs,
        store=house.store,
        uploads=Uploads(house.store.uploads),
        roots=roots,
        catalogue=crew.registry,
        workers=crew.pool,
        ending=ending,
        activity=activity,
        keeper=crew.keeper,
        profiles=crew.casting,
    )
    front = await build(parts)
    socket = house.folder.socket if settings.socket else None
    address, target, remote = listen(front.server, settings, socket)
    await front.server.start()
    return front, RuntimeFile(address, target, token, os.getpid(), __version__, CONTRACT, remote)


@asynccontextmanager
async def _beside(settings: Settings, crew: Crew, ending: Ending, activity: Activity) -> AsyncIterator[None]:
    """What goes on while the daemon serves: metrics and the look whether anybody needs it, where they are wanted."""
    door = None
    if crew.metrics is not None and settings.metrics_port is not None:
        from sonique_daemon.app.sidedoor import SideDoor

        door = SideDoor(settings.metrics_port, crew.metrics.expose)
        door.open()
        _logger.info("Metrics are at http://127.0.0.1:%d/metrics", door.port)
    watcher = asyncio.ensure_future(_leave_when_idle(settings.idle_exit_seconds, crew.jobs, ending, activity))
    try:
        yield
    finally:
        watcher.cancel()
        if door is not None:
            door.close()


async def _stay_found(folder: RuntimeFolder, runtime: RuntimeFile, ending: Ending) -> None:
    """Until the daemon is told to stop, sees to it that clients find it."""
    waiting = asyncio.ensure_future(ending.wait())
    while not (await asyncio.wait({waiting}, timeout=_FOUND_LOOK))[0]:
        try:
            folder.keep(runtime)
        except OSError as error:
            _logger.warning("The runtime file cannot be written again: %s", error)


async def _leave_when_idle(seconds: float, jobs: JobService, ending: Ending, activity: Activity) -> None:
    if seconds <= 0:
        return
    loop = asyncio.get_running_loop()
    needed = loop.time()
    while not ending.begun:
        now = loop.time()
        if jobs.running or jobs.waiting:
            needed = now
        left = seconds - min(now - needed, activity.quiet_seconds)
        if left <= 0:
            _logger.info("Nobody needs the daemon")
            ending.begin()
            return
        await asyncio.sleep(min(left, _IDLE_LOOK))


def _heed_signals(ending: Ending) -> None:
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ending.begin))
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ending.begin)


async def _let_go(crew: Crew) -> None:
    """Leaves nothing running. A job that goes on while its daemon cannot start goes on again in the next one."""
    try:
        await crew.jobs.close()
    finally:
        await asyncio.to_thread(crew.pool.close)


async def _end(front: Front, crew: Crew, ending: Ending, last_word: LastWord) -> None:
    _logger.info("Stopping; %d running jobs have %g s", crew.jobs.running, ending.drain_seconds)
    last_word.within(ending.drain_seconds + LATEST_SECONDS)
    await front.health.enter_graceful_shutdown()
    drained = asyncio.ensure_future(crew.jobs.drain(ending.drain_seconds))
    hurried = asyncio.ensure_future(ending.wait_hurried())
    await asyncio.wait(
        {drained, hurried}, timeout=ending.drain_seconds + _STEP_SECONDS, return_when=asyncio.FIRST_COMPLETED
    )
    if hurried.done():
        last_word.within(LATEST_SECONDS)
        drained.cancel()
        drained = asyncio.ensure_future(crew.jobs.drain(0.0))
        await asyncio.wait({drained}, timeout=_STEP_SECONDS)
    hurried.cancel()
    await asyncio.to_thread(crew.pool.close)  # ends what did not stop; the next daemon goes on with it
    await drained
    await crew.jobs.close()
    await front.server.stop(_CALLS_SECONDS)
